"""Doubles state a bound of their error, and the certified ball holds them to it, corners included."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, Symbol

from symcollapse.evaluation import lambdify
from symcollapse.evaluation.certified_curves import enclose
from symcollapse.evaluation.doubles import DoubleEvaluator, points_as_doubles
from symcollapse.evaluation.rounded import Rounded
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.errors import (
    Diverges,
    LossOfDigits,
    NotEvaluable,
    PrecisionExhausted,
)
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    quadratic_form,
    spectral_trace,
)
from symcollapse.language.spectra import (
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import ridge, samples
from symcollapse.language.targets import UniformTarget
from tests.strategies import spectra, wide_spectra

SECOND_ORDER = 1.001
"""Bounds are first order in 2⁻⁵³; what they leave out is far below a thousandth of them."""


def formulas(spectrum: Spectrum) -> dict[str, Expr]:
    kappa = EffectiveRidge(ridge, samples, spectrum)
    residual = ResidualDegreesOfFreedom(samples, ridge, ridge, spectrum)
    target = UniformTarget(1)
    return {
        "kappa": kappa,
        "residual": residual,
        "df_1": DegreesOfFreedom(1, kappa, spectrum),
        "df_2": DegreesOfFreedom(2, kappa, spectrum),
        "bias": kappa**2 * quadratic_form(s / (s + kappa) ** 2, spectrum, target) / residual,
        "variance": DegreesOfFreedom(2, kappa, spectrum) / residual,
        "kernel": spectral_trace(s / (s + kappa) ** 2, spectrum),
    }


def in_doubles(formula: Expr, lam: float, size: float) -> Rounded:
    point: dict[Symbol, Rounded] = {
        ridge: points_as_doubles(np.array([lam])),
        samples: points_as_doubles(np.array([size])),
    }
    with np.errstate(all="ignore"):
        return DoubleEvaluator(point).evaluate(formula)


def true_value(formula: Expr, lam: float, size: float) -> Fraction:
    """Midpoint of a ball of 40 digits."""
    rule = {
        symbol: Rational(Fraction(value).numerator, Fraction(value).denominator)
        for symbol, value in ((ridge, lam), (samples, size))
    }
    ball = enclose(formula.xreplace(rule), 40)
    assert ball.is_zero() or ball.rel_accuracy_bits() > 120
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def assert_bound_holds(formula: Expr, lam: float, size: float, name: str = "") -> float:
    """The stated bound holds; returns its relative size."""
    rounded = in_doubles(formula, lam, size)
    value, error = float(rounded.value[0, 0]), float(rounded.error[0, 0])
    if not np.isfinite(value) or not np.isfinite(error):
        # No statement is made; lambdify warns of it.
        assert not error < np.inf or np.isnan(error), f"{name} = {value} ± {error}"
        return np.inf
    truth = true_value(formula, lam, size)
    distance = abs(Fraction(value) - truth)
    # 2⁻¹⁰²² is what an underflow may lose.
    allowed = Fraction(error) * Fraction(SECOND_ORDER) + Fraction(2) ** -1022
    assert distance <= allowed, (
        f"{name} at ridge {lam!r}, samples {size!r}: {value!r} ± {error!r}, true {float(truth)!r}"
    )
    return error / abs(value) if value else 0.0


lambdas = st.one_of(
    st.just(0.0),
    st.floats(-300, 10).map(lambda exponent: 10.0**exponent),
)
aspects = st.one_of(
    st.just(Fraction(1)),
    st.floats(-2, 2).map(lambda exponent: Fraction(10.0**exponent)),
)


def samples_for(spectrum: Spectrum, aspect: Fraction) -> float:
    return float(aspect * int(spectrum.dimension))


@given(wide_spectra(), lambdas, aspects)
@example(PowerLawSpectrum(200, "3/2"), 1e-12, Fraction(1))
@example(IsotropicSpectrum(10, 1), 1e-300, Fraction(1))
@example(ExponentialSpectrum(130, 4), 1e-200, Fraction(1, 2))
@example(LevelsSpectrum([Integer(10) ** 120, Rational(1, 10**120)], [5, 5]), 1e-30, Fraction(1))
def test_no_double_is_further_from_the_truth_than_it_says(
    spectrum: Spectrum, lam: float, aspect: Fraction
) -> None:
    size = samples_for(spectrum, aspect)
    for name, formula in formulas(spectrum).items():
        try:
            relative = assert_bound_holds(formula, lam, size, name)
        except (PrecisionExhausted, NotEvaluable, Diverges) as refusal:
            event(f"{name}: {type(refusal).__name__}")
        else:
            event(f"{name}: {'bounded' if relative < 1e-9 else 'loose'}")


@given(spectra(), st.floats(-12, 3), aspects)
def test_ordinary_points_are_never_refused_nor_loosely_bounded(
    spectrum: Spectrum, log_ridge: float, aspect: Fraction
) -> None:
    size = samples_for(spectrum, aspect)
    for name, formula in formulas(spectrum).items():
        relative = assert_bound_holds(formula, 10.0**log_ridge, size, name)
        # At T = d a small ridge costs no more than the conditioning, below 1e4 roundings here.
        assert relative < 1e-12, name


@given(spectra(), aspects)
def test_ridgeless_points_are_bounded_away_from_the_dimension(
    spectrum: Spectrum, aspect: Fraction
) -> None:
    size = samples_for(spectrum, aspect)
    assume(abs(size / int(spectrum.dimension) - 1) > 0.01)
    for name, formula in formulas(spectrum).items():
        assert assert_bound_holds(formula, 0.0, size, name) < 1e-11, name


def test_the_check_notices_a_bound_that_is_too_small() -> None:
    formula = formulas(PowerLawSpectrum(200, 4))["residual"]
    rounded = in_doubles(formula, 1e-14, 100.0)
    truth = true_value(formula, 1e-14, 100.0)
    error = float(rounded.error[0, 0])
    off = Fraction(float(rounded.value[0, 0])) + 3 * Fraction(error)
    assert abs(off - truth) > Fraction(error)


HARD = [
    *((PowerLawSpectrum(200, "3/2"), size, 1e-12) for size in (100, 200, 400)),
    (ExponentialSpectrum(200, "1/4"), 100, 1e-15),
    (PowerLawSpectrum(200, 4), 100, 1e-14),
]


@pytest.mark.parametrize(("spectrum", "size", "lam"), HARD)
@pytest.mark.parametrize("name", ["kappa", "residual", "bias", "variance", "df_2"])
def test_the_five_hard_spectra_are_right_to_1e_13(
    spectrum: Spectrum, size: int, lam: float, name: str
) -> None:
    formula = formulas(spectrum)[name]
    # A warning of lost digits would be an error here: pytest is set so.
    value = float(lambdify(formula, [ridge, samples])(lam, float(size)))
    assert abs(Fraction(value) / true_value(formula, lam, float(size)) - 1) < Fraction(1, 10**13)


def test_the_plain_difference_loses_digits_at_the_dimension_and_says_so() -> None:
    """The twin: T − df₂ written out fails the 1e-13 of the hard spectra, and its own bound catches it."""
    spectrum = PowerLawSpectrum(200, "3/2")
    plain = samples - DegreesOfFreedom(2, EffectiveRidge(ridge, samples, spectrum), spectrum)
    value = float(in_doubles(plain, 1e-14, 200.0).value[0, 0])
    assert abs(Fraction(value) / true_value(plain, 1e-14, 200.0) - 1) > Fraction(1, 10**13)
    assert assert_bound_holds(plain, 1e-14, 200.0) > 1e-12
    with pytest.warns(LossOfDigits):
        lambdify(plain, [ridge, samples])(1e-14, 200.0)
