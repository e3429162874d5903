"""Edges of a scope: exact points that random draws miss, generated from the scope.

Each letter has a short list of values at which the formulas of this field change: as many samples as features, just
enough for a mean, far more; one generator, two, many; a ridge that almost vanishes, and one that rules; one eigenvalue,
two far apart, many; a truth in the largest direction, or in the smallest. Every two values that the scope allows
together meet at one point at least. What lies outside the stated scope is left out: nothing is claimed there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from math import prod
from random import Random
from typing import Any

from sympy import Basic, Expr, Gt, Integer, Lt, Rational, Symbol

from symcollapse.language import symbols
from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.targets import LevelsTarget

FEATURES = 12
"""Features at an edge, where the scope allows them: enough for twelve levels."""

FAR = 10**6
"""What ≫ means at an edge: so many times."""

CANDIDATES = 12
"""Points that are looked at for each one that is taken: the one with most pairs that are new."""

MOST_ROWS = 6000
"""Combinations of edges up to which all are looked at; of more, so many are drawn, and two of few edges still meet."""

BASES = 3
"""Drawn points that letters without edges take their values from."""


@dataclass(frozen=True)
class EdgePoint:
    """An exact point on edges of a scope.

    Example
    -------
    >>> {point.name for point in edge_points(Domain(), symbols.generations)} >= {"n = 1", "n = 30"}
    True
    """

    name: str
    """Which edges it is on."""
    values: Mapping[Basic, Any]
    """Exact numbers of all letters, a spectrum and a truth, as of ``Domain.points``."""


@dataclass(frozen=True)
class _Edge:
    """A value on an edge, and its name."""

    name: str
    letter: Basic
    value: Any


def edge_points(domain: Domain, *sides: Basic) -> tuple[EdgePoint, ...]:
    """Points on the edges of a scope, inside it.

    Parameters
    ----------
    domain
        The scope: its conditions are kept, and the ranges that it states itself.
    sides
        Formulas; letters that neither they nor the conditions hold have no edges. None given means all letters.

    Example
    -------
    >>> from sympy import Gt
    >>> scope = Domain(conditions=(Gt(symbols.samples, symbols.dimension),))
    >>> sorted(point.name for point in edge_points(scope, symbols.samples))
    ['T = d + 1', 'T = d + 2', 'T ≫ d']
    """
    bases = domain.points(BASES)
    size = _features(domain)
    axes = [axis for axis in _axes(domain, size, _letters(domain, sides)) if axis]
    rows = _meeting_in_pairs(axes, _inside(domain, size, bases))
    found = []
    for number, row in enumerate(rows):
        taken = {edge.letter: edge.value for edge in row}
        spectrum = taken.pop(SIGMA, _spectra(domain, size)["one level"])
        truth = taken.pop(W0, _everywhere)(_levels(spectrum))
        point: dict[Basic, Any] = {**bases[number % BASES], symbols.dimension: Integer(size)}
        point |= {**taken, SIGMA: spectrum, W0: truth}
        found.append(EdgePoint(", ".join(edge.name for edge in row), point))
    return tuple(found)


def _letters(domain: Domain, sides: tuple[Basic, ...]) -> set[Basic] | None:
    """Symbols, spectrum and truth that occur; None for all."""
    if not sides:
        return None
    held: set[Basic] = set()
    for part in (*sides, *domain.conditions):
        held |= part.free_symbols | part.atoms(Symbol)
        held |= {known for known in (SIGMA, W0) if part.has(known)}
    return held


def _features(domain: Domain) -> int:
    stated = domain.ranges.get(symbols.dimension)
    return FEATURES if stated is None else int(min(max(FEATURES, stated.low), stated.high))


def _axes(domain: Domain, size: int, held: set[Basic] | None) -> list[list[_Edge]]:
    """Values on edges, letter by letter."""
    axes: list[list[_Edge]] = []

    def add(letter: Symbol, values: Iterable[tuple[str, Any]]) -> None:
        if held is not None and letter not in held:
            return
        stated = domain.ranges.get(letter)
        kept = {value: name for name, value in values}
        if stated is not None:
            kept = {
                value: name for value, name in kept.items() if stated.low <= value <= stated.high
            }
            for end in (stated.low, stated.high):
                kept.setdefault(end, f"{letter} = {end}")
        axes.append([_Edge(name, letter, _exact(value)) for value, name in kept.items()])

    for letter in (symbols.samples, symbols.generation_samples):
        sizes = {"= 1": 1, "< d": size // 2, "= d": size, "= d + 2": size + 2, "≫ d": FAR * size}
        sizes |= _borders(domain, letter, size)
        add(letter, ((f"{letter} {name}", value) for name, value in sizes.items() if value > 0))
    add(symbols.generations, ((f"n = {count}", count) for count in (1, 2, 30)))
    for letter in (symbols.ridge, symbols.generation_ridge):
        small, large = Rational(1, FAR), 1000
        add(letter, ((f"{letter} = 1e-6", small), (f"{letter} = 1", 1), (f"{letter} = 1e3", large)))
    for letter in sorted(domain.ranges, key=str):
        if letter not in {edge.letter for axis in axes for edge in axis} | {symbols.dimension}:
            add(letter, ())
    if held is None or SIGMA in held:
        axes.append([_Edge(name, SIGMA, each) for name, each in _spectra(domain, size).items()])
    if held is None or W0 in held:
        axes.append([_Edge(name, W0, each) for name, each in _truths().items()])
    return axes


def _borders(domain: Domain, letter: Symbol, size: int) -> dict[str, Any]:
    """The last sizes that conditions between a size and d allow, by name."""
    found: dict[str, Any] = {}
    for condition in domain.conditions:
        if condition.lhs != letter or condition.rhs.free_symbols != {symbols.dimension}:
            continue
        inwards = isinstance(condition, Gt) - isinstance(condition, Lt)
        last = condition.rhs + inwards
        value = last.xreplace({symbols.dimension: Integer(size)})
        if value.is_Integer:
            found[f"= {last}"] = int(value)
    return found


def _exact(value: Any) -> Expr:
    # A range may state a fraction of Python's.
    return Rational(value.numerator, value.denominator) if hasattr(value, "numerator") else value


def _spectra(domain: Domain, size: int) -> dict[str, Spectrum]:
    """Spectra of so many features, by name."""
    if domain.isotropic:
        return {"one level": IsotropicSpectrum(size)}
    few = max(size // 3, 1)
    many = min(size, FEATURES)
    found: dict[str, Spectrum] = {"one level": LevelsSpectrum([Rational(3, 5)], [size])}
    if size > 1:
        values = [Rational(3, 2**j) for j in range(many)]
        counts = [1] * (many - 1) + [size - many + 1]
        found["two levels"] = LevelsSpectrum([2, Rational(1, 1000)], [few, size - few])
        found["many levels"] = LevelsSpectrum(values, counts)
    return found


def _everywhere(levels: int) -> LevelsTarget:
    return LevelsTarget([Rational(j + 1, 3) for j in range(levels)])


def _truths() -> dict[str, Callable[[int], LevelsTarget]]:
    """Truths over so many levels, the first of which is the largest, by name."""
    return {
        "truth everywhere": _everywhere,
        "truth in the largest": lambda levels: LevelsTarget([2] + [0] * (levels - 1)),
        "truth in the smallest": lambda levels: LevelsTarget([0] * (levels - 1) + [2]),
    }


def _levels(spectrum: Any) -> int:
    return len(spectrum.args[0]) if isinstance(spectrum, LevelsSpectrum) else 1


def _inside(
    domain: Domain, size: int, bases: tuple[Mapping[Basic, Any], ...]
) -> Callable[[tuple[_Edge, ...]], bool]:
    """Whether values on edges keep the conditions, whichever drawn point the other letters come from."""
    letters = set().union(*(condition.free_symbols for condition in domain.conditions))

    @cache
    def kept(edges: frozenset[tuple[Basic, Any]]) -> bool:
        return all(
            condition.xreplace({**base, symbols.dimension: Integer(size), **dict(edges)}) == True  # noqa: E712 -- SymPy's true
            for base in bases
            for condition in domain.conditions
        )

    return lambda row: kept(
        frozenset((edge.letter, edge.value) for edge in row if edge.letter in letters)
    )


def _meeting_in_pairs(
    axes: list[list[_Edge]], inside: Callable[[tuple[_Edge, ...]], bool]
) -> list[tuple[_Edge, ...]]:
    """Few rows of one edge each, so that every two edges that can meet do so in one row at least."""
    random = Random(1)
    met: Iterable[tuple[_Edge, ...]] = product(*axes) if axes else ()
    if prod(map(len, axes)) > MOST_ROWS:
        met = (tuple(random.choice(axis) for axis in axes) for _ in range(MOST_ROWS))
    rows = [row for row in met if inside(row)]
    width = min(2, len(axes))
    pending = {pair: row for row in reversed(rows) for pair in combinations(row, width)}
    taken: list[tuple[_Edge, ...]] = []
    while pending:
        # The first one has a pair that is new for certain.
        candidates = [next(iter(pending.values())), *random.choices(rows, k=CANDIDATES)]
        best = max(
            candidates, key=lambda row: sum(pair in pending for pair in combinations(row, width))
        )
        taken.append(best)
        for pair in combinations(best, width):
            pending.pop(pair, None)
    return taken
