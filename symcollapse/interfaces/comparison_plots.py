"""A comparison as one figure: bars made of the parts of each error, or one curve for each problem."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symcollapse.interfaces.comparisons import Comparison
from symcollapse.interfaces.plots import PROBLEM, plot_curve, saved_figure
from symcollapse.interfaces.sweeps import Sweep

PARTS: Mapping[str, str] = {"bias": "#4477AA", "variance": "#EECC66", "synthetic": "#CC3311"}
"""Colours of the parts of a bar."""

MOST_IN_A_TITLE = 3
"""Problems that a title names; more are counted."""


def plot_comparison(place: Path, ending: str, comparison: Comparison) -> None:
    """Draw a comparison.

    Parameters
    ----------
    place
        File to write.
    ending
        Its format: .png, .svg or .pdf.
    comparison
        What is drawn; what is missing is left out.

    Example
    -------
    >>> import tempfile
    >>> from symcollapse.interfaces.comparisons import compare_problems
    >>> from symcollapse.interfaces.requested_points import requested_points
    >>> found = compare_problems(["figure-1a", "power-law"], requested_points([], []))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plot_comparison(Path(folder) / "a.svg", ".svg", found)
    ...     (Path(folder) / "a.svg").stat().st_size > 1000
    True
    """
    names = [each.name for each in comparison.compared]
    title = " — ".join(names) if len(names) <= MOST_IN_A_TITLE else f"{len(names)} problems"
    rows = [
        {key: math.nan if value is None else value for key, value in row.items()}
        for row in comparison.rows
    ]
    if comparison.requested.sweeps:
        problems = Sweep(PROBLEM, tuple(names), is_logarithmic=False)
        plot_curve(place, ending, title, (problems, *comparison.requested.sweeps), rows)
    else:
        _plot_parts(place, ending, rows)


def _plot_parts(place: Path, ending: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """A bar for each problem, from the top down, made of the parts of its error."""
    # Half a second to load, and not installed everywhere.
    from matplotlib.figure import Figure

    def draw() -> Any:
        height = 1.2 + 0.42 * len(rows)
        figure = Figure(figsize=(6.4, height), dpi=160, layout="constrained")
        plot = figure.add_subplot()
        positions = range(len(rows))
        starts = [0.0] * len(rows)
        for part, color in PARTS.items():
            widths = [row[part] if math.isfinite(row[part]) else 0.0 for row in rows]
            plot.barh(positions, widths, left=starts, height=0.6, color=color, label=part)
            starts = [start + width for start, width in zip(starts, widths, strict=True)]
        if any(math.isfinite(row["exact_total"]) for row in rows):
            exact = [row["exact_total"] for row in rows]
            plot.plot(exact, positions, "|", color="k", markersize=13, label="exact total")
        if "mean" in rows[0]:
            plot.errorbar(
                [row["mean"] for row in rows],
                positions,
                xerr=[2 * row["standard_error"] for row in rows],
                fmt="o",
                color="0.25",
                markersize=3,
                capsize=3,
                linewidth=1,
                label="simulated, ± 2 standard errors",
            )
        for position, row in enumerate(rows):
            if math.isinf(row["total"]):
                plot.text(0, position, " infinite", va="center")
        # What a user wrote is no formula of matplotlib, dollars or not.
        plot.set_yticks(positions, [row[PROBLEM] for row in rows], parse_math=False)
        plot.invert_yaxis()
        plot.set_xlabel(r"test error  $\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2$")
        for side in ("top", "right"):
            plot.spines[side].set_visible(False)
        # Beside the axes, it hides no bar.
        figure.legend(frameon=False, loc="outside lower center", ncols=5)
        return figure

    saved_figure(place, ending, draw)
