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
from symcollapse.simulation.kernel_functions import DividedKernel
from symcollapse.theory import test_error


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
