"""Figures of kernel ridge regression on digits: measured after generations of it, and the theory from the Gram matrix."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.experiments.digit_data import DigitData, Doubles, parity
from symcollapse.experiments.figures import Curve, Figure, Panel, Progress, Scale
from symcollapse.experiments.kernel_remarks import (
    law_remark,
    price_remarks,
    spread_remarks,
)
from symcollapse.experiments.kernel_ridges import (
    CLASSICAL,
    CORRECTED,
    QUOTED,
    KernelName,
    RidgeRule,
    ridge_rules,
)
from symcollapse.experiments.kernel_spectra import (
    KernelSpectrum,
    halved_spectra,
    resolved_directions,
)
from symcollapse.experiments.kernel_theory import (
    divided_remark,
    generator_remark,
    predicted_errors,
)
from symcollapse.experiments.laid_curves import distance, pair
from symcollapse.experiments.population_spectra import population_spectrum
from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.kernel_chains import KernelChain, KernelErrors, simulate_kernel_chain
from symcollapse.simulation.kernel_functions import Kernel, PolynomialKernel, RadialKernel

Scaled: TypeAlias = Literal["standardised", "unit", "byte"]
PIXELS = 784
"""Of an image of MNIST, which the bandwidths are for; other images get them in inverse proportion to their pixels."""

GENERATOR_RIDGE = 1e-8
"""λ₀: next to none, as for the generators of the paper's theory; enough for Cholesky's factorisation."""

OTHER_SCALINGS: Mapping[Scaled, str] = {"unit": "from 0 to 1", "byte": "from 0 to 255"}
"""Of pixels, and how remarks call them: the paper does not say which it takes; the figure's come nearest its (β, r)."""

FEWEST_IMAGES = 200
"""Under it no spectrum and no chain say anything."""

OTHER_IMAGES = 1500
"""Images for the exponents of those, at most."""


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Example
    -------
    >>> Effort(100, 50, (10, 20), 10, (0, 1), 2).sizes[-1]
    20
    """

    images: int
    """N of the Gram matrix that the theory gets its spectrum from."""
    test_images: int
    """Held-out images that errors are measured on, at most."""
    sizes: tuple[int, ...]
    """T of the downstream fit."""
    generation_samples: int
    """T₀."""
    generations: tuple[int, ...]
    """n; one panel for each."""
    repetitions: int


KERNEL_WORDS: Mapping[KernelName, str] = {"rbf": "RBF", "polynomial": "polynomial"}
"""In titles."""

EFFORTS: Mapping[Scale, Effort] = {
    "quick": Effort(4000, 2000, (125, 250, 500, 1000, 2000), 500, (0, 1, 5), 8),
    "standard": Effort(8000, 5000, (125, 250, 500, 1000, 2000, 4000), 1000, (0, 1, 2, 5), 8),
    "full": Effort(
        16_000, 10_000, (125, 250, 500, 1000, 2000, 4000, 8000), 1000, (0, 1, 2, 5, 10), 10
    ),
}
"""By scale, for MNIST; on few images, what they allow. The Gram matrix has twice the images of the largest fit."""


def kernel_figure(
    kernel: KernelName,
    scale: Scale,
    data: DigitData,
    seed: int = 1,
    progress: Progress | None = None,
    *,
    effort: Effort | None = None,
) -> Figure:
    """Test error of kernel ridge regression on digits against the samples: a panel for each n, a curve for each ridge.

    Labels are the digit mod 2 with normal noise of variance 1, generators are kernel ridge regressions next to without
    ridge, and the theory knows of the images no more than one Gram matrix tells.

    Parameters
    ----------
    kernel
        rbf: bandwidth 1e-4; polynomial: degree 5, bandwidth 1e-3; both on pixels less their mean, over their deviation.
    scale
        How much is measured.
    data
        The digits.
    seed
        Of images and noise.
    progress
        Called with the repetitions done and those asked for.
    effort
        Instead of that of the scale.

    Raises
    ------
    InvalidProblem
        If there are fewer images than ``FEWEST_IMAGES``, or than a fit needs.

    Example
    -------
    >>> from symcollapse.experiments.digit_data import read_digits
    >>> small = Effort(300, 100, (20, 40), 40, (0, 1), 2)
    >>> figure = kernel_figure("rbf", "quick", read_digits(None), effort=small)
    >>> [panel.title for panel in figure.panels]
    ['n = 0', 'n = 1']
    """
    asked = _within(EFFORTS[scale] if effort is None else effort, data)
    function = figure_kernel(kernel, data.images.shape[1])
    images, test_images = scaled_images(data, "standardised", asked.test_images)
    odd, test_odd = parity(data)
    rules = ridge_rules(kernel, asked.generation_samples)
    chain = KernelChain(function, asked.generations, asked.generation_samples, GENERATOR_RIDGE)
    ridges = [(size, [rule.ridge(size) for rule in rules]) for size in asked.sizes]
    measured = simulate_kernel_chain(
        chain,
        images,
        odd,
        ridges,
        test_images,
        test_odd[: len(test_images)],
        asked.repetitions,
        seed,
        progress,
    )
    sample = np.random.default_rng(seed).permutation(len(images))[: asked.images]
    found, halves = halved_spectra(function, images[sample], odd[sample])
    known = resolved_directions(found, halves)
    population = population_spectrum(found, known)
    panels = tuple(
        _panel(chain, n, rules, asked.sizes, measured, population) for n in asked.generations
    )
    largest = asked.sizes[-1]

    def clean(spectrum: KernelSpectrum) -> float:
        rule = predicted_errors(chain, 0, spectrum)
        return rule([largest], [rules[0].ridge(largest)])[0]

    learned, held_out = (images, odd), (test_images, test_odd[: len(test_images)])
    told = [generator_remark(chain, learned, held_out, population, asked.repetitions, seed)]
    if kernel == "polynomial":  # the other has K(x, x) = 1
        told.append(
            divided_remark(
                chain,
                learned,
                held_out,
                sample,
                rules[0],
                asked.sizes,
                asked.repetitions,
                seed,
            )
        )
    quoted = QUOTED[kernel] if data.source == "MNIST" else None
    remarks = (
        law_remark(found, halves, "as in the figure", quoted),
        *(
            law_remark(*_other_scaling(function, data, odd, scaled, sample), words)
            for scaled, words in OTHER_SCALINGS.items()
        ),
        f"Of {len(sample)} images, the Gram matrix resolves {known} of the directions; at T = {largest}, n = 0 its own "
        f"spectrum puts the error with the ridge {CLASSICAL} at {clean(found):.3f}, the population's behind it at "
        f"{clean(population):.3f}, measured is {measured.mean[0, -1, 0]:.3f}.",
        *spread_remarks(
            function, images[sample], asked.generation_samples, GENERATOR_RIDGE, population
        ),
        *told,
        *price_remarks(panels, rules[0].label, rules[1].label),
        "Fits of a repetition have different images each."
        if measured.disjoint
        else f"There are too few images for fits of their own: each draws from all {len(images)}.",
    )
    figure = Figure(
        f"figure-4-{kernel}",
        f"Kernel ridge regression on {data.name}, {KERNEL_WORDS[kernel]} kernel",
        panels,
        seed,
        {
            "data": data.name,
            "pixels": "less the mean of all, over the deviation of all",
            "kernel": repr(function),
            "labels": "digit mod 2",
            "noise": chain.noise,
            "generation_noise": chain.generation_noise,
            "samples": asked.sizes,
            "generations": asked.generations,
            "generation_samples": asked.generation_samples,
            "generation_ridge": chain.ridge,
            "ridges": {rule.label: [rule.ridge(size) for size in asked.sizes] for rule in rules},
            "repetitions": asked.repetitions,
            "test_images": len(test_images),
            "spectrum_images": len(sample),
            "resolved_directions": known,
            "quoted_capacity_and_source": [float(value) for value in QUOTED[kernel]],
        },
        remarks,
    )
    return replace(figure, remarks=(*remarks, distance(figure).sentence))


def figure_kernel(kernel: KernelName, pixels: int = PIXELS) -> Kernel:
    """The kernel of a figure for images of so many pixels.

    Example
    -------
    >>> figure_kernel("polynomial")
    PolynomialKernel(degree=5, bandwidth=0.001, constant=1.0)
    """
    if kernel == "rbf":
        return RadialKernel(1e-4 * (PIXELS / pixels))
    return PolynomialKernel(5, 1e-3 * (PIXELS / pixels))


def scaled_images(
    data: DigitData, scaled: Scaled, test_images: int | None = None
) -> tuple[Doubles, Doubles]:
    """Images to learn from and held out, in a scaling of their pixels.

    Parameters
    ----------
    data
        Pixels in [0, 1].
    scaled
        "standardised": less the mean of all pixels to learn from, over their standard deviation; "unit": as they are;
        "byte": up to 255.
    test_images
        How many of those held out, at most; None: all.

    Example
    -------
    >>> from symcollapse.experiments.digit_data import read_digits
    >>> images, _ = scaled_images(read_digits(None), "standardised")
    >>> round(float(images.mean()), 9), round(float(images.std()), 9)
    (0.0, 1.0)
    """
    held_out = data.test_images[:test_images]
    if scaled == "unit":
        return data.images, held_out
    if scaled == "byte":
        return 255 * data.images, 255 * held_out
    mean, deviation = float(data.images.mean()), float(data.images.std())
    return (data.images - mean) / deviation, (held_out - mean) / deviation


def _other_scaling(
    function: Kernel, data: DigitData, odd: Doubles, scaled: Scaled, sample: NDArray[np.int64]
) -> tuple[KernelSpectrum, tuple[KernelSpectrum, KernelSpectrum]]:
    few = sample[:OTHER_IMAGES]
    factor = 255.0 if scaled == "byte" else 1.0
    return halved_spectra(function, factor * data.images[few], odd[few])


def _within(effort: Effort, data: DigitData) -> Effort:
    """What the images allow: half of them for the largest fit, a tenth for each generator."""
    count = len(data.images)
    if count < FEWEST_IMAGES or effort.repetitions < 2:
        raise InvalidProblem(
            f"{count} images, {effort.repetitions} repetitions: "
            f"give at least {FEWEST_IMAGES}, and 2 for error bars"
        )
    if 2 * effort.sizes[-1] <= count and effort.images <= count:
        return effort
    step = 2.0 * effort.sizes[-1] / count
    return Effort(
        min(effort.images, count),
        effort.test_images,
        tuple(dict.fromkeys(max(2, int(size / step)) for size in effort.sizes)),
        max(2, min(effort.generation_samples, count // 10)),
        effort.generations,
        effort.repetitions,
    )


def _panel(
    chain: KernelChain,
    generations: int,
    rules: Sequence[RidgeRule],
    sizes: Sequence[int],
    measured: KernelErrors,
    population: KernelSpectrum,
) -> Panel:
    theory = predicted_errors(chain, generations, population)
    place = chain.generations.index(generations)
    curves: list[Curve] = []
    for column, rule in enumerate(rules):
        if generations == 0 and CORRECTED in rule.label:
            continue  # there is nothing to correct
        curves += pair(
            rule.label,
            sizes,
            measured.mean[place, :, column].tolist(),
            measured.standard_error[place, :, column].tolist(),
            partial(_followed, theory, rule),
        )
    return Panel(f"n = {generations}", "samples T", "test error", tuple(curves))


def _followed(
    theory: Callable[[Sequence[float], Sequence[float]], list[float]],
    rule: RidgeRule,
    sizes: Sequence[float],
) -> list[float]:
    return theory(sizes, [rule.ridge(size) for size in sizes])
