"""One number from a formula, with the digits asked for and a rigorous bound.

Balls do the work: the precision is raised until the ball is so narrow that all its points round to the same
decimal. So every printed digit is right, and the radius is a proof.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
from flint import ctx, fmpq, fmpz
from sympy import Add, Basic, Expr, Symbol, Tuple, nan, oo, zoo

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.errors import Diverges, NotEvaluable, PrecisionExhausted, TooManyBits
from symcollapse.language.exactness import exact
from symcollapse.language.naming import substitution
from symcollapse.language.problems import Problem
from symcollapse.language.quantities import Quantity
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import fresh_ridge

GUARD_BITS = 40
"""Bits beyond the digits asked for, at the first attempt."""

MOST_BITS = 200_000
"""Working precision at which a formula is given up, about 60,000 digits."""

TIE = fmpq(1, 10**60)
"""Units of the last digit within which a number that could round either way is taken for a tie."""

MOST_DIGITS = 10_000
"""Digits that may be asked for."""


@dataclass(frozen=True)
class Evaluated:
    """A number: its decimal digits and a proven bound.

    ``text`` is the true value rounded to ``digits`` significant digits, and ``radius`` bounds |truth − text|.
    """

    text: str
    """Decimal digits, or "inf"."""
    radius: str
    """Upper bound of the distance between ``text`` and the true value."""
    digits: int
    """Significant digits asked for."""

    def __float__(self) -> float:
        return float(self.text)

    def __str__(self) -> str:
        return self.text

    @property
    def mpf(self) -> Any:
        """The number for mpmath, at the precision of its digits."""
        with mpmath.workdps(self.digits + 5):
            return mpmath.mpf(self.text)

    @property
    def is_infinite(self) -> bool:
        """Whether the value is +∞."""
        return self.text == "inf"


def in_numbers(formula: Expr, problem: Problem | None, keep: tuple[Symbol, ...] = ()) -> Expr:
    """The formula with a problem's numbers put in, except for the symbols to keep.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> in_numbers(2 * ridge, None)
    2*lambda
    """
    return formula.xreplace(substitution(problem, keep)) if problem is not None else formula


def evaluate(
    formula: Any,
    problem: Problem | None = None,
    *,
    digits: int = 15,
    values: Mapping[Symbol, Any] | None = None,
) -> Evaluated:
    """Value of a formula to the digits asked for, every one of them right.

    Parameters
    ----------
    formula
        An expression in the symbols and quantities of this package.
    problem
        Gives the numbers of the symbols, the spectrum and the target.
    digits
        Significant decimal digits, 1 … 10000.
    values
        Exact numbers for further symbols; they take precedence over the problem's, and what the problem states in
        terms of them, such as λ = T^(-4/5), follows them.

    Returns
    -------
    Evaluated
        Correctly rounded (what is a tie to 60 digits beyond goes either way within the radius).

    Raises
    ------
    NotEvaluable
        If a symbol has no value, or one that it cannot have, or a function is not known to ball arithmetic.
    Diverges
        If the formula is of the kind 0·∞ at this point, or infinite but not known to be +∞.
    PrecisionExhausted
        If 200,000 bits do not decide the digits, or 12,000 for sums over more than 1000 eigenvalues.

    Example
    -------
    >>> from symcollapse.language.effective_ridges import EffectiveRidge
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> print(evaluate(EffectiveRidge(1, 300, IsotropicSpectrum(300)), digits=30))
    1.61803398874989484820458683437
    """
    if not 1 <= digits <= MOST_DIGITS:
        raise NotEvaluable(f"digits = {digits}: give 1 … {MOST_DIGITS}")
    given = {symbol: in_numbers(exact(value), problem) for symbol, value in (values or {}).items()}
    for symbol, value in given.items():
        refuse_outside(symbol, value)

    def put(term: Expr) -> Expr:
        return in_numbers(term, problem, tuple(given)).xreplace(given)

    numeric = put(exact(formula))
    if holds(numeric, nan, zoo, oo):
        # SymPy gives 1/0 no sign, so that two parts of the error that are +∞ add up to nan.
        terms = [(term, put(term)) for term in Add.make_args(exact(formula))]
        infinite = [(term, value) for term, value in terms if holds(value, nan, zoo, oo)]
        if infinite and all(_is_plus_infinity(term, value, put) for term, value in infinite):
            return Evaluated("inf", "0", digits)
        if not holds(numeric, nan):
            raise Diverges("the formula is infinite here, of a sign that is not known to be +")
        raise Diverges(
            "the formula is 0·∞ here: ridgeless at T = d (take a ridge > 0), or two ridges are equal that it was "
            "derived for as different (derive it for this problem)"
        )
    bits = int(digits * 3.33) + GUARD_BITS
    while bits <= MOST_BITS:
        ball = ball_at(numeric, bits)
        if ball is not None:
            # End points are taken at the working precision, else they would be those of a wider ball.
            with ctx.workprec(bits + GUARD_BITS):
                rounded = rounded_ball(ball, digits)
            if rounded is not None:
                return rounded
        bits = bits + bits // 2 + 64
    raise PrecisionExhausted(
        f"{digits} digits were not reached with {MOST_BITS} bits: the value may be 0, or cancel; ask for fewer"
    )


def holds(numeric: Expr, *marks: Basic) -> bool:
    """Whether a mark such as 1/0 stands in the formula or in what it abbreviates; an infinite dimension is none.

    Example
    -------
    >>> holds(Expr(), nan), holds(nan, nan)
    (False, True)
    """
    seen: set[Basic] = set()
    pending: list[Basic] = [numeric]
    while pending:
        node = pending.pop()
        if node in seen or isinstance(node, Spectrum):
            continue
        if node in marks:
            return True
        seen.add(node)
        # An infinite bound of a sum is no infinite number.
        pending.extend(part for part in node.args if part != oo or not isinstance(node, Tuple))
        if isinstance(node, Abbreviation):
            pending.append(node.definition)
    return False


def refuse_outside(symbol: Basic, value: Basic) -> None:
    """Refuse a number that is not finite, or of a sign that the symbol cannot have.

    Raises
    ------
    NotEvaluable
        With the symbol and the remedy.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> refuse_outside(ridge, exact(-1))
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.NotEvaluable: lambda = -1: give a number >= 0
    """
    if value.free_symbols or not isinstance(symbol, Symbol):
        return
    if value.has(nan, zoo, oo, -oo):
        raise NotEvaluable(f"{symbol} = {value}: give a finite number")
    if symbol.is_positive and not value.is_positive:
        raise NotEvaluable(f"{symbol} = {value}: give a number > 0")
    if symbol.is_nonnegative and value.is_nonnegative is False:
        raise NotEvaluable(f"{symbol} = {value}: give a number >= 0")


def _is_plus_infinity(term: Expr, value: Expr, put: Callable[[Expr], Expr]) -> bool:
    """Whether a term that holds 1/0, and its value, are known to be nonnegative."""
    if holds(value, nan):
        return False
    # 1/0 has a sign where what tends to 0 is known to do so from above: there it stands for any positive number.
    quantities: set[Basic] = set(term.atoms(Quantity))
    symbols = {symbol for symbol in term.atoms(Symbol) if symbol.is_nonnegative}
    for vanishing in (quantities, quantities | symbols):
        finite = term.xreplace({part: fresh_ridge() for part in vanishing})
        if put(finite).is_extended_nonnegative:
            return True
    return False


def ball_at(numeric: Basic, bits: int) -> Any:
    """Ball that contains the value, at a working precision; None if that does not decide it.

    Raises
    ------
    TooManyBits
        If the formula is not evaluated at so high a precision.

    Example
    -------
    >>> from sympy import Rational
    >>> bool(ball_at(Rational(1, 3), 64).rad() < 1e-19)
    True
    """
    with ctx.workprec(bits):
        try:
            ball = BallEvaluator({}).evaluate(numeric)
        except TooManyBits:
            raise
        except PrecisionExhausted:
            return None
        return ball if ball.is_finite() else None


def rounded_ball(ball: Any, digits: int) -> Evaluated | None:
    """The decimal that every point of a finite ball rounds to, if there is one.

    Example
    -------
    >>> from sympy import Rational
    >>> print(rounded_ball(ball_at(Rational(2, 3), 64), 5))
    0.66667
    """
    if ball.is_zero():
        return Evaluated("0", "0", digits)
    low, high = _fraction(ball.lower()), _fraction(ball.upper())
    if (low <= 0 <= high) or low == 0:
        return None
    exponent = _decimal_exponent(max(abs(low), abs(high)))
    unit = fmpq(10) ** (exponent - digits + 1)
    first, last = _nearest(low / unit), _nearest(high / unit)
    # A tie of an exact decimal can never be decided; either neighbour is within the radius then.
    if first != last and not (abs(first - last) == 1 and (high - low) < unit * TIE):
        return None
    radius = max(abs(high - first * unit), abs(low - first * unit))
    place = exponent - digits + 1
    if abs(first) == 10**digits:
        # 0.9996 to three digits is 1.00, not 1.000.
        first, place = first // 10, place + 1
    return Evaluated(_decimal(first, place), _round_up(radius), digits)


def rounded_outwards(ball: Any, digits: int) -> tuple[str, str]:
    """Decimals at most the least, and at least the greatest number of a finite ball.

    Example
    -------
    >>> from sympy import Rational
    >>> rounded_outwards(ball_at(Rational(2, 3), 64), 5)
    ('0.66666', '0.66667')
    """
    texts = []
    for end, sign in ((_fraction(ball.lower()), 1), (_fraction(ball.upper()), -1)):
        if end == 0:
            texts.append("0")
            continue
        place = _decimal_exponent(abs(end)) - digits + 1
        texts.append(_decimal(sign * int((sign * end / fmpq(10) ** place).floor()), place))
    return texts[0], texts[1]


def _fraction(point: Any) -> fmpq:
    # Rationals of flint: thrice as fast as those of Python, and a curve rounds every point.
    mantissa, exponent = point.man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def _nearest(value: fmpq) -> int:
    """The nearest integer, of two the even one."""
    raised = value + fmpq(1, 2)
    nearest = int(raised.floor())
    return nearest - 1 if raised.q == 1 and nearest % 2 else nearest


def _decimal_exponent(value: fmpq) -> int:
    """The integer e with 10^e ≤ value < 10^(e+1)."""
    estimate = int((value.p.bit_length() - value.q.bit_length()) * 0.30103)
    while fmpq(10) ** estimate > value:
        estimate -= 1
    while fmpq(10) ** (estimate + 1) <= value:
        estimate += 1
    return estimate


def _decimal(mantissa: int, exponent: int) -> str:
    """Plain or scientific notation of mantissa · 10^exponent."""
    sign = "-" if mantissa < 0 else ""
    # Through flint: Python refuses to write integers of more than 4300 digits.
    figures = str(fmpz(abs(mantissa)))
    leading = len(figures) - 1 + exponent
    if -5 <= leading <= 15 and exponent <= 0:
        if exponent == 0:
            return sign + figures
        padded = figures.rjust(1 - exponent, "0")
        return f"{sign}{padded[:exponent]}.{padded[exponent:]}"
    rest = figures[1:]
    return f"{sign}{figures[0]}{'.' + rest if rest else ''}e{leading:+03d}"


def _round_up(radius: fmpq) -> str:
    """Two significant digits, rounded away from 0."""
    if radius == 0:
        return "0"
    exponent = _decimal_exponent(radius) - 1
    return _decimal(int((radius / fmpq(10) ** exponent).ceil()), exponent)
