"""Several problems side by side: the test error of each at the same points, and their ratios."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symcollapse.interfaces.curves import CurvePoint, curve_points
from symcollapse.interfaces.plots import PROBLEM
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.requested_points import RequestedPoints
from symcollapse.interfaces.simulated_points import simulated_points
from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem, SymcollapseError
from symcollapse.language.problems import Problem

PARTS = ("total", "bias", "variance", "synthetic", "clean", "effective_ridge", "exact_total")
"""Numbers of a point, by the formula."""


@dataclass(frozen=True)
class Compared:
    """One of the problems, with what could be said about it."""

    name: str
    """As it is shown: unlike the names of the others."""
    points: tuple[CurvePoint | None, ...]
    """By the formula, at each point; None where there is none."""
    simulated: tuple[dict[str, float] | None, ...]
    """Mean and standard error, if they were asked for."""


@dataclass(frozen=True)
class Simulated:
    """What is simulated of each point."""

    trials: int
    seed: int
    workers: int


@dataclass(frozen=True)
class Comparison:
    """What stands, and in one line each what does not."""

    requested: RequestedPoints
    compared: tuple[Compared, ...]
    failures: tuple[str, ...]
    first: str
    """Name of the problem that was given first."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each problem at each point, problem by problem; None where a number is missing."""
        places = self.requested.points
        rows = []
        for each in self.compared:
            for position, place in enumerate(places):
                totals = {other.name: _total(other.points[position]) for other in self.compared}
                point = each.points[position]
                row: dict[str, Any] = {PROBLEM: each.name, **place}
                row |= {part: None if point is None else getattr(point, part) for part in PARTS}
                known = [total for total in totals.values() if total is not None]
                row["ratio_to_best"] = _ratio(totals[each.name], min(known, default=None))
                row["ratio_to_first"] = _ratio(totals[each.name], totals.get(self.first))
                if each.simulated:
                    nothing = {"mean": None, "standard_error": None}
                    row |= each.simulated[position] or nothing
                rows.append(row)
        return rows


def compare_problems(
    files: Sequence[str], requested: RequestedPoints, simulation: Simulated | None = None
) -> Comparison:
    """The test error of each file at the requested points.

    A file that fails is named with its reason, and the others stand.

    Raises
    ------
    InvalidProblem
        If a file is given twice.

    Example
    -------
    >>> from symcollapse.interfaces.requested_points import requested_points
    >>> found = compare_problems(["figure-1a", "power-law"], requested_points([], []))
    >>> [round(row["ratio_to_first"], 3) for row in found.rows]
    [1.0, 0.049]
    """
    names = distinct_names(files)
    compared, failures = [], []
    for file, name in zip(files, names, strict=True):
        try:
            problems = requested.problems(file)
        except SymcollapseError as error:
            failures.append(str(error))
            continue
        points: list[CurvePoint] | None = None
        simulated: list[dict[str, float]] | None = None
        try:
            with progress_bar(f"points of {name}") as report:
                points = curve_points(problems, report)
        except SymcollapseError as error:
            failures.append(f"{name}: {error}")
        if simulation is not None:
            simulated = _simulated(problems, simulation, name, failures)
        if points is not None or simulated is not None:
            nothing = [None] * len(problems)
            shown = () if simulation is None else tuple(simulated or nothing)
            compared.append(Compared(name, tuple(points or nothing), shown))
    return Comparison(requested, tuple(compared), tuple(failures), names[0])


def distinct_names(files: Sequence[str]) -> list[str]:
    """Names for files: their own where nothing else is called so, else the path.

    Raises
    ------
    InvalidProblem
        If a file is given twice.

    Example
    -------
    >>> distinct_names(["runs/a/chain.toml", "runs/b/chain.toml", "figure-1a"])
    ['runs/a/chain', 'runs/b/chain', 'figure-1a']
    """
    for file, count in Counter(files).items():
        if count > 1:
            raise InvalidProblem(f"{shortened(file)}: given twice; give each file once")
    stems = [Path(file).name.removesuffix(".toml") or file for file in files]
    paths = [file.removesuffix(".toml") for file in files]
    for names in (paths, list(files)):
        taken = Counter(stems)
        stems = [
            stem if taken[stem] == 1 else longer for stem, longer in zip(stems, names, strict=True)
        ]
    return [shortened(stem) for stem in stems]


def _simulated(
    problems: Sequence[Problem], simulation: Simulated, name: str, failures: list[str]
) -> list[dict[str, float]] | None:
    try:
        return simulated_points(problems, simulation.trials, simulation.seed, simulation.workers)
    except SymcollapseError as error:
        failures.append(f"{name}: {error}")
        return None


def _total(point: CurvePoint | None) -> float | None:
    return None if point is None else point.total


def _ratio(total: float | None, other: float | None) -> float | None:
    if total is None or other is None or (math.isinf(total) and math.isinf(other)):
        return None
    if other == 0:
        return 1.0 if total == 0 else math.inf
    return total / other
