"""``symcollapse simulate``: the test error of a problem by simulation."""

import json

import click

from symcollapse import simulation
from symcollapse.interfaces.options import (
    MOST_TRIALS,
    TABLE_OR_JSON,
    problem_argument,
    seed_option,
    workers_option,
)
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.tables import show_table
from symcollapse.language.problems import Problem


@click.command()
@problem_argument
@click.option(
    "--trials",
    type=click.IntRange(2, MOST_TRIALS),
    default=400,
    show_default=True,
    help="Independent runs of the whole pipeline.",
)
@seed_option
@workers_option
@click.option("--format", "form", type=TABLE_OR_JSON, default="table", show_default=True)
def simulate(file: str, trials: int, seed: int, workers: int, form: str) -> None:
    """Simulate the problem in FILE, with no formula in use.

    Each trial draws Gaussian data, runs every generation and the tested fit, and measures the excess risk
    ‖ŵ − w₀‖²_Σ, in units of the squared labels. Prints its mean, the standard error of the mean, the number of
    trials and the seed; JSON: one object {mean, standard_error, trials, seed}.

    \b
    Example:
      symcollapse simulate figure-1a --trials 200 --workers 2
    """
    problem = Problem.from_file(file)
    with progress_bar("trials") as report:
        result = simulation.simulate(problem, trials, seed, workers, report)
    record = {
        "mean": result.mean,
        "standard_error": result.standard_error,
        "trials": result.trials,
        "seed": result.seed,
    }
    if form == "json":
        click.echo(json.dumps(record, indent=2))
    else:
        show_table(["", "value"], [[name, repr(value)] for name, value in record.items()])
