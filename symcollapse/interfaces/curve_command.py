"""``symcollapse curve``: the test error along keys of a problem file."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from symcollapse.interfaces.asymptotes import SWEPT, asymptotes
from symcollapse.interfaces.atomic_files import require_writable, written_whole
from symcollapse.interfaces.curves import curve_points
from symcollapse.interfaces.options import (
    MOST_TRIALS,
    problem_argument,
    seed_option,
    title_of,
    workers_option,
)
from symcollapse.interfaces.plots import PLOT_FORMATS, plot_curve, require_matplotlib
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.sweeps import parse_settings, parse_sweep, points_of, shortened
from symcollapse.interfaces.tables import csv_text
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Problem
from symcollapse.simulation import plan_of, simulate, worker_pool

TABLE_FORMATS = (".csv", ".json", ".jsonl")
"""Endings of -o."""


WORDS = ("title", "description")
"""Keys of the file that no number depends on."""


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
@click.option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True, help="Another value for a key."
)
@click.option(
    "--simulate",
    "trials",
    metavar="TRIALS",
    type=click.IntRange(2, MOST_TRIALS),
    help="Simulate each point by so many trials.",
)
@click.option(
    "--asymptote",
    is_flag=True,
    help="Add the leading power law of each part, with its constant.",
)
@click.option(
    "--plot", metavar="FILE", type=click.Path(path_type=Path), help="Draw it: .png, .svg or .pdf."
)
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
    from 0), spectrum.capacity, … Points of a range are doubles; for keys that take integers they are rounded, and
    taken once. Values in a list may be expressions, such as samples^(-4/5), or words.

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
    writers = _writers(output, plot)
    swept = [parse_sweep(sweep) for sweep in sweeps]
    fixed = parse_settings(settings)
    for sweep in swept:
        if sweep.key in fixed:
            key = shortened(sweep.key)
            raise InvalidProblem(f"{key}: both swept and set; give one of the two")
    for key in (*(sweep.key for sweep in swept), *fixed):
        if key in WORDS:
            raise InvalidProblem(f"{key}: the test error does not depend on it; give another key")
    if asymptote and swept[-1].key != SWEPT:
        raise InvalidProblem(f"--asymptote: give --over {SWEPT}=… as the last one")
    points = points_of(swept)
    problems = []
    with progress_bar("problems") as report:
        for point in points:
            problems.append(Problem.from_file(file, {**fixed, **point}))
            if report is not None:
                report(len(problems), len(points))
    with progress_bar("points") as report:
        results = curve_points(problems, report)
    rows = [{**point, **asdict(result)} for point, result in zip(points, results, strict=True)]
    if asymptote:
        length = len(swept[-1].values)
        families = [problems[start : start + length] for start in range(0, len(rows), length)]
        leading = [asdict(each) for family in families for each in asymptotes(family)]
        rows = [{**row, **numbers} for row, numbers in zip(rows, leading, strict=True)]
    if trials is not None:
        simulated = _simulated(problems, trials, seed, workers)
        rows = [{**row, **numbers} for row, numbers in zip(rows, simulated, strict=True)]
    if output is None and plot is None:
        click.echo(_as_csv(rows), nl=False)
    with ExitStack() as stack:
        places = {path: stack.enter_context(written_whole(path)) for path in writers}
        for path, place in places.items():
            if path == plot:
                plot_curve(place, path.suffix, title_of(file), swept, rows)
            else:
                place.write_text(writers[path](rows), encoding="utf-8")


def _simulated(
    problems: Sequence[Problem], trials: int, seed: int, workers: int
) -> list[dict[str, float]]:
    for problem in problems:
        # What cannot be simulated is refused before anything is.
        plan_of(problem)
    results = []
    with progress_bar("trials") as report, worker_pool(workers) as pool:
        for position, problem in enumerate(problems):
            count = trials * len(problems)

            def shift(done: int, _: int, before: int = position * trials, of: int = count) -> None:
                if report is not None:
                    report(before + done, of)

            result = simulate(problem, trials, seed, workers, shift, pool=pool)
            results.append({"mean": result.mean, "standard_error": result.standard_error})
    return results


def _writers(
    output: Path | None, plot: Path | None
) -> Mapping[Path, Callable[[list[dict[str, Any]]], str]]:
    """What is written where; whatever is wrong with that is said before the work."""
    writers: dict[Path, Callable[[list[dict[str, Any]]], str]] = {}
    for option, path, known in (("-o", output, TABLE_FORMATS), ("--plot", plot, PLOT_FORMATS)):
        if path is None:
            continue
        ending, shown = path.suffix.lower(), shortened(str(path))
        if ending not in known:
            raise InvalidProblem(f"{option} {shown}: give a name that ends in {', '.join(known)}")
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InvalidProblem(f"{option} {shown}: give a file in a folder that exists")
        require_writable(path)
        writers[path] = {".json": _as_json, ".jsonl": _as_json_lines}.get(ending, _as_csv)
    if plot is not None:
        require_matplotlib()
    return writers


def _as_csv(rows: list[dict[str, Any]]) -> str:
    def cell(value: Any) -> str:
        if value is None:
            return ""
        return repr(value) if isinstance(value, float) else str(value)

    return csv_text(list(rows[0]), [[cell(value) for value in row.values()] for row in rows])


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps([_plain(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def _as_json_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in rows)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no infinity."""
    return {
        key: "inf" if isinstance(value, float) and math.isinf(value) else value
        for key, value in row.items()
    }
