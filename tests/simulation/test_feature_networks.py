"""Networks on a random first layer: against the linear route of the same room, and against their definition."""

import numpy as np
import pytest

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.simulation import coefficients_of, eigenvalues_of, fit, simulate
from symcollapse.simulation import feature_networks as networks
from symcollapse.simulation.feature_networks import (
    Activation,
    FirstLayer,
    FirstLayers,
    LabelledImages,
    NetworkChain,
    draw_first_layer,
    fit_second_layer,
    network_outputs,
    simulate_network_chain,
)
from symcollapse.simulation.populations import Doubles

SIZE = 12
SPECTRUM = ExplicitSpectrum([f"1/{j}" for j in range(1, SIZE + 1)])


@pytest.mark.parametrize("width", [7, 40], ids=["fewer features than images", "more"])
def test_linear_network_is_regression_on_the_same_random_features(width: int) -> None:
    """With g the identity the network fits Sᵀx, S = Wᵀ/√M; `fit` solves that by QR, here it is by Cholesky."""
    generator = np.random.default_rng(1)
    X, Y = generator.standard_normal((20, SIZE)), generator.standard_normal((20, 2))
    layer = draw_first_layer(generator, width, SIZE, "identity")
    S = layer.weights.T / np.sqrt(width)
    weights = fit_second_layer(layer, X, Y, 0.1)
    # Rounding errors times a condition of some hundred.
    assert np.allclose(weights, fit(X @ S, Y, 0.1), rtol=0, atol=1e-11)
    # Control: S without its 1/√M is another regression, and a positive part is none of it.
    assert not np.allclose(X @ S @ weights, X @ layer.weights.T @ fit(X @ layer.weights.T, Y, 0.1))
    bent = FirstLayer(layer.weights, "relu")
    assert not np.allclose(bent.features(X) @ fit_second_layer(bent, X, Y, 0.1), X @ S @ weights)


@pytest.mark.parametrize("width", [7, 40])
def test_blocks_do_not_change_the_network(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    X, Y = generator.standard_normal((20, SIZE)), generator.standard_normal((20, 1))
    layer = draw_first_layer(generator, width, SIZE)
    whole = network_outputs(layer, fit_second_layer(layer, X, Y, 0.1), X)
    monkeypatch.setattr(networks, "BLOCK", 3 * width)
    parts = network_outputs(layer, fit_second_layer(layer, X, Y, 0.1), X)
    # The same sums in another order.
    assert np.allclose(whole, parts, rtol=0, atol=1e-12)


@pytest.mark.parametrize("first_layers", ["shared", "fresh"])
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_chain_is_its_definition(first_layers: FirstLayers, activation: Activation) -> None:
    """The same draws, and dense normal equations on whole matrices of features; two labels for each image."""
    data, test = _gaussian(np.random.default_rng(3), 60), _gaussian(np.random.default_rng(4), 30)
    chain = NetworkChain(9, 25, 0.2, 0.5, 2, first_layers, activation)
    found = simulate_network_chain(chain, data, test, np.random.default_rng(5))

    generator = np.random.default_rng(5)
    W: Doubles = generator.standard_normal((9, SIZE))

    def features(images: Doubles) -> Doubles:
        inner = images @ W.T / 3
        return np.maximum(inner, 0) if activation == "relu" else inner

    weights: Doubles = np.zeros((9, 2))
    expected = []
    for generation in range(3):
        rows = generator.choice(60, 25, replace=False)
        X = data.images[rows]
        Y = data.labels[rows] if generation == 0 else features(X) @ weights
        Y = Y + 0.5 * generator.standard_normal(Y.shape)
        if generation and first_layers == "fresh":
            W = generator.standard_normal((9, SIZE))
        F = features(X)
        weights = np.asarray(np.linalg.solve(F.T @ F / 25 + 0.2 * np.eye(9), F.T @ Y / 25), float)
        gap = features(test.images) @ weights - test.labels
        expected.append((gap**2).sum(axis=1).mean())
    # Rounding errors times a condition below a hundred, three times over.
    assert np.allclose(found, expected, rtol=1e-11)


@pytest.mark.monte_carlo
def test_linear_chain_has_the_law_of_the_linear_route() -> None:
    """Fresh first layers on Gaussian images: the random features that a problem file speaks of."""
    fresh = _linear_chain("fresh")
    entry = Generation(30, noise="1/2", ridge="1/10", features=6)
    last = Downstream(30, noise="1/2", ridge="1/10", features=6)
    problem = Problem(SPECTRUM, UniformTarget(1), (entry,), last)
    other = simulate(problem, trials=1000, seed=7)
    error = np.hypot(fresh.std() / np.sqrt(len(fresh)), float(other.standard_error))
    # Four standard errors: one failure in 16,000 by chance, at a fixed seed none.
    assert abs(fresh.mean() - float(other.mean)) < 4 * error
    # Control: one first layer for both networks has another law, far outside.
    assert abs(_linear_chain("shared").mean() - float(other.mean)) > 8 * error


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"width": 0}, "width = 0: give an integer >= 1"),
        ({"samples": 2.5}, "samples = 2.5: give an integer >= 1"),
        ({"generations": -1}, "generations = -1: give an integer >= 0"),
        ({"ridge": 0.0}, "ridge = 0.0: give a number > 0"),
        ({"noise": float("nan")}, "noise = nan: give a number >= 0"),
        ({"first_layers": "same"}, "first_layers = 'same'"),
        ({"activation": "tanh"}, "activation = 'tanh'"),
    ],
)
def test_bad_settings_are_refused(change: dict[str, float | str], said: str) -> None:
    settings: dict[str, object] = {"width": 3, "samples": 5, "ridge": 0.1, **change}
    with pytest.raises(InvalidProblem, match=said):
        NetworkChain(**settings)  # type: ignore[arg-type]


def test_too_few_images_are_refused() -> None:
    data = _gaussian(np.random.default_rng(0), 10)
    with pytest.raises(InvalidProblem, match="samples = 11: there are 10 images"):
        simulate_network_chain(NetworkChain(3, 11, 0.1), data, data, np.random.default_rng(0))
    with pytest.raises(InvalidProblem, match="labels: 9 of them for images of shape"):
        LabelledImages(data.images, np.zeros(9))


def _gaussian(generator: np.random.Generator, count: int) -> LabelledImages:
    images = generator.standard_normal((count, SIZE))
    return LabelledImages(images, images[:, :2])


def _linear_chain(first_layers: FirstLayers) -> Doubles:
    """Errors of the second network of 500 chains on N(0, Σ), the target that of the problem."""
    deviations = np.sqrt(eigenvalues_of(SPECTRUM))
    truth = coefficients_of(UniformTarget(1), SPECTRUM)
    # The mean over these images is the expectation over N(0, Σ), for the square of a linear function.
    images = np.sqrt(SIZE) * np.diag(deviations)
    test = LabelledImages(images, images @ truth)
    chain = NetworkChain(6, 30, 0.1, 0.5, 1, first_layers, "identity")
    errors = []
    for trial in range(500):
        generator = np.random.default_rng((8, trial))
        pool = generator.standard_normal((600, SIZE)) * deviations
        data = LabelledImages(pool, pool @ truth)
        errors.append(simulate_network_chain(chain, data, test, generator)[-1])
    return np.array(errors)
