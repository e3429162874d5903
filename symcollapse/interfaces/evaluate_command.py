"""``symcollapse evaluate``: the test error of a problem in numbers."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from symcollapse.interfaces.evaluations import Evaluation, quickest_evaluation
from symcollapse.interfaces.options import number_options, problem_argument, set_option
from symcollapse.interfaces.requested_points import requested_points
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import csv_text, show_table
from symcollapse.language.errors import SymcollapseError


@click.command()
@problem_argument
@set_option
@number_options(15)
@click.pass_context
def evaluate(
    context: click.Context,
    file: str,
    settings: tuple[str, ...],
    digits: int,
    form: str,
    *,
    certified: bool,
) -> None:
    """Evaluate the test error of the problem in FILE.

    Prints total = bias + variance + synthetic, in units of the squared labels:

    \b
    bias             without label noise; what synthetic data add to it is included
    variance         from the label noise of the tested (last) fit
    synthetic        from the label noise of all earlier generations
    clean            the total, if the same fit had real labels
    effective_ridge  κ of the tested fit, in units of the eigenvalues

    The numbers are deterministic equivalents, exact in the limit of many samples and features; where a law is known
    that is exact at finite size, its numbers stand beside them. "inf" means infinite. Over more than 1000 eigenvalues
    of a power law or an exponential spectrum 1000 digits take seconds, 3000 take minutes, and 3500 are the most.

    Where many fits share data the formula would be too long: unless --certified or more than 9 digits are asked for,
    the numbers come from state evolution then, with 9 digits, and "regime" says so: no proof stands behind them.

    JSON: one object with these names as decimal strings, digits, regime, exact (an object of the same names, or
    null), accuracy (null if every digit is proven; else the estimated error of each number over the total) and, if
    --certified, radius (an object of the same names) and exact_radius. CSV: the same in one row.

    \b
    Example:
      symcollapse evaluate figure-1a
      symcollapse evaluate figure-1b --digits 50 --certified --format json
      symcollapse evaluate figure-1a --set generations=10 --set downstream.ridge=1/10
    """
    (problem,) = requested_points([], settings).problems(file)
    is_default = context.get_parameter_source("digits") is click.core.ParameterSource.DEFAULT
    try:
        evaluation = quickest_evaluation(
            problem, None if is_default else digits, certified=certified
        )
    except SymcollapseError as error:
        raise type(error)(f"{shortened(Path(file).name)}: {error}") from None
    if form == "json":
        record = evaluation_record(evaluation, certified=certified)
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
    elif form == "csv":
        flat = _flat(evaluation, certified=certified)
        sys.stdout.write(csv_text(list(flat), [list(flat.values())]))
    else:
        _show(evaluation, certified=certified)


def evaluation_record(evaluation: Evaluation, *, certified: bool) -> dict[str, Any]:
    """The numbers as JSON has them.

    Example
    -------
    >>> (problem,) = requested_points([], []).problems("figure-1a")
    >>> record = evaluation_record(quickest_evaluation(problem, 9, certified=True), certified=True)
    >>> list(record)[6:]
    ['digits', 'regime', 'exact', 'accuracy', 'radius', 'exact_radius']
    """
    exact = evaluation.exact
    record: dict[str, Any] = {name: value.text for name, value in evaluation.values.items()}
    record["digits"] = evaluation.digits
    record["regime"] = evaluation.regime
    record["exact"] = exact and {name: value.text for name, value in exact.items()}
    record["accuracy"] = evaluation.accuracy
    if certified:
        record["radius"] = {name: value.radius for name, value in evaluation.values.items()}
        record["exact_radius"] = exact and {name: value.radius for name, value in exact.items()}
    return record


def _flat(evaluation: Evaluation, *, certified: bool) -> dict[str, Any]:
    """One row; the columns do not depend on the problem."""
    record = evaluation_record(evaluation, certified=certified)
    flat: dict[str, Any] = {
        name: value for name, value in record.items() if isinstance(value, str | int)
    }
    flat["accuracy"] = "" if evaluation.accuracy is None else evaluation.accuracy
    for kind in ("exact", "radius", "exact_radius"):
        if kind in record:
            names = [
                name for name in evaluation.values if kind == "radius" or name != "effective_ridge"
            ]
            flat |= {f"{kind}_{name}": (record[kind] or {}).get(name, "") for name in names}
    return flat


def _show(evaluation: Evaluation, *, certified: bool) -> None:
    headers = ["", "value"]
    columns = [evaluation.values]
    if evaluation.exact is not None:
        headers.append("exact at finite size")
        columns.append(evaluation.exact)
    rows = []
    for name in evaluation.values:
        row = [name]
        for column in columns:
            value = column.get(name)
            row.append(value.text if value is not None else "")
            if certified:
                row.append(f"± {value.radius}" if value is not None else "")
        rows.append(row)
    if certified:
        headers = [headers[0], *(part for header in headers[1:] for part in (header, "radius"))]
    show_table(headers, [*rows, ["regime", evaluation.regime, *[""] * (len(headers) - 2)]])
