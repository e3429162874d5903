"""Small integers for the sizes of a matrix statement: every order of samples and features that its scope allows.

Whether a design has more rows than columns decides what its pseudo-inverse is. A statement is tried in each of these
orders, at equality too, and not only where a random draw happens to fall.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sympy import And, Basic, MatrixExpr, MatrixSymbol, Symbol, lambdify

from symcollapse.language.domains import Domain, EmptyDomain
from symcollapse.language.random_matrices import GaussianDesign

LARGEST = 7
"""Largest number of rows or columns: larger matrices tell no more, and rationals grow fast."""

CANDIDATES = 3000
"""Random sizes out of which one is kept for each order."""

FEWEST = 4
"""Draws at the least, where there are fewer orders."""

MOST = 24
"""Draws at the most; strict orders come first, then those with equal sizes."""


@dataclass(frozen=True)
class SizeDraws:
    """Sizes at which a statement is tried."""

    chosen: tuple[Mapping[Symbol, int], ...]
    orders: int
    """Orders among them."""
    possible: int
    """Orders that were met in the scope."""

    def __str__(self) -> str:
        draws = f"{len(self.chosen)} draws"
        if self.possible == 1:
            return draws
        which = "all" if self.orders == self.possible else f"{self.orders} of"
        return f"{draws}, in {which} {self.possible} orders of the sizes"


def sizes_in(*sides: Basic) -> tuple[Symbol, ...]:
    """The symbols of sizes that occur in the shapes of matrices.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension, samples
    >>> sizes_in(MatrixSymbol("A", samples, dimension))
    (T, d)
    """
    found = {
        symbol
        for side in sides
        for matrix in side.atoms(MatrixExpr)
        for space in matrix.shape
        for symbol in space.free_symbols
    }
    return tuple(sorted((each for each in found if isinstance(each, Symbol)), key=str))


def size_draws(sides: tuple[Basic, ...], scope: Domain) -> SizeDraws:
    """Sizes that obey the scope, at least one draw for each order of rows and columns, up to ``MOST``.

    Parameters
    ----------
    sides
        Both sides of the statement, and what else has sizes that its conditions speak of.
    scope
        Its conditions; those that speak of more than sizes are left out.

    Raises
    ------
    EmptyDomain
        If no small sizes obey the conditions.

    Example
    -------
    >>> from sympy import Gt
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = MatrixSymbol("X", samples, dimension)
    >>> size_draws((X,), Domain()).orders
    3
    >>> drawn = size_draws((X,), Domain(conditions=(Gt(samples, dimension),)))
    >>> drawn.orders, all(sizes[samples] > sizes[dimension] for sizes in drawn.chosen)
    (1, True)
    """
    symbols = sizes_in(*sides)
    pairs = [
        matrix.shape
        for side in sides
        for matrix in sorted(side.atoms(GaussianDesign, MatrixSymbol), key=str)
        if matrix.shape[1] != 1 and matrix.shape[0] != matrix.shape[1]
    ]
    by_order: dict[tuple[int, ...], list[dict[Symbol, int]]] = {}
    narrow: dict[tuple[int, ...], list[dict[Symbol, int]]] = {}
    for sizes in candidates(symbols, scope):
        values = [[int(space.xreplace(sizes)) for space in pair] for pair in pairs]
        order = tuple((rows > columns) - (rows < columns) for rows, columns in values)
        # Matrices with one feature commute: kept for orders that have nothing else.
        trivial = any(columns == 1 for _, columns in values)
        (narrow if trivial else by_order).setdefault(order, []).append(sizes)
    by_order = {**narrow, **by_order}
    if not by_order:
        raise EmptyDomain("no small sizes obey the conditions: widen them")
    ranked = sorted(by_order, key=lambda order: (order.count(0), order))
    chosen = [by_order[order][0] for order in ranked[:MOST]]
    further = max(FEWEST, min(len(ranked), MOST)) - len(chosen)
    rest = [sizes for order in ranked for sizes in by_order[order][1:]]
    chosen += rest[:further]
    return SizeDraws(tuple(chosen), min(len(ranked), MOST), len(ranked))


def candidates(symbols: tuple[Symbol, ...], scope: Domain) -> Iterator[dict[Symbol, int]]:
    """Random small sizes within the scope, from a fixed stream."""
    random = Random(1)
    obeys = _obeys(symbols, scope)
    seen: set[tuple[int, ...]] = set()
    for _ in range(CANDIDATES):
        values = tuple(random.randint(1, LARGEST) for _ in symbols)
        if values not in seen and obeys(values):
            seen.add(values)
            yield dict(zip(symbols, values, strict=True))


def _obeys(symbols: tuple[Symbol, ...], scope: Domain) -> Callable[[tuple[int, ...]], bool]:
    known = set(symbols)
    stated = [each for each in scope.conditions if each.free_symbols <= known]
    compiled: Any = lambdify([symbols], And(*stated), "math")
    return lambda values: bool(compiled(values))
