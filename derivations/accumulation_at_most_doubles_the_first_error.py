"""Accumulated batches of any sizes at most double the first error, and small ones come near to that."""

from sympy import Rational, log

from symcollapse.language.symbols import dimension, generation_samples
from symcollapse.reasoning import Bound, Derivation, Published, Step

from .least_squares_pipelines import FIRST, UNIT
from .small_batches_break_the_bound_of_accumulation import ANY_SIZE, ERROR, SMALL_BATCHES

_INTEGRAL = UNIT / (dimension + 1) * log(generation_samples / (generation_samples - dimension - 1))

DERIVATION = Derivation(
    title="Universal bound of accumulated least squares",
    subject=r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2",
    start=ERROR,
    steps=(
        Step(FIRST + _INTEGRAL, Bound(note="a sum of a falling function, below its integral")),
        Step(2 * FIRST, Bound(note="log(1 + x) ≤ x")),
    ),
    domain=ANY_SIZE,
    published=(
        Published(
            Rational(19, 10) * FIRST,
            Bound(),
            SMALL_BATCHES,
            "in no paper: a smaller constant than 2",
        ),
    ),
    notes=(
        "Exact at finite size for any Σ, T₀ ≥ d + 2, and the argument is one for unequal later batches too: the function "
        "1/(N(N − d − 1)) falls with N, so that Σ_m T_m/(N_m(N_m − d − 1)) is below its integral from T₀ to ∞, "
        "log(T₀/(T₀ − d − 1))/(d + 1), which is below 1/(T₀ − d − 1). Many batches of a few rows reach the first bound, "
        "and for T₀ ≫ d the second. In no paper we know."
    ),
)
