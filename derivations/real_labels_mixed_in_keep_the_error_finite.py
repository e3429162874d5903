"""A weight ω of fresh real labels in every generation stops the growth of the error, however small ω is."""

from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
)
from symcollapse.reasoning import Algebra, Bound, Derivation, Published, Step

from .least_squares_pipelines import ENOUGH_SAMPLES, REAL_NOISE, WEIGHT, law

LAW = law(real_weight="1/3", real_noise=2)
assert LAW.exact is not None
_KEPT = (1 - WEIGHT) ** 2
_NOISE = WEIGHT**2 * REAL_NOISE**2 + _KEPT * generation_noise**2
_SHARE = dimension / (generation_samples - dimension - 1)
LIMIT = _SHARE * _NOISE / (WEIGHT * (2 - WEIGHT))
"""The error of n → ∞, exact at finite size."""

DERIVATION = Derivation(
    title="Least squares on real labels mixed with synthetic ones",
    claim=cite("he2025", "the weighted scheme, from memory"),
    subject=r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2",
    start=LAW.exact,
    steps=(
        Step(
            LIMIT * (1 - _KEPT**generations),
            Algebra("a geometric series of ratio (1 − ω)²"),
        ),
    ),
    domain=ENOUGH_SAMPLES,
    published=(Published(LIMIT, Bound(), place="the limit, as a bound for every n"),),
    notes=(
        "Exact at finite size for any Σ, T₀ ≥ d + 2: labels ω·(real, noise σ_R) + (1 − ω)·(synthetic, noise σ₀) on fresh "
        "inputs, so that v' = (1 − ω)²v + (ω²σ_R² + (1 − ω)²σ₀²)·d/(T₀ − d − 1). As (1 − ω)²ⁿ → 0 the first "
        "factor is the limit."
    ),
)
