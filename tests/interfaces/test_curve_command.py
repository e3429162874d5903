"""Curves are what ``evaluate`` says at each point, and their files are whole or untouched."""

import csv
import io
import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces import curve_command, curves, plots, simulated_points
from symcollapse.interfaces.command_line import commands
from symcollapse.interfaces.double_columns import Column, DoubleColumns
from symcollapse.interfaces.sweeps import parse_sweep
from symcollapse.language.errors import InvalidProblem

COLUMNS = [
    "total", "bias", "variance", "synthetic", "clean", "effective_ridge", "exact_total", "regime",
]  # fmt: skip

SMALL = """
title = "A small problem"
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
repeat = 2
[downstream]
samples = 30
noise = "1/10"
ridge = "samples^(-1/2)"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["curve", *(str(argument) for argument in arguments)])


def rows_of(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def assert_refused(result: Result) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "sweep",
    [
        "downstream.ridge=1e-4:10:log:9",
        "downstream.samples=3:300:log:9",
        "downstream.noise=0:1:lin:6",
        "generations.0.samples=13,14,20,100,1000",
        "generations.0.repeat=0:7:lin:8",
        "generations.0.ridge=0,1/1000,1/10,1,2",
        "spectrum.capacity=0.5:2:lin:4",
        "spectrum.dimension=2:40:lin:7",
        "generations.0.design=fresh,shared",
        "downstream.ridge=0,samples^(-1),1/samples^2",
    ],
)
def test_a_curve_is_evaluate_at_its_points(sweep: str, small: Path) -> None:
    rows = rows_of(run(small, "--over", sweep))
    key = sweep.partition("=")[0]
    assert len(rows) > 1
    for row in rows:
        assert list(row) == [key, *COLUMNS]
        problem = sc.Problem.from_file(small, {key: row[key]})
        error = sc.test_error(problem)
        assert row["regime"] == error.regime
        for name, formula in {**error.parts, "effective_ridge": error.effective_ridge}.items():
            truth = float(sc.evaluate(formula, problem))
            # The promised accuracy of doubles.
            assert math.isclose(float(row[name]), truth, rel_tol=1e-12), (name, row)
        exact = error.exact
        if exact is None:
            assert row["exact_total"] == ""
        else:
            truth = float(sc.evaluate(exact.total, problem))
            assert math.isclose(float(row["exact_total"]), truth, rel_tol=1e-12)


def test_every_combination_is_a_row(small: Path) -> None:
    sweeps = ("generations.0.repeat=0,1,3", "downstream.ridge=1/10,1/5", "downstream.noise=1,2")
    rows = rows_of(run(small, *(part for sweep in sweeps for part in ("--over", sweep))))
    keys = [sweep.partition("=")[0] for sweep in sweeps]
    found = [tuple(row[key] for key in keys) for row in rows]
    assert found == list(itertools.product("013", ("1/10", "1/5"), "12"))
    assert len({row["total"] for row in rows}) == len(rows)


def test_a_setting_holds_at_every_point(small: Path) -> None:
    sweep = ("--over", "downstream.ridge=1/10,1/5")
    rows = rows_of(run(small, *sweep, "--set", "generations.0.repeat=0"))
    assert all(float(row["synthetic"]) == 0 for row in rows)
    assert all(float(row["synthetic"]) > 0 for row in rows_of(run(small, *sweep)))


def test_an_infinite_point_is_inf_and_hides_no_other(small: Path) -> None:
    sweep = "generations.0.samples=12,13,14,15,16,17"
    rows = rows_of(run(small, "--over", sweep))
    assert [row["total"] == "inf" for row in rows] == [True] + [False] * 5
    result = run(small, "--over", sweep, "-o", small.with_suffix(".json"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(small.with_suffix(".json").read_text())[0]["total"] == "inf"


def test_doubles_that_lose_digits_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    file = "figure-1a"
    problems = [sc.Problem.from_file(file, {"downstream.ridge": f"{k}/10"}) for k in range(1, 9)]
    right = curves.curve_points(problems)

    class Doubtful(DoubleColumns):
        def __call__(self, grids: Sequence[Column]) -> Column:
            values = super().__call__(grids)
            values[:, np.isin(grids[0], [0.3, 0.5])] = np.nan
            # What is not said to be doubtful is taken: the negative control.
            values[:, grids[0] == 0.7] *= 2
            return values

    monkeypatch.setattr(curves, "DoubleColumns", Doubtful)
    for k, (point, other) in enumerate(zip(right, curves.curve_points(problems), strict=True), 1):
        # The promised accuracy of doubles.
        assert math.isclose(point.total, other.total, rel_tol=1e-12) == (k != 7)


def test_a_thousand_points_take_one_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = []

    def counted(problem: sc.Problem) -> sc.TestError:
        derived.append(problem)
        return sc.test_error(problem)

    monkeypatch.setattr(curves, "test_error", counted)
    rows = rows_of(run("figure-1b", "--over", "downstream.ridge=1e-6:10:log:1000"))
    assert (len(rows), len(derived)) == (1000, 1)


def test_integers_stay_integers(small: Path) -> None:
    rows = rows_of(run(small, "--over", "downstream.samples=1:8:log:20"))
    assert [row["downstream.samples"] for row in rows] == list("12345678")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=1:2:lin:3", ("1", "1.5", "2")),
        ("a.b=0.001:10:log:5", ("0.001", "0.01", "0.1", "1", "10")),
        ("a.b=1/3:1/3:lin:1", ("1/3",)),
        ("a.b=2:1:lin:2", ("2", "1")),
        ("a.samples=1:3:lin:9", ("1", "2", "3")),
        ("a.b=x, y ,z", ("x", "y", "z")),
        ("a.b=[1,2],[3,4]", ("[1,2]", "[3,4]")),
        ("a.b=-1", ("-1",)),
    ],
)
def test_a_sweep_is_read(text: str, values: tuple[str, ...]) -> None:
    assert parse_sweep(text).values == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "downstream.ridge",
        "downstream.ridge=",
        "=1,2",
        "downstream.ridge=1,,2",
        "downstream.ridge=1,1",
        "downstream.ridge=1:2",
        "downstream.ridge=1:2:3",
        "downstream.ridge=1:2:exp:3",
        "downstream.ridge=1:2:log:0",
        "downstream.ridge=1:2:log:-3",
        "downstream.ridge=1:2:log:3.5",
        "downstream.ridge=1:2:log:99999999999",
        "downstream.ridge=1:2:log:9999999999",
        "downstream.ridge=1:2:lin:1",
        "downstream.ridge=0:2:log:3",
        "downstream.ridge=-1:2:log:3",
        "downstream.ridge=1:inf:lin:3",
        "downstream.ridge=1:1:lin:3",
        "downstream.ridge=nan:1:lin:3",
        "downstream.ridge=1:10^400:log:3",
        "downstream.ridge=1:9^9^9^9:log:3",
        "downstream.ridge=1e-400:2:log:3",
        "downstream.ridge=1e-400:2:lin:3",
        "downstream.ridge=\x1b[31m:1:lin:2",
    ],
)
def test_a_strange_sweep_is_refused(text: str) -> None:
    with pytest.raises(InvalidProblem) as refusal:
        parse_sweep(text)
    assert str(refusal.value).isprintable()
    assert_refused(run("figure-1a", "--over", text))


@pytest.mark.parametrize(
    "arguments",
    [
        ("figure-1a",),
        ("figure-1a", "--over", "downstream.rigde=1,2"),
        ("figure-1a", "--over", "downstream.ridge=-1:1:lin:3"),
        ("figure-1a", "--over", "downstream.ridge=1,x"),
        ("figure-1a", "--over", "generations.7.repeat=1,2"),
        ("figure-1a", "--over", "downstream.samples=1.5,2"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--over", "downstream.ridge=3"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--set", "downstream.ridge=3"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--set", "downstream.noise"),
        ("figure-1a", "--over", "title=a,b"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--set", "description=a"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--set", "downstream.noise=1e200"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--set", "downstream.noise=1e-170"),
        ("figure-1a", "--over", "downstream.ridge=1:2:lin:9", "--set", "downstream.noise=1e200"),
        ("figure-1a", "--over", "downstream.ridge=1:2:lin:9", "--set", "downstream.noise=1e-170"),
        ("figure-1a", "--over", "downstream.noise=1,2,3,1e-400,1e-170"),
        ("figure-1a", "--over", "downstream.noise=1,2,3,4,1e200"),
        ("figure-1a", "--over", "downstream.ridge=1,2", "--simulate", "1"),
        ("figure-1a", "--over", "a.b=1:9:lin:100001", "--over", "c.d=1:9:lin:100001"),
    ],
)
def test_a_strange_request_is_refused(arguments: Sequence[str], tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    assert_refused(run(*arguments))
    assert_refused(run(*arguments, "-o", there))
    assert there.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["a.txt", "a", "nowhere/a.csv", "folder.csv", "a.png"])
def test_an_impossible_file_is_refused_at_once(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    sweep = ("--over", "downstream.ridge=1:2:lin:900000")
    assert_refused(run("figure-1a", *sweep, "-o", tmp_path / name))
    assert len(list(tmp_path.iterdir())) == 1


def test_files_hold_what_stdout_would(small: Path) -> None:
    sweep = ("--over", "downstream.ridge=1/10:1:log:4")
    shown = run(small, *sweep)
    for ending in ("csv", "json", "jsonl"):
        file = small.with_suffix(f".{ending}")
        file.write_text("old")
        assert run(small, *sweep, "-o", file).exit_code == 0
        text = file.read_text()
        if ending == "csv":
            assert text == shown.stdout
            continue
        lines = text.splitlines()
        records = json.loads(text) if ending == "json" else [json.loads(line) for line in lines]
        for record, row in zip(records, rows_of(shown), strict=True):
            assert list(record) == list(row)
            assert record["total"] == float(row["total"])
            assert record["exact_total"] is None


SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml"}


@pytest.mark.parametrize("ending", SIGNATURES)
def test_a_plot_is_a_picture_and_always_the_same(ending: str, small: Path) -> None:
    pictures = []
    for name in ("first", "second"):
        file = small.with_name(f"{name}.{ending}")
        result = run(
            small, "--over", "generations.0.repeat=0,1", "--over", "downstream.ridge=1e-3:1:log:9",
            "--simulate", "3", "--plot", file,
        )  # fmt: skip
        assert (result.exit_code, result.output) == (0, "")
        pictures.append(file.read_bytes())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(SIGNATURES[ending])
    assert len(pictures[0]) > 4000


def test_a_plot_says_what_it_shows(small: Path) -> None:
    file = small.with_suffix(".svg")
    run(
        small, "--over", "generations.0.repeat=1,2", "--over", "downstream.ridge=1e-3:1:log:9",
        "--simulate", "3", "--plot", file,
    )  # fmt: skip
    words = " ".join(ElementTree.parse(file).getroot().itertext())
    for word in ("A small problem", "downstream.ridge", "generations.0.repeat = 2", "clean"):
        assert word in words
    assert "standard errors" in words


def test_without_matplotlib_the_extra_is_named(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
    result = run(small, "--over", "downstream.ridge=1,2", "--plot", small.with_suffix(".png"))
    assert_refused(result)
    assert "symcollapse[plot]" in result.stderr
    assert rows_of(run(small, "--over", "downstream.ridge=1,2"))


def test_simulated_points_are_those_of_simulate(small: Path) -> None:
    sweep = ("--over", "downstream.ridge=1/10,1", "--simulate", "8", "--seed", "5")
    alone, shared = run(small, *sweep), run(small, *sweep, "--workers", "2")
    assert alone.stdout == shared.stdout
    for row in rows_of(alone):
        problem = sc.Problem.from_file(small, {"downstream.ridge": row["downstream.ridge"]})
        result = sc.simulate(problem, 8, seed=5)
        assert row["mean"] == repr(result.mean)
        assert row["standard_error"] == repr(result.standard_error)


def test_what_fails_late_leaves_files_alone(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, picture = small.with_suffix(".csv"), small.with_suffix(".png")
    there.write_text("mine")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(curve_command, "plot_curve", fail)
    result = run(small, "--over", "downstream.ridge=1,2", "-o", there, "--plot", picture)
    assert_refused(result)
    assert there.read_text() == "mine"
    assert sorted(path.name for path in small.parent.iterdir()) == ["small.csv", "small.toml"]


def test_ctrl_c_leaves_files_alone(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = small.with_suffix(".csv")
    there.write_text("mine")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(simulated_points, "simulate", lambda *_, **__: interrupt())
    result = run(small, "--over", "downstream.ridge=1,2", "--simulate", "5", "-o", there)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "symcollapse: interrupted\n"
    assert there.read_text() == "mine"
    assert sorted(path.name for path in small.parent.iterdir()) == ["small.csv", "small.toml"]


@pytest.mark.parametrize("ending", SIGNATURES)
def test_a_title_is_no_formula(ending: str, small: Path) -> None:
    small.write_text(SMALL.replace('"A small problem"', r"'$\frac{1}$ costs 5$ 模'"))
    file = small.with_suffix(f".{ending}")
    result = run(small, "--over", "downstream.ridge=1,2", "--plot", file)
    assert (result.exit_code, result.output) == (0, "")
    if ending == "svg":
        assert r"$\frac{1}$ costs 5$" in " ".join(ElementTree.parse(file).getroot().itertext())


def test_an_infinite_point_leaves_the_axis_logarithmic() -> None:
    rows = [{"total": total, "clean": 1.0} for total in (1.0, 100.0, math.inf)]
    assert plots._spans_decades(rows)
    assert not plots._spans_decades([{"total": math.inf, "clean": math.inf}])
    assert not plots._spans_decades([{"total": 0.0, "clean": 1.0}])


def test_many_curves_have_a_short_legend(small: Path) -> None:
    file = small.with_suffix(".svg")
    families = ("--over", "downstream.noise=0.1:1:log:30")
    run(small, *families, "--over", "downstream.ridge=1e-3:1:log:9", "--plot", file)
    words = " ".join(ElementTree.parse(file).getroot().itertext())
    assert 5 <= words.count("downstream.noise = ") <= plots.MOST_ENTRIES
    assert "0.126896" not in words


def test_a_folder_that_cannot_be_written_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise PermissionError(13, "Permission denied", "/tmp/.a-x1")

    monkeypatch.setattr("symcollapse.interfaces.atomic_files.tempfile.mkstemp", fail)
    monkeypatch.setattr(curve_command, "CurveStream", lambda *_: pytest.fail("worked first"))
    there = tmp_path / "a.csv"
    result = run("figure-1a", "--over", "downstream.ridge=1,2", "-o", there)
    assert_refused(result)
    assert result.stderr.endswith("a.csv: Permission denied\n")


def test_a_curve_over_an_infinite_spectrum_goes_far(small: Path) -> None:
    text = SMALL.replace("dimension = 12", 'dimension = "inf"')
    generators = text[text.index("[[generations]]") : text.index("[downstream]")]
    small.write_text(text.replace(generators, ""))
    rows = rows_of(run(small, "--over", "downstream.samples=1e2:1e16:log:8"))
    totals = [float(row["total"]) for row in rows]
    assert all(before > after for before, after in itertools.pairwise(totals))
    for row in (rows[0], rows[-1]):
        samples = row["downstream.samples"]
        problem = sc.Problem.from_file(str(small), {"downstream.samples": samples})
        # Curves state a relative error below 1e-12.
        known = float(sc.evaluate(sc.test_error(problem).total, problem))
        assert abs(float(row["total"]) / known - 1) < 1e-12


ASYMPTOTIC = (
    "power-law", "--set", "spectrum.dimension=inf", "--set", "generations.0.repeat=0",
    "--over", "downstream.samples=1e6,1e9,1e12", "--asymptote",
)  # fmt: skip


@pytest.mark.parametrize(
    ("ridge", "slow"), [("samples^(-4/5)", 0.3), ("3*samples^(-2)", 0.9), ("0", 0.9)]
)
def test_curves_approach_their_asymptotes(ridge: str, slow: float) -> None:
    # Below, at and above the capacity 2. What is left out is smaller by T^-0.4 in the first case, by 1/T in the others.
    rows = rows_of(run(*ASYMPTOTIC, "--set", f"downstream.ridge={ridge}"))
    for part in ("bias", "variance"):
        gaps = [abs(float(row[f"asymptote_{part}"]) / float(row[part]) - 1) for row in rows]
        # Some room for constants; the negative control is the next line.
        assert all(
            gap < 30 * float(row["downstream.samples"]) ** -slow
            for gap, row in zip(gaps, rows, strict=True)
        )
        wrong = [abs(1.05 * float(row[f"asymptote_{part}"]) / float(row[part]) - 1) for row in rows]
        assert not all(
            gap < 30 * float(row["downstream.samples"]) ** -slow
            for gap, row in zip(wrong, rows, strict=True)
        )
    for row in rows:
        parts = [float(row[f"asymptote_{part}"]) for part in ("bias", "variance", "synthetic")]
        # A sum of three doubles.
        assert float(row["asymptote"]) == pytest.approx(sum(parts), rel=1e-15)


def test_asymptotes_are_empty_where_the_dimension_is_too_small() -> None:
    # κ ≃ T^(-4/5) falls below d^-2 = 300^-2 at T = 300^(5/2) ≈ 1.6e6.
    ridge = ("--set", "downstream.ridge=samples^(-4/5)")
    sweep = ("--over", "downstream.samples=1e3,1e5,1e7")
    rows = rows_of(run("power-law", *ridge, *sweep, "--asymptote"))
    assert [row["asymptote"] != "" for row in rows] == [True, True, False]


def test_the_synthetic_part_has_its_asymptote() -> None:
    settings = ("--set", "spectrum.dimension=100000", "--set", "generations.0.samples=10000000")
    rows = rows_of(
        run("power-law", *settings, "--over", "downstream.samples=1e4,1e6", "--asymptote")
    )
    for row in rows:
        # df₁ and df₂ at κd^β ≫ 1: the sums end at d, (κd^β)^(-1/β) ≈ 2 % too early at most.
        assert float(row["asymptote_synthetic"]) == pytest.approx(float(row["synthetic"]), rel=0.03)


def test_columns_without_asymptotes_stay_as_they_are(small: Path) -> None:
    rows = rows_of(run(small, "--over", "downstream.samples=20,40"))
    assert list(rows[0]) == ["downstream.samples", *COLUMNS]


@pytest.mark.parametrize("families", [(), ("--over", "target.source=1/2,1")])
def test_asymptotes_are_drawn(families: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "a.svg"
    keys = ("spectrum.dimension=inf", "generations.0.repeat=0", "downstream.ridge=samples^(-4/5)")
    settings = [part for key in keys for part in ("--set", key)]
    sweep = ("--over", "downstream.samples=1e3:1e9:log:5", "--asymptote", "--plot", place)
    assert run("power-law", *settings, *families, *sweep).exit_code == 0
    text = place.read_text()
    # The label of an asymptote is mathematics, laid out in parts.
    assert ("bias " in text and "∼" in text) == (not families)
    assert "stroke-dasharray" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["power-law", "--over", "downstream.ridge=1,2"],
            "give --over downstream.samples=… as the last",
        ),
        (
            ["figure-1a", "--over", "downstream.samples=400,500"],
            'needs spectrum.kind = "power-law"',
        ),
        (
            [
                "power-law",
                "--set",
                "generations.0.samples=100",
                "--over",
                "downstream.samples=400,500",
            ],
            "--asymptote: generators with a ridge, or with T_0 < d, have none; leave it out",
        ),
        (
            [
                "power-law",
                "--set",
                "downstream.ridge=1+1/samples",
                "--over",
                "downstream.samples=9,90,900",
            ],
            "needs a ridge that is a power of samples",
        ),
    ],
)
def test_where_there_is_no_asymptote_one_line_says_so(arguments: list[str], message: str) -> None:
    result = run(*arguments, "--asymptote")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_generations_are_the_first_of_the_file(tmp_path: Path) -> None:
    two = SMALL.replace("[downstream]", "[[generations]]\nsamples = 50\nnoise = 1\n[downstream]")
    file = tmp_path / "two.toml"
    file.write_text(two)
    rows = rows_of(run(file, "--over", "generations=0:4"))
    assert [row["generations"] for row in rows] == list("01234")
    # The first entry is repeated twice in the file, the second goes on from there.
    repeats = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]
    for row, (first, second) in zip(rows, repeats, strict=True):
        values = {"generations.0.repeat": str(first), "generations.1.repeat": str(second)}
        problem = sc.Problem.from_file(file, values)
        total = float(sc.evaluate(sc.test_error(problem).total, problem))
        # Doubles, to a few units in the last place.
        assert math.isclose(float(row["total"]), total, rel_tol=1e-12)
    assert len({row["total"] for row in rows}) == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ("--over", "generations=3:1"),
        ("--over", "generations=-1:3"),
        ("--over", "generations=0:3:lin"),
        ("--over", "generations=0:1.5"),
        ("--over", "generations=a,b"),
        ("--over", "generations=0:9999999"),
        ("--over", "downstream.ridge=0:3"),
        ("--over", "generations=0:3", "--set", "generations.0.repeat=4"),
        ("--over", "generations=0:3", "--over", "generations.0.repeat=1,2"),
    ],
)
def test_a_strange_number_of_generations_is_refused(arguments: Sequence[str], small: Path) -> None:
    assert_refused(run(small, *arguments))


def test_without_an_entry_there_is_no_generator_to_repeat(small: Path) -> None:
    result = run("power-law", "--over", "generations=0:3")
    assert len(rows_of(result)) == 4
    small.write_text(SMALL.partition("[[")[0] + "[downstream]\nsamples = 9\n")
    result = run(small, "--over", "generations=0:3")
    assert_refused(result)
    assert "no generator to repeat" in result.stderr


def test_without_a_downstream_fit_the_generations_begin_at_one() -> None:
    result = run("accumulate", "--over", "generations=0:3")
    assert_refused(result)
    assert "begin at 1" in result.stderr
    assert len(rows_of(run("accumulate", "--over", "generations=1:3"))) == 3


PIPELINE = """
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
real_weight = "1/3"
real_noise = "1/7"
ridge = "1/10"
[downstream]
samples = 30
noise = "1/10"
ridge = "1/20"
real_samples = 9
features = 20
[downstream.spectrum]
kind = "exponential"
rate = "1/4"
[downstream.shift]
kind = "uniform"
squared_norm = "1/10"
"""


@pytest.mark.parametrize(
    "sweep",
    [
        "generations.0.real_weight=-0.7:1.3:lin:5",
        "generations.0.real_noise=0.1:1:lin:5",
        "downstream.real_samples=3:30:lin:5",
        "downstream.features=11:40:lin:5",
        "downstream.spectrum.rate=0.1:0.5:lin:5",
        "downstream.shift.squared_norm=0.1:1:lin:5",
        "downstream.ridge=0.01:1:log:5",
    ],
)
def test_a_curve_of_a_pipeline_is_evaluate_at_its_points(sweep: str, small: Path) -> None:
    # Each key by itself: what one of them changes, another must not hide.
    own = sweep.partition("=")[0].rpartition(".")[0]
    keep = {"downstream.spectrum": "spectrum", "downstream.shift": "shift"}.get(own, "")
    sections = PIPELINE.split("[downstream.")
    text = sections[0] + "".join(
        f"[downstream.{section}" for section in sections[1:] if keep and section.startswith(keep)
    )
    if "features" not in sweep:
        text = text.replace("features = 20\n", "")
    small.write_text(text)
    rows = rows_of(run(small, "--over", sweep))
    key = sweep.partition("=")[0]
    assert len({row["total"] for row in rows}) == 5
    for row in rows[2:3]:
        problem = sc.Problem.from_file(small, {key: row[key]})
        total = float(sc.evaluate(sc.test_error(problem).total, problem))
        # The promised accuracy of doubles.
        assert math.isclose(float(row["total"]), total, rel_tol=1e-12)
