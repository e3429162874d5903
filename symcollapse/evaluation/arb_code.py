"""SymPy to Arb: an expression as a function on balls, to be called, or as source that needs python-flint only.

Both come from one program. It is not a SymPy code printer with a text that is executed: no text is ever executed
here, so a called function and a written one share their steps, not a parser.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx, fmpq
from sympy import Expr, Rational, Symbol

from symcollapse.evaluation.arb_programs import Program
from symcollapse.evaluation.arb_quantities import FormulaBuilder
from symcollapse.evaluation.arb_writer import written
from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.numbers import (
    GUARD_BITS,
    MOST_BITS,
    MOST_DIGITS,
    Evaluated,
    in_numbers,
    rounded_ball,
)
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted, TooManyBits
from symcollapse.language.exactness import exact
from symcollapse.language.problems import Problem


@dataclass(frozen=True)
class ArbFunction:
    """A compiled formula: numbers in, balls out, at the precision of ``flint.ctx`` when it is called."""

    arguments: tuple[Symbol, ...]
    """Symbols whose numbers a call gives, in order."""
    program: Program = field(repr=False)
    """The steps."""
    is_single: bool = field(repr=False)
    """Whether one expression was given, so that one ball is returned."""
    _run: Any = field(repr=False, compare=False)

    def __call__(self, *numbers: Any) -> Any:
        """Balls that contain the values.

        Parameters
        ----------
        numbers
            One for each argument: balls, integers, fractions, texts of digits, or floats, which are exact as they
            stand. A complex number, or an ``acb``, asks for the function of complex numbers.

        Returns
        -------
        Any
            A ball, or a tuple of balls; not finite where a function has a pole or is not real.

        Raises
        ------
        NotEvaluable
            If numbers are missing, or outside the domain for certain.
        PrecisionExhausted
            If a condition is not decided at this precision.
        """
        if len(numbers) != len(self.arguments):
            raise NotEvaluable(f"{len(numbers)} numbers for {len(self.arguments)} arguments")
        values = self._run(tuple(_as_ball(number) for number in numbers))
        return values[0] if self.is_single else values

    def digits(self, count: int, *numbers: Any) -> Any:
        """The values to a number of significant digits, every one of them right.

        Parameters
        ----------
        count
            Significant decimal digits, 1 … 10000.
        numbers
            As for a call, and exact.

        Raises
        ------
        PrecisionExhausted
            If 200,000 bits do not decide the digits.

        Example
        -------
        >>> from symcollapse.language.symbols import ridge
        >>> print(arb_function(ridge**ridge, [ridge]).digits(30, "1/3"))
        0.693361274350634704843352274786
        """
        if not 1 <= count <= MOST_DIGITS:
            raise NotEvaluable(f"digits = {count}: give 1 … {MOST_DIGITS}")
        bits = int(count * 3.33) + GUARD_BITS
        while bits <= MOST_BITS:
            with ctx.workprec(bits):
                rounded = self._rounded(count, numbers)
            if rounded is not None:
                return rounded[0] if self.is_single else rounded
            bits += bits // 2 + 64
        raise PrecisionExhausted(
            f"{count} digits were not reached with {MOST_BITS} bits: the value may be 0, or not exist, or cancel"
        )

    def _rounded(self, count: int, numbers: tuple[Any, ...]) -> tuple[Evaluated, ...] | None:
        try:
            values = self._run(tuple(_as_ball(number) for number in numbers))
        except TooManyBits:
            raise
        except PrecisionExhausted:
            return None
        found = []
        for value in values:
            if isinstance(value, acb):
                raise NotEvaluable("digits of a complex value: call the function for its ball")
            rounded = rounded_ball(value, count) if value.is_finite() else None
            if rounded is None:
                return None
            found.append(rounded)
        return tuple(found)


def arb_function(
    expressions: Expr | Sequence[Expr], arguments: Sequence[Symbol], problem: Problem | None = None
) -> ArbFunction:
    """Compile expressions into one function on balls, named for python-flint's type ``arb``.

    Common parts are computed once for all expressions, and what does not change in a loop before it. SymPy is not
    used when the function is called, but for sums over long or infinite spectra and coupled ridges.

    Parameters
    ----------
    expressions
        One, or several: plain SymPy expressions, or formulas of this package.
    arguments
        Symbols whose numbers are given at each call, in order.
    problem
        Gives the numbers of the other symbols, the spectrum and the target.

    Raises
    ------
    NotEvaluable
        If a symbol has no value, or a function is not known; it is named.

    Example
    -------
    >>> from sympy import gamma
    >>> from symcollapse.language.symbols import ridge
    >>> half = arb_function(gamma(ridge), [ridge])("1/2")
    >>> half.overlaps(arb.pi().sqrt())
    True
    """
    formulas, is_single = _formulas(expressions, arguments, problem)
    program = FormulaBuilder(arguments, BallEvaluator).program(formulas)
    return ArbFunction(tuple(arguments), program, is_single, program.runner())


def arb_code(
    expressions: Expr | Sequence[Expr],
    arguments: Sequence[Symbol],
    name: str = "f",
    problem: Problem | None = None,
) -> str:
    """Python source of the same function, which imports python-flint and nothing else.

    Parameters
    ----------
    expressions, arguments, problem
        As for `arb_function`.
    name
        Name of the function.

    Raises
    ------
    NotEvaluable
        If a part has no steps that can be written out, such as a sum over infinitely many eigenvalues.

    Example
    -------
    >>> from symcollapse.language.symbols import noise, ridge
    >>> print(arb_code(noise**2 / (ridge + noise), [ridge, noise]).split("def f")[1])
    (lambda_, sigma):
        lambda_, sigma = alike_ball(lambda_), alike_ball(sigma)
        return sigma * sigma / (lambda_ + sigma)
    <BLANKLINE>
    """
    formulas, is_single = _formulas(expressions, arguments, problem)
    program = FormulaBuilder(arguments, None).program(formulas)
    return written(program, name, formulas, is_single=is_single)


def _formulas(
    expressions: Any, arguments: Sequence[Symbol], problem: Problem | None
) -> tuple[list[Expr], bool]:
    is_single = not isinstance(expressions, list | tuple)
    given = [expressions] if is_single else list(expressions)
    if len(set(arguments)) < len(arguments):
        raise NotEvaluable("an argument stands twice among the arguments")
    return [in_numbers(exact(formula), problem, tuple(arguments)) for formula in given], is_single


def _as_ball(number: Any) -> Any:
    if isinstance(number, arb | acb):
        return number
    if isinstance(number, float | fmpq):
        return arb(number)
    if isinstance(number, complex):
        return acb(number)
    value = exact(number) if not isinstance(number, Fraction) else Rational(number)
    if not isinstance(value, Rational):
        raise NotEvaluable(f"{str(number)[:80]} is no number: give a ball, a fraction, or digits")
    return arb(fmpq(int(value.p), int(value.q)))
