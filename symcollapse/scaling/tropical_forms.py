"""Linear forms in the exponents of T, and the orders of levels within which they are compared.

Within one order of the levels (ℓ/β, b, q, 1 and the like) every growth is the largest of a few forms that are linear in
levels and exponents, with coefficients linear in 1, β and βr. Whether one form is at least another in the whole cell is
decided exactly: a linear form is nonnegative on a polyhedral cone if it is on its generators, and c₀ + c₁β + c₂βr is
for every β > 1, r > 0 if c₀ + c₁, c₁ and c₂ are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations, product

from sympy import Expr, Integer, Mul, Rational, oo

from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported
from symcollapse.scaling.rate_scalings import Scaling

Slope = tuple[Fraction, Fraction, Fraction]
"""Coefficients of 1, β and βr."""
Item = Fraction | Expr
"""An entry of an order: a number, or a variable by its name."""

ZERO: Slope = (Fraction(0), Fraction(0), Fraction(0))
MOST_LEVELS = 5
"""Levels without a number that are put into every order; there are factorially many."""


@dataclass(frozen=True)
class Form:
    """A linear form, by the slope of each variable; the first variable is the exponent 1 of T."""

    slopes: tuple[Slope, ...]

    def __add__(self, other: "Form") -> "Form":
        return Form(tuple(_plus(a, b) for a, b in zip(self.slopes, other.slopes, strict=True)))

    def __sub__(self, other: "Form") -> "Form":
        return self + other.scaled(Fraction(-1))

    def scaled(self, factor: Fraction) -> "Form":
        """The form times a number."""
        return Form(tuple((a * factor, b * factor, c * factor) for a, b, c in self.slopes))


def _plus(first: Slope, second: Slope) -> Slope:
    return (first[0] + second[0], first[1] + second[1], first[2] + second[2])


@dataclass(frozen=True)
class Cell:
    """One order of the levels, from small to large; 0 is below all of them."""

    order: tuple[Item, ...]
    """Numbers as fractions, variables by their names."""

    def rank(self, item: Item) -> int:
        """Place of a level; 0 has rank -1, infinity is none."""
        return -1 if item == Fraction(0) and isinstance(item, Fraction) else self.order.index(item)


@dataclass(frozen=True)
class FormSpace:
    """The variables of a scaling: 1, then levels without a number, then the other exponents without one.

    Example
    -------
    >>> space = FormSpace.of(Scaling(capacity=2, source=1, dimension=oo), ("ridge",))
    >>> space.names, space.level("ridge"), space.level("unit")
    ((1, ell/2, a, nu), ell/2, Fraction(1, 1))
    """

    scaling: Scaling
    names: tuple[Expr, ...]
    """The variables as they are written in results."""
    level_names: tuple[str, ...]
    """Levels that occur, by name."""

    @staticmethod
    def of(scaling: Scaling, levels: Sequence[str]) -> "FormSpace":
        """The space in which some levels are to be ordered."""
        names: list[Expr] = [Integer(1)]
        written = [_written(scaling, name) for name in levels]
        for value in [*written, scaling.generations, scaling.noise]:
            if not isinstance(value, Rational) and value not in (oo, -oo, *names):
                names.append(value)
        return FormSpace(scaling, tuple(names), tuple(levels))

    @property
    def is_capacity_known(self) -> bool:
        """Whether β is a number."""
        return isinstance(self.scaling.capacity, Rational)

    @property
    def is_source_known(self) -> bool:
        """Whether r is a number."""
        return isinstance(self.scaling.source, Rational)

    def slope(self, one: Fraction, beta: Fraction, beta_source: Fraction) -> Slope:
        """One + beta·β + beta_source·βr, with known letters put in."""
        if self.is_source_known:
            beta, beta_source = beta + beta_source * _fraction(self.scaling.source), Fraction(0)
        if self.is_capacity_known:
            capacity = _fraction(self.scaling.capacity)
            if not self.is_source_known:
                return (one + beta * capacity, Fraction(0), beta_source)
            one, beta = one + beta * capacity, Fraction(0)
        return (one, beta, beta_source)

    def level(self, name: str) -> Item | None:
        """A level as an entry of an order; None if it is infinite."""
        value = _written(self.scaling, name)
        if value == oo:
            return None
        if isinstance(value, Rational):
            return _fraction(value)
        return value

    def form(self, item: Item, slope: Slope) -> Form:
        """The level times a slope."""
        slopes = [ZERO] * len(self.names)
        if isinstance(item, Fraction):
            slopes[0] = (slope[0] * item, slope[1] * item, slope[2] * item)
        else:
            slopes[self.names.index(item)] = slope
        return Form(tuple(slopes))

    def exponent(self, value: Expr, factor: Fraction) -> Form:
        """An exponent times a number, as a form."""
        item = _fraction(value) if isinstance(value, Rational) else value
        return self.form(item, (factor, Fraction(0), Fraction(0)))

    @property
    def zero(self) -> Form:
        """The form 0."""
        return Form((ZERO,) * len(self.names))

    def written_slope(self, slope: Slope) -> Expr:
        """A slope as an expression in β and r."""
        one, beta, beta_source = (Rational(c.numerator, c.denominator) for c in slope)
        capacity, source = self.scaling.capacity, self.scaling.source
        return one + beta * capacity + beta_source * capacity * source

    def written(self, form: Form, names: Sequence[Expr] | None = None) -> Expr:
        """A form as an expression, in the variables' own names or in others."""
        total: Expr = Integer(0)
        for name, slope in zip(names or self.names, form.slopes, strict=True):
            total += Mul(self.written_slope(slope), name).expand()
        return total

    def cells(self) -> Iterator[Cell]:
        """Every order of the levels.

        Raises
        ------
        NotSupported
            If there are too many levels without a number.
        """
        items = {self.level(name) for name in self.level_names} - {None}
        numbers = sorted(item for item in items if isinstance(item, Fraction) and item > 0)
        variables = [name for name in self.names if name in items and name != 1]
        if len(variables) > MOST_LEVELS:
            raise NotSupported(f"{len(variables)} levels without a number: give some of them")
        for arranged in permutations(variables):
            for gaps in product(range(len(numbers) + 1), repeat=len(arranged)):
                if list(gaps) == sorted(gaps):
                    yield Cell(_interleaved(arranged, gaps, numbers))

    def is_nonnegative(self, form: Form, cell: Cell) -> bool:
        """Whether the form is at least 0 in the whole cell, for all β > 1 and r > 0 that are not given."""
        held = [place for place, slope in enumerate(form.slopes) if slope != ZERO]
        if any(place != 0 and self.names[place] not in cell.order for place in held):
            return False
        return all(
            self.is_slope_nonnegative(_along(form, direction))
            for direction in generators(cell, self.names)
        )

    def is_slope_nonnegative(self, slope: Slope) -> bool:
        """Whether c₀ + c₁β + c₂βr is at least 0 for all β > 1 and r > 0 that are not given."""
        one, beta, beta_source = slope
        return one + beta >= 0 and beta >= 0 and beta_source >= 0


def _interleaved(
    arranged: Sequence[Expr], gaps: Sequence[int], numbers: Sequence[Fraction]
) -> tuple[Item, ...]:
    order: list[Item] = []
    for gap in range(len(numbers) + 1):
        order += [variable for variable, own in zip(arranged, gaps, strict=True) if own == gap]
        order += numbers[gap : gap + 1]
    return tuple(order)


@lru_cache(maxsize=4096)
def generators(cell: Cell, names: tuple[Expr, ...]) -> tuple[tuple[Fraction, ...], ...]:
    """Vectors of whose nonnegative combinations the cell's cone consists, a value for each variable.

    Example
    -------
    >>> level = symbols.dimension_exponent
    >>> generators(Cell((Fraction(1), level)), (Integer(1), level))
    ((Fraction(1, 1), Fraction(1, 1)), (Fraction(0, 1), Fraction(1, 1)))
    """
    gaps: list[list[int]] = [[]]
    numbers: list[Fraction] = [Fraction(0)]
    for item in cell.order:
        if isinstance(item, Fraction):
            numbers.append(item)
            gaps.append([])
        else:
            gaps[-1].append(names.index(item))
    found: list[tuple[Fraction, ...]] = []
    # Between two numbers, a chain x₁ ≤ … ≤ x_p has the corners low … low, high … high.
    for cuts in product(*(range(len(gap) + 1) for gap in gaps[:-1])):
        vector = [Fraction(0)] * len(names)
        vector[0] = Fraction(1)
        for place, (gap, cut) in enumerate(zip(gaps[:-1], cuts, strict=True)):
            for position, variable in enumerate(gap):
                vector[variable] = numbers[place] if position < cut else numbers[place + 1]
        for variable in gaps[-1]:
            vector[variable] = numbers[-1]
        found.append(tuple(vector))
    for start in range(len(gaps[-1])):
        ray = [Fraction(0)] * len(names)
        for variable in gaps[-1][start:]:
            ray[variable] = Fraction(1)
        found.append(tuple(ray))
    return tuple(found)


def _along(form: Form, direction: Sequence[Fraction]) -> Slope:
    total = ZERO
    for slope, part in zip(form.slopes, direction, strict=True):
        if part:
            total = _plus(total, (slope[0] * part, slope[1] * part, slope[2] * part))
    return total


def _written(scaling: Scaling, name: str) -> Expr:
    match name:
        case "unit":
            return Integer(1)
        case "ridge" | "generation_ridge":
            value: Expr = getattr(scaling, name)
            return oo if value == oo else value / scaling.capacity
        case _:
            return getattr(scaling, name)


def _fraction(value: Expr) -> Fraction:
    assert isinstance(value, Rational)
    return Fraction(value.p, value.q)


LEVELS = {
    symbols.ridge: "ridge",
    symbols.generation_ridge: "generation_ridge",
    symbols.samples: "unit",
    symbols.generation_samples: "generation_samples",
    symbols.dimension: "dimension",
}
"""The level that each letter of a formula brings in."""
