"""The fit is ridge regression and minimum-norm least squares, whatever the shape and the scales."""

import mpmath
import numpy as np
import pytest
from scipy.linalg import lstsq
from sklearn.linear_model import Ridge

from symcollapse.simulation import draw_inputs, draw_labels, excess_risk, fit

SHAPES = [(60, 20), (30, 20), (20, 20), (15, 20), (5, 20), (1, 3), (3, 1)]
"""(samples, features): ample, scarce, square, fewer than features, and the smallest."""

ROUNDING = 1e-9
"""Relative; condition numbers of these designs stay below 1e4, whose square times 2^-53 this is."""


def regression_data(
    samples: int, features: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    eigenvalues = 1.0 / np.arange(1, features + 1)
    X = draw_inputs(generator, samples, eigenvalues)
    return X, draw_labels(generator, X, np.ones(features), 0.5), eigenvalues


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ridge", [1e-3, 0.3, 20.0])
def test_ridge_agrees_with_scikit_learn(shape: tuple[int, int], ridge: float) -> None:
    X, Y, _ = regression_data(*shape)
    # scikit-learn does not divide by the number of samples.
    reference = Ridge(alpha=ridge * len(X), fit_intercept=False, solver="svd").fit(X, Y)
    np.testing.assert_allclose(fit(X, Y, ridge), reference.coef_, rtol=ROUNDING, atol=ROUNDING)


def test_ridge_without_the_normalisation_disagrees() -> None:
    X, Y, _ = regression_data(60, 20)
    reference = Ridge(alpha=0.3, fit_intercept=False, solver="svd").fit(X, Y)
    assert not np.allclose(fit(X, Y, 0.3), reference.coef_, rtol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_ridge_is_the_pseudo_inverse(shape: tuple[int, int]) -> None:
    X, Y, _ = regression_data(*shape)
    expected = np.linalg.pinv(X) @ Y
    np.testing.assert_allclose(fit(X, Y, 0.0), expected, rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_vanishing_ridge_is_no_ridge(shape: tuple[int, int]) -> None:
    X, Y, _ = regression_data(*shape)
    # The ridge moves a weight by ridge·T over the smallest squared singular value, above 1e-6 here.
    np.testing.assert_allclose(fit(X, Y, 1e-18), fit(X, Y, 0.0), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("samples", [40, 100])
def test_variances_over_200_decades_lose_no_feature(samples: int) -> None:
    generator = np.random.default_rng(3)
    Z = generator.standard_normal((samples, 30))
    roots = np.logspace(0, -100, 30)
    Y = generator.standard_normal(samples)
    whitened = lstsq(Z, Y)[0]
    np.testing.assert_allclose(roots * fit(Z * roots, Y, 0.0), whitened, rtol=1e-10)
    # The twin: a cut-off at rounding drops most features, silently.
    cut = lstsq(Z * roots, Y, lapack_driver="gelsd")[0]
    assert np.count_nonzero(np.abs(roots * cut) > 1e-3 * np.abs(whitened)) < 15


@pytest.mark.parametrize("ridge", [0.0, 1e-30, 1e-6])
def test_fewer_samples_than_features_stay_accurate_over_46_decades(ridge: float) -> None:
    samples, features = 12, 24
    generator = np.random.default_rng(4)
    roots = np.logspace(0, -23, features)
    X = generator.standard_normal((samples, features)) * roots
    Y = generator.standard_normal(samples)
    with mpmath.workdps(150):
        inputs = mpmath.matrix(X.tolist())
        gram = inputs * inputs.T + mpmath.mpf(ridge) * samples * mpmath.eye(samples)
        weights = inputs.T * mpmath.lu_solve(gram, mpmath.matrix(Y.tolist()))
        expected = np.array([float(weight) for weight in weights])
    got, scale = roots * fit(X, Y, ridge), np.linalg.norm(roots * expected)
    # Rounding 2^-53 times the condition of the whitened 12 x 12 block, below 1e4, and its growth.
    assert np.linalg.norm(got - roots * expected) < 1e-10 * scale


def test_inputs_have_the_variances_asked_for() -> None:
    eigenvalues = np.array([4.0, 1.0, 0.25])
    X = draw_inputs(np.random.default_rng(0), 20_000, eigenvalues)
    # Six standard deviations of a mean of squares of normal numbers.
    np.testing.assert_allclose((X**2).mean(axis=0), eigenvalues, rtol=6 * np.sqrt(2 / 20_000))
    correlations = np.corrcoef(X.T) - np.eye(3)
    assert np.abs(correlations).max() < 6 / np.sqrt(20_000)


def test_labels_have_the_noise_asked_for() -> None:
    X = np.zeros((20_000, 1))
    Y = draw_labels(np.random.default_rng(0), X, np.ones(1), 0.3)
    assert abs(Y.std() / 0.3 - 1) < 6 / np.sqrt(2 * 20_000)


def test_excess_risk_weighs_by_the_variances() -> None:
    risk = excess_risk(np.array([1.0, 3.0]), np.array([0.0, 1.0]), np.array([2.0, 0.5]))
    assert abs(risk - (2 * 1 + 0.5 * 4)) < 1e-14


def test_a_design_without_full_rank_is_an_error() -> None:
    with pytest.raises(ArithmeticError, match="full rank"):
        fit(np.zeros((8, 2)), np.ones(8), 0.0)
    with pytest.raises(ArithmeticError, match="full rank"):
        fit(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), np.ones(3), 0.0)
