"""Chains of kernel ridge regressions on given inputs: generators that label, a downstream fit, its held-out error.

A fit of T labels is f̂(x) = K(x, X)(K(X, X) + λT·I)⁻¹Y: ridge regression on the features of the kernel, in the
normalisation (Σ̂ + λ)⁻¹ of everything else here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.kernel_functions import Kernel
from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.workers import Progress


@dataclass(frozen=True)
class KernelChain:
    """What each fit of a chain is, but for its inputs.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import RadialKernel
    >>> KernelChain(RadialKernel(0.1), (0, 2), 50, ridge=0.01).longest
    2
    """

    kernel: Kernel
    generations: tuple[int, ...]
    """Numbers n of generators before the downstream fit, each ≥ 0; all are prefixes of one chain."""
    samples: int
    """T₀ of each generator."""
    ridge: float
    """λ₀ > 0 of each generator."""
    generation_noise: float = 1.0
    """σ₀: standard deviation of the noise in the labels of each generator."""
    noise: float = 1.0
    """σ: of the noise in the labels of the downstream fit."""

    def __post_init__(self) -> None:
        if not self.generations or min(self.generations) < 0:
            raise InvalidProblem(f"generations = {self.generations}: give integers >= 0")
        if self.samples < 1 or self.ridge <= 0:
            raise InvalidProblem(
                f"{self.samples} samples with the ridge {self.ridge} for each generator; "
                "give an integer >= 1 and a number > 0"
            )
        if min(self.noise, self.generation_noise) < 0:
            raise InvalidProblem("noise: give standard deviations >= 0")

    @property
    def longest(self) -> int:
        """Largest number of generators."""
        return max(self.generations)


@dataclass(frozen=True, eq=False)
class KernelErrors:
    """Test errors of the downstream fit, by repetition, number of generators, size and ridge."""

    draws: Doubles
    """Shape (repetitions, generations, sizes, ridges)."""
    disjoint: bool
    """Whether all fits of a chain had images of their own; else a fit's are different among themselves only."""
    mean: Doubles = field(init=False)
    """Shape (generations, sizes, ridges)."""
    standard_error: Doubles = field(init=False)
    """Of the mean, from the spread of the repetitions; nan for one."""

    def __post_init__(self) -> None:
        count = len(self.draws)
        spread = (
            self.draws.std(axis=0, ddof=1) if count > 1 else np.full(self.draws.shape[1:], np.nan)
        )
        object.__setattr__(self, "mean", self.draws.mean(axis=0))
        object.__setattr__(self, "standard_error", spread / np.sqrt(count))


def fit_kernel_ridge(K: Doubles, Y: Doubles, ridge: float) -> Doubles:
    """Dual weights (K + ridge·T·I)⁻¹Y of kernel ridge regression.

    Parameters
    ----------
    K
        Shape (T, T), symmetric; kept.
    Y
        Shape (T,), or (T, k) for k fits of the same inputs.
    ridge
        λ ≥ 0.

    Returns
    -------
    weights
        Of the shape of Y; a prediction at x is K(x, X)·weights. By Cholesky's factorisation: their relative error is some
        T·2^-53 times the condition of K + λT·I.

    Raises
    ------
    ArithmeticError
        If the matrix is not positive definite in doubles: the ridge is too small for this kernel.

    Example
    -------
    >>> fit_kernel_ridge(np.eye(2), np.array([3.0, 6.0]), 1.0).round(12).tolist()
    [1.0, 2.0]
    """
    A = K.copy()  # symmetric, so that its rows may stand for the columns that LAPACK reads
    A.flat[:: len(A) + 1] += ridge * len(A)
    _, weights, failed = lapack.dposv(A.T, Y, overwrite_a=True)
    if failed:
        raise ArithmeticError(
            f"the Gram matrix of {len(K)} inputs is singular in doubles with the ridge {ridge:.3g}; give a larger one"
        )
    return np.ascontiguousarray(weights, dtype=np.float64)


def labels_along(
    chain: KernelChain,
    generator: np.random.Generator,
    designs: Sequence[Doubles],
    first_labels: Doubles,
    at: Doubles,
) -> Doubles:
    """What each generator of a chain says of some inputs.

    Parameters
    ----------
    chain
        Its noise and ridge; how many generators there are, ``designs`` says.
    generator
        Source of the label noise.
    designs
        Inputs of each generator, each of shape (T₀, p).
    first_labels
        Shape (T₀,); the truth at the first of them.
    at
        Shape (N, p).

    Returns
    -------
    labels
        Shape (generators, N), without noise.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> chain = KernelChain(PolynomialKernel(1, 1.0, 0.0), (2,), 2, 1e-9, generation_noise=0.0)
    >>> X, truth = np.eye(2), np.array([3.0, 4.0])
    >>> labels_along(chain, np.random.default_rng(0), [X, X], truth, np.ones((1, 2))).round(
    ...     6
    ... ).tolist()
    [[7.0], [7.0]]
    """
    said = np.empty((len(designs), len(at)))
    labels = first_labels
    for number, X in enumerate(designs):
        noisy = labels + chain.generation_noise * generator.standard_normal(len(X))
        weights = fit_kernel_ridge(chain.kernel.matrix(X), noisy, chain.ridge)
        said[number] = chain.kernel.matrix(at, X) @ weights
        if number + 1 < len(designs):
            labels = chain.kernel.matrix(designs[number + 1], X) @ weights
    return said


def downstream_errors(
    kernel: Kernel,
    X: Doubles,
    labels: Doubles,
    ridges: Sequence[tuple[int, Sequence[float]]],
    test_inputs: Doubles,
    test_truth: Doubles,
) -> Doubles:
    """Mean squared errors on held-out inputs, of fits to the first T of the inputs at several ridges.

    Parameters
    ----------
    kernel
        Of all fits.
    X
        Shape (N, p).
    labels
        Shape (N, k): k sets of them.
    ridges
        Pairs of a size T ≤ N and its ridges λ, as many at each size.
    test_inputs, test_truth
        Shapes (M, p) and (M,).

    Returns
    -------
    errors
        Shape (k, sizes, ridges). The Gram matrices are made once, for all sizes; each ridge of each size has one factor,
        for all sets of labels. A spectral factor, for all ridges of a size, costs as much as ten of those or more.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> X, ridges = np.eye(2), [(2, (0.5,))]
    >>> downstream_errors(
    ...     PolynomialKernel(1, 1.0, 0.0), X, np.ones((2, 1)), ridges, X, np.ones(2)
    ... ).round(12).tolist()
    [[[0.25]]]
    """
    K, across = kernel.matrix(X), kernel.matrix(test_inputs, X)
    rows = []
    for size, penalties in ridges:
        row = []
        for ridge in penalties:
            weights = fit_kernel_ridge(K[:size, :size], labels[:size], ridge)
            apart = across[:, :size] @ weights - test_truth[:, np.newaxis]
            row.append(np.square(apart).mean(axis=0))
        rows.append(row)
    return np.moveaxis(np.array(rows), -1, 0)


def simulate_kernel_chain(
    chain: KernelChain,
    inputs: Doubles,
    truth: Doubles,
    ridges: Sequence[tuple[int, Sequence[float]]],
    test_inputs: Doubles,
    test_truth: Doubles,
    repetitions: int = 10,
    seed: int = 1,
    progress: Progress | None = None,
) -> KernelErrors:
    """Test errors of kernel ridge regression after generations of kernel ridge regression, on real inputs.

    Parameters
    ----------
    chain
        Kernel, generators, noise.
    inputs, truth
        Shapes (N, p) and (N,): where inputs of fits are drawn from, without replacement, and their clean labels. Each
        fit has inputs of its own as long as there are enough; else each draws from all, on its own.
    ridges
        Pairs of a size T of the downstream fit and its ridges, as many at each size. Fits of a repetition share inputs.
    test_inputs, test_truth
        Shapes (M, p) and (M,), held out; the error is the mean of (f̂(x) − truth(x))² over them.
    repetitions
        How often inputs and noise are drawn.
    seed
        ≥ 0; repetition i depends on it and on i alone.
    progress
        Called with the repetitions done and those asked for.

    Returns
    -------
    errors
        Errors of all fits; curves of one repetition are not independent.

    Raises
    ------
    InvalidProblem
        If there are fewer inputs than one fit needs, or a number is out of range.
    ArithmeticError
        If a ridge is too small for doubles.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import RadialKernel
    >>> X = np.linspace(0, 1, 60)[:, np.newaxis]
    >>> chain = KernelChain(RadialKernel(4.0), (0, 2), 20, 1e-3, generation_noise=0.1, noise=0.1)
    >>> found = simulate_kernel_chain(
    ...     chain, X, X[:, 0], [(10, (0.01,)), (20, (0.01,))], X, X[:, 0], 4
    ... )
    >>> found.mean.shape, found.disjoint
    ((2, 2, 1), True)
    """
    if repetitions < 1 or seed < 0:
        raise InvalidProblem(f"{repetitions} repetitions, seed {seed}: give integers >= 1 and >= 0")
    largest = max(size for size, _ in ridges)
    needs = [*[chain.samples] * chain.longest, largest]
    if max(needs) > len(inputs) or min(size for size, _ in ridges) < 1:
        raise InvalidProblem(
            f"a fit of {max(needs)} of {len(inputs)} inputs; give smaller sizes, >= 1"
        )
    draws, disjoint = [], sum(needs) <= len(inputs)
    with threadpool_limits(1):
        for repetition in range(repetitions):
            stream = np.random.SeedSequence(seed, spawn_key=(repetition,))
            generator = np.random.Generator(np.random.PCG64(stream))
            *designs, last = (
                _disjoint(generator, len(inputs), needs)
                if disjoint
                else (generator.permutation(len(inputs))[:size] for size in needs)
            )
            first = truth[designs[0]] if designs else np.empty(0)
            said = labels_along(
                chain, generator, [inputs[design] for design in designs], first, inputs[last]
            )
            clean = np.vstack([truth[last], said])[list(chain.generations)]
            labels = clean.T + chain.noise * generator.standard_normal((largest, 1))
            draws.append(
                downstream_errors(
                    chain.kernel, inputs[last], labels, ridges, test_inputs, test_truth
                )
            )
            if progress is not None:
                progress(repetition + 1, repetitions)
    return KernelErrors(np.array(draws), disjoint)


def _disjoint(
    generator: np.random.Generator, count: int, sizes: Sequence[int]
) -> Iterator[NDArray[np.int64]]:
    order = generator.permutation(count)
    start = 0
    for size in sizes:
        yield order[start : start + size]
        start += size
