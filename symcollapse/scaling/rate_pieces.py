"""The growths of a test error's terms in every order of the levels, joined where one expression holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Add, And, Expr, Integer, Le, Lt, Mul, Rational, oo
from sympy.logic.boolalg import Boolean

from symcollapse.language import symbols
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.errors import OutOfRegime
from symcollapse.scaling.growth import Sides
from symcollapse.scaling.growth_in_cells import GrowthInCell, Largest, pruned
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.tropical_forms import LEVELS, Cell, Form, FormSpace, Item
from symcollapse.theory.test_errors import TestError


@dataclass(frozen=True)
class ErrorTerm:
    """One term of a part of a test error."""

    name: str
    """Unique, such as ``synthetic 2``."""
    part: str
    """bias, variance or synthetic."""
    formula: Expr


@dataclass(frozen=True)
class Piece:
    """A union of cells in which each term's growth is the largest of the same forms."""

    cells: tuple[Cell, ...]
    growths: tuple[Largest | None, ...]
    """One for each term; None for a term that is zero."""

    @property
    def relations(self) -> frozenset[tuple[Item, Item]]:
        """Pairs of levels of which the first is at most the second in all cells."""
        found = [
            {(low, high) for i, low in enumerate(cell.order) for high in cell.order[i + 1 :]}
            for cell in self.cells
        ]
        return frozenset(set.intersection(*found))


def error_terms(error: TestError) -> tuple[ErrorTerm, ...]:
    """The terms of bias, variance and synthetic error, sums multiplied out."""
    terms: list[ErrorTerm] = []
    for part in ("bias", "variance", "synthetic"):
        formulas = [f for f in _distributed(getattr(error, part)) if f != 0]
        for number, formula in enumerate(formulas, 1):
            name = part if len(formulas) == 1 else f"{part} {number}"
            terms.append(ErrorTerm(name, part, formula))
    return tuple(terms)


def _distributed(formula: Expr) -> list[Expr]:
    if formula.is_Add:
        return [each for term in Add.make_args(formula) for each in _distributed(term)]
    products: list[Expr] = [Integer(1)]
    for factor in Mul.make_args(formula):
        spread = [each for term in Add.make_args(factor) for each in _once(term)]
        products = [one * each for one in products for each in spread]
    return products


def _once(term: Expr) -> list[Expr]:
    return [term] if not term.is_Mul else _distributed(term)


def sides_of(error: TestError) -> Sides:
    """On which side of the dimension the problem's sizes lie."""
    sides: dict[Expr, bool | None] = {}
    for stage in error.chain.stages:
        sides[stage.design.samples] = stage.design.is_determined or None
    for text in error.chain.regime:
        size, _, relation = text.partition(" ")
        for letter in (symbols.samples, symbols.generation_samples):
            if size == str(letter) and relation != "against d: either":
                sides[letter] = relation.startswith(">=")
    return Sides(sides.get(symbols.samples), sides.get(symbols.generation_samples))


def letters_of(term: ErrorTerm) -> frozenset[object]:
    """The letters of a term's formula, with those inside its abbreviations."""
    held: set[object] = set(term.formula.free_symbols)
    for part in term.formula.atoms(Abbreviation):
        held |= part.definition.free_symbols
    return frozenset(held)


def levels_of(terms: Iterable[ErrorTerm], scaling: Scaling) -> tuple[str, ...]:
    """Names of the levels that the terms bring in."""
    held = {symbols.samples}.union(*(letters_of(term) for term in terms))
    names = [name for letter, name in LEVELS.items() if letter in held]
    # Every sum over eigenvalues ends at d, whether the letter is written or not.
    names = [name for name in names if name != "dimension"]
    if scaling.dimension != oo:
        names.append("dimension")
    return tuple(
        name
        for name in names
        if name not in ("ridge", "generation_ridge") or getattr(scaling, name) != oo
    )


def pieces_of(terms: Sequence[ErrorTerm], space: FormSpace, sides: Sides) -> tuple[Piece, ...]:
    """The growths of some terms, over as few pieces as joining finds.

    Raises
    ------
    OutOfRegime
        If no order of the levels suits the formulas.
    """
    every = tuple(space.cells())
    found: list[Piece] = []
    reason: OutOfRegime | None = None
    for cell in every:
        rules = GrowthInCell(space, cell, sides)
        try:
            found.append(Piece((cell,), tuple(rules.of(term.formula) for term in terms)))
        except OutOfRegime as error:
            reason = error
    if not found:
        assert reason is not None
        raise reason
    return joined(found, every, space)


def joined(pieces: Sequence[Piece], every: Sequence[Cell], space: FormSpace) -> tuple[Piece, ...]:
    """Pieces merged as long as two can be."""
    found = list(pieces)
    changed = True
    while changed:
        changed = False
        for i, first in enumerate(found):
            for j in range(i + 1, len(found)):
                union = _union(first, found[j], every, space)
                if union is not None:
                    found[i] = union
                    del found[j]
                    changed = True
                    break
            if changed:
                break
    return tuple(found)


def is_told_by_relations(cells: tuple[Cell, ...], every: Sequence[Cell]) -> bool:
    """Whether no other cell has all the relations that these have in common."""
    relations, own = Piece(cells, ()).relations, set(cells)
    for cell in every:
        if cell not in own:
            place = {item: i for i, item in enumerate(cell.order)}
            if all(place[low] < place[high] for low, high in relations):
                return False
    return True


def _union(first: Piece, second: Piece, every: Sequence[Cell], space: FormSpace) -> Piece | None:
    cells = first.cells + second.cells
    if not is_told_by_relations(cells, every):
        return None
    growths: list[Largest | None] = []
    for one, other in zip(first.growths, second.growths, strict=True):
        if one is None or other is None:
            if one is not other:
                return None
            growths.append(None)
            continue
        if not (
            _covers(one, other, first.cells, space) and _covers(other, one, second.cells, space)
        ):
            return None
        growths.append(pruned((*one, *other), space, cells))
    return Piece(cells, tuple(growths))


def _covers(own: Largest, other: Largest, cells: Sequence[Cell], space: FormSpace) -> bool:
    """Whether on some cells each of the other forms is at most one of the own."""
    return all(
        form in {mine for mine, _ in own}
        or any(space.is_nonnegative(mine - form, cell) for mine, _ in own)
        for form, _ in other
        for cell in cells
    )


def decays(growth: Largest) -> tuple[Form, ...]:
    """The forms of the decay exponent, whose least counts."""
    return tuple(form.scaled(Fraction(-1)) for form, _ in growth)


def decided_ties(space: FormSpace, sides: Sides) -> frozenset[tuple[Item, Item]]:
    """Pairs of levels that are not equal where the first is the smaller: the other side has the tie.

    At d ~ T the effective ridge of λ ≪ T^-β depends on which is larger, so the pieces on the two sides differ there.
    """
    dimension = space.level("dimension")
    found: set[tuple[Item, Item]] = set()
    for name, recovers in (
        ("unit", sides.samples_recover),
        ("generation_samples", sides.generation_samples_recover),
    ):
        size = space.level(name) if name in space.level_names else None
        if size is not None and dimension is not None:
            found |= set() if recovers is True else {(dimension, size)}
            found |= set() if recovers is False else {(size, dimension)}
    return frozenset(found)


def written_relations(
    relations: frozenset[tuple[Item, Item]], strict: frozenset[tuple[Item, Item]]
) -> Boolean:
    """Relations between levels as inequalities, without those that follow from others."""
    items = _items(relations)
    needed = [
        (low, high)
        for low, high in relations
        if not (isinstance(low, Fraction) and isinstance(high, Fraction))
        and ((low, high) in strict or not _follows(low, high, items, relations))
    ]
    place = {item: i for i, item in enumerate(sorted(items, key=str))}
    needed.sort(key=lambda pair: (place[pair[0]], place[pair[1]]))
    return And(
        *(
            (Lt if (low, high) in strict else Le)(_expression(low), _expression(high))
            for low, high in needed
        )
    )


def _follows(
    low: Item, high: Item, items: set[Item], relations: frozenset[tuple[Item, Item]]
) -> bool:
    return any((low, item) in relations and (item, high) in relations for item in items)


def _items(relations: frozenset[tuple[Item, Item]]) -> set[Item]:
    return {item for pair in relations for item in pair}


def _expression(item: Item) -> Expr:
    return Rational(item.numerator, item.denominator) if isinstance(item, Fraction) else item
