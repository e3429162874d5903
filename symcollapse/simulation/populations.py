"""Populations: eigenvalues of the covariance and coefficients of the truth, as doubles."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)

Doubles: TypeAlias = NDArray[np.float64]

MOST_FEATURES = 20_000
"""Features; one square matrix of them fills 3.2 GB."""

SMALLEST_EIGENVALUE = 1e-290
"""Below it squared inputs leave the range of doubles (2e-308), with room for small draws."""

LARGEST_EIGENVALUE = 1e290
"""Above it sums of squared inputs overflow."""


@dataclass(frozen=True, eq=False)
class Population:
    """Numbers that data are drawn from, in the eigenbasis of Σ, in the order of the spectrum."""

    eigenvalues: Doubles
    """Shape (d,); variances of the features, all positive."""
    coefficients: Doubles
    """Shape (d,); the truth w₀. Where c_j² is given, c_j is its root ≥ 0: signs cannot matter."""

    @property
    def energy(self) -> float:
        """‖w₀‖_Σ²: what predicting zero costs."""
        return math.fsum(np.square(np.sqrt(self.eigenvalues) * self.coefficients))


def number(value: Expr, key: str) -> float:
    """Double nearest to an exact number.

    Parameters
    ----------
    value
        Expression without symbols.
    key
        Where it stands in the problem file, for the message.

    Raises
    ------
    NotEvaluable
        If a symbol has no value, or the number is outside the range of doubles.

    Example
    -------
    >>> from sympy import Rational
    >>> number(Rational(3, 8), "target.source")
    0.375
    """
    if value.free_symbols:
        names = ", ".join(sorted(str(symbol) for symbol in value.free_symbols))
        raise NotEvaluable(f"{key} = {value}: a simulation needs a number for {names}; give one")
    try:
        converted = float(value)
    except (TypeError, OverflowError):
        converted = math.nan
    if not math.isfinite(converted):
        raise NotEvaluable(
            f"{key} = {_short(value)}: outside the range of doubles; give another number"
        )
    return converted


def features(spectrum: Spectrum) -> int:
    """Number of features, if they can be drawn.

    Raises
    ------
    NotEvaluable
        If the dimension has no number, is infinite, or is over ``MOST_FEATURES``.

    Example
    -------
    >>> features(LevelsSpectrum([4, 1], [100, 200]))
    300
    """
    size = spectrum.dimension
    if size.is_infinite or number(size, "spectrum.dimension") > MOST_FEATURES:
        shown = "inf" if size.is_infinite else size
        raise NotEvaluable(
            f"spectrum.dimension = {shown}: a simulation draws every feature; "
            f"give at most {MOST_FEATURES}"
        )
    return int(size)


def eigenvalues_of(spectrum: Spectrum) -> Doubles:
    """Eigenvalues with multiplicity, in the order of the spectrum.

    Returns
    -------
    eigenvalues
        Shape (d,); relative error of some units in the last place, times a power law's exponent.

    Raises
    ------
    NotEvaluable
        If a symbol has no value, d is too large, or doubles cannot hold the square of a value.

    Example
    -------
    >>> eigenvalues_of(LevelsSpectrum([4, "1/2"], [1, 2])).tolist()
    [4.0, 0.5, 0.5]
    """
    size = features(spectrum)
    indices = np.arange(1.0, size + 1)
    match spectrum:
        case IsotropicSpectrum():
            values = np.full(size, number(spectrum.scale, "spectrum.scale"))
        case PowerLawSpectrum():
            scale = number(spectrum.scale, "spectrum.scale")
            values = scale * indices ** -number(spectrum.capacity, "spectrum.capacity")
        case ExponentialSpectrum():
            scale = number(spectrum.scale, "spectrum.scale")
            values = scale * np.exp(-number(spectrum.rate, "spectrum.rate") * indices)
        case LevelsSpectrum():
            values = np.repeat(_all(spectrum.values, "spectrum.values"), _counts(spectrum))
        case ExplicitSpectrum():
            values = _all(spectrum.eigenvalues, "spectrum.eigenvalues")
        case _:
            raise NotEvaluable(f"spectrum {spectrum}: only its name is known; give its eigenvalues")
    if values.min() < SMALLEST_EIGENVALUE or values.max() > LARGEST_EIGENVALUE:
        raise NotEvaluable(
            f"spectrum: eigenvalues from {values.min():.0e} to {values.max():.0e}; stay within "
            f"{SMALLEST_EIGENVALUE:.0e} and {LARGEST_EIGENVALUE:.0e} by fewer features or a scale"
        )
    return values


def coefficients_of(target: Target, spectrum: Spectrum) -> Doubles:
    """Coefficients of the truth w₀ in the eigenbasis, in the order of the spectrum.

    Returns
    -------
    coefficients
        Shape (d,).

    Raises
    ------
    NotEvaluable
        If a symbol has no value, or a coefficient is outside the range of doubles.

    Example
    -------
    >>> from symcollapse.language.targets import LevelsTarget
    >>> coefficients_of(LevelsTarget([8, 9]), LevelsSpectrum([4, 1], [2, 1])).tolist()
    [1.0, 1.0, 3.0]
    """
    target.check_against(spectrum)
    size = features(spectrum)
    match target:
        case UniformTarget():
            norm = number(target.squared_norm, "target.squared_norm")
            values = np.full(size, math.sqrt(norm / size))
        case SourceTarget():
            assert isinstance(spectrum, PowerLawSpectrum)
            delta = number(1 + spectrum.capacity * (2 * target.source - 1), "target.source")
            scale = number(target.scale, "target.scale")
            with np.errstate(over="ignore"):
                values = math.sqrt(scale) * np.arange(1.0, size + 1) ** (-delta / 2)
        case LevelsTarget():
            levels = (
                LevelsSpectrum([spectrum.scale], [spectrum.dimension])
                if isinstance(spectrum, IsotropicSpectrum)
                else spectrum
            )
            assert isinstance(levels, LevelsSpectrum)
            energies = _all(target.energies, "target.energies")
            counts = _counts(levels)
            values = np.repeat(np.sqrt(energies / counts / _all(levels.values, "spectrum")), counts)
        case ExplicitTarget():
            values = _all(target.coefficients, "target.coefficients")
        case _:
            raise NotEvaluable(f"target {target}: only its name is known; give its coefficients")
    if not np.isfinite(values).all():
        raise NotEvaluable(
            "target: a coefficient is outside the range of doubles; give a smaller scale"
        )
    return values


def population_of(problem: Problem) -> Population:
    """Eigenvalues and coefficients of a problem.

    Raises
    ------
    NotEvaluable
        If they are no finite list of doubles, or too long a one.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> problem = Problem(PowerLawSpectrum(3, 1), UniformTarget(3), downstream=Downstream(9))
    >>> population_of(problem).coefficients.tolist()
    [1.0, 1.0, 1.0]
    """
    values = eigenvalues_of(problem.spectrum)
    truth = coefficients_of(problem.target, problem.spectrum)
    return Population(values, truth)


def _short(value: Expr) -> str:
    # A number of thousands of digits has no text at all in Python.
    digits = value.p.bit_length() if isinstance(value, Rational) else 0
    return str(value) if digits < 256 else str(value.evalf(6))


def _all(values: tuple[Expr, ...], key: str) -> Doubles:
    return np.array([number(value, key) for value in values], dtype=np.float64)


def _counts(spectrum: LevelsSpectrum) -> NDArray[np.intp]:
    counts = [number(count, "spectrum.counts") for count in spectrum.counts]
    if any(count < 1 or count != int(count) for count in counts):
        raise InvalidProblem(f"spectrum.counts = {list(spectrum.counts)}: give integers >= 1")
    return np.array(counts, dtype=np.intp)
