"""Random pipelines over the whole table of variations: state evolution against simulation by the definition.

Both know the pipeline only. The prediction is the proportional limit, so a margin allows for finite size: errors of
relative order c/(N − df₂) in each fit, or c/(M − df₂) for features, which later fits inherit. Fits with less than 10 of
these are left out, and the margin is 0.2. The same law at 1, 2, 4 and 8 times the size (steep
spectrum, ridgeless, features) was seen 5, 3, 1.3 and 0.0 % off, ± 1 %. The risk of a false alarm is
1e-5 for each comparison.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings

import symcollapse as sc
from symcollapse.evolution.measures import measures_of
from symcollapse.evolution.state_evolution import state_evolution
from symcollapse.simulation import simulate_generations
from symcollapse.verification.agreement import compare
from tests.pipeline_strategies import pipelines

MARGIN = 0.2
RISK = 1e-5
LEAST_ROOM = 10


def verdicts(
    problem: sc.Problem, trials: int, margin: float, predicted: sc.Problem | None = None
) -> list[str]:
    """What draws of a problem say of each fit, as predicted for it or for another."""
    errors = state_evolution(predicted or problem).errors
    # What is exactly 0 in theory is the rounding of a solve in a trial.
    rounding = 1e-12 * (1 + float(np.max(errors)))
    simulations = simulate_generations(problem, trials=trials, seed=5)
    return [
        compare(each.draws, float(error), margin, RISK, rounding=rounding).verdict
        for each, error in zip(simulations, errors, strict=True)
    ]


def room(problem: sc.Problem) -> float:
    """The least N − df₂, or M − df₂, of its fits; with the eigenvalues of all its covariances, the smaller."""
    pipeline = sc.pipeline_of(problem)
    measures = measures_of(problem, pipeline)
    found = []
    for position, kappa in enumerate(state_evolution(problem).effective_ridges):
        features = pipeline.fits[position].features
        rows = sum(int(pipeline.inputs[each].samples) for each in pipeline.inputs_of(position))
        size = rows if features is None else min(rows, int(features))
        for levels in measures.eigenvalues:
            second = np.sum(measures.counts * (levels / (levels + kappa)) ** 2)
            found.append(abs(size - float(second)))
    return min(found)


@pytest.mark.monte_carlo
def test_simulation_shows_random_pipelines_and_refutes_none() -> None:
    found: list[str] = []

    @settings(max_examples=20, derandomize=True, deadline=None)
    @given(pipelines(dimensions=(40, 60), gap=25, max_fits=3))
    def collect(problem: sc.Problem) -> None:
        if room(problem) >= LEAST_ROOM:
            found.extend(verdicts(problem, 1200, MARGIN))

    collect()
    # Wild draws leave many open; that the comparison is no formality, the slips below show.
    assert len(found) >= 5
    assert "refuted" not in found
    assert "shown" in found


@pytest.mark.slow
@pytest.mark.monte_carlo
def test_at_twice_the_size_half_the_margin_holds() -> None:
    found: list[str] = []

    @settings(max_examples=60, derandomize=True, deadline=None)
    @given(pipelines(dimensions=(90, 120), gap=50, max_fits=3))
    def collect(problem: sc.Problem) -> None:
        if room(problem) >= 2 * LEAST_ROOM:
            found.extend(verdicts(problem, 600, MARGIN / 2))

    collect()
    assert len(found) >= 5
    assert "refuted" not in found
    assert "shown" in found


@pytest.mark.monte_carlo
@pytest.mark.parametrize(
    "slip",
    [
        {"noise": "1/4"},
        {"data": "accumulate"},
        {"real_weight": 0},
        {"features": None},
        {"shift": None},
    ],
    ids=str,
)
def test_predictions_for_another_pipeline_are_refuted(slip: dict[str, object]) -> None:
    fits = (
        sc.Generation(90, noise=1, ridge="1/10", real_weight="1/3", repeat=2, data="accumulate"),
        sc.Generation(
            90,
            noise=1,
            ridge="1/10",
            features=40,
            shift=sc.UniformTarget(1),
            real_weight="1/3",
        ),
    )
    problem = sc.Problem(sc.IsotropicSpectrum(50), sc.UniformTarget(3), fits)
    # Each slip changes the last error by 15 % at least; the fits are 40 rows away from where errors are infinite.
    assert verdicts(problem, 1500, 0.08) == ["shown"] * 3
    wrong = tuple(dataclasses.replace(each, **slip) for each in fits)  # type: ignore[arg-type]
    other = dataclasses.replace(problem, generations=wrong)
    assert verdicts(problem, 1500, 0.08, other)[-1] == "refuted"
