"""Gram matrices against loops by the definition and against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.kernel_functions import (
    BLOCK_ROWS,
    DividedKernel,
    PolynomialKernel,
    RadialKernel,
)

ROUNDING = 1e-13
"""Some hundred roundings of 2^-53 in sums of seven products, raised to powers up to five."""


def inputs(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 7))


def radial_by_loops(X: np.ndarray, others: np.ndarray, bandwidth: float) -> np.ndarray:
    return np.array([[math.exp(-bandwidth * math.dist(a, b) ** 2) for b in others] for a in X])


def polynomial_by_loops(X: np.ndarray, others: np.ndarray, bandwidth: float) -> np.ndarray:
    return np.array(
        [
            [
                (bandwidth * math.fsum(p * q for p, q in zip(a, b, strict=True)) + 1) ** 5
                for b in others
            ]
            for a in X
        ]
    )


def test_entries_are_those_of_the_definition() -> None:
    X, others = inputs(13), inputs(11, 2)
    for found, expected in (
        (RadialKernel(0.3).matrix(X, others), radial_by_loops(X, others, 0.3)),
        (RadialKernel(0.3).matrix(X), radial_by_loops(X, X, 0.3)),
        (PolynomialKernel(5, 0.2).matrix(X, others), polynomial_by_loops(X, others, 0.2)),
        (PolynomialKernel(5, 0.2).matrix(X), polynomial_by_loops(X, X, 0.2)),
    ):
        np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING)
    # A slip of the bandwidth by one part in a billion is seen.
    slipped = RadialKernel(0.3 * (1 + 1e-9)).matrix(X, others)
    assert np.abs(slipped / radial_by_loops(X, others, 0.3) - 1).max() > 10 * ROUNDING


def test_blocks_are_those_of_scikit_learn_and_symmetric() -> None:
    X = inputs(2 * BLOCK_ROWS + 5)
    radial, polynomial = RadialKernel(0.1).matrix(X), PolynomialKernel(5, 0.1).matrix(X)
    np.testing.assert_allclose(radial, rbf_kernel(X, gamma=0.1), rtol=ROUNDING, atol=ROUNDING)
    expected = polynomial_kernel(X, degree=5, gamma=0.1, coef0=1)
    # Cancellation in the base of the power is relative to its largest term.
    np.testing.assert_allclose(polynomial, expected, rtol=1e-10, atol=ROUNDING)
    for K in (radial, polynomial):
        assert (K == K.T).all()
    assert (np.diagonal(radial) == 1).all()


def test_distances_do_not_owe_to_the_origin() -> None:
    X, others = inputs(9), inputs(8, 2)
    near, far = (RadialKernel(0.3).matrix(X + shift, others + shift) for shift in (0.0, 1e6))
    # The shift itself rounds each input to 1e6·2^-53 = 1e-10; without a centre it were of order 1e12·2^-53 = 1e-4.
    np.testing.assert_allclose(far, near, rtol=1e-8)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: RadialKernel(0.0), "bandwidth = 0.0: give a number > 0"),
        (lambda: RadialKernel(math.nan), "bandwidth = nan"),
        (lambda: PolynomialKernel(0, 1.0), "degree = 0: give an integer >= 1"),
        (lambda: PolynomialKernel(2, 1.0, -1.0), "constant = -1.0: give a number >= 0"),
        (lambda: RadialKernel(1.0).matrix(np.ones((2, 3)), np.ones((2, 4))), "inputs of 3 and"),
        (lambda: PolynomialKernel(2, 1.0).matrix(np.ones((2, 3)), np.ones((2, 4))), "inputs of 3"),
    ],
)
def test_what_is_no_kernel_is_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(InvalidProblem, match=words):
        make()


@pytest.mark.parametrize(
    "kernel", [RadialKernel(0.3), PolynomialKernel(5, 0.1), PolynomialKernel(1, 2.0, 0.0)]
)
def test_dividing_out_the_lengths_leaves_cosines(kernel: RadialKernel | PolynomialKernel) -> None:
    generator = np.random.default_rng(8)
    X, others = generator.standard_normal((30, 4)), generator.standard_normal((7, 4))
    K, across, divided = kernel.matrix(X), kernel.matrix(X, others), DividedKernel(kernel)
    # The same Gram matrix, divided: rounding errors of the diagonal, which has no differences, and of its roots.
    np.testing.assert_allclose(kernel.diagonal(X), K.diagonal(), rtol=1e-14)
    own, theirs = np.sqrt(K.diagonal()), np.sqrt(kernel.matrix(others).diagonal())
    np.testing.assert_allclose(divided.matrix(X), K / np.outer(own, own), rtol=1e-13)
    np.testing.assert_allclose(
        divided.matrix(X, others), across / np.outer(own, theirs), rtol=1e-13
    )
    assert (divided.matrix(X) == divided.matrix(X).T).all()
    assert (divided.diagonal(X) == divided.matrix(X).diagonal()).all()


def test_an_input_without_length_cannot_be_divided_out() -> None:
    with pytest.raises(InvalidProblem, match=r"K\(x, x\) = 0 for some input"):
        DividedKernel(PolynomialKernel(1, 1.0, 0.0)).matrix(np.array([[1.0], [0.0]]))
