"""The mean of independent projections is the product of their means, Σ(Σ + κ_mI)⁻¹ each."""

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Mul

from symcollapse.equivalents import MeanMap, complement, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Derivation, Equivalents, Published, Step

from .chains_of_projections import SIZES

RIDGES: tuple[Any, ...] = tuple(EffectiveRidge(0, size, SIGMA) for size in SIZES)
"""κ_m = κ(0, T_m)."""

MAPS: tuple[Any, ...] = tuple(Design(place, size, (0,), SIGMA) for place, size in enumerate(SIZES))
"""The generators' designs, as moments have them."""

SCOPE = Domain({size: Range(2, 60, whole=True) for size in SIZES[:3]})
"""Any T_m, on both sides of d."""


def averaged(form: Expr, positions: Sequence[int]) -> Expr:
    """The form with the moments of these designs replaced, the last design first."""
    for position in positions:
        replaced = replace_moments(form, position)
        assert replaced is not None
        form = replaced
    return form


def mean_form(count: int) -> Expr:
    """The form w₀ᵀE[Q]w₀ of so many generators, as moments of their designs."""
    return QuadraticForm(Mul(*(MeanMap(design) for design in MAPS[:count])), SIGMA, W0)


def derived_mean(count: int) -> Expr:
    """The same with the means put in, each as the identity less what a projection loses."""
    kept = Mul(*(1 - complement(design) for design in MAPS[:count]))
    return QuadraticForm(kept, SIGMA, W0)


def shrunk(count: int, power: int) -> Expr:
    """⟨w₀|Σᵖ ∏(Σ + κ_mI)⁻¹|w₀⟩."""
    return QuadraticForm(s**power * Mul(*(1 / (s + ridge) for ridge in RIDGES[:count])), SIGMA, W0)


_START = mean_form(2)
_DERIVED = derived_mean(2)

DERIVATION = Derivation(
    title="The mean of two independent projections",
    claim=cite("dohmatob2024", "Lemma F.8, first formula, and Lemma F.7"),
    subject=r"w_0^{\top}\,\mathbb{E}[P_1P_0]\,w_0",
    start=_START,
    steps=(
        Step(averaged(_START, (1,)), Equivalents((1,))),
        Step(averaged(_START, (1, 0)), Equivalents((0,))),
        Step(_DERIVED, Algebra("what each loses is κ_m(Σ + κ_mI)⁻¹")),
        Step(shrunk(2, 2), Algebra("as published in Lemma F.8")),
    ),
    domain=SCOPE,
    published=(
        Published(shrunk(2, 0), Algebra(), None, "Lemma F.7, without Σⁿ", _DERIVED),
        Published(shrunk(2, 1), Algebra(), None, "with Σ for Σ²", _DERIVED),
    ),
    notes=(
        "Any Σ, any T₀ and T₁; κ_m = 0 for T_m ≥ d. P₁ and P₀ are independent, so that E[P₁P₀] = E[P₁]E[P₀]; "
        "projections_keep_what_the_samples_span has one factor. A form for every w₀ is the matrix, by polarisation."
    ),
)
