"""The theory of a network with a random first layer, for images at hand: spectrum and target, estimated from a sample.

Two routes, by what is held fixed. A first layer drawn anew for every fit: random features of the kernel of infinite
width, as many as the network is wide. One first layer for the whole chain: plain ridge regression on its own features.
"""

from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from threadpoolctl import threadpool_limits

from symcollapse.evolution import state_evolution
from symcollapse.experiments.kernel_spectra import KernelSpectrum, spectrum_of_gram
from symcollapse.language.problems import Generation, Problem
from symcollapse.simulation.feature_networks import FirstLayer

Doubles: TypeAlias = NDArray[np.float64]

BLOCK = 2**23
"""Doubles of a block (64 MB), where a whole matrix of features would be held besides."""


def network_errors(
    spectrum: KernelSpectrum,
    samples: int,
    ridge: float,
    noise: float,
    generations: int,
    features: int | None = None,
) -> tuple[float, ...]:
    """Test error after 0, 1, …, n generations, in the proportional limit (state evolution).

    Parameters
    ----------
    spectrum
        Of the first layer that all fits share, or of the kernel of infinite width.
    samples
        T_0 of each fit.
    ridge
        Of each fit, in the normalisation by T_0.
    noise
        Standard deviation of the noise on each label.
    generations
        n.
    features
        Random features of each fit, drawn anew; None: all that the spectrum has.

    Returns
    -------
    errors
        n + 1 of them; doubles, exact to about 1e-12 given the spectrum.

    Applicability and issues
        What no function of the features can say lies in directions whose eigenvalues are next to none: it acts on the
        first fit as label noise of its size, as uncorrelated parts of Gaussian features do, and is part of every error.

    Example
    -------
    >>> spectrum = KernelSpectrum(np.ones(10), np.zeros(10), 1000)
    >>> network_errors(spectrum, 30, 1e-12, 1.0, 2)[2] / 3 - 10 / (30 - 10) < 1e-9
    True
    """
    fit = Generation(
        samples, Fraction(noise), Fraction(ridge), repeat=generations + 1, features=features
    )
    problem = Problem(spectrum.spectrum, spectrum.target, (fit,))
    return tuple(float(error) for error in state_evolution(problem).errors)


def layer_spectrum(layer: FirstLayer, images: Doubles, target: Doubles) -> KernelSpectrum:
    """Of the features of one first layer, over N images.

    Parameters
    ----------
    layer
        Of width M.
    images
        Shape (N, p).
    target
        Shape (N,); the clean labels.

    Returns
    -------
    spectrum
        As ``kernel_spectrum`` has it, from the smaller of the two matrices of second moments, M × M or N × N, which is
        built block by block. With M < N there is one direction beside the M, whose eigenvalue is next to none: it has
        the part of the target that no function of the features can say.

    Example
    -------
    >>> layer = FirstLayer(np.eye(1), "identity")
    >>> found = layer_spectrum(layer, np.ones((4, 1)), np.array([1.0, -1.0, 1.0, 1.0]))
    >>> found.eigenvalues.round(12).tolist(), found.energies.tolist()
    ([1.0, 0.0], [0.25, 0.75])
    """
    count, width = len(images), layer.width
    moments = np.zeros((min(count, width),) * 2)
    if count <= width:
        step = max(1, BLOCK // count)
        for start in range(0, width, step):
            features = layer.features(images, slice(start, start + step))
            moments += features @ features.T
        return spectrum_of_gram(moments, target)
    projected = np.zeros(width)
    step = max(1, BLOCK // width)
    for start in range(0, count, step):
        rows = slice(start, start + step)
        features = layer.features(images[rows])
        moments += features.T @ features / count
        projected += features.T @ target[rows] / count
    with threadpool_limits(1):
        values, vectors = eigh(moments, driver="evd", overwrite_a=True, check_finite=False)
    least = count * np.finfo(np.float64).eps * values[-1]
    kept = np.flatnonzero(values > least)[::-1]
    energies = np.square(vectors.T[kept] @ projected) / values[kept]
    rest = max(0.0, float(np.square(target).mean() - energies.sum()))
    return KernelSpectrum(np.append(values[kept], least), np.append(energies, rest), count)
