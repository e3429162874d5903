"""Plain scripts that simulate ridge regression after a chain, as written by hand; no part of this package is used.

Each runs one trial: a chain of least squares fits, then ridge regression of the labels that each predictor of the chain
gives to one more design, and gives the excess risks, one row for each number of generations and one column for each λ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlainSetting:
    """The numbers of a problem: power law 3/2, source 1/2."""

    dimension: int
    samples: int
    generation_samples: int
    generations: int
    ridges: Array
    generation_noise: float = 0.2
    noise: float = 0.1

    @property
    def eigenvalues(self) -> Array:
        """Variances of the features."""
        return np.arange(1.0, self.dimension + 1) ** -1.5

    @property
    def truth(self) -> Array:
        """Coefficients of the truth, c_j² = 1/j."""
        return np.arange(1.0, self.dimension + 1) ** -0.5


Fit: TypeAlias = Callable[[Array, Array, Array], list[Array]]
"""Weights of each λ, one column for each set of labels: X, Y and the ridges in."""


def one_trial(setting: PlainSetting, fit: Fit, generator: np.random.Generator) -> Array:
    """One chain, one downstream design for all λ and all lengths."""
    roots, truth = np.sqrt(setting.eigenvalues), setting.truth
    chain = [truth]
    for _ in range(setting.generations):
        X = generator.standard_normal((setting.generation_samples, setting.dimension)) * roots
        Y = X @ chain[-1] + setting.generation_noise * generator.standard_normal(len(X))
        chain.append(np.asarray(np.linalg.solve(X.T @ X, X.T @ Y), dtype=np.float64))
    X = generator.standard_normal((setting.samples, setting.dimension)) * roots
    noise = setting.noise * generator.standard_normal(len(X))
    Y = X @ np.stack(chain, axis=1) + noise[:, None]
    found = fit(X, Y, setting.ridges)
    return np.stack(
        [setting.eigenvalues @ np.square(weights - truth[:, None]) for weights in found], axis=1
    )


def redone_for_each_ridge(setting: PlainSetting, generator: np.random.Generator) -> Array:
    """The same with everything redone for each λ: a loop over λ around a script for one."""
    columns = []
    for ridge in setting.ridges:
        alone = PlainSetting(
            setting.dimension,
            setting.samples,
            setting.generation_samples,
            setting.generations,
            np.array([ridge]),
            setting.generation_noise,
            setting.noise,
        )
        columns.append(one_trial(alone, solve_each, generator))
    return np.concatenate(columns, axis=1)


def solve_each(X: Array, Y: Array, ridges: Array) -> list[Array]:
    """XᵀX once, then one `numpy.linalg.solve` for each λ, all labels at once."""
    A, b = X.T @ X, X.T @ Y
    identity = np.eye(len(A))
    return [
        np.asarray(np.linalg.solve(A + ridge * len(X) * identity, b), dtype=np.float64)
        for ridge in ridges
    ]


def scikit_learn_each(X: Array, Y: Array, ridges: Array) -> list[Array]:
    """scikit-learn's Ridge for each λ; its penalty is not divided by the number of samples."""
    return [Ridge(alpha=ridge * len(X), fit_intercept=False).fit(X, Y).coef_.T for ridge in ridges]
