"""Corollary 4.4 at λ = 0 is Theorem 4.1 for φ < 1; for φ > 1 it is another formula, as κ does not vanish there."""

from sympy import Gt, Integer, Lt

from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    ridge,
    samples,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Published, Step, Substitute
from symcollapse.theory import test_error

from .settings import ENOUGH_SAMPLES

_SPECTRUM = IsotropicSpectrum(dimension)
_ISOTROPIC = ((SIGMA, _SPECTRUM), (W0, UniformTarget(squared_norm)))
_GENERAL = test_error(ENOUGH_SAMPLES).total
_KAPPA = EffectiveRidge(ridge, samples, _SPECTRUM)
_RATIO, _RATIO0 = dimension / samples, dimension / generation_samples
_SURPLUS = (1 + _KAPPA) ** 2 - _RATIO
_COROLLARY = (
    _KAPPA**2 * squared_norm + noise**2 * _RATIO
) / _SURPLUS + generations * generation_noise**2 * (_RATIO0 / (1 - _RATIO0)) * (
    1 + _RATIO * _KAPPA**2 / _SURPLUS
) / (1 + _KAPPA) ** 2
_RIDGELESS = ((ridge, Integer(0)),)
_AT_ZERO = _COROLLARY.xreplace(dict(_RIDGELESS))
_THEOREM = noise**2 * _RATIO / (1 - _RATIO) + generations * generation_noise**2 * _RATIO0 / (
    1 - _RATIO0
)
_ENOUGH = Gt(generation_samples, dimension)

DERIVATION = Derivation(
    title="Least squares as the case without a ridge",
    claim=cite("dohmatob2024", "remark after Corollary 4.4"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=_GENERAL,
    steps=(
        Step(_GENERAL.xreplace(dict(_ISOTROPIC)), Substitute(_ISOTROPIC, "isotropic data")),
        Step(_COROLLARY, Algebra("Corollary 4.4")),
        Step(_AT_ZERO, Substitute(_RIDGELESS, "no ridge")),
        Step(_THEOREM, Algebra("κ = 0, as φ < 1; Theorem 4.1 as published")),
    ),
    domain=Domain(conditions=(_ENOUGH, Gt(samples, dimension))),
    published=(
        Published(
            _THEOREM,
            Algebra(),
            Domain(conditions=(_ENOUGH, Lt(samples, dimension)), isotropic=True),
            "φ > 1",
            _AT_ZERO,
        ),
    ),
    notes="For φ > 1 the effective ridge at λ = 0 is φ − 1, and Theorem 4.1 would give a negative variance.",
)
