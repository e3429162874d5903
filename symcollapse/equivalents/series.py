"""Truncated power series with symbolic coefficients: the coefficients of 1, u, u², … as a tuple."""

from sympy import Add, Expr, Integer

Series = tuple[Expr, ...]


def multiply(left: Series, right: Series) -> Series:
    """Product, to the length of the shorter factor.

    Example
    -------
    >>> one, two = Integer(1), Integer(2)
    >>> multiply((one, one), (one, two))
    (1, 3)
    """
    return tuple(
        Add(*(left[i] * right[order - i] for i in range(order + 1)))
        for order in range(min(len(left), len(right)))
    )


def reciprocal(series: Series) -> Series:
    """One over a series with a constant term.

    Example
    -------
    >>> reciprocal((Integer(1), Integer(1), Integer(0)))
    (1, -1, 1)
    """
    inverse: list[Expr] = []
    for order in range(len(series)):
        known = Add(*(series[i] * inverse[order - i] for i in range(1, order + 1)))
        inverse.append(((Integer(1) if order == 0 else Integer(0)) - known) / series[0])
    return tuple(inverse)


def power(series: Series, exponent: int) -> Series:
    """Integer power; negative ones need a constant term.

    Example
    -------
    >>> power((Integer(1), Integer(1), Integer(0)), -2)
    (1, -2, 3)
    """
    base = series if exponent >= 0 else reciprocal(series)
    result: Series = (Integer(1), *(Integer(0),) * (len(series) - 1))
    for _ in range(abs(exponent)):
        result = multiply(result, base)
    return result
