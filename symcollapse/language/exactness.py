"""Numbers enter exactly, or not at all."""

from fractions import Fraction
from typing import Any, cast

from sympy import Basic, Expr, Float, Integer, Rational, nan, zoo
from sympy.core.numbers import Infinity, NaN, NegativeInfinity

from symcollapse.language.errors import InexactConstant


def exact(value: Any) -> Expr:
    """Exact SymPy number or expression for an int, a Fraction, a string of digits or an expression.

    Raises
    ------
    InexactConstant
        For floats, and for expressions that hold one: 0.1 is not 1/10.

    Example
    -------
    >>> exact(Fraction(3, 8)), exact("0.375"), exact("3/8")
    (3/8, 3/8, 3/8)
    >>> exact(0.1)
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.InexactConstant: 0.1 is a float; write Fraction(...), or "0.1"
    """
    if isinstance(value, bool):
        raise InexactConstant(f"{value!r} is not a number")
    if isinstance(value, int):
        return Integer(value)
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    if isinstance(value, str):
        try:
            fraction = Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise InexactConstant(
                f"{value!r} is not an exact number such as '3/8' or '0.375'"
            ) from None
        return Rational(fraction.numerator, fraction.denominator)
    if isinstance(value, Basic):
        if value.has(Float):
            raise InexactConstant(f"{value} holds a float; write a Rational")
        return cast("Expr", value)
    if hasattr(value, "__index__"):  # NumPy's integers
        return Integer(int(value))
    raise InexactConstant(
        f'{value!r} is a {type(value).__name__}; write Fraction(...), or "{value}"'
    )


def is_number(value: Basic) -> bool:
    """Whether the expression is a finite number, free of symbols.

    Example
    -------
    >>> is_number(exact(3)), is_number(exact("1/3"))
    (True, True)
    """
    return not value.free_symbols and not isinstance(value, Infinity | NegativeInfinity | NaN)


def may_be_positive(value: Expr, *, or_zero: bool = False) -> bool:
    """Whether nothing that is known forbids the value to be a finite number > 0, or >= 0.

    Example
    -------
    >>> (
    ...     may_be_positive(exact("1/3")),
    ...     may_be_positive(exact(0)),
    ...     may_be_positive(exact(0), or_zero=True),
    ... )
    (True, False, True)
    """
    if value.has(nan, zoo) or value.is_finite is False:
        return False
    return (value.is_extended_nonnegative if or_zero else value.is_extended_positive) is not False
