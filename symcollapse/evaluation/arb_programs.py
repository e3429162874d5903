"""Straight-line programs on balls: what a formula becomes, to be run or to be written as source.

Numbers stand in numbered places. A step reads some places and fills others; blocks of steps are nested only for
loops, choices and integrands. Nothing is parsed or executed from text.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from math import prod
from operator import methodcaller
from typing import Any, TypeAlias

from flint import acb, arb

from symcollapse.evaluation.arb_steps import certified_integral
from symcollapse.evaluation.arb_table import Method
from symcollapse.language.errors import NotEvaluable

Step: TypeAlias = "Call | Loop | Choice | Integration"
Block: TypeAlias = tuple[Step, ...]
Runnable: TypeAlias = Callable[[list[Any]], None]


CHUNK = 4096
"""Entries of a loop that are held at a time."""


@dataclass(frozen=True)
class Call:
    """A function of what stands in some places."""

    target: int
    """Place of the value."""
    operation: Callable[..., Any]
    """A function of balls."""
    operands: tuple[int, ...] = ()
    """Places of its arguments."""


@dataclass(frozen=True)
class Loop:
    """One pass over columns of one length, which adds up, multiplies, or lists the results."""

    kind: str
    """"sum", "product" or "list"."""
    targets: tuple[int, ...]
    """Places of the totals, one for each result."""
    variables: tuple[int, ...]
    """Places that hold an entry of each column in turn."""
    sources: tuple[int, ...]
    """Places of the columns: lists of balls, or one range of whole numbers."""
    body: Block
    """Steps for each entry."""
    results: tuple[int, ...]
    """Places of the terms."""
    counting: bool = False
    """Whether the column is a range."""


@dataclass(frozen=True)
class Condition:
    """A condition that balls decide, or refuse to."""

    kind: str
    """"and", "or", "not", "true", "false" or "test"."""
    parts: tuple["Condition", ...] = ()
    """What is joined."""
    test: Callable[..., bool] | None = None
    """A comparison, for "test"."""
    operands: tuple[int, ...] = ()
    """Places of what is compared."""


@dataclass(frozen=True)
class Choice:
    """The first piece whose condition holds; the others are not evaluated."""

    target: int
    """Place of the value."""
    conditions: tuple[Condition, ...]
    """In order."""
    blocks: tuple[Block, ...]
    """Steps of each piece."""
    results: tuple[int, ...]
    """Place of the value of each piece."""


@dataclass(frozen=True)
class Integration:
    """A certified integral."""

    target: int
    """Place of the value."""
    variable: int
    """Place of the variable of integration."""
    analytic: int
    """Place of the mark that the integrand must be analytic."""
    bounds: tuple[int, int]
    """Places of the bounds."""
    body: Block
    """Steps of the integrand."""
    result: int
    """Place of its value."""


@dataclass(frozen=True)
class Program:
    """Steps from arguments to values."""

    arguments: tuple[int, ...]
    """Places of the arguments."""
    literals: tuple[tuple[int, Any], ...]
    """Places of exact constants, and these: integers, fractions, texts."""
    steps: Block
    """In order."""
    results: tuple[int, ...]
    """Places of the values."""
    places: int
    """Number of places."""
    names: tuple[tuple[int, str], ...]
    """Names that places are written with, for arguments and running variables."""

    def runner(self) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
        """The program as a function from balls to balls, at the precision of each call.

        Example
        -------
        >>> import operator
        >>> twice = Program((0,), (), (Call(1, operator.add, (0, 0)),), (1,), 2, ())
        >>> twice.runner()((arb(3),))
        (6.00000000000000,)
        """
        template: list[Any] = [None] * self.places
        for place, value in self.literals:
            template[place] = value
        steps = _runnable(self.steps)
        arguments, results = self.arguments, self.results

        def run(numbers: tuple[Any, ...]) -> tuple[Any, ...]:
            places = template.copy()
            for place, number in zip(arguments, numbers, strict=True):
                places[place] = number
            for step in steps:
                step(places)
            return tuple(places[place] for place in results)

        return run


def _runnable(block: Block) -> tuple[Runnable, ...]:
    makers: dict[type[Any], Callable[[Any], Runnable]] = {
        Call: _call,
        Loop: _loop,
        Choice: _choice,
        Integration: _integration,
    }
    return tuple(makers[type(step)](step) for step in block)


def _operation(call: Call) -> Callable[..., Any]:
    operation = call.operation
    if isinstance(operation, Method) and len(call.operands) == 1 and hasattr(acb, operation.name):
        return methodcaller(operation.name)
    return operation


def _call(call: Call) -> Runnable:
    # One or two operands are nearly all: they are read without a loop.
    target, operation = call.target, _operation(call)
    if len(call.operands) == 1:
        (only,) = call.operands

        def step(places: list[Any]) -> None:
            places[target] = operation(places[only])

    elif len(call.operands) == 2:
        first, second = call.operands

        def step(places: list[Any]) -> None:
            places[target] = operation(places[first], places[second])

    else:
        operands = call.operands

        def step(places: list[Any]) -> None:
            places[target] = operation(*[places[operand] for operand in operands])

    return step


def _loop(loop: Loop) -> Runnable:
    if all(isinstance(step, Call) for step in loop.body):
        return _loop_by_columns(loop)
    body = _runnable(loop.body)

    def step(places: list[Any]) -> None:
        totals = _starts(loop)
        for columns in _chunks(loop, places):
            for row in zip(*columns, strict=True):
                for place, entry in zip(loop.variables, row, strict=True):
                    places[place] = entry
                for inner in body:
                    inner(places)
                for position, result in enumerate(loop.results):
                    totals[position] = _gathered(loop, totals[position], [places[result]])
        for target, total in zip(loop.targets, totals, strict=True):
            places[target] = total

    return step


def _loop_by_columns(loop: Loop) -> Runnable:
    # Each step for many entries at once: the loop over them is then one of map, not of the interpreter.
    varying = set(loop.variables)
    plan: list[tuple[Call, Callable[..., Any], bool]] = []
    for call in loop.body:
        assert isinstance(call, Call)
        varies = any(operand in varying for operand in call.operands)
        plan.append((call, _operation(call), varies))
        varying |= {call.target} if varies else set()

    def step(places: list[Any]) -> None:
        totals = _starts(loop)
        for entries in _chunks(loop, places):
            columns = dict(zip(loop.variables, entries, strict=True))
            for call, operation, varies in plan:
                if varies:
                    operands = (
                        columns[place] if place in columns else repeat(places[place])
                        for place in call.operands
                    )
                    columns[call.target] = list(map(operation, *operands))
                else:
                    places[call.target] = operation(*(places[place] for place in call.operands))
            for position, result in enumerate(loop.results):
                length = len(entries[0])
                terms = columns[result] if result in columns else [places[result]] * length
                totals[position] = _gathered(loop, totals[position], terms)
        for target, total in zip(loop.targets, totals, strict=True):
            places[target] = total

    return step


def _starts(loop: Loop) -> list[Any]:
    if loop.kind == "list":
        return [[] for _ in loop.targets]
    return [arb(1 if loop.kind == "product" else 0) for _ in loop.targets]


def _gathered(loop: Loop, total: Any, terms: list[Any]) -> Any:
    match loop.kind:
        case "sum":
            return sum(terms, total)
        case "product":
            return prod(terms, start=total)
        case _:
            return total + terms


def _chunks(loop: Loop, places: list[Any]) -> Iterator[list[list[Any]]]:
    """Columns of the sources, a part of each at a time, so that memory does not grow with a range."""
    sources = [places[source] for source in loop.sources]
    if len({len(source) for source in sources}) != 1:
        raise NotEvaluable("eigenvalues and weights are not as many as each other")
    for start in range(0, len(sources[0]), CHUNK):
        parts = [source[start : start + CHUNK] for source in sources]
        yield [list(map(arb, part)) if loop.counting else part for part in parts]


def _holds(condition: Condition, places: list[Any]) -> bool:
    match condition.kind:
        case "and":
            return all(_holds(part, places) for part in condition.parts)
        case "or":
            return any(_holds(part, places) for part in condition.parts)
        case "not":
            return not _holds(condition.parts[0], places)
        case "test":
            assert condition.test is not None
            return condition.test(*(places[operand] for operand in condition.operands))
        case _:
            return condition.kind == "true"


def _choice(choice: Choice) -> Runnable:
    blocks = [_runnable(block) for block in choice.blocks]

    def step(places: list[Any]) -> None:
        for condition, block, result in zip(choice.conditions, blocks, choice.results, strict=True):
            if _holds(condition, places):
                for inner in block:
                    inner(places)
                places[choice.target] = places[result]
                return
        raise NotEvaluable("no piece of a Piecewise holds here: add one for the rest")

    return step


def _integration(integration: Integration) -> Runnable:
    body = _runnable(integration.body)
    lower, upper = integration.bounds

    def step(places: list[Any]) -> None:
        def integrand(variable: Any, analytic: Any) -> Any:
            places[integration.variable] = variable
            places[integration.analytic] = analytic
            for inner in body:
                inner(places)
            value = places[integration.result]
            return value if isinstance(value, arb | acb) else arb(value)

        places[integration.target] = certified_integral(integrand, places[lower], places[upper])

    return step
