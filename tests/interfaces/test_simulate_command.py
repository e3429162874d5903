"""Simulation on the command line: paths of ridges are those of Python, and refusals are one line."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces.command_line import commands

SMALL = """
title = "A small problem"
[spectrum]
kind = "isotropic"
dimension = 6
[[generations]]
samples = 20
noise = "1/2"
repeat = 2
[downstream]
samples = 16
noise = "1/2"
ridge = "1/10"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["simulate", *map(str, arguments)])


def printed(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_path_is_what_python_says(small: Path) -> None:
    options = (small, "--ridges", "samples^(-1/2),1", "--generations", "0:2", "--trials", 9)
    path = sc.simulate_ridge_path(sc.Problem.from_file(small), ["1/4", 1], [0, 1, 2], 9)
    record = json.loads(printed(*options, "--format", "json"))
    assert (record["trials"], record["seed"]) == (9, 1)
    expected = [
        (length, ridge, path.mean[row][column], path.standard_error[row][column])
        for row, length in enumerate((0, 1, 2))
        for column, ridge in enumerate((0.25, 1.0))
    ]
    assert [tuple(row.values()) for row in record["rows"]] == expected
    lines = list(csv.reader(io.StringIO(printed(*options, "--format", "csv"))))
    assert lines[0] == ["generations", "ridge", "mean", "standard_error"]
    assert [tuple(map(float, line)) for line in lines[1:]] == expected
    assert repr(path.mean[2][1]) in printed(*options)
    assert json.loads(printed(*options, "--format", "json", "--seed", 2))["rows"] != record["rows"]


def test_all_generations_are_taken_if_none_are_named(small: Path) -> None:
    rows = json.loads(printed(small, "--ridges", "1e-2:1:log:3", "--format", "json"))["rows"]
    assert [(row["generations"], row["ridge"]) for row in rows] == [(2, 0.01), (2, 0.1), (2, 1.0)]


def test_the_route_is_the_one_asked_for(small: Path) -> None:
    problem = sc.Problem.from_file(small)
    for route, mean in (
        ("plain", sc.simulate(problem, 9).mean),
        ("sufficient", sc.simulate(problem, 9, route="sufficient").mean),
    ):
        shown = printed(small, "--trials", 9, "--route", route, "--format", "csv")
        assert shown.splitlines()[1].split(",")[0] == repr(mean)
    path = sc.simulate_ridge_path(problem, [1], trials=9, route="plain", arrays="numpy")
    options = (small, "--trials", 9, "--ridges", 1, "--route", "plain", "--arrays", "numpy")
    assert repr(path.mean[0][0]) in printed(*options)
    assert repr(path.mean[0][0]) not in printed(*options[:-4])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--generations", "3"), "--generations: this is for a path of ridges; give --ridges"),
        (("--arrays", "numpy"), "--arrays: this is for a path of ridges; give --ridges"),
        (("--ridges", "-1"), "downstream.ridge = '-1': give a number >= 0"),
        (
            ("--ridges", "1:2:foo:3"),
            "downstream.ridge=1:2:foo:3: give FROM:TO:log:N or FROM:TO:lin:N",
        ),
        (
            ("--ridges", "1", "--generations", "0:2:1"),
            "generations=0:2:1: give FROM:TO, FROM:TO:log:N",
        ),
        (("--ridges", "1:2:lin:10001"), "--ridges: 10001 ridges; give 10000 at most"),
        (("--ridges", "1", "--generations", "9"), "generations: 9 of 2 cannot be taken"),
        (("--ridges", "1", "--generations", "a"), "--generations a: give integers >= 0"),
        (("--ridges", "1", "--generations", "0:20000"), "--generations: 20001 numbers; give 10000"),
        (("--ridges", "1", "--arrays", "cupy"), "arrays = 'cupy': give"),
    ],
)
def test_what_is_no_path_is_refused(small: Path, options: tuple[str, ...], says: str) -> None:
    result = run(small, *options)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_without_a_downstream_fit_has_no_path(small: Path) -> None:
    small.write_text(SMALL.split("[downstream]")[0])
    result = run(small, "--ridges", "1")
    assert result.exit_code == 2
    assert f"--ridges: {small} has no [downstream]" in result.stderr
