"""The smallest order of an error over ridges λ = T^-ℓ, and over those that lie a power of ln T beside the best.

Between the levels 0, 1, b and q of ℓ/β the exponent of an error is convex in ℓ, so that tangents find its least value
exactly. Where terms of different slopes meet at the best ℓ, a ridge λ = T^-ℓ (ln T)^m shares their logarithms out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from sympy import Integer, Rational, oo

from symcollapse.scaling.orders import Order

STEP = Rational(1, 10**12)
"""Less than the distance between any two places where exponents with small denominators bend."""


@dataclass(frozen=True)
class BestOrder:
    """The smallest order, and where it is attained."""

    order: Order
    place: Rational
    """One best ℓ."""


def best_order(
    terms: Callable[[Rational], tuple[Order | None, ...]],
    levels: tuple[Rational, ...],
    low: Rational,
    high: Any,
) -> BestOrder | None:
    """The smallest order over ℓ from low to high; None if every term is zero.

    Parameters
    ----------
    terms
        The orders of the terms of an error at an ℓ.
    levels
        The ℓ at which an exponent may bend to either side.
    low, high
        Ends of ℓ; the upper one may be infinite.

    Example
    -------
    >>> def terms(ell):
    ...     return Order(-2 * ell, Integer(1)), Order(ell - 1)
    >>> best = best_order(terms, (), Integer(0), Integer(3))
    >>> best.place, str(best.order)
    (1/3, 'T^(-2/3)·(ln T)^(1/3)')
    """
    last = max([low, *levels]) * 4 + 4 if high == oo else high
    ends = sorted({low, last, *(each for each in levels if low < each < last)})

    def height(place: Rational) -> Any:
        found = [term.exponent for term in terms(place) if term is not None]
        return max(found) if found else -oo

    places = [place for start, end in pairwise(ends) for place in _convex(height, start, end)]
    places = places or [low]
    least = min(height(place) for place in places)
    if least == -oo:
        return None
    best = [place for place in places if height(place) == least]
    # Of a whole stretch of best ridges the inside counts too: logarithms may stand at its ends only.
    inside = [(a + b) / 2 for a, b in pairwise(sorted(best)) if height((a + b) / 2) == least]
    found = [(_shared(terms, place, low, last), place) for place in (*best, *inside)]
    powers, place = min(found)
    return BestOrder(Order(least, powers), place)


def _convex(
    height: Callable[[Rational], Any], start: Rational, end: Rational
) -> tuple[Rational, ...]:
    """Where a convex function that is linear in pieces is smallest between two places; both ends of a flat part."""
    if height(start) == -oo or height(end) == -oo:
        return (start, end)
    falling = (height(start + STEP) - height(start)) / STEP
    rising = (height(end) - height(end - STEP)) / STEP
    if falling >= 0:
        return (start,) if falling > 0 else (start, _end_of_flat(height, start, end))
    if rising <= 0:
        return (end,) if rising < 0 else (_end_of_flat(height, end, start), end)
    meeting = (height(end) - height(start) + falling * start - rising * end) / (falling - rising)
    line = height(start) + falling * (meeting - start)
    if height(meeting) == line:
        return (meeting,)
    return (*_convex(height, start, meeting), *_convex(height, meeting, end))


def _end_of_flat(height: Callable[[Rational], Any], flat: Rational, end: Rational) -> Rational:
    """How far a function stays at its least value, going from one place towards another."""
    place, level = end, height(flat)
    while height(place) != level:
        back = STEP if place > flat else -STEP
        slope = (height(place) - height(place - back)) / back
        place -= (height(place) - level) / slope
    return place


def _shared(
    terms: Callable[[Rational], tuple[Order | None, ...]],
    place: Rational,
    low: Rational,
    high: Rational,
) -> Rational:
    """The smallest power of ln T over the ridges T^-ℓ (ln T)^m at one ℓ."""
    orders = terms(place)
    height = max(term.exponent for term in orders if term is not None)
    leading = [
        index for index, term in enumerate(orders) if term is not None and term.exponent == height
    ]
    powers: list[tuple[Rational, Rational, Rational]] = []
    before = terms(place - STEP) if place > low else orders
    after = terms(place + STEP) if place < high else orders
    for index in leading:
        own, left, right = orders[index], before[index], after[index]
        assert own is not None
        assert left is not None
        assert right is not None
        powers.append(
            (
                own.logarithms,
                (own.exponent - left.exponent) / STEP,
                (right.exponent - own.exponent) / STEP,
            )
        )

    def largest(shift: Rational) -> Rational:
        # A larger ridge, m > 0, is a smaller ℓ.
        return max(logs - shift * (left if shift > 0 else right) for logs, left, right in powers)

    shifts: list[Rational] = [Integer(0)]
    for (one, a, b), (two, c, d) in product(powers, powers):
        for first, second, sign in ((a, c, 1), (b, d, -1)):
            if first != second:
                shift = (one - two) / (first - second)
                open_end = place > low if sign > 0 else place < high
                if shift * sign > 0 and open_end:
                    shifts.append(shift)
    return min(largest(shift) for shift in shifts)
