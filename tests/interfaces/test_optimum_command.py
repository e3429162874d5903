"""What ``optimum`` prints is what Python says, in every format, and its refusals are one line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces.command_line import commands
from symcollapse.optima.mixing_weight import optimal_real_weight
from symcollapse.optima.optimum_certificates import holds_a_minimum

NUMBERS = ["ridge", "effective_ridge", "total", "bias", "variance", "synthetic", "null_risk"]
CHOICE = ["ridge", "total", "price", "excess_percent"]
CERTIFICATE = ["digits", "is_global", "unresolved", "intervals", "certificate"]

CLEAN = """
[spectrum]
kind = "isotropic"
dimension = 100
[downstream]
samples = 200
noise = "1/2"
ridge = "samples^(-1/2)"
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["optimum", *map(str, arguments)])


def record_of(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    record = json.loads(result.stdout)
    assert isinstance(record, dict)
    return record


def test_json_keeps_its_contract() -> None:
    record = record_of("figure-1a", "--digits", 20, "--certified")
    assert list(record) == [*NUMBERS, "bracket", "classical", "own", *CERTIFICATE, "radius"]
    assert list(record["classical"]) == list(record["own"]) == CHOICE
    assert all(isinstance(record[name], str) for name in NUMBERS)
    assert list(record["radius"]) == [*NUMBERS, "classical", "own"]
    # Half a unit of the twentieth digit of 0.1….
    assert 0 < float(record["radius"]["ridge"]) <= 0.5e-20
    assert (record["digits"], record["is_global"], record["unresolved"]) == (20, True, [])
    assert record["classical"]["ridge"] == "0.0030000000000000000000"  # (1/10)²·300/1000


def test_python_says_the_same() -> None:
    problem = sc.Problem.from_file("power-law")
    record, optimum = record_of("power-law"), sc.certified_optimum(problem)
    assert record["ridge"] == optimum.ridge.text
    assert record["total"] == optimum.parts["total"].text
    assert record["own"]["excess_percent"] == optimum.own.excess.text
    low, high = record["bracket"]
    assert holds_a_minimum(problem, (low, high))
    assert not holds_a_minimum(problem, (high, "1"))


def test_csv_is_the_same_in_one_row(tmp_path: Path) -> None:
    file = tmp_path / "clean.toml"
    file.write_text(CLEAN)
    headers = []
    for name in ("figure-1a", file):
        result = run(name, "--format", "csv", "--certified")
        (row,) = csv.DictReader(io.StringIO(result.stdout))
        record = record_of(name, "--certified")
        headers.append(list(row))
        assert [row["bracket_low"], row["bracket_high"]] == record["bracket"]
        for key in NUMBERS:
            assert row[key] == record[key]
            assert row[f"radius_{key}"] == record["radius"][key]
        for key in CHOICE:
            assert row[f"own_{key}"] == record["own"][key]
    assert headers[0] == headers[1]


def test_a_table_holds_every_digit_and_no_colour(tmp_path: Path) -> None:
    file = tmp_path / "clean.toml"
    file.write_text(CLEAN)
    result = run(file, "--digits", 40)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    record = record_of(file, "--digits", 40)
    for name in NUMBERS:
        assert record[name] in result.stdout
    assert record["own"]["ridge"].startswith("0.0707106781")
    assert "global minimum over all ridges" in result.stdout
    assert record["ridge"].rstrip("0") == "0.125"  # (1/2)²·100/200
    assert record["classical"]["excess_percent"] == "0"


def test_a_shared_design_is_searched_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "shared.toml"
    file.write_text(
        '[spectrum]\nkind = "isotropic"\ndimension = 10\n'
        '[[generations]]\nsamples = 20\nnoise = 1\nrepeat = 3\ndesign = "shared"\n'
    )
    record = record_of(file, "--digits", 6)
    assert not record["is_global"]
    assert record["unresolved"] == [["0", "inf"]]
    assert record["certificate"].startswith("local minimum within the bracket")
    assert float(record["own"]["total"]) > float(record["total"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CLEAN.replace("200", '"n"'), "samples"),
        (CLEAN.replace("[downstream]", "[downstreams]"), "downstream"),
    ],
)
def test_what_cannot_be_tuned_is_refused_in_one_line(
    content: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "refused.toml"
    file.write_text(content)
    result = run(file)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("symcollapse: ")
    assert "refused.toml" in line
    assert said in line


@pytest.mark.parametrize(
    "arguments",
    [(), ("figure-9z",), ("figure-1a", "--digits", "0"), ("figure-1a", "--format", "xml")],
)
def test_a_wrong_command_line_is_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_help_says_what_is_tuned() -> None:
    text = run("--help").stdout
    for word in ("downstream", "classical", "bracket", "JSON", "Example"):
        assert word in text


def test_weights_and_samples_are_tuned_by_key() -> None:
    one = json.loads(run("figure-1a", "--tune", "real_weight", "--format", "json").stdout)
    many = json.loads(run("figure-1a", "--tune", "real_weights", "--format", "json").stdout)
    problem = sc.Problem.from_file("figure-1a")
    assert one["best"] == optimal_real_weight(problem).weight
    assert one["settings"][0]["name"] == "best"
    low, high = map(float, one["bracket"])
    # The bracket has five digits more than the weight.
    assert abs(low - float(one["best"])) < 1e-10
    assert 0 < high - low < 1e-14
    assert many["closed_form"] == ["1/2", "3/5", "8/13", "21/34", "55/89"]
    assert float(many["settings"][0]["total"]) < float(one["settings"][0]["total"])
    split = json.loads(
        run("figure-1a", "--tune", "samples", "--budget", 6000, "--format", "json").stdout
    )
    assert sum(map(int, split["samples"])) == 6000
    assert not split["is_global"]


def test_a_table_and_csv_hold_the_same_settings() -> None:
    table = run("figure-1a", "--tune", "real_weight", "--certified")
    text = run("figure-1a", "--tune", "real_weight", "--certified", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows][:3] == ["best", "synthetic", "real"]
    for row in rows:
        assert row["total"] in table.stdout
        assert float(row["total_radius"]) < 1e-9
    assert "global minimum over 0 <= ω <= 1" in table.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tune", "samples"], "--budget"),
        (["--budget", "100"], "--tune samples"),
        (["--tune", "samples", "--budget", "3"], "budget = 3"),
        (["--tune", "features"], "features"),
    ],
)
def test_what_cannot_be_tuned_is_refused_in_a_line(arguments: list[str], message: str) -> None:
    result = run("figure-1a", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
