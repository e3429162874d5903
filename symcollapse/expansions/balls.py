"""Coefficients of expansions in ball arithmetic: Gamma and zeta functions among them.

The working precision is that of ``flint.ctx``.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flint import acb, arb, ctx, fmpq, fmpz
from sympy import (
    Add,
    Basic,
    E,
    EulerGamma,
    I,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    gamma,
    harmonic,
    im,
    log,
    pi,
    polygamma,
    re,
    sin,
    zeta,
)
from sympy.functions import cos, cosh, exp, sinh

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
    """Σ_{j≤d} j^-s for any real s; for s = 1 exactly, the harmonic number.

    Few terms are added up. Otherwise this is ζ(s) less the sum over j > d, by the formula of Euler and Maclaurin:
    a Hurwitz zeta function loses its digits where s is far below 0.

    Example
    -------
    >>> power_sum(arb(1), arb(4)).contains(arb(25) / 12)
    True
    >>> bool(abs(power_sum(arb(-2), arb(1000)) / 333833500 - 1) < 1e-12)
    True
    """
    size = arb(count)
    if size.is_integer() and size <= MOST_ADDED:
        return sum((arb(j) ** -exponent for j in range(1, round(float(size)) + 1)), arb(0))
    if exponent == 1:
        return (size + 1).digamma() + arb.const_euler()
    if exponent > 0 or not size > 1:
        return arb(exponent).zeta() - hurwitz(exponent, size + 1)
    return arb(exponent).zeta() - _tail(arb(exponent), size)


MOST_ADDED = 100
"""Terms that are added up one by one."""


def _tail(s: Ball, d: Ball) -> Ball:
    """The continuation of Σ_{j>d} j^-s.

    It is d^(1−s)/(s−1) − d^-s/2 + Σ_{k≤N} B_2k/(2k)! (s)_{2k−1} d^(1−s−2k) + R, and by |B_2N({u})| ≤ |B_2N|, as long as
    s + 2N > 1, |R| ≤ |B_2N|/(2N)! |(s)_2N| ∫_d^∞ u^(−s−2N) du.
    """
    power = d ** (1 - s)
    total = power / (s - 1) - power / (2 * d)
    rising, scale, best = s, power / d**2, arb("inf")
    factorial, k = arb(2), 1
    while True:
        weight = arb.bernoulli(2 * k) / factorial
        total += weight * rising * scale
        rising *= s + 2 * k - 1
        if s + 2 * k > 1:
            rest = abs(weight * rising) * scale / (s + 2 * k - 1)
            if rest <= abs(total).lower() * arb(2) ** -ctx.prec or not rest < best:
                return total + arb(0, rest.upper())
            best = rest
        rising *= s + 2 * k
        scale = scale / d**2
        factorial *= (2 * k + 1) * (2 * k + 2)
        k += 1


MOST_TERMS = 400
"""Terms of one series after which a certified sum is given up."""


def ceiling(ball: Ball) -> int:
    """The least whole number that no point of a ball exceeds.

    Example
    -------
    >>> ceiling(arb("1.5"))
    2
    """
    return int(ball.upper().ceil().unique_fmpz())


def at_least_one(ball: Ball) -> Ball:
    """Upper bound of a ball and of 1.

    Example
    -------
    >>> at_least_one(arb(1) / 2), at_least_one(arb(2))
    (1.00000000000000, 2.00000000000000)
    """
    return arb(1) if ball <= 1 else arb(max(arb(1), ball.upper()))


def left_over(series: Iterator[tuple[Ball, Ball]], terms: int) -> Ball:
    """Bound of what follows the first terms; later terms are added up until their tail has a bound.

    Each item of the series is a pair (term, bound of all that follow it).

    Example
    -------
    >>> halves = ((arb(2) ** -k, arb(2) ** -k) for k in range(9))
    >>> left_over(halves, 3)
    0.250000000000000
    """
    best, left = arb("inf"), arb(0)
    for place, (term, rest) in enumerate(series):
        if place < terms - 1:
            continue
        if place >= terms:
            left += abs(term)
        total = arb((left + rest).upper())
        if total < best:
            best = total
        if best.is_finite() or place > terms + MOST_TERMS:
            return best
    return best


_CONSTANTS: dict[Basic, Callable[[], Ball]] = {
    pi: arb.pi,
    E: arb.const_e,
    EulerGamma: arb.const_euler,
    I: lambda: acb(0, 1),
}

_FUNCTIONS: dict[Any, Callable[..., Ball]] = {
    sin: lambda z: z.sin(),
    cos: lambda z: z.cos(),
    sinh: lambda z: z.sinh(),
    cosh: lambda z: z.cosh(),
    exp: lambda z: z.exp(),
    log: lambda z: z.log(),
    gamma: lambda z: z.gamma(),
    re: lambda z: acb(z).real,
    im: lambda z: acb(z).imag,
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
