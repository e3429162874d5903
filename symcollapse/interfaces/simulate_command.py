"""``symcollapse simulate``: the test error of a problem by simulation, or many along a path of ridges."""

import json
from typing import Any, get_args

import click

from symcollapse import simulation
from symcollapse.interfaces.options import (
    MOST_TRIALS,
    problem_argument,
    seed_option,
    workers_option,
)
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.simulated_paths import COLUMNS, path_rows, requested_path
from symcollapse.interfaces.tables import csv_text, show_table
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Problem
from symcollapse.simulation.runs import Route


@click.command()
@problem_argument
@click.option(
    "--ridges",
    metavar="VALUES",
    help="Ridges of the downstream fit, from the same draws: FROM:TO:log:N, FROM:TO:lin:N, or a,b,c.",
)
@click.option(
    "--generations",
    metavar="VALUES",
    help="With --ridges: how many of the generations come before, as 0,1,5 or 0:5.  [default: all]",
)
@click.option(
    "--trials",
    type=click.IntRange(2, MOST_TRIALS),
    default=400,
    show_default=True,
    help="Independent runs of the whole pipeline.",
)
@click.option(
    "--route",
    type=click.Choice(get_args(Route)),
    help='"plain" draws every sample; "sufficient" what fits see of them, of the same law, in less time.  '
    "[default: plain; with --ridges, sufficient]",
)
@click.option(
    "--arrays",
    metavar="WHERE",
    help="With --ridges: numpy, torch or torch:cuda solves many trials at once, there.",
)
@seed_option
@workers_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
def simulate(
    file: str,
    ridges: str | None,
    generations: str | None,
    trials: int,
    route: Route | None,
    arrays: str | None,
    seed: int,
    workers: int,
    form: str,
) -> None:
    """Simulate the problem in FILE, with no formula in use.

    Each trial draws Gaussian data, runs every generation and the tested fit, and measures the excess risk
    ‖ŵ − w₀‖²_Σ, in units of the squared labels. Prints its mean, the standard error of the mean, the number of
    trials and the seed; JSON: one object {mean, standard_error, trials, seed}.

    With --ridges, one row for each number of generations and each ridge: generations, ridge, mean, standard_error;
    JSON: an object {rows, trials, seed}. All rows come from the same draws, and each downstream design is factorised
    once for all of them.

    \b
    Example:
      symcollapse simulate figure-1a --trials 200 --workers 2
      symcollapse simulate figure-1a --ridges 1e-3:10:log:20 --generations 0,1,5
    """
    if ridges is not None:
        _simulate_path(file, ridges, generations, trials, route, arrays, seed, workers, form)
        return
    for option, given in (("--generations", generations), ("--arrays", arrays)):
        if given is not None:
            raise InvalidProblem(f"{option}: this is for a path of ridges; give --ridges, too")
    problem = Problem.from_file(file)
    with progress_bar("trials") as report:
        result = simulation.simulate(problem, trials, seed, workers, report, route=route or "plain")
    record: dict[str, Any] = {
        "mean": result.mean,
        "standard_error": result.standard_error,
        "trials": result.trials,
        "seed": result.seed,
    }
    if form == "json":
        click.echo(json.dumps(record, indent=2))
    elif form == "csv":
        click.echo(csv_text(list(record), [list(record.values())]), nl=False)
    else:
        show_table(["", "value"], [[name, repr(value)] for name, value in record.items()])


def _simulate_path(
    file: str,
    ridges: str,
    generations: str | None,
    trials: int,
    route: Route | None,
    arrays: str | None,
    seed: int,
    workers: int,
    form: str,
) -> None:
    requested = requested_path(file, ridges, generations)
    with progress_bar("trials") as report:
        path = simulation.simulate_ridge_path(
            requested.problem,
            requested.ridges,
            requested.generations,
            trials,
            seed,
            workers,
            report,
            route=route or "sufficient",
            arrays=arrays,
        )
    rows = path_rows(path)
    if form == "json":
        named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        record = {"rows": named, "trials": path.trials, "seed": path.seed}
        click.echo(json.dumps(record, indent=2))
    elif form == "csv":
        click.echo(csv_text(COLUMNS, rows), nl=False)
    else:
        show_table(COLUMNS, [[repr(value) for value in row] for row in rows])
