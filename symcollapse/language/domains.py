"""Where a statement is made: ranges of its symbols, conditions between them, and exact points inside.

One object, several uses: the conditions that are printed, and the points at which a judge tries a statement. Points are
exact rationals, so that every arithmetic starts from the same numbers; they are drawn from a fixed stream.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import Any

from sympy import Basic, Integer, Rational, Symbol
from sympy.core.relational import Relational

from symcollapse.language import symbols
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.targets import LevelsTarget

GRAIN = 97
"""Denominator of drawn fractions: a prime, so that no accidental equality is hit."""

MOST_ATTEMPTS = 2000
"""Draws for each point before a domain is called empty."""


class EmptyDomain(SymcollapseError):
    """No point was found that satisfies the conditions."""


@dataclass(frozen=True)
class Range:
    """Numbers from low to high, both possible.

    Example
    -------
    >>> Range(1, 3, whole=True).draw(Random(1)) in (1, 2, 3)
    True
    """

    low: Any
    high: Any
    whole: bool = False
    """Integers only."""
    grain: int = 0
    """Multiples of 1/grain only, such as exponents of a power of ten that is to stay whole; 0 for any fraction."""

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise EmptyDomain(f"no number from {self.low} to {self.high}: give low <= high")

    def draw(self, random: Random) -> Rational:
        """A number of the range."""
        if self.whole:
            return Integer(random.randint(int(self.low), int(self.high)))
        low, high = Fraction(self.low), Fraction(self.high)
        if self.grain:
            steps = random.randint(ceil(low * self.grain), floor(high * self.grain))
            return Rational(steps, self.grain)
        # Small and large numbers alike: half of the draws are uniform in the logarithm.
        if low > 0 and random.random() < 0.5:
            exponent = Fraction(random.randint(0, GRAIN), GRAIN)
            value = Fraction(float(low) * (float(high) / float(low)) ** float(exponent))
            value = min(max(value.limit_denominator(10**6), low), high)
        else:
            value = low + (high - low) * Fraction(random.randint(0, GRAIN), GRAIN)
        return Rational(value.numerator, value.denominator)


_DEFAULTS: Mapping[Symbol, Range] = {
    symbols.dimension: Range(3, 40, whole=True),
    symbols.samples: Range(2, 90, whole=True),
    symbols.generation_samples: Range(2, 90, whole=True),
    symbols.ridge: Range(Fraction(1, 1000), 3),
    symbols.generation_ridge: Range(Fraction(1, 1000), 3),
    symbols.noise: Range(Fraction(1, 10), 2),
    symbols.generation_noise: Range(Fraction(1, 10), 2),
    symbols.generations: Range(1, 30, whole=True),
    symbols.effective: Range(Fraction(1, 100), 5),
    symbols.eigenvalue: Range(Fraction(1, 100), 5),
    symbols.scale: Range(Fraction(1, 10), 4),
    symbols.squared_norm: Range(Fraction(1, 10), 4),
}


@dataclass(frozen=True)
class Domain:
    """Ranges of symbols, conditions between them, and the kind of spectrum.

    Example
    -------
    >>> from sympy import Gt
    >>> domain = Domain(conditions=(Gt(symbols.samples, symbols.dimension + 1),))
    >>> all(p[symbols.samples] > p[symbols.dimension] + 1 for p in domain.points(5))
    True
    """

    ranges: Mapping[Symbol, Range] = field(default_factory=dict)
    """Ranges other than the usual ones of a symbol."""
    conditions: tuple[Relational, ...] = ()
    """Relations between the symbols, such as T ≥ d + 2."""
    isotropic: bool = False
    """Whether Σ is the identity; a multiple of it where ``ranges`` hold its ``scale``."""

    def points(self, count: int, seed: int = 1) -> tuple[dict[Basic, Basic], ...]:
        """Exact points of the domain, with a spectrum and a target for Σ and w₀.

        Raises
        ------
        EmptyDomain
            If the conditions cannot be met.
        """
        random = Random(seed)
        found: list[dict[Basic, Basic]] = []
        for _ in range(MOST_ATTEMPTS * count):
            if len(found) == count:
                break
            point, surroundings = self._draw(random)
            if all(_holds(condition, point) for condition in self.conditions):
                found.append({**point, **surroundings()})
        if len(found) < count:
            stated = ", ".join(str(condition) for condition in self.conditions)
            raise EmptyDomain(
                f"no point with {stated}: widen the ranges, or correct the conditions"
            )
        return tuple(found)

    def _draw(self, random: Random) -> tuple[dict[Basic, Basic], Callable[[], dict[Basic, Basic]]]:
        """Numbers for the symbols; and what gives the spectrum and the target, built for points that are kept."""
        ranges = {**_DEFAULTS, **self.ranges}
        ranges[symbols.dimension] = replace(ranges[symbols.dimension], whole=True)
        point: dict[Basic, Basic] = {
            symbol: interval.draw(random) for symbol, interval in ranges.items()
        }
        size = int(point[symbols.dimension])  # type: ignore[call-overload]
        # Few levels, and many: what holds for a few eigenvalues may be a relation between just these.
        levels = 1 if self.isotropic else min(size, random.choice((2, 3, 4, 12)))
        cuts = sorted(random.sample(range(1, size), levels - 1)) if levels > 1 else []
        counts = [b - a for a, b in zip([0, *cuts], [*cuts, size], strict=True)]
        values = [] if self.isotropic else [random.randint(1, 500) for _ in counts]
        energies = [random.randint(1, 400) for _ in counts]

        def surroundings() -> dict[Basic, Basic]:
            spectrum: Spectrum
            if self.isotropic:
                unit = point[symbols.scale] if symbols.scale in self.ranges else Integer(1)
                spectrum = IsotropicSpectrum(size, unit)
            else:
                spectrum = LevelsSpectrum([Rational(value, GRAIN) for value in values], counts)
            return {
                SIGMA: spectrum,
                W0: LevelsTarget([Rational(energy, 100) for energy in energies]),
            }

        return point, surroundings


def _holds(condition: Relational, point: Mapping[Basic, Basic]) -> bool:
    decided = condition.xreplace(
        {symbol: point.get(symbol, symbol) for symbol in condition.free_symbols}
    )
    if decided not in (True, False):
        raise EmptyDomain(f"{condition} is not decided by numbers: give ranges for its symbols")
    return bool(decided)
