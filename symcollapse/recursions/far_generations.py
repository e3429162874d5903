"""Where a sum of exponentials tends to as n → ∞, by balls around its ratios."""

from collections.abc import Callable
from typing import Any

from flint import ctx
from sympy import Expr, Integer, Rational, oo

from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.errors import NotSupported, PrecisionExhausted
from symcollapse.language.unfolding import unfold
from symcollapse.recursions.at_integers import refuse_infinite
from symcollapse.recursions.linear_recursions import ExponentialSum, Rate

BITS = 256
"""Working precision at which a ratio is compared with 1."""


def limit_of(
    sequence: ExponentialSum, number: Callable[[Expr], Expr]
) -> tuple[Expr, Rate, tuple[str, ...]]:
    """The limit of a sum of exponentials, how it gets there, and what that takes for granted of letters.

    Parameters
    ----------
    sequence
        An error, in letters.
    number
        Puts in the numbers that are known.

    Raises
    ------
    NotSupported
        If it oscillates for ever, or falls below all bounds.

    Example
    -------
    >>> limit, rate, assumed = limit_of(ExponentialSum.constant(Integer(3)), lambda value: value)
    >>> limit, rate.kind, assumed
    (3, 'constant', ())
    """
    constant: Expr = Integer(0)
    assumed: list[str] = []
    steady = Rate("constant")
    growing: list[tuple[Any, Expr, Expr]] = []
    falling: list[tuple[Any, Expr]] = []
    for ratio, coefficients in sequence.terms:
        value = number(ratio)
        if value == 1:
            constant = coefficients[0]
            if len(coefficients) > 1:
                degree = len(coefficients) - 1
                steady = (
                    Rate("linear", coefficients[1])
                    if degree == 1
                    else Rate("polynomial", Integer(degree))
                )
                growing.append((1.0, coefficients[-1], Integer(1)))
            continue
        if value.free_symbols:
            assumed.append(f"|{value}| < 1")
            falling.append((None, ratio))
            continue
        size = abs(_ball(value))
        if size < 1:
            falling.append((float(size), ratio))
        elif size > 1 and _ball(value) > 0:
            growing.append((float(size), coefficients[-1], ratio))
        else:
            raise NotSupported(f"the error oscillates for ever, with the ratio {value}")
    if growing:
        size, leading, ratio = max(growing, key=lambda item: item[0])
        leading = number(leading)
        if not leading.free_symbols and sign_of(leading) <= 0:
            raise NotSupported(
                "an error that falls below all bounds: the problem is not consistent"
            )
        return oo, (Rate("exponential", ratio) if size > 1 else steady), tuple(assumed)
    if not falling:
        return constant, Rate("constant"), ()
    if len(falling) == 1:
        return constant, Rate("geometric", falling[0][1]), tuple(assumed)
    if assumed:
        return constant, Rate("geometric"), tuple(assumed)
    return constant, Rate("geometric", max(falling, key=lambda item: item[0])[1]), ()


def _ball(value: Expr) -> Any:
    refuse_infinite(value)
    found = ball_at(value, BITS)
    if found is None:
        raise PrecisionExhausted(f"{value}: not finite")
    return found


def sign_of(value: Expr) -> int:
    """Sign of a number.

    Raises
    ------
    Diverges
        If it is infinite.
    PrecisionExhausted
        If it may be 0, and is no rational number.

    Example
    -------
    >>> from sympy import log
    >>> sign_of(log(Rational(1, 2)))
    -1
    """
    refuse_infinite(value)
    if isinstance(value, Rational):
        return int(value.p > 0) - int(value.p < 0)
    for bits in (BITS, 8 * BITS):
        with ctx.workprec(bits):
            ball = ball_at(value, bits)
        if ball is not None and (ball > 0 or ball < 0):
            return 1 if ball > 0 else -1
    short = unfold(value)
    if short.is_zero:
        return 0
    raise PrecisionExhausted(f"the sign of {value} is not decided")
