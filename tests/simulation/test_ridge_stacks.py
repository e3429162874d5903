"""Stacks give what trial by trial gives, in every namespace of the Array API, to rounding."""

import sys
from functools import partial
from typing import Any

import array_api_strict
import numpy as np
import pytest

from symcollapse.language.errors import InvalidProblem, NotEvaluable, NotSupported
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.simulation import (
    draw_inputs,
    fit_ridges,
    ridge_paths,
    ridge_stacks,
    simulate_ridge_path,
    worker_pool,
)
from symcollapse.simulation.array_namespaces import ArrayPlace, array_place
from symcollapse.simulation.path_runs import PlannedPath, planned_path, run_path, run_stack
from symcollapse.simulation.ridge_stacks import stack_size, stacked_solutions

ROUNDING = 1e-9
"""Relative, of a risk: rounding times a condition below 1e6 here; where it is more, both take the same other way."""

RIDGES = [0, 1e-14, "1/10", 1.0]

DOWNSTREAM = {
    "ample": Downstream(60, "1/10"),
    "fewer samples than features": Downstream(9, "1/10"),
    "square": Downstream(15, "1/10"),
    "random features": Downstream(40, "1/10", features=12),
    "shift of the labels": Downstream(20, "1/10", shift=UniformTarget(1)),
}


def problem(downstream: Downstream) -> Problem:
    chain = (Generation(40, "1/5", repeat=2), Generation(20, 0, "1/9"))
    return Problem(PowerLawSpectrum(15, 2), SourceTarget("3/8"), chain, downstream)


def place(name: str) -> ArrayPlace:
    if name == "strict":
        return ArrayPlace(name, array_api_strict)
    if name.startswith("torch"):
        pytest.importorskip("torch")
    return array_place(name)


def streams(count: int = 7) -> list[np.random.Generator]:
    return [np.random.default_rng([5, trial]) for trial in range(count)]


def one_by_one(path: PlannedPath) -> list[Any]:
    return [run_path(path, stream) for stream in streams()]


@pytest.mark.parametrize("name", ["numpy", "strict", "torch"])
@pytest.mark.parametrize("kind", DOWNSTREAM)
def test_a_stack_is_trial_by_trial(kind: str, name: str) -> None:
    path = planned_path(problem(DOWNSTREAM[kind]), RIDGES, [0, 3, 1])
    expected = one_by_one(path)
    found = run_stack(path, streams(), place(name))
    np.testing.assert_allclose(found, expected, rtol=ROUNDING)
    # The twin: the streams of another seed.
    others = [np.random.default_rng([6, trial]) for trial in range(7)]
    assert not np.allclose(run_stack(path, others, place(name)), expected, rtol=1e-3)


@pytest.mark.parametrize("name", ["numpy", "strict", "torch"])
def test_columns_of_one_ridge_are_not_those_of_another(name: str) -> None:
    # Ridges and lengths of different numbers, so that exchanged axes would show.
    path = planned_path(problem(Downstream(60, 1)), ["1/10", 1], [0, 3, 1])
    for risks in run_stack(path, streams(3), place(name)):
        assert risks.shape == (3, 2)
        turned = risks.T.reshape(3, 2)
        assert not np.allclose(turned, risks, rtol=1e-3)


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_what_the_condition_forbids_is_fitted_ridge_by_ridge(name: str) -> None:
    s = np.arange(1.0, 21.0) ** -8
    ridges = np.array([0.0, 1e-12, 1.0])
    X = np.stack([draw_inputs(stream, 30, s) for stream in streams(3)])
    Y = np.stack([stream.standard_normal((30, 2)) for stream in streams(3)])
    at = place(name)
    weights, trusted = stacked_solutions(X, Y, ridges, 30.0, at)
    assert trusted.tolist() == [[False, False, True]] * 3
    columns = at.on_host(weights).reshape(3, 20, 3, 2)
    for trial in range(3):
        expected = fit_ridges(X[trial], Y[trial], ridges)
        np.testing.assert_allclose(columns[trial, :, 2], expected[2], rtol=1e-9, atol=1e-12)
        # The twin: without the limit, the answer would have been wrong.
        assert not np.allclose(columns[trial, :, 0], expected[0], rtol=1e-3)


def test_a_path_of_a_hard_spectrum_is_the_same_by_stacks() -> None:
    hard = Problem(PowerLawSpectrum(20, 8), UniformTarget(1), (), Downstream(30, "1/10"))
    path = planned_path(hard, [0, "1e-12", 1])
    np.testing.assert_allclose(run_stack(path, streams(), "numpy"), one_by_one(path), rtol=ROUNDING)


@pytest.mark.parametrize("arrays", ["numpy", "torch"])
def test_blocks_and_workers_do_not_change_a_bit(
    arrays: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(arrays)
    sizes = problem(Downstream(60, 1))
    run = partial(simulate_ridge_path, sizes, RIDGES, [0, 3], 11, 5, arrays=arrays)
    alone = run()
    if arrays == "numpy":  # processes of PyTorch take seconds to start
        with worker_pool(2) as pool:
            assert (run(workers=2, pool=pool).draws == alone.draws).all()
    assert (run(first=3).draws[:8] == alone.draws[3:]).all()
    monkeypatch.setattr(ridge_stacks, "MOST_STACKED", 3)
    reports: list[tuple[int, int]] = []
    assert (run(progress=lambda *n: reports.append(n)).draws == alone.draws).all()
    assert reports == [(3, 11), (6, 11), (9, 11), (11, 11)]


def test_small_problems_are_stacked_and_large_ones_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = problem(Downstream(60, 1))
    stacked = simulate_ridge_path(sizes, RIDGES, trials=3)
    assert (
        stacked.draws == simulate_ridge_path(sizes, RIDGES, trials=3, arrays="numpy").draws
    ).all()
    monkeypatch.setattr(ridge_paths, "SMALL", 14)
    monkeypatch.setattr(ridge_paths, "run_stack", None)
    single = simulate_ridge_path(sizes, RIDGES, trials=3)
    np.testing.assert_allclose(single.draws, stacked.draws, rtol=ROUNDING)


def test_memory_of_a_stack_is_bounded() -> None:
    assert stack_size(1, 1, 1) == ridge_stacks.MOST_STACKED
    for samples, features, columns in ((3000, 1000, 120), (300, 1000, 20), (1000, 300, 6000)):
        count = stack_size(samples, features, columns)
        assert 1 < count < ridge_stacks.MOST_STACKED
        held = samples * features + min(samples, features) ** 2 + 2 * features * columns
        assert count * held * 8 <= ridge_stacks.STACK_BYTES
    path = planned_path(problem(Downstream(60, 1)), RIDGES, [0, 1])
    assert path.block == stack_size(60, 15, 8)


def test_an_overflow_is_no_result() -> None:
    huge = Problem(IsotropicSpectrum(2, 10**250), UniformTarget(10**250), (), Downstream(3))
    with pytest.raises((NotEvaluable, ArithmeticError), match=r"overflows|full rank"):
        simulate_ridge_path(huge, [1], trials=2, arrays="numpy")


def test_a_missing_torch_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotSupported, match=r"pip install 'symcollapse\[gpu\]'"):
        simulate_ridge_path(problem(Downstream(60)), [1], arrays="torch")


@pytest.mark.parametrize("name", ["cupy", "", "numpy:cpu", "torch:", "TORCH"])
def test_other_namespaces_are_refused(name: str) -> None:
    with pytest.raises(InvalidProblem, match='give "numpy", "torch", or "torch:cuda"'):
        simulate_ridge_path(problem(Downstream(60)), [1], arrays=name)


@pytest.mark.parametrize("device", ["nowhere", "cuda:99", "meta"])
def test_a_device_that_is_not_there_is_refused(device: str) -> None:
    pytest.importorskip("torch")
    with pytest.raises(InvalidProblem, match=f"PyTorch finds no device '{device}'"):
        array_place(f"torch:{device}")


def test_threads_of_torch_are_given_back() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    with array_place("torch").one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
