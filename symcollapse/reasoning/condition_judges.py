"""The judge of conditions: whether a relation holds exactly where another one does, or only there.

Both are decided in balls at drawn points, at the edges of the scope, and on both sides of the border of each: a letter is
moved until the relation turns, then halved down to it. So a border that is off by one part in ten million is seen.
"""

from collections.abc import Iterator, Mapping
from functools import singledispatch
from itertools import pairwise
from typing import Any

from sympy import (
    And,
    Basic,
    Eq,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Ne,
    Not,
    Or,
    Rational,
    Symbol,
    nan,
    oo,
    zoo,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from symcollapse.evaluation.numbers import ball_at, holds
from symcollapse.language import symbols
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable
from symcollapse.reasoning.checking import BITS, POINTS, judge
from symcollapse.reasoning.claimed_steps import HoldsWhere
from symcollapse.reasoning.edge_points import edge_points
from symcollapse.reasoning.limit_points import named
from symcollapse.reasoning.verdicts import Refuted, Supported, Undecided, Verdict

EQUAL_WITHIN = 1e-40
"""Relative width of two balls that overlap, below which both numbers count as equal: far above rounding."""

BASES = 3
"""Drawn points from which a letter is moved to a border."""

DECADES = 4
"""Powers of ten by which a letter is moved, either way."""

HALVINGS = 24
"""Times that the distance to a border is halved: down to 1e-7 of it."""

_WHOLE = {
    symbols.dimension,
    symbols.samples,
    symbols.generation_samples,
    symbols.generations,
}
"""Letters that are counts."""

Point = Mapping[Any, Any]


@judge.register
def _(by: HoldsWhere, before: Basic, after: Basic, domain: Domain) -> Verdict:
    return judge_condition(before, after, by, domain)


@singledispatch
def judge_condition(subject: Any, condition: Any, by: HoldsWhere, domain: Domain) -> Verdict:
    """Verdict on a condition, by the kind of the subject; for a relation between formulas, at exact points.

    Example
    -------
    >>> from sympy import Gt
    >>> from symcollapse.language.symbols import generations as n
    >>> str(judge_condition(Gt(n**2, 100), Gt(n, 10), HoldsWhere(), Domain()))[:9]
    'supported'
    >>> isinstance(judge_condition(Gt(n**2, 100), Gt(n, 11), HoldsWhere(), Domain()), Refuted)
    True
    """
    seen: set[tuple[bool, bool]] = set()
    tried = 0
    for point in _points(subject, condition, domain):
        try:
            left, right = (holds_at(side, point) for side in (subject, condition))
        except NotEvaluable as error:
            return Undecided(str(error))
        if left is not None and right is None and _lacks_value(condition, point):
            return Refuted(f"the condition has no value at {named(point, *_sides(condition))}")
        if left is None or right is None:
            continue
        if left != right and (left or not by.only):
            which, other = ("holds", "does not") if left else ("does not hold", "does")
            return Refuted(
                f"the relation {which} at {named(point, *_sides(subject), *_sides(condition))}, "
                f"where the condition {other}"
            )
        seen.add((left, right))
        tried += 1
    wanted = {(True, True), (False, False)}
    if not wanted <= seen:
        missing = "holds" if (True, True) not in seen else "fails together with the condition"
        return Undecided(f"the relation never {missing} at {tried} points: nothing to tell apart")
    if tried < POINTS:
        return Undecided(f"only {tried} points could be decided")
    return Supported(f"at {tried} exact points, on both sides of the border and at edges")


def holds_at(condition: Any, point: Point) -> bool | None:
    """Whether a relation, or several joined by and, or, not, holds at exact numbers; None where balls do not tell.

    Raises
    ------
    NotEvaluable
        If a letter has no number, or the condition is of another kind.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> holds_at(ridge < 1, {ridge: Integer(1)})
    False
    """
    match condition:
        case bool() | BooleanTrue() | BooleanFalse():
            return bool(condition)
        case And() | Or():
            parts = [holds_at(part, point) for part in condition.args]
            decisive = isinstance(condition, Or)
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        case Not():
            inner = holds_at(condition.args[0], point)
            return None if inner is None else not inner
        case Relational():
            return _relation_at(condition, point)
    raise NotEvaluable(f"{condition} is no condition: give a relation between formulas")


def _relation_at(relation: Relational, point: Point) -> bool | None:
    sides = tuple(side.xreplace(dict(point)) for side in (relation.lhs, relation.rhs))
    if any(holds(side, zoo, nan, oo) for side in sides):
        return None
    left, right = (ball_at(side, BITS) for side in sides)
    if left is None or right is None:
        return None
    sign = 1 if left > right else -1 if left < right else 0
    if not sign and (left - right).abs_upper() >= EQUAL_WITHIN * (1 + left.abs_upper()):
        return None
    signs = {Gt: {1}, Ge: {0, 1}, Lt: {-1}, Le: {-1, 0}, Eq: {0}, Ne: {-1, 1}}
    return sign in signs[type(relation)]


def _lacks_value(condition: Any, point: Point) -> bool:
    return any(holds(side.xreplace(dict(point)), nan) for side in _sides(condition))


def _points(subject: Basic, condition: Basic, domain: Domain) -> Iterator[Point]:
    """Drawn points, edges, and points on both sides of the borders."""
    drawn = domain.points(POINTS)
    yield from drawn
    sides = (*_sides(subject), *_sides(condition))
    for edge in edge_points(domain, *sides):
        yield edge.values
    letters = sorted(set().union(*(side.free_symbols for side in sides)), key=str)
    for base in drawn[:BASES]:
        for relation in (*_relations(subject), *_relations(condition)):
            for letter in letters:
                if letter in base and letter != symbols.dimension:
                    yield from _beside_the_border(relation, letter, base, domain)


def _sides(condition: Any) -> tuple[Any, ...]:
    return tuple(side for each in _relations(condition) for side in (each.lhs, each.rhs))


def _relations(condition: Any) -> tuple[Relational, ...]:
    found = condition.atoms(Relational) if isinstance(condition, Boolean) else ()
    return tuple(sorted(found, key=str))


def _beside_the_border(
    relation: Relational, letter: Symbol, base: Point, domain: Domain
) -> Iterator[Point]:
    """Two points of the scope, close to each other in one letter, between which a relation turns."""
    if letter not in relation.free_symbols:
        return

    def at(value: Rational) -> Point:
        return {**base, letter: value}

    def inside(value: Rational) -> bool:
        return all(holds_at(each, at(value)) for each in domain.conditions)

    def turned(value: Rational) -> bool | None:
        return holds_at(relation, at(value)) if inside(value) else None

    whole = letter in _WHOLE
    ends = [(value, turned(value)) for value in _ladder(letter, base[letter], domain)]
    ends = [(value, state) for value, state in ends if state is not None]
    for (low, before), (high, after) in pairwise(ends):
        if before == after:
            continue
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if whole:
                middle = Integer(int(middle))
                if middle in (low, high):
                    break
            state = turned(middle)
            if state is None:
                break
            low, high = (middle, high) if state == before else (low, middle)
        yield at(low)
        yield at(high)
        # Whether a border belongs to the condition shows on the border only.
        borders = _borders_between(relation, letter, base, low, high)
        yield from (at(border) for border in borders if inside(border))
        return


def _borders_between(
    relation: Relational, letter: Symbol, base: Point, low: Rational, high: Rational
) -> list[Rational]:
    """Where both sides are equal between two numbers of a letter, if they are rational functions with such a root."""
    rest = {known: value for known, value in base.items() if known != letter}
    gap = (relation.lhs - relation.rhs).xreplace(rest)
    if gap.free_symbols != {letter} or not gap.is_rational_function(letter):
        return []
    roots: Any = gap.as_numer_denom()[0].as_poly(letter)
    if roots is None or not (roots.get_domain().is_ZZ or roots.get_domain().is_QQ):
        return []
    found = roots.ground_roots()
    whole = letter in _WHOLE
    return [root for root in found if low <= root <= high and (root.is_Integer or not whole)]


def _ladder(letter: Symbol, start: Any, domain: Domain) -> list[Rational]:
    """Numbers of a letter, decades apart, in the range that the scope states for it."""
    stated = domain.ranges.get(letter)
    values = [start * Rational(10) ** power for power in range(-DECADES, DECADES + 1)]
    if letter in _WHOLE:
        values = [Integer(int(value)) for value in values if value >= 1]
    if stated is not None:
        low, high = Rational(stated.low), Rational(stated.high)
        values = [low, *(value for value in values if low < value < high), high]
    return sorted(set(values))
