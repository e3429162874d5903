"""Networks whose first layer is random and fixed: chains of them, each trained on labels of the one before.

A network is x ↦ g(W x)/√M · v, with W (M × p) of iid N(0, 1), an activation g, and a second layer v fitted by ridge
regression. All by definition: no spectrum, no kernel and no formula is known here.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.regression import solve_normal_equations

Activation: TypeAlias = Literal["relu", "identity"]
"""g: the positive part of a number, or the number."""

FirstLayers: TypeAlias = Literal["shared", "fresh"]
"""Whether all networks of a chain have one first layer, or each draws its own."""

BLOCK = 2**23
"""Doubles of a block of features (64 MB): sizes of whole designs of features are not held."""


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Inputs of a network and what it is to answer.

    Raises
    ------
    InvalidProblem
        If there is not one label, or one row of labels, for each image.

    Example
    -------
    >>> LabelledImages(np.eye(3), np.array([1.0, 0.0, 1.0])).labels.shape
    (3, 1)
    """

    images: Doubles
    """Shape (N, p)."""
    labels: Doubles
    """Shape (N, k), without noise; one column is kept as such."""

    def __post_init__(self) -> None:
        if self.images.ndim != 2 or self.labels.shape[:1] != self.images.shape[:1]:
            raise InvalidProblem(
                f"labels: {len(self.labels)} of them for images of shape {self.images.shape}; "
                "give one for each row"
            )
        object.__setattr__(self, "labels", self.labels.reshape(len(self.images), -1))


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """A random first layer.

    Example
    -------
    >>> layer = FirstLayer(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    >>> (layer.features(np.array([[3.0, 5.0]])) * np.sqrt(2)).round(12).tolist()
    [[3.0, 0.0]]
    """

    weights: Doubles
    """Shape (M, p)."""
    activation: Activation = "relu"

    @property
    def width(self) -> int:
        """M."""
        return len(self.weights)

    def features(self, images: Doubles, part: slice = slice(None)) -> Doubles:
        """What the second layer sees, g(W x)/√M of each image; of part of the width if asked.

        Parameters
        ----------
        images
            Shape (N, p).
        part
            Which of the M features.

        Returns
        -------
        features
            Shape (N, size of the part).

        Example
        -------
        >>> FirstLayer(np.eye(4), "identity").features(np.ones((1, 4)), slice(0, 2)).tolist()
        [[0.5, 0.5]]
        """
        features = images @ self.weights[part].T
        if self.activation == "relu":
            np.maximum(features, 0.0, out=features)
        features /= math.sqrt(self.width)
        return features


def draw_first_layer(
    generator: np.random.Generator, width: int, inputs: int, activation: Activation = "relu"
) -> FirstLayer:
    """A first layer of iid N(0, 1), without bias.

    Parameters
    ----------
    generator
        Source of the standard normal numbers.
    width
        M.
    inputs
        p, numbers of an image.
    activation
        g.

    Example
    -------
    >>> draw_first_layer(np.random.default_rng(0), 5, 3).weights.shape
    (5, 3)
    """
    return FirstLayer(generator.standard_normal((width, inputs)), activation)


def fit_second_layer(layer: FirstLayer, images: Doubles, labels: Doubles, ridge: float) -> Doubles:
    """Ridge regression (ΦᵀΦ/T + ridge·I)⁻¹ΦᵀY/T on the features Φ of a first layer.

    Parameters
    ----------
    layer
        Gives the features, of width M.
    images
        Shape (T, p).
    labels
        Shape (T, k).
    ridge
        > 0.

    Returns
    -------
    weights
        Shape (M, k). All columns share one Cholesky factor, of the smaller of ΦᵀΦ and ΦΦᵀ. Relative to the predictions,
        the error is the rounding error times the condition, about (largest eigenvalue of ΦᵀΦ/T)/ridge.

    Raises
    ------
    ArithmeticError
        If the ridge is so small that the matrix is not positive definite in doubles.

    Applicability and issues
        Memory is that of one block of features and of the smaller of the two matrices: min(T, M)² doubles.

    Example
    -------
    >>> layer = FirstLayer(np.eye(1), "identity")
    >>> images, labels = np.array([[1.0], [3.0]]), np.array([[1.0], [3.0]])
    >>> fit_second_layer(layer, images, labels, 5.0).round(12).tolist()
    [[0.5]]
    """
    samples = len(images)
    penalty = ridge * samples
    if samples < layer.width:
        A = np.zeros((samples, samples))
        for part in _blocks(layer.width, samples):
            features = layer.features(images, part)
            A += features @ features.T
        dual = solve_normal_equations(A, labels.copy(), penalty)
        # The features again: to keep them would take T·M doubles.
        parts = [layer.features(images, part).T @ dual for part in _blocks(layer.width, samples)]
        return np.concatenate(parts)
    A, b = np.zeros((layer.width, layer.width)), np.zeros((layer.width, labels.shape[1]))
    for rows in _blocks(samples, layer.width):
        features = layer.features(images[rows])
        A += features.T @ features
        b += features.T @ labels[rows]
    return solve_normal_equations(A, b, penalty)


def network_outputs(layer: FirstLayer, weights: Doubles, images: Doubles) -> Doubles:
    """What a network answers, block by block of images.

    Parameters
    ----------
    layer
        Of width M.
    weights
        Shape (M, k); the second layer.
    images
        Shape (N, p).

    Returns
    -------
    outputs
        Shape (N, k).

    Example
    -------
    >>> layer = FirstLayer(np.eye(1), "identity")
    >>> network_outputs(layer, np.array([[2.0]]), np.array([[1.0], [3.0]])).tolist()
    [[2.0], [6.0]]
    """
    parts = [layer.features(images[rows]) @ weights for rows in _blocks(len(images), layer.width)]
    return np.concatenate(parts)


@dataclass(frozen=True)
class NetworkChain:
    """A chain of networks on a random first layer.

    Raises
    ------
    InvalidProblem
        If a number is out of range, with its name and the range.

    Example
    -------
    >>> NetworkChain(width=100, samples=50, ridge=0.01).generations
    0
    """

    width: int
    """M, features of each network."""
    samples: int
    """T_0, images that each network is trained on; drawn for each from all there are, without replacement."""
    ridge: float
    """> 0, in the normalisation by T_0."""
    noise: float = 0.0
    """Standard deviation of the normal noise on every label, real ones included."""
    generations: int = 0
    """n, networks that generate labels before the last one; each is trained on those of the one before."""
    first_layers: FirstLayers = "shared"
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        for name, lowest in (("width", 1), ("samples", 1), ("generations", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < lowest:
                raise InvalidProblem(f"{name} = {value}: give an integer >= {lowest}")
        if not 0 < self.ridge < math.inf:
            raise InvalidProblem(f"ridge = {self.ridge}: give a number > 0")
        if not 0 <= self.noise < math.inf:
            raise InvalidProblem(f"noise = {self.noise}: give a number >= 0")
        if self.first_layers not in get_args(FirstLayers):
            raise InvalidProblem(f'first_layers = {self.first_layers!r}: give "shared" or "fresh"')
        if self.activation not in get_args(Activation):
            raise InvalidProblem(f'activation = {self.activation!r}: give "relu" or "identity"')


def simulate_network_chain(
    chain: NetworkChain,
    training: LabelledImages,
    test: LabelledImages,
    generator: np.random.Generator,
) -> Doubles:
    """Test error of every network of one chain.

    Parameters
    ----------
    chain
        What is trained.
    training
        Images to draw designs from; their labels train the first network.
    test
        Other images, with clean labels.
    generator
        Source of all randomness.

    Returns
    -------
    errors
        Shape (n + 1,). Mean over the test of ‖output − label‖², of the network after 0, 1, …, n generations.

    Raises
    ------
    InvalidProblem
        If a design takes more images than there are.

    Example
    -------
    >>> images = np.random.default_rng(0).standard_normal((50, 3))
    >>> data = LabelledImages(images, images.sum(axis=1))
    >>> chain = NetworkChain(3, 20, ridge=1e-9, generations=2, activation="identity")
    >>> simulate_network_chain(chain, data, data, np.random.default_rng(1)).round(9)
    array([0., 0., 0.])
    """
    count, inputs = training.images.shape
    if chain.samples > count:
        raise InvalidProblem(
            f"samples = {chain.samples}: there are {count} images; give no more than that"
        )
    shared = chain.first_layers == "shared"
    layer = draw_first_layer(generator, chain.width, inputs, chain.activation)
    weights: list[Doubles] = []
    errors: list[float] = []
    for generation in range(chain.generations + 1):
        rows = generator.choice(count, chain.samples, replace=False)
        images, labels = training.images[rows], training.labels[rows]
        if generation > 0:
            labels = network_outputs(layer, weights[-1], images)
        labels = labels + chain.noise * generator.standard_normal(labels.shape)
        if generation > 0 and not shared:
            layer = replace(layer, weights=generator.standard_normal((chain.width, inputs)))
        weights.append(fit_second_layer(layer, images, labels, chain.ridge))
        if not shared:
            errors += _errors(layer, weights[-1:], test)
    # The features of the test are the dearest part; with one first layer, all networks have the same.
    return np.array(_errors(layer, weights, test) if shared else errors)


def _errors(layer: FirstLayer, weights: list[Doubles], test: LabelledImages) -> list[float]:
    """Test error of networks with one first layer."""
    outputs = network_outputs(layer, np.concatenate(weights, axis=1), test.images)
    several = outputs.reshape(len(outputs), len(weights), -1) - test.labels[:, None]
    return [float(error) for error in np.square(several).sum(axis=2).mean(axis=0)]


def _blocks(size: int, across: int) -> Iterator[slice]:
    """Parts of a range of so many, each of which has at most BLOCK doubles across."""
    step = max(1, BLOCK // across)
    for start in range(0, size, step):
        yield slice(start, start + step)
