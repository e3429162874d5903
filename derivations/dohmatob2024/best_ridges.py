"""Corollary 5.2 and equation (29): the corrected exponent of the ridge, and what the classical one leaves."""

from sympy import And, Eq, Ge, Gt, Integer, Le, Lt, Max, Min, Piecewise, Rational, log, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.symbols import (
    capacity,
    dimension,
    generation_samples,
    generation_samples_exponent,
    generations,
    generations_exponent,
    noise,
    real_symbol,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import (
    Algebra,
    BestRidge,
    Counterexample,
    Exponent,
    OrderHoldsWhere,
    Ridges,
    Statement,
    Towards,
)

from ..synthetic_labels_slow_the_scaling_law import TOTAL
from .exponents import (
    AT_CRITICAL_RIDGE,
    AT_RIDGE,
    CLASSICAL,
    CRITICAL,
    FEWER,
    HARD,
    RANGES,
    SIZES,
    on_course,
)
from .printed import ERROR, claim

_A, _B = generations_exponent, generation_samples_exponent
_SCOPE = Domain({**RANGES, **SIZES})
_PRINTED_BEST = Min((_B - _A) * CRITICAL, capacity)
_STATED = Domain({**RANGES, **SIZES}, (Le(_A, 1 - Max(0, _PRINTED_BEST) / capacity),))
"""0 ≤ a ≤ 1 − ℓ/β, at the printed ℓ⋆."""
_ANY = Ridges(ridge_exponent)
_NOISELESS = Towards(samples, oo, ((noise, Integer(0)), *AT_RIDGE.following))
_CRITICAL = Towards(samples, oo, ((noise, Integer(0)), *AT_CRITICAL_RIDGE.following))
_SHARE = FEWER - _A
_RATE = samples ** -Min(_SHARE, _SHARE * CLASSICAL) * Piecewise(
    (log(samples) ** (1 / (2 * capacity + 1)), And(Eq(source, 1), Gt(_SHARE, 0))), (1, True)
)

_GROWTH = real_symbol("x")
_GROWING = Towards(
    samples,
    oo,
    (
        (noise, Integer(0)),
        (ridge, samples**-ridge_exponent),
        (generations, samples**_GROWTH),
        (dimension, 2 * samples**_B),
        (generation_samples, 4 * samples**_B),
    ),
)
_CONCLUDED = OrderHoldsWhere(towards=_GROWING, order=_RATE, over=_ANY)
_GROWING_SCOPE = Domain({**RANGES, **SIZES, _GROWTH: Range(0, 1, grain=12)})

_DIVERGES = OrderHoldsWhere(towards=_CRITICAL, order=oo)
_BOUND = Exponent(_CRITICAL, bound="below")
_PRINTED_BOUND = samples ** -(_B - CRITICAL / capacity - _A)
_PRINTED = samples ** (-(_B - _A) * CLASSICAL)

_MANY = {
    **HARD,
    ridge_exponent: Rational(4, 9),
    _A: Rational(1, 3),
    _B: Rational(4, 3),
}
"""More samples of the generators than T, at the best ridge."""
_EQUAL = {
    **HARD,
    ridge_exponent: Integer(0),
    _A: Rational(1, 3),
    _B: Rational(2, 3),
    _GROWTH: Rational(2, 3),
}
"""As many generations as samples of a generator, at the best ridge."""
_FEW = {**HARD, _A: Rational(1, 3), _B: Rational(1, 6)}
"""Fewer dimensions than T^(ℓ/β)."""

CLAIMS = (
    claim(
        "cor-5.2",
        (
            Statement(
                TOTAL,
                BestRidge(_NOISELESS, _ANY),
                _PRINTED_BEST,
                _STATED,
                "ℓ⋆",
            ),
            Statement(
                TOTAL,
                Exponent(_NOISELESS, _ANY),
                _PRINTED,
                _STATED,
                "the error at the best ℓ",
            ),
        ),
        names=ERROR,
        repaired=(
            Statement(TOTAL, BestRidge(_NOISELESS, _ANY), Max(_SHARE, 0) * CRITICAL, _STATED, "ℓ⋆"),
            Statement(TOTAL, Exponent(_NOISELESS, _ANY), _RATE, _STATED, "the error at the best ℓ"),
        ),
        controls=(
            Statement(TOTAL, BestRidge(_NOISELESS, _ANY), CRITICAL, _STATED, "ℓ_crit for ℓ⋆"),
            Statement(
                TOTAL,
                Exponent(_NOISELESS, _ANY),
                _RATE.xreplace({FEWER: _B}),
                _STATED,
                "b for min(b, 1), with the logarithm",
            ),
        ),
        derivations=("best_ridge_on_synthetic_labels_saturates",),
        counterexample=Counterexample(
            "cor-5.2.toml",
            "the error at the best ℓ",
            raised=samples,
            implied=on_course(_PRINTED, _NOISELESS, _MANY),
            derived=on_course(TOTAL, _NOISELESS, _MANY),
        ),
        reading=(
            "ℓ ≥ 0, and a ≤ 1 − ℓ/β at the printed ℓ⋆. At r = 1 the smallest order is taken over all ridges, also over "
            "those a power of ln T beside T^-ℓ."
        ),
        remark=(
            "For b ≤ 1, a ≤ b and r ≠ 1 it holds as printed. d grows with T_0, so that samples of the generators beyond "
            "T gain nothing: read min(b, 1) for b. For a > min(b, 1) the best ridge among λ = T^-ℓ is ℓ = 0. The cut at "
            "β is never active."
        ),
    ),
    claim(
        "cor-5.2-index",
        (Statement(TOTAL, _CONCLUDED, Eq(_GROWTH, _B), _GROWING_SCOPE, "n ≍ T^x, σ_0 fixed"),),
        names=ERROR,
        repaired=(
            Statement(TOTAL, _CONCLUDED, Eq(_GROWTH, _A), _GROWING_SCOPE, "n ≍ T^x, σ_0 fixed"),
        ),
        controls=(
            Statement(
                TOTAL, _CONCLUDED, Eq(_GROWTH, _A + _B - 1), _GROWING_SCOPE, "a + b − 1 for a"
            ),
        ),
        derivations=("best_ridge_on_synthetic_labels_saturates",),
        counterexample=Counterexample(
            "cor-5.2-index.toml",
            raised=samples,
            implied=on_course(_PRINTED, _GROWING, _EQUAL),
            derived=on_course(TOTAL, _GROWING, _EQUAL),
        ),
        reading=(
            "With n ≍ T^x the question is for which x the conclusion, corrected as in cor-5.2, follows: printed is x = b."
        ),
        remark="The letter a of the conclusion is fixed by no premise as printed.",
    ),
    claim(
        "catastrophe",
        (
            Statement(
                TOTAL,
                _BOUND,
                _PRINTED_BOUND,
                _SCOPE,
                "the lower bound",
            ),
            Statement(
                _B - CRITICAL / capacity - _A,
                Algebra(),
                CLASSICAL + _B - _A - 1,
                _SCOPE,
                "both exponents",
            ),
            Statement(TOTAL, _DIVERGES, Ge(_B, _A + 1 - CLASSICAL), _SCOPE, "divergence"),
        ),
        names={TOTAL: ERROR},
        repaired=(
            Statement(
                TOTAL,
                _BOUND,
                samples ** -(_SHARE - Min(CRITICAL / capacity, _B)),
                _SCOPE,
                "the lower bound",
            ),
            Statement(
                TOTAL,
                _DIVERGES,
                And(Gt(_A, 0), Lt(FEWER, _A + 1 - CLASSICAL)),
                _SCOPE,
                "divergence",
            ),
        ),
        controls=(
            Statement(
                TOTAL, _DIVERGES, Lt(FEWER, _A + 1 - CLASSICAL), _SCOPE, "divergence without a > 0"
            ),
            Statement(
                TOTAL,
                _BOUND,
                samples ** -(_SHARE - CRITICAL / capacity),
                _SCOPE,
                "the bound without b below ℓ_crit/β",
            ),
        ),
        derivations=(
            "classical_ridge_leaves_the_synthetic_error",
            "a_small_dimension_stops_the_divergence",
        ),
        counterexample=Counterexample(
            "catastrophe.toml",
            "the lower bound",
            raised=samples,
            implied=on_course(_PRINTED_BOUND, _CRITICAL, _FEW),
            derived=on_course(TOTAL, _CRITICAL, _FEW),
        ),
        reading=(
            '"Diverges if" is read as exactly if; the printed condition also fails as a sufficient one. φ_0 is fixed.'
        ),
        remark=(
            "The printed sign is the wrong way round. Below b = 1 − c the dimension is less than T^(ℓ/β), and the bound "
            "itself is false: the error is T^a, and at a = 0 nothing diverges."
        ),
    ),
)
