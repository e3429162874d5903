"""Sums of powers times resolvents over a power law of any length, in balls.

For f(z) = z^-A Π (1 + x_i z^β)^-m_i the first terms are added, and the rest follows from Euler and Maclaurin:

    Σ_{j=N}^{d} f(j) = ∫_N^d f + (f(N) + f(d))/2 + Σ_{k≤K} B_2k/(2k)! [f^(2k−1)(d) − f^(2k−1)(N)] + R,
    |R| ≤ 4 (2π)^(−2K) ∫_N^d |f^(2K)|.

The remainder. Let ρ < 1 and β·arcsin ρ ≤ π/2. In the disc |z − x| ≤ ρx then |arg z^β| ≤ π/2, so that
(1 + x_i|z|^β)/√2 ≤ |1 + x_i z^β| ≤ 1 + x_i|z|^β; and (1 − ρ)x ≤ |z| ≤ (1 + ρ)x. Factor by factor, |f(z)| ≤ C·f(x) with

    C = max((1−ρ)^-A, (1+ρ)^-A) · Π_{m_i>0} 2^(m_i/2) (1−ρ)^(−βm_i) · Π_{m_i<0} (1+ρ)^(β|m_i|).

Cauchy's estimate gives |f^(2K)(x)| ≤ (2K)! (ρx)^(−2K) C f(x), and so

    |R| ≤ 4 (2K)! C (2πρN)^(−2K) · ∫_N^d f:

an error relative to a part of the sum, which N makes as small as one likes. For d = ∞ the terms at d vanish.
"""

from math import lgamma, log, pi
from typing import Any

from flint import arb, arb_series, ctx

from symcollapse.evaluation.resolvent_integrals import (
    Resolvents,
    at_points,
    resolvent_integral,
    series_length,
)
from symcollapse.expansions.remainders import enclose_power_law_sum
from symcollapse.language.errors import Diverges, PrecisionExhausted

GUARD = 24
"""Bits beyond the working precision inside a sum."""

EXPANDED_BELOW = 2.0**-16
"""x below which the expansion of a sum with one resolvent is quicker than the rule of Euler and Maclaurin."""

MOST_EXPANDED_BITS = 600
"""Working precision above which it is not."""

WIDEST_DISC = 0.75
"""Largest ρ."""


def power_law_sum(decay: Any, capacity: Any, resolvents: Resolvents, dimension: int | None) -> Any:
    """Ball around the sum of j^-A Π (1 + x_i j^β)^-m_i over j = 1 … d.

    Parameters
    ----------
    decay, capacity
        A, any real number, and β > 0, balls.
    resolvents
        Pairs (x, m), balls: x > 0, and m any real number.
    dimension
        d ≥ 1; None stands for ∞.

    Raises
    ------
    Diverges
        If d is ∞ and A + βΣm ≤ 1.
    PrecisionExhausted
        If the balls do not decide that, or whether x > 0.

    Example
    -------
    >>> half = power_law_sum(arb(0), arb(2), ((arb(1), arb(1)),), None)
    >>> half.overlaps((arb.pi() * arb.pi().coth() - 1) / 2)
    True
    """
    if dimension is None:
        growth = decay + capacity * sum((m for _, m in resolvents), arb(0))
        if growth <= 1:
            raise Diverges(
                "a sum over infinitely many eigenvalues diverges: give a finite dimension"
            )
        if not growth > 1:
            raise PrecisionExhausted("whether a sum over infinitely many eigenvalues converges")
    expanded = _expanded(decay, capacity, resolvents, dimension)
    if expanded is not None:
        return expanded
    with ctx.workprec(int(ctx.prec) + GUARD):
        points, spread = at_points(resolvents)
        return spread * _sum(decay, capacity, points, dimension)


def _expanded(
    decay: Any, capacity: Any, resolvents: Resolvents, dimension: int | None
) -> Any | None:
    """The sum by its expansion at small x, where that is quicker; None elsewhere."""
    # Over finite dimensions its series is long where x d^β is near 1.
    if dimension is not None or len(resolvents) != 1 or int(ctx.prec) > MOST_EXPANDED_BITS:
        return None
    x, order = resolvents[0]
    if not (order > 0 and 0 < x < EXPANDED_BELOW):
        return None
    return enclose_power_law_sum(capacity, decay, order, x)


def _sum(decay: Any, beta: Any, factors: Resolvents, dimension: int | None) -> Any:
    rho = disc_of(beta)
    size = log_constant_of(decay, beta, factors, rho)
    order, start = _plan(float(rho), float(size))
    if dimension is not None and dimension <= start + order // 4:
        return _direct(decay, beta, factors, dimension)
    low = arb(start)
    high = None if dimension is None else arb(dimension)
    integral = resolvent_integral(decay, beta, factors, low, high)
    total = (
        _direct(decay, beta, factors, start - 1)
        + integral
        + end_of(decay, beta, factors, low, rho, order, size)
    )
    if high is not None:
        value = term_at(decay, beta, factors, high)
        total += value - end_of(decay, beta, factors, high, rho, order, size)
    relative = 4 * size.exp() * arb(order).fac() / (2 * arb.pi() * rho * low) ** order
    return total + arb(0, (relative * abs(integral)).upper())


def disc_of(beta: Any) -> Any:
    """ρ of the discs in which summands are bounded, exact.

    Example
    -------
    >>> disc_of(arb(1))
    0.750000000000000
    """
    if beta < 1.8:
        return arb(WIDEST_DISC)
    sine = float((arb.pi() / (2 * beta)).sin().lower())
    return arb(min(WIDEST_DISC, sine * (1 - 1e-12)))


def log_constant_of(decay: Any, beta: Any, factors: Resolvents, rho: Any) -> Any:
    """Upper bound of ln C, by which a summand z^-A Π (1 + x_i z^β)^-m_i grows on a disc; it hangs on no x_i.

    Example
    -------
    >>> bool(log_constant_of(arb(1), arb(2), (), arb(0.75)) < 1.4)
    True
    """
    inner, outer = (1 - rho).log(), (1 + rho).log()
    total = (-decay * inner).max(-decay * outer)
    for _, m in factors:
        total += m * (arb(2).log() / 2 - beta * inner) if m > 0 else -beta * m * outer
    return total.upper()


def _plan(rho: float, constant: float) -> tuple[int, int]:
    """The order 2K and the first index N of the rule, by their cost."""
    bits = int(ctx.prec) + 4
    best: tuple[float, int, int] | None = None
    for share in (0.2, 0.3, 0.45, 0.65, 1.0):
        order = 2 * max(4, round(bits * share / 2))
        exponent = (lgamma(order + 1) + constant + log(4) + bits * log(2)) / order
        start = int(2.0 ** min(exponent / log(2), 60) / (2 * pi * rho)) + 2
        cost = start + 0.5 * order
        if best is None or cost < best[0]:
            best = (cost, order, start)
    assert best is not None
    return best[1], best[2]


def term_at(decay: Any, beta: Any, factors: Resolvents, z: Any) -> Any:
    """The summand z^-A Π (1 + x_i z^β)^-m_i.

    Example
    -------
    >>> bool(abs(term_at(arb(1), arb(2), ((arb(1), arb(1)),), arb(2)) - 0.1) < 1e-15)
    True
    """
    value, grown = z**-decay, z**beta
    for x, m in factors:
        value *= (1 + x * grown) ** -m
    return value


def _direct(decay: Any, beta: Any, factors: Resolvents, last: int) -> Any:
    return sum((term_at(decay, beta, factors, arb(j)) for j in range(1, last + 1)), arb(0))


def end_of(
    decay: Any, beta: Any, factors: Resolvents, point: Any, rho: Any, order: int, size: Any
) -> Any:
    """Half of f(N) less its corrections by odd derivatives, N the point.

    With f(N(1 + ρt)) = Σ c_n t^n they are B_2k/(2k) · c_(2k−1)/(ρN)^(2k−1). By Cauchy |c_n| ≤ C f(N), which bounds those
    that are left out where N is large.

    Example
    -------
    >>> rho = disc_of(arb(0))
    >>> size = log_constant_of(arb(2), arb(0), (), rho)
    >>> end = end_of(arb(2), arb(0), (), arb(20), rho, 20, size)
    >>> total = sum((1 / arb(j) ** 2 for j in range(1, 20)), arb(0)) + 1 / arb(20) + end
    >>> bool(abs(total - arb.pi() ** 2 / 6) < 1e-12)
    True
    """
    kept, rest = _corrections(order, rho, point, size)
    with series_length(2 * kept):
        line = arb_series([arb(1), rho])
        series = line**-decay
        stretched = line**beta
        for x, m in factors:
            weight = x * point**beta
            ratio = weight / (1 + weight)
            series = series * (1 + ratio * (stretched - 1)) ** -m
        found = list(series.coeffs())
    value = term_at(decay, beta, factors, point)
    step = 1 / (rho * point)
    total, power = arb(1) / 2, step
    for k in range(1, kept + 1):
        if 2 * k - 1 < len(found):
            total -= arb.bernoulli(2 * k) / (2 * k) * found[2 * k - 1] * power
        power = power * step * step
    return value * (total + arb(0, rest))


def _corrections(order: int, rho: Any, point: Any, size: Any) -> tuple[int, Any]:
    """How many corrections matter, and a bound of the others relative to f(N).

    As |B_2k| ≤ 4 (2k)!/(2π)^2k, that of number k is at most 4C (2k − 1)! ρN/(2πρN)^2k.
    """
    reach = 2 * arb.pi() * rho * point
    # Bounds halve from one to the next, at least, up to the last.
    if not 2 * arb(order + 1) ** 2 < reach**2:
        return order // 2, arb(0)
    goal = -(int(ctx.prec) + 8) * log(2) - log(8) - float(size) - float((rho * point).log())
    step, kept = float(reach.log()), 1
    while 2 * kept < order and lgamma(2 * kept + 2) - (2 * kept + 2) * step > goal:
        kept += 1
    if 2 * kept >= order:
        return order // 2, arb(0)
    bound = 8 * size.exp() * arb(2 * kept + 1).fac() * rho * point / reach ** (2 * kept + 2)
    return kept, bound.upper()
