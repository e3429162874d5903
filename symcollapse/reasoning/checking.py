"""Judges: one for each justification.

A judge recomputes what a step claims. Identities are tried twice: symbolically, and with balls at exact points of the
domain; if a proof and a refutation ever meet, that is a bug here or in SymPy, and it raises.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch

from sympy import Basic, Expr, Integer, limit, nan, oo, zoo

from symcollapse.evaluation.numbers import ball_at, holds
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import Diverges, NotEvaluable, SymcollapseError
from symcollapse.language.quantities import canonical
from symcollapse.language.spectra import Spectrum
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning.normal_forms import is_identity
from symcollapse.reasoning.relations import Relation, weakest
from symcollapse.reasoning.steps import (
    Algebra,
    Derivation,
    Differentiate,
    Justification,
    Limit,
    Published,
    Solve,
    Substitute,
    Unfold,
)
from symcollapse.reasoning.verdicts import (
    Proved,
    Refuted,
    Supported,
    Undecided,
    Verdict,
    passed,
)

POINTS = 20
"""Exact points at which an identity is tried."""

BITS = 256
"""Working precision of the trial: two formulas that differ by 1e-60 are told apart."""

LONGEST_PROOF = 2500
"""Operations up to which a symbolic proof is tried; partial fractions of longer formulas take minutes."""


class ProofContradicted(SymcollapseError):
    """A symbolic proof and an enclosure disagree: a bug, not a result."""


@dataclass(frozen=True)
class Checked:
    """A derivation with the verdict on each step."""

    derivation: Derivation
    verdicts: tuple[Verdict, ...]
    published: tuple[Verdict, ...] = ()
    """Verdicts on the published formulas; they may differ from the result, and the derivation still stands."""

    @property
    def passed(self) -> bool:
        """Whether every step may stand."""
        return all(passed(verdict) for verdict in self.verdicts)


def check(derivation: Derivation, progress: Callable[[int, int], object] | None = None) -> Checked:
    """Judge every step of a derivation.

    Parameters
    ----------
    derivation
        The steps.
    progress
        Called with the steps judged, and all of them.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning.steps import Step
    >>> check(Derivation("False", ridge, (Step(2 * ridge, Algebra()),))).passed
    False
    """
    before = derivation.start
    verdicts: list[Verdict] = []
    relations: list[Relation] = []
    for step in derivation.steps:
        relations.append(step.by.relation)
        try:
            weakest(tuple(relations))
        except ValueError as error:
            verdicts.append(Refuted(str(error)))
        else:
            verdicts.append(judge(step.by, before, step.to, derivation.domain))
        before = step.to
        if progress is not None:
            progress(len(verdicts), len(derivation.steps))
    published = tuple(_judge_published(claim, derivation) for claim in derivation.published)
    return Checked(derivation, tuple(verdicts), published)


def _judge_published(claim: Published, derivation: Derivation) -> Verdict:
    before = derivation.start if claim.of is None else claim.of
    scope = derivation.domain if claim.scope is None else claim.scope
    try:
        return judge(claim.by, before, claim.formula, scope)
    except Diverges:
        (point,) = scope.points(1)
        held = before.free_symbols | claim.formula.free_symbols
        shown = ", ".join(f"{k} = {v}" for k, v in point.items() if k.is_Symbol and k in held)
        return Refuted(f"one side is an infinite sum that diverges, as at {shown}")


@singledispatch
def judge(by: Justification, before: Expr, after: Expr, domain: Domain) -> Verdict:
    """Verdict on one step.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> str(judge(Algebra(), ridge + ridge, 2 * ridge, Domain()))
    'proved: both sides are the same expression'
    """
    del before, after, domain
    raise TypeError(f"no judge for {type(by).__name__}")


def compare_at_points(before: Expr, after: Expr, domain: Domain, count: int = POINTS) -> Verdict:
    """Both sides in balls at exact points of the domain.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> isinstance(compare_at_points(ridge, ridge + Integer(10) ** -50, Domain()), Refuted)
    True
    """
    decided = 0
    for point in domain.points(count):
        sides = tuple(side.xreplace(point) for side in (before, after))
        if lacks_value(*sides):
            return Refuted(f"the right side has no value at {_shown(point, before, after)}")
        if any(_is_infinite(side) for side in sides):
            continue
        try:
            left, right = (ball_at(side, BITS) for side in sides)
        except NotEvaluable as error:
            return Undecided(f"{error}")
        if left is None or right is None:
            continue
        if not left.overlaps(right):
            shown = _shown(point, before, after)
            return Refuted(f"{left.str(12)} against {right.str(12)} at {shown}")
        # A wide ball overlaps with anything: only narrow ones count.
        if (left - right).abs_upper() < 1e-40 * (1 + left.abs_upper()):
            decided += 1
    if decided < count // 2:
        return Undecided(f"only {decided} of {count} points could be decided")
    return Supported(f"equal within 1e-40 at {decided} exact points")


def lacks_value(left: Expr, right: Expr) -> bool:
    """Whether the left side has a value at numbers and the right side has none, such as one without a case for them.

    A formula for a part of the scope is none for the scope. Where the left side has no value either, nothing is said.

    Example
    -------
    >>> from sympy import Piecewise
    >>> from symcollapse.language.symbols import ridge
    >>> below = Piecewise((ridge, ridge < 1))
    >>> lacks_value(Integer(2), below.xreplace({ridge: Integer(2)}))
    True
    """
    if not holds(right, nan) or holds(left, nan, zoo, oo):
        return False
    try:
        return ball_at(left, BITS) is not None
    except NotEvaluable:
        return False


def _shown(point: Mapping[Basic, Basic], *sides: Basic) -> dict[str, str]:
    return {
        str(key): str(value) for key, value in point.items() if any(side.has(key) for side in sides)
    }


def _is_infinite(formula: Basic) -> bool:
    """Whether 1/0 stands in a formula; the dimension of a spectrum may be infinite."""
    if isinstance(formula, Spectrum):
        return False
    return formula in (zoo, nan, oo) or any(map(_is_infinite, formula.args))


@judge.register
def _(by: Algebra, before: Expr, after: Expr, domain: Domain) -> Verdict:
    del by
    if before == after:
        return Proved("both sides are the same expression")
    tried = compare_at_points(before, after, domain)
    if isinstance(tried, Undecided):
        return tried
    short = before.count_ops() + after.count_ops() <= LONGEST_PROOF
    if not (short and is_identity(before, after)):
        return tried
    if isinstance(tried, Refuted):
        if _assumes_too_few_samples(before, after):
            return tried
        raise ProofContradicted(f"{before} = {after} is proved, yet {tried}")
    return Proved("partial fractions and the equation of the effective ridge")


def _assumes_too_few_samples(*sides: Expr) -> bool:
    """Whether a symbolic proof took κ(0, T) > 0, which is so for T < d only."""
    return any(
        node.ridge == 0 for side in sides for node in unfold(side).atoms(EffectiveRidge)
    ) or any(node.ridge == 0 for side in sides for node in side.atoms(EffectiveRidge))


@judge.register
def _(by: Unfold, before: Expr, after: Expr, domain: Domain) -> Verdict:
    unfolded = unfold(before, *by.kinds)
    if unfolded == before:
        return Refuted(f"nothing to unfold: {by}")
    if unfolded == after or canonical(unfolded) == canonical(after):
        return Proved("by definition")
    return judge(Algebra(), unfolded, after, domain)


@judge.register
def _(by: Differentiate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    return judge(Algebra(), before.diff(by.symbol), after, domain)


@judge.register
def _(by: Substitute, before: Expr, after: Expr, domain: Domain) -> Verdict:
    replaced = before.xreplace(dict(by.rule))
    if replaced == before:
        return Refuted(f"nothing to replace: {by}")
    return judge(Algebra(), canonical(replaced), after, domain)


@judge.register
def _(by: Limit, before: Expr, after: Expr, domain: Domain) -> Verdict:
    try:
        sides = {limit(before, by.symbol, by.to, direction) for direction in _directions(by)}
    except NotImplementedError as error:
        return Undecided(f"SymPy finds no limit: {error}")
    if len(sides) > 1:
        return Undecided(f"the limit depends on the side: {', '.join(map(str, sides))}")
    (found,) = sides
    if found == after or (found - after).simplify() == 0:
        return Proved("symbolic limit")
    if found in (oo, -oo):
        return Refuted(f"the limit is {found}")
    return compare_at_points(found, after, domain)


def _directions(by: Limit) -> tuple[str, ...]:
    return ("+", "-") if by.to.is_finite and by.to != 0 else ("+",)


@judge.register
def _(by: Solve, before: Expr, after: Expr, domain: Domain) -> Verdict:
    slope = before.diff(by.symbol)
    if slope == 0:
        return Refuted(f"{by.symbol} does not occur")
    if after.has(oo, -oo, zoo, nan):
        return Refuted(f"{after} is not a number")
    verdict = judge(Algebra(), before.xreplace({by.symbol: after}), Integer(0), domain)
    if not passed(verdict):
        return verdict
    if by.symbol.is_extended_nonnegative and not _ever_nonnegative(after, domain):
        return Refuted(f"a root, but negative at every point, where {by.symbol} >= 0")
    if slope.has(by.symbol):
        return Supported("a root; uniqueness is not shown, as the line is not linear")
    return verdict


def _ever_nonnegative(value: Expr, domain: Domain) -> bool:
    balls = (ball_at(value.xreplace(point), BITS) for point in domain.points(POINTS))
    return any(ball is not None and not ball < 0 for ball in balls)
