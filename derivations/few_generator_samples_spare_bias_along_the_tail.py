"""The bias on synthetic labels exceeds Bias + ΔBias along s > κ df₂/(T − df₂), and falls below it along all other s."""

from typing import Any

from sympy import Expr, Integer, Lt

from symcollapse.equivalents import MeanMap, SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.spectra import LevelsSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import dimension, generation_samples, generations, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import LevelsTarget, SourceTarget
from symcollapse.reasoning import Algebra, Bound, Derivation, Equivalents, Published, Step
from symcollapse.theory import test_error
from symcollapse.theory.test_errors import without_generations

FEW_SAMPLES = Problem(
    LevelsSpectrum([2, 1], [2, 2]),
    LevelsTarget([1, 1]),
    (Generation(3, noise=1),),
    Downstream(9, noise=1, ridge=1),
)
"""One least-squares generator with T₀ < d, ridge downstream; the numbers only say where T₀ and d lie."""

_GENERATOR = Design(0, generation_samples, (0,), SIGMA)
_LAST = Design(1, samples, (ridge,), SIGMA)
_FITTED = SecondMoment(_LAST, s)


def _averaged(form: Expr) -> tuple[Expr, Expr]:
    """The form with the last design averaged, and with both."""
    last = replace_moments(form, 1)
    assert last is not None
    both = replace_moments(last, 0)
    assert both is not None
    return last, both


_LOST = SecondMoment(_GENERATOR, _FITTED) - 2 * MeanMap(_GENERATOR) * _FITTED + _FITTED
ADDED = _averaged(QuadraticForm(_LOST, SIGMA, W0))[1]
"""ΔBias after one generator: E‖Σ̂R(P₀w₀ − w₀)‖²_Σ."""
BIAS = test_error(FEW_SAMPLES).bias
"""Bias~: the bias after one generator."""
CLEAN = test_error(without_generations(FEW_SAMPLES)).bias
"""Bias: that on real labels."""

_CROSS = 2 * (1 - MeanMap(_GENERATOR) ** generations) * (s * MeanMap(_LAST) - _FITTED)
_START = QuadraticForm(_CROSS, SIGMA, W0)
_AVERAGED = _averaged(_START)
_KAPPA, _KAPPA0 = (
    EffectiveRidge(ridge, samples, SIGMA),
    EffectiveRidge(0, generation_samples, SIGMA),
)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
EDGE = _KAPPA * _DEGREES / (samples - _DEGREES)
"""The eigenvalue below which the bias falls."""
_FEW = Lt(generation_samples, dimension)
_ROUGH: dict[Any, Any] = {
    SIGMA: PowerLawSpectrum(400, "3/2"),
    W0: SourceTarget("1/16"),
    samples: Integer(20),
    generation_samples: Integer(80),
    ridge: Integer(0),
}

DERIVATION = Derivation(
    title="Bias on synthetic labels, less Bias and ΔBias",
    claim=cite("dohmatob2024", "Theorem 4.3 and Proposition F.5"),
    subject=r"\widetilde{\mathrm{Bias}} - \mathrm{Bias} - \Delta\mathrm{Bias}",
    start=_START,
    steps=(
        Step(_AVERAGED[0], Equivalents((1,))),
        Step(_AVERAGED[1], Equivalents((0,))),
        Step(
            2
            * _KAPPA
            * QuadraticForm(
                s * (1 - (s / (s + _KAPPA0)) ** generations) * (s - EDGE) / (s + _KAPPA) ** 2,
                SIGMA,
                W0,
            ),
            Algebra("collected: the sign is that of s − κ df₂/(T − df₂)"),
        ),
    ),
    domain=Domain(conditions=(_FEW,)),
    published=(
        Published(
            CLEAN + ADDED,
            Bound(above=False),
            place="Bias~ ≥ Bias + ΔBias, n = 1",
            of=BIAS,
        ),
        Published(
            CLEAN.xreplace(_ROUGH),
            Bound(above=False),
            place="Bias~ ≥ Bias, n = 1, rough truth over a power law",
            of=BIAS.xreplace(_ROUGH),
        ),
        Published(
            CLEAN + ADDED,
            Bound(above=False),
            Domain(conditions=(_FEW,), isotropic=True),
            "Bias~ ≥ Bias + ΔBias, n = 1, Σ = I",
            BIAS,
        ),
    ),
    notes=(
        "n least-squares generators on T₀ < d fresh samples each, any Σ, any w₀: 2E w₀ᵀ(Q − I)ᵀAᵀΣ(A − I)w₀, where "
        "independence lets only the mean of Q enter."
    ),
)
