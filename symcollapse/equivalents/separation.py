"""Separation of a Dyson equation: which unknowns need each other, and the solution part by part.

Every unknown trace is a trace of a block of M, which depends on other unknowns. The strongly connected parts of this
dependency graph are solved one after the other: those in which the unknowns enter linearly by linear algebra, the
others as nonlinear cores, by `cores`. Nothing is assumed of the pencil: that a product of resolvents separates into one
core for each design and ridge, and linear equations for the rest, is what the graph shows.

A solved trace that is long goes under a name, so that blocks further on hold the name and not the formula.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any

from sympy import Add, Expr, Integer, Matrix, Symbol
from sympy.utilities.iterables import strongly_connected_components

from symcollapse.equivalents.closed_forms import in_degrees, length, shortened
from symcollapse.equivalents.core_equations import CoreEquation, SolvedCore, by_traces
from symcollapse.equivalents.cores import solve_core
from symcollapse.equivalents.dyson import DysonEquation, Place, Unknown
from symcollapse.equivalents.rational_functions import factored
from symcollapse.equivalents.spread_functions import Spread, product, spread, total
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import outside_systems
from symcollapse.language.coupled_traces import CoupledTrace
from symcollapse.language.symbols import name_symbol, placeholder

LONGEST_INLINE = 30
"""Operations up to which the value of a trace is written out in what depends on it."""


@dataclass(frozen=True)
class Part:
    """A strongly connected part of the unknowns, solved."""

    unknowns: tuple[Unknown, ...]
    """The traces."""
    values: tuple[Expr, ...]
    """Their closed forms, in terms of earlier parts."""
    core: SolvedCore | None
    """The nonlinear core, or None for a linear part."""


class Naming:
    """Numbers for the names of long traces, one sequence for an expression."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def named(self, value: Expr) -> Expr:
        """The value, under a name if it is long."""
        if length(value) <= LONGEST_INLINE:
            return value
        return Abbreviation(name_symbol(f"theta_{next(self._numbers)}"), value)


class SeparatedEquation:
    """A Dyson equation, solved part by part.

    Parameters
    ----------
    equation
        The Dyson equation.
    naming
        Gives names to long traces.
    """

    def __init__(self, equation: DysonEquation, naming: Naming | None = None) -> None:
        self.equation = equation
        self._naming = naming or Naming()
        self._raw: dict[Place, Expr] = {}
        self._inverses: dict[tuple[int, ...], Matrix] = {}
        self._closed: dict[tuple[int, ...], Matrix] = {}
        self._blocks: dict[Place, Spread] = {}
        self._values: dict[Symbol, Expr] = {}
        self._cores: dict[tuple[Expr, ...], SolvedCore] = {}

    def raw_block(self, place: Place) -> Expr:
        """The block M_{kl} in terms of the unknown traces."""
        if place not in self._raw:
            self._raw[place] = self._raw_block(place)
        return self._raw[place]

    def _raw_block(self, place: Place) -> Expr:
        start, end = place
        if place not in self.equation.support[1]:
            return Integer(0)
        component = self.equation.components[start]
        inverse = self._inverse(component)
        row = component.index(start)
        if end in component:
            return inverse[row, component.index(end)]
        return -Add(
            *(
                inverse[row, component.index(middle)]
                * self.equation.operator((middle, other))
                * self.raw_block((other, end))
                for middle, other in self._leaving(component, end)
            )
        )

    def _leaving(self, component: tuple[int, ...], end: int) -> list[Place]:
        """Entries of Λ − 𝒮[M] that lead out of a component, on a way to the end."""
        operator, reach = self.equation.support
        return [
            (middle, other)
            for middle in component
            for other in range(self.equation.pencil.size)
            if (middle, other) in operator and other not in component and (other, end) in reach
        ]

    def _inverse(self, component: tuple[int, ...]) -> Matrix:
        if component not in self._inverses:
            entries = Matrix(
                len(component),
                len(component),
                lambda i, j: self.equation.operator((component[i], component[j])),
            )
            self._inverses[component] = (
                Matrix([[1 / entries[0, 0]]])
                if len(component) == 1
                else entries.inv(method="ADJ").applyfunc(factored)
            )
        return self._inverses[component]

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The unknowns, part by part, each solved in terms of the earlier ones."""
        unknowns = {unknown.symbol: unknown for unknown in self.equation.unknowns.values()}
        edges = [
            (symbol, other)
            for symbol, unknown in unknowns.items()
            for other in sorted(self._needed(unknown.place), key=str)
        ]
        found: list[Part] = []
        for component in strongly_connected_components((list(unknowns), edges)):
            members = tuple(unknowns[symbol] for symbol in sorted(component, key=str))
            part = self._solved(members)
            found.append(part)
            symbols = (unknown.symbol for unknown in members)
            values = (self._naming.named(value) for value in part.values)
            self._values |= dict(zip(symbols, values, strict=True))
        return tuple(found)

    def _needed(self, place: Place) -> frozenset[Symbol]:
        """The unknowns that the block M_{kl} depends on."""
        operator, reach = self.equation.support
        start, end = place
        between = {
            n for n in range(self.equation.pencil.size) if (start, n) in reach and (n, end) in reach
        }
        letters = {unknown.symbol for unknown in self.equation.unknowns.values()}
        found: set[Any] = set()
        for entry in operator:
            if entry[0] in between and entry[1] in between:
                found |= self.equation.operator(entry).free_symbols & letters
        return frozenset(found)

    def _solved(self, members: tuple[Unknown, ...]) -> Part:
        symbols = [unknown.symbol for unknown in members]
        equations = [
            CoreEquation(
                unknown.symbol,
                self.equation.family(unknown.space),
                self._shape(unknown) * self.raw_block(unknown.place).xreplace(self._values),
                unknown.is_sample_side,
            )
            for unknown in members
        ]
        if any(self._is_inverted(unknown, set(symbols)) for unknown in members):
            core = self._known(solve_core(equations))
            return Part(members, tuple(core.values[symbol] for symbol in symbols), core)
        if len(members) > 1 and any(
            outside_systems(equation.summand, CoupledTrace) for equation in equations
        ):
            # Written out, the solution of linear equations in coupled traces fills pages.
            core = by_traces(equations, first=len(self._values) + 1)
            return Part(members, tuple(core.values[symbol] for symbol in symbols), None)
        zero = dict.fromkeys(symbols, Integer(0))
        constants, matrix = [], []
        for unknown in members:
            family = self.equation.family(unknown.space)
            block = product(
                self._block(unknown.place, own=True), {self._shape(unknown): Integer(1)}
            )
            traced = total(block, family.trace)
            constants.append(self._short(traced.xreplace(zero)))
            matrix.append([self._short(traced.diff(symbol)) for symbol in symbols])
        return Part(members, tuple(map(self._short, _linear_solution(matrix, constants))), None)

    def _is_inverted(self, unknown: Unknown, symbols: set[Symbol]) -> bool:
        """Whether the unknowns of a part stand in a component on the way, which has to be inverted."""
        start, end = unknown.place
        _, reach = self.equation.support
        return any(
            self._inverse(component).free_symbols & symbols
            for component in {*self.equation.components.values()}
            if (start, component[0]) in reach and (component[0], end) in reach
        )

    def _shape(self, unknown: Unknown) -> Expr:
        """What the block is multiplied with under the trace."""
        if unknown.is_sample_side:
            return Integer(1)
        return self.equation.family(unknown.space).covariance(unknown.design)

    def _block(self, place: Place, *, own: bool = False) -> Spread:
        """The block M_{kl} by shapes, in closed form but for the unknowns that are being solved for."""
        if place in self._blocks:
            return self._blocks[place]
        start, end = place
        if place not in self.equation.support[1]:
            return {}
        component = self.equation.components[start]
        inverse = self._closed_inverse(component)
        row = component.index(start)
        variables = self.equation.family(self.equation.pencil.nodes[start].space).symbols
        if end in component:
            block = spread(inverse[row, component.index(end)], variables)
        else:
            block = {}
            for middle, other in self._leaving(component, end):
                entry = -inverse[row, component.index(middle)]
                leaving = self.equation.operator((middle, other)).xreplace(self._values)
                step = product(spread(entry, variables), spread(leaving, variables))
                for shape, weight in product(step, self._block((other, end), own=own)).items():
                    block[shape] = block.get(shape, Integer(0)) + weight
        if not own:
            self._blocks[place] = block
        return block

    def _closed_inverse(self, component: tuple[int, ...]) -> Matrix:
        if component not in self._closed:
            closed = self._inverse(component).xreplace(self._values)
            self._closed[component] = closed.applyfunc(lambda entry: shortened(self.reduced(entry)))
        return self._closed[component]

    def _short(self, formula: Expr) -> Expr:
        return shortened(self.reduced(formula))

    def _known(self, core: SolvedCore) -> SolvedCore:
        """The core with the ridges of an earlier one that has the same equations."""
        known = self._cores.setdefault(core.equations, core)
        if known.ridges == core.ridges:
            return core
        same = dict(zip(core.ridges, known.ridges, strict=True))
        values = {unknown: value.xreplace(same) for unknown, value in core.values.items()}
        return replace(core, values=values, ridges=known.ridges, rule=known.rule)

    def reduced(self, formula: Expr) -> Expr:
        """The formula with parameters put in terms of coupled ridges, where that lets terms cancel."""
        for core in self._cores.values():
            # The parameter stays in the equations that define the ridge.
            hidden = {ridge: placeholder("kappa") for ridge in core.ridges}
            shown = {letter: ridge for ridge, letter in hidden.items()}
            for parameter, value in core.rule.items():
                others = [other for other in self._cores.values() if other is not core]
                if not any(parameter in other.ridges[0].free_symbols for other in others):
                    put = {parameter: value.xreplace(hidden)}
                    formula = in_degrees(formula.xreplace(hidden).xreplace(put).xreplace(shown))
        return formula

    def function(self) -> Spread:
        """The equivalent of the pencil's expression, by shapes."""
        assert self.parts is not None
        pencil = self.equation.pencil
        result: dict[Expr, Expr] = {}
        for unknown, left in pencil.left.items():
            variables = self.equation.family(pencil.nodes[unknown].space).symbols
            for equation, right in pencil.right.items():
                sides = product(spread(left, variables), spread(right, variables))
                for shape, weight in product(sides, self._block((unknown, equation))).items():
                    result[shape] = result.get(shape, Integer(0)) + weight
        return {shape: self.reduced(weight) for shape, weight in result.items() if weight != 0}


def _linear_solution(matrix: list[list[Expr]], constants: list[Expr]) -> tuple[Expr, ...]:
    """The solution of u = A·u + b, by elimination of one unknown after the other."""
    size = len(constants)
    a, b = [list(row) for row in matrix], list(constants)
    order = sorted(range(size), key=lambda n: sum(entry != 0 for entry in a[n]))
    for n in order:
        # u_n (1 − a_nn) = the rest; then into all other equations.
        pivot = shortened(1 - a[n][n])
        b[n] = b[n] / pivot
        a[n] = [Integer(0) if k == n else a[n][k] / pivot for k in range(size)]
        for k in range(size):
            if k != n and a[k][n] != 0:
                weight = a[k][n]
                a[k] = [Integer(0) if j == n else a[k][j] + weight * a[n][j] for j in range(size)]
                b[k] = b[k] + weight * b[n]
    return tuple(b)
