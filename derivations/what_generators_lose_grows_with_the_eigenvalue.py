"""With coefficients c² = s^p, p ≥ 1, what n generators take from a direction, c²(1 − (s/(s + κ₀))ⁿ), grows with s."""

from sympy import Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import generations, power, ridgeless
from symcollapse.reasoning import (
    Bound,
    Derivation,
    Differentiate,
    Published,
    Step,
)

KEPT = s / (s + ridgeless)
"""M, the share of a direction that one generator keeps, on average."""
LOST = s**power * (1 - KEPT**generations)
"""g(s)."""
_SLOPE = LOST.diff(s)
_RANGES = {
    s: Range(Rational(1, 12), 5, grain=12),
    power: Range(Rational(1, 2), 4, grain=4),
    ridgeless: Range(Rational(1, 12), 5, grain=12),
    generations: Range(1, 30, whole=True),
}
_NEARLY_KEPT = Domain(
    {
        **_RANGES,
        s: Range(2, 5, grain=12),
        ridgeless: Range(Rational(1, 12), 1, grain=12),
        generations: Range(1, 2, whole=True),
    }
)
"""M from 2/3 on and few generators, where p − 1 is nearly reached."""

DERIVATION = Derivation(
    title="What generators take from a direction, against its eigenvalue",
    claim=cite("dohmatob2024", "Theorem 4.3 and Proposition F.5"),
    subject=r"\frac{d}{ds}\,s^{p}\Big(1 - \Big(\frac{s}{s + \kappa_0}\Big)^{n}\Big)",
    start=LOST,
    steps=(Step(_SLOPE, Differentiate(s)),),
    domain=Domain(_RANGES),
    published=(
        Published(
            LOST / s * (power - 1),
            Bound(above=False),
            place="in no paper: for every p, so that g does not decrease for p ≥ 1",
            of=_SLOPE,
        ),
        Published(
            LOST / s * (power - Rational(1, 2)),
            Bound(above=False),
            _NEARLY_KEPT,
            place="in no paper: with p − ½ in place of p − 1, too much where s ≫ n κ₀",
            of=_SLOPE,
        ),
    ),
    notes=(
        "With M = s/(s + κ₀): s g'/g = p − n Mⁿ(1 − M)/(1 − Mⁿ), and 1 − Mⁿ = (1 − M)(1 + … + M^(n−1)) ≥ (1 − M) n Mⁿ. "
        "For p < 1 g may decrease: κ₀ → 0 leaves g ~ n κ₀ s^(p−1)."
    ),
)
