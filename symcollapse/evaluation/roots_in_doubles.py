"""The effective ridge in doubles, for many (λ, T) at once.

κ is the root of r(κ) = T − df₁(κ) − λT/κ, which increases in κ, so that a bracket with a change of sign holds
exactly one root. Written with d_> = #{s ≥ κ},

    r(κ) = (T − d_>) + Σ_{s ≥ κ} κ/(s + κ) − Σ_{s < κ} s/(s + κ) − λT/κ,

the integer is exact and no sum is larger than twice κ·r'(κ) = Σ sκ/(s + κ)² + λT/κ. So rounding moves the root by
a few units in the last place for *every* spectrum, at T = d and for λ → 0 alike: nothing is lost that the data
had. The plain form T − Σ s/(s + κ) loses what the eigenvalues above κ cancel.
"""

import numpy as np
from numpy.typing import NDArray

from symcollapse.evaluation.rounded import ROUNDOFF, Array, Rounded
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

EXACT_INTEGERS = 2.0**53
"""Integers below are doubles."""

MOST_STEPS = 400
"""Safeguarded steps; a bracket of 600 decades halves geometrically to one rounding in under 70."""


def solve_effective_ridge(
    ridge: Rounded, samples: Rounded, levels: Rounded, counts: Rounded
) -> Rounded:
    """Root κ for each point, with a bound of its error.

    Parameters
    ----------
    ridge, samples
        λ ≥ 0 and T > 0, shape (points, 1).
    levels, counts
        Distinct eigenvalues and their multiplicities, shape (1, levels) or (points, levels).

    Returns
    -------
    Rounded
        κ, shape (points, 1); 0 where λ = 0 and T ≥ d. The error follows from that of the data to first order,
        and from the rounding of the last residual.

    Raises
    ------
    NotEvaluable
        If λ < 0, T <= 0, or one of them is not a number.
    PrecisionExhausted
        If a root leaves the range of doubles.

    Example
    -------
    >>> import numpy as np
    >>> def exact(*entries):
    ...     return Rounded(np.array([entries]), np.zeros((1, len(entries))))
    >>> kappa = solve_effective_ridge(exact(1.0), exact(300.0), exact(1.0), exact(300.0))
    >>> round(float(kappa.value[0, 0]), 12)
    1.61803398875
    """
    points = max(ridge.value.shape[0], samples.value.shape[0], levels.value.shape[0])
    lam = np.broadcast_to(ridge.value, (points, 1))
    size = np.broadcast_to(samples.value, (points, 1))
    _refuse_no_root(ridge, samples)
    values = levels.value
    dimension = np.sum(np.broadcast_to(counts.value, values.shape), axis=-1, keepdims=True)
    miscount = _miscount(counts, values, dimension)
    vanishes = (lam == 0) & (size >= dimension)
    # Where λ or T − d may be 0 or not within their errors, so may κ.
    undecided = (lam == 0) & (
        (ridge.error > 0)
        | ((miscount + samples.error > 0) & (np.abs(size - dimension) <= miscount + samples.error))
    )
    kappa = _search(lam, size, values, counts.value, vanishes)
    residual, slope, spread = _residual(kappa, lam, size, values, counts.value)
    # Errors of s act through Σ sκ/(s+κ)² · δs/s; those of λ and T directly.
    # Ratio by ratio: squares of eigenvalues below 1e-154 would underflow.
    weight = counts.value * (values / (values + kappa)) * (kappa / (values + kappa))
    inherited = np.sum(weight * levels.relative_error, axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        inherited = inherited + np.where(lam == 0, 0.0, size * ridge.error / kappa)
        inherited = inherited + samples.error + miscount
        roundings = 24 + np.log2(values.shape[-1])
        relative = (np.abs(residual) + roundings * ROUNDOFF * spread + inherited) / slope
    value = np.where(vanishes, 0.0, kappa)
    error = np.where(vanishes, 0.0, kappa * (relative + ROUNDOFF))
    return Rounded(value, np.where(undecided, np.inf, error))


def _refuse_no_root(ridge: Rounded, samples: Rounded) -> None:
    if np.any(np.isnan(ridge.value)) or np.any(ridge.value + ridge.error < 0):
        worst = np.min(ridge.value)
        raise NotEvaluable(f"ridge = {worst:g} in an effective ridge: give numbers >= 0")
    if np.any(np.isnan(samples.value)) or np.any(samples.value + samples.error <= 0):
        worst = np.min(samples.value)
        raise NotEvaluable(f"samples = {worst:g} in an effective ridge: give numbers > 0")


def _miscount(counts: Rounded, levels: Array, dimension: Array) -> Array:
    """Bound of the error of any sum of multiplicities; sums of integers below 2⁵³ have none."""
    inherited = np.sum(np.broadcast_to(counts.error, levels.shape), axis=-1, keepdims=True)
    added = np.where(dimension < EXACT_INTEGERS, 0.0, levels.shape[-1] * ROUNDOFF * dimension)
    return inherited + added


def _residual(
    kappa: Array, lam: Array, size: Array, levels: Array, counts: Array
) -> tuple[Array, Array, Array]:
    """r(κ), κ·r'(κ), and the sum of the absolute values that r is made of."""
    above = levels >= kappa
    total = levels + kappa
    small = np.where(above, kappa, levels) / total
    share = counts * small
    plus = np.sum(np.where(above, share, 0.0), axis=-1, keepdims=True)
    minus = np.sum(np.where(above, 0.0, share), axis=-1, keepdims=True)
    whole = size - np.sum(np.where(above, counts, 0.0), axis=-1, keepdims=True)
    slope = np.sum(share * (np.where(above, levels, kappa) / total), axis=-1, keepdims=True)
    with np.errstate(divide="ignore", over="ignore"):
        pull = lam * size / kappa
    return whole + plus - minus - pull, slope + pull, np.abs(whole) + plus + minus + pull


def _search(
    lam: Array, size: Array, levels: Array, counts: Array, vanishes: NDArray[np.bool_]
) -> Array:
    trace = np.sum(np.broadcast_to(counts, levels.shape) * levels, axis=-1, keepdims=True)
    dimension = np.sum(np.broadcast_to(counts, levels.shape), axis=-1, keepdims=True)
    # λ + Σ κs/(s+κ)/T ≤ λ + tr Σ/T, and for T < d: df₁(κ) ≥ d·s_min/(s_min + κ).
    high = (lam + trace / size) * (1 + 1e-12)
    smallest = np.min(levels, axis=-1, keepdims=True)
    low = np.maximum(lam, smallest * (dimension - size) / size) * (1 - 1e-12)
    if not (np.all(np.isfinite(high)) and np.all((low > 0) | vanishes)):
        raise PrecisionExhausted(
            "the effective ridge leaves the range of doubles: evaluate with digits or balls"
        )
    low, high = np.where(vanishes, 1.0, low), np.where(vanishes, 2.0, np.maximum(high, low))
    kappa = high.copy()
    active = np.broadcast_to(~vanishes, kappa.shape).copy()
    for _ in range(MOST_STEPS):
        residual, slope, spread = _residual(kappa, lam, size, levels, counts)
        low = np.where(active & (residual <= 0), kappa, low)
        high = np.where(active & (residual >= 0), kappa, high)
        step = residual / slope
        # Newton in ln κ while the step is long, in κ at the end, where it decides the last digits.
        proposal = np.where(
            np.abs(step) > 0.5, kappa * np.exp(-np.clip(step, -50, 50)), kappa * (1 - step)
        )
        outside = (proposal <= low) | (proposal >= high)
        proposal = np.where(
            outside & (np.abs(step) > 1e-12), np.sqrt(low) * np.sqrt(high), proposal
        )
        done = (np.abs(step) <= 4 * ROUNDOFF) | (np.abs(residual) <= 4 * ROUNDOFF * spread)
        kappa = np.where(active, proposal, kappa)
        active &= ~done
        if not np.any(active):
            return kappa
    raise PrecisionExhausted(
        "the effective ridge did not settle in doubles: evaluate with digits or balls"
    )
