"""Spectra of networks with a random first layer, and the errors that the theory gives for them."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, sqrt

from symcollapse.evaluation import lambdify
from symcollapse.experiments import feature_spectra
from symcollapse.experiments.feature_spectra import (
    FeatureSpectrum,
    arc_cosine_kernel,
    spectrum_of_gram,
    spectrum_of_layer,
)
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation.feature_networks import (
    FirstLayer,
    FirstLayers,
    LabelledImages,
    NetworkChain,
    draw_first_layer,
    simulate_network_chain,
)
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
    assert (np.abs(mean - arc_cosine_kernel(images)) < 5 * error).all()
    # Control: the linear kernel of the same size on the diagonal is far outside.
    assert (np.abs(mean - images @ images.T / 2) > 5 * error).any()


def test_kernel_in_blocks_and_at_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.vstack([np.zeros(3), np.random.default_rng(2).standard_normal((8, 3))])
    whole = arc_cosine_kernel(images)
    monkeypatch.setattr(feature_spectra, "BLOCK", 20)
    # The same operations on rows of their own.
    assert np.array_equal(whole, arc_cosine_kernel(images))
    assert (whole[0] == 0).all()


@pytest.mark.parametrize("width", [8, 50], ids=["fewer features than images", "more"])
def test_spectrum_of_a_layer_is_that_of_its_gram_matrix(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(3)
    images, labels = generator.standard_normal((30, 6)), generator.standard_normal((30, 2))
    layer = draw_first_layer(generator, width, 6)
    features = layer.features(images)
    monkeypatch.setattr(feature_spectra, "BLOCK", 100)
    found = spectrum_of_layer(layer, images, labels)
    other = spectrum_of_gram(features @ features.T, labels)
    # Rounding errors, relative to the largest eigenvalue and to the energy of the target; the Gram matrix of few
    # features has eigenvalues that are rounding errors, which are cut off at 1e-12 of the largest.
    assert found.eigenvalues.shape == other.eigenvalues.shape
    assert np.allclose(found.eigenvalues, other.eigenvalues, rtol=1e-9)
    assert np.allclose(found.energies, other.energies, atol=1e-9)
    assert np.isclose(found.residual, other.residual, atol=1e-9)
    # By definition: what least squares leaves.
    left = labels - features @ np.linalg.lstsq(features, labels)[0]
    assert np.isclose(found.residual, (left**2).sum(axis=1).mean(), atol=1e-9)
    assert (found.residual > 0.1) == (width == 8)


@pytest.mark.parametrize(("features", "generations"), [(7, 0), (None, 2)])
def test_errors_are_those_of_the_formula(features: int | None, generations: int) -> None:
    """Another route to the same number: the derived formula, of one fit on random features and of a chain without."""
    variances = [Rational(1, j) for j in range(1, 11)]
    energies = np.array([float(value) for value in variances])
    spectrum = FeatureSpectrum(energies, energies, 0.0, labels=2)
    # Two labels with noise 1/2 each are one with twice the variance.
    noise, ridge = sqrt(Rational(1, 2)), Rational(1, 10)
    problem = Problem(
        ExplicitSpectrum(variances),
        ExplicitTarget([1] * 10),
        (Generation(15, noise, ridge, repeat=generations),),
        Downstream(15, noise, ridge, features=features),
    )
    formula = float(lambdify(error_of(problem).total, [], problem)())
    found = spectrum.errors(15, 0.1, 0.5, generations, features)[-1]
    # Rounding errors of doubles, those of 1/10 and of roots among them.
    assert np.isclose(found, formula, rtol=1e-10)
    # Control: one label has half the noise.
    single = replace(spectrum, labels=1).errors(15, 0.1, 0.5, generations, features)[-1]
    assert not np.isclose(single, formula, rtol=0.01)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("first_layers", ["shared", "fresh"])
def test_errors_are_those_of_chains_on_gaussian_images(first_layers: FirstLayers) -> None:
    """Two labels, one of them with a part that no linear network can say: noise to the first fit, a floor to all."""
    trials, samples, ridge, noise, width = 60, 160, 0.01, 0.2, 50
    variances = 1 / np.arange(1.0, 41)
    images = np.random.default_rng(4).standard_normal((8000, 40)) * np.sqrt(variances)
    labels = np.stack([images[:, :5].sum(axis=1), images[:, 0] * images[:, 1]], axis=1)
    data = LabelledImages(images, labels)
    chain = NetworkChain(width, samples, ridge, noise, 2, first_layers, "identity")
    draws, theories, without = [], [], []
    whole = FirstLayer(np.sqrt(40) * np.eye(40), "identity")
    own: list[int | None] = [None] * trials if first_layers == "shared" else [width]
    for trial in range(trials):
        draws.append(simulate_network_chain(chain, data, data, np.random.default_rng((5, trial))))
    for trial, features in enumerate(own):
        # A chain draws its first layer first: of one for all fits, the theory is that of the layer it has.
        drawn = draw_first_layer(np.random.default_rng((5, trial)), width, 40, "identity")
        spectrum = spectrum_of_layer(whole if features else drawn, images, labels)
        theories.append(spectrum.errors(samples, ridge, noise, 2, features))
        silent = replace(spectrum, residual=0.0)
        without.append(
            spectrum.residual + np.array(silent.errors(samples, ridge, noise, 2, features))
        )
    mean, error = np.mean(draws, axis=0), np.std(draws, axis=0, ddof=1) / np.sqrt(trials)
    theory = np.mean(theories, axis=0)
    # Four standard errors, and 3 % for finite sizes and for a product that is not independent of its factors.
    assert (np.abs(mean - theory) < 4 * error + 0.03 * theory).all(), mean / theory
    # Control: the residual as a floor only, and no noise to the first fit.
    assert (np.abs(mean - np.mean(without, axis=0)) > 4 * error + 0.03 * theory).any()
