"""State evolution: the test error of every fit along a pipeline, in the proportional limit, in doubles.

Independent of the symbolic derivations: it solves the joint pencil of all fits numerically (`responses`),
then the second moments of their errors (`moments`), both row by row in time.
"""

from dataclasses import dataclass

import numpy as np

from symcollapse.evaluation.rounded import ROUNDOFF, Array
from symcollapse.evolution.measures import (
    SpectralMeasures,
    compressed,
    measures_of,
)
from symcollapse.evolution.moments import Moments
from symcollapse.evolution.plans import Integers, Plan, plan_of, refuse_too_large
from symcollapse.evolution.responses import Responses, cores_of
from symcollapse.evolution.square_fits import reduced
from symcollapse.language.pipelines import Pipeline, pipeline_of
from symcollapse.language.problems import Problem

MOST_NUMBERS = 2.5e8
"""Doubles held at once (2 GB)."""

MOST_FOR_PARTS = 2e7
"""Doubles up to which the contribution of each noise is carried by itself."""


@dataclass(frozen=True, eq=False)
class StateEvolution:
    """Test error of each fit of a pipeline, in order of time; the last is the one that a problem asks for."""

    errors: Array
    """E‖w_k − w₀‖²_Σ, shape (fits,)."""
    bias: Array
    """Without any label noise and without shifts."""
    noise: Array
    """By all label noise so far."""
    shift: Array
    """By the shifts of labels."""
    contributions: Array | None
    """By the noise of each set of labels, shape (fits, labels); None where it would take too much memory."""
    effective_ridges: Array
    """κ_k, where all inputs of a fit have one covariance; else the scale 1/Σa of Σ_b a_b Σ_b + 1."""
    accuracy: Array
    """Estimate of the absolute error of each: the interpolation's, seen at points of its own, and rounding's."""


def state_evolution(problem: Problem) -> StateEvolution:
    """The test error of every fit of a problem with numbers.

    Raises
    ------
    NotEvaluable
        If a number is missing, or there are too many numbers to hold.
    Diverges
        If a fit without ridge has as many samples as features, and its labels are of several sources, are shifted, or
        have noise that later fits see on the same inputs. (Else it is its source again, or infinite by its noise.)

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entries = (Generation(600, noise=1, repeat=2),)
    >>> problem = Problem(IsotropicSpectrum(300), UniformTarget(1), entries, Downstream(600))
    >>> state_evolution(problem).errors.round(12)
    array([1., 2., 2.])
    """
    pipeline = pipeline_of(problem)
    return evolve(pipeline, measures_of(problem, pipeline))


def evolve(pipeline: Pipeline, measures: SpectralMeasures) -> StateEvolution:
    """The same, for a pipeline and spectra in numbers.

    Parameters
    ----------
    pipeline
        With numbers everywhere.
    measures
        Eigenvalues of its covariances, that of the test first, with the weights of the truth and of its shifts.

    Raises
    ------
    NotEvaluable, Diverges
        As `state_evolution`.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.evolution.measures import plain_measures
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> fit = PipelineFit((Share(0),))
    >>> chain = Pipeline((Inputs(Integer(4)),), (Labels(0, None, Integer(1)),), (fit,))
    >>> one = np.ones(1)
    >>> evolve(chain, plain_measures([one], 2 * one, one)).errors
    array([1.])
    """
    found = reduced(pipeline, float(np.sum(measures.counts)))
    if found is None:
        return _evolved(pipeline, measures)
    left = None if found.pipeline is None else _evolved(found.pipeline, measures)
    bias, shift, noise, accuracy, ridges = (
        found.rows(None if left is None else getattr(left, name))
        for name in ("bias", "shift", "noise", "accuracy", "effective_ridges")
    )
    ridges[np.array(found.is_square)] = 0.0
    noise[[bool(labels) for labels in found.infinite]] = np.inf
    contributions = None
    if left is None or left.contributions is not None:
        blank = np.zeros((0, len(pipeline.labels)))
        contributions = found.rows(blank if left is None else left.contributions)
        for fit, labels in enumerate(found.infinite):
            contributions[fit, sorted(labels)] = np.inf
    return StateEvolution(bias + shift + noise, bias, noise, shift, contributions, ridges, accuracy)


def _evolved(pipeline: Pipeline, measures: SpectralMeasures) -> StateEvolution:
    """The same, without fits that recover their labels on as many rows as features."""
    plan = plan_of(pipeline)
    few = compressed(measures)
    cores = cores_of(plan, few, measures)
    part_of_labels, parts = _parts(plan, few)
    refuse_too_large(_numbers(plan, few, parts), MOST_NUMBERS)
    responses = Responses(few, plan.width, plan.inputs_width)
    moments = Moments(few, plan, responses, part_of_labels, parts)
    places: dict[int, int] = {}
    responses.place_of = places
    found: list[Array] = []
    accuracy: list[float] = []
    ridges: list[float] = []
    worst = 1.0
    for step in plan.steps:
        responses.release(step.released, step.released_inputs)
        moments.release(step.released, step.released_inputs)
        places[step.node] = step.place
        if step.shift is not None:
            responses.add_shift(step)
            moments.add_shift(step)
            continue
        core, groups = cores[step.node]
        row = responses.add_fit(step, plan, core, groups)
        errors = moments.add_fit(step, row)[0]
        found.append(errors)
        ridges.append(core.effective_ridge)
        # Second moments of residuals are differences of those of errors; the fit magnifies what these lose.
        worst = max(worst, row.amplification)
        rounding = 16 * ROUNDOFF * (8 + len(found)) * worst * float(np.sum(np.abs(errors)))
        accuracy.append(rounding + _interpolation_error(moments, step.place))
    every = np.array(found)
    separate = parts == 1 + int(np.sum(plan.noises > 0)) + (1 if plan.shifts else 0)
    contributions = None
    if separate:
        contributions = np.where(
            plan.noises > 0, every[:, np.clip(part_of_labels, 0, parts - 1)], 0.0
        )
    shift = every[:, -1] if plan.shifts else np.zeros(len(every))
    noise = np.sum(every[:, 1 : parts - 1 if plan.shifts else parts], axis=1)
    return StateEvolution(
        every.sum(axis=1),
        every[:, 0],
        noise,
        shift,
        contributions,
        np.array(ridges),
        np.array(accuracy),
    )


def _numbers(plan: Plan, measures: SpectralMeasures, parts: int) -> float:
    points, width = measures.counts.size, plan.width
    functions = width**2 * points * (1 + parts) + width * points * (1 + plan.shifts + 2 * parts)
    return functions + plan.inputs_width * width**2 * (2.0 + parts)


def _parts(plan: Plan, measures: SpectralMeasures) -> tuple[Integers, int]:
    """The part of each set of labels, and the number of parts."""
    extra = 1 if plan.shifts else 0
    noisy = np.flatnonzero(plan.noises > 0)
    apart = 1 + len(noisy) + extra
    if _numbers(plan, measures, apart) <= MOST_FOR_PARTS:
        which = np.zeros(len(plan.noises), dtype=np.int64)
        which[noisy] = 1 + np.arange(len(noisy))
        return which, apart
    return np.ones(len(plan.noises), dtype=np.int64), 2 + extra


def _interpolation_error(moments: Moments, place: int) -> float:
    """Interpolated functions against the same computed at the points that check."""
    measures = moments.measures
    if not measures.checks:
        return 0.0
    s, own = measures.eigenvalues[0], slice(-measures.checks, None)
    functions = s * np.sum(moments._wide()[place, place], axis=0)
    fixed = s * moments.fixed[place] ** 2
    error = 0.0
    for function, masses in zip((functions, *fixed), measures.masses, strict=True):
        gap = np.abs(function[own] - measures.interpolation @ function)
        error += float(np.sum(gap * masses))
    return error
