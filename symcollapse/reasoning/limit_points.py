"""Numbers on the way to a limit: lines in balls at exact points, decades apart, and how verdicts name them."""

from collections.abc import Iterator, Mapping
from typing import Any

from flint import arb, ctx
from sympy import Basic, Expr, Integer, nan, oo, zoo

from symcollapse.evaluation.numbers import ball_at
from symcollapse.expansions.balls import enclosed
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.quantities import Quantity
from symcollapse.reasoning.asymptotic_steps import Towards
from symcollapse.reasoning.verdicts import Supported, Undecided, Verdict

POINTS = 4
"""Exact points of the domain at which a limit is followed."""

DECADES = (12, 36, 108)
"""Powers of ten at which the variable is set; multiples of 12, so that sizes with such exponents are whole."""

EXPANSION_DECADES = (6, 12, 24)
"""The same for expansions, whose terms cancel."""

BITS = 256
"""Working precision at first; it is raised where lines cancel."""

MOST_BITS = 4096
"""Working precision after which a line is given up."""


def followed(
    towards: Towards, domain: Domain, decades: tuple[int, ...]
) -> Iterator[tuple[dict[Basic, Basic], list[dict[Basic, Any]]]]:
    """Points of the domain, with everything that moves at each number of decades.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> _, rules = next(followed(Towards(samples, oo), Domain(), (1, 2)))
    >>> [rule[samples] for rule in rules]
    [10, 100]
    """
    for point in domain.points(POINTS):
        values = []
        for count in decades:
            number = Integer(10) ** count
            rule: dict[Basic, Any] = {
                **point,
                towards.variable: number if towards.to == oo else 1 / number,
            }
            for symbol, value in towards.following:
                rule[symbol] = value.xreplace(rule)
            values.append(rule)
        yield point, values


def sides_at(
    before: Expr, after: Expr, rule: Mapping[Basic, Any], bits: int = BITS
) -> tuple[Any, Any] | None:
    """Both sides in balls; None where one of them has no value.

    Example
    -------
    >>> sides_at(Integer(1), oo, {}) is None
    True
    """
    left, right = (value_of(side.xreplace(dict(rule)), bits) for side in (before, after))
    return None if left is None or right is None else (left, right)


def value_of(formula: Expr, bits: int) -> Any | None:
    """Ball around a number that may hold quantities, Gamma and zeta functions.

    Example
    -------
    >>> from sympy import gamma, Rational
    >>> short(value_of(gamma(Rational(1, 3)), 64))
    '2.7'
    """
    if formula.has(zoo, nan) or formula in (oo, -oo):
        return None
    try:
        return ball_at(formula, bits)
    except NotEvaluable:
        pass
    with ctx.workprec(bits):
        values: dict[Basic, Any] = {}
        for node in _outermost(formula):
            values[node] = ball_at(node, bits)
        if None in values.values():
            return None
        try:
            value = enclosed(formula, values)
        except NotEvaluable:
            return None
        return value if value.is_finite() else None


def _outermost(formula: Basic) -> list[Basic]:
    if isinstance(formula, Quantity):
        return [formula]
    return [node for part in formula.args for node in _outermost(part)]


def relative_gap(before: Expr, after: Expr, order: Expr, rule: Mapping[Basic, Any]) -> Any | None:
    """|before − after|/order, at a precision that decides it.

    Example
    -------
    >>> float(relative_gap(Integer(3), Integer(1), Integer(4), {}))
    0.5
    """
    bits = BITS
    while bits <= MOST_BITS:
        sides = sides_at(before, after, rule, bits)
        unit = value_of(order.xreplace(dict(rule)), bits)
        if sides is None or unit is None:
            return None
        with ctx.workprec(bits):
            gap = abs(sides[0] - sides[1]) / unit
            if gap.rad() < 1e-12 + 1e-6 * abs(gap.mid()):
                return arb(gap.mid())
        bits *= 2
    return None


def absolute(order: Expr) -> Expr:
    """An order of magnitude without its sign.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> absolute(-effective)
    kappa
    """
    return -order if order.could_extract_minus_sign() else order


def supported(tried: int, how: str) -> Verdict:
    """The verdict that nothing spoke against a step at so many points; undecided if they are too few.

    Example
    -------
    >>> str(supported(1, "equal"))
    'undecided: only 1 of 4 points could be decided'
    """
    if tried < POINTS - 1:
        return Undecided(f"only {tried} of {POINTS} points could be decided")
    return Supported(f"{how}, {tried} exact points")


def short(ball: Any) -> str:
    """Two digits of a ball.

    Example
    -------
    >>> short(arb(1) / 3)
    '0.33'
    """
    return str(ball.mid().str(2, radius=False))


def signed(ball: Any) -> str:
    """Four digits of a ball.

    Example
    -------
    >>> signed(arb(1) / 3)
    '0.3333'
    """
    return str(ball.mid().str(4, radius=False))


def at_the_end(towards: Towards, decades: tuple[int, ...] = DECADES) -> str:
    """The last value of the variable, in words.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> at_the_end(Towards(samples, oo))
    'T = 1e108'
    """
    sign = "" if towards.to == oo else "-"
    return f"{towards.variable} = 1e{sign}{decades[-1]}"


def moves(towards: Towards, place: int, decades: tuple[int, ...] = DECADES) -> str:
    """The stretch between two values of the variable, in words.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> moves(Towards(samples, oo), -2)
    'T goes from 1e36 to 1e108'
    """
    sign = "" if towards.to == oo else "-"
    return f"{towards.variable} goes from 1e{sign}{decades[place]} to 1e{sign}{decades[place + 1]}"


def shown(before: Expr, after: Expr, rule: Mapping[Basic, Any]) -> str:
    """Both sides in digits.

    Example
    -------
    >>> shown(Integer(1), Integer(2), {})
    '1.0000000 against 2.0000000'
    """
    sides, bits = sides_at(before, after, rule), BITS
    # What cancels has no digits at the first precision.
    while (
        sides is not None
        and bits < MOST_BITS
        and any(side.rel_accuracy_bits() < 30 for side in sides)
    ):
        bits *= 2
        sides = sides_at(before, after, rule, bits)
    return (
        "no value"
        if sides is None
        else f"{sides[0].str(8, radius=False)} against {sides[1].str(8, radius=False)}"
    )


def named(point: Mapping[Basic, Basic], *lines: Any) -> str:
    """The numbers of a point, without those that no line holds.

    Example
    -------
    >>> from symcollapse.language.symbols import capacity
    >>> named({capacity: Integer(2)}, 1 / capacity)
    'beta = 2'
    """
    held: set[Basic] = set()
    moved: set[Basic] = set()
    for line in lines:
        if isinstance(line, Towards):
            moved |= {line.variable, *(symbol for symbol, _ in line.following)}
            held |= set().union(*(value.free_symbols for _, value in line.following))
        elif isinstance(line, Expr):
            held |= line.free_symbols
    held -= moved
    shown = [f"{key} = {value}" for key, value in point.items() if key in held and key.is_Symbol]
    return ", ".join(shown) or "every point"
