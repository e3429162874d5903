"""A ridge fit takes the form B to ΣGBGΣ and, by its fluctuation, to κ²ΣG² tr(BΣG²)/(T − df₂)."""

from dataclasses import replace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.equivalents.families import families_of
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, ridge, samples
from symcollapse.reasoning import Algebra, Step, derivation_of_equivalent

from .fitted_matrices import MEAN_MAP, B

_FORM = MEAN_MAP.T * B * MEAN_MAP
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(_FORM), "The quadratic map of one fit, from its pencil"
)
_FAMILY = families_of(_FORM)[dimension]
_SIGMA, _B = _FAMILY.variables[SIGMA], _FAMILY.variables[B]
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_SQUARE = 1 / (_SIGMA + _KAPPA) ** 2
_SHARE = _FAMILY.trace(_B * _SIGMA * _SQUARE) / (samples - DegreesOfFreedom(2, _KAPPA, SIGMA))

DERIVATION = replace(
    _DERIVED,
    claim=f"E[AᵀBA] ≃ ΣGBGΣ + κ²ΣG² tr(BΣG²)/(T − df₂) ({cite('bach2024')})",
    steps=(
        *_DERIVED.steps,
        Step(
            _SIGMA**2 * _B * _SQUARE + _KAPPA**2 * _SIGMA * _SQUARE * _SHARE,
            Algebra("mean and fluctuation"),
        ),
    ),
    notes="A function of the eigenvalues of Σ and B, which commute; A = RXᵀX/T.",
)
