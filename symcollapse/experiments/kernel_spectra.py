"""Spectrum of a kernel on images, and a target's share in each direction, estimated from one Gram matrix.

With N images, K/N = UDUᵀ stands for the kernel operator: D holds its eigenvalues s_j, and (Uᵀf)_j²/N the energy
c_j² s_j of a target f. Taken together these are exact for the population that consists of the N images; how
well that stands for all images, halves of them tell.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from sympy import Rational
from threadpoolctl import threadpool_limits

from symcollapse.experiments.power_law_fits import FIRST, LEAST_RATIO, PowerLawFit, fit_power_law
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.spectra import ExplicitSpectrum
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation.kernel_functions import Kernel

Doubles: TypeAlias = NDArray[np.float64]

TOLERANCE = 0.1
"""Relative difference of an eigenvalue between all images and either half of them, up to which it counts as resolved."""

SMOOTHING = 1.1
"""Ratio of indices over which eigenvalues are averaged before that: single ones cross."""


@dataclass(frozen=True, eq=False)
class KernelSpectrum:
    """Eigenvalues and energies.

    Example
    -------
    >>> found = KernelSpectrum(np.array([0.5, 0.25]), np.array([2.0, 1.0]), 2)
    >>> found.energy, found.coefficients.tolist()
    (3.0, [2.0, 2.0])
    """

    eigenvalues: Doubles
    """Shape (N,); s_j in falling order, those below rounding lifted to it."""
    energies: Doubles
    """Shape (N,); c_j² s_j, the part of the target's mean square along direction j."""
    images: int
    """N."""

    @property
    def energy(self) -> float:
        """Mean square of the target."""
        return float(self.energies.sum())

    @property
    def coefficients(self) -> Doubles:
        """c_j ≥ 0; signs cannot matter."""
        return np.sqrt(self.energies / self.eigenvalues)

    @property
    def spectrum(self) -> ExplicitSpectrum:
        """The eigenvalues, for a problem: each double as the rational number that it is."""
        return ExplicitSpectrum([Rational(value) for value in self.eigenvalues.tolist()])

    @property
    def target(self) -> ExplicitTarget:
        """The coefficients, for a problem."""
        return ExplicitTarget([Rational(value) for value in self.coefficients.tolist()])


@dataclass(frozen=True)
class MeasuredPowerLaw:
    """Capacity and source of a kernel and a target on images, with what they owe to the images and to the range.

    Of 24 Gaussian data sets of 600 images for each of (β, r) = (1.2, 0.3), (1.65, 0.1) and (2, 0.5), once the error held
    the truth in 67 to 100 % (β) and 79 to 92 % (r), twice the error in 100 % and 88 to 100 %.

    Example
    -------
    >>> fit = PowerLawFit(2.0, 0.5, 10, 100, 0.1, 0.02, (0.0, 0.1))
    >>> print(MeasuredPowerLaw(fit, 400, 0.05, 0.01, 0.25))
    β = 2.00 ± 0.11, r = 0.500 ± 0.022 over j = 10 to 100
    """

    fit: PowerLawFit
    """To all of the images."""
    resolved: int
    """Leading eigenvalues that agree with those of either half of the images."""
    capacity_by_images: float
    """Error of β by the images: half the difference of the two halves' β, for their draw, and the difference of the
    halves' mean to β, for their number: a bias that falls as 1/N; in quadrature."""
    source_by_images: float
    """The same for r."""
    unresolved_energy: float
    """Share of the target's mean square beyond the resolved directions."""

    @property
    def capacity_error(self) -> float:
        """Of β: spread over ranges and images, in quadrature."""
        return float(np.hypot(self.fit.capacity_spread, self.capacity_by_images))

    @property
    def source_error(self) -> float:
        """Of r: spread over ranges and images, in quadrature."""
        return float(np.hypot(self.fit.source_spread, self.source_by_images))

    def __str__(self) -> str:
        """The exponents with their errors."""
        fit = self.fit
        return (
            f"β = {fit.capacity:.2f} ± {self.capacity_error:.2f}, r = {fit.source:.3f} ± {self.source_error:.3f} "
            f"over j = {fit.first} to {fit.last}"
        )


def kernel_spectrum(kernel: Kernel, images: Doubles, target: Doubles) -> KernelSpectrum:
    """Spectrum and energies from the Gram matrix of some images.

    Parameters
    ----------
    kernel
        As in the regression.
    images
        Shape (N, p).
    target
        Shape (N,); the clean labels.

    Returns
    -------
    spectrum
        Of the population of these N images, up to an error of some N·2^-53 of the largest eigenvalue.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> images, target = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([3.0, 1.0])
    >>> found = kernel_spectrum(PolynomialKernel(1, 1.0, 0.0), images, target)
    >>> found.eigenvalues.round(12).tolist(), found.energies.round(12).tolist()
    ([2.0, 0.5], [4.5, 0.5])
    """
    return spectrum_of_gram(kernel.matrix(images), target)


def spectrum_of_gram(matrix: Doubles, target: Doubles) -> KernelSpectrum:
    """The same from a Gram matrix at hand, which is lost.

    Parameters
    ----------
    matrix
        Shape (N, N): K(x_i, x_j).
    target
        Shape (N,); the clean labels.

    Example
    -------
    >>> spectrum_of_gram(2 * np.eye(4), np.ones(4)).energy
    1.0
    """
    count = len(matrix)
    matrix /= count
    with threadpool_limits(1):
        values, vectors = eigh(matrix, driver="evd", overwrite_a=True, check_finite=False)
        energies = np.square(vectors.T @ target) / count
    least = count * np.finfo(np.float64).eps * values[-1]
    return KernelSpectrum(np.maximum(values[::-1], least), energies[::-1].copy(), count)


def halved(
    estimated: Callable[[Doubles, Doubles], KernelSpectrum], images: Doubles, target: Doubles
) -> tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]]:
    """Spectrum of all of the images, and those of two halves without a common image.

    Parameters
    ----------
    estimated
        Gives the spectrum from images and a target, as ``kernel_spectrum`` for some kernel does.
    images, target
        As in ``kernel_spectrum``; images in random order.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> linear = partial(kernel_spectrum, PolynomialKernel(1, 1.0, 0.0))
    >>> whole, halves = halved(linear, np.eye(4), np.ones(4))
    >>> whole.images, [half.images for half in halves]
    (4, [2, 2])
    """
    middle = len(images) // 2
    first, second = (
        estimated(images[part], target[part]) for part in (slice(middle), slice(middle, 2 * middle))
    )
    return estimated(images, target), (first, second)


def halved_spectra(
    kernel: Kernel, images: Doubles, target: Doubles
) -> tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]]:
    """The same for a kernel.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> whole, _ = halved_spectra(PolynomialKernel(1, 1.0, 0.0), np.eye(4), np.ones(4))
    >>> whole.energy
    1.0
    """
    return halved(partial(kernel_spectrum, kernel), images, target)


def resolved_directions(whole: KernelSpectrum, halves: Sequence[KernelSpectrum]) -> int:
    """How many leading directions have an eigenvalue that does not owe to which images there are, or how many.

    Parameters
    ----------
    whole, halves
        As from ``halved_spectra``. Eigenvalues are averaged over a ratio ``SMOOTHING`` of indices; those of each half may
        differ from those of the whole by ``TOLERANCE``.

    Example
    -------
    >>> def spectrum(*values: float) -> KernelSpectrum:
    ...     return KernelSpectrum(np.array(values), np.ones(len(values)), len(values))
    >>> resolved_directions(spectrum(4.0, 2.0, 1.0, 0.5), [spectrum(4.1, 1.9, 0.5)])
    2
    """
    count = min(len(each.eigenvalues) for each in (whole, *halves))
    expected = _averaged(whole.eigenvalues[:count])
    found = [_averaged(half.eigenvalues[:count]) for half in halves]
    apart = np.max([np.abs(half / expected - 1) for half in found], axis=0)
    beyond = np.flatnonzero(apart > TOLERANCE)
    return int(beyond[0]) if len(beyond) else count


def measured_power_law(
    whole: KernelSpectrum,
    halves: Sequence[KernelSpectrum],
    first: int = FIRST,
    last: int | None = None,
) -> MeasuredPowerLaw:
    """Capacity and source from Gram matrices, with what they owe to the images and to the range.

    Parameters
    ----------
    whole, halves
        As from ``halved_spectra``.
    first, last
        Range of the fit; by default from ``FIRST`` to the last resolved direction.

    Raises
    ------
    InvalidProblem
        If fewer directions are resolved than a range needs, or there is no power law over it.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> deviations = np.arange(1, 41) ** -0.75
    >>> images = np.random.default_rng(0).standard_normal((800, 40)) * deviations
    >>> target = images @ np.arange(1, 41) ** -0.25
    >>> law = measured_power_law(
    ...     *halved_spectra(PolynomialKernel(1, 1.0, 0.0), images, target), first=2, last=20
    ... )
    >>> abs(law.fit.capacity - 1.5) < 3 * law.capacity_error
    True
    """
    known = resolved_directions(whole, halves)
    stop = known if last is None else last
    if stop < LEAST_RATIO * first:
        raise InvalidProblem(
            f"{known} directions are resolved by {whole.images} images; a power law needs "
            f"{LEAST_RATIO * first:g}; give more images, or the range"
        )
    fit, lower, upper = (
        fit_power_law(each.eigenvalues, each.energies, first, stop, images=each.images)
        for each in (whole, *halves)
    )
    return MeasuredPowerLaw(
        fit,
        known,
        _by_images(fit.capacity, lower.capacity, upper.capacity),
        _by_images(fit.source, lower.source, upper.source),
        float(whole.energies[known:].sum()) / whole.energy,
    )


def _by_images(whole: float, lower: float, upper: float) -> float:
    return math.hypot((lower - upper) / 2, (lower + upper) / 2 - whole)


def _averaged(values: Doubles) -> Doubles:
    indices = np.arange(1, len(values) + 1)
    low = np.ceil(indices / SMOOTHING).astype(np.intp) - 1
    high = np.minimum(np.floor(indices * SMOOTHING).astype(np.intp), len(values))
    sums = np.concatenate([[0.0], np.cumsum(values[::-1])])[
        ::-1
    ]  # from the small end: no digits lost
    return (sums[low] - sums[high]) / (high - low)
