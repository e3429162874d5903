"""Where two branches of a minimum exchange dominance: only lines on which both are the least somewhere.

A crossover is kept if a point is found on it, with exact numbers, at which no third branch is as small. Points are
searched by linear programs at a few capacities and sources, if these are symbols.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np
from scipy.optimize import linprog
from sympy import Eq, Expr, Rational

from symcollapse.scaling.tropical_forms import Cell, Form, FormSpace, generators
from symcollapse.scaling.tropical_minima import Branch

CAPACITIES = tuple(Fraction(text) for text in ("2", "3/2", "5"))
SOURCES = tuple(Fraction(text) for text in ("1/2", "3/4", "1/8", "3/2"))
"""Capacities and sources at which points are searched."""

FARTHEST = 5
"""Bound on every exponent of a point, and on every weight of a cell's generator."""
MARGIN = 1 / 20
"""Widest distance asked for, to other branches and to the walls of the cell; 1 is shared among the corners' weights."""


@dataclass(frozen=True)
class Crossover:
    """A line on which two terms of the error decay alike, and more slowly than all others somewhere on it."""

    equation: Eq
    between: tuple[str, str]
    """Names of the terms; twice the same where a term's own exponent bends."""
    witness: tuple[tuple[Expr, Rational], ...]
    """A point on the line at which no third exponent is as small, by the names of the exponents."""


@dataclass(frozen=True)
class _Search:
    branches: Sequence[Branch]
    space: FormSpace
    cells: Sequence[Cell]

    def settings(self) -> Iterator[tuple[Fraction, Fraction]]:
        scaling = self.space.scaling
        capacities = [_fraction(scaling.capacity)] if self.space.is_capacity_known else CAPACITIES
        sources = [_fraction(scaling.source)] if self.space.is_source_known else SOURCES
        return product(capacities, sources)

    def point(
        self, equal: tuple[int, int], capacity: Fraction, source: Fraction
    ) -> tuple[Fraction, ...] | None:
        """A point at which two branches, or one with itself, are less than all others."""
        rows = [branch.at(capacity, source) for branch in self.branches]
        for cell in self.cells:
            found = _least_at(rows, equal, cell, self.space, is_inside=True)
            if found is not None:
                return found
        # A line along the wall between two cells has no point inside either.
        for cell in self.cells if self._is_wall(equal) else ():
            found = _least_at(rows, equal, cell, self.space, is_inside=False)
            if found is not None:
                return found
        return None

    def _is_wall(self, equal: tuple[int, int]) -> bool:
        """Whether the first of two branches is the smaller in one whole cell, the second in another."""
        first, second = (self.branches[place] for place in equal)
        if first.bent is not None or second.bent is not None:
            return False
        ahead, behind = first.base - second.base, second.base - first.base
        return all(
            any(self.space.is_nonnegative(form, cell) for cell in self.cells)
            for form in (ahead, behind)
        )


def crossovers(
    chosen: Sequence[Branch],
    owners: Mapping[Form, str],
    space: FormSpace,
    cells: Sequence[Cell],
) -> tuple[Crossover, ...]:
    """The crossovers of the minimum of some branches, with the terms that meet there."""
    search = _Search(chosen, space, cells)
    found: list[Crossover] = []
    for place, branch in enumerate(chosen):
        if branch.threshold is not None:
            for capacity, _ in search.settings():
                bend = branch.bend_at(capacity)
                point = search.point((place, place), capacity, bend)
                if point is not None:
                    equation = Eq(space.scaling.source, branch.threshold)
                    names = (owners[branch.forms[0]], owners[branch.forms[1]])
                    found.append(Crossover(equation, names, _witness(point, capacity, bend, space)))
                    break
    for i, j in combinations(range(len(chosen)), 2):
        for capacity, source in search.settings():
            point = search.point((i, j), capacity, source)
            if point is not None:
                equation = Eq(chosen[i].written(space), chosen[j].written(space))
                names = (owners[chosen[i].forms[0]], owners[chosen[j].forms[0]])
                if isinstance(equation, Eq):
                    found.append(
                        Crossover(equation, names, _witness(point, capacity, source, space))
                    )
                break
    return tuple(found)


def _witness(
    point: Sequence[Fraction], capacity: Fraction, source: Fraction, space: FormSpace
) -> tuple[tuple[Expr, Rational], ...]:
    values = dict(zip(space.names[1:], point[1:], strict=True))
    values[space.scaling.capacity] = capacity
    values[space.scaling.source] = source
    return tuple(
        (name, Rational(value.numerator, value.denominator)) for name, value in values.items()
    )


def _least_at(
    rows: Sequence[Sequence[Fraction]],
    equal: tuple[int, int],
    cell: Cell,
    space: FormSpace,
    *,
    is_inside: bool,
) -> tuple[Fraction, ...] | None:
    count = len(space.names)
    directions = generators(cell, space.names)
    free = [i for i in range(1, count) if space.names[i] not in cell.order]
    # Columns: weights of the cell's generators, the exponents without an order, the margin.
    spread = np.zeros((count, len(directions) + len(free)))
    for column, direction in enumerate(directions):
        spread[:, column] = [float(part) for part in direction]
    for column, place in enumerate(free, len(directions)):
        spread[place, column] = 1
    values = np.array([[float(part) for part in row] for row in rows]) @ spread
    first, second = equal
    others = [k for k in range(len(rows)) if k not in equal]
    above = np.array([[*(values[first] - values[k]), 1] for k in others]).reshape(
        len(others), spread.shape[1] + 1
    )
    # Every weight is at least the margin, so that the point is inside its cell.
    inside = np.zeros((len(directions), spread.shape[1] + 1))
    inside[:, : len(directions)] = -np.eye(len(directions))
    inside[:, -1] = 1 if is_inside else 0
    above = np.vstack([above, inside])
    level = [*spread[0], 0]
    meets = [*(values[first] - values[second]), 0]
    solved = linprog(
        [0] * spread.shape[1] + [-1],
        A_ub=above,
        b_ub=[0] * len(above),
        A_eq=[level, meets] if first != second else [level],
        b_eq=[1, 0] if first != second else [1],
        bounds=[(0, FARTHEST)] * len(directions)
        + [(-FARTHEST, FARTHEST)] * len(free)
        + [(None, MARGIN)],
    )
    if solved.x is None or solved.x[-1] < MARGIN / 100:
        return None
    return _exactly(rows, equal, [float(value) for value in spread @ solved.x[:-1]])


def _exactly(
    rows: Sequence[Sequence[Fraction]], equal: tuple[int, int], near: Sequence[float]
) -> tuple[Fraction, ...] | None:
    """The point near a rounded one, if in exact numbers it is what it should be."""
    point = tuple(Fraction(value).limit_denominator(10**4) for value in near)
    values = [sum((a * x for a, x in zip(row, point, strict=True)), Fraction(0)) for row in rows]
    first, second = equal
    least = values[first]
    rest = [value for k, value in enumerate(values) if k not in equal]
    return point if values[second] == least and all(value > least for value in rest) else None


def _fraction(value: Expr) -> Fraction:
    assert isinstance(value, Rational)
    return Fraction(value.p, value.q)
