"""Progress of long work: a bar on a terminal, nothing in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from symcollapse.simulation.trials import Progress as Report


@contextmanager
def progress_bar(what: str) -> Iterator[Report | None]:
    """A function to report to, or None where stderr is no terminal.

    Example
    -------
    >>> with progress_bar("trials") as report:
    ...     if report is not None:
    ...         report(1, 2)
    """
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
