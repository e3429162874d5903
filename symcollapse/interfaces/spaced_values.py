"""Values of a range, each made when it is asked for: a sweep over millions of them takes no memory."""

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

FEWEST_APART = 64
"""Units in the last place between two points of a range that are known to differ, whatever the rounding."""


@dataclass(frozen=True)
class SpacedValues(Sequence[str]):
    """Texts of the points between two ends; the ends are written as they were given.

    Example
    -------
    >>> values = SpacedValues("1e-2", "1", Fraction(1, 100), Fraction(1), 3, is_logarithmic=True)
    >>> list(values), values.double_at(1)
    (['1e-2', '0.1', '1'], 0.1)
    """

    first: str
    """Text of the first point."""
    last: str
    """Text of the last point."""
    low: Fraction
    """The first point."""
    high: Fraction
    """The last point."""
    size: int
    """Number of points, both ends included; at least 1, and 1 for equal ends only."""
    is_logarithmic: bool
    """Whether the points are evenly spaced in their logarithm."""

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[str, ...]: ...
    def __getitem__(self, position: int | slice) -> str | tuple[str, ...]:
        if isinstance(position, slice):
            return tuple(self[each] for each in range(*position.indices(self.size)))
        place = range(self.size)[position]
        if place == 0:
            return self.first
        if place == self.size - 1:
            return self.last
        return written(self.double_at(place))

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(self.size))

    def double_at(self, place: int) -> float:
        """The point as a double: what its text says, or at an end, the nearest."""
        if place in (0, self.size - 1):
            return float(self.low if place == 0 else self.high)
        if not self.is_logarithmic:
            # Quotients of integers are rounded correctly, and made in a tenth of the time of fractions.
            (p, q), (r, t) = self.low.as_integer_ratio(), self.high.as_integer_ratio()
            steps = self.size - 1
            return (p * t * (steps - place) + r * q * place) / (q * t * steps)
        start, end = math.log10(float(self.low)), math.log10(float(self.high))
        return float(10 ** (start + place / (self.size - 1) * (end - start)))

    @property
    def coincides(self) -> bool:
        """Whether two points have one text; they are gone through only where they are close."""
        if self.size == 1:
            return False
        low, high = float(self.low), float(self.high)
        if self.is_logarithmic:
            # Logarithms of doubles are below 308 in size, and off by half a unit in the last place.
            step = abs(math.log10(high) - math.log10(low)) / (self.size - 1)
            least = math.ulp(308.0)
        else:
            step = abs(high - low) / (self.size - 1)
            least = math.ulp(max(abs(low), abs(high), sys.float_info.min))
        if step > FEWEST_APART * least:
            return False
        before = None
        for text in self:
            if text == before:
                return True
            before = text
        return False


@dataclass(frozen=True)
class ConsecutiveValues(Sequence[str]):
    """Texts of all integers from one to another.

    Example
    -------
    >>> list(ConsecutiveValues(range(3, 6)))
    ['3', '4', '5']
    """

    integers: range
    """The integers."""

    def __len__(self) -> int:
        return len(self.integers)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[str, ...]: ...
    def __getitem__(self, position: int | slice) -> str | tuple[str, ...]:
        if isinstance(position, slice):
            return tuple(map(str, self.integers[position]))
        return str(self.integers[position])


def written(point: float) -> str:
    """As few digits as tell the double apart.

    Example
    -------
    >>> written(2.0), written(0.1)
    ('2', '0.1')
    """
    return repr(int(point)) if point.is_integer() and abs(point) < 2**53 else repr(point)
