"""The projection X†X on the span of the samples is Σ(Σ + κI)⁻¹ at κ(0, T) for T < d, and I for T ≥ d."""

from dataclasses import replace
from typing import Any

from sympy import Lt

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import pseudo_inverse
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, eigenvalue, samples
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import X

_PROJECTION: Any = pseudo_inverse(X) * X
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(_PROJECTION, assuming=[Lt(samples, dimension)]),
    "The projection on the samples, from its pencil",
)
_KAPPA = EffectiveRidge(0, samples, SIGMA)

DERIVATION = replace(
    _DERIVED,
    claim=f"X†X ≃ Σ(Σ + κI)⁻¹ at κ = κ(0, T) ({cite('hachem2007')})",
    steps=(
        *_DERIVED.steps,
        Step(1 - _KAPPA / (eigenvalue + _KAPPA), Algebra("what it keeps, and what it loses")),
    ),
    notes=f"A function of the eigenvalue s of Σ. {_DERIVED.notes} For T ≥ d, κ(0, T) = 0 and X†X = I.",
)
