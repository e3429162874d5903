"""Plain scripts for the test error of ridge regression, as one writes them by hand: no part of this package is used.

Each takes the eigenvalues s_j, the squared coefficients c_j² of the truth, the sample size, the variance of the label
noise and the ridges λ > 0, and gives κ, total, bias and variance for each ridge.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import flint
import mpmath
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Array: TypeAlias = NDArray[np.float64]

Curve: TypeAlias = tuple[Any, Any, Any, Any]
"""κ, total, bias, variance; arrays or lists over the ridges."""

MOST_STEPS = 200
"""Newton steps after which a script stops, converged or not, as scripts do."""

BLOCK = 64
"""Ridges at once in the script that minds the cache: 64 times 1000 doubles are half a megabyte."""


def _curve(kappa: Array, second: Array, pull: Array, samples: float, variance: float) -> Curve:
    residual = samples - second
    bias, noise = samples * kappa**2 * pull / residual, variance * second / residual
    return kappa, bias + noise, bias, noise


def newton_in_numpy(
    s: Array, squares: Array, samples: float, variance: float, ridges: Array
) -> Curve:
    """Newton's iteration from above for all ridges at once, on arrays of ridges times eigenvalues."""
    kappa = ridges + s.sum() / samples
    for _ in range(MOST_STEPS):
        share = s / (s + kappa[:, None])
        first, second = share.sum(axis=1), np.einsum("ij,ij->i", share, share)
        step = (kappa - ridges - kappa * first / samples) / (1 - second / samples)
        kappa = kappa - step
        if np.all(np.abs(step) <= 1e-14 * kappa):
            break
    share = s / (s + kappa[:, None])
    share *= share
    return _curve(kappa, share.sum(axis=1), share @ (squares / s), samples, variance)


def newton_in_blocks(
    s: Array, squares: Array, samples: float, variance: float, ridges: Array
) -> Curve:
    """The same, in blocks of ridges that fit in the cache, without new arrays: about what care can do."""
    parts = []
    share = np.empty((min(BLOCK, len(ridges)), len(s)))
    for start in range(0, len(ridges), BLOCK):
        lam = ridges[start : start + BLOCK]
        block = share[: len(lam)]
        kappa = lam + s.sum() / samples
        for _ in range(MOST_STEPS):
            np.add(s, kappa[:, None], out=block)
            np.divide(s, block, out=block)
            first, second = block.sum(axis=1), np.einsum("ij,ij->i", block, block)
            step = (kappa - lam - kappa * first / samples) / (1 - second / samples)
            kappa = kappa - step
            if np.all(np.abs(step) <= 1e-14 * kappa):
                break
        np.add(s, kappa[:, None], out=block)
        np.divide(s, block, out=block)
        np.multiply(block, block, out=block)
        parts.append(_curve(kappa, block.sum(axis=1), block @ (squares / s), samples, variance))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], columns[3]


def brentq_per_point(
    s: Array,
    squares: Array,
    samples: float,
    variance: float,
    ridges: Array,
    *,
    tolerance: float = 1e-300,
) -> Curve:
    """SciPy's bracketing root finder, one ridge after the other; its own default tolerance is 2e-12, absolute."""
    trace = s.sum()
    points = []
    for lam in ridges:

        def residual(kappa: float, lam: float = lam) -> float:
            return float(kappa - lam - kappa * np.sum(s / (s + kappa)) / samples)

        high = lam + trace / samples
        kappa = float(brentq(residual, lam, high * 1.0001, xtol=tolerance, rtol=1e-15))
        share = s / (s + kappa)
        share *= share
        points.append((kappa, share.sum(), share @ (squares / s)))
    kappa, second, pull = np.array(points).T
    return _curve(kappa, second, pull, samples, variance)


def digits_in_mpmath(
    s: Sequence[Any],
    squares: Sequence[Any],
    samples: Any,
    variance: Any,
    ridges: Iterable[Any],
    digits: int = 50,
) -> Curve:
    """Newton's iteration in mpmath, from a start in doubles."""
    points = []
    with mpmath.workdps(digits + 10):
        levels, weights = [mpmath.mpf(x) for x in s], [mpmath.mpf(x) for x in squares]
        sizes = np.array([float(x) for x in s])
        for lam in ridges:
            kappa = mpmath.mpf(_start(sizes, float(samples), float(lam)))
            for _ in range(4):
                share = [x / (x + kappa) for x in levels]
                first, second = mpmath.fsum(share), mpmath.fsum(x * x for x in share)
                step = (kappa - lam - kappa * first / samples) / (1 - second / samples)
                kappa -= step
            inverse = [1 / (x + kappa) for x in levels]
            second = mpmath.fsum((x * g) ** 2 for x, g in zip(levels, inverse, strict=True))
            pull = mpmath.fsum(
                w * x * g * g for w, x, g in zip(weights, levels, inverse, strict=True)
            )
            bias = samples * kappa**2 * pull / (samples - second)
            noise = variance * second / (samples - second)
            points.append((kappa, bias + noise, bias, noise))
    return _columns(points)


def digits_in_flint(
    s: Sequence[Any],
    squares: Sequence[Any],
    samples: Any,
    variance: Any,
    ridges: Iterable[Any],
    digits: int = 50,
) -> Curve:
    """Newton's iteration in python-flint's numbers of any precision, from a start in doubles; not certified."""
    points = []
    with flint.ctx.workdps(digits + 10):
        levels, weights = [flint.arb(x) for x in s], [flint.arb(x) for x in squares]
        sizes = np.array([float(x) for x in s])
        for lam in ridges:
            kappa = flint.arb(_start(sizes, float(samples), float(lam)))
            for _ in range(3):
                first = second = flint.arb(0)
                for x in levels:
                    share = x / (x + kappa)
                    first += share
                    second += share * share
                step = (kappa - lam - kappa * first / samples) / (1 - second / samples)
                kappa = (kappa - step).mid()
            second = pull = flint.arb(0)
            for x, w in zip(levels, weights, strict=True):
                inverse = 1 / (x + kappa)
                share = x * inverse
                second += share * share
                pull += w * share * inverse
            bias = samples * kappa**2 * pull / (samples - second)
            noise = variance * second / (samples - second)
            points.append((kappa, bias + noise, bias, noise))
    return _columns(points)


def _start(s: Array, samples: float, lam: float) -> float:
    kappa = lam + s.sum() / samples
    for _ in range(MOST_STEPS):
        share = s / (s + kappa)
        step = (kappa - lam - kappa * share.sum() / samples) / (1 - share @ share / samples)
        kappa -= step
        if abs(step) <= 1e-14 * kappa:
            break
    return float(kappa)


def _columns(points: list[tuple[Any, Any, Any, Any]]) -> Curve:
    columns = list(zip(*points, strict=True))
    return columns[0], columns[1], columns[2], columns[3]
