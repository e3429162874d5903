"""The theory of a network with a random first layer, for images at hand: spectrum and target, estimated from a sample.

Two routes, by what is held fixed. A first layer drawn anew for every fit: random features of the kernel of infinite
width, as many as the network is wide. One first layer for the whole chain: plain ridge regression on its own features.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from symcollapse.evolution import state_evolution
from symcollapse.language.problems import Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation.feature_networks import FirstLayer

Doubles: TypeAlias = NDArray[np.float64]

SMALLEST = 1e-12
"""Eigenvalues below this share of the largest are rounding errors of it; the target's part there is residual."""

BLOCK = 2**23
"""Doubles of a block (64 MB), where a whole matrix of features would be held besides."""


@dataclass(frozen=True, eq=False)
class FeatureSpectrum:
    """Second moments of features and what they have in common with the target, over a sample of N images.

    Example
    -------
    >>> spectrum = spectrum_of_gram(np.diag([32.0, 8.0, 0, 0]), np.array([1.0, 3, 0, 0]))
    >>> spectrum.eigenvalues.tolist(), spectrum.energies.tolist(), spectrum.residual
    ([8.0, 2.0], [0.25, 2.25], 0.0)
    """

    eigenvalues: Doubles
    """Shape (d,), falling: of the mean of φ(x)φ(x)ᵀ."""
    energies: Doubles
    """Shape (d,): mean square of the part of the target along each; with several labels their sum."""
    residual: float
    """Mean square of what no function of the features can say; with several labels their sum."""
    labels: int = 1
    """Labels of an image."""

    def errors(
        self,
        samples: int,
        ridge: float,
        noise: float,
        generations: int,
        features: int | None = None,
    ) -> tuple[float, ...]:
        """Test error after 0, 1, …, n generations, in the proportional limit (state evolution).

        Parameters
        ----------
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
            The residual acts on the first fit as label noise of its size, as uncorrelated parts of Gaussian features
            do, and is part of every error.

        Example
        -------
        >>> spectrum = FeatureSpectrum(np.ones(10), np.zeros(10), 0.0)
        >>> spectrum.errors(30, 1e-12, 1.0, 2)[2] / 3 - 10 / (30 - 10) < 1e-9
        True
        """
        first, later = self.residual + self.labels * noise**2, self.labels * noise**2

        def fit(variance: float, repeat: int) -> Generation:
            size, penalty = Fraction(math.sqrt(variance)), Fraction(ridge)
            return Generation(samples, size, penalty, repeat=repeat, features=features)

        problem = Problem(
            ExplicitSpectrum(Fraction(value) for value in self.eigenvalues.tolist()),
            ExplicitTarget(
                Fraction(value) for value in np.sqrt(self.energies / self.eigenvalues).tolist()
            ),
            (fit(first, 1), fit(later, generations)),
        )
        evolved = state_evolution(problem).errors
        return tuple(float(error) + self.residual for error in evolved)


def arc_cosine_kernel(images: Doubles) -> Doubles:
    """E max(0, w·x) max(0, w·x') over w of N(0, I): the kernel of a ReLU network of infinite width.

    Parameters
    ----------
    images
        Shape (N, p).

    Returns
    -------
    kernel
        Shape (N, N): ‖x‖‖x'‖(sin θ + (π − θ) cos θ)/2π, θ the angle between x and x' (Cho and Saul 2009, order 1).

    Example
    -------
    >>> arc_cosine_kernel(np.eye(2)).round(6).tolist()
    [[0.5, 0.159155], [0.159155, 0.5]]
    """
    norms = np.linalg.norm(images, axis=1)
    kernel: Doubles = images @ images.T
    step = max(1, BLOCK // len(images))
    for start in range(0, len(images), step):
        rows = slice(start, start + step)
        lengths = np.outer(norms[rows], norms)
        cosine = np.divide(kernel[rows], lengths, out=np.zeros_like(lengths), where=lengths > 0)
        np.clip(cosine, -1, 1, out=cosine)
        sine = np.sqrt(1 - cosine**2)
        kernel[rows] = lengths * (sine + (np.pi - np.arccos(cosine)) * cosine) / (2 * np.pi)
    return kernel


def spectrum_of_gram(
    kernel: Doubles, labels: Doubles, *, overwrite: bool = False
) -> FeatureSpectrum:
    """From the Gram matrix of the features of N images.

    Parameters
    ----------
    kernel
        Shape (N, N): φ(x_i)·φ(x_j).
    labels
        Shape (N,) or (N, k): clean.
    overwrite
        Whether the kernel may be lost: of 10,000 images it is 0.8 GB, and three times that is needed besides.

    Example
    -------
    >>> spectrum_of_gram(2 * np.eye(4), np.ones((4, 3))).energies.sum()
    np.float64(3.0)
    """
    targets = labels.reshape(len(kernel), -1)
    values, vectors = eigh(kernel, driver="evd", overwrite_a=overwrite, check_finite=False)
    return _spectrum(values / len(kernel), vectors.T @ targets / np.sqrt(len(kernel)), targets)


def spectrum_of_layer(layer: FirstLayer, images: Doubles, labels: Doubles) -> FeatureSpectrum:
    """Of the features of one first layer, over N images.

    Parameters
    ----------
    layer
        Of width M.
    images
        Shape (N, p).
    labels
        Shape (N,) or (N, k): clean.

    Returns
    -------
    spectrum
        From the smaller of the two matrices of second moments, M × M or N × N, which is built block by block.

    Example
    -------
    >>> layer = FirstLayer(np.eye(1), "identity")
    >>> found = spectrum_of_layer(layer, np.ones((4, 1)), np.array([1.0, -1.0, 1.0, 1.0]))
    >>> found.eigenvalues.tolist(), found.energies.tolist(), found.residual
    ([1.0], [0.25], 0.75)
    """
    count, width = len(images), layer.width
    targets = labels.reshape(count, -1)
    size = min(count, width)
    moments = np.zeros((size, size))
    if count <= width:
        step = max(1, BLOCK // count)
        for start in range(0, width, step):
            features = layer.features(images, slice(start, start + step))
            moments += features @ features.T
        return spectrum_of_gram(moments, labels, overwrite=True)
    projected = np.zeros((width, targets.shape[1]))
    step = max(1, BLOCK // width)
    for start in range(0, count, step):
        rows = slice(start, start + step)
        features = layer.features(images[rows])
        moments += features.T @ features / count
        projected += features.T @ targets[rows] / count
    values, vectors = eigh(moments, driver="evd", overwrite_a=True, check_finite=False)
    along = vectors.T @ projected
    kept = values > SMALLEST * values[-1]
    along[kept] /= np.sqrt(values[kept, None])
    return _spectrum(values, along, targets)


def _spectrum(values: Doubles, along: Doubles, targets: Doubles) -> FeatureSpectrum:
    kept = np.flatnonzero(values > SMALLEST * values[-1])[::-1]
    energies = np.square(along[kept]).sum(axis=1)
    residual = max(0.0, float(np.square(targets).sum(axis=1).mean() - energies.sum()))
    # A residual of rounding errors is none.
    residual = 0.0 if residual < SMALLEST * energies.sum() else residual
    return FeatureSpectrum(values[kept], energies, residual, targets.shape[1])
