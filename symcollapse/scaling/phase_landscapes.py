"""A decay exponent over two letters: nested minima and maxima of rational functions, under conditions.

One walk through the choices answers both questions: which formula holds at a point, in exact numbers, and, in doubles
with room for rounding, which choices are so close that a border may pass there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy import Expr, Max, Min, Symbol
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan
from sympy.logic.boolalg import And, Boolean, true

from symcollapse.language.errors import NotSupported
from symcollapse.scaling.planar_cells import Curve, Number, PlaneFunction

NEAR = 1e-7
"""Room for rounding where a border that cannot matter is left out; doubles err by less than 1e-12."""


@dataclass(frozen=True)
class Letters:
    """The two letters of a plane; functions are linear in the second."""

    first: Symbol
    second: Symbol

    def function(self, formula: Expr) -> PlaneFunction:
        """A formula without minima and maxima."""
        return PlaneFunction.of(formula, self.first, self.second)


@dataclass(frozen=True)
class Choice:
    """A formula, or the least or largest of several options and what follows from it."""

    formula: Expr
    letters: Letters
    terms: tuple[str, ...] = ()
    """Terms of the error whose exponent the formula is."""
    options: tuple[Expr, ...] = ()
    is_minimum: bool = True
    branches: tuple["Choice", ...] = ()

    @staticmethod
    def of(formula: Expr, letters: Letters) -> "Choice":
        """The choices in an expression, innermost first."""
        bends = [
            bend
            for bend in formula.atoms(Min, Max)
            if not any(argument.has(Min, Max) for argument in bend.args)
        ]
        if not bends:
            return Choice(formula, letters)
        bend = min(bends, key=lambda each: each.sort_key())
        options: tuple[Any, ...] = bend.args
        branches = tuple(Choice.of(formula.xreplace({bend: each}), letters) for each in options)
        return Choice(formula, letters, (), options, isinstance(bend, Min), branches)

    @staticmethod
    def least(rows: Sequence[tuple[Expr, tuple[str, ...]]], letters: Letters) -> "Choice":
        """The least of the exponents of some terms."""
        branches = tuple(Choice(formula, letters, terms) for formula, terms in rows)
        options = tuple(formula for formula, _ in rows)
        return Choice(Min(*options), letters, (), options, is_minimum=True, branches=branches)

    @cached_property
    def functions(self) -> tuple[PlaneFunction, ...]:
        """The options; for a formula without choices, the formula."""
        return tuple(self.letters.function(each) for each in self.options or (self.formula,))

    @cached_property
    def cuts(self) -> dict[tuple[int, int], tuple[Curve, ...]]:
        """Where two options, by their places, are equal; for a formula, at (0, 0), where it is zero."""
        if not self.options:
            return {(0, 0): self.functions[0].cuts()}
        return {
            (i, j): self.letters.function(one - other).cuts()
            for i, one in enumerate(self.options)
            for j, other in enumerate(self.options[:i])
        }

    def at(self, u: Number, v: Number) -> "Choice":
        """The formula that holds at a point."""
        node = self
        while node.options:
            values = [function.at(u, v) for function in node.functions]
            node = node.branches[values.index(min(values) if node.is_minimum else max(values))]
        return node

    def every_cut(self) -> set[Curve]:
        """All borders of the choices, and where the formulas are zero."""
        own = {curve for curves in self.cuts.values() for curve in curves}
        return own.union(*(branch.every_cut() for branch in self.branches))

    def close_cuts(self, u: float, v: float) -> set[Curve]:
        """Borders of the choices that are close at a point."""
        values = [function.at(u, v) for function in self.functions]
        if not self.options:
            return set(self.cuts[0, 0]) if abs(values[0]) < NEAR else set()
        best = min(values) if self.is_minimum else max(values)
        close = [i for i, value in enumerate(values) if abs(value - best) < NEAR]
        own = {curve for i in close for j in close if j < i for curve in self.cuts[i, j]}
        return own.union(*(self.branches[i].close_cuts(u, v) for i in close))


@dataclass(frozen=True)
class Province:
    """An exponent under a condition."""

    condition: Boolean
    choice: Choice

    @cached_property
    def bounds(self) -> tuple[PlaneFunction, ...]:
        """Functions that are nonnegative just where the condition holds, equality aside."""
        if self.condition == true:
            return ()
        return tuple(map(self.choice.letters.function, _differences(self.condition)))

    @cached_property
    def borders(self) -> tuple[tuple[Curve, ...], ...]:
        """Where each of the bounds is zero."""
        return tuple(bound.cuts() for bound in self.bounds)

    def holds(self, u: Number, v: Number, room: float = 0) -> bool:
        """Whether a point lies in it, or that close."""
        return all(bound.at(u, v) >= -room for bound in self.bounds)

    def close_cuts(self, u: float, v: float) -> set[Curve]:
        """Borders that may matter at a point."""
        if not self.holds(u, v, NEAR):
            return set()
        near = (
            curves
            for bound, curves in zip(self.bounds, self.borders, strict=True)
            if bound.at(u, v) < NEAR
        )
        return self.choice.close_cuts(u, v).union(*near)


def _differences(condition: Boolean) -> list[Expr]:
    """The larger side minus the smaller one, for each inequality."""
    found: list[Expr] = []
    for each in condition.args if isinstance(condition, And) else [condition]:
        if not isinstance(each, LessThan | StrictLessThan | GreaterThan | StrictGreaterThan):
            raise NotSupported(f"{condition} is no chain of inequalities: give more numbers")
        found.append(each.gts - each.lts)
    return found


@dataclass(frozen=True)
class Landscape:
    """A decay exponent over a plane."""

    provinces: tuple[Province, ...]

    def curves(self) -> tuple[Curve, ...]:
        """All borders."""
        found: set[Curve] = set()
        for province in self.provinces:
            found |= province.choice.every_cut()
            found.update(curve for curves in province.borders for curve in curves)
        return tuple(sorted(found, key=repr))

    def may_matter(self, first: Curve, second: Curve, u: float, v: float) -> bool:
        """Whether both borders may be real ones where they meet."""
        close: set[Curve] = set()
        for province in self.provinces:
            close |= province.close_cuts(u, v)
        return first in close and second in close

    def at(self, u: Number, v: Number) -> tuple[Province, Choice] | None:
        """The province of a point and the formula that holds there; None outside of all."""
        for province in self.provinces:
            if province.holds(u, v):
                return province, province.choice.at(u, v)
        return None

    def height(self, u: Number, v: Number) -> Number | None:
        """The exponent at a point."""
        found = self.at(u, v)
        return None if found is None else found[1].functions[0].at(u, v)

    def is_positive(self, u: Fraction, v: Fraction) -> bool:
        """Whether the error goes to zero there."""
        height = self.height(u, v)
        return height is not None and height > 0
