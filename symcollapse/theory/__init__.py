"""The theory of chains: a problem becomes bias, variance and synthetic error, as formulas."""

from symcollapse.theory.chain_derivations import definition as definition
from symcollapse.theory.chain_derivations import derivation_of as derivation_of
from symcollapse.theory.chain_derivations import exact_derivation_of as exact_derivation_of
from symcollapse.theory.chains import Chain as Chain
from symcollapse.theory.chains import chain_of as chain_of
from symcollapse.theory.exact_laws import ExactLaw as ExactLaw
from symcollapse.theory.exact_laws import null_risk as null_risk
from symcollapse.theory.pipeline_expressions import (
    excess_risk_expression as excess_risk_expression,
)
from symcollapse.theory.test_errors import NoiseContribution as NoiseContribution
from symcollapse.theory.test_errors import TestError as TestError
from symcollapse.theory.test_errors import test_error as test_error
