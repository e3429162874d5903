"""Best splits and best pairs of ridge and weight against coarse grids, over recursions of isotropic ridge in NumPy."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from symcollapse.evaluation import evaluate
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.joint_optimum import joint_optimum
from symcollapse.optima.sample_budget import optimal_samples
from symcollapse.theory import test_error as derive

SIZE = 20
ISOTROPIC = IsotropicSpectrum(SIZE)
UNIFORM = UniformTarget(1)
ROUNDING = 1e-11
"""Relative: a few roundings of doubles in formulas whose terms are all positive."""

Numbers = NDArray[np.float64] | float


def fitted(
    mean: Numbers, spread: Numbers, level: Numbers, samples: Numbers, ridge: Numbers
) -> tuple[Numbers, Numbers]:
    """Mean and variance, in units of w₀ and its square, of a ridge fit to labels of such weights and noise; Σ = I."""
    slope = 1 - ridge - SIZE / samples
    root = (np.sqrt(slope**2 + 4 * ridge) - slope) / 2
    kept = 1 / (1 + root)
    degrees = SIZE * kept**2
    residual = (root * kept) ** 2 * (mean**2 + spread) + level
    return kept * mean, kept**2 * spread + residual * degrees / (samples - degrees)


def mixed_error(
    ridge: Numbers, weight: Numbers, count: int, *, level_is_mixed: bool = True
) -> Numbers:
    """Error of generations of 60 samples with unit noise, on labels of which a share is real."""
    mean: Numbers = np.ones_like(ridge * weight)
    spread: Numbers = np.zeros_like(ridge * weight)
    level = weight**2 + (1 - weight) ** 2 if level_is_mixed else np.ones_like(ridge * weight)
    for _ in range(count):
        mixed, moved = weight + (1 - weight) * mean, (1 - weight) ** 2 * spread
        mean, spread = fitted(mixed, moved, level, 60.0, ridge)
    error: Numbers = (1 - mean) ** 2 + spread
    return error


@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_pair_of_a_grid_is_better_than_the_joint_optimum(count: int) -> None:
    chain = (Generation(60, noise=1, repeat=count),)
    found = joint_optimum(Problem(ISOTROPIC, UNIFORM, chain))
    ridges, weights = np.meshgrid(np.geomspace(1e-2, 10, 61), np.linspace(0, 1, 41))
    grid = np.asarray(mixed_error(ridges, weights, count))
    there = mixed_error(np.array(found.ridge), np.array(found.weight), count)
    # Ridge and weight have six digits, which a minimum squares.
    assert float(there) == pytest.approx(found.total, rel=1e-9)
    assert grid.min() > found.total * (1 - ROUNDING)
    # Half a cell from the minimum: a ridge 6 % off and a weight 0.0125 off change the error by their squares.
    assert grid.min() < found.total * (1 + 0.06**2)
    row, column = np.unravel_index(int(grid.argmin()), grid.shape)
    # One cell either way.
    assert abs(np.log(ridges[row, column] / found.ridge)) < 2 * np.log(10) / 20
    assert abs(weights[row, column] - found.weight) <= 0.05
    # Refused: labels whose noises are not mixed with them have another optimum.
    wrong = np.asarray(mixed_error(ridges, weights, count, level_is_mixed=False))
    assert not wrong.min() < found.total * (1 + 0.06**2)
    assert found.golden_total >= found.total
    assert found.real_total == pytest.approx(
        float(np.min(mixed_error(ridges[0], np.ones(61), count))), rel=0.06**2
    )


RIDGE = Problem(
    ISOTROPIC,
    UNIFORM,
    (Generation(30, noise="1/2", ridge="1/10"), Generation(30, noise=1, ridge="1/5")),
    Downstream(30, noise="3/4", ridge="1/4"),
)


def chain_error(samples: tuple[float, ...], noises: tuple[float, ...] = (0.5, 1.0, 0.75)) -> float:
    """Error of `RIDGE` with other samples."""
    mean: Numbers = 1.0
    spread: Numbers = 0.0
    for size, noise, ridge in zip(samples, noises, (0.1, 0.2, 0.25), strict=True):
        mean, spread = fitted(mean, spread, noise**2, size, ridge)
    return float((1 - mean) ** 2 + spread)


def test_no_split_of_a_grid_is_better_than_the_best_of_ridge_fits() -> None:
    budget = 240
    found = optimal_samples(RIDGE, budget)
    total = float(found.best.total)
    assert chain_error((30, 30, 30)) == pytest.approx(
        float(evaluate(derive(RIDGE).total, RIDGE)), rel=ROUNDING
    )
    assert chain_error(found.samples) == pytest.approx(total, rel=1e-9)
    sizes = range(4, budget, 4)
    splits = [
        (one, two, budget - one - two)
        for one, two in itertools.product(sizes, sizes)
        if one + two < budget
    ]
    best = min(splits, key=chain_error)
    # The total has ten digits.
    assert chain_error(best) >= total * (1 - 1e-9)
    # One cell either way, and the error of a neighbour differs by squares of steps of at most a tenth.
    assert all(abs(one - other) <= 4 for one, other in zip(best, found.samples, strict=True))
    assert chain_error(best) < total * 1.01
    # Refused: with the noises of two fits exchanged another split is the best.
    wrong = min(splits, key=lambda split: chain_error(split, (1.0, 0.5, 0.75)))
    assert any(abs(one - other) > 4 for one, other in zip(wrong, found.samples, strict=True))


def test_no_split_of_a_grid_is_better_than_the_best_of_least_squares() -> None:
    noises = np.array([1.0, 3.0, 2.0])
    chain = (Generation(100, noise=1), Generation(100, noise=3))
    problem = Problem(ISOTROPIC, UNIFORM, chain, Downstream(100, noise=2))
    budget = 363
    found = optimal_samples(problem, budget)

    def error(split: tuple[int, ...], surplus: int = SIZE + 1) -> float:
        return float(np.sum(noises**2 * SIZE / (np.array(split) - surplus)))

    sizes = range(SIZE + 2, budget, 5)
    splits = [(one, two, budget - one - two) for one, two in itertools.product(sizes, sizes)]
    best = min((split for split in splits if split[2] >= SIZE + 2), key=error)
    # The exact law E W⁻¹ = 1/(T − d − 1); the total has ten digits.
    assert error(found.samples) == pytest.approx(float(found.best.total), rel=1e-9)
    assert error(best) >= error(found.samples)
    assert all(abs(one - other) <= 5 for one, other in zip(best, found.samples, strict=True))
    # Refused: the limit's T − d is another law.
    assert error(found.samples, SIZE) != pytest.approx(float(found.best.total), rel=1e-3)
