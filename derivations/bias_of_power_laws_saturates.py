"""The bias over a power law falls like κ^(2r) up to r = 1 and like κ² beyond; both terms are there on either side."""

from sympy import Gt, Lt, Ne, Piecewise, Rational, pi, sin, zeta

from symcollapse.language.domains import Domain
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, effective, eigenvalue, source
from symcollapse.reasoning import Algebra, Derivation, Expand, Leading, Published, Rate, Step

from .power_laws import BIAS, CAPACITIES, ENDLESS, SMALL, SOURCES, TARGET

_RANGES = {capacity: CAPACITIES, source: SOURCES}
_SINGULAR = (1 - 2 * source) * pi / (capacity * sin(2 * pi * source)) * effective ** (2 * source)
_ANALYTIC = zeta(1 + 2 * capacity * (source - 1)) * effective**2
_PRINTED = QuadraticForm(eigenvalue / (eigenvalue + eigenvalue / effective) ** 2, ENDLESS, TARGET)
_MEANT = QuadraticForm(eigenvalue / (1 + eigenvalue / effective) ** 2, ENDLESS, TARGET)

DERIVATION = Derivation(
    title="Bias over a power law",
    claim=cite("dohmatob2024", "eqs. (54)-(55)"),
    subject=r"\kappa^2w_0^\top\Sigma(\Sigma+\kappa)^{-2}w_0",
    start=QuadraticForm(BIAS, ENDLESS, TARGET),
    steps=(
        Step(_SINGULAR + _ANALYTIC, Expand(SMALL, (effective**3,))),
        Step(Piecewise((_SINGULAR, source < 1), (_ANALYTIC, True)), Leading(SMALL)),
    ),
    domain=Domain(
        _RANGES,
        (Ne(source, Rational(1, 2)), Ne(source, 1), Ne(source, Rational(3, 2))),
    ),
    published=(
        Published(
            effective ** (2 * source),
            Rate(SMALL),
            Domain(_RANGES, (Lt(source, 1),)),
            "(54)-(55) for r < 1",
        ),
        Published(
            effective**2, Rate(SMALL), Domain(_RANGES, (Gt(source, 1),)), "(54)-(55) for r > 1"
        ),
        Published(
            _PRINTED,
            Rate(SMALL),
            Domain(_RANGES, (Lt(source, 1),)),
            "the sum as printed in (54), for r < 1",
        ),
        Published(_MEANT, Algebra(), place="that sum with 1 + λ/κ for the printed λ + λ/κ"),
    ),
    notes=(
        "s_j = j^-β and c_j² = j^-(1 + β(2r − 1)). At r = 1/2 and 3/2 the formula has a limit (κ/β at r = 1/2, without "
        "its second term). At r = 1 the two powers meet in a logarithm, where the published rate fails: "
        "derivations/bias_at_source_one_has_a_logarithm."
    ),
)
