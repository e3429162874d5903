"""The least value of a polynomial whose coefficients are balls, over an interval or the whole line.

Descartes' rule in Bernstein's form: on an interval on which the Bernstein coefficients of the derivative have certain
signs that change once, it has one root, and none where they do not change. Intervals are halved until all are of one of
the two kinds. Ends are exact binary numbers, so nothing is rounded but the coefficients.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import Any

from flint import arb, arb_poly

from symcollapse.language.errors import PrecisionExhausted

MOST_HALVINGS = 60
"""Halvings of an interval after which two roots are not told apart."""

SPLIT = 591 / 1024
"""Where an interval is parted: not at its middle, as roots such as 1/2 would meet the parts' ends."""

ROOM = 37 / 1024
"""By how much of its length an interval is widened for the search."""

Coefficients = list[Any]
"""Balls of the coefficients, the constant first."""


@dataclass(frozen=True)
class Least:
    """Where a polynomial is least."""

    low: Any
    """Exact; at most the place."""
    high: Any
    """Exact; at least the place, equal to ``low`` at an end of the interval."""
    value: Any
    """Ball of the least value."""
    others: int
    """Number of further local minima between the ends, all certainly higher."""


def bernstein(coefficients: Coefficients, low: Any, high: Any) -> Coefficients:
    """Bernstein coefficients over an interval; the polynomial stays between the least and the greatest.

    Example
    -------
    >>> [float(each) for each in bernstein([arb(0), arb(0), arb(1)], arb(0), arb(2))]
    [0.0, 0.0, 4.0]
    """
    moved = arb_poly(coefficients)(arb_poly([low, high - low])).coeffs()
    degree = len(coefficients) - 1
    moved += [arb(0)] * (degree + 1 - len(moved))
    return [
        sum((arb(comb(i, j)) / comb(degree, j) * moved[j] for j in range(i + 1)), arb(0))
        for i in range(degree + 1)
    ]


def value_at(coefficients: Coefficients, point: Any) -> Any:
    """Ball of the value at a point.

    Example
    -------
    >>> float(value_at([arb(1), arb(2)], arb(3)))
    7.0
    """
    return arb_poly(coefficients)(point)


def derivative(coefficients: Coefficients) -> Coefficients:
    """Coefficients of the derivative.

    Example
    -------
    >>> [float(each) for each in derivative([arb(7), arb(2), arb(3)])]
    [2.0, 6.0]
    """
    return [power * value for power, value in enumerate(coefficients)][1:] or [arb(0)]


def rises(coefficients: Coefficients, low: Any, high: Any) -> list[tuple[Any, Any]]:
    """Intervals in each of which a polynomial has one root and passes from − to +; there are no others.

    Parameters
    ----------
    coefficients
        Of a polynomial, here a derivative.
    low, high
        Exact ends.

    Raises
    ------
    PrecisionExhausted
        If roots are not told apart, or signs not certain, at the working precision.

    Example
    -------
    >>> ((low, high),) = rises([arb(-1), arb(0), arb(3)], arb(0), arb(1))
    >>> bool(low < 0.57735 < high)
    True
    """
    found: list[tuple[Any, Any]] = []
    pending = [(low, high, 0)]
    while pending:
        first, last, depth = pending.pop()
        signs = [_sign(each) for each in bernstein(coefficients, first, last)]
        certain = [sign for sign in signs if sign is not None]
        changes = sum(a != b for a, b in pairwise(certain))
        if None not in signs and changes == 0:
            continue
        # Signs in between may be open: they change an odd number of times between ends of different signs, and
        # where all before an open one are equal and all after it are, once.
        is_one = changes == 1 and signs[0] is not None and signs[-1] is not None
        if is_one and _is_split_once(signs):
            # A halving more than needed keeps the ends of the range apart from roots in it.
            if depth == 0:
                pending += _parts(first, last, 1)
                continue
            if signs[0] == -1:
                found.append((first, last))
            continue
        if depth >= MOST_HALVINGS:
            raise PrecisionExhausted(
                "two stationary weights, or a root and an end, are not told apart"
            )
        pending += _parts(first, last, depth + 1)
    return found


def _parts(low: Any, high: Any, depth: int) -> list[tuple[Any, Any, int]]:
    middle = (low + (high - low) * SPLIT).mid()
    return [(middle, high, depth), (low, middle, depth)]


def _sign(ball: Any) -> int | None:
    """The certain sign of a ball; exact zeros count as none of a change."""
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    return None


def _is_split_once(signs: list[int | None]) -> bool:
    """Whether the signs change once however the open ones come out."""
    first = signs[0]
    changed = [at for at, sign in enumerate(signs) if sign is not None and sign != first]
    last_first = max(at for at, sign in enumerate(signs) if sign == first)
    return bool(changed) and changed[0] > last_first and changed[0] - last_first <= 2


def narrowed(coefficients: Coefficients, low: Any, high: Any, bits: int) -> tuple[Any, Any]:
    """An interval of at most 2^-bits around the root between two exact points, by certain signs.

    Raises
    ------
    PrecisionExhausted
        If signs are not certain at the working precision.

    Example
    -------
    >>> low, high = narrowed([arb(-1), arb(0), arb(3)], arb(0.5), arb(1), 30)
    >>> bool(low**2 * 3 < 1 < high**2 * 3), bool(high - low < 1e-9)
    (True, True)
    """
    slope = derivative(coefficients)
    width = arb(2) ** -bits
    while not high - low <= width:
        middle = ((low + high) / 2).mid()
        step = value_at(coefficients, middle) / value_at(slope, middle)
        guess = (middle - step).mid()
        # Newton's step with a margin around it: two signs prove the narrow interval, else the halves are taken.
        margin = (abs(step).mid() * arb(2) ** -8 + width / 4).mid()
        left, right = (guess - margin).mid(), (guess + margin).mid()
        if (
            low < left
            and right < high
            and value_at(coefficients, left) < 0 < value_at(coefficients, right)
        ):
            low, high = left, right
            continue
        at_middle = value_at(coefficients, middle)
        if at_middle < 0:
            low = middle
        elif at_middle > 0:
            high = middle
        else:
            raise PrecisionExhausted("the slope has no certain sign near its root")
    return low, high


def least_between(coefficients: Coefficients, low: Any, high: Any, bits: int) -> Least:
    """The least value over an interval with exact ends, proven.

    Parameters
    ----------
    bits
        Absolute width 2^-bits of the interval of the place.

    Raises
    ------
    PrecisionExhausted
        If the working precision does not decide.

    Example
    -------
    >>> found = least_between([arb(1), arb(-2), arb(2)], arb(0), arb(1), 40)
    >>> round(float(found.low), 9), round(float(found.value), 9)
    (0.5, 0.5)
    """
    slope = derivative(coefficients)
    candidates = [(low, low), (high, high)]
    if not all(each.is_zero() for each in slope):
        # A root at an end, as where the best weight is 1, has no sign beside it unless there is room.
        room = ((high - low) * ROOM).mid()
        for ends in rises(slope, low - room, high + room):
            first, last = narrowed(slope, *ends, bits)
            if last < low or first > high:
                continue
            if not first > low:
                candidates[0] = (low, last)
            elif not last < high:
                candidates[1] = (first, high)
            else:
                candidates.append((first, last))
    values = []
    for first, last in candidates:
        # Around a minimum the polynomial is above its value there, and the least of its Bernstein coefficients below.
        inner = bernstein(coefficients, first, last)
        values.append(inner[0] if first == last else _hull(inner))
    order = sorted(range(len(candidates)), key=lambda at: float(values[at].mid()))
    best = order[0]
    for other in order[1:]:
        if not values[other] > values[best]:
            raise PrecisionExhausted(
                "two weights have the least error, or nearly so: they are not told apart"
            )
    others = sum(each != best for each in range(2, len(candidates)))
    return Least(*candidates[best], values[best], others)


def _hull(balls: Coefficients) -> Any:
    whole = balls[0]
    for each in balls[1:]:
        whole = whole.union(each)
    return whole


def least_anywhere(coefficients: Coefficients, bits: int) -> Least:
    """The least value over the whole line, proven; it exists where the leading coefficient is positive.

    All roots of the derivative have |x| ≤ 1 + the greatest ratio of a coefficient to the leading one (Cauchy).

    Raises
    ------
    PrecisionExhausted
        If the working precision does not decide, or the polynomial is not known to grow at both ends.

    Example
    -------
    >>> bool(abs(least_anywhere([arb(1), arb(4), arb(1)], 40).value + 3) < 1e-9)
    True
    """
    kept = list(coefficients)
    while len(kept) > 1 and kept[-1].is_zero():
        kept.pop()
    if len(kept) % 2 == 0 or not kept[-1] > 0 or len(kept) == 1:
        raise PrecisionExhausted("the error is not known to grow with the weight at both ends")
    slope = derivative(kept)
    bound = arb(1)
    for each in slope[:-1]:
        ratio = abs(each / slope[-1]).upper()
        bound = ratio if ratio > bound else bound
    exponent = int(float((bound.log() / arb(2).log()).ceil())) + 2
    end = arb(2) ** exponent
    return least_between(kept, -end, end, bits)
