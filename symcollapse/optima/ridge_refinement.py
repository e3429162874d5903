"""A minimum of the test error between two values of κ, to any number of digits.

Newton's steps on the slope go fast, halvings keep them in between, and two signs of the slope, certain in ball
arithmetic, prove the result.
"""

from typing import Any

from flint import arb, ctx

from symcollapse.language.errors import PrecisionExhausted
from symcollapse.optima.error_bounds import ErrorBounds
from symcollapse.optima.interval_jets import Jet
from symcollapse.optima.ridge_charts import Chart, TunedError

FEWEST_BITS = 128
"""Working precision of the first attempt."""


def refined(tuned: TunedError, low: Any, high: Any, bits: int) -> tuple[Any, Any]:
    """Two values of κ that agree to some bits: at the first the error falls, at the second it rises.

    Parameters
    ----------
    low, high
        Exact κ around a minimum, the only one between them; ``high`` may be infinite.
    bits
        Leading bits of the two values that agree.

    Raises
    ------
    PrecisionExhausted
        If no sign of the slope is certain at the greatest precision.

    Example
    -------
    >>> from symcollapse.language.problems import Problem
    >>> from symcollapse.optima.ridge_charts import tuned_error
    >>> tuned = tuned_error(Problem.from_file("figure-1a"))
    >>> low, high = refined(tuned, arb(0.1), arb(2), 60)
    >>> bool(low < high) and bool((high - low) < 1e-17)
    True
    """
    total = tuned.parts["total"]
    precision = FEWEST_BITS
    while precision <= 8 * bits + 16 * FEWEST_BITS:
        bounds = ErrorBounds(tuned, precision)

        def at(point: Any, bounds: ErrorBounds = bounds) -> Jet:
            return bounds.enclose(total, Chart.MIDDLE, point, point)

        with ctx.workprec(precision):
            point = _between(low, high)
            for _ in range(4 * precision):
                jet = at(point)
                if jet.first.high < 0:
                    low = point
                elif jet.first.low > 0:
                    high = point
                else:
                    break
                moved = _newton(point, jet)
                if moved is None or not low < moved < high:
                    moved = _between(low, high)
                if abs((moved - point) / point) < arb(2) ** (16 - precision):
                    break
                point = moved
            margin = arb(2) ** -(bits + 1)
            left, right = (point * (1 - margin)).mid(), (point * (1 + margin)).mid()
            if at(left).first.high < 0 and at(right).first.low > 0:
                return left, right
        precision = 2 * precision
    raise PrecisionExhausted(
        f"the slope of the error has no certain sign near the minimum at {precision // 2} bits"
    )


def _between(low: Any, high: Any) -> Any:
    if not high.is_finite():
        return (4 * low).mid()
    if low.is_zero():
        return (high / 4).mid()
    return (low * high).sqrt().mid()


def _newton(point: Any, jet: Jet) -> Any | None:
    slope, curvature = jet.first.ball.mid(), jet.second.ball.mid()
    if not curvature > 0 or not abs(slope) < curvature:
        return None
    return (point * (-slope / curvature).exp()).mid()
