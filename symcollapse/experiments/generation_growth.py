"""Errors over the generations of a chain: mean and standard error of repetitions, and how straight they grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.experiments.figures import Curve

Doubles: TypeAlias = NDArray[np.float64]

GENERATIONS_LABEL = "generations n"


@dataclass(frozen=True)
class Growth:
    """How the error grows with the generations: the straight line nearest to it.

    Example
    -------
    >>> growth([[1.0, 2.0, 3.0], [1.0, 2.5, 4.0]])
    Growth(slope=1.25, standard_error=0.25, determination=1.0)
    """

    slope: float
    """Error per generation."""
    standard_error: float | None
    """Of the slope, over the repetitions; None for one."""
    determination: float
    """R² of the line through the mean: 1 is straight."""

    @property
    def sentence(self) -> str:
        """The same in words, to be begun with what grows.

        Example
        -------
        >>> Growth(0.125, 0.01, 0.99).sentence
        'grows by 0.125 ± 0.01 a generation, a line with R² = 0.990'
        """
        error = "" if self.standard_error is None else f" ± {self.standard_error:.2g}"
        return f"grows by {self.slope:.3g}{error} a generation, a line with R² = {self.determination:.3f}"


def growth(errors: Sequence[Sequence[float]] | Doubles) -> Growth:
    """The line nearest to the mean of some repetitions, by least squares.

    Parameters
    ----------
    errors
        Shape (repetitions, n + 1), n ≥ 1.

    Example
    -------
    >>> round(growth([[0.0, 1.0, 0.0]]).determination, 12)
    0.0
    """
    draws = np.asarray(errors, dtype=np.float64)
    steps = np.arange(draws.shape[1]) - (draws.shape[1] - 1) / 2
    slopes = draws @ steps / (steps @ steps)
    error = float(slopes.std(ddof=1) / np.sqrt(len(slopes))) if len(slopes) > 1 else None
    around = draws.mean(axis=0) - draws.mean()
    spread = around @ around
    explained = slopes.mean() ** 2 * (steps @ steps)
    return Growth(float(slopes.mean()), error, float(explained / spread) if spread else 1.0)


def measured_curve(label: str, x: Sequence[float], draws: Doubles) -> Curve:
    """Means over repetitions, with standard errors if there are two or more.

    Parameters
    ----------
    label
        Of the curve.
    x
        In rising order.
    draws
        Shape (repetitions, len(x)).

    Example
    -------
    >>> curve = measured_curve("M = 5", (0, 1), np.array([[1.0, 2.0], [3.0, 2.0]]))
    >>> curve.y, curve.standard_error
    ((2.0, 2.0), (1.0, 0.0))
    """
    places, mean = tuple(float(value) for value in x), tuple(draws.mean(axis=0).tolist())
    if len(draws) == 1:
        return Curve(label, "measured", places, mean)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    return Curve(label, "measured", places, mean, tuple(error.tolist()))


def generator_of(seed: int, *place: int) -> np.random.Generator:
    """Random numbers of one part of a figure: a repetition at one place, or what all of them share.

    Example
    -------
    >>> generator_of(1).random() != generator_of(1, 0).random() != generator_of(1, 0, 0).random()
    True
    """
    return np.random.default_rng((seed, *(number + 1 for number in place)))
