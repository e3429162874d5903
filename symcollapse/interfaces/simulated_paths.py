"""What --ridges and --generations ask for: numbers of a path, from the texts of the command line."""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr

from symcollapse.interfaces.requested_points import requested_points
from symcollapse.interfaces.sweeps import parse_sweep
from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Problem
from symcollapse.simulation import RidgePath

MOST_RIDGES = 10_000
"""Ridges of one path; a table of more is no table."""

COLUMNS = ("generations", "ridge", "mean", "standard_error")
"""Of the rows of a path."""


@dataclass(frozen=True)
class RequestedPath:
    """Ridges and numbers of generations of a problem.

    Example
    -------
    >>> requested = requested_path("figure-1a", "1/10,1", "0,5")
    >>> requested.ridges, requested.generations
    ((1/10, 1), (0, 5))
    """

    problem: Problem
    """As in the file."""
    ridges: tuple[Expr, ...]
    """Exact numbers."""
    generations: tuple[int, ...] | None
    """None: as many as the file has."""


def requested_path(file: str, ridges: str, generations: str | None) -> RequestedPath:
    """Read the problem, and the values as those of ``curve --over``.

    Raises
    ------
    InvalidProblem
        With the option, or the key, and the remedy.

    Example
    -------
    >>> requested_path("figure-1a", "1e-2:1:log:3", "0:2").generations
    (0, 1, 2)
    """
    problem = Problem.from_file(file)
    if problem.downstream is None:
        raise InvalidProblem(f"--ridges: {file} has no [downstream] whose ridge could vary")
    requested = requested_points([f"downstream.ridge={ridges}"], [])
    if len(requested.points) > MOST_RIDGES:
        raise InvalidProblem(
            f"--ridges: {len(requested.points)} ridges; give {MOST_RIDGES} at most"
        )
    found = tuple(_ridge(each) for each in requested.problems(file))
    lengths = None if generations is None else _lengths(generations)
    return RequestedPath(problem, found, lengths)


def path_rows(path: RidgePath) -> list[list[float]]:
    """One row for each number of generations and each ridge, in the order of ``COLUMNS``.

    Example
    -------
    >>> import numpy as np
    >>> path_rows(RidgePath((5,), (0.0, 0.5), np.ones((2, 1, 2)), seed=1))
    [[5, 0.0, 1.0, 0.0], [5, 0.5, 1.0, 0.0]]
    """
    return [
        [length, ridge, path.mean[row][column], path.standard_error[row][column]]
        for row, length in enumerate(path.generations)
        for column, ridge in enumerate(path.ridges)
    ]


def _ridge(problem: Problem) -> Expr:
    fit = problem.downstream
    assert fit is not None
    return fit.at_own_size(fit.ridge).xreplace({symbols.dimension: problem.dimension})


def _lengths(text: str) -> tuple[int, ...]:
    values: Sequence[str] = parse_sweep(f"generations={text}").values
    if len(values) > MOST_RIDGES:
        raise InvalidProblem(f"--generations: {len(values)} numbers; give {MOST_RIDGES} at most")
    if not all(value.isascii() and value.isdigit() for value in values):
        raise InvalidProblem(f"--generations {text}: give integers >= 0, as 0,1,5 or 0:5")
    return tuple(int(value) for value in values)
