"""The opening and section 4.1: least squares throughout."""

from sympy import Ge, Integer, Le, Rational, Trace, oo, sqrt

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import Downstream, Problem
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, covariance
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    ridge,
    samples,
    scale,
    squared_norm,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning import (
    Algebra,
    Counterexample,
    ExactMean,
    HoldsWhere,
    Leading,
    Statement,
    Towards,
)
from symcollapse.theory import null_risk, test_error

from ..a_growing_budget_costs_a_constant_factor import (
    ERROR_OVER_FIRST,
    FACTOR,
    PRINTED,
    SCOPE,
)
from ..settings import CLEAN_RIDGE, ENOUGH_SAMPLES, LEAST_SQUARES_CHAIN, TOO_FEW_SAMPLES
from .printed import ERROR, LABELLED_ERROR, claim
from .ridge_errors import ENOUGH, TOO_FEW, equivalent
from .ridge_formulas import PHI, PHI0, RHO_ENOUGH, RHO_GENERAL

# The opening: the test error is the clean one, what the bias gains, and the noise of the generators.

_CLEAN, _ENOUGH, _TOO_FEW = (
    test_error(problem) for problem in (CLEAN_RIDGE, ENOUGH_SAMPLES, TOO_FEW_SAMPLES)
)


def _opening(power: int) -> tuple[Statement, ...]:
    """Equation (1) with σ₀ to a power, for generators with many samples, and with few."""
    per_generation = generations * generation_noise**power
    return (
        equivalent(_ENOUGH.total, _CLEAN.total + per_generation * RHO_ENOUGH, "T₀ ≥ d", ENOUGH),
        equivalent(
            _TOO_FEW.total,
            _CLEAN.total + (_TOO_FEW.bias - _CLEAN.bias) + per_generation * RHO_GENERAL,
            "T₀ < d, one design",
            TOO_FEW,
        ),
    )


# Theorem 4.1, whose proportional limit is that of the exact law.

MEANS_EXIST = Domain(conditions=(Ge(samples, dimension + 2), Ge(generation_samples, dimension + 2)))
"""T ≥ d + 2 and T₀ ≥ d + 2."""

_CHAIN = test_error(LEAST_SQUARES_CHAIN)
assert _CHAIN.exact is not None
_THEOREM = noise**2 * PHI / (1 - PHI) + generations * generation_noise**2 * PHI0 / (1 - PHI0)
_PROPORTIONAL = Leading(
    Towards(
        samples, oo, ((dimension, scale * samples), (generation_samples, samples * squared_norm))
    )
)
"""T → ∞ with d and T₀ in proportion to it."""
_RATIOS = Domain(
    {scale: Range(Rational(1, 6), Rational(5, 6), grain=12), squared_norm: Range(1, 9)}
)

# Its own law at finite size.

_CLEAN_FIT = Problem(
    LevelsSpectrum([2, 1], [2, 2]), LevelsTarget([1, 1]), (), Downstream(9, noise=1)
)
_CLEAN_LAW = test_error(_CLEAN_FIT).exact
assert _CLEAN_LAW is not None
_ENOUGH_ROWS = Domain(conditions=(Ge(samples, dimension + 2),))
_SIGMA = covariance("Sigma", dimension)
_DESIGN = gaussian_design("X", samples, _SIGMA)
_SPREAD = noise**2 * Trace(_SIGMA * (_DESIGN.T * _DESIGN).inverse())
"""E ‖X†E‖²_Σ over the noise: σ² tr Σ(XᵀX)⁻¹."""
_EXACT = noise**2 * dimension / (samples - dimension - 1)

# The growing budget.

_MANY_SAMPLES = Leading(Towards(generation_samples, oo))

# Beside the null predictor.

_SNR, _SNR0 = null_risk() / noise**2, null_risk() / generation_noise**2
_NULL_RATIO = PHI / (1 - PHI) / _SNR + generations / _SNR0 * PHI0 / (1 - PHI0)
_NOT_WORSE = Le(_CHAIN.total, null_risk())
_THRESHOLD = _SNR0 / (1 / PHI0 - 1)


def _at_most(count: object, place: str) -> Statement:
    """Where the null predictor does not win, there are at most so many generations."""
    return Statement(
        _NOT_WORSE, HoldsWhere(only=True), Le(generations, count), MEANS_EXIST, place, solved=True
    )


# The effective ridge of isotropic data.

_EXCESS = PHI - 1
_ISOTROPIC = IsotropicSpectrum(dimension)
_ROOT = (ridge + _EXCESS + sqrt((ridge + _EXCESS) ** 2 + 4 * ridge)) / 2

CLAIMS = (
    claim(
        "intro-decomposition",
        _opening(1),
        names=ERROR,
        repaired=_opening(2),
        controls=(
            equivalent(
                _ENOUGH.total, _CLEAN.total + generation_noise**2 * RHO_ENOUGH, "n dropped", ENOUGH
            ),
            equivalent(
                _TOO_FEW.total,
                _CLEAN.total + generations * generation_noise**2 * RHO_GENERAL,
                "ΔBias dropped",
                TOO_FEW,
            ),
        ),
        derivations=("generators_add_their_noise_to_the_clean_error",),
        counterexample=Counterexample(
            "intro-decomposition.toml",
            "T₀ ≥ d",
            implied=_opening(1)[0].formula,
        ),
        reading="= is ≃; ρ is that of eqs. (18) and (19), and ΔBias what the bias gains, which for T₀ < d is not the "
        "ΔBias of Theorem 4.3",
        remark="Theorem 4.3 has σ₀², as it must: labels t times as large make every error t² times as large.",
    ),
    claim(
        "thm-4.1",
        (
            Statement(_CHAIN.total, Algebra(), _THEOREM, MEANS_EXIST, "limit", solved=True),
            Statement(
                unfold(_CHAIN.exact.total), _PROPORTIONAL, _THEOREM, _RATIOS, "the exact law"
            ),
        ),
        names=LABELLED_ERROR,
        controls=(
            Statement(
                _CHAIN.total,
                Algebra(),
                _THEOREM.xreplace({generations: generations + 1}),
                MEANS_EXIST,
                "n + 1",
                solved=True,
            ),
            Statement(
                unfold(_CHAIN.exact.total),
                _PROPORTIONAL,
                _THEOREM * (1 - PHI),
                _RATIOS,
                "without 1 − φ",
            ),
        ),
        derivations=("least_squares_adds_a_variance_per_generation",),
        reading="T ≥ d + 2 says that the mean exists; large T that T, T₀ and d grow in proportion",
        remark="At T = d + 2 the exact law is twice the limit: T − d has to be large, not only T.",
    ),
    claim(
        "thm-4.1-exact",
        (
            Statement(_SPREAD, ExactMean(), _EXACT, _ENOUGH_ROWS, "mean over the design"),
            Statement(unfold(_CLEAN_LAW.total), Algebra(), _EXACT, _ENOUGH_ROWS, "law of the fit"),
        ),
        names=r"E_{test}(\hat w_0^{pred})",
        controls=(
            Statement(
                _SPREAD,
                ExactMean(),
                noise**2 * dimension / (samples - dimension),
                _ENOUGH_ROWS,
                "T − d",
            ),
            Statement(_SPREAD, ExactMean(), _EXACT, Domain(), "any T"),
        ),
        derivations=("least_squares_adds_a_variance_per_generation",),
        remark="At T = d + 1 the mean is infinite.",
    ),
    claim(
        "growing-budget",
        (
            equivalent(ERROR_OVER_FIRST, PRINTED, "the sum", SCOPE),
            equivalent(ERROR_OVER_FIRST, Integer(1), "as without generators", SCOPE),
            Statement(ERROR_OVER_FIRST, _MANY_SAMPLES, PRINTED, SCOPE, "the sum, T₀ ≫ d"),
            Statement(
                ERROR_OVER_FIRST,
                _MANY_SAMPLES,
                Integer(1),
                SCOPE,
                "as without generators, T₀ ≫ d",
            ),
        ),
        names="E_n/E_0",
        repaired=(
            equivalent(ERROR_OVER_FIRST, FACTOR, "the sum", SCOPE),
            Statement(ERROR_OVER_FIRST, _MANY_SAMPLES, PRINTED, SCOPE, "T₀ ≫ d"),
        ),
        controls=(
            Statement(ERROR_OVER_FIRST, _MANY_SAMPLES, 1 + generations, SCOPE, "no growth"),
            equivalent(ERROR_OVER_FIRST, FACTOR - 1, "first term dropped", SCOPE),
        ),
        derivations=("a_growing_budget_costs_a_constant_factor",),
        counterexample=Counterexample(
            "growing-budget.toml",
            "as without generators",
            implied=noise**2 * dimension / (samples - dimension),
            margin=0.1,
        ),
        reading="E_n/E_0 for any number of generators m = 2, 3, …, with T = T₀",
        remark="The sum stays bounded, below 3.11 for T₀ ≫ d, so the error is of the order of E_0; it is not "
        "asymptotic to it. T_2 = 0.96 T₀ is less than T₀.",
    ),
    claim(
        "null-ratio",
        (Statement(_CHAIN.total / null_risk(), Algebra(), _NULL_RATIO, MEANS_EXIST, solved=True),),
        names=f"{LABELLED_ERROR}/E_{{test}}(0)",
        controls=(
            Statement(
                _CHAIN.total / null_risk(),
                Algebra(),
                PHI / (1 - PHI) / _SNR + generations / _SNR * PHI0 / (1 - PHI0),
                MEANS_EXIST,
                "SNR for SNR₀",
                solved=True,
            ),
        ),
        derivations=("the_error_in_units_of_the_null_predictor",),
        reading="= is ≃, as it follows from Theorem 4.1; exactly, φ/(1 − φ) is d/(T − d − 1)",
    ),
    claim(
        "null-threshold",
        (
            _at_most(10 * _THRESHOLD, "ten times as many"),
            _at_most(10**6 * _THRESHOLD, "a million times as many"),
        ),
        names=rf"{LABELLED_ERROR} \le E_{{test}}(0)",
        repaired=(_at_most(_SNR0 * (1 / PHI0 - 1), "SNR₀ (1/φ₀ − 1)"),),
        controls=(
            _at_most(_SNR0 * (1 / PHI0 - 1) / 2, "half as many"),
            _at_most(_SNR0 / PHI0 - 10, "SNR₀/φ₀ − 10"),
        ),
        derivations=(
            "learning_becomes_impossible",
            "the_error_in_units_of_the_null_predictor",
        ),
        counterexample=Counterexample(
            "null-threshold.toml", "ten times as many", implied=null_risk(), margin=0.1
        ),
        reading="n ≫ x as n > 10 x, and as n > 10⁶ x: then the null predictor wins; so where it does not win, n is "
        "at most that",
        remark="SNR₀/(1/φ₀ − 1) falls as the generators get more samples, while the number of generations that they "
        "bear grows: it is SNR₀ (1/φ₀ − 1).",
    ),
    claim(
        "kappa-isotropic",
        (
            Statement(EffectiveRidge(ridge, samples, _ISOTROPIC), Algebra(), _ROOT, place="λ > 0"),
            Statement(
                EffectiveRidge(Integer(0), samples, _ISOTROPIC),
                Algebra(),
                _ROOT.xreplace({ridge: Integer(0)}),
                place="λ = 0",
            ),
        ),
        controls=(
            Statement(
                EffectiveRidge(ridge, samples, _ISOTROPIC),
                Algebra(),
                (ridge + _EXCESS - sqrt((ridge + _EXCESS) ** 2 + 4 * ridge)) / 2,
                place="the other root",
            ),
            Statement(
                EffectiveRidge(ridge, samples, _ISOTROPIC),
                Algebra(),
                _ROOT.xreplace({samples: samples + 1}),
                place="T + 1",
            ),
        ),
        derivations=("effective_ridge_of_isotropic_data",),
    ),
)
