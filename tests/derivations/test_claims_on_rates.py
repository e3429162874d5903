"""The claims of section 5 and its appendices: the verdicts that come out, and counterexamples that are where they say."""

import importlib
from dataclasses import replace
from typing import Any

import pytest
from sympy import Gt, Integer, Le, Max, Ne, Rational

from derivations.dohmatob2024 import noisy_labels, power_law_sums, scaling_laws
from derivations.dohmatob2024.exponents import AT_RIDGE, CRITICAL
from derivations.dohmatob2024.printed import FOLDER
from symcollapse.evaluation import evaluate
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    generation_samples_exponent,
    generations_exponent,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import (
    Derivation,
    OrderHoldsWhere,
    Paper,
    PublishedClaim,
    Refuted,
    Statement,
    Supported,
    Towards,
    Verdict,
    judge,
)
from symcollapse.scaling.rate_points import PointPlan
from symcollapse.theory import test_error as error_of
from symcollapse.verification.audit import audit_claim
from symcollapse.verification.counterexamples import problem_of, show_counterexample

CLAIMS = (*scaling_laws.CLAIMS, *noisy_labels.CLAIMS, *power_law_sums.CLAIMS)
PAPER = Paper("dohmatob2024", FOLDER, CLAIMS)
CONFIRMED = {"fixed-d-plateau", "df-power-law", "kappa-is-lambda", "lemma-I.1"}
QUICK = {
    "fixed-d-plateau",
    "source-condition",
    "kappa-is-lambda",
    "rho-power-law",
    "bias-power-law-sum",
    "bias-power-law",
    "lemma-I.1",
}
"""Claims that are judged within half a second."""
SHOWN = [claim for claim in CLAIMS if claim.counterexample]
OF_THE_TEST_ERROR = {
    "thm-5.1",
    "cor-5.2",
    "cor-5.2-index",
    "catastrophe",
    "noisy-consistency",
    "noisy-small-l",
    "noisy-large-l",
}


def derivation(name: str) -> Derivation:
    found = importlib.import_module(f"derivations.{name}").DERIVATION
    assert isinstance(found, Derivation)
    return found


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=claim.id, marks=() if claim.id in QUICK else pytest.mark.slow)
        for claim in CLAIMS
    ],
)
def test_verdicts_come_out(claim: PublishedClaim) -> None:
    judged = audit_claim(claim, derivation if claim.id not in QUICK else None, paper=PAPER)
    expected = "confirmed" if claim.id in CONFIRMED else "corrected"
    assert judged.outcome.value == expected, judged.note
    assert len(judged.corrections) == sum(isinstance(e.verdict, Refuted) for e in judged.printed)


def test_every_claim_of_the_section_is_here() -> None:
    assert len(CLAIMS) == len({claim.id for claim in CLAIMS}) == 16
    assert {claim.id for claim in SHOWN} | CONFIRMED | {"bias-power-law-sum"} == {
        claim.id for claim in CLAIMS
    }


@pytest.mark.parametrize("claim", SHOWN, ids=[claim.id for claim in SHOWN])
def test_counterexamples_drift_away_from_the_printed_rate(claim: PublishedClaim) -> None:
    shown = show_counterexample(PAPER, claim, quick=True)
    assert shown is not None
    assert isinstance(shown.verdict, Refuted), shown.verdict


@pytest.mark.parametrize("claim", [each for each in SHOWN if each.id in OF_THE_TEST_ERROR])
def test_a_problem_file_lies_on_its_course(claim: PublishedClaim) -> None:
    """At T = 10⁶ the problem's test error is what the course of the counterexample gives there."""
    problem = problem_of(PAPER, claim)
    assert problem is not None
    assert claim.counterexample is not None
    own = evaluate(error_of(problem).total, problem, digits=12)
    course = evaluate(
        claim.counterexample.derived, problem, digits=12, values={samples: Integer(10) ** 6}
    )
    assert own.text == course.text
    elsewhere = evaluate(
        claim.counterexample.derived, problem, digits=12, values={samples: Integer(10) ** 12}
    )
    assert own.text != elsewhere.text


def printed(name: str, place: str) -> Statement:
    (claim,) = (each for each in CLAIMS if each.id == name)
    return next(each for each in claim.printed if each.place == place)


def narrowed(statement: Statement, *conditions: Any, towards: Towards | None = None) -> Verdict:
    """The verdict on a statement under more conditions than it states."""
    scope = replace(statement.scope, conditions=(*statement.scope.conditions, *conditions))
    by: Any = statement.by
    if towards is not None:
        by = replace(by, towards=towards)
    return judge(by, statement.subject, statement.formula, scope)


LEVEL = ridge_exponent / capacity


@pytest.mark.slow
def test_the_scaling_law_holds_as_printed_below_the_dimension() -> None:
    law = printed("thm-5.1", "the scaling law")
    assert isinstance(narrowed(law, Le(LEVEL, dimension_exponent), Ne(source, 1)), Supported)
    assert isinstance(narrowed(law, Le(LEVEL, dimension_exponent)), Refuted)
    assert isinstance(narrowed(law, Ne(source, 1)), Refuted)


@pytest.mark.slow
def test_the_corollary_holds_as_printed_for_fewer_samples_than_the_fit_has() -> None:
    best = printed("cor-5.2", "the error at the best ℓ")
    few = (
        Le(generation_samples_exponent, 1),
        Le(generations_exponent, generation_samples_exponent),
    )
    assert isinstance(narrowed(best, *few, Ne(source, 1)), Supported)
    assert isinstance(narrowed(best, *few), Refuted)


@pytest.mark.slow
def test_noisy_labels_hold_as_printed_where_the_dimension_is_smaller() -> None:
    """With d = T^(1/2) in place of d ~ T₀, b − a is right for b > 1 too, but not at r = 1."""
    rate = printed("noisy-small-l", "the rate")
    (*others, _, samples_of_generators) = AT_RIDGE.following
    small = replace(
        AT_RIDGE,
        following=(*others, (dimension, samples ** Rational(1, 2)), samples_of_generators),
    )
    above = (Gt(generation_samples_exponent, 1), Le(LEVEL, Rational(1, 2)))
    assert isinstance(narrowed(rate, *above, Ne(source, 1), towards=small), Supported)
    assert isinstance(narrowed(rate, *above, towards=small), Refuted)
    assert isinstance(narrowed(rate, *above, Ne(source, 1)), Refuted)


def test_the_condition_of_consistency_is_sufficient_too() -> None:
    (claim,) = (each for each in CLAIMS if each.id == "noisy-consistency")
    (repair,) = claim.repaired
    both = OrderHoldsWhere(towards=AT_RIDGE)
    assert isinstance(judge(both, repair.subject, repair.formula, repair.scope), Supported)


def test_the_corollary_is_tried_inside_its_condition() -> None:
    """It is stated for a ≤ 1 − ℓ/β only: a = 1 with b = 2, where it is false too, is outside."""
    (claim,) = (each for each in CLAIMS if each.id == "cor-5.2")
    growth, size = generations_exponent, generation_samples_exponent
    for statement in (*claim.printed, *claim.repaired, *claim.controls):
        points = PointPlan.of(statement.scope).points()
        assert any(point[size] > 1 for point in points)
        for point in points:
            best = (size - growth) * CRITICAL / capacity
            assert (growth + Max(0, best)).xreplace(dict(point)) <= 1
