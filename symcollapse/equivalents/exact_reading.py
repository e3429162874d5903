"""From a SymPy expression to words: what has an exact law is read, all else is refused by name."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    Pow,
    Trace,
    Transpose,
    ZeroMatrix,
    expand,
)
from sympy.core.relational import Relational

from symcollapse.equivalents.exact_normal_forms import normal_form
from symcollapse.equivalents.exact_words import (
    Gaussian,
    Letter,
    Monomial,
    Terms,
    Word,
    add_term,
    function_letter,
    matrix_letter,
    transposed,
)
from symcollapse.language.errors import InvalidProblem, NotSupported, OutOfRegime
from symcollapse.language.random_matrices import (
    GaussianDesign,
    LabelNoise,
    PseudoInverse,
    RandomMatrix,
    is_scaled_identity,
)
from symcollapse.language.spectra import Covariance


def is_known_nonnegative(difference: Expr, assuming: Iterable[Any]) -> bool:
    """Whether an integer is >= 0 by itself or by one of the assumptions.

    Example
    -------
    >>> from sympy import Ge
    >>> from symcollapse.language.symbols import dimension, samples
    >>> is_known_nonnegative(samples - dimension, [Ge(samples, dimension + 2)])
    True
    """
    if expand(difference).is_extended_nonnegative:
        return True
    for relation in assuming:
        greater, less = relation.gts, relation.lts
        strict = Integer(int(relation.rel_op in {">", "<"}))
        if expand(difference - (greater - less) + strict).is_extended_nonnegative:
            return True
    return False


class Reader:
    """Reads expressions over the same random matrices; `gaussians` are those it has met."""

    def __init__(self, expression: Basic, assuming: Sequence[Relational] = ()) -> None:
        self.assuming = tuple(assuming)
        self.gaussians: dict[Any, Gaussian] = {}
        self.inverted: set[Gaussian] = set()
        self._tall: dict[Any, Basic] = {}
        self._wide: dict[Any, Basic] = {}
        self._inverses = sorted(
            (
                node
                for node in expression.atoms(Inverse, MatPow, PseudoInverse)
                if isinstance(node, PseudoInverse) or not _exponent(node).is_extended_positive
            ),
            key=lambda node: node.sort_key(),
        )
        for node in self._inverses:
            self._note_regime(node)

    def _note_regime(self, node: Any) -> None:
        """An inverse of XᵀX says T >= d, one of XXᵀ says T <= d; one of a sum has no law at all."""
        inner = node.args[0]
        factors = [inner] if isinstance(inner, MatAdd) else _matrix_factors(inner)
        if any(isinstance(factor, MatAdd) and factor.atoms(RandomMatrix) for factor in factors):
            raise NotSupported(
                f"{node}: the inverse of a sum with random terms has no exact law; "
                "take its deterministic equivalent"
            )
        if isinstance(node, PseudoInverse):
            return
        for left, right in pairwise(factors):
            if isinstance(left, Transpose) and left.arg == right:
                self._tall.setdefault(right, node)
                return
            if isinstance(right, Transpose) and right.arg == left:
                self._wide.setdefault(left, node)
                return

    def gaussian(self, matrix: Any) -> tuple[Gaussian, bool]:
        """The Gaussian matrix Z of a design or label noise, and whether the matrix is Zᵀ."""
        if matrix not in self.gaussians:
            self.gaussians[matrix] = self._oriented(matrix)
        gaussian = self.gaussians[matrix]
        return gaussian, gaussian.matrix != matrix

    def _oriented(self, matrix: Any) -> Gaussian:
        samples, dimension = matrix.shape
        one = Integer(1)
        if isinstance(matrix, LabelNoise):
            square = matrix.deviation**2
            laws = function_letter(square, one), function_letter(1 / square, one)
            return Gaussian(matrix, matrix.name, samples, dimension, *laws)
        node = next((node for node in self._inverses if node.has(matrix)), None)
        if node is None or not self._is_wide(matrix, node):
            function, families = self.function(matrix.covariance)
            laws = (
                function_letter(function, dimension, families),
                function_letter(1 / function, dimension, families),
            )
            return Gaussian(matrix, matrix.name, samples, dimension, *laws)
        if not is_scaled_identity(matrix.covariance):
            raise NotSupported(
                f"{node}: for T < d an exact law is known for a covariance c*Identity(d) only, not "
                f"{matrix.covariance}; take its deterministic equivalent"
            )
        scale, _ = self.function(matrix.covariance)
        laws = function_letter(scale, samples), function_letter(1 / scale, samples)
        return Gaussian(Transpose(matrix), matrix.name, dimension, samples, *laws)

    def _is_wide(self, matrix: Any, node: Basic) -> bool:
        samples, dimension = matrix.shape
        tall = is_known_nonnegative(samples - dimension, self.assuming)
        wide = is_known_nonnegative(dimension - samples, self.assuming)
        for implied, contrary, rows, columns in (
            (self._tall.get(matrix), wide and not tall, samples, dimension),
            (self._wide.get(matrix), tall and not wide, dimension, samples),
        ):
            if implied is not None and contrary:
                raise OutOfRegime(
                    f"{implied} does not exist for {rows} < {columns}; take pseudo_inverse({matrix})"
                )
        if tall or wide:
            return not tall
        if matrix in self._tall or matrix in self._wide:
            return matrix not in self._tall
        raise OutOfRegime(
            f"{node}: the law depends on the sign of {samples - dimension}; "
            f"say assuming=[Ge({samples}, {dimension + 2})], or the contrary"
        )

    def function(self, matrix: Any) -> tuple[Expr, tuple[Covariance, ...]]:
        """A matrix of the commuting family as a function, in the names of the covariances.

        Raises
        ------
        NotSupported
            If it is not made of covariances and identities.
        """
        total: Expr = Integer(0)
        families: tuple[Covariance, ...] = ()
        for monomial, coefficient in self.terms(matrix).items():
            word = monomial.open or ()
            if monomial.traces or any(letter.kind != "function" for letter in word):
                raise NotSupported(f"covariance {matrix}: give covariances and identities only")
            total += Mul(coefficient, *(letter.node for letter in word))
            families += tuple(family for letter in word for family in letter.families)
        return total, families

    def terms(self, node: Any) -> Terms:
        """The terms of a scalar or matrix expression; those of a matrix have an open word.

        Raises
        ------
        NotSupported
            With the node that has no exact law, or none in this version.
        InvalidProblem
            If shapes do not conform.
        """
        if isinstance(node, MatrixExpr):
            return self._matrix(node)
        if not node.has(MatrixExpr) or not node.atoms(RandomMatrix, Trace):
            return {Monomial(): node}
        if isinstance(node, Trace):
            return self._trace(node)
        if isinstance(node, Add):
            return _sum(self.terms(term) for term in node.args)
        if isinstance(node, Mul):
            return self._product(node.args)
        if isinstance(node, Pow) and node.exp.is_Integer and node.exp > 0:
            return self._product([node.base] * int(node.exp))
        if not node.atoms(RandomMatrix):
            return {Monomial(): node}
        raise _no_law(node)

    def _trace(self, node: Any) -> Terms:
        _conforming(node, *node.arg.shape)
        terms: Terms = {}
        for monomial, coefficient in self._matrix(node.arg).items():
            assert monomial.open is not None
            if monomial.open:
                scalar, closed = normal_form((*monomial.traces, monomial.open), None)
            else:
                scalar, closed = node.arg.shape[0], Monomial(monomial.traces)
            add_term(terms, closed, coefficient * scalar)
        return terms

    def _matrix(self, node: Any) -> Terms:
        if isinstance(node, Identity):
            return _opened(())
        if isinstance(node, ZeroMatrix):
            return {}
        if isinstance(node, Covariance):
            return _opened((function_letter(node.args[0], node.dimension, [node]),))
        if isinstance(node, MatrixSymbol):
            return _opened((matrix_letter(node),))
        if isinstance(node, GaussianDesign | LabelNoise):
            gaussian, is_transposed = self.gaussian(node)
            return _opened((gaussian.letter.T if is_transposed else gaussian.letter,))
        if isinstance(node, MatAdd):
            shapes = [term.shape for term in _matrix_factors(node)]
            for shape in shapes[1:]:
                for one, other in zip(shapes[0], shape, strict=True):
                    _conforming(node, one, other)
            return _sum(self.terms(term) for term in node.args)
        if isinstance(node, MatMul):
            for left, right in pairwise(_matrix_factors(node)):
                _conforming(node, left.shape[1], right.shape[0])
            return self._product(node.args)
        if isinstance(node, Transpose):
            return {
                normal_form(monomial.traces, transposed(monomial.open or ()))[1]: coefficient
                for monomial, coefficient in self._matrix(node.arg).items()
            }
        if isinstance(node, PseudoInverse):
            return self._pseudo_inverse(node)
        if isinstance(node, Inverse | MatPow):
            return self._power(node)
        raise _no_law(node)

    def _product(self, factors: Iterable[Any]) -> Terms:
        product: Terms = {Monomial(): Integer(1)}
        for factor in factors:
            longer: Terms = {}
            right = self.terms(factor)
            for one, coefficient in product.items():
                for other, multiplier in right.items():
                    opened = one.open if other.open is None else (one.open or ()) + other.open
                    scalar, monomial = normal_form(one.traces + other.traces, opened)
                    add_term(longer, monomial, coefficient * multiplier * scalar)
            product = longer
        return product

    def _power(self, node: Any) -> Terms:
        base, exponent = node.args[0], _exponent(node)
        _conforming(node, *base.shape)
        if not exponent.is_Integer:
            raise _no_law(node)
        if exponent > 0:
            return self._product([base] * int(exponent))
        terms = self._matrix(base)
        if len(terms) == 1 and not next(iter(terms)).traces:
            ((monomial, coefficient),) = terms.items()
            inverse = self._word_inverse(monomial.open or (), node)
            scalar, power = normal_form((), inverse * int(-exponent))
            return {power: scalar * coefficient**exponent}
        if base.atoms(RandomMatrix):
            raise _no_law(node)
        letters = [letter for monomial in terms for letter in monomial.open or ()]
        if terms and all(letter.kind == "function" for letter in letters):
            function, families = self.function(base)
            return _opened((function_letter(function**exponent, base.shape[0], families),))
        return _opened((matrix_letter(Inverse(base)),) * int(-exponent))

    def _word_inverse(self, word: Word, node: Any) -> Word:
        """The inverse of a product, factor by factor from the right."""
        inverse: list[Letter] = []
        rest = list(word)
        while rest:
            letter = rest.pop()
            if letter.kind == "function":
                inverse.append(function_letter(1 / letter.node, letter.rows, letter.families))
            elif letter.kind == "inverse":
                inverse += [letter.node.letter.T, letter.node.letter]
            elif letter.kind == "matrix" and letter.rows == letter.columns:
                opposite = matrix_letter(Inverse(letter.node))
                inverse.append(opposite.T if letter.transposed else opposite)
            elif (
                letter.kind == "gaussian"
                and not letter.transposed
                and rest
                and (rest[-1] == letter.T)
            ):
                rest.pop()
                self.inverted.add(letter.node)
                inverse.append(letter.node.inverse)
            elif letter.kind == "gaussian" and expand(letter.rows - letter.columns) == 0:
                inverse += self._one_sided(letter)
            else:
                raise _no_law(node)
        return tuple(inverse)

    def _one_sided(self, letter: Letter) -> Word:
        gaussian = letter.node
        self.inverted.add(gaussian)
        if letter.transposed:
            return (gaussian.letter, gaussian.inverse)
        return (gaussian.inverse, gaussian.letter.T)

    def _pseudo_inverse(self, node: Any) -> Terms:
        terms = self._matrix(node.argument)
        if len(terms) == 1:
            ((monomial, coefficient),) = terms.items()
            word = monomial.open or ()
            if not monomial.traces and all(letter.kind == "gaussian" for letter in word):
                if len(word) == 1:
                    return _opened(self._one_sided(word[0]), 1 / coefficient)
                if len(word) == 2 and word[0] == word[1].T:
                    left, right = (self._one_sided(letter) for letter in word)
                    return _opened(right + left, 1 / coefficient)
        raise _no_law(node)


def _exponent(node: Any) -> Expr:
    return Integer(-1) if isinstance(node, Inverse) else node.args[1]


def _matrix_factors(matrix: Any) -> list[Any]:
    factors = matrix.args if isinstance(matrix, MatMul | MatAdd) else (matrix,)
    return [factor for factor in factors if isinstance(factor, MatrixExpr)]


def _opened(word: Word, coefficient: Expr | None = None) -> Terms:
    scalar, monomial = normal_form((), word)
    return {monomial: scalar * (1 if coefficient is None else coefficient)}


def _sum(summands: Iterable[Terms]) -> Terms:
    total: Terms = {}
    for summand in summands:
        for monomial, coefficient in summand.items():
            add_term(total, monomial, coefficient)
    return total


def _conforming(node: Any, one: Expr, other: Expr) -> None:
    if expand(one - other) != 0:
        raise InvalidProblem(f"{node}: sizes {one} and {other} do not conform; give them one value")


def _no_law(node: Any) -> NotSupported:
    return NotSupported(
        f"{node} ({type(node).__name__}) has no exact expectation in this version; "
        "take its deterministic equivalent, or simulate it"
    )
