"""At r = 1 the bias over a power law falls like κ² ln(1/κ): slower than the published κ²."""

from sympy import EulerGamma, Integer, log

from symcollapse.language.domains import Domain
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, effective
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import Derivation, Expand, Leading, Published, Rate, Step

from .power_laws import BIAS, CAPACITIES, ENDLESS, SMALL

DERIVATION = Derivation(
    title="Bias over a power law at r = 1",
    claim=cite("dohmatob2024", "eqs. (54)-(55) at r = 1"),
    subject=r"\kappa^2w_0^\top\Sigma(\Sigma+\kappa)^{-2}w_0",
    start=QuadraticForm(BIAS, ENDLESS, SourceTarget(1)),
    steps=(
        Step(
            effective**2 * (EulerGamma - (1 + log(effective)) / capacity),
            Expand(SMALL, (effective**3,)),
        ),
        Step(-(effective**2) * log(effective) / capacity, Leading(SMALL)),
    ),
    domain=Domain({capacity: CAPACITIES}),
    published=(
        Published(effective**2, Rate(SMALL), place="the rate κ^(2 min(r, 1)) at r = 1"),
        Published(effective**2, Rate(SMALL, Integer(1)), place="the same up to one logarithm"),
    ),
    notes="Every r > 0 is claimed; at r = 1 the ratio to κ² grows without bound, like ln(1/κ)/β.",
)
