"""The test error of ridge regression on real labels is a bias and a variance, both divided by 1 − df₂/T."""

from dataclasses import replace

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form
from symcollapse.language.references import cite
from symcollapse.language.symbols import eigenvalue, noise, ridge, samples
from symcollapse.reasoning import Algebra, Step
from symcollapse.theory import derivation_of, test_error

from .settings import CLEAN_RIDGE

_ERROR = test_error(CLEAN_RIDGE)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_BIAS = _KAPPA**2 * quadratic_form(eigenvalue / (eigenvalue + _KAPPA) ** 2, SIGMA, W0)
_VARIANCE = noise**2 * _DEGREES / samples
_DERIVED = derivation_of(_ERROR.chain, _ERROR.total, "Bias and variance of ridge regression")

DERIVATION = replace(
    _DERIVED,
    claim=cite("dohmatob2024", "Proposition 4.2"),
    steps=(
        *_DERIVED.steps,
        Step(
            _BIAS / (1 - _DEGREES / samples) + _VARIANCE / (1 - _DEGREES / samples),
            Algebra("as published"),
        ),
    ),
)
