"""What ``evaluate`` prints is right to the last digit, and its refusals are one line."""

import csv
import io
import json
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces.command_line import commands
from symcollapse.language.problem_files import bundled_problems
from tests.language.bad_problem_files import BAD_FILES

NAMES = ["total", "bias", "variance", "synthetic", "clean", "effective_ridge"]

LEAST_SQUARES = """
[spectrum]
kind = "isotropic"
dimension = 100
[[generations]]
samples = 300
noise = "1/2"
repeat = 2
[downstream]
samples = 200
noise = 1
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


def assert_refused(result: Result) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("symcollapse: ")
    assert result.stderr.endswith("\n")
    assert len(result.stderr.splitlines()) == 1


def evaluated(*arguments: object) -> dict[str, Any]:
    result = run("evaluate", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    record = json.loads(result.stdout)
    assert isinstance(record, dict)
    return record


def independently(
    eigenvalues: Sequence[Any],
    squares: Sequence[Any],
    ridge: Any,
    generations: int,
    noises: tuple[int, int],
) -> dict[str, Any]:
    """The numbers of a figure file by sums and bisection, with nothing of the package.

    Sizes are those of figures 1a and 1b; the noises, downstream and of the generators, are in tenths.
    """
    T, T0, d = 1000, 600, 300
    sigma, sigma0 = (mpmath.mpf(noise) / 10 for noise in noises)

    def slack(kappa: Any) -> Any:
        return kappa - ridge - kappa * mpmath.fsum(s / (s + kappa) for s in eigenvalues) / T

    low, high = ridge, ridge + mpmath.fsum(eigenvalues) / T
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if slack(middle) < 0 else (low, middle)
    kappa = (low + high) / 2
    degrees = mpmath.fsum((s / (s + kappa)) ** 2 for s in eigenvalues)
    inverse = mpmath.fsum(1 / (s + kappa) ** 2 for s in eigenvalues)
    loss = mpmath.fsum(
        c * s * kappa**2 / (s + kappa) ** 2 for c, s in zip(squares, eigenvalues, strict=True)
    )
    bias = loss * T / (T - degrees)
    variance = sigma**2 * degrees / (T - degrees)
    per_generation = sigma0**2 / (T0 - d) * degrees * (1 + kappa**2 * inverse / (T - degrees))
    synthetic = generations * per_generation
    return {
        "total": bias + variance + synthetic,
        "bias": bias,
        "variance": variance,
        "synthetic": synthetic,
        "clean": bias + variance,
        "effective_ridge": kappa,
    }


def figure(name: str) -> dict[str, Any]:
    size = range(1, 301)
    if name == "figure-1a":
        return independently(
            [mpmath.mpf(1)] * 300, [mpmath.mpf(1) / 300] * 300, mpmath.mpf("0.2"), 5, (1, 2)
        )
    # c_j² = j^-(1 + 2(2·3/8 - 1)) = j^-1/2.
    squares = [1 / mpmath.sqrt(j) for j in size]
    eigenvalues = [1 / mpmath.mpf(j) ** 2 for j in size]
    return independently(
        eigenvalues, squares, mpmath.mpf(1000) ** (mpmath.mpf(-6) / 5), 5, (10, 10)
    )


@pytest.mark.parametrize("name", ["figure-1a", "figure-1b"])
def test_fifty_digits_are_right(name: str) -> None:
    record = evaluated(name, "--digits", 50, "--certified")
    with mpmath.workdps(70):
        for key, truth in figure(name).items():
            # Half a unit of the fiftieth digit: the printed number is the rounded truth.
            assert len(record[key].replace("0.", "", 1).lstrip("0")) == 50
            leading = int(mpmath.floor(mpmath.log10(truth)))
            error = abs(mpmath.mpf(record[key]) - truth)
            assert error <= mpmath.mpf(10) ** (leading - 49) / 2
            assert error <= mpmath.mpf(record["radius"][key]) <= mpmath.mpf(10) ** (leading - 49)


def test_the_independent_numbers_are_not_those_of_another_figure() -> None:
    # The comparison can fail: the same check with one generation less.
    record = evaluated("figure-1a", "--digits", 50)
    with mpmath.workdps(70):
        other = independently(
            [mpmath.mpf(1)] * 300, [mpmath.mpf(1) / 300] * 300, mpmath.mpf("0.2"), 4, (1, 2)
        )
        assert abs(mpmath.mpf(record["total"]) - other["total"]) > mpmath.mpf("0.01")


@pytest.mark.parametrize("name", sorted(bundled_problems()))
def test_json_keeps_its_contract(name: str) -> None:
    record = evaluated(name, "--digits", 20)
    assert [key for key in record if key != "shift"] == [
        *NAMES,
        "digits",
        "regime",
        "exact",
        "accuracy",
    ]
    assert record["accuracy"] is None
    assert all(isinstance(record[key], str) for key in [*NAMES, "regime"])
    assert record["digits"] == 20
    assert record["exact"] is None or set(record["exact"]) <= {*NAMES, "shift"}
    parts = sum(Fraction(record[key]) for key in ("bias", "variance", "synthetic"))
    assert abs(parts - Fraction(record["total"])) < Fraction(10) ** -19
    certified = evaluated(name, "--certified")
    assert [key for key in certified["radius"] if key != "shift"] == NAMES
    assert all(float(certified["radius"][key]) <= 1e-15 for key in NAMES)


def test_an_exact_law_stands_beside(tmp_path: Path) -> None:
    file = tmp_path / "least-squares.toml"
    file.write_text(LEAST_SQUARES)
    record = evaluated(file, "--certified")
    assert Fraction(record["total"]) == Fraction("1.25")  # 2·(1/4)·100/200 + 100/100
    assert list(record["exact"]) == NAMES[:-1]
    exact = Fraction(2, 4) * Fraction(100, 199) + Fraction(100, 99)
    assert math.isclose(float(record["exact"]["total"]), exact, rel_tol=1e-14)
    assert list(record["exact_radius"]) == NAMES[:-1]
    assert record["effective_ridge"] == "0"
    table = run("evaluate", file).stdout
    assert "exact at finite size" in table
    assert record["exact"]["total"] in table


def test_infinite_is_inf(tmp_path: Path) -> None:
    file = tmp_path / "peak.toml"
    file.write_text(LEAST_SQUARES.replace("samples = 200", "samples = 100"))
    record = evaluated(file)
    assert (record["total"], record["variance"], record["exact"]["total"]) == ("inf",) * 3
    assert record["synthetic"] != "inf"


def test_a_table_holds_every_digit_and_no_colour() -> None:
    record = evaluated("figure-1b", "--digits", 200)
    result = run("evaluate", "figure-1b", "--digits", 200)
    assert "\x1b" not in result.stdout
    for key in NAMES:
        assert f"{record[key]}\n" in result.stdout


def test_csv_is_the_same_in_one_row(tmp_path: Path) -> None:
    file = tmp_path / "least-squares.toml"
    file.write_text(LEAST_SQUARES)
    headers = []
    for name in ("figure-1a", file):
        result = run("evaluate", name, "--certified", "--format", "csv")
        (row,) = csv.DictReader(io.StringIO(result.stdout))
        record = evaluated(name, "--certified")
        headers.append(list(row))
        for key in NAMES:
            assert row[key] == record[key]
            assert row[f"radius_{key}"] == record["radius"][key]
        assert row["exact_total"] == (record["exact"] or {"total": ""})["total"]
    assert headers[0] == headers[1]


def test_python_says_the_same() -> None:
    problem = sc.Problem.from_file("figure-1b")
    error = sc.test_error(problem)
    record = evaluated("figure-1b", "--digits", 40)
    for key, formula in {**error.parts, "effective_ridge": error.effective_ridge}.items():
        assert sc.evaluate(formula, problem, digits=40).text == record[key]


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_bad_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    content = BAD_FILES[name]
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(run("evaluate", file))


def test_a_setting_is_another_file(tmp_path: Path) -> None:
    file = tmp_path / "least-squares.toml"
    file.write_text(LEAST_SQUARES.replace("samples = 200", "samples = 250"))
    other = tmp_path / "other.toml"
    other.write_text(LEAST_SQUARES)
    changed = evaluated(other, "--set", "downstream.samples=250")
    assert changed == evaluated(file)
    # The comparison can fail: the file as it is has another error.
    assert changed != evaluated(other)
    counted = evaluated(file, "--set", "generations=3")
    assert Fraction(counted["synthetic"]) == Fraction(3, 2) * Fraction(evaluated(file)["synthetic"])


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("downstream.ridg=1", "did you mean ridge?"),
        ("downstream.ridge", "give --set KEY=VALUE"),
        ("downstream.ridge=-1", "give a number >= 0"),
        ("title=x", "the test error does not depend on it"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(setting: str, remedy: str) -> None:
    result = run("evaluate", "figure-1a", "--set", setting)
    assert_refused(result)
    assert remedy in result.stderr


ENTANGLED = """
[spectrum]
kind = "isotropic"
dimension = 40
[[generations]]
samples = 30
noise = "1/2"
ridge = "1/20"
repeat = 8
data = "accumulate"
[downstream]
samples = 60
noise = 1
ridge = "1/10"
"""


def test_what_has_too_long_a_formula_goes_by_state_evolution(tmp_path: Path) -> None:
    file = tmp_path / "entangled.toml"
    file.write_text(ENTANGLED)
    record = evaluated(file)
    assert record["regime"].startswith("by state evolution")
    assert (record["digits"], record["accuracy"]) == (9, 1e-9)
    parts = sum(Fraction(record[key]) for key in ("bias", "variance", "synthetic"))
    # Four roundings of half a unit of the ninth digit.
    assert math.isclose(parts, Fraction(record["total"]), rel_tol=2e-8)
    assert len(record["total"].replace(".", "").lstrip("0")) == 9
    short = evaluated(file, "--digits", 4)
    assert short["total"] == f"{float(record['total']):.4g}"
    assert "by state evolution" in run("evaluate", file).stdout
    row = next(csv.DictReader(io.StringIO(run("evaluate", file, "--format", "csv").stdout)))
    assert (row["total"], row["accuracy"]) == (record["total"], "1e-09")
    formula = run("evaluate", "figure-1a", "--format", "csv")
    assert list(next(csv.DictReader(io.StringIO(formula.stdout)))) == list(row)


def test_state_evolution_agrees_with_the_formula_where_both_are_quick(tmp_path: Path) -> None:
    file = tmp_path / "entangled.toml"
    file.write_text(ENTANGLED)
    evolved = evaluated(file, "--set", "generations=4")
    proven = evaluated(file, "--set", "generations=4", "--digits", 12)
    assert proven["accuracy"] is None
    total = float(proven["total"])
    for name in NAMES:
        # 1e-9 of the total, which is 1.5, and half a unit of its ninth digit.
        assert math.isclose(float(evolved[name]), float(proven[name]), rel_tol=0, abs_tol=7e-9)
    # The tolerance refuses the error of one generation less.
    fewer = evaluated(file, "--set", "generations=3")
    assert not math.isclose(float(fewer["total"]), total, rel_tol=0, abs_tol=7e-9)


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        (("--certified",), "leave out --certified"),
        (("--digits", 10), "give --digits 9 or fewer"),
    ],
)
def test_state_evolution_proves_nothing_and_says_so(
    option: Sequence[Any], remedy: str, tmp_path: Path
) -> None:
    file = tmp_path / "entangled.toml"
    file.write_text(ENTANGLED)
    result = run("evaluate", file, *option)
    assert_refused(result)
    assert result.stderr.startswith("symcollapse: entangled.toml: more than 5 effective ridges")
    assert remedy in result.stderr


SOME_BAD_FILES = (
    "binary.toml",
    "deep-lists.toml",
    "half-dimension.toml",
    "no-kind.toml",
    "schedule-of-logarithms.toml",
    "unknown-strange-key.toml",
)


@pytest.mark.parametrize("name", SOME_BAD_FILES)
@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "--trials", "2"),
        ("verify",),
        ("curve", "--over", "downstream.ridge=1,2"),
        ("derive",),
    ],
)
def test_every_command_refuses_bad_files(command: Sequence[str], name: str, tmp_path: Path) -> None:
    content = BAD_FILES[name]
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(run(command[0], file, *command[1:]))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("--fly",),
        ("evaluate",),
        ("evaluate", "figure-9z"),
        ("evaluate", "."),
        ("evaluate", "figure-1a", "figure-1b"),
        ("evaluate", "figure-1a", "--digits", "0"),
        ("evaluate", "figure-1a", "--digits", "many"),
        ("evaluate", "figure-1a", "--digits", "10001"),
        ("evaluate", "figure-1a", "--format", "xml"),
        ("evaluate", "\x1b[31m\n"),
        ("simulate", "figure-1a", "--trials", "1"),
        ("simulate", "figure-1a", "--seed", "-1"),
        ("simulate", "figure-1a", "--workers", "0"),
        ("verify", "figure-1a", "--margin", "0"),
        ("verify", "figure-1a", "--margin", "1"),
        ("verify", "figure-1a", "--margin", "nan"),
        ("verify", "figure-1a", "--risk", "nan"),
        ("verify", "figure-1a", "--risk", "2"),
        ("verify", "figure-1a", "figure-9z"),
        ("derive", "effective_ridg"),
        ("derive", "figure-1a", "--format", "pdf"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(arguments: Sequence[str]) -> None:
    result = run(*arguments)
    assert_refused(result)
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(("file", "named"), [("", "'': "), (".", ".: "), ("..", "..: ")])
def test_a_file_that_is_none_is_named(file: str, named: str) -> None:
    result = run("evaluate", file)
    assert_refused(result)
    assert result.stderr.startswith(f"symcollapse: {named}")


@pytest.mark.parametrize(
    "arguments", [("x" * 5000,), ("evaluate", "figure-1a", "--digits", "x y" * 999)]
)
def test_a_long_word_is_not_repeated_whole(arguments: Sequence[str]) -> None:
    result = run(*arguments)
    assert_refused(result)
    assert len(result.stderr) < 300


@pytest.mark.parametrize(
    ("size", "total", "ridge"),
    [
        # Σ s/(s + κ) over j ≤ d, added one by one in doubles, and κ by bisection.
        ("3000000", "0.440214403", "1.11087024"),
        ('"inf"', "0.440214412", "1.11087027"),
    ],
)
def test_a_power_law_of_any_length_evaluates(
    size: str, total: str, ridge: str, tmp_path: Path
) -> None:
    file = tmp_path / "large.toml"
    file.write_text(
        f'[spectrum]\nkind = "power-law"\ncapacity = 2\ndimension = {size}\n'
        "[downstream]\nsamples = 10\nridge = 1\n"
        '[target]\nkind = "source"\nsource = "1/2"\n'
    )
    result = run("evaluate", file, "--digits", "9", "--format", "json")
    record = json.loads(result.output)
    assert (record["total"], record["effective_ridge"]) == (total, ridge)


def test_an_exponential_spectrum_that_is_too_flat_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "flat.toml"
    file.write_text(
        '[spectrum]\nkind = "exponential"\nrate = 1e-9\ndimension = 100000000000\n'
        "[downstream]\nsamples = 30000000000\nridge = 1e-30\nnoise = 1\n"
    )
    result = run("evaluate", file)
    assert_refused(result)
    assert "flat.toml" in result.stderr
    assert "give a larger rate" in result.stderr
