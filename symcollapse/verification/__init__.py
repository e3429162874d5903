"""Verification: theory and simulation side by side, with an equivalence test between them."""

from symcollapse.verification.agreement import Agreement as Agreement
from symcollapse.verification.agreement import compare as compare
from symcollapse.verification.campaign_results import Campaign as Campaign
from symcollapse.verification.campaign_results import CampaignResult as CampaignResult
from symcollapse.verification.campaigns import report_campaign as report_campaign
from symcollapse.verification.campaigns import run_campaign as run_campaign
from symcollapse.verification.confidence_sequences import RunningSums as RunningSums
from symcollapse.verification.confidence_sequences import anytime_quantile as anytime_quantile
from symcollapse.verification.confidence_sequences import (
    compare_at_any_time as compare_at_any_time,
)
from symcollapse.verification.expression_verification import (
    ExpressionVerification as ExpressionVerification,
)
from symcollapse.verification.expression_verification import (
    verify_expression as verify_expression,
)
from symcollapse.verification.problem_verification import Verification as Verification
from symcollapse.verification.problem_verification import finite_size_margin as finite_size_margin
from symcollapse.verification.problem_verification import verify as verify
from symcollapse.verification.sequential import Claim as Claim
from symcollapse.verification.sequential import verify_claims as verify_claims
from symcollapse.verification.sequential import verify_prediction as verify_prediction
from symcollapse.verification.two_sizes import TwoSizes as TwoSizes
from symcollapse.verification.two_sizes import verify_at_two_sizes as verify_at_two_sizes
