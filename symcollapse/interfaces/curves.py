"""Curves: the test error at many points, in doubles where they are sure of their digits, else in digits.

Points whose formula, spectrum and truth are alike go through one function at once, as arrays.
"""

import math
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Basic, Expr, Symbol

from symcollapse.evaluation import evaluate, in_numbers
from symcollapse.interfaces.curve_points import CurvePoint as CurvePoint
from symcollapse.interfaces.double_columns import Column, DoubleColumns
from symcollapse.interfaces.evolved_points import evolved_point, is_entangled
from symcollapse.language.errors import NotEvaluable, NotSupported
from symcollapse.language.naming import fit_letters, named_fits, named_parts, substitution
from symcollapse.language.problems import Problem
from symcollapse.simulation.trials import Progress
from symcollapse.theory import TestError, test_error
from symcollapse.theory.exact_laws import exact_law
from symcollapse.theory.test_errors import structure_of

DIGITS = 15
"""Significant digits where doubles are not used; one rounding to a double remains."""

FEWEST_TOGETHER = 4
"""Points below which compiling a function does not pay."""

MOST_FUNCTIONS = 256
"""Compiled functions, and derivations, that are remembered."""

PARTS = ("bias", "variance", "synthetic", "clean", "effective_ridge")
"""Numbers of a point that have a formula, beside the total, which is the sum of the first three."""


@dataclass(frozen=True)
class PointKind:
    """What points alike have in common: a problem, and the letters whose numbers are not the problem's."""

    problem: Problem
    """One of the problems."""
    error: TestError | None
    """Its formula; None where there is none but state evolution."""
    moving: tuple[Symbol, ...]
    """Letters that have another number at each point."""
    rule: Mapping[Basic, Basic] = field(repr=False)
    """What all other letters stand for."""
    law: Expr | None
    """Total by the exact finite-size law, where one is known."""
    key: Hashable = field(repr=False)
    """Equal for kinds whose points go through one function."""

    @property
    def formulas(self) -> dict[str, Expr]:
        """Formulas of the numbers of a point, by their names."""
        assert self.error is not None
        found = {name: getattr(self.error, name) for name in PARTS}
        return found if self.law is None else {**found, "exact_total": self.law}

    @property
    def constants(self) -> dict[Symbol, Expr]:
        """Letters of fits that have a number of the problem."""
        found: dict[Symbol, Any] = {}
        for named in named_fits(self.problem):
            letters = [*fit_letters(named.fit, named.position).values()]
            letters += [named.count] if named.count is not None else []
            for letter in letters:
                value = self.rule.get(letter)
                if value is not None and not value.free_symbols:
                    found[letter] = value
        return found


@dataclass(frozen=True)
class AlikePoints:
    """Points of one kind: which they are, and the numbers of the letters that move."""

    kind: PointKind
    rows: NDArray[np.intp]
    """Numbers of the points among those that are asked for together."""
    doubles: Mapping[Symbol, Column]
    """The moving letters at each point; rounded once."""
    exact_at: Callable[[int], Mapping[Symbol, Expr]]
    """The moving letters at one of the points, counted from 0."""
    problem_at: Callable[[int], Problem]
    """The problem at one of the points, counted from 0."""


class CurveEvaluator:
    """Numbers of points, with derivations and compiled functions remembered from one chunk of points to the next."""

    def __init__(self) -> None:
        self._derived: dict[Hashable, TestError | None] = {}
        self._functions: dict[Hashable, tuple[list[str], list[Symbol], DoubleColumns]] = {}

    def kind(self, problem: Problem, moving: tuple[Symbol, ...] = ()) -> PointKind:
        """The kind of the points that differ from a problem in the numbers of some letters only.

        Raises
        ------
        SymcollapseError
            If the problem has no test error.
        """
        structure = structure_of(problem)
        # A derivation takes longer than everything else, and depends on the structure only.
        if structure not in self._derived:
            if len(self._derived) >= MOST_FUNCTIONS:
                self._derived.clear()
            self._derived[structure] = _error_of(problem)
        error = self._derived[structure]
        rule = substitution(problem, moving)
        law = None if error is None else _exact_total_of(problem, error)
        parts = None if problem.replaces else named_parts(problem)
        following = frozenset(
            (letter, value)
            for letter, value in rule.items()
            if isinstance(letter, Symbol) and value.free_symbols
        )
        key = (structure, problem.spectrum, problem.target, parts, moving, law, following)
        return PointKind(problem, error, moving, rule, law, key)

    def numbers(
        self, points: Sequence[AlikePoints], size: int, progress: Progress | None = None
    ) -> dict[str, list[Any]]:
        """The columns of a table of points.

        Parameters
        ----------
        points
            All points, by their kinds.
        size
            Number of points.
        progress
            Called now and then with the points done and the points asked for.

        Returns
        -------
        columns
            One list for each field of `CurvePoint`.
        """
        columns: dict[str, list[Any]] = {
            name: [None] * size for name in CurvePoint.__dataclass_fields__
        }
        groups: dict[Hashable, list[AlikePoints]] = {}
        done = 0
        for alike in points:
            if alike.kind.error is None:
                done += _evolve(columns, alike)
                if progress is not None:
                    progress(done, size)
            else:
                groups.setdefault(alike.kind.key, []).append(alike)
        for group in groups.values():
            self._fill(columns, group)
            done += sum(len(alike.rows) for alike in group)
            if progress is not None:
                progress(done, size)
        return columns

    def _fill(self, columns: dict[str, list[Any]], group: Sequence[AlikePoints]) -> None:
        places = [(alike, at) for alike in group for at in range(len(alike.rows))]
        names, values = self._in_doubles(group, len(places))
        found: dict[str, list[float]] = {}
        for name, formula in group[0].kind.formulas.items():
            if name not in names:
                found[name] = [in_digits(formula, group[0], 0)] * len(places)
                continue
            column = values[names.index(name)]
            numbers = column.tolist()
            for place in np.flatnonzero(np.isnan(column)):
                alike, at = places[place]
                numbers[place] = in_digits(alike.kind.formulas[name], alike, at)
            found[name] = numbers
        terms = zip(found["bias"], found["variance"], found["synthetic"], strict=True)
        # Three nonnegative terms: their sum is as accurate as they are.
        found["total"] = [_sum(each) for each in terms]
        rows = np.concatenate([alike.rows for alike in group]).tolist()
        for name, numbers in found.items():
            column_of = columns[name]
            for row, number in zip(rows, numbers, strict=True):
                column_of[row] = number
        for alike in group:
            assert alike.kind.error is not None
            for row in alike.rows:
                columns["regime"][row] = alike.kind.error.regime

    def _in_doubles(self, group: Sequence[AlikePoints], size: int) -> tuple[list[str], Column]:
        """Which formulas depend on the point, and their values, nan where doubles are not sure."""
        first = group[0].kind
        constants = [alike.kind.constants for alike in group]
        varying = [
            letter
            for letter in dict.fromkeys(letter for each in constants for letter in each)
            if any(each.get(letter) != constants[0].get(letter) for each in constants)
        ]
        keep = (*first.moving, *varying)
        fixed = frozenset((k, v) for k, v in constants[0].items() if k not in varying)
        key = (first.key, keep, fixed)
        if key not in self._functions:
            if len(self._functions) >= MOST_FUNCTIONS:
                self._functions.clear()
            kept = {
                name: in_numbers(formula, first.problem, keep)
                for name, formula in first.formulas.items()
            }
            names = [name for name, formula in kept.items() if formula.free_symbols & set(keep)]
            free = set().union(*(kept[name].free_symbols for name in names))
            arguments = [letter for letter in keep if letter in free]
            formulas = [kept[name] for name in names] if size >= FEWEST_TOGETHER else []
            self._functions[key] = (names, arguments, DoubleColumns(formulas, arguments))
            if size < FEWEST_TOGETHER:
                del self._functions[key]
                return names, np.full((len(names), size), np.nan)
        names, arguments, function = self._functions[key]
        if not names or size < FEWEST_TOGETHER:
            return names, np.full((len(names), size), np.nan)
        grids = [
            np.concatenate(
                [
                    alike.doubles[letter]
                    if letter in alike.doubles
                    else np.full(len(alike.rows), _double(each[letter]))
                    for alike, each in zip(group, constants, strict=True)
                ]
            )
            for letter in arguments
        ]
        return names, function(grids)


def curve_points(problems: Sequence[Problem], progress: Progress | None = None) -> list[CurvePoint]:
    """The test error of each problem.

    Parameters
    ----------
    problems
        One for each point.
    progress
        Called now and then with the points done and the points asked for.

    Returns
    -------
    points
        Relative error below 1e-12, proven; mostly a few units in the last place. A pipeline without a formula, such
        as many accumulating ridge fits, goes through its state evolution instead: below 1e-9, by an estimate; its
        regime says so.

    Raises
    ------
    SymcollapseError
        If one of the problems cannot be evaluated.

    Example
    -------
    >>> ridges = ["1/10", "1/5"]
    >>> problems = [Problem.from_file("figure-1a", {"downstream.ridge": ridge}) for ridge in ridges]
    >>> [round(point.total, 6) for point in curve_points(problems)]
    [0.177554, 0.183039]
    """
    evaluator = CurveEvaluator()
    points = [alone(evaluator.kind(problem), row) for row, problem in enumerate(problems)]
    columns = evaluator.numbers(points, len(problems), progress)
    return [
        CurvePoint(**{name: column[row] for name, column in columns.items()})
        for row in range(len(problems))
    ]


def alone(kind: PointKind, row: int) -> AlikePoints:
    """One point, as the problem of its kind has it.

    Example
    -------
    >>> kind = CurveEvaluator().kind(Problem.from_file("figure-1a"))
    >>> alone(kind, 7).rows.tolist()
    [7]
    """
    return AlikePoints(kind, np.array([row]), {}, lambda _: {}, lambda _: kind.problem)


def in_digits(formula: Expr, alike: AlikePoints, at: int) -> float:
    """One formula at one of the points, correctly rounded to 15 digits; inf where it is infinite.

    Raises
    ------
    NotEvaluable
        If it is out of the range of doubles.

    Example
    -------
    >>> kind = CurveEvaluator().kind(Problem.from_file("figure-1a"))
    >>> in_digits(kind.formulas["clean"], alone(kind, 0), 0)
    0.0555276750661138
    """
    kind = alike.kind
    values = alike.exact_at(at) if kind.moving else {}
    evaluated = evaluate(formula, kind.problem, digits=DIGITS, values=values)
    number = float(evaluated)
    if evaluated.is_infinite or evaluated.mpf == 0 or _is_normal(number):
        return number
    raise _out_of_range(evaluated.text)


def _error_of(problem: Problem) -> TestError | None:
    """The formula, or None where a pipeline's would be too long, or is not derived."""
    if is_entangled(problem):
        return None
    try:
        return test_error(problem)
    except NotSupported:
        if problem.replaces or problem.is_symbolic:
            raise
        return None


def _exact_total_of(problem: Problem, error: TestError) -> Expr | None:
    law = (
        test_error(problem).exact if error.composed is None else exact_law(problem, error.composed)
    )
    return None if law is None else law.total


def _evolve(columns: dict[str, list[Any]], alike: AlikePoints) -> int:
    for at, row in enumerate(alike.rows):
        point = evolved_point(alike.problem_at(at))
        for name, column in columns.items():
            column[row] = getattr(point, name)
    return len(alike.rows)


def _sum(terms: Sequence[float]) -> float:
    if not all(map(math.isfinite, terms)):
        return math.inf
    try:
        return math.fsum(terms)
    except OverflowError:
        raise _out_of_range("the total") from None


def _double(number: Expr) -> float:
    """The nearest double; nan where it is out of range."""
    try:
        return float(number)
    except OverflowError:
        return math.nan


def _is_normal(number: float) -> bool:
    return sys.float_info.min <= abs(number) <= sys.float_info.max


def _out_of_range(what: str) -> NotEvaluable:
    return NotEvaluable(f'{what} is out of the range of doubles; use "symcollapse evaluate"')
