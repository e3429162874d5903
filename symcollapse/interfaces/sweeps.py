"""Sweeps: which values the keys of a problem file take, one after the other."""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

from sympy import Expr, Integer

from symcollapse.interfaces.spaced_values import ConsecutiveValues, SpacedValues
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.expressions import parse_expression

MOST_POINTS = 10**9
"""Points of a curve; they are worked off in chunks."""

MOST_LISTED = 1000
"""Values of a range up to which they are kept; those of a longer one are made as they are asked for."""

MOST_ROUNDED = 10**6
"""Integers of a range that is not FROM:TO: equal ones are taken once, so all are kept."""

WHOLE = ("samples", "repeat", "dimension", "real_samples", "features", "generations")
"""Last parts of the keys that take integers."""


@dataclass(frozen=True)
class Sweep:
    """A key of the problem file and the texts it is set to.

    Example
    -------
    >>> parse_sweep("downstream.ridge=1e-2:1:log:3").values
    ('1e-2', '0.1', '1')
    """

    key: str
    """Dotted, such as downstream.ridge."""
    values: Sequence[str]
    """In the order they are taken."""
    is_logarithmic: bool
    """Whether an axis of it is logarithmic."""

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The values as doubles; None where one is a word, is too large, or depends on other keys."""
        found = []
        for place in range(len(self.values)):
            double = self.double_at(place)
            if double is None:
                return None
            found.append(double)
        return tuple(found)

    @property
    def is_numeric(self) -> bool:
        """Whether every value is a number that doubles hold."""
        if isinstance(self.values, tuple):
            return self.numbers is not None
        return True

    def double_at(self, place: int) -> float | None:
        """The value at a place as a double; None for a word, or what doubles cannot hold."""
        if isinstance(self.values, SpacedValues):
            return self.values.double_at(place)
        try:
            double = float(parse_expression(self.values[place], {}))
        except (InvalidProblem, OverflowError):
            return None
        return double if math.isfinite(double) else None


def parse_sweep(text: str) -> Sweep:
    """Read ``KEY=FROM:TO:log|lin:N`` or ``KEY=a,b,c``; for keys that take integers also ``KEY=FROM:TO``.

    Points between FROM and TO are doubles, written with as few digits as tell them apart; for keys that take integers
    they are rounded, and taken once.

    Raises
    ------
    InvalidProblem
        With the sweep and the remedy.

    Example
    -------
    >>> parse_sweep("downstream.samples=10:20:lin:4").values
    ('10', '13', '17', '20')
    >>> parse_sweep("generations=0:3").values
    ('0', '1', '2', '3')
    >>> parse_sweep("generations.0.design=fresh,shared").values
    ('fresh', 'shared')
    """
    key, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not key or not values:
        raise InvalidProblem(
            f"{shortened(text)}: give KEY=FROM:TO:log:N, KEY=FROM:TO:lin:N or KEY=a,b,c"
        )
    if ":" in values:
        return _range(text, key, values)
    # A list is one value: target.energies=[1,2],[2,1].
    listed = tuple(part.strip() for part in re.split(r",(?![^\[]*\])", values))
    if not all(listed):
        raise InvalidProblem(f"{shortened(text)}: a value is empty; give KEY=a,b,c")
    if len(set(listed)) < len(listed):
        raise InvalidProblem(f"{shortened(text)}: a value is given twice; give each once")
    return Sweep(key, listed, is_logarithmic=False)


@dataclass(frozen=True)
class Points(Sequence[Mapping[str, str]]):
    """Cartesian product of sweeps, the last one fastest; each point is made when it is asked for.

    Example
    -------
    >>> points = points_of([parse_sweep("a=1,2"), parse_sweep("b=3,4")])
    >>> len(points), points[2]
    (4, {'a': '2', 'b': '3'})
    """

    sweeps: tuple[Sweep, ...]
    """In the order given."""

    def __len__(self) -> int:
        return math.prod(len(sweep.values) for sweep in self.sweeps)

    @overload
    def __getitem__(self, position: int) -> dict[str, str]: ...
    @overload
    def __getitem__(self, position: slice) -> list[dict[str, str]]: ...
    def __getitem__(self, position: int | slice) -> dict[str, str] | list[dict[str, str]]:
        if isinstance(position, slice):
            return [self[each] for each in range(*position.indices(len(self)))]
        left = range(len(self))[position]
        found: dict[str, str] = {}
        for sweep in reversed(self.sweeps):
            left, place = divmod(left, len(sweep.values))
            found[sweep.key] = sweep.values[place]
        return {sweep.key: found[sweep.key] for sweep in self.sweeps}


def points_of(sweeps: Sequence[Sweep]) -> Points:
    """Cartesian product of the sweeps; the last one runs fastest.

    Raises
    ------
    InvalidProblem
        If a key is swept twice, or the points are too many.

    Example
    -------
    >>> list(points_of([parse_sweep("a=1,2"), parse_sweep("b=3")]))
    [{'a': '1', 'b': '3'}, {'a': '2', 'b': '3'}]
    """
    keys = [sweep.key for sweep in sweeps]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidProblem(f"{shortened(key)}: swept twice; give one --over for each key")
    count = math.prod(len(sweep.values) for sweep in sweeps)
    if count > MOST_POINTS:
        raise InvalidProblem(f"{count} points: give at most {MOST_POINTS}")
    return Points(tuple(sweeps))


def parse_settings(texts: Sequence[str]) -> Mapping[str, str]:
    """Read ``KEY=VALUE`` settings.

    Raises
    ------
    InvalidProblem
        If one has no key, or a key is set twice.

    Example
    -------
    >>> parse_settings(["downstream.ridge=1/5"])
    {'downstream.ridge': '1/5'}
    """
    settings: dict[str, str] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not key or not value:
            raise InvalidProblem(f"{shortened(text)}: give --set KEY=VALUE")
        if key in settings:
            raise InvalidProblem(f"{shortened(key)}: set twice; give it once")
        settings[key] = value
    return settings


def shortened(text: str) -> str:
    """A text that a user gave, on one line of bounded length.

    Example
    -------
    >>> shortened("a" * 100)[-3:]
    'aa…'
    """
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _range(text: str, key: str, values: str) -> Sweep:
    parts = [part.strip() for part in values.split(":")]
    is_whole = key.rpartition(".")[2] in WHOLE
    # Without the key: some options take the values alone.
    form = f"give {'FROM:TO, ' if is_whole else ''}FROM:TO:log:N or FROM:TO:lin:N"
    if len(parts) == 2 and is_whole:
        return _integers(text, key, parts)
    if len(parts) != 4 or parts[2] not in ("log", "lin"):
        raise InvalidProblem(f"{shortened(text)}: {form}")
    first, last, scale, size = parts
    if not (size.isascii() and size.isdecimal() and len(size) < 16 and int(size) >= 1):
        raise InvalidProblem(f"{shortened(text)}: N = {shortened(size)}: {form}, N an integer >= 1")
    count = int(size)
    if count > MOST_POINTS:
        raise InvalidProblem(f"{shortened(text)}: N = {count}: give at most {MOST_POINTS}")
    low, high = _number(text, first), _number(text, last)
    is_logarithmic = scale == "log"
    if is_logarithmic and not (low > 0 and high > 0):
        raise InvalidProblem(
            f"{shortened(text)}: a log range needs FROM > 0 and TO > 0; or take lin"
        )
    if count == 1 and low != high:
        raise InvalidProblem(f"{shortened(text)}: N = 1 needs FROM = TO; give N >= 2")
    spaced = SpacedValues(first, last, _fraction(low), _fraction(high), count, is_logarithmic)
    if is_whole:
        return Sweep(key, _rounded(text, spaced), is_logarithmic)
    if (count > 1 and low == high) or spaced.coincides:
        raise InvalidProblem(f"{shortened(text)}: points coincide; give a smaller N")
    return Sweep(key, spaced if count > MOST_LISTED else tuple(spaced), is_logarithmic)


def _rounded(text: str, spaced: SpacedValues) -> tuple[str, ...]:
    """The points rounded to integers, each taken once."""
    if spaced.size > MOST_ROUNDED:
        raise InvalidProblem(
            f"{shortened(text)}: N = {spaced.size}: give at most {MOST_ROUNDED} integers, or FROM:TO for every one"
        )
    inner = (round(spaced.double_at(place)) for place in range(1, spaced.size - 1))
    whole = [round(spaced.low), *inner, *([round(spaced.high)] if spaced.size > 1 else [])]
    return tuple(dict.fromkeys(map(str, whole)))


def _integers(text: str, key: str, parts: Sequence[str]) -> Sweep:
    """Every integer from one to another, both included."""
    if not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in parts):
        raise InvalidProblem(f"{shortened(text)}: give FROM:TO, two integers >= 0")
    first, last = map(int, parts)
    if not 0 <= last - first < MOST_POINTS:
        raise InvalidProblem(
            f"{shortened(text)}: give FROM <= TO, with at most {MOST_POINTS} integers between them"
        )
    every = ConsecutiveValues(range(first, last + 1))
    return Sweep(key, every if len(every) > MOST_LISTED else tuple(every), is_logarithmic=False)


def _number(text: str, value: str) -> Expr:
    try:
        number = parse_expression(value, {})
    except InvalidProblem as error:
        raise InvalidProblem(f"{shortened(text)}: {shortened(value)}: {error}") from None
    double = float(number)
    if not math.isfinite(double) or (number != 0 and abs(double) < sys.float_info.min):
        raise InvalidProblem(f"{shortened(text)}: {shortened(value)}: out of the range of doubles")
    return number


def _fraction(number: Expr) -> Fraction:
    return Fraction(int(number)) if isinstance(number, Integer) else Fraction(float(number))
