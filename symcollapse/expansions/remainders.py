"""Remainders of expansions, and certified sums made of expansions: numbers in balls, with proofs."""

from collections.abc import Mapping
from typing import Any

from flint import arb, ctx

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.expansion import Ball, Expansion
from symcollapse.expansions.power_law_series import PowerLawSeries
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.exactness import exact

GUARD_BITS = 20
"""Working bits beyond the precision of the caller."""


def remainder_bound(expansion: Expansion, values: Mapping[Any, Any]) -> Ball:
    """Upper bound of |truth − expansion|, proven, at values of all symbols, κ among them: exact numbers, or balls.

    The number is large where κ is not small; it is +∞ where no bound is known, as for a ball that holds κ = 0.

    Raises
    ------
    NotEvaluable
        If a symbol has no value, or κ is not positive: at κ = 0 both truth and expansion may be infinite.
    InexactConstant
        If a value is a float: 0.1 is not 1/10.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.expansions.power_laws import expand_power_law_sum
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> from symcollapse.language.symbols import effective, eigenvalue as s
    >>> expansion = expand_power_law_sum(s / (s + effective), PowerLawSpectrum(oo, 3), terms=2)
    >>> bool(remainder_bound(expansion, {effective: "1e-6"}) < 1e-13)
    True
    """
    if not expansion.parts:
        return arb("inf")
    balls = {
        symbol: value if isinstance(value, arb) else enclosed(exact(value), {})
        for symbol, value in values.items()
    }
    kappa = enclosed(expansion.variable, balls)
    if not kappa > 0:
        if kappa <= 0:
            given = values.get(expansion.variable, kappa)
            raise NotEvaluable(
                f"{expansion.variable} = {given}: an expansion at small values needs one > 0; give such a number"
            )
        return arb("inf")
    return sum((part.remainder(balls) for part in expansion.parts), arb(0))


def power_law_remainder(
    capacity: Ball,
    decay: Ball,
    order: Ball,
    x: Ball,
    *,
    terms: int,
    singular: bool = True,
    meets: int | None = None,
    dimension: Ball | None = None,
    tail_terms: int = 0,
    beyond: bool = True,
) -> Ball:
    """Upper bound of |F − its expansion|: ``terms`` analytic powers, the singular one, ``tail_terms`` of the tail.

    Parameters
    ----------
    capacity, decay, order, x
        β, A, m and x of F.
    terms
        Analytic powers x^0 … x^(terms−1) in the expansion.
    singular
        Whether x^-z₀ is in the expansion.
    meets
        k if it is known that A = 1 + βk exactly; found out where the balls are exact.
    dimension
        d; None is ∞.
    tail_terms
        Terms of the tail in the expansion.
    beyond
        Whether x d^β > 1, so that the tail is subtracted from the infinite sum; otherwise the power series is meant.

    Returns
    -------
    arb
        A number without radius that is proven to be no smaller than the error; +∞ where no bound is known.

    Example
    -------
    >>> bound = power_law_remainder(arb(2), arb(0), arb(1), arb("1e-6"), terms=1)
    >>> bool(bound < 1e-20)
    True
    """
    if order.is_zero():
        return arb(0)
    law = PowerLawSeries(capacity, decay, order, x, meets)
    if dimension is None:
        return law.head_remainder(terms, singular=singular)
    if not beyond:
        return law.power_series_bound(terms, dimension)
    return law.head_remainder(terms, singular=singular) + law.tail_bound(tail_terms, dimension)


def enclose_power_law_sum(
    capacity: Ball,
    decay: Ball,
    order: Ball,
    x: Ball,
    dimension: int | None = None,
    *,
    meets: int | None = None,
) -> Ball | None:
    """Ball that contains F = Σ_{j≤d} j^-A/(1+x j^β)^m, from its expansion at small x.

    Parameters
    ----------
    capacity, decay, order, x
        β > 0, A, m > 0 and x > 0; balls, of any width.
    dimension
        d; None is ∞, for which A + βm > 1 is needed.
    meets
        k if the caller knows that A = 1 + βk exactly, though the balls are not exact; found out where they are.

    Returns
    -------
    arb or None
        None where the expansion does not reach the working precision: x is not small enough, or two poles
        lie too close for the digits given. Whatever is returned contains the sum.

    Example
    -------
    >>> value = enclose_power_law_sum(arb(2), arb(0), arb(1), arb(1) / 10**4)
    >>> root = arb(100)
    >>> bool(abs(value - (arb.pi() * root * (arb.pi() * root).coth() - 1) / 2) < 1e-10)
    True
    >>> enclose_power_law_sum(arb(2), arb(0), arb(1), arb(2)) is None
    True
    """
    given = ctx.prec
    with ctx.workprec(given + GUARD_BITS):
        law = PowerLawSeries(capacity, decay, order, x, meets)
        if not (x > 0 and capacity > 0 and order > 0):
            return None
        if dimension is None:
            value = law.head(given) if decay + capacity * order > 1 else None
        elif dimension <= FEWEST_FEATURES:
            value = sum((law.summand(arb(j)) for j in range(1, dimension + 1)), arb(0))
        elif x * arb(dimension + 1) ** capacity > 1:
            value = law.head(given)
            tail = None if value is None else law.tail(dimension, given)
            value = None if tail is None else value - tail
        else:
            value = law.power_series(dimension, given)
    if value is None or not value.is_finite():
        return None
    known = min(given, _bits(decay, relative=False), *map(_bits, (capacity, order, x)))
    return +value if value.rel_accuracy_bits() >= known - SLACK_BITS else None


FEWEST_FEATURES = 200
"""Dimension up to which sums are added up term by term."""

SLACK_BITS = 20
"""Bits that a sum may have less than its arguments: powers such as x^-z₀ widen them."""


def _bits(ball: Ball, *, relative: bool = True) -> int:
    if ball.rad().is_zero():
        return MOST_BITS
    if relative:
        return int(ball.rel_accuracy_bits())
    return -int(ball.rad().log().mid().__float__() / 0.6931)


MOST_BITS = 10**9
"""Accuracy of an exact ball."""
