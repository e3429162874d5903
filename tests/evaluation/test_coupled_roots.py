"""Coupled effective ridges: doubles, balls, and what is known about them otherwise."""

from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.evaluation.balls import BallEvaluator, exact_ball
from symcollapse.evaluation.coupled_roots_in_balls import certified
from symcollapse.evaluation.doubles import DoubleEvaluator
from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.coupled_ridges import CoupledRidge, CoupledSystem
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted
from symcollapse.language.joint_spectra import joint_spectrum
from symcollapse.language.quantities import DegreesOfFreedom, SpectralTrace
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
    covariance,
)
from symcollapse.language.symbols import dimension, effective, nonnegative_symbol, ridge

ONE, TWO = nonnegative_symbol("kappa_1"), nonnegative_symbol("kappa_2")
SIGMAS = covariance("Sigma_1", dimension), covariance("Sigma_2", dimension)
JOINT = joint_spectrum(SIGMAS)
A, B = JOINT.variables


def pooled(spectra: tuple[Spectrum, Spectrum], sizes: tuple[int, int], lam: Any) -> CoupledSystem:
    """Equations of (X₁ᵀX₁/T + X₂ᵀX₂/T + λ)⁻¹ with T = T₁ + T₂."""
    joint = JOINT.xreplace(dict(zip(SIGMAS, spectra, strict=True)))
    total = sum(sizes)
    return CoupledSystem(
        [ONE, TWO],
        [
            kappa
            - lam * total / size
            - SpectralTrace(s / (1 + A / ONE + B / TWO), joint) / Integer(size)
            for kappa, size, s in zip((ONE, TWO), sizes, (A, B), strict=True)
        ],
    )


def random_features(spectrum: Spectrum, size: Any, width: Any, lam: Any) -> CoupledSystem:
    degrees = DegreesOfFreedom(1, effective, spectrum)
    equation = effective * (1 - degrees / width) * (1 - degrees / size) - lam
    return CoupledSystem([effective], [equation], [width - degrees, size - degrees])


def in_doubles(node: Expr) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        rounded = DoubleEvaluator({}).evaluate(node)
    return float(rounded.value[0, 0]), float(rounded.error[0, 0])


def check(system: CoupledSystem) -> None:
    """Doubles lie within their bound of the ball, and balls of two precisions overlap."""
    for node in system.ridges():
        wide, narrow = ball_at(node, 200), ball_at(node, 400)
        assert wide is not None
        assert narrow is not None
        with ctx.workprec(400):
            assert wide.contains(narrow)
            assert narrow.rel_accuracy_bits() > wide.rel_accuracy_bits() + 150
            value, error = in_doubles(node)
            assert abs(arb(value) - narrow) <= arb(error)


SPECTRA = st.one_of(
    st.builds(PowerLawSpectrum, st.just(24), st.sampled_from(["1/2", "3/2", 3])),
    st.builds(
        lambda values: LevelsSpectrum(values, [4, 12, 8]),
        st.lists(st.integers(1, 1000), min_size=3, max_size=3, unique=True),
    ),
    st.builds(IsotropicSpectrum, st.just(24), st.integers(1, 9)),
    st.builds(ExponentialSpectrum, st.just(24), st.sampled_from(["1/4", "1/2"])),
)
RIDGES = st.builds(
    lambda mantissa, exponent: mantissa * Rational(10) ** exponent,
    st.integers(1, 9),
    st.integers(-12, 4),
)
SIZES = st.integers(2, 100)


@settings(max_examples=25, deadline=None)
@given(SPECTRA, SPECTRA, SIZES, SIZES, RIDGES)
def test_pooled_data_in_all_arithmetics(
    first: Spectrum, second: Spectrum, one: int, two: int, lam: Expr
) -> None:
    check(pooled((first, second), (one, two), lam))


@settings(max_examples=25, deadline=None)
@given(SPECTRA, SIZES, SIZES, RIDGES)
def test_random_features_in_all_arithmetics(
    spectrum: Spectrum, size: int, width: int, lam: Expr
) -> None:
    check(random_features(spectrum, Integer(size), Integer(width), lam))


@settings(max_examples=25, deadline=None)
@given(SPECTRA, SIZES, SIZES, RIDGES)
def test_pooled_data_of_one_covariance_are_one_data_set(
    spectrum: Spectrum, one: int, two: int, lam: Expr
) -> None:
    system = pooled((spectrum, spectrum), (one, two), lam)
    kappa = ball_at(EffectiveRidge(lam, one + two, spectrum), 200)
    first, second = (ball_at(node, 200) for node in system.ridges())
    with ctx.workprec(200):
        parallel = 1 / (1 / first + 1 / second)
        assert parallel.overlaps(kappa)
        assert parallel.rel_accuracy_bits() > 60
        assert (first * one).overlaps(kappa * (one + two))
        # Of other sizes it is another one.
        assume(lam < 1)
        assert not first.overlaps(kappa)


def test_random_features_of_great_width_are_no_features() -> None:
    spectrum = PowerLawSpectrum(50, 2)
    plain = ball_at(EffectiveRidge(Rational(1, 100), 30, spectrum), 200)
    distances = []
    for width in (10**3, 10**6, 10**60):
        system = random_features(spectrum, Integer(30), Integer(width), Rational(1, 100))
        kappa = ball_at(system.ridges()[0], 200)
        distances.append(float(abs(kappa / plain - 1)))
    assert distances[0] > 1e-3
    assert distances[1] < distances[0] / 500
    assert distances[2] < 1e-50


def test_ridgeless_where_a_positive_solution_exists() -> None:
    spectra = PowerLawSpectrum(40, 1), LevelsSpectrum([5, 1], [10, 30])
    check(pooled(spectra, (10, 15), Integer(0)))
    with pytest.raises(PrecisionExhausted, match=r"no positive solution.*take a ridge > 0"):
        in_doubles(pooled(spectra, (30, 30), Integer(0)).ridges()[0])
    with pytest.raises(NotEvaluable, match="take a ridge > 0"):
        evaluate(pooled(spectra, (30, 30), Integer(0)).ridges()[0])


def test_explicit_spectra_of_far_scales() -> None:
    first = ExplicitSpectrum([Rational(10) ** -k for k in range(12)])
    second = ExplicitSpectrum([Rational(10) ** (k - 11) for k in range(12)])
    for sizes in ((3, 9), (6, 6), (1, 2), (40, 1)):
        check(pooled((first, second), sizes, Rational(1, 10**9)))
        # The order matters: aligned spectra have other ridges.
        apart = in_doubles(pooled((first, second), sizes, Rational(1, 10**9)).ridges()[0])[0]
        aligned = in_doubles(pooled((first, first), sizes, Rational(1, 10**9)).ridges()[0])[0]
        assert apart != pytest.approx(aligned, rel=1e-3)


def test_whole_curves() -> None:
    spectra = PowerLawSpectrum(30, 2), ExponentialSpectrum(30, "1/3")
    node = CoupledRidge(pooled(spectra, (20, 25), ridge), 1)
    lambdas = np.geomspace(1e-6, 1e3, 7)
    curve = lambdify(node, [ridge])(lambdas)
    assert np.all(np.diff(curve) > 0)
    for lam, value in zip(lambdas, curve, strict=True):
        assert lambdify(node, [ridge], arithmetic="digits", digits=30)(lam) == pytest.approx(
            value, rel=1e-12
        )


def test_a_formula_of_ridges_evaluates() -> None:
    spectra = PowerLawSpectrum(30, 2), PowerLawSpectrum(30, 1)
    first, second = pooled(spectra, (20, 25), Rational(1, 10)).ridges()
    joint = JOINT.xreplace(dict(zip(SIGMAS, spectra, strict=True)))
    left = first - Rational(45, 200) - SpectralTrace(A / (1 + A / first + B / second), joint) / 20
    with ctx.workprec(200):
        ball = BallEvaluator({}).evaluate(left)
    assert ball.contains(0)
    assert abs(ball) < 1e-50


@pytest.mark.parametrize("position", [0, 1])
def test_derivatives_are_difference_quotients(position: int) -> None:
    spectra = PowerLawSpectrum(20, 2), LevelsSpectrum([3, 1], [5, 15])
    at, step = Rational(1, 7), Rational(1, 10**30)
    node = CoupledRidge(pooled(spectra, (9, 13), ridge), position)

    def number(formula: Expr, lam: Rational) -> Any:
        return evaluate(formula, digits=80, values={ridge: lam}).mpf

    with mpmath.workdps(90):
        quotient = (number(node, at + step) - number(node, at - step)) / (2 * mpmath.mpf(10) ** -30)
        assert abs(number(node.diff(ridge), at) / quotient - 1) < 1e-40


# What is no solution is no result.


def test_a_root_outside_the_conditions_is_refused() -> None:
    system = random_features(IsotropicSpectrum(100), Integer(60), Integer(50), Rational(1, 100))
    bare = CoupledSystem(system.unknowns, system.equations)
    with ctx.workprec(120):
        at = BallEvaluator({}).extended
        # κ(1 − d/((1+κ)m))(1 − d/((1+κ)T)) − λ has a second root, below the one where df₁(κ) = m.
        wrong = _root_between(system, Rational(1, 1000), Rational(1, 5))
        (other,) = certified(bare, at, [wrong])
        assert other.contains(wrong) or abs(other - wrong) < 1e-10
        with pytest.raises(NotEvaluable, match="where the conditions fail"):
            certified(system, at, [wrong])
    right = in_doubles(system.ridges()[0])[0]
    assert right > 1
    assert float(other) < 1


def _root_between(system: CoupledSystem, low: Rational, high: Rational) -> Any:
    def sign(kappa: Any) -> bool:
        point = BallEvaluator({}).extended({effective: kappa})
        return bool(point.evaluate(system.equations[0]) > 0)

    a, b = exact_ball(low), exact_ball(high)
    assert sign(a) != sign(b)
    for _ in range(100):
        middle = ((a + b) / 2).mid()
        a, b = (middle, b) if sign(middle) == sign(a) else (a, middle)
    return a


def test_a_perturbed_point_is_not_certified() -> None:
    system = pooled((PowerLawSpectrum(20, 2), PowerLawSpectrum(20, 1)), (9, 13), Rational(1, 7))
    with ctx.workprec(120):
        at = BallEvaluator({}).extended
        kappas = BallEvaluator({}).solve(system)
        middle = [kappa.mid() for kappa in kappas]
        for place in (0, 1):
            shifted = list(middle)
            shifted[place] = shifted[place] * (1 + arb(2) ** -3)
            try:
                found = certified(system, at, shifted)
            except PrecisionExhausted:
                continue
            # A wide box may still hold it; then it is the true solution that is enclosed.
            assert all(ball.contains(kappa) for ball, kappa in zip(found, kappas, strict=True))
        with pytest.raises(PrecisionExhausted):
            certified(system, at, [7 * kappa for kappa in middle])


def test_equations_without_a_solution_are_refused() -> None:
    never = CoupledSystem([ONE], [ONE + 1])
    with pytest.raises(NotEvaluable, match="no positive solution"):
        in_doubles(never.ridges()[0])
    failing = CoupledSystem([ONE], [ONE - 1], [ONE - 2])
    for number in (in_doubles, evaluate):
        with pytest.raises((NotEvaluable, PrecisionExhausted)):
            number(failing.ridges()[0])
    contradictory = CoupledSystem([ONE], [ONE - 1], [2 - ONE])
    with pytest.raises(NotEvaluable, match="conditions fail for large ridges"):
        in_doubles(contradictory.ridges()[0])
    twice = CoupledSystem([ONE, TWO], [ONE + TWO - 3, 2 * ONE + 2 * TWO - 6])
    with pytest.raises(PrecisionExhausted, match=r"degenerate|settle"):
        in_doubles(twice.ridges()[0])
