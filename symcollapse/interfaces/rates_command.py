"""``symcollapse rates``: how fast the test error decays over a power law, and its phase diagrams."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from sympy import Expr, Rational, oo

from symcollapse.interfaces.atomic_files import require_writable, written_whole
from symcollapse.interfaces.options import title_of
from symcollapse.interfaces.phase_plots import plot_phases
from symcollapse.interfaces.plots import PLOT_FORMATS, require_matplotlib
from symcollapse.interfaces.rates_texts import (
    WRITTEN,
    diagram_csv,
    rates_latex,
    rates_record,
    rates_text,
)
from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem, SymcollapseError
from symcollapse.language.expressions import parse_expression
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.theory.phase_diagram import PhaseDiagram, exponents_of, phase_diagram
from symcollapse.theory.rate_scalings import Scaling
from symcollapse.theory.rates import Rates, error_rates
from symcollapse.theory.test_errors import TestError, test_error

FIELDS: Mapping[str, str] = {letter: name for name, letter in WRITTEN.items()}
"""Fields of a scaling, by the letters of the command line."""

INFINITE: Mapping[str, tuple[str, Expr]] = {
    "l": ("inf", oo),
    "a": ("-inf", -oo),
    "q": ("inf", oo),
    "nu": ("inf", oo),
}
"""Letters that may be infinite, and how that is written."""

DATA_FORMATS = (".csv", ".json")
"""Endings of -o."""


@click.command()
@click.argument("given", metavar="[FILE] [LETTER=VALUE]...", nargs=-1)
@click.option(
    "--over",
    "ranges",
    metavar="LETTER=FROM:TO",
    multiple=True,
    help="An axis of a phase diagram; give two, the horizontal one first.",
)
@click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Draw the phase diagram: .png, .svg or .pdf.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the phase diagram as .csv, or everything as .json.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "latex", "json"]),
    default="text",
    show_default=True,
    help="How to print the rates.",
)
def rates(
    given: Sequence[str],
    ranges: Sequence[str],
    plot: Path | None,
    output: Path | None,
    form: str,
) -> None:
    """Give the rates at which the test error decays as T grows, over a power law.

    FILE tells the pipeline: how often labels were generated, on fresh or shared inputs, with T₀ ≥ d or T₀ < d samples,
    with or without ridge and noise; its power law and source condition tell beta and r, its dimension = "inf" that
    q = inf. Its other numbers do not matter. Without FILE: generations of least squares with T₀ ≥ d, and ridge
    regression on their labels. Each LETTER is a number, such as 3/8, or stays a symbol:

    \b
    l      ridge λ = T^-l, l >= 0; inf: no ridge
    a      n generations with label noise σ₀: n·σ₀² = T^a; -inf: none
    b      samples of each generation T₀ = T^b, b > 0
    q      dimension d = T^q, q >= 0; inf: infinite
    nu     label noise of the tested fit σ² = T^-nu; inf: none
    r      source, r > 0: coefficients c_j² = j^-(1 + beta·(2r - 1))
    beta   capacity, beta > 1: spectrum s_j = j^-beta

    Prints the exponent x of each term in error ~ T^-x, with the condition for a factor ln T; the least x, which
    decides; its scope, and the rates in other scopes; where the error vanishes; where terms exchange dominance; the
    best l and its x. All are exact, and derived from the formula of the error, see "symcollapse derive".

    A phase diagram needs two --over, and a number for each other letter that the pipeline has; without one, l is the
    best at each point. Regions are exact: in each of them one term decides, with the exponent x that stands there.

    JSON: regime; exponents (by letter); formulas (by term); pieces: scope, exponent, consistent, terms (name,
    exponent, logarithm), crossovers (equation, between, witness: a point on it); boundaries between the scopes;
    optimum: condition, exponent, smallest and largest best l; optimum_unknown: why there is none; and, with --over,
    diagram. Formulas are strings in the syntax of SymPy, with ell for l. CSV, and diagram in JSON: kind (region,
    outside: the formulas do not hold; borders: crossover, scope, consistency, outside; best ridge), terms, exponent,
    consistent, scope; the range of one letter, X_from to X_to, and between which functions of it the other one lies,
    Y_from to Y_to.

    \b
    Example:
      symcollapse rates
      symcollapse rates power-law nu=0 q=1 --format latex
      symcollapse rates q=1 nu=0 b=2 beta=2 r=1/2 --over a=-1:3 --over l=0:3 --plot phases.png -o phases.csv
    """
    file, settings = _split(given)
    axes = _axes(ranges)
    _check_files(plot, output, axes)
    error, exponents = _pipeline(file)
    exponents |= {FIELDS[letter]: value for letter, value in settings.items()}
    _check_letters(error, [*settings, *axes])
    try:
        found = error_rates(error, Scaling(**exponents))
        diagram = _diagram(error, exponents, axes) if axes else None
    except SymcollapseError as failure:
        raise type(failure)(_in_letters(str(failure))) from None
    click.echo(_written(found, diagram, form), nl=False)
    title = "Least squares on T₀ ≥ d, n times; then ridge" if file is None else title_of(file)
    with ExitStack() as stack:
        places = {
            path: stack.enter_context(written_whole(path))
            for path in (plot, output)
            if path is not None
        }
        if plot is not None and diagram is not None:
            plot_phases(places[plot], plot.suffix, title, diagram, FIELDS[next(iter(axes))])
        if output is not None:
            is_table = output.suffix.lower() == ".csv" and diagram is not None
            text = (
                diagram_csv(diagram)
                if is_table and diagram is not None
                else _written(found, diagram, "json")
            )
            places[output].write_text(text, encoding="utf-8")


def _written(found: Rates, diagram: PhaseDiagram | None, form: str) -> str:
    match form:
        case "json":
            record = rates_record(found, diagram)
            return json.dumps(record, indent=2, ensure_ascii=False) + "\n"
        case "latex":
            return rates_latex(found)
        case _:
            return rates_text(found)


def _split(given: Sequence[str]) -> tuple[str | None, dict[str, Expr]]:
    """The file and the letters."""
    texts = list(given)
    file = None
    if texts and (not re.match(r"\w+\s*=", texts[0]) or Path(texts[0]).is_file()):
        file = texts.pop(0)
    settings: dict[str, Expr] = {}
    for text in texts:
        letter, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise InvalidProblem(f"{shortened(text)}: give LETTER=VALUE, and FILE before it")
        _require_letter(letter)
        if letter in settings:
            raise InvalidProblem(f"{letter}: set twice; give it once")
        word, infinite = INFINITE.get(letter, ("", oo))
        settings[letter] = infinite if value == word else _number(f"{letter}={value}", value)
    return file, settings


def _require_letter(letter: str) -> None:
    if letter not in FIELDS:
        raise InvalidProblem(f"{shortened(letter)}: no exponent; give some of {', '.join(FIELDS)}")


def _number(text: str, value: str) -> Rational:
    try:
        number = parse_expression(value, {})
    except InvalidProblem as error:
        raise InvalidProblem(f"{shortened(text)}: {error}") from None
    if not isinstance(number, Rational):
        raise InvalidProblem(f"{shortened(text)}: give a rational number such as 3/8")
    return number


def _axes(ranges: Sequence[str]) -> dict[str, tuple[Rational, Rational]]:
    axes: dict[str, tuple[Rational, Rational]] = {}
    for text in ranges:
        letter, equals, ends = (part.strip() for part in text.partition("="))
        low, colon, high = ends.partition(":")
        if not (equals and colon and low.strip() and high.strip()) or ":" in high:
            raise InvalidProblem(f"{shortened(text)}: give --over LETTER=FROM:TO")
        _require_letter(letter)
        if letter in axes:
            raise InvalidProblem(f"{letter}: twice an axis; give two different letters")
        axes[letter] = _number(text, low), _number(text, high)
    if len(axes) not in (0, 2):
        raise InvalidProblem(f"--over: {len(axes)} given; a phase diagram has two axes")
    return axes


def _check_files(plot: Path | None, output: Path | None, axes: Mapping[str, Any]) -> None:
    for option, path, known in (("--plot", plot, PLOT_FORMATS), ("-o", output, DATA_FORMATS)):
        if path is None:
            continue
        ending, shown = path.suffix.lower(), shortened(str(path))
        if ending not in known:
            raise InvalidProblem(f"{option} {shown}: give a name that ends in {', '.join(known)}")
        if not axes and ending != ".json":
            raise InvalidProblem(f"{option} {shown}: needs two axes; give --over LETTER=FROM:TO")
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InvalidProblem(f"{option} {shown}: give a file in a folder that exists")
        require_writable(path)
    if plot is not None:
        require_matplotlib()


def _pipeline(file: str | None) -> tuple[TestError, dict[str, Any]]:
    """The test error, and the exponents that the file tells."""
    if file is None:
        # Only the chain counts, not its numbers.
        generation = Generation(600, noise=1, repeat=5)
        fit = Downstream(1000, noise=1, ridge=1)
        return test_error(
            Problem(PowerLawSpectrum(300, 2), SourceTarget(1), (generation,), fit)
        ), {}
    problem = Problem.from_file(file)
    shown = shortened(Path(file).name)
    spectrum, target = problem.spectrum, problem.target
    if not isinstance(spectrum, PowerLawSpectrum):
        raise InvalidProblem(f'{shown}: rates need spectrum.kind = "power-law"')
    if not isinstance(target, SourceTarget):
        raise InvalidProblem(f'{shown}: rates need target.kind = "source"')
    exponents: dict[str, Any] = {"capacity": spectrum.capacity, "source": target.source}
    if spectrum.dimension == oo:
        exponents["dimension"] = oo
    return test_error(problem), exponents


def _check_letters(error: TestError, letters: Sequence[str]) -> None:
    held = exponents_of(error)
    for letter in letters:
        if FIELDS[letter] not in held:
            raise InvalidProblem(f"{letter}: this pipeline has no such exponent; leave it out")
        if letters.count(letter) > 1:
            raise InvalidProblem(f"{letter}: both a number and an axis; give one of the two")


def _diagram(
    error: TestError, exponents: Mapping[str, Any], axes: Mapping[str, tuple[Rational, Rational]]
) -> PhaseDiagram:
    held = exponents_of(error)
    chosen = dict(exponents)
    for name, letter in WRITTEN.items():
        if name not in held:
            chosen[name] = UNUSED[name]
        elif name not in chosen and letter not in axes and name != "ridge":
            raise InvalidProblem(
                f"{letter}: give a number, {letter}=…; only the axes and l need none"
            )
    return phase_diagram(
        error, Scaling(**chosen), {FIELDS[letter]: ends for letter, ends in axes.items()}
    )


REGIMES: Mapping[str, tuple[str, str]] = {
    "T_0 >= d": ("b >= q", "T_0 < d"),
    "T_0 < d": ("b <= q", "T_0 >= d"),
    "T >= d": ("q <= 1", "T < d"),
    "T < d": ("q >= 1", "T >= d"),
}
"""What to give on each side of the dimension."""

UNUSED: Mapping[str, Any] = {"ridge": oo, "generations": 0, "generation_samples": 1, "noise": 0}
"""Numbers for exponents that a pipeline does not have; the result does not depend on them."""


def _in_letters(message: str) -> str:
    """An error of the theory with the letters of the command line."""
    for name, letter in WRITTEN.items():
        if re.match(rf"{name}\b", message):
            return letter + message.removeprefix(name)
    for regime, (sizes, other) in REGIMES.items():
        if message.startswith(f"derived for {regime};"):
            return f"the formulas hold for {regime}: give {sizes}, or a FILE with {other}"
    return message
