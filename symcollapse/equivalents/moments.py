"""Expectations over one design, unevaluated, and the rules that replace them.

A derivation starts from these: E[A], E[AᵀBA] and E[KKᵀ] of a design, as functions of Σ that nobody has worked out yet.
`replace_moments` puts in the deterministic equivalents, `replace_exactly` the exact finite-size moments where they
exist: shortcuts, both of them, for what `derived_moments` derives from the plain matrix expression. They are one route to
a chain's formula; the composition in closed form is another.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from sympy import Expr, Integer

from symcollapse.equivalents.designs import Design, fluctuation, mean, noise_kernel
from symcollapse.language.effective_ridges import WishartSurplus
from symcollapse.language.errors import NotSupported
from symcollapse.language.matrix_functions import matrix_latex
from symcollapse.language.quantities import canonical
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import name_symbol


class Moment(Expr):
    """Expectation over one design, a function of Σ; abstract.

    The eigenvalue s is the last argument, so that SymPy sees that a moment depends on it.
    """

    if TYPE_CHECKING:
        args: tuple[Any, ...]
    is_commutative = True
    is_extended_real = True

    @property
    def design(self) -> Design:
        """The design that is averaged over."""
        return self.args[0]

    def _place(self) -> str:
        return str(self.design.position)


class MeanMap(Moment):
    """E[A]: mean of the map from old to new weights."""

    def __new__(cls, design: Design, at: Expr = s) -> Self:
        return super().__new__(cls, design, at)

    def _latex(self, printer: Any) -> str:
        del printer
        return rf"\mathbb{{E}}[A_{{{self._place()}}}]"

    def _sympystr(self, printer: Any) -> str:
        del printer
        return f"E[A_{self._place()}]"


class SecondMoment(Moment):
    """E[AᵀBA]: a quadratic form carried back through one design."""

    def __new__(cls, design: Design, middle: Expr, at: Expr = s) -> Self:
        return super().__new__(cls, design, middle, at)

    @property
    def middle(self) -> Expr:
        """The matrix B, as a function of s."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        letter = f"A_{{{self._place()}}}"
        inside = matrix_latex(printer, self.middle, self.design.covariance)
        if self.middle.is_Add:
            inside = rf"\left({inside}\right)"
        return rf"\mathbb{{E}}\left[{letter}^{{\top}} {inside} {letter}\right]"

    def _sympystr(self, printer: Any) -> str:
        letter, inside = f"A_{self._place()}", printer._print(_in_sigma(self.middle))
        if self.middle.is_Add:
            inside = f"({inside})"
        return f"E[{letter}' {inside} {letter}]"


class NoiseMoment(Moment):
    """E[KKᵀ]: covariance of what unit label noise of one fit does to the weights."""

    def __new__(cls, design: Design, fit: Any, at: Expr = s) -> Self:
        return super().__new__(cls, design, Integer(fit), at)

    @property
    def fit(self) -> int:
        """Which fit on the design the noise belongs to."""
        return int(self.args[1])

    def _letter(self) -> str:
        fits = len(self.design.ridges)
        return f"{self._place()}" if fits == 1 else f"{self._place()},{self.fit}"

    def _latex(self, printer: Any) -> str:
        del printer
        return rf"\mathbb{{E}}[K_{{{self._letter()}}} K_{{{self._letter()}}}^{{\top}}]"

    def _sympystr(self, printer: Any) -> str:
        del printer
        return f"E[K_{self._letter()} K_{self._letter()}']"


def _in_sigma(function: Expr) -> Expr:
    return function.xreplace({s: name_symbol("Sigma")})


def replace_moments(formula: Expr, position: int) -> Expr | None:
    """Put the deterministic equivalents in place of the moments of one design; None if there are none.

    Relation: ≃, in the proportional limit. Moments of the designs that follow must be gone.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> replace_moments(MeanMap(Design(0, samples, (ridge,), SIGMA)), 0)
    s/(s + kappa(lambda, T))
    """
    return _replace(formula, position, equivalent_of)


def equivalent_of(moment: Moment) -> Expr:
    """The deterministic equivalent of a moment, by the shortcuts of `designs`.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> equivalent_of(SecondMoment(Design(0, samples, (0,), SIGMA, determined=True), s))
    s
    """
    match moment:
        case MeanMap():
            return mean(moment.design)
        case SecondMoment():
            added = fluctuation(moment.design, moment.middle)
            return mean(moment.design) ** 2 * moment.middle + added
        case NoiseMoment():
            return noise_kernel(moment.design, moment.fit)
        case _:
            raise TypeError(type(moment).__name__)


def replace_exactly(formula: Expr, position: int) -> Expr | None:
    """Put exact finite-size moments of least squares with T ≥ d + 2 in place; None if there are no moments.

    Relation: =. X†X = I almost surely, and E(XᵀX)⁻¹ = Σ⁻¹/(T − d − 1), which `derived_exactly` derives.

    Raises
    ------
    NotSupported
        For a design of another kind: no exact law is known, or it is not of this form.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import samples
    >>> replace_exactly(NoiseMoment(Design(0, samples, (0,), SIGMA, determined=True), 0), 0)
    1/(s*(T - d - 1))
    """
    return _replace(formula, position, exact_value_of)


def exact_value_of(moment: Moment) -> Expr:
    """The exact finite-size value of a moment of least squares with T ≥ d + 2.

    Raises
    ------
    NotSupported
        For a design of another kind.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import samples
    >>> exact_value_of(MeanMap(Design(0, samples, (0,), SIGMA, determined=True)))
    1
    """
    design = moment.design
    if not design.recovers:
        raise NotSupported(
            f"design {design.position}: an exact law needs least squares with T >= d + 2"
        )
    match moment:
        case MeanMap():
            return Integer(1)
        case SecondMoment():
            return moment.middle
        case _:
            return 1 / (s * WishartSurplus(design.samples, design.covariance))


def moments_of(formula: Expr, position: int) -> tuple[Moment, ...]:
    """The moments of one design in a formula.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> moments_of(s * MeanMap(Design(0, samples, (ridge,), SIGMA)), 0)
    (E[A_0],)
    """
    found = (node for node in formula.atoms(Moment) if node.design.position == position)
    return tuple(sorted(found, key=lambda node: node.sort_key()))


def _replace(formula: Expr, position: int, rule: Callable[[Moment], Expr]) -> Expr | None:
    found = moments_of(formula, position)
    if not found:
        return None
    for node in found:
        if isinstance(node, SecondMoment) and node.middle.atoms(Moment):
            raise ValueError(f"design {position}: replace the moments of later designs first")
    replaced = formula.xreplace({node: rule(node) for node in found})
    return canonical(replaced)
