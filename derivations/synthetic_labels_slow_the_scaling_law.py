"""With T₀ > d least-squares generators the scaling law gains one term, T^-(b − max(1, q) − a + 1 − ℓ/β)."""

from sympy import Max, Min, Ne, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    generation_noise,
    generation_samples,
    generation_samples_exponent,
    generations,
    generations_exponent,
    noise,
    noise_exponent,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import Derivation, Published, Rate, Step, Towards
from symcollapse.theory import test_error

from .power_laws import CAPACITIES, SOURCES, apart, over_power_law
from .settings import ENOUGH_SAMPLES

_ERROR = test_error(ENOUGH_SAMPLES)
TOTAL = over_power_law(_ERROR.total, dimension)
"""The test error over a power law of dimension d."""
SYNTHETIC = over_power_law(_ERROR.synthetic, dimension)
"""What the generators add."""

LARGE = Towards(
    samples,
    oo,
    (
        (ridge, samples**-ridge_exponent),
        (noise, samples ** (-noise_exponent / 2)),
        (generation_noise, samples ** (generations_exponent / 2)),
        (dimension, samples**dimension_exponent),
        (generation_samples, 2 * samples**generation_samples_exponent),
    ),
)
"""λ = T^-ℓ, σ² = T^-ν, σ₀² = T^a, d = T^q, T₀ = 2T^b."""

_R = Min(source, 1)
_LEFT = 1 - ridge_exponent / capacity
_LEVEL = ridge_exponent / capacity
_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    ridge_exponent: Range(Rational(1, 4), 2, grain=12),
    noise_exponent: Range(0, 2, grain=12),
    generations_exponent: Range(0, 1, grain=12),
    generation_samples_exponent: Range(Rational(1, 2), 2, grain=12),
    dimension_exponent: Range(Rational(1, 4), 2, grain=12),
    generations: Range(1, 9, whole=True),
}
_ENOUGH = dimension_exponent <= generation_samples_exponent
_BIAS, _OWN = 2 * _R * ridge_exponent, noise_exponent + _LEFT
_ADDED = generation_samples_exponent - Max(1, dimension_exponent) - generations_exponent + _LEFT
RATE = Min(_BIAS, _OWN, _ADDED)
"""x in error ≍ T^-x."""
_IN_SCOPE = (Ne(source, 1), _ENOUGH, _LEVEL < 1, dimension_exponent > _LEVEL)
_FAR = (apart(_LEVEL, 1), apart(_LEVEL, dimension_exponent), apart(dimension_exponent, 1))
_APART = (apart(_BIAS, _OWN), apart(_BIAS, _ADDED), apart(_OWN, _ADDED))
_CLAIM = (
    Max(samples**-noise_exponent, samples ** (1 - 2 * _R * ridge_exponent - _LEVEL))
    * samples**-_LEFT
    + generations
    * samples**generations_exponent
    * Max(
        samples ** (1 - generation_samples_exponent),
        samples ** (dimension_exponent - generation_samples_exponent),
    )
    * samples**-_LEFT
)

DERIVATION = Derivation(
    title="Scaling law with synthetic labels",
    claim=cite("dohmatob2024", "Theorem 5.1"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(Step(samples**-RATE, Rate(LARGE)),),
    domain=Domain(_RANGES, (*_IN_SCOPE, *_FAR, *_APART)),
    published=(
        Published(
            _CLAIM,
            Rate(LARGE),
            Domain(_RANGES, (*_IN_SCOPE, *_FAR, *_APART)),
            "Theorem 5.1 where T^(ℓ/β) ≪ d, r ≠ 1",
        ),
        Published(
            _CLAIM,
            Rate(LARGE),
            Domain(
                _RANGES,
                (
                    Ne(source, 1),
                    _ENOUGH,
                    _LEVEL < 1,
                    dimension_exponent + Rational(1, 6) < _LEVEL,
                    noise_exponent + _LEFT < _BIAS - Rational(1, 6),
                    noise_exponent + _LEFT < _ADDED - Rational(1, 6),
                ),
            ),
            "Theorem 5.1 where T^(ℓ/β) ≫ d, which its scope holds too",
        ),
    ),
    notes=(
        "λ = T^-ℓ, σ² = T^-ν, nσ₀² = T^a, d = T^q, T₀ ~ T^b with T₀ > d; scope ℓ < β and ℓ/β < q. Where ℓ/β > q "
        "the ridge lies below the smallest eigenvalue, and df₂ is d, not T^(ℓ/β)."
    ),
)
