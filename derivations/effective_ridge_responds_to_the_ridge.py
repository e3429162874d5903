"""The ridge as a function of the effective ridge has slope 1 − df₂/T, so ∂κ/∂λ = 1/(1 − df₂/T) ≥ 1."""

from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.references import cite
from symcollapse.language.symbols import effective, samples
from symcollapse.reasoning import Derivation, Differentiate, Step

DERIVATION = Derivation(
    title="Response of the effective ridge",
    claim=cite("dohmatob2024", "Lemma I.2"),
    subject=r"\lambda(\kappa)",
    start=effective - effective * DegreesOfFreedom(1, effective, SIGMA) / samples,
    steps=(
        Step(
            1 - DegreesOfFreedom(2, effective, SIGMA) / samples,
            Differentiate(effective),
        ),
    ),
    notes="By the inverse function theorem ∂κ/∂λ is one over the result; it is at least 1 as df₂ ≥ 0.",
)
