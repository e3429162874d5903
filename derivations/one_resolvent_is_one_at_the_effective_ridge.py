"""λ times a resolvent of the sample covariance is κ times the resolvent of Σ at κ."""

from dataclasses import replace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.symbols import eigenvalue, ridge, samples
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import RESOLVENT

_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(ridge * RESOLVENT), "One resolvent, from its pencil"
)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)

DERIVATION = replace(
    _DERIVED,
    claim=f"λR ≃ κG, G = (Σ + κI)⁻¹ ({cite('hachem2007')})",
    steps=(*_DERIVED.steps, Step(_KAPPA / (eigenvalue + _KAPPA), Algebra("κG"))),
    notes="A function of the eigenvalue s of Σ.",
)
