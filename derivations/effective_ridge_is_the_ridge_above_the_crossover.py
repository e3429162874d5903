"""For λ ≫ T^-β the effective ridge is the ridge; the first correction is of the relative order λ^(-1/β)/T."""

from sympy import Rational, oo, pi, sin

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, ridge, ridge_exponent, samples
from symcollapse.reasoning import Derivation, Expand, Leading, Published, Step, Towards

from .power_laws import CAPACITIES, ENDLESS, apart

_LARGE = Towards(samples, oo, ((ridge, samples**-ridge_exponent),))
_AT_THE_CROSSOVER = Towards(samples, oo, ((ridge, samples**-capacity),))
_A = pi / capacity / sin(pi / capacity)
_SMALL = ridge ** (-1 / capacity) / samples

DERIVATION = Derivation(
    title="Effective ridge above the crossover",
    claim=cite("dohmatob2024", "appendix H.2"),
    subject=r"\kappa(\lambda, T)",
    start=EffectiveRidge(ridge, samples, ENDLESS),
    steps=(
        Step(ridge * (1 + _A * _SMALL), Expand(_LARGE, (ridge * _SMALL**2, ridge / samples))),
        Step(ridge, Leading(_LARGE)),
    ),
    domain=Domain(
        {capacity: CAPACITIES, ridge_exponent: Range(Rational(1, 4), 2, grain=12)},
        (ridge_exponent < capacity, apart(ridge_exponent / capacity, 1)),
    ),
    published=(
        Published(ridge, Leading(_LARGE), place="for ℓ < β"),
        Published(ridge, Leading(_AT_THE_CROSSOVER), place="and at ℓ = β, where it is not claimed"),
    ),
    notes=(
        "s_j = j^-β, d = ∞. κ − λ = κ·df₁(κ)/T, and df₁ grows like κ^(-1/β): the correction is of the order "
        "T^-(1 − ℓ/β), and becomes one of order 1 at ℓ = β."
    ),
)
