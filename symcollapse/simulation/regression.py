"""The regression, by its definition alone: draw inputs, label them, fit, measure the excess risk.

All in the eigenbasis of Σ, where Σ = diag(eigenvalues) and the features are independent.
"""

import math

import numpy as np
from scipy.linalg import lapack

from symcollapse.simulation.populations import Doubles

AMPLE = 2
"""Samples per feature from which the normal equations are safe.

Cholesky's factorisation does not see the scale of the features, so what counts is the condition of
the whitened XᵀX, ((√2 + 1)/(√2 - 1))² ≈ 34 here: two digits of sixteen. A small design is worse by
chance, with probability of order (1/condition)^((T - d + 1)/2).
"""


def draw_inputs(generator: np.random.Generator, samples: int, eigenvalues: Doubles) -> Doubles:
    """Design: independent rows of N(0, Σ).

    Parameters
    ----------
    generator
        Source of the standard normal numbers.
    samples
        Number of rows T.
    eigenvalues
        Shape (d,); variances of the features.

    Returns
    -------
    X
        Shape (T, d).

    Example
    -------
    >>> draw_inputs(np.random.default_rng(0), 5, np.array([4.0, 1.0])).shape
    (5, 2)
    """
    X = generator.standard_normal((samples, len(eigenvalues)))
    X *= np.sqrt(eigenvalues)
    return X


def draw_labels(
    generator: np.random.Generator, X: Doubles, weights: Doubles, noise: float
) -> Doubles:
    """Labels that a linear predictor gives to the inputs, plus normal noise.

    Parameters
    ----------
    generator
        Source of the noise; drawn even if of size 0, so that sizes compare draw by draw.
    X
        Shape (T, d).
    weights
        Shape (d,); the predictor.
    noise
        Standard deviation, ≥ 0.

    Returns
    -------
    Y
        Shape (T,).

    Example
    -------
    >>> draw_labels(np.random.default_rng(0), np.eye(2), np.array([3.0, -1.0]), 0.0).tolist()
    [3.0, -1.0]
    """
    return X @ weights + noise * generator.standard_normal(len(X))


def fit(
    X: Doubles, Y: Doubles, ridge: float, rows: float | None = None, *, ample: bool | None = None
) -> Doubles:
    """Ridge regression (XᵀX/N + ridge·I)⁻¹XᵀY/N; at ridge 0 its limit, minimum-norm least squares.

    Parameters
    ----------
    X
        Shape (T, d), of full rank; features in falling order of variance, for accuracy at T < d.
    Y
        Shape (T,), or (T, k) for k fits of the same inputs.
    ridge
        ≥ 0, in the normalisation of the first line.
    rows
        N, the number of rows counted with the weights whose roots X and Y are multiplied by; None: T.
    ample
        Whether the normal equations are safe; None: whether there are ``AMPLE`` rows per feature, which are taken to
        be of one law.

    Returns
    -------
    weights
        Shape (d,), or (d, k). Each in units of 1/√variance, the error is the rounding error times the
        condition of the whitened problem; no feature is dropped, however small its variance.

    Raises
    ------
    ArithmeticError
        If X has not full rank.

    Applicability and issues
        With two samples per feature or more, the normal equations by Cholesky. Otherwise XᵀX is
        never formed: least squares of [X; √(ridge·N)·I] against [Y; 0], or, for T < d, the solution
        of minimum norm of [X, √(ridge·N)·I][w; v] = Y, both by Householder's QR (LAPACK's gels).
        Unlike ``scipy.linalg.lstsq`` that knows no cut-off: at T ≥ d each column of X keeps its
        accuracy whatever its scale; at T < d the rows of Xᵀ do if the large ones come first.

    Example
    -------
    >>> fit(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1.0, 2.0, 3.0]), 0.0).round(
    ...     12
    ... ).tolist()
    [1.0, 2.0]
    >>> fit(np.array([[1.0, 1.0]]), np.array([2.0]), 0.0).round(12).tolist()
    [1.0, 1.0]
    """
    samples, features = X.shape
    penalty = ridge * (samples if rows is None else rows)
    if samples >= AMPLE * features if ample is None else ample:
        return solve_normal_equations(X.T @ X, X.T @ Y, penalty)
    solution, failed = _by_orthogonal_factors(X, Y, math.sqrt(penalty))
    return _solution(solution[:features], failed)


def solve_normal_equations(A: Doubles, b: Doubles, penalty: float) -> Doubles:
    """The minimum (A + penalty·I)⁻¹b of wᵀAw − 2bᵀw + penalty·‖w‖²; A is overwritten.

    Raises
    ------
    ArithmeticError
        If the matrix is not positive definite.

    Example
    -------
    >>> solve_normal_equations(np.eye(2), np.array([2.0, 4.0]), 1.0).round(12).tolist()
    [1.0, 2.0]
    """
    A.flat[:: len(A) + 1] += penalty
    _, solution, failed = lapack.dposv(A, b, overwrite_a=True, overwrite_b=True)
    return _solution(solution, failed)


def excess_risk(weights: Doubles, truth: Doubles, eigenvalues: Doubles) -> float:
    """Test error on clean data: ‖weights − truth‖_Σ².

    Parameters
    ----------
    weights, truth
        Shape (d,).
    eigenvalues
        Shape (d,); variances of the features.

    Returns
    -------
    risk
        Expected squared error of the prediction at a new input, label noise removed.

    Example
    -------
    >>> excess_risk(np.array([1.0, 2.0]), np.array([0.0, 0.0]), np.array([4.0, 1.0]))
    8.0
    """
    # The root first: small variances go with large weights, and the square of those overflows.
    return float(np.square(np.sqrt(eigenvalues) * (weights - truth)).sum())


def _solution(solution: Doubles, failed: int) -> Doubles:
    if failed:
        raise ArithmeticError("the design has not full rank")
    return np.ascontiguousarray(solution, dtype=np.float64)


def _by_orthogonal_factors(X: Doubles, Y: Doubles, weight: float) -> tuple[Doubles, int]:
    samples, features = X.shape
    extra = min(samples, features) if weight else 0
    trans = "N" if samples >= features else "T"
    if trans == "N":
        A = np.zeros((samples + extra, features), order="F")
        A[:samples] = X
        np.fill_diagonal(A[samples:], weight)
    else:
        A = np.zeros((features + extra, samples), order="F")
        A[:features] = X.T
        np.fill_diagonal(A[features:], weight)
    rows, columns = A.shape
    B = np.zeros((rows, *Y.shape[1:]), order="F")
    B[:samples] = Y
    work, _ = lapack.dgels_lwork(rows, columns, B.size // rows, trans=trans)
    _, solution, failed = lapack.dgels(
        A, B, trans=trans, lwork=int(work), overwrite_a=True, overwrite_b=True
    )
    return solution, failed
