"""Where a sequence Σ p_j(m)·r_j^m is least, and where it first exceeds 0, over all integers from one on.

Both are proved, not searched for: from some place on one term outweighs all others together, and the others lose
against it for ever after, since |r_j/r|^m·m^k falls there. So the sign is known beyond, and what is before is compared,
in rationals where the numbers are rational, in balls otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, ctx
from sympy import Expr, Integer, Rational, nan, zoo

from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.errors import Diverges, NotSupported, PrecisionExhausted
from symcollapse.recursions.linear_recursions import ExponentialSum

MOST_COMPARED = 20_000
"""Generations that are compared one by one."""

FARTHEST = 2**40
"""Place up to which the outweighing term is looked for."""

BITS = (128, 512, 2048, 8192)
"""Working precisions, tried in order."""

MOST_EXACT = 5_000
"""Place up to which powers of rationals are written out, where balls do not decide."""


@dataclass(frozen=True)
class FoundGeneration:
    """A number of generations, with the reason why it is the one."""

    generation: Expr | None
    """The number n; None where there is none."""
    proof: str
    """How it is known."""
    formula: Expr | None = None
    """The number in closed form, in the letters of the problem, where there is one."""


@dataclass(frozen=True)
class Tail:
    """What a sequence does from a place on."""

    sign: int
    """Its sign there: −1, 0 or 1."""
    start: int
    """The place."""


def refuse_infinite(value: Expr) -> None:
    """Refuse a coefficient that is 1/0, as that of noise at T = d.

    Raises
    ------
    Diverges
        With the place and the remedy.

    Example
    -------
    >>> refuse_infinite(Integer(3))
    """
    if value.has(zoo, nan):
        raise Diverges(
            "samples = dimension without ridge: the error is infinite for every n; give more samples, or a ridge > 0"
        )


@lru_cache(maxsize=4096)
def _ball(value: Expr, bits: int) -> Any:
    refuse_infinite(value)
    found = ball_at(value, bits)
    if found is None:
        raise PrecisionExhausted(f"{value}: not finite at {bits} bits")
    return found


def value_at(sequence: ExponentialSum, place: int, bits: int) -> Any:
    """Ball around one term of a sequence of numbers.

    Example
    -------
    >>> value_at(ExponentialSum.constant(Integer(3)), 5, 64)
    3.00000000000000
    """
    with ctx.workprec(bits):
        total = arb(0)
        for ratio, coefficients in sequence.terms:
            polynomial = arb(0)
            for each in reversed(coefficients):
                polynomial = polynomial * place + _ball(each, bits)
            total += polynomial * _ball(ratio, bits) ** place
        return total


def sign_at(sequence: ExponentialSum, place: int) -> int:
    """Sign of one term of a sequence of numbers.

    Raises
    ------
    PrecisionExhausted
        If it may be 0 and the numbers are not rational.

    Example
    -------
    >>> sign_at(ExponentialSum(((Integer(2), (Integer(-1),)), (Integer(1), (Integer(4),)))), 2)
    0
    """
    for bits in BITS:
        ball = value_at(sequence, place, bits)
        if ball > 0:
            return 1
        if ball < 0:
            return -1
        if bits == BITS[1] and place <= MOST_EXACT and is_rational(sequence):
            return _exact_sign(sequence, place)
    raise PrecisionExhausted(f"whether two errors differ at n = {place} is not decided")


def is_rational(sequence: ExponentialSum) -> bool:
    """Whether every ratio and coefficient is a rational number.

    Example
    -------
    >>> is_rational(ExponentialSum.constant(Integer(3)))
    True
    """
    return all(
        isinstance(each, Rational) for ratio, all_ in sequence.terms for each in (ratio, *all_)
    )


def _exact_sign(sequence: ExponentialSum, place: int) -> int:
    total = Fraction(0)
    for ratio, coefficients in sequence.terms:
        polynomial = Fraction(0)
        for each in reversed(coefficients):
            polynomial = polynomial * place + Fraction(int(each.p), int(each.q))  # type: ignore[attr-defined]
        total += polynomial * Fraction(int(ratio.p), int(ratio.q)) ** place  # type: ignore[attr-defined]
    return (total > 0) - (total < 0)


def tail_of(sequence: ExponentialSum) -> Tail | None:
    """The sign of a sequence from a place on; None if no positive ratio outweighs the others.

    Example
    -------
    >>> tail_of(ExponentialSum(((Integer(2), (Integer(1),)), (Integer(1), (Integer(-40),)))))
    Tail(sign=1, start=6)
    """
    bits = BITS[1]
    with ctx.workprec(bits):
        monomials = [
            (_ball(each, bits), power, _ball(ratio, bits))
            for ratio, coefficients in sequence.terms
            for power, each in enumerate(coefficients)
            if each != 0
        ]
        if not monomials:
            return Tail(0, 0)
        ordered = sorted(monomials, key=lambda item: (float(abs(item[2])), item[1]))
        weight, power, ratio = ordered.pop()
        known = (weight > 0 or weight < 0) and ratio > 0
        if not known or not all(
            abs(other[2]) < ratio or (other[2] is ratio and other[1] < power) for other in ordered
        ):
            return None

        def outweighs(place: int) -> bool:
            rest = arb(0)
            for coefficient, degree, other in ordered:
                relative = abs(other) / ratio
                growth = max(degree - power, 0)
                if growth and not (1 + arb(1) / place) ** growth * relative <= 1:
                    return False
                rest += abs(coefficient) * arb(place) ** (degree - power) * relative**place
            return bool(abs(weight) > rest)

        far = 1
        while not outweighs(far):
            far *= 2
            if far > FARTHEST:
                raise NotSupported(
                    f"which term wins is not decided up to n = {FARTHEST}: two ratios are all but equal"
                )
        near = far // 2
        while far - near > 1:
            middle = (near + far) // 2
            near, far = (near, middle) if outweighs(middle) else (middle, far)
        return Tail(1 if weight > 0 else -1, far)


def least(sequence: ExponentialSum, first: int) -> FoundGeneration:
    """The place from ``first`` on at which a sequence of numbers is least.

    Raises
    ------
    NotSupported
        If too many places would have to be compared.

    Example
    -------
    >>> dip = ExponentialSum(((Integer(2), (Integer(1),)), (Integer(1), (Integer(0), Integer(-5)))))
    >>> least(dip, 0).generation
    3
    """
    steps = sequence.difference()
    tail = tail_of(steps)
    if tail is None:
        return _least_within_an_envelope(sequence, first)
    if tail.sign == 0:
        return FoundGeneration(Integer(first), "the error is the same for every n")
    last = max(tail.start, first)
    place = _least_between(sequence, first, last)
    how = _how(sequence)
    if tail.sign > 0:
        return FoundGeneration(
            Integer(place),
            f"it rises from n = {last} on, where one term of its difference outweighs the others; "
            f"before, {how}",
        )
    limit = _limit(sequence)
    below = sequence.plus(ExponentialSum.constant(-limit)) if limit is not None else None
    if below is not None and sign_at(below, place) <= 0:
        return FoundGeneration(
            Integer(place),
            f"it falls from n = {last} on, but only towards a limit that is no less; before, {how}",
        )
    return FoundGeneration(
        None, f"it falls for ever from n = {last} on: less than any value is reached later"
    )


def first_positive(sequence: ExponentialSum, first: int) -> FoundGeneration:
    """The first place from ``first`` on at which a sequence of numbers is positive.

    Raises
    ------
    NotSupported
        If too many places would have to be compared.

    Example
    -------
    >>> first_positive(ExponentialSum(((Integer(1), (Integer(-7), Integer(2))),)), 0).generation
    4
    """
    tail = tail_of(sequence)
    if tail is None:
        return FoundGeneration(
            None, "not decided: the error oscillates about that of the null predictor"
        )
    how = _how(sequence)
    if tail.sign <= 0:
        last = max(tail.start, first)
        found = _first_between(sequence, first, last)
        if found is not None:
            return FoundGeneration(Integer(found), how)
        return FoundGeneration(
            None, f"never: from n = {last} on its excess is not positive; before, {how}"
        )
    steps = tail_of(sequence.difference())
    rising = max(first, steps.start if steps is not None and steps.sign > 0 else tail.start)
    found = _first_between(sequence, first, min(rising, max(tail.start, first)))
    if found is None:
        low, high = min(rising, max(tail.start, first)), max(tail.start, rising)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if sign_at(sequence, middle) > 0 else (middle, high)
        found = high
        how = f"bisection, as the error rises from n = {rising} on; before, {how}"
    return FoundGeneration(Integer(found), how)


def _limit(sequence: ExponentialSum) -> Expr | None:
    """The constant term, where all others vanish."""
    constant: Expr = Integer(0)
    for ratio, coefficients in sequence.terms:
        if ratio == 1 and len(coefficients) == 1:
            constant = coefficients[0]
        elif not abs(_ball(ratio, BITS[1])) < 1:
            return None
    return constant


def _least_within_an_envelope(sequence: ExponentialSum, first: int) -> FoundGeneration:
    """For oscillating sequences: nothing is below the limit less all |terms|, and those fall."""
    limit = _limit(sequence)
    if limit is None or any(len(all_) > 1 for _, all_ in sequence.terms):
        return FoundGeneration(None, "not decided: the error oscillates")
    bits = BITS[1]
    below = sequence.plus(ExponentialSum.constant(-limit))
    last = first
    while last <= MOST_COMPARED:
        last = 2 * last + 8
        with ctx.workprec(bits):
            envelope = sum(
                (
                    abs(_ball(all_[0], bits)) * abs(_ball(ratio, bits)) ** last
                    for ratio, all_ in below.terms
                ),
                arb(0),
            )
        place = _least_between(sequence, first, last)
        if value_at(below, place, bits) < -envelope:
            return FoundGeneration(
                Integer(place),
                f"beyond n = {last} its distance to the limit is too small; before, {_how(sequence)}",
            )
    return FoundGeneration(
        None, "not decided: it oscillates about its limit and is not clearly below it"
    )


def _how(sequence: ExponentialSum) -> str:
    return (
        "compared exactly, in rationals"
        if is_rational(sequence)
        else "compared in balls, which are apart"
    )


def _bounded(first: int, last: int) -> range:
    if last - first > MOST_COMPARED:
        raise NotSupported(
            f"{last - first} generations to compare: at most {MOST_COMPARED}; two ratios are all but equal"
        )
    return range(first, last + 1)


def _least_between(sequence: ExponentialSum, first: int, last: int) -> int:
    best = first
    for place in _bounded(first + 1, last):
        if _less(sequence, place, best):
            best = place
    return best


def _less(sequence: ExponentialSum, place: int, best: int) -> bool:
    for bits in BITS:
        with ctx.workprec(bits):
            difference = value_at(sequence, place, bits) - value_at(sequence, best, bits)
        if difference < 0 or difference > 0:
            return bool(difference < 0)
        if bits == BITS[1] and place <= MOST_EXACT and is_rational(sequence):
            return _exact_value(sequence, place) < _exact_value(sequence, best)
    raise PrecisionExhausted(
        f"whether the errors at n = {place} and n = {best} differ is not decided"
    )


def _exact_value(sequence: ExponentialSum, place: int) -> Fraction:
    value = sequence.at(Integer(place))
    assert isinstance(value, Rational)
    return Fraction(int(value.p), int(value.q))


def _first_between(sequence: ExponentialSum, first: int, last: int) -> int | None:
    holds: Callable[[int], bool] = lambda place: sign_at(sequence, place) > 0  # noqa: E731
    return next((place for place in _bounded(first, last) if holds(place)), None)
