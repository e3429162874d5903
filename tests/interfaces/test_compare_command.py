"""A comparison says of each problem what ``evaluate``, ``curve`` and ``simulate`` say of it alone."""

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces import comparisons, curves
from symcollapse.interfaces.command_line import commands
from symcollapse.interfaces.comparisons import distinct_names
from symcollapse.language.errors import InvalidProblem

NUMBERS = [
    "total", "bias", "variance", "synthetic", "clean", "effective_ridge", "exact_total",
    "ratio_to_best", "ratio_to_first",
]  # fmt: skip

SMALL = """
[spectrum]
kind = "isotropic"
dimension = 12
[[generations]]
samples = 40
noise = "1/5"
repeat = 2
[downstream]
samples = 30
noise = "1/10"
"""

RIDGED = SMALL + 'ridge = "1/10"\n'

COLLAPSED = SMALL.replace("samples = 40", "samples = 8")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    named = {"plain": SMALL, "ridged": RIDGED, "collapsed": COLLAPSED}
    for name, text in named.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return [tmp_path / f"{name}.toml" for name in named]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["compare", *(str(argument) for argument in arguments)])


def rows_of(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_a_row_is_what_evaluate_says(files: list[Path]) -> None:
    rows = rows_of(run(*files, "--format", "csv"))
    assert [row["problem"] for row in rows] == ["plain", "ridged", "collapsed"]
    totals = []
    for file, row in zip(files, rows, strict=True):
        assert list(row) == ["problem", *NUMBERS]
        problem = sc.Problem.from_file(file)
        error = sc.test_error(problem)
        for name, formula in {**error.parts, "effective_ridge": error.effective_ridge}.items():
            # The promised accuracy of doubles.
            expected = float(sc.evaluate(formula, problem))
            assert math.isclose(float(row[name]), expected, rel_tol=1e-12), (name, row)
        exact = error.exact
        assert row["exact_total"] == (
            "" if exact is None else repr(float(sc.evaluate(exact.total, problem)))
        )
        totals.append(float(row["total"]))
    assert [float(row["ratio_to_best"]) for row in rows] == [
        total / min(totals) for total in totals
    ]
    assert [float(row["ratio_to_first"]) for row in rows] == [total / totals[0] for total in totals]
    assert {bool(row["exact_total"]) for row in rows} == {True, False}


def test_along_a_sweep_each_problem_is_its_curve(files: list[Path]) -> None:
    sweeps = ("--over", "downstream.noise=1,2", "--over", "downstream.ridge=1/10:1:lin:4")
    rows = rows_of(run(*files, *sweeps, "--format", "csv"))
    assert len(rows) == 3 * 8
    for position, file in enumerate(files):
        alone = CliRunner().invoke(commands, ["curve", str(file), *sweeps])
        curve = list(csv.DictReader(io.StringIO(alone.stdout)))
        own = rows[8 * position : 8 * position + 8]
        for here, there in zip(own, curve, strict=True):
            assert here["problem"] == file.stem
            for key in ("downstream.noise", "downstream.ridge", *NUMBERS[:-2]):
                assert here[key] == there[key]
    for place in range(8):
        side_by_side = rows[place::8]
        totals = [float(row["total"]) for row in side_by_side]
        for row, total in zip(side_by_side, totals, strict=True):
            assert float(row["ratio_to_best"]) == total / min(totals)
            assert float(row["ratio_to_first"]) == total / totals[0]


def test_the_table_names_the_least_error_of_each_point(files: list[Path]) -> None:
    lines = run(*files, "--over", "generations=0:2").stdout.splitlines()
    assert lines[0].split() == ["generations", "plain", "ridged", "collapsed", "least"]
    # Without generators all three differ by the ridge alone, which helps a little.
    winners = [line.rsplit("  ", 1)[1] for line in lines[1:]]
    totals = [[float(cell) for cell in line.split()[1:4]] for line in lines[1:]]
    assert totals[0][0] == totals[0][2]
    assert totals[2][0] < totals[2][2]
    for winner, row in zip(winners, totals, strict=True):
        names = [name for name, total in zip(("plain", "ridged", "collapsed"), row, strict=True)
                 if total == min(row)]  # fmt: skip
        assert winner.strip() == ", ".join(names)


def test_simulated_means_are_those_of_simulate(files: list[Path]) -> None:
    arguments = (*files[:2], "--simulate", "8", "--seed", "5")
    rows = rows_of(run(*arguments, "--format", "csv"))
    for file, row in zip(files, rows, strict=False):
        result = sc.simulate(sc.Problem.from_file(file), 8, seed=5)
        assert (row["mean"], row["standard_error"]) == (
            repr(result.mean),
            repr(result.standard_error),
        )
    table = run(*arguments).stdout
    assert f"{float(rows[0]['mean']):.6g} ± {float(rows[0]['standard_error']):.2g}" in table


@pytest.mark.parametrize("ending", ["txt", "md", "tex", "csv", "json"])
def test_a_file_holds_what_its_format_prints(ending: str, files: list[Path]) -> None:
    form = {"txt": "table", "md": "markdown", "tex": "latex"}.get(ending, ending)
    place = files[0].with_name(f"out.{ending}")
    for sweep in ((), ("--over", "downstream.ridge=1,2")):
        result = run(*files, *sweep, "-o", place)
        assert (result.exit_code, result.output) == (0, "")
        assert place.read_text() == run(*files, *sweep, "--format", form).stdout


def test_json_is_one_list_of_all_numbers(files: list[Path]) -> None:
    rows = rows_of(run(*files, "--format", "csv"))
    records = json.loads(run(*files, "--format", "json").stdout)
    for record, row in zip(records, rows, strict=True):
        assert list(record) == list(row)
        assert record["total"] == float(row["total"])
        assert (record["exact_total"] is None) == (row["exact_total"] == "")


def test_what_a_user_names_is_no_markup(tmp_path: Path) -> None:
    odd = tmp_path / "50%_of|$x$.toml"
    odd.write_text(SMALL)
    markdown = run(odd, "--format", "markdown").stdout.splitlines()
    assert markdown[2].startswith("| 50%_of\\|$x$ | ")
    latex = run(odd, "--format", "latex").stdout
    assert r"50\%\_of|\$x\$ & " in latex
    assert run(odd, "--plot", tmp_path / "a.svg").exit_code == 0
    assert "50%_of|$x$" in (tmp_path / "a.svg").read_text()


@pytest.mark.parametrize("sweep", [(), ("--over", "downstream.ridge=1/10,1,2")])
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_plot_is_a_picture_and_always_the_same(
    ending: str, sweep: Sequence[str], files: list[Path]
) -> None:
    pictures = []
    for name in ("first", "second"):
        picture = files[0].with_name(f"{name}.{ending}")
        result = run(*files, *sweep, "--simulate", "3", "--plot", picture)
        assert result.exit_code == 0
        pictures.append(picture.read_bytes())
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) > 4000


def test_a_plot_names_every_problem(files: list[Path]) -> None:
    picture = files[0].with_name("a.svg")
    for sweep in ((), ("--over", "downstream.ridge=1/10,1,2")):
        assert run(*files, *sweep, "--plot", picture).exit_code == 0
        text = picture.read_text()
        assert all(f">{file.stem}<" in text for file in files)


# ------------------------------------------------------------------------- names, and what fails


def test_names_are_told_apart() -> None:
    assert distinct_names(["a.toml", "b"]) == ["a", "b"]
    assert distinct_names(["x/a.toml", "y/a.toml", "b"]) == ["x/a", "y/a", "b"]
    assert distinct_names(["figure-1a", "figure-1a.toml"]) == ["figure-1a", "figure-1a.toml"]
    assert distinct_names(["x/a", "x/a.toml", "a"]) == ["x/a", "x/a.toml", "a"]
    with pytest.raises(InvalidProblem, match="given twice"):
        distinct_names(["a", "b", "a"])


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder, text in (("x", SMALL), ("y", RIDGED)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text(text)
    rows = rows_of(run(tmp_path / "x/a.toml", tmp_path / "y/a.toml", "--format", "csv"))
    assert len({row["problem"] for row in rows}) == 2
    assert len({row["total"] for row in rows}) == 2


def test_a_file_that_fails_leaves_the_others(files: list[Path]) -> None:
    bad = files[0].with_name("bad.toml")
    bad.write_text(SMALL.replace("samples = 30", "samples = 3.5"))
    result = run(files[0], bad, "nothing", files[1], "--format", "csv")
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("symcollapse: bad.toml: downstream.samples")
    assert lines[1].startswith("symcollapse: nothing: no such file")
    alone = run(*files[:2], "--format", "csv")
    assert result.stdout == alone.stdout


def test_of_the_first_that_fails_there_are_no_ratios(files: list[Path]) -> None:
    result = run("nothing", *files[:2], "--format", "json")
    assert result.exit_code == 2
    assert [row["ratio_to_first"] for row in json.loads(result.stdout)] == [None, None]


def test_where_all_fail_nothing_is_written(tmp_path: Path) -> None:
    result = run("nothing", "nowhere", "-o", tmp_path / "a.csv", "--plot", tmp_path / "a.svg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 2
    assert not list(tmp_path.iterdir())


def test_without_a_formula_the_simulation_stands(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(problems: Sequence[sc.Problem], *_: object) -> object:
        if problems[0].name == "plain":
            raise sc.NotSupported("no formula yet")
        return curves.curve_points(problems)

    monkeypatch.setattr(comparisons, "curve_points", refuse)
    picture = files[0].with_name("a.svg")
    result = run(*files, "--simulate", "3", "--format", "json", "--plot", picture)
    assert result.exit_code == 2
    assert result.stderr == "symcollapse: plain: no formula yet\n"
    rows = json.loads(result.stdout)
    assert [row["total"] is None for row in rows] == [True, False, False]
    assert all(row["mean"] > 0 for row in rows)
    assert [row["ratio_to_first"] for row in rows] == [None, None, None]
    assert picture.exists()
    # Without trials nothing is known about it.
    assert len(json.loads(run(*files, "--format", "json").stdout)) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("figure-1a", "figure-1a"),
        ("figure-1a", "figure-2a", "--format", "xml"),
        ("figure-1a", "figure-2a", "--over", "downstream.ridge"),
        ("figure-1a", "figure-2a", "--over", "title=a,b"),
        ("figure-1a", "figure-2a", "--over", "downstream.ridge=1,2", "--set", "downstream.ridge=1"),
        ("figure-1a", "figure-2a", "--simulate", "1"),
        ("figure-1a", "figure-2a", "-o", "a.xlsx"),
        ("figure-1a", "figure-2a", "-o", "a.csv", "--format", "csv"),
        ("figure-1a", "figure-2a", "--plot", "nowhere/a.png"),
    ],
)
def test_a_strange_request_is_refused(
    arguments: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_key_that_one_file_lacks_is_that_files_failure(files: list[Path]) -> None:
    result = run(files[0], "power-law", "--over", "spectrum.capacity=1,2", "--format", "csv")
    assert result.exit_code == 2
    assert result.stderr.startswith("symcollapse: plain.toml: spectrum.capacity")
    assert len(result.stdout.splitlines()) == 3


def test_an_infinite_error_has_no_ratio_to_another(files: list[Path]) -> None:
    result = run(*files, "--over", "generations.0.samples=12,40", "--format", "json")
    rows = json.loads(result.stdout)
    infinite = [row for row in rows if row["total"] == "inf"]
    assert infinite
    for row in infinite:
        assert row["ratio_to_best"] in (None, "inf")
