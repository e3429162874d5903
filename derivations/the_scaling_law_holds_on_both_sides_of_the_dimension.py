"""One formula for the rate with synthetic labels, everywhere: T^(ℓ/β) counts up to d only, and r = 1 has a logarithm."""

from sympy import Eq, Le, Lt, Max, Min, Piecewise, Rational, log

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
from symcollapse.reasoning import Derivation, Exponent, Published, Step

from .power_laws import CAPACITIES, SOURCES
from .synthetic_labels_slow_the_scaling_law import LARGE, TOTAL

_LEVEL = ridge_exponent / capacity
_SATURATED = Min(source, 1)
_REACHED = Min(samples**_LEVEL, dimension)
_BIAS = ridge**2 * _REACHED ** (2 * capacity * (1 - _SATURATED))
_SHARE = 1 - dimension / generation_samples
_ADDED = generations * generation_noise**2 * Max(samples, dimension) / (_SHARE * generation_samples)


_LOGARITHM = Piecewise((1 + log(_REACHED), Eq(source, 1)), (1, True))
_NOISES = (noise**2 + _ADDED) / samples

DERIVATION = Derivation(
    title="Scaling law with synthetic labels, on both sides of the dimension",
    claim=cite("dohmatob2024", "Theorem 5.1"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(Step(_BIAS * _LOGARITHM + _NOISES * _REACHED, Exponent(LARGE)),),
    domain=Domain(
        {
            capacity: CAPACITIES,
            source: SOURCES,
            ridge_exponent: Range(0, Rational(5, 2), grain=12),
            noise_exponent: Range(0, 2, grain=12),
            generations_exponent: Range(0, 1, grain=12),
            generation_samples_exponent: Range(Rational(1, 12), 2, grain=12),
            dimension_exponent: Range(Rational(1, 12), 2, grain=12),
        },
        (Lt(ridge_exponent, capacity), Le(dimension_exponent, generation_samples_exponent)),
    ),
    published=(
        Published(
            _BIAS * _LOGARITHM + _NOISES * samples**_LEVEL,
            Exponent(LARGE),
            place="T^(ℓ/β) in place of min(T^(ℓ/β), d), as in Theorem 5.1",
        ),
        Published(
            _BIAS + _NOISES * _REACHED,
            Exponent(LARGE),
            place="without the logarithm at r = 1",
        ),
    ),
    notes=(
        "λ = T^-ℓ, σ² = T^-ν, nσ₀² = T^a, d = T^q, T₀ = 2T^b ≥ 2d, ℓ < β. D = min(T^(ℓ/β), d) eigenvalues exceed the "
        "ridge: the noises see D directions, and the bias is that of D terms, λ²·D^(2β(1 − min(r, 1)))."
    ),
)
