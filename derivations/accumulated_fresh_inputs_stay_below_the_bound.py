"""Accumulating fresh batches keeps the error finite, and strictly below the published π²/6 of the first error."""

from sympy import Ge, Integer, oo, pi, polygamma

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_samples, generations
from symcollapse.reasoning import Algebra, Bound, Derivation, Limit, Published, Step

from .least_squares_pipelines import ENOUGH, ENOUGH_SAMPLES, FIRST, RANGES, UNIT, law

LAW = law(data="accumulate")
assert LAW.exact is not None
_SHARE = (dimension + 1) / generation_samples
_SUMMED = (
    polygamma(0, Integer(1))
    - polygamma(0, 1 - _SHARE)
    + polygamma(0, generations + 1 - _SHARE)
    - polygamma(0, generations + 1)
)
LIMIT = UNIT / (dimension + 1) * (polygamma(0, Integer(1)) - polygamma(0, 1 - _SHARE))
"""The error of n → ∞."""
_LATER = Domain(RANGES, (ENOUGH, Ge(generations, 2)))

DERIVATION = Derivation(
    title="Least squares on accumulated fresh inputs",
    claim=cite("gerstgrasser2024", "Theorem 1, from memory"),
    subject=r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2",
    start=LAW.exact,
    steps=(
        Step(
            UNIT / (dimension + 1) * _SUMMED,
            Algebra("the sum of σ₀²d/(m(mT₀ − d − 1)), by partial fractions in m"),
        ),
        Step(LIMIT, Limit(generations, oo)),
    ),
    domain=ENOUGH_SAMPLES,
    published=(
        Published(
            FIRST * (pi**2 / 6 - polygamma(1, generations + 1)),
            Algebra(),
            _LATER,
            "as an equation with the sum of 1/m², for fresh inputs and n ≥ 2",
            LAW.exact,
        ),
        Published(FIRST * pi**2 / 6, Bound(), place="the bound π²/6", of=LAW.exact),
    ),
    notes=(
        "Exact at finite size for any Σ, T₀ ≥ d + 2. As m(T₀ − d − 1) ≤ mT₀ − d − 1, with equality for m = 1 only, each "
        "later batch adds less than σ₀²d/((T₀ − d − 1)m²). Replacing adds the first error n times instead."
    ),
)
