"""Where the steps of a program are collected: each part once, as far outside of loops as its symbols allow."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flint import fmpq
from sympy import Add, Basic, Integer, Mul, Pow, Rational, Symbol

from symcollapse.evaluation.arb_programs import Block, Call, Loop, Program, Step
from symcollapse.evaluation.arb_table import BALL_FUNCTIONS


@dataclass
class Scope:
    """Where steps are collected: the program itself, a loop, an integrand, or a piece of a Piecewise."""

    bound: dict[Basic, int] = field(default_factory=dict)
    """Places of the symbols that the scope binds."""
    is_piece: bool = False
    """Whether the scope is left out when a condition fails, so that nothing is moved out of it."""
    analytic: int | None = None
    """Place of the mark that an integrand must be analytic."""
    steps: list[Step] = field(default_factory=list)
    """Steps so far."""
    known: dict[Any, int] = field(default_factory=dict)
    """Places of the parts known so far."""


class StepCollector:
    """Steps, and the places that they fill, in nested scopes.

    Parameters
    ----------
    arguments
        Symbols whose numbers are given at each call.

    Example
    -------
    >>> import operator
    >>> from flint import arb
    >>> from symcollapse.language.symbols import ridge
    >>> steps = StepCollector([ridge])
    >>> twice = steps.call(operator.add, steps.arguments[ridge], steps.arguments[ridge])
    >>> steps.finished([twice]).runner()((arb(3),))
    (6.00000000000000,)
    """

    def __init__(self, arguments: Sequence[Symbol]) -> None:
        self._places = 0
        self._literals: dict[Any, int] = {}
        self._names: dict[int, str] = {}
        self._free: dict[Basic, frozenset[Basic]] = {}
        self.arguments: dict[Basic, int] = {
            symbol: self.new_place(symbol.name) for symbol in arguments
        }
        self.scopes = [Scope(bound=dict(self.arguments))]

    def finished(self, results: Sequence[int]) -> Program:
        """The program with these results."""
        return Program(
            tuple(self.arguments.values()),
            tuple((place, _literal(value)) for value, place in self._literals.items()),
            tuple(self.scopes[0].steps),
            tuple(results),
            self._places,
            tuple(self._names.items()),
        )

    def new_place(self, name: str = "") -> int:
        """A place that nothing stands in yet."""
        self._places += 1
        if name:
            self._names[self._places - 1] = name
        return self._places - 1

    def literal(self, value: Any) -> int:
        """Place of an exact constant as it is: a rational, or a text."""
        if value not in self._literals:
            self._literals[value] = self.new_place()
        return self._literals[value]

    def call(self, operation: Callable[..., Any], *operands: int) -> int:
        """Place of a function's value, in the innermost scope."""
        target = self.new_place()
        self.scopes[-1].steps.append(Call(target, operation, operands))
        return target

    def append(self, step: Step) -> None:
        """Add a step to the innermost scope."""
        self.scopes[-1].steps.append(step)

    def free(self, node: Basic) -> frozenset[Basic]:
        """Free symbols, found once for each part."""
        if node not in self._free:
            if isinstance(node, Add | Mul | Pow) or type(node) in BALL_FUNCTIONS:
                self._free[node] = frozenset().union(*(self.free(part) for part in node.args))
            else:
                self._free[node] = frozenset(node.free_symbols)
        return self._free[node]

    def kept(self, key: Any, free: frozenset[Basic], build: Callable[[], int]) -> int:
        """Place of a part that is built once, in the outermost scope that its symbols allow."""
        home = depth = len(self.scopes) - 1
        while True:
            scope = self.scopes[depth]
            if key in scope.known:
                return scope.known[key]
            # Nothing leaves a piece, but what was found before it is known within.
            if not any(inner.is_piece for inner in self.scopes[depth + 1 :]):
                home = depth
            if depth == 0 or free & scope.bound.keys():
                break
            depth -= 1
        inner, self.scopes = self.scopes[home + 1 :], self.scopes[: home + 1]
        try:
            place = build()
            self.scopes[-1].known[key] = place
        finally:
            self.scopes = self.scopes + inner
        return place

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[Scope]:
        """Collect steps in a nested scope for a while."""
        self.scopes = [*self.scopes, scope]
        try:
            yield scope
        finally:
            self.scopes = self.scopes[:-1]

    def block(self, scope: Scope, build: Callable[[], Sequence[int]]) -> tuple[Block, list[int]]:
        """Steps of a nested scope, and the places of its results."""
        with self.inside(scope):
            results = list(build())
        return tuple(scope.steps), results

    def loop(
        self,
        kind: str,
        bound: dict[Basic, int],
        sources: Sequence[int],
        terms: Callable[[], Sequence[int]],
        *,
        counting: bool = False,
    ) -> list[int]:
        """Places of the totals of a loop."""
        body, results = self.block(Scope(bound=dict(bound)), terms)
        targets = [self.new_place() for _ in results]
        self.append(
            Loop(
                kind,
                tuple(targets),
                tuple(bound.values()),
                tuple(sources),
                body,
                tuple(results),
                counting,
            )
        )
        return targets


def _literal(value: Any) -> Any:
    if isinstance(value, Integer):
        return int(value)
    return fmpq(int(value.p), int(value.q)) if isinstance(value, Rational) else value
