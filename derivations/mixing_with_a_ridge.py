"""Long chains of ridge fits to mixed labels on one design: what they tend to, as plain matrix expressions.

With A = Σ̂(Σ̂ + λ)⁻¹ a generation is w' = A(ωw₀ + (1 − ω)w) + RXᵀ(ωE_R + (1 − ω)E)/T₀. Everything is a function of
Σ̂ = XᵀX/T₀, so that the limit follows direction by direction: see
derivations/mixing_with_a_ridge_tends_to_two_ridges_in_each_direction.
"""

from typing import Any

from sympy import Identity, MatrixSymbol, Trace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_ridge,
    generation_samples,
)

from .least_squares_pipelines import REAL_NOISE, WEIGHT

_X: Any = gaussian_design("X", generation_samples, SIGMA)
_SECOND: Any = _X.T * _X / generation_samples
_TRUTH: Any = MatrixSymbol("w_0", dimension, 1)
LOST = generation_ridge / WEIGHT
"""λ/ω: the ridge of the mean."""
KEPT = generation_ridge / (2 - WEIGHT)
"""λ/(2 − ω): the other ridge of the noise."""
NOISE = WEIGHT**2 * REAL_NOISE**2 + (1 - WEIGHT) ** 2 * generation_noise**2
"""Variance of the noise of mixed labels."""


def _resolvent(ridge: Any) -> Any:
    return (_SECOND + ridge * Identity(dimension)).inverse()


_BIAS: Any = LOST**2 * _TRUTH.T * _resolvent(LOST) * SIGMA * _resolvent(LOST) * _TRUTH
_KERNEL: Any = Trace(SIGMA * _resolvent(LOST) * _SECOND * _resolvent(KEPT)) / generation_samples

BIAS = deterministic_equivalent(_BIAS).formula
"""The equivalent of (λ/ω)²·w₀ᵀ(Σ̂ + λ/ω)⁻¹Σ(Σ̂ + λ/ω)⁻¹w₀."""
KERNEL = deterministic_equivalent(_KERNEL).formula / (WEIGHT * (2 - WEIGHT))
"""The equivalent of tr Σ(ωΣ̂ + λ)⁻¹Σ̂((2 − ω)Σ̂ + λ)⁻¹/T₀, what noise of variance 1 adds."""
ERROR = BIAS + NOISE * KERNEL
"""The error of n → ∞."""
