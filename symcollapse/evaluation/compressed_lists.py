"""A list of eigenvalues, however long, as a few points with weights that add up every functional of the theory.

In u = ln s the functions s^p Π (s + κ)^-m are analytic for |Im u| < π, and for |Im u| ≤ π/2 at most cos(π/4)^-Σm times
their value at |s|. The axis is cut into panels on a fixed lattice, so that one pass over the eigenvalues in any order
suffices; on a panel of half-width h the sum of each weight times the Lagrange polynomials of K Chebyshev points in u
replaces the eigenvalues. Interpolation of f is wrong by at most (1 + Λ)·2 C min f ρ^(1−K)/(ρ − 1), where ρ is that of the
ellipse of half-height π/2, Λ < 2 + ln K the constant of Lebesgue, and C = 2^(Σm/2) e^(h M (1 + (ρ + 1/ρ)/2)) the growth
of f from the panel to the ellipse, M the largest slope of ln f in u. K is chosen so that this is below `TOLERANCE`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from symcollapse.evaluation.index_rules import TOLERANCE, Steepness
from symcollapse.evaluation.rounded import Array
from symcollapse.language.errors import NotEvaluable

HALF_WIDTH = 1.5
"""Of a panel, in ln s."""

AT_ONCE = 2**14
"""Eigenvalues that are sorted into panels at a time."""

ROWS = 2**10
"""Eigenvalues whose Lagrange polynomials are held in one array, which stays in the processor's own memory."""


@dataclass(frozen=True, eq=False)
class CompressedList:
    """Points and weights in place of eigenvalues with multiplicities and further weights."""

    eigenvalues: Array
    """Shape (points,), increasing."""
    weights: Array
    """Shape (kinds, points): multiplicities first; any sign, where they stand for many eigenvalues."""
    counts: Array
    """How many eigenvalues the panel of a point stands for, at its last point; 0 at the others. Whole numbers."""
    heads: Array
    """The place of the first point of each point's panel."""
    tolerance: float
    """Bound of the error of a sum, relative to the sum of its absolute terms."""


class ListCompressor:
    """Takes up eigenvalues in chunks, in any order, and forgets them.

    Parameters
    ----------
    kinds
        How many weights an eigenvalue has: its multiplicity, and the squared coefficients of each target.
    steepness
        Of the functions that are to be added up; only `order` and `poles` count.

    Example
    -------
    >>> s = np.arange(1.0, 10.0**5 + 1) ** -1.5
    >>> compressor = ListCompressor(1, Steepness())
    >>> for chunk in np.split(s, 10):
    ...     compressor.add(chunk, [np.ones(chunk.size)])
    >>> few = compressor.result()
    >>> few.eigenvalues.size < 400
    True
    >>> degrees = float(np.sum(few.weights[0] * few.eigenvalues / (few.eigenvalues + 1e-3)))
    >>> bool(abs(degrees / np.sum(s / (s + 1e-3)) - 1) < 1e-14)
    True
    """

    def __init__(self, kinds: int, steepness: Steepness) -> None:
        self._kinds = kinds
        self._points = _points_needed(steepness)
        self._panels: dict[int, _Panel] = {}

    def add(self, eigenvalues: Array, weights: Iterable[Array]) -> None:
        """Take up eigenvalues > 0 and their weights.

        Raises
        ------
        NotEvaluable
            If an eigenvalue is not a positive normal double, or a weight is not finite.
        """
        values = np.asarray(eigenvalues, dtype=np.float64)
        carried = np.array([np.broadcast_to(each, values.shape) for each in weights])
        if carried.shape != (self._kinds, values.size):
            raise NotEvaluable(f"give {self._kinds} weights for each eigenvalue")
        tiny = float(np.finfo(np.float64).tiny)
        if not (np.all(np.isfinite(values)) and np.all(values >= tiny)):
            raise NotEvaluable("eigenvalues: give positive doubles, none below 2.3e-308")
        if not np.all(np.isfinite(carried)):
            raise NotEvaluable("weights: give finite numbers")
        for start in range(0, values.size, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            self._sort_in(values[part], carried[:, part])

    def _sort_in(self, values: Array, carried: Array) -> None:
        logarithms = np.log(values)
        places = np.floor(logarithms / (2 * HALF_WIDTH)).astype(np.int64)
        order = np.argsort(places, kind="stable")
        numbers, starts = np.unique(places[order], return_index=True)
        ends = np.append(starts[1:], order.size)
        for number, first, end in zip(numbers, starts, ends, strict=True):
            own = order[first:end]
            panel = self._panels.get(int(number))
            if panel is None:
                panel = self._panels[int(number)] = _Panel(self._kinds, self._points, int(number))
            panel.add(values[own], carried[:, own])

    def result(self) -> CompressedList:
        """What has been taken up so far."""
        panels = [self._panels[number] for number in sorted(self._panels)]
        points = [panel.points() for panel in panels]
        sizes = [entry[0].size for entry in points]
        firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        eigenvalues = np.concatenate([entry[0] for entry in points])
        counts, heads = np.zeros(eigenvalues.size), np.zeros(eigenvalues.size)
        for panel, first, size, (_, shares) in zip(panels, firsts, sizes, points, strict=True):
            own = slice(int(first), int(first) + size)
            # An eigenvalue that stands for itself is a panel of its own.
            heads[own] = np.arange(own.start, own.stop) if panel.is_plain else own.start
            counts[own] = shares[0] if panel.is_plain else 0.0
            counts[own.stop - 1] = shares[0, -1] if panel.is_plain else panel.count
        weights = np.concatenate([entry[1] for entry in points], axis=1)
        return CompressedList(eigenvalues, weights, counts, heads, TOLERANCE)


class _Panel:
    def __init__(self, kinds: int, size: int, number: int) -> None:
        self.size = size
        # Everything is measured from here: ln s itself would lose what ln s has before its point.
        self.middle = math.exp((2 * number + 1) * HALF_WIDTH)
        self.shares = np.zeros((kinds, size))
        self.count = 0.0
        self.kept: dict[float, Array] = {}
        self.is_plain = True

    def add(self, values: Array, carried: Array) -> None:
        self.count += float(np.sum(carried[0]))
        if self.is_plain:
            distinct, inverse = np.unique(values, return_inverse=True)
            sums = np.stack([np.bincount(inverse, each, distinct.size) for each in carried])
            for value, column in zip(distinct.tolist(), sums.T, strict=True):
                self.kept[value] = self.kept.get(value, 0.0) + column
            if len(self.kept) <= self.size:
                return
            self.is_plain = False
            values, carried = np.array(list(self.kept)), np.array(list(self.kept.values())).T
            self.kept.clear()
        self.shares += lagrange_sums(self.size, np.log(values / self.middle) / HALF_WIDTH, carried)

    def points(self) -> tuple[Array, Array]:
        if self.is_plain:
            order = sorted(self.kept)
            return np.array(order), np.array([self.kept[value] for value in order]).T
        # Chebyshev points fall; eigenvalues are given as they rise.
        nodes = self.middle * np.exp(HALF_WIDTH * chebyshev(self.size))
        return nodes[::-1], self.shares[:, ::-1]


def _points_needed(steepness: Steepness) -> int:
    rho = math.pi / (2 * HALF_WIDTH) + math.hypot(1, math.pi / (2 * HALF_WIDTH))
    growth = (1 + (rho + 1 / rho) / 2) * HALF_WIDTH * max(steepness.order, 1.0)
    growth += steepness.poles * math.log(2) / 2
    points = 20
    while True:
        size = math.log(2 * (3 + math.log(points)) * rho / ((rho - 1) * TOLERANCE)) + growth
        if points * math.log(rho) >= size:
            return points
        points += 1


def lagrange_sums(size: int, at: Array, weights: Array) -> Array:
    """Weighted sums of the Lagrange polynomials of the Chebyshev points on [−1, 1], which fall.

    By the barycentric formula, so that each polynomial keeps its relative accuracy also where it is small: functions
    grow by orders of magnitude over a panel.

    Parameters
    ----------
    size
        How many points.
    at, weights
        Shape (points,) and (kinds, points).

    Example
    -------
    >>> lagrange_sums(2, np.array([0.0]), np.array([[2.0]])).round(9)
    array([[1., 1.]])
    """
    angles = _angles(size)
    signs = np.where(np.arange(size) % 2 == 0, 1.0, -1.0) * np.sin(angles)
    sums = np.zeros((len(weights), size))
    for start in range(0, at.size, ROWS):
        part = slice(start, start + ROWS)
        terms = at[part, None] - np.cos(angles)
        terms[terms == 0] = 1e-200  # at a point all but one polynomial vanish
        np.divide(signs, terms, out=terms)
        sums += (weights[:, part] / np.sum(terms, axis=1)) @ terms
    return sums


def chebyshev(size: int) -> Array:
    """Chebyshev points of the first kind on [−1, 1], falling.

    Example
    -------
    >>> chebyshev(2).round(6)
    array([ 0.707107, -0.707107])
    """
    return np.cos(_angles(size))


def _angles(size: int) -> Array:
    return np.pi * (np.arange(size) + 0.5) / size
