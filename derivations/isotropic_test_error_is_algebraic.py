"""For Σ = I bias and variance are rational functions of κ and of the aspect ratio φ = d/T."""

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension, noise, ridge, samples, squared_norm
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Step, Substitute
from symcollapse.theory import test_error

from .settings import CLEAN_RIDGE

_SPECTRUM = IsotropicSpectrum(dimension)
_RULE = ((SIGMA, _SPECTRUM), (W0, UniformTarget(squared_norm)))
_GENERAL = test_error(CLEAN_RIDGE).total
_KAPPA = EffectiveRidge(ridge, samples, _SPECTRUM)
_ASPECT_RATIO = dimension / samples

DERIVATION = Derivation(
    title="Bias and variance of isotropic data",
    claim=cite("dohmatob2024", "Corollary 4.4, first formula"),
    subject=r"\mathrm{Bias} + \mathrm{Var}",
    start=_GENERAL,
    steps=(
        Step(_GENERAL.xreplace(dict(_RULE)), Substitute(_RULE, "isotropic data")),
        Step(
            (_KAPPA**2 * squared_norm + noise**2 * _ASPECT_RATIO)
            / ((1 + _KAPPA) ** 2 - _ASPECT_RATIO),
            Algebra("as published"),
        ),
    ),
)
