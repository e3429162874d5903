"""New labels of the same inputs at each iteration, kept with the old ones: the setting of Theorem 1."""

from typing import Any

from sympy import Integer, MatrixSymbol, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.random_matrices import label_noise, pseudo_inverse
from symcollapse.language.symbols import dimension, generations, noise, samples
from symcollapse.reasoning import Algebra, Bound, Limit, MatrixIdentity, Statement

from ..accumulated_fresh_inputs_stay_below_the_bound import LAW
from ..least_squares_pipelines import ENOUGH, ENOUGH_SAMPLES, FIRST, RANGES, law
from ..new_labels_move_the_fit_of_one_design_by_their_share import DESIGN, MOVED, REFITTED, TALL
from .printed import ACCUMULATED_ERROR, BOUND, ERROR, REPLACED_ERROR, REST, SUMMED, claim
from .replacing import REPLACED

ACCUMULATED = law(data="accumulate", design="shared").exact
"""The error of n fits, each on all labels so far of the same inputs."""
assert ACCUMULATED is not None
assert REPLACED is not None

_TRUTH = MatrixSymbol("w", dimension, 1)


def _noise(iteration: int) -> Any:
    return label_noise(f"E_{iteration}", samples, noise)


def fitted(iterations: int) -> Any:
    """The fit on all labels so far, by its normal equations: the same inputs count once for each set of labels."""
    weight, moments = _TRUTH, []
    for iteration in range(1, iterations + 1):
        labels = DESIGN * weight + _noise(iteration)
        moments.append(DESIGN.T * labels)
        pooled = moments[0]
        for moment in moments[1:]:
            pooled = pooled + moment
        weight = (iteration * DESIGN.T * DESIGN).inverse() * pooled
    return weight


def averaged(iterations: int, power: int = 1) -> Any:
    """The truth, and the noise of iteration i divided by a power of i."""
    formula = _TRUTH
    for iteration in range(1, iterations + 1):
        share = Rational(1, iteration**power)
        formula = formula + share * pseudo_inverse(DESIGN) * _noise(iteration)
    return formula


_FEW = Domain({**RANGES, generations: Range(1, 3, whole=True)}, (ENOUGH,))

CLAIMS = (
    claim(
        "accumulate-fit",
        (
            *(
                Statement(fitted(n), MatrixIdentity(), averaged(n), TALL, f"n = {n}")
                for n in (1, 2, 3)
            ),
            Statement(REFITTED, MatrixIdentity(), MOVED, TALL, "from n − 1 to n, for any n"),
        ),
        names={
            **{fitted(n): rf"\hat w_{n}" for n in (1, 2, 3)},
            REFITTED: r"\hat w_n",
        },
        controls=(
            Statement(fitted(2), MatrixIdentity(), averaged(2, power=2), TALL, "E_i/i²"),
            Statement(fitted(2), MatrixIdentity(), averaged(2, power=0), TALL, "E_i"),
        ),
        derivations=("new_labels_move_the_fit_of_one_design_by_their_share",),
        step_of="accumulate-error",
        reading="n = 1, 2, 3 from the definition, and the step from n − 1 to n for any n",
    ),
    claim(
        "accumulate-error",
        (Statement(ACCUMULATED, Algebra(), SUMMED, ENOUGH_SAMPLES),),
        names=ERROR,
        controls=(
            Statement(ACCUMULATED, Algebra(), BOUND, ENOUGH_SAMPLES, "the bound, as an equation"),
            Statement(ACCUMULATED, Algebra(), generations * FIRST, ENOUGH_SAMPLES, "n for the sum"),
        ),
        derivations=("accumulated_labels_of_one_design_attain_the_bound",),
        remark="It holds for every Σ, exactly at finite size.",
    ),
    claim(
        "accumulate-bound",
        (Statement(ACCUMULATED, Bound(), BOUND, ENOUGH_SAMPLES),),
        names=ERROR,
        controls=(
            Statement(ACCUMULATED, Bound(), FIRST * Rational(3, 2), ENOUGH_SAMPLES, "3/2 for π²/6"),
        ),
        derivations=("accumulated_labels_of_one_design_attain_the_bound",),
    ),
    claim(
        "bound-attained",
        (Statement(ACCUMULATED, Limit(generations, oo), BOUND, ENOUGH_SAMPLES),),
        names=ERROR,
        controls=(
            Statement(
                ACCUMULATED,
                Limit(generations, oo),
                FIRST * Rational(3, 2),
                ENOUGH_SAMPLES,
                "3/2 for π²/6",
            ),
        ),
        derivations=("accumulated_labels_of_one_design_attain_the_bound",),
    ),
    claim(
        "approach",
        (
            Statement(
                generations * (BOUND - ACCUMULATED),
                Limit(generations, oo),
                FIRST,
                ENOUGH_SAMPLES,
            ),
        ),
        names=REST,
        controls=(
            Statement(
                generations * (BOUND - ACCUMULATED),
                Limit(generations, oo),
                Integer(0),
                ENOUGH_SAMPLES,
                "faster than 1/n",
            ),
        ),
        derivations=("accumulated_labels_of_one_design_attain_the_bound",),
    ),
    claim(
        "accumulating-beats-replacing",
        (
            Statement(ACCUMULATED, Bound(), REPLACED, ENOUGH_SAMPLES, "one design"),
            Statement(LAW.exact, Bound(), REPLACED, ENOUGH_SAMPLES, "fresh inputs"),
        ),
        names={
            **dict.fromkeys((ACCUMULATED, LAW.exact), ACCUMULATED_ERROR),
            REPLACED: REPLACED_ERROR,
        },
        controls=(
            Statement(ACCUMULATED, Bound(), REPLACED / 2, _FEW, "by a factor of 2, at every n"),
        ),
        derivations=(
            "accumulated_labels_of_one_design_attain_the_bound",
            "accumulated_fresh_inputs_stay_below_the_bound",
        ),
    ),
)
