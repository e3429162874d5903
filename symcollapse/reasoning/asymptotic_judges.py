"""Judges of steps that speak of a limit.

A line is enclosed in balls at exact points of the domain, at values of the variable that lie many decades apart. What
tends to 0 must do so from each of them to the next; so a wrong constant, exponent or logarithm shows, and the verdict
says how large an error is left. Expansions of a sum over a power law are derived anew from its Mellin transform besides.
"""

from typing import Any

from flint import arb, ctx
from sympy import Add, Basic, Expr, Rational, simplify

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.expansions.remainders import remainder_bound
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotSupported, SymcollapseError
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.reasoning.asymptotic_steps import Expand, Leading, Rate
from symcollapse.reasoning.checking import judge
from symcollapse.reasoning.limit_points import (
    BITS,
    DECADES,
    EXPANSION_DECADES,
    MOST_BITS,
    absolute,
    at_the_end,
    followed,
    moves,
    named,
    relative_gap,
    short,
    shown,
    sides_at,
    signed,
    supported,
)
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Verdict

REMAINDERS = 2
"""Points at which the proven remainder is computed."""

SHRINKS = 0.2
"""Factor by which a difference that falls like a power must fall over 72 decades: a power of 0.01 does."""

LOGARITHM = 0.05
"""Share of a difference that may be left when what falls like 1/ln is extrapolated away."""

GROWS = 1.5
"""Growth, when the decades double, at which a remainder is no longer of its order: a logarithm would grow by 2."""

SLOPE = 0.005
"""Difference of an exponent over 72 decades that is put down to lower orders; a logarithm would make 0.0066."""


@judge.register
def _(by: Leading, before: Expr, after: Expr, domain: Domain) -> Verdict:
    with ctx.workprec(BITS):
        return _leading(by, before, after, domain)


def _leading(by: Leading, before: Expr, after: Expr, domain: Domain) -> Verdict:
    left, tried, worst = arb(0), 0, arb(0)
    for point, values in followed(by.towards, domain, DECADES):
        gaps = []
        for place in values:
            gap = _off_one(before, after, place)
            if gap is None:
                break
            gaps.append(gap)
        if len(gaps) < len(values):
            continue
        tried += 1
        first, last = gaps[-2:]
        power = last <= SHRINKS * first
        logarithm = abs(3 * last - first) / 2 <= LOGARITHM * first
        if not (power or logarithm or last < 1e-30):
            numbers = shown(before, after, values[-1])
            return Refuted(
                f"the ratio is off 1 by {short(first)}, then by {short(last)} as {moves(by.towards, -2)}: "
                f"{numbers} at {named(point, before, after, by.towards)}"
            )
        worst = worst.max(last)
        left = left.max(abs(3 * last - first) / 2) if not power else left
    return supported(
        tried, f"the ratio is off 1 by {short(worst)} at {at_the_end(by.towards)}, and tends to 1"
    )


def _off_one(before: Expr, after: Expr, place: dict[Basic, Any]) -> Any | None:
    """|before/after − 1|, at a precision that decides it: where terms cancel, a ball that holds 0 says nothing."""
    bits = BITS
    while bits <= MOST_BITS:
        sides = sides_at(before, after, place, bits)
        if sides is None:
            return None
        with ctx.workprec(bits):
            if sides[1] == 0:
                return arb("inf")
            gap = abs(sides[0] / sides[1] - 1)
            if gap.is_finite() and gap.rad() < 1e-60 + 1e-6 * abs(gap.mid()):
                return gap
        bits *= 2
    return None


@judge.register
def _(by: Expand, before: Expr, after: Expr, domain: Domain) -> Verdict:
    with ctx.workprec(BITS):
        return _expansion(by, before, after, domain)


def _expansion(by: Expand, before: Expr, after: Expr, domain: Domain) -> Verdict:
    worst, tried = arb(0), 0
    order = Add(*(absolute(each) for each in by.next_orders))
    for point, values in followed(by.towards, domain, EXPANSION_DECADES):
        sizes = []
        for place in values:
            size = relative_gap(before, after, order, place)
            if size is None:
                break
            sizes.append(size)
        if len(sizes) < len(values):
            continue
        tried += 1
        first, last = sizes[-2:]
        if not (last <= GROWS * first or last < 1e-9):
            return Refuted(
                f"the difference is {short(first)}, then {short(last)} of the stated order as "
                f"{moves(by.towards, -2, EXPANSION_DECADES)}: {shown(before, after, values[-1])} at "
                f"{named(point, before, after, by.towards)}"
            )
        worst = worst.max(last)
    found = (
        f"within {short(worst)} of the stated order at {at_the_end(by.towards, EXPANSION_DECADES)}"
    )
    verdict = supported(tried, found)
    derived = _derived_expansion(by, before, after, domain)
    if derived and isinstance(verdict, Supported):
        return Proved(f"{derived}; {verdict.how}")
    return verdict


def compare_slopes(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    """Verdict on a rate by the slopes of both sides over many decades.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.symbols import samples
    >>> from symcollapse.reasoning.asymptotic_steps import Towards
    >>> verdict = compare_slopes(Rate(Towards(samples, oo)), samples + 1, samples**2, Domain())
    >>> verdict.why[:32]
    'the slope is 1.000, not 2.000, a'
    """
    with ctx.workprec(BITS):
        return _rate(by, before, after, domain)


@judge.register
def _(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    # The theory, on a higher floor, derives the exponent besides; it registers its judge over this one.
    return compare_slopes(by, before, after, domain)


def _rate(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    tried, worst = 0, arb(0)
    for point, values in followed(by.towards, domain, DECADES):
        heights = []
        for decades, place in zip(DECADES, values, strict=True):
            sides = sides_at(before, after, place)
            if sides is None:
                break
            ratio = abs(sides[0] / sides[1])
            logs = by.logarithms.xreplace(place)
            heights.append((ratio * arb(decades) ** -int(logs)).log())
        if len(heights) < len(values):
            continue
        tried += 1
        gap = abs(heights[-1] - heights[-2]) / (arb(10).log() * (DECADES[-1] - DECADES[-2]))
        if not gap <= SLOPE:
            return Refuted(_slopes(before, after, values, by, point))
        worst = worst.max(gap)
    return supported(
        tried, f"slopes over {DECADES[-2]} to {DECADES[-1]} decades agree within {short(worst)}"
    )


def _slopes(before: Expr, after: Expr, values: list[dict[Basic, Any]], by: Rate, point: Any) -> str:
    """The slopes of both sides over the last decades, and their ratios, in words."""
    near, far = (sides_at(before, after, place) for place in values[-2:])
    assert near is not None
    assert far is not None
    stretch = arb(10).log() * (DECADES[-1] - DECADES[-2])
    own, stated = ((abs(far[n]) / abs(near[n])).log() / stretch for n in (0, 1))
    if by.towards.to == 0:
        own, stated = -own, -stated
    return (
        f"the slope is {signed(own)}, not {signed(stated)}, as {moves(by.towards, -2)}, where the ratio of both "
        f"sides goes from {short(near[0] / near[1])} to {short(far[0] / far[1])}, at "
        f"{named(point, before, after, by.towards)}"
    )


def _derived_expansion(by: Expand, before: Expr, after: Expr, domain: Domain) -> str:
    """How the expansion of one sum over a power law is proved, or nothing."""
    coefficient, node = before.as_independent(SpectralTrace, QuadraticForm, as_Add=False)
    if not isinstance(node, SpectralTrace | QuadraticForm) or by.towards.to != 0:
        return ""
    if not isinstance(node.covariance, PowerLawSpectrum):
        return ""
    target = node.target if isinstance(node, QuadraticForm) else None
    variable = by.towards.variable
    for terms in range(1, 5):
        try:
            found = expand_power_law_sum(
                coefficient * node.summand, node.covariance, target, terms=terms, variable=variable
            )
        except NotSupported:
            return ""
        formulas = [found, *(found.at_meeting(meeting.gap) for meeting in found.meetings)]
        for each in formulas:
            # Numbers first: simplification of what differs takes seconds.
            if _meets(each.formula, after, domain) and simplify(each.formula - after) == 0:
                return "residues of the Mellin transform" + _within_remainder(
                    by, before, after, each, domain
                )
    return ""


def _meets(first: Expr, second: Expr, domain: Domain) -> bool:
    (point,) = domain.points(1)
    sides = sides_at(first, second, point)
    return sides is not None and bool(sides[0].overlaps(sides[1]))


def _within_remainder(by: Expand, before: Expr, after: Expr, expansion: Any, domain: Domain) -> str:
    """Whether the differences lie within the proven remainder, in words."""
    tried = 0
    for _, values in list(followed(by.towards, domain, EXPANSION_DECADES))[:REMAINDERS]:
        numbers = {k: v for k, v in values[0].items() if isinstance(v, Rational) and k.is_Symbol}
        with ctx.workprec(BITS):
            balls = {key: enclosed(value, {}) for key, value in numbers.items()}
            try:
                bound = remainder_bound(expansion, balls)
            except SymcollapseError:
                return ""
            sides = sides_at(before, after, values[0])
            if sides is None or not bound.is_finite():
                continue
            # The bound is so sharp that the balls may overlap: only a certain excess is one.
            if abs(sides[0] - sides[1]) > bound:
                raise SymcollapseError(f"the remainder of {after} is exceeded at {numbers}")
        tried += 1
    return f", the remainder proven at {tried} points" if tried else ""
