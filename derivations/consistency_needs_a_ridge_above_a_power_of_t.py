"""The error goes to 0 for every 0 < ℓ < β·min(1, min(b, 1) − a), not only up to the best ℓ."""

from sympy import Integer, Min, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    generation_samples_exponent,
    generations,
    generations_exponent,
    ridge_exponent,
    source,
)
from symcollapse.reasoning import Derivation, Published, Rate, Solve, Step

from .noisy_labels_and_synthetic_labels_share_a_rate import LARGE
from .power_laws import CAPACITIES, SOURCES
from .synthetic_labels_slow_the_scaling_law import TOTAL

_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_SHARE = Min(1, generation_samples_exponent) - generations_exponent
_PRINTED = (generation_samples_exponent - generations_exponent) * _CRITICAL
_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    generations_exponent: Range(0, Rational(1, 2), grain=12),
    generation_samples_exponent: Range(Rational(7, 12), 2, grain=12),
}

DERIVATION = Derivation(
    title="Exponents of the ridge under which the error vanishes",
    claim=cite("dohmatob2024", "appendix G, first paragraph"),
    subject=r"-\log_T\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=Min(1, _SHARE) - ridge_exponent / capacity,
    steps=(Step(capacity * Min(1, _SHARE), Solve(ridge_exponent)),),
    domain=Domain(_RANGES),
    published=(
        Published(
            _PRINTED, Solve(ridge_exponent), place="the end ℓ⋆ = (b − a)·ℓ_crit of consistency"
        ),
        Published(
            Integer(1),
            Rate(LARGE),
            Domain(
                {
                    **_RANGES,
                    ridge_exponent: Range(Rational(1, 4), 2, grain=12),
                    generations: Range(1, 9, whole=True),
                },
                (
                    ridge_exponent > _PRINTED + Rational(1, 12),
                    ridge_exponent / capacity < Min(1, _SHARE) - Rational(1, 8),
                ),
            ),
            "no vanishing error between ℓ⋆ and the end derived here",
            TOTAL,
        ),
    ),
    notes=(
        "The start is the exponent of derivations/noisy_labels_and_synthetic_labels_share_a_rate for ℓ above the best, "
        "where noise decides; it is 0 at the largest ℓ with a vanishing error. Between ℓ⋆ and there the error vanishes, "
        "more slowly."
    ),
)
