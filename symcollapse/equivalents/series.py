"""Truncated power series with symbolic coefficients: the coefficients of 1, u, u², … as a tuple."""

from collections.abc import Callable
from typing import TypeAlias

from sympy import Add, Expr, Integer

Series: TypeAlias = tuple[Expr, ...]

Naming: TypeAlias = Callable[[Expr], Expr]
"""Puts a coefficient under a name, so that products of it do not repeat it."""


def unnamed(coefficient: Expr) -> Expr:
    """The coefficient as it is.

    Example
    -------
    >>> unnamed(Integer(1))
    1
    """
    return coefficient


def multiply(left: Series, right: Series, name: Naming = unnamed) -> Series:
    """Product, to the length of the shorter factor.

    Example
    -------
    >>> one, two = Integer(1), Integer(2)
    >>> multiply((one, one), (one, two))
    (1, 3)
    """
    return tuple(
        name(Add(*(left[i] * right[order - i] for i in range(order + 1))))
        for order in range(min(len(left), len(right)))
    )


def reciprocal(series: Series, name: Naming = unnamed) -> Series:
    """One over a series with a constant term.

    Example
    -------
    >>> reciprocal((Integer(1), Integer(1), Integer(0)))
    (1, -1, 1)
    """
    inverse: list[Expr] = []
    for order in range(len(series)):
        known = Add(*(series[i] * inverse[order - i] for i in range(1, order + 1)))
        inverse.append(name(((Integer(1) if order == 0 else Integer(0)) - known) / series[0]))
    return tuple(inverse)


def power(series: Series, exponent: int, name: Naming = unnamed) -> Series:
    """Integer power; negative ones need a constant term.

    Example
    -------
    >>> power((Integer(1), Integer(1), Integer(0)), -2)
    (1, -2, 3)
    """
    base = series if exponent >= 0 else reciprocal(series, name)
    result: Series = (Integer(1), *(Integer(0),) * (len(series) - 1))
    for _ in range(abs(exponent)):
        result = multiply(result, base, name)
    return result
