"""The judge at edges: an equality or a bound in balls at the points that a scope has on its edges."""

from typing import Any

from sympy import Expr, nan, oo, zoo

from symcollapse.evaluation.numbers import ball_at, holds
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable
from symcollapse.reasoning.checking import BITS, lacks_value
from symcollapse.reasoning.edge_points import EdgePoint, edge_points
from symcollapse.reasoning.limit_points import named
from symcollapse.reasoning.steps import Algebra, Bound
from symcollapse.reasoning.verdicts import Refuted, Supported, Undecided, Verdict

EQUAL_WITHIN = 1e-40
"""Width of two balls that overlap, relative to their value, below which both sides count as equal: far above rounding."""


def judge_at_edges(
    by: Algebra | Bound, before: Expr, after: Expr, domain: Domain
) -> Verdict | None:
    """Verdict at the edges of the scope; None where it has none.

    Edges at which both sides are infinite say nothing, and are counted apart.

    Example
    -------
    >>> from symcollapse.language.symbols import generations as n
    >>> isinstance(judge_at_edges(Algebra(), n, n**2, Domain()), Refuted)  # equal at n = 1 only
    True
    """
    equal = infinite = 0
    points = edge_points(domain, before, after)
    for point in points:
        sides = tuple(side.xreplace(dict(point.values)) for side in (before, after))
        unbounded = tuple(holds(side, zoo, oo) and not holds(side, nan) for side in sides)
        if lacks_value(*sides):
            return Refuted(f"at {_where(point, before, after)}: the right side has no value")
        if all(unbounded):
            infinite += 1
            continue
        try:
            balls = tuple(
                None if holds(side, zoo, oo, nan) else ball_at(side, BITS) for side in sides
            )
        except NotEvaluable as error:
            return Undecided(str(error))
        known = [ball for ball in balls if ball is not None]
        if any(unbounded) and len(known) == 1:
            finite = known[0].str(12, radius=False)
            return Refuted(
                f"at {_where(point, before, after)}: one side is infinite, the other {finite}"
            )
        if len(known) < 2:
            continue
        order = _order(by, *known)
        if order is False:
            left, right = (ball.str(12, radius=False) for ball in known)
            return Refuted(f"at {_where(point, before, after)}: {left} against {right}")
        equal += order is True
    return _concluded(len(points), equal, infinite)


def _order(by: Algebra | Bound, left: Any, right: Any) -> bool | None:
    """Whether two balls are related as stated; None if they do not tell."""
    narrow = (left - right).abs_upper() < EQUAL_WITHIN * (1 + left.abs_upper())
    if isinstance(by, Bound):
        low, high = (left, right) if by.above else (right, left)
        if high < low:
            return False
        return True if low < high or narrow else None
    if not left.overlaps(right):
        return False
    return True if narrow else None


def _concluded(count: int, decided: int, infinite: int) -> Verdict | None:
    if not count:
        return None
    finite = count - infinite
    apart = f", at {infinite} more both sides are infinite" if infinite else ""
    if 2 * decided < finite or not finite:
        return Undecided(f"only {decided} of {finite} points on edges could be decided{apart}")
    return Supported(f"holds at {decided} of {finite} points on edges of the scope{apart}")


def _where(point: EdgePoint, before: Expr, after: Expr) -> str:
    # Letters without edges have drawn values; without them nobody could repeat it.
    return f"{point.name} ({named(point.values, before, after)})"
