"""A sum over a power law has two leading powers; the smaller exponent wins."""

from fractions import Fraction

from sympy import Min, gamma, zeta

from symcollapse.language.domains import Domain, Range
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, effective, eigenvalue, order, power
from symcollapse.reasoning import Derivation, Expand, Published, Rate, Step

from .power_laws import CAPACITIES, ENDLESS, SMALL, apart

_FIRST = power - 1 / capacity
_CONSTANT = gamma(_FIRST) * gamma(order - _FIRST) / (capacity * gamma(order))

DERIVATION = Derivation(
    title="Sums over a power law",
    claim=cite("dohmatob2024", "Lemma I.1 with D = 1/κ, n = p"),
    subject=r"\sum_k\lambda_k^p/(1+\lambda_k/\kappa)^m",
    start=effective**order
    * SpectralTrace(eigenvalue**power / (eigenvalue + effective) ** order, ENDLESS),
    steps=(
        Step(
            _CONSTANT * effective**_FIRST + zeta(capacity * (power - order)) * effective**order,
            Expand(SMALL, (effective ** (order + 1),)),
        ),
        Step(effective ** Min(order, _FIRST), Rate(SMALL)),
    ),
    domain=Domain(
        {
            capacity: CAPACITIES,
            order: Range(1, 3, whole=True),
            power: Range(Fraction(5, 6), 5, grain=12),
        },
        (apart(_FIRST, order), apart(_FIRST, order + 1), apart(_FIRST, order + 2), _FIRST > 0),
    ),
    published=(Published(effective ** Min(order, _FIRST), Rate(SMALL), place="m ≠ p − 1/β"),),
    notes=(
        "Both poles of the Mellin transform are kept: that of the zeta function, at p − 1/β, and the first of the Gamma "
        "function, at m. Where they meet: derivations/sums_over_power_laws_meet_in_a_logarithm."
    ),
)
