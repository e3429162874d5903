"""The ridge exponent of the fastest decay: largest minimum of lines in ℓ/β, by the duality of linear programs.

On an interval the largest value of min_i (A_i + B_i·x) is the least of: each line that does not depend on x, each
decreasing one at the lower end, each increasing one at the upper end, and each increasing one where it meets a
decreasing one. That holds whatever the letters are, so the result is exact and needs no cases.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from sympy import (
    And,
    Expr,
    Ge,
    Integer,
    Max,
    Min,
    Or,
    Piecewise,
    Poly,
    Rational,
    Symbol,
    cancel,
    false,
    fraction,
    oo,
    together,
    true,
)
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import placeholder
from symcollapse.scaling.growth_in_cells import pruned
from symcollapse.scaling.rate_pieces import (
    Piece,
    decays,
    is_told_by_relations,
    written_relations,
)
from symcollapse.scaling.tropical_forms import Cell, FormSpace, Item, generators
from symcollapse.scaling.tropical_minima import branches


@dataclass(frozen=True)
class OptimalRidge:
    """The best ridge λ = T^-ℓ under a condition on the other exponents."""

    condition: Boolean
    """Order of the other levels; true if it holds in all of the scope."""
    exponent: Expr
    """Decay exponent of the test error at the best ℓ; negative where the error grows for every ℓ."""
    smallest: Expr
    """The best ℓ, or the smallest of several."""
    largest: Expr
    """The largest ℓ that is as good; infinite if every larger ridge exponent is."""


@dataclass(frozen=True)
class _Line:
    height: Expr
    slope: Expr
    sign: int


@dataclass(frozen=True)
class _Interval:
    lower: Expr
    upper: Expr
    lines: tuple[_Line, ...]

    def of_sign(self, sign: int) -> list[_Line]:
        return [line for line in self.lines if line.sign == sign]


@dataclass(frozen=True)
class _Signs:
    """What is known about signs under one order of the levels."""

    space: FormSpace
    cell: Cell

    def is_nonnegative(self, value: Expr) -> bool:
        """Whether an expression is at least 0, by the signs of the coefficients of its numerator."""
        top, bottom = fraction(together(value))
        return self._has_no_negative_coefficient(top) and self._has_no_negative_coefficient(bottom)

    def _has_no_negative_coefficient(self, value: Expr) -> bool:
        names, parts = self.space.names, generators(self.cell, self.space.names)
        unknowns = [placeholder("e") for _ in parts]
        rule: dict[Expr, Expr] = {}
        for place, name in enumerate(names):
            if name == 1 or name in self.cell.order:
                rule[name] = sum(
                    (_rational(part[place]) * e for part, e in zip(parts, unknowns, strict=True)),
                    Integer(0),
                )
        scaled = value
        if not scaled.free_symbols:
            return bool(scaled >= 0)
        # The corners of the cell add up to its level 1, the exponent of T, which is divided out.
        del rule[Integer(1)]
        corners = [e for part, e in zip(parts, unknowns, strict=True) if part[0]]
        total = sum(corners, Integer(0))
        bends = {bend: placeholder("rho") for bend in scaled.atoms(Min)}
        if any(self._is_free(bend) for bend in bends):
            return False
        scaled = scaled.xreplace(bends).xreplace({name: new / total for name, new in rule.items()})
        capacity = self.space.scaling.capacity
        if isinstance(capacity, Symbol):
            scaled = scaled.xreplace({capacity: 1 + placeholder("beta")})
        top, bottom = fraction(together(scaled))
        if bottom.free_symbols - set(unknowns):
            return False
        if any(self._is_free(symbol) for symbol in top.free_symbols):
            return False
        free = sorted(top.free_symbols, key=str)
        if not free:
            return bool(top >= 0)
        return all(coefficient >= 0 for coefficient in Poly(top, *free).coeffs())

    def _is_free(self, value: Expr) -> bool:
        known = {self.space.scaling.capacity, self.space.scaling.source}
        named = {name for name in self.space.names if name != 1}
        held = value.free_symbols
        return any(name.free_symbols & held for name in named) and not held <= known

    def is_positive(self, value: Expr) -> bool:
        """Whether an expression in β and r alone is more than 0, as a positive sum of their products is."""
        known = {self.space.scaling.capacity, self.space.scaling.source}
        return value != 0 and value.free_symbols <= known and self.is_nonnegative(value)

    def sign(self, slope: Expr) -> int:
        if slope == 0:
            return 0
        if self.is_nonnegative(slope):
            return 1
        if self.is_nonnegative(-slope):
            return -1
        raise NotSupported(f"the sign of {slope} depends on the exponents: give more numbers")

    def at_least(self, first: Expr, second: Expr) -> Boolean:
        """The condition first >= second, without the parts that always hold."""
        parts: tuple[Any, ...] = first.args if isinstance(first, Min) else (first,)
        rivals: tuple[Any, ...] = second.args if isinstance(second, Min) else (second,)
        return And(
            *(
                Ge(part, second)
                for part in parts
                if not any(self.is_nonnegative(part - rival) for rival in rivals)
            )
        )

    def least(self, values: Iterable[Expr]) -> Expr:
        """The minimum, without values that never are it."""
        kept = list(dict.fromkeys(values))
        for value in list(kept):
            if any(other != value and self.is_nonnegative(value - other) for other in kept):
                kept.remove(value)
        return Min(*kept)


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def optimal_ridges(
    pieces: Sequence[Piece], space: FormSpace, strict: frozenset[tuple[Item, Item]]
) -> tuple[OptimalRidge, ...]:
    """The best ridge exponent in every order of the other levels, equal results joined.

    The space is one in which ℓ is a symbol.

    Raises
    ------
    NotSupported
        If the sign of a line's slope depends on exponents without a number.
    """
    x = space.level("ridge")
    assert x is not None
    found: dict[tuple[Expr, Expr, Expr], list[Cell]] = {}
    every = list(dict.fromkeys(_without(cell, x) for cell in space.cells()))
    for frame in every:
        intervals = _intervals(frame, pieces, space, x)
        if intervals:
            found.setdefault(_best(intervals, _Signs(space, frame), space), []).append(frame)
    results = []
    for (exponent, smallest, largest), frames in found.items():
        for group in _grouped(frames, every):
            condition = written_relations(Piece(group, ()).relations, strict)
            results.append(OptimalRidge(condition, exponent, smallest, largest))
    return tuple(results)


def _grouped(frames: Sequence[Cell], every: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    """Frames in as few groups as joining finds, each told from all others by relations between its levels."""
    whole = tuple(frames)
    if is_told_by_relations(whole, every):
        return [whole]
    groups: list[tuple[Cell, ...]] = [(frame,) for frame in frames]
    changed = True
    while changed:
        changed = False
        for first, second in combinations(groups, 2):
            if is_told_by_relations(first + second, every):
                groups.remove(second)
                groups[groups.index(first)] = first + second
                changed = True
                break
    return groups


def _without(cell: Cell, x: Item) -> Cell:
    return Cell(tuple(item for item in cell.order if item != x))


def _intervals(frame: Cell, pieces: Sequence[Piece], space: FormSpace, x: Item) -> list[_Interval]:
    variable = placeholder("x")
    names = [variable if name == x else name for name in space.names]
    runs: list[tuple[Piece, list[Cell], Expr]] = []
    for position in range(len(frame.order) + 1):
        cell = Cell((*frame.order[:position], x, *frame.order[position:]))
        piece = next((piece for piece in pieces if cell in piece.cells), None)
        if piece is None:
            return []
        upper = _item(frame.order[position]) if position < len(frame.order) else oo
        earlier = runs.pop()[1] if runs and runs[-1][0] is piece else []
        runs.append((piece, [*earlier, cell], upper))
    found: list[_Interval] = []
    for piece, cells, upper in runs:
        forms = [entry for growth in piece.growths if growth for entry in growth]
        total = pruned(forms, space, cells)
        joined = branches(decays(total), space, cells)
        written = [branch.written(space, names) for branch in joined]
        lower = found[-1].upper if found else Integer(0)
        found.append(_Interval(lower, upper, _lines(written, variable, _Signs(space, frame))))
    return found


def _item(item: Item) -> Expr:
    return _rational(item) if isinstance(item, Fraction) else item


def _lines(values: Sequence[Expr], x: Symbol, signs: _Signs) -> tuple[_Line, ...]:
    heights: dict[Expr, list[Expr]] = {}
    for value in values:
        slope = value.expand().coeff(x)
        heights.setdefault(slope, []).append(value.xreplace({x: Integer(0)}))
    return tuple(_Line(Min(*group), slope, signs.sign(slope)) for slope, group in heights.items())


def _best(
    intervals: Sequence[_Interval], signs: _Signs, space: FormSpace
) -> tuple[Expr, Expr, Expr]:
    """Exponent, smallest and largest best ℓ over all intervals of one frame."""
    chosen: list[tuple[Expr, Expr, Expr]] = []
    for place, interval in enumerate(intervals):
        rising = interval.of_sign(1)
        # Where nothing rises the lower end is best, where all do the upper: a neighbour has it, if it rises.
        if place > 0 and not rising:
            continue
        is_last = place + 1 == len(intervals)
        if not is_last and len(rising) == len(interval.lines) and intervals[place + 1].of_sign(1):
            continue
        exponent = _exponent(interval, signs)
        smallest = _smallest(interval, exponent, signs)
        chosen.append((exponent, smallest, _largest(intervals, place, smallest, signs)))
    exponent = chosen[0][0] if len(chosen) == 1 else Max(*(each[0] for each in chosen))
    capacity = space.scaling.capacity

    def merged(part: int, order: Sequence[tuple[Expr, Expr, Expr]]) -> Expr:
        # Of intervals that tie, the first has the smallest and the last the largest.
        cases = []
        for place, each in enumerate(order[:-1]):
            others = [other[0] for other in (*order[:place], *order[place + 1 :])]
            no_less = And(*(signs.at_least(each[0], other) for other in others))
            cases.append((_times(capacity, each[part]), no_less))
        last = _times(capacity, order[-1][part])
        return Piecewise(*cases, (last, true)) if cases else last

    return exponent, merged(1, chosen), merged(2, chosen[::-1])


def _times(capacity: Expr, value: Any) -> Any:
    """Capacity · value, with the positive factor taken into minima and maxima."""
    if isinstance(value, Min | Max | Piecewise | ExprCondPair):
        return value.func(*(_times(capacity, part) for part in value.args))
    if isinstance(value, Boolean) and not isinstance(value, Symbol):
        # A symbol counts as a Boolean in SymPy.
        return value
    return capacity * value


def _exponent(interval: _Interval, signs: _Signs) -> Expr:
    rising, falling = interval.of_sign(1), interval.of_sign(-1)
    values = [line.height for line in interval.of_sign(0)]
    values += [line.height + line.slope * interval.lower for line in falling]
    if interval.upper != oo:
        values += [line.height + line.slope * interval.upper for line in rising]
    values += [_meeting(up, down)[1] for up in rising for down in falling]
    return signs.least(values)


def _meeting(up: _Line, down: _Line) -> tuple[Expr, Expr]:
    """Where two lines meet, and at which height."""
    width = up.slope - down.slope
    place = (down.height - up.height) / width
    height = (down.height * up.slope - up.height * down.slope) / width
    return _tidy(place), _tidy(height)


def _tidy(value: Expr) -> Expr:
    bends = {bend: placeholder("m") for bend in value.atoms(Min)}
    back = {letter: bend for bend, letter in bends.items()}
    return cancel(value.xreplace(bends)).factor().xreplace(back)


def _smallest(interval: _Interval, exponent: Expr, signs: _Signs) -> Expr:
    rising, falling = interval.of_sign(1), interval.of_sign(-1)
    if not rising:
        return interval.lower
    if len(rising) > 1:
        places = [_tidy((exponent - line.height) / line.slope) for line in rising]
        return Max(interval.lower, *places)
    (up,) = rising
    places = [_meeting(up, line)[0] for line in (*falling, *interval.of_sign(0))]
    if interval.upper != oo:
        places.append(interval.upper)
    least = signs.least(places)
    return least if signs.is_nonnegative(least - interval.lower) else Max(interval.lower, least)


def _largest(intervals: Sequence[_Interval], place: int, smallest: Expr, signs: _Signs) -> Expr:
    interval = intervals[place]
    own = smallest
    if interval.of_sign(0):
        own = Max(smallest, _end_of_level(interval))
    if interval.upper == oo or signs.is_positive(interval.upper - own):
        return own
    beyond = _beyond(intervals, place + 1)
    reached = _is_reached(interval.upper, own)
    return own if beyond == interval.upper else _cases(beyond, reached, own)


def _beyond(intervals: Sequence[_Interval], place: int) -> Expr:
    """How far a best ridge at the lower end of an interval can be left without loss."""
    interval = intervals[place]
    if interval.of_sign(1) or not interval.of_sign(0):
        # Where something rises, the interval has a best ridge of its own.
        return interval.lower
    end = _end_of_level(interval)
    own = Max(interval.lower, end)
    if interval.upper == oo:
        return own
    beyond = _beyond(intervals, place + 1)
    if beyond == interval.upper:
        return own
    return _cases(beyond, _is_reached(interval.upper, end), own)


def _cases(first: Expr, condition: Boolean, second: Expr) -> Expr:
    """The first under a condition, else the second; as one list of cases."""
    pairs: tuple[Any, ...] = first.args if isinstance(first, Piecewise) else ((first, true),)
    return Piecewise(*((value, And(condition, case)) for value, case in pairs), (second, true))


def _end_of_level(interval: _Interval) -> Expr:
    """Where the first line falls below those that are level, within the interval."""
    level = Min(*(line.height for line in interval.of_sign(0)))
    ends = [_tidy((line.height - level) / -line.slope) for line in interval.of_sign(-1)]
    return Min(interval.upper, *ends)


def _is_reached(upper: Expr, place: Any) -> Boolean:
    """Whether a place in an interval is its upper end, without what says nothing of it."""
    match place:
        case Min():
            return And(*(_is_reached(upper, part) for part in place.args))
        case Max():
            return Or(*(_is_reached(upper, part) for part in place.args))
        case _ if place == upper:
            return true
        case _ if place == 0 and upper.is_extended_positive:
            return false
    return Ge(place, upper)
