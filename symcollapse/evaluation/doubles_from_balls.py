"""A formula at one point of doubles, through balls: slow, and right to the last place."""

from collections.abc import Mapping

import numpy as np
from flint import arb, ctx
from sympy import Expr, Symbol

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.rounded import ROUNDOFF, SMALLEST
from symcollapse.language.errors import PrecisionExhausted

FIRST_BITS = 80
"""Working precision of the first attempt."""

MOST_BITS = 1500
"""Working precision after which a point counts as undecided."""

ENOUGH = 60
"""Bits of a ball that leave the rounding to a double as its only error."""


def double_at(formula: Expr, point: Mapping[Symbol, float]) -> tuple[float, float]:
    """The double next to the value, and a bound of its relative error, infinite where nothing is known.

    Parameters
    ----------
    formula
        An expression whose only free symbols are those of the point.
    point
        Numbers, exact as they stand.

    Example
    -------
    >>> from sympy import Rational
    >>> value, error = double_at(Rational(1, 3), {})
    >>> value, error < 1e-15
    (0.3333333333333333, True)
    """
    bits = FIRST_BITS
    value, error = np.nan, np.inf
    while bits <= MOST_BITS:
        with ctx.workprec(bits):
            try:
                ball = BallEvaluator({s: arb(number) for s, number in point.items()}).evaluate(
                    formula
                )
            except PrecisionExhausted:
                bits *= 2
                continue
            if ball.is_zero():
                return 0.0, 0.0
            if ball.is_finite():
                value = float(ball)
                gap = abs(ball - arb(value)) / abs(ball) if np.isfinite(value) else arb("inf")
                error = float(gap.upper()) if gap.is_finite() else np.inf
                if ball.rel_accuracy_bits() >= ENOUGH:
                    break
        bits *= 2
    # Below the normal range a double holds fewer digits, above it none.
    ordinary = SMALLEST <= abs(value) < np.inf
    return value, error + ROUNDOFF if ordinary else np.inf
