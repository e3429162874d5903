"""Settings of a pipeline that are set beside the best one: what each of them costs, in certified digits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import ctx

from symcollapse.evaluation.numbers import (
    MOST_DIGITS,
    Evaluated,
    rounded_ball,
    rounded_outwards,
)
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

GUARD_BITS = 64
"""Bits beyond those of the digits asked for."""

MORE_BITS = 600
"""Bits beyond the first attempt, up to which a number that rounds either way is followed."""

BallOfBits = Callable[[int], Any]
"""A ball that holds a number, narrower the more bits are asked for; not finite where they do not decide."""


@dataclass(frozen=True)
class Choice:
    """A setting, its test error, and what it costs."""

    name: str
    """What it is, as "best" or "equal split"."""
    setting: str
    """The setting itself, in decimals or integers."""
    total: Evaluated
    """Test error of the problem with it."""
    price: Evaluated
    """That error over the least one; "inf" where the least one is 0 and this is not."""
    excess: Evaluated
    """How much greater it is, in percent; "0" with a radius where it is not told from 0."""


def first_bits(digits: int) -> int:
    """Bits of the first attempt.

    Raises
    ------
    NotEvaluable
        If the digits are none that can be asked for.

    Example
    -------
    >>> first_bits(10)
    98
    """
    if not 1 <= digits <= MOST_DIGITS:
        raise NotEvaluable(f"digits = {digits}: give 1 … {MOST_DIGITS}")
    return int(digits * 3.33) + GUARD_BITS + 1


def rounded(ball_of: BallOfBits, digits: int) -> Evaluated:
    """The decimal that all of a narrow enough ball rounds to; what is not told from 0 is "0" with a radius.

    Raises
    ------
    PrecisionExhausted
        If the digits were not reached.

    Example
    -------
    >>> from sympy import Rational
    >>> from symcollapse.evaluation.numbers import ball_at
    >>> print(rounded(lambda bits: ball_at(Rational(2, 3), bits), 4))
    0.6667
    """
    least = bits = first_bits(digits)
    while True:
        ball = ball_of(bits)
        with ctx.workprec(bits + GUARD_BITS):
            if ball.is_finite():
                found = rounded_ball(ball, digits)
                if found is not None:
                    return found
            elif bool(ball > 0) and ball.rad() == 0:
                return Evaluated("inf", "0", digits)
        if bits > least + MORE_BITS:
            break
        bits += bits // 2 + GUARD_BITS
    with ctx.workprec(bits + GUARD_BITS):
        if ball.is_finite() and ball.contains(0):
            radius = max(rounded_outwards(abs(ball), 2)[1], "0", key=float)
            return Evaluated("0", radius, digits)
    raise PrecisionExhausted(f"{digits} digits were not reached with {bits} bits; ask for fewer")


def choice(name: str, setting: str, total: BallOfBits, least: BallOfBits, digits: int) -> Choice:
    """A setting beside the best one.

    Parameters
    ----------
    total, least
        Its test error, and the least one; equal functions for the best setting itself.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.evaluation.numbers import ball_at
    >>> three, two = (lambda bits, k=k: ball_at(Integer(k), bits) for k in (3, 2))
    >>> print(choice("other", "1", three, two, 3).excess)
    50.0
    """
    if total == least:
        one, none = Evaluated("1", "0", digits), Evaluated("0", "0", digits)
        return Choice(name, setting, rounded(total, digits), one, none)
    error = rounded(total, digits)
    if error.is_infinite or rounded(least, digits).text == "0":
        endless = Evaluated("inf", "0", digits)
        same = error.text == "0"
        price = Evaluated("1", "0", digits) if same else endless
        return Choice(name, setting, error, price, Evaluated("0", "0", digits) if same else endless)

    def price_at(bits: int) -> Any:
        with ctx.workprec(bits + GUARD_BITS):
            return total(bits) / least(bits)

    def excess_at(bits: int) -> Any:
        with ctx.workprec(bits + GUARD_BITS):
            return 100 * (total(bits) / least(bits) - 1)

    return Choice(name, setting, error, rounded(price_at, digits), rounded(excess_at, digits))
