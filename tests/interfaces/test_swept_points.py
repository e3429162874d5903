"""Points in classes are the points one by one, whatever is swept, and where a regime changes in between."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symcollapse.interfaces import swept_points
from symcollapse.interfaces.curves import CurveEvaluator, curve_points
from symcollapse.interfaces.point_classes import MovingNumbers
from symcollapse.interfaces.requested_points import ProblemSource, requested_points
from symcollapse.interfaces.swept_points import SweptPoints
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.problem_files import ProblemFile
from symcollapse.language.problems import Problem

NUMBERS = ("total", "bias", "variance", "synthetic", "clean", "effective_ridge", "exact_total")

ACCURACY = {"by state evolution": 1e-9}
"""Relative error of a number, by its route; formulas promise 1e-12."""


def swept(file: str | Path, sweeps: Sequence[str], fixed: Sequence[str] = ()) -> SweptPoints:
    requested = requested_points(sweeps, fixed)
    source = ProblemSource(ProblemFile.read(file), requested.settings)
    return SweptPoints(source, requested.sweeps, CurveEvaluator())


def in_classes(points: SweptPoints) -> dict[str, list[Any]]:
    return CurveEvaluator().numbers(points.between(0, len(points)), len(points))


def one_by_one(points: SweptPoints) -> list[Any]:
    return curve_points([points.problem(position) for position in range(len(points))])


def disagreement(columns: Mapping[str, Sequence[Any]], wanted: Sequence[Any]) -> str:
    """The first entry that differs by more than is promised of it; empty if there is none."""
    for row, point in enumerate(wanted):
        if columns["regime"][row] != point.regime:
            return f"{row}: {columns['regime'][row]} {point.regime}"
        # Both routes may be off by what is promised.
        accuracy = 2 * ACCURACY.get(point.regime, 1e-12)
        for name in NUMBERS:
            one, other = columns[name][row], getattr(point, name)
            if (one is None) != (other is None):
                return f"{row}: {name} {one} {other}"
            if one is not None and not math.isclose(one, other, rel_tol=accuracy):
                return f"{row}: {name} {one} {other}"
    return ""


SWEEPS = (
    ("figure-1a", ("downstream.ridge=0,1e-9,1/3,1,2,10",)),
    ("figure-1a", ("downstream.samples=297:305", "downstream.ridge=0,1/10")),
    ("figure-1a", ("generations.0.samples=296:304", "downstream.noise=0,1/2,1")),
    ("figure-1a", ("generations.0.samples=299,300,301,302", "downstream.ridge=0,1/10")),
    ("figure-1a", ("generations=0:3", "downstream.noise=0,1/7,1")),
    ("figure-1b", ("downstream.samples=250:1000:log:7",)),
    ("figure-1b", ("downstream.ridge=samples^(-1),1/10", "downstream.samples=10,299,300,1000")),
    ("figure-2a", ("generations.0.samples=149,299,300,301",)),
    ("figure-2a", ("generations.0.ridge=0,1/10,1", "downstream.ridge=0,1/10,1")),
    ("figure-2b", ("generations.0.samples=100,200,298,299,300,301", "downstream.noise=0,1")),
    ("power-law", ("generations.0.ridge=0,1e-3,1/2", "downstream.samples=200,300,301,400")),
    ("power-law", ("spectrum.capacity=3/2,2", "downstream.ridge=1e-5:1:log:5")),
    ("accumulate", ("generations.0.samples=30,49,51,99,101,102,300",)),
    ("accumulate", ("generations.0.noise=0,1/2,1,2",)),
    ("mixed-labels", ("generations.0.real_weight=0,1/2,1,-1/3",)),
    ("mixed-labels-ridge", ("generations.0.ridge=1e-3:1:log:5",)),
    ("mixed-labels-ridge", ("generations.0.real_weight=0,1/4,1/2,1,3/2",)),
    ("pooled", ("downstream.real_samples=0,1,20,100", "downstream.samples=1,50,51,150")),
    ("random-features", ("downstream.features=100,199,200,201,299,300,301",)),
    ("random-features", ("downstream.samples=149,150,151,200", "downstream.ridge=1e-3,1/50")),
    ("self-distillation", ("downstream.ridge=1/8,1/4,1/2", "generations.0.ridge=1/8,1/4,1")),
    ("self-distillation", ("generations.0.samples=100,149,150,151,300",)),
    ("self-distillation", ("downstream.real_weight=-2:1:lin:7",)),
    ("shifted", ("downstream.samples=1:3000:log:6", "downstream.shift.squared_norm=0,1")),
    ("weak-teacher", ("generations.0.features=60,149,151,200", "downstream.ridge=1/20,1")),
    ("growing-budget", ("generations=1:3", "generations.0.noise=1/2,1,2")),
    ("few-samples-noisy", ("generations.0.samples=80,199,200,201", "downstream.ridge=0,1/20")),
)  # fmt: skip


@pytest.mark.parametrize(("file", "sweeps"), SWEEPS)
def test_classes_are_the_points_one_by_one(file: str, sweeps: Sequence[str]) -> None:
    points = swept(file, sweeps)
    columns, wanted = in_classes(points), one_by_one(points)
    assert disagreement(columns, wanted) == ""
    # The comparison sees one unit in the eighth digit of one number.
    row = next(row for row, total in enumerate(columns["total"]) if 0 < total < math.inf)
    columns["total"][row] *= 1 + 1e-8
    assert disagreement(columns, wanted) != ""


def test_a_class_without_its_regimes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: were sizes not compared with the dimension, T < d would go by the formula of T >= d."""
    monkeypatch.setattr(MovingNumbers, "sizes", lambda *_: [])
    points = swept("figure-1a", ["downstream.samples=310,305,290,320", "downstream.ridge=1/10"])
    columns = in_classes(points)
    assert disagreement(columns, one_by_one(points)) != ""


KEYS = {
    "downstream.ridge": ("0", "1e-4", "1/20", "1/10", "0.7", "3"),
    "downstream.samples": ("5", "11", "12", "13", "14", "40"),
    "downstream.noise": ("0", "1/3", "1"),
    "downstream.real_samples": ("0", "4", "12", "30"),
    "generations.0.samples": ("6", "10", "11", "12", "13", "14", "50"),
    "generations.0.ridge": ("0", "1/20", "1/10", "1"),
    "generations.0.noise": ("0", "1/5", "1"),
    "generations.0.real_weight": ("0", "1/2", "1"),
    "generations.0.repeat": ("0", "1", "2"),
    "generations.0.design": ("fresh", "shared"),
    "generations.0.data": ("replace", "accumulate"),
    "spectrum.capacity": ("3/2", "2"),
}

SMALL = """
[spectrum]
kind = "power-law"
dimension = 12
capacity = "3/2"
[target]
kind = "source"
source = "1/2"
[[generations]]
samples = 40
noise = "1/5"
ridge = "1/20"
repeat = 2
[downstream]
samples = 30
noise = "samples^(-1/2)"
ridge = "samples^(-1/2)/10"
"""


def outcome(numbers: Any, points: SweptPoints) -> Any:
    """What comes of it, if only an error."""
    try:
        return numbers(points)
    except SymcollapseError as error:
        return type(error)


@settings(derandomize=True, deadline=None, max_examples=25, database=None)
@given(data=st.data())
def test_classes_are_the_points_one_by_one_for_any_keys(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "swept.toml"
    file.write_text(SMALL)
    keys = data.draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=2, unique=True))
    sweeps = []
    for key in keys:
        values = data.draw(
            st.lists(st.sampled_from(KEYS[key]), min_size=1, max_size=4, unique=True)
        )
        sweeps.append(f"{key}={','.join(values)}")
    points = swept(file, sweeps)
    columns, wanted = outcome(in_classes, points), outcome(one_by_one, points)
    if isinstance(wanted, type):
        assert columns == wanted
    else:
        assert disagreement(columns, wanted) == ""


def test_parts_of_a_sweep_are_the_sweep() -> None:
    """Chunks may cut a family anywhere."""
    points = swept("figure-1a", ["downstream.noise=0,1,2", "downstream.ridge=0:1:lin:7"])
    whole = in_classes(points)
    for cut in (1, 6, 8, 20):
        evaluator = CurveEvaluator()
        parts = [(0, cut), (cut, 21)]
        columns = [evaluator.numbers(points.between(*part), part[1] - part[0]) for part in parts]
        totals = [total for part in columns for total in part["total"]]
        # Few points go by digits, many by doubles.
        assert np.allclose(totals, whole["total"], rtol=2e-12, atol=0)


def test_a_million_points_are_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a point costs is arithmetic: its problem is not made."""
    points = swept("power-law", ["downstream.ridge=1e-5:1:log:1000000"])
    made: list[object] = []
    problem = ProblemFile.problem

    def counted(self: ProblemFile, overrides: Mapping[str, str]) -> Problem:
        made.append(overrides)
        return problem(self, overrides)

    monkeypatch.setattr(ProblemFile, "problem", counted)
    (alike,) = points.between(500_000, 508_192)
    assert len(alike.rows) == 8192
    # Two to find the number that moves, two to see that they are alike, one for the family.
    assert len(made) <= 5
    assert alike.problem_at(7).downstream == points.problem(500_007).downstream


@pytest.mark.parametrize(
    ("file", "sweep", "setting"),
    [
        # Another number of the same fit is written in terms of what moves, as an integer, or along the generations.
        ("random-features", "downstream.samples=100:400:lin:5", "downstream.features=ceil(samples/2)"),
        ("growing-budget", "generations.0.noise=1/2,1,2", "generations.0.repeat=2"),
        ("figure-1a", "downstream.samples=400:500:lin:4", "downstream.ridge=samples/1000-2/5"),
    ],
)  # fmt: skip
def test_numbers_that_follow_others_are_seen(file: str, sweep: str, setting: str) -> None:
    points = swept(file, [sweep], [setting])
    assert disagreement(in_classes(points), one_by_one(points)) == ""


def test_a_point_that_is_none_is_named() -> None:
    points = swept("figure-1a", ["downstream.ridge=1,2,-1,3", "downstream.noise=1,2"])
    with pytest.raises(SymcollapseError, match=r"downstream.ridge = '-1': give a number >= 0"):
        points.between(0, 8)
    with pytest.raises(SymcollapseError, match=r"downstream.ridge = '-1': give a number >= 0"):
        points.try_first()


def test_families_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swept_points, "MOST_FAMILIES", 2)
    points = swept("figure-1a", ["spectrum.dimension=100:400:lin:5", "downstream.ridge=1,2,3,4"])
    assert disagreement(in_classes(points), one_by_one(points)) == ""
    assert len(points._families) <= 2
