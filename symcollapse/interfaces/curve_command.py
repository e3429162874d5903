"""``symcollapse curve``: the test error along keys of a problem file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from symcollapse.evaluation.numbers import MOST_DIGITS
from symcollapse.interfaces.atomic_files import written_whole
from symcollapse.interfaces.curve_streams import CurveSettings, CurveStream
from symcollapse.interfaces.drawn_rows import DrawnRows
from symcollapse.interfaces.options import (
    plot_option,
    points_trials_option,
    problem_argument,
    seed_option,
    set_option,
    title_of,
    workers_option,
)
from symcollapse.interfaces.plots import plot_curve
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.requested_points import requested_points
from symcollapse.interfaces.result_files import (
    TABLE_FORMATS,
    Block,
    csv_blocks,
    csv_lines,
    require_places,
)
from symcollapse.interfaces.row_journals import Begin, RowJournal, open_journal
from symcollapse.interfaces.run_records import run_record, table_attributes
from symcollapse.interfaces.table_files import AT_A_TIME, Table, require_format, write_table
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problem_files import ProblemFile
from symcollapse.simulation import worker_pool

CERTIFIED_DIGITS = 15
"""Significant digits of certified numbers where none are asked for."""


@click.command()
@problem_argument
@click.option(
    "--over",
    "sweeps",
    metavar="KEY=VALUES",
    multiple=True,
    required=True,
    help="FROM:TO:log:N, FROM:TO:lin:N, or a,b,c. Give it several times for every combination.",
)
@set_option
@points_trials_option
@click.option(
    "--asymptote",
    is_flag=True,
    help="Add the leading power law of each part, with its constant.",
)
@plot_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it: .csv, .json, .jsonl, .parquet or .nc (NetCDF). Without it, CSV goes to stdout.",
)
@click.option("--resume", is_flag=True, help="Go on with the points that a killed run left.")
@click.option("--restart", is_flag=True, help="Drop the points that a killed run left.")
@click.option(
    "--digits",
    type=click.IntRange(1, MOST_DIGITS),
    help="Significant digits, every one of them right, instead of doubles.",
)
@click.option(
    "--certified",
    is_flag=True,
    help="Digits with a proven bound of the rounding error beside each number.",
)
@seed_option
@workers_option
def curve(
    file: str,
    sweeps: Sequence[str],
    settings: Sequence[str],
    trials: int | None,
    plot: Path | None,
    output: Path | None,
    seed: int,
    workers: int,
    *,
    digits: int | None,
    certified: bool,
    asymptote: bool,
    resume: bool,
    restart: bool,
) -> None:
    """Evaluate the problem in FILE along keys of the file, and draw it.

    Keys are dotted as in the file: downstream.ridge, downstream.samples, generations.0.repeat (entries are counted
    from 0), generations.0.spectrum.scale, … "generations" alone is the number of generators: the first so many of the
    file, the last entry repeated as long as need be. Points of a range are doubles; for keys that take integers they
    are rounded, and taken once, and FROM:TO is every integer. Values in a list may be expressions, such as
    samples^(-4/5), or words.

    Columns: the keys; total, bias, variance, synthetic, clean, effective_ridge (see "symcollapse evaluate --help");
    exact_total, by the exact finite-size law, where one is known; regime; and, if simulated, mean and
    standard_error. "inf" means infinite. Numbers have a relative error below 1e-12.

    With --asymptote, over a power law and with downstream.samples as the last --over, four more columns: asymptote,
    the sum of asymptote_bias, asymptote_variance and asymptote_synthetic, which are the leading powers of λ and T
    with their constants, for a ridge c·T^-l with l below, at or above the capacity. They are empty where the
    dimension is too small for them. Generators with a ridge, or with T₀ < d, have none.

    In a plot, the last --over is the horizontal axis, logarithmic if its range is; the others give one curve
    each. Simulated points have bars of two standard errors. Files are replaced only when all is done: after an
    error or Ctrl-C, what was there is still there.

    \b
    Example:
      symcollapse curve figure-1a --over downstream.ridge=1e-3:10:log:60 -o curve.csv
      symcollapse curve figure-1a --over generations.0.repeat=0,1,5 \\
          --over downstream.ridge=1e-2:10:log:40 --simulate 50 --plot curve.png
      symcollapse curve power-law --set generations.0.repeat=0 --set spectrum.dimension=inf \\
          --over downstream.samples=1e3:1e12:log:40 --asymptote --plot asymptote.png
    """
    written = require_places(output, TABLE_FORMATS, plot)
    require_format(output)
    if resume and restart:
        raise InvalidProblem("--resume, --restart: give one of the two")
    if output is None and (resume or restart):
        raise InvalidProblem("--resume, --restart: only a run with -o keeps what it has done")
    if certified and digits is None:
        digits = CERTIFIED_DIGITS
    requested = requested_points(sweeps, settings)
    problem_file = ProblemFile.read(file)
    asked = CurveSettings(digits, certified, asymptote, trials, seed, workers)
    stream = CurveStream(problem_file, requested, asked)
    stream.try_first()
    drawn = None if plot is None else DrawnRows(requested.sweeps)
    with ExitStack() as stack:
        places = {
            path: stack.enter_context(written_whole(path)) for path in written if path == plot
        }
        if output is None:
            for start, rows in _chunks(stream, 0):
                if drawn is None:
                    click.echo(csv_lines(rows, headed=start == 0), nl=False)
                else:
                    drawn.take(start, rows)
            _draw(drawn, places, file)
            return
        record = run_record(problem_file, requested, asked)
        begin: Begin = "resume" if resume else "restart" if restart else "anew"
        attributes = table_attributes(problem_file, requested)
        table = Table(stream.columns, requested.sweeps, attributes)
        if output.exists() and not output.is_file():
            # A device or a pipe, which has no place beside it.
            folder = Path(stack.enter_context(TemporaryDirectory()))
            with open_journal(folder / "rows", record, "anew") as journal:
                _fill(journal, stream, drawn)
                _draw(drawn, places, file)
                write_table(journal.rows, output, output.suffix.lower(), table)
            return
        with open_journal(output, record, begin) as journal:
            _fill(journal, stream, drawn)
            _draw(drawn, places, file)
            ending = output.suffix.lower()
            journal.finish(lambda rows, place: write_table(rows, place, ending, table))


def _fill(journal: RowJournal, stream: CurveStream, drawn: DrawnRows | None) -> None:
    """Put all rows that are missing into a journal."""
    if drawn is not None and journal.points:
        start = 0
        for block in csv_blocks(journal.rows, stream.columns, AT_A_TIME):
            drawn.take(start, block)
            start += len(next(iter(block.values())))
    for start, rows in _chunks(stream, journal.points):
        if drawn is not None:
            drawn.take(start, rows)
        count = len(next(iter(rows.values())))
        is_last = start + count == len(stream)
        journal.append(csv_lines(rows, headed=start == 0), count, is_last=is_last)


def _chunks(stream: CurveStream, start: int) -> Iterator[tuple[int, Block]]:
    """The rows from a point on, part by part, each with the number of its first point; a bar shows how far it is."""
    simulates = stream.settings.trials is not None
    with (
        progress_bar("points") as report,
        worker_pool(stream.settings.workers) if simulates else nullcontext() as pool,
    ):
        for rows in stream.chunks(start, report, pool):
            yield start, rows
            start += len(next(iter(rows.values())))


def _draw(drawn: DrawnRows | None, places: Mapping[Path, Path], file: str) -> None:
    """Draw what was kept for it."""
    if drawn is None:
        return
    for path, place in places.items():
        title = "\n".join(filter(None, (title_of(file), drawn.note)))
        plot_curve(place, path.suffix, title, drawn.sweeps, drawn.in_doubles())
