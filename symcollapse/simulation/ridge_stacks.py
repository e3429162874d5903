"""Many small ridge paths at once, as stacks of matrices in any namespace of the Array API."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from symcollapse.simulation.array_namespaces import ArrayPlace
from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.ridge_solutions import LARGEST_CONDITION

STACK_BYTES = 2**28
"""Memory of one stack with all that is made of it; a quarter of a gigabyte."""

MOST_STACKED = 256
"""Trials of one stack; so that progress shows."""


def stack_size(samples: int, features: int, columns: int) -> int:
    """Number of trials whose stacks stay within ``STACK_BYTES``, at least 1.

    Parameters
    ----------
    samples, features
        Rows and columns of each design.
    columns
        Solutions of each trial: sets of labels times ridges.

    Example
    -------
    >>> stack_size(300, 100, 20), stack_size(10**5, 10**4, 20)
    (256, 1)
    """
    least = min(samples, features)
    numbers = 2 * samples * features + 3 * least**2 + 4 * features * columns
    return max(1, min(MOST_STACKED, STACK_BYTES // (8 * numbers)))


def stacked_solutions(
    X: Doubles, Y: Doubles, ridges: Doubles, rows: float, place: ArrayPlace
) -> tuple[Any, NDArray[np.bool_]]:
    """Ridge regression of many designs at many ridges, by one decomposition of each XᵀX, or XXᵀ for T < d.

    Parameters
    ----------
    X
        Shape (B, T, d), of full rank.
    Y
        Shape (B, T, k).
    ridges
        Shape (l,), each ≥ 0, in the normalisation of ``fit``.
    rows
        N, as in ``fit``.
    place
        Where to compute.

    Returns
    -------
    weights
        Shape (B, d, l·k), an array of the namespace, the columns of a ridge side by side; where trusted, with the
        error of ``fit_ridges``.
    trusted
        Shape (B, l); whether the condition allows it.

    Example
    -------
    >>> from symcollapse.simulation.array_namespaces import array_place
    >>> X, Y = np.eye(2)[None], np.array([[[1.0], [2.0]]])
    >>> weights, trusted = stacked_solutions(X, Y, np.array([0.0, 0.5]), 2.0, array_place("numpy"))
    >>> weights.round(12).tolist(), trusted.tolist()
    ([[[1.0, 0.5], [2.0, 1.0]]], [[True, True]])
    """
    xp = place.namespace
    designs, labels = place.arrays(X), place.arrays(Y)
    transposed = xp.matrix_transpose(designs)
    dual = X.shape[1] < X.shape[2]
    A = designs @ transposed if dual else transposed @ designs
    b = labels if dual else transposed @ labels
    # No decomposition takes numbers that overflowed; such a trial is left to who finds it untrusted.
    finite = xp.isfinite(A)
    values, vectors = xp.linalg.eigh(xp.where(finite, A, xp.zeros_like(A)))
    eigenvalues = place.on_host(values)
    penalties = ridges * rows
    least = np.maximum(eigenvalues[:, :1], 0.0) + penalties
    trusted = least * LARGEST_CONDITION >= eigenvalues[:, -1:] + penalties
    trusted &= np.isfinite(place.on_host(xp.sum(A, axis=(1, 2))))[:, None]
    # What is not trusted may divide by zero; it is computed elsewhere.
    kept = np.where(trusted[:, None, :], eigenvalues[:, :, None] + penalties, 1.0)
    parts = (xp.matrix_transpose(vectors) @ b)[:, :, None, :] / place.arrays(kept)[:, :, :, None]
    count, size = X.shape[0], A.shape[-1]
    solutions = vectors @ xp.reshape(parts, (count, size, len(ridges) * Y.shape[2]))
    return (transposed @ solutions if dual else solutions), trusted


def stacked_risks(weights: Any, truth: Doubles, eigenvalues: Doubles, place: ArrayPlace) -> Doubles:
    """Excess risk of every column of every trial.

    Parameters
    ----------
    weights
        Shape (B, d, m), an array of the namespace.
    truth, eigenvalues
        Shape (d,), in the same order.
    place
        Where to compute.

    Returns
    -------
    risks
        Shape (B, m).

    Example
    -------
    >>> from symcollapse.simulation.array_namespaces import array_place
    >>> stacked_risks(np.ones((1, 2, 1)), np.zeros(2), np.array([4.0, 1.0]), array_place("numpy"))
    array([[5.]])
    """
    roots = place.arrays(np.sqrt(eigenvalues)[:, None])
    errors = roots * (weights - place.arrays(truth[:, None]))
    return place.on_host(place.namespace.sum(errors * errors, axis=1))
