"""What T₀ > d least-squares generators add is of the order min(T^(ℓ/β), d)·max(1/T₀, φ₀/T)/(1 − φ₀), for every ℓ < β."""

from sympy import Le, Lt, Max, Min, Rational

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
    noise_exponent,
    ridge_exponent,
    samples,
)
from symcollapse.reasoning import Derivation, Exponent, Published, Step

from .power_laws import CAPACITIES
from .synthetic_labels_slow_the_scaling_law import LARGE, SYNTHETIC

_LEVEL = ridge_exponent / capacity
_ASPECT = dimension / generation_samples
_REACHED = Min(samples**_LEVEL, dimension)
_NOISE = generations * generation_noise**2 / (1 - _ASPECT)
_RANGES = {
    capacity: CAPACITIES,
    ridge_exponent: Range(0, Rational(5, 2), grain=12),
    noise_exponent: Range(0, 2, grain=12),
    generations_exponent: Range(0, 1, grain=12),
    generation_samples_exponent: Range(Rational(1, 12), 2, grain=12),
    dimension_exponent: Range(Rational(1, 12), 2, grain=12),
}
_PRINTED = _NOISE * Max(samples / generation_samples, _ASPECT) * samples ** -(1 - _LEVEL)

DERIVATION = Derivation(
    title="Rate of the synthetic error in one formula",
    claim=cite("dohmatob2024", "appendix H.1"),
    subject=r"n\sigma_0^2\rho",
    start=SYNTHETIC,
    steps=(
        Step(_NOISE * _REACHED * Max(1 / generation_samples, _ASPECT / samples), Exponent(LARGE)),
    ),
    domain=Domain(
        _RANGES,
        (Lt(ridge_exponent, capacity), Le(dimension_exponent, generation_samples_exponent)),
    ),
    published=(
        Published(
            _PRINTED,
            Exponent(LARGE),
            place="as printed, for every ℓ < β",
        ),
        Published(
            _PRINTED,
            Exponent(LARGE),
            Domain(
                _RANGES,
                (
                    Lt(ridge_exponent, capacity),
                    Le(dimension_exponent, generation_samples_exponent),
                    Le(_LEVEL, dimension_exponent),
                ),
            ),
            "as printed, where T^(ℓ/β) is at most d",
        ),
    ),
    notes="nσ₀² = T^a, T₀ = 2T^b, d = T^q ≤ T₀/2, λ = T^-ℓ; edges such as ℓ/β = q among the points tried.",
)
