"""What T₀ > d least-squares generators add is of the order max(T, d)/T₀ · T^-(1 − ℓ/β), where T^(ℓ/β) ≪ d."""

from sympy import Max, Rational

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    dimension_exponent,
    generation_samples_exponent,
    generations_exponent,
    ridge_exponent,
    samples,
)
from symcollapse.reasoning import Derivation, Published, Rate, Step

from .power_laws import apart
from .synthetic_labels_slow_the_scaling_law import DERIVATION as SCALING_LAW
from .synthetic_labels_slow_the_scaling_law import LARGE, SYNTHETIC

_LEVEL = ridge_exponent / capacity
_RESULT = samples ** (
    generations_exponent + Max(1, dimension_exponent) - generation_samples_exponent - 1 + _LEVEL
)
_ENOUGH = dimension_exponent <= generation_samples_exponent
_RANGES = SCALING_LAW.domain.ranges

DERIVATION = Derivation(
    title="Rate of the synthetic error",
    claim=cite("dohmatob2024", "appendix H.1"),
    subject=r"n\sigma_0^2\rho",
    start=SYNTHETIC,
    steps=(Step(_RESULT, Rate(LARGE)),),
    domain=Domain(
        _RANGES,
        (
            _ENOUGH,
            _LEVEL < 1,
            dimension_exponent > _LEVEL,
            apart(_LEVEL, 1),
            apart(_LEVEL, dimension_exponent),
        ),
    ),
    published=(
        Published(
            _RESULT,
            Rate(LARGE),
            Domain(_RANGES, (_ENOUGH, _LEVEL < 1, dimension_exponent + Rational(1, 8) < _LEVEL)),
            "the same rate where T^(ℓ/β) ≫ d, which the stated scope ℓ < β holds too",
        ),
    ),
    notes=(
        "nσ₀² = T^a, T₀ ~ T^b ≥ d = T^q: max(T/T₀, d/T₀) as published, and no power of the ridge or the target beside "
        "T^(ℓ/β)."
    ),
)
