"""Spectra of networks with a random first layer, and the errors that the theory gives for them."""

from functools import partial

import numpy as np
import pytest
from sympy import Rational

from symcollapse.evaluation import lambdify
from symcollapse.experiments import feature_spectra
from symcollapse.experiments.feature_spectra import layer_spectrum, network_errors
from symcollapse.experiments.kernel_spectra import (
    KernelSpectrum,
    halved,
    resolved_directions,
    spectrum_of_gram,
)
from symcollapse.experiments.population_spectra import population_spectrum
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation import kernel_functions
from symcollapse.simulation.feature_networks import (
    FirstLayer,
    FirstLayers,
    LabelledImages,
    NetworkChain,
    draw_first_layer,
    simulate_network_chain,
)
from symcollapse.simulation.kernel_functions import ArcCosineKernel
from symcollapse.theory import test_error as error_of


def test_arc_cosine_kernel_is_the_mean_over_first_layers() -> None:
    generator = np.random.default_rng(1)
    images = generator.standard_normal((6, 4))
    products = []
    for _ in range(40):
        features = draw_first_layer(generator, 500, 4).features(images)
        products.append(features @ features.T)
    mean, error = np.mean(products, axis=0), np.std(products, axis=0, ddof=1) / np.sqrt(40)
    # Five standard errors of a mean of 40: at 21 entries, a chance of some 10⁻⁴ that the seed decides.
    assert (np.abs(mean - ArcCosineKernel().matrix(images)) < 5 * error).all()
    # Control: the linear kernel of the same size on the diagonal is far outside.
    assert (np.abs(mean - images @ images.T / 2) > 5 * error).any()


def test_kernel_in_blocks_and_at_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.vstack([np.zeros(3), np.random.default_rng(2).standard_normal((8, 3))])
    whole = ArcCosineKernel().matrix(images)
    monkeypatch.setattr(kernel_functions, "BLOCK_ROWS", 2)
    # The same products, summed in another order in blocks; rounding errors of the cosine near 1 have a root taken.
    assert np.allclose(whole, ArcCosineKernel().matrix(images), rtol=0, atol=1e-14)
    assert np.allclose(whole, ArcCosineKernel().matrix(images, images), rtol=0, atol=1e-14)
    assert (whole == whole.T).all()
    assert (whole[0] == 0).all()
    # By definition, on the diagonal: E max(0, w·x)² is half of ‖x‖². Rounding errors.
    assert np.allclose(whole.diagonal(), np.square(images).sum(axis=1) / 2, rtol=1e-14)


@pytest.mark.parametrize("width", [8, 50], ids=["fewer features than images", "more"])
def test_spectrum_of_a_layer_is_that_of_its_gram_matrix(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(3)
    images, target = generator.standard_normal((30, 6)), generator.standard_normal(30)
    layer = draw_first_layer(generator, width, 6)
    features = layer.features(images)
    monkeypatch.setattr(feature_spectra, "BLOCK", 100)
    found = layer_spectrum(layer, images, target)
    other = spectrum_of_gram(features @ features.T, target)
    # Rounding errors, relative to the largest eigenvalue and to the energy of the target.
    shared = min(width, 30)
    assert np.allclose(found.eigenvalues[:shared], other.eigenvalues[:shared], rtol=1e-9)
    assert np.allclose(found.energies[:shared], other.energies[:shared], atol=1e-9)
    # By definition: what least squares leaves is in the directions beyond, whose eigenvalues are next to none.
    left = np.square(target - features @ np.linalg.lstsq(features, target)[0]).mean()
    for spectrum in (found, other):
        assert np.isclose(spectrum.energies[shared:].sum(), left, atol=1e-9)
        assert (spectrum.eigenvalues[shared:] < 1e-13 * spectrum.eigenvalues[0]).all()
    assert (left > 0.1) == (width == 8)


@pytest.mark.parametrize(("features", "generations"), [(7, 0), (None, 2)])
def test_errors_are_those_of_the_formula(features: int | None, generations: int) -> None:
    """Another route to the same number: the derived formula, of one fit on random features and of a chain without."""
    variances = [Rational(1, j) for j in range(1, 11)]
    energies = np.array([float(value) for value in variances])
    spectrum = KernelSpectrum(energies, energies, 1000)
    noise, ridge = Rational(1, 2), Rational(1, 10)
    problem = Problem(
        ExplicitSpectrum(variances),
        ExplicitTarget([1] * 10),
        (Generation(15, noise, ridge, repeat=generations),),
        Downstream(15, noise, ridge, features=features),
    )
    formula = float(lambdify(error_of(problem).total, [], problem)())
    found = network_errors(spectrum, 15, 0.1, 0.5, generations, features)
    assert len(found) == generations + 1
    # Rounding errors of doubles, those of 1/10 and of roots among them.
    assert np.isclose(found[-1], formula, rtol=1e-10)
    # Control: noise of variance 1/2, not of deviation 1/2.
    louder = network_errors(spectrum, 15, 0.1, 0.5**0.5, generations, features)[-1]
    assert not np.isclose(louder, formula, rtol=0.01)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("width", [100, 300])
def test_population_behind_a_layer(width: int) -> None:
    """From parts of 400 images, and from all 8000: what few images do to the spectrum of their own is undone."""
    generator = np.random.default_rng(6)
    images = generator.standard_normal((8000, 30)) / np.sqrt(np.arange(1.0, 31))
    target = np.sign(images[:, 0] + images[:, 1] * images[:, 2])
    layer = draw_first_layer(generator, width, 30)

    def errors(spectrum: KernelSpectrum) -> np.ndarray:
        return np.array(network_errors(spectrum, 160, 0.001, 0.5, 3))

    true, ratios = errors(layer_spectrum(layer, images, target)), []
    for start in range(0, 8000, 400):
        part = slice(start, start + 400)
        few, halves = halved(partial(layer_spectrum, layer), images[part], target[part])
        population = population_spectrum(few, min(resolved_directions(few, halves), width))
        ratios.append((errors(population) / true, errors(few) / true))
    behind, taken = np.mean(ratios, axis=0)
    # One draw of 400 has an error of 6 %, the mean of twenty 1.4 %, and the fit leaves up to 4 %.
    assert np.abs(behind - 1).max() < 0.07, behind
    # Control: the spectrum of the 400 as it is.
    assert taken.min() < 0.85, taken


@pytest.mark.monte_carlo
@pytest.mark.parametrize("first_layers", ["shared", "fresh"])
def test_errors_are_those_of_chains_on_gaussian_images(first_layers: FirstLayers) -> None:
    """The target has a part that no linear network can say: noise to the first fit, a floor to all."""
    trials, samples, ridge, noise, width = 60, 160, 0.01, 0.2, 50
    variances = 1 / np.arange(1.0, 41)
    images = np.random.default_rng(4).standard_normal((8000, 40)) * np.sqrt(variances)
    target = images[:, :5].sum(axis=1) + images[:, 0] * images[:, 1]
    data = LabelledImages(images, target)
    chain = NetworkChain(width, samples, ridge, noise, 2, first_layers, "identity")
    draws, theories, without = [], [], []
    whole = FirstLayer(np.sqrt(40) * np.eye(40), "identity")
    own: list[int | None] = [None] * trials if first_layers == "shared" else [width]
    for trial in range(trials):
        draws.append(simulate_network_chain(chain, data, data, np.random.default_rng((5, trial))))
    for trial, features in enumerate(own):
        # A chain draws its first layer first: of one for all fits, the theory is that of the layer it has.
        drawn = draw_first_layer(np.random.default_rng((5, trial)), width, 40, "identity")
        spectrum = layer_spectrum(whole if features else drawn, images, target)
        theories.append(network_errors(spectrum, samples, ridge, noise, 2, features))
        silent = KernelSpectrum(spectrum.eigenvalues[:-1], spectrum.energies[:-1], spectrum.images)
        # Control: that part as a floor only, and no noise to the first fit.
        floor = spectrum.energies[-1]
        without.append(floor + np.array(network_errors(silent, samples, ridge, noise, 2, features)))
    mean, error = np.mean(draws, axis=0), np.std(draws, axis=0, ddof=1) / np.sqrt(trials)
    theory = np.mean(theories, axis=0)
    # Four standard errors, and 3 % for finite sizes and for a product that is not independent of its factors.
    assert (np.abs(mean - theory) < 4 * error + 0.03 * theory).all(), mean / theory
    assert (np.abs(mean - np.mean(without, axis=0)) > 4 * error + 0.03 * theory).any()
