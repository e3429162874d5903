"""With T₀ < d and one shared design the noise of the generators passes through two effective ridges."""

from dataclasses import replace

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    eigenvalue,
    generation_noise,
    generation_samples,
    generations,
    ridge,
    samples,
)
from symcollapse.reasoning import Algebra, Step
from symcollapse.theory import derivation_of, test_error

from .settings import TOO_FEW_SAMPLES

_ERROR = test_error(TOO_FEW_SAMPLES)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_KAPPA0 = EffectiveRidge(0, generation_samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_RESIDUAL0 = generation_samples - DegreesOfFreedom(2, _KAPPA0, SIGMA)
_BOTH = (eigenvalue + _KAPPA0) ** -2 * (eigenvalue + _KAPPA) ** -2
_RHO = spectral_trace(eigenvalue**4 * _BOTH, SIGMA) / _RESIDUAL0 + (
    _KAPPA**2 * spectral_trace(eigenvalue**2 * _BOTH, SIGMA) / _RESIDUAL0
) * _DEGREES / (samples - _DEGREES)
_DERIVED = derivation_of(
    _ERROR.chain, _ERROR.synthetic, "Synthetic error with too few samples", "synthetic"
)

DERIVATION = replace(
    _DERIVED,
    claim=cite("dohmatob2024", "eq. (18)"),
    steps=(
        *_DERIVED.steps,
        Step(generations * generation_noise**2 * _RHO, Algebra("as published")),
    ),
)
