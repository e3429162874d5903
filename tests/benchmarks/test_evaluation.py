"""The benchmarks of evaluation run, on tiny sizes, and compare what is comparable; no test looks at the clock."""

import json
from dataclasses import replace
from typing import Any

import flint
import mpmath
import numpy as np
import pytest

import benchmarks.evaluation as benchmark
import symcollapse as sc
from benchmarks import rival_scripts as rivals
from benchmarks.measuring import Figures, Goal, figure, interleaved, ratios, shown_goals
from benchmarks.profiling import attainable, own_shares
from benchmarks.ridge_curves import (
    RidgeCurve,
    plain_power_law,
    power_law_curve,
    relative_errors,
    ridges,
    true_values,
)

DIMENSION, SAMPLES, VARIANCE = 30, 20, 0.01
SIZES = replace(benchmark.QUICK, dimension=DIMENSION, points=4, digit_points=2, long_dimension=40)


def exact() -> RidgeCurve:
    return power_law_curve(DIMENSION, samples=SAMPLES)


def by(name: str, lam: Any, samples: int = SAMPLES) -> Any:
    s, squares = plain_power_law(DIMENSION)
    match name:
        case "numpy":
            return rivals.newton_in_numpy(s, squares, samples, VARIANCE, lam)
        case "blocks":
            return rivals.newton_in_blocks(s, squares, samples, VARIANCE, lam)
        case "brentq":
            return rivals.brentq_per_point(s, squares, samples, VARIANCE, lam)
        case "flint":
            return rivals.digits_in_flint(
                list(map(float, s)),
                list(map(float, squares)),
                samples,
                VARIANCE,
                [flint.arb(x) for x in lam],
            )
        case _:
            return rivals.digits_in_mpmath(
                list(map(float, s)), list(map(float, squares)), samples, VARIANCE, lam
            )


@pytest.mark.parametrize("name", ["numpy", "blocks", "brentq", "flint", "mpmath"])
def test_a_rival_script_computes_the_same_curve(name: str) -> None:
    lam = ridges(70, -6)
    truth = true_values(exact(), [float(lam[0]), float(lam[69])])
    # Eigenvalues in doubles, and a few roundings of the sums.
    assert relative_errors(by(name, lam), truth, [0, 69]) < 1e-12
    # The twin: one sample more is another curve, and is noticed.
    assert relative_errors(by(name, lam, SAMPLES + 1), truth, [0, 69]) > 1e-3


def test_our_curve_is_the_same() -> None:
    lam = ridges(3)
    truth = true_values(exact(), list(map(float, lam)))
    # A few roundings of 1.1e-16.
    assert relative_errors(exact().compiled()(lam), truth, range(3)) < 2e-15


@pytest.mark.parametrize("name", ["curve", "digits", "dimensions", "compressed", "lengths"])
def test_a_table_is_printed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def alone(module: str, arguments: list[str]) -> dict[str, float]:
        assert module == "benchmarks.evaluation"
        assert len(arguments) == 3
        return {"seconds": 1.0, "before": 2.0**20, "peak": 2.0**21}

    monkeypatch.setattr(benchmark, "in_fresh_process", alone)
    section = benchmark.SECTIONS[name](replace(SIZES, dimensions=(20, 30), lengths=(2, 3)))
    assert section.goals
    assert all(len(row) == len(section.head) for row in section.rows)
    assert section.title in section.shown()


def test_hard_spectra_are_right_where_plain_scripts_are_not() -> None:
    section = benchmark.hard_spectra(SIZES)
    ours = [float(row[1]) for row in section.rows]
    rivals_worst = [max(float(cell) for cell in row[2:]) for row in section.rows]
    assert max(ours) <= 1e-13
    assert max(rivals_worst) > 1e-3
    assert section.goals[0].met


def test_one_curve_is_recorded_with_its_memory() -> None:
    record = json.loads(benchmark.once("30", 3))
    assert record["seconds"] > 0
    assert 0 < record["before"] <= record["peak"]


def test_rounds_are_interleaved() -> None:
    order: list[str] = []
    works = {name: (lambda name=name: order.append(name)) for name in "ab"}
    seconds = interleaved(works, 2)
    assert order == list("ababab")
    assert all(len(values) == 2 for values in seconds.values())


def test_figures_and_ratios() -> None:
    assert Figures((1.0, 3.0, 2.0)).shown() == "2 (1–3)"
    assert ratios((4.0, 6.0), (2.0, 2.0)).values == (2.0, 3.0)
    assert [figure(x) for x in (0, 123456.0, 1.2345, 0.00123456, 1e-7)] == [
        "0",
        "1.2e+05",
        "1.23",
        "0.00123",
        "1.0e-07",
    ]


def test_a_missed_goal_is_shown_as_missed() -> None:
    met = Goal("a", "fast", "1 s", met=True)
    lines = shown_goals([met, replace(met, met=False)]).splitlines()
    assert [line.split(" | ")[-1] for line in lines[2:]] == ["met |", "missed |"]


def test_plain_operations_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.profiling.IN_MEMORY", 2**10)
    monkeypatch.setattr("benchmarks.profiling.best", lambda work: work() is None or 1e-6)
    operations = attainable()
    assert all(operation.gigabytes > 0 for operation in operations.values())


def test_ridges_are_those_of_the_curve() -> None:
    # Rounding of powers of ten, a few units in the last place.
    assert np.allclose(ridges(3), [1e-8, 1e-4, 1], rtol=1e-14, atol=0)
    assert exact().problem.downstream is not None
    assert exact().formulas[1].has(sc.ridge)
    assert mpmath.mp.dps == 15


def test_shares_of_the_time_add_up() -> None:
    compiled, lam = exact().compiled(), ridges(50)
    shares = own_shares(lambda: compiled(lam), 20)
    # Shares are fractions of one total; the sum has rounding errors only.
    assert sum(shares.values()) == pytest.approx(1, rel=1e-9)
    assert "roots_in_doubles.py" in shares
