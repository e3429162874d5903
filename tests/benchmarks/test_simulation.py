"""The benchmarks of simulation run, on tiny sizes, and the plain scripts are right; no test looks at the clock."""

from dataclasses import replace

import numpy as np
import pytest

import benchmarks.simulation as benchmark
from benchmarks import simulation_scripts as scripts
from symcollapse.simulation import fit_ridges, ridge_paths

SIZES = replace(
    benchmark.QUICK, shapes=((6, 15),), small=((4, 9),), small_trials=4, device_trials=4
)


@pytest.mark.parametrize("name", list(benchmark.SECTIONS))
def test_a_table_is_printed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "RIDGES", 3)
    section = benchmark.SECTIONS[name](SIZES)
    assert section.rows
    assert all(len(row) == len(section.head) for row in section.rows)
    assert section.title in section.shown()
    assert ridge_paths.SMALL > 0


def test_a_device_is_measured_or_the_table_says_why_not() -> None:
    pytest.importorskip("torch")
    measured = benchmark.device(replace(SIZES, device_shapes=((4, 9),)), "cpu")
    assert len(measured.rows) == 1
    assert "TFLOP/s" in measured.note
    missing = benchmark.device(SIZES, "nowhere")
    assert missing.rows == []
    assert "Not measured: arrays = 'torch:nowhere': PyTorch finds no device" in missing.shown()


def test_the_scripts_fit_the_same_weights() -> None:
    generator = np.random.default_rng(1)
    X, Y = generator.standard_normal((30, 8)), generator.standard_normal((30, 3))
    ridges = np.array([0.01, 1.0])
    ours = fit_ridges(X, Y, ridges)
    # Rounding, at a condition below 100.
    np.testing.assert_allclose(scripts.solve_each(X, Y, ridges), ours, rtol=1e-10)
    np.testing.assert_allclose(scripts.scikit_learn_each(X, Y, ridges), ours, rtol=1e-10)
    assert not np.allclose(scripts.solve_each(X, Y, 2 * ridges), ours, rtol=1e-3)


def test_every_program_estimates_the_same_errors() -> None:
    setting = benchmark.setting_of(4, 30)
    works = benchmark.programs(setting, 100)
    ours, *others = works
    for name, program in works.items():
        for _ in range(2 if program.draw(0).shape[0] > 1 else 12):
            program()
        assert program.draws.shape[1:] == ((1, 20) if "generations alone" in name else (6, 20))
    for name in others:
        assert benchmark.agreement(works[ours], works[name]) > benchmark.FALSE_ALARM


def test_another_noise_is_another_error() -> None:
    setting = benchmark.setting_of(4, 30)
    works = benchmark.programs(setting, 200)
    name = "NumPy, XᵀX once, one solve per λ"
    louder = benchmark.programs(replace(setting, noise=0.3), 1)[name]
    ours = next(iter(works.values()))
    ours()
    for _ in range(200):
        louder()
    assert benchmark.agreement(ours, louder) < benchmark.FALSE_ALARM


def test_a_few_trials_of_one_law_are_no_difference() -> None:
    generator = np.random.default_rng(2)

    def of_one_law(count: int) -> benchmark.Program:
        program = benchmark.Program(lambda _: generator.gamma(4, size=(count, 6, 20)))
        program()
        return program

    chances = [benchmark.agreement(of_one_law(40), of_one_law(2)) for _ in range(100)]
    # Four of a hundred at a chance of 1e-3 each come less than once in 200,000 times; by Welch's test, 96 do.
    assert sum(chance <= benchmark.FALSE_ALARM for chance in chances) <= 3
