"""With T₀ < d on fixed inputs the weight of real labels is in the noise alone: the bias is that of one clean fit."""

from sympy import Lt

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form
from symcollapse.language.references import cite
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_noise,
    generation_samples,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.reasoning import Algebra, Derivation, Step
from symcollapse.theory import test_error

from .least_squares_pipelines import RANGES, REAL_NOISE, WEIGHT

# The numbers only say that T₀ < d; the error keeps its symbols.
_ERROR = test_error(
    Problem(
        LevelsSpectrum([2, 1], [2, 2]),
        LevelsTarget([1, 1]),
        (Generation(3, noise=1, repeat=2, real_weight="1/3", real_noise=2, design="shared"),),
    )
).total
_KAPPA = EffectiveRidge(0, generation_samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_RESIDUAL = generation_samples - _DEGREES
_KEPT = (1 - WEIGHT) ** 2
BIAS = (
    generation_samples
    * _KAPPA**2
    * quadratic_form(eigenvalue / (eigenvalue + _KAPPA) ** 2, SIGMA, W0)
    / _RESIDUAL
)
"""The bias of one fit of minimum norm."""
KERNEL = _DEGREES / _RESIDUAL
"""What noise of variance 1 adds to a fit of minimum norm."""
NOISE = WEIGHT**2 * REAL_NOISE**2 + _KEPT * generation_noise**2
"""Variance of the noise of mixed labels."""
FEW = Domain(
    {
        **RANGES,
        dimension: Range(9, 40, whole=True),
        generation_samples: Range(3, 36, whole=True),
    },
    (Lt(generation_samples, dimension - 2),),
)

DERIVATION = Derivation(
    title="Minimum-norm fits of mixed labels on fixed inputs",
    claim=cite("garg2025", "the interpolation result, from memory"),
    subject=r"\mathbb{E}\,\|\hat{w}_2 - w_0\|_\Sigma^2",
    start=_ERROR,
    steps=(
        Step(BIAS + NOISE * KERNEL * (1 + _KEPT), Algebra("bias and noise of one fit, collected")),
    ),
    domain=FEW,
    notes=(
        "For any Σ and w₀. The start is the joint pencil of two generations. XX†X = X: the "
        "labels of the truth are fitted exactly by every generation, whatever the weight, and what is lost, (I "
        "− X†X)w₀, is "
        "lost once; noise of the fit before enters with 1 − ω. So n generations have 1 + (1 − ω)² + … + (1 − "
        "ω)^(2n − 2) in "
        "place of 1 + (1 − ω)²."
    ),
)
