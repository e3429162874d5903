"""Figures as data: panels of curves, measured ones and the theory's, before anything is drawn."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Scale: TypeAlias = Literal["quick", "standard", "full"]
"""How much is drawn: within two minutes on two cores, within some ten, or as much as the paper."""

Progress: TypeAlias = Callable[[int, int], object]
"""Called with the work done and the work there is."""

Axis: TypeAlias = Literal["linear", "log"]
"""Spacing of an axis."""


@dataclass(frozen=True)
class Curve:
    """One curve of a panel.

    Example
    -------
    >>> Curve("n = 3", "measured", (100.0, 200.0), (0.5, 0.25), (0.01, 0.02)).label
    'n = 3'
    """

    label: str
    """What sets it apart in its panel; a measured curve and its theory have the same."""
    kind: Literal["measured", "theory"]
    """Where its numbers come from."""
    x: tuple[float, ...]
    """In rising order, finite."""
    y: tuple[float, ...]
    """One for each x, finite."""
    standard_error: tuple[float, ...] | None = None
    """Of each y, if it is a mean of repetitions."""
    note: str = ""
    """Which theory, or what was measured, where the label does not say it."""

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.y), len(self.standard_error or self.x)}
        if len(lengths) != 1:
            raise ValueError(f"{self.label}: x, y and standard errors differ in length")
        if not all(math.isfinite(number) for number in (*self.x, *self.y)):
            raise ValueError(f"{self.label}: a number is not finite")


@dataclass(frozen=True)
class Panel:
    """Curves over the same axes."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    x_axis: Axis = "log"
    y_axis: Axis = "log"


@dataclass(frozen=True)
class Figure:
    """All that a figure shows and how it was made, but for versions and times."""

    name: str
    """As the command line calls it: figure-1a."""
    title: str
    panels: tuple[Panel, ...]
    seed: int
    """Where all its random numbers come from."""
    settings: Mapping[str, Any]
    """Sizes, ridges, repetitions, data: numbers, strings, lists and mappings of them, as JSON has."""
    remarks: tuple[str, ...] = field(default=())
    """What was found, one sentence each, with numbers."""


@dataclass(frozen=True)
class Gap:
    """How far a measured curve lies from the theory's of the same label, where both have a point.

    Example
    -------
    >>> round(Gap("errors", "n = 0", 4, 0.95, 1.02, 0.03).worst, 12)
    0.05
    """

    panel: str
    label: str
    points: int
    """Number of points compared."""
    lowest: float
    """Smallest measured/theory."""
    highest: float
    """Largest measured/theory."""
    standard_error: float
    """Largest relative standard error of the measured points; nan if they have none."""

    @property
    def worst(self) -> float:
        """Largest |measured/theory − 1|."""
        return max(abs(self.lowest - 1), abs(self.highest - 1))


def gaps(figure: Figure) -> tuple[Gap, ...]:
    """Measured over theory, for every pair of curves of one panel and one label.

    Returns
    -------
    gaps
        In the order of the measured curves; none for a curve without a theory, or without a point in common with it.

    Example
    -------
    >>> measured = Curve("n = 0", "measured", (1.0, 2.0), (1.1, 1.9), (0.01, 0.19))
    >>> theory = Curve("n = 0", "theory", (1.0, 1.5, 2.0), (1.0, 1.5, 2.0))
    >>> panel = Panel("errors", "T", "test error", (measured, theory))
    >>> [gap] = gaps(Figure("figure-1a", "An example", (panel,), 1, {}))
    >>> gap.points, round(gap.lowest, 12), round(gap.highest, 12), round(gap.standard_error, 12)
    (2, 0.95, 1.1, 0.1)
    """
    found = []
    for panel in figure.panels:
        theories = {curve.label: curve for curve in panel.curves if curve.kind == "theory"}
        for curve in panel.curves:
            if curve.kind == "theory" or curve.label not in theories:
                continue
            theory = dict(zip(theories[curve.label].x, theories[curve.label].y, strict=True))
            errors = curve.standard_error or (math.nan,) * len(curve.x)
            points = [
                (y / theory[x], error / y)
                for x, y, error in zip(curve.x, curve.y, errors, strict=True)
                if theory.get(x, 0.0) > 0 and y > 0
            ]
            if points:
                ratios = [ratio for ratio, _ in points]
                largest = max(error for _, error in points)
                found.append(
                    Gap(panel.title, curve.label, len(points), min(ratios), max(ratios), largest)
                )
    return tuple(found)
