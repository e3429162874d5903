"""Two resolvents of one design are the product of their equivalents and a fluctuation, 1/(T − tr Σ²G₁G₂) in size."""

from dataclasses import replace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.equivalents.families import families_of
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, eigenvalue, generation_ridge, ridge, samples
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import OTHER_RESOLVENT, RESOLVENT, B

_PRODUCT = ridge * generation_ridge * RESOLVENT * B * OTHER_RESOLVENT
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(_PRODUCT), "Two resolvents, from their pencil"
)
_FAMILY = families_of(_PRODUCT)[dimension]
_SIGMA, _B = _FAMILY.variables[SIGMA], _FAMILY.variables[B]
_FIRST = EffectiveRidge(ridge, samples, SIGMA)
_SECOND = EffectiveRidge(generation_ridge, samples, SIGMA)
_BOTH = 1 / ((_SIGMA + _FIRST) * (_SIGMA + _SECOND))
_OVERLAP = spectral_trace(eigenvalue**2 / ((eigenvalue + _FIRST) * (eigenvalue + _SECOND)), SIGMA)
_FLUCTUATION = _SIGMA * _FAMILY.trace(_B * _SIGMA * _BOTH) / (samples - _OVERLAP)

DERIVATION = replace(
    _DERIVED,
    claim=(f"λ₁λ₂R₁BR₂ ≃ κ₁κ₂[G₁BG₂ + G₁ΣG₂ tr(BΣG₁G₂)/(T − tr Σ²G₁G₂)] ({cite('bach2024')})"),
    steps=(
        *_DERIVED.steps,
        Step(_FIRST * _SECOND * (_B + _FLUCTUATION) * _BOTH, Algebra("as published")),
    ),
    notes="A function of the eigenvalues of Σ and B, which commute.",
)
