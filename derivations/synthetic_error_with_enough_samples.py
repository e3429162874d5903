"""With T₀ ≥ d each generation adds σ₀²ρ to the error of downstream ridge, and the bias stays that of real labels."""

from dataclasses import replace

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_noise,
    generation_samples,
    generations,
    ridge,
    samples,
)
from symcollapse.reasoning import Algebra, Step
from symcollapse.theory import derivation_of, test_error

from .settings import ENOUGH_SAMPLES

_ERROR = test_error(ENOUGH_SAMPLES)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_SURPLUS = generation_samples - dimension
_RHO = _DEGREES / _SURPLUS + (
    _KAPPA**2 * spectral_trace((eigenvalue + _KAPPA) ** -2, SIGMA) / _SURPLUS
) * _DEGREES / (samples - _DEGREES)
_DERIVED = derivation_of(
    _ERROR.chain, _ERROR.synthetic, "Synthetic error with enough samples", "synthetic"
)

DERIVATION = replace(
    _DERIVED,
    claim=cite("dohmatob2024", "eq. (19)"),
    steps=(
        *_DERIVED.steps,
        Step(generations * generation_noise**2 * _RHO, Algebra("as published")),
    ),
)
