"""Above a ridge, labels that are all real are the best: at ω = 1 the test error falls with ω, from any generation on."""

from sympy import Expr, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_ridge,
    generation_samples,
    mixing_symbols,
    squared_norm,
)
from symcollapse.language.targets import LevelsTarget, UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Published, Step
from symcollapse.theory import test_error

WEIGHT, _, REAL_NOISE, _ = mixing_symbols(0)
_MIXED = Generation(9, noise=1, real_noise=2, ridge=1, real_weight=Rational(1, 3), repeat=2)
_TOTAL: Expr = test_error(
    Problem(LevelsSpectrum([2, 1], [2, 2]), LevelsTarget([1, 1]), (_MIXED,))
).total
_SLOPE: Expr = _TOTAL.diff(WEIGHT)
START = _SLOPE.xreplace({WEIGHT: Rational(1)})
"""Slope of the error in ω at ω = 1."""

KAPPA = EffectiveRidge(generation_ridge, generation_samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, KAPPA, SIGMA)
_LEFT = ResidualDegreesOfFreedom(generation_samples, generation_ridge, generation_ridge, SIGMA)
_RESOLVENT = 1 / (eigenvalue + KAPPA)
_COST: Expr = (
    _DEGREES
    * (REAL_NOISE**2 + KAPPA**3 * quadratic_form(eigenvalue * _RESOLVENT**3, SIGMA, W0))
    / _LEFT
)
_GAIN: Expr = KAPPA**2 * quadratic_form(eigenvalue**2 * _RESOLVENT**3, SIGMA, W0)
SLOPE: Expr = 2 * (_COST - _GAIN)
"""Negative where all labels are best real."""

_UNIT = IsotropicSpectrum(dimension)
_ISOTROPIC = SLOPE.xreplace({SIGMA: _UNIT, W0: UniformTarget(squared_norm)})
_OWN = EffectiveRidge(generation_ridge, generation_samples, _UNIT)
_DIFFERENCE: Expr = (
    dimension * REAL_NOISE** 2
    - generation_samples * squared_norm * generation_ridge * _OWN / (1 + _OWN)
)
"""Negative above the ridge at which λκ/(1 + κ) is the best ridge for real labels, dσ_R²/(TN)."""

DERIVATION = Derivation(
    title="Where labels are best all real",
    subject=r"\partial_\omega\mathcal{E}|_{\omega=1}",
    start=START,
    steps=(Step(SLOPE, Algebra("of two generations, at ω = 1")),),
    domain=Domain({REAL_NOISE: Range(Rational(1, 10), 2), dimension: Range(2, 40, whole=True)}),
    published=(
        Published(
            2 * _DIFFERENCE / ((1 + _OWN) ** 2 * generation_samples - dimension),
            Algebra(),
            None,
            "isotropic data of variance 1, N = ‖w₀‖²",
            _ISOTROPIC,
        ),
    ),
    notes=(
        "For fresh inputs in each generation and one ridge. At ω = 1 the fit before the last enters to first order in "
        "1 − ω, those before it to the second: so the slope is that of two generations for any n ≥ 2. Noise of "
        "synthetic labels is not in it. Isotropic data: next to ω = 1 all labels are best real where λκ/(1 + κ) exceeds "
        "dσ_R²/(TN), the best ridge for real labels. So at that ridge itself ω < 1 is better: synthetic labels of an "
        "earlier fit, on other inputs, still average noise."
    ),
)
