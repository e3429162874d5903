"""Integrals of powers times resolvents of a power law, in balls.

The integrand is f(z) = z^-A Π (1 + x_i z^β)^-m_i on a ≤ z ≤ b, where b may be infinite. The line is cut in three:

near
    All x_i z^β ≤ q: the product is a power series in z^β, integrated term by term. Its coefficients are below those of
    (1 − w)^-Σ|m_i| at w = x_max z^β ≤ q, which bounds what is left out.
far
    All x_i z^β ≥ 1/q: the same with z^-β.
middle
    Panels in u = ln z, by Gauss's rule. On an ellipse with |Im βu| ≤ π/2 the real part of x e^(βu) is not negative, so
    |1 + x e^(βu)| ≥ (1 + x e^(β Re u))/√2, and the integrand is at most 2^(Σ m_i/2), over m_i > 0, times that at Re u.
    With |g| ≤ M on the ellipse of semi-axes (ρ ± 1/ρ)/2, Chebyshev coefficients are at most 2Mρ^-k; n points are exact to
    degree 2n − 1 and have positive weights of sum 2, so their error is at most 8Mρ^(1−2n)/(ρ − 1).
"""

from functools import lru_cache
from typing import Any, TypeAlias

from flint import arb, arb_series, ctx

from symcollapse.language.errors import Diverges, PrecisionExhausted

Resolvents: TypeAlias = tuple[tuple[Any, Any], ...]
"""Pairs (x, m), balls: a factor (1 + x z^β)^-m each; x > 0 is exact."""

SMALL = 0.35
"""q: where x z^β or its inverse counts as small."""

WIDTH = 2.15
"""Width of a panel in ln z^β, at most: twice ln(1/q), or little more."""

WIDEST_ELLIPSE = 6.0
"""Sum of the semi-axes of the ellipse, at most."""


def at_points(resolvents: Resolvents) -> tuple[Resolvents, Any]:
    """The resolvents at the midpoints of x, and a ball around the ratios that the balls of x allow.

    Every term of a sum is positive and changes by a factor between (x_high/x_mid)^-m and (x_low/x_mid)^-m, or closer to
    1, as x goes through its ball; and so does the sum.

    Raises
    ------
    PrecisionExhausted
        If x > 0, or the sign of m, is not decided.

    Example
    -------
    >>> points, spread = at_points(((arb(2, 1e-9), arb(1)),))
    >>> points[0][0].is_exact(), spread.contains(arb(1))
    (True, True)
    """
    points, spread = [], arb(1)
    for x, m in resolvents:
        if not x > 0:
            raise PrecisionExhausted("whether a sum s + κ is positive is not decided")
        if not (m > 0 or m <= 0):
            raise PrecisionExhausted("the sign of an exponent is not decided")
        middle = x.mid()
        points.append((middle, m))
        if not x.is_exact():
            ends = ((x.upper() / middle) ** -m).union((x.lower() / middle) ** -m)
            spread *= ends.union(arb(1))
    return tuple(points), spread


def power_integral(low: Any, high: Any | None, exponent: Any) -> Any:
    """Integral of z^(e − 1) over low ≤ z ≤ high; e may be 0, or a ball around it.

    Raises
    ------
    Diverges
        If high is None, which stands for ∞, and e ≥ 0.
    PrecisionExhausted
        If the sign of e is not decided there.

    Example
    -------
    >>> power_integral(arb(1), arb(2), arb(0)).overlaps(arb(2).log())
    True
    """
    if high is None:
        if exponent >= 0:
            raise Diverges("the integral to infinity of a power that does not decay")
        if not exponent < 0:
            raise PrecisionExhausted("whether a power decays is not decided")
        return -(low**exponent) / exponent
    span = (high / low).log()
    turn = exponent * span
    if abs(turn) > 0.5:
        return low**exponent * turn.expm1() / exponent
    # (e^t − 1)/t by its series, whose terms fall faster than (|t|/2)^k.
    total, term, order = arb(0), arb(1), 1
    size = abs(turn).upper()
    if not size < 1:
        raise PrecisionExhausted("the exponent of an integral is not known well enough")
    bound = arb(1)
    while bound > arb(2) ** (-int(ctx.prec) - 4):
        total += term
        order += 1
        term = term * turn / order
        bound = bound * size / order if size > 0 else arb(0)
    return low**exponent * span * (total + arb(0, (2 * bound).upper()))


def resolvent_integral(
    decay: Any, capacity: Any, resolvents: Resolvents, low: Any, high: Any | None
) -> Any:
    """Ball around the integral of z^-A Π (1 + x_i z^β)^-m_i over low ≤ z ≤ high.

    Parameters
    ----------
    decay, capacity
        A, any real number, and β > 0.
    resolvents
        Pairs (x, m), with x > 0 exact and m any real number.
    low, high
        0 < low ≤ high; None stands for ∞.

    Raises
    ------
    Diverges
        If high is ∞ and A + βΣm ≤ 1.

    Example
    -------
    >>> value = resolvent_integral(arb(0), arb(2), ((arb(1), arb(1)),), arb(1), None)
    >>> value.overlaps(arb.pi() / 4)
    True
    """
    if not resolvents:
        return power_integral(low, high, 1 - decay)
    # Exact numbers: their order is decided.
    largest = smallest = resolvents[0][0]
    for x, _ in resolvents:
        largest, smallest = largest if x < largest else x, smallest if x > smallest else x
    start = ((SMALL / largest).log() / capacity).exp().mid()
    end = ((1 / (SMALL * smallest)).log() / capacity).exp().mid()
    total = arb(0)
    if start > low:
        stop = start if high is None or start < high else high
        total += _near(decay, capacity, resolvents, low, stop, largest)
    if high is None or end < high:
        total += _far(decay, capacity, resolvents, end if end > low else low, high, smallest)
    left = start if start > low else low
    right = end if high is None or end < high else high
    if left < right:
        total += _middle(decay, capacity, resolvents, left, right)
    return total


def _log_in_doubles(number: Any) -> float:
    # Of the logarithm: the number itself may be out of the range of doubles.
    return float(number.log())


def _near(decay: Any, beta: Any, factors: Resolvents, low: Any, high: Any, unit: Any) -> Any:
    scaled = tuple((x / unit, m) for x, m in factors)
    return _series(scaled, (unit * high**beta).upper(), 1 - decay, beta, unit, low, high)


def _far(
    decay: Any, beta: Any, factors: Resolvents, low: Any, high: Any | None, smallest: Any
) -> Any:
    # (1 + x z^β)^-m = x^-m z^(−βm) (1 + 1/(x z^β))^-m.
    scaled = tuple((smallest / x, m) for x, m in factors)
    order = sum((m for _, m in factors), arb(0))
    head = arb(1)
    for x, m in factors:
        head *= x**-m
    size = (1 / (smallest * low**beta)).upper()
    return head * _series(scaled, size, 1 - decay - beta * order, -beta, 1 / smallest, low, high)


def _series(
    factors: Resolvents, size: Any, exponent: Any, step: Any, unit: Any, low: Any, high: Any | None
) -> Any:
    """Integral of z^(e − 1) Π (1 + t_i w)^-m_i with w = unit·z^step ≤ size and 0 < t_i ≤ 1."""
    order = sum((abs(m) for _, m in factors), arb(0)).upper()
    if not size < 0.5:
        raise PrecisionExhausted("the capacity is not known well enough")
    length, rest = series_cut(order, size)
    coefficients = product_coefficients(factors, length)
    total, power = arb(0), arb(1)
    first: Any = None
    # Powers of the ends by repeated products: each term has the next.
    at_low, low_step = low**exponent, low**step
    at_high, high_step = (arb(0), arb(0)) if high is None else (high**exponent, high**step)
    span = arb(0) if high is None else (high / low).log()
    for coefficient in coefficients:
        if (exponent < 0) if high is None else abs(exponent * span) > 0.5:
            part = (at_high - at_low) / exponent
        else:
            # Where the difference would cancel, or there is no integral.
            part = power_integral(low, high, exponent)
        first = part if first is None else first
        total += coefficient * power * part
        power, exponent = power * unit, exponent + step
        at_low, at_high = at_low * low_step, at_high * high_step
    return total + arb(0, (rest * first).upper())


def series_cut(order: Any, size: Any) -> tuple[int, Any]:
    """Number of terms of (1 − w)^-order to be kept, and a bound of what the others sum up to for 0 ≤ w ≤ size.

    Example
    -------
    >>> length, rest = series_cut(arb(1), arb(0.25))
    >>> bool(rest < arb(2) ** -50)
    True
    """
    goal = arb(2) ** (-int(ctx.prec) - 8)
    term, length = arb(1), 0
    while True:
        ratio = size * (order + length) / (length + 1)
        if term < goal:
            # Ratios of later terms are between this one and size.
            worst = ratio if ratio > size else size
            if worst < 0.75:
                return max(length, 1), (term / (1 - worst)).upper()
        term, length = (term * ratio).upper(), length + 1


def product_coefficients(factors: Resolvents, length: int) -> list[Any]:
    """Coefficients of Π (1 + t_i w)^-m_i in powers of w.

    Example
    -------
    >>> [int(c.unique_fmpz()) for c in product_coefficients(((arb(1), arb(2)),), 4)]
    [1, -2, 3, -4]
    """
    product: Any = None
    with series_length(length):
        for t, m in factors:
            coefficients, term = [], arb(1)
            for k in range(length):
                coefficients.append(term)
                term = term * (-m - k) * t / (k + 1)
            factor = arb_series(coefficients, length)
            product = factor if product is None else product * factor
        found = list(product.coeffs())
    return found + [arb(0)] * (length - len(found))


class series_length:  # noqa: N801 -- it is used as a word in a with statement
    """Power series of this length, within a with statement."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __enter__(self) -> None:
        self.before, ctx.cap = ctx.cap, self.length

    def __exit__(self, *exception: object) -> None:
        ctx.cap = self.before


@lru_cache(maxsize=64)
def _gauss(points: int, precision: int) -> tuple[tuple[Any, Any], ...]:
    """Nodes from 0 on, with weights; the others are their negatives, and 0 counts half."""
    del precision  # the nodes belong to one working precision
    half = [arb.legendre_p_root(points, k, weight=True) for k in range((points + 1) // 2)]
    if points % 2:
        half[-1] = (arb(0), half[-1][1] / 2)
    return tuple(half)


def _middle(decay: Any, beta: Any, factors: Resolvents, low: Any, high: Any) -> Any:
    left, right = low.log(), high.log()
    steep = max(float(beta), abs(1 - float(decay)) / 8)
    panels = max(1, int(float(right - left) * steep / WIDTH) + 1)
    width = (right - left) / panels
    return sum(
        (_panel(decay, beta, factors, left + width * k, width / 2) for k in range(panels)), arb(0)
    )


def _panel(decay: Any, beta: Any, factors: Resolvents, left: Any, half: Any) -> Any:
    """Gauss's rule on left ≤ u ≤ left + 2·half."""
    middle = left + half
    minor = float((arb.pi() / (2 * beta * half)).lower())
    ellipse = min(minor + (1 + minor**2) ** 0.5, WIDEST_ELLIPSE) * (1 - 1e-9)
    reach = half * (ellipse + 1 / ellipse) / 2
    most = _bound(decay, beta, factors, middle - reach, middle + reach)
    typical = _integrand(decay, beta, factors, middle)
    rho = arb(ellipse)
    excess = _log_in_doubles(most / typical) / 0.693 + int(ctx.prec) + 8
    points = max(4, int(excess * 0.6932 / (2 * float(rho.log()))) + 2)
    # Few different numbers of nodes, so that most are known: they cost more than the integrand.
    points += -points % max(4, int(ctx.prec) // 32)
    total = arb(0)
    for node, weight in _gauss(points, int(ctx.prec)):
        shift = half * node
        total += weight * (
            _integrand(decay, beta, factors, middle + shift)
            + _integrand(decay, beta, factors, middle - shift)
        )
    error = 8 * most * rho ** (1 - 2 * points) / (rho - 1)
    return half * (total + arb(0, error.upper()))


def _integrand(decay: Any, beta: Any, factors: Resolvents, u: Any) -> Any:
    value, grown = ((1 - decay) * u).exp(), (beta * u).exp()
    for x, m in factors:
        value *= (1 + x * grown) ** -m
    return value


def _bound(decay: Any, beta: Any, factors: Resolvents, first: Any, last: Any) -> Any:
    """Upper bound of the integrand on an ellipse over first ≤ Re u ≤ last; each factor is monotone."""
    value = ((1 - decay) * (last if decay < 1 else first)).exp()
    if not (decay < 1 or decay >= 1):
        value = value.max(((1 - decay) * last).exp())
    for x, m in factors:
        if m > 0:
            value *= ((1 + x * (beta * first).exp()) / arb(2).sqrt()) ** -m
        else:
            value *= (1 + x * (beta * last).exp()) ** -m
    return value.upper()
