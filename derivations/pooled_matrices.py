"""Ridge regression on real and synthetic data pooled, as plain matrix expressions."""

from typing import Any

from sympy import Identity, MatrixSymbol

from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension, real_samples, ridge, samples

TRUTH: Any = MatrixSymbol("w_0", dimension, 1)
"""The truth, which labels the real data."""

DELTA: Any = covariance("Delta", dimension)
"""Covariance of the shift δ: synthetic labels come from w₀ + δ."""

ROWS: Any = real_samples + samples
"""All rows, N = T_R + T."""

REAL_SHARE: Any = real_samples / ROWS
"""p₁."""

SHARE: Any = samples / ROWS
"""p₂, the synthetic share."""

REAL: Any = gaussian_design("X_1", real_samples, SIGMA)
"""Real inputs."""

SYNTHETIC: Any = gaussian_design("X_2", samples, SIGMA)
"""Synthetic inputs, of the same covariance."""


def resolvent(real: Any, synthetic: Any) -> Any:
    """The matrix ((X₁ᵀX₁ + X₂ᵀX₂)/N + λI)⁻¹.

    Parameters
    ----------
    real, synthetic
        X₁ and X₂.

    Example
    -------
    >>> resolvent(REAL, SYNTHETIC).shape
    (d, d)
    """
    pooled = (real.T * real + synthetic.T * synthetic) / ROWS
    return (pooled + ridge * Identity(dimension)).inverse()
