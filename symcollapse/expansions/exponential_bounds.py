"""Rigorous remainders for exponential spectra: F(x) = Σ_{j≤d} e^(−αqj) / (1 + x e^(αj))^m, in balls.

**Powers of x.** The k-th is C(−m,k) x^k / (e^(α(q−k)) − 1). For k > q its size is |C(−m,k)| x^k / (1 −
e^(−α(k−q))), and neighbours have a ratio of at most max(1, (m+k)/(k+1)) · x: a geometric series where that is < 1.

**Harmonics.** With y = 2πk/α the pair ±k is at most (2/α) x^q |Γ(−q+iy) Γ(m+q−iy)| / Γ(m). For u > 0 with a whole
n ≥ 0 and u + n ≥ 1/2, and N ≥ u + n − 1/2 whole, |Γ(u+iy)| ≤ y^-n |Γ(u+n+iy)| ≤ y^-n Γ(u+n)/Γ(N+1/2) · (π/cosh
πy)^½ Π_{i<N} |i+1/2+iy| (the first also for u ≤ 0). As 1/cosh πy ≤ 2e^(−πy) and |i+1/2+iy'| / |i+1/2+iy| ≤ y'/y
for y' ≥ y, the bounds of neighbours have a ratio of at most (1+1/k)^N e^(−2π²/α), which falls with k.

**The tail** j > d: Σ_i C(−m,i) x^(−m−i) e^(−α(p+i)d) / (e^(α(p+i)) − 1) with p = q + m, where x e^(α(d+1)) > 1;
for p + i > 0 neighbours have a ratio of at most max(1, (m+i)/(i+1)) / (x e^(α(d+1))), as 1/(1 − e^(−α(p+i))) falls.

**The power series** where x e^(αd) < 1: Σ_k C(−m,k) x^k Σ_{j≤d} e^(α(k−q)j), with ratios at most max(1,
(m+k)/(k+1)) · x e^(αd).
"""

from collections.abc import Iterator

from flint import arb

from symcollapse.expansions.balls import at_least_one, ceiling, left_over
from symcollapse.expansions.expansion import Ball

MOST_HARMONICS = 2000
"""Harmonics that are bounded one by one before a geometric series takes over."""


def exponential_remainder(
    rate: Ball,
    decay: Ball,
    order: Ball,
    x: Ball,
    *,
    terms: int,
    harmonics: int,
    meets: int | None = None,
    singular: bool = True,
    dimension: Ball | None = None,
    tail_terms: int = 0,
    beyond: bool = True,
) -> Ball:
    """Upper bound of |F − its expansion|.

    Parameters
    ----------
    rate, decay, order, x
        α, q, m and x.
    terms, harmonics, tail_terms
        How many powers of x, harmonics and terms of the tail the expansion has.
    meets
        k if q = k exactly.
    singular
        Whether x^q itself is in the expansion.
    dimension, beyond
        d, or None for ∞; and whether x e^(αd) > 1.

    Returns
    -------
    arb
        No smaller than the error; +∞ where no bound is known, as for x ≥ 1.

    Example
    -------
    >>> args = (arb(1) / 4, arb(0), arb(1), arb("1e-6"))
    >>> bool(exponential_remainder(*args, terms=2, harmonics=0, meets=0) < 1e-11)
    True
    """
    if order.is_zero():
        return arb(0)
    if dimension is not None and not beyond:
        return left_over(_power_series(rate, decay, order, x, dimension), terms)
    total = left_over(_powers(rate, decay, order, x, meets), terms)
    total += _harmonics(rate, decay, order, x, harmonics)
    if not singular and meets is None:
        total += (-decay).gamma() * (order + decay).gamma() / order.gamma() * x**decay / rate
    if dimension is not None:
        total += left_over(_tail(rate, decay, order, x, dimension), tail_terms)
    return arb(abs(total).upper())


def _powers(
    rate: Ball, decay: Ball, order: Ball, x: Ball, meets: int | None
) -> Iterator[tuple[Ball, Ball]]:
    """Pairs (term, bound of all that follow it)."""
    binomial, k = arb(1), 0
    while True:
        if k == meets:
            digammas = arb(k + 1).digamma() - (order + k).digamma() - x.log()
            term = binomial * (digammas / rate - arb(1) / 2)
        else:
            term = binomial / ((rate * (decay - k)).exp() - 1)
        binomial = -binomial * (order + k) / (k + 1) * x
        k += 1
        ratio = at_least_one((order + k) / (k + 1)) * x
        rest = arb("inf")
        if ratio < 1 and k > decay:
            rest = abs(binomial) / (1 - (-rate * (k - decay)).exp()) / (1 - ratio)
        yield term, rest


def _harmonics(rate: Ball, decay: Ball, order: Ball, x: Ball, first: int) -> Ball:
    """Bound of the harmonics after the first."""
    falling = (-2 * arb.pi() ** 2 / rate).exp()
    total = arb(0)
    for k in range(first + 1, first + MOST_HARMONICS):
        y = 2 * arb.pi() * k / rate
        left, degree = _gamma_bound(-decay, y)
        right, more = _gamma_bound(order + decay, y)
        term = left * right * 2 * arb.pi() * (-arb.pi() * y).exp()
        total += term
        ratio = (1 + 1 / arb(k)) ** (degree + more) * falling
        if ratio < 1:
            # What follows this harmonic is geometric.
            rest = total + term * ratio / (1 - ratio)
            return 2 / rate * x**decay / order.gamma() * rest
    return arb("inf")


def _gamma_bound(u: Ball, y: Ball) -> tuple[Ball, int]:
    """Bound of |Γ(u+iy)| · (cosh(πy)/π)^½, and how many factors in it grow with y."""
    shift = max(0, ceiling(arb(1) / 2 - u))
    base = u + shift
    count = max(0, ceiling(base - arb(1) / 2))
    bound = base.gamma() / (count + arb(1) / 2).gamma() / y**shift
    for i in range(count):
        bound *= ((i + arb(1) / 2) ** 2 + y**2).sqrt()
    return bound, count


def _tail(
    rate: Ball, decay: Ball, order: Ball, x: Ball, dimension: Ball
) -> Iterator[tuple[Ball, Ball]]:
    shrink = 1 / (x * (rate * (dimension + 1)).exp())
    factor, i = x**-order, 0
    while True:
        power = rate * (decay + order + i)
        term = factor * (-power * dimension).exp() / (power.exp() - 1)
        ratio = at_least_one((order + i) / (i + 1)) * shrink
        safe = ratio < 1 and power > 0
        yield term, abs(term) * ratio / (1 - ratio) if safe else arb("inf")
        factor = -factor * (order + i) / (i + 1) / x
        i += 1


def _power_series(
    rate: Ball, decay: Ball, order: Ball, x: Ball, dimension: Ball
) -> Iterator[tuple[Ball, Ball]]:
    growth = x * (rate * dimension).exp()
    binomial, k = arb(1), 0
    while True:
        step = rate * (k - decay)
        total = ((step * dimension).exp() - 1) / (1 - (-step).exp())
        term = binomial * (dimension if step.is_zero() else total)
        ratio = at_least_one((order + k) / (k + 1)) * growth
        yield term, abs(term) * ratio / (1 - ratio) if ratio < 1 else arb("inf")
        binomial = -binomial * (order + k) / (k + 1) * x
        k += 1
