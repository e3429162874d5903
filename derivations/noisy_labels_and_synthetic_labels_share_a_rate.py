"""With noise on real labels the rate is the smallest of three: bias, own noise, and that of the generators."""

from sympy import Ge, Gt, Le, Min, Ne, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    dimension,
    generation_noise,
    generation_samples,
    generation_samples_exponent,
    generations,
    generations_exponent,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import Derivation, Published, Rate, Step, Towards

from .power_laws import CAPACITIES, SOURCES, apart
from .synthetic_labels_slow_the_scaling_law import TOTAL

_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_LEVEL = ridge_exponent / capacity
LARGE = Towards(
    samples,
    oo,
    (
        (ridge, samples**-ridge_exponent),
        (generation_noise, samples ** (generations_exponent / 2)),
        (dimension, samples**generation_samples_exponent),
        (generation_samples, 2 * samples**generation_samples_exponent),
    ),
)
"""λ = T^-ℓ, σ₀² = T^a, d = T^b, T₀ = 2T^b."""
_BIAS, _OWN = 2 * _R * ridge_exponent, 1 - _LEVEL
_ADDED = Min(1, generation_samples_exponent) - generations_exponent - _LEVEL
RATE = Min(_BIAS, _OWN, _ADDED)
"""x in error ≍ T^-x."""
_PRINTED = generation_samples_exponent - generations_exponent
_SMALL_CLAIM = samples ** (-2 * ridge_exponent * _R) + samples ** -(_PRINTED - _LEVEL)
_LARGE_CLAIM = samples ** -(Min(1, _PRINTED) - _LEVEL)
_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    ridge_exponent: Range(Rational(1, 4), 2, grain=12),
    generations: Range(1, 9, whole=True),
    generations_exponent: Range(0, Rational(1, 2), grain=12),
    generation_samples_exponent: Range(Rational(7, 12), 2, grain=12),
}
_SCOPE = (
    Ne(source, 1),
    1 - Rational(1, 15) > _LEVEL,
    generation_samples_exponent - Rational(1, 15) > _LEVEL,
)
_FEW, _MANY = Le(generation_samples_exponent, 1), Gt(generation_samples_exponent, 1)
_BELOW, _ABOVE = Le(ridge_exponent, _CRITICAL), Ge(ridge_exponent, _CRITICAL)
_APART = (apart(_BIAS, _OWN), apart(_BIAS, _ADDED))
_SHORT = Min(_BIAS, _OWN) - Rational(1, 12) > _ADDED

DERIVATION = Derivation(
    title="Rates with noise on real and on synthetic labels",
    claim=cite("dohmatob2024", "appendix G"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(Step(samples**-RATE, Rate(LARGE)),),
    domain=Domain(_RANGES, (*_SCOPE, *_APART)),
    published=(
        Published(
            _SMALL_CLAIM,
            Rate(LARGE),
            Domain(_RANGES, (*_SCOPE, *_APART, _FEW, _BELOW)),
            "0 ≤ ℓ ≤ ℓ_crit, b ≤ 1",
        ),
        Published(
            _SMALL_CLAIM,
            Rate(LARGE),
            Domain(_RANGES, (*_SCOPE, _MANY, _BELOW, _SHORT)),
            "0 ≤ ℓ ≤ ℓ_crit, b > 1",
        ),
        Published(
            _LARGE_CLAIM,
            Rate(LARGE),
            Domain(_RANGES, (*_SCOPE, *_APART, _FEW, _ABOVE)),
            "ℓ ≥ ℓ_crit, b ≤ 1",
        ),
        Published(
            _LARGE_CLAIM,
            Rate(LARGE),
            Domain(_RANGES, (*_SCOPE, _MANY, _ABOVE, _SHORT)),
            "ℓ ≥ ℓ_crit, b > 1",
        ),
    ),
    notes="σ² fixed, λ = T^-ℓ, T₀ = T^b, nσ₀² = T^a, d/T₀ fixed in (0, 1); T^(ℓ/β) ≪ T, d. For b > 1 read 1 for b.",
)
