"""Ridge fits to mixed labels on fixed inputs tend to the bias of the ridge λ/ω, and to noise seen by two ridges."""

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, eigenvalue, generation_samples
from symcollapse.reasoning import Algebra, Derivation, Step

from .least_squares_pipelines import RANGES, WEIGHT
from .mixing_with_a_ridge import ERROR, KEPT, LOST, NOISE

_MEAN = EffectiveRidge(LOST, generation_samples, SIGMA)
_OTHER = EffectiveRidge(KEPT, generation_samples, SIGMA)
_BOTH = spectral_trace(eigenvalue**2 / ((eigenvalue + _MEAN) * (eigenvalue + _OTHER)), SIGMA)
_LOSS = quadratic_form(eigenvalue / (eigenvalue + _MEAN) ** 2, SIGMA, W0)
DOMAIN = Domain(
    {**RANGES, generation_samples: Range(2, 90, whole=True), dimension: Range(3, 40, whole=True)}
)

DERIVATION = Derivation(
    title="Ridge fits to mixed labels on fixed inputs",
    claim=cite("garg2025", "the ridge result, from memory"),
    subject=r"\mathcal{E}_\infty",
    start=ERROR,
    steps=(
        Step(
            _MEAN**2 * _LOSS / (1 - DegreesOfFreedom(2, _MEAN, SIGMA) / generation_samples)
            + NOISE / (WEIGHT * (2 - WEIGHT)) * _BOTH / (generation_samples - _BOTH),
            Algebra("collected"),
        ),
    ),
    domain=DOMAIN,
    notes=(
        "Any Σ, any w₀, T₀ on either side of d. The start is the equivalent of the limit's plain expression, "
        "(λ/ω)²w₀ᵀ(Σ̂ + "
        "λ/ω)⁻¹Σ(Σ̂ + λ/ω)⁻¹w₀ and a trace with both ridges."
    ),
)
