"""The form E[QᵀΣQ] of two fresh projections is a recursion: each adds a multiple of ΣG² by a trace of the whole form."""

from typing import Any

from sympy import Expr

from symcollapse.equivalents import SecondMoment
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Derivation, Equivalents, Published, Step

from .chains_of_projections import SIZES
from .fresh_projections_multiply_in_the_mean import MAPS, RIDGES, SCOPE, averaged


def second_moment(count: int) -> Expr:
    """The form w₀ᵀE[QᵀΣQ]w₀ of so many generators, as moments of their designs."""
    middle: Expr = s
    for design in reversed(MAPS[:count]):
        middle = SecondMoment(design, middle)
    return QuadraticForm(middle, SIGMA, W0)


def _carried(form: Expr, place: int) -> Expr:
    """B → Σ²G²B + κ²ΣG² tr(BΣG²)/(T_m − df₂), at κ_m."""
    kappa = RIDGES[place]
    squared = s / (s + kappa) ** 2
    residual = SIZES[place] - DegreesOfFreedom(2, kappa, SIGMA)
    return (
        s * squared * form + kappa**2 * squared * spectral_trace(form * squared, SIGMA) / residual
    )


def by_recursion(count: int) -> Expr:
    """The form after so many generators, from B = Σ, the last generator first."""
    form: Expr = s
    for place in reversed(range(count)):
        form = _carried(form, place)
    return QuadraticForm(form, SIGMA, W0)


def factors(count: int, power: int, size: Any = None) -> Expr:
    """⟨w₀|Σᵖ ∏ A_m|w₀⟩ with A_m as in Lemma F.8; ``size`` stands for T there, T_m if none is given."""
    product: Expr = s**power
    for place in range(count):
        kappa = RIDGES[place]
        degrees = DegreesOfFreedom(2, kappa, SIGMA)
        held = SIZES[place] if size is None else size
        product = product * (s**2 + kappa**2 * degrees / (held - degrees)) / (s + kappa) ** 2
    return QuadraticForm(product, SIGMA, W0)


_START = second_moment(2)
_DERIVED = averaged(_START, (1, 0))

DERIVATION = Derivation(
    title="Two projections on each side of Σ",
    claim=cite("dohmatob2024", "Lemma F.8, second formula"),
    subject=r"w_0^{\top}\,\mathbb{E}[P_0P_1\Sigma P_1P_0]\,w_0",
    start=_START,
    steps=(
        Step(averaged(_START, (1,)), Equivalents((1,))),
        Step(_DERIVED, Equivalents((0,))),
        Step(by_recursion(2), Algebra("B → Σ²G²B + κ²ΣG² tr(BΣG²)/(T_m − df₂), from B = Σ")),
    ),
    domain=SCOPE,
    published=(
        Published(factors(2, 2), Algebra(), None, "a product of factors, with Σⁿ", _DERIVED),
        Published(factors(2, 1), Algebra(), None, "a product of factors, with Σ", _DERIVED),
    ),
    notes=(
        "Any Σ, any T₀ and T₁. The inner projection is the second generator's. The trace is one of all of B, so that no "
        "factor belongs to one generator, but for n = 1 or Σ = I; for T_m ≥ d the form stays as it is."
    ),
)
