"""With T₀ ≥ d the test error is that on real labels plus n times σ₀²ρ: the square of σ₀, where eq. (1) has σ₀."""

from dataclasses import replace

from sympy import Ge

from symcollapse.language.domains import Domain
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
from symcollapse.reasoning import Algebra, Published, Step
from symcollapse.theory import derivation_of, test_error

from .settings import CLEAN_RIDGE, ENOUGH_SAMPLES

_ERROR = test_error(ENOUGH_SAMPLES)
_CLEAN = test_error(CLEAN_RIDGE).total
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_RHO = (
    _DEGREES
    / (generation_samples - dimension)
    * (1 + _KAPPA**2 * spectral_trace((eigenvalue + _KAPPA) ** -2, SIGMA) / (samples - _DEGREES))
)
_ENOUGH = Domain(conditions=(Ge(generation_samples, dimension),))
_DERIVED = derivation_of(_ERROR.chain, _ERROR.total, "What generators add to the clean test error")

DERIVATION = replace(
    _DERIVED,
    claim=cite("dohmatob2024", "eq. (1), with ΔBias = 0"),
    steps=(
        *_DERIVED.steps,
        Step(
            _CLEAN + generations * generation_noise**2 * _RHO,
            Algebra("the clean error, and the same for every generator"),
        ),
    ),
    published=(
        Published(
            _CLEAN + generations * generation_noise * _RHO,
            Algebra(),
            _ENOUGH,
            "σ₀",
            _ERROR.total,
        ),
    ),
    notes="Labels t times as large make every part of the error t² times as large, so that σ₀ alone cannot stand there.",
)
