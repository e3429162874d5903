"""The inverse of a sample covariance is T₀/(T₀ − d − 1)·Σ⁻¹ on average, exactly, for T₀ ≥ d + 2."""

from typing import Any

from sympy import Ge

from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_samples
from symcollapse.reasoning import Derivation, ExactMean, Published, Step

from .chains_of_projections import DESIGNS

_DESIGN: Any = DESIGNS[0]
_INVERSE: Any = SIGMA.inverse()

DERIVATION = Derivation(
    title="Mean of the inverse of a sample covariance",
    claim=cite("dohmatob2024", "Lemma F.3"),
    subject=r"\mathbb{E}[\hat\Sigma_0^{-1}]",
    start=(_DESIGN.T * _DESIGN / generation_samples).inverse(),
    steps=(
        Step(generation_samples / (generation_samples - dimension - 1) * _INVERSE, ExactMean()),
    ),
    domain=Domain(conditions=(Ge(generation_samples, dimension + 2),)),
    published=(
        Published(
            generation_samples / (generation_samples - dimension) * _INVERSE,
            ExactMean(),
            place="T₀ − d, its proportional limit",
        ),
    ),
    notes="For T₀ ≤ d + 1 there is no mean.",
)
