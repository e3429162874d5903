"""Near the best ridge, labels of T₀ > d least squares act like label noise σ² + nσ₀²(T + d)/(T₀ − d)."""

from sympy import Min, Ne, Piecewise, Rational, oo, pi, sin, zeta

from symcollapse.language.domains import Domain, Range
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
from symcollapse.reasoning import Derivation, Leading, Step, Towards

from .power_laws import CAPACITIES, SOURCES, apart
from .synthetic_labels_slow_the_scaling_law import TOTAL

R = Min(source, 1)
"""The source, saturated."""
BIAS_CONSTANT = Piecewise(
    ((1 - 2 * source) * pi / (capacity * sin(2 * pi * source)), source < 1),
    (zeta(1 + 2 * capacity * (source - 1)), True),
)
"""B of the bias B·κ^(2 min(r, 1))."""
NOISE_CONSTANT = (1 - 1 / capacity) * pi / capacity / sin(pi / capacity)
"""C of df₂ = C·κ^(-1/β)."""
EFFECTIVE_NOISE = noise**2 + generations * generation_noise**2 * (samples + dimension) / (
    generation_samples - dimension
)
"""σ² + nσ₀²(T + d)/(T₀ − d)."""
SIZES = (
    (dimension, 2 * samples**dimension_exponent),
    (generation_samples, 5 * samples**dimension_exponent),
)
"""d = 2T^q, T₀ = 5T^q."""
RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    noise: Range(Rational(1, 4), 2),
    generation_noise: Range(Rational(1, 4), 2),
    generations: Range(1, 9, whole=True),
    ridge_exponent: Range(Rational(1, 4), 1, grain=12),
    dimension_exponent: Range(Rational(3, 4), 2, grain=12),
}
"""Where the exponents and noises are drawn."""
GENERIC = (
    Ne(source, Rational(1, 2)),
    apart(source, 1),
    Ne(source, Rational(3, 2)),
)
"""Sources at which no poles meet."""
_LEVEL = ridge_exponent / capacity

DERIVATION = Derivation(
    title="Effective noise of synthetic labels",
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(
        Step(
            BIAS_CONSTANT * ridge ** (2 * R)
            + EFFECTIVE_NOISE * NOISE_CONSTANT * ridge ** (-1 / capacity) / samples,
            Leading(Towards(samples, oo, ((ridge, samples**-ridge_exponent), *SIZES))),
        ),
    ),
    domain=Domain(
        RANGES,
        (
            *GENERIC,
            Rational(9, 10) > _LEVEL,
            dimension_exponent - Rational(1, 4) > _LEVEL,
        ),
    ),
    notes=(
        "s_j = j^-β, c_j² = j^-(1 + β(2r − 1)), T^-β ≪ λ ≪ 1, d^-β ≪ λ, T₀/d > 1 fixed, r ≠ 1. To leading order T, d "
        "and T₀ enter the synthetic error by (T + d)/(T₀ − d) alone. At r = 1/2 the first constant is 1/β. In no paper "
        "we know."
    ),
)
