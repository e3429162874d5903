"""Least-squares pipelines that derivations start from: the numbers only say T₀ > d, the laws keep their symbols."""

from typing import Any

from sympy import Ge, Le, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import Generation, Problem
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    mixing_symbols,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.recursions.long_run import GenerationLaw
from symcollapse.recursions.solved import solve_generations

WEIGHT, _, REAL_NOISE, _ = mixing_symbols(0)
"""ω₀ and σ_R0: weight and noise of the real labels that a generation mixes in."""

RANGES = {
    dimension: Range(2, 40, whole=True),
    generation_samples: Range(4, 120, whole=True),
    generations: Range(1, 60, whole=True),
    WEIGHT: Range(Rational(1, 20), Rational(19, 20)),
    REAL_NOISE: Range(Rational(1, 10), 2),
}

ENOUGH = Ge(generation_samples, dimension + 2)
"""T₀ ≥ d + 2: the error has a finite mean."""

ENOUGH_SAMPLES = Domain(RANGES, (ENOUGH,))

TOO_FEW = Le(generation_samples, dimension - 2)
"""T₀ ≤ d − 2."""

UNIT = generation_noise**2 * dimension
FIRST = UNIT / (generation_samples - dimension - 1)
"""The error of the first fit, σ₀²d/(T₀ − d − 1)."""


def law(samples: int = 9, **keys: Any) -> GenerationLaw:
    """The error of n generations alike, with the given keys.

    Parameters
    ----------
    samples
        T₀, for d = 4: it says on which side of d.
    keys
        Of `Generation`.

    Raises
    ------
    NotSupported
        Where no closed form is known.

    Example
    -------
    >>> law().exact
    d*n*sigma_0**2/(T_0 - d - 1)
    """
    entry = Generation(samples, noise=1, repeat=generations, **keys)
    return solve_generations(
        Problem(LevelsSpectrum([2, 1], [2, 2]), LevelsTarget([1, 1]), (entry,))
    )
