"""The best weight of real labels in a long chain is a root of ω²σ_R² + ωσ₀² = σ₀²: the golden ratio for equal noises."""

from sympy import Rational, sqrt

from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_noise, generation_samples
from symcollapse.reasoning import Bound, Derivation, Differentiate, Published, Solve, Step

from .least_squares_pipelines import ENOUGH_SAMPLES, REAL_NOISE, WEIGHT
from .real_labels_mixed_in_keep_the_error_finite import LIMIT

GOLDEN = (sqrt(5) - 1) / 2
"""The reciprocal of the golden ratio, 0.618…"""
_OWN, _REAL = generation_noise**2, REAL_NOISE**2
_SLOPE = (
    2
    * dimension
    / (generation_samples - dimension - 1)
    * (_REAL * WEIGHT**2 + _OWN * WEIGHT - _OWN)
    / (WEIGHT * (2 - WEIGHT)) ** 2
)
BEST = 2 * _OWN / (_OWN + sqrt(_OWN**2 + 4 * _OWN * _REAL))
"""The best weight."""
_RATIO = _OWN / _REAL

DERIVATION = Derivation(
    title="Best weight of real labels in a long chain",
    claim=cite("he2025", "abstract, and the expression for other proportions, from memory"),
    subject=r"\mathcal{E}_\infty",
    start=LIMIT,
    steps=(Step(_SLOPE, Differentiate(WEIGHT)), Step(BEST, Solve(WEIGHT))),
    domain=ENOUGH_SAMPLES,
    published=(
        Published(
            GOLDEN,
            Solve(WEIGHT),
            place="1/golden ratio, for equal noises",
            of=_SLOPE.xreplace({REAL_NOISE: generation_noise}),
        ),
        Published(
            GOLDEN,
            Solve(WEIGHT),
            place="1/golden ratio, beyond what is stated: any noises",
            of=_SLOPE,
        ),
        Published(
            (sqrt(_RATIO**2 + 4 * _RATIO) - _RATIO) / 2,
            Solve(WEIGHT),
            place="(√(k² + 4k) − k)/2, read with k = σ₀²/σ_R²",
            of=_SLOPE,
        ),
        Published(
            Rational(1, 2),
            Bound(above=False),
            place="beyond what is stated: at least 1/2 for any noises",
            of=BEST,
        ),
    ),
    notes=(
        "Exact at finite size for any Σ, T₀ ≥ d + 2. The slope is negative below the root and positive above it, as the "
        "quadratic has one positive root, which is below 1. Neither T₀ nor d nor Σ is in it. Real labels much "
        "noisier than "
        "synthetic ones deserve less than 1/2."
    ),
)
