"""Several formulas as columns of doubles over many points, each entry sure of its digits or left open."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from symcollapse.evaluation import lambdify
from symcollapse.language.errors import SymcollapseError

ACCEPTED = 1e-12
"""Largest bound of the relative error of a double that is taken."""

Column = NDArray[np.float64]


class DoubleColumns:
    """Formulas, compiled once, at many points.

    Example
    -------
    >>> from symcollapse.language.symbols import noise, ridge
    >>> columns = DoubleColumns([ridge + 1, noise], [ridge, noise])
    >>> columns([np.array([1.0, 2.0]), np.array([3.0, 4.0])]).tolist()
    [[2.0, 3.0], [3.0, 4.0]]
    """

    def __init__(self, formulas: Sequence[Expr], arguments: Sequence[Symbol]) -> None:
        self._count = len(formulas)
        self._parts: list[tuple[list[int], list[int], Callable[..., Any]]] = []
        """Which formulas, of which arguments, by which function."""
        every = list(range(len(formulas)))
        if not self._compile(formulas, arguments, every) and len(every) > 1:
            # One that cannot be had in doubles hides none of the others.
            for each in every:
                self._compile(formulas, arguments, [each])

    def _compile(
        self, formulas: Sequence[Expr], arguments: Sequence[Symbol], wanted: list[int]
    ) -> bool:
        """Whether there is one function of the formulas that are wanted."""
        chosen = [formulas[each] for each in wanted]
        free = set().union(*(formula.free_symbols for formula in chosen))
        taken = [place for place, symbol in enumerate(arguments) if symbol in free]
        if not taken:
            return False
        try:
            function = lambdify(chosen, [arguments[place] for place in taken], errors=True)
        except SymcollapseError:
            return False
        self._parts.append((wanted, taken, function))
        return True

    def __call__(self, grids: Sequence[Column]) -> Column:
        """Values, one row for each formula, of a relative error below 1e-12; nan where doubles are not sure of it.

        Parameters
        ----------
        grids
            One array of numbers for each argument, all of one length.
        """
        size = len(grids[0]) if grids else 0
        values = np.full((self._count, size), np.nan)
        faithful = np.ones(size, dtype=bool)
        for grid in grids:
            faithful &= is_normal(grid) | (grid == 0)
        rows = np.flatnonzero(faithful)
        for wanted, taken, function in self._parts:
            if len(rows):
                _fill(values, wanted, function, [grids[place] for place in taken], rows)
        # Zeros and infinities of doubles may be numbers that they cannot hold.
        values[~is_normal(values)] = np.nan
        return values


def is_normal(values: Any) -> Any:
    """Whether doubles hold a number to full accuracy; zero and infinity are none of these.

    Example
    -------
    >>> is_normal(np.array([1.0, 0.0, np.inf, 1e-320])).tolist()
    [True, False, False, False]
    """
    size = np.abs(values)
    return (size >= sys.float_info.min) & (size <= sys.float_info.max)


def _fill(
    values: Column,
    wanted: list[int],
    function: Callable[..., Any],
    grids: list[Column],
    rows: Any,
) -> None:
    """Put in what doubles are sure of; where a point is refused, halves are tried until it stands alone."""
    try:
        found = function(*(grid[rows] for grid in grids))
    except SymcollapseError:
        if len(rows) > 1:
            middle = len(rows) // 2
            _fill(values, wanted, function, grids, rows[:middle])
            _fill(values, wanted, function, grids, rows[middle:])
        return
    for each, (result, errors) in zip(wanted, found, strict=True):
        # No comparison with nan is true, so that what has an unknown error stays open.
        values[each, rows] = np.where(errors <= ACCEPTED, result, np.nan)
