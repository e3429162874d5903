"""Places for labels: inside their own region, off the lines, as far from everything as they fit."""

import itertools
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import ndimage

STEP = 2
"""Pixels of the picture for one of the raster."""

ROOM = 3
"""Pixels of the raster kept free between a label and a line."""

SIZES = (9, 8, 7)
"""Font sizes that are tried, in points."""


SPACING, SPACING_OF_FRACTIONS = 1.25, 2.2
"""Heights of a line; those of matplotlib know nothing of fractions."""


@dataclass
class LabelPlaces:
    """Regions of axes as a raster, and what has been put into them."""

    plot: Any
    keys: Any
    """Key of the region at each pixel: rows from bottom to top."""
    is_free: Any
    texts: list[Any] = field(default_factory=list)

    @staticmethod
    def of(
        plot: Any,
        keys_at: Callable[[Any, Any], Any],
        paths: Sequence[tuple[Any, Any]],
    ) -> "LabelPlaces":
        """The places of axes that have been laid out.

        Parameters
        ----------
        plot
            Axes of matplotlib.
        keys_at
            Keys of regions over horizontal and vertical positions, rows being vertical.
        paths
            Lines that no label should cross, in the coordinates of the data.

        Example
        -------
        >>> from matplotlib.figure import Figure
        >>> plot = Figure().add_subplot()
        >>> places = LabelPlaces.of(plot, lambda x, y: np.full((len(y), len(x)), "all"), [])
        >>> places.put("all", ("a", "label")), places.put("nothing", ("a",))
        (True, False)
        """
        box = plot.get_window_extent()
        width, height = int(box.width / STEP), int(box.height / STEP)
        horizontal, vertical = _middles(plot.get_xlim(), width), _middles(plot.get_ylim(), height)
        is_free = np.ones((height, width), dtype=bool)
        for x, y in paths:
            for i, j in _pixels(plot, box, x, y):
                is_free[max(0, i - ROOM) : i + ROOM + 1, max(0, j - ROOM) : j + ROOM + 1] = False
        return LabelPlaces(plot, keys_at(horizontal, vertical), is_free)

    def put(self, key: Hashable, lines: Sequence[str]) -> bool:
        """Write a label into each part of a region where there is room; False if there is none."""
        region = np.frompyfunc(lambda other: other == key, 1, 1)(self.keys).astype(bool)
        parts, count = ndimage.label(region)
        done = False
        sizes = ndimage.sum_labels(region, parts, range(1, count + 1)) if count else []
        for number in np.argsort(sizes)[::-1] + 1:
            # Small islands of a region that has its label need none.
            if not done or sizes[number - 1] > 0.25 * max(sizes):
                done |= self._put_into(parts == number, lines)
        return done

    def _put_into(self, region: Any, lines: Sequence[str]) -> bool:
        for size, text, rotation in _shapes(lines):
            written = self.plot.text(
                0.5,
                0.5,
                text,
                transform=self.plot.transAxes,
                ha="center",
                va="center",
                fontsize=size,
                rotation=rotation,
                linespacing=SPACING_OF_FRACTIONS if "frac" in text else SPACING,
                zorder=5,
                bbox={"boxstyle": "round,pad=0.12", "facecolor": (1, 1, 1, 0.62), "linewidth": 0},
            )
            extent = written.get_window_extent()
            height, width = (int(side / STEP) + 2 * ROOM for side in (extent.height, extent.width))
            place = _middle_of_room(region & self.is_free, height, width)
            if place is not None:
                rows, columns = region.shape
                written.set_position(((place[1] + 0.5) / columns, (place[0] + 0.5) / rows))
                self.texts.append(written)
                return True
            written.remove()
        return False

    def clear(self) -> None:
        """Take away all labels."""
        for text in self.texts:
            text.remove()
        self.texts.clear()


def _shapes(lines: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    for size in SIZES:
        yield size, "\n".join(lines), 0
        if len(lines) > 1:
            yield size, ":  ".join(lines), 0
    if len(lines) > 1:
        for size in SIZES:
            yield size, "\n".join(lines), 90
            yield size, ":  ".join(lines), 90


def _middles(ends: tuple[float, float], count: int) -> Any:
    return ends[0] + (np.arange(count) + 0.5) / count * (ends[1] - ends[0])


def _pixels(plot: Any, box: Any, x: Any, y: Any) -> Iterator[tuple[int, int]]:
    """Pixels of the raster along a line."""
    points = plot.transData.transform(np.column_stack([x, y]).astype(float))
    places = (points - (box.x0, box.y0)) / STEP
    places = places[np.isfinite(places).all(axis=1)]
    for start, end in itertools.pairwise(places):
        count = int(min(10_000, np.abs(end - start).max())) + 2
        for column, row in np.linspace(start, end, count):
            if -1 < column < 1e5 and -1 < row < 1e5:
                yield int(row), int(column)


def _middle_of_room(is_free: Any, height: int, width: int) -> tuple[int, int] | None:
    """The centre of the box of a size that lies deepest in free pixels."""
    if height > is_free.shape[0] or width > is_free.shape[1]:
        return None
    fits = ndimage.minimum_filter(is_free, size=(height, width), mode="constant", cval=False)
    if not fits.any():
        return None
    depth = ndimage.distance_transform_edt(np.pad(fits, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(np.argmax(depth), depth.shape)
    return int(row), int(column)
