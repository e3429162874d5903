"""A least-squares teacher with T₀ = 2d keeps the error σ₀²; over a power law its student learns as from real labels."""

from typing import Any

from sympy import Min, Ne, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    generation_noise,
    generation_samples,
    generations,
    noise,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import Derivation, Published, Rate, Step, Towards

from .power_laws import CAPACITIES, SOURCES, apart
from .synthetic_labels_slow_the_scaling_law import TOTAL

TEACHER: Any = generation_noise**2 * dimension / (generation_samples - dimension)
"""Error of the teacher: least squares, T₀ > d."""
LARGE = Towards(
    samples,
    oo,
    (
        (ridge, samples**-ridge_exponent),
        (dimension, samples**dimension_exponent),
        (generation_samples, 2 * samples**dimension_exponent),
    ),
)
"""λ = T^-ℓ, d = T^q, T₀ = 2T^q; σ₀ and σ are fixed."""
_R = Min(source, 1)
_LEVEL = ridge_exponent / capacity
_BIAS, _NOISE = 2 * _R * ridge_exponent, Min(1, dimension_exponent) - _LEVEL
_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    ridge_exponent: Range(Rational(1, 4), 2, grain=12),
    dimension_exponent: Range(Rational(7, 12), 2, grain=12),
    generations: Range(1, 1, whole=True),
    noise: Range(Rational(1, 2), 2),
    generation_noise: Range(Rational(1, 2), 2),
}
_SCOPE = (
    Ne(source, 1),
    1 - Rational(1, 15) > _LEVEL,
    dimension_exponent - Rational(1, 15) > _LEVEL,
    apart(_BIAS, _NOISE),
)

DERIVATION = Derivation(
    title="Rate of a student whose teacher does not learn",
    claim=cite("wu2026", "abstract"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(Step(samples ** -Min(_BIAS, _NOISE), Rate(LARGE)),),
    domain=Domain(_RANGES, _SCOPE),
    published=(
        Published(generation_noise**2, Rate(LARGE), None, "the teacher's error stays", TEACHER),
        Published(
            generation_noise**2,
            Rate(LARGE),
            None,
            "beyond its scope: the student's error tends to 0 only if the teacher's does (Medvedev et al. 2025)",
        ),
    ),
    notes=(
        "One generator, d ≍ T^q, q > ℓ/β. With q ≥ 1 and ℓ = β/(2β min(r, 1) + 1) the rate is that of ridge regression "
        "on real labels. The teacher's error is all variance, of which the student averages: that the "
        "student's error tends to 0 only if the teacher's does is claimed for teachers that know the population, whose "
        "error is bias."
    ),
)
