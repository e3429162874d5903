"""Verdicts on what holds for every draw, and on projections: computed here, and compared with what was found by hand."""

import pytest

from derivations.dohmatob2024 import PAPER, identities, projections
from symcollapse.reasoning import Outcome, Refuted
from symcollapse.verification.audit import audit_claim

SLOW = {"thm-4.3-decomposition", "thm-4.6", "lemma-F.7", "lemma-F.8-first", "lemma-F.8-second"}
"""Symbolic proofs of forms of three generators, and fourteen exact laws: two to five seconds each."""

EXPECTED = {
    "var-representation": Outcome.CORRECTED,
    "kernel-predictor": Outcome.CORRECTED,
    "thm-4.3-decomposition": Outcome.CONFIRMED,
    "thm-F.1": Outcome.CONFIRMED,
    "thm-F.1-second-part": Outcome.CONFIRMED,
    "low-dimensional-rho": Outcome.CORRECTED,
    "lemma-F.3": Outcome.CONFIRMED,
    "lemma-F.4": Outcome.CONFIRMED,
    "thm-4.5": Outcome.CONFIRMED,
    "thm-4.6": Outcome.CONFIRMED,
    "thm-4.6-projection-step": Outcome.REFUTED,
    "lemma-F.7": Outcome.CORRECTED,
    "lemma-F.8-first": Outcome.CONFIRMED,
    "lemma-F.8-second": Outcome.CORRECTED,
}


def test_every_claim_has_an_expectation() -> None:
    claims = (*identities.CLAIMS, *projections.CLAIMS)
    assert {claim.id for claim in claims} == set(EXPECTED)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in EXPECTED],
)
def test_the_verdict_is_the_one_on_paper(name: str) -> None:
    judged = audit_claim(PAPER.claim(name), paper=PAPER, quick=True)
    assert judged.outcome is EXPECTED[name], judged.note
    assert judged.controls
    assert all(isinstance(control.verdict, Refuted) for control in judged.controls)
