"""The corrected exponent of the ridge is (min(b, 1) − a)·ℓ_crit: generators with more than T samples gain nothing."""

from sympy import Gt, Le, Min, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    dimension_exponent,
    generation_samples_exponent,
    generations_exponent,
    noise_exponent,
    ridge_exponent,
    source,
)
from symcollapse.reasoning import Algebra, Derivation, Optimise, Published, Step, Substitute

from .power_laws import CAPACITIES, SOURCES
from .synthetic_labels_slow_the_scaling_law import RATE

_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_C = 2 * capacity * _R / (2 * capacity * _R + 1)
_SHARE = Min(1, generation_samples_exponent) - generations_exponent
_LEVEL = ridge_exponent / capacity
# Without downstream noise its term is not there.
_NOISELESS = Min(*(term for term in RATE.args if not term.has(noise_exponent)))
_PRINTED = generation_samples_exponent - generations_exponent
_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    ridge_exponent: Range(0, Rational(5, 4), grain=12),
    generations_exponent: Range(0, Rational(1, 2), grain=12),
    generation_samples_exponent: Range(Rational(7, 12), 3, grain=12),
}
_LARGEST = Optimise(ridge_exponent, high=capacity, largest=True)
_IN_EXPONENTS = Min(2 * _R * ridge_exponent, _SHARE - _LEVEL)

DERIVATION = Derivation(
    title="Corrected exponent of the ridge",
    claim=cite("dohmatob2024", "Corollary 5.2"),
    subject=r"-\log_T\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=_NOISELESS,
    steps=(
        Step(
            _IN_EXPONENTS,
            Substitute(
                ((dimension_exponent, generation_samples_exponent),), "d/T₀ fixed, no noise"
            ),
        ),
        Step(
            _SHARE * _C,
            Optimise(ridge_exponent, high=capacity, largest=True, best=_SHARE * _CRITICAL),
        ),
    ),
    domain=Domain(_RANGES),
    published=(
        Published(
            Min(_PRINTED * _CRITICAL, capacity),
            _LARGEST,
            Domain(_RANGES, (Le(generation_samples_exponent, 1),)),
            "ℓ⋆ = min((b − a)·ℓ_crit, β) for b ≤ 1",
            _IN_EXPONENTS,
        ),
        Published(
            Min(_PRINTED * _CRITICAL, capacity),
            _LARGEST,
            Domain(_RANGES, (Gt(generation_samples_exponent, 1),)),
            "ℓ⋆ = min((b − a)·ℓ_crit, β) for b > 1",
            _IN_EXPONENTS,
        ),
        Published(
            _PRINTED * _C,
            Algebra(),
            Domain(_RANGES, (Gt(generation_samples_exponent, 1),)),
            "the error T^-(b − a)c for b > 1",
            _SHARE * _C,
        ),
    ),
    notes=(
        "λ = T^-ℓ, σ = 0, T₀ = T^b, nσ₀² = T^a, d/T₀ fixed in (0, 1); the exponent is that of derivations/"
        "synthetic_labels_slow_the_scaling_law. d grows with T₀, so that beyond b = 1 the added error keeps the rate of "
        "T₀ ~ T."
    ),
)
