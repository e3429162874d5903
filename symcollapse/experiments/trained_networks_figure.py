"""The figure of networks of two layers trained by stochastic gradients, on digits: measured alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from symcollapse.experiments.digit_data import DigitData
from symcollapse.experiments.figures import Curve, Figure, Panel, Progress, Scale
from symcollapse.experiments.generation_growth import (
    GENERATIONS_LABEL,
    generator_of,
    growth,
    measured_curve,
)
from symcollapse.simulation.feature_networks import LabelledImages
from symcollapse.simulation.two_layer_networks import (
    TrainedChain,
    require_torch,
    simulate_trained_chain,
)


@dataclass(frozen=True)
class TrainedEffort:
    """How much of the figure of trained networks is drawn.

    Example
    -------
    >>> TRAINED_EFFORTS["full"].samples
    60000
    """

    widths: tuple[int, ...]
    samples: int
    """T_0 of each network; at most half the images of a small set, so that generations differ."""
    epochs: int
    generations: int
    repetitions: int
    test_images: int


TRAINED_EFFORTS: Mapping[Scale, TrainedEffort] = {
    "quick": TrainedEffort((30, 100, 400), 2000, 25, 5, 3, 2000),
    "standard": TrainedEffort((30, 100, 300, 1000), 5000, 30, 5, 3, 10000),
    "full": TrainedEffort((100, 300, 1000, 3000), 60000, 30, 10, 10, 10000),
}


def two_layer_figure(
    scale: Scale,
    data: DigitData,
    seed: int = 1,
    progress: Progress | None = None,
    effort: TrainedEffort | None = None,
) -> Figure:
    """Figure 6: networks of two layers trained by stochastic gradients on one-hot labels with noise 0.1.

    Parameters
    ----------
    scale, data, seed, progress, effort
        As of the figure of random features; images are not divided.

    Returns
    -------
    figure
        Measured on images held out; there is no theory of it here.

    Raises
    ------
    NotSupported
        If PyTorch is not installed.

    Example
    -------
    >>> from symcollapse.experiments.digit_data import read_digits
    >>> tiny = TrainedEffort((5,), 30, 1, 1, 1, 50)
    >>> figure = two_layer_figure("quick", read_digits(None), effort=tiny)  # doctest: +SKIP
    """
    require_torch()
    effort = effort or _trained_effort(scale, data)
    rows = generator_of(seed).permutation(len(data.test_images))[: effort.test_images]
    training = LabelledImages(data.images, np.eye(10)[data.digits])
    test = LabelledImages(data.test_images[rows], np.eye(10)[data.test_digits[rows]])
    whole = len(effort.widths) * effort.repetitions
    x = tuple(float(n) for n in range(effort.generations + 1))
    curves: list[list[Curve]] = [[], []]
    remarks = []
    chain = TrainedChain(1, effort.samples, effort.epochs, effort.generations)
    for place, width in enumerate(effort.widths):
        chain = replace(chain, width=width)
        found = []
        for repetition in range(effort.repetitions):
            own = int(generator_of(seed, place, repetition).integers(2**63))
            found.append(simulate_trained_chain(chain, training, test, own))
            if progress is not None:
                progress(place * effort.repetitions + repetition + 1, whole)
        errors = np.array([one.errors for one in found])
        mistakes = np.array([one.mistakes for one in found])
        label = f"width {width}"
        curves[0].append(measured_curve(label, x, errors))
        curves[1].append(measured_curve(label, x, mistakes))
        line, wrong = growth(errors), mistakes.mean(axis=0)
        remarks.append(
            f"Width {width}: the error {line.sentence}, "
            f"to {errors[:, -1].mean() / errors[:, 0].mean():.2f} times that of real labels; "
            f"wrong digits from {100 * wrong[0]:.1f} % to {100 * wrong[-1]:.1f} %."
        )
    panels = tuple(
        Panel(title, GENERATIONS_LABEL, y_label, tuple(part), "linear", "linear")
        for title, y_label, part in zip(
            ("squared error", "wrong digits"),
            ("test error", "share of wrong digits"),
            curves,
            strict=True,
        )
    )
    return Figure(
        "figure-6",
        f"Networks of two trained layers on {data.source}",
        panels,
        seed,
        {
            "data": data.name,
            "labels": "one-hot; squared errors are summed over the ten labels in the test, averaged in the training",
            "noise": chain.noise,
            "rate": chain.rate,
            "batch": chain.batch,
            "epochs": effort.epochs,
            "samples": effort.samples,
            "generations": effort.generations,
            "widths": list(effort.widths),
            "repetitions": effort.repetitions,
            "images held out": effort.test_images,
        },
        tuple(remarks),
    )


def _trained_effort(scale: Scale, data: DigitData) -> TrainedEffort:
    effort = TRAINED_EFFORTS[scale]
    if effort.samples <= len(data.images):
        return replace(effort, test_images=min(effort.test_images, len(data.test_images)))
    samples = len(data.images) // 2
    # As many steps, in more rounds through fewer images.
    epochs = min(8 * effort.epochs, effort.epochs * effort.samples // samples)
    return replace(
        effort,
        samples=samples,
        epochs=epochs,
        test_images=min(effort.test_images, len(data.test_images)),
    )
