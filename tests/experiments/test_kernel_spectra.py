"""Spectra from Gram matrices of Gaussian data with a known law, and the population behind them."""

from dataclasses import replace

import numpy as np
import pytest
from mpmath import zeta

from symcollapse.evaluation import evaluate
from symcollapse.experiments.kernel_spectra import (
    KernelSpectrum,
    halved_spectra,
    kernel_spectrum,
    measured_power_law,
    resolved_directions,
)
from symcollapse.experiments.population_spectra import population_spectrum
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Downstream, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.simulation.kernel_functions import PolynomialKernel, RadialKernel
from symcollapse.theory import test_error as error_of

LINEAR = PolynomialKernel(1, 1.0, 0.0)
CAPACITY, SOURCE, FEATURES, IMAGES = 1.2, 0.3, 3000, 1000
"""The energy beyond 3000 directions is 1 % of that beyond the 60 that are fitted."""
j = np.arange(1.0, FEATURES + 1)


@pytest.fixture(scope="module")
def spectra() -> tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]]:
    """Of Gaussian data with β = 1.2, r = 0.3 in 3000 directions."""
    generator = np.random.default_rng(4)
    X = generator.standard_normal((IMAGES, FEATURES)) * j ** (-CAPACITY / 2)
    decay = 1 + CAPACITY * (2 * SOURCE - 1)
    return halved_spectra(LINEAR, X, X @ j ** (-decay / 2))


def expected(samples: int, ridge: str) -> float:
    """Test error for the law itself."""
    problem = Problem(
        PowerLawSpectrum(FEATURES, "6/5"),
        SourceTarget("3/10"),
        downstream=Downstream(samples, noise=1, ridge=ridge),
    )
    return float(evaluate(error_of(problem).total, problem, digits=8))


def predicted(found: KernelSpectrum, samples: int, ridge: str) -> float:
    problem = Problem(
        found.spectrum, found.target, downstream=Downstream(samples, noise=1, ridge=ridge)
    )
    return float(evaluate(error_of(problem).total, problem, digits=8))


def test_the_parts_add_up_to_the_whole() -> None:
    generator = np.random.default_rng(2)
    X, f = generator.standard_normal((40, 6)), generator.standard_normal(40)
    found = kernel_spectrum(RadialKernel(0.1), X, f)
    # Rounding, in sums of forty.
    assert found.eigenvalues.sum() == pytest.approx(1, rel=1e-12)
    assert found.energy == pytest.approx(np.square(f).mean(), rel=1e-12)
    assert (np.diff(found.eigenvalues) <= 0).all()
    quotient = f @ np.linalg.solve(RadialKernel(0.1).matrix(X) / 40 + 0.01 * np.eye(40), f) / 40
    assert (found.energies / (found.eigenvalues + 0.01)).sum() == pytest.approx(quotient, rel=1e-12)
    assert found.target.squares[0] * found.spectrum.eigenvalues[0] == pytest.approx(
        found.energies[0], rel=1e-12
    )


def test_gaussian_data_of_a_power_law_give_its_exponents(
    spectra: tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]],
) -> None:
    law = measured_power_law(*spectra, first=4, last=60)
    # Errors by range, by the draw of images and by their number together; three of them.
    assert abs(law.fit.capacity - CAPACITY) < 3 * law.capacity_error
    assert abs(law.fit.source - SOURCE) < 3 * law.source_error
    assert law.capacity_error < 0.1
    assert law.source_error < 0.06
    # Another law is refused by the same errors.
    assert abs(law.fit.capacity - 1.65) > 3 * law.capacity_error


@pytest.mark.monte_carlo
@pytest.mark.parametrize(("capacity", "source"), [(1.65, 0.1), (2.0, 0.5)])
def test_errors_of_the_exponents_hold_the_truth(capacity: float, source: float) -> None:
    sets, images, features = 12, 500, 1500
    k = np.arange(1.0, features + 1)
    tail = float(zeta(1 + 2 * capacity * source)) - (k ** (-1 - 2 * capacity * source)).sum()
    scores = []
    for number in range(sets):
        generator = np.random.default_rng((9, number))
        X = generator.standard_normal((images, features)) * k ** (-capacity / 2)
        target = X @ k ** (-(1 + capacity * (2 * source - 1)) / 2)
        # What lies beyond the features, in directions of no size.
        target += np.sqrt(tail) * generator.standard_normal(images)
        law = measured_power_law(*halved_spectra(LINEAR, X, target), first=4, last=50)
        scores.append(
            (
                abs(law.fit.capacity - capacity) / law.capacity_error,
                abs(law.fit.source - source) / law.source_error,
                abs(law.fit.capacity - capacity - 0.3) / law.capacity_error,
            )
        )
    own = np.array(scores)
    # Errors are rough, but neither far too small nor without meaning: of twelve sets two at most are beyond twice the
    # error, and half are within it; another law is beyond three times the error in all but two.
    assert ((own[:, :2] > 2).sum(axis=0) <= 2).all(), own
    assert ((own[:, :2] < 1).sum(axis=0) >= 6).all(), own
    assert (own[:, 2] < 3).sum() <= 2, own


def test_directions_are_resolved_as_far_as_halves_agree(
    spectra: tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]],
) -> None:
    whole, halves = spectra
    assert 0 < resolved_directions(whole, halves) < IMAGES / 4
    assert resolved_directions(whole, [whole, whole]) == IMAGES
    other = replace(whole, eigenvalues=1.2 * whole.eigenvalues)
    assert resolved_directions(whole, [whole, other]) == 0
    with pytest.raises(InvalidProblem, match="directions are resolved by 1000 images"):
        measured_power_law(*spectra, first=50)


@pytest.mark.parametrize(("samples", "ridge"), [(200, "1/100"), (500, "1/10000"), (800, "1/10000")])
def test_the_population_behind_a_gram_matrix_predicts_test_errors(
    spectra: tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]],
    samples: int,
    ridge: str,
) -> None:
    whole, halves = spectra
    population = population_spectrum(whole, resolved_directions(whole, halves))
    exact = expected(samples, ridge)
    # One draw of 1000 images: their energies have a relative error of some 1/√1000, twice.
    assert abs(predicted(population, samples, ridge) / exact - 1) < 0.06
    # The Gram matrix taken at its word is off by more than three times that, the more the nearer T is to N.
    if samples >= 500:
        assert predicted(whole, samples, ridge) / exact > 1.2


def test_the_population_keeps_energy_and_trace(
    spectra: tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]],
) -> None:
    whole, halves = spectra
    population = population_spectrum(whole, resolved_directions(whole, halves))
    # Both are read at ridges far above the spectrum; the fit is to relative errors of some percent.
    assert population.energy == pytest.approx(whole.energy, rel=0.03)
    assert population.eigenvalues.sum() == pytest.approx(whole.eigenvalues.sum(), rel=0.03)
    assert len(population.eigenvalues) > IMAGES
    assert whole.energy == pytest.approx(float(zeta(1 + 2 * CAPACITY * SOURCE)), rel=0.15)
