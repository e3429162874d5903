"""The effective ridge as a certified ball.

r(κ) = T − df₁(κ) − λT/κ is strictly increasing on κ > 0. If its ball at a point a is negative and at b positive,
then exactly one root exists, and it lies between a and b: existence and uniqueness at once, by two evaluations.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, ctx

from symcollapse.evaluation.roots_in_doubles import solve_effective_ridge
from symcollapse.evaluation.rounded import Rounded
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

GUARD = 8
"""Bits by which the first attempt at a certificate is wider than the working precision."""

RIGHT = 40
"""Bits of the first approximation that are right."""

MOST_BISECTIONS = 4000
"""Halvings of ln κ: enough for a bracket of any size that fits in memory."""


def enclose_effective_ridge(ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """Ball that contains κ, certified.

    Parameters
    ----------
    ridge, samples
        λ ≥ 0 and T > 0, balls.
    levels, counts
        Distinct eigenvalues and their multiplicities, balls.

    Raises
    ------
    NotEvaluable
        If λ < 0 or T <= 0 for certain.
    PrecisionExhausted
        If the working precision is too low to decide the sign at two points around the root.

    Example
    -------
    >>> kappa = enclose_effective_ridge(arb(1), arb(300), [arb(1)], [arb(300)])
    >>> kappa.contains((1 + arb(5).sqrt()) / 2)
    True
    """
    if ridge < 0:
        raise NotEvaluable(f"ridge = {float(ridge):g} in an effective ridge: give a number >= 0")
    if samples <= 0:
        raise NotEvaluable(f"samples = {float(samples):g} in an effective ridge: give a number > 0")
    dimension = sum(counts, arb(0))
    if ridge.is_zero() and samples >= dimension:
        return arb(0)
    data = (ridge, samples, levels, counts)
    return certified_root(
        _start(*data), lambda kappa: _residual(kappa, *data), lambda kappa: _slope(kappa, *data)
    )


def certified_root(start: Any, residual: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Any:
    """Ball that contains the one root κ > 0 of an increasing function, by a change of its sign.

    Parameters
    ----------
    start
        The root to about `RIGHT` bits, exact.
    residual, slope
        Balls of the function and of its derivative at an exact point.

    Raises
    ------
    PrecisionExhausted
        If the working precision is too low to decide the sign at two points around the root.

    Example
    -------
    >>> start = arb(2).sqrt().mid()
    >>> certified_root(start, lambda x: x * x - 2, lambda x: 2 * x).contains(arb(2).sqrt())
    True
    """
    kappa = _polish(start, residual, slope)
    precision = int(ctx.prec)
    width = GUARD
    while width < precision - 4:
        margin = arb(2) ** (width - precision)
        low, high = (kappa * (1 - margin)).mid(), (kappa * (1 + margin)).mid()
        if residual(low) < 0 and residual(high) > 0:
            return low.union(high)
        width += max(4, width // 2)
    raise PrecisionExhausted(f"the effective ridge is not decided at {precision} bits")


def _residual(kappa: Any, ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    # s/(s + κ) = 1 − κ/(s + κ): taken in the small form, so that no precision goes into cancelling the ones.
    whole, rest = samples, arb(0)
    for s, m in zip(levels, counts, strict=True):
        if s > kappa:
            whole = whole - m
            rest += m * kappa / (s + kappa)
        else:
            rest -= m * s / (s + kappa)
    return whole + rest - ridge * samples / kappa


def _slope(kappa: Any, ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    shared = sum((m * s / (s + kappa) ** 2 for s, m in zip(levels, counts, strict=True)), arb(0))
    return shared + ridge * samples / kappa**2


def _start(ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """About 14 digits of κ, from doubles where they reach, else by bisection."""
    largest = max((level.mid() for level in levels), key=lambda level: level)

    def doubles(entries: list[Any]) -> Rounded:
        values = np.array([[float(entry) for entry in entries]])
        return Rounded(values, np.zeros_like(values))

    scaled = [level.mid() / largest for level in levels]
    shrunk = ridge.mid() / largest
    # Doubles answer only where nothing that matters has underflowed.
    if min(float(level) for level in scaled) > 1e-290 and (
        ridge.is_zero() or 1e-290 < float(shrunk) < 1e290
    ):
        kappa = solve_effective_ridge(
            doubles([shrunk]), doubles([samples.mid()]), doubles(scaled), doubles(counts)
        )
        # Counts beyond the integers that doubles hold may decide whether κ vanishes.
        if 0 <= kappa.error[0, 0] < 2.0**-RIGHT * kappa.value[0, 0]:
            return arb(float(kappa.value[0, 0])) * largest
    return _bisect(ridge, samples, levels, counts)


def _bisect(ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    trace = sum((m * s for s, m in zip(levels, counts, strict=True)), arb(0))
    dimension = sum(counts, arb(0))
    smallest = min((level.mid() for level in levels), key=lambda level: level)
    low = smallest * (dimension - samples) / samples
    if not ridge.is_zero() and not low > ridge:
        low = ridge
    low, high = low.mid().log().mid(), (ridge + trace / samples).mid().log().mid()
    for _ in range(MOST_BISECTIONS):
        if high - low < arb(2) ** -RIGHT:
            break
        middle = ((low + high) / 2).mid()
        if _residual(middle.exp().mid(), ridge, samples, levels, counts) < 0:
            low = middle
        else:
            high = middle
    return ((low + high) / 2).exp().mid()


def _polish(kappa: Any, residual: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Any:
    """Newton on midpoints, at a precision that doubles with the digits that are right."""
    target = int(ctx.prec)
    right = RIGHT
    while right < target:
        right = min(2 * right, target)
        with ctx.workprec(min(target, right + 16)):
            kappa = (kappa - residual(kappa) / slope(kappa)).mid()
    return kappa.mid()
