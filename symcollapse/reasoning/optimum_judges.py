"""The judge of optima: exact linear programmes for exponents, certified neighbours for leading behaviour."""

from collections.abc import Iterator
from itertools import combinations

from flint import ctx
from sympy import Expr, Integer, Max, Min, Rational, oo

from symcollapse.language.domains import Domain
from symcollapse.reasoning.asymptotic_steps import Optimise
from symcollapse.reasoning.checking import judge
from symcollapse.reasoning.limit_points import (
    BITS,
    DECADES,
    POINTS,
    at_the_end,
    followed,
    named,
    short,
    supported,
    value_of,
)
from symcollapse.reasoning.verdicts import Refuted, Supported, Undecided, Verdict

NEAR = ((1, Rational(1, 4)), (2, Rational(1, 50)))
"""Place among the decades, and the relative distance at which a minimum must already have been left."""

FAR = (Rational(1, 100), Rational(100))
"""Factors of a minimiser at which the line must be larger too."""


@judge.register
def _(by: Optimise, before: Expr, after: Expr, domain: Domain) -> Verdict:
    with ctx.workprec(BITS):
        return _optimum(by, before, after, domain)


def _optimum(by: Optimise, before: Expr, after: Expr, domain: Domain) -> Verdict:
    if by.towards is None:
        return _linear_programme(by, before, after, domain)
    tried = 0
    for point, values in followed(by.towards, domain, DECADES):
        for place, near in NEAR:
            rule = values[place]
            best = (after if by.best is None else by.best).xreplace(rule)
            factors = (1 - near, 1 + near, *FAR)
            own = value_of(before.xreplace({**rule, by.symbol: best}), BITS)
            for factor in factors:
                other = value_of(before.xreplace({**rule, by.symbol: best * factor}), BITS)
                if own is None or other is None:
                    return Undecided(f"no value at {named(point, before, after, by.towards)}")
                if not (own > other if by.largest else own < other):
                    return Refuted(
                        f"{short(other)} at {factor} of the stated place is no worse than {short(own)} there, "
                        f"at {by.towards.variable} = 1e{DECADES[place]}, {named(point, before, after, by.towards)}"
                    )
        tried += 1
    return supported(
        tried,
        f"certified to be worse {NEAR[-1][1]} beside it at {at_the_end(by.towards)}, and far off",
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
            return Refuted(f"{best} lies outside at {named(rule, before, after)}")
        if own != optimum:
            return Refuted(
                f"{own} at {best}, but {optimum} elsewhere, at {named(rule, before, after)}"
            )
        if by.best is not None and own != stated:
            return Refuted(f"the value is {own}, not {stated}, at {named(rule, before, after)}")
    return Supported(f"exact linear programme at {count} points")


def _linear_pieces(line: Expr) -> Iterator[Expr]:
    """The functions that a nest of minima, maxima and sums is made of."""
    corner = next(iter(line.atoms(Min, Max)), None)
    if corner is None:
        yield line.expand()
        return
    for choice in corner.args:
        yield from _linear_pieces(line.xreplace({corner: choice}))
