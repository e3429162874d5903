"""Verification: theory and simulation side by side, with an equivalence test between them."""

from symcollapse.verification.agreement import Agreement as Agreement
from symcollapse.verification.agreement import compare as compare
from symcollapse.verification.problem_verification import Verification as Verification
from symcollapse.verification.problem_verification import finite_size_margin as finite_size_margin
from symcollapse.verification.problem_verification import verify as verify
from symcollapse.verification.sequential import Claim as Claim
from symcollapse.verification.sequential import verify_claims as verify_claims
from symcollapse.verification.sequential import verify_prediction as verify_prediction
