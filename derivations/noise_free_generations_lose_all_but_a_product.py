"""Noise-free generators with T_m < d samples each on fresh isotropic inputs lose all of the signal but ∏ T_m/d."""

from sympy import Lt, Mul

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    generator_symbols,
    squared_norm,
)
from symcollapse.language.targets import LevelsTarget, UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Published, Step, Substitute
from symcollapse.recursions import solve_generations
from symcollapse.theory import test_error

_SIZES = tuple(generator_symbols(place)[0] for place in range(2))
_ISOTROPIC = ((SIGMA, IsotropicSpectrum(dimension)), (W0, UniformTarget(squared_norm)))
_SPECTRUM, _TARGET = LevelsSpectrum([2, 1], [2, 2]), LevelsTarget([1, 1])
UNEQUAL = Problem(_SPECTRUM, _TARGET, (Generation(3), Generation(2)))
"""Two noise-free generators of unequal sizes; the numbers only say that T_m < d."""
ALIKE = Problem(
    IsotropicSpectrum(300), UniformTarget(squared_norm), (Generation(200, repeat=generations),)
)
"""n noise-free generators of one size."""
_GENERAL = test_error(UNEQUAL).total
LAW = solve_generations(ALIKE)
"""The bias for a symbolic n."""

DERIVATION = Derivation(
    title="Noise-free generators of unequal sizes",
    claim=cite("dohmatob2024", "Theorem 4.6"),
    subject=r"\mathbb{E}\,\|P_1P_0w_0 - w_0\|^2",
    start=_GENERAL,
    steps=(
        Step(_GENERAL.xreplace(dict(_ISOTROPIC)), Substitute(_ISOTROPIC, "isotropic data")),
        Step(squared_norm * (1 - Mul(*_SIZES) / dimension**2), Algebra("κ(0, T_m) = d/T_m − 1")),
    ),
    domain=Domain(
        {size: Range(2, 39, whole=True) for size in _SIZES},
        tuple(Lt(size, dimension) for size in _SIZES),
    ),
    published=(
        Published(
            squared_norm * (1 - (generation_samples / dimension) ** generations),
            Algebra(),
            Domain(conditions=(Lt(generation_samples, dimension),)),
            "n generators of one size",
            LAW.error.xreplace(dict(_ISOTROPIC)),
        ),
    ),
    notes=(
        "Exact at finite size too. The bias goes to ‖w₀‖², the null predictor's error, as fast as (T₀/d)ⁿ. On one shared "
        "design it stays what the first generation made it, ‖w₀‖²(1 − T₀/d)."
    ),
)
