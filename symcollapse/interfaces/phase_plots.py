"""Phase diagrams as PNG, SVG or PDF: filled regions, borders, the best ridge, labels that overlap nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Expr

from symcollapse.interfaces.label_places import LabelPlaces
from symcollapse.interfaces.phase_names import AXES, given_numbers, region_name
from symcollapse.interfaces.plots import saved_figure
from symcollapse.scaling.phase_diagram import (
    BestRidge,
    Boundary,
    Phase,
    PhaseDiagram,
)
from symcollapse.scaling.planar_cells import Curve, Strip

COLOURS: Mapping[str, tuple[float, float, float]] = {
    "bias": (0.34, 0.71, 0.91),
    "variance": (0.90, 0.62, 0.0),
    "synthetic": (0.0, 0.62, 0.45),
}
"""Sky blue, orange and green of Okabe and Ito, which most kinds of colour blindness tell apart."""

FIRST: Mapping[str, float] = {"bias": 0.35, "variance": 0.65, "synthetic": 0.2}
"""Share of white in the first region of a part; they differ so that the parts differ in grey."""

PALEST = 0.85
"""Share of white in the last of several regions of one part."""

OUTSIDE = (0.88, 0.88, 0.88)
RIDGE = "#B2182B"

LINES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "crossover": ("", {"color": "black", "linewidth": 1.1}),
    "outside": ("", {"color": "black", "linewidth": 1.1}),
    "scope": (
        "border of a scope",
        {"color": "0.15", "linewidth": 1.0, "ls": (0, (5, 3))},
    ),
    "consistency": ("", {"color": "black", "linewidth": 1.1}),
}
"""How borders are drawn, and what the legend says of them."""

CURVED = 60
"""Points of a border that is no straight line."""

PLACES = 241
"""Places at which the best ridge is computed."""

JUMP = 0.2
"""Share of the axis by which the best ridge must move between two places to be drawn as a jump."""

LEVELS = 12
"""Levels of the best exponent, about."""

RASTER = 151
"""Points a side at which the best exponent is computed."""


@dataclass(frozen=True)
class _Canvas:
    """Axes, and which of the diagram's coordinates is horizontal."""

    plot: Any
    diagram: PhaseDiagram
    is_turned: bool

    def points(self, u: Any, v: Any) -> tuple[Any, Any]:
        return (v, u) if self.is_turned else (u, v)

    def line(self, u: Any, v: Any, **style: Any) -> None:
        self.plot.plot(*self.points(u, v), **style)


def plot_phases(
    place: Path, ending: str, title: str, diagram: PhaseDiagram, horizontal: str
) -> None:
    """Draw a phase diagram to a file in the format of an ending (.png, .svg or .pdf).

    ``horizontal`` is the axis that is horizontal, by the field of the scaling.

    Example
    -------
    >>> import tempfile
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> request = rates_request(["power-law", "q=2", "b=3", "nu=0"], ["a=0:4", "l=0:3"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plot_phases(Path(folder) / "a.svg", ".svg", "", request.answer()[1], "generations")
    ...     (Path(folder) / "a.svg").stat().st_size > 1000
    True
    """
    from matplotlib.figure import Figure

    def draw() -> Any:
        figure = Figure(figsize=(6.4, 5.2), dpi=200, layout="constrained")
        _draw(figure, title, _Canvas(figure.add_subplot(), diagram, diagram.axes[0] != horizontal))
        return figure

    saved_figure(place, ending, draw)


def _draw(figure: Any, title: str, canvas: _Canvas) -> None:
    diagram = canvas.diagram
    frame = diagram.frame
    ends = (float(frame.left), float(frame.right)), (float(frame.bottom), float(frame.top))
    horizontal, vertical = canvas.points(*ends)
    canvas.plot.set_xlim(*horizontal)
    canvas.plot.set_ylim(*vertical)
    colours = _colours(diagram)
    if diagram.is_optimised:
        _draw_levels(figure, canvas)
    else:
        for strip in diagram.strips:
            colour = colours[strip.label.part, strip.label.exponent]
            _fill(canvas, strip, facecolor=colour, edgecolor=colour, linewidth=0.5)
    handles = [*_hatched(canvas), *_bordered(canvas), *_ridged(canvas)]
    for axis, name in zip("xy", canvas.points(*diagram.axes), strict=True):
        getattr(canvas.plot, f"set_{axis}label")(f"{AXES[name]}")
    canvas.plot.set_title(title, loc="left", parse_math=False, pad=20)
    given = given_numbers(diagram)
    canvas.plot.text(0, 1.015, given, transform=canvas.plot.transAxes, fontsize=8, color="0.25")
    _labelled(figure, canvas, handles)


def _colours(diagram: PhaseDiagram) -> dict[tuple[str, Expr], tuple[float, ...]]:
    found: dict[str, list[Expr]] = {}
    for strip in diagram.strips:
        exponents = found.setdefault(strip.label.part, [])
        if strip.label.exponent not in exponents:
            exponents.append(strip.label.exponent)
    colours: dict[tuple[str, Expr], tuple[float, ...]] = {}
    for part, exponents in found.items():
        base, first = COLOURS.get(part, OUTSIDE), FIRST.get(part, 0)
        for number, exponent in enumerate(exponents):
            share = number / max(1, len(exponents) - 1)
            white = first + share * (PALEST - first) if part in COLOURS else 0
            colours[part, exponent] = tuple(white + (1 - white) * c for c in base)
    return colours


def _fill(canvas: _Canvas, strip: Strip[Phase], **style: Any) -> None:
    from matplotlib.patches import Polygon

    u = _between(strip.start.near, strip.end.near, strip.lower, strip.upper)
    around = np.concatenate([u, u[::-1]])
    heights = [strip.lower.height_near(x) for x in u] + [
        strip.upper.height_near(x) for x in u[::-1]
    ]
    points = np.column_stack(canvas.points(around, np.array(heights)))
    # A curve may run to infinity where a slab ends.
    canvas.plot.add_patch(Polygon(points[np.isfinite(points).all(axis=1)], closed=True, **style))


def _between(start: float, end: float, *curves: Curve) -> Any:
    is_straight = all(len(curve.rising) == 1 and len(curve.level) <= 2 for curve in curves)
    return np.linspace(start, end, 2 if is_straight else CURVED)


def _draw_levels(figure: Any, canvas: _Canvas) -> None:
    frame = canvas.diagram.frame
    u = np.linspace(float(frame.left), float(frame.right), RASTER)
    v = np.linspace(float(frame.bottom), float(frame.top), RASTER)
    height = canvas.diagram.landscape.height
    found = [[height(float(x), float(y)) for x in u] for y in v]
    values = np.ma.masked_invalid([[np.nan if z is None else z for z in row] for row in found])
    x, y = canvas.points(*np.meshgrid(u, v))
    canvas.plot.set_facecolor(OUTSIDE)
    if values.min() == values.max():
        return
    filled = canvas.plot.contourf(x, y, values, levels=LEVELS, cmap="cividis", alpha=0.85)
    lines = canvas.plot.contour(x, y, values, levels=filled.levels, colors="white", linewidths=0.5)
    bar = figure.colorbar(filled, ax=canvas.plot, pad=0.02, label="best exponent $x$")
    bar.add_lines(lines)
    bar.outline.set_visible(False)


def _hatched(canvas: _Canvas) -> Iterator[Any]:
    from matplotlib.patches import Patch

    style: Any = {"facecolor": "none", "edgecolor": (0, 0, 0, 0.4), "linewidth": 0, "hatch": "////"}
    strips = canvas.diagram.strips
    bad = [s for s in strips if not s.label.is_consistent and s.label.part != "outside"]
    for strip in bad:
        _fill(canvas, strip, **style)
    if bad:
        yield Patch(**style, label="error does not vanish")
    if any(strip.label.part == "outside" for strip in strips):
        yield Patch(facecolor=OUTSIDE, label="outside of the problem's regime")


def _bordered(canvas: _Canvas) -> Iterator[Any]:
    from matplotlib.lines import Line2D

    kinds = []
    for boundary in canvas.diagram.boundaries:
        canvas.line(*_path(boundary), **LINES[boundary.kind][1], zorder=3)
        kinds.append(boundary.kind)
    for kind in dict.fromkeys(kinds):
        text, style = LINES[kind]
        if text:
            yield Line2D([], [], **style, label=text)


def _path(boundary: Boundary) -> tuple[Any, Any]:
    if boundary.curve is None:
        assert boundary.heights is not None
        u = boundary.start.near
        return [u, u], [curve.height_near(u) for curve in boundary.heights]
    u = _between(boundary.start.near, boundary.end.near, boundary.curve)
    return u, np.array([boundary.curve.height_near(x) for x in u])


def best_ridge_path(diagram: PhaseDiagram) -> tuple[BestRidge, ...]:
    """The best ridge along the other axis; empty where ℓ is no axis.

    Example
    -------
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> request = rates_request(["power-law", "q=2", "b=3", "nu=0"], ["a=0:4", "l=0:3"])
    >>> best_ridge_path(request.answer()[1])[0].smallest
    Fraction(4, 5)
    """
    low, high = diagram.frame.left, diagram.frame.right
    places = (low + Fraction(number, PLACES - 1) * (high - low) for number in range(PLACES))
    found = (diagram.best_ridge_at(place) for place in places)
    return tuple(best for best in found if best is not None)


def _ridged(canvas: _Canvas) -> Iterator[Any]:
    from matplotlib import patheffects
    from matplotlib.lines import Line2D

    if canvas.diagram.axes[1] != "ridge":
        return
    path = best_ridge_path(canvas.diagram)
    frame = canvas.diagram.frame
    size = float(frame.top - frame.bottom)
    runs: list[list[tuple[float, float]]] = []
    for best in path:
        point = float(best.place), float(best.smallest)
        if not runs or abs(runs[-1][-1][1] - point[1]) > JUMP * size:
            runs.append([])
        runs[-1].append(point)
    style: Any = {"color": RIDGE, "linewidth": 2.4}
    casing = [patheffects.Stroke(linewidth=4.4, foreground="white"), patheffects.Normal()]
    inside = False
    for run in runs:
        u, v = np.array(run).T
        inside |= bool(((v >= float(frame.bottom)) & (v <= float(frame.top))).any())
        canvas.line(u, v, **style, zorder=4, path_effects=casing, solid_capstyle="butt")
    if inside:
        has_more = any(best.largest != best.smallest for best in path)
        text = r"best ridge $\ell^*$" + (", the smallest" if has_more else "")
        yield Line2D([], [], **style, label=text)


def _labelled(figure: Any, canvas: _Canvas, handles: list[Any]) -> None:
    """Names in the regions; those without room go to the legend, by numbers."""
    from matplotlib.patches import Patch

    shades = _colours(canvas.diagram)
    colours = {
        region_name(strip.label): shades[strip.label.part, strip.label.exponent]
        for strip in canvas.diagram.strips
        if strip.label.part != "outside"
    }
    plain: Any = {"facecolor": "none", "linewidth": 0}
    keyed: list[Any] = []
    while True:
        own = [
            Patch(
                **(plain if canvas.diagram.is_optimised else {"facecolor": colours[name]}),
                label=f"{number}:  " + "  ".join(name),
            )
            for number, name in enumerate(keyed, 1)
        ]
        for legend in figure.legends:
            legend.remove()
        if own or handles:
            figure.legend(
                handles=[*handles, *own],
                loc="outside lower center",
                ncols=2 if len(own) + len(handles) > 1 else 1,
                frameon=False,
                handlelength=2.2,
            )
        figure.draw_without_rendering()
        places = LabelPlaces.of(canvas.plot, _regions_at(canvas), _paths(canvas))
        missing = []
        for name in colours:
            number = (str(keyed.index(name) + 1),) if name in keyed else None
            if not places.put(name, number or name):
                missing.append(name)
        fresh = [name for name in missing if name not in keyed]
        if not fresh:
            return
        places.clear()
        keyed += fresh


def _regions_at(canvas: _Canvas) -> Any:
    """For arrays of horizontal and vertical positions, the key of the region at each point."""
    diagram = canvas.diagram

    def keys(horizontal: Any, vertical: Any) -> Any:
        us, vs = canvas.points(horizontal, vertical)
        found = np.empty((len(us), len(vs)), dtype=object)
        for strip in diagram.strips:
            name = region_name(strip.label)
            for i in np.flatnonzero((us >= strip.start.near) & (us < strip.end.near)):
                low, high = strip.lower.height_near(us[i]), strip.upper.height_near(us[i])
                for j in np.flatnonzero((vs >= low) & (vs < high)):
                    found[i, j] = name
        return found if canvas.is_turned else found.T

    return keys


def _paths(canvas: _Canvas) -> list[tuple[Any, Any]]:
    """Lines that no label should cross: the borders and the best ridge."""
    found = [canvas.points(*map(np.asarray, _path(each))) for each in canvas.diagram.boundaries]
    return [
        *found,
        *(line.get_data() for line in canvas.plot.lines if line.get_linewidth() > 2),
    ]
