"""Accumulated batches much smaller than the first add more than π²/6 − 1 of its error."""

from sympy import Ge, oo, pi, polygamma

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    generation,
    generation_samples,
    generations,
    generator_symbols,
)
from symcollapse.reasoning import Algebra, Bound, Derivation, Limit, Published, Step
from symcollapse.recursions.sums import summed

from .least_squares_pipelines import ENOUGH, FIRST, RANGES, UNIT

LATER, _, _ = generator_symbols(1)
"""T_1: the size of every batch after the first."""
_ROWS = generation_samples + LATER * (generation + 1)
_ADDED = summed(UNIT * LATER / (_ROWS * (_ROWS - dimension - 1)), generations)
ERROR = FIRST + _ADDED.partial
"""The exact law of a first batch of T₀ rows and n batches of T₁ rows, Σ_m σ²(T_m/N_m)·d/(N_m − d − 1)."""
_WHOLE = generation_samples / LATER
_LESS = (generation_samples - dimension - 1) / LATER
_RANGES = {**RANGES, LATER: Range(1, 40, whole=True)}
ANY_SIZE = Domain(_RANGES, (ENOUGH,))
LIMIT = FIRST + UNIT / (dimension + 1) * (polygamma(0, 1 + _WHOLE) - polygamma(0, 1 + _LESS))
"""The error of n → ∞."""
SMALL_BATCHES = Domain(
    {
        **_RANGES,
        dimension: Range(2, 9, whole=True),
        generation_samples: Range(100, 900, whole=True),
        generations: Range(3000, 9000, whole=True),
        LATER: Range(1, 9, whole=True),
    }
)

DERIVATION = Derivation(
    title="Least squares on accumulated batches of other sizes",
    claim=cite("dey2024", "the constant π²/6, there for batches of one size; from memory"),
    subject=r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2",
    start=ERROR,
    steps=(
        Step(
            FIRST
            + UNIT
            / (dimension + 1)
            * (
                polygamma(0, 1 + _WHOLE)
                - polygamma(0, 1 + _LESS)
                - polygamma(0, generations + 1 + _WHOLE)
                + polygamma(0, generations + 1 + _LESS)
            ),
            Algebra("partial fractions in m"),
        ),
        Step(LIMIT, Limit(generations, oo)),
    ),
    domain=ANY_SIZE,
    published=(
        Published(
            FIRST * pi**2 / 6,
            Bound(),
            Domain(_RANGES, (ENOUGH, Ge(LATER, generation_samples))),
            "π²/6 of the first error, for later batches as large as the first, or larger",
        ),
        Published(
            FIRST * pi**2 / 6,
            Bound(),
            SMALL_BATCHES,
            "beyond what is stated: π²/6 for later batches of a few rows",
        ),
    ),
    notes=(
        "Exact at finite size for any Σ: the batch m of T_m rows adds σ²(T_m/N_m)·d/(N_m − d − 1), N_m rows so "
        "far. What small "
        "batches can add at most is in derivations/accumulation_at_most_doubles_the_first_error."
    ),
)
