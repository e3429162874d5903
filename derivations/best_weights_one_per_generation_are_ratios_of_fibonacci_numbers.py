"""The best weights of real labels, one per generation, are 1/2, 3/5, 8/13, … for equal noises."""

from sympy import Expr, sqrt

from symcollapse.language.problems import Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.optima.least_squares_mixing import schedule_in_closed_form
from symcollapse.reasoning import Bound, Derivation, Differentiate, Published, Solve, Step
from symcollapse.theory.exact_pipeline_laws import exact_law_of_pipeline

from .best_weight_of_real_labels_is_the_golden_ratio_for_equal_noises import GOLDEN
from .least_squares_pipelines import ENOUGH_SAMPLES, REAL_NOISE, WEIGHT

_LAW = exact_law_of_pipeline(
    Problem(
        LevelsSpectrum([2, 1], [2, 2]),
        LevelsTarget([1, 1]),
        (Generation(9, noise=1, real_weight="1/3", real_noise=2),),
    )
)
assert _LAW is not None
_SHARE = dimension / (generation_samples - dimension - 1)
_OWN, _REAL = generation_noise**2, REAL_NOISE**2
_LAST = schedule_in_closed_form(generation_noise, REAL_NOISE, generations)
# The least error after n generations, as is shown: then it is so after n + 1. A fit passes it on with (1 − ω)².
_ERROR = _LAW.total + (1 - WEIGHT) ** 2 * _SHARE * _REAL * _LAST
_PHI = (1 + sqrt(5)) / 2


def _fibonacci(even: Expr) -> Expr:
    """The number F_2k times √5, from 2k."""
    return _PHI**even - _PHI**-even


def _next_fibonacci(even: Expr) -> Expr:
    """The number F_(2k+1) times √5, from 2k."""
    return _PHI ** (even + 1) + _PHI ** -(even + 1)


_EQUAL = {REAL_NOISE: generation_noise}
_SLOPE = 2 * _SHARE * (WEIGHT * _REAL - (1 - WEIGHT) * (_OWN + _REAL * _LAST))

DERIVATION = Derivation(
    title="Best weights of real labels, one per generation",
    claim=cite("he2025", "abstract, the golden ratio"),
    subject=r"\mathcal{E}_{n+1}",
    start=_ERROR,
    steps=(
        Step(_SLOPE, Differentiate(WEIGHT)),
        Step(schedule_in_closed_form(generation_noise, REAL_NOISE, generations + 1), Solve(WEIGHT)),
    ),
    domain=ENOUGH_SAMPLES,
    published=(
        Published(
            _fibonacci(2 * generations + 2) / _next_fibonacci(2 * generations + 2),
            Solve(WEIGHT),
            place="ratio of Fibonacci numbers 2n + 2 and 2n + 3, for equal noises; in no paper we know",
            of=_SLOPE.xreplace(_EQUAL),
        ),
        Published(
            GOLDEN,
            Bound(),
            place="its limit, 1/golden ratio: a bound for every n",
            of=_LAST.xreplace(_EQUAL),
        ),
    ),
    notes=(
        "Exact at finite size for any Σ, T₀ ≥ d + 2. By induction: if the least error after n generations is "
        "σ_R²·d/(T₀ − d − "
        "1)·ω_n, the best weight of the next is as stated, and the least error is that with ω_(n+1), as AB/(A "
        "+ B) is the "
        "minimum of A(1 − ω)² + Bω² at ω = A/(A + B). What is best stepwise is best in all, for the error "
        "never falls when "
        "its predecessor's rises."
    ),
)
