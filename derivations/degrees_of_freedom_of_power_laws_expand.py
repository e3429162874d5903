"""Degrees of freedom of a power law are a constant times κ^(-1/β), less 1/2, up to O(κ)."""

from sympy import Rational, gamma, zeta

from symcollapse.language.domains import Domain, Range
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, effective, eigenvalue, order
from symcollapse.reasoning import Derivation, Expand, Leading, Published, Rate, Step

from .power_laws import CAPACITIES, ENDLESS, SMALL

_CONSTANT = gamma(1 / capacity) * gamma(order - 1 / capacity) / (capacity * gamma(order))
_LEADING = _CONSTANT * effective ** (-1 / capacity)

DERIVATION = Derivation(
    title="Degrees of freedom of a power law",
    claim=cite("dohmatob2024", "appendix H.1, and Lemma I.1 with n = m"),
    subject=r"\mathrm{df}_m(\kappa)",
    start=SpectralTrace(eigenvalue**order / (eigenvalue + effective) ** order, ENDLESS),
    steps=(
        Step(
            _LEADING - Rational(1, 2) - order * zeta(-capacity) * effective,
            Expand(SMALL, (effective**2,)),
        ),
        Step(_LEADING, Leading(SMALL)),
    ),
    domain=Domain({capacity: CAPACITIES, order: Range(1, 4, whole=True)}),
    published=(Published(effective ** (-1 / capacity), Rate(SMALL), place="the rate, m > 1/β"),),
    notes=(
        "s_j = j^-β, j = 1, 2, …. For m = 1 and 2 the constant is (π/β)/sin(π/β), and 1 − 1/β times that. The constant "
        "−1/2 acts like half a sample: κ(0, T) is that of T + 1/2 samples."
    ),
)
