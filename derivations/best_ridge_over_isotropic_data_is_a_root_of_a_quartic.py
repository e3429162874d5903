"""Over isotropic data the best ridge on synthetic labels is a root of a quartic; on real labels λ⋆ = φσ²/N."""

from sympy import Gt, Integer, Rational, sqrt

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    samples,
    shrinkage,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.isotropic_optimum import isotropic_optimal_ridge
from symcollapse.reasoning import Derivation, Differentiate, Solve, Step, Substitute

# The numbers only say that T₀ > d; the error keeps its symbols.
_ERROR = isotropic_optimal_ridge(
    Problem(
        IsotropicSpectrum(300),
        UniformTarget(squared_norm),
        (Generation(600, noise=1, repeat=3),),
        Downstream(1000, noise=1, ridge=1),
    )
).error
_Z = shrinkage
_ASPECT = dimension / samples
_LEFT = generations * generation_noise**2 * dimension / (generation_samples - dimension)
_CLEAN = squared_norm * (1 - _Z) * (1 - _ASPECT * _Z) - _ASPECT * noise**2 * _Z
_QUARTIC = _CLEAN - _LEFT * (_ASPECT**2 * _Z**4 - 3 * _ASPECT * _Z**2 + (1 + _ASPECT) * _Z)
_SCALE = -2 / (1 - _ASPECT * _Z**2) ** 2
_SUM = squared_norm * (1 + _ASPECT) + _ASPECT * noise**2

DERIVATION = Derivation(
    title="Best ridge over isotropic data",
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=_ERROR,
    steps=(
        Step(_SCALE * _QUARTIC, Differentiate(_Z)),
        Step(_SCALE * _CLEAN, Substitute(((generations, Integer(0)),), "on real labels")),
        Step(
            2 * squared_norm / (_SUM + sqrt(_SUM**2 - 4 * _ASPECT * squared_norm**2)),
            Solve(_Z),
        ),
    ),
    domain=Domain(
        {shrinkage: Range(Rational(1, 20), Rational(19, 20))},
        (Gt(generation_samples, dimension),),
    ),
    notes=(
        "Σ = I, φ = d/T, z = 1/(1 + κ), λ = (1 − z)(1 − φz)/z: on real labels the root is where λN = φσ². With synthetic "
        "labels it is a root of the quartic, which symcollapse/optima/isotropic_optimum writes in closed form, with a "
        "proof that it is the only one below min(1, 1/φ)."
    ),
)
