"""``symcollapse optimum``: the ridge, weights or samples that minimise the test error of a problem, certified."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from symcollapse.evaluation import Evaluated
from symcollapse.interfaces.options import number_options, problem_argument
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import csv_text, show_table
from symcollapse.interfaces.tuned_settings import show_settings, tuned_settings
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.problems import Problem
from symcollapse.optima.certified_optimum import CertifiedOptimum, RidgeChoice, certified_optimum

KEYS = ("ridge", "real_weight", "real_weights", "samples")
"""What can be tuned."""


@click.command()
@problem_argument
@click.option(
    "--tune",
    "key",
    type=click.Choice(KEYS),
    default="ridge",
    show_default=True,
    help="What to tune: the ridge of the tested fit; the weight of real labels, the same in every generation; such "
    "weights, one per generation; the samples of all fits.",
)
@click.option(
    "--budget", type=click.IntRange(min=1), help="Samples of all fits together, for --tune samples."
)
@number_options(10)
def optimum(
    file: str, key: str, budget: int | None, digits: int, form: str, *, certified: bool
) -> None:
    """Find the ridge, weights of real labels, or samples that minimise the test error of the problem in FILE.

    Without --tune the ridge λ of the tested fit is tuned: that of [downstream] or, without it, of the last generation
    (of a repeated one, of its last repetition). All other ridges stay as the file has them. Prints λ, the test error
    there, its price (over the least error) and its excess in percent, for three ridges:

    \b
    optimal    minimises the error of this problem
    classical  minimises the error of the same fit on real labels, no generations
    own        is the one in the file

    Below are, for the optimal ridge: a bracket that contains it for certain, κ, the parts of the error, the error of the
    null predictor (λ = inf), and what is proven. Ridges from 0 to inf, both included, are searched in ball arithmetic;
    the minimum is global unless the last line says otherwise (as where the tested fit shares data with earlier fits:
    then ridges are searched). "0" is no ridge, "inf" means that predicting 0 is best.

    JSON: one object with ridge, bracket (two), effective_ridge, total, bias, variance, synthetic, null_risk as decimal
    strings; classical and own (objects of ridge, total, price, excess_percent); digits, is_global, unresolved (ranges
    of λ), intervals, certificate and, if --certified, radius (an object). CSV: the same in one row.

    --tune real_weight, real_weights and samples print settings side by side: the best; for weights, all labels synthetic
    (0), all real (1), the golden ratio, the file's own, and the best of all real numbers, or the best weight for all; for
    samples, the equal split and the file's own proportions. JSON: one object with tune, best, settings (objects of name,
    setting, total, price, excess_percent), what is known of the best one, digits, is_global and certificate. CSV: one
    row for each setting.

    \b
    Example:
      symcollapse optimum figure-1a
      symcollapse optimum figure-1b --digits 50 --certified --format json
      symcollapse optimum figure-1a --tune real_weight
      symcollapse optimum figure-1a --tune samples --budget 10000
    """
    problem = Problem.from_file(file)
    if budget is not None and key != "samples":
        raise click.UsageError("--budget is for --tune samples")
    if key != "ridge":
        try:
            settings = tuned_settings(problem, key, digits, budget)
        except SymcollapseError as error:
            raise type(error)(f"{shortened(Path(file).name)}: {error}") from None
        show_settings(settings, form, certified=certified)
        return
    with progress_bar("intervals of κ") as progress:
        try:
            found = certified_optimum(problem, digits, progress)
        except SymcollapseError as error:
            raise type(error)(f"{shortened(Path(file).name)}: {error}") from None
    if form == "json":
        click.echo(
            json.dumps(optimum_record(found, certified=certified), indent=2, ensure_ascii=False)
        )
    elif form == "csv":
        flat = _flat(optimum_record(found, certified=certified))
        sys.stdout.write(csv_text(list(flat), [list(flat.values())]))
    else:
        _show(found, certified=certified)


def _numbers(found: CertifiedOptimum) -> dict[str, Evaluated]:
    return {
        "ridge": found.ridge,
        "effective_ridge": found.effective_ridge,
        **found.parts,
        "null_risk": found.null_risk,
    }


def _of_choice(choice: RidgeChoice) -> dict[str, Evaluated]:
    return {
        "ridge": choice.ridge,
        "total": choice.total,
        "price": choice.price,
        "excess_percent": choice.excess,
    }


def optimum_record(found: CertifiedOptimum, *, certified: bool) -> dict[str, Any]:
    """The numbers as JSON has them.

    Example
    -------
    >>> record = optimum_record(certified_optimum(Problem.from_file("figure-1a")), certified=True)
    >>> record["ridge"], record["bracket"]
    ('0.1194733804', ['0.119473380414379', '0.119473380414380'])
    """
    numbers = _numbers(found)
    choices = {"classical": _of_choice(found.classical), "own": _of_choice(found.own)}
    record: dict[str, Any] = {name: value.text for name, value in numbers.items()}
    record["bracket"] = list(found.bracket)
    for name, choice in choices.items():
        record[name] = {key: value.text for key, value in choice.items()}
    record["digits"] = found.digits
    record["is_global"] = found.is_global
    record["unresolved"] = [list(ends) for ends in found.unresolved]
    record["intervals"] = found.intervals
    record["certificate"] = found.certificate
    if certified:
        record["radius"] = {name: value.radius for name, value in numbers.items()}
        for name, choice in choices.items():
            record["radius"][name] = {key: value.radius for key, value in choice.items()}
    return record


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """One row; the columns do not depend on the problem."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name == "bracket":
            flat["bracket_low"], flat["bracket_high"] = value
        elif name == "unresolved":
            flat[name] = " ".join(f"{low}..{high}" for low, high in value)
        elif isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}_")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _show(found: CertifiedOptimum, *, certified: bool) -> None:
    def cells(values: list[Evaluated | None]) -> list[str]:
        texts = []
        for value in values:
            texts.append("" if value is None else value.text)
            if certified:
                texts.append("" if value is None else f"± {value.radius}")
        return texts

    headers = ["ridge", "test error", "price", "excess, %"]
    if certified:
        headers = [part for header in headers for part in (header, "radius")]
    one, none = Evaluated("1", "0", found.digits), Evaluated("0", "0", found.digits)
    rows = [["optimal", *cells([found.ridge, found.parts["total"], one, none])]]
    for name, choice in (("classical", found.classical), ("own", found.own)):
        rows.append([name, *cells([choice.ridge, choice.total, choice.price, choice.excess])])
    show_table(["", *headers], rows)
    click.echo()
    details = [
        [name, *cells([value])]
        for name, value in _numbers(found).items()
        if name not in ("ridge", "total")
    ]
    blank = [""] if certified else []
    details.append(["bracket", f"{found.bracket[0]} … {found.bracket[1]}", *blank])
    details.append(["proven", found.certificate, *blank])
    show_table(["", "at the optimal ridge", *(["radius"] if certified else [])], details)
