"""Coefficients of expansions in ball arithmetic: Gamma and zeta functions among them.

The working precision is that of ``flint.ctx``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flint import acb, arb, fmpq, fmpz
from sympy import (
    Add,
    Basic,
    E,
    EulerGamma,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    gamma,
    harmonic,
    log,
    pi,
    polygamma,
    sin,
    zeta,
)
from sympy.functions import cos, exp

from symcollapse.expansions.expansion import Ball
from symcollapse.language.errors import NotEvaluable


def hurwitz(exponent: Ball, start: Ball) -> Ball:
    """ζ(s, a) = Σ_{j≥0} (a+j)^-s, continued in s.

    Example
    -------
    >>> bool(abs(hurwitz(arb(2), arb(1)) - arb.pi() ** 2 / 6) < 1e-10)
    True
    """
    return acb(exponent).zeta(acb(start)).real


def power_sum(exponent: Ball, count: Ball) -> Ball:
    """Σ_{j≤d} j^-s; for s = 1 exactly, the harmonic number.

    Example
    -------
    >>> power_sum(arb(1), arb(4)).contains(arb(25) / 12)
    True
    """
    if exponent == 1:
        return arb(count + 1).digamma() + arb.const_euler()
    return arb(exponent).zeta() - hurwitz(exponent, count + 1)


_CONSTANTS: dict[Basic, Callable[[], Ball]] = {
    pi: arb.pi,
    E: arb.const_e,
    EulerGamma: arb.const_euler,
}

_FUNCTIONS: dict[Any, Callable[..., Ball]] = {
    sin: lambda z: arb(z).sin(),
    cos: lambda z: arb(z).cos(),
    exp: lambda z: arb(z).exp(),
    log: lambda z: arb(z).log(),
    gamma: lambda z: arb(z).gamma(),
    harmonic: lambda count, s=None: power_sum(arb(1) if s is None else s, count),
    zeta: lambda s, a=None: arb(s).zeta() if a is None else hurwitz(s, a),
}


def enclosed(formula: Basic, values: Mapping[Any, Ball]) -> Ball:
    """Ball around a formula at values of its symbols.

    Raises
    ------
    NotEvaluable
        If a symbol has no value or a function is not known here.

    Example
    -------
    >>> from symcollapse.language.symbols import capacity
    >>> bool(abs(enclosed(zeta(capacity), {capacity: arb(2)}) - arb.pi() ** 2 / 6) < 1e-10)
    True
    """
    value = _complex(formula, values)
    return value.real if isinstance(value, acb) else value


def _complex(formula: Basic, values: Mapping[Any, Ball]) -> Ball:
    if formula in values:
        return values[formula]
    if isinstance(formula, Rational):
        return arb(fmpq(int(formula.p), int(formula.q)))
    if formula in _CONSTANTS:
        return _CONSTANTS[formula]()
    if isinstance(formula, Symbol):
        raise NotEvaluable(f"{formula} has no value: give one")
    arguments = [_complex(argument, values) for argument in formula.args]
    match formula:
        case Add():
            return sum(arguments[1:], arguments[0])
        case Mul():
            product = arguments[0]
            for factor in arguments[1:]:
                product = product * factor
            return product
        case Pow():
            exponent = formula.exp
            return arguments[0] ** (
                fmpz(int(exponent)) if isinstance(exponent, Integer) else arguments[1]
            )
        case polygamma() if formula.args[0] == 0:
            return arb(arguments[1]).digamma()
    known = _FUNCTIONS.get(formula.func)
    if known is None:
        raise NotEvaluable(f"{formula.func.__name__} is not known to these balls")
    return known(*arguments)
