"""With weight ω on real labels noise-free generators with T₀ < d stop at the bias N(1 − q)/(1 − (1 − ω)²q), q = T₀/d."""

from typing import Any

from sympy import Lt, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    real_weight,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Bound, Derivation, Published, Step
from symcollapse.recursions import solve_generations

MIXED = Problem(
    IsotropicSpectrum(300),
    UniformTarget(squared_norm),
    (Generation(200, repeat=generations, real_weight=real_weight),),
)
"""n noise-free generators on fresh inputs; the numbers only say that T₀ < d."""
_RULE: dict[Any, Any] = {SIGMA: IsotropicSpectrum(dimension), W0: UniformTarget(squared_norm)}
LAW = solve_generations(MIXED)
"""The bias for a symbolic n."""
_LIMIT: Any = LAW.limit
_KEPT = generation_samples / dimension
STOPPED = squared_norm * (1 - _KEPT) / (1 - (1 - real_weight) ** 2 * _KEPT)
"""The bias after infinitely many generations."""

DERIVATION = Derivation(
    title="Noise-free generations with real labels mixed in",
    subject=r"\lim_{n \to \infty} \mathbb{E}\,\|\hat{w}_n - w_0\|^2",
    start=_LIMIT.xreplace(_RULE),
    steps=(Step(STOPPED, Algebra("κ(0, T₀) = d/T₀ − 1")),),
    domain=Domain(
        {real_weight: Range(Rational(1, 20), Rational(19, 20))},
        (Lt(generation_samples, dimension),),
    ),
    published=(
        Published(squared_norm, Bound(), place="below the null predictor's error"),
        Published(
            squared_norm * (1 - _KEPT), Bound(above=False), place="above that of real labels alone"
        ),
    ),
    notes=(
        "Σ = I, σ₀ = 0. What a fit loses is orthogonal to what it keeps: v' = (1 − ω)²qv + (1 − q)N, so the distance to "
        "the limit falls like ((1 − ω)²q)ⁿ. As ω → 0 the limit is N: without real labels all is forgotten."
    ),
)
