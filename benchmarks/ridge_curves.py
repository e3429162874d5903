"""The curves that are timed: ridge regression on a power law, over λ; as a problem, and as plain numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational

import symcollapse as sc

Array = NDArray[np.float64]

NAMES = ("κ", "total", "bias", "variance")


@dataclass(frozen=True)
class RidgeCurve:
    """κ, total, bias and variance of ridge regression, over λ."""

    spectrum: sc.Spectrum
    target: sc.Target
    samples: int
    noise: Fraction = Fraction(1, 10)

    @cached_property
    def problem(self) -> sc.Problem:
        """The setting; λ stays a symbol."""
        fit = sc.Downstream(self.samples, Rational(self.noise), sc.ridge)
        return sc.Problem(self.spectrum, self.target, downstream=fit)

    @cached_property
    def formulas(self) -> tuple[Expr, ...]:
        """Closed formulas of κ, total, bias, variance."""
        error = sc.test_error(self.problem)
        kappa = sc.EffectiveRidge(sc.ridge, sc.samples, self.spectrum)
        return kappa, error.total, error.bias, error.variance

    def compiled(self, arithmetic: Any = "double", digits: int = 50) -> Callable[[Any], Any]:
        """The four as one function of the ridges."""
        return sc.lambdify(
            self.formulas, [sc.ridge], self.problem, arithmetic=arithmetic, digits=digits
        )


def power_law_curve(
    dimension: Any, capacity: str = "3/2", source: str = "1/2", samples: int = 500
) -> RidgeCurve:
    """A power law and a truth of a given source."""
    return RidgeCurve(sc.PowerLawSpectrum(dimension, capacity), sc.SourceTarget(source), samples)


def plain_power_law(dimension: int, capacity: float = 1.5) -> tuple[Array, Array]:
    """Eigenvalues, and squared coefficients for the source 1/2, in doubles."""
    places = np.arange(1.0, dimension + 1)
    return places**-capacity, 1 / places


def ridges(count: int, low: float = -8, high: float = 0) -> Array:
    """λ at equal steps of its logarithm."""
    return np.logspace(low, high, count)


def relative_errors(curve: Sequence[Any], truth: Sequence[Sequence[Any]], places: Any) -> float:
    """Worst relative error of any of the columns at some places, against balls there."""
    worst = 0.0
    for column, balls in zip(curve, truth, strict=True):
        for place, ball in zip(places, balls, strict=True):
            gap = abs((ball - float(column[place])) / ball)
            worst = max(worst, float(gap.upper()))
    return worst


def true_values(curve: RidgeCurve, points: Sequence[float]) -> list[list[Any]]:
    """Balls of 30 digits, by column."""
    balls = curve.compiled("ball", 30)(np.asarray(points, dtype=object))
    return [list(column) for column in balls]


HARD: dict[str, tuple[sc.Spectrum, Callable[[Array], Array], int, float]] = {
    **{
        f"j^-1.5, d = 200, T = {size}, λ = 1e-12": (
            sc.PowerLawSpectrum(200, "3/2"),
            lambda places: places**-1.5,
            size,
            1e-12,
        )
        for size in (100, 200, 400)
    },
    "exp(-j/4), d = 200, T = 100, λ = 1e-15": (
        sc.ExponentialSpectrum(200, "1/4"),
        lambda places: np.exp(-places / 4),
        100,
        1e-15,
    ),
    "j^-4, d = 200, T = 100, λ = 1e-14": (
        sc.PowerLawSpectrum(200, 4),
        lambda places: places**-4.0,
        100,
        1e-14,
    ),
}
"""The spectra on which published codes fail: exact, in doubles, sample size and ridge."""
