"""The degrees of freedom of one spectrum as a curve in ln κ, to start the search of many effective ridges at once."""

import math
from dataclasses import dataclass

import numpy as np

from symcollapse.evaluation.rounded import Array

FEWEST_POINTS = 64
"""Roots for which a table pays."""

FINEST = 0.02
"""Spacing in ln κ; the interpolation is then wrong by some 10⁻¹⁰."""

COARSEST = 1.0
"""Spacing in ln κ above which a table is of no use."""

BLOCK = 2**16
"""Rows times levels worked on at a time."""


@dataclass(frozen=True, eq=False)
class RidgeTable:
    """ln df₁ and ln(d − df₁) with their slopes at points ln κ, equally spaced; shape (rows,) each."""

    first: float
    spacing: float
    dimension: float
    degrees: Array
    degrees_slope: Array
    rest: Array
    rest_slope: Array

    @staticmethod
    def over(
        levels: Array, counts: Array, dimension: float, bounds: tuple[float, float], points: int
    ) -> "RidgeTable | None":
        """A table between two bounds of κ, of at most half as many rows as there are points; None if too coarse.

        Example
        -------
        >>> table = RidgeTable.over(np.ones(1), np.array([300.0]), 300.0, (1.0, 3.0), 100)
        >>> kappa = table.roots(*np.array([[1.0], [300.0], [1.0], [3.0]])[:, None, :])
        >>> round(float(kappa[0, 0]), 6)
        1.618034
        """
        low, high = math.log(bounds[0]), math.log(bounds[1])
        rows = max(2, min(points // 2, math.ceil((high - low) / FINEST) + 1))
        spacing = (high - low) / (rows - 1)
        if spacing > COARSEST or spacing == 0:
            return None
        kappa = np.exp(low + spacing * np.arange(rows))[:, None]
        sums = np.empty((3, rows))
        step = max(1, BLOCK // levels.size)
        for start in range(0, rows, step):
            here = kappa[start : start + step]
            inverse = 1 / (levels + here)
            near, far = levels * inverse, here * inverse
            sums[0, start : start + step] = near @ counts
            sums[1, start : start + step] = far @ counts
            sums[2, start : start + step] = (near * far) @ counts
        if not np.all(sums[[0, 2]] > 0):
            return None
        degrees, rest, slope = sums
        rest = np.maximum(rest, np.finfo(np.float64).tiny)
        return RidgeTable(
            low,
            spacing,
            dimension,
            np.log(degrees),
            -slope / degrees,
            np.log(rest),
            slope / rest,
        )

    def roots(self, ridge: Array, samples: Array, low: Array, high: Array) -> Array:
        """κ for each point, as well as the table knows it.

        Parameters
        ----------
        ridge, samples
            λ and T, shape (points, 1).
        low, high
            Bounds of κ within those of the table, shape (points, 1).
        """
        lam, size = ridge[:, 0], samples[:, 0]
        rows = self.degrees.size

        def clipped(place: Array) -> Array:
            return np.clip(place.astype(np.int64), 0, rows - 1)

        left = clipped(np.floor((np.log(low[:, 0]) - self.first) / self.spacing))
        right = clipped(np.ceil((np.log(high[:, 0]) - self.first) / self.spacing))
        right = np.maximum(right, np.minimum(left + 1, rows - 1))
        left = np.minimum(left, right - 1)
        for _ in range(max(1, int(np.max(right - left)).bit_length())):
            middle = (left + right) // 2
            at = np.exp(self.first + self.spacing * middle)
            negative = self._residual(
                np.exp(self.degrees[middle]), np.exp(self.rest[middle]), at, lam, size
            )
            inside = (middle > left) & (middle < right)
            left = np.where(inside & (negative < 0), middle, left)
            right = np.where(inside & (negative >= 0), middle, right)
        return self._within(left, lam, size)[:, None]

    def _residual(
        self, degrees: Array, rest: Array, kappa: Array, lam: Array, size: Array
    ) -> Array:
        direct = size - degrees
        if np.isfinite(self.dimension):
            direct = np.where(2 * degrees > self.dimension, (size - self.dimension) + rest, direct)
        return direct - lam * size / kappa

    def _within(self, left: Array, lam: Array, size: Array) -> Array:
        """Newton's method on the cubic of a cell, kept inside."""
        share = np.full(left.size, 0.5)
        below, above = np.zeros(left.size), np.ones(left.size)
        for _ in range(6):
            at = np.exp(self.first + self.spacing * (left + share))
            degrees = np.exp(_cubic(self.degrees, self.degrees_slope, self.spacing, left, share))
            rest = np.exp(_cubic(self.rest, self.rest_slope, self.spacing, left, share))
            residual = self._residual(degrees, rest, at, lam, size)
            below = np.where(residual < 0, share, below)
            above = np.where(residual < 0, above, share)
            slope = self._slope_at(left, share, degrees) + lam * size / at
            moved = share - residual / (slope * self.spacing)
            share = np.where((moved > below) & (moved < above), moved, (below + above) / 2)
        return np.exp(self.first + self.spacing * (left + share))

    def _slope_at(self, left: Array, share: Array, degrees: Array) -> Array:
        """−d df₁/d ln κ, between those of the two rows."""
        del degrees
        ends = [-self.degrees_slope[row] * np.exp(self.degrees[row]) for row in (left, left + 1)]
        return ends[0] + share * (ends[1] - ends[0])


def _cubic(values: Array, slopes: Array, spacing: float, left: Array, share: Array) -> Array:
    """Hermite's cubic between a row and the next."""
    start, end = values[left], values[left + 1]
    first, last = slopes[left] * spacing, slopes[left + 1] * spacing
    rest = 1 - share
    return (
        start * rest * rest * (1 + 2 * share)
        + end * share * share * (3 - 2 * share)
        + first * share * rest * rest
        - last * share * share * rest
    )
