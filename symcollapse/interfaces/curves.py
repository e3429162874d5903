"""Curves: the test error at many points, in doubles where they are sure of their digits, else in digits.

Points whose formula, spectrum and truth are alike go through one function at once, as arrays.
"""

import math
import sys
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from symcollapse.evaluation import evaluate, in_numbers, lambdify
from symcollapse.interfaces.curve_points import CurvePoint as CurvePoint
from symcollapse.interfaces.evolved_points import evolved_point, is_entangled
from symcollapse.language.errors import (
    LossOfDigits,
    NotEvaluable,
    NotSupported,
    SymcollapseError,
)
from symcollapse.language.exactness import exact
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
    # A derivation takes longer than everything else, and depends on the structure only.
    derived: dict[Hashable, TestError | None] = {}
    errors: list[TestError | None] = []
    groups: dict[Hashable, list[int]] = {}
    found: dict[int, CurvePoint] = {}
    for position, problem in enumerate(problems):
        structure = structure_of(problem)
        if structure not in derived:
            derived[structure] = _error_of(problem)
        errors.append(derived[structure])
        if derived[structure] is None:
            found[position] = evolved_point(problem)
            if progress is not None:
                progress(len(found), len(problems))
            continue
        parts = None if problem.replaces else named_parts(problem)
        alike = (structure, problem.spectrum, problem.target, parts)
        groups.setdefault(alike, []).append(position)
    for positions in groups.values():
        members = [problems[position] for position in positions]
        error = errors[positions[0]]
        assert error is not None
        points = _points_alike(members, error)
        found.update(zip(positions, points, strict=True))
        if progress is not None:
            progress(len(found), len(problems))
    return [found[position] for position in range(len(problems))]


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


def _points_alike(problems: list[Problem], error: TestError) -> list[CurvePoint]:
    columns = {
        name: _column(formula, problems)
        for name, formula in (
            ("bias", error.bias),
            ("variance", error.variance),
            ("synthetic", error.synthetic),
            ("clean", error.clean),
            ("effective_ridge", error.effective_ridge),
        )
    }
    # Three nonnegative terms: their sum is as accurate as they are.
    columns["total"] = [
        _sum(terms)
        for terms in zip(columns["bias"], columns["variance"], columns["synthetic"], strict=True)
    ]
    return [
        CurvePoint(
            **{name: column[row] for name, column in columns.items()},
            exact_total=_exact_total(problem, error),
            regime=error.regime,
        )
        for row, problem in enumerate(problems)
    ]


def _exact_total(problem: Problem, error: TestError) -> float | None:
    law = (
        test_error(problem).exact if error.composed is None else exact_law(problem, error.composed)
    )
    return None if law is None else _in_digits(law.total, problem)


def _sum(terms: Sequence[float]) -> float:
    if not all(map(math.isfinite, terms)):
        return math.inf
    try:
        return math.fsum(terms)
    except OverflowError:
        raise _out_of_range("the total") from None


def _column(formula: Expr, problems: list[Problem]) -> list[float]:
    """One formula at every problem."""
    if len(problems) < FEWEST_TOGETHER:
        return [_in_digits(formula, problem) for problem in problems]
    rules = [substitution(problem) for problem in problems]
    moving = [
        symbol
        for symbol in _letters(problems[0])
        if any(rule.get(symbol) != rules[0].get(symbol) for rule in rules)
    ]
    kept = in_numbers(formula, problems[0], tuple(moving))
    arguments = [symbol for symbol in moving if symbol in kept.free_symbols]
    if not arguments:
        return [_in_digits(formula, problems[0])] * len(problems)
    given = [[exact(rule.get(symbol, symbol)) for rule in rules] for symbol in arguments]
    grids = [
        np.array([float(number) if _in_range(number) else math.nan for number in numbers])
        for numbers in given
    ]
    try:
        function = lambdify(kept, arguments)
    except SymcollapseError:
        return [_in_digits(formula, problem) for problem in problems]
    values = np.full(len(problems), math.nan)
    faithful = [all(map(_in_range, numbers)) for numbers in zip(*given, strict=True)]
    _fill(values, function, grids, np.flatnonzero(faithful))
    return [
        # Zeros and infinities of doubles may be numbers that they cannot hold.
        float(value) if _is_normal(value) else _in_digits(formula, problem)
        for value, problem in zip(values, problems, strict=True)
    ]


def _letters(problem: Problem) -> list[Symbol]:
    letters: list[Symbol] = []
    for named in named_fits(problem):
        letters += fit_letters(named.fit, named.position).values()
        letters += [named.count] if named.count is not None else []
    return letters


def _fill(values: Any, function: Callable[..., Any], grids: list[Any], rows: Any) -> None:
    """Put in what doubles are sure of; halves are tried until the doubtful points stand alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", LossOfDigits)
        try:
            values[rows] = function(*(grid[rows] for grid in grids))
        except (LossOfDigits, SymcollapseError):
            if len(rows) > 1:
                middle = len(rows) // 2
                _fill(values, function, grids, rows[:middle])
                _fill(values, function, grids, rows[middle:])


def _in_digits(formula: Expr, problem: Problem) -> float:
    evaluated = evaluate(formula, problem, digits=DIGITS)
    number = float(evaluated)
    if _is_normal(number) or evaluated.is_infinite or evaluated.mpf == 0:
        return number
    raise _out_of_range(evaluated.text)


def _in_range(number: Expr) -> bool:
    """Whether a double holds it to full accuracy."""
    try:
        return number == 0 or _is_normal(float(number))
    except OverflowError:
        return False


def _is_normal(number: float) -> bool:
    return sys.float_info.min <= abs(number) <= sys.float_info.max


def _out_of_range(what: str) -> NotEvaluable:
    return NotEvaluable(f'{what} is out of the range of doubles; use "symcollapse evaluate"')
