"""Programs on balls as readable Python source that imports python-flint and nothing else.

Helpers are written out beside the function, from their own source, with what they need in turn.
"""

import ast
import builtins
import inspect
import keyword
import operator
from collections import Counter
from collections.abc import Callable, Sequence
from textwrap import dedent
from typing import Any

from flint import acb, arb, ctx, fmpq
from sympy import Expr

from symcollapse.evaluation import arb_elementary, arb_functions, arb_steps
from symcollapse.evaluation.arb_functions import alike
from symcollapse.evaluation.arb_programs import (
    Block,
    Call,
    Choice,
    Condition,
    Integration,
    Loop,
    Program,
    Step,
)
from symcollapse.evaluation.arb_steps import alike_ball, certified_integral
from symcollapse.evaluation.arb_table import Method
from symcollapse.language.errors import NotEvaluable

LONGEST = 72
"""Characters of an expression beyond which its parts get names."""

_INFIX: dict[Any, tuple[str, int, int]] = {
    operator.add: ("+", 1, 1),
    operator.sub: ("-", 1, 2),
    operator.mul: ("*", 3, 3),
    operator.truediv: ("/", 3, 4),
    operator.pow: ("**", 6, 5),
}
"""Sign, and how tightly the left and the right operand must bind."""

_BINDING = {operator.add: 1, operator.sub: 1, operator.mul: 3, operator.truediv: 3, operator.pow: 5}
_ATOM = 7

_FLINT: dict[str, Any] = {"acb": acb, "arb": arb, "ctx": ctx, "fmpq": fmpq}

_RESERVED = {
    name for module in (builtins, arb_elementary, arb_functions, arb_steps) for name in vars(module)
}
"""Names that a symbol of the formula must not hide."""


def written(program: Program, name: str, formulas: Sequence[Expr], *, is_single: bool) -> str:
    """Source of a program as a function.

    Parameters
    ----------
    program
        The steps.
    name
        Name of the function.
    formulas
        What it was made from, for a comment.
    is_single
        Whether it returns a ball, not a tuple.

    Raises
    ------
    NotEvaluable
        If the name is none, or a step has no source.

    Example
    -------
    >>> program = Program((0,), (), (Call(1, operator.add, (0, 0)),), (1,), 2, ((0, "x"),))
    >>> print(written(program, "twice", [], is_single=True).split("def twice")[1])
    (x):
        x = alike_ball(x)
        return x + x
    <BLANKLINE>
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise NotEvaluable(f"name = {name[:40]!r}: give a name of letters, digits and underscores")
    writer = _Writer(program, name)
    arguments = [writer.text(place)[0] for place in program.arguments]
    writer.helper(alike_ball)
    balls = ", ".join(f"alike_ball({argument})" for argument in arguments)
    body = [f"{', '.join(arguments)} = {balls}"] if arguments else []
    body += writer.lines(program.steps, program.results)
    values = [writer.text(place)[0] for place in program.results]
    body.append(f"return {values[0] if is_single else '(' + ', '.join(values) + ',)'}")
    helpers = "".join(f"\n\n{source}\n" for source in writer.sources())
    comments = "".join(
        f"# {' '.join(str(formula)[:200].split())!a}\n".replace("'", "") for formula in formulas
    )
    function = f"def {name}({', '.join(arguments)}):\n" + _indented(body)
    return f"{writer.imports()}{helpers}\n\n{comments}{function}\n"


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


class _Writer:
    """Texts of places, lines of steps, and the helpers met on the way."""

    def __init__(self, program: Program, name: str) -> None:
        self._literals = dict(program.literals)
        self._helpers: dict[str, Callable[..., Any]] = {}
        self._constants: dict[str, Any] = {}
        self._errors: dict[str, type[Exception]] = {}
        self._flint: set[str] = {"arb"}
        self._taken = {name, *_FLINT, *_RESERVED}
        self._texts: dict[int, tuple[str, int]] = {}
        self._uses: Counter[int] = Counter(program.results)
        self._count(program.steps)
        for place, word in program.names:
            self._texts[place] = (self._named(word), _ATOM)

    # Names.

    def _named(self, word: str) -> str:
        stem = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in word) or "x"
        stem = stem if stem[0].isalpha() else f"x{stem}"
        candidate, number = stem, 1
        if keyword.iskeyword(candidate):
            candidate = stem = f"{stem}_"
        while candidate in self._taken:
            number += 1
            candidate = f"{stem}_{number}"
        self._taken.add(candidate)
        return candidate

    def _count(self, block: Block) -> None:
        for step in block:
            match step:
                case Call():
                    self._uses.update(step.operands)
                case Loop():
                    self._uses.update([*step.sources, *step.results])
                    self._count(step.body)
                case Choice():
                    self._uses.update(step.results)
                    for condition in step.conditions:
                        self._count_condition(condition)
                    for inner in step.blocks:
                        self._count(inner)
                case Integration():
                    self._uses.update([*step.bounds, step.result])
                    self._count(step.body)

    def _count_condition(self, condition: Condition) -> None:
        self._uses.update(condition.operands)
        for part in condition.parts:
            self._count_condition(part)

    # Texts.

    def text(self, place: int) -> tuple[str, int]:
        """Text of what stands in a place, and how tightly it binds."""
        if place not in self._literals:
            return self._texts[place]
        value = self._literals[place]
        if isinstance(value, fmpq):
            self._flint.add("fmpq")
            return f"fmpq({value.p}, {value.q})", _ATOM
        return (f"({value})" if isinstance(value, int) and value < 0 else repr(value)), _ATOM

    def _operand(self, place: int, tightness: int) -> str:
        text, binding = self.text(place)
        return text if binding >= tightness else f"({text})"

    def _call_text(self, call: Call) -> tuple[str, int]:
        operation = call.operation
        if operation in _INFIX:
            sign, left, right = _INFIX[operation]
            first, second = call.operands
            text = f"{self._operand(first, left)} {sign} {self._operand(second, right)}"
            return text, _BINDING[operation]
        if operation is operator.neg:
            return f"-{self._operand(call.operands[0], 4)}", 4
        if isinstance(operation, Method):
            order = operation.order or range(len(call.operands))
            first, *others = (call.operands[k] for k in order)
            rest = ", ".join(self.text(other)[0] for other in others)
            if others:
                self.helper(alike)
                receiver = f"alike({self.text(first)[0]}, {rest})"
            else:
                receiver = self._operand(first, _ATOM)
            return f"{receiver}.{operation.name}({rest})", _ATOM
        inside = ", ".join(self.text(operand)[0] for operand in call.operands)
        if operation is abs or operation is arb:
            bare = inside[1:-1] if inside.startswith("(-") else inside
            return f"{operation.__name__}({bare})", _ATOM
        if not call.operands and getattr(arb, operation.__name__, None) == operation:
            return f"arb.{operation.__name__}({inside})", _ATOM
        if not inspect.isfunction(operation):
            raise NotEvaluable(f"{operation} has no source: compile it with arb_function")
        return f"{self.helper(operation)}({inside})", _ATOM

    # Lines.

    def lines(self, block: Block, results: Sequence[int]) -> list[str]:
        """Lines of a block; what is used once, there, is written where it is used."""
        found: list[str] = []
        here = self._used_in(block) | set(results)
        for step in block:
            if isinstance(step, Call):
                text, binding = self._call_text(step)
                if self._uses[step.target] == 1 and step.target in here and len(text) < LONGEST:
                    self._texts[step.target] = (text, binding)
                else:
                    found.append(f"{self._name_of(step.target)} = {text}")
            else:
                found += self._nested(step)
        return found

    def _used_in(self, block: Block) -> set[int]:
        """Places that steps of this very block use, not those of nested ones, where it would be done again."""
        used: set[int] = set()
        for step in block:
            match step:
                case Call():
                    used.update(step.operands)
                case Loop():
                    used.update(step.sources)
                case Integration():
                    used.update(step.bounds)
                case Choice():
                    pass
        return used

    def _name_of(self, place: int, word: str = "t") -> str:
        if place not in self._texts:
            number = 1
            while f"{word}{number}" in self._taken:
                number += 1
            self._taken.add(f"{word}{number}")
            self._texts[place] = (f"{word}{number}", _ATOM)
        return self._texts[place][0]

    def _nested(self, step: Step) -> list[str]:
        match step:
            case Loop():
                return self._loop_lines(step)
            case Choice():
                return self._choice_lines(step)
            case Integration():
                return self._integral_lines(step)
            case _:
                raise TypeError(type(step).__name__)

    def _loop_lines(self, loop: Loop) -> list[str]:
        variables = ", ".join(self._texts[place][0] for place in loop.variables)
        sources = ", ".join(self.text(place)[0] for place in loop.sources)
        rows = f"zip({sources}, strict=True)" if len(loop.sources) > 1 else sources
        if loop.counting:
            rows = f"map(arb, {sources})"
        body = self.lines(loop.body, loop.results)
        results = [self.text(place)[0] for place in loop.results]
        word = {"sum": "total", "product": "product", "list": "column"}[loop.kind]
        totals = [self._name_of(target, word) for target in loop.targets]
        if loop.kind == "list" and not body and len(totals) == 1:
            return [f"{totals[0]} = [{results[0]} for {variables} in {rows}]"]
        start = {"sum": "arb(0)", "product": "arb(1)", "list": "[]"}[loop.kind]
        for total, result in zip(totals, results, strict=True):
            body.append(
                {
                    "sum": f"{total} = {total} + ({result})",
                    "product": f"{total} = {total} * ({result})",
                    "list": f"{total}.append({result})",
                }[loop.kind]
            )
        return [
            *(f"{total} = {start}" for total in totals),
            f"for {variables} in {rows}:",
            *(f"    {line}" for line in body),
        ]

    def _choice_lines(self, choice: Choice) -> list[str]:
        target = self._name_of(choice.target, "value")
        found = []
        pieces = zip(choice.conditions, choice.blocks, choice.results, strict=True)
        for position, (condition, block, result) in enumerate(pieces):
            body = self.lines(block, [result])
            is_rest = condition.kind == "true" and position > 0
            test = f"{'elif' if position else 'if'} {self._condition(condition)}"
            found.append("else:" if is_rest else f"{test}:")
            found += [f"    {line}" for line in [*body, f"{target} = {self.text(result)[0]}"]]
            if is_rest:
                return found
        self._errors["NotEvaluable"] = NotEvaluable
        return [*found, "else:", '    raise NotEvaluable("no piece holds here")']

    def _condition(self, condition: Condition) -> str:
        match condition.kind:
            case "and" | "or":
                return f" {condition.kind} ".join(
                    f"({self._condition(part)})" for part in condition.parts
                )
            case "not":
                return f"not ({self._condition(condition.parts[0])})"
            case "test":
                assert condition.test is not None
                inside = ", ".join(self.text(operand)[0] for operand in condition.operands)
                return f"{self.helper(condition.test)}({inside})"
            case _:
                return "True" if condition.kind == "true" else "False"

    def _integral_lines(self, integral: Integration) -> list[str]:
        function = self._named("integrand")
        variables = [self._texts[place][0] for place in (integral.variable, integral.analytic)]
        body = self.lines(integral.body, [integral.result])
        bounds = ", ".join(self.text(place)[0] for place in integral.bounds)
        self.helper(certified_integral)
        return [
            f"def {function}({', '.join(variables)}):",
            *(f"    {line}" for line in [*body, f"return {self.text(integral.result)[0]}"]),
            f"{self._name_of(integral.target, 'integral')} = certified_integral({function}, {bounds})",
        ]

    # Helpers.

    def helper(self, function: Callable[..., Any]) -> str:
        """Name of a function whose source is written out too."""
        name = function.__name__
        if name in self._helpers:
            return name
        self._helpers[name] = function
        self._taken.add(name)
        for node in ast.walk(_bare(function)):
            if not isinstance(node, ast.Name) or node.id not in function.__globals__:
                continue
            value = function.__globals__[node.id]
            if node.id in _FLINT:
                self._flint.add(node.id)
            elif inspect.isclass(value) and issubclass(value, Exception):
                self._errors[node.id] = value
            elif inspect.isfunction(value):
                self.helper(value)
            elif isinstance(value, int):
                self._constants[node.id] = value
        return name

    def imports(self) -> str:
        """First line."""
        return f"from flint import {', '.join(sorted(self._flint))}\n"

    def sources(self) -> list[str]:
        """Errors, constants and helpers."""
        constants = [f"{name} = {value}" for name, value in sorted(self._constants.items())]
        errors = [
            f'class {name}(ArithmeticError):\n    """{inspect.getdoc(error)}"""'
            for name, error in sorted(self._errors.items())
        ]
        functions = [ast.unparse(_bare(self._helpers[name])) for name in sorted(self._helpers)]
        return [*(["\n".join(constants)] if constants else []), *errors, *functions]


def _bare(function: Callable[..., Any]) -> ast.Module:
    """A function's source without types, and with the first line of its docstring."""
    tree = ast.parse(dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            text = ast.get_docstring(node)
            if text:
                node.body[0] = ast.Expr(ast.Constant(text.splitlines()[0]))
        elif isinstance(node, ast.arg):
            node.annotation = None
    return ast.fix_missing_locations(tree)
