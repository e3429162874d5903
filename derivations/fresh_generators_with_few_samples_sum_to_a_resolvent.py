"""What n generators with T₀ < d on fresh inputs make of a quadratic form sums over all n to one resolvent in ζ."""

from sympy import Expr, Lt, Rational

from symcollapse.equivalents import SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, spectral_trace
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    nonnegative_symbol,
    ridge,
    samples,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Derivation, Equivalents, Step

COUNTING = nonnegative_symbol("zeta")
"""ζ: the coefficient of ζⁿ belongs to n generators."""

_GENERATOR = Design(0, generation_samples, (0,), SIGMA)
_KAPPA, _KAPPA0 = (
    EffectiveRidge(ridge, samples, SIGMA),
    EffectiveRidge(0, generation_samples, SIGMA),
)
_KEPT, _KEPT0 = s / (s + _KAPPA), s / (s + _KAPPA0)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_SPREAD = _KAPPA**2 * s / (s + _KAPPA) ** 2
_KERNEL0 = s / (s + _KAPPA0) ** 2 / (generation_samples - DegreesOfFreedom(2, _KAPPA0, SIGMA))
TESTED = s * _KEPT**2 + _SPREAD * _DEGREES / (samples - _DEGREES)
"""The quadratic form that the downstream fit makes of Σ: n = 0."""


def summed(middle: Expr) -> Expr:
    """Σₙ ζⁿ E[QₙᵀBQₙ] as a function of s, for a form B: mean paths, and those that go through a trace."""
    paths = 1 / (1 - COUNTING * _KEPT0**2)
    seen = s / (s + _KAPPA0) ** 2 * paths
    again = COUNTING * spectral_trace(_KAPPA0**2 * _KERNEL0 * seen, SIGMA)
    share = spectral_trace(middle * seen, SIGMA) / (1 - again)
    return paths * (middle + COUNTING * _KAPPA0**2 * _KERNEL0 * share)


FORMS = summed(TESTED)
"""Σₙ ζⁿ Bₙ, where Bₙ is the form that n generators and the downstream fit make of Σ."""
BIASES = QuadraticForm(
    FORMS - 2 * s * _KEPT / (1 - COUNTING * _KEPT0) + s / (1 - COUNTING), SIGMA, W0
)
"""Σₙ ζⁿ Bias~ₙ."""
SYNTHETIC = (
    generation_noise**2 * COUNTING / (1 - COUNTING) * spectral_trace(FORMS * _KERNEL0, SIGMA)
)
"""Σₙ ζⁿ of the synthetic error: each noise passes through the generators after its own."""

_OF_SIGMA = summed(s)
_START = QuadraticForm(_OF_SIGMA - COUNTING * SecondMoment(_GENERATOR, _OF_SIGMA), SIGMA, W0)
_AVERAGED = replace_moments(_START, 0)
assert _AVERAGED is not None

DERIVATION = Derivation(
    title="All numbers of generators with too few samples at once",
    subject=r"w_0^{\top}\Big(\sum_n \zeta^n B_n - \zeta\, \mathbb{E}\big[P_0 \sum_n \zeta^n B_n P_0\big]\Big)w_0",
    start=_START,
    steps=(
        Step(_AVERAGED, Equivalents((0,))),
        Step(QuadraticForm(s, SIGMA, W0), Algebra("B₀ = Σ: so the sum is what it is said to be")),
    ),
    domain=Domain(
        {COUNTING: Range(Rational(1, 20), Rational(9, 10))},
        (Lt(generation_samples, dimension),),
    ),
    notes=(
        "B_{n+1} = E[P₀BₙP₀] for fresh inputs, any Σ. So Bₙ = g²ⁿB₀ + hΣ_j g²ʲx_{n−1−j} with g = s/(s + κ₀), "
        "h = κ₀²s/((s + κ₀)²(T₀ − df₂)), and xₙ = tr(ΣG₀²Bₙ) obeys a renewal equation: n numbers, no matrix. In no paper "
        "we know."
    ),
)
