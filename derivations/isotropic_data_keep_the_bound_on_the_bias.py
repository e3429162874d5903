"""Over isotropic data Bias~ exceeds Bias + ΔBias by a multiple of λ: the bound holds, attained for λ = 0."""

from sympy import Expr, Lt

from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    ridge,
    samples,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Bound, Derivation, Published, Step, Substitute

from .few_generator_samples_spare_bias_along_the_tail import ADDED, BIAS, CLEAN
from .few_generator_samples_spare_bias_along_the_tail import DERIVATION as GENERAL

_ISOTROPIC = IsotropicSpectrum(dimension)
_RULE = ((SIGMA, _ISOTROPIC), (W0, UniformTarget(squared_norm)))
_KAPPA = EffectiveRidge(ridge, samples, _ISOTROPIC)
_LOST = 1 - (generation_samples / dimension) ** generations


def _isotropic(formula: Expr) -> Expr:
    return formula.xreplace(dict(_RULE))


_ABOVE = _isotropic(GENERAL.result)

DERIVATION = Derivation(
    title="The bound on the bias over isotropic data",
    claim=cite("dohmatob2024", "Theorem 4.3 and Proposition F.5"),
    subject=r"\widetilde{\mathrm{Bias}} - \mathrm{Bias} - \Delta\mathrm{Bias}",
    start=GENERAL.result,
    steps=(
        Step(_ABOVE, Substitute(_RULE, "Σ = I")),
        Step(
            2 * squared_norm * ridge * _LOST / ((1 + _KAPPA) ** 2 - dimension / samples),
            Algebra("κ₀ = d/T₀ − 1, and the equation of κ"),
        ),
    ),
    domain=Domain(conditions=(Lt(generation_samples, dimension),)),
    published=(
        Published(
            _isotropic(CLEAN + ADDED),
            Bound(above=False),
            place="Bias~ ≥ Bias + ΔBias, n = 1, Σ = I",
            of=_isotropic(BIAS),
        ),
    ),
    notes="n least-squares generators on T₀ < d fresh samples each. (1 + κ)² > d/T, as T > df₂(κ).",
)
