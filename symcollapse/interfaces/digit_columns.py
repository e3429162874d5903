"""Numbers of points in decimal digits, as many as are asked for, with proven radii."""

from collections.abc import Sequence
from typing import Any

from symcollapse.evaluation import evaluate
from symcollapse.interfaces.curve_points import CurvePoint
from symcollapse.interfaces.curves import PARTS, AlikePoints
from symcollapse.language.errors import NotSupported
from symcollapse.simulation.trials import Progress


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
        for at, row in enumerate(alike.rows.tolist()):
            values = alike.exact_at(at)
            for name, formula in formulas.items():
                number = evaluate(formula, alike.kind.problem, digits=digits, values=values)
                columns[name][row] = number.text
                if certified:
                    columns[f"{name}_radius"][row] = number.radius
            columns["regime"][row] = error.regime
            done += 1
            if report is not None:
                report(done, size)
    return columns
