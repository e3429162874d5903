"""``symcollapse curve``: the test error along keys of a problem file."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from symcollapse.interfaces.asymptotes import SWEPT, asymptotes
from symcollapse.interfaces.atomic_files import written_whole
from symcollapse.interfaces.curves import curve_points
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
from symcollapse.interfaces.result_files import CURVE_WRITERS, as_csv, require_places
from symcollapse.interfaces.simulated_points import simulated_points
from symcollapse.language.errors import InvalidProblem


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
    help="Write it: .csv, .json or .jsonl. Without it, CSV goes to stdout.",
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
    asymptote: bool,
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
    written = require_places(output, tuple(CURVE_WRITERS), plot)
    requested = requested_points(sweeps, settings)
    swept, points = requested.sweeps, requested.points
    if asymptote and swept[-1].key != SWEPT:
        raise InvalidProblem(f"--asymptote: give --over {SWEPT}=… as the last one")
    problems = requested.problems(file)
    with progress_bar("points") as report:
        results = curve_points(problems, report)
    rows = [{**point, **asdict(result)} for point, result in zip(points, results, strict=True)]
    if asymptote:
        length = len(swept[-1].values)
        families = [problems[start : start + length] for start in range(0, len(rows), length)]
        leading = [asdict(each) for family in families for each in asymptotes(family)]
        rows = [{**row, **numbers} for row, numbers in zip(rows, leading, strict=True)]
    if trials is not None:
        simulated = simulated_points(problems, trials, seed, workers)
        rows = [{**row, **numbers} for row, numbers in zip(rows, simulated, strict=True)]
    if output is None and plot is None:
        click.echo(as_csv(rows), nl=False)
    with ExitStack() as stack:
        places = {path: stack.enter_context(written_whole(path)) for path in written}
        for path, place in places.items():
            if path == plot:
                plot_curve(place, path.suffix, title_of(file), swept, rows)
            else:
                text = CURVE_WRITERS[path.suffix.lower()](rows)
                place.write_text(text, encoding="utf-8")
