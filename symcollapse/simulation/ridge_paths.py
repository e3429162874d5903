"""Ridge paths: the test error at many ridges of the downstream fit and after many generations, from the same draws."""

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import Problem
from symcollapse.simulation.array_namespaces import array_place
from symcollapse.simulation.path_runs import planned_path, run_path, run_stack
from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.runs import Route
from symcollapse.simulation.workers import Progress, run_trials

SMALL = 40
"""Features up to which NumPy's stacks take less time than one trial after another, measured."""

Table: TypeAlias = tuple[tuple[float, ...], ...]
"""One row per number of generations, one column per ridge."""


@dataclass(frozen=True, eq=False)
class RidgePath:
    """Excess risks of independent trials at each number of generations and each ridge, and their means.

    Example
    -------
    >>> draws = np.array([[[1.0, 2.0]], [[3.0, 2.0]]])
    >>> path = RidgePath((5,), (0.0, 0.5), draws, seed=1)
    >>> path.mean, path.standard_error
    (((2.0, 2.0),), ((1.0, 0.0),))
    """

    generations: tuple[int, ...]
    """Numbers n of generations before the downstream fit; 0: labels of the truth."""
    ridges: tuple[float, ...]
    """λ of the downstream fit."""
    draws: NDArray[np.float64] = field(repr=False)
    """Shape (trials, generations, ridges); errors of one trial are not independent of each other."""
    seed: int
    """Where the streams come from."""
    first: int = 0
    """Number of the first trial."""

    def __post_init__(self) -> None:
        for trial in np.flatnonzero(~np.isfinite(self.draws).all(axis=(1, 2))):
            raise NotEvaluable(
                f"trial {self.first + int(trial)} with seed {self.seed} overflows; give smaller numbers"
            )

    @property
    def trials(self) -> int:
        """Number of draws of each error."""
        return len(self.draws)

    @cached_property
    def mean(self) -> Table:
        """Estimates of the test error, [n][λ]."""
        scaled, exponents = self._scaled
        return _table(np.ldexp(scaled.mean(axis=0), exponents))

    @cached_property
    def standard_error(self) -> Table:
        """Standard deviations of the means, [n][λ]; inf for one trial."""
        if self.trials == 1:
            return _table(np.full(self.draws.shape[1:], math.inf))
        scaled, exponents = self._scaled
        errors = scaled.std(axis=0, ddof=1) / math.sqrt(self.trials)
        return _table(np.ldexp(errors, exponents))

    @cached_property
    def _scaled(self) -> tuple[NDArray[np.float64], NDArray[np.intc]]:
        """Draws in units of powers of two, one for each error: squares neither overflow nor vanish."""
        _, exponents = np.frexp(np.abs(self.draws).max(axis=0))
        return np.ldexp(self.draws, -exponents), exponents


def simulate_ridge_path(
    problem: Problem,
    ridges: Sequence[Any],
    generations: Sequence[int] | None = None,
    trials: int = 400,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
    *,
    first: int = 0,
    pool: Executor | None = None,
    route: Route = "sufficient",
    arrays: str | None = None,
) -> RidgePath:
    """Test errors at many ridges of the downstream fit and after any number of the generations, by simulation.

    A trial draws the chain once, and one downstream design, which is factorised once for all ridges and all numbers of
    generations. Errors of one trial have their draws in common, so curves of them are smoother than their standard
    errors say.

    Parameters
    ----------
    problem
        Without symbols that have no value; the ridge of its downstream fit is not used.
    ridges
        Numbers ≥ 0: λ of the downstream fit, exact or floats, in any order.
    generations
        Numbers n of generations, from the start of the chain, before the downstream fit; None: as many as there are.
    trials, seed, workers, progress, first, pool
        As in ``simulate``.
    route
        As in ``simulate``; by default the faster one. By the plain one, the draws are those of ``simulate`` at each
        ridge, so after all generations each error is that of ``simulate``, trial by trial, up to rounding.
    arrays
        "numpy", "torch" or "torch:cuda" solves many trials at once as stacks of matrices, there; None: trial by trial,
        or small ones by NumPy's stacks, whichever takes less time. The draws are the same up to rounding.

    Returns
    -------
    path
        ``mean`` and ``standard_error``, [n][λ].

    Raises
    ------
    NotEvaluable, InvalidProblem
        As in ``simulate``, and for ridges and generations out of range.
    NotSupported
        If the downstream fit sees more than fresh samples labelled by the last generation, or PyTorch is missing.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(16, noise=1, repeat=2),)
    >>> problem = Problem(IsotropicSpectrum(5), UniformTarget(1), chain, Downstream(16, noise=1))
    >>> path = simulate_ridge_path(problem, [0, 0.1, 1], generations=[0, 2], trials=200)
    >>> path.mean[0][1] < path.mean[1][1]
    True
    """
    path = planned_path(problem, ridges, generations, route)
    if arrays is None and path.plan.eigenvalues.size <= SMALL:
        arrays = "numpy"
    if arrays is None:
        draws = run_trials(run_path, path, seed, first, trials, workers, progress, pool)
    else:
        array_place(arrays)
        run = partial(run_stack, arrays=arrays)
        draws = run_trials(
            run, path, seed, first, trials, workers, progress, pool, block=path.block
        )
    return RidgePath(path.generations, path.ridges, np.array(draws), seed, first)


def _table(values: Doubles) -> Table:
    return tuple(tuple(float(value) for value in row) for row in values)
