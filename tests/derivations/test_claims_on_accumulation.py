"""The second paper: what holds of accumulation, on one design and on fresh inputs, with every verdict computed."""

import pytest

from symcollapse.interfaces.bundled_derivations import derivation_named
from symcollapse.interfaces.bundled_papers import bundled_papers, paper_named
from symcollapse.reasoning import Outcome, Refuted
from symcollapse.verification.audit import audit_claim
from symcollapse.verification.counterexamples import show_counterexample

PAPER = paper_named("gerstgrasser2024")
ON_FRESH_INPUTS = {"accumulate-error-fresh", "bound-attained-fresh", "approach-fresh"}
"""Formulas of one design that fresh inputs do not follow."""
BEYOND = {"universal-bound-any-batches"}
"""What goes beyond the paper, and fails there."""


def test_the_second_paper_is_found_after_the_first() -> None:
    assert bundled_papers()[:2] == ("dohmatob2024", "gerstgrasser2024")


@pytest.mark.parametrize("name", [claim.id for claim in PAPER.claims])
def test_formulas_of_one_design_hold_there_and_need_a_correction_on_fresh_inputs(name: str) -> None:
    judged = audit_claim(PAPER.claim(name), quick=True)
    corrected = name in ON_FRESH_INPUTS | BEYOND
    assert judged.outcome is (Outcome.CORRECTED if corrected else Outcome.CONFIRMED), judged.note


def test_every_claim_says_that_it_is_from_memory_or_follows_or_is_in_no_paper() -> None:
    for claim in PAPER.claims:
        assert any(word in claim.at for word in ("from memory", "consequence", "not in the paper"))


def test_every_derivation_that_a_claim_names_exists_and_claims_have_controls() -> None:
    for claim in PAPER.claims:
        assert claim.controls
        assert claim.derivations
        for name in claim.derivations:
            assert derivation_named(name).steps


def test_the_error_on_fresh_inputs_is_simulated_and_the_sum_for_one_design_is_refuted() -> None:
    shown = show_counterexample(PAPER, PAPER.claim("accumulate-error-fresh"))
    assert shown is not None
    assert isinstance(shown.verdict, Refuted)
    # 50·Σ 1/(i(75i − 51)) and 50·Σ 1/i²/24 for i up to 4, added by hand.
    assert shown.subject.startswith("2.48184")
    assert shown.formula.startswith("2.96585")
    assert "is shown; 2.96586, as printed, is refuted" in shown.simulation
