"""Verification: theory and simulation side by side, with an equivalence test between them."""

from symcollapse.verification.agreement import Agreement as Agreement
from symcollapse.verification.agreement import compare as compare
from symcollapse.verification.sequential import verify_prediction as verify_prediction
