"""Judges of steps that speak of a limit.

A line is enclosed in balls at exact points of the domain, at values of the variable that lie many decades apart. What
tends to 0 must do so from each of them to the next; so a wrong constant, exponent or logarithm shows, and the verdict
says how large an error is left. Expansions of a sum over a power law are derived anew from its Mellin transform besides.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from flint import arb, ctx
from sympy import Add, Basic, Expr, Integer, Max, Min, Rational, nan, oo, simplify, zoo

from symcollapse.evaluation.numbers import ball_at
from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.expansions.remainders import remainder_bound
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable, NotSupported, SymcollapseError
from symcollapse.language.quantities import QuadraticForm, Quantity, SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.reasoning.asymptotic_steps import Expand, Leading, Optimise, Rate, Towards
from symcollapse.reasoning.checking import judge
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Undecided, Verdict

POINTS = 5
"""Exact points of the domain at which a limit is followed."""

DECADES = (12, 36, 108)
"""Powers of ten at which the variable is set; multiples of 12, so that sizes with such exponents are whole."""

EXPANSION_DECADES = (6, 12, 24)
"""The same for expansions, whose terms cancel."""

REMAINDERS = 2
"""Points at which the proven remainder is computed."""

BITS = 256
"""Working precision at first; it is raised where lines cancel."""

MOST_BITS = 4096
"""Working precision after which a line is given up."""

SHRINKS = 0.2
"""Factor by which a difference that falls like a power must fall over 72 decades: a power of 0.01 does."""

LOGARITHM = 0.05
"""Share of a difference that may be left when what falls like 1/ln is extrapolated away."""

GROWS = 1.5
"""Growth, when the decades double, at which a remainder is no longer of its order: a logarithm would grow by 2."""

SLOPE = 0.005
"""Difference of an exponent over 72 decades that is put down to lower orders; a logarithm would make 0.0066."""

NEAR = ((1, Rational(1, 4)), (2, Rational(1, 50)))
"""Place among the decades, and the relative distance at which a minimum must already have been left."""

FAR = (Rational(1, 1000), Rational(1, 10), Rational(10), Rational(1000))
"""Factors of a minimiser at which the line must be larger too."""


@judge.register
def _(by: Leading, before: Expr, after: Expr, domain: Domain) -> Verdict:
    with ctx.workprec(BITS):
        return _leading(by, before, after, domain)


def _leading(by: Leading, before: Expr, after: Expr, domain: Domain) -> Verdict:
    left, tried, worst = arb(0), 0, arb(0)
    for point, values in _followed(by.towards, domain, DECADES):
        gaps = []
        for place in values:
            sides = _sides(before, after, place)
            if sides is None:
                break
            gaps.append(abs(sides[0] / sides[1] - 1) if sides[1] != 0 else arb("inf"))
        if len(gaps) < len(values):
            continue
        tried += 1
        first, last = gaps[-2:]
        power = last <= SHRINKS * first
        logarithm = abs(3 * last - first) / 2 <= LOGARITHM * first
        if not (power or logarithm or last < 1e-30):
            numbers = _shown(before, after, values[-1])
            return Refuted(
                f"the ratio is off 1 by {_short(first)}, then by {_short(last)} as {_moves(by.towards, -2)}: "
                f"{numbers} at {_named(point, before, after, by.towards)}"
            )
        worst = worst.max(last)
        left = left.max(abs(3 * last - first) / 2) if not power else left
    return _supported(
        tried, f"the ratio is off 1 by {_short(worst)} at {_at(by.towards)}, and tends to 1"
    )


@judge.register
def _(by: Expand, before: Expr, after: Expr, domain: Domain) -> Verdict:
    with ctx.workprec(BITS):
        return _expansion(by, before, after, domain)


def _expansion(by: Expand, before: Expr, after: Expr, domain: Domain) -> Verdict:
    worst, tried = arb(0), 0
    order = Add(*(_absolute(each) for each in by.next_orders))
    for point, values in _followed(by.towards, domain, EXPANSION_DECADES):
        sizes = []
        for place in values:
            size = _relative_gap(before, after, order, place)
            if size is None:
                break
            sizes.append(size)
        if len(sizes) < len(values):
            continue
        tried += 1
        first, last = sizes[-2:]
        if not (last <= GROWS * first or last < 1e-9):
            return Refuted(
                f"the difference is {_short(first)}, then {_short(last)} of the stated order as "
                f"{_moves(by.towards, -2, EXPANSION_DECADES)}: {_shown(before, after, values[-1])} at "
                f"{_named(point, before, after, by.towards)}"
            )
        worst = worst.max(last)
    found = f"within {_short(worst)} of the stated order at {_at(by.towards, EXPANSION_DECADES)}"
    verdict = _supported(tried, found)
    derived = _derived_expansion(by, before, after, domain)
    if derived and isinstance(verdict, Supported):
        return Proved(f"{derived}; {verdict.how}")
    return verdict


def compare_slopes(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    """Verdict on a rate by the slopes of both sides over many decades.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.symbols import samples
    >>> verdict = compare_slopes(Rate(Towards(samples, oo)), samples + 1, samples**2, Domain())
    >>> verdict.why[:32]
    'the slope is 1.000, not 2.000, a'
    """
    with ctx.workprec(BITS):
        return _rate(by, before, after, domain)


@judge.register
def _(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    # The theory, on a higher floor, derives the exponent besides; it registers its judge over this one.
    return compare_slopes(by, before, after, domain)


def _rate(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    tried, worst = 0, arb(0)
    for point, values in _followed(by.towards, domain, DECADES):
        heights = []
        for decades, place in zip(DECADES, values, strict=True):
            sides = _sides(before, after, place)
            if sides is None:
                break
            ratio = abs(sides[0] / sides[1])
            logs = by.logarithms.xreplace(place)
            heights.append((ratio * arb(decades) ** -int(logs)).log())
        if len(heights) < len(values):
            continue
        tried += 1
        gap = abs(heights[-1] - heights[-2]) / (arb(10).log() * (DECADES[-1] - DECADES[-2]))
        if not gap <= SLOPE:
            return Refuted(_slopes(before, after, values, by, point))
        worst = worst.max(gap)
    return _supported(
        tried, f"slopes over {DECADES[-2]} to {DECADES[-1]} decades agree within {_short(worst)}"
    )


def _slopes(before: Expr, after: Expr, values: list[dict[Basic, Any]], by: Rate, point: Any) -> str:
    """The slopes of both sides over the last decades, and their ratios, in words."""
    near, far = (_sides(before, after, place) for place in values[-2:])
    assert near is not None
    assert far is not None
    stretch = arb(10).log() * (DECADES[-1] - DECADES[-2])
    own, stated = ((abs(far[n]) / abs(near[n])).log() / stretch for n in (0, 1))
    if by.towards.to == 0:
        own, stated = -own, -stated
    return (
        f"the slope is {_signed(own)}, not {_signed(stated)}, as {_moves(by.towards, -2)}, where the ratio of both "
        f"sides goes from {_short(near[0] / near[1])} to {_short(far[0] / far[1])}, at "
        f"{_named(point, before, after, by.towards)}"
    )


@judge.register
def _(by: Optimise, before: Expr, after: Expr, domain: Domain) -> Verdict:
    with ctx.workprec(BITS):
        return _optimum(by, before, after, domain)


def _optimum(by: Optimise, before: Expr, after: Expr, domain: Domain) -> Verdict:
    if by.towards is None:
        return _linear_programme(by, before, after, domain)
    tried = 0
    for point, values in _followed(by.towards, domain, DECADES):
        for place, near in NEAR:
            rule = values[place]
            best = (after if by.best is None else by.best).xreplace(rule)
            factors = (1 - near, 1 + near, *FAR)
            own = _value(before.xreplace({**rule, by.symbol: best}), BITS)
            for factor in factors:
                other = _value(before.xreplace({**rule, by.symbol: best * factor}), BITS)
                if own is None or other is None:
                    return Undecided(f"no value at {_named(point, before, after, by.towards)}")
                if not (own > other if by.largest else own < other):
                    return Refuted(
                        f"{_short(other)} at {factor} of the stated place is no worse than {_short(own)} there, "
                        f"at {by.towards.variable} = 1e{DECADES[place]}, {_named(point, before, after, by.towards)}"
                    )
        tried += 1
    return _supported(
        tried, f"certified to be worse {NEAR[-1][1]} beside it at {_at(by.towards)}, and far off"
    )


def _linear_programme(by: Optimise, before: Expr, after: Expr, domain: Domain) -> Verdict:
    """The optimum of minima and maxima of linear functions lies where two of them meet, or at an end."""
    count = 4 * POINTS
    for point in domain.points(count):
        rule = {key: value for key, value in point.items() if key != by.symbol}
        line, stated = before.xreplace(rule), after.xreplace(rule)
        best = stated if by.best is None else by.best.xreplace(rule)
        ends = [end.xreplace(rule) for end in (by.low, by.high) if end != oo]
        pieces = list(_linear_pieces(line))
        if any(piece.diff(by.symbol, 2) != 0 for piece in pieces):
            return Undecided(f"{line} is not made of linear functions of {by.symbol}")
        places = set(ends)
        for one, other in combinations(pieces, 2):
            slope = (one - other).diff(by.symbol)
            if slope != 0:
                places.add(-(one - other).xreplace({by.symbol: Integer(0)}) / slope)
        inside = [x for x in places if x >= ends[0] and (by.high == oo or x <= ends[-1])]
        if by.high == oo:
            inside.append(max(inside) + 1)
        choose = max if by.largest else min
        optimum = choose(line.xreplace({by.symbol: x}) for x in inside)
        own = line.xreplace({by.symbol: best})
        if best not in inside and not (ends[0] <= best and (by.high == oo or best <= ends[-1])):
            return Refuted(f"{best} lies outside at {_named(rule, before, after)}")
        if own != optimum:
            return Refuted(
                f"{own} at {best}, but {optimum} elsewhere, at {_named(rule, before, after)}"
            )
        if by.best is not None and own != stated:
            return Refuted(f"the value is {own}, not {stated}, at {_named(rule, before, after)}")
    return Supported(f"exact linear programme at {count} points")


def _linear_pieces(line: Expr) -> Iterator[Expr]:
    """The functions that a nest of minima, maxima and sums is made of."""
    corner = next(iter(line.atoms(Min, Max)), None)
    if corner is None:
        yield line.expand()
        return
    for choice in corner.args:
        yield from _linear_pieces(line.xreplace({corner: choice}))


def _derived_expansion(by: Expand, before: Expr, after: Expr, domain: Domain) -> str:
    """How the expansion of one sum over a power law is proved, or nothing."""
    coefficient, node = before.as_independent(SpectralTrace, QuadraticForm, as_Add=False)
    if not isinstance(node, SpectralTrace | QuadraticForm) or by.towards.to != 0:
        return ""
    if not isinstance(node.covariance, PowerLawSpectrum):
        return ""
    target = node.target if isinstance(node, QuadraticForm) else None
    variable = by.towards.variable
    for terms in range(1, 5):
        try:
            found = expand_power_law_sum(
                coefficient * node.summand, node.covariance, target, terms=terms, variable=variable
            )
        except NotSupported:
            return ""
        formulas = [found, *(found.at_meeting(meeting.gap) for meeting in found.meetings)]
        for each in formulas:
            # Numbers first: simplification of what differs takes seconds.
            if _meets(each.formula, after, domain) and simplify(each.formula - after) == 0:
                return "residues of the Mellin transform" + _within_remainder(
                    by, before, after, each, domain
                )
    return ""


def _meets(first: Expr, second: Expr, domain: Domain) -> bool:
    (point,) = domain.points(1)
    sides = _sides(first, second, point)
    return sides is not None and bool(sides[0].overlaps(sides[1]))


def _within_remainder(by: Expand, before: Expr, after: Expr, expansion: Any, domain: Domain) -> str:
    """Whether the differences lie within the proven remainder, in words."""
    tried = 0
    for _, values in list(_followed(by.towards, domain, EXPANSION_DECADES))[:REMAINDERS]:
        numbers = {k: v for k, v in values[0].items() if isinstance(v, Rational) and k.is_Symbol}
        with ctx.workprec(BITS):
            balls = {key: enclosed(value, {}) for key, value in numbers.items()}
            try:
                bound = remainder_bound(expansion, balls)
            except SymcollapseError:
                return ""
            sides = _sides(before, after, values[0])
            if sides is None or not bound.is_finite():
                continue
            # The bound is so sharp that the balls may overlap: only a certain excess is one.
            if abs(sides[0] - sides[1]) > bound:
                raise SymcollapseError(f"the remainder of {after} is exceeded at {numbers}")
        tried += 1
    return f", the remainder proven at {tried} points" if tried else ""


def _followed(
    towards: Towards, domain: Domain, decades: tuple[int, ...]
) -> Iterator[tuple[dict[Basic, Basic], list[dict[Basic, Any]]]]:
    """Points of the domain, with everything that moves at each number of decades."""
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


def _sides(
    before: Expr, after: Expr, rule: Mapping[Basic, Any], bits: int = BITS
) -> tuple[Any, Any] | None:
    left, right = (_value(side.xreplace(dict(rule)), bits) for side in (before, after))
    return None if left is None or right is None else (left, right)


def _value(formula: Expr, bits: int) -> Any | None:
    """Ball around a number that may hold quantities, Gamma and zeta functions."""
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


def _relative_gap(before: Expr, after: Expr, order: Expr, rule: Mapping[Basic, Any]) -> Any | None:
    """|before − after|/order, at a precision that decides it."""
    bits = BITS
    while bits <= MOST_BITS:
        sides = _sides(before, after, rule, bits)
        unit = _value(order.xreplace(dict(rule)), bits)
        if sides is None or unit is None:
            return None
        with ctx.workprec(bits):
            gap = abs(sides[0] - sides[1]) / unit
            if gap.rad() < 1e-12 + 1e-6 * abs(gap.mid()):
                return arb(gap.mid())
        bits *= 2
    return None


def _absolute(order: Expr) -> Expr:
    return -order if order.could_extract_minus_sign() else order


def _supported(tried: int, how: str) -> Verdict:
    if tried < POINTS - 1:
        return Undecided(f"only {tried} of {POINTS} points could be decided")
    return Supported(f"{how}, {tried} exact points")


def _short(ball: Any) -> str:
    return str(ball.mid().str(2, radius=False))


def _signed(ball: Any) -> str:
    return str(ball.mid().str(4, radius=False))


def _at(towards: Towards, decades: tuple[int, ...] = DECADES) -> str:
    sign = "" if towards.to == oo else "-"
    return f"{towards.variable} = 1e{sign}{decades[-1]}"


def _moves(towards: Towards, place: int, decades: tuple[int, ...] = DECADES) -> str:
    sign = "" if towards.to == oo else "-"
    return f"{towards.variable} goes from 1e{sign}{decades[place]} to 1e{sign}{decades[place + 1]}"


def _shown(before: Expr, after: Expr, rule: Mapping[Basic, Any]) -> str:
    sides = _sides(before, after, rule)
    return (
        "no value"
        if sides is None
        else f"{sides[0].str(8, radius=False)} against {sides[1].str(8, radius=False)}"
    )


def _named(point: Mapping[Basic, Basic], *lines: Any) -> str:
    """The numbers of a point, without those that no line holds."""
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
