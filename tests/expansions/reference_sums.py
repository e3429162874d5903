"""Sums over power laws and exponentials by another route than the expansions: added up, with a bounded tail.

Nothing of ``symcollapse.expansions`` is used but the reading of a formula at numbers.
"""

from collections.abc import Mapping
from typing import Any

from flint import acb, arb, fmpq
from sympy import Rational

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.expansion import Expansion
from symcollapse.expansions.remainders import remainder_bound
from symcollapse.language.symbols import effective

Ball = Any


def ball(number: Any) -> Ball:
    """Ball around an exact number."""
    exact = Rational(number)
    return arb(fmpq(int(exact.p), int(exact.q)))


def power_law_sum(
    capacity: Ball, decay: Ball, order: Ball, x: Ball, dimension: int | None = None
) -> Ball:
    """Σ_{j≤d} j^-A/(1+x j^β)^m: the terms with x j^β < 4 one by one, the others by the binomial series.

    Σ_{j>N} j^-A (x j^β)^-m (1 + 1/(x j^β))^-m = Σ_i C(−m,i) x^(−m−i) Σ_{j>N} j^-(A+β(m+i)). As the binomial series
    alternates with ratios below (m+i)/(i+1)/4, what follows its 100th term is less than that term.
    """
    last = dimension
    if last is None:
        last = int(((4 / x) ** (1 / capacity)).upper().ceil().unique_fmpz())
        assert last < 100_000
    total = arb(0)
    for j in range(1, last + 1):
        total += arb(j) ** -decay / (1 + x * arb(j) ** capacity) ** order
    if dimension is not None:
        return total
    binomial = x**-order
    for i in range(100):
        exponent = decay + capacity * (order + i)
        total += binomial * acb(exponent).zeta(acb(last + 1)).real
        binomial *= -(order + i) / (i + 1) / x
    exponent = decay + capacity * (order + 100)
    return total + arb(0, abs(binomial * acb(exponent).zeta(acb(last + 1)).real).upper())


def exponential_sum(
    rate: Ball, decay: Ball, order: Ball, x: Ball, dimension: int | None = None
) -> Ball:
    """Σ_{j≤d} e^(−αqj)/(1+x e^(αj))^m, term by term; what follows is less than a geometric series."""
    total, j = arb(0), 0
    while dimension is None or j < dimension:
        j += 1
        term = (-rate * decay * j).exp() / (1 + x * (rate * j).exp()) ** order
        total += term
        ratio = (-rate * (decay + order)).exp()
        far = x * (rate * j).exp()
        # Beyond x e^(αj) = X the ratio of neighbours is at most e^(−αp) (1+1/X)^m.
        bound = ratio * (1 + 1 / far) ** order
        if dimension is None and bound < 1:
            rest = term * bound / (1 - bound)
            if rest < abs(total) * arb(2) ** -100:
                return total + arb(0, rest.upper())
    return total


def error(expansion: Expansion, truth: Ball, kappa: Ball, values: Mapping[Any, Ball]) -> Ball:
    """|truth − expansion|."""
    return abs(truth - enclosed(expansion.formula, {effective: kappa, **values}))


def is_within_its_remainder(
    expansion: Expansion,
    truth: Ball,
    kappa: Ball,
    values: Mapping[Any, Ball] | None = None,
) -> bool:
    """Whether truth and expansion differ by no more than is stated; balls that overlap do not refute it."""
    given = values or {}
    bound = remainder_bound(expansion, {effective: kappa, **given})
    return not error(expansion, truth, kappa, given) > bound
