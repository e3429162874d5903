"""Pictures of phase diagrams: not blank, of the colours of their regions, labels inside and apart."""

from functools import lru_cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from sympy import oo

from symcollapse.interfaces import phase_plots
from symcollapse.interfaces.label_places import LabelPlaces
from symcollapse.interfaces.phase_plots import COLOURS, plot_phases
from symcollapse.language import symbols
from symcollapse.language.problem_files import read_problem
from symcollapse.scaling.phase_diagram import PhaseDiagram, phase_diagram
from symcollapse.scaling.rate_scalings import Scaling

RECOVERING: dict[str, Any] = {"capacity": 2, "source": "1/2", "noise": 0, "dimension": 1}


@lru_cache(maxsize=8)
def diagram_of(kind: str) -> PhaseDiagram:
    problem = read_problem("power-law", {})
    match kind:
        case "ridge":
            scaling = Scaling(**RECOVERING, generation_samples=2)
            return phase_diagram(problem, scaling, {"generations": (-1, 3), "ridge": (0, 3)})
        case "best":
            scaling = Scaling(**RECOVERING)
            axes: dict[str, Any] = {"generations": (-1, 3), "generation_samples": ("1/2", 4)}
            return phase_diagram(problem, scaling, axes)
        case _:
            clean = read_problem("power-law", {"generations.0.repeat": "0"})
            scaling = Scaling(source=1, noise=1, dimension=oo, generations=0, generation_samples=1)
            return phase_diagram(clean, scaling, {"ridge": (0, 5), "capacity": (1, 4)})


def drawn(diagram: PhaseDiagram, horizontal: str, monkeypatch: pytest.MonkeyPatch) -> Figure:
    kept: list[Figure] = []
    monkeypatch.setattr(phase_plots, "saved_figure", lambda _place, _end, draw: kept.append(draw()))
    plot_phases(Path("a.png"), ".png", "", diagram, horizontal)
    kept[0].draw_without_rendering()
    return kept[0]


def share_of(pixels: Any, colour: tuple[float, ...]) -> float:
    """Share of the pixels that have a colour, to the rounding of 8 bits."""
    near = np.abs(pixels[..., :3] - np.array(colour)).max(axis=-1) < 2 / 255
    return float(near.mean())


def tint(part: str) -> tuple[float, ...]:
    white = phase_plots.FIRST[part]
    return tuple(white + (1 - white) * c for c in COLOURS[part])


@pytest.mark.parametrize("kind", ["ridge", "best", "curved"])
def test_pictures_are_not_blank(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "a.png"
    diagram = diagram_of(kind)
    plot_phases(place, ".png", "A title", diagram, diagram.axes[0])
    pixels = imread(place)
    assert pixels.shape[0] > 800
    assert pixels.shape[1] > 1000
    # Regions fill about half of the paper, text and lines a few per cent.
    white = share_of(pixels, (1, 1, 1))
    assert 0.1 < white < 0.7
    assert 0.002 < share_of(pixels, (0, 0, 0)) < 0.2


def test_regions_have_their_colours_and_areas(tmp_path: Path) -> None:
    place = tmp_path / "a.png"
    plot_phases(place, ".png", "", diagram_of("ridge"), "generations")
    pixels = imread(place)
    for part in COLOURS:
        assert share_of(pixels, tint(part)) > 0.01, part
    # The negative control: a colour of no region.
    assert share_of(pixels, (0.9, 0.1, 0.9)) == 0


def test_colours_differ_in_grey() -> None:
    greys = sorted(float(np.dot(tint(part), (0.299, 0.587, 0.114))) for part in COLOURS)
    # A tenth of the way from black to white can be told apart side by side.
    assert all(high - low > 0.1 for low, high in pairwise(greys))


@pytest.mark.parametrize(("kind", "horizontal"), [("ridge", "generations"), ("curved", "ridge")])
def test_labels_lie_inside_and_apart(
    kind: str, horizontal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawn(diagram_of(kind), horizontal, monkeypatch)
    (plot,) = figure.axes
    inside = plot.get_window_extent()
    boxes = [text.get_window_extent() for text in plot.texts if text.get_bbox_patch() is not None]
    assert len(boxes) >= 3
    for box in boxes:
        assert inside.x0 <= box.x0 < box.x1 <= inside.x1
        assert inside.y0 <= box.y0 < box.y1 <= inside.y1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_every_region_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = drawn(diagram_of("ridge"), "generations", monkeypatch)
    written = " ".join(text.get_text() for text in figure.axes[0].texts)
    legend = " ".join(text.get_text() for text in figure.legends[0].get_texts())
    for part in ("bias", "variance", "synthetic"):
        assert part in written + legend
    assert "best ridge" in legend
    assert "error does not vanish" in legend


def test_axes_are_as_they_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for horizontal, limits in (("ridge", (0, 5)), ("capacity", (1, 4))):
        (plot,) = drawn(diagram_of("curved"), horizontal, monkeypatch).axes
        assert plot.get_xlim() == limits


def test_equal_pictures_are_equal_files(tmp_path: Path) -> None:
    for ending in (".svg", ".pdf"):
        first, second = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
        for place in (first, second):
            plot_phases(place, ending, "", diagram_of("ridge"), "generations")
        assert first.read_bytes() == second.read_bytes()


def test_a_label_without_room_is_refused() -> None:
    plot = Figure(figsize=(4, 3)).add_subplot()

    def keys(horizontal: Any, vertical: Any) -> Any:
        found = np.full((len(vertical), len(horizontal)), "wide", dtype=object)
        found[:, :3] = "narrow"
        return found

    places = LabelPlaces.of(plot, keys, [])
    assert places.put("wide", ("a label",))
    assert not places.put("narrow", ("a label",))


def test_a_label_keeps_off_lines() -> None:
    plot = Figure(figsize=(4, 3)).add_subplot()

    def keys(horizontal: Any, vertical: Any) -> Any:
        return np.full((len(vertical), len(horizontal)), "all", dtype=object)

    middle = LabelPlaces.of(plot, keys, [])
    middle.put("all", ("label",))
    assert middle.texts[0].get_position()[1] == pytest.approx(0.5, abs=0.02)  # to a pixel or two
    off = LabelPlaces.of(plot, keys, [([0, 1], [0.5, 0.5])])
    off.put("all", ("label",))
    box = off.texts[0].get_window_extent()
    line = plot.transData.transform((0, 0.5))[1]
    assert box.y0 > line or box.y1 < line


def test_symbols_of_axes_are_those_of_the_theory() -> None:
    assert diagram_of("ridge").letters == (symbols.generations_exponent, symbols.ridge_exponent)
