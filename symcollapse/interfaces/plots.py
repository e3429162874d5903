"""Plots of curves, as PNG, SVG or PDF."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from symcollapse.interfaces.sweeps import WHOLE, Sweep, shortened
from symcollapse.language.optional_packages import require_packages

PLOT_FORMATS = (".png", ".svg", ".pdf")
"""Endings of --plot."""

PROBLEM = "problem"
"""Column that says which problem a row is about, where there are several."""

MOST_NAMED_COLOURS = 10
"""Curves up to which each has a colour of its own; more go along a map of colours."""

MOST_ENTRIES = 12
"""Entries of a legend; of more curves, some in between go without one."""

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
    require_packages("--plot", ["matplotlib"], "symcollapse[plot]")


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
    from matplotlib import colormaps
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    axis, families = sweeps[-1], sweeps[:-1]
    length = len(axis.values)
    count = len(rows) // length
    many = count > MOST_NAMED_COLOURS
    positions: Sequence[Any] = axis.numbers or axis.values

    def draw() -> Any:
        figure = Figure(figsize=(9.6 if many else 6.4, 4.2), dpi=160, layout="constrained")
        plot = figure.add_subplot()
        step = -(-(count - 1) // (MOST_ENTRIES - 1)) if count > MOST_ENTRIES else 1
        own: set[str] = set()
        for number in range(count):
            family = rows[number * length : (number + 1) * length]
            values = (_labelled(sweep.key, family[0][sweep.key]) for sweep in families)
            label = ", ".join(values) or "total"
            color = colormaps["viridis"](0.95 * number / (count - 1)) if many else f"C{number}"
            named = number % step == 0
            _draw(plot, positions, family, label if named else None, color, is_first=number == 0)
            if "asymptote" in family[0]:
                own |= _draw_asymptotes(plot, positions, family, color, is_alone=count == 1)
        _draw_clean(plot, positions, rows, length)
        if axis.is_logarithmic:
            plot.set_xscale("log")
        elif axis.key.rpartition(".")[2] in WHOLE and axis.numbers:
            # Between two numbers of generations there is none.
            plot.xaxis.set_major_locator(MaxNLocator(integer=True))
        if _spans_decades(rows):
            plot.set_yscale("log")
        # What a user wrote is no formula of matplotlib, dollars or not.
        plot.set_xlabel(axis.key, parse_math=False)
        plot.set_title(title, parse_math=False)
        plot.set_ylabel(r"test error  $\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2$")
        plot.grid(visible=True, which="major", color="0.9", linewidth=0.6)
        plot.set_axisbelow(True)
        for side in ("top", "right"):
            plot.spines[side].set_visible(False)
        # Beside the axes, a long legend hides no curve.
        beside: Any = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5)} if many else {}
        for entry in plot.legend(frameon=False, **beside).get_texts():
            entry.set_parse_math(entry.get_text() in own)
        return figure

    saved_figure(place, ending, draw)


def saved_figure(place: Path, ending: str, draw: Callable[[], Any]) -> None:
    """Save what a function draws, in the style of all plots; equal pictures are equal files.

    Example
    -------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saved_figure(Path(folder) / "a.svg", ".svg", Figure)
    ...     (Path(folder) / "a.svg").stat().st_size > 100
    True
    """
    from matplotlib import rc_context

    style: Any = {"font.size": 9, "axes.titlesize": 10, "legend.fontsize": 8}
    with rc_context({**style, "svg.hashsalt": "symcollapse", "svg.fonttype": "none"}):
        figure = draw()
        # The date of the drawing would make equal plots differ.
        dated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(ending.lower())
        with warnings.catch_warnings():
            # Such as a letter that the font lacks: the picture shows it as a box.
            warnings.simplefilter("ignore")
            figure.savefig(place, format=ending.lower()[1:], metadata=dated)


def _draw(
    plot: Any,
    positions: Sequence[Any],
    family: Sequence[Mapping[str, Any]],
    label: str | None,
    color: Any,
    *,
    is_first: bool,
) -> None:
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
            label="simulated, ± 2 standard errors" if is_first else None,
        )


ASYMPTOTES: Mapping[str, tuple[str, Any]] = {
    "bias": ("#AA3377", (0, (1, 1.2))),
    "variance": ("#D55E00", (0, (6, 2))),
    "synthetic": ("#009E73", (0, (6, 2, 1, 2))),
}
"""Colour and dashes of the asymptote of each part."""


def _draw_asymptotes(
    plot: Any,
    positions: Sequence[Any],
    family: Sequence[Mapping[str, Any]],
    color: Any,
    *,
    is_alone: bool,
) -> set[str]:
    """Beside one curve, the power law of each part; beside several, the sum of each curve.

    Returns the labels, which hold mathematics.
    """
    labels: set[str] = set()
    if not is_alone:
        values = _numbers(family, "asymptote")
        plot.plot(positions, values, color=color, linestyle=(0, (2, 1.5)), linewidth=1.1, zorder=3)
        return labels
    for part, (own, dashes) in ASYMPTOTES.items():
        values = _numbers(family, f"asymptote_{part}")
        shown = [(t, v) for t, v in zip(positions, values, strict=True) if v > 0]
        if len(shown) < 2:
            continue
        (start, first), (end, last) = shown[-2], shown[-1]
        slope = math.log(last / first) / math.log(end / start)
        label = rf"{part} $\sim T^{{{slope:.3g}}}$"
        style: Any = {"color": own, "linestyle": dashes, "linewidth": 1.3}
        plot.plot(*zip(*shown, strict=True), **style, label=label, zorder=3)
        labels.add(label)
    return labels


def _numbers(family: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    return [math.nan if row[name] is None else row[name] for row in family]


def _labelled(key: str, value: str) -> str:
    """A value with its key; a problem is known by its name."""
    return shortened(value) if key == PROBLEM else f"{key} = {_short(value)}"


def _short(value: str) -> str:
    """A number with four significant digits; anything else as it is, if not too long."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return shortened(value)


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
    finite = [value for value in shown if math.isfinite(value)]
    return bool(finite) and 0 < LOGARITHMIC_FROM * min(finite) <= max(finite)
