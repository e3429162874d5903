"""At the edges: underflow, rounded counts, ties, signs of infinity, and arguments out of range."""

import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, log, pi

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.evaluation.rounded import Rounded, from_exact, multiply
from symcollapse.language.effective_ridges import EffectiveRidge, SurplusSamples
from symcollapse.language.errors import Diverges, LossOfDigits, NotEvaluable
from symcollapse.language.problems import SIGMA, Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_ridge,
    noise,
    ridge,
    samples,
    scale,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.theory import test_error as derive

TWO_LEVELS = LevelsSpectrum([4, "1/2"], [30, 50])
PROBLEM = Problem(
    TWO_LEVELS, UniformTarget(1), (Generation(200, "1/5", "1/30"),), Downstream(150, 1, "1/10")
)
TOTAL = derive(PROBLEM).total


# Doubles.


def test_a_product_that_underflows_is_announced() -> None:
    f = lambdify(ridge * noise * scale, [ridge, noise, scale])
    with pytest.warns(LossOfDigits):
        f(1e-200, 1e-200, 1e-20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f(1e-200, 0, 1e-20) == 0
        assert f(0, 1e-200, 1e-20) == 0


def test_only_an_exact_zero_is_lost_without_an_error() -> None:
    lost = multiply([from_exact(1e-200, is_exact=True)] * 2)
    assert lost.value[0, 0] == 0
    assert lost.error[0, 0] > 0
    for factor in (1e-300, 1e-20, 1.0, 1e300):
        assert multiply([lost, from_exact(factor, is_exact=True)]).error[0, 0] > 0
        assert multiply([from_exact(factor, is_exact=True), lost]).error[0, 0] > 0
    zero = Rounded(np.zeros((1, 1)), np.zeros((1, 1)))
    assert multiply([zero, lost]).error[0, 0] == 0


def test_counts_beyond_the_doubles_move_the_root() -> None:
    counts = [10**17 - 3] * 2
    kappa = EffectiveRidge(ridge, 2 * 10**17, LevelsSpectrum([4, 1], counts))
    points = [1e-18, 1e-20]
    with pytest.warns(LossOfDigits):
        lambdify(kappa, [ridge])(points)
    # Where the surplus is far above the rounding, doubles stay sure.
    sure = EffectiveRidge(ridge, 3 * 10**17, LevelsSpectrum([4, 1], counts))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = lambdify(sure, [ridge])(0.5)
    known = float(evaluate(sure, values={ridge: "1/2"}))
    assert abs(float(found) / known - 1) < 1e-12


def test_whether_the_root_vanishes_is_not_guessed() -> None:
    # d = 2·10¹⁷ − 6 and T = d − 1: both round to the same double.
    spectrum = LevelsSpectrum([4, 1], [10**17 - 3] * 2)
    kappa = EffectiveRidge(ridge, 2 * 10**17 - 7, spectrum)
    assert float(evaluate(kappa, values={ridge: 0})) > 0
    with pytest.warns(LossOfDigits):
        lambdify(kappa, [ridge])(0.0)
    product = EffectiveRidge(ridge * noise, 90, TWO_LEVELS)
    with pytest.warns(LossOfDigits):
        lambdify(product, [ridge, noise])(1e-200, 1e-200)


# Digits.


def test_given_values_are_followed_as_arguments_are() -> None:
    fit = Downstream(1000, 1, samples ** Rational(-1, 2))
    problem = Problem(TWO_LEVELS, UniformTarget(1), (), fit)
    total = derive(problem).total
    in_digits = evaluate(total, problem, values={samples: 2000})
    in_doubles = lambdify(total, [samples], problem)(2000)
    assert abs(float(in_digits) / float(in_doubles) - 1) < 1e-12
    assert evaluate(ridge**2, problem, values={samples: 2000}, digits=4).text == "0.0005000"
    # A value may speak of what the problem states.
    assert evaluate(ridge, problem, values={ridge: 1 / dimension}, digits=4).text == "0.01250"


@pytest.mark.parametrize("power", [14, 30, 50])
def test_a_number_near_a_tie_is_rounded_to_its_side(power: int) -> None:
    trifle = Rational(1, 10**power)
    assert evaluate(Rational(5, 2) + trifle, digits=1).text == "3"
    assert evaluate(Rational(5, 2) - trifle, digits=1).text == "2"
    assert evaluate(Rational(7, 2) - trifle, digits=1).text == "3"
    assert evaluate(-Rational(5, 2) - trifle, digits=1).text == "-3"


def test_a_tie_is_accepted_on_either_side() -> None:
    for value, sides in ((Rational(5, 2), "23"), (Rational(1, 20), ("0.05",))):
        assert evaluate(value, digits=1).text in sides
    result = evaluate(Rational(15, 1000), digits=1)
    assert abs(Fraction(result.text) - Fraction(15, 1000)) <= Fraction(result.radius)


def test_only_plus_infinity_is_a_value() -> None:
    at = Problem(
        IsotropicSpectrum(20), UniformTarget(1), (Generation(20, 1),), Downstream(40, 1, "1/2")
    )
    error = derive(at)
    assert evaluate(error.total, at).is_infinite
    surplus = SurplusSamples(samples, SIGMA)
    square = Problem(TWO_LEVELS, UniformTarget(1), (), Downstream(80))
    cases: list[tuple[Expr, Problem | None, dict[Any, Any]]] = [
        (error.clean - error.total, at, {}),
        (-error.total, at, {}),
        (-1 / ridge, None, {ridge: 0}),
        (log(ridge), None, {ridge: 0}),
        (log(Integer(0)), None, {}),
        (1 - 1 / surplus, square, {}),
    ]
    for formula, problem, values in cases:
        with pytest.raises(Diverges) as caught:
            evaluate(formula, problem, values=values)
        assert str(caught.value).isprintable()
    assert evaluate(1 / ridge, values={ridge: 0}).is_infinite
    assert evaluate(1 / ridge - 7, values={ridge: 0}).is_infinite
    assert evaluate(1 / surplus - 1, square).is_infinite


# Refusals, in one line.


def refusal(act: Callable[[], Any]) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NotEvaluable) as caught:
            act()
    message = str(caught.value)
    assert message.isprintable()
    assert "give " in message
    return message


@pytest.mark.parametrize("arithmetic", ["double", "digits", "ball"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1, None, -1, [0.1, -0.1], "x", 1j])
def test_a_ridge_out_of_range_is_refused(arithmetic: Any, bad: Any) -> None:
    f = lambdify(TOTAL, [ridge], PROBLEM, arithmetic=arithmetic)
    assert "lambda" in refusal(lambda: f(bad))


@pytest.mark.parametrize("arithmetic", ["double", "digits", "ball"])
@pytest.mark.parametrize("bad", [0, -5])
def test_samples_out_of_range_are_refused(arithmetic: Any, bad: int) -> None:
    f = lambdify(TOTAL, [samples], PROBLEM, arithmetic=arithmetic)
    assert "T = " in refusal(lambda: f(bad))


def test_given_values_out_of_range_are_refused() -> None:
    for symbol, bad in ((ridge, -1), (samples, -5), (samples, 0), (noise, "-1/10")):
        message = refusal(lambda: evaluate(TOTAL, PROBLEM, values={symbol: bad}))  # noqa: B023
        assert f"{symbol} = {bad}" in message


def test_both_root_solvers_refuse_what_has_no_root() -> None:
    below = EffectiveRidge(ridge - 1, samples, TWO_LEVELS)
    few = EffectiveRidge(ridge, samples - 100, TWO_LEVELS)
    for formula in (below, few):
        for arithmetic in ("double", "digits", "ball"):
            f = lambdify(formula, [ridge, samples], arithmetic=arithmetic)
            refusal(lambda: f(0.5, 90))  # noqa: B023
        refusal(lambda: evaluate(formula, values={ridge: "1/2", samples: 90}))  # noqa: B023


@pytest.mark.parametrize("arguments", [ridge, "lambda", ["lambda"], [ridge + 1], [ridge, ridge], 3])
def test_arguments_that_are_no_list_of_symbols_are_refused(arguments: Any) -> None:
    assert "list of" in refusal(lambda: lambdify(TOTAL, arguments, PROBLEM))


def test_symbols_without_a_sign_take_any_number() -> None:
    f = lambdify(pi * generation_ridge, [generation_ridge])
    assert f(0) == 0


def test_a_formula_that_is_infinite_everywhere_is_refused_by_name() -> None:
    problem = Problem(
        LevelsSpectrum([4, 1], [3, 5]),
        UniformTarget(1),
        (Generation(9, 1),),
        Downstream(8, noise=1),
    )
    with pytest.raises(Diverges, match="ridge > 0"):
        lambdify(derive(problem).total, [noise], problem)
