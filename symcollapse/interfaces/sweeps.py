"""Sweeps: which values the keys of a problem file take, one after the other."""

import itertools
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Integer

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.expressions import parse_expression

MOST_POINTS = 10**6
"""Points of a curve."""

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
    values: tuple[str, ...]
    """In the order they are taken."""
    is_logarithmic: bool
    """Whether an axis of it is logarithmic."""

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The values as doubles; None where one is a word, is too large, or depends on other keys."""
        found = []
        for value in self.values:
            try:
                double = float(parse_expression(value, {}))
            except (InvalidProblem, OverflowError):
                return None
            if not math.isfinite(double):
                return None
            found.append(double)
        return tuple(found)


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


def points_of(sweeps: Sequence[Sweep]) -> list[dict[str, str]]:
    """Cartesian product of the sweeps; the last one runs fastest.

    Raises
    ------
    InvalidProblem
        If a key is swept twice, or the points are too many.

    Example
    -------
    >>> points_of([parse_sweep("a=1,2"), parse_sweep("b=3")])
    [{'a': '1', 'b': '3'}, {'a': '2', 'b': '3'}]
    """
    keys = [sweep.key for sweep in sweeps]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidProblem(f"{shortened(key)}: swept twice; give one --over for each key")
    count = math.prod(len(sweep.values) for sweep in sweeps)
    if count > MOST_POINTS:
        raise InvalidProblem(f"{count} points: give at most {MOST_POINTS}")
    product = itertools.product(*(sweep.values for sweep in sweeps))
    return [dict(zip(keys, values, strict=True)) for values in product]


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
    form = "give KEY=FROM:TO:log:N or KEY=FROM:TO:lin:N"
    parts = [part.strip() for part in values.split(":")]
    if len(parts) == 2 and key.rpartition(".")[2] in WHOLE:
        return _integers(text, key, parts)
    if len(parts) != 4 or parts[2] not in ("log", "lin"):
        raise InvalidProblem(f"{shortened(text)}: {form}")
    first, last, scale, size = parts
    if not (size.isascii() and size.isdecimal() and len(size) < 9 and int(size) >= 1):
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
    inner = [_between(low, high, Fraction(step, count - 1), scale) for step in range(1, count - 1)]
    if key.rpartition(".")[2] in WHOLE:
        exactly = (_fraction(low), *map(Fraction, inner), _fraction(high))
        whole = [round(point) for point in exactly]
        listed = tuple(dict.fromkeys(map(str, whole[:count])))
    else:
        ends = (first,) if count == 1 else (first, last)
        listed = (ends[0], *(_written(point) for point in inner), *ends[1:])
        if len(set(listed)) < len(listed):
            raise InvalidProblem(f"{shortened(text)}: points coincide; give a smaller N")
    return Sweep(key, listed, is_logarithmic)


def _integers(text: str, key: str, parts: Sequence[str]) -> Sweep:
    """Every integer from one to another, both included."""
    if not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in parts):
        raise InvalidProblem(f"{shortened(text)}: give FROM:TO, two integers >= 0")
    first, last = map(int, parts)
    if not 0 <= last - first < MOST_POINTS:
        raise InvalidProblem(
            f"{shortened(text)}: give FROM <= TO, with at most {MOST_POINTS} integers between them"
        )
    return Sweep(key, tuple(map(str, range(first, last + 1))), is_logarithmic=False)


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


def _between(low: Expr, high: Expr, share: Fraction, scale: str) -> float:
    if scale == "lin":
        return float(_fraction(low) + share * (_fraction(high) - _fraction(low)))
    start, end = math.log10(float(low)), math.log10(float(high))
    return float(10 ** (start + float(share) * (end - start)))


def _written(point: float) -> str:
    """As few digits as tell the double apart."""
    return repr(int(point)) if point.is_integer() and abs(point) < 2**53 else repr(point)
