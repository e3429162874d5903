"""Sweeps over numbers of fits, as doubles and as exact numbers."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational

from symcollapse.interfaces.double_columns import Column, is_normal
from symcollapse.interfaces.spaced_values import ConsecutiveValues, SpacedValues
from symcollapse.interfaces.sweeps import Sweep
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.expressions import parse_expression
from symcollapse.language.fits import NUMBERS

EXACT = 2.0**53
"""Doubles hold every integer up to it."""

_NUMBER_OF_A_FIT = re.compile(rf"(?:downstream|generations\.[0-9]+)\.(?:{'|'.join(NUMBERS)})")


class NumberAxis:
    """A sweep over a number of a fit.

    Example
    -------
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> axis = NumberAxis(parse_sweep("downstream.ridge=0,1/3,2"))
    >>> axis.doubles(np.array([2, 0])).tolist(), axis.exact(1)
    ([2.0, 0.0], 1/3)
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        values = sweep.values
        lazy = isinstance(values, SpacedValues | ConsecutiveValues)
        self._listed = None if lazy else np.array([_faithful(text) for text in values])

    def doubles(self, places: NDArray[np.intp]) -> Column:
        """The values at some places; nan where the nearest double would be taken for another kind of number."""
        if self._listed is not None:
            return self._listed[places]
        values = self.sweep.values
        distinct, back = np.unique(places, return_inverse=True)
        if isinstance(values, ConsecutiveValues):
            found = values.integers.start + distinct.astype(np.float64)
            return np.where(found < EXACT, found, np.nan)[back]
        assert isinstance(values, SpacedValues)
        ends = (0, len(values) - 1)
        return np.array(
            [
                _faithful(values[place]) if place in ends else values.double_at(place)
                for place in distinct.tolist()
            ]
        )[back]

    def exact(self, place: int) -> Expr:
        """The value at a place, as it is written."""
        return parse_expression(self.sweep.values[place], {})


def number_axis(sweep: Sweep) -> NumberAxis | None:
    """The sweep as numbers of a fit; None if it is over something else, or over words or expressions.

    Example
    -------
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> number_axis(parse_sweep("downstream.ridge=1,samples^(-1)")) is None
    True
    """
    if _NUMBER_OF_A_FIT.fullmatch(sweep.key) is None or not _is_rational(sweep.values):
        return None
    return NumberAxis(sweep)


def _is_rational(values: Sequence[str]) -> bool:
    if isinstance(values, SpacedValues | ConsecutiveValues):
        return True
    return all(isinstance(_parsed(text), Rational) for text in values)


def _parsed(text: str) -> Expr | None:
    try:
        return parse_expression(text, {})
    except InvalidProblem:
        return None


@lru_cache(maxsize=4096)
def _faithful(text: str) -> float:
    """The nearest double; nan if it is 0, 1 or an integer and the number is not, or if it is out of range."""
    number = parse_expression(text, {})
    try:
        double = float(number)
    except OverflowError:
        return math.nan
    if number == 0:
        return 0.0
    if not is_normal(double) or (double.is_integer() and number != int(double)):
        return math.nan
    return double
