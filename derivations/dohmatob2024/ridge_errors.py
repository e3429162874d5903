"""Proposition 4.2, the formulas of ρ, Corollary 4.4 and the appendices that restate them: ridge regression downstream."""

from dataclasses import replace

from sympy import Eq, Expr, Ge, Gt, Integer, Lt, Ne

from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0, Generation
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    ridge,
    samples,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Bound, Counterexample, HoldsWhere, Statement
from symcollapse.theory import TestError, test_error

from ..settings import CLEAN_RIDGE, ENOUGH_SAMPLES, TOO_FEW_SAMPLES
from .printed import BIAS, RHO, VARIANCE, claim
from .ridge_formulas import (
    DF2,
    DF2_0,
    ISOTROPIC,
    KAPPA,
    KAPPA_ISOTROPIC,
    PHI,
    PHI0,
    RHO_ENOUGH,
    RHO_GENERAL,
    SQUARED_NORM,
    SQUARES,
)

ENOUGH = Domain(conditions=(Ge(generation_samples, dimension),))
"""T₀ ≥ d."""

TOO_FEW = Domain(conditions=(Lt(generation_samples, dimension),))
"""T₀ < d."""

_CLEAN = test_error(CLEAN_RIDGE)
_LOST = quadratic_form(s / (s + KAPPA) ** 2, SIGMA, W0)
_RESPONSE = 1 / (1 - DF2 / samples)
_BIAS = KAPPA**2 * _LOST * _RESPONSE
_VARIANCE = noise**2 * DF2 / samples * _RESPONSE
_PARTS = {_CLEAN.bias: BIAS, _CLEAN.variance: VARIANCE}


def equivalent(
    subject: Expr, formula: Expr, place: str = "", scope: Domain | None = None
) -> Statement:
    """A formula for what was derived in the proportional limit."""
    return Statement(subject, Algebra(), formula, scope or Domain(), place, solved=True)


def rho_of(error: TestError, count: Expr = generations) -> Expr:
    """What one generator adds to the test error at σ₀ = 1."""
    return error.synthetic / (count * generation_noise**2)


_FRESH = rho_of(test_error(ENOUGH_SAMPLES))
_SHARED = rho_of(
    test_error(
        replace(ENOUGH_SAMPLES, generations=(Generation(8, noise=1, repeat=3, design="shared"),))
    )
)
_SHARED_TOO_FEW = rho_of(test_error(TOO_FEW_SAMPLES))
_FRESH_TOO_FEW = {
    count: rho_of(
        test_error(replace(TOO_FEW_SAMPLES, generations=(Generation(3, noise=1, repeat=count),))),
        Integer(count),
    )
    for count in (1, 2)
}


def _swapped(surplus: Expr, residual: Expr) -> Expr:
    """The last display of Proposition F.6, with one denominator outside and one inside."""
    return DF2 / surplus * (1 + KAPPA**2 * SQUARES / residual)


_ISOTROPIC_RHO = _FRESH.xreplace(ISOTROPIC)
_ISOTROPIC_ENOUGH = replace(ENOUGH, isotropic=True)
_FACTOR = 1 / (1 + KAPPA_ISOTROPIC) ** 2
_SHARE = _FACTOR + KAPPA_ISOTROPIC**2 * _FACTOR**2 * dimension / (samples - dimension * _FACTOR)
_COROLLARY = (KAPPA_ISOTROPIC**2 * SQUARED_NORM + noise**2 * PHI) / (
    (1 + KAPPA_ISOTROPIC) ** 2 - PHI
)
_COROLLARY_RHO = (
    PHI0
    / (1 - PHI0)
    * (_FACTOR + _FACTOR * PHI * KAPPA_ISOTROPIC**2 / ((1 + KAPPA_ISOTROPIC) ** 2 - PHI))
)
_THEOREM = noise**2 * PHI / (1 - PHI) + generations * generation_noise**2 * PHI0 / (1 - PHI0)
_RIDGELESS = Eq(
    test_error(ENOUGH_SAMPLES).total.xreplace(ISOTROPIC).xreplace({ridge: Integer(0)}),
    _THEOREM,
    evaluate=False,
)
_OFF_THE_POLE = Domain(
    conditions=(Gt(generation_samples, dimension), Ne(samples, dimension)), isotropic=True
)
_BY_CONDITION = HoldsWhere()

CLAIMS = (
    claim(
        "prop-4.2",
        (
            equivalent(_CLEAN.bias, _BIAS, "Bias"),
            equivalent(_CLEAN.variance, _VARIANCE, "Var"),
        ),
        names=_PARTS,
        controls=(
            equivalent(_CLEAN.bias, _BIAS.xreplace({KAPPA: ridge}), "λ for κ"),
            equivalent(_CLEAN.variance, _VARIANCE / _RESPONSE, "without the response of κ"),
        ),
        derivations=(
            "ridge_error_is_bias_plus_variance",
            "ridge_error_follows_from_the_plain_expression",
        ),
    ),
    claim(
        "rho-general",
        (
            equivalent(_FRESH, RHO_GENERAL, "T₀ ≥ d, fresh inputs", ENOUGH),
            equivalent(_SHARED, RHO_GENERAL, "T₀ ≥ d, one design", ENOUGH),
            equivalent(_SHARED_TOO_FEW, RHO_GENERAL, "T₀ < d, one design", TOO_FEW),
            equivalent(_FRESH_TOO_FEW[1], RHO_GENERAL, "T₀ < d, one generator", TOO_FEW),
        ),
        names=RHO,
        controls=(
            equivalent(_FRESH_TOO_FEW[2], RHO_GENERAL, "T₀ < d, two fresh designs", TOO_FEW),
            equivalent(
                _SHARED_TOO_FEW,
                RHO_GENERAL * (generation_samples - DF2_0) / (generation_samples - dimension),
                "d for df₂(κ₀)",
                TOO_FEW,
            ),
        ),
        derivations=(
            "synthetic_error_with_enough_samples",
            "synthetic_error_with_too_few_samples",
        ),
    ),
    claim(
        "rho-under-parametrized",
        (
            equivalent(_FRESH, RHO_ENOUGH, "fresh inputs", ENOUGH),
            equivalent(_SHARED, RHO_ENOUGH, "one design", ENOUGH),
        ),
        names=RHO,
        controls=(
            equivalent(_SHARED_TOO_FEW, RHO_ENOUGH, "T₀ < d", TOO_FEW),
            equivalent(_FRESH, DF2 / (generation_samples - dimension), "first term only", ENOUGH),
        ),
        derivations=("synthetic_error_with_enough_samples",),
    ),
    claim(
        "cor-4.4-isotropic",
        (
            equivalent(
                (_CLEAN.bias + _CLEAN.variance).xreplace(ISOTROPIC),
                _COROLLARY,
                "Bias + Var",
                Domain(isotropic=True),
            ),
            equivalent(_ISOTROPIC_RHO, _COROLLARY_RHO, "ρ", _ISOTROPIC_ENOUGH),
        ),
        names={
            (_CLEAN.bias + _CLEAN.variance).xreplace(ISOTROPIC): "Bias + Var",
            _ISOTROPIC_RHO: RHO,
        },
        controls=(
            equivalent(
                (_CLEAN.bias + _CLEAN.variance).xreplace(ISOTROPIC),
                _COROLLARY * ((1 + KAPPA_ISOTROPIC) ** 2 - PHI) * _FACTOR,
                "without − φ",
                Domain(isotropic=True),
            ),
            equivalent(_ISOTROPIC_RHO, _COROLLARY_RHO / PHI0 * PHI, "φ for φ₀", _ISOTROPIC_ENOUGH),
        ),
        derivations=("isotropic_test_error_is_algebraic", "isotropic_synthetic_error_is_algebraic"),
    ),
    claim(
        "cor-4.4-contains-thm-4.1",
        (Statement(_RIDGELESS, _BY_CONDITION, Ge(PHI, 1), _OFF_THE_POLE, "λ = 0", solved=True),),
        names=r"\text{Corollary 4.4 at }\lambda = 0\text{ is Theorem 4.1}",
        repaired=(
            Statement(_RIDGELESS, _BY_CONDITION, Lt(PHI, 1), _OFF_THE_POLE, "λ = 0", solved=True),
        ),
        controls=(
            Statement(
                _RIDGELESS, _BY_CONDITION, Lt(PHI, 2), _OFF_THE_POLE, "φ < 2 for φ < 1", solved=True
            ),
        ),
        derivations=("least_squares_is_the_corollary_without_a_ridge",),
        counterexample=Counterexample("cor-4.4-contains-thm-4.1.toml", implied=_THEOREM),
        reading="that Theorem 4.1 equals Corollary 4.4 at λ = 0 wherever φ is so, and nowhere else; φ = 1, where "
        "both are infinite, is left out",
    ),
    claim(
        "prop-F.6-in-particular",
        (
            equivalent(
                _FRESH, _swapped(samples - DF2, generation_samples - DF2_0), "T₀ ≥ d", ENOUGH
            ),
        ),
        names=RHO,
        repaired=(
            equivalent(
                _FRESH, _swapped(generation_samples - DF2_0, samples - DF2), "T₀ ≥ d", ENOUGH
            ),
        ),
        controls=(
            equivalent(
                _FRESH,
                _swapped(generation_samples - DF2, samples - DF2),
                "df₂(κ) for df₂(κ₀)",
                ENOUGH,
            ),
        ),
        derivations=("synthetic_error_with_enough_samples",),
        counterexample=Counterexample(
            "prop-F.6-in-particular.toml",
            implied=_CLEAN.total
            + generations
            * generation_noise**2
            * _swapped(samples - DF2, generation_samples - dimension),
        ),
        remark="With T − df₂(κ) and T₀ − df₂(κ₀) exchanged it is eq. (19). As printed, ρ would stay above "
        "df₂/(T − df₂) however many samples the generators have.",
    ),
    claim(
        "cor-4.4-proof-display",
        (
            equivalent(
                _ISOTROPIC_RHO, _SHARE / (1 - 1 / PHI0), "ρ", replace(ENOUGH, isotropic=True)
            ),
        ),
        names=RHO,
        repaired=(
            equivalent(
                _ISOTROPIC_RHO, _SHARE / (1 / PHI0 - 1), "ρ", replace(ENOUGH, isotropic=True)
            ),
        ),
        controls=(
            equivalent(
                _ISOTROPIC_RHO, _SHARE / (1 - PHI0), "1 − φ₀", replace(ENOUGH, isotropic=True)
            ),
        ),
        derivations=("isotropic_synthetic_error_is_algebraic",),
        counterexample=Counterexample(
            "cor-4.4-proof-display.toml",
            implied=_CLEAN.total.xreplace(ISOTROPIC)
            + generations * generation_noise**2 * _SHARE / (1 - 1 / PHI0),
        ),
        step_of="cor-4.4-isotropic",
        remark="With the sign of 1 − 1/φ₀ turned it is the second formula of Corollary 4.4.",
    ),
    claim(
        "lemma-I.2",
        (
            Statement(KAPPA.diff(ridge), Algebra(), _RESPONSE, place="∂κ/∂λ"),
            Statement(KAPPA.diff(ridge), Bound(above=False), Integer(1), place="at least 1"),
        ),
        names=r"\partial\kappa/\partial\lambda",
        controls=(
            Statement(
                KAPPA.diff(ridge),
                Algebra(),
                1 / (1 - DegreesOfFreedom(1, KAPPA, SIGMA) / samples),
                place="df₁ for df₂",
            ),
            Statement(KAPPA.diff(ridge), Bound(), Integer(1), place="at most 1"),
        ),
        derivations=(
            "effective_ridge_responds_to_the_ridge",
            "residual_degrees_of_freedom_are_positive",
        ),
    ),
    claim(
        "omniscient-risk",
        (
            equivalent(_CLEAN.bias, _LOST * _RESPONSE, "Bias"),
            equivalent(_CLEAN.variance, _VARIANCE, "Var"),
        ),
        names=_PARTS,
        repaired=(equivalent(_CLEAN.bias, _BIAS, "Bias"),),
        controls=(
            equivalent(_CLEAN.variance, 2 * _VARIANCE, "Var twice"),
            equivalent(_CLEAN.bias, ridge**2 * _LOST * _RESPONSE, "λ² for κ²"),
        ),
        derivations=("ridge_error_is_bias_plus_variance", "effective_ridge_responds_to_the_ridge"),
        counterexample=Counterexample(
            "omniscient-risk.toml", "Bias", implied=_LOST * _RESPONSE + _VARIANCE
        ),
        reading="∂κ/∂λ is that of Lemma I.2",
        remark="The factor κ² is there in Proposition 4.2, and for inputs t times as large it has to be.",
    ),
)
