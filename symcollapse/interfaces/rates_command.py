"""``symcollapse rates``: how fast the test error decays over a power law, and its phase diagrams."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from symcollapse.interfaces.atomic_files import require_writable, written_whole
from symcollapse.interfaces.options import title_of
from symcollapse.interfaces.phase_plots import plot_phases
from symcollapse.interfaces.plots import PLOT_FORMATS, require_matplotlib
from symcollapse.interfaces.rates_requests import FIELDS, rates_request
from symcollapse.interfaces.rates_texts import (
    diagram_csv,
    rates_latex,
    rates_record,
    rates_text,
)
from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem
from symcollapse.scaling.phase_diagram import PhaseDiagram
from symcollapse.scaling.rates import Rates

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
    regression on their labels. Each LETTER stays a symbol, or is a number, such as 3/8, or an expression in other
    letters: q=b is a dimension in proportion to T₀, l=beta/(1+2*beta*r) the best ridge on real labels:

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

    A phase diagram needs two --over, and for each other letter that the pipeline has a number, or an expression in the
    letters of the axes; without one, l is the best at each point. Regions are exact: in each of them one term decides,
    with the exponent x that stands there.

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
      symcollapse rates q=b nu=0 beta=2 r=1/2
      symcollapse rates q=1 nu=0 b=2 beta=2 r=1/2 --over a=-1:3 --over l=0:3 --plot phases.png -o phases.csv
    """
    request = rates_request(given, ranges)
    _check_files(plot, output, request.axes)
    found, diagram = request.answer()
    click.echo(_written(found, diagram, form), nl=False)
    file = request.file
    title = "Least squares on T₀ ≥ d, n times; then ridge" if file is None else title_of(file)
    with ExitStack() as stack:
        places = {
            path: stack.enter_context(written_whole(path))
            for path in (plot, output)
            if path is not None
        }
        if plot is not None and diagram is not None:
            plot_phases(places[plot], plot.suffix, title, diagram, FIELDS[next(iter(request.axes))])
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
