"""Under the classical exponent ℓ_crit synthetic labels leave an error T^-(min(b, 1) + c − a − 1)."""

from sympy import Integer, Le, Min, Ne, Rational, oo

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
    noise,
    ridge,
    samples,
    source,
)
from symcollapse.reasoning import Derivation, Published, Rate, Solve, Step, Towards

from .power_laws import CAPACITIES, SOURCES, apart
from .synthetic_labels_slow_the_scaling_law import TOTAL

_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_C = 2 * capacity * _R / (2 * capacity * _R + 1)
_LARGE = Towards(
    samples,
    oo,
    (
        (ridge, samples**-_CRITICAL),
        (noise, Integer(0)),
        (generation_noise, samples ** (generations_exponent / 2)),
        (dimension, samples**generation_samples_exponent),
        (generation_samples, 2 * samples**generation_samples_exponent),
    ),
)
_PRINTED = _C + generation_samples_exponent - generations_exponent - 1
_ADDED = _C + Min(1, generation_samples_exponent) - generations_exponent - 1
_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    generations: Range(1, 9, whole=True),
    generations_exponent: Range(Rational(1, 6), 1, grain=12),
    generation_samples_exponent: Range(Rational(7, 12), 2, grain=12),
}
# T^(ℓ/β) ≪ d.
_SCOPE = (Ne(source, 1), generation_samples_exponent - Rational(1, 15) > 1 - _C)

DERIVATION = Derivation(
    title="Synthetic labels under the classical ridge",
    claim=cite("dohmatob2024", "eq. (29) and the line after it"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(Step(samples ** -Min(_C, _ADDED), Rate(_LARGE)),),
    domain=Domain(_RANGES, (*_SCOPE, apart(_ADDED, _C))),
    published=(
        Published(
            samples**-_PRINTED,
            Rate(_LARGE),
            Domain(
                _RANGES,
                (*_SCOPE, Le(generation_samples_exponent, 1), _C - Rational(1, 15) > _ADDED),
            ),
            "the bound (29) as a rate, for b ≤ 1",
        ),
        Published(
            samples**-_PRINTED,
            Rate(_LARGE),
            Domain(
                _RANGES,
                (
                    *_SCOPE,
                    generation_samples_exponent > 1,
                    _C - Rational(1, 15) > _ADDED,
                ),
            ),
            "the bound (29) as a rate, for b > 1",
        ),
        Published(
            generations_exponent + 1 - _C,
            Solve(generation_samples_exponent),
            place="the threshold: T^-(c + b − a − 1) is constant at b = a + 1 − c",
            of=_PRINTED,
        ),
        Published(
            Integer(1),
            Rate(_LARGE),
            Domain(
                _RANGES,
                (
                    *_SCOPE,
                    Le(generation_samples_exponent, 1),
                    generation_samples_exponent > generations_exponent + 1 - _C + Rational(1, 6),
                ),
            ),
            "no consistency where b ≥ a + 1 − c: the printed sign is the wrong way round",
        ),
    ),
    notes=(
        "σ = 0, λ = T^-ℓ_crit, T₀ = T^b, nσ₀² = T^a, d/T₀ fixed. The error fails to vanish for b ≤ a + 1 − c, and "
        "diverges for b < a + 1 − c; for b > 1 read 1 for b."
    ),
)
