"""What figures of kernels say in words: exponents, gaps between theory and digits, the price of the wrong ridge."""

from collections.abc import Iterator, Sequence

import numpy as np
from sympy import Rational

from symcollapse.experiments.digit_data import Doubles
from symcollapse.experiments.figures import Panel
from symcollapse.experiments.kernel_spectra import (
    KernelSpectrum,
    measured_power_law,
    resolved_directions,
)
from symcollapse.experiments.power_law_fits import FIRST, LARGEST_BEND
from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.kernel_functions import Kernel

LEAST_LAST = 200
"""Last index of the fitted range if fewer directions are resolved: the remark then says how many are."""

BENT = LARGEST_BEND / 3
"""From here on a power law is said to bend."""

ROUNDING = 1e-12
"""Relative differences of K(x, x) below are those of doubles; an RBF kernel has no others."""


def law_remark(
    whole: KernelSpectrum,
    halves: Sequence[KernelSpectrum],
    pixels: str,
    quoted: tuple[Rational, Rational] | None = None,
) -> str:
    """Capacity and source that the images have, or why there are none.

    Parameters
    ----------
    whole, halves
        As from ``halved_spectra``.
    pixels
        How these are scaled.
    quoted
        The exponents that the paper has.

    Example
    -------
    >>> j = np.arange(1.0, 401)
    >>> exponential = KernelSpectrum(np.exp(-j / 9), np.exp(-j / 5), 10**6)
    >>> print(law_remark(exponential, [exponential] * 2, "as given")[:48])
    Pixels as given, 1000000 images: no power law: f
    """
    start = f"Pixels {pixels}, {whole.images} images: "
    try:
        law = measured_power_law(whole, halves, FIRST, _last(whole, halves))
    except InvalidProblem as problem:
        return f"{start}{str(problem).split(';')[0]}."
    words = f"{start}{law}; {law.resolved} directions resolved"
    if max(law.fit.bends) > BENT:
        words += (
            f"; local slopes grow as j^{law.fit.bends[0]:.2f} (eigenvalues) and j^{law.fit.bends[1]:.2f} "
            "(energies), so r is a matter of the range"
        )
    if quoted is not None:
        words += f"; the paper quotes ({float(quoted[0])}, {float(quoted[1])})"
    return words + "."


def spread_remarks(
    kernel: Kernel, images: Doubles, samples: int, ridge: float, population: KernelSpectrum
) -> Iterator[str]:
    """How much images differ in what the theory takes for constant: K(x, x), and what other images leave of it.

    Parameters
    ----------
    kernel
        Of the figure.
    images
        Shape (N, p), in random order.
    samples
        T ≥ 2 of a fit; no more than there are images.
    ridge
        λ of that fit.
    population
        Whose eigenvalues Gaussian features of the same size get, to say what is usual.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> linear, known = PolynomialKernel(1, 1.0, 0.0), KernelSpectrum(np.ones(2), np.ones(2), 9)
    >>> next(spread_remarks(linear, np.array([[1.0], [3.0]]), 2, 1.0, known))
    'K(x, x) is 1 to 9, with a standard deviation of 80 % of its mean; the theory takes it for constant.'
    """
    own = kernel.diagonal(images)
    if np.ptp(own) > ROUNDING * own.mean():
        yield (
            f"K(x, x) is {own.min():.3g} to {own.max():.3g}, with a standard deviation of "
            f"{_relative_spread(own):.0f} % of its mean; the theory takes it for constant."
        )
    samples = min(samples, len(images))
    normal = np.random.default_rng(samples).standard_normal((samples, len(population.eigenvalues)))
    features = normal * np.sqrt(population.eigenvalues)
    digits, gaussian = (
        _relative_spread(_left_by_others(matrix, ridge))
        for matrix in (kernel.matrix(images[:samples]), features @ features.T)
    )
    yield (
        f"Of {samples} images with the ridge {ridge:.3g}, what the others leave of K(x, x) has a standard deviation of "
        f"{digits:.0f} % of its mean, of Gaussian features with the same spectrum {gaussian:.0f} %."
    )


def _relative_spread(values: Doubles) -> float:
    return float(100 * values.std() / values.mean())


def _left_by_others(matrix: Doubles, ridge: float) -> Doubles:
    """λT and the variance that K leaves at each image once the others are known: 1 over the diagonal of (K + λT)⁻¹."""
    penalised = matrix + ridge * len(matrix) * np.eye(len(matrix))
    return np.asarray(1 / np.linalg.inv(penalised).diagonal())


def price_remarks(panels: Sequence[Panel], classical: str, corrected: str) -> Iterator[str]:
    """What the ridge that is best for clean data costs beside the corrected one, at the largest size.

    Parameters
    ----------
    panels
        Those without a corrected curve are passed over.
    classical, corrected
        Labels of the two curves.

    Example
    -------
    >>> from symcollapse.experiments.figures import Curve
    >>> curves = tuple(
    ...     Curve(label, kind, (100.0,), (y,))
    ...     for label, kind, y in (
    ...         ("a", "measured", 3.0),
    ...         ("a", "theory", 2.2),
    ...         ("b", "measured", 2.0),
    ...         ("b", "theory", 2.0),
    ...     )
    ... )
    >>> list(price_remarks([Panel("n = 5", "T", "error", curves)], "a", "b"))
    ['n = 5, T = 100: the classical ridge has 1.50 times the error of the corrected one (theory 1.10).']
    """
    for panel in panels:
        last = {(curve.label, curve.kind): curve.y[-1] for curve in panel.curves}
        if (corrected, "measured") not in last:
            continue
        measured, theory = (
            last[classical, kind] / last[corrected, kind] for kind in ("measured", "theory")
        )
        yield (
            f"{panel.title}, T = {panel.curves[0].x[-1]:g}: the classical ridge has {measured:.2f} times the error "
            f"of the corrected one (theory {theory:.2f})."
        )


def _last(whole: KernelSpectrum, halves: Sequence[KernelSpectrum]) -> int:
    shortest = min(len(each.eigenvalues) for each in (whole, *halves))
    known = resolved_directions(whole, halves)
    return int(np.clip(known, min(LEAST_LAST, shortest // 2), shortest // 2))
