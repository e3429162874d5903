"""Networks of two layers, both trained by stochastic gradients: chains of them, each on the labels of the one before.

All random numbers are NumPy's; PyTorch, an optional package, does the arithmetic in single precision.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.optional_packages import require_packages
from symcollapse.simulation.feature_networks import LabelledImages
from symcollapse.simulation.populations import Doubles

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class TrainedChain:
    """A chain of networks x ↦ V max(0, Wx + b) + c, trained on the mean squared error.

    Raises
    ------
    InvalidProblem
        If a number is out of range, with its name and the range.

    Example
    -------
    >>> TrainedChain(width=100, samples=1000, epochs=10).batch
    128
    """

    width: int
    """Units between the layers."""
    samples: int
    """T_0, images that each network is trained on; drawn for each from all there are, without replacement."""
    epochs: int
    """How often training goes through them, each time in another order."""
    generations: int = 0
    """n, networks that generate labels before the last one."""
    noise: float = 0.1
    """Standard deviation of the normal noise on every label, real ones included; drawn once, not for each epoch."""
    rate: float = 0.1
    """Step of the descent along the gradient of the mean square over the images of a batch and their labels."""
    batch: int = 128
    """Images of a step; those left at the end of an epoch make a smaller one."""

    def __post_init__(self) -> None:
        for name in ("width", "samples", "epochs", "batch", "generations"):
            value, lowest = getattr(self, name), 0 if name == "generations" else 1
            if not isinstance(value, int) or value < lowest:
                raise InvalidProblem(f"{name} = {value}: give an integer >= {lowest}")
        if not 0 <= self.noise < math.inf:
            raise InvalidProblem(f"noise = {self.noise}: give a number >= 0")
        if not 0 < self.rate < math.inf:
            raise InvalidProblem(f"rate = {self.rate}: give a number > 0")


@dataclass(frozen=True, eq=False)
class TrainedErrors:
    """How good each network of a chain is, on clean labels."""

    errors: Doubles
    """Shape (n + 1,). Mean over the test of ‖output − label‖²."""
    mistakes: Doubles
    """Shape (n + 1,). Share of the images whose largest output is not at the largest label."""


def simulate_trained_chain(
    chain: TrainedChain, training: LabelledImages, test: LabelledImages, seed: int
) -> TrainedErrors:
    """Train a network, label other images by it, train the next network on these, and so on.

    Parameters
    ----------
    chain
        Sizes and training.
    training
        Images to draw from; their labels train the first network.
    test
        Other images, with clean labels.
    seed
        Of all randomness. The same seed gives the same numbers on the same machine with the same number of threads;
        elsewhere the rounding errors of single precision, about 1e-7 a step, may grow through the training.

    Returns
    -------
    errors
        Of the networks after 0, 1, …, n generations.

    Raises
    ------
    NotSupported
        If PyTorch is not installed.
    InvalidProblem
        If a design takes more images than there are.
    ArithmeticError
        If the descent does not stay finite, with the remedy.

    Example
    -------
    >>> data = LabelledImages(np.eye(4), np.eye(4))
    >>> found = simulate_trained_chain(TrainedChain(50, 4, 2000), data, data, 1)  # doctest: +SKIP
    >>> found.errors.round(), found.mistakes  # doctest: +SKIP
    (array([0.]), array([0.]))
    """
    require_torch()
    count = len(training.images)
    if chain.samples > count:
        raise InvalidProblem(
            f"samples = {chain.samples}: there are {count} images; give no more than that"
        )
    generator = np.random.default_rng(seed)
    network: _Network | None = None
    errors, mistakes = [], []
    for generation in range(chain.generations + 1):
        rows = generator.choice(count, chain.samples, replace=False)
        images, labels = training.images[rows], training.labels[rows]
        if network is not None:
            labels = network.outputs(images)
        labels = labels + chain.noise * generator.standard_normal(labels.shape)
        network = _Network(generator, images.shape[1], chain.width, labels.shape[1])
        network.train(chain, images, labels, generator)
        outputs = network.outputs(test.images)
        if not np.isfinite(outputs).all():
            raise ArithmeticError(
                f"rate = {chain.rate}: the descent diverged in generation {generation}; give a smaller rate"
            )
        errors.append(float(np.square(outputs - test.labels).sum(axis=1).mean()))
        mistakes.append(float((outputs.argmax(axis=1) != test.labels.argmax(axis=1)).mean()))
    return TrainedErrors(np.array(errors), np.array(mistakes))


def require_torch() -> None:
    """Say in one line if PyTorch is missing.

    Raises
    ------
    NotSupported
        With the extra that brings it.

    Example
    -------
    >>> require_torch()  # doctest: +SKIP
    """
    require_packages("a trained network", ["torch"], "symcollapse[gpu]")


class _Network:
    """Weights W, b, V, c as tensors of PyTorch."""

    def __init__(
        self, generator: np.random.Generator, inputs: int, width: int, outputs: int
    ) -> None:
        self.parameters: list[Any] = []
        # As PyTorch's own layers begin: uniform within 1/√(numbers that a unit sees).
        for sees, units in ((inputs, width), (width, outputs)):
            for shape in ((units, sees), (units,)):
                start = generator.uniform(-1, 1, shape) / math.sqrt(sees)
                self.parameters.append(_tensor(start).requires_grad_())

    def answer(self, images: Any) -> Any:
        """Outputs of a batch."""
        import torch

        W, b, V, c = self.parameters
        hidden = torch.relu(torch.addmm(b, images, W.T))
        return torch.addmm(c, hidden, V.T)

    def train(
        self,
        chain: TrainedChain,
        images: Doubles,
        labels: Doubles,
        generator: np.random.Generator,
    ) -> None:
        """Stochastic gradient descent, without momentum."""
        import torch

        inputs, targets = _tensor(images), _tensor(labels)
        for _ in range(chain.epochs):
            order = torch.from_numpy(generator.permutation(len(images)))
            for rows in torch.split(order, chain.batch):
                loss = torch.square(self.answer(inputs[rows]) - targets[rows]).mean()
                gradients = torch.autograd.grad(loss, self.parameters)
                with torch.no_grad():
                    for parameter, gradient in zip(self.parameters, gradients, strict=True):
                        parameter.sub_(gradient, alpha=chain.rate)

    def outputs(self, images: Doubles) -> Doubles:
        """Answers to all images, in doubles."""
        import torch

        with torch.no_grad():
            # In parts: the hidden units of many images are large.
            parts = [self.answer(part) for part in torch.split(_tensor(images), 4096)]
            return np.asarray(torch.cat(parts).numpy(), dtype=np.float64)


def _tensor(array: Doubles) -> Any:
    import torch

    return torch.from_numpy(array.astype(np.float32))
