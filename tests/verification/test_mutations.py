"""The mutation test of the auditor: what is false it does not accept; what it accepts is computed to be true."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sympy import Integer, Rational, oo

from symcollapse.interfaces.bundled_papers import bundled_papers, paper_named
from symcollapse.language.domains import Domain, Range
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    power,
    samples,
)
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Leading,
    Paper,
    Refuted,
    Statement,
    Towards,
    passed,
)
from symcollapse.verification.audit import judge_statement
from symcollapse.verification.mutation_runs import (
    Fate,
    MutationReport,
    explanation,
    judge_mutant,
    mutation_report,
)
from symcollapse.verification.mutations import Mutant, mutants

PAPERS: Sequence[Paper] = [paper_named(key) for key in bundled_papers()]


def told(report: MutationReport) -> str:
    """The survivors, a line each."""
    return "\n".join(
        f"{each.claim}, {each.mutant.original.place}: {each.mutant.change}: {each.why}"
        for each in report.survivors
    )


QUICK = {
    "replace-error",
    "accumulate-fit",
    "accumulate-error",
    "accumulate-bound-fresh",
    "inverse-wishart-mean",
    "fixed-d-plateau",
    "kappa-isotropic",
    "prop-4.2",
    "cor-4.4-isotropic",
    "omniscient-risk",
    "kernel-predictor",
    "lemma-F.4",
}
"""Claims of all kinds that take milliseconds each."""


def test_no_corruption_of_forty_survives() -> None:
    papers = [
        replace(paper, claims=tuple(claim for claim in paper.claims if claim.id in QUICK))
        for paper in PAPERS
    ]
    report = mutation_report(papers, per_statement=2, most=40, seed=5)
    assert len(report.judged) == 40
    assert not report.survivors, told(report)
    # Harmless changes, such as a factor in a rate, are a small part.
    assert report.caught >= 30


@pytest.mark.slow
def test_no_corruption_of_all_statements_survives() -> None:
    report = mutation_report(PAPERS)
    assert len(report.judged) >= 300
    assert not report.survivors, told(report)
    assert report.caught == report.false


FRACTION = dimension / (samples - dimension)


def test_changes_are_of_many_kinds_and_each_is_another_statement() -> None:
    scope = Domain(conditions=(samples > dimension,))
    found = mutants(Statement(FRACTION, Bound(), FRACTION + generations, scope))
    kinds = {each.kind for each in found}
    assert kinds >= {"sign", "exponent", "factor", "dropped term", "swapped letters", "condition"}
    assert "relation" in kinds
    statements = [each.statement for each in found]
    assert len({(each.formula, each.scope.conditions, each.by) for each in statements}) == len(
        statements
    )


def test_what_is_equal_on_the_scope_only_is_told_from_what_is_equal_elsewhere() -> None:
    one = Domain(conditions=(samples > dimension,))
    two = Domain(conditions=(samples >= dimension - 1,))
    original = Statement(abs(samples - dimension), Algebra(), samples - dimension, one)
    wider = Mutant(
        "condition", "", Statement(original.subject, Algebra(), original.formula, two), original
    )
    assert explanation(wider)[0] is Fate.SURVIVED


def test_a_false_statement_that_a_judge_would_accept_counts_as_a_survivor() -> None:
    original = Statement(FRACTION, Algebra(), FRACTION)
    changed = Statement(FRACTION, Algebra(), FRACTION * (1 + Integer(1) / 10**6))
    assert explanation(Mutant("factor", "", changed, original))[0] is Fate.SURVIVED
    assert judge_mutant("", Mutant("factor", "", changed, original)).fate is Fate.REFUTED


def test_a_weaker_bound_is_true_as_well_and_a_stronger_one_is_refused() -> None:
    bound = Statement(generation_samples, Bound(), 2 * generation_samples)
    fates = {each.change: judge_mutant("", each).fate for each in mutants(bound)}
    assert fates["twice the whole"] is Fate.IMPLIED
    assert fates["the bound turned"] is Fate.REFUTED


def test_an_equivalence_fails_at_the_end_of_a_range_that_no_draw_hits() -> None:
    scope = Domain({power: Range(0, 1)})
    tends = Statement(samples + samples**power, Leading(Towards(samples, oo)), samples, scope)
    assert judge_statement(tends).decisive.route == "edges"
    assert isinstance(judge_statement(tends).verdict, Refuted)
    below = Domain({power: Range(0, Rational(1, 2))})
    assert passed(judge_statement(replace(tends, scope=below)).verdict)
