"""The bound beyond batches of one size: it holds for larger later ones, not for small ones, where the constant is 2."""

from sympy import Ge

from symcollapse.language.domains import Domain, Range
from symcollapse.language.symbols import generation_samples
from symcollapse.reasoning import Bound, Statement

from ..least_squares_pipelines import ENOUGH, FIRST, RANGES
from ..small_batches_break_the_bound_of_accumulation import ANY_SIZE, ERROR, LATER
from .printed import BOUND, claim
from .printed import ERROR as ERROR_NAME

_LARGE = Domain(
    {**RANGES, LATER: Range(1, 400, whole=True)}, (ENOUGH, Ge(LATER, generation_samples))
)

CLAIMS = (
    claim(
        "universal-bound-large-batches",
        (Statement(ERROR, Bound(), BOUND, _LARGE),),
        names=ERROR_NAME,
        controls=(
            Statement(ERROR, Bound(), BOUND, ANY_SIZE, "for later batches of any size"),
            Statement(ERROR, Bound(), FIRST, _LARGE, "1 for π²/6"),
        ),
        derivations=("small_batches_break_the_bound_of_accumulation",),
    ),
    claim(
        "universal-bound-any-batches",
        (Statement(ERROR, Bound(), BOUND, ANY_SIZE),),
        names=ERROR_NAME,
        repaired=(Statement(ERROR, Bound(), 2 * FIRST, ANY_SIZE),),
        controls=(Statement(ERROR, Bound(), FIRST, ANY_SIZE, "1 for π²/6"),),
        derivations=("accumulation_at_most_doubles_the_first_error",),
        remark="2 is the least constant: many batches of a few rows come near to it.",
    ),
)
