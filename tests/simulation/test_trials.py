"""Trials depend on the seed and on their number, and on nothing else."""

import math
import signal
from multiprocessing import active_children

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.simulation import (
    Simulation,
    extend,
    join,
    plan_of,
    run_plan,
    simulate,
    worker_pool,
)

PROBLEM = Problem(
    PowerLawSpectrum(30, 2),
    SourceTarget("3/8"),
    (Generation(70, "1/5", repeat=2), Generation(20, "1/5"), Generation(40, 0, "1/9")),
    Downstream(100, "1/10", "1/50"),
)
"""All four ways to fit occur in it."""


def test_any_number_of_workers_gives_the_same_bits() -> None:
    alone = simulate(PROBLEM, trials=23, seed=5)
    reports: list[tuple[int, int]] = []
    with worker_pool(2) as pool:
        assert simulate(PROBLEM, 23, 5, 2, lambda *n: reports.append(n), pool=pool) == alone
        assert extend(simulate(PROBLEM, 9, 5), PROBLEM, 14, workers=2, pool=pool) == alone
    assert reports[-1] == (23, 23)
    assert reports == sorted(reports)


def test_fewer_trials_are_the_first_of_more() -> None:
    more = simulate(PROBLEM, trials=12)
    assert simulate(PROBLEM, trials=5).draws == more.draws[:5]
    assert simulate(PROBLEM, trials=7, first=5).draws == more.draws[5:]


def test_streams_are_the_children_of_the_seed() -> None:
    children = np.random.SeedSequence(8).spawn(4)
    plan = plan_of(PROBLEM)
    draws = tuple(run_plan(plan, np.random.Generator(np.random.PCG64(c)))[-1] for c in children)
    # BLAS may use more threads here, so that sums may round otherwise.
    np.testing.assert_allclose(simulate(PROBLEM, 4, seed=8).draws, draws, rtol=1e-9)


def test_seeds_and_trials_differ() -> None:
    one, two = simulate(PROBLEM, 10, seed=1).draws, simulate(PROBLEM, 10, seed=2).draws
    assert len({*one, *two}) == 20


def test_the_summary_is_that_of_the_draws() -> None:
    result = simulate(PROBLEM, 50)
    draws = np.array(result.draws)
    assert math.isclose(result.mean, draws.mean(), rel_tol=1e-13)
    assert math.isclose(result.standard_error, draws.std(ddof=1) / math.sqrt(50), rel_tol=1e-12)
    centred = draws - draws.mean()
    assert math.isclose(result.skewness, (centred**3).mean() / draws.std() ** 3, rel_tol=1e-9)
    assert Simulation.of((2.0, 2.0), seed=1).skewness == 0
    assert Simulation.of((2.0,), seed=1).standard_error == math.inf


def test_progress_counts_the_trials() -> None:
    reports: list[tuple[int, int]] = []
    simulate(PROBLEM, 3, progress=lambda *numbers: reports.append(numbers))
    assert reports == [(1, 3), (2, 3), (3, 3)]


def test_an_interrupt_leaves_no_process() -> None:
    def interrupt(done: int, total: int) -> None:
        del done, total
        raise KeyboardInterrupt

    before = set(active_children())
    with pytest.raises(KeyboardInterrupt):
        simulate(PROBLEM, 5000, workers=2, progress=interrupt)
    assert set(active_children()) == before


def test_blas_has_its_threads_back() -> None:
    before = [library["num_threads"] for library in threadpool_info()]
    simulate(PROBLEM, 2)
    assert [library["num_threads"] for library in threadpool_info()] == before


def test_only_what_follows_is_joined() -> None:
    start = Simulation.of((1.0, 2.0), seed=1)
    for later in (
        Simulation.of((3.0,), seed=2, first=2),
        Simulation.of((3.0,), seed=1, first=3),
        start,
    ):
        with pytest.raises(ValueError, match="do not continue"):
            join(start, later)


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"trials": 0}, "trials = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"workers": 0}, "workers = 0"),
        ({"first": -1}, "first = -1"),
    ],
)
def test_numbers_out_of_range_are_refused(numbers: dict[str, int], says: str) -> None:
    with pytest.raises(InvalidProblem, match=says):
        simulate(PROBLEM, **numbers)  # type: ignore[arg-type]


def test_an_overflow_is_no_result() -> None:
    huge = Problem(IsotropicSpectrum(2, 10**250), UniformTarget(10**250), (), Downstream(1))
    with pytest.raises(NotEvaluable, match="trial 0 with seed 1 overflows"):
        simulate(huge, 2)


def test_a_simulation_prints_in_one_line() -> None:
    assert "draws" not in repr(Simulation.of((1.0, 2.0), seed=1))


def test_ctrl_c_is_held_only_while_processes_start() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    simulate(PROBLEM, 4, workers=2)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


@pytest.mark.parametrize("power", [-1000, -400, 400, 1020])
def test_the_unit_of_the_draws_does_not_matter(power: int) -> None:
    # Squares of such draws are no doubles; a power of two rounds nothing.
    draws = [1.0, 2.0, 2.5, 4.0, 9.0]
    plain = Simulation.of(draws, seed=1)
    other = Simulation.of([math.ldexp(draw, power) for draw in draws], seed=1)
    assert other.mean == math.ldexp(plain.mean, power)
    assert other.standard_error == math.ldexp(plain.standard_error, power)
    assert other.skewness == plain.skewness
