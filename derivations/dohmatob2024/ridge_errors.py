"""Proposition 4.2, the formulas of ρ, Corollary 4.4 and the appendices that restate them: ridge regression downstream."""

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import noise, ridge, samples
from symcollapse.reasoning import Algebra, Statement
from symcollapse.theory import test_error

from ..settings import CLEAN_RIDGE
from .printed import claim

_CLEAN = test_error(CLEAN_RIDGE)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_DF2 = DegreesOfFreedom(2, _KAPPA, SIGMA)
_LOST = quadratic_form(s / (s + _KAPPA) ** 2, SIGMA, W0)
_RESPONSE = 1 / (1 - _DF2 / samples)
_BIAS = _KAPPA**2 * _LOST * _RESPONSE
_VARIANCE = noise**2 * _DF2 / samples * _RESPONSE

CLAIMS = (
    claim(
        "prop-4.2",
        (
            Statement(_CLEAN.bias, Algebra(), _BIAS, place="Bias", solved=True),
            Statement(_CLEAN.variance, Algebra(), _VARIANCE, place="Var", solved=True),
        ),
        controls=(
            Statement(
                _CLEAN.bias,
                Algebra(),
                _BIAS.xreplace({_KAPPA: ridge}),
                place="λ for κ",
                solved=True,
            ),
        ),
        derivations=(
            "ridge_error_is_bias_plus_variance",
            "ridge_error_follows_from_the_plain_expression",
        ),
    ),
    claim(
        "omniscient-risk",
        (
            Statement(_CLEAN.bias, Algebra(), _LOST * _RESPONSE, place="Bias", solved=True),
            Statement(_CLEAN.variance, Algebra(), _VARIANCE, place="Var", solved=True),
        ),
        repaired=(Statement(_CLEAN.bias, Algebra(), _BIAS, place="Bias", solved=True),),
        controls=(
            Statement(_CLEAN.variance, Algebra(), 2 * _VARIANCE, place="Var twice", solved=True),
        ),
        derivations=("ridge_error_is_bias_plus_variance",),
    ),
)
