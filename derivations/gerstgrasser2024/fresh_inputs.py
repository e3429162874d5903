"""Theorem 1 read for fresh inputs at each iteration: the bound stays, the equation does not."""

from sympy import oo

from symcollapse.language.symbols import dimension, generation_samples, generations
from symcollapse.reasoning import Algebra, Bound, Counterexample, Limit, Statement

from ..accumulated_fresh_inputs_stay_below_the_bound import DERIVATION, LAW, LIMIT
from ..least_squares_pipelines import ENOUGH_SAMPLES, FIRST, UNIT
from .printed import BOUND, ERROR, REST, SUM, SUMMED, claim

ACCUMULATED = LAW.exact
"""The error of n fits, each on all samples so far, of fresh inputs."""
assert ACCUMULATED is not None
_DERIVATIONS = ("accumulated_fresh_inputs_stay_below_the_bound",)
_APPROACH = generations * (LIMIT - ACCUMULATED)

CLAIMS = (
    claim(
        "accumulate-error-fresh",
        (Statement(ACCUMULATED, Algebra(), SUMMED, ENOUGH_SAMPLES),),
        names=ERROR,
        repaired=(Statement(ACCUMULATED, Algebra(), DERIVATION.steps[0].to, ENOUGH_SAMPLES),),
        controls=(
            Statement(ACCUMULATED, Algebra(), generations * FIRST, ENOUGH_SAMPLES, "n for the sum"),
        ),
        derivations=_DERIVATIONS,
        counterexample=Counterexample(
            "accumulate-error-fresh.toml", implied=SUMMED, derived=ACCUMULATED, margin=0.05
        ),
        reading="the formula of one design, for fresh inputs",
        remark="The repair is the sum of σ²d/(i(iT − d − 1)), by partial fractions.",
    ),
    claim(
        "accumulate-bound-fresh",
        (Statement(ACCUMULATED, Bound(), BOUND, ENOUGH_SAMPLES),),
        names=ERROR,
        controls=(Statement(ACCUMULATED, Bound(), FIRST, ENOUGH_SAMPLES, "1 for π²/6"),),
        derivations=_DERIVATIONS,
    ),
    claim(
        "bound-attained-fresh",
        (Statement(ACCUMULATED, Limit(generations, oo), BOUND, ENOUGH_SAMPLES),),
        names=ERROR,
        repaired=(Statement(ACCUMULATED, Limit(generations, oo), LIMIT, ENOUGH_SAMPLES),),
        controls=(
            Statement(
                ACCUMULATED,
                Limit(generations, oo),
                FIRST,
                ENOUGH_SAMPLES,
                "nothing after the first",
            ),
        ),
        derivations=_DERIVATIONS,
        reading="the limit of one design, for fresh inputs",
    ),
    claim(
        "approach-fresh",
        (Statement(_APPROACH, Limit(generations, oo), FIRST, ENOUGH_SAMPLES),),
        names=REST,
        repaired=(
            Statement(_APPROACH, Limit(generations, oo), UNIT / generation_samples, ENOUGH_SAMPLES),
        ),
        controls=(
            Statement(
                _APPROACH, Limit(generations, oo), UNIT / (2 * generation_samples), ENOUGH_SAMPLES
            ),
        ),
        derivations=("accumulation_approaches_its_limit_like_one_over_n",),
        reading="the rest of one design, for fresh inputs",
    ),
    claim(
        "universal-sum",
        (Statement(ACCUMULATED / FIRST, Limit(generation_samples, oo), SUM, ENOUGH_SAMPLES),),
        names=r"E_{test}(\hat w_n)/E_{test}(\hat w_1)",
        controls=(
            Statement(
                (ACCUMULATED / FIRST).xreplace({dimension: generation_samples / 2}),
                Limit(generation_samples, oo),
                SUM,
                ENOUGH_SAMPLES,
                "d = T/2 in place of a fixed d",
            ),
        ),
        derivations=_DERIVATIONS,
    ),
)
