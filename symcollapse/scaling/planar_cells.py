"""Cells of a plane on which a label is constant, cut by curves that are linear in the second coordinate.

A curve is A(u)·v + B(u) = 0 with polynomials A and B, so that on a line of constant u all is exact rational arithmetic.
The places on u at which the picture changes are roots of polynomials, isolated with certainty; between two of them
one rational line tells the labels of the whole slab.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import nan
from typing import Any, Generic, TypeVar

from flint import fmpq, fmpq_poly
from sympy import Expr, Poly, Rational, Symbol, fraction, real_roots, together

from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import placeholder

Coefficients = tuple[Fraction, ...]
"""A polynomial in u, constant first."""
Number = TypeVar("Number", Fraction, float)
Label = TypeVar("Label")

SHARES = tuple(Fraction(*pair) for pair in ((1, 2), (3, 7), (4, 9), (7, 13), (10, 23), (29, 61)))
"""Where in a slab its line is put; the next is tried if two curves meet on the line."""

SAME = 1e-9
"""Roots of one polynomial that are closer are one; doubles isolate them to 1e-15."""


@dataclass(frozen=True)
class PlaneFunction:
    """A rational function of u and v whose denominator is positive where it is used.

    Example
    -------
    >>> from sympy.abc import x, y
    >>> PlaneFunction.of((1 + y) / x - 1, x, y).at(Fraction(2), Fraction(5))
    Fraction(2, 1)
    """

    above: tuple[Coefficients, ...]
    """Coefficients of 1, v, v², … in the numerator, each a polynomial in u."""
    below: tuple[Coefficients, ...]

    @staticmethod
    def of(formula: Expr, u: Symbol, v: Symbol) -> "PlaneFunction":
        """Read a formula."""
        top, bottom = fraction(together(formula))
        return PlaneFunction(_rows(top, u, v), _rows(bottom, u, v))

    def at(self, u: Number, v: Number) -> Number:
        """The value at a point."""
        return _value([_value(row, u) for row in self.above], v) / _value(
            [_value(row, u) for row in self.below], v
        )

    def cuts(self) -> "tuple[Curve, ...]":
        """The curves on which it is zero; none for a constant.

        Raises
        ------
        NotSupported
            If it is not linear in v.
        """
        if len(self.above) > 2:
            raise NotSupported("a boundary is not linear in either axis")
        level, rising = (_polynomial(row) for row in (*self.above, (Fraction(0),))[:2])
        # A common root is a whole line of constant u, also where the rest is a curve.
        common = level.gcd(rising) if rising else level
        found = [] if len(common) < 2 else [Curve.of((Fraction(0),), _coefficients(common))]
        if rising:
            found.append(Curve.of(_coefficients(rising / common), _coefficients(level / common)))
        return tuple(found)


def _rows(formula: Expr, u: Symbol, v: Symbol) -> tuple[Coefficients, ...]:
    poly = Poly(formula, u, v)
    if poly.is_zero:
        return ((Fraction(0),),)
    rows = [[Fraction(0)] * (int(poly.degree(u)) + 1) for _ in range(int(poly.degree(v)) + 1)]
    for (i, j), coefficient in poly.terms():
        assert isinstance(coefficient, Rational)
        rows[j][i] = Fraction(coefficient.p, coefficient.q)
    return tuple(map(tuple, rows))


def _value(coefficients: Sequence[Any], at: Number) -> Number:
    total: Any = at * 0
    for coefficient in reversed(coefficients):
        # Doubles stay doubles.
        total = total * at + (coefficient if isinstance(at, Fraction) else float(coefficient))
    return total


@dataclass(frozen=True)
class Curve:
    """The curve rising(u)·v + level(u) = 0."""

    rising: Coefficients
    level: Coefficients

    @staticmethod
    def of(rising: Coefficients, level: Coefficients) -> "Curve":
        """The curve in a form that is the same for the same curve."""
        leading = next(c for c in (*reversed(rising), *reversed(level)) if c)
        return Curve(
            _trimmed([c / leading for c in rising]), _trimmed([c / leading for c in level])
        )

    @property
    def is_vertical(self) -> bool:
        """Whether it consists of lines of constant u."""
        return not any(self.rising)

    def height(self, u: Number) -> Number | None:
        """The v on the curve; None if there is none, or each."""
        slope = _value(self.rising, u)
        return None if slope == 0 else -_value(self.level, u) / slope

    def height_near(self, u: float) -> float:
        """The same in doubles; nan where there is none."""
        height = self.height(u)
        return nan if height is None else height

    def formula(self, u: Expr) -> Expr:
        """The v on the curve as an expression."""
        return -_written(self.level, u) / _written(self.rising, u)


def _written(coefficients: Coefficients, u: Expr) -> Expr:
    return sum(
        (Rational(c.numerator, c.denominator) * u**i for i, c in enumerate(coefficients)),
        Rational(0),
    )


def _trimmed(coefficients: Sequence[Fraction]) -> Coefficients:
    kept = list(coefficients)
    while len(kept) > 1 and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _polynomial(coefficients: Coefficients) -> fmpq_poly:
    return fmpq_poly([fmpq(c.numerator, c.denominator) for c in coefficients])


def _coefficients(polynomial: fmpq_poly) -> Coefficients:
    return tuple(Fraction(int(c.p), int(c.q)) for c in polynomial.coeffs())


def horizontal(v: Fraction) -> Curve:
    """The line of constant v."""
    return Curve((Fraction(1),), (-v,))


@dataclass(frozen=True)
class Edge:
    """A place on u: a root of an irreducible polynomial."""

    factor: Coefficients
    near: float

    @staticmethod
    def rational(u: Fraction) -> "Edge":
        """A rational place."""
        return Edge((-u, Fraction(1)), float(u))

    @property
    def rational_value(self) -> Fraction | None:
        """The place, if it is rational."""
        return -self.factor[0] / self.factor[1] if len(self.factor) == 2 else None

    def is_below(self, u: Fraction) -> bool:
        """Whether the place is less than a number; an irrational one is known to 1e-15."""
        own = self.rational_value
        return (Fraction(self.near) if own is None else own) < u

    @property
    def exact(self) -> Expr:
        """The place as an expression."""
        letter = placeholder("u")
        roots = real_roots(Poly(_written(self.factor, letter), letter))
        return min(roots, key=lambda root: abs(float(root) - self.near))


@dataclass(frozen=True)
class Strip(Generic[Label]):
    """All points with start < u < end between two curves; one label holds in it."""

    label: Label
    lower: Curve
    upper: Curve
    start: Edge
    end: Edge

    def holds(self, u: Fraction, v: Fraction) -> bool:
        """Whether a point lies inside."""
        if not self.start.is_below(u) or self.end.is_below(u) or self.end.rational_value == u:
            return False
        low, high = self.lower.height(u), self.upper.height(u)
        return low is not None and high is not None and low < v < high

    def inside(self) -> tuple[Fraction, Fraction]:
        """A point inside."""
        u = _between(self.start, self.end, SHARES[0])
        low, high = self.lower.height(u), self.upper.height(u)
        assert low is not None
        assert high is not None
        return u, (low + high) / 2


@dataclass(frozen=True)
class Frame:
    """The rectangle that is cut into cells."""

    left: Fraction
    right: Fraction
    bottom: Fraction
    top: Fraction


def strips(
    curves: Iterable[Curve],
    frame: Frame,
    label: Callable[[Fraction, Fraction], Label],
    may_matter: Callable[[Curve, Curve, float, float], bool] = lambda *_: True,
) -> tuple[Strip[Label], ...]:
    """The cells of a rectangle, as strips between curves.

    Parameters
    ----------
    curves
        All curves on which the label may change.
    frame
        The rectangle.
    label
        The label at a point that lies on no curve.
    may_matter
        Whether the label may change near a point at which two curves meet; with room for rounding errors.

    Returns
    -------
    strips
        From left to right, in each slab from bottom to top. Exact; as few as the labels allow.

    Example
    -------
    >>> diagonal = Curve.of((Fraction(1),), (Fraction(0), Fraction(-1)))
    >>> unit = Frame(*map(Fraction, (0, 2, 0, 1)))
    >>> [strip.label for strip in strips([diagonal], unit, lambda u, v: v > u)]
    [False, True, False]
    """
    known = list(dict.fromkeys(curves))
    ends = (horizontal(frame.bottom), horizontal(frame.top))
    edges = _edges(known, ends, frame, may_matter)
    slabs = [
        (start, end, _column(known, frame, _line(known, start, end), label))
        for start, end in pairwise(edges)
    ]
    joined: list[tuple[Edge, Edge, tuple[tuple[Label, Curve, Curve], ...]]] = []
    for start, end, column in slabs:
        if joined and joined[-1][2] == column:
            start = joined.pop()[0]
        joined.append((start, end, column))
    return tuple(
        Strip(name, lower, upper, start, end)
        for start, end, column in joined
        for name, lower, upper in column
    )


def _edges(
    curves: Sequence[Curve],
    ends: tuple[Curve, Curve],
    frame: Frame,
    may_matter: Callable[[Curve, Curve, float, float], bool],
) -> list[Edge]:
    found = {Edge.rational(frame.left), Edge.rational(frame.right)}
    low, high = float(frame.bottom) - SAME, float(frame.top) + SAME
    sloped = [curve for curve in curves if not curve.is_vertical]
    for curve in curves:
        if curve.is_vertical:
            found.update(_roots(_polynomial(curve.level), frame))
    pairs = [*combinations(sloped, 2), *((curve, end) for curve in sloped for end in ends)]
    for first, second in pairs:
        difference = _polynomial(first.rising) * _polynomial(second.level) - _polynomial(
            second.rising
        ) * _polynomial(first.level)
        for edge in _roots(difference, frame):
            place = first.height(edge.near)
            place = second.height(edge.near) if place is None else place
            if place is None or not low <= place <= high:
                continue
            if second in ends or may_matter(first, second, edge.near, place):
                found.add(edge)
    return sorted(found, key=lambda edge: edge.near)


def _roots(polynomial: fmpq_poly, frame: Frame) -> list[Edge]:
    """The roots between the left and the right side."""
    if len(polynomial) < 2:
        return []
    found = []
    for factor, _ in polynomial.numer().factor()[1]:
        if factor.degree() == 1:
            place = Fraction(-int(factor[0]), int(factor[1]))
            found += [Edge.rational(place)] if frame.left < place < frame.right else []
            continue
        coefficients = tuple(Fraction(int(c)) for c in factor.coeffs())
        roots: Any = factor.complex_roots()
        for root, _ in roots:
            # Real roots of real polynomials come with an imaginary part that is zero.
            near = float(root.real.mid())
            if root.imag == 0 and float(frame.left) < near < float(frame.right):
                found.append(Edge(coefficients, near))
    return found


def _line(curves: Sequence[Curve], start: Edge, end: Edge) -> Fraction:
    """A rational line in a slab on which no two curves meet, if it can be had."""
    chosen = _between(start, end, SHARES[0])
    for share in SHARES:
        chosen = _between(start, end, share)
        heights = [curve.height(chosen) for curve in curves if not curve.is_vertical]
        if len(set(heights)) == len(heights):
            break
    return chosen


def _between(start: Edge, end: Edge, share: Fraction) -> Fraction:
    """A number with few digits between two places."""
    low = start.rational_value
    high = end.rational_value
    low = Fraction(start.near) if low is None else low
    high = Fraction(end.near) if high is None else high
    exactly = low + share * (high - low)
    short = exactly.limit_denominator(max(1000, int(100 / (high - low))))
    return short if low < short < high else exactly


def _column(
    curves: Sequence[Curve],
    frame: Frame,
    line: Fraction,
    label: Callable[[Fraction, Fraction], Label],
) -> tuple[tuple[Label, Curve, Curve], ...]:
    places: dict[Fraction, Curve] = {}
    for curve in curves:
        height = curve.height(line)
        if height is not None and frame.bottom < height < frame.top:
            places.setdefault(height, curve)
    places[frame.bottom], places[frame.top] = horizontal(frame.bottom), horizontal(frame.top)
    column: list[tuple[Label, Curve, Curve]] = []
    for low, high in pairwise(sorted(places)):
        name = label(line, (low + high) / 2)
        lower = places[low]
        if column and column[-1][0] == name:
            lower = column.pop()[1]
        column.append((name, lower, places[high]))
    return tuple(column)
