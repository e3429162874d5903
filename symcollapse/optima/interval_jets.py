"""Functions of one variable over an interval: enclosures of the value and of two derivatives.

An interval has end points that are exact binary numbers or infinite; every operation rounds outwards, at the working
precision of ``flint.ctx``. A jet carries a power of the variable beside it, so that what is regular at 0 stays so where
its parts are not.
"""

from dataclasses import dataclass
from typing import Any

from flint import arb


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``; the end points are exact, or infinite."""

    low: Any
    high: Any

    @classmethod
    def around(cls, ball: Any) -> "Interval":
        """The interval of a ball; the whole line where the ball knows nothing.

        Example
        -------
        >>> Interval.around(arb(2)).low == 2
        True
        """
        if ball.is_nan():
            return cls(arb("-inf"), arb("inf"))
        return cls(ball.lower(), ball.upper())

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(_lower(self.low + other.low), _upper(self.high + other.high))

    def __mul__(self, other: "Interval") -> "Interval":
        if self.low >= 0 and other.low >= 0:
            return Interval(
                _lower(_product(self.low, other.low)), _upper(_product(self.high, other.high))
            )
        corners = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(
            _least([_lower(corner) for corner in corners]),
            _greatest([_upper(corner) for corner in corners]),
        )

    def __rmul__(self, factor: int) -> "Interval":
        return Interval(arb(factor), arb(factor)) * self

    def reciprocal(self) -> "Interval":
        """1/x; of an interval that begins at 0 it reaches to ∞.

        Example
        -------
        >>> Interval(arb(0), arb(4)).reciprocal().is_finite
        False
        """
        one = arb(1)
        if self.low > 0 or self.high < 0:
            return Interval(_lower(one / self.high), _upper(one / self.low))
        if self.low.is_zero() and self.high > 0:
            return Interval(_lower(one / self.high), arb("inf"))
        return Interval(arb("-inf"), arb("inf"))

    def power(self, exponent: int) -> "Interval":
        """x^exponent, by products.

        Example
        -------
        >>> Interval(arb(1), arb(2)).power(3).high == 8
        True
        """
        if exponent < 0:
            return self.power(-exponent).reciprocal()
        result = Interval(arb(1), arb(1))
        for _ in range(exponent):
            result = result * self
        return result

    @property
    def is_finite(self) -> bool:
        """Whether both end points are."""
        return bool(self.low.is_finite() and self.high.is_finite())

    @property
    def ball(self) -> Any:
        """A ball that contains it."""
        return self.low.union(self.high) if self.is_finite else arb("nan")

    def meets(self, other: "Interval") -> "Interval":
        """What both contain; both are known to contain the same number.

        Example
        -------
        >>> wide, narrow = Interval(arb(0), arb(4)), Interval(arb(1), arb(9))
        >>> wide.meets(narrow) == Interval(arb(1), arb(4))
        True
        """
        return Interval(_greatest([self.low, other.low]), _least([self.high, other.high]))


def _product(a: Any, b: Any) -> Any:
    # 0·∞ is 0 here: the factor 0 is attained, the factor ∞ is not.
    return arb(0) if a.is_zero() or b.is_zero() else a * b


def _lower(ball: Any) -> Any:
    return arb("-inf") if ball.is_nan() else ball.lower()


def _upper(ball: Any) -> Any:
    return arb("inf") if ball.is_nan() else ball.upper()


def _least(points: list[Any]) -> Any:
    best = points[0]
    for point in points[1:]:
        best = point if point < best else best
    return best


def _greatest(points: list[Any]) -> Any:
    best = points[0]
    for point in points[1:]:
        best = point if point > best else best
    return best


ZERO = Interval(arb(0), arb(0))
ONE = Interval(arb(1), arb(1))


@dataclass(frozen=True)
class Jet:
    """A function v^order·f(v): enclosures of f, f′ and f″ over an interval of v."""

    value: Interval
    first: Interval = ZERO
    second: Interval = ZERO
    order: int = 0

    @property
    def is_constant(self) -> bool:
        """Whether the derivatives of f are known to vanish."""
        return self.first is ZERO and self.second is ZERO

    def plus(self, other: "Jet", variable: "Jet") -> "Jet":
        """The sum; ``variable`` is v itself, with order 0.

        Example
        -------
        >>> v = Jet(Interval(arb(2), arb(2)), ONE)
        >>> Jet(ONE).plus(Jet(ONE, order=1), v).value.low == 3
        True
        """
        order = min(self.order, other.order)
        a, b = self.at_order(order, variable), other.at_order(order, variable)
        return Jet(a.value + b.value, a.first + b.first, a.second + b.second, order)

    def at_order(self, order: int, variable: "Jet") -> "Jet":
        """The same function with a lower power of the variable beside it.

        Example
        -------
        >>> v = Jet(Interval(arb(3), arb(3)), ONE)
        >>> Jet(ONE, order=2).at_order(0, v).first.low == 6
        True
        """
        moved = Jet(self.value, self.first, self.second, order)
        for _ in range(self.order - order):
            moved = moved.times(variable)
        return moved

    def times(self, other: "Jet") -> "Jet":
        """The product.

        Example
        -------
        >>> v = Jet(Interval(arb(3), arb(3)), ONE)
        >>> v.times(v).first.low == 6
        True
        """
        if other.is_constant or self.is_constant:
            # Most factors are numbers: no products with zeros.
            number, function = (other, self) if other.is_constant else (self, other)
            return Jet(
                function.value * number.value,
                function.first * number.value if function.first is not ZERO else ZERO,
                function.second * number.value if function.second is not ZERO else ZERO,
                self.order + other.order,
            )
        return Jet(
            self.value * other.value,
            self.first * other.value + self.value * other.first,
            self.second * other.value + 2 * (self.first * other.first) + self.value * other.second,
            self.order + other.order,
        )

    def reciprocal(self) -> "Jet":
        """One over the function.

        Example
        -------
        >>> v = Jet(Interval(arb(2), arb(2)), ONE)
        >>> v.reciprocal().second.low == 0.25
        True
        """
        inverse = self.value.reciprocal()
        square = inverse * inverse
        first = -1 * (self.first * square)
        second = 2 * (self.first * self.first * square * inverse) + -1 * (self.second * square)
        return Jet(inverse, first, second, -self.order)

    def power(self, exponent: int) -> "Jet":
        """A whole power.

        Example
        -------
        >>> v = Jet(Interval(arb(2), arb(2)), ONE)
        >>> v.power(-2).value.low == 0.25
        True
        """
        base = self.reciprocal() if exponent < 0 else self
        result = Jet(ONE)
        for _ in range(abs(exponent)):
            result = result.times(base)
        return result
