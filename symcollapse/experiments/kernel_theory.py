"""What the theory says of a chain of kernel ridge regressions, from the spectrum; and where the kernel is divided out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sympy import Rational

from symcollapse.evaluation import lambdify
from symcollapse.experiments.digit_data import Doubles
from symcollapse.experiments.kernel_ridges import RidgeRule
from symcollapse.experiments.kernel_spectra import (
    KernelSpectrum,
    halved_spectra,
    resolved_directions,
)
from symcollapse.experiments.population_spectra import population_spectrum
from symcollapse.language import symbols
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.simulation.kernel_chains import KernelChain, simulate_kernel_chain
from symcollapse.simulation.kernel_functions import DividedKernel, PolynomialKernel
from symcollapse.theory import test_error

GAUSSIAN_DESIGNS = 4
"""Of Gaussian features as many times the samples are drawn, for the designs of all repetitions."""

GAUSSIAN_TESTS = 1000
"""And these, to measure errors on."""


def predicted_errors(
    chain: KernelChain, generations: int, spectrum: KernelSpectrum
) -> Callable[[Sequence[float], Sequence[float]], list[float]]:
    """Test error by samples and ridges, in the proportional limit.

    Parameters
    ----------
    chain
        Samples, ridge and noise of its generators, and noise of the downstream fit.
    generations
        n.
    spectrum
        Of the population.

    Returns
    -------
    errors
        Takes as many T as λ; doubles by the derived formula.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> chain = KernelChain(PolynomialKernel(1, 1.0, 0.0), (0,), 20, ridge=0.1)
    >>> spectrum = KernelSpectrum(np.ones(10), np.zeros(10), 100)
    >>> round(predicted_errors(chain, 0, spectrum)([30], [1e-12])[0], 6)  # d/(T − d)
    0.5
    """
    noise, generation_noise, ridge = map(
        Rational, (chain.noise, chain.generation_noise, chain.ridge)
    )
    entries = (
        (Generation(chain.samples, noise=generation_noise, ridge=ridge, repeat=generations),)
        if generations
        else ()
    )
    problem = Problem(
        spectrum.spectrum,
        spectrum.target,
        entries,
        downstream=Downstream(symbols.samples, noise=noise, ridge=symbols.ridge),
    )
    evaluated = lambdify(test_error(problem).total, [symbols.samples, symbols.ridge], problem)

    def errors(sizes: Sequence[float], ridges: Sequence[float]) -> list[float]:
        return [float(value) for value in np.atleast_1d(evaluated(list(sizes), list(ridges)))]

    return errors


def divided_remark(
    chain: KernelChain,
    learned: tuple[Doubles, Doubles],
    held_out: tuple[Doubles, Doubles],
    sample: NDArray[np.int64],
    rule: RidgeRule,
    sizes: Sequence[int],
    repetitions: int,
    seed: int,
) -> str:
    """How near the theory comes to clean data once every image has features of one length, as the theory takes it.

    Parameters
    ----------
    chain
        With the kernel as it is.
    learned, held_out
        Images and clean labels.
    sample
        Those of the images that the spectrum is estimated from.
    rule
        Its ridge is divided by the mean of K(x, x).
    sizes
        T of the fits.
    repetitions, seed
        As of the figure.

    Example
    -------
    >>> from symcollapse.simulation.kernel_functions import PolynomialKernel
    >>> images = np.random.default_rng(0).standard_normal((300, 20))
    >>> data = images, images[:, 0]
    >>> chain = KernelChain(PolynomialKernel(1, 1.0, 0.0), (0,), 20, ridge=0.1)
    >>> rule = RidgeRule("λ = 1", lambda samples: 1.0)
    >>> divided_remark(chain, data, data, np.arange(300), rule, [40, 80], 4, 1)[:48]
    'With K(x, x) divided out, and λ by its mean, n ='
    """
    images, target = learned
    plain = replace(chain, kernel=DividedKernel(chain.kernel), generations=(0,))
    found, halves = halved_spectra(plain.kernel, images[sample], target[sample])
    population = population_spectrum(found, resolved_directions(found, halves))
    mean = float(chain.kernel.diagonal(images[sample]).mean())
    ridges = [rule.ridge(size) / mean for size in sizes]
    measured = simulate_kernel_chain(
        plain,
        images,
        target,
        [(size, [ridge]) for size, ridge in zip(sizes, ridges, strict=True)],
        *held_out,
        repetitions,
        seed,
    )
    theory = np.array(predicted_errors(plain, 0, population)(sizes, ridges))
    ratios = measured.mean[0, :, 0] / theory
    error = (measured.standard_error[0, :, 0] / theory).max()
    return (
        f"With K(x, x) divided out, and λ by its mean, n = 0: measured/theory is {ratios.min():.2f} to "
        f"{ratios.max():.2f} (± {error:.2f}) for {rule.label}, T = {sizes[0]} to {sizes[-1]}."
    )


def generator_remark(
    chain: KernelChain,
    learned: tuple[Doubles, Doubles],
    held_out: tuple[Doubles, Doubles],
    population: KernelSpectrum,
    repetitions: int,
    seed: int,
) -> str:
    """How near the theory comes to one fit like the generators', on digits and on Gaussian features of their spectrum.

    Parameters
    ----------
    chain
        Samples and ridge of the generators, and the noise.
    learned, held_out
        Images and clean labels.
    population
        What the theory knows, and all that the Gaussian features have of the digits.
    repetitions, seed
        As of the figure.

    Example
    -------
    >>> images = np.random.default_rng(0).standard_normal((300, 20))
    >>> data = images, images[:, 0]
    >>> chain = KernelChain(PolynomialKernel(1, 1.0, 0.0), (0,), 40, ridge=0.1)
    >>> population = KernelSpectrum(np.ones(20), np.eye(20)[0], 300)
    >>> generator_remark(chain, data, data, population, 4, 1)[:45]
    "A fit like the generators', T = 40, λ = 0.1: "
    """
    fit = replace(chain, generations=(0,), noise=chain.generation_noise)
    theory = predicted_errors(fit, 0, population)([chain.samples], [chain.ridge])[0]
    rows = GAUSSIAN_DESIGNS * chain.samples
    features = np.random.default_rng(seed).standard_normal(
        (rows + GAUSSIAN_TESTS, len(population.eigenvalues))
    )
    features *= np.sqrt(population.eigenvalues)
    said = features @ population.coefficients
    linear = replace(fit, kernel=PolynomialKernel(1, 1.0, 0.0))
    words = []
    for name, each, inputs, tests in (
        ("on the digits", fit, learned, held_out),
        (
            "on Gaussian features of the same spectrum",
            linear,
            (features[:rows], said[:rows]),
            (features[rows:], said[rows:]),
        ),
    ):
        found = simulate_kernel_chain(
            each, *inputs, [(chain.samples, [chain.ridge])], *tests, repetitions, seed
        )
        ratio, error = found.mean.item() / theory, found.standard_error.item() / theory
        words.append(f"{ratio:.2f} ± {error:.2f} {name}")
    return (
        f"A fit like the generators', T = {chain.samples}, λ = {chain.ridge:.3g}: measured/theory is "
        f"{', '.join(words)}."
    )
