"""The noise kernel X†X†ᵀ of least squares with T > d is Σ⁻¹/(T − d)."""

from dataclasses import replace
from typing import Any

from sympy import Gt

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.random_matrices import pseudo_inverse
from symcollapse.language.symbols import dimension, eigenvalue, samples
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import X

_INVERSE: Any = pseudo_inverse(X)
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(_INVERSE * _INVERSE.T, assuming=[Gt(samples, dimension)]),
    "Noise kernel of least squares with enough samples, from its pencil",
)
DERIVATION = replace(
    _DERIVED,
    claim="X†X†ᵀ ≃ Σ⁻¹/(T − d)",
    steps=(
        *_DERIVED.steps,
        Step(1 / (eigenvalue * (samples - dimension)), Algebra("as published")),
    ),
    notes=f"A function of the eigenvalue s of Σ. {_DERIVED.notes} At finite size it is exactly Σ⁻¹/(T − d − 1).",
)
