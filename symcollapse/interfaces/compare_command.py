"""``symcollapse compare``: several problems in one table and one figure."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from symcollapse.interfaces.atomic_files import written_whole
from symcollapse.interfaces.comparison_plots import plot_comparison
from symcollapse.interfaces.comparison_tables import ENDINGS, FORMATS
from symcollapse.interfaces.comparisons import Simulated, compare_problems
from symcollapse.interfaces.one_line_group import FAILED
from symcollapse.interfaces.options import (
    plot_option,
    points_trials_option,
    seed_option,
    set_option,
    workers_option,
)
from symcollapse.interfaces.requested_points import requested_points
from symcollapse.interfaces.result_files import require_places
from symcollapse.language.errors import InvalidProblem


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--over",
    "sweeps",
    metavar="KEY=VALUES",
    multiple=True,
    help="A sweep that all problems share, as in curve; generations=0:50 counts generators.",
)
@set_option
@points_trials_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="How to print the table; plain by default.",
)
@plot_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the table: .txt, .md, .tex, .csv or .json. Without it, it goes to stdout.",
)
@seed_option
@workers_option
def compare(
    files: Sequence[str],
    sweeps: Sequence[str],
    settings: Sequence[str],
    trials: int | None,
    form: str | None,
    plot: Path | None,
    output: Path | None,
    seed: int,
    workers: int,
) -> int:
    """Set the test errors of several problem FILEs side by side, in one table and one figure.

    Without --over, one row for each problem: total = bias + variance + synthetic, κ of the tested fit, the exact total
    where a law is known that is exact at finite size, and the total in units of the least of all and of that of the
    first FILE. With --over, one row for each point, a column for each problem, and the one of least error.

    Keys are those of "symcollapse curve --help", and all problems have to have them. --over generations=0:50 sets how
    many generators come before the fit that is tested: the first so many of the file, the last entry repeated as long
    as need be. With --simulate, simulated means stand beside the formulas, with their standard errors.

    CSV and JSON hold every number with all digits, one row for each problem and point: problem, the keys, total, bias,
    variance, synthetic, clean, effective_ridge, exact_total, ratio_to_best, ratio_to_first, and, if simulated, mean
    and standard_error. Empty (null) is what there is no formula for. Tables that are read have six digits.

    A FILE that fails gets one line on stderr; the others stand. Exit status: 0, or 2 if one failed. In a figure there
    is one bar for each problem, made of the parts of its error, or with --over one curve for each.

    \b
    Example:
      symcollapse compare figure-1a figure-2a figure-2b
      symcollapse compare figure-2a figure-2b --over generations=0:5 --plot growth.png
      symcollapse compare figure-2a figure-2b --over downstream.ridge=1e-2:10:log:40 --simulate 50 -o both.csv
    """
    places = require_places(output, tuple(ENDINGS), plot)
    if output is not None and form is not None:
        raise InvalidProblem("--format: the name given to -o says the format; give one of the two")
    requested = requested_points(sweeps, settings)
    simulation = None if trials is None else Simulated(trials, seed, workers)
    comparison = compare_problems(files, requested, simulation)
    for failure in comparison.failures:
        click.echo(f"symcollapse: {' '.join(failure.split())}", err=True)
    if not comparison.compared:
        return FAILED
    if output is None:
        click.echo(FORMATS[form or "table"](comparison), nl=False)
    with ExitStack() as stack:
        written = {path: stack.enter_context(written_whole(path)) for path in places}
        for path, place in written.items():
            if path == plot:
                plot_comparison(place, path.suffix, comparison)
            else:
                text = FORMATS[ENDINGS[path.suffix.lower()]](comparison)
                place.write_text(text, encoding="utf-8")
    return FAILED if comparison.failures else 0
