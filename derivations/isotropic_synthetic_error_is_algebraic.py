"""For Σ = I and T₀ ≥ d the synthetic error is a rational function of κ, φ = d/T and φ₀ = d/T₀."""

from sympy import Gt

from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    ridge,
    samples,
)
from symcollapse.reasoning import Algebra, Derivation, Step, Substitute
from symcollapse.theory import test_error

from .settings import ENOUGH_SAMPLES

_SPECTRUM = IsotropicSpectrum(dimension)
_RULE = ((SIGMA, _SPECTRUM),)
_GENERAL = test_error(ENOUGH_SAMPLES).synthetic
_KAPPA = EffectiveRidge(ridge, samples, _SPECTRUM)
_ASPECT_RATIO = dimension / samples
_ASPECT_RATIO0 = dimension / generation_samples
_RHO = (
    _ASPECT_RATIO0
    / (1 - _ASPECT_RATIO0)
    * (
        1 / (1 + _KAPPA) ** 2
        + _ASPECT_RATIO * _KAPPA**2 / ((1 + _KAPPA) ** 2 - _ASPECT_RATIO) / (1 + _KAPPA) ** 2
    )
)

DERIVATION = Derivation(
    title="Synthetic error of isotropic data",
    claim=cite("dohmatob2024", "Corollary 4.4, second formula"),
    subject=r"n\sigma_0^2\rho",
    start=_GENERAL,
    steps=(
        Step(_GENERAL.xreplace(dict(_RULE)), Substitute(_RULE, "isotropic data")),
        Step(generations * generation_noise**2 * _RHO, Algebra("as published")),
    ),
    domain=Domain(conditions=(Gt(generation_samples, dimension),)),
)
