"""Where m = p − 1/β the two leading powers of a sum over a power law become one, with a logarithm."""

from sympy import EulerGamma, Integer, digamma, log

from symcollapse.language.domains import Domain, Range
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, effective, eigenvalue, order
from symcollapse.reasoning import Derivation, Expand, Leading, Published, Rate, Step

from .power_laws import CAPACITIES, ENDLESS, SMALL

_POWER = order + 1 / capacity
_CONSTANT = EulerGamma - (EulerGamma + digamma(order) + log(effective)) / capacity

DERIVATION = Derivation(
    title="Sums over a power law where two powers meet",
    claim=cite("dohmatob2024", "Lemma I.1 with D = 1/κ, m = n − 1/β"),
    subject=r"\sum_k\lambda_k^{m+1/\beta}/(1+\lambda_k/\kappa)^m",
    start=effective**order
    * SpectralTrace(eigenvalue**_POWER / (eigenvalue + effective) ** order, ENDLESS),
    steps=(
        Step(effective**order * _CONSTANT, Expand(SMALL, (effective ** (order + 1),))),
        Step(-(effective**order) * log(effective) / capacity, Leading(SMALL)),
    ),
    domain=Domain({capacity: CAPACITIES, order: Range(1, 3, whole=True)}),
    published=(
        Published(-(effective**order) * log(effective), Rate(SMALL), place="D^-c log D"),
        Published(effective**order, Rate(SMALL, Integer(1)), place="the same, its power alone"),
    ),
)
