"""What one generator of least squares does by itself at finite size, by the exact law that is derived for it."""

from dataclasses import replace
from fractions import Fraction

from symcollapse.evaluation import evaluate
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.theory import test_error


def exact_over_limit(problem: Problem) -> float:
    """Test error of the first generator alone by its exact law, over that in the proportional limit.

    Parameters
    ----------
    problem
        Whose first generator is least squares on more samples than features.

    Raises
    ------
    NotSupported
        If no exact law of the generator is known.

    Example
    -------
    >>> round(exact_over_limit(Problem.from_file("figure-1a")) * (600 - 300 - 1) / (600 - 300), 12)
    1.0
    """
    generator = replace(problem.generations[0], repeat=1)
    alone = replace(problem, generations=(generator,), downstream=None)
    error = test_error(alone)
    if error.exact is None:
        raise NotSupported("generations.0: no exact law is known; give least squares on T > d + 1")
    return float(evaluate(error.exact.total / error.total, alone))


def least_squares_slope(features: int, samples: int, noise: float) -> float:
    """What a generation of least squares adds to the error, by its exact law.

    Parameters
    ----------
    features, samples
        M and T₀ > M + 1.
    noise
        σ₀: standard deviation of the label noise.

    Raises
    ------
    NotSupported
        If the mean does not exist.

    Example
    -------
    >>> least_squares_slope(10, 31, 2.0)
    2.0
    """
    fit = Generation(samples, Fraction(noise))
    problem = Problem(IsotropicSpectrum(features), UniformTarget(1), (fit,))
    exact = test_error(problem).exact
    if exact is None:
        raise NotSupported(f"{samples} samples: give more than {features + 1}")
    return float(evaluate(exact.total, problem))
