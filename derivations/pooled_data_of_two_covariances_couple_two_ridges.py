"""Pooled data of different covariances are seen through two effective ridges, which each other's data move."""

from dataclasses import replace
from typing import Any

from sympy import Rational

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.domains import Range
from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension, real_samples, ridge, samples
from symcollapse.reasoning import derivation_of_equivalent
from symcollapse.reasoning.matrix_domains import MatrixDomain

from .pooled_matrices import TRUTH, resolvent

OTHER: Any = covariance("Sigma_2", dimension)
"""Covariance of the synthetic inputs."""
_REAL: Any = gaussian_design("X_1", real_samples, SIGMA)
_SYNTHETIC: Any = gaussian_design("X_2", samples, OTHER)
_R: Any = resolvent(_REAL, _SYNTHETIC)
EQUIVALENT = deterministic_equivalent(ridge**2 * TRUTH.T * _R * SIGMA * _R * TRUTH)
"""The bias of the pooled fit, tested on real inputs."""
_SMALL = {
    dimension: Range(3, 4, whole=True),
    samples: Range(8, 20, whole=True),
    real_samples: Range(8, 20, whole=True),
    ridge: Range(Rational(1, 2), 3),
}

DERIVATION = replace(
    derivation_of_equivalent(
        EQUIVALENT,
        "Bias of pooled data of two covariances",
        # Small, as coupled ridges are enclosed at each point.
        domain=MatrixDomain(_SMALL, expression=EQUIVALENT.expression),
    ),
    notes=(
        "Commuting Σ and Σ₂; real inputs have Σ, and the test too. The effective ridges solve κ_i − λN/T_i = "
        "tr Σ_i(I + Σ₁/κ₁ "
        "+ Σ₂/κ₂)⁻¹/T_i together. For Σ₂ = Σ both are κ(λ, N) times N/T_i, and the formula is that of one fit."
    ),
)
