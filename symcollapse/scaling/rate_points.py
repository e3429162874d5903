"""Exact points at which rates are compared: in the cells between the crossovers, and on the edges, which chance misses.

Letters are exponents here. Some points are drawn from the ranges; in the others one or two letters are set to where
regimes meet: equal exponents, r = 1, the critical ridge, the ends of the ranges.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from random import Random
from typing import Any

from sympy import Basic, Expr, Integer, Min, Rational, Symbol

from symcollapse.language.domains import Domain, EmptyDomain, Range
from symcollapse.language.symbols import (
    capacity,
    dimension_exponent,
    generation_samples_exponent,
    generations_exponent,
    noise_exponent,
    order,
    power,
    ridge_exponent,
    source,
)

POINTS = 200
"""Points of a statement; two thirds of them on edges."""

BORDER = 48
"""Points on the borders that a statement draws itself."""

LEAST = 20
"""Points that are kept in any case, where there are as many."""

ATTEMPTS = 60
"""Draws for each point before the rest is given up."""

_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_FEWER = Min(generation_samples_exponent, 1)
_PINS: Mapping[Symbol, tuple[Any, ...]] = {
    source: (Rational(1, 2), 1, 1, 1, Rational(3, 2), 2),
    ridge_exponent: (
        0,
        _CRITICAL,
        capacity,
        capacity * dimension_exponent,
        capacity * generation_samples_exponent,
        (_FEWER - generations_exponent) * _CRITICAL,
        (generation_samples_exponent - generations_exponent) * _CRITICAL,
        capacity * (_FEWER - generations_exponent),
    ),
    generations_exponent: (
        0,
        1,
        generation_samples_exponent,
        _FEWER,
        _FEWER - ridge_exponent / capacity,
    ),
    generation_samples_exponent: (
        1,
        generations_exponent,
        dimension_exponent,
        ridge_exponent / capacity,
        1 / (2 * capacity * _R + 1),
    ),
    dimension_exponent: (
        1,
        generation_samples_exponent,
        ridge_exponent / capacity,
    ),
    noise_exponent: (0, 2 * capacity * _R, 2 * _R * ridge_exponent + ridge_exponent / capacity - 1),
    power: (1, order + 1 / capacity, 1 + 1 / capacity),
}
"""Where regimes meet, letter by letter; in other letters where they are drawn."""

Point = Mapping[Basic, Rational]
"""Numbers for the letters."""


@dataclass(frozen=True)
class PointPlan:
    """Where points are drawn; hashable, so that what is derived at them is derived once.

    Example
    -------
    >>> plan = PointPlan.of(Domain({source: Range(Rational(1, 4), 2, grain=12)}))
    >>> any(point[source] == 1 for point in plan.points()), len(plan.points()) > 20
    (True, True)
    """

    ranges: tuple[tuple[Symbol, Range], ...]
    conditions: tuple[Any, ...] = ()
    pinned: tuple[tuple[Symbol, Expr], ...] = ()
    """Where some are given, each point lies on one of these borders: a letter, and its value there."""
    every: int = 1
    """Only every so many-th point is kept, where there are many."""

    @classmethod
    def of(
        cls, domain: Domain, pinned: tuple[tuple[Symbol, Expr], ...] = (), every: int = 1
    ) -> "PointPlan":
        """The plan of a domain, by its own ranges and conditions."""
        ranges = tuple(sorted(domain.ranges.items(), key=lambda item: str(item[0])))
        new = tuple(
            (letter, value) for letter, value in pinned if value not in _PINS.get(letter, ())
        )
        return cls(ranges, domain.conditions, new, every)

    def points(self) -> tuple[Point, ...]:
        """The points, edges among them.

        Raises
        ------
        EmptyDomain
            If no point meets the conditions.
        """
        return _drawn(self)


@lru_cache(maxsize=64)
def _drawn(plan: PointPlan) -> tuple[Point, ...]:
    random = Random(1)
    held = dict(plan.ranges)
    borders = plan.pinned or tuple(
        (letter, value) for letter, values in _PINS.items() for value in values
    )
    pins = [pin for pin in borders if pin[0] in held and _letters(pin[1]) <= held.keys()]
    count = BORDER if plan.pinned else POINTS
    found: dict[tuple[Any, ...], Point] = {}
    for attempt in range(ATTEMPTS * count):
        if len(found) == count:
            break
        point: dict[Basic, Any] = {symbol: each.draw(random) for symbol, each in plan.ranges}
        if pins and (plan.pinned or attempt % 3):
            for letter, value in random.sample(pins, min(len(pins), random.choice((1, 1, 2)))):
                _pin(point, letter, value, held[letter])
        if all(condition.xreplace(point) == True for condition in plan.conditions):  # noqa: E712
            found.setdefault(tuple(point.values()), point)
    if not found and not plan.pinned:
        stated = ", ".join(map(str, plan.conditions))
        raise EmptyDomain(f"no point with {stated}: widen the ranges, or correct the conditions")
    # Of few points all are kept.
    kept = tuple(found.values())[:: max(1, min(plan.every, len(found) // LEAST))]
    return (*_corners(plan), *kept)


def _corners(plan: PointPlan) -> tuple[Point, ...]:
    """Points with r = 1 where a border of a meets one of ℓ: there logarithms come and go, and few draws hit all three."""
    random, held = Random(2), dict(plan.ranges)
    if not {source, generations_exponent} <= held.keys():
        return ()
    # Where ℓ is no letter, or held by none of its borders, the other letters are drawn more than once.
    ridges = (*_PINS[ridge_exponent], None) if ridge_exponent in held else (None, None, None)
    found: list[Point] = []
    for value, place in product(_PINS[generations_exponent], ridges):
        if not _letters(value) | _letters(place) <= held.keys():
            continue
        for _ in range(ATTEMPTS):
            point: dict[Basic, Any] = {symbol: each.draw(random) for symbol, each in plan.ranges}
            _pin(point, source, 1, held[source])
            _pin(point, generations_exponent, value, held[generations_exponent])
            if place is not None:
                _pin(point, ridge_exponent, place, held[ridge_exponent])
            if all(condition.xreplace(point) == True for condition in plan.conditions):  # noqa: E712
                found.append(point)
                break
    return tuple(found)


def _letters(value: Any) -> set[Basic]:
    return set(value.free_symbols) if isinstance(value, Expr) else set()


def _pin(point: dict[Basic, Any], letter: Symbol, value: Any, interval: Range) -> None:
    """Set a letter where its value is one of its range."""
    number = value.xreplace(point) if isinstance(value, Expr) else Integer(value)
    if isinstance(number, Rational) and interval.low <= number <= interval.high:
        point[letter] = number
