"""Chains of kernel ridge regressions: with a linear kernel they are the chains of ridge regressions of this room."""

import numpy as np
import pytest

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation import fit
from symcollapse.simulation.kernel_chains import (
    KernelChain,
    fit_kernel_ridge,
    simulate_kernel_chain,
)
from symcollapse.simulation.kernel_functions import PolynomialKernel, RadialKernel

LINEAR = PolynomialKernel(1, 1.0, 0.0)
ROUNDING = 1e-9
"""Roundings of 2^-53 times conditions up to 1e3 of four fits that follow each other, with room."""

SIZES = [(12, (0.3, 0.01)), (40, (0.3, 0.01))]
FEATURES = 20
SAMPLES = 30
RIDGE = 0.05


def population() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    deviations = np.arange(1.0, FEATURES + 1) ** -0.5
    X = generator.standard_normal((300, FEATURES)) * deviations
    tests = generator.standard_normal((50, FEATURES)) * deviations
    return X, tests, generator.standard_normal(FEATURES)


def by_weights(generations: int, repetition: int, rows_in_ridge: bool = True) -> np.ndarray:  # noqa: FBT001, FBT002
    """The same chain, in the primal: weights of ridge regressions, the same inputs and noise in the same order."""
    X, tests, truth = population()
    stream = np.random.SeedSequence(3, spawn_key=(repetition,))
    generator = np.random.Generator(np.random.PCG64(stream))
    order = generator.permutation(len(X))
    weights = truth
    for number in range(generations):
        design = X[order[number * SAMPLES : (number + 1) * SAMPLES]]
        labels = design @ weights + 0.5 * generator.standard_normal(SAMPLES)
        weights = fit(design, labels, RIDGE)
    design = X[order[generations * SAMPLES : generations * SAMPLES + SIZES[-1][0]]]
    labels = design @ weights + 0.7 * generator.standard_normal(len(design))
    errors = [
        [
            np.square(
                tests
                @ (
                    fit(design[:size], labels[:size], ridge if rows_in_ridge else ridge / size)
                    - truth
                )
            ).mean()
            for ridge in ridges
        ]
        for size, ridges in SIZES
    ]
    return np.array(errors)


def linear_chain(generations: int) -> KernelChain:
    return KernelChain(LINEAR, (generations,), SAMPLES, RIDGE, generation_noise=0.5, noise=0.7)


@pytest.mark.parametrize("generations", [0, 1, 3])
def test_a_linear_kernel_gives_the_chain_of_ridge_regressions(generations: int) -> None:
    X, tests, truth = population()
    found = simulate_kernel_chain(
        linear_chain(generations), X, X @ truth, SIZES, tests, tests @ truth, 2, seed=3
    )
    assert found.disjoint
    for repetition in range(2):
        expected = by_weights(generations, repetition)
        np.testing.assert_allclose(found.draws[repetition, 0], expected, rtol=ROUNDING)
    # A ridge that is not multiplied by the samples is another fit.
    other = by_weights(generations, 0, rows_in_ridge=False)
    assert np.abs(found.draws[0, 0] / other - 1).min() > 1e-4


def test_generations_are_prefixes_of_one_chain() -> None:
    X, tests, truth = population()
    chain = KernelChain(LINEAR, (0, 2), SAMPLES, RIDGE, generation_noise=0.0, noise=0.0)
    found = simulate_kernel_chain(chain, X, X @ truth, SIZES, tests, tests @ truth, 3)
    # Without noise a ridge only shrinks, so each generation takes something from the signal.
    assert (found.mean[0] < found.mean[1]).all()
    assert found.standard_error.shape == (2, 2, 2)


def test_a_repetition_owes_to_its_number_alone() -> None:
    X, tests, truth = population()
    arguments = (linear_chain(1), X, X @ truth, SIZES, tests, tests @ truth)
    steps: list[tuple[int, int]] = []
    two = simulate_kernel_chain(*arguments, 2, 3, lambda done, all_: steps.append((done, all_)))
    four = simulate_kernel_chain(*arguments, 4, 3)
    assert (four.draws[:2] == two.draws).all()
    assert steps == [(1, 2), (2, 2)]
    assert not (four.draws[2] == four.draws[3]).any()


def test_too_few_images_for_fits_of_their_own_is_said() -> None:
    X, tests, truth = population()
    few = X[:100]
    shared = simulate_kernel_chain(
        linear_chain(3), few, few @ truth, SIZES, tests, tests @ truth, 2
    )
    assert not shared.disjoint
    with pytest.raises(InvalidProblem, match="a fit of 40 of 39 inputs; give smaller sizes"):
        simulate_kernel_chain(
            linear_chain(1), X[:39], X[:39] @ truth, SIZES, tests, tests @ truth, 2
        )


def test_kernel_ridge_solves_its_equation() -> None:
    X = np.random.default_rng(0).standard_normal((60, 3))
    K, Y = RadialKernel(0.5).matrix(X), X[:, :2]
    weights = fit_kernel_ridge(K, Y, 1e-3)
    # Backward error of Cholesky's factorisation.
    np.testing.assert_allclose(K @ weights + 1e-3 * 60 * weights, Y, atol=1e-12)
    with pytest.raises(ArithmeticError, match="give a larger one"):
        fit_kernel_ridge(np.ones((60, 60)), Y, 0.0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"generations": ()}, "generations"),
        ({"generations": (-1,)}, "give integers >= 0"),
        ({"ridge": 0.0}, "a number > 0"),
        ({"samples": 0}, "an integer >= 1"),
        ({"noise": -1.0}, "standard deviations >= 0"),
    ],
)
def test_what_is_no_chain_is_refused(fields: dict[str, object], words: str) -> None:
    given: dict[str, object] = {
        "kernel": LINEAR,
        "generations": (1,),
        "samples": 10,
        "ridge": 0.1,
        **fields,
    }
    with pytest.raises(InvalidProblem, match=words):
        KernelChain(**given)  # type: ignore[arg-type]
