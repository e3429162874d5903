"""Kernels: similarity of two inputs, and the Gram matrices that they make."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.populations import Doubles

BLOCK_ROWS = 512
"""Rows of a Gram matrix that are made at a time: beside the matrix itself, no more than these is held."""


class Kernel(Protocol):
    """What gives Gram matrices."""

    def matrix(self, X: Doubles, others: Doubles | None = None) -> Doubles:
        """K(x_i, x'_j) for the rows of X and of others; of X with itself, symmetric to the last bit, without them."""
        ...

    def diagonal(self, X: Doubles) -> Doubles:
        """K(x_i, x_i) for the rows of X."""
        ...


@dataclass(frozen=True)
class RadialKernel:
    """exp(−γ‖x − x'‖²), γ the bandwidth.

    Example
    -------
    >>> RadialKernel(0.5).matrix(np.array([[0.0], [1.0]])).round(12).tolist()
    [[1.0, 0.606530659713], [0.606530659713, 1.0]]
    """

    bandwidth: float
    """γ > 0; in units of one over squared distances."""

    def __post_init__(self) -> None:
        _require_bandwidth(self.bandwidth)

    def matrix(self, X: Doubles, others: Doubles | None = None) -> Doubles:
        """Gram matrix.

        Parameters
        ----------
        X
            Shape (N, p).
        others
            Shape (M, p); None: X itself.

        Returns
        -------
        K
            Shape (N, M), entries in (0, 1]. ‖x − x'‖² comes from scalar products of inputs less the mean of ``others``,
            so an entry has a relative error of some p·2^-53 γ(‖x‖² + ‖x'‖²), norms taken from that mean.

        Raises
        ------
        InvalidProblem
            If the rows of X and others differ in length.
        """
        _require_one_kind(X, others)
        points = X if others is None else others
        centre = points.mean(axis=0)
        # Distances know no origin; near the mean, little cancels in the differences below.
        A = X - centre
        B = A if others is None else others - centre
        left, right = np.square(A).sum(axis=1), np.square(B).sum(axis=1)
        K = np.empty((len(A), len(B)))
        for rows, columns, block in _scalar_products(A, None if others is None else B, K):
            block *= -2.0
            block += left[rows, np.newaxis]
            block += right[columns]
            np.maximum(block, 0.0, out=block)
            block *= -self.bandwidth
            np.exp(block, out=block)
        if others is None:
            _mirror(K)
            np.fill_diagonal(K, 1.0)
        return K

    def diagonal(self, X: Doubles) -> Doubles:
        """K(x_i, x_i) = 1."""
        return np.ones(len(X))


@dataclass(frozen=True)
class PolynomialKernel:
    """(γ xᵀx' + constant)^degree, γ the bandwidth.

    Example
    -------
    >>> PolynomialKernel(2, 0.5).matrix(np.array([[1.0, 1.0]]), np.array([[2.0, 4.0]])).tolist()
    [[16.0]]
    """

    degree: int
    """≥ 1."""
    bandwidth: float
    """γ > 0."""
    constant: float = 1.0
    """≥ 0; 0 with degree 1 and bandwidth 1 is the linear kernel."""

    def __post_init__(self) -> None:
        _require_bandwidth(self.bandwidth)
        if isinstance(self.degree, bool) or not isinstance(self.degree, int) or self.degree < 1:
            raise InvalidProblem(f"degree = {self.degree}: give an integer >= 1")
        if not (math.isfinite(self.constant) and self.constant >= 0):
            raise InvalidProblem(f"constant = {self.constant}: give a number >= 0")

    def matrix(self, X: Doubles, others: Doubles | None = None) -> Doubles:
        """Gram matrix.

        Parameters
        ----------
        X
            Shape (N, p).
        others
            Shape (M, p); None: X itself.

        Returns
        -------
        K
            Shape (N, M). The base of the power has an error of some p·2^-53 (γ‖x‖‖x'‖ + constant).

        Raises
        ------
        InvalidProblem
            If the rows of X and others differ in length.
        """
        _require_one_kind(X, others)
        K = np.empty((len(X), len(X if others is None else others)))
        for _, _, block in _scalar_products(X, others, K):
            block *= self.bandwidth
            block += self.constant
            if self.degree > 1:
                _raise_to(block, self.degree)
        if others is None:
            _mirror(K)
        return K

    def diagonal(self, X: Doubles) -> Doubles:
        """K(x_i, x_i) for the rows of X, shape (N, p)."""
        own = self.bandwidth * np.square(X).sum(axis=1) + self.constant
        if self.degree > 1:
            _raise_to(own, self.degree)
        return np.asarray(own)


@dataclass(frozen=True)
class ArcCosineKernel:
    """E max(0, w·x) max(0, w·x') over w of N(0, I): the kernel of a ReLU network of infinite width.

    It is ‖x‖‖x'‖(sin θ + (π − θ) cos θ)/2π, θ the angle between x and x' (Cho and Saul 2009, order 1).

    Example
    -------
    >>> ArcCosineKernel().matrix(np.eye(2)).round(6).tolist()
    [[0.5, 0.159155], [0.159155, 0.5]]
    """

    def matrix(self, X: Doubles, others: Doubles | None = None) -> Doubles:
        """Gram matrix.

        Parameters
        ----------
        X
            Shape (N, p).
        others
            Shape (M, p); None: X itself.

        Returns
        -------
        K
            Shape (N, M). Absolute errors are some p·2^-53 ‖x‖‖x'‖: the kernel is once differentiable in cos θ, at 1 too.

        Raises
        ------
        InvalidProblem
            If the rows of X and others differ in length.
        """
        _require_one_kind(X, others)
        lengths = np.linalg.norm(X, axis=1)
        other_lengths = lengths if others is None else np.linalg.norm(others, axis=1)
        K = np.empty((len(lengths), len(other_lengths)))
        for rows, columns, block in _scalar_products(X, others, K):
            products = np.outer(lengths[rows], other_lengths[columns])
            # An input of zeros has no angle, and any does.
            cosine = np.divide(block, products, out=np.zeros_like(products), where=products > 0)
            np.clip(cosine, -1.0, 1.0, out=cosine)
            block[:] = np.sqrt((1.0 - cosine) * (1.0 + cosine))
            block += (np.pi - np.arccos(cosine)) * cosine
            block *= products / (2 * np.pi)
        if others is None:
            _mirror(K)
        return K

    def diagonal(self, X: Doubles) -> Doubles:
        """K(x_i, x_i) = ‖x_i‖²/2 for the rows of X, shape (N, p)."""
        return np.asarray(np.square(X).sum(axis=1) / 2)


@dataclass(frozen=True)
class DividedKernel:
    """K(x, x')/√(K(x, x)K(x', x')): the same features, of length 1 for every input.

    Example
    -------
    >>> DividedKernel(PolynomialKernel(1, 1.0, 0.0)).matrix(
    ...     np.array([[2.0, 0.0], [3.0, 3.0]])
    ... ).round(6).tolist()
    [[1.0, 0.707107], [0.707107, 1.0]]
    """

    kernel: Kernel
    """With K(x, x) > 0."""

    def matrix(self, X: Doubles, others: Doubles | None = None) -> Doubles:
        """Gram matrix.

        Parameters
        ----------
        X
            Shape (N, p).
        others
            Shape (M, p); None: X itself.

        Returns
        -------
        K
            Shape (N, M), entries in [−1, 1] up to the rounding errors of the kernel.

        Raises
        ------
        InvalidProblem
            If some K(x, x) is 0.
        """
        K = self.kernel.matrix(X, others)
        lengths = self._lengths(X)
        K /= lengths[:, np.newaxis]
        K /= lengths if others is None else self._lengths(others)
        if others is None:
            # Two divisions do not commute in the last bit.
            _mirror(K)
            np.fill_diagonal(K, 1.0)
        return K

    def diagonal(self, X: Doubles) -> Doubles:
        """K(x_i, x_i) = 1."""
        return np.ones(len(X))

    def _lengths(self, X: Doubles) -> Doubles:
        lengths = np.sqrt(self.kernel.diagonal(X))
        if not (lengths > 0).all():
            raise InvalidProblem(
                "K(x, x) = 0 for some input, which cannot be divided out; leave that input out"
            )
        return np.asarray(lengths)


def _require_bandwidth(bandwidth: float) -> None:
    if not (math.isfinite(bandwidth) and bandwidth > 0):
        raise InvalidProblem(f"bandwidth = {bandwidth}: give a number > 0")


def _require_one_kind(X: Doubles, others: Doubles | None) -> None:
    if others is not None and X.shape[1] != others.shape[1]:
        raise InvalidProblem(
            f"inputs of {X.shape[1]} and of {others.shape[1]} numbers; give inputs of one kind"
        )


def _scalar_products(
    A: Doubles, B: Doubles | None, K: Doubles
) -> Iterator[tuple[slice, slice, Doubles]]:
    """Blocks of K, filled with scalar products of rows; of A with itself, those up to the diagonal alone."""
    for start in range(0, len(A), BLOCK_ROWS):
        rows = slice(start, min(start + BLOCK_ROWS, len(A)))
        columns = slice(0, rows.stop if B is None else len(B))
        block = K[rows, columns]
        np.matmul(A[rows], (A if B is None else B)[columns].T, out=block)
        yield rows, columns, block


def _mirror(K: Doubles) -> None:
    for start in range(0, len(K), BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, len(K))
        K[:start, start:stop] = K[start:stop, :start].T
        corner = K[start:stop, start:stop]
        lower = np.tril(corner, -1)
        corner[:] = lower + lower.T + np.diag(corner.diagonal())


def _raise_to(block: Doubles, degree: int) -> None:
    """In place, by products: ``**`` takes logarithms, ten times as long and no more accurate."""
    base = block.copy()
    for digit in bin(degree)[3:]:
        block *= block
        if digit == "1":
            block *= base
