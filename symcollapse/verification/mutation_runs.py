"""The mutation test of the auditor: corruptions of what it accepts, how many it refuses, and why it accepts the others.

A corruption that still passes needs an explanation that the program computes: the changed formula is the same one on the
scope, or a weaker bound that follows, or holds beyond the scope that was stated. What then is left is a survivor: a false
statement that the auditor accepted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from typing import Any

from sympy import Expr, Trace, nan, oo, zoo

from symcollapse.evaluation.numbers import ball_at, holds
from symcollapse.language.design_means import DesignMean, without_means
from symcollapse.language.domains import Domain, EmptyDomain
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.random_matrices import GaussianDesign
from symcollapse.reasoning import (
    Algebra,
    BestRidge,
    Bound,
    ExactMean,
    Exponent,
    HoldsWhere,
    Limit,
    MatrixIdentity,
    Paper,
    Proved,
    PublishedClaim,
    Refuted,
    Statement,
    Towards,
    Undecided,
    Verdict,
    compare_at_points,
    judge,
    passed,
)
from symcollapse.reasoning.checking import BITS
from symcollapse.reasoning.condition_judges import holds_at
from symcollapse.reasoning.identity_judges import equal_at_draws
from symcollapse.reasoning.normal_forms import is_identity
from symcollapse.verification.audit import judge_statement
from symcollapse.verification.mutations import Mutant, mutants

POINTS = 100
"""Exact points at which a survivor is set beside the true formula: five times as many as a judge tries."""

OUTSIDE = 10
"""Points beyond the stated scope at which a statement without its condition has to hold, to be called true there."""

PER_STATEMENT = 4
"""Corruptions of each statement in a whole test, of as many kinds as there are."""


class Fate(Enum):
    """What became of a corruption."""

    REFUTED = "refuted"
    NOT_ACCEPTED = "not accepted"
    EQUIVALENT = "the same on the scope"
    IMPLIED = "true as well"
    SURVIVED = "survived"


@dataclass(frozen=True)
class JudgedMutant:
    """A corruption, what became of it, and why."""

    claim: str
    mutant: Mutant
    fate: Fate
    why: str


@dataclass(frozen=True)
class MutationReport:
    """The whole test.

    Example
    -------
    >>> MutationReport(()).counts
    {}
    """

    judged: tuple[JudgedMutant, ...]

    @property
    def counts(self) -> dict[str, dict[Fate, int]]:
        """How many of each kind had each fate; kinds in order of their names."""
        kinds = sorted({each.mutant.kind for each in self.judged})
        return {
            kind: {
                fate: sum(each.mutant.kind == kind and each.fate is fate for each in self.judged)
                for fate in Fate
            }
            for kind in kinds
        }

    @property
    def caught(self) -> int:
        """Corruptions that the auditor did not accept."""
        return sum(each.fate in (Fate.REFUTED, Fate.NOT_ACCEPTED) for each in self.judged)

    @property
    def false(self) -> int:
        """Corruptions that are false statements, as far as the program can tell: all but those it proves to be true."""
        return sum(each.fate not in (Fate.EQUIVALENT, Fate.IMPLIED) for each in self.judged)

    @property
    def survivors(self) -> tuple[JudgedMutant, ...]:
        """Those that passed and that nothing explains."""
        return tuple(each for each in self.judged if each.fate is Fate.SURVIVED)

    @property
    def explained(self) -> tuple[JudgedMutant, ...]:
        """Those that passed because they are true."""
        return tuple(each for each in self.judged if each.fate in (Fate.EQUIVALENT, Fate.IMPLIED))


def stated(papers: Sequence[Paper]) -> tuple[tuple[PublishedClaim, Statement], ...]:
    """Every statement of papers that could stand: the printed ones, and the repairs."""
    return tuple(
        (claim, statement)
        for paper in papers
        for claim in paper.claims
        for statement in (*claim.printed, *claim.repaired)
    )


def drawn_mutants(statement: Statement, count: int, random: Random) -> tuple[Mutant, ...]:
    """Some corruptions of a statement, of as many kinds as possible.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> statement = Statement(ridge + ridge, Algebra(), 2 * ridge)
    >>> sorted(each.kind for each in drawn_mutants(statement, 3, Random(1)))
    ['dropped factor', 'factor', 'swapped letters']
    """
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in mutants(statement):
        by_kind.setdefault(mutant.kind, []).append(mutant)
    for found in by_kind.values():
        random.shuffle(found)
    kinds = sorted(by_kind)
    random.shuffle(kinds)
    longest = max(map(len, by_kind.values()), default=0)
    turns = [
        by_kind[kind][turn]
        for turn in range(longest)
        for kind in kinds
        if turn < len(by_kind[kind])
    ]
    return tuple(turns[:count])


def mutation_report(
    papers: Sequence[Paper],
    *,
    per_statement: int = PER_STATEMENT,
    most: int | None = None,
    seed: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> MutationReport:
    """Corrupt the true statements of papers, and judge what comes out.

    Parameters
    ----------
    papers
        Whose statements.
    per_statement
        Corruptions of each.
    most
        Corruptions in all; then statements are drawn until there are so many.
    seed
        Of the draws.
    progress
        Called with the statements done, and all of them.
    """
    random = Random(seed)
    statements = list(stated(papers))
    if most is not None:
        random.shuffle(statements)
    judged: list[JudgedMutant] = []
    for done, (claim, statement) in enumerate(statements, 1):
        if most is not None and len(judged) >= most:
            break
        # What does not stand has no corruptions to speak of: it is one.
        if passed(judge_statement(statement, quick=True).verdict):
            left = per_statement if most is None else min(per_statement, most - len(judged))
            drawn = drawn_mutants(statement, left, random)
            judged += [judge_mutant(claim.id, mutant) for mutant in drawn]
        if progress is not None:
            progress(done, len(statements))
    return MutationReport(tuple(judged))


def judge_mutant(claim: str, mutant: Mutant) -> JudgedMutant:
    """Whether a corruption is refused; if it is not, whether it is true.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> for mutant in mutants(Statement(ridge + ridge, Algebra(), 2 * ridge))[:1]:
    ...     print(judge_mutant("twice", mutant).fate)
    Fate.REFUTED
    """
    try:
        verdict = _quickly_judged(mutant.statement)
        if verdict is None:
            verdict = judge_statement(mutant.statement, quick=True).verdict
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        # No reader could make sense of such a formula; it is not accepted, whatever it breaks.
        verdict = Undecided(f"{type(error).__name__}: {error}")
    if isinstance(verdict, Refuted):
        return JudgedMutant(claim, mutant, Fate.REFUTED, verdict.why)
    if isinstance(verdict, Undecided):
        return JudgedMutant(claim, mutant, Fate.NOT_ACCEPTED, verdict.why)
    fate, why = explanation(mutant)
    return JudgedMutant(claim, mutant, fate, why)


def _quickly_judged(statement: Statement) -> Verdict | None:
    """What the judge says first, where the rest of its answer takes long and cannot be a pass any more.

    That of identities goes on to see that there is no proof, that of means to limits of both sides.
    """
    by, subject, formula, scope = (
        statement.by,
        statement.subject,
        statement.formula,
        statement.scope,
    )
    try:
        if isinstance(by, Algebra):
            found = compare_at_points(subject, formula, scope)
            return found if isinstance(found, Refuted) else None
        if isinstance(by, ExactMean) and formula.has(DesignMean):
            inside = without_means(formula)
            if inside.atoms(GaussianDesign) == subject.atoms(GaussianDesign):
                drawn = judge(MatrixIdentity(averaged=True), subject, inside, scope)
                return Undecided(str(drawn)) if isinstance(drawn, Refuted) else None
    except SymcollapseError:
        return None
    return None


def explanation(mutant: Mutant) -> tuple[Fate, str]:
    """Why a corruption that passes is true, computed; or that it survived.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> true = Statement(ridge + ridge, Algebra(), 2 * ridge)
    >>> harmless = Mutant(
    ...     "factor", "written out", Statement(ridge + ridge, Algebra(), ridge * 2 + 0), true
    ... )
    >>> explanation(harmless)[0]
    <Fate.EQUIVALENT: 'the same on the scope'>
    """
    before, after = mutant.original, mutant.statement
    try:
        if before.scope != after.scope:
            return _beyond(mutant)
        same = _same(before, after.formula)
        if passed(same):
            return Fate.EQUIVALENT, str(same)
        if isinstance(before.by, Bound | Exponent | BestRidge | HoldsWhere):
            weaker = _weaker(before, after)
            if passed(weaker):
                return Fate.IMPLIED, str(weaker)
    except (SymcollapseError, TypeError, ValueError, ArithmeticError) as error:
        return Fate.SURVIVED, f"{type(error).__name__}: {error}"
    return Fate.SURVIVED, f"not the same: {same}"


def _same(statement: Statement, formula: Any) -> Verdict:
    """Whether two right sides are one on the scope."""
    by, original, scope = statement.by, statement.formula, statement.scope
    match by:
        case MatrixIdentity() | ExactMean():
            if _is_plain(original) and _is_plain(formula) and is_identity(original, formula):
                return Proved("an identity of both formulas")
            # Draws alone know the sizes that the left side has.
            sides = (without_means(original), without_means(formula))
            averaged = isinstance(by, ExactMean)
            return equal_at_draws(*sides, scope, averaged=averaged, sized_by=(statement.subject,))
        case HoldsWhere():
            return judge(HoldsWhere(), original, formula, scope)
        case Exponent():
            return judge(Exponent(_moved(by)), original, formula, scope)
        case Algebra() | Bound() | Limit() | BestRidge():
            if isinstance(original, Expr) and is_identity(original, formula):
                return Proved("an identity of both formulas")
            return compare_at_points(original, formula, scope, POINTS)
        case _:
            return judge(by, original, formula, scope)


def _moved(by: Exponent) -> Towards:
    """What moves in the right side: not the ridge, where it was the best one that was meant."""
    if by.over is None:
        return by.towards
    exponent = by.over.exponent
    kept = tuple((letter, rule) for letter, rule in by.towards.following if not rule.has(exponent))
    return replace(by.towards, following=kept)


def _is_plain(formula: Any) -> bool:
    return not getattr(formula, "is_Matrix", False) and not formula.has(Trace)


def _weaker(before: Statement, after: Statement) -> Verdict:
    """Whether the changed statement follows from the true one, or holds where it was not tried before."""
    by = after.by
    if isinstance(by, Exponent) and by.bound:
        return judge(by, before.formula, after.formula, after.scope)
    if isinstance(by, Bound) and by == before.by:
        follows = judge(by, before.formula, after.formula, after.scope)
        if passed(follows):
            return follows
    if isinstance(by, HoldsWhere) and by.only:
        return judge(HoldsWhere(only=True), before.formula, after.formula, after.scope)
    return Undecided("it does not follow")


def _beyond(mutant: Mutant) -> tuple[Fate, str]:
    """A statement in a wider scope: at points outside the stated one."""
    before, after = mutant.original, mutant.statement
    if isinstance(before.by, MatrixIdentity | ExactMean) or type(after.scope) is not Domain:
        return _beyond_for_matrices(before, after)
    outside = _complement(before.scope, after.scope)
    try:
        outside.points(1)
    except EmptyDomain:
        return Fate.EQUIVALENT, "no point is in the wider scope and not in the stated one"
    if isinstance(before.by, Algebra | Bound) and _has_no_value(after, outside):
        return Fate.EQUIVALENT, "neither side has a finite value outside the stated scope"
    if isinstance(before.by, HoldsWhere) and all(
        holds_at(after.subject, point) is None for point in outside.points(OUTSIDE)
    ):
        return Fate.EQUIVALENT, "the left side has no value outside the stated scope"
    verdict = judge(after.by, after.subject, after.formula, outside)
    if passed(verdict):
        return (
            Fate.IMPLIED,
            f"both sides, as they are derived for the stated scope, agree outside it: {verdict}",
        )
    return Fate.SURVIVED, f"outside the stated scope: {verdict}"


def _beyond_for_matrices(before: Statement, after: Statement) -> tuple[Fate, str]:
    """Sizes are drawn in every order that a scope allows, so those outside the stated one were tried."""
    tried = judge(after.by, after.subject, after.formula, after.scope)
    if passed(tried) and isinstance(before.by, MatrixIdentity | ExactMean):
        return Fate.IMPLIED, f"it holds in the wider scope: {tried}"
    return Fate.SURVIVED, "no points outside the stated scope"


def _has_no_value(statement: Statement, scope: Domain) -> bool:
    """Whether neither side has a finite value at any point of a scope: nothing is said there."""
    return not any(
        _is_finite(side.xreplace(point))
        for point in scope.points(OUTSIDE)
        for side in (statement.subject, statement.formula)
    )


def _is_finite(side: Expr) -> bool:
    if holds(side, zoo, oo, nan):
        return False
    ball = ball_at(side, BITS)
    return ball is not None and bool(ball.is_finite())


def _complement(stated: Domain, wider: Domain) -> Domain:
    """The wider scope without the stated one, where one condition was lifted."""
    lifted = [each for each in stated.conditions if each not in wider.conditions]
    return replace(wider, conditions=(*wider.conditions, *(~each for each in lifted)))
