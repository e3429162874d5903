"""Ridge paths: the test error at many ridges of the downstream fit and after many generations, from the same draws."""

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.language.errors import InvalidProblem, NotEvaluable, NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.problems import Problem
from symcollapse.simulation.plans import Plan, plan_of
from symcollapse.simulation.populations import Doubles, number
from symcollapse.simulation.ridge_solutions import fit_ridges
from symcollapse.simulation.runs import PipelineRun, Route, check_route, draw_features
from symcollapse.simulation.workers import Progress, run_trials

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
        return _table(self.draws.mean(axis=0))

    @cached_property
    def standard_error(self) -> Table:
        """Standard deviations of the means, [n][λ]; inf for one trial."""
        if self.trials == 1:
            return _table(np.full(self.draws.shape[1:], math.inf))
        return _table(self.draws.std(axis=0, ddof=1) / math.sqrt(self.trials))


@dataclass(frozen=True, eq=False)
class PlannedPath:
    """What one trial of a path needs; build it with `planned_path`."""

    plan: Plan
    """The pipeline; its last fit is the downstream one, whose own ridge is of no account."""
    generations: tuple[int, ...]
    """Numbers of generations asked for."""
    ridges: tuple[float, ...]
    """Ridges asked for."""
    route: Route
    """How designs are drawn."""


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

    Returns
    -------
    path
        ``mean`` and ``standard_error``, [n][λ].

    Raises
    ------
    NotEvaluable, InvalidProblem
        As in ``simulate``, and for ridges and generations out of range.
    NotSupported
        If the downstream fit sees more than fresh samples labelled by the last generation.

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
    draws = run_trials(run_path, path, seed, first, trials, workers, progress, pool)
    return RidgePath(path.generations, path.ridges, np.array(draws), seed, first)


def planned_path(
    problem: Problem,
    ridges: Sequence[Any],
    generations: Sequence[int] | None = None,
    route: Route = "sufficient",
) -> PlannedPath:
    """Numbers of a path, checked.

    Raises
    ------
    NotEvaluable, InvalidProblem, NotSupported
        As in ``simulate_ridge_path``.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a", {"spectrum.dimension": "3"})
    >>> planned_path(problem, ["1/4"]).ridges
    (0.25,)
    """
    check_route(route)
    downstream = problem.downstream
    if downstream is None:
        raise InvalidProblem("downstream: there is none, so there is no ridge to vary; give one")
    plan = plan_of(replace(problem, downstream=replace(downstream, ridge=0)))
    if (
        downstream.data != "replace"
        or downstream.design != "fresh"
        or downstream.real_weight != 0
        or downstream.real_samples != 0
    ):
        raise NotSupported(
            "downstream: a path takes one fit of fresh samples labelled by the last generation; "
            "simulate this one ridge by ridge, with simulate"
        )
    values = tuple(_ridge(ridge, at) for at, ridge in enumerate(ridges))
    if not values:
        raise InvalidProblem("ridges: there is none; give one or more numbers >= 0")
    longest = len(plan.fits) - 1
    wanted = (longest,) if generations is None else tuple(generations)
    if not wanted:
        raise InvalidProblem("generations: there is none; give one or more integers, or None")
    for length in wanted:
        if length != int(length) or not 0 <= length <= longest:
            raise InvalidProblem(
                f"generations: {length} of {longest} cannot be taken; give integers from 0 to {longest}"
            )
    return PlannedPath(plan, tuple(int(length) for length in wanted), values, route)


def run_path(path: PlannedPath, generator: np.random.Generator) -> NDArray[np.float64]:
    """Excess risks of one trial.

    Parameters
    ----------
    path
        The pipeline in numbers.
    generator
        Source of all randomness of the trial.

    Returns
    -------
    risks
        Shape (generations, ridges).

    Example
    -------
    >>> problem = Problem.from_file("figure-1a", {"spectrum.dimension": "3"})
    >>> run_path(planned_path(problem, [0, 1], [0, 1, 2]), np.random.default_rng(0)).shape
    (3, 2)
    """
    plan = path.plan
    run = PipelineRun(plan, generator, path.route)
    *_, planned = plan.fits
    for position in range(len(plan.fits) - 1):
        run.fit(position)
    ((at, _),) = planned.batches[0].labels
    labels = plan.labels[at]
    chain = [plan.truth, *run.weights]
    labelling = np.stack([chain[length] for length in path.generations], axis=1)
    X = run.drawn_inputs(labels.inputs)
    if labels.shift is not None:
        labelling += (labels.shift * generator.standard_normal(len(labelling)))[:, None]
    # One noise for all: only their design and their labels' source differ.
    Y = X @ labelling + (labels.noise * generator.standard_normal(len(X)))[:, None]
    order, ridges = planned.order, np.array(path.ridges)
    if order is not None:
        X = X[:, order]
    if planned.features is None:
        solutions = fit_ridges(X, Y, ridges, planned.rows, ample=planned.ample)
    else:
        L = draw_features(generator, X.shape[1], planned.features, order)
        solutions = np.matmul(L, fit_ridges(X @ L, Y, ridges, planned.rows, ample=planned.ample))
    weights = solutions
    if order is not None:
        weights = np.empty_like(solutions)
        weights[:, order] = solutions
    # The root first, as in excess_risk.
    errors = np.sqrt(plan.eigenvalues)[:, None] * (weights - plan.truth[:, None])
    return np.square(errors).sum(axis=1).T


def _ridge(value: Any, at: int) -> float:
    key = f"ridges[{at}]"
    found = float(value) if isinstance(value, float) else number(exact(value), key)
    if not (found >= 0 and math.isfinite(found)):
        raise InvalidProblem(f"{key} = {found:g}: give a finite number >= 0")
    return found


def _table(values: Doubles) -> Table:
    return tuple(tuple(float(value) for value in row) for row in values)
