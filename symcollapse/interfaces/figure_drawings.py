"""Figures of experiments, as PNG, SVG or PDF: theory in broken lines, measured points with their errors."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symcollapse.experiments.figures import Curve, Figure, Panel
from symcollapse.interfaces.plots import saved_figure

DISTINCT = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D1F",
)  # fmt: skip
"""Colours that readers with any colour vision tell apart (those of Okabe and Ito, yellow made brown)."""

MARKERS = "os^DvPX<>p"
"""Each curve has a mark of its own, for readers without colours."""

PANELS_IN_A_ROW = 3
"""Most panels side by side; four stand two by two."""

PANEL_SIZE = (3.5, 3.0)
"""Inches."""

LONGEST_BAR = 2.0
"""How many times below the lowest point an error bar may reach on a logarithmic axis, before it is cut."""

FEW_DECADES = 50.0
"""Ratio of heights below which a logarithmic axis names more than powers of ten."""

LINE = 0.19
"""Inches, of a line of a legend."""

BROKEN = (0, (4, 1.6))
"""Dashes of the theory's lines."""

MOST_COLUMNS = 6
"""Entries of the legend side by side."""

NUMBERED = re.compile(r"([^\d]*?)(-?\d+(?:\.\d+)?)\D*")
"""A label that one number sets apart from the others, such as n = 3."""

DARKEST, PALEST = 0.0, 0.86
"""Part of the map of colours in use; its yellow end is too pale on white."""


def draw_figure(place: Path, ending: str, figure: Figure) -> None:
    """Draw a figure.

    Parameters
    ----------
    place
        File to write.
    ending
        Its format: .png, .svg or .pdf.
    figure
        The figure. Curves of one label have one colour and one mark in all panels.

    Example
    -------
    >>> import tempfile
    >>> measured = Curve("n = 0", "measured", (1.0, 2.0), (1.1, 1.9), (0.01, 0.19))
    >>> panel = Panel("errors", "T", "test error", (measured,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "a.png"
    ...     draw_figure(place, ".png", Figure("figure-1a", "An example", (panel,), 1, {}))
    ...     place.stat().st_size > 1000
    True
    """
    saved_figure(place, ending, lambda: _drawn(figure))


def _drawn(figure: Figure) -> Any:
    # Half a second to load, and not installed everywhere. A Figure of its own needs no display.
    from matplotlib.figure import Figure as Canvas

    panels = figure.panels
    columns = 2 if len(panels) == 4 else max(1, min(len(panels), PANELS_IN_A_ROW))
    rows = max(1, -(-len(panels) // columns))
    width = max(PANEL_SIZE[0] * columns, 5.0)
    labels = [_labels([panel]) for panel in panels]
    # One legend where all panels have curves in common; else each panel has a legend of its own.
    groups = _groups(labels)
    shared = len(groups) < 2
    lines = _legend_lines(_labels(panels), width, extra=2) if shared else 1
    own_lines = 0 if shared else max(_legend_lines(each, PANEL_SIZE[0]) for each in labels)
    height = (PANEL_SIZE[1] + LINE * own_lines) * rows + LINE * lines + 0.35
    canvas = Canvas(figsize=(width, height), dpi=160, layout="constrained")
    axes = {(panel.x_label, panel.y_label, panel.x_axis, panel.y_axis) for panel in panels}
    alike = len(axes) == 1
    places = list(canvas.subplots(rows, columns, squeeze=False, sharey=alike).flat)
    everywhere = {label: style for group in groups for label, style in _styles(group).items()}
    for number, (plot, panel) in enumerate(zip(places, panels, strict=False)):
        _draw_panel(plot, panel, everywhere)
        if not alike or number % columns == 0:
            plot.set_ylabel(panel.y_label, parse_math=False)
        if not shared:
            # Below the numbers and the name of the axis, so that it lies over no curve.
            _put_legend(
                plot, _handles([panel], everywhere), PANEL_SIZE[0], "upper center", (0.5, -0.19)
            )
    if alike and panels:
        _set_range(places[0], [curve for panel in panels for curve in panel.curves], panels[0])
    for plot in places[len(panels) :]:
        plot.remove()
    canvas.suptitle(figure.title, fontsize=10.5, parse_math=False)
    handles = [*(_handles(panels, everywhere) if shared else ()), *_kinds(panels)]
    _put_legend(canvas, handles, width, "outside lower center", None)
    # A second layout knows how wide the numbers of the first one are.
    canvas.draw_without_rendering()
    return canvas


def _draw_panel(plot: Any, panel: Panel, styles: Mapping[str, tuple[Any, str]]) -> None:
    from matplotlib.ticker import MaxNLocator

    theories = {curve.label for curve in panel.curves if curve.kind == "theory"}
    for curve in panel.curves:
        colour, marker = styles[curve.label]
        if curve.kind == "theory":
            plot.plot(curve.x, curve.y, color=colour, linestyle=BROKEN, linewidth=1.3)
            continue
        # Marks without a theory are joined by a thin line, for the eye.
        line = {"linestyle": "-" if curve.label not in theories else "none", "linewidth": 0.6}
        bars = None if curve.standard_error is None else [2 * e for e in curve.standard_error]
        plot.errorbar(
            curve.x, curve.y, yerr=bars, marker=marker, markersize=3.6, color=colour,
            elinewidth=0.9, capsize=1.8, zorder=3, **line,
        )  # fmt: skip
    plot.set_xscale(panel.x_axis)
    plot.set_yscale(panel.y_axis)
    if panel.x_axis == "linear" and all(x.is_integer() for c in panel.curves for x in c.x):
        # Between two numbers of generations there is none.
        plot.xaxis.set_major_locator(MaxNLocator(integer=True))
    positions = [x for curve in panel.curves for x in curve.x if x > 0]
    if panel.x_axis == "log" and positions:
        _name_numbers(plot.xaxis, min(positions), max(positions))
    _set_range(plot, panel.curves, panel)
    plot.set_title(panel.title, parse_math=False)
    plot.set_xlabel(panel.x_label, parse_math=False)
    plot.grid(visible=True, which="major", color="0.9", linewidth=0.6)
    plot.set_axisbelow(True)
    for side in ("top", "right"):
        plot.spines[side].set_visible(False)


def _set_range(plot: Any, curves: Sequence[Curve], panel: Panel) -> None:
    """Heights of the curves with their error bars; a bar down to zero has no place on a logarithmic axis."""
    heights = [y for curve in curves for y in curve.y if y > 0 or panel.y_axis == "linear"]
    if not heights:
        return
    ends = [end for curve in curves for end in _bar_ends(curve)]
    least = min(heights) / LONGEST_BAR if panel.y_axis == "log" else -math.inf
    low = min([*heights, *(end for end in ends if end > least)])
    high = max([*heights, *ends])
    if panel.y_axis == "linear":
        margin = 0.05 * (high - low) or 0.1 * abs(high) or 1.0
        plot.set_ylim(low - margin, high + margin)
        return
    margin = max((high / low) ** 0.05, 1.1)
    plot.set_ylim(low / margin, high * margin)
    _name_numbers(plot.yaxis, low, high)


def _name_numbers(axis: Any, low: float, high: float) -> None:
    """Numbers of a short logarithmic axis: of powers of ten alone it may have one or none."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if high / low < FEW_DECADES:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
        axis.set_minor_formatter(NullFormatter())


def _bar_ends(curve: Curve) -> list[float]:
    errors = curve.standard_error or ()
    bars = [(y, 2 * e) for y, e in zip(curve.y, errors, strict=False) if math.isfinite(e)]
    return [end for y, bar in bars for end in (y - bar, y + bar)]


def _groups(labels: Sequence[Sequence[str]]) -> list[list[str]]:
    """Labels of all panels, those apart that no panel has in common with others; each group has all the colours."""
    groups: list[list[str]] = []
    for own in labels:
        met = [group for group in groups if set(group) & set(own)]
        groups = [group for group in groups if group not in met]
        groups.append(list(dict.fromkeys(itertools.chain(*met, own))))
    return groups


def _labels(panels: Sequence[Panel]) -> list[str]:
    return list(dict.fromkeys(curve.label for panel in panels for curve in panel.curves))


def _styles(labels: Sequence[str]) -> dict[str, tuple[Any, str]]:
    """Colour and mark of each label: along a map of colours if the labels count something, else as apart as can be."""
    return {
        label: (colour, MARKERS[number % len(MARKERS)])
        for number, (label, colour) in enumerate(zip(labels, _colours(labels), strict=True))
    }


def _colours(labels: Sequence[str]) -> list[Any]:
    from matplotlib import colormaps

    found = [NUMBERED.fullmatch(label) for label in labels]
    counted = len({match[1] if match else None for match in found}) == 1 and all(found)
    if (len(labels) < 3 or not counted) and len(labels) <= len(DISTINCT):
        return list(DISTINCT[: len(labels)])
    step = (PALEST - DARKEST) / max(1, len(labels) - 1)
    return [colormaps["viridis"](DARKEST + step * number) for number in range(len(labels))]


def _legend_lines(labels: Sequence[str], width: float, extra: int = 0) -> int:
    return -(-(len(labels) + extra) // _legend_columns(labels, width))


def _legend_columns(labels: Sequence[str], width: float) -> int:
    """As many as fit: a letter of eight points is some 0.065 inches wide, a mark with its gaps half an inch."""
    longest = max(map(len, labels), default=1)
    return max(1, min(MOST_COLUMNS, math.floor(width / (0.065 * longest + 0.55))))


def _handles(panels: Sequence[Panel], styles: Mapping[str, tuple[Any, str]]) -> list[Any]:
    """What a legend says of each label."""
    from matplotlib.lines import Line2D

    handles = []
    for label in _labels(panels):
        colour, marker = styles[label]
        kinds = {curve.kind for panel in panels for curve in panel.curves if curve.label == label}
        style: Any = {
            "linestyle": BROKEN if "theory" in kinds else "none",
            "marker": marker if "measured" in kinds else "",
        }
        handles.append(Line2D([], [], color=colour, label=label, markersize=4, **style))
    return handles


def _kinds(panels: Sequence[Panel]) -> list[Any]:
    """What a legend says of lines and marks."""
    from matplotlib.lines import Line2D

    curves = [curve for panel in panels for curve in panel.curves]
    handles = []
    if any(curve.kind == "theory" for curve in curves):
        handles.append(Line2D([], [], color="0.4", linestyle=BROKEN, label="theory"))
    measured = [curve for curve in curves if curve.kind == "measured"]
    if measured:
        has_errors = any(curve.standard_error is not None for curve in measured)
        text = "measured ± 2 standard errors" if has_errors else "measured"
        style: Any = {"linestyle": "none", "marker": "o", "markersize": 4}
        handles.append(Line2D([], [], color="0.4", label=text, **style))
    return handles


def _put_legend(
    owner: Any,
    handles: Sequence[Any],
    width: float,
    loc: str,
    anchor: tuple[float, float] | None,
) -> None:
    if not handles:
        return
    labels = [handle.get_label() for handle in handles]
    # As many columns as the lines need, so that no line is short of several entries.
    columns = -(-len(labels) // _legend_lines(labels, width))
    legend = owner.legend(
        handles=handles,
        loc=loc,
        bbox_to_anchor=anchor,
        ncols=columns,
        frameon=False,
        handlelength=2.4,
        columnspacing=1.2,
    )
    for entry in legend.get_texts():
        entry.set_parse_math(False)
