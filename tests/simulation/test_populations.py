"""Populations are what the problem says, value by value, or a refusal that names the remedy."""

import math

import numpy as np
import pytest
from sympy import Integer, Rational, oo

from symcollapse.language import symbols
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import Downstream, Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
    covariance,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
    truth,
)
from symcollapse.simulation import coefficients_of, eigenvalues_of, population_of
from symcollapse.simulation.populations import number

ROUNDING = 1e-13
"""Relative; a power j^-β is off by β·ln(j)·2^-53 at most, which is 1e-14 here."""


@pytest.mark.parametrize(
    ("spectrum", "at"),
    [
        (IsotropicSpectrum(7, "5/2"), lambda _: 2.5),
        (PowerLawSpectrum(50, "3/2", 4), lambda j: 4 * j**-1.5),
        (ExponentialSpectrum(50, "1/4", 3), lambda j: 3 * math.exp(-j / 4)),
        (LevelsSpectrum([1, 9], [2, 3]), lambda j: [1, 1, 9, 9, 9][int(j) - 1]),
        (ExplicitSpectrum([3, "1/2", 8]), lambda j: [3, 0.5, 8][int(j) - 1]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_eigenvalues_follow_their_definition(spectrum: Spectrum, at: object) -> None:
    assert callable(at)
    expected = [at(j) for j in range(1, int(spectrum.dimension) + 1)]
    np.testing.assert_allclose(eigenvalues_of(spectrum), expected, rtol=ROUNDING)


def test_source_coefficients_follow_their_definition() -> None:
    spectrum = PowerLawSpectrum(60, "3/2")
    delta = 1 + 1.5 * (2 * 0.75 - 1)
    expected = [math.sqrt(5 * j**-delta) for j in range(1, 61)]
    values = coefficients_of(SourceTarget("3/4", 5), spectrum)
    np.testing.assert_allclose(values, expected, rtol=ROUNDING)


def test_uniform_coefficients_have_the_squared_norm() -> None:
    values = coefficients_of(UniformTarget(3), PowerLawSpectrum(40, 2))
    assert len(set(values.tolist())) == 1
    assert math.isclose(math.fsum(values**2), 3, rel_tol=ROUNDING)


def test_levels_share_the_energy_of_the_truth() -> None:
    spectrum = LevelsSpectrum([4, "1/3"], [2, 5])
    problem = Problem(spectrum, LevelsTarget([7, 11]), downstream=Downstream(20))
    population = population_of(problem)
    energies = population.eigenvalues * population.coefficients**2
    assert math.isclose(energies[:2].sum(), 7, rel_tol=ROUNDING)
    assert math.isclose(energies[2:].sum(), 11, rel_tol=ROUNDING)
    assert math.isclose(population.energy, 18, rel_tol=ROUNDING)
    assert len(set(energies[2:].tolist())) == 1


def test_isotropic_features_count_as_one_level() -> None:
    values = coefficients_of(LevelsTarget([6]), IsotropicSpectrum(3, 2))
    np.testing.assert_allclose(values, np.ones(3), rtol=ROUNDING)


def test_explicit_coefficients_go_level_by_level_with_their_signs() -> None:
    values = coefficients_of(ExplicitTarget([1, -2, 3]), LevelsSpectrum([5, 7], [1, 2]))
    assert values.tolist() == [1.0, -2.0, 3.0]


@pytest.mark.parametrize(
    ("spectrum", "says"),
    [
        (IsotropicSpectrum(symbols.dimension), "number for d"),
        (IsotropicSpectrum(20_001), "at most 20000"),
        (PowerLawSpectrum(oo, 2), "inf"),
        (PowerLawSpectrum(10, symbols.capacity), "number for beta"),
        (ExponentialSpectrum(2000, 1), "fewer features"),
        (ExplicitSpectrum([1, "1e400"]), "outside the range of doubles"),
        (covariance("Sigma", 5), "only its name"),
    ],
)
def test_spectra_that_cannot_be_drawn_are_refused(spectrum: Spectrum, says: str) -> None:
    with pytest.raises(NotEvaluable, match=says):
        eigenvalues_of(spectrum)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (truth(), "only its name"),
        (UniformTarget(symbols.squared_norm), "number for N"),
        (SourceTarget("1/1000", 10**300), None),
        (SourceTarget(symbols.source), "number for r"),
    ],
)
def test_targets_that_cannot_be_drawn_are_refused(target: Target, says: str | None) -> None:
    spectrum = PowerLawSpectrum(5, 2)
    if says is None:
        assert np.isfinite(coefficients_of(target, spectrum)).all()
        return
    with pytest.raises(NotEvaluable, match=says):
        coefficients_of(target, spectrum)


def test_coefficients_beyond_doubles_are_refused() -> None:
    with pytest.raises(NotEvaluable, match="smaller scale"):
        coefficients_of(SourceTarget("1/100"), PowerLawSpectrum(1000, 250))


@pytest.mark.parametrize("power", [400, 5000])
def test_a_huge_number_is_refused_in_a_short_line(power: int) -> None:
    with pytest.raises(NotEvaluable, match=rf"ridge = 1\.00000e\+{power}: outside the range"):
        number(Integer(10) ** power, "ridge")
    assert number(Rational(1, 10**power), "ridge") == 0
