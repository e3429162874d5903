"""Asymptotes of curves over T: the leading powers of λ and T in each part of the test error, with their constants.

Which of three forms holds follows from λ = c·T^-ℓ along the curve: far above the crossover for ℓ < β, through it for
ℓ = β, and that of no ridge for ℓ > β.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scipy.optimize import brentq
from sympy import Basic, Expr, false, oo

from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.naming import substitution
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import crossover, effective, ridge, ridgeless, samples
from symcollapse.scaling.test_error_expansions import ErrorExpansion, expand_test_error

SWEPT = "downstream.samples"
"""Key that asymptotes run along."""

PARTS = ("bias", "variance", "synthetic")

SAME_EXPONENT = 1e-9
"""Exponents of λ that are closer are one; logarithms of doubles leave an error of about 1e-14."""

FARTHEST = 1e12
"""Largest w that is searched; λ/κ₀ = w^β − w^(β − 1) is larger than any ratio of doubles there."""


@dataclass(frozen=True)
class Asymptote:
    """The leading form of the test error at one point; None where the dimension is too small for it."""

    asymptote: float | None
    """Sum of the parts."""
    asymptote_bias: float | None
    asymptote_variance: float | None
    asymptote_synthetic: float | None


def asymptotes(problems: Sequence[Problem]) -> list[Asymptote]:
    """The asymptote at each point of a curve along T, over a power law.

    Parameters
    ----------
    problems
        One for each point; they differ in the samples of the tested fit, and in ridge and noise as these follow T.

    Returns
    -------
    asymptotes
        Leading constants are exact; what is left out is smaller by a power of T.

    Raises
    ------
    InvalidProblem
        If the spectrum is no power law, or the ridge is no power of the samples.
    NotSupported
        If the error has no expansion, as with generators on T_0 < d samples.

    Example
    -------
    >>> keys = {"generations.0.repeat": "0", "spectrum.dimension": "inf", "downstream.noise": "1"}
    >>> sizes = ("1e4", "1e6")
    >>> over = [{**keys, "downstream.samples": size, "target.source": "1/2"} for size in sizes]
    >>> problems = [Problem.from_file("power-law", each) for each in over]
    >>> [f"{each.asymptote_bias:.3g}" for each in asymptotes(problems)]  # λ/2
    ['7.92e-06', '3.15e-08']
    """
    first = problems[0]
    if not isinstance(first.spectrum, PowerLawSpectrum):
        raise InvalidProblem('--asymptote needs spectrum.kind = "power-law"')
    rules: list[dict[Any, Any]] = [{**substitution(problem)} for problem in problems]
    try:
        expansion = expand_test_error(first)
    except NotSupported as error:
        # Python's remedy is a function; here there is none but another file.
        reason = (
            "generators with a ridge, or with T_0 < d, have none; leave it out, or give ridge = 0 and "
            "samples >= dimension"
            if "two effective ridges" in str(error)
            else str(error)
        )
        raise NotSupported(f"--asymptote: {reason}") from None
    sizes = [float(rule[samples]) for rule in rules]
    exponent = ridge_exponent(sizes, [float(rule.get(ridge, 0)) for rule in rules])
    return [_asymptote(expansion, rule, exponent, first.spectrum) for rule in rules]


def ridge_exponent(sizes: Sequence[float], ridges: Sequence[float]) -> float:
    """The ℓ of λ = c·T^-ℓ; infinite without a ridge.

    Raises
    ------
    InvalidProblem
        If the ridge is no power of the samples.

    Example
    -------
    >>> round(ridge_exponent([10, 100, 1000], [2 / 10, 2 / 100, 2 / 1000]), 12)
    1.0
    """
    remedy = "--asymptote needs a ridge that is a power of samples, or 0"
    if not any(ridges):
        return math.inf
    if not all(value > 0 for value in ridges):
        raise InvalidProblem(remedy)
    low, high = sizes.index(min(sizes)), sizes.index(max(sizes))
    if low == high:
        raise InvalidProblem("--asymptote needs at least two sizes of samples")
    width = math.log(sizes[high] / sizes[low])
    exponent = math.log(ridges[low] / ridges[high]) / width
    for size, value in zip(sizes, ridges, strict=True):
        expected = -exponent * math.log(size / sizes[low])
        if abs(math.log(value / ridges[low]) - expected) > SAME_EXPONENT * width:
            raise InvalidProblem(remedy)
    return exponent


def _asymptote(
    expansion: ErrorExpansion, rule: dict[Any, Any], exponent: float, spectrum: PowerLawSpectrum
) -> Asymptote:
    capacity = float(spectrum.capacity)
    start = _number(expansion.ridgeless_ridge, rule)
    own = float(rule.get(ridge, 0))
    if exponent < capacity - SAME_EXPONENT:
        kappa, forms = own, "at_large_ridge"
        given = rule
    else:
        forms = "through_crossover"
        level = 1.0 if exponent > capacity + SAME_EXPONENT else _level(own / start, capacity)
        kappa = start * level**capacity
        given = {**rule, crossover: level, ridgeless: start}
    kept = [condition.subs({**rule, effective: kappa}) for condition in expansion.conditions]
    if any(condition == false for condition in kept):
        return Asymptote(None, None, None, None)
    parts = [_number(getattr(expansion.parts[name], forms), given) for name in PARTS]
    return Asymptote(sum(parts), *parts)


def _level(ratio: float, capacity: float) -> float:
    """The w ≥ 1 with w^β·(1 − 1/w) = λ/κ₀."""
    found: float = brentq(lambda w: w**capacity * (1 - 1 / w) - ratio, 1, FARTHEST, xtol=1e-15)
    return found


def _number(formula: Expr, rule: dict[Any, Any]) -> float:
    value: Basic = formula.subs(rule)
    if value.free_symbols or value.has(oo):
        raise NotSupported(f"--asymptote: {value} is no number")
    return float(value)  # type: ignore[arg-type]
