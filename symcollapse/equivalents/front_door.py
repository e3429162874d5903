"""What an expression has to fulfil before it is derived from: shapes that conform, and names that are free.

SymPy refuses shapes only where they are numbers: with symbols, ``X*X`` passes for a T × d matrix X.
"""

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Any

from sympy import Basic, Expr, Inverse, MatAdd, MatMul, MatPow, Symbol, Trace, expand, nan, oo, zoo

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.random_matrices import RandomMatrix, random_matrices
from symcollapse.language.symbols import nonnegative_symbol


def require_sound(expression: Basic) -> None:
    """Refuse shapes that do not conform, one name for two random matrices, and numbers that are not finite.

    Raises
    ------
    InvalidProblem
        With the part that is at fault.

    Example
    -------
    >>> from sympy import MatMul
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> require_sound(X.T * X)
    >>> require_sound(Trace(X))
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.InvalidProblem: Trace(X): sizes T and d do not conform; give them one value
    """
    for node in _nodes(expression):
        for one, other in _pairs_to_conform(node):
            if expand(one - other) != 0:
                raise InvalidProblem(
                    f"{node}: sizes {one} and {other} do not conform; give them one value"
                )
    if expression.has(nan, oo, -oo, zoo):
        raise InvalidProblem(f"{expression}: holds a number that is not finite; give finite ones")
    named: dict[str, RandomMatrix] = {}
    for matrix in random_matrices(expression):
        if named.setdefault(matrix.name, matrix) != matrix:
            raise InvalidProblem(
                f"{matrix.name} stands for two random matrices; give each a name of its own"
            )


def _nodes(expression: Basic) -> list[Basic]:
    """All parts of an expression once, without repetition of shared ones."""
    seen: dict[Basic, None] = {}
    stack = [expression]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen[node] = None
            stack.extend(argument for argument in node.args if isinstance(argument, Basic))
    return list(seen)


def _pairs_to_conform(node: Any) -> list[tuple[Expr, Expr]]:
    arguments: tuple[Any, ...] = node.args
    if isinstance(node, MatMul):
        factors = [factor for factor in arguments if factor.is_Matrix]
        return [(left.shape[1], right.shape[0]) for left, right in pairwise(factors)]
    if isinstance(node, MatAdd):
        first = arguments[0].shape
        return [pair for term in arguments for pair in zip(term.shape, first, strict=True)]
    if isinstance(node, Trace):
        return [arguments[0].shape]
    if isinstance(node, MatPow | Inverse):
        return [arguments[0].shape]
    return []


def require_free_names(expression: Basic, reserved: Collection[Basic]) -> None:
    """Refuse parameters that are symbols of the derivation: eigenvalues, unknown traces, numbered ridges.

    Raises
    ------
    InvalidProblem
        If a symbol of the expression is among those reserved, or is a numbered effective ridge.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue
    >>> require_free_names(2 * eigenvalue, {eigenvalue})
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.InvalidProblem: s is a symbol of the derivation; give the parameter another name
    """
    for symbol in sorted(expression.atoms(Symbol), key=lambda symbol: symbol.sort_key()):
        numbered = re.fullmatch(r"kappa_\d+", symbol.name) is not None
        if symbol in reserved or (numbered and symbol == nonnegative_symbol(symbol.name)):
            raise InvalidProblem(
                f"{symbol} is a symbol of the derivation; give the parameter another name"
            )
