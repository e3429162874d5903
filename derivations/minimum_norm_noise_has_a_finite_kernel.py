"""The noise kernel X†X†ᵀ of minimum-norm least squares with T < d is ΣG²/(T − df₂) at κ(0, T)."""

from dataclasses import replace
from typing import Any

from sympy import Lt

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.random_matrices import pseudo_inverse
from symcollapse.language.symbols import dimension, eigenvalue, samples
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import X

_INVERSE: Any = pseudo_inverse(X)
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(_INVERSE * _INVERSE.T, assuming=[Lt(samples, dimension)]),
    "Noise kernel of minimum-norm least squares, from its pencil",
)
_KAPPA = EffectiveRidge(0, samples, SIGMA)

DERIVATION = replace(
    _DERIVED,
    claim="X†X†ᵀ ≃ ΣG²/(T − df₂), G = (Σ + κI)⁻¹ at κ = κ(0, T)",
    steps=(
        *_DERIVED.steps,
        Step(
            eigenvalue
            / (eigenvalue + _KAPPA) ** 2
            / (samples - DegreesOfFreedom(2, _KAPPA, SIGMA)),
            Algebra("ΣG²/(T − df₂)"),
        ),
    ),
    notes=f"A function of the eigenvalue s of Σ. {_DERIVED.notes}",
)
