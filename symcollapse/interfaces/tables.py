"""Tables and CSV as text; no digit is ever cut."""

import csv
import io
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table


def show_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: with lines on a terminal that is wide enough, else plain.

    Example
    -------
    >>> show_table(["name", "value"], [["total", "0.25"]])
    name   value
    total  0.25
    """
    plain = plain_table(headers, rows)
    if sys.stdout.isatty():
        console = Console()
        lined = Table()
        for header in headers:
            lined.add_column(header, no_wrap=True)
        for row in rows:
            lined.add_row(*row)
        # Rich would shorten what does not fit.
        if Console(width=10**6).measure(lined).maximum <= console.width:
            console.print(lined, markup=False, highlight=False)
            return
    sys.stdout.write(plain)


def plain_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, two spaces apart.

    Example
    -------
    >>> plain_table(["name", "value"], [["total", "0.25"]])
    'name   value\\ntotal  0.25\\n'
    """
    lines = [tuple(headers), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def csv_text(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Comma-separated values, one line for each row.

    Example
    -------
    >>> csv_text(["a", "b"], [[1, "x, y"]])
    'a,b\\n1,"x, y"\\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return buffer.getvalue()
