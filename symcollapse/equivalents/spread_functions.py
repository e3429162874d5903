"""Functions of eigenvalues as sums of shapes: Σ weight · shape, weights free of eigenvalues.

A shape is a product of powers of eigenvalues and of resolvents, such as s²/((s + κ₁)(s + κ₂)). Products of sums are
multiplied out into shapes, and equal shapes collected; weights stay as they are. So the trace of a product of many
factors costs one trace for each shape, and no common denominator.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sympy import Add, Expr, Integer, Mul, Pow

Spread: TypeAlias = Mapping[Expr, Expr]
"""Weight by shape."""


def spread(function: Expr, variables: tuple[Expr, ...]) -> Spread:
    """A function as a sum of shapes.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue as s, ridge
    >>> spread((s + ridge) * s / (s + 1), (s,)) == {s**2 / (s + 1): 1, s / (s + 1): ridge}
    True
    """
    # Not has_free: effective ridges hold traces in which the same letters are bound.
    if not function.free_symbols & set(variables):
        return {Integer(1): function} if function != 0 else {}
    if isinstance(function, Add):
        result: dict[Expr, Expr] = {}
        for term in function.args:
            for shape, weight in spread(term, variables).items():
                result[shape] = result.get(shape, Integer(0)) + weight
        return result
    if isinstance(function, Mul):
        free, bound = function.as_independent(*variables, as_Add=False)
        parts: Spread = {Integer(1): free}
        for factor in Mul.make_args(bound):
            parts = product(parts, spread(factor, variables))
        return parts
    if (
        isinstance(function, Pow)
        and function.exp.is_Integer
        and function.exp > 0
        and isinstance(function.base, Add)
    ):
        power: Spread = {Integer(1): Integer(1)}
        for _ in range(int(function.exp)):
            power = product(power, spread(function.base, variables))
        return power
    return {function: Integer(1)}


def product(left: Spread, right: Spread) -> Spread:
    """The product of two functions.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue as s, ridge
    >>> product({s: ridge}, {s: ridge})
    {s**2: lambda**2}
    """
    result: dict[Expr, Expr] = {}
    for first, a in left.items():
        for second, b in right.items():
            shape = first * second
            result[shape] = result.get(shape, Integer(0)) + a * b
    return result


def total(function: Spread, functional: Callable[[Expr], Expr]) -> Expr:
    """A linear functional of a function.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue as s, ridge
    >>> total({s: ridge}, lambda shape: Integer(2))
    2*lambda
    """
    return Add(*(weight * functional(shape) for shape, weight in function.items()))
