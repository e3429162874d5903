"""With T_m = m log² m T₀ samples the test error stays a bounded multiple of that on real labels, but is not ~ to it."""

from sympy import Expr, Gt, Integer, Sum, ceiling, log, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation,
    generation_noise,
    generation_samples,
    generations,
    noise,
    samples,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.reasoning import Algebra, Derivation, Leading, Published, Step, Towards
from symcollapse.recursions.solved import solve_generations

_GROWTH = (generation + 2) * log(generation + 2) ** 2
"""m log² m, for the m-th generator, m = i + 2."""
_SCHEDULE = ceiling(60 * _GROWTH)
_LAW = solve_generations(
    Problem(
        LevelsSpectrum([2, 1], [2, 2]),
        LevelsTarget([1, 1]),
        (Generation(_SCHEDULE, noise=1, repeat=generations),),
        Downstream(60, noise=1),
    )
)
"""The law is derived for a number in place of T₀."""


def _summed(term: Expr) -> Expr:
    return Sum(term, (generation, 0, generations - 1))


_FIRST = noise**2 * dimension / (generation_samples - dimension)
ERROR_OVER_FIRST = (
    _LAW.error.xreplace(
        {
            _SCHEDULE: _GROWTH * generation_samples,
            samples: generation_samples,
            generation_noise: noise,
        }
    )
    / _FIRST
)
"""E_n/E_0 for T = T₀ and σ = σ₀."""
FACTOR = 1 + _summed((generation_samples - dimension) / (_GROWTH * generation_samples - dimension))
"""What it is in the proportional limit."""
PRINTED = 1 + _summed(1 / _GROWTH)
"""1 + Σ 1/(m log² m), as printed."""
SCOPE = Domain(
    {generations: Range(1, 60, whole=True)},
    (Gt(2 * log(2) ** 2 * generation_samples, dimension + 2),),
)
"""All generators have at least d + 2 samples; T_2 = 0.96 T₀ is the least."""
_MANY = Towards(generation_samples, oo)

DERIVATION = Derivation(
    title="A budget that grows like m log² m",
    claim=cite("dohmatob2024", "section 4.1, for T = T_0 and σ = σ_0"),
    subject=r"E_n / E_0",
    start=ERROR_OVER_FIRST,
    steps=(
        Step(FACTOR, Algebra("what each generator adds, in units of E_0")),
        Step(PRINTED, Leading(_MANY, "many samples")),
    ),
    domain=SCOPE,
    published=(
        Published(PRINTED, Algebra(), None, "the sum, in the proportional limit"),
        Published(PRINTED, Leading(_MANY), None, "the sum, for T_0 ≫ d"),
        Published(Integer(1), Leading(_MANY), None, "as without generators"),
    ),
    notes=(
        "Each generator adds σ²d/(T_m − d), here with m = i + 2. The sum converges, as ∫ dm/(m log² m) does; its value "
        "is a constant above 1, and not 1."
    ),
)
