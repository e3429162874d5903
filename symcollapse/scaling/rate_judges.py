"""The judge of rates: exponents are derived from the formula, exactly, and slopes measured on certified values."""

from collections.abc import Mapping
from typing import Any

from sympy import Add, Basic, Expr, Integer, Max, Mul, Pow, Symbol, oo

from symcollapse.language import symbols
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotSupported, OutOfRegime
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import (
    Rate,
    Refuted,
    Supported,
    Towards,
    Undecided,
    Verdict,
    compare_slopes,
    judge,
)
from symcollapse.scaling.growth import Growth, Sides, growth
from symcollapse.scaling.rate_scalings import Scaling

POINTS = 12
"""Exact points at which an exponent is derived."""

FAR = Integer(10) ** 12
"""Samples at which it is asked whether they exceed the dimension."""


@judge.register
def _(by: Rate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    measured = compare_slopes(by, before, after, domain)
    if not isinstance(measured, Supported) or by.towards.variable != symbols.samples:
        return measured
    for point in domain.points(POINTS):
        try:
            found = growth_at(before, by.towards, point)
        except NotSupported:
            return measured
        except OutOfRegime as error:
            return Undecided(str(error))
        fixed = _fixed(by.towards, point)
        stated = (exponent_of(after.xreplace(fixed)), by.logarithms.xreplace(fixed))
        derived = (found.exponent, found.logarithms) if found else None
        if stated != derived:
            shown = ", ".join(f"{k} = {v}" for k, v in fixed.items() if after.has(k))
            return Refuted(f"derived {derived}, stated {stated} (exponent, logarithms) at {shown}")
    return Supported(f"derived from the formula, exactly, at {POINTS} points; {measured.how}")


def growth_at(formula: Expr, towards: Towards, point: Mapping[Basic, Basic]) -> Growth | None:
    """Growth with T of a formula at a point of a domain, with what moves along with T.

    Raises
    ------
    NotSupported
        If the formula has no growth that is known here.
    OutOfRegime
        If it was derived for the other side of the dimension.

    Example
    -------
    >>> from symcollapse.language.effective_ridges import EffectiveRidge
    >>> law = PowerLawSpectrum(oo, 2)
    >>> kappa = EffectiveRidge(symbols.ridge, symbols.samples, law)
    >>> growth_at(kappa, Towards(symbols.samples, oo, ((symbols.ridge, 1 / symbols.samples),)), {})
    Growth(exponent=-1, logarithms=0)
    """
    fixed = _fixed(towards, point)
    line = formula.xreplace(fixed)
    spectra = line.atoms(PowerLawSpectrum)
    if len({(each.capacity, each.scale) for each in spectra}) != 1:
        raise NotSupported("one power law is expected")
    sources = {target.source for target in line.atoms(SourceTarget)} or {Integer(1)}
    exponents = {
        symbol: exponent_of(value.xreplace(fixed))
        for symbol, value in towards.following
        if isinstance(symbol, Symbol)
    }
    endless = any(each.dimension == oo for each in spectra)
    zero = Integer(0)
    scaling = Scaling(
        ridge=-exponents.get(symbols.ridge, zero),
        generations=2 * exponents.get(symbols.generation_noise, zero),
        generation_samples=exponents.get(symbols.generation_samples, Integer(1)),
        dimension=oo if endless else exponents.get(symbols.dimension, zero),
        noise=-2 * exponents.get(symbols.noise, zero),
        capacity=spectra.pop().capacity,
        source=sources.pop(),
        generation_ridge=-exponents.get(symbols.generation_ridge, zero),
    )
    return growth(line, scaling, _sides(towards, fixed))


def exponent_of(line: Basic) -> Expr:
    """The exponent of T in a sum of powers with positive coefficients, and maxima of such sums; -∞ for 0.

    Raises
    ------
    NotSupported
        For anything else.

    Example
    -------
    >>> exponent_of(3 * symbols.samples**-2 + 1 / symbols.samples)
    -1
    """
    match line:
        case Integer(p=0):
            return -oo
        case Add() | Max():
            return max(exponent_of(part) for part in line.args)
        case Mul():
            return Add(*(exponent_of(part) for part in line.args))
        case Pow() if line.base == symbols.samples and not line.exp.has(symbols.samples):
            return line.exp
        case _ if line == symbols.samples:
            return Integer(1)
        case _ if line.is_positive and not line.has(symbols.samples):
            return Integer(0)
    raise NotSupported(f"{line} is no sum of powers of {symbols.samples}")


def _fixed(towards: Towards, point: Mapping[Basic, Basic]) -> dict[Basic, Basic]:
    moving = {towards.variable, *(symbol for symbol, _ in towards.following)}
    return {symbol: value for symbol, value in point.items() if symbol not in moving}


def _sides(towards: Towards, fixed: Mapping[Basic, Basic]) -> Sides:
    """Which sizes exceed the dimension far out, where they grow alike."""
    rule: dict[Basic, Any] = {**fixed, symbols.samples: FAR}
    for symbol, value in towards.following:
        rule[symbol] = value.xreplace(rule)
    moved = {symbol for symbol, _ in towards.following}
    if symbols.dimension not in moved:
        return Sides()
    size = rule[symbols.dimension]
    own = (
        None
        if symbols.generation_samples not in moved
        else rule[symbols.generation_samples] >= size
    )
    return Sides(bool(size <= FAR), None if own is None else bool(own))
