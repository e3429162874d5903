"""Simulations of one figure: several problems, each over many ridges and numbers of generations at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symcollapse.experiments.figures import Progress
from symcollapse.language.problem_files import ProblemFile
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.simulation import RidgePath, simulate_ridge_path, worker_pool

REPEAT = "generations.0.repeat"
"""Key of the number of generations in the problems of the figures."""


@dataclass(frozen=True)
class Effort:
    """How much of a figure is drawn.

    Example
    -------
    >>> Effort(trials=100, points=11).overrides
    {}
    """

    trials: int
    """Independent runs of the pipeline, for each problem of the figure."""
    points: int
    """Measured points of a curve."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Other values for keys of the problem file."""
    sizes: tuple[int, ...] | None = None
    """Sizes that the figure goes through, from panel to panel or from point to point; None: its own."""


@dataclass(frozen=True)
class Run:
    """One simulation: a problem of the figure, the ridges of its tested fit, and prefixes of its generations.

    Example
    -------
    >>> Run("figure-1a", {}, (0.1,), (0, 5)).problem(5).generations[0].repeat
    5
    """

    name: str
    """Of the bundled problem."""
    overrides: Mapping[str, str]
    """Other values for its keys."""
    ridges: tuple[float, ...]
    generations: tuple[int, ...]
    """Numbers of generations before the tested fit."""

    def problem(self, generations: int) -> Problem:
        """The problem with so many generations.

        Example
        -------
        >>> Run("figure-2b", {}, (0.1,), (0,)).problem(0).generations[0].repeat
        0
        """
        return Problem.from_file(self.name, {**self.overrides, REPEAT: str(generations)})

    def column(
        self, path: RidgePath, generations: int, ridges: Sequence[float] | None = None
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Means and standard errors over the ridges, after so many generations."""
        row = self.generations.index(generations)
        at = [self.ridges.index(ridge) for ridge in ridges or self.ridges]
        mean, error = path.mean[row], path.standard_error[row]
        return tuple(float(mean[j]) for j in at), tuple(float(error[j]) for j in at)


def set_up(name: str, overrides: Mapping[str, str], varied: str) -> str:
    """What all curves of a figure have in common, in one sentence.

    Parameters
    ----------
    name
        Of the bundled problem.
    overrides
        Other values for its keys.
    varied
        Key of the samples that the figure goes through; they are left out.

    Example
    -------
    >>> set_up("figure-1a", {"spectrum.dimension": "20"}, "downstream.samples")
    'Set-up: Σ = I, d = 20; generators by least squares, T₀ = 600, σ₀ = 0.2; tested fit σ = 0.1.'
    """
    problem = Problem.from_file(name, overrides)
    spectrum, target, fit = problem.spectrum, problem.target, problem.downstream
    generator = problem.generations[0]
    assert fit is not None
    law = type(spectrum).__name__
    if isinstance(spectrum, IsotropicSpectrum):
        law = "Σ = I" if spectrum.scale == 1 else f"Σ = {spectrum.scale}·I"
    elif isinstance(spectrum, PowerLawSpectrum) and isinstance(target, SourceTarget):
        law = f"β = {spectrum.capacity}, r = {target.source}"
    generators = "" if varied == "generations.0.samples" else f"T₀ = {generator.samples}, "
    tested = "" if varied == "downstream.samples" else f"T = {fit.samples}, "
    return (
        f"Set-up: {law}, d = {problem.dimension}; generators by least squares, {generators}"
        f"σ₀ = {float(generator.noise):g}; tested fit {tested}σ = {float(fit.noise):g}."
    )


def problem_tables(name: str, overrides: Mapping[str, str]) -> dict[str, Any]:
    """The tables of a bundled problem, with other values for some keys: what a record needs to be read alone.

    Example
    -------
    >>> problem_tables("figure-1a", {"spectrum.dimension": "20"})["spectrum"]
    {'kind': 'isotropic', 'dimension': '20'}
    """
    entries = ProblemFile.read(name).entries(overrides)
    return {key: entries[key] for key in ("spectrum", "target", "generations", "downstream")}


def simulate_runs(
    runs: Sequence[Run], trials: int, seed: int, workers: int, progress: Progress | None
) -> tuple[RidgePath, ...]:
    """The simulations of a figure, one after the other, with one progress for all.

    Parameters
    ----------
    runs
        What to simulate.
    trials
        Of each.
    seed
        Of the figure; each simulation has streams of its own.
    workers
        Processes that share the trials; the result does not depend on it.
    progress
        Called with the trials done and the trials of all runs.

    Example
    -------
    >>> run = Run("figure-1a", {"spectrum.dimension": "20"}, (0.1, 1.0), (0, 1))
    >>> [path] = simulate_runs([run], 5, 1, 1, None)
    >>> len(path.mean), len(path.mean[0])
    (2, 2)
    """
    paths = []
    whole = len(runs) * trials
    with worker_pool(workers) as pool:
        for number, run in enumerate(runs):

            def report(done: int, _: int, before: int = number * trials) -> None:
                if progress is not None:
                    progress(before + done, whole)

            paths.append(
                simulate_ridge_path(
                    run.problem(max(run.generations)),
                    run.ridges,
                    run.generations,
                    trials,
                    seed_of(seed, number),
                    workers,
                    report,
                    pool=pool,
                )
            )
    return tuple(paths)


def seed_of(seed: int, number: int) -> int:
    """Seed of one simulation of a figure: the same streams in two of them would make their errors alike.

    Example
    -------
    >>> seed_of(1, 0) != seed_of(1, 1) != seed_of(2, 1)
    True
    """
    return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0])


def spaced(start: float, end: float, points: int) -> tuple[float, ...]:
    """Points of equal ratio, rounded to three digits so that they can be named.

    Example
    -------
    >>> spaced(0.001, 10, 5)
    (0.001, 0.01, 0.1, 1.0, 10.0)
    """
    exact = np.geomspace(start, end, points)
    return tuple(float(f"{value:.3g}") for value in exact)


def spaced_sizes(start: int, end: int, points: int) -> tuple[int, ...]:
    """Whole numbers of nearly equal ratio.

    Example
    -------
    >>> spaced_sizes(100, 10_000, 5)
    (100, 316, 1000, 3160, 10000)
    """
    return tuple(int(value) for value in spaced(start, end, points))
