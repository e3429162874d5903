"""Claims on least squares and on the formulas of ridge regression: what holds, what is repaired, and by what."""

import math
from dataclasses import replace

import pytest
from sympy import Lt

from symcollapse.interfaces.bundled_derivations import derivation_named
from symcollapse.interfaces.bundled_papers import paper_named
from symcollapse.language.domains import Domain
from symcollapse.language.symbols import dimension, generation_samples, samples
from symcollapse.reasoning import Outcome, Refuted, Statement, passed
from symcollapse.verification.audit import audit_claim, judge_statement
from symcollapse.verification.counterexamples import show_counterexample

PAPER = paper_named("dohmatob2024")
HOLD = (
    "thm-4.1",
    "thm-4.1-exact",
    "null-ratio",
    "kappa-isotropic",
    "prop-4.2",
    "rho-general",
    "rho-under-parametrized",
    "cor-4.4-isotropic",
    "lemma-I.2",
)
SLIPS = (
    "intro-decomposition",
    "growing-budget",
    "null-threshold",
    "cor-4.4-contains-thm-4.1",
    "prop-F.6-in-particular",
    "cor-4.4-proof-display",
    "omniscient-risk",
)
"""What has a slip, and a repair of the same subject in the same scope."""


@pytest.mark.parametrize("name", HOLD)
def test_what_holds_is_confirmed(name: str) -> None:
    judged = audit_claim(PAPER.claim(name), quick=True)
    assert judged.outcome is Outcome.CONFIRMED, judged.note
    assert judged.corrections == ()


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_refuted_and_its_repair_passes(name: str) -> None:
    judged = audit_claim(PAPER.claim(name), quick=True)
    assert judged.outcome is Outcome.CORRECTED, judged.note
    assert judged.corrections


@pytest.mark.parametrize("name", ["null-threshold", "cor-4.4-contains-thm-4.1", "growing-budget"])
def test_without_its_repair_a_slip_is_no_correction(name: str) -> None:
    claim = PAPER.claim(name)
    fallen = audit_claim(replace(claim, repaired=claim.printed, derivations=()), quick=True)
    assert fallen.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("name", SLIPS)
def test_digits_at_its_problem_contradict_a_slip(name: str) -> None:
    shown = show_counterexample(PAPER, PAPER.claim(name), quick=True)
    assert shown is not None
    assert isinstance(shown.verdict, Refuted), shown


@pytest.mark.slow
@pytest.mark.parametrize("name", SLIPS)
def test_simulation_refutes_a_slip_and_agrees_with_what_is_derived(name: str) -> None:
    shown = show_counterexample(PAPER, PAPER.claim(name))
    assert shown is not None
    assert isinstance(shown.verdict, Refuted), shown
    assert "is shown" in shown.simulation
    assert shown.simulation.endswith("as printed, is refuted")


@pytest.mark.parametrize("name", [*HOLD, *SLIPS])
def test_every_claim_has_controls_and_derivations_that_exist(name: str) -> None:
    claim = PAPER.claim(name)
    assert claim.controls
    assert claim.derivations
    for each in claim.derivations:
        assert derivation_named(each).steps


def test_a_condition_that_is_dropped_is_seen() -> None:
    (fresh, _) = PAPER.claim("rho-under-parametrized").printed
    assert passed(judge_statement(fresh, quick=True).verdict)
    # The formula for T_0 ≥ d of what is derived for T_0 < d.
    (control, _) = PAPER.claim("rho-under-parametrized").controls
    assert control.scope == Domain(conditions=(Lt(generation_samples, dimension),))
    assert isinstance(judge_statement(control, quick=True).verdict, Refuted)


@pytest.mark.parametrize("name", ["thm-4.1", "null-ratio", "rho-under-parametrized", "prop-4.2"])
def test_one_sample_more_is_refused(name: str) -> None:
    statement = PAPER.claim(name).printed[0]
    changed = statement.formula.xreplace({samples: samples + 1})
    corrupted = Statement(statement.subject, statement.by, changed, statement.scope)
    assert isinstance(judge_statement(corrupted, quick=True).verdict, Refuted)


def test_the_budget_that_grows_like_m_log_squared_costs_less_than_the_factor_in_the_remark() -> (
    None
):
    # Between the integrals of the tail: 1/log m is the one of 1/(m log² m), which decreases.
    last = 2000
    head = 1 + sum(1 / (m * math.log(m) ** 2) for m in range(2, last))
    low, high = head + 1 / math.log(last), head + 1 / math.log(last - 1)
    # Rounding of 2000 terms is 1e-12; the integrals are 1e-5 apart.
    assert high - low < 1e-5
    assert 3.1 < low < high < 3.11
    assert "below 3.11" in PAPER.claim("growing-budget").remark
