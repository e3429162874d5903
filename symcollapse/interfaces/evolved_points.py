"""Points of curves whose formula would be too long: the state evolution of their pipeline, in doubles."""

import math
from collections import Counter

import numpy as np

from symcollapse.evaluation import evaluate
from symcollapse.evolution.measures import measures_of
from symcollapse.evolution.state_evolution import evolve, state_evolution
from symcollapse.interfaces.curve_points import CurvePoint
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.pipelines import pipeline_of
from symcollapse.language.problems import Problem
from symcollapse.theory.exact_pipeline_laws import exact_law_of_pipeline
from symcollapse.theory.pipeline_errors import entanglement, on_real_labels, regimes_of

ACCURACY = 1e-9
"""Largest relative error, by its own estimate, of a number that is passed on."""

MOST_ENTANGLED = 3
"""Effective ridges of fits that share data, up to which the formula is quick; from four on it takes seconds."""

MOST_SHARING = 6
"""Fits that share inputs with others, whatever their ridge: sums over their sizes grow with the cube of their number."""


def is_entangled(problem: Problem) -> bool:
    """Whether the formula of a problem in numbers is so long that its numbers are better had without it.

    Example
    -------
    >>> is_entangled(Problem.from_file("accumulate"))
    False
    """
    if problem.replaces or problem.is_symbolic:
        return False
    pipeline = pipeline_of(problem)
    times = Counter(each for fit in range(len(pipeline.fits)) for each in pipeline.inputs_of(fit))
    sharing = sum(
        any(times[each] > 1 for each in pipeline.inputs_of(fit))
        for fit in range(len(pipeline.fits))
    )
    if sharing > MOST_SHARING:
        return True
    return entanglement(pipeline, regimes_of(problem)) > MOST_ENTANGLED


def evolved_point(problem: Problem) -> CurvePoint:
    """The test error of a problem by state evolution.

    Returns
    -------
    point
        Relative error of the total below 1e-9, by an estimate: no proof stands behind these digits.

    Raises
    ------
    NotEvaluable
        If that accuracy is not reached, or a part cannot be told from the others.
    Diverges
        If a fit without ridge has as many samples as features.

    Example
    -------
    >>> point = evolved_point(Problem.from_file("accumulate"))
    >>> round(point.total, 6), round(point.variance, 6)
    (0.664394, 0.022727)
    """
    pipeline = pipeline_of(problem)
    evolved = state_evolution(problem)
    total, error = float(evolved.errors[-1]), float(evolved.accuracy[-1])
    if not error <= ACCURACY * total:
        raise NotEvaluable(
            f"state evolution knows the total only to {error:.1g}; take fewer generations, or larger ridges"
        )
    if evolved.contributions is None:
        raise NotEvaluable(
            "too many generations share data to tell their noises apart; take state_evolution in Python"
        )
    last = len(pipeline.fits) - 1
    earlier = {share.labels for fit in pipeline.fits[:last] for share in fit.shares}
    own = [share.labels for share in pipeline.fits[last].shares if share.labels not in earlier]
    variance = math.fsum(np.asarray(evolved.contributions)[last, own])
    real = on_real_labels(pipeline)
    law = exact_law_of_pipeline(problem)
    return CurvePoint(
        total=total,
        bias=float(evolved.bias[last] + evolved.shift[last]),
        variance=variance,
        # Added up, not the rest of all noise: of two infinite numbers there is no difference.
        synthetic=math.fsum(np.delete(evolved.contributions[last], own)),
        clean=float(evolve(real, measures_of(problem, real)).errors[-1]),
        effective_ridge=float(evolved.effective_ridges[last]),
        exact_total=None if law is None else float(evaluate(law.total, problem, digits=15)),
        regime="by state evolution",
    )
