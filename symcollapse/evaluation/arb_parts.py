"""Sums over an index, products and integrals within a formula: parts that are compiled, whatever walks the rest."""

from functools import lru_cache
from typing import Any

from sympy import Basic, Integral, Product, Sum, Symbol

from symcollapse.evaluation.arb_programs import Program
from symcollapse.evaluation.arb_quantities import FormulaBuilder
from symcollapse.evaluation.special_functions import PartInBalls
from symcollapse.language.quantities import Quantity
from symcollapse.language.symbols import placeholder

INDEXED = (Sum, Product, Integral)
"""Kinds of parts that bind a symbol of their own."""


class CompiledPart(PartInBalls):
    """A sum, product or integral as a function of balls for what it is made from.

    Example
    -------
    >>> from flint import arb
    >>> from symcollapse.language.symbols import generation, ridge
    >>> part, inputs = compiled_part(Sum(ridge**generation, (generation, 0, 3)))
    >>> inputs, part.ball_at([arb(2)])
    ((lambda,), 15.0000000000000)
    """

    def ball_at(self, arguments: list[Any]) -> Any:
        """Its ball, from those of its inputs."""
        return _runner(_program(self.args[0])[0])(tuple(arguments))[0]


def compiled_part(node: Basic) -> tuple[CompiledPart, tuple[Basic, ...]]:
    """The part, and the expressions that it is a function of: symbols, and quantities free of its index.

    Raises
    ------
    NotEvaluable
        If it has no certified value; its kind is named, with the remedy.

    Example
    -------
    >>> from symcollapse.language.symbols import generation, ridge
    >>> compiled_part(Sum(1 / (generation + ridge) ** 2, (generation, 0, 9)))[1]
    (lambda,)
    """
    return CompiledPart(node), _program(node)[1]


@lru_cache(maxsize=1024)
def _program(node: Basic) -> tuple[Program, tuple[Basic, ...]]:
    bound = {limit.args[0] for part in node.atoms(*INDEXED) for limit in part.args[1:]}
    letters: dict[Basic, Symbol] = {}
    pending = [node]
    while pending:
        inner = pending.pop()
        if isinstance(inner, Quantity) and not inner.free_symbols & bound:
            # The walk around knows these, or has them for other parts too.
            letters.setdefault(inner, placeholder("q"))
        else:
            pending.extend(inner.args)
    lettered: Any = node.xreplace(letters)
    symbols: list[Any] = sorted(lettered.free_symbols, key=str)
    expressions = {letter: quantity for quantity, letter in letters.items()}
    builder = FormulaBuilder(symbols, None)
    program = builder.program([lettered])
    return program, tuple(expressions.get(symbol, symbol) for symbol in symbols)


@lru_cache(maxsize=1024)
def _runner(program: Program) -> Any:
    return program.runner()
