"""The judge of bounds: both sides in balls at exact points, where they are certainly in order or certainly not."""

from typing import Any

from sympy import Expr

from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.design_means import DesignMean
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable
from symcollapse.reasoning.checking import BITS, POINTS, judge, lacks_value
from symcollapse.reasoning.drawn_bounds import judge_drawn_bound
from symcollapse.reasoning.limit_points import named, short
from symcollapse.reasoning.steps import Bound
from symcollapse.reasoning.verdicts import Refuted, Supported, Undecided, Verdict

EQUAL_WITHIN = 1e-40
"""Relative difference of two balls that overlap, below which both sides count as equal: a bound that is attained."""


@judge.register
def _(by: Bound, before: Expr, after: Expr, domain: Domain) -> Verdict:
    if before.has(DesignMean) or after.has(DesignMean):
        return judge_drawn_bound(by, before, after, domain)
    decided, gaps = 0, []
    for point in domain.points(POINTS):
        sides = tuple(side.xreplace(point) for side in (before, after))
        if lacks_value(*sides):
            return Refuted(f"the bound has no value at {named(point, before, after)}")
        try:
            line, bound = (ball_at(side, BITS) for side in sides)
        except NotEvaluable as error:
            return Undecided(f"{error}")
        if line is None or bound is None:
            continue
        low, high = (line, bound) if by.above else (bound, line)
        if high < low:
            return Refuted(
                f"{short(line)} is {'more' if by.above else 'less'} than {short(bound)} "
                f"at {named(point, before, after)}"
            )
        gap = abs(line - bound) / abs(line).max(abs(bound))
        if low < high or gap.abs_upper() < EQUAL_WITHIN:
            decided += 1
            gaps.append(gap)
    if decided < POINTS // 2:
        return Undecided(f"only {decided} of {POINTS} points could be decided")
    least: Any = min(gaps, key=lambda gap: float(gap.mid()))
    closest = f"the closest within {short(least)} of it" if least > EQUAL_WITHIN else "attained"
    return Supported(f"certainly in order at {decided} exact points, {closest}")
