"""Ridges that follow the samples, λ = T^-ℓ: the best for clean data, the best after generations, and others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

import numpy as np
from sympy import Integer, Rational, oo

from symcollapse.language import symbols
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import error_rates

KernelName: TypeAlias = Literal["rbf", "polynomial"]

QUOTED: Mapping[str, tuple[Any, Any]] = {
    "rbf": (Rational(33, 20), Rational(97, 1000)),
    "polynomial": (Rational(6, 5), Rational(3, 20)),
}
"""(β, r) that the paper quotes; its ridges follow from them, and so do those here."""

CLASSICAL, CORRECTED = "best for clean data", "corrected for generations"
"""Words in the labels of the two curves that matter."""

MULTIPLES = (Rational(1, 2), Rational(3, 2))
"""Other ℓ, as multiples of the classical one."""


@cache
def classical_exponent(capacity: Rational, source: Rational) -> Rational:
    """The best ℓ in λ = T^-ℓ on clean data with label noise, from the derived rates.

    Example
    -------
    >>> classical_exponent(Rational(2), Rational(3, 8))
    4/5
    """
    return _optimal_exponent(capacity, source, (), Integer(1))


@cache
def corrected_exponent(
    capacity: Rational, source: Rational, samples_exponent: Rational
) -> Rational:
    """The best ℓ after a fixed number of generators without ridge, each of T₀ = T^b samples.

    Example
    -------
    >>> corrected_exponent(Rational(2), Rational(3, 8), Rational(1, 2))
    2/5
    """
    generator = Generation(symbols.generation_samples, noise=symbols.generation_noise, repeat=2)
    return _optimal_exponent(capacity, source, (generator,), samples_exponent)


def _optimal_exponent(
    capacity: Rational,
    source: Rational,
    generators: tuple[Generation, ...],
    samples_exponent: Rational,
) -> Rational:
    problem = Problem(
        PowerLawSpectrum(oo, capacity),
        SourceTarget(source),
        generators,
        downstream=Downstream(symbols.samples, noise=1, ridge=symbols.ridge),
    )
    scaling = Scaling(
        capacity=capacity,
        source=source,
        noise=0,
        dimension=oo,
        generations=0,
        generation_samples=samples_exponent,
    )
    (optimum,) = error_rates(problem, scaling).optimum
    return Rational(optimum.smallest)


@dataclass(frozen=True)
class RidgeRule:
    """A ridge that follows the samples.

    Example
    -------
    >>> RidgeRule("λ = 1/T", lambda samples: 1 / samples).ridge(4)
    0.25
    """

    label: str
    """As curves are called."""
    ridge: Callable[[float], float]
    """λ at T samples."""


def ridge_rules(kernel: KernelName, generation_samples: int) -> list[RidgeRule]:
    """The ridges of a figure: classical, corrected, then others.

    Parameters
    ----------
    kernel
        Whose quoted exponents to take.
    generation_samples
        T₀, where the corrected ridge leaves the classical one.

    Example
    -------
    >>> classical, corrected, *_ = ridge_rules("rbf", 500)
    >>> classical.label
    'λ = T^-1.25, best for clean data'
    >>> classical.ridge(500) == corrected.ridge(500), classical.ridge(2000) < corrected.ridge(2000)
    (True, True)
    """
    best = classical_exponent(*QUOTED[kernel])

    def corrected(size: float) -> float:
        share = np.log(generation_samples) / np.log(size)
        if share >= 1:
            return float(size) ** -float(best)
        # Rates are exact in b; its third digit does not show in λ.
        b = Rational(str(round(float(share), 3)))
        return float(size) ** -float(corrected_exponent(*QUOTED[kernel], b))

    def power(exponent: Rational) -> Callable[[float], float]:
        return lambda size: float(size) ** -float(exponent)

    others = [RidgeRule(f"λ = T^-{float(k * best):.3g}", power(k * best)) for k in MULTIPLES]
    return [
        RidgeRule(f"λ = T^-{float(best):.3g}, {CLASSICAL}", power(best)),
        RidgeRule(f"λ = T^-ℓ*, {CORRECTED}", corrected),
        *others,
    ]
