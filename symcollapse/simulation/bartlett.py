"""Sufficient statistics of a design: XᵀX and XᵀY have the law of what d rows give, however many rows X has.

Bartlett's decomposition: for T ≥ d rows of N(0, I), XᵀX has the law of RᵀR with R upper triangular, all entries
independent, N(0, 1) above the diagonal and the root of χ²_{T−j} at place j = 0, 1, … of it. Labels Xw + ε enter a fit
through QᵀY with X = QR, that is Rw + Qᵀε, and Qᵀε ~ N(0, σ²I_d) is independent of R. So (R, Rw + σz) may stand for
(X, Y) in every least squares problem, with ridge or without, alone or stacked with others.
"""

import math

import numpy as np
from scipy.linalg import lapack

from symcollapse.simulation.populations import Doubles


def draw_factor(generator: np.random.Generator, samples: int, eigenvalues: Doubles) -> Doubles:
    """Triangular factor R of a design: RᵀR has the law of XᵀX for ``samples`` rows of N(0, Σ).

    Parameters
    ----------
    generator
        Source of d(d − 1)/2 standard normal numbers and d of chi squared.
    samples
        Number of rows T ≥ d.
    eigenvalues
        Shape (d,); variances of the features.

    Returns
    -------
    R
        Shape (d, d), upper triangular, in rows.

    Raises
    ------
    ValueError
        If there are fewer rows than features; XᵀX is singular then.

    Example
    -------
    >>> R = draw_factor(np.random.default_rng(0), 7, np.array([4.0, 1.0]))
    >>> R.shape, float(R[1, 0])
    ((2, 2), 0.0)
    """
    features = len(eigenvalues)
    if samples < features:
        raise ValueError(f"{samples} rows of {features} features: the factor takes as many rows")
    R = np.zeros((features, features))
    for row in range(features - 1):
        generator.standard_normal(out=R[row, row + 1 :])
    np.fill_diagonal(R, np.sqrt(generator.chisquare(samples - np.arange(features))))
    R *= np.sqrt(eigenvalues)
    return R


def solve_factor(R: Doubles, Y: Doubles) -> Doubles:
    """Least squares by a triangular factor, R⁻¹Y.

    Raises
    ------
    ArithmeticError
        If R has not full rank.

    Example
    -------
    >>> solve_factor(np.array([[2.0, 1.0], [0.0, 1.0]]), np.array([3.0, 1.0])).tolist()
    [1.0, 1.0]
    """
    # LAPACK reads columns, so it sees the transpose, and no copy is made.
    solution, failed = lapack.dtrtrs(R.T, Y, lower=1, trans=1)
    if failed:
        raise ArithmeticError("the design has not full rank")
    return np.ascontiguousarray(solution, dtype=np.float64)


def draw_least_squares_error(
    generator: np.random.Generator, samples: int, eigenvalues: Doubles
) -> Doubles:
    """What least squares makes of noise: X†ε for T ≥ d fresh rows and ε ~ N(0, I), without any design.

    Given X it is normal with covariance (XᵀX)⁻¹; over the Wishart law of XᵀX that is a Student vector: g/√(χ²_{T−d+1}) in
    each whitened direction, with one chi squared for all.

    Parameters
    ----------
    generator
        Source of d standard normal numbers and one of chi squared.
    samples
        Number of rows T ≥ d.
    eigenvalues
        Shape (d,); variances of the features.

    Returns
    -------
    error
        Shape (d,).

    Raises
    ------
    ValueError
        If there are fewer rows than features.

    Example
    -------
    >>> draw_least_squares_error(np.random.default_rng(0), 7, np.array([4.0, 1.0])).shape
    (2,)
    """
    features = len(eigenvalues)
    if samples < features:
        raise ValueError(f"{samples} rows of {features} features: the law takes as many rows")
    scale = math.sqrt(generator.chisquare(samples - features + 1))
    return generator.standard_normal(features) / (np.sqrt(eigenvalues) * scale)
