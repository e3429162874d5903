"""Spectral measures for state evolution: eigenvalues with multiplicities, few enough to carry functions on.

State evolution needs sums over the spectrum of functions that are products of s/(s + κ_k) and κ_k/(s + κ_k). In
u = log s they are analytic in the strip |Im u| < π, and for |Im u| ≤ π/2, where Re s ≥ 0, each factor is at most 1 in
size, however many there are. On a panel of half-width h, interpolation at p Chebyshev points in u is then wrong by
O(ρ^-p), ρ = π/(2h) + √(1 + (π/(2h))²). So many eigenvalues are replaced by the points, each with the sum of its Lagrange
polynomial over the eigenvalues. Further points without weight show afterwards how well this went.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symcollapse.evaluation.compressed_lists import chebyshev, lagrange_sums
from symcollapse.evaluation.doubles import DoubleEvaluator
from symcollapse.evaluation.rounded import Array
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.joint_spectra import listed_eigenvalues
from symcollapse.language.naming import named_parts
from symcollapse.language.pipelines import Pipeline
from symcollapse.language.problems import SIGMA, Problem
from symcollapse.language.spectra import (
    Covariance,
    ExplicitSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    Spectrum,
)
from symcollapse.language.targets import Target

MOST_LEVELS = 1000
"""Distinct eigenvalues that are kept one by one; more are replaced by points."""

HALF_WIDTH = 1.5
"""Of a panel, in log s: ρ = 2.5."""

POINTS = 36
"""Chebyshev points of a panel: 2.5^-36 = 5e-15."""

CHECKS = (0.0, 0.31, 0.5)
"""Where a panel is checked, in parts of the half circle: at its end, where interpolation is worst, and inside."""


@dataclass(frozen=True, eq=False)
class SpectralMeasures:
    """Eigenvalues, what each weighs in sums over the spectrum, and what the truth and the shifts weigh there."""

    eigenvalues: Array
    """Shape (covariances, points); the covariance of the test first."""
    counts: Array
    """Multiplicities, shape (points,); for points of a panel any real numbers, 0 for those that check."""
    truth: Array
    """Sums of c_j², shape (points,)."""
    shifts: Array
    """Sums of the variances Δ_jj of each shift, shape (shifts, points)."""
    interpolation: Array
    """Values at the points that check from those at the others, shape (checks, points)."""
    masses: Array
    """Sum of |weights| that a check speaks for: of the counts, the truth and the shifts, shape (2 + shifts, checks)."""

    @property
    def dimension(self) -> float:
        """The number of eigenvalues."""
        return float(round(float(np.sum(self.counts))))

    @property
    def checks(self) -> int:
        """How many points at the end have no weight."""
        return len(self.interpolation)


def plain_measures(
    eigenvalues: Sequence[Array], counts: Array, truth: Array, shifts: Sequence[Array] = ()
) -> SpectralMeasures:
    """The measures as they are: one point for each distinct tuple of eigenvalues.

    Example
    -------
    >>> ones = np.ones(2)
    >>> plain_measures([ones], ones, ones).dimension
    2.0
    """
    weights = np.array(shifts, dtype=np.float64).reshape(len(shifts), len(counts))
    return SpectralMeasures(
        np.array(eigenvalues, dtype=np.float64),
        np.asarray(counts, dtype=np.float64),
        np.asarray(truth, dtype=np.float64),
        weights,
        np.zeros((0, len(counts))),
        np.zeros((2 + len(shifts), 0)),
    )


def compressed(measures: SpectralMeasures) -> SpectralMeasures:
    """The measures on few points, where there is one covariance with many eigenvalues; else as they are.

    Example
    -------
    >>> s = np.arange(1.0, 10001.0) ** -1.5
    >>> few = compressed(plain_measures([s], np.ones(10000), s))
    >>> few.counts.size < 300
    True
    >>> def degrees(m):
    ...     return float(np.sum(m.counts * m.eigenvalues[0] / (m.eigenvalues[0] + 1e-3)))
    >>> bool(abs(degrees(few) / np.sum(s / (s + 1e-3)) - 1) < 1e-14)
    True
    """
    levels = measures.eigenvalues[0]
    if len(measures.eigenvalues) > 1 or levels.size <= MOST_LEVELS:
        return measures
    order = np.argsort(levels)
    logarithms = np.log(levels[order])
    weights = np.concatenate([[measures.counts], [measures.truth], measures.shifts])[:, order]
    low, high = float(logarithms[0]), float(logarithms[-1])
    panels = max(1, math.ceil((high - low) / (2 * HALF_WIDTH)))
    edges = np.linspace(low, high, panels + 1)
    bounds = np.searchsorted(logarithms, edges, side="left")
    bounds[-1] = levels.size
    points: list[Array] = []
    shares: list[Array] = []
    checks: list[tuple[Array, Array, Array, int]] = []
    start = 0
    for panel in range(panels):
        own = slice(int(bounds[panel]), int(bounds[panel + 1]))
        here, carried = logarithms[own], weights[:, own]
        if here.size <= POINTS:
            points.append(np.exp(here))
            shares.append(carried)
        else:
            middle, half = (edges[panel] + edges[panel + 1]) / 2, (edges[1] - edges[0]) / 2
            reduced = (here - middle) / half
            points.append(np.exp(middle + half * chebyshev(POINTS)))
            shares.append(lagrange_sums(POINTS, reduced, carried))
            at = np.cos(np.pi * np.array(CHECKS))
            mass = np.sum(np.abs(carried), axis=1)[:, None] / len(CHECKS)
            checks.append((np.exp(middle + half * at), _lagrange(at), mass, start))
        start += points[-1].size
    tested = [entry[0] for entry in checks]
    total, extra = start, sum(entry.size for entry in tested)
    interpolation = np.zeros((extra, total + extra))
    masses = np.zeros((len(weights), extra))
    for number, (at, polynomials, mass, first) in enumerate(checks):
        rows = slice(number * at.size, (number + 1) * at.size)
        interpolation[rows, first : first + POINTS] = polynomials
        masses[:, rows] = mass
    every = np.concatenate([*shares, np.zeros((len(weights), extra))], axis=1)
    return SpectralMeasures(
        np.concatenate([*points, *tested])[None, :],
        every[0],
        every[1],
        every[2:],
        interpolation,
        masses,
    )


def _lagrange(at: Array) -> Array:
    """The Lagrange polynomials of the Chebyshev points on [−1, 1], shape (at, points)."""
    return lagrange_sums(POINTS, at, np.eye(at.size))


def measures_of(problem: Problem, pipeline: Pipeline) -> SpectralMeasures:
    """Spectra, target and shifts of a problem, one point for each distinct tuple of eigenvalues.

    Raises
    ------
    NotEvaluable
        If a spectrum or a target has no numbers, or too many distinct ones.

    Example
    -------
    >>> from symcollapse.language.pipelines import pipeline_of
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(10**9), UniformTarget(1), (), Downstream(9))
    >>> measures_of(problem, pipeline_of(problem)).counts
    array([1.e+09])
    """
    parts = named_parts(problem)
    spectra: dict[Covariance, Spectrum] = {SIGMA: problem.spectrum, **dict(parts.spectra)}
    named = dict(parts.targets)
    members = [spectra[covariance] for covariance in pipeline.covariances]
    targets = [problem.target, *(named[shift] for shift in pipeline.shifts)]
    evaluator = DoubleEvaluator({})
    if len(members) == 1:
        levels = evaluator.levels(problem.spectrum).value[0]
        counts = evaluator.weights(problem.spectrum, None).value[0]
        sums = [evaluator.weights(problem.spectrum, target).value[0] for target in targets]
        wide = [np.broadcast_to(each, levels.shape) for each in (counts, *sums)]
        return plain_measures([levels], wide[0], wide[1], wide[2:])
    columns = [_by_direction(evaluator, member) for member in members]
    if len({column.size for column in columns}) > 1:
        raise NotEvaluable("spectra of different sizes: give one dimension for all")
    squares = [_squares(evaluator, problem.spectrum, target) for target in targets]
    distinct, inverse = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    places, size = inverse.reshape(-1), len(distinct)
    sums = [np.bincount(places, weights=each, minlength=size) for each in squares]
    counts = np.bincount(places, minlength=size).astype(np.float64)
    return plain_measures(list(distinct.T), counts, sums[0], sums[1:])


def _by_direction(evaluator: DoubleEvaluator, spectrum: Spectrum) -> Array:
    """Eigenvalues in the order of the eigenvectors."""
    if isinstance(spectrum, ExplicitSpectrum):
        return np.array([float(value) for value in listed_eigenvalues(spectrum)])
    levels = evaluator.levels(spectrum).value[0]
    if isinstance(spectrum, IsotropicSpectrum | LevelsSpectrum):
        return np.repeat(levels, _multiplicities(evaluator, spectrum))
    return levels


def _squares(evaluator: DoubleEvaluator, spectrum: Spectrum, target: Target) -> Array:
    """Squared coefficients in the order of the eigenvectors."""
    if target.listed is not None:
        return np.array([float(value) for value in target.listed])
    if isinstance(spectrum, ExplicitSpectrum):
        # Uniform: all others over a list of eigenvalues are lists.
        total = float(np.sum(evaluator.weights(spectrum, target).value))
        size = int(spectrum.dimension)
        return np.full(size, total / size)
    weights = evaluator.weights(spectrum, target).value[0]
    if isinstance(spectrum, IsotropicSpectrum | LevelsSpectrum):
        counts = _multiplicities(evaluator, spectrum)
        return np.repeat(weights / counts, counts)
    return np.broadcast_to(weights, (int(spectrum.dimension),)).copy()


def _multiplicities(evaluator: DoubleEvaluator, spectrum: Spectrum) -> NDArray[np.int64]:
    counts = evaluator.weights(spectrum, None).value[0]
    if np.sum(counts) > 10**6:
        raise NotEvaluable(
            f"dimension = {np.sum(counts):.0f}: at most 10**6 beside another spectrum"
        )
    return counts.astype(np.int64)
