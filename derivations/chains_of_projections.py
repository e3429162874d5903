"""Chains of least-squares generators as plain matrix expressions: designs, noises, weights, and what a last fit sees."""

from collections.abc import Sequence
from typing import Any

from sympy import Identity, Trace

from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design, label_noise, pseudo_inverse
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generator_symbols,
    noise,
    samples,
)

from .fitted_matrices import RESOLVENT, TRUTH, E, X

EYE: Any = Identity(dimension)
"""The identity of feature space."""

SIZES: tuple[Any, ...] = (
    generation_samples,
    *(generator_symbols(place)[0] for place in range(1, 5)),
)
"""Samples T₀, T₁, … of the generators, all different."""

DESIGNS: tuple[Any, ...] = tuple(
    gaussian_design(f"X_{place}", size, SIGMA) for place, size in enumerate(SIZES)
)
"""Independent designs X₀, X₁, …"""

NOISES: tuple[Any, ...] = tuple(
    label_noise(f"E_{place}", size, generation_noise) for place, size in enumerate(SIZES)
)
"""Their label noises, all of deviation σ₀."""

SAME_SIZE: tuple[Any, ...] = tuple(
    gaussian_design(f"X_{place}", generation_samples, SIGMA) for place in range(len(SIZES))
)
"""Independent designs of one size T₀."""

SAME_SIZE_NOISES: tuple[Any, ...] = tuple(
    label_noise(f"E_{place}", generation_samples, generation_noise) for place in range(len(SIZES))
)
"""Label noises for designs of size T₀, or for one design that is used again."""


def projection(design: Any) -> Any:
    """P = X†X, on the span of the samples."""
    return pseudo_inverse(design) * design


def projections(designs: Sequence[Any]) -> Any:
    """Q = P_{n−1} ⋯ P₀; the identity for none."""
    product = EYE
    for design in designs:
        product = projection(design) * product
    return product


def weights(designs: Sequence[Any], noises: Sequence[Any], first: Any = TRUTH) -> Any:
    """ŵ after fits to X_m ŵ_m + E_m, one after the other."""
    fitted = first
    for design, labels in zip(designs, noises, strict=True):
        fitted = pseudo_inverse(design) * (design * fitted + labels)
    return fitted


def spread(designs: Sequence[Any], place: int) -> Any:
    """What the noise of the fit at this place is multiplied by in the end: P_{n−1} ⋯ P_m X_m†."""
    return projections(designs[place:]) * pseudo_inverse(designs[place])


KERNEL: Any = X.T * X / samples
"""Σ̂."""

SEEN: Any = KERNEL * RESOLVENT
"""Σ̂R: what the downstream fit makes of the weights that made its labels."""


def downstream(labelling: Any) -> Any:
    """The downstream fit to labels Xw + E."""
    return RESOLVENT * X.T * (X * labelling + E) / samples


def loss(weight: Any) -> Any:
    """‖w‖²_Σ."""
    return Trace(weight.T * SIGMA * weight)


def bias(designs: Sequence[Any]) -> Any:
    """‖Σ̂RQw₀ − w₀‖²_Σ for given designs."""
    return loss(SEEN * projections(designs) * TRUTH - TRUTH)


VARIANCE: Any = loss(RESOLVENT * X.T * E / samples)
"""‖RXᵀE/T‖²_Σ for given X and E."""

VARIANCE_GIVEN_INPUTS: Any = noise**2 / samples * Trace(SIGMA * RESOLVENT**2 * KERNEL)
"""Its mean over the noise, for given X."""


def synthetic(designs: Sequence[Any], place: int) -> Any:
    """The trace of CΣ̂RΣRΣ̂ for given designs, with C of the noise at this place."""
    carried = spread(designs, place)
    return Trace(carried * carried.T * KERNEL * RESOLVENT * SIGMA * RESOLVENT * KERNEL)
