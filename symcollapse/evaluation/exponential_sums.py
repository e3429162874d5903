"""Sums of powers times resolvents over an exponential spectrum of any length, in balls.

The terms with e^(−αj) > q·x, for the smallest x, are added one by one. In the others the product of resolvents is a power
series in e^(−αj), and each of its terms is a geometric series.
"""

from typing import Any

from flint import arb, ctx

from symcollapse.evaluation.resolvent_integrals import (
    SMALL,
    Resolvents,
    at_points,
    product_coefficients,
    series_cut,
)
from symcollapse.language.errors import Diverges, NotEvaluable, PrecisionExhausted

GUARD = 24
"""Bits beyond the working precision inside a sum."""

MOST_TERMS = 10**6
"""Terms that are added one by one."""


def exponential_sum(power: Any, rate: Any, resolvents: Resolvents, dimension: int | None) -> Any:
    """Ball around the sum of s^p Π (s + x_i)^-m_i over s = e^(−αj), j = 1 … d.

    Parameters
    ----------
    power, rate
        p, any real number, and α > 0, balls.
    resolvents
        Pairs (x, m), balls: x > 0, and m any real number.
    dimension
        d ≥ 1; None stands for ∞.

    Raises
    ------
    Diverges
        If d is ∞ and p ≤ 0.
    NotEvaluable
        If more than 10⁶ eigenvalues are above the smallest x.
    PrecisionExhausted
        If the balls do not decide these.

    Example
    -------
    >>> geometric = exponential_sum(arb(1), arb(2).log(), (), None)
    >>> geometric.contains(1)
    True
    """
    if dimension is None and power <= 0:
        raise Diverges("a sum over infinitely many eigenvalues diverges: give a finite dimension")
    with ctx.workprec(int(ctx.prec) + GUARD):
        points, spread = at_points(resolvents)
        return spread * _sum(power, rate, points, dimension)


def _sum(power: Any, rate: Any, factors: Resolvents, dimension: int | None) -> Any:
    if not factors:
        return _geometric(power, rate, 0, dimension)
    smallest = factors[0][0]
    for x, _ in factors[1:]:
        smallest = smallest.min(x)
    first = (-(SMALL * smallest).log() / rate).upper()
    count = max(0, int(first.ceil().upper().fmpz() if first > 0 else 0))
    if dimension is not None:
        count = min(count, dimension)
    if count > MOST_TERMS:
        raise NotEvaluable(
            f"{count} eigenvalues are above the effective ridge: sums over an exponential spectrum add at most "
            f"{MOST_TERMS} one by one; give a larger rate"
        )
    total = arb(0)
    for j in range(1, count + 1):
        s = (-rate * j).exp()
        value = s**power
        for x, m in factors:
            value *= (s + x) ** -m
        total += value
    if dimension == count:
        return total
    size = ((-rate * (count + 1)).exp() / smallest).upper()
    if not size < 2 * SMALL:
        raise PrecisionExhausted("the rate is not known well enough")
    order = sum((abs(m) for _, m in factors), arb(0)).upper()
    length, rest = series_cut(order, size)
    head = arb(1)
    for x, m in factors:
        head *= x**-m
    tail, unit = arb(0), arb(1)
    for k, coefficient in enumerate(
        product_coefficients(tuple((smallest / x, m) for x, m in factors), length)
    ):
        tail += coefficient * unit * _geometric(power + k, rate, count, dimension)
        unit = unit / smallest
    bound = rest * _geometric(power, rate, count, dimension)
    return total + head * (tail + arb(0, bound.upper()))


def _geometric(exponent: Any, rate: Any, start: int, dimension: int | None) -> Any:
    """Sum of e^(−αej) over start < j ≤ d."""
    step = -rate * exponent
    if dimension is None:
        if not exponent > 0:
            raise PrecisionExhausted("whether a sum over infinitely many eigenvalues converges")
        return (step * (start + 1)).exp() / -step.expm1()
    count = dimension - start
    if exponent.is_zero():
        return arb(count)
    if exponent.contains(0):
        raise PrecisionExhausted("an exponent is 0 or not")
    return (step * (start + 1)).exp() * (step * count).expm1() / step.expm1()
