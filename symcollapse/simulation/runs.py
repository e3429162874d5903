"""Runs: one trial of a plan, from the truth through every fit to the one tested."""

import math
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.bartlett import (
    draw_factor,
    draw_least_squares_error,
    solve_factor,
)
from symcollapse.simulation.plans import Batch, Plan, PlannedFit, PlannedLabels
from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.regression import (
    draw_inputs,
    draw_labels,
    excess_risk,
    fit,
    solve_normal_equations,
)

Route: TypeAlias = Literal["plain", "sufficient"]
"""How a design is drawn: all its rows, or what a fit can see of them, of the same law (see ``bartlett``)."""


def check_route(route: str) -> None:
    """Refuse what is no route.

    Raises
    ------
    InvalidProblem
        With the routes there are.

    Example
    -------
    >>> check_route("sufficient")
    """
    if route not in get_args(Route):
        raise InvalidProblem(f'route = {route!r}: give "plain" or "sufficient"')


def run_plan(plan: Plan, generator: np.random.Generator, route: Route = "plain") -> list[float]:
    """Excess risk of every fit of a plan, in one trial.

    Parameters
    ----------
    plan
        The pipeline in numbers.
    generator
        Source of all randomness of the trial.
    route
        "plain" draws every row; "sufficient" takes d rows of the same law for each design of T ≥ d.

    Returns
    -------
    risks
        ‖ŵ − w₀‖_Σ² of each fit, in order; the last is one draw of the random variable whose mean is the test error.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.simulation.plans import plan_of
    >>> noiseless = Problem(IsotropicSpectrum(2), UniformTarget(1), downstream=Downstream(5))
    >>> run_plan(plan_of(noiseless), np.random.default_rng(0))[0] < 1e-25
    True
    """
    run = PipelineRun(plan, generator, route)
    for position in range(len(plan.fits)):
        run.fit(position)
    return [excess_risk(weights, plan.truth, plan.eigenvalues) for weights in run.weights]


def draw_features(
    generator: np.random.Generator,
    features: int,
    width: int,
    order: NDArray[np.intp] | None = None,
) -> Doubles:
    """Random features S (d × M) of iid N(0, 1/M), but for a rotation of the M that no ridge can see.

    Parameters
    ----------
    generator
        Source of the standard normal numbers.
    features
        d.
    width
        M.
    order
        Shape (d,); order of the rows to be returned, large variances first; None: as they are.

    Returns
    -------
    L
        Shape (d, min(d, M)), lower trapezoidal, with S = L Q and QQᵀ = I. Fits of Sᵀx and of Lᵀx are the same
        function of x, for any ridge and for least squares of minimum norm; but Lᵀx keeps the order of the variances.

    Example
    -------
    >>> draw_features(np.random.default_rng(0), 3, 5).shape
    (3, 3)
    """
    S = generator.standard_normal((features, width)) / math.sqrt(width)
    if order is not None:
        S = S[order]
    (R,) = qr(S.T, overwrite_a=True, mode="r", check_finite=False)
    return np.ascontiguousarray(R[: min(features, width)].T, dtype=np.float64)


class PipelineRun:
    """One trial: what is drawn is kept for as long as a later fit needs it."""

    def __init__(self, plan: Plan, generator: np.random.Generator, route: Route = "plain") -> None:
        self.plan = plan
        self.route = route
        self.generator = generator
        self.inputs: dict[int, Doubles] = {}
        self.labels: dict[int, Doubles] = {}
        self.moments: dict[int, Doubles] = {}
        self.weights: list[Doubles] = []

    def fit(self, position: int) -> None:
        """Draw what a fit takes, fit, and forget what no later fit takes."""
        planned = self.plan.fits[position]
        if self.route == "sufficient" and self.is_alone(planned):
            self.weights.append(self.drawn_solution(planned))
            return
        for batch in planned.batches:
            for labels, _ in batch.labels:
                self.draw(labels)
        self.weights.append(self.solution(planned))
        for kept in (self.inputs, self.moments):
            for at in [each for each in kept if self.plan.inputs[each].last_use <= position]:
                del kept[at]
        for at in [each for each in self.labels if self.plan.labels[each].last_use <= position]:
            del self.labels[at]

    def draw(self, at: int) -> None:
        """Make labels, and draw their inputs, if that is not done yet."""
        if at in self.labels:
            return
        planned = self.plan.labels[at]
        X = self.drawn_inputs(planned.inputs)
        weights = self.labelling(planned)
        self.labels[at] = draw_labels(self.generator, X, weights, planned.noise)

    def labelling(self, planned: PlannedLabels) -> Doubles:
        """Weights that labels come from."""
        weights = self.plan.truth if planned.source is None else self.weights[planned.source]
        if planned.shift is None:
            return weights
        return weights + planned.shift * self.generator.standard_normal(len(weights))

    def drawn_inputs(self, at: int) -> Doubles:
        """A design, or its factor, drawn if that is not done yet."""
        if at not in self.inputs:
            inputs = self.plan.inputs[at]
            draw = draw_factor if self.has_factor(at) else draw_inputs
            self.inputs[at] = draw(self.generator, inputs.samples, inputs.eigenvalues)
        return self.inputs[at]

    def has_factor(self, at: int) -> bool:
        """Whether the factor of a design stands for it: it is worth it where that has fewer rows."""
        inputs = self.plan.inputs[at]
        return self.route == "sufficient" and inputs.samples > len(inputs.eigenvalues)

    def is_alone(self, planned: PlannedFit) -> bool:
        """Whether this is least squares on one set of labels whose inputs no other fit sees."""
        first, *others = planned.batches
        inputs = self.plan.inputs[first.inputs]
        return (
            not others
            and len(first.labels) == 1
            and inputs.fits == 1
            and inputs.samples >= len(inputs.eigenvalues)
            and planned.ridge == 0
            and planned.features is None
        )

    def drawn_solution(self, planned: PlannedFit) -> Doubles:
        """Weights of such a fit: those of its labels, and what it makes of their noise."""
        ((at, _),) = planned.batches[0].labels
        labels = self.plan.labels[at]
        inputs = self.plan.inputs[labels.inputs]
        weights = self.labelling(labels)
        error = draw_least_squares_error(self.generator, inputs.samples, inputs.eigenvalues)
        return weights + labels.noise * error

    def solution(self, planned: PlannedFit) -> Doubles:
        """Weights of a fit."""
        first, *others = planned.batches
        plain = planned.ridge == 0 and planned.features is None and not others
        if plain and self.has_factor(first.inputs):
            return solve_factor(self.inputs[first.inputs], self.mean_labels(first))
        if planned.ample:
            A = self.gram(planned.batches)
            b = self.correlations(planned.batches)
            return solve_normal_equations(A, b, planned.ridge * planned.rows)
        X, Y = self.stacked(planned.batches)
        order = planned.order
        if order is not None:
            X = X[:, order]
        if planned.features is None:
            solution = fit(X, Y, planned.ridge, planned.rows, ample=False)
        else:
            L = draw_features(self.generator, X.shape[1], planned.features, order)
            solution = L @ fit(X @ L, Y, planned.ridge, planned.rows, ample=False)
        if order is None:
            return solution
        weights = np.empty_like(solution)
        weights[order] = solution
        return weights

    def stacked(self, batches: tuple[Batch, ...]) -> tuple[Doubles, Doubles]:
        """All rows with their labels, each times the root of its weight."""
        inputs, labels = [], []
        for batch in batches:
            X, Y, root = self.inputs[batch.inputs], self.mean_labels(batch), math.sqrt(batch.weight)
            inputs.append(X if root == 1 else root * X)
            labels.append(Y if root == 1 else root * Y)
        if len(batches) == 1:
            return inputs[0], labels[0]
        return np.concatenate(inputs), np.concatenate(labels)

    def mean_labels(self, batch: Batch) -> Doubles:
        """Labels of one set of inputs: minimising a weighted sum of squares is fitting the weighted mean."""
        (first, part), *others = batch.labels
        mean = self.labels[first] if part == 1 else part * self.labels[first]
        for at, part in others:
            mean = mean + part * self.labels[at]
        return mean

    def gram(self, batches: tuple[Batch, ...]) -> Doubles:
        """Σ weight·XᵀX over the inputs."""
        total: Doubles | None = None
        for batch in batches:
            own = batch.weight * self.own_gram(batch.inputs)
            total = own if total is None else np.add(total, own, out=total)
        assert total is not None
        return total

    def own_gram(self, at: int) -> Doubles:
        """XᵀX of one set of inputs, computed once if that is shared and costs no more memory than X."""
        if at in self.moments:
            return self.moments[at]
        X = self.inputs[at]
        own = X.T @ X
        if self.plan.inputs[at].fits > 1 and len(X) >= X.shape[1]:
            self.moments[at] = own
        return own

    def correlations(self, batches: tuple[Batch, ...]) -> Doubles:
        """Σ weight·XᵀY over the inputs."""
        total: Doubles | None = None
        for batch in batches:
            own = batch.weight * (self.inputs[batch.inputs].T @ self.mean_labels(batch))
            total = own if total is None else total + own
        assert total is not None
        return total
