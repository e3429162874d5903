"""What a limit may be asked of: a closed formula, a symbol, and relations between sizes."""

from collections.abc import Iterable
from typing import Any

from sympy import Basic, MatrixExpr, Symbol, Trace
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.quantities import Quantity


def refuse_unless_closed(formula: Any, symbol: Any) -> None:
    """Refuse to take a limit of what is not a closed formula, or in what is not a symbol.

    Raises
    ------
    InvalidProblem
        With the remedy.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> refuse_unless_closed(ridge, 0)
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.InvalidProblem: a limit in 0: give the symbol that goes to its limit
    """
    if not isinstance(symbol, Symbol):
        raise InvalidProblem(f"a limit in {symbol}: give the symbol that goes to its limit")
    seen: set[Basic] = set()
    stack = [formula] if isinstance(formula, Basic) else []
    while stack:
        node = stack.pop()
        if isinstance(node, MatrixExpr | Trace):
            raise InvalidProblem(
                f"{str(node)[:60]} is random: take the limit of its deterministic equivalent"
            )
        # What a quantity is about is a matrix too; and each part is looked at once.
        if node not in seen and not isinstance(node, Quantity):
            seen.add(node)
            stack.extend(node.args)


def relations_of(assuming: Any) -> tuple[Any, ...]:
    """The relations that are assumed, one or several.

    Raises
    ------
    InvalidProblem
        If one of them is no relation.

    Example
    -------
    >>> from sympy import Ge
    >>> from symcollapse.language.symbols import dimension, samples
    >>> relations_of(Ge(samples, dimension))
    (T >= d,)
    """
    several = (
        assuming
        if isinstance(assuming, Iterable) and not isinstance(assuming, str)
        else (assuming,)
    )
    relations = tuple(several)
    for relation in relations:
        if not isinstance(relation, Relational | BooleanAtom | bool):
            raise InvalidProblem(f"assuming = {relation!r}: give relations such as Ge(T, d)")
    return relations
