"""Named functions of closed forms, in the three arithmetics, against SymPy and mpmath."""

import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    And,
    Eq,
    EulerGamma,
    Expr,
    LambertW,
    Max,
    Min,
    Ne,
    Not,
    Or,
    Piecewise,
    Rational,
    cos,
    cosh,
    cot,
    coth,
    csc,
    gamma,
    loggamma,
    pi,
    polygamma,
    riemann_xi,
    sec,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    zeta,
)

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.language.effective_ridges import SurplusSamples
from symcollapse.language.errors import LossOfDigits, NotEvaluable, OutOfRegime, PrecisionExhausted
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.symbols import capacity, noise, ridge, samples
from symcollapse.language.symbols import eigenvalue as s

FUNCTIONS: dict[str, tuple[Callable[[Any], Expr], Callable[[Any], Any]]] = {
    "gamma": (gamma, mpmath.gamma),
    "loggamma": (loggamma, mpmath.loggamma),
    "zeta": (lambda x: zeta(x + 1), lambda x: mpmath.zeta(x + 1)),
    "zeta of a negative number": (lambda x: zeta(-x), lambda x: mpmath.zeta(-x)),
    "Hurwitz zeta": (lambda x: zeta(x + 1, x), lambda x: mpmath.zeta(x + 1, x)),
    "digamma": (lambda x: polygamma(0, x), mpmath.digamma),
    "second polygamma": (lambda x: polygamma(2, x), lambda x: mpmath.polygamma(2, x)),
    "sin": (sin, mpmath.sin),
    "cos": (cos, mpmath.cos),
    "tan": (tan, mpmath.tan),
    "cot": (cot, mpmath.cot),
    "csc": (csc, mpmath.csc),
    "sec": (sec, mpmath.sec),
    "sinh": (sinh, mpmath.sinh),
    "cosh": (cosh, mpmath.cosh),
    "tanh": (tanh, mpmath.tanh),
    "coth": (coth, mpmath.coth),
    "Lambert W": (LambertW, mpmath.lambertw),
    "its other branch": (
        lambda x: LambertW(-1 / (3 + x), -1),
        lambda x: mpmath.lambertw(-1 / (3 + x), -1).real,
    ),
    "least": (lambda x: Min(x, 2, x**2), lambda x: min(x, 2, x**2)),
    "greatest": (lambda x: Max(x, 2, x**2), lambda x: max(x, 2, x**2)),
    "size": (lambda x: Abs(1 - x), lambda x: abs(1 - x)),
    "Euler's constant": (lambda x: EulerGamma + x, lambda x: mpmath.euler + x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(st.fractions(Fraction(1, 9), Fraction(9), max_denominator=50))
@settings(derandomize=True, deadline=None, max_examples=15)
def test_a_named_function_has_its_digits_in_every_arithmetic(name: str, at: Fraction) -> None:
    formula, known = FUNCTIONS[name]
    at = at + Fraction(
        1, 977
    )  # off the integers, where SymPy has values of its own, and where powers tie
    point = Rational(at.numerator, at.denominator)
    with mpmath.workdps(40):
        truth = mpmath.mpf(known(mpmath.mpf(at.numerator) / at.denominator).real)
        ours = evaluate(formula(capacity), values={capacity: point}, digits=30)
        # Half a unit of the thirtieth digit, and mpmath's own rounding at forty.
        assert abs(ours.mpf / truth - 1) < mpmath.mpf(10) ** -29
        assert abs(ours.mpf / truth - 1 - mpmath.mpf(10) ** -27) > mpmath.mpf(10) ** -28
        start = float(at)
        exact = mpmath.mpf(known(mpmath.mpf(start)).real)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            in_doubles = lambdify(formula(capacity), [capacity])([start, start])
        # Doubles announce more than 1e-12.
        assert abs(float(in_doubles[1]) / exact - 1) < 1e-12


def test_constants_of_expansions_are_numbers() -> None:
    leading = pi / capacity / sin(pi / capacity)
    assert (
        evaluate(leading, values={capacity: 2}, digits=20).text == evaluate(pi / 2, digits=20).text
    )
    beta = gamma(1 / capacity) * gamma(2 - 1 / capacity) / capacity
    same = leading * (1 - 1 / capacity)
    for value in ("3/2", "7/3", "11"):
        left = evaluate(beta, values={capacity: value}, digits=25)
        assert left.text == evaluate(same, values={capacity: value}, digits=25).text
        assert left.text != evaluate(leading, values={capacity: value}, digits=25).text


def test_functions_of_eigenvalues_are_summed() -> None:
    spectrum = LevelsSpectrum([4, 1], [3, 5])
    formula = SpectralTrace(tanh(s) + Max(s, ridge), spectrum)
    known = 3 * mpmath.tanh(4) + 5 * mpmath.tanh(1) + 3 * 4 + 5 * 2
    assert abs(float(evaluate(formula, values={ridge: 2})) - known) < 1e-13
    assert abs(float(lambdify(formula, [ridge])(2.0)) - known) < 1e-13


# Conditions.

PIECES = Piecewise(
    (ridge, And(ridge < 1, noise >= 2)),
    (ridge + 10, Or(Eq(ridge, 3), ridge <= Rational(1, 2))),
    (ridge + 20, Not(Ne(noise, 5))),
    (ridge + 30, True),
)


@pytest.mark.parametrize(
    ("point", "value"),
    [
        ((0.75, 2), 0.75),
        ((0.75, 1), 30.75),
        ((3, 1), 13),
        ((0.5, 1), 10.5),
        ((4, 5), 24),
        ((4, 1), 34),
    ],
)
def test_the_first_piece_that_holds_is_taken(point: tuple[float, float], value: float) -> None:
    for arithmetic in ("double", "digits", "ball"):
        f = lambdify(PIECES, [ridge, noise], arithmetic=arithmetic)
        assert float(f(*point)) == value
    grid = lambdify(PIECES, [ridge, noise])([[0.75], [4]], [2, 5])
    assert np.array_equal(grid, np.array([[0.75, 0.75], [34, 24]]))


def test_a_condition_that_is_not_decided_gives_no_number() -> None:
    # That √2·√3 = √6 cannot be told from balls.
    rounded = Piecewise((1, sqrt(ridge) * sqrt(ridge + 1) > sqrt(ridge**2 + ridge)), (2, True))
    with pytest.raises(PrecisionExhausted):
        BallEvaluator({ridge: arb(2)}).evaluate(rounded)
    with pytest.warns(LossOfDigits):
        assert np.isnan(lambdify(rounded, [ridge])(2.0))
    lucid = Piecewise((1, sqrt(ridge) * sqrt(ridge + 1) > ridge), (2, True))
    assert lambdify(lucid, [ridge])(2.0) == 1


def test_a_piece_that_is_not_taken_is_not_evaluated() -> None:
    surplus = SurplusSamples(samples, IsotropicSpectrum(20))
    formula = Piecewise((surplus, samples > 20), (0, True))
    f = lambdify(formula, [samples])
    assert float(f(10.0)) == 0
    assert float(f(25.0)) == 5
    with pytest.raises(OutOfRegime):
        lambdify(surplus, [samples])(10.0)
    with pytest.raises(NotEvaluable, match="no piece"):
        BallEvaluator({ridge: arb(1) / 2}).evaluate(Piecewise((1, ridge > 1)))


# What has no value.


def test_poles_and_complex_values_are_refused_or_announced() -> None:
    with pytest.warns(LossOfDigits):
        assert not np.isfinite(lambdify(gamma(ridge), [ridge])(0.0))
    with pytest.warns(LossOfDigits):
        assert not np.isfinite(lambdify(LambertW(-ridge), [ridge])(1.0))
    with pytest.raises(NotEvaluable, match="branch"):
        evaluate(LambertW(Rational(1, 3), 2))
    with pytest.raises(NotEvaluable, match="polygamma"):
        evaluate(polygamma(Rational(1, 3), 2))
    with pytest.raises(NotEvaluable, match="riemann_xi is not a function"):
        evaluate(riemann_xi(Rational(1, 3)))
