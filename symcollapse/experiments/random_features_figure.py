"""The figure of networks whose first layer is random, on digits: measured, and the theory's by their spectrum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from symcollapse.experiments.digit_data import DigitData, parity
from symcollapse.experiments.feature_spectra import layer_spectrum, network_errors
from symcollapse.experiments.figures import Curve, Figure, Panel, Progress, Scale
from symcollapse.experiments.generation_growth import (
    GENERATIONS_LABEL,
    Doubles,
    generator_of,
    growth,
    measured_curve,
)
from symcollapse.experiments.generators_alone import least_squares_slope
from symcollapse.experiments.kernel_spectra import (
    KernelSpectrum,
    halved,
    halved_spectra,
    resolved_directions,
)
from symcollapse.experiments.population_spectra import population_spectrum
from symcollapse.simulation.feature_networks import (
    FirstLayers,
    LabelledImages,
    NetworkChain,
    draw_first_layer,
    simulate_network_chain,
)
from symcollapse.simulation.kernel_functions import ArcCosineKernel

TITLES: Mapping[FirstLayers, str] = {
    "shared": "one first layer for all networks",
    "fresh": "a first layer drawn for each network",
}
"""Panels of the random features."""


@dataclass(frozen=True)
class FeaturesEffort:
    """How much of the figure of random features is drawn.

    Example
    -------
    >>> FEATURES_EFFORTS["full"].widths[-1]
    20000
    """

    widths: tuple[int, ...]
    """M of the networks, multiples of the samples where there are fewer images than asked for."""
    samples: int
    """T_0 of each network."""
    generations: int
    repetitions: int
    sample_of_images: int
    """N, images from which the spectrum is estimated; several times T_0, or the spectrum's tail is not seen."""
    test_images: int
    noise: float = 1.0
    """Standard deviation of the noise on digit mod 2."""
    ridge: float = 1e-5
    """Images have mean square norm 1. So small that the error of narrow networks grows by noise and little is lost."""

    def on(self, data: DigitData) -> "FeaturesEffort":
        """The same, cut down to the images there are.

        Example
        -------
        >>> small = DigitData(
        ...     "", np.zeros((600, 4)), np.zeros(600, int), np.zeros((9, 4)), np.zeros(9, int)
        ... )
        >>> found = FEATURES_EFFORTS["quick"].on(small)
        >>> found.samples, found.widths, found.sample_of_images, found.test_images
        (100, (10, 30, 100, 400), 600, 9)
        """
        samples = min(self.samples, len(data.images) // 6)
        widths = tuple(max(1, width * samples // self.samples) for width in self.widths)
        return replace(
            self,
            widths=widths,
            samples=samples,
            sample_of_images=min(self.sample_of_images, len(data.images)),
            test_images=min(self.test_images, len(data.test_images)),
        )


FEATURES_EFFORTS: Mapping[Scale, FeaturesEffort] = {
    "quick": FeaturesEffort((50, 150, 500, 2000), 500, 6, 6, 3000, 2000),
    "standard": FeaturesEffort((100, 300, 1000, 4000), 1000, 8, 8, 6000, 5000),
    "full": FeaturesEffort((200, 600, 2000, 6000, 20000), 2000, 10, 10, 10000, 10000),
}


def random_features_figure(
    scale: Scale,
    data: DigitData,
    seed: int = 1,
    progress: Progress | None = None,
    effort: FeaturesEffort | None = None,
) -> Figure:
    """Figure 5: networks whose first layer is random, on digit mod 2 with noise; error against n and against the width.

    Parameters
    ----------
    scale
        How much is drawn.
    data
        Images of digits; divided by the root of their mean square norm.
    seed
        Of all randomness.
    progress
        Called with the chains done and the chains there are.
    effort
        Sizes of one's own; None: those of the scale, cut down to the images there are.

    Returns
    -------
    figure
        Measured on images held out, the same in all repetitions: standard errors are over the training alone. The
        theory knows the images that its spectrum is estimated from, and no measured error.

    Example
    -------
    >>> from symcollapse.experiments.digit_data import read_digits
    >>> tiny = FeaturesEffort((5, 60), 30, 1, 2, 100, 50)
    >>> [
    ...     panel.title
    ...     for panel in random_features_figure("quick", read_digits(None), effort=tiny).panels
    ... ]
    ['one first layer for all networks', 'a first layer drawn for each network', 'first layers drawn, by width']
    """
    effort = effort or FEATURES_EFFORTS[scale].on(data)
    training, test, sample = _parity(data, effort, seed)
    whole = 2 * len(effort.widths) * effort.repetitions
    draws: dict[tuple[FirstLayers, int], Doubles] = {}
    done = 0
    for kind in TITLES:
        for place, width in enumerate(effort.widths):
            chain = NetworkChain(
                width, effort.samples, effort.ridge, effort.noise, effort.generations, kind
            )
            errors = []
            for repetition in range(effort.repetitions):
                # Both kinds see the same images and noise: they part at the second network.
                generator = generator_of(seed, place, repetition)
                errors.append(simulate_network_chain(chain, training, test, generator))
                done += 1
                if progress is not None:
                    progress(done, whole)
            draws[kind, width] = np.array(errors)
    found, halves = halved_spectra(ArcCosineKernel(), sample.images, sample.labels.ravel())
    known = resolved_directions(found, halves)
    spectrum = population_spectrum(found, known)
    theories: dict[tuple[FirstLayers, int], Doubles] = {}
    for place, width in enumerate(effort.widths):
        theories["fresh", width] = _predicted(spectrum, effort, width)
        theories["shared", width] = _of_own_layers(sample, effort, seed, place)
    panels = [_over_generations(kind, effort, draws, theories) for kind in TITLES]
    panels.append(_over_widths(spectrum, effort, draws))
    remarks = [
        _straightness(TITLES[kind], width, draws[kind, width], theories[kind, width], effort)
        for kind in TITLES
        for width in effort.widths
    ]
    remarks += _known_spectrum(found, halves, known, effort, draws, theories)
    return Figure(
        "figure-5",
        f"Networks with a random first layer on {data.source}",
        tuple(panels),
        seed,
        {
            "data": data.name,
            "labels": "digit mod 2",
            "noise": effort.noise,
            "images": "pixels in [0, 1], not centred, divided by the root of the mean square norm",
            "features": "max(0, Wx)/√M, W of iid N(0, 1), no bias",
            "ridge": effort.ridge,
            "samples": effort.samples,
            "generations": effort.generations,
            "widths": list(effort.widths),
            "repetitions": effort.repetitions,
            "images for the spectrum": effort.sample_of_images,
            "resolved directions": known,
            "images held out": effort.test_images,
        },
        tuple(remarks),
    )


def _parity(
    data: DigitData, effort: FeaturesEffort, seed: int
) -> tuple[LabelledImages, LabelledImages, LabelledImages]:
    """Images to draw from, some held out, and some to estimate the spectrum from, all with clean labels."""
    odd, test_odd = parity(data)
    size = np.sqrt(np.square(data.images).sum(axis=1).mean())
    generator = generator_of(seed)
    training = LabelledImages(data.images / size, odd)
    rows = generator.permutation(len(data.test_images))[: effort.test_images]
    test = LabelledImages(data.test_images[rows] / size, test_odd[rows])
    some = generator.permutation(len(data.images))[: effort.sample_of_images]
    return training, test, LabelledImages(training.images[some], training.labels[some])


def _predicted(
    spectrum: KernelSpectrum, effort: FeaturesEffort, features: int | None = None
) -> Doubles:
    sizes = effort.samples, effort.ridge, effort.noise, effort.generations
    return np.array(network_errors(spectrum, *sizes, features))


def _of_own_layers(
    sample: LabelledImages, effort: FeaturesEffort, seed: int, place: int
) -> Doubles:
    """Mean over the first layers of the repetitions; of wide networks the first, they are all alike."""
    width = effort.widths[place]
    errors = []
    for repetition in range(effort.repetitions if width <= effort.samples else 1):
        # A chain draws its first layer first.
        generator = generator_of(seed, place, repetition)
        layer = draw_first_layer(generator, width, sample.images.shape[1])
        found, halves = halved(partial(layer_spectrum, layer), sample.images, sample.labels.ravel())
        # The direction beside the layer's own is no direction of the population.
        known = min(resolved_directions(found, halves), width)
        errors.append(_predicted(population_spectrum(found, known), effort))
    return np.asarray(np.mean(errors, axis=0))


def _over_generations(
    kind: FirstLayers,
    effort: FeaturesEffort,
    draws: Mapping[tuple[FirstLayers, int], Doubles],
    theories: Mapping[tuple[FirstLayers, int], Doubles],
) -> Panel:
    x = tuple(float(n) for n in range(effort.generations + 1))
    note = {
        "shared": "ridge regression on the features of the layer, their spectrum estimated",
        "fresh": "random features of the arc-cosine kernel, its spectrum estimated",
    }[kind]
    curves = []
    for width in effort.widths:
        label = f"M = {width}"
        curves.append(measured_curve(label, x, draws[kind, width]))
        values = tuple(theories[kind, width].tolist())
        curves.append(Curve(label, "theory", x, values, note=note))
    return Panel(TITLES[kind], GENERATIONS_LABEL, "test error", tuple(curves), "linear", "linear")


def _over_widths(
    spectrum: KernelSpectrum,
    effort: FeaturesEffort,
    draws: Mapping[tuple[FirstLayers, int], Doubles],
) -> Panel:
    between = np.geomspace(effort.widths[0], effort.widths[-1], 13).round().astype(int).tolist()
    widths = sorted({*between, *effort.widths, effort.samples} & {*range(1, effort.widths[-1] + 1)})
    table = np.array([_predicted(spectrum, effort, width) for width in widths])
    curves = []
    for n in sorted({0, effort.generations // 2, effort.generations}):
        columns = np.array([draws["fresh", width][:, n] for width in effort.widths]).T
        curves.append(measured_curve(f"n = {n}", tuple(map(float, effort.widths)), columns))
        values = tuple(table[:, n].tolist())
        curves.append(Curve(f"n = {n}", "theory", tuple(map(float, widths)), values))
    return Panel("first layers drawn, by width", "width M", "test error", tuple(curves))


def _straightness(
    title: str, width: int, draws: Doubles, theory: Doubles, effort: FeaturesEffort
) -> str:
    line, predicted = growth(draws), growth(theory[None])
    sentence = (
        f"{title.capitalize()}, M = {width}: the error {line.sentence} "
        f"(theory: {predicted.slope:.3g}, R² = {predicted.determination:.3f}"
    )
    if title == TITLES["shared"] and width < effort.samples - 1:
        plain = least_squares_slope(width, effort.samples, effort.noise)
        sentence += f"; least squares on as many Gaussian features: {plain:.3g}, R² = 1"
    return sentence + ")."


def _known_spectrum(
    found: KernelSpectrum,
    halves: Sequence[KernelSpectrum],
    known: int,
    effort: FeaturesEffort,
    draws: Mapping[tuple[FirstLayers, int], Doubles],
    theories: Mapping[tuple[FirstLayers, int], Doubles],
) -> list[str]:
    """What the draw and the number of images do to the theory."""
    behind = [population_spectrum(half, known) for half in halves]
    changes, own = [], []
    for width in effort.widths:
        theory = theories["fresh", width]
        apart = [np.abs(_predicted(half, effort, width) / theory - 1).max() for half in behind]
        changes.append(f"{100 * max(apart):.1f} % (M = {width})")
        ratio = draws["fresh", width].mean(axis=0) / _predicted(found, effort, width)
        own.append(f"{ratio.min():.2f} to {ratio.max():.2f} (M = {width})")
    return [
        f"The theory has the population behind {found.images} images, of which they resolve {known} directions; the "
        f"one behind either half of them has errors that differ by at most {', '.join(changes)}, first layers drawn.",
        f"With the spectrum of the {found.images} images themselves, measured over theory would be {', '.join(own)}.",
    ]
