"""Curves: arguments broadcast, chunks change nothing, lost digits are announced, and only they."""

import warnings
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Function, Rational

from symcollapse.evaluation import curves_in_doubles, evaluate, lambdify
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import LossOfDigits, NotEvaluable
from symcollapse.language.problems import SIGMA, Downstream, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.spectra import (
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
)
from symcollapse.language.symbols import (
    capacity,
    dimension,
    generation_noise,
    generator_symbols,
    noise,
    ridge,
    samples,
)
from symcollapse.language.targets import LevelsTarget, SourceTarget
from symcollapse.theory import test_error as derive

PROBLEM = Problem(
    PowerLawSpectrum(30, "3/2"),
    SourceTarget("3/8"),
    (Generation(50, "1/5", "1/30", repeat=2),),
    Downstream(40, "1/10", "1/100"),
)
TOTAL = derive(PROBLEM).total


def test_arguments_broadcast_as_numpy_does() -> None:
    f = lambdify(TOTAL, [ridge, samples], PROBLEM)
    lam, size = np.array([[0.1], [0.2], [0.3]]), np.array([20.0, 45.0])
    table = f(lam, size)
    assert table.shape == (3, 2)
    assert f(0.1, 20).shape == ()
    assert f([0.1, 0.2], 20).shape == (2,)
    assert f(np.zeros((0,)), 20).shape == (0,)
    for i in range(3):
        for k in range(2):
            assert table[i, k] == f(float(lam[i, 0]), float(size[k]))
    with pytest.raises(ValueError, match="broadcast"):
        f([1, 2], [1, 2, 3])
    with pytest.raises(TypeError, match="takes 2 arguments"):
        f(1)


@pytest.mark.parametrize("entries", [1, 31, 200, 2**21])
def test_chunks_give_the_identical_array(entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lam = np.logspace(-6, 1, 41).reshape(1, 41)
    size = np.array([[7.0], [30.0], [90.0]])
    whole = lambdify(TOTAL, [ridge, samples], PROBLEM)(lam, size)
    monkeypatch.setattr(curves_in_doubles, "ENTRIES_AT_ONCE", entries)
    assert np.array_equal(lambdify(TOTAL, [ridge, samples], PROBLEM)(lam, size), whole)


def test_a_ridge_given_by_the_samples_follows_them() -> None:
    problem = Problem(
        PowerLawSpectrum(30, 2), SourceTarget(1), (), Downstream(50, 1, samples ** Rational(-4, 5))
    )
    f = lambdify(derive(problem).total, [samples], problem)
    for size in (20, 80):
        other = Problem(
            problem.spectrum,
            problem.target,
            (),
            Downstream(size, 1, Rational(size) ** Rational(-4, 5)),
        )
        known = float(evaluate(derive(other).total, other))
        assert abs(float(f(size)) / known - 1) < 1e-13


def test_arguments_may_be_noises_and_exponents() -> None:
    sigma_0 = generator_symbols(0)[1]
    assert sigma_0 == generation_noise
    f = lambdify(TOTAL, [sigma_0, noise], PROBLEM)
    at_rest = float(f(0, 0))
    assert abs(float(f(0.2, 0.1)) - float(evaluate(TOTAL, PROBLEM))) < 1e-14
    # Quadratic in each noise, without a mixed term.
    assert abs((f(2, 0) - at_rest) / (f(1, 0) - at_rest) - 4) < 1e-12
    assert abs((f(2, 3) - f(2, 0)) - (f(0, 3) - at_rest)) < 1e-12
    abstract = Problem(
        PowerLawSpectrum(30, capacity), SourceTarget(1), (), Downstream(40, 1, "1/9")
    )
    g = lambdify(derive(abstract).total, [capacity], abstract)
    for beta in (Fraction(3, 2), Fraction(5, 2)):
        concrete = Problem(
            PowerLawSpectrum(30, beta), SourceTarget(1), (), Downstream(40, 1, "1/9")
        )
        known = float(evaluate(derive(concrete).total, concrete))
        assert abs(float(g(float(beta))) / known - 1) < 1e-13
    assert g([1.5, 2.5]).shape == (2,)


@given(
    st.floats(1e-6, 1e2),
    st.floats(1, 200).map(lambda size: round(size * 8) / 8),
)
@settings(max_examples=20)
def test_digits_balls_and_doubles_agree(lam: float, size: float) -> None:
    kinds: dict[str, Any] = {
        kind: lambdify(TOTAL, [ridge, samples], PROBLEM, arithmetic=kind, digits=30)
        for kind in ("double", "digits", "ball")
    }
    # Doubles at face value: no decimal in between.
    double, digits, ball = (kinds[kind](lam, size) for kind in ("double", "digits", "ball"))
    assert abs(float(double) / float(digits) - 1) < 1e-12
    with mpmath.workdps(40):
        middle = mpmath.mpf(ball.mid().str(40, radius=False))
        assert abs(digits / middle - 1) < mpmath.mpf(10) ** -29
    assert ball.rel_accuracy_bits() > 99


def test_object_arrays_come_from_the_other_arithmetics() -> None:
    f = lambdify(TOTAL, [ridge], PROBLEM, arithmetic="digits", digits=20)
    table = f([[Fraction(1, 10), "1/5"]])
    assert table.dtype == object
    assert table.shape == (1, 2)
    with mpmath.workdps(25):
        assert table[0, 1] == f("0.2")


def shared(first: Expr, second: Expr) -> Problem:
    return Problem(
        LevelsSpectrum([4, 1], [20, 30]),
        LevelsTarget([1, 1]),
        (Generation(80, 1, first), Generation(80, 1, second, design="shared")),
        Downstream(90, 1, "1/5"),
    )


def test_nearly_equal_ridges_on_one_design_announce_their_lost_digits() -> None:
    tenth = Rational(1, 10)
    near = shared(tenth, tenth + Rational(1, 10**12))
    with pytest.warns(LossOfDigits, match="arithmetic="):
        lambdify(derive(near).total, [], near)()
    # The digits are not lost for good: equal ridges are the limit.
    equal = shared(tenth, tenth)
    close = Fraction(evaluate(derive(near).total, near, digits=30).text)
    limit = Fraction(evaluate(derive(equal).total, equal, digits=30).text)
    assert 0 < abs(close / limit - 1) < Fraction(1, 10**11)


def test_ordinary_formulas_lose_nothing() -> None:
    tenth = Rational(1, 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for problem in (shared(tenth, tenth * 5), shared(tenth, tenth), PROBLEM):
            lambdify(derive(problem).total, [], problem)()
        lambdify(TOTAL, [ridge], PROBLEM)(np.logspace(-14, 4, 30))


def test_the_accepted_loss_is_the_caller_s() -> None:
    kappa = EffectiveRidge(ridge, samples, IsotropicSpectrum(10))
    f = lambdify(kappa, [ridge, samples], accepted=1e-17)
    with pytest.warns(LossOfDigits):
        f(1, 7)
    g = lambdify(1 - kappa, [ridge, samples], accepted=1.0)
    assert np.isfinite(g(1e-3, 7))


def test_infinite_and_undefined_points_are_announced() -> None:
    variance = derive(
        Problem(PowerLawSpectrum(20, 2), SourceTarget(1), (), Downstream(10, 1))
    ).variance
    problem = Problem(PowerLawSpectrum(20, 2), SourceTarget(1), (), Downstream(10, 1))
    f = lambdify(variance, [samples], problem)
    with pytest.warns(LossOfDigits):
        assert not np.isfinite(f(20.0)) or f(20.0) > 1e12


def test_what_cannot_be_a_function_is_refused_by_name() -> None:
    kappa = EffectiveRidge(ridge, samples, SIGMA)
    with pytest.raises(NotEvaluable, match="Sigma is abstract"):
        lambdify(kappa, [ridge, samples, dimension])
    with pytest.raises(NotEvaluable, match="no value for"):
        lambdify(TOTAL, [ridge])
    with pytest.raises(NotEvaluable, match="does not occur"):
        lambdify(TOTAL, [capacity], PROBLEM)
    with pytest.raises(NotEvaluable, match="arithmetic"):
        lambdify(TOTAL, [ridge], PROBLEM, arithmetic="float")  # type: ignore[arg-type]
    with pytest.raises(NotEvaluable, match="unheard"):
        lambdify(Function("unheard")(ridge), [ridge])(1)
    with pytest.raises(NotEvaluable, match="dimension"):
        lambdify(DegreesOfFreedom(1, ridge, PowerLawSpectrum(dimension, 2)), [ridge, dimension])
    by_size = lambdify(
        DegreesOfFreedom(1, ridge, PowerLawSpectrum(dimension, 2)),
        [ridge, dimension],
        arithmetic="digits",
        digits=10,
    )
    assert float(by_size(1, 1)) == 0.5


def test_the_dimension_of_isotropic_data_may_be_an_argument_in_digits() -> None:
    kappa = EffectiveRidge(ridge, samples, IsotropicSpectrum(dimension))
    f = lambdify(kappa, [ridge, samples, dimension], arithmetic="digits", digits=20)
    assert abs(float(f(1, 300, 300)) - 1.618033988749895) < 1e-15
