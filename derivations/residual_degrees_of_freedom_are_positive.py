"""The residual degrees of freedom T − tr Σ²G₁G₂ are a sum of positive terms, which is how they are evaluated."""

from symcollapse.language.effective_ridges import ResidualDegreesOfFreedom
from symcollapse.language.problems import SIGMA
from symcollapse.language.symbols import generation_ridge, ridge, samples
from symcollapse.reasoning import Algebra, Derivation, Step

_RESIDUAL = ResidualDegreesOfFreedom(samples, ridge, generation_ridge, SIGMA)

DERIVATION = Derivation(
    title="Residual degrees of freedom without cancellation",
    subject=r"T - \operatorname{tr}\Sigma^2G_1G_2",
    start=_RESIDUAL.unfolded(),
    steps=(Step(_RESIDUAL.positive_form(), Algebra("the equation of the first effective ridge")),),
    notes="For equal ridges this is T − df₂(κ) = λT/κ + κ tr Σ(Σ + κI)⁻².",
)
