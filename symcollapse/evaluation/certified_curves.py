"""Values of formulas at many points, with the digits asked for or as balls narrow enough."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from flint import ctx
from sympy import Basic, Expr, Symbol, nan, zoo

from symcollapse.evaluation.curves_in_balls import CurveInBalls
from symcollapse.evaluation.numbers import (
    GUARD_BITS,
    MOST_BITS,
    ball_at,
    evaluate,
    holds,
    rounded_ball,
)
from symcollapse.language.errors import Diverges, NotEvaluable

RUNGS = 3
"""Working precisions at which points are evaluated together; what they do not decide is left to a point at a time."""


class CertifiedCurve:
    """Formulas as functions of exact points; what the points share is kept from one call to the next.

    Parameters
    ----------
    formulas
        Expressions whose free symbols are among the given ones.
    symbols
        The arguments, in the order of a point's numbers.
    arithmetic
        "digits": correctly rounded mpmath numbers; "ball": balls of a relative radius below 10^-digits.
    digits
        Significant digits.

    Example
    -------
    >>> from sympy import Rational, sqrt
    >>> from symcollapse.language.symbols import ridge
    >>> curve = CertifiedCurve([sqrt(ridge), 1 / ridge], [ridge], "ball", 30)
    >>> ((root, inverse),) = curve.at([(Rational(4),)])
    >>> root.contains(2), inverse.contains(0.25)
    (True, True)
    """

    def __init__(
        self,
        formulas: Sequence[Expr],
        symbols: Sequence[Symbol],
        arithmetic: Literal["digits", "ball"],
        digits: int,
    ) -> None:
        self._formulas = tuple(formulas)
        self._symbols = tuple(symbols)
        self._digits = digits
        self._accepted: Callable[[Any, int], Any] = (
            self._rounded if arithmetic == "digits" else self._narrow
        )
        self._alone: Callable[[Expr], Any] = (
            self._evaluated if arithmetic == "digits" else self._enclosed
        )
        self._curves: list[CurveInBalls] = []

    def at(self, points: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Values of all formulas at each point.

        Raises
        ------
        NotEvaluable
            As `evaluate` does at the first point that has no value.
        """
        results: list[list[Any]] = [[None] * len(self._formulas) for _ in points]
        pending = list(range(len(points)))
        for rung in range(RUNGS):
            curve = self._curve(rung)
            found = curve.at([points[position] for position in pending])
            for position, balls in zip(pending, found, strict=True):
                for place, ball in enumerate(balls):
                    if results[position][place] is None and ball is not None:
                        results[position][place] = self._accepted(ball, curve.bits)
            pending = [position for position in pending if None in results[position]]
            if not pending:
                break
        for position in pending:
            rule: dict[Basic, Any] = dict(zip(self._symbols, points[position], strict=True))
            for place, formula in enumerate(self._formulas):
                if results[position][place] is None:
                    results[position][place] = self._alone(formula.xreplace(rule))
        return [tuple(values) for values in results]

    def _curve(self, rung: int) -> CurveInBalls:
        while len(self._curves) <= rung:
            bits = int(self._digits * 3.33) + GUARD_BITS
            if self._curves:
                bits = self._curves[-1].bits + self._curves[-1].bits // 2 + 64
            self._curves.append(CurveInBalls(self._formulas, self._symbols, bits))
        return self._curves[rung]

    def _rounded(self, ball: Any, bits: int) -> Any:
        # End points are taken at the working precision, else they would be those of a wider ball.
        with ctx.workprec(bits + GUARD_BITS):
            rounded = rounded_ball(ball, self._digits)
        return None if rounded is None else rounded.mpf

    def _narrow(self, ball: Any, bits: int) -> Any:
        del bits
        return ball if _is_narrow(ball, self._digits) else None

    def _evaluated(self, numeric: Expr) -> Any:
        return evaluate(numeric, digits=self._digits).mpf

    def _enclosed(self, numeric: Expr) -> Any:
        return enclose(numeric, self._digits)


def enclose(numeric: Expr, digits: int) -> Any:
    """Ball around a number, of a relative radius below 10^-digits where the value is not 0.

    Example
    -------
    >>> from sympy import Rational
    >>> bool(enclose(Rational(1, 3), 30).rad() < 1e-30)
    True

    Raises
    ------
    Diverges
        If the formula holds 1/0 or 0·∞.
    NotEvaluable
        If no ball of finite radius is found.
    """
    if holds(numeric, nan, zoo):
        raise Diverges("the formula is infinite or 0·∞ here: ridgeless at T = d? take a ridge > 0")
    bits = int(digits * 3.33) + GUARD_BITS
    best = None
    while bits <= MOST_BITS:
        ball = ball_at(numeric, bits)
        if ball is not None:
            best = ball
            if _is_narrow(ball, digits):
                return ball
        bits = bits + bits // 2 + 64
    if best is None:
        raise NotEvaluable(f"no ball of finite radius with {MOST_BITS} bits: is it 0·∞ or 1/0?")
    return best


def _is_narrow(ball: Any, digits: int) -> bool:
    return bool(ball.is_exact() or ball.rel_accuracy_bits() > digits * 3.33)
