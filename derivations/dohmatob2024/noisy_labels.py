"""Appendix G: rates with noise on real labels besides."""

from sympy import And, Eq, Ge, Gt, Integer, Le, Lt, Max, Min, Piecewise, Rational, log

from symcollapse.language.domains import Domain
from symcollapse.language.symbols import (
    capacity,
    generation_samples_exponent,
    generations_exponent,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import (
    BestRidge,
    Counterexample,
    Exponent,
    OrderHoldsWhere,
    Ridges,
    Statement,
)

from ..synthetic_labels_slow_the_scaling_law import TOTAL
from .exponents import (
    AT_CRITICAL_RIDGE,
    AT_RIDGE,
    CRITICAL,
    FEWER,
    HARD,
    LEVEL,
    RANGES,
    RIDGES,
    SATURATED,
    SIZES,
    on_course,
)
from .printed import ERROR, claim

_A, _B = generations_exponent, generation_samples_exponent
_SHARE = FEWER - _A
_SCOPE = Domain({**RANGES, **RIDGES, **SIZES})
_SIZES = Domain({**RANGES, **SIZES})
_SMALL = Domain({**RANGES, **RIDGES, **SIZES}, (Le(ridge_exponent, CRITICAL),))
_LARGE = Domain({**RANGES, **RIDGES, **SIZES}, (Ge(ridge_exponent, CRITICAL),))
_VANISHES = OrderHoldsWhere(only=True, towards=AT_RIDGE)
_RATE = Exponent(AT_RIDGE)
_AT_CRITICAL = Exponent(AT_CRITICAL_RIDGE)
_BEST_SMALL = BestRidge(AT_RIDGE, Ridges(ridge_exponent, Integer(0), CRITICAL))
_BEST_LARGE = BestRidge(AT_RIDGE, Ridges(ridge_exponent, CRITICAL))

_BIAS = samples ** (-2 * ridge_exponent * SATURATED)
_BIAS_AT_ONE = Piecewise((1 + log(samples**ridge_exponent), Eq(source, 1)), (1, True))
_GAMMA = Min(1, _B - _A)
_NOISE = samples ** -(Min(1, _SHARE) - Min(LEVEL, _B, 1))
_CRITICAL_NOISE = samples ** -(Min(1, _SHARE) - Min(CRITICAL / capacity, _B))
_BIAS_AT_CRITICAL = samples ** (-2 * CRITICAL)
_PRINTED_SMALL = _BIAS + samples ** -(_B - _A - LEVEL)
_PRINTED_LARGE = samples ** -(_GAMMA - LEVEL)

_BEYOND = {**HARD, ridge_exponent: Integer(1), _A: Integer(0), _B: Integer(1)}
"""A smaller ridge than T^-ℓ⋆."""
_MANY = {**HARD, _A: Rational(2, 3), _B: Rational(4, 3)}
"""More samples of the generators than T."""
_MANY_BELOW = {**_MANY, ridge_exponent: Rational(1, 3)}
_MANY_ABOVE = {**_MANY, ridge_exponent: Integer(1)}

CLAIMS = (
    claim(
        "noisy-consistency",
        (Statement(TOTAL, _VANISHES, Le(ridge_exponent, (_B - _A) * CRITICAL), _SCOPE, "E → 0"),),
        names=ERROR,
        repaired=(
            Statement(
                TOTAL,
                _VANISHES,
                And(Gt(ridge_exponent, 0), Lt(ridge_exponent, capacity * _SHARE)),
                _SCOPE,
                "E → 0",
            ),
        ),
        controls=(
            Statement(
                TOTAL,
                OrderHoldsWhere(towards=AT_RIDGE),
                Lt(ridge_exponent, capacity * _SHARE),
                _SCOPE,
                "exactly where, with ℓ = 0",
            ),
            Statement(
                TOTAL, _VANISHES, Le(ridge_exponent, _SHARE * CRITICAL), _SCOPE, "min(b, 1) for b"
            ),
        ),
        derivations=("consistency_needs_a_ridge_above_a_power_of_t",),
        counterexample=Counterexample(
            "noisy-consistency.toml",
            "E → 0",
            raised=samples,
            implied=Integer(1),
            derived=on_course(TOTAL, AT_RIDGE, _BEYOND),
        ),
        reading="ℓ⋆ is (b − a)·ℓ_crit, as the text before says.",
        remark=(
            "The corrected condition is sufficient too. Between ℓ⋆ and its upper end the error vanishes, more slowly."
        ),
    ),
    claim(
        "noisy-small-l",
        (
            Statement(TOTAL, _RATE, _PRINTED_SMALL, _SMALL, "the rate"),
            Statement(
                TOTAL,
                _BEST_SMALL,
                Min((_B - _A) * CRITICAL, CRITICAL),
                _SIZES,
                "the best ℓ up to ℓ_crit",
            ),
        ),
        names=ERROR,
        repaired=(
            Statement(
                TOTAL,
                _RATE,
                _BIAS * _BIAS_AT_ONE + samples ** -(_SHARE - Min(LEVEL, _B)),
                _SMALL,
                "the rate",
            ),
            Statement(
                TOTAL,
                _BEST_SMALL,
                Max(0, _SHARE) * CRITICAL,
                _SIZES,
                "the best ℓ up to ℓ_crit",
            ),
        ),
        controls=(
            Statement(
                TOTAL,
                _RATE,
                _BIAS * _BIAS_AT_ONE + samples ** -(_SHARE - LEVEL),
                _SMALL,
                "without d below T^(ℓ/β)",
            ),
            Statement(TOTAL, _BEST_SMALL, CRITICAL, _SIZES, "ℓ_crit for every a"),
        ),
        derivations=("noisy_labels_and_synthetic_labels_share_a_rate",),
        counterexample=Counterexample(
            "noisy-small-l.toml",
            "the rate",
            raised=samples,
            implied=on_course(_PRINTED_SMALL, AT_RIDGE, _MANY_BELOW),
            derived=on_course(TOTAL, AT_RIDGE, _MANY_BELOW),
        ),
        remark=(
            "b − a is right where d is less than T, also for b > 1; it falls where φ_0 is fixed, as d then grows with "
            "T_0. Besides it falls at r = 1, and where T^(ℓ/β) exceeds d."
        ),
    ),
    claim(
        "noisy-large-l",
        (
            Statement(TOTAL, _RATE, _PRINTED_LARGE, _LARGE, "the rate"),
            Statement(TOTAL, _BEST_LARGE, CRITICAL, _SIZES, "the best ℓ from ℓ_crit on"),
            Statement(
                TOTAL,
                _AT_CRITICAL,
                samples ** -(_GAMMA - CRITICAL / capacity),
                _SIZES,
                "the rate at ℓ_crit",
            ),
        ),
        names=ERROR,
        repaired=(
            Statement(
                TOTAL,
                _RATE,
                _NOISE
                + Piecewise(
                    (samples ** (-2 * ridge_exponent) * log(samples), Eq(source, 1)), (0, True)
                ),
                _LARGE,
                "the rate",
            ),
            Statement(
                TOTAL,
                _AT_CRITICAL,
                _CRITICAL_NOISE
                + Piecewise((_BIAS_AT_CRITICAL * log(samples), Eq(source, 1)), (0, True)),
                _SIZES,
                "the rate at ℓ_crit",
            ),
        ),
        controls=(
            Statement(
                TOTAL, _RATE, samples ** -(Min(1, _SHARE) - LEVEL), _LARGE, "no upper end of ℓ"
            ),
            Statement(TOTAL, _BEST_LARGE, capacity, _SIZES, "β for ℓ_crit"),
        ),
        derivations=("noisy_labels_and_synthetic_labels_share_a_rate",),
        counterexample=Counterexample(
            "noisy-large-l.toml",
            "the rate",
            raised=samples,
            implied=on_course(_PRINTED_LARGE, AT_RIDGE, _MANY_ABOVE),
            derived=on_course(TOTAL, AT_RIDGE, _MANY_ABOVE),
        ),
        reading="φ_0 is fixed, and d/T does not tend to 1: at d = T the variance grows like T^((ℓ − β)/2) for ℓ > β.",
        remark=(
            "Beyond ℓ/β = min(b, 1) a smaller ridge changes nothing: df₂ stops at the smaller of T and d. At r = 1, "
            "ℓ = ℓ_crit, a = 0 and b ≥ 1 the bias is as large, with a logarithm."
        ),
    ),
)
