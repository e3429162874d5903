"""``symcollapse experiment``: the figures of the field, made anew."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from symcollapse.experiments.catalogue import (
    EXPERIMENTS,
    Experiment,
    Request,
    named_experiments,
)
from symcollapse.experiments.digit_data import DigitData, fetch_digits, read_digits
from symcollapse.experiments.figure_records import figure_record
from symcollapse.experiments.figures import Scale
from symcollapse.interfaces.atomic_files import require_writable, written_whole
from symcollapse.interfaces.figure_files import (
    FIGURE_FORMATS,
    GAP_HEADERS,
    PAGE,
    PAGE_FORMATS,
    gallery_page,
    gap_rows,
    is_gallery_page,
    read_records,
    require_folder,
    write_figure,
)
from symcollapse.interfaces.options import seed_option, workers_option
from symcollapse.interfaces.plots import PLOT_FORMATS
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import show_table
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.optional_packages import require_packages

DEFAULT_FORMATS = "csv,json,png,pdf"
"""Formats without --format."""


@click.command()
@click.argument("names", metavar="[NAME|all]...", nargs=-1)
@click.option("--quick", is_flag=True, help="Within two minutes each on two cores.")
@click.option("--full", is_flag=True, help="As much as the paper drew; may take hours.")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the four IDX files of MNIST, gzipped or not.",
)
@click.option("--fetch", is_flag=True, help="Get MNIST from openml.org, by scikit-learn.")
@seed_option
@workers_option
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder to write to; this one by default. It is made if it is not there.",
)
@click.option(
    "--format",
    "forms",
    metavar="LIST",
    default=DEFAULT_FORMATS,
    show_default=True,
    help=f"Files to write, of {', '.join(FIGURE_FORMATS)}.",
)
def experiment(
    names: Sequence[str],
    quick: bool,  # noqa: FBT001 # click's own signature
    full: bool,  # noqa: FBT001
    data: Path | None,
    fetch: bool,  # noqa: FBT001
    seed: int,
    workers: int,
    folder: Path,
    forms: str,
) -> None:
    """Make figures of the field anew: measured, with the theory's curves laid over.

    Without a NAME the experiments are listed; "all" makes every one. Each writes its points (NAME.csv), a record of
    settings, seeds, versions and times (NAME.json) and pictures (NAME.png, NAME.pdf), all of them or none. What is
    printed is how far measured lies from theory, curve by curve, and what was found. The points depend on the seed,
    and not on the number of workers, which share the trials on drawn data.

    Experiments on digits take MNIST from --data or --fetch, else the 1797 digits that come with scikit-learn, and run in
    one process.

    "all" also writes a page, README.md, that shows all figures of the folder; later runs in that folder renew it.

    \b
    Example:
      symcollapse experiment
      symcollapse experiment figure-1a --quick -o figures
      symcollapse experiment figure-4-rbf --data mnist --full
      symcollapse experiment all --quick --workers 2 -o gallery
    """
    if not names:
        show_table(["name", "title", "needs"], [_listed(each) for each in EXPERIMENTS.values()])
        return
    if quick and full:
        raise InvalidProblem("--quick, --full: give one of the two, or neither")
    if fetch and data is not None:
        raise InvalidProblem("--data, --fetch: give one of the two")
    chosen = named_experiments(names)
    formats = _formats(forms)
    for each in chosen:
        each.require_packages()
    if any(f".{form}" in PLOT_FORMATS for form in formats):
        way_out = "give --format csv,json"
        require_packages("a picture", ["matplotlib"], "symcollapse[experiments]", way_out)
    require_folder(folder, [each.name for each in chosen], formats)
    has_page = _has_page(folder, formats, wanted="all" in names)
    scale: Scale = "quick" if quick else "full" if full else "standard"
    digits = _digits(chosen, data, fetch=fetch)
    done: list[str] = []
    try:
        for each in chosen:
            own = digits if each.uses_digits else None
            processes = 1 if each.uses_digits else workers
            command = _command(each, scale, seed, data, fetch=fetch)
            record = _make(each, Request(scale, seed, processes, own), command, folder, formats)
            done.append(each.name)
            _show(record, first=len(done) == 1)
            if has_page:
                _write_page(folder)
    except KeyboardInterrupt:
        kept = f"done and kept: {', '.join(done)}" if done else "nothing was written"
        raise KeyboardInterrupt(kept) from None


def _listed(each: Experiment) -> list[str]:
    needs = ["digits"] if each.uses_digits else []
    return [each.name, each.title, ", ".join([*needs, *(each.packages or {})])]


def _formats(text: str) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    for form in formats:
        if form not in FIGURE_FORMATS:
            known = ", ".join(FIGURE_FORMATS)
            raise InvalidProblem(f"--format: {shortened(form)!r} is none of {known}")
    return formats


def _has_page(folder: Path, formats: Sequence[str], *, wanted: bool) -> bool:
    """Whether to write the page: it is asked for, or there is one to renew."""
    page = folder / PAGE
    is_ours = page.exists() and is_gallery_page(page)
    if not (wanted or is_ours) or not set(formats) >= PAGE_FORMATS:
        return False
    if page.exists() and not is_ours:
        place = shortened(str(folder))
        raise InvalidProblem(
            f"-o {place}: the {PAGE} there is no gallery; give a folder of its own"
        )
    require_writable(page)
    return True


def _digits(chosen: Sequence[Experiment], data: Path | None, *, fetch: bool) -> DigitData | None:
    if not any(each.uses_digits for each in chosen):
        return None
    if fetch:
        return fetch_digits()
    if data is None:
        words = "no --data: the digits that come with scikit-learn stand in for MNIST"
        click.echo(f"symcollapse: {words}", err=True)
    return read_digits(data)


def _command(each: Experiment, scale: Scale, seed: int, data: Path | None, *, fetch: bool) -> str:
    """What makes the figure again, without the names of folders."""
    words = ["symcollapse experiment", each.name]
    words += [] if scale == "standard" else [f"--{scale}"]
    if each.uses_digits:
        words += ["--fetch"] if fetch else ["--data DIR"] if data is not None else []
    words += [] if seed == 1 else [f"--seed {seed}"]
    return " ".join(words)


def _make(
    each: Experiment, request: Request, command: str, folder: Path, formats: Sequence[str]
) -> dict[str, Any]:
    start = time.perf_counter()
    with progress_bar(each.name) as report:
        asked = Request(request.scale, request.seed, request.workers, request.data, report)
        figure = each.make(asked)
    seconds = time.perf_counter() - start
    record = figure_record(figure, request.scale, command, seconds, request.workers, request.data)
    write_figure(folder, figure, record, formats)
    return record


def _show(record: dict[str, Any], *, first: bool) -> None:
    if not first:
        click.echo()
    click.echo(f"{record['name']}: {record['title']}")
    if record["gaps"]:
        click.echo()
        show_table(GAP_HEADERS, gap_rows(record))
    if record["remarks"]:
        click.echo()
    for remark in record["remarks"]:
        click.echo(f"- {remark}")


def _write_page(folder: Path) -> None:
    with written_whole(folder / PAGE) as place:
        place.write_text(gallery_page(read_records(folder, EXPERIMENTS)), encoding="utf-8")
