"""Named functions and conditions on doubles with error bounds: entry by entry through balls."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray
from sympy import Basic

from symcollapse.evaluation.rounded import ROUNDOFF, SMALLEST, Rounded
from symcollapse.evaluation.special_functions import holds
from symcollapse.language.errors import PrecisionExhausted

BITS = 80
"""Working precision of the balls."""

UNDECIDED = -1
"""Mark of a point at which no piece is known to be the one."""


def through_balls(function: Callable[[list[Any]], Any], arguments: Sequence[Rounded]) -> Rounded:
    """A function of balls at doubles; the error bound holds the function's values over all arguments within theirs.

    Example
    -------
    >>> from symcollapse.evaluation.rounded import from_exact
    >>> root = through_balls(lambda balls: balls[0].sqrt(), [from_exact(4.0, is_exact=True)])
    >>> float(root.value[0, 0])
    2.0
    """
    parts = np.broadcast_arrays(*(part for a in arguments for part in (a.value, a.error)))
    shape = parts[0].shape if parts else (1, 1)
    value, error = np.full(shape, np.nan), np.full(shape, np.inf)
    with ctx.workprec(BITS):
        for place in np.ndindex(value.shape):
            numbers = [float(part[place]) for part in parts]
            if not np.all(np.isfinite(numbers)):
                continue
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            ball = function([arb(middle, radius) for middle, radius in pairs])
            if ball.is_finite() and np.isfinite(nearest := float(ball)):
                gap = float(abs(ball - arb(nearest)).upper())
                loss = SMALLEST if 0 < gap < SMALLEST else 0.0
                value[place], error[place] = nearest, gap * (1 + 4 * ROUNDOFF) + loss
    return Rounded(value, error)


def pieces_chosen(
    conditions: Sequence[Basic], sides: Mapping[Basic, tuple[Rounded, Rounded]]
) -> NDArray[np.int64]:
    """Position of the first condition that holds at each point, or `UNDECIDED`.

    Parameters
    ----------
    conditions
        Relations joined by And, Or and Not.
    sides
        Left and right side of every relation among them.

    Example
    -------
    >>> from sympy import S
    >>> from symcollapse.evaluation.rounded import from_exact
    >>> from symcollapse.language.symbols import ridge
    >>> two, one = (from_exact(number, is_exact=True) for number in (2.0, 1.0))
    >>> pieces_chosen([ridge < 1, S.true], {ridge < 1: (two, one)})
    array([[1]])
    """
    parts = [part for pair in sides.values() for side in pair for part in (side.value, side.error)]
    grids = np.broadcast_arrays(np.zeros((1, 1)), *parts)[1:]
    chosen = np.full(grids[0].shape if grids else (1, 1), UNDECIDED, dtype=np.int64)
    for place in np.ndindex(chosen.shape):
        numbers = [float(grid[place]) for grid in grids]
        differences = {
            relation: arb(numbers[4 * k], numbers[4 * k + 1])
            - arb(numbers[4 * k + 2], numbers[4 * k + 3])
            for k, relation in enumerate(sides)
        }
        try:
            for position, condition in enumerate(conditions):
                if holds(condition, differences.__getitem__):
                    chosen[place] = position
                    break
        except PrecisionExhausted:
            continue
    return chosen
