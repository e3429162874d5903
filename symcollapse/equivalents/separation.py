"""Separation of a Dyson equation: which unknowns need each other, and the solution core by core.

Every unknown trace is a trace of a block of M, which depends on other unknowns. The strongly connected parts of this
dependency graph are solved one after the other: those in which the unknowns enter linearly by linear algebra, the
others as nonlinear cores, by `cores`. Nothing is assumed of the pencil: that a product of resolvents separates into
one core for each design and ridge, and linear equations for the rest, is what the graph shows.
"""

from dataclasses import dataclass
from functools import cached_property

from sympy import Add, Expr, Integer, Matrix, Symbol, cancel, together
from sympy.utilities.iterables import strongly_connected_components

from symcollapse.equivalents.closed_forms import shortened
from symcollapse.equivalents.cores import CoreEquation, SolvedCore, solve_core
from symcollapse.equivalents.dyson import DysonEquation, Place, Unknown


@dataclass(frozen=True)
class Part:
    """A strongly connected part of the unknowns, solved."""

    unknowns: tuple[Unknown, ...]
    values: tuple[Expr, ...]
    core: SolvedCore | None
    """The nonlinear core, or None for a linear part."""


class SeparatedEquation:
    """A Dyson equation, solved part by part.

    Parameters
    ----------
    equation
        The Dyson equation.
    """

    def __init__(self, equation: DysonEquation) -> None:
        self.equation = equation
        self._raw: dict[Place, Expr] = {}
        self._inverses: dict[tuple[int, ...], Matrix] = {}
        self._values: dict[Symbol, Expr] = {}

    def raw_block(self, place: Place) -> Expr:
        """The block M_{kl} in terms of the unknown traces."""
        if place not in self._raw:
            self._raw[place] = self._raw_block(place)
        return self._raw[place]

    def _raw_block(self, place: Place) -> Expr:
        operator, reach = self.equation.support
        start, end = place
        if place not in reach:
            return Integer(0)
        component = self.equation.components[start]
        inverse = self._inverse(component)
        row = component.index(start)
        if end in component:
            return inverse[row, component.index(end)]
        total: Expr = Integer(0)
        for column, middle in enumerate(component):
            # What leaves the component, in order of the places.
            leaving = Add(
                *(
                    self.equation.operator((middle, other)) * self.raw_block((other, end))
                    for other in range(self.equation.pencil.size)
                    if (middle, other) in operator
                    and other not in component
                    and (other, end) in reach
                )
            )
            total -= inverse[row, column] * leaving
        return total

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
                else entries.inv(method="ADJ").applyfunc(lambda entry: cancel(together(entry)))
            )
        return self._inverses[component]

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The unknowns, part by part, each solved in terms of the earlier ones."""
        unknowns = {unknown.symbol: unknown for unknown in self.equation.unknowns.values()}
        edges = [
            (symbol, other)
            for symbol, unknown in unknowns.items()
            for other in sorted(self.raw_block(unknown.place).free_symbols & set(unknowns), key=str)
        ]
        found: list[Part] = []
        for component in strongly_connected_components((list(unknowns), edges)):
            members = tuple(unknowns[symbol] for symbol in sorted(component, key=str))
            part = self._solved(members)
            found.append(part)
            self._values |= dict(
                zip((unknown.symbol for unknown in members), part.values, strict=True)
            )
        return tuple(found)

    def _summand(self, unknown: Unknown) -> Expr:
        """What the trace is taken of, with the earlier unknowns put in."""
        family = self.equation.family(unknown.space)
        shape = Integer(1) if unknown.is_sample_side else family.covariance(unknown.design)
        return shape * self.raw_block(unknown.place).xreplace(self._values)

    def _solved(self, members: tuple[Unknown, ...]) -> Part:
        symbols = [unknown.symbol for unknown in members]
        summands = [self._summand(unknown) for unknown in members]
        slopes = [[summand.diff(symbol) for symbol in symbols] for summand in summands]
        if any(slope.has(*symbols) for row in slopes for slope in row):
            equations = [
                CoreEquation(unknown.symbol, self.equation.family(unknown.space), summand)
                for unknown, summand in zip(members, summands, strict=True)
            ]
            core = solve_core(equations)
            values = tuple(core.values[symbol] for symbol in symbols)
            return Part(members, values, core)
        zero = dict.fromkeys(symbols, Integer(0))
        constants, matrix = [], []
        for unknown, summand, row in zip(members, summands, slopes, strict=True):
            family = self.equation.family(unknown.space)
            constants.append(family.trace(shortened(summand.xreplace(zero))))
            matrix.append([family.trace(shortened(slope)) for slope in row])
        return Part(members, _linear_solution(matrix, constants), None)

    def block(self, place: Place) -> Expr:
        """The block M_{kl}, a function of eigenvalues, in closed form."""
        assert self.parts is not None
        return self.raw_block(place).xreplace(self._values)

    def function(self) -> Expr:
        """The equivalent of the pencil's expression, a function of eigenvalues."""
        pencil = self.equation.pencil
        return Add(
            *(
                left * self.block((unknown, equation)) * right
                for unknown, left in pencil.left.items()
                for equation, right in pencil.right.items()
            )
        )


def _linear_solution(matrix: list[list[Expr]], constants: list[Expr]) -> tuple[Expr, ...]:
    """The solution of u = A·u + b, by elimination of one unknown after the other."""
    size = len(constants)
    a, b = [list(row) for row in matrix], list(constants)
    order = sorted(range(size), key=lambda n: sum(entry != 0 for entry in a[n]))
    eliminated: list[int] = []
    for n in order:
        # u_n (1 − a_nn) = the rest; then into all other equations.
        pivot = shortened(1 - a[n][n])
        b[n] = b[n] / pivot
        a[n] = [Integer(0) if k == n else a[n][k] / pivot for k in range(size)]
        for k in range(size):
            if k != n and a[k][n] != 0:
                factor = a[k][n]
                a[k] = [Integer(0) if j == n else a[k][j] + factor * a[n][j] for j in range(size)]
                b[k] = b[k] + factor * b[n]
        eliminated.append(n)
    return tuple(shortened(value) for value in b)
