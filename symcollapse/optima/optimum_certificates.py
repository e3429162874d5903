"""A second proof that a bracket holds a minimum, which shares neither the charts nor the intervals of the search.

The test error is differentiated in λ as it is printed, through κ(λ, T) by the implicit function theorem, and evaluated
at the two ends of the bracket, where κ is found as the root of its equation.
"""

from fractions import Fraction
from typing import Any

from sympy import Expr, Rational

from symcollapse.evaluation.numbers import ball_at, in_numbers
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.naming import named_fits
from symcollapse.language.problems import Problem
from symcollapse.optima.ridge_charts import tuned_problem
from symcollapse.theory.test_errors import test_error

MOST_BITS = 4096
"""Precision beyond which a sign is given up."""


def holds_a_minimum(problem: Problem, bracket: tuple[str, str]) -> bool:
    """Whether the test error certainly falls at the low end of a bracket, and rises at its high end.

    Parameters
    ----------
    problem
        In numbers; the ridge of its tested fit is the variable.
    bracket
        Two positive decimals.

    Returns
    -------
    holds
        True is a proof; False says that there is none, as where a slope has the other sign or is 0.

    Raises
    ------
    NotEvaluable
        If the ends are no positive decimals in their order.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a")
    >>> holds_a_minimum(problem, ("0.1194", "0.1195"))
    True
    >>> holds_a_minimum(problem, ("0.1195", "0.1196"))
    False
    """
    try:
        low, high = (Rational(*Fraction(end).as_integer_ratio()) for end in bracket)
    except (ValueError, ZeroDivisionError):
        low = high = Rational(0)
    if not 0 < low < high:
        raise NotEvaluable(f"bracket = {bracket}: give two decimals, 0 < low < high")
    tuned = tuned_problem(problem)
    letter = named_fits(tuned)[-1].ridge
    slope = in_numbers(test_error(tuned).total.diff(letter), tuned, (letter,))
    return _sign(slope.xreplace({letter: low})) < 0 < _sign(slope.xreplace({letter: high}))


def _sign(number: Expr) -> int:
    """The sign of a number; 0 if it is not certain."""
    bits = 64
    while bits <= MOST_BITS:
        ball: Any = ball_at(number, bits)
        if ball is not None and (ball > 0 or ball < 0):
            return 1 if ball > 0 else -1
        bits *= 2
    return 0
