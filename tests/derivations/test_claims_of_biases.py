"""Verdicts on Theorem 4.3 and the steps of its proof, each computed here."""

import pytest

from derivations.dohmatob2024 import PAPER
from derivations.what_generators_lose_grows_with_the_eigenvalue import DERIVATION as GROWTH
from symcollapse.reasoning import Outcome, Refuted, Supported, check
from symcollapse.verification.audit import audit_claim, judge_statement

VERDICTS = {
    "thm-4.3-bias-inequality": Outcome.REFUTED,
    "delta-bias-lower-bound": Outcome.REFUTED,
    "cross-term-sign": Outcome.REFUTED,
    "thm-4.3-equality": Outcome.CONFIRMED,
}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_is_reached(name: str) -> None:
    judged = audit_claim(PAPER.claim(name), paper=PAPER, quick=True)
    assert judged.outcome is VERDICTS[name], judged.note


def test_the_whole_inequality_falls_and_its_second_half_stands() -> None:
    """ΔBias ≥ 0 as a mean of squares; it is the first inequality that is false, and Bias~ ≥ Bias with it."""
    claim = PAPER.claim("thm-4.3-bias-inequality")
    fallen = {
        statement.place
        for statement in claim.printed
        if isinstance(judge_statement(statement, quick=True).verdict, Refuted)
    }
    assert fallen == {
        "Bias~ ≥ Bias + ΔBias, n = 1",
        "Bias~ ≥ Bias + ΔBias, n = 2",
        "Bias~ ≥ Bias, n = 1",
    }


def test_without_its_counterexample_a_refuted_claim_is_undecided() -> None:
    judged = audit_claim(PAPER.claim("cross-term-sign"), quick=True)
    assert judged.outcome is Outcome.UNDECIDED
    assert "no counterexample" in judged.note


def test_what_generators_lose_grows_no_faster_than_is_said() -> None:
    """The bound with p − 1 stands, and that with p − ½ does not."""
    assert list(map(type, check(GROWTH).published)) == [Supported, Refuted]
