"""Judges of published rates: orders derived exactly in every cell and on every edge, and measured on certified values."""

from functools import lru_cache
from typing import Any

from flint import arb, ctx
from sympy import Expr, Integer, Rational, Symbol, oo
from sympy.core.relational import Relational

from symcollapse.language import symbols
from symcollapse.language.domains import Domain
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.reasoning import (
    BestRidge,
    Exponent,
    OrderHoldsWhere,
    Refuted,
    Ridges,
    Supported,
    Towards,
    Undecided,
    Verdict,
    judge,
)
from symcollapse.reasoning.limit_points import BITS, value_of
from symcollapse.scaling.best_orders import BestOrder, best_order
from symcollapse.scaling.derived_orders import course
from symcollapse.scaling.orders import ONE, Order
from symcollapse.scaling.rate_points import Point, PointPlan

FEWER = 6
"""Every so many-th point is used where a best ridge has to be found at each."""

MEASURED = 3
"""Points at which the exponent is measured on certified values besides."""

DECADES = (36, 108)
"""Powers of ten between which a slope is measured; multiples of 12, so that sizes are whole."""

SLOPE = 0.02
"""Difference of a measured slope that is put down to terms that are nearly as large: two terms whose exponents differ by
g leave g·10^(−36g), at most 0.01; corrections to the leading order leave as much."""


@judge.register
def _(by: Exponent, before: Expr, after: Expr, domain: Domain) -> Verdict:
    pairs = _pairs(before, by.towards, by.over, _plans(domain, after, by.over))
    tried, refused = 0, ""
    for point, derived in pairs:
        if isinstance(derived, NotSupported):
            refused = refused or f": {derived}"
            continue
        tried += 1
        try:
            stated = course(by.towards, _with_ridge(point, by.over)).of(after)
        except Diverges as error:
            return Refuted(f"the right side has no order: {error}; {_at(point)}")
        if not _agree(derived, stated, by.bound):
            found, other = (_told(each, by.towards) for each in (derived, stated))
            return Refuted(f"{found}, not {other}, at {_at(point)}")
    if 10 * tried < 9 * len(pairs):
        return Undecided(f"orders are derived at {tried} of {len(pairs)} points only{refused}")
    slopes = "" if by.over else _measured(before, by.towards, [point for point, _ in pairs])
    if slopes is None:
        return Undecided("the derived order disagrees with certified values")
    return Supported(f"orders derived exactly at {tried} points, edges among them{slopes}")


@judge.register
def _(by: BestRidge, before: Expr, after: Expr, domain: Domain) -> Verdict:
    pairs = [
        pair
        for plan in _plans(domain, after, by.over)
        for pair in zip(plan.points(), _bests(before, by.towards, by.over, plan), strict=True)
    ]
    tried, refused = 0, ""
    for point, best in pairs:
        place = after.xreplace(dict(point))
        if not isinstance(place, Rational):
            return Refuted(f"{by.over.exponent} = {place} is no number, at {_at(point)}")
        if isinstance(best, NotSupported):
            refused = refused or f": {best}"
            continue
        tried += 1
        low, high = (end.xreplace(dict(point)) for end in (by.over.low, by.over.high))
        if not low <= place <= high:
            return Refuted(
                f"{by.over.exponent} = {place} is outside {low} … {high}, at {_at(point)}"
            )
        if best is None:
            continue
        here = course(by.towards, {**point, by.over.exponent: place}).of(before)
        if here is None or here.exponent != best.order.exponent:
            return Refuted(
                f"{by.over.exponent} = {place} gives {_told(here, by.towards)}, {by.over.exponent} = {best.place} gives "
                f"{best.order}, at {_at(point)}"
            )
    if 10 * tried < 9 * len(pairs):
        return Undecided(f"orders are derived at {tried} of {len(pairs)} points only{refused}")
    return Supported(f"no other ridge has a better exponent, exactly at {tried} points")


@judge.register
def _(by: OrderHoldsWhere, before: Expr, after: Any, domain: Domain) -> Verdict:
    assert by.towards is not None
    pairs = _pairs(before, by.towards, by.over, _plans(domain, after, by.over))
    counts = {True: 0, False: 0}
    excluded = 0
    slips: list[tuple[bool, str]] = []
    for point, derived in pairs:
        if isinstance(derived, NotSupported):
            continue
        held = _happens(by, derived, point)
        stated = after.xreplace(dict(point)) == True  # noqa: E712 - SymPy's own true.
        counts[held] += 1
        excluded += not stated
        if held and not stated:
            slips.append(
                (True, f"{_told(derived, by.towards)}, but the condition fails at {_at(point)}")
            )
        elif stated and not held and not by.only:
            slips.append(
                (False, f"{_told(derived, by.towards)}, but the condition holds at {_at(point)}")
            )
    if slips:
        return Refuted(min(slips)[1])
    tried = sum(counts.values())
    if 10 * tried < 9 * len(pairs):
        return Undecided(f"orders are derived at {tried} of {len(pairs)} points only")
    # A condition that the scope implies says nothing: it would answer any other one.
    if not all(counts.values()) or not excluded:
        return Undecided(f"of {tried} points none lies on one side of the condition")
    return Supported(f"exactly at {tried} points, {counts[True]} of them where it happens")


def _plans(domain: Domain, after: Any, over: Ridges | None) -> tuple[PointPlan, ...]:
    """Points of the scope, and more on the borders that the right side draws."""
    every = FEWER if over else 1
    plans = [PointPlan.of(domain, every=every)]
    pins = () if after is None else _pins(after)
    borders = PointPlan.of(domain, pins, every)
    return (*plans, borders) if borders.pinned else tuple(plans)


def _pairs(
    formula: Expr, towards: Towards, over: Ridges | None, plans: tuple[PointPlan, ...]
) -> list[tuple[Point, Any]]:
    """Points with the orders derived there; those of the scope are shared by all statements on it."""
    return [
        pair
        for plan in plans
        for pair in zip(plan.points(), _derived(formula, towards, over, plan), strict=True)
    ]


def _pins(formula: Expr) -> tuple[tuple[Symbol, Expr], ...]:
    """Where both sides of a condition, or of a formula's case, are equal: a letter, and its value there."""
    found: list[tuple[Symbol, Expr]] = []
    for relation in sorted(formula.atoms(Relational), key=str):
        gap = relation.lhs - relation.rhs
        for letter in sorted((each for each in gap.free_symbols), key=str):
            slope = gap.expand().coeff(letter)
            rest = (gap - slope * letter).expand()
            if slope != 0 and not rest.has(letter):
                found.append((letter, -rest / slope))
    return tuple(found)


@lru_cache(maxsize=256)
def _derived(
    formula: Expr, towards: Towards, over: Ridges | None, plan: PointPlan
) -> tuple[Any, ...]:
    # Printed statement, repair and controls share their subject, and what is derived of it.
    if over is None:
        return tuple(_derived_at(formula, towards, point) for point in plan.points())
    bests = _bests(formula, towards, over, plan)
    return tuple(best.order if isinstance(best, BestOrder) else best for best in bests)


def _derived_at(formula: Expr, towards: Towards, point: Point) -> Any:
    try:
        return course(towards, point).of(formula)
    except NotSupported as error:
        return error


@lru_cache(maxsize=256)
def _bests(
    formula: Expr, towards: Towards, over: Ridges, plan: PointPlan
) -> tuple[BestOrder | NotSupported | None, ...]:
    return tuple(_best(formula, towards, over, point) for point in plan.points())


def _best(
    formula: Expr, towards: Towards, over: Ridges, point: Point
) -> BestOrder | NotSupported | None:
    known: dict[Rational, tuple[Order | None, ...]] = {}

    def terms(place: Rational) -> tuple[Order | None, ...]:
        if place not in known:
            known[place] = course(towards, {**point, over.exponent: place}).of_terms(formula)
        return known[place]

    low, high = (end.xreplace(dict(point)) for end in (over.low, over.high))
    orders = course(towards, {**point, over.exponent: low}).orders
    sizes = [orders.get(each) for each in (symbols.generation_samples, symbols.dimension)]
    levels = [Integer(1), *(size.exponent for size in sizes if size is not None)]
    decay = point[symbols.capacity]
    try:
        return best_order(terms, tuple(decay * level for level in levels), low, high)
    except NotSupported as error:
        return error


def _with_ridge(point: Point, over: Ridges | None) -> Point:
    """The point, with some ridge where the ridge is chosen: no order that is stated depends on it."""
    return point if over is None else {**point, over.exponent: Integer(0)}


def _agree(derived: Order | None, stated: Order | None, bound: str) -> bool:
    if derived is None or stated is None:
        return derived is stated if not bound else (bound == "below") is (stated is None)
    if bound == "below":
        return derived.key >= stated.key
    return derived.key <= stated.key if bound else derived.key == stated.key


def _happens(by: OrderHoldsWhere, derived: Order | None, point: Point) -> bool:
    """Whether a line of that order vanishes, diverges, or is of the order asked for."""
    assert by.towards is not None
    if by.order == 0:
        return derived is None or derived.key < ONE.key
    if by.order == oo:
        return derived is not None and derived.key > ONE.key
    asked = course(by.towards, _with_ridge(point, by.over)).of(by.order)
    return _agree(derived, asked, "")


def _measured(formula: Expr, towards: Towards, points: list[Point]) -> str | None:
    """Slopes on certified values, in words; None if one contradicts the derived exponent."""
    worst, tried = arb(0), 0
    whole = [point for point in points if all((12 * value).is_Integer for value in point.values())]
    for point in whole[:MEASURED]:
        order = course(towards, point).of(formula)
        with ctx.workprec(BITS):
            near, far = (value_of(_far(formula, towards, point, n), BITS) for n in DECADES)
            if order is None or near is None or far is None:
                continue
            ratio = abs(far / near) * (arb(DECADES[0]) / DECADES[1]) ** int(order.logarithms)
            slope = ratio.log() / (arb(10).log() * (DECADES[1] - DECADES[0]))
            gap = abs(slope - arb(order.exponent.p) / order.exponent.q)
        if not gap <= SLOPE:
            return None
        tried, worst = tried + 1, worst.max(gap)
    if not tried:
        return ""
    return f"; slopes of certified values within {float(worst):.1g} of them at {tried}"


def _far(formula: Expr, towards: Towards, point: Point, decades: int) -> Expr:
    number = Integer(10) ** decades
    rule: dict[Any, Any] = {**point, **_STILL}
    rule[towards.variable] = number if towards.to == oo else 1 / number
    for symbol, value in towards.following:
        rule[symbol] = value.xreplace(rule)
    return formula.xreplace(rule)


_STILL = {
    symbols.noise: Rational(1, 3),
    symbols.generation_noise: Rational(1, 2),
    symbols.generations: Integer(3),
    symbols.dimension: Integer(20),
}
"""Numbers for what stands still, where values are measured."""


def _told(order: Order | None, towards: Towards) -> str:
    variable = str(towards.variable) if towards.to == oo else f"(1/{towards.variable})"
    return "0" if order is None else order.written(variable)


def _at(point: Point) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in point.items())
