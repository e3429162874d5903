"""Plots of curves, as PNG, SVG or PDF."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from symcollapse.interfaces.sweeps import Sweep
from symcollapse.language.errors import NotSupported

PLOT_FORMATS = (".png", ".svg", ".pdf")
"""Endings of --plot."""

LOGARITHMIC_FROM = 10
"""Ratio of the largest to the smallest error from which their axis is logarithmic."""


def require_matplotlib() -> None:
    """Say so at once if there is nothing to draw with.

    Raises
    ------
    NotSupported
        If matplotlib is not installed.

    Example
    -------
    >>> require_matplotlib()
    """
    if find_spec("matplotlib") is None:
        raise NotSupported(
            "--plot needs matplotlib; install it with: pip install 'symcollapse[plot]'"
        )


def plot_curve(
    place: Path,
    ending: str,
    title: str,
    sweeps: Sequence[Sweep],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Draw the test error over the last sweep, one curve for each combination of the others.

    Parameters
    ----------
    place
        File to write.
    ending
        Its format: .png, .svg or .pdf.
    title
        Title of the plot.
    sweeps
        As they were given; the rows are their cartesian product.
    rows
        Columns by name, with mean and standard_error if simulated.

    Example
    -------
    >>> import tempfile
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> rows = [{"a": "1", "total": 2.0, "clean": 1.0}, {"a": "2", "total": 3.0, "clean": 1.0}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plot_curve(Path(folder) / "a.svg", ".svg", "", [parse_sweep("a=1,2")], rows)
    ...     (Path(folder) / "a.svg").stat().st_size > 1000
    True
    """
    # Half a second to load, and not installed everywhere. A Figure of its own needs no display.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    axis, families = sweeps[-1], sweeps[:-1]
    length = len(axis.values)
    positions: Sequence[Any] = axis.numbers or axis.values
    style: Any = {"font.size": 9, "axes.titlesize": 10, "legend.fontsize": 8}
    with rc_context({**style, "svg.hashsalt": "symcollapse", "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4, 4.2), dpi=160, layout="constrained")
        plot = figure.add_subplot()
        for start in range(0, len(rows), length):
            family = rows[start : start + length]
            label = ", ".join(f"{sweep.key} = {family[0][sweep.key]}" for sweep in families)
            _draw(plot, positions, family, label or "total", start // length)
        _draw_clean(plot, positions, rows, length)
        if axis.is_logarithmic:
            plot.set_xscale("log")
        if _spans_decades(rows):
            plot.set_yscale("log")
        plot.set(
            xlabel=axis.key,
            ylabel=r"test error  $\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2$",
            title=title,
        )
        plot.grid(visible=True, which="major", color="0.9", linewidth=0.6)
        plot.set_axisbelow(True)
        for side in ("top", "right"):
            plot.spines[side].set_visible(False)
        plot.legend(frameon=False)
        # The date of the drawing would make equal plots differ.
        dated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(ending.lower())
        figure.savefig(place, format=ending.lower()[1:], metadata=dated)


def _draw(
    plot: Any,
    positions: Sequence[Any],
    family: Sequence[Mapping[str, Any]],
    label: str,
    number: int,
) -> None:
    color = f"C{number % 10}"
    mark = "o" if len(family) == 1 else ""
    totals = [row["total"] for row in family]
    plot.plot(positions, totals, color=color, label=label, linewidth=1.6, marker=mark)
    if "mean" in family[0]:
        plot.errorbar(
            positions,
            [row["mean"] for row in family],
            yerr=[2 * row["standard_error"] for row in family],
            fmt="o",
            markersize=3,
            color=color,
            linewidth=1,
            capsize=2,
            label="simulated, ± 2 standard errors" if number == 0 else None,
        )


def _draw_clean(
    plot: Any, positions: Sequence[Any], rows: Sequence[Mapping[str, Any]], length: int
) -> None:
    """The same fit on real labels, where that is one curve for all and not drawn already."""
    starts = range(0, len(rows), length)
    curves, drawn = (
        {tuple(row[name] for row in rows[start : start + length]) for start in starts}
        for name in ("clean", "total")
    )
    if len(curves) == 1 and not curves <= drawn:
        plot.plot(positions, *curves, color="0.4", linestyle="--", linewidth=1.2, label="clean")


def _spans_decades(rows: Sequence[Mapping[str, Any]]) -> bool:
    shown = [row[name] for row in rows for name in ("total", "clean")]
    finite = [value for value in shown if 0 < value < float("inf")]
    return len(finite) == len(shown) and max(finite) >= LOGARITHMIC_FROM * min(finite)
