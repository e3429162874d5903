"""Lines between an expression and its formula: a functional by its pencil, and by the Dyson equation of that.

    tr Q  =  tr(l L⁻¹ r)  ≃  tr(l M r),   M = (Λ − 𝒮[M])⁻¹,

with the unknown traces that 𝒮[M] holds named at M until they are eliminated. Each is one letter of a formula; what it
stands for is held beside it.
"""

from collections.abc import Mapping
from typing import Any, Self

from sympy import Basic, Expr, Symbol

from symcollapse.equivalents.closed_forms import masked
from symcollapse.equivalents.dyson import Unknown
from symcollapse.equivalents.families import Family
from symcollapse.equivalents.functionals import Functional
from symcollapse.equivalents.pencils import Pencil
from symcollapse.language.pairings import bilinear_form
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import truth


class _Labelled(Expr):
    """One letter of a formula, with a number in print and a functional behind it; abstract."""

    is_Atom = True  # noqa: N815 -- SymPy's name; what it holds is not an expression
    is_commutative = True
    is_extended_real = True
    label: int
    functional: Functional
    pencil: Pencil

    @property
    def is_trace(self) -> bool:
        """Whether it is a trace; else a bilinear form or the matrix itself."""
        return self.functional.left is None and not self._is_matrix

    _is_matrix: bool

    @property
    def is_matrix(self) -> bool:
        """Whether the matrix itself is meant, as a function of eigenvalues, and no number."""
        return self._is_matrix

    def _fields(self) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} is abstract: it has no fields to be compared by")

    def _hashable_content(self) -> tuple[Any, ...]:
        return self._fields()

    def doit(self, **hints: Any) -> Self:
        """Nothing to be done."""
        del hints
        return self

    def _framed(self, inside: str, *, latex: bool, printer: Any) -> str:
        if self.is_matrix:
            return inside
        if self.is_trace:
            return rf"\operatorname{{tr}}\left({inside}\right)" if latex else f"tr({inside})"
        left, right = (printer._print(v) for v in (self.functional.left, self.functional.right))
        return rf"{left}^{{\top}} {inside} {right}" if latex else f"<{left}|{inside}|{right}>"


class PencilFunctional(_Labelled):
    """A functional of left · L⁻¹ · right; made by `derivation_of_equivalent`.

    Parameters
    ----------
    label
        The number in print.
    functional
        The trace or bilinear form that is meant.
    operator
        Its matrix, up to what leaves the functional as it is.
    pencil
        The pencil of the operator.
    is_matrix
        Whether the operator itself is meant.
    """

    operator: Any

    def __new__(
        cls,
        label: int,
        functional: Functional,
        operator: Any,
        pencil: Pencil,
        *,
        is_matrix: bool = False,
    ) -> Self:
        self = super().__new__(cls)
        self.label, self.functional, self.operator = label, functional, operator
        self.pencil, self._is_matrix = pencil, is_matrix
        return self

    def _fields(self) -> tuple[Any, ...]:
        return self.label, self.functional, self.operator, self.pencil, self._is_matrix

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self._fields()[:-1], {"is_matrix": self._is_matrix}

    @property
    def meaning(self) -> Any:
        """What it stands for, as a SymPy expression."""
        return self.operator if self.is_matrix else self.functional.expression

    def _sympystr(self, printer: Any) -> str:
        n = self.label
        return self._framed(f"l_{n} L_{n}^-1 r_{n}", latex=False, printer=printer)

    def _latex(self, printer: Any) -> str:
        n = self.label
        return self._framed(f"l_{{{n}}} L_{{{n}}}^{{-1}} r_{{{n}}}", latex=True, printer=printer)


class DysonFunctional(_Labelled):
    """A functional of left · M · right, with what is known of M; made by `derivation_of_equivalent`.

    Parameters
    ----------
    source
        The functional by its pencil.
    families
        The family of each feature space.
    unknowns
        The traces of M that are not eliminated.
    equations
        Each of them as a formula in the others.
    function
        left · M · right as a function of eigenvalues and of the unknowns.
    """

    source: PencilFunctional
    families: Mapping[Expr, Family]
    unknowns: tuple[Unknown, ...]
    equations: Mapping[Symbol, Expr]
    function: Expr

    def __new__(
        cls,
        source: PencilFunctional,
        families: Mapping[Expr, Family],
        unknowns: tuple[Unknown, ...],
        equations: Mapping[Symbol, Expr],
        function: Expr,
    ) -> Self:
        self = super().__new__(cls)
        self.source, self.label, self.functional = source, source.label, source.functional
        self.pencil, self._is_matrix = source.pencil, source.is_matrix
        self.families, self.unknowns = families, unknowns
        self.equations, self.function = equations, function
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.source, self.families, self.unknowns, self.equations, self.function

    def _fields(self) -> tuple[Any, ...]:
        return self.source, self.unknowns, tuple(self.equations.items()), self.function

    def solved(self, values: Mapping[Basic, Basic]) -> "DysonFunctional":
        """With values put in for some of the unknowns."""
        rule = dict(values)
        return DysonFunctional(
            self.source,
            self.families,
            tuple(unknown for unknown in self.unknowns if unknown.symbol not in rule),
            {
                symbol: equation.xreplace(rule)
                for symbol, equation in self.equations.items()
                if symbol not in rule
            },
            self.function.xreplace(rule),
        )

    @property
    def family(self) -> Family:
        """Family of the space that left · M · right acts on."""
        space = self.source.operator.shape[0]
        return self.families.get(space, Family(space, None, {}))

    @property
    def formula(self) -> Expr:
        """The functional as a formula in traces and quadratic forms of its function."""
        if self.is_matrix:
            return self.function
        # Values that were put in hold sums over eigenvalues of their own: each is one letter here.
        plain, meanings = masked(self.function)
        if self.is_trace:
            return self.family.trace(plain).xreplace(meanings)
        vectors = (truth(v.name) for v in (self.functional.left, self.functional.right))
        spectrum = self.family.spectrum or IsotropicSpectrum(self.family.space)
        return bilinear_form(plain, spectrum, *vectors).xreplace(meanings)

    def _sympystr(self, printer: Any) -> str:
        names = ", ".join(printer._print(unknown.symbol) for unknown in self.unknowns)
        n = self.label
        block = f"M_{n}({names})" if names else f"M_{n}"
        return self._framed(f"l_{n} {block} r_{n}", latex=False, printer=printer)

    def _latex(self, printer: Any) -> str:
        names = ", ".join(printer._print(unknown.symbol) for unknown in self.unknowns)
        n = self.label
        block = rf"M_{{{n}}}\left({names}\right)" if names else f"M_{{{n}}}"
        inside = f"l_{{{n}}} {block} r_{{{n}}}"
        return self._framed(inside, latex=True, printer=printer)
