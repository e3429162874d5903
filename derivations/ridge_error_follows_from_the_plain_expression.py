"""The test error of ridge regression follows from (ŵ − w₀)ᵀΣ(ŵ − w₀) by pencils, with no rule for resolvents."""

from dataclasses import replace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.problems import SIGMA
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import FIT, TRUTH
from .ridge_error_is_bias_plus_variance import DERIVATION as BY_RULES

_GAP = FIT - TRUTH
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(_GAP.T * SIGMA * _GAP),
    "Test error of ridge regression, from the plain expression",
)

DERIVATION = replace(
    _DERIVED,
    claim=BY_RULES.claim,
    steps=(*_DERIVED.steps, Step(BY_RULES.result, Algebra("as published"))),
)
