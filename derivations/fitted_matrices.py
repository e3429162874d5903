"""Matrices of ridge regression as plain SymPy expressions: what the derivations by pencils start from."""

from typing import Any

from sympy import Identity, MatrixSymbol

from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design, label_noise
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension, generation_ridge, noise, ridge, samples

X: Any = gaussian_design("X", samples, SIGMA)
"""The design."""

E: Any = label_noise("E", samples, noise)
"""The label noise."""

B: Any = covariance("B", dimension)
"""A matrix that commutes with Σ."""

TRUTH: Any = MatrixSymbol("w_0", dimension, 1)
"""The truth."""

RESOLVENT: Any = (X.T * X / samples + ridge * Identity(dimension)).inverse()
"""R = (XᵀX/T + λI)⁻¹."""

OTHER_RESOLVENT: Any = (X.T * X / samples + generation_ridge * Identity(dimension)).inverse()
"""R₀ = (XᵀX/T + λ₀I)⁻¹, of the same design."""

MEAN_MAP: Any = RESOLVENT * X.T * X / samples
"""A = RXᵀX/T: without noise the fit is Aw₀."""

FIT: Any = RESOLVENT * X.T * (X * TRUTH + E) / samples
"""The fit ŵ = RXᵀ(Xw₀ + E)/T."""
