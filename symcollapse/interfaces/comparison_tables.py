"""A comparison as one table: plain, Markdown, LaTeX, CSV or JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symcollapse.interfaces.comparisons import Comparison
from symcollapse.interfaces.plots import PROBLEM
from symcollapse.interfaces.result_files import as_csv, as_json
from symcollapse.interfaces.tables import plain_table

DIGITS = 6
"""Significant digits in tables that are read by people."""

HEADINGS: Mapping[str, str] = {
    PROBLEM: "problem",
    "total": "total",
    "bias": "bias",
    "variance": "variance",
    "synthetic": "synthetic",
    "effective_ridge": "κ",
    "exact_total": "exact total",
    "ratio_to_best": "total/best",
    "ratio_to_first": "total/first",
}
"""Columns of a comparison without a sweep."""


@dataclass(frozen=True)
class ReadableTable:
    """Headers and cells."""

    headers: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def readable_table(comparison: Comparison) -> ReadableTable:
    """The comparison as it is read: problems downwards, or, along a sweep, points downwards and problems across.

    Example
    -------
    >>> from symcollapse.interfaces.comparisons import compare_problems
    >>> from symcollapse.interfaces.requested_points import requested_points
    >>> swept = requested_points(["generations=0,5"], [])
    >>> readable_table(compare_problems(["figure-1a", "power-law"], swept)).cells
    (('0', '0.0555277', '0.00160133', 'power-law'), ('5', '0.183039', '0.0387661', 'power-law'))
    """
    if comparison.requested.sweeps:
        return _along_a_sweep(comparison)
    rows = comparison.rows
    shown = [
        key for key in HEADINGS if key != "exact_total" or any(row[key] is not None for row in rows)
    ]
    headers = [HEADINGS[key] for key in shown]
    cells = [[_cell(row[key]) for key in shown] for row in rows]
    if "mean" in rows[0]:
        headers.append("simulated")
        for row, line in zip(rows, cells, strict=True):
            line.append(_measured(row))
    return ReadableTable(tuple(headers), tuple(map(tuple, cells)))


def _along_a_sweep(comparison: Comparison) -> ReadableTable:
    names = [each.name for each in comparison.compared]
    points = comparison.requested.points
    rows = comparison.rows
    keys = list(points[0])
    simulated = "mean" in rows[0]
    headers = [*keys, *names, *(f"{name} simulated" for name in names if simulated), "least"]
    cells = []
    for position, point in enumerate(points):
        here = rows[position :: len(points)]
        line = [*point.values(), *(_cell(row["total"]) for row in here)]
        line += [_measured(row) for row in here if simulated]
        least = [row[PROBLEM] for row in here if row["ratio_to_best"] == 1]
        cells.append((*line, ", ".join(least)))
    return ReadableTable(tuple(headers), tuple(cells))


def as_text(comparison: Comparison) -> str:
    """Columns side by side."""
    table = readable_table(comparison)
    return plain_table(table.headers, table.cells)


def as_markdown(comparison: Comparison) -> str:
    """A table in Markdown."""
    table = readable_table(comparison)
    lines = [table.headers, ("---",) * len(table.headers), *table.cells]
    escaped = [[cell.replace("\\", "\\\\").replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)


LATEX_CHARACTERS: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "κ": r"$\kappa$",
    "±": r"$\pm$",
    "…": r"\ldots{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
"""Characters that LaTeX reads otherwise, or lacks."""


def as_latex(comparison: Comparison) -> str:
    """A tabular that needs no package."""
    table = readable_table(comparison)

    def line(cells: Sequence[str]) -> str:
        written = ("".join(LATEX_CHARACTERS.get(sign, sign) for sign in cell) for cell in cells)
        return " & ".join(written) + r" \\"

    columns = "l" + "r" * (len(table.headers) - 1)
    body = [line(cells) for cells in table.cells]
    rows = [rf"\begin{{tabular}}{{{columns}}}", r"\hline", line(table.headers), r"\hline", *body]
    return "\n".join([*rows, r"\hline", r"\end{tabular}"]) + "\n"


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "table": as_text,
    "json": lambda comparison: as_json(comparison.rows),
    "csv": lambda comparison: as_csv(comparison.rows),
    "markdown": as_markdown,
    "latex": as_latex,
}
"""How a comparison is printed."""

ENDINGS: Mapping[str, str] = {
    ".txt": "table",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".tex": "latex",
}
"""Format of a file by its ending."""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def _measured(row: Mapping[str, Any]) -> str:
    if row["mean"] is None:
        return ""
    return f"{row['mean']:.{DIGITS}g} ± {row['standard_error']:.2g}"
