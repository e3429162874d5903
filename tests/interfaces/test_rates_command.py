"""``symcollapse rates`` says what the theory says, and refuses the rest in one line."""

import csv
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sympy import sympify

from symcollapse.interfaces.command_line import commands
from symcollapse.interfaces.rates_requests import rates_request
from symcollapse.language.problem_files import read_problem
from symcollapse.scaling.phase_diagram import phase_diagram
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import error_rates

AXES = ("--over", "a=-1:3", "--over", "l=0:3")
NUMBERS = ("q=1", "nu=0", "b=2", "beta=2", "r=1/2")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["rates", *(str(argument) for argument in arguments)])


def output_of(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def formula_of(text: str) -> Any:
    return sympify(text)


def test_without_anything_the_rates_are_symbolic() -> None:
    text = output_of()
    assert "bias         2·ℓ·min(1, r)" in text
    assert "scope       q ≤ b and ℓ/β ≤ 1 and ℓ/β ≤ q" in text
    assert "bias = variance" in text


def test_a_file_tells_power_law_and_source_and_settings_replace_them() -> None:
    given = json.loads(output_of("power-law", "q=1", "--format", "json"))["exponents"]
    assert (given["beta"], given["r"], given["q"], given["nu"]) == ("2", "3/8", "1", "nu")
    given = json.loads(output_of("power-law", "r=1", "--format", "json"))["exponents"]
    assert (given["beta"], given["r"]) == ("2", "1")


def test_json_is_what_the_theory_gives() -> None:
    record = json.loads(output_of("power-law", "q=1", "nu=0", "--format", "json"))
    scaling = Scaling(capacity=2, source="3/8", dimension=1, noise=0)
    rates = error_rates(read_problem("power-law", {}), scaling)
    assert [piece["exponent"] for piece in record["pieces"]] == [
        str(piece.exponent) for piece in rates.pieces
    ]
    assert [case["smallest"] for case in record["optimum"]] == [
        str(case.smallest) for case in rates.optimum
    ]
    assert record["optimum_unknown"] is None
    assert set(record["formulas"]) == {"bias", "variance", "synthetic 1", "synthetic 2"}


def test_an_infinite_dimension_and_clean_data(tmp_path: Path) -> None:
    file = tmp_path / "clean.toml"
    file.write_text(
        '[spectrum]\nkind = "power-law"\ndimension = "inf"\ncapacity = 2\n'
        '[target]\nkind = "source"\nsource = 1\n'
        '[downstream]\nsamples = 100\nnoise = 1\nridge = "samples^(-1/2)"\n'
    )
    record = json.loads(output_of(file, "--format", "json"))
    assert record["exponents"]["q"] == "oo"
    assert "a" not in record["exponents"]
    assert "2*ell" in record["pieces"][0]["exponent"]


def test_latex_says_what_was_given() -> None:
    lines = output_of("power-law", "q=1", "l=nu+b", "--format", "latex").splitlines()
    assert "% numbers: q = 1, r = 3/8, beta = 2" in lines
    assert "% tied: l = b + ν ≥ 0" in lines
    others = output_of("power-law", "q=3/2", "--format", "latex").splitlines()
    assert "% numbers: q = 1, r = 3/8, beta = 2" not in others
    assert not any(line.startswith("% tied") for line in others)


def test_latex_has_every_term() -> None:
    latex = output_of("power-law", "q=1", "--format", "latex")
    for name in ("bias", "variance", "synthetic 1"):
        assert rf"x_{{\text{{{name}}}}} &=" in latex
    assert latex.count(r"\begin{align*}") == latex.count(r"\end{align*}")


def test_the_csv_has_the_regions_of_the_theory(tmp_path: Path) -> None:
    place = tmp_path / "phases.csv"
    output_of(*NUMBERS, *AXES, "-o", place)
    rows = list(csv.DictReader(io.StringIO(place.read_text())))
    scaling = Scaling(dimension=1, noise=0, generation_samples=2, capacity=2, source="1/2")
    problem = read_problem("power-law", {})
    diagram = phase_diagram(problem, scaling, {"generations": (-1, 3), "ridge": (0, 3)})
    found = [(row["terms"], row["exponent"]) for row in rows if row["kind"] == "region"]
    assert found == [
        ("; ".join(strip.label.terms), str(strip.label.exponent)) for strip in diagram.strips
    ]
    best = [row for row in rows if row["kind"] == "best ridge"]
    assert best[0]["l_from"] == str(Fraction(2, 3))


def test_a_region_of_the_csv_can_be_read_back(tmp_path: Path) -> None:
    place = tmp_path / "phases.csv"
    output_of(*NUMBERS, *AXES, "-o", place)
    rows = list(csv.DictReader(io.StringIO(place.read_text())))
    scaling = Scaling(dimension=1, noise=0, generation_samples=2, capacity=2, source="1/2")
    rates = error_rates(read_problem("power-law", {}), scaling)
    refused = 0
    for row in [row for row in rows if row["kind"] == "region"]:
        a = (formula_of(row["a_from"]) + formula_of(row["a_to"])) / 2
        low, high = (formula_of(row[key]).subs("a", a) for key in ("l_from", "l_to"))
        inside, beyond = (low + high) / 2, high + (high - low) / 2
        formula = formula_of(row["exponent"]).subs("a", a)
        assert formula.subs("ell", inside) == rates.at(generations=a, ridge=inside).exponent
        refused += formula.subs("ell", beyond) != rates.at(generations=a, ridge=beyond).exponent
    # The negative control: beyond most borders another formula holds; beyond some, only the sign changes.
    assert refused >= 3


def test_plot_and_json_are_written(tmp_path: Path) -> None:
    picture, data = tmp_path / "phases.svg", tmp_path / "phases.json"
    output_of(*NUMBERS, *AXES, "--plot", picture, "-o", data)
    assert picture.read_text().startswith("<?xml")
    assert len(json.loads(data.read_text())["diagram"]) > 10


def test_without_a_number_for_l_the_best_ridge_is_taken(tmp_path: Path) -> None:
    data = tmp_path / "phases.json"
    output_of("q=1", "beta=2", "r=1/2", "nu=0", "--over", "a=-1:3", "--over", "b=1:3", "-o", data)
    rows = json.loads(data.read_text())["diagram"]
    exponents = {row["exponent"] for row in rows if row["kind"] == "region"}
    # Clean optimum 2βr/(2βr + 1) = 2/3, and the same with b − a for 1 where synthetic noise decides.
    assert "2/3" in exponents
    assert any("a" in exponent for exponent in exponents)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["zeta=3"], "zeta: no exponent; give some of l, a, b, q, nu, r, beta"),
        (["q=1", "q=2"], "q: set twice; give it once"),
        (["beta=1"], "beta = 1: give a number > 1"),
        (["r=0"], "r = 0: give a number > 0"),
        (["l=-1"], "l = -1: give a number >= 0"),
        (["b=inf"], "b=inf: give a finite number"),
        (["l=2^(1/2)"], "l=2^(1/2): give a rational number such as 3/8"),
        (["figure-1a"], 'figure-1a: rates need spectrum.kind = "power-law"'),
        (["power-law", "q=inf"], "the formulas hold for T_0 >= d: give b >= q"),
        (["nofile.toml"], "nofile.toml: no such file"),
        (["power-law", "other"], "other: give LETTER=VALUE, and FILE before it"),
        (["--plot", "a.png"], "--plot a.png: needs two axes; give --over LETTER=FROM:TO"),
        (["--over", "l=0:1"], "--over: 1 given; a phase diagram has two axes"),
        (["--over", "l=0"], "l=0: give --over LETTER=FROM:TO"),
        (["--over", "l=0:1", "--over", "l=0:2"], "l: twice an axis"),
        ([*AXES, "l=2"], "l: both given and an axis; take one of the two"),
        ([*AXES], "b: give a number, b=…; only the axes and l need none"),
        ([*NUMBERS, "--over", "a=1:0", "--over", "l=0:1"], "a from 1 to 0: give a range"),
        ([*NUMBERS, "--over", "a=0:1", "--over", "l=-1:1"], "l = -1: begin the range at 0"),
        ([*NUMBERS, *AXES, "--plot", "a.gif"], "--plot a.gif: give a name that ends in .png"),
        ([*NUMBERS, *AXES, "-o", "no/such/a.csv"], "give a file in a folder that exists"),
    ],
)
def test_bad_input_gets_one_line(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_letters_that_the_pipeline_lacks_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "clean.toml"
    file.write_text(
        '[spectrum]\nkind = "power-law"\ndimension = 50\ncapacity = 2\n'
        '[target]\nkind = "source"\nsource = 1\n[downstream]\nsamples = 100\nridge = 0\n'
    )
    result = run(file, "a=1")
    assert result.exit_code == 2
    assert "a: this pipeline has no such exponent; leave it out" in result.stderr


def test_without_matplotlib_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
    result = run(*NUMBERS, *AXES, "--plot", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "pip install 'symcollapse[plot]'" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_all_letters() -> None:
    text = output_of("--help")
    for letter in ("l ", "a ", "b ", "q ", "nu ", "r ", "beta "):
        assert f"\n  {letter}" in text


def test_the_readme_s_rates_are_what_the_command_prints() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("$ symcollapse rates ")[2].partition("```")[0]
    command, _, output = block.partition("\n")
    assert output_of(*command.split()) == output


def test_a_letter_may_be_tied_to_another() -> None:
    """With d = φ₀·T₀ it is q = b: the same exponents as both given, and the sum says how it is tied."""
    tied = json.loads(output_of("q=b", "b=2", "--format", "json"))
    assert tied == json.loads(output_of("q=2", "b=2", "--format", "json"))
    assert tied != json.loads(output_of("q=1", "b=2", "--format", "json"))
    assert "\ntied        q = b\n" in output_of("q=b")
    # A ridge tied to a letter of any sign has its range said.
    assert "\ntied        l = a ≥ 0\n" in output_of("l=a")
    # What a file tells is put in: (2·2·3/8 + 1)^-1 = 2/5.
    told = json.loads(output_of("power-law", "l=1/(2*beta*r+1)", "--format", "json"))
    assert told["exponents"]["l"] == "2/5"


def test_a_diagram_with_a_tied_letter_is_that_of_its_numbers() -> None:
    scaling = Scaling(dimension=2, generation_samples=2, noise=0, capacity=2, source="3/8")
    rates = error_rates(read_problem("power-law", {}), scaling)
    request = rates_request(["power-law", "q=b", "nu=0", "a=1/2"], ["b=1/2:3", "l=0:3"])
    diagram = request.answer()[1]
    assert diagram is not None
    for number in range(1, 12):
        ridge = Fraction(number, 4)
        assert diagram.exponent_at(2, ridge) == rates.at(generations="1/2", ridge=ridge).exponent
    # The negative control: a dimension that is not tied.
    other = error_rates(read_problem("power-law", {}), scaling.at(dimension=1))
    assert diagram.exponent_at(2, 1) != other.at(generations="1/2", ridge=1).exponent


def test_outside_of_the_range_of_a_tied_letter_nothing_is_said() -> None:
    request = rates_request(["power-law", "l=a", "nu=0", "q=1"], ["a=-1:1", "b=1:3"])
    diagram = request.answer()[1]
    assert diagram is not None
    assert not diagram.is_optimised
    assert diagram.exponent_at(2, "-1/2") is None
    assert diagram.exponent_at(2, "1/2") is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["q=b", "b=q"], "q=b and b=q: q is given by itself; leave one of them out"),
        (["q=q+1"], "q=q + 1: q is given by itself; leave one of them out"),
        (["q=b", "--over", "a=0:1", "--over", "l=0:1"], "b: give a number, b=…"),
        (["l=b^(1/2)", *AXES], "l=b^(1/2): no roots or letters in powers"),
        (["l=2^b"], "l=2^b: no roots or letters in powers"),
        (["q=zeta"], "q=zeta: column 1: unknown name 'zeta'"),
        (["a=inf"], "a=inf: only -inf is an infinity that it may be"),
        (["a=b", *AXES], "a: both given and an axis; take one of the two"),
    ],
)
def test_a_tie_that_cannot_be_is_refused_in_one_line(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"symcollapse: {message}")
    assert result.stderr.count("\n") == 1


def test_a_tie_to_a_letter_that_the_pipeline_lacks_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clean.toml"
    file.write_text(
        '[spectrum]\nkind = "power-law"\ndimension = 300\ncapacity = 2\n'
        '[target]\nkind = "source"\nsource = 1\n'
        '[downstream]\nsamples = 100\nnoise = 1\nridge = "samples^(-1/2)"\n'
    )
    result = run(file, "q=2*b")
    assert result.exit_code == 2
    assert result.stderr == ("symcollapse: q=2*b: this pipeline has no exponent b; leave it out\n")
