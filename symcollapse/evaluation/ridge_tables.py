"""The degrees of freedom of one spectrum on a lattice of ln κ, to start the search of many effective ridges.

Rows are computed when they are first asked for. The lattice is fixed, so that where the search of a point begins, and
so its last digit, does not hang on the other points.
"""

import numpy as np
from numpy.typing import NDArray

from symcollapse.evaluation.rounded import Array

ROWS_PER_NAT = 12
"""Of the lattice; cubics between its rows are right to about seven digits."""

BLOCK = 2**15
"""Rows times levels worked on at a time."""

MOST_ROWS = 2**21
"""Length of a lattice: what 600 decades of κ have is a hundredth of it."""

Rows = NDArray[np.int64]


class RidgeTable:
    """ln df₁ and ln(d − df₁) at lattice points of ln κ.

    Parameters
    ----------
    levels, counts
        Eigenvalues and how many each stands for, shape (levels,).
    dimension
        d, or inf.

    Example
    -------
    >>> table = RidgeTable(np.ones(1), np.array([300.0]), 300.0)
    >>> one = np.ones((1, 1))
    >>> round(float(table.roots(one, 300 * one, one, 3 * one)[0, 0]), 5)
    1.61803
    """

    def __init__(self, levels: Array, counts: Array, dimension: float) -> None:
        self._levels, self._counts, self._dimension = levels, counts, dimension
        self._first = 0
        self._sums = np.empty((3, 0))
        self._known = np.zeros(0, dtype=np.bool_)

    def roots(self, ridge: Array, samples: Array, low: Array, high: Array) -> Array:
        """κ for each point, to some seven digits where df₁ has as many.

        Parameters
        ----------
        ridge, samples
            λ and T, shape (points, 1).
        low, high
            Bounds of κ, shape (points, 1).
        """
        lam, size = ridge[:, 0], samples[:, 0]
        left = np.floor(np.log(low[:, 0]) * ROWS_PER_NAT).astype(np.int64)
        right = np.ceil(np.log(high[:, 0]) * ROWS_PER_NAT).astype(np.int64)
        right = np.maximum(right, left + 1)
        self._first = int(np.min(left))
        length = int(np.max(right)) - self._first + 1
        assert length < MOST_ROWS
        self._sums, self._known = np.empty((3, length)), np.zeros(length, dtype=np.bool_)
        while np.any(right - left > 1):
            middle = (left + right) // 2
            degrees, rest, _ = self._rows(middle)
            negative = self._residual(degrees, rest, _at(middle), lam, size) < 0
            inside = right - left > 1
            left = np.where(inside & negative, middle, left)
            right = np.where(inside & ~negative, middle, right)
        return self._within(left, lam, size)[:, None]

    def _rows(self, rows: Rows) -> Array:
        """df₁, d − df₁ and −d df₁/d ln κ at rows of the lattice, shape (3, rows)."""
        places = rows - self._first
        missing = np.unique(places[~self._known[places]])
        step = max(1, BLOCK // self._levels.size)
        for start in range(0, missing.size, step):
            part = missing[start : start + step]
            kappa = _at(part + self._first)[:, None]
            total = self._levels + kappa
            near, far = self._levels / total, kappa / total
            self._sums[0, part] = np.sum(near * self._counts, axis=1)
            self._sums[1, part] = np.sum(far * self._counts, axis=1)
            self._sums[2, part] = np.sum(near * far * self._counts, axis=1)
        self._known[missing] = True
        return self._sums[:, places]

    def _residual(
        self, degrees: Array, rest: Array, kappa: Array, lam: Array, size: Array
    ) -> Array:
        direct = size - degrees
        if np.isfinite(self._dimension):
            surplus = (size - self._dimension) + rest
            direct = np.where(2 * degrees > self._dimension, surplus, direct)
        return direct - lam * size / kappa

    def _within(self, left: Rows, lam: Array, size: Array) -> Array:
        """Newton's method on the cubics of a cell, kept inside."""
        ends = self._rows(left), self._rows(left + 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            degrees = _cubic_of([end[0] for end in ends], [-end[2] for end in ends])
            rest = _cubic_of([end[1] for end in ends], [end[2] for end in ends])
        share = np.full(left.size, 0.5)
        below, above = np.zeros(left.size), np.ones(left.size)
        for _ in range(6):
            kappa = np.exp((left + share) / ROWS_PER_NAT)
            now, others = np.exp(_value(degrees, share)), np.exp(_value(rest, share))
            residual = self._residual(now, others, kappa, lam, size)
            below = np.where(residual < 0, share, below)
            above = np.where(residual < 0, above, share)
            slope = ends[0][2] + share * (ends[1][2] - ends[0][2]) + lam * size / kappa
            moved = share - residual / slope * ROWS_PER_NAT
            share = np.where((moved > below) & (moved < above), moved, (below + above) / 2)
        return np.exp((left + share) / ROWS_PER_NAT)


def _at(rows: Rows) -> Array:
    return np.exp(rows / ROWS_PER_NAT)


def _cubic_of(values: list[Array], slopes: list[Array]) -> tuple[Array, Array, Array, Array]:
    """Hermite's cubic through ln f at two neighbours, from f and df/d ln κ: its four coefficients."""
    start, end = np.log(values[0]), np.log(values[1])
    first, last = (slopes[k] / values[k] / ROWS_PER_NAT for k in (0, 1))
    rise = end - start
    return start, first, 3 * rise - 2 * first - last, first + last - 2 * rise


def _value(cubic: tuple[Array, Array, Array, Array], share: Array) -> Array:
    a, b, c, d = cubic
    return a + share * (b + share * (c + share * d))
