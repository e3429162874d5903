"""Capacity and source of a power law, read off eigenvalues and a target's energies, and whether there is one.

Eigenvalues s_j ~ j^-β give the capacity β. The energies c_j² s_j of the target beyond k of them, with
c_j² ~ j^-(1 + β(2r − 1)), decay as k^-2βr, which gives the source r: sums are steadier than single coefficients.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.language.errors import InvalidProblem

Doubles: TypeAlias = NDArray[np.float64]

FIRST = 10
"""First index of the default range: before it, single directions of the data decide."""

LEAST_RATIO = 10.0
"""Of the last index to the first: under a decade, most decays look like a power."""

POINTS_PER_DECADE = 16
"""Of the fitted line, evenly spaced in log j, so that every octave weighs the same."""

LARGEST_BEND = 0.75
"""Beyond it there is no power law; see ``PowerLawFit.bends``."""


@dataclass(frozen=True)
class PowerLawFit:
    """Exponents that straight lines through logarithms have over a range of indices.

    Example
    -------
    >>> PowerLawFit(2.0, 0.5, 10, 100, 0.0, 0.0, (0.0, 0.1)).tail_exponent
    2.0
    """

    capacity: float
    """β."""
    source: float
    """r."""
    first: int
    """First index of the range."""
    last: int
    """Last index of the range."""
    capacity_spread: float
    """Half the difference of the largest and the smallest β over the parts of the range."""
    source_spread: float
    """The same for r."""
    bends: tuple[float, float]
    """u of eigenvalues and of energies, where the local slope in logarithms grows as j^u over the range.

    0 for a power, u for a decay as exp(−j^u), so 1 for an exponential.
    """

    @property
    def tail_exponent(self) -> float:
        """2βr: exponent of the target's energy beyond k."""
        return 2 * self.capacity * self.source


def tail_energies(
    energies: Doubles, total: float | None = None, images: int | None = None
) -> Doubles:
    """Energy of the target beyond the first k directions, for k = 1, 2, ….

    Parameters
    ----------
    energies
        Shape (K,): c_j² s_j.
    total
        ‖w₀‖_Σ², with what lies beyond K; None: the sum of the energies.
    images
        Number N of inputs from which directions and energies were estimated; None: they are exact. The first k of N then
        have taken a share k/N of what is beyond them, by chance, and the rest is divided by 1 − k/N.

    Returns
    -------
    tails
        Shape (K,); the last may be 0, up to rounding.

    Example
    -------
    >>> tail_energies(np.array([4.0, 2.0, 1.0]), total=8.0).tolist()
    [4.0, 2.0, 1.0]
    """
    beyond = np.cumsum(energies[::-1])[::-1]
    rest = 0.0 if total is None else total - float(beyond[0])
    tails = np.append(beyond[1:], 0.0) + rest
    if images is not None:
        tails /= np.maximum(1 - np.arange(1, len(tails) + 1) / images, 1 / images)
    return tails


def fit_power_law(
    eigenvalues: Doubles,
    energies: Doubles,
    first: int = FIRST,
    last: int | None = None,
    *,
    total: float | None = None,
    images: int | None = None,
) -> PowerLawFit:
    """Capacity β and source r over a range of indices.

    Parameters
    ----------
    eigenvalues, energies
        Shape (K,): s_j in falling order and c_j² s_j.
    first, last
        The range of j, from 1; by default from ``FIRST`` to K. A range has at least a decade.
    total, images
        As in ``tail_energies``.

    Returns
    -------
    fit
        Lines by least squares through points evenly spaced in log j. The spreads are over those parts of the range that
        keep either end and have at least half its length in log j: that is how much the answer owes to the range. They do
        not hold the error of the numbers given.

    Raises
    ------
    InvalidProblem
        If the range is short or outside the lists, or a number is not positive, or there is no power law: a bend over
        ``LARGEST_BEND``.

    Example
    -------
    >>> j = np.arange(1.0, 1001)
    >>> fit = fit_power_law(j**-1.5, j**-1.75, total=1.9623200994513)  # zeta(1.75)
    >>> round(fit.capacity, 3), round(fit.source, 3)
    (1.5, 0.25)
    >>> fit_power_law(j**-1.5, np.exp(-j / 50))
    Traceback (most recent call last):
    symcollapse.language.errors.InvalidProblem: energies beyond 10 to 1000: one is not positive; end the range earlier
    """
    stop = len(eigenvalues) if last is None else last
    if not 1 <= first < stop <= len(eigenvalues) or stop < LEAST_RATIO * first:
        raise InvalidProblem(
            f"a range of indices from {first} to {stop} of {len(eigenvalues)}: "
            f"give one of a ratio of {LEAST_RATIO:g} at least, or more images"
        )
    tails = tail_energies(energies, total, images)
    count = 1 + math.ceil(POINTS_PER_DECADE * math.log10(stop / first))
    indices = np.unique(np.geomspace(first, stop, count).round().astype(np.intp))
    lines = []
    # What lies beyond k begins halfway between k and k + 1: from there the integral over a power is its sum, to 1/k².
    for name, values, shift in (("eigenvalues", eigenvalues, 0.0), ("energies beyond", tails, 0.5)):
        y = values[indices - 1]
        if not (np.isfinite(y).all() and (y > 0).all()):
            raise InvalidProblem(
                f"{name} {first} to {stop}: one is not positive; end the range earlier"
            )
        lines.append((np.log(indices + shift), np.log(y)))
    slopes = [_slopes(x, y) for x, y in lines]
    (eigenvalue_slopes, eigenvalue_bend), (energy_slopes, energy_bend) = slopes
    for name, bend in (("eigenvalues", eigenvalue_bend), ("energies", energy_bend)):
        if math.isinf(bend):
            raise InvalidProblem(
                f"no power law: over half of {first} to {stop} the {name} do not fall; take another range"
            )
        if not bend <= LARGEST_BEND:
            raise InvalidProblem(
                f"no power law: from {first} to {stop} the slope of the {name} grows as j^{bend:.2f} "
                f"(0 for a power, 1 for an exponential, {LARGEST_BEND} at most); take another range"
            )
    sources = energy_slopes / (2 * eigenvalue_slopes)
    return PowerLawFit(
        float(eigenvalue_slopes[0]),
        float(sources[0]),
        first,
        stop,
        float(np.ptp(eigenvalue_slopes)) / 2,
        float(np.ptp(sources)) / 2,
        (eigenvalue_bend, energy_bend),
    )


def _slopes(x: Doubles, y: Doubles) -> tuple[Doubles, float]:
    """Exponents over the whole and over its parts, and the bend."""
    found = np.array([-np.polyfit(x[part], y[part], 1)[0] for part in _parts(len(x))])
    half = (len(x) + 1) // 2
    lower, upper = (
        -np.polyfit(x[part], y[part], 1)[0] for part in (slice(half), slice(-half, None))
    )
    between = x[-half:].mean() - x[:half].mean()
    if lower <= 0 or upper <= 0:
        return found, math.inf
    return found, abs(math.log(upper / lower)) / float(between)


def _parts(count: int) -> Iterator[slice]:
    yield slice(count)
    half = (count + 1) // 2
    for length in range(half, count, max(1, half // 4)):
        yield slice(length)
        yield slice(count - length, count)
