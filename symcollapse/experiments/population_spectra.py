"""From the Gram matrix of N images to the spectrum of all: what the theory itself says about the bias of N is undone.

Ridge regression at λ on N images has an effective ridge κ with κ − λ = κ df₁(κ)/N, and the Gram matrix holds two traces:

- tr K(K + λN)⁻¹ ≃ df₁(κ), so each λ gives a point (κ, df₁(κ)) of the population's curve, with κ = λ/(1 − df₁/N);
- fᵀ(K/N + λ)⁻¹f/N ≃ Σ_j c_j² s_j/(s_j + κ), with f the target at the images.

Both are linear in the population's measure over eigenvalues, which fits by non-negative least squares find: first of
directions, then of energy on the levels that have directions. Leading eigenvalues that N images resolve stay as they
are. What no function of the features can say acts as energy at an eigenvalue next to none, on the last level. Curves
are known for κ ≥ κ(0, N): what fits to T < N images ask for.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from symcollapse.experiments.kernel_spectra import KernelSpectrum

RIDGES = 300
"""Values of λ, evenly spaced in log λ: each a row of the fit."""

LEVELS_PER_DECADE = 12
"""Of the eigenvalues that the fit may use; it takes few of them."""

LEAST_SHARE = 0.02
"""Of 1 − df₁/N: with less, κ is the quotient of two small numbers, and the Gram matrix says little."""

BELOW = 20.0
"""How far below the least κ levels go: smaller eigenvalues would act alike, as a constant added to the ridge."""


def population_spectrum(found: KernelSpectrum, known: int) -> KernelSpectrum:
    """Spectrum and energies of the population behind a Gram matrix.

    Parameters
    ----------
    found
        From N images.
    known
        Leading directions to keep, as ``resolved_directions`` counts them; from their energies the share is taken off
        that any direction gets by chance, 1/N of what is beyond it.

    Returns
    -------
    spectrum
        The kept directions, then levels of equal eigenvalues, energy spread evenly over each. Test errors of fits to
        T < N images from it have the error of the draw of images: some percent, measured on power laws.

    Example
    -------
    >>> from symcollapse.experiments.kernel_spectra import kernel_spectrum
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> images = np.random.default_rng(0).standard_normal(
    ...     (200, 400)
    ... )  # the population: 400 eigenvalues 1
    >>> found = kernel_spectrum(PolynomialKernel(1, 1.0, 0.0), images, images[:, 0])
    >>> population = population_spectrum(found, 0)
    >>> (
    ...     bool(found.eigenvalues[:10].mean() > 5),
    ...     bool(0.8 < np.median(population.eigenvalues) < 1.25),
    ... )
    (True, True)
    """
    ridges, effective, degrees = _effective_ridges(found)
    quotients = (found.energies / (found.eigenvalues + ridges[:, np.newaxis])).sum(axis=1)
    beyond = found.energy - np.cumsum(found.energies)
    kept = found.eigenvalues[:known]
    kept_energies = np.maximum(found.energies - np.maximum(beyond, 0.0) / found.images, 0.0)[:known]
    levels = _levels(found, known, effective)
    kappa = effective[:, np.newaxis]
    weights = _measure(levels / (levels + kappa), degrees, (kept / (kept + kappa)).sum(axis=1))
    # Fractions of a direction go on to the next level, so that as many are left as there were.
    counts = np.diff(np.cumsum(weights).round(), prepend=0.0).astype(np.intp)
    # What no function of the features can say needs one that hardly counts.
    counts[-1] = max(counts[-1], 1)
    used, repeats = levels[counts > 0], counts[counts > 0]
    energies = _measure(1 / (used + kappa), quotients, (kept_energies / (kept + kappa)).sum(axis=1))
    eigenvalues = np.concatenate([kept, np.repeat(used, repeats)])
    shares = np.concatenate([kept_energies, np.repeat(energies / repeats, repeats)])
    order = np.argsort(-eigenvalues, kind="stable")
    return KernelSpectrum(eigenvalues[order], shares[order], found.images)


def _effective_ridges(
    found: KernelSpectrum,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    values = found.eigenvalues
    ridges = np.geomspace(30 * values[0], values[-1] / 10, RIDGES)
    degrees = (values / (values + ridges[:, np.newaxis])).sum(axis=1)
    share = 1 - degrees / found.images
    told = share > LEAST_SHARE
    return ridges[told], ridges[told] / share[told], degrees[told]


def _levels(
    found: KernelSpectrum, known: int, effective: NDArray[np.float64]
) -> NDArray[np.float64]:
    top = found.eigenvalues[known - 1] if known else 2 * found.eigenvalues[0]
    least = min(float(effective[-1]) / BELOW, float(top) / BELOW)
    count = 1 + math.ceil(LEVELS_PER_DECADE * math.log10(top / least))
    return np.geomspace(top, least, count)


def _measure(
    columns: NDArray[np.float64], whole: NDArray[np.float64], kept: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Non-negative weights of the columns that make up the whole but for what is kept; relative errors count alike."""
    rest = np.maximum(whole - kept, 0.0)
    weights, _ = nnls(columns / whole[:, np.newaxis], rest / whole)
    return np.asarray(weights)
