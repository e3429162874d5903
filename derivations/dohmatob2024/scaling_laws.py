"""Section 5: rates over power laws, of real labels and of synthetic ones."""

from sympy import Eq, Integer, Le, Lt, Max, Min, Piecewise, Rational, log, oo

from symcollapse.language.domains import Domain
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    eigenvalue,
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
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning import BestRidge, Counterexample, Exponent, Ridges, Statement, Towards
from symcollapse.theory import test_error

from ..power_laws import TARGET, over_power_law
from ..settings import CLEAN_RIDGE, LEAST_SQUARES_CHAIN
from ..synthetic_labels_slow_the_scaling_law import LARGE, TOTAL
from .best_ridges import CLAIMS as OF_BEST_RIDGES
from .exponents import (
    ASPECT,
    CLASSICAL,
    CRITICAL,
    DIMENSIONS,
    HARD,
    LEVEL,
    LOGARITHM,
    NOISES,
    RANGES,
    RIDGES,
    SATURATED,
    SIZES,
    on_course,
)
from .printed import ERROR, LABELLED_ERROR, claim

_LEAST_SQUARES = test_error(LEAST_SQUARES_CHAIN).exact
assert _LEAST_SQUARES is not None
_LAST_ERROR = unfold(_LEAST_SQUARES.total)
_FIXED_DIMENSION = Towards(
    samples,
    oo,
    (
        (noise, samples ** (-noise_exponent / 2)),
        (generation_noise, samples ** (generations_exponent / 2)),
        (generation_samples, samples**generation_samples_exponent),
    ),
)

_NORM = QuadraticForm(eigenvalue ** (1 - 2 * source), PowerLawSpectrum(dimension, capacity), TARGET)
_GROWING = Exponent(Towards(dimension, oo), bound="above")

_CLEAN = over_power_law(test_error(CLEAN_RIDGE).total)
_NOISY = Exponent(Towards(samples, oo, ((ridge, samples**-CRITICAL),)))
_ANY = Ridges(ridge_exponent)
_TUNED = Towards(samples, oo, ((ridge, samples**-ridge_exponent),))
_NOISELESS = Towards(samples, oo, (*_TUNED.following, (noise, Integer(0))))
_CLEAN_SCOPE = Domain(RANGES)

_SYNTHETIC_SCOPE = Domain(
    {**RANGES, **RIDGES, **SIZES, **DIMENSIONS, **NOISES},
    (Lt(ridge_exponent, capacity), Le(dimension_exponent, generation_samples_exponent)),
)
_ADDED = (
    generations * generation_noise**2 / (1 - ASPECT) * Max(samples / generation_samples, ASPECT)
)
_REACHED = Min(samples**LEVEL, dimension)
_PRINTED_LAW = (
    Max(noise**2, samples ** (1 - 2 * SATURATED * ridge_exponent - LEVEL)) + _ADDED
) * samples ** -(1 - LEVEL)
_BIAS = ridge**2 * _REACHED ** (2 * capacity * (1 - SATURATED))
_LAW = (
    _BIAS * Piecewise((1 + log(_REACHED), Eq(source, 1)), (1, True))
    + (noise**2 + _ADDED) * _REACHED / samples
)
_CLOSE = Exponent(
    Towards(
        samples,
        oo,
        (*LARGE.following[:-1], (generation_samples, samples**dimension_exponent + 2)),
    )
)
"""T_0 = d + 2."""
_CLOSE_SCOPE = Domain(
    {
        **RANGES,
        **RIDGES,
        generations_exponent: SIZES[generations_exponent],
        **DIMENSIONS,
        **NOISES,
    },
    (Lt(ridge_exponent, capacity),),
)
_SMALL_DIMENSION = {
    **HARD,
    ridge_exponent: Integer(1),
    generations_exponent: Rational(1, 3),
    generation_samples_exponent: Rational(1, 6),
    dimension_exponent: Rational(1, 6),
    noise_exponent: Integer(0),
}
"""T^(ℓ/β) = T^(1/2) ≫ d = T^(1/6)."""

CLAIMS = (
    claim(
        "fixed-d-plateau",
        (
            Statement(
                _LAST_ERROR,
                Exponent(_FIXED_DIMENSION),
                noise**2 / samples + generations * generation_noise**2 / generation_samples,
                Domain({**SIZES, **NOISES}),
                "d fixed",
            ),
        ),
        names=ERROR,
        controls=(
            Statement(
                _LAST_ERROR,
                Exponent(_FIXED_DIMENSION),
                noise**2 / samples + generations * generation_noise**2 / generation_samples**2,
                Domain({**SIZES, **NOISES}),
                "T_0^-2 for T_0^-1",
            ),
        ),
        derivations=("least_squares_adds_a_variance_per_generation",),
    ),
    claim(
        "source-condition",
        (Statement(_NORM, _GROWING, Integer(1), Domain(RANGES), "squared norm"),),
        names=r"\|\Sigma^{1/2-r}w_0\|^2",
        repaired=(Statement(_NORM, _GROWING, log(dimension), Domain(RANGES), "squared norm"),),
        controls=(
            Statement(
                _NORM, _GROWING, log(dimension) ** (CRITICAL / capacity), Domain(RANGES), "a root"
            ),
        ),
        counterexample=Counterexample(
            "source-condition.toml",
            raised=dimension,
            implied=Integer(1),
            derived=_NORM.xreplace({capacity: Integer(2), source: Integer(1)}),
        ),
        derivations=("the_norm_of_the_source_condition_grows_like_a_logarithm",),
        reading="O(1) is stated as d → ∞ and tried for the squared norm, which is H_d exactly.",
        remark="The norm is bounded for every smaller source r' < r.",
    ),
    claim(
        "clean-rates",
        (
            Statement(_CLEAN, BestRidge(_TUNED, _ANY), CRITICAL, _CLEAN_SCOPE, "the best ℓ, σ > 0"),
            Statement(_CLEAN, _NOISY, samples**-CLASSICAL, _CLEAN_SCOPE, "σ > 0, ℓ = ℓ_crit"),
            Statement(
                _CLEAN,
                Exponent(_NOISELESS, _ANY),
                samples ** (-2 * capacity * SATURATED),
                _CLEAN_SCOPE,
                "σ = 0, the best ℓ",
            ),
        ),
        names=ERROR,
        repaired=(
            Statement(
                _CLEAN,
                _NOISY,
                samples**-CLASSICAL * LOGARITHM,
                _CLEAN_SCOPE,
                "σ > 0, ℓ = ℓ_crit",
            ),
            Statement(
                _CLEAN,
                Exponent(_NOISELESS, _ANY),
                samples ** (-2 * capacity * SATURATED) * LOGARITHM,
                _CLEAN_SCOPE,
                "σ = 0, the best ℓ",
            ),
        ),
        controls=(
            Statement(
                _CLEAN,
                Exponent(Towards(samples, oo, (*_NOISY.towards.following, (noise, Integer(0))))),
                samples ** (-2 * capacity * SATURATED),
                _CLEAN_SCOPE,
                "σ = 0, but ℓ = ℓ_crit",
            ),
            Statement(
                _CLEAN,
                _NOISY,
                samples ** (-2 * capacity * source / (2 * capacity * source + 1)),
                _CLEAN_SCOPE,
                "r for min(r, 1)",
            ),
        ),
        derivations=(
            "clean_rates_have_four_regimes",
            "scaling_law_at_source_one_has_a_logarithm",
        ),
        counterexample=Counterexample(
            "clean-rates.toml",
            "σ > 0, ℓ = ℓ_crit",
            raised=samples,
            implied=samples ** -Rational(4, 5),
            derived=on_course(_CLEAN, _NOISY.towards, {capacity: Integer(2), source: Integer(1)}),
        ),
        reading="The noiseless rate is read at the best ridge, which is ℓ ≥ β: at ℓ = ℓ_crit it is T^-(2 ℓ_crit r̲).",
        remark=(
            "The slip is at r = 1 only, where the bias has a factor ln T. With σ > 0 the best ridge, beside T^-ℓ_crit by "
            "a power of ln T, leaves (ln T)^(1/(2β + 1))."
        ),
    ),
    claim(
        "thm-5.1",
        (
            Statement(TOTAL, Exponent(LARGE), _PRINTED_LAW, _SYNTHETIC_SCOPE, "the scaling law"),
            Statement(TOTAL, _CLOSE, _PRINTED_LAW, _CLOSE_SCOPE, "T_0 = d + 2"),
        ),
        names=LABELLED_ERROR,
        repaired=(
            Statement(TOTAL, Exponent(LARGE), _LAW, _SYNTHETIC_SCOPE, "the scaling law"),
            Statement(TOTAL, _CLOSE, _LAW, _CLOSE_SCOPE, "T_0 = d + 2"),
        ),
        controls=(
            Statement(
                TOTAL,
                Exponent(LARGE),
                _LAW.xreplace({Max(samples / generation_samples, ASPECT): ASPECT}),
                _SYNTHETIC_SCOPE,
                "without T/T_0",
            ),
            Statement(
                TOTAL,
                Exponent(LARGE),
                _LAW.xreplace({_REACHED: samples**LEVEL}),
                _SYNTHETIC_SCOPE,
                "without d, at r = 1 with its logarithm",
            ),
        ),
        derivations=(
            "synthetic_labels_slow_the_scaling_law",
            "the_scaling_law_holds_on_both_sides_of_the_dimension",
        ),
        counterexample=Counterexample(
            "thm-5.1.toml",
            "the scaling law",
            raised=samples,
            implied=on_course(_PRINTED_LAW, LARGE, _SMALL_DIMENSION),
            derived=on_course(TOTAL, LARGE, _SMALL_DIMENSION),
        ),
        remark=(
            "Printed and true rates agree where T^(ℓ/β) is less than d and r is not 1. Beyond, the ridge lies below the "
            "smallest eigenvalue: df₂ stops at d, and the bias is λ²d^(2β(1 − r)) for r < 1."
        ),
    ),
    *OF_BEST_RIDGES,
)
