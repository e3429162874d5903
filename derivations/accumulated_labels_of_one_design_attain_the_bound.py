"""New labels of the same inputs, kept with the old ones, add the first error divided by m²: the limit is π²/6 of it."""

from sympy import oo, pi, polygamma

from symcollapse.language.references import cite
from symcollapse.language.symbols import generations
from symcollapse.reasoning import Algebra, Bound, Derivation, Limit, Published, Step

from .least_squares_pipelines import ENOUGH_SAMPLES, FIRST, law

_LAW = law(data="accumulate", design="shared")
assert _LAW.exact is not None
_AS_PUBLISHED = FIRST * (pi**2 / 6 - polygamma(1, generations + 1))

DERIVATION = Derivation(
    title="Least squares on accumulated labels of one design",
    claim=cite("gerstgrasser2024", "Theorem 1, from memory"),
    subject=r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2",
    start=_LAW.exact,
    steps=(
        Step(_AS_PUBLISHED, Algebra("the sum of 1/m² up to n is π²/6 − ψ₁(n + 1)")),
        Step(FIRST * pi**2 / 6, Limit(generations, oo)),
    ),
    domain=ENOUGH_SAMPLES,
    published=(
        Published(_AS_PUBLISHED, Algebra(), place="the sum of 1/m²", of=_LAW.exact),
        Published(FIRST * pi**2 / 6, Bound(), place="the bound π²/6", of=_LAW.exact),
    ),
    notes=(
        "Exact at finite size for any Σ, T₀ ≥ d + 2: each fit is the mean of the fits of all labels so far, so that the "
        "noise of the m-th enters with weight 1/m. Here the bound is the limit: no smaller constant would do."
    ),
)
