"""Numbers of points in decimal digits, as many as are asked for, with proven radii."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import ctx
from sympy import Expr

from symcollapse.evaluation import Evaluated, evaluate, in_numbers, lambdify
from symcollapse.evaluation.numbers import GUARD_BITS, rounded_ball
from symcollapse.interfaces.curve_points import CurvePoint
from symcollapse.interfaces.curves import FEWEST_TOGETHER, PARTS, AlikePoints
from symcollapse.language.errors import NotSupported, SymcollapseError
from symcollapse.simulation.trials import Progress

GUARD = 3
"""Digits beyond those asked for: of a thousand numbers, one is not decided by them, and is taken by itself."""


def digit_names(certified: bool) -> list[str]:  # noqa: FBT001 # there is nothing else to say
    """Names of the columns: those of a point, and a radius for each number of it.

    Example
    -------
    >>> digit_names(True)[:2]
    ['total', 'total_radius']
    """
    names: list[str] = []
    for name in CurvePoint.__dataclass_fields__:
        names.append(name)
        if certified and name != "regime":
            names.append(f"{name}_radius")
    return names


def digit_columns(
    points: Sequence[AlikePoints],
    size: int,
    digits: int,
    report: Progress | None = None,
    *,
    certified: bool,
) -> dict[str, list[Any]]:
    """The columns of a table of points, as decimal strings; None where there is no law.

    Parameters
    ----------
    points
        All points, by their kinds.
    size
        Number of points.
    digits
        Significant digits, every one of them right.
    report
        Called with the points done and the points asked for.
    certified
        Whether to add proven bounds of the rounding error.

    Raises
    ------
    NotSupported
        If a point goes by state evolution, which proves nothing.

    Example
    -------
    >>> from symcollapse.interfaces.curves import CurveEvaluator, alone
    >>> from symcollapse.language.problems import Problem
    >>> point = alone(CurveEvaluator().kind(Problem.from_file("figure-1a")), 0)
    >>> digit_columns([point], 1, 20, certified=False)["total"]
    ['0.18303930890594054233']
    """
    names = digit_names(certified)
    columns: dict[str, list[Any]] = {name: [None] * size for name in names}
    done = 0
    for alike in points:
        error = alike.kind.error
        if error is None:
            raise NotSupported(
                "--digits: this pipeline goes by state evolution, in doubles; take fewer generations, or leave it out"
            )
        formulas = {"total": error.total, **{name: getattr(error, name) for name in PARTS}}
        if alike.kind.law is not None:
            formulas["exact_total"] = alike.kind.law
        together = _together(list(formulas.values()), alike, digits)
        for at, row in enumerate(alike.rows.tolist()):
            for place, (name, formula) in enumerate(formulas.items()):
                number = together[at][place]
                if number is None:
                    values = alike.exact_at(at)
                    number = evaluate(formula, alike.kind.problem, digits=digits, values=values)
                columns[name][row] = number.text
                if certified:
                    columns[f"{name}_radius"][row] = number.radius
            columns["regime"][row] = error.regime
            done += 1
            if report is not None:
                report(done, size)
    return columns


def _together(
    formulas: Sequence[Expr], alike: AlikePoints, digits: int
) -> list[list[Evaluated | None]]:
    """The formulas at each point, from balls that share their sums; None where these do not decide the digits."""
    size = len(alike.rows)
    nothing: list[list[Evaluated | None]] = [[None] * len(formulas) for _ in range(size)]
    kept = [in_numbers(formula, alike.kind.problem, alike.kind.moving) for formula in formulas]
    free = set().union(*(formula.free_symbols for formula in kept))
    arguments = [letter for letter in alike.kind.moving if letter in free]
    if size < FEWEST_TOGETHER or not arguments:
        return nothing
    exactly = [alike.exact_at(at) for at in range(size)]
    try:
        function = lambdify(kept, arguments, arithmetic="ball", digits=digits + GUARD)
        columns = function(
            *(_objects([values[letter] for values in exactly]) for letter in arguments)
        )
    except SymcollapseError:
        return nothing
    with ctx.workprec(int((digits + GUARD) * 3.33) + GUARD_BITS):
        return [
            [
                rounded_ball(column[at], digits) if column[at].is_finite() else None
                for column in columns
            ]
            for at in range(size)
        ]


def _objects(values: Sequence[Expr]) -> Any:
    """An array of numbers as they are; NumPy would look into them."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
