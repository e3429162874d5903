"""Whether matrices fit: sizes are told apart by their names, as T × T and d × d may be by accident of the same size."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from sympy import Basic, Eq, Expr, Inverse, MatAdd, MatMul, MatPow, Trace
from sympy.core.relational import Relational


def misfit(left: Any, right: Any, conditions: Iterable[Relational] = ()) -> str | None:
    """The first place in two sides at which matrices do not fit; None if all do.

    Parameters
    ----------
    left, right
        The two sides, numbers or matrices.
    conditions
        Relations between sizes; those that are equations make two names the same.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> misfit(X * X.T, X * X.T + samples * Identity(dimension))
    'T*I of d × d is added to X*X.T of T × T'
    """
    same = {each.lhs: each.rhs for each in conditions if isinstance(each, Eq)}
    for side in (left, right):
        fault = _misfit(side, same)
        if fault is not None:
            return fault
    shapes = [_shape(side, same) for side in (left, right)]
    if shapes[0] != shapes[1] and None not in shapes:
        return f"the left side is {_sizes(shapes[0])}, the right side {_sizes(shapes[1])}"
    return None


def _shape(node: Any, same: dict[Expr, Expr]) -> Any:
    """Rows and columns; of a number none, as a 1 × 1 matrix is one."""
    if not getattr(node, "is_Matrix", False):
        return None
    rows, columns = (size.xreplace(same) for size in node.shape)
    return (rows, columns)


def _misfit(node: Any, same: dict[Expr, Expr]) -> str | None:
    if not isinstance(node, Basic):
        return None
    for part in node.args:
        fault = _misfit(part, same)
        if fault is not None:
            return fault
    match node:
        case MatAdd():
            first, *others = sorted(node.args, key=str)
            for other in others:
                if _shape(first, same) != _shape(other, same):
                    return f"{_told(first, same)} is added to {_told(other, same)}"
        case MatMul():
            factors = [factor for factor in node.args if getattr(factor, "is_Matrix", False)]
            for one, other in pairwise(factors):
                if _shape(one, same)[1] != _shape(other, same)[0]:
                    return f"{_told(one, same)} meets {_told(other, same)}"
        case Inverse() | MatPow() | Trace():
            rows, columns = _shape(node.args[0], same)
            if rows != columns:
                return f"{_told(node.args[0], same)} is not square"
        case _:
            pass
    return None


def _told(node: Any, same: dict[Expr, Expr]) -> str:
    return f"{node} of {_sizes(_shape(node, same))}"


def _sizes(shape: Any) -> str:
    return f"{shape[0]} × {shape[1]}"
