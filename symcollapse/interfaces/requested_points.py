"""What --over and --set ask for: the points of a sweep, and the problem at each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.sweeps import (
    Points,
    Sweep,
    parse_settings,
    parse_sweep,
    points_of,
    shortened,
)
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.fits import NUMBERS
from symcollapse.language.naming import repetitions
from symcollapse.language.problem_files import ProblemFile
from symcollapse.language.problems import Problem

WORDS = ("title", "description")
"""Keys of the file that no number depends on."""

MOST_KEPT = 10**6
"""Points of which all problems are kept at once, where they are not worked off in chunks."""

MOST_REMEMBERED = 4096
"""Numbers of generators whose repetitions are remembered."""

GENERATIONS = "generations"
"""Key that is no key of a file: how many generators come before the fit that is tested."""


@dataclass(frozen=True)
class RequestedPoints:
    """Sweeps over keys of a problem file, and keys that are set at every point.

    Example
    -------
    >>> requested = requested_points(["generations=0:2"], ["downstream.ridge=1/5"])
    >>> [problem.generations[0].repeat for problem in requested.problems("figure-1a")]
    [0, 1, 2]
    """

    sweeps: tuple[Sweep, ...]
    """In the order given; the last one runs fastest."""
    settings: Mapping[str, str]
    """Values that hold everywhere."""

    @property
    def points(self) -> Points:
        """Every combination of the sweeps; one point without any, if there are none."""
        return points_of(self.sweeps)

    def problems(self, file: str) -> list[Problem]:
        """The problem in a file at each point.

        Raises
        ------
        InvalidProblem
            With file, key and remedy, at the first point that is none.
        """
        source = ProblemSource(ProblemFile.read(file), self.settings)
        points = self.points
        if len(points) > MOST_KEPT:
            raise InvalidProblem(f"{len(points)} points: give at most {MOST_KEPT} here")
        problems: list[Problem] = []
        with progress_bar("problems") as report:
            for point in points:
                problems.append(source.problem(point))
                if report is not None:
                    report(len(problems), len(points))
        return problems


class ProblemSource:
    """The problems of a file at one point after another.

    Example
    -------
    >>> source = ProblemSource(ProblemFile.read("figure-1a"), {"downstream.ridge": "1/5"})
    >>> source.problem({"generations": "3"}).generations[0].repeat
    3
    """

    def __init__(self, file: ProblemFile, settings: Mapping[str, str]) -> None:
        self.file = file
        self.settings = settings
        self._repeats: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}

    def overrides(self, point: Mapping[str, str]) -> dict[str, str]:
        """All keys that a point replaces, with the number of generators written as repetitions.

        Raises
        ------
        InvalidProblem
            With file, key and remedy.
        """
        values = {**self.settings, **point}
        count = values.pop(GENERATIONS, None)
        if count is None:
            return values
        # Only entries of the file are counted, whatever their numbers.
        key = (
            *((key, text) for key, text in values.items() if not _is_number_of_a_fit(key)),
            (GENERATIONS, count),
        )
        if key not in self._repeats:
            if len(self._repeats) >= MOST_REMEMBERED:
                self._repeats.clear()
            self._repeats[key] = _repeats(self.file.problem(values), count)
        return values | self._repeats[key]

    def problem(self, point: Mapping[str, str]) -> Problem:
        """The problem at a point.

        Raises
        ------
        InvalidProblem
            With file, key and remedy, if it is none.
        """
        return self.file.problem(self.overrides(point))


def _is_number_of_a_fit(key: str) -> bool:
    return key.rpartition(".")[2] in NUMBERS


def requested_points(sweeps: Sequence[str], settings: Sequence[str]) -> RequestedPoints:
    """Read the texts of --over and --set.

    Raises
    ------
    InvalidProblem
        With the text and the remedy.

    Example
    -------
    >>> list(requested_points(["downstream.ridge=1/10,1/5"], []).points)
    [{'downstream.ridge': '1/10'}, {'downstream.ridge': '1/5'}]
    """
    swept = [parse_sweep(sweep) for sweep in sweeps]
    fixed = parse_settings(settings)
    keys = [*(sweep.key for sweep in swept), *fixed]
    for sweep in swept:
        if sweep.key in fixed:
            key = shortened(sweep.key)
            raise InvalidProblem(f"{key}: both swept and set; give one of the two")
    for key in keys:
        if key in WORDS:
            raise InvalidProblem(f"{key}: the test error does not depend on it; give another key")
        if GENERATIONS in keys and key.startswith("generations.") and key.endswith(".repeat"):
            raise InvalidProblem(
                f"{shortened(key)}: generations counts them already; give one of the two"
            )
    points_of(swept)
    return RequestedPoints(tuple(swept), fixed)


def _repeats(problem: Problem, count: str) -> dict[str, str]:
    """The first so many generators of a problem; the last entry is repeated as long as need be."""
    if not (count.isascii() and count.isdecimal() and len(count) < 9):
        raise InvalidProblem(f"{GENERATIONS} = {shortened(count)}: give an integer >= 0")
    wanted = left = int(count)
    made = [place for place, entry in enumerate(problem.generations) if entry.repeat != 0]
    if not problem.generations:
        if wanted == 0:
            return {}
        raise InvalidProblem(
            f"{problem.name}: {GENERATIONS} = {wanted}: the file has no generator to repeat; add [[generations]]"
        )
    if wanted == 0 and problem.downstream is None:
        raise InvalidProblem(
            f"{problem.name}: {GENERATIONS} = 0: without [downstream] nothing is fitted then; begin at 1"
        )
    last = made[-1] if made else len(problem.generations) - 1
    repeats = {}
    for place, entry in enumerate(problem.generations):
        taken = left if place == last else min(left, repetitions(entry))
        repeats[f"{GENERATIONS}.{place}.repeat"] = str(taken)
        left -= taken
    return repeats
