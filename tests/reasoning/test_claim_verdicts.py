"""The rule that turns evidence into a verdict: what does not count as a repair, a control or support."""

from typing import Any

import pytest
from sympy import Add, Integer, Trace

from derivations.fitted_matrices import E, X
from symcollapse.language.design_means import DesignMean
from symcollapse.language.symbols import noise, ridge, samples
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Evidence,
    ExactMean,
    JudgedClaim,
    JudgedStatement,
    MatrixIdentity,
    Outcome,
    Proved,
    PublishedClaim,
    Refuted,
    ShownCounterexample,
    Statement,
    Supported,
    Undecided,
    Verdict,
)

FALSE, TRUE = Refuted("2 against 3"), Supported("at 20 exact points")
SQUARE = (ridge + 1) ** 2


def judged(statement: Statement, verdict: Verdict) -> JudgedStatement:
    return JudgedStatement(statement, (Evidence("exact points", verdict),))


PRINTED = Statement(SQUARE, Algebra(), ridge**2 + 1)
REPAIR = Statement(SQUARE, Algebra(), ridge**2 + 2 * ridge + 1)
CONTROL = judged(Statement(SQUARE, Algebra(), ridge**2), FALSE)


def concluded(
    printed: JudgedStatement, *repaired: JudgedStatement, **others: Any
) -> tuple[Outcome, str]:
    claim = PublishedClaim("square", "nowhere", "", (printed.statement,))
    parts: dict[str, Any] = {"controls": (CONTROL,), **others}
    found = JudgedClaim(claim, (printed,), repaired, **parts)
    return found.outcome, found.note


def test_outcomes_by_rule() -> None:
    assert concluded(judged(PRINTED, TRUE))[0] is Outcome.CONFIRMED
    assert concluded(judged(PRINTED, FALSE), judged(REPAIR, TRUE))[0] is Outcome.CORRECTED
    assert concluded(judged(PRINTED, FALSE), judged(REPAIR, FALSE))[0] is Outcome.UNDECIDED
    shown = ShownCounterexample(FALSE, "2", "3")
    assert concluded(judged(PRINTED, FALSE), counterexample=shown)[0] is Outcome.REFUTED
    assert concluded(judged(PRINTED, FALSE))[0] is Outcome.UNDECIDED


@pytest.mark.parametrize(
    "formula",
    [
        Add(SQUARE, Integer(0), evaluate=False),
        SQUARE * samples / samples * 1,
        Add(SQUARE, ridge, -ridge, evaluate=False),
    ],
)
def test_the_subject_in_disguise_is_no_repair(formula: Any) -> None:
    repair = judged(Statement(SQUARE, Algebra(), formula), TRUE)
    assert concluded(judged(PRINTED, FALSE), repair)[0] is Outcome.UNDECIDED


def test_the_mean_of_the_subject_is_no_repair_nor_a_mean_for_an_identity() -> None:
    subject = Trace(E.T * X * X.T * E)
    printed = Statement(subject, ExactMean(), noise**2)
    control = judged(Statement(subject, ExactMean(), 2 * noise**2), FALSE)
    repair = judged(Statement(subject, ExactMean(), DesignMean(subject)), TRUE)
    assert concluded(judged(printed, FALSE), repair, controls=(control,))[0] is Outcome.UNDECIDED
    by_draws, on_average = MatrixIdentity(), MatrixIdentity(averaged=True)
    true_mean = noise**2 * Trace(X * X.T)
    control = judged(Statement(subject, by_draws, noise**2), FALSE)
    for by, outcome in ((by_draws, Outcome.CORRECTED), (on_average, Outcome.UNDECIDED)):
        repair = judged(Statement(subject, by, true_mean), TRUE)
        printed = Statement(subject, by_draws, 3 * true_mean)
        found = concluded(judged(printed, FALSE), repair, controls=(control,))
        assert found[0] is outcome


def test_every_outcome_needs_a_control_of_its_judge() -> None:
    other = judged(Statement(X, MatrixIdentity(), 2 * X), FALSE)
    same = judged(PRINTED, FALSE)
    for controls in ((), (other,), (same,)):
        for printed, repaired in (
            ((PRINTED, FALSE), (judged(REPAIR, TRUE),)),
            ((PRINTED, TRUE), ()),
        ):
            found = concluded(judged(*printed), *repaired, controls=controls)
            if controls == (same,) and printed[1] is TRUE:
                continue  # one statement cannot both pass and be refused
            assert found[0] is Outcome.UNDECIDED
            assert "control" in found[1]


def test_a_counterexample_that_contradicts_the_judges_leaves_it_open() -> None:
    against = ShownCounterexample(FALSE, "2", "3")
    assert concluded(judged(PRINTED, TRUE), counterexample=against)[0] is Outcome.UNDECIDED
    silent = ShownCounterexample(Undecided("simulation speaks against it"), "2", "3")
    found = concluded(judged(PRINTED, FALSE), judged(REPAIR, TRUE), counterexample=silent)
    assert found[0] is Outcome.UNDECIDED
    assert "simulation" in found[1]


def test_edges_and_searches_do_not_stand_in_for_the_judge() -> None:
    unknown = Evidence("exact points", Undecided("only 3 of 20 points"))
    beside = Evidence("edges", TRUE)
    assert isinstance(JudgedStatement(PRINTED, (unknown, beside)).verdict, Undecided)
    assert isinstance(
        JudgedStatement(PRINTED, (unknown, Evidence("edges", FALSE))).verdict, Refuted
    )
    held = Evidence("proof", Proved("partial fractions"))
    undecided = Evidence("edges", Undecided("few points"))
    assert isinstance(JudgedStatement(PRINTED, (held, undecided)).verdict, Proved)


def test_a_weak_bound_corrects_nothing_unless_a_sharper_one_is_refused() -> None:
    below = Bound(above=False)
    printed = judged(Statement(SQUARE, below, 2 * ridge**2 + 2), FALSE)
    weak = judged(Statement(SQUARE, below, Integer(0)), TRUE)
    other_kind = judged(Statement(samples, below, samples + 1), FALSE)
    assert concluded(printed, weak, controls=(other_kind,))[0] is Outcome.UNDECIDED
    itself = judged(printed.statement, FALSE)
    assert concluded(printed, weak, controls=(itself,))[0] is Outcome.UNDECIDED
    sharper = judged(Statement(SQUARE, below, ridge**2 + 2), FALSE)
    assert concluded(printed, weak, controls=(sharper,))[0] is Outcome.CORRECTED
