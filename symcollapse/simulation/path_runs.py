"""Runs of a ridge path: what one trial draws, and its excess risks, alone or stacked with those of other trials."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.problems import Problem
from symcollapse.simulation.array_namespaces import ArrayPlace, array_place
from symcollapse.simulation.plans import Plan, PlannedFit, plan_of
from symcollapse.simulation.populations import Doubles, number
from symcollapse.simulation.ridge_solutions import fit_ridges
from symcollapse.simulation.ridge_stacks import stack_size, stacked_risks, stacked_solutions
from symcollapse.simulation.runs import PipelineRun, Route, check_route, draw_features

MOST_WEIGHTS = 2**24
"""Weights of all ridges and generations held at once; 128 MB, and a few times that while they are made."""


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

    @property
    def downstream(self) -> PlannedFit:
        """The fit whose ridge varies."""
        return self.plan.fits[-1]

    @property
    def block(self) -> int:
        """How many trials are stacked at once, to stay within the memory of a stack."""
        (batch,) = self.downstream.batches
        inputs = self.plan.inputs[batch.inputs]
        columns = len(self.generations) * len(self.ridges)
        return stack_size(inputs.samples, len(inputs.eigenvalues), columns)


@dataclass(frozen=True, eq=False)
class PathDraw:
    """What one trial draws: the downstream regression, after the chain."""

    X: Doubles
    """Shape (T, d), or as many rows as its factor has; features in the order of the fit. Random features: (T, M)."""
    Y: Doubles
    """Shape (T, generations)."""
    features: Doubles | None
    """Shape (d, M); random features, if the fit sees those."""


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
    values = tuple(_ridge(ridge, at) for at, ridge in enumerate(_listed("ridges", ridges)))
    if not values:
        raise InvalidProblem("ridges: there is none; give one or more numbers >= 0")
    longest = len(plan.fits) - 1
    wanted = (longest,) if generations is None else _listed("generations", generations)
    if not wanted:
        raise InvalidProblem("generations: there is none; give one or more integers, or None")
    for length in wanted:
        # By comparison, since not everything has an integer: infinity, nan, None.
        if length not in range(longest + 1):
            raise InvalidProblem(
                f"generations: {length} of {longest} cannot be taken; give integers from 0 to {longest}"
            )
    if downstream.is_scheduled and set(wanted) != {longest}:
        raise NotSupported(
            "downstream: its numbers depend on how many generations there are, so one design does not serve several; "
            "leave out generations"
        )
    return PlannedPath(plan, tuple(int(length) for length in wanted), values, route)


def draw_path(path: PlannedPath, generator: np.random.Generator) -> PathDraw:
    """Run the chain of one trial, and draw the regression that follows it.

    Parameters
    ----------
    path
        The pipeline in numbers.
    generator
        Source of all randomness of the trial.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a", {"spectrum.dimension": "3"})
    >>> draw_path(planned_path(problem, [0], [0, 1, 2]), np.random.default_rng(0)).Y.shape
    (3, 3)
    """
    plan, planned = path.plan, path.downstream
    run = PipelineRun(plan, generator, path.route)
    for position in range(len(plan.fits) - 1):
        run.fit(position)
    ((at, _),) = planned.batches[0].labels
    labels = plan.labels[at]
    chain = [plan.truth, *run.weights]
    labelling = np.stack([chain[length] for length in path.generations], axis=1)
    X = run.drawn_inputs(labels.inputs)
    if labels.shift is not None:
        labelling += (labels.shift * generator.standard_normal(len(labelling)))[:, None]
    # One noise for all: only the source of their labels differs.
    Y = X @ labelling + (labels.noise * generator.standard_normal(len(X)))[:, None]
    if planned.order is not None:
        X = X[:, planned.order]
    if planned.features is None:
        return PathDraw(X, Y, None)
    L = draw_features(generator, X.shape[1], planned.features, planned.order)
    return PathDraw(X @ L, Y, L)


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
    return _risks(path, draw_path(path, generator), np.array(path.ridges))


def run_stack(
    path: PlannedPath, generators: Sequence[np.random.Generator], arrays: str | ArrayPlace
) -> list[NDArray[np.float64]]:
    """Excess risks of several trials, their regressions solved as a stack.

    Parameters
    ----------
    path
        The pipeline in numbers.
    generators
        Source of all randomness of each trial; its numbers are drawn here, wherever the stack is solved.
    arrays
        Where, as a name for ``array_place`` or what that gives.

    Returns
    -------
    risks
        Shape (generations, ridges) for each trial: as of ``run_path``, up to the error of ``fit_ridges``.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a", {"spectrum.dimension": "3"})
    >>> path = planned_path(problem, [0, 1], [0, 1, 2])
    >>> streams = [np.random.default_rng(seed) for seed in range(4)]
    >>> [risks.shape for risks in run_stack(path, streams, "numpy")]
    [(3, 2), (3, 2), (3, 2), (3, 2)]
    """
    place = array_place(arrays) if isinstance(arrays, str) else arrays
    draws = [draw_path(path, generator) for generator in generators]
    designs, labels = np.stack([draw.X for draw in draws]), np.stack([draw.Y for draw in draws])
    given = [draw.features for draw in draws if draw.features is not None]
    features = np.stack(given) if given else None
    results = np.empty((len(draws), len(path.generations), len(path.ridges)))
    trusted = np.empty((len(draws), len(path.ridges)), dtype=np.bool_)
    ridges = np.array(path.ridges)
    with place.one_thread():
        for some in _parts(path, len(draws)):
            solutions, trusted[:, some] = stacked_solutions(
                designs, labels, ridges[some], path.downstream.rows, place
            )
            if features is not None:
                solutions = place.arrays(features) @ solutions
            risks = stacked_risks(solutions, *_in_order(path), place)
            shaped = risks.reshape(len(draws), -1, len(path.generations))
            results[:, :, some] = shaped.transpose(0, 2, 1)
    for at in np.flatnonzero(~trusted.all(axis=1)):
        rest = ~trusted[at]
        results[at][:, rest] = _risks(path, draws[at], ridges[rest])
    return list(results)


def _parts(path: PlannedPath, trials: int = 1, count: int | None = None) -> Iterator[slice]:
    """Ridges whose weights are held at once; each part has a factor of its own, which such a part is worth."""
    ridges = len(path.ridges) if count is None else count
    size = max(1, MOST_WEIGHTS // (trials * path.plan.truth.size * len(path.generations)))
    for start in range(0, ridges, size):
        yield slice(start, min(start + size, ridges))


def _risks(path: PlannedPath, draw: PathDraw, ridges: Doubles) -> NDArray[np.float64]:
    planned = path.downstream
    truth, eigenvalues = _in_order(path)
    risks = np.empty((len(path.generations), len(ridges)))
    for some in _parts(path, count=len(ridges)):
        weights = fit_ridges(draw.X, draw.Y, ridges[some], planned.rows, ample=planned.ample)
        if draw.features is not None:
            weights = np.matmul(draw.features, weights)
        # The root first, as in excess_risk.
        errors = np.sqrt(eigenvalues)[:, None] * (weights - truth[:, None])
        risks[:, some] = np.square(errors).sum(axis=1).T
    return risks


def _in_order(path: PlannedPath) -> tuple[Doubles, Doubles]:
    """Truth and variances of the test, in the order of the features of the fit."""
    order = path.downstream.order
    if order is None:
        return path.plan.truth, path.plan.eigenvalues
    return path.plan.truth[order], path.plan.eigenvalues[order]


def _listed(key: str, values: Any) -> tuple[Any, ...]:
    # A text is a list of its characters, which nobody means.
    if isinstance(values, str | bytes) or not (
        isinstance(values, Iterable) and getattr(values, "shape", None) != ()
    ):
        raise InvalidProblem(f"{key} = {values!r}: give a list, as [{values}]")
    return tuple(values)


def _ridge(value: Any, at: int) -> float:
    key = f"ridges[{at}]"
    found = float(value) if isinstance(value, float) else number(exact(value), key)
    if not (found >= 0 and math.isfinite(found)):
        raise InvalidProblem(f"{key} = {found:g}: give a finite number >= 0")
    return found
