"""Least-squares generators without noise on isotropic inputs, as plain matrices: what they keep of the truth."""

from collections.abc import Sequence
from typing import Any

from sympy import Mul, Trace

from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.symbols import dimension, samples

from .chains_of_projections import EYE, SIZES, projection, projections
from .fitted_matrices import TRUTH

DESIGNS: tuple[Any, ...] = tuple(
    gaussian_design(f"X_{place}", size, EYE) for place, size in enumerate(SIZES)
)
"""Independent designs with Σ = I, of sizes T₀, T₁, …"""

LAST: Any = gaussian_design("X", samples, EYE)
"""The design of the downstream fit."""

SQUARED_NORM: Any = Trace(TRUTH.T * TRUTH)
"""‖w₀‖²."""


def kept(designs: Sequence[Any]) -> Any:
    """‖Qw₀‖²: the squared norm of the weights after these generators."""
    weights = projections(designs) * TRUTH
    return Trace(weights.T * weights)


def lost(designs: Sequence[Any]) -> Any:
    """‖P(Qw₀ − w₀)‖², with P = X†X of the downstream fit without a ridge."""
    seen = projection(LAST) * (projections(designs) * TRUTH - TRUTH)
    return Trace(seen.T * seen)


def share(sizes: Sequence[Any]) -> Any:
    """The product of T_m/d."""
    return Mul(*sizes) / dimension ** len(sizes)
