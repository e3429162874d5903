"""The theory of chains: a problem becomes bias, variance and synthetic error, as formulas."""

from symcollapse.theory.chains import Chain as Chain
from symcollapse.theory.chains import chain_of as chain_of
from symcollapse.theory.exact_laws import ExactLaw as ExactLaw
from symcollapse.theory.exact_laws import null_risk as null_risk
from symcollapse.theory.test_errors import TestError as TestError
from symcollapse.theory.test_errors import test_error as test_error
