"""Orders of plain formulas: the exponent of T and the power of ln T of what is made of powers, minima and logarithms.

Published rates are such formulas: maxima of powers of T, factors like 1/(1 − d/T₀), a logarithm in one case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    log,
)

from symcollapse.language.errors import Diverges, NotSupported


@dataclass(frozen=True)
class Order:
    """A constant times T^exponent · (ln T)^logarithms.

    Example
    -------
    >>> Order(Integer(-1)) < Order(Integer(-1), Integer(1)) < Order(Integer(0))
    True
    """

    exponent: Rational
    logarithms: Rational = field(default_factory=lambda: Integer(0))
    factor: Expr | None = field(default=None, compare=False)
    """The constant, where it is known; always positive."""

    @property
    def key(self) -> tuple[Rational, Rational]:
        """Exponent and power of the logarithm: larger for what grows faster."""
        return self.exponent, self.logarithms

    def __lt__(self, other: "Order") -> bool:
        return self.key < other.key

    def __le__(self, other: "Order") -> bool:
        return self.key <= other.key

    def times(self, other: "Order") -> "Order":
        """The order of a product."""
        factor = None if self.factor is None or other.factor is None else self.factor * other.factor
        return Order(self.exponent + other.exponent, self.logarithms + other.logarithms, factor)

    def raised(self, power: Rational) -> "Order":
        """The order of a power."""
        factor = None if self.factor is None else self.factor**power
        return Order(self.exponent * power, self.logarithms * power, factor)

    def written(self, variable: str) -> str:
        """The order in a variable of that name.

        Example
        -------
        >>> Order(Integer(-1), Integer(1)).written("D")
        'D^(-1)·(ln D)^1'
        """
        logs = "" if self.logarithms == 0 else f"·(ln {variable})^{_bracketed(self.logarithms)}"
        return f"{variable}^{_bracketed(self.exponent)}{logs}"

    def __str__(self) -> str:
        return self.written("T")


def _bracketed(number: Rational) -> str:
    return str(number) if number.is_Integer and number >= 0 else f"({number})"


ONE = Order(Integer(0), factor=Integer(1))
"""The order of the number 1."""


def order_of(
    formula: Basic, orders: Mapping[Basic, Order | None], point: Mapping[Basic, Any]
) -> Order | None:
    """The order of a formula; None if it is zero.

    Parameters
    ----------
    formula
        Made of sums, products, powers, minima, maxima, cases and logarithms.
    orders
        The orders of what moves, symbols or expressions that are known as a whole; None for what is zero.
    point
        Numbers for the letters of the exponents. Other symbols are positive constants.

    Raises
    ------
    NotSupported
        If leading terms cancel, or may do so, or a node has no rule.
    Diverges
        If something is divided by zero.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> T = {samples: Order(Integer(1), factor=Integer(1))}
    >>> str(order_of(3 * samples**-2 + log(samples) / samples, T, {}))
    'T^(-1)·(ln T)^1'
    """
    if formula in orders:
        return orders[formula]
    match formula:
        case Number():
            if not formula.is_Rational or formula < 0:
                raise NotSupported(f"{formula} is no positive rational number")
            return None if formula == 0 else Order(Integer(0), factor=formula)
        case Symbol():
            value = point.get(formula)
            return Order(Integer(0)) if value is None else order_of(value, orders, point)
        case Mul():
            return _product([order_of(part, orders, point) for part in formula.args])
        case Add():
            return _sum(formula, orders, point)
        case Pow():
            return _power(formula, orders, point)
        case Max() | Min():
            return _extreme(formula, [order_of(part, orders, point) for part in formula.args])
        case Piecewise():
            for case in formula.args:
                value, condition = case.args
                if condition.xreplace(dict(point)) == True:  # noqa: E712 - SymPy's own true.
                    return order_of(value, orders, point)
            raise NotSupported(f"{formula} has no case here")
        case log():
            return _logarithm(formula, order_of(formula.args[0], orders, point))
    raise NotSupported(f"{formula} has no order that is known here")


def _product(parts: list[Order | None]) -> Order | None:
    total = ONE
    for part in parts:
        if part is None:
            return None
        total = total.times(part)
    return total


def _power(formula: Pow, orders: Mapping[Basic, Order | None], point: Mapping[Basic, Any]) -> Any:
    power = formula.exp.xreplace(dict(point))
    if not isinstance(power, Rational):
        raise NotSupported(f"{formula}: its exponent is no number")
    base = order_of(formula.base, orders, point)
    if base is not None:
        return base.raised(power)
    if power == 0:
        return ONE
    if power < 0:
        raise Diverges(f"{formula}: zero in a denominator")
    return None


def _extreme(formula: Expr, parts: list[Order | None]) -> Order | None:
    found = [part for part in parts if part is not None]
    if isinstance(formula, Max):
        return max(found, key=lambda part: part.key) if found else None
    return None if len(found) < len(parts) else min(found, key=lambda part: part.key)


def _logarithm(formula: Expr, inner: Order | None) -> Order | None:
    """Of what grows: ln T. Of a constant: a constant, and zero for the number 1."""
    if inner is None:
        raise Diverges(f"{formula}: logarithm of zero")
    if inner.exponent > 0:
        return Order(Integer(0), Integer(1), inner.exponent)
    if inner.exponent == 0 and inner.logarithms == 0:
        if inner.factor == 1:
            return None
        if inner.factor is not None and inner.factor > 1:
            return Order(Integer(0))
    raise NotSupported(f"{formula}: a logarithm of what does not grow")


def _sum(
    formula: Add, orders: Mapping[Basic, Order | None], point: Mapping[Basic, Any]
) -> Order | None:
    largest: tuple[Rational, Rational] | None = None
    leading: list[Expr | None] = []
    has_minus = False
    for part in formula.args:
        minus = part.could_extract_minus_sign()
        found = order_of(-part if minus else part, orders, point)
        if found is None:
            continue
        if largest is None or found.key > largest:
            largest, leading, has_minus = found.key, [], False
        if found.key == largest:
            leading.append(None if found.factor is None else found.factor * (-1 if minus else 1))
            has_minus |= minus
    if largest is None:
        return None
    known = [each for each in leading if each is not None]
    factor = Add(*known) if len(known) == len(leading) else None
    if has_minus and (factor is None or not factor.is_positive):
        raise NotSupported(f"{formula}: its leading terms may cancel")
    return Order(*largest, factor)
