"""Points of sweeps, any part of them at a time, put into classes that share one problem."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from symcollapse.interfaces.curves import AlikePoints, CurveEvaluator, PointKind, alone
from symcollapse.interfaces.double_columns import Column
from symcollapse.interfaces.number_axes import NumberAxis, number_axis
from symcollapse.interfaces.point_classes import MovingNumbers, class_of, moving_numbers, orders
from symcollapse.interfaces.requested_points import ProblemSource
from symcollapse.interfaces.sweeps import Sweep, points_of
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.problems import Problem

MOST_FAMILIES = 2048
"""Combinations of the sweeps that are not over numbers of fits, whose classes are remembered."""

TRIED_FIRST = 16
"""Values of a list that are tried before the work begins; of a longer one, its ends."""


@dataclass
class _Family:
    """Points that differ in numbers of fits only: which numbers those are, and the classes found so far."""

    moving: MovingNumbers | None
    """None where nothing is known in common."""
    refused: set[int] = field(default_factory=set)
    """Sweeps that have to be taken value by value after all."""
    kinds: dict[bytes, PointKind | None] = field(default_factory=dict)
    problems: dict[bytes, Problem] = field(default_factory=dict)
    """A problem for each way in which numbers are 0."""


class SweptPoints:
    """The points of sweeps over a problem file.

    Example
    -------
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> from symcollapse.language.problem_files import ProblemFile
    >>> source = ProblemSource(ProblemFile.read("figure-1a"), {})
    >>> points = SweptPoints(source, [parse_sweep("downstream.samples=298:303")], CurveEvaluator())
    >>> [alike.rows.tolist() for alike in points.between(0, 6)]
    [[0], [1], [2], [3], [4], [5]]
    >>> points = SweptPoints(source, [parse_sweep("downstream.ridge=1:2:lin:6")], CurveEvaluator())
    >>> [alike.rows.tolist() for alike in points.between(0, 6)]
    [[0, 1, 2, 3, 4, 5]]
    """

    def __init__(
        self, source: ProblemSource, sweeps: Sequence[Sweep], evaluator: CurveEvaluator
    ) -> None:
        self.points = points_of(sweeps)
        self._source = source
        self._evaluator = evaluator
        self._axes: list[NumberAxis | None] = [number_axis(sweep) for sweep in sweeps]
        self._shape = tuple(len(sweep.values) for sweep in sweeps)
        self._families: dict[tuple[Any, ...], _Family] = {}

    def __len__(self) -> int:
        return math.prod(self._shape)

    def problem(self, position: int) -> Problem:
        """The problem at one point.

        Raises
        ------
        InvalidProblem
            With file, key and remedy, if it is none.
        """
        return self._source.problem(self.points[position])

    def try_first(self) -> None:
        """Say what is wrong with the ends of a sweep before the work, and not after most of it.

        Raises
        ------
        InvalidProblem
            With file, key and remedy.
        """
        start = dict.fromkeys(range(len(self._shape)), 0)
        for axis, size in enumerate(self._shape):
            tried = range(size) if size <= TRIED_FIRST else (0, size - 1)
            for place in tried:
                self._problem_at({**start, axis: place})

    def between(self, start: int, stop: int) -> list[AlikePoints]:
        """The points from one position to before another, by their kinds; rows count from the first of them.

        Raises
        ------
        SymcollapseError
            If there is no problem, or no test error, at one of them.
        """
        places = np.array(np.unravel_index(np.arange(start, stop), self._shape), dtype=np.intp)
        slow = tuple(axis for axis, known in enumerate(self._axes) if known is None)
        return self._split(np.arange(stop - start), places, slow)

    def _problem_at(self, places: Mapping[int, int]) -> Problem:
        return self._source.problem(self._point(places))

    def _point(self, places: Mapping[int, int]) -> dict[str, str]:
        sweeps = self.points.sweeps
        return {sweeps[axis].key: sweeps[axis].values[place] for axis, place in places.items()}

    def _split(
        self, rows: NDArray[np.intp], places: NDArray[np.intp], slow: tuple[int, ...]
    ) -> list[AlikePoints]:
        """Rows whose slow sweeps agree make a family."""
        if len(slow) == len(self._shape):
            return [self._alone(places, int(row)) for row in rows]
        if not slow:
            return self._in_family((), rows, places, slow)
        values, back = np.unique(places[list(slow)][:, rows], axis=1, return_inverse=True)
        back = back.reshape(-1)
        found: list[AlikePoints] = []
        for number in range(values.shape[1]):
            held = tuple(values[:, number].tolist())
            found += self._in_family(held, rows[back == number], places, slow)
        return found

    def _alone(self, places: NDArray[np.intp], row: int) -> AlikePoints:
        problem = self._problem_at(dict(enumerate(places[:, row].tolist())))
        return alone(self._evaluator.kind(problem), row)

    def _in_family(
        self,
        held: tuple[int, ...],
        rows: NDArray[np.intp],
        places: NDArray[np.intp],
        slow: tuple[int, ...],
    ) -> list[AlikePoints]:
        key = (slow, held)
        if key not in self._families:
            if len(self._families) >= MOST_FAMILIES:
                self._families.clear()
            self._families[key] = self._family(dict(zip(slow, held, strict=True)))
        family = self._families[key]
        if family.moving is None:
            return [self._alone(places, int(row)) for row in rows]
        if family.refused:
            return self._split(rows, places, tuple(sorted({*slow, *family.refused})))
        return self._in_classes(family, family.moving, rows, places)

    def _family(self, held: Mapping[int, int]) -> _Family:
        probes: dict[int, tuple[tuple[int, Expr], tuple[int, Expr]]] = {}
        for axis, size in enumerate(self._shape):
            known = self._axes[axis]
            if axis in held or known is None:
                continue
            pairs = [(place, known.exact(place)) for place in (0, size - 1)]
            if pairs[0][1] == pairs[1][1]:
                return _Family(None) if len(held) + 1 == len(self._shape) else _refusing(axis, self)
            probes[axis] = (pairs[0], pairs[1])
        try:
            moving, refused = moving_numbers(
                lambda places: self._problem_at({**held, **places}),
                lambda places: self._entries({**held, **places}),
                probes,
            )
        except SymcollapseError:
            # Each point is then asked for itself, and the first that is wrong says what.
            return _Family(None)
        return _Family(moving, refused)

    def _entries(self, places: Mapping[int, int]) -> Mapping[str, Any]:
        source = self._source
        return source.file.entries(source.overrides(self._point(places)))

    def _in_classes(
        self,
        family: _Family,
        moving: MovingNumbers,
        rows: NDArray[np.intp],
        places: NDArray[np.intp],
    ) -> list[AlikePoints]:
        columns: dict[int, Column] = {}
        for axis in set(moving.axes.values()):
            known = self._axes[axis]
            assert known is not None
            columns[axis] = known.doubles(places[axis, rows])
        codes, usable = moving.codes(columns, len(rows))
        found = [self._alone(places, int(row)) for row in rows[~usable]]
        letters = {letter: columns[axis] for letter, axis in moving.letters.items()}
        for number, members in _classes(codes, np.flatnonzero(usable)):
            first = self._first(family, number, places, rows[members])
            if not moving.has_simple_law(first):
                found += [self._alone(places, int(row)) for row in rows[members]]
                continue
            doubles = {letter: column[members] for letter, column in letters.items()}
            further = orders(moving.sizes(first), first, doubles, len(members))
            for order, own in _classes(further, np.arange(len(members))):
                chosen = rows[members[own]]
                kind = self._kind(family, number + b"/" + order, tuple(letters), places, chosen)
                if kind is None:
                    found += [self._alone(places, int(row)) for row in chosen]
                    continue
                found.append(
                    self._alike(
                        kind, moving, places, chosen, {k: v[own] for k, v in doubles.items()}
                    )
                )
        return found

    def _first(
        self, family: _Family, code: bytes, places: NDArray[np.intp], rows: NDArray[np.intp]
    ) -> Problem:
        if code not in family.problems:
            family.problems[code] = self._problem_at(dict(enumerate(places[:, rows[0]].tolist())))
        return family.problems[code]

    def _kind(
        self,
        family: _Family,
        code: bytes,
        letters: tuple[Symbol, ...],
        places: NDArray[np.intp],
        rows: NDArray[np.intp],
    ) -> PointKind | None:
        if code not in family.kinds:
            first, last = (
                self._problem_at(dict(enumerate(places[:, row].tolist())))
                for row in (rows[0], rows[-1])
            )
            family.kinds[code] = class_of(self._evaluator, letters, first, last)
        return family.kinds[code]

    def _alike(
        self,
        kind: PointKind,
        moving: MovingNumbers,
        places: NDArray[np.intp],
        rows: NDArray[np.intp],
        doubles: Mapping[Symbol, Column],
    ) -> AlikePoints:
        def exact_at(at: int) -> dict[Symbol, Expr]:
            found = {}
            for letter, axis in moving.letters.items():
                known = self._axes[axis]
                assert known is not None
                value = known.exact(int(places[axis, rows[at]]))
                # A size of 0 leaves nothing behind that its letter, which is positive, could stand in.
                if value != 0 or not letter.is_positive:
                    found[letter] = value
            return found

        def problem_at(at: int) -> Problem:
            return self._problem_at(dict(enumerate(places[:, rows[at]].tolist())))

        return AlikePoints(kind, rows, doubles, exact_at, problem_at)


def _refusing(axis: int, points: SweptPoints) -> _Family:
    """A family in which one sweep is held, value by value."""
    nothing = MovingNumbers(points.problem(0), {})
    return _Family(nothing, {axis})


def _classes(codes: NDArray[Any], members: NDArray[np.intp]) -> list[tuple[bytes, NDArray[Any]]]:
    """Members with equal codes, in order of their first."""
    if not len(members):
        return []
    if codes.shape[1] == 0 or not np.any(codes[members] != codes[members[0]]):
        return [(codes[members[0]].tobytes(), members)]
    values, first, back = np.unique(codes[members], axis=0, return_index=True, return_inverse=True)
    back = back.reshape(-1)
    return [(values[each].tobytes(), members[back == each]) for each in np.argsort(first)]
