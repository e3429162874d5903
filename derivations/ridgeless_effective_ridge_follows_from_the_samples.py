"""Without a ridge κ is a constant times (T + 1/2)^-β: half a sample more than the leading order says."""

from sympy import Integer, Rational, oo, pi, sin

from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.symbols import capacity, samples
from symcollapse.reasoning import Derivation, Expand, Leading, Step, Towards

from .power_laws import CAPACITIES, ENDLESS

_LARGE = Towards(samples, oo)
_A = pi / capacity / sin(pi / capacity)

DERIVATION = Derivation(
    title="Ridgeless effective ridge of a power law",
    subject=r"\kappa(0, T)",
    start=EffectiveRidge(Integer(0), samples, ENDLESS),
    steps=(
        Step(
            (_A / (samples + Rational(1, 2))) ** capacity,
            Expand(_LARGE, (samples ** (-2 * capacity - 1),)),
        ),
        Step((_A / samples) ** capacity, Leading(_LARGE)),
    ),
    domain=Domain({capacity: CAPACITIES}),
    notes="s_j = j^-β, d = ∞. The relative error of the first line is O(T^-(β + 1)), of the second O(1/T).",
)
