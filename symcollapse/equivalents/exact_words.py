"""Words: products of matrices as data.

A term of a matrix expression is a coefficient times traces of words times at most one open word.
"""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, TypeAlias

from sympy import Expr, Integer, expand

from symcollapse.language.spectra import Covariance


class Letter(NamedTuple):
    """One factor of a word; build it with `matrix_letter`, `function_letter`, or from a `Gaussian`."""

    kind: Literal["function", "gaussian", "inverse", "matrix"]
    node: Any
    rows: Expr
    columns: Expr
    transposed: bool = False
    families: tuple[Covariance, ...] = ()

    @property
    def T(self) -> "Letter":  # noqa: N802 - SymPy's and NumPy's name for it
        """The transpose; functions of Σ and inverses of XᵀX are symmetric."""
        if self.kind in {"function", "inverse"}:
            return self
        return self._replace(rows=self.columns, columns=self.rows, transposed=not self.transposed)


class Gaussian(NamedTuple):
    """A random matrix Z with independent rows N(0, C); for an inverse, it has at least as many rows as columns."""

    matrix: Any
    """Z as a SymPy expression: a design, its transpose, or label noise."""
    name: str
    rows: Expr
    columns: Expr
    covariance: Letter
    """C."""
    precision: Letter
    """C⁻¹."""

    @property
    def letter(self) -> Letter:
        """Z."""
        return Letter("gaussian", self, self.rows, self.columns)

    @property
    def inverse(self) -> Letter:
        """(ZᵀZ)⁻¹."""
        return Letter("inverse", self, self.columns, self.columns)


Word: TypeAlias = tuple[Letter, ...]


class Monomial(NamedTuple):
    """Product of traces and of at most one open word."""

    traces: tuple[Word, ...] = ()
    open: Word | None = None

    @property
    def words(self) -> tuple[tuple[int, Word], ...]:
        """The words with their numbers; the open one has number -1."""
        numbered = tuple(enumerate(self.traces))
        return numbered if self.open is None else ((OPEN, self.open), *numbered)

    def places(self, kind: str, gaussian: Gaussian) -> list["Place"]:
        """Where Z or Zᵀ ("gaussian"), or where (ZᵀZ)⁻¹ ("inverse") stands."""
        return [
            (number, position)
            for number, word in self.words
            for position, letter in enumerate(word)
            if letter.kind == kind and letter.node == gaussian
        ]

    def at(self, place: "Place") -> Letter:
        """The letter at a place."""
        return self.word(place[0])[place[1]]

    def word(self, number: int) -> Word:
        """The word of a number."""
        if number == OPEN:
            assert self.open is not None
            return self.open
        return self.traces[number]


OPEN = -1
Place: TypeAlias = tuple[int, int]
Terms: TypeAlias = dict[Monomial, Expr]


def transposed(word: Iterable[Letter]) -> Word:
    """The transpose of a word.

    Example
    -------
    >>> from sympy import MatrixSymbol
    >>> letter = matrix_letter(MatrixSymbol("A", 2, 3))
    >>> transposed((letter,))[0].rows
    3
    """
    return tuple(letter.T for letter in reversed(tuple(word)))


def matrix_letter(node: Any) -> Letter:
    """Letter of a deterministic matrix of which nothing is known.

    Example
    -------
    >>> from sympy import MatrixSymbol
    >>> matrix_letter(MatrixSymbol("A", 2, 3)).columns
    3
    """
    return Letter("matrix", node, *node.shape)


def function_letter(expression: Any, size: Expr, families: Iterable[Covariance] = ()) -> Letter:
    """Letter of a function of commuting covariances, written in their names.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> function_letter(SIGMA.args[0] ** 2, SIGMA.dimension, [SIGMA]).node
    Sigma**2
    """
    present = tuple(
        sorted(
            {family for family in families if expression.has(family.args[0])},
            key=lambda family: family.name,
        )
    )
    return Letter("function", expression, size, size, families=present)


def add_term(terms: Terms, monomial: Monomial, coefficient: Expr) -> None:
    """Add a term in place; what cancels is dropped.

    Example
    -------
    >>> terms: Terms = {}
    >>> add_term(terms, Monomial(), Integer(2))
    >>> add_term(terms, Monomial(), Integer(-2))
    >>> terms
    {}
    """
    total = expand(terms.get(monomial, Integer(0)) + coefficient)
    if total == 0:
        terms.pop(monomial, None)
    else:
        terms[monomial] = total
