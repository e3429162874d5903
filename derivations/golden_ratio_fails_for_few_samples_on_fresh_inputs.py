"""On fresh inputs with T₀ < d the best weight rises with the signal, from less than 1/golden ratio up to 1."""

from sympy import Lt, Rational, sqrt

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Derivation,
    Differentiate,
    Published,
    Solve,
    Step,
    Substitute,
)
from symcollapse.recursions.solved import solve_generations

from .best_weight_of_real_labels_is_the_golden_ratio_for_equal_noises import GOLDEN
from .least_squares_pipelines import RANGES, REAL_NOISE, WEIGHT

_LAW = solve_generations(
    Problem(
        IsotropicSpectrum(8),
        UniformTarget(1),
        (Generation(3, noise=1, repeat=generations, real_weight="1/3", real_noise=2),),
    )
)
_RULE = ((SIGMA, IsotropicSpectrum(dimension)), (W0, UniformTarget(squared_norm)))
_P = generation_samples / dimension
_KERNEL = generation_samples / (dimension - generation_samples)
_OWN, _REAL = generation_noise**2, REAL_NOISE**2
_KEPT = (1 - WEIGHT) ** 2
_LIMIT = ((1 - _P) * squared_norm + _KERNEL * (WEIGHT**2 * _REAL + _KEPT * _OWN)) / (1 - _P * _KEPT)
# Signal lost in one generation, per unit of noise that the fit lets through.
_LOST = (1 - _P) * squared_norm / _KERNEL
_SUM = _REAL * (1 + _P) + _OWN + _P * _LOST
_SLOPE = 2 * _KERNEL * (_REAL - _SUM * (1 - WEIGHT) + _P * _REAL * _KEPT) / (1 - _P * _KEPT) ** 2
_BEST = 1 - 2 * _REAL / (_SUM + sqrt(_SUM**2 - 4 * _P * _REAL**2))
_DOMAIN = Domain(
    {
        **RANGES,
        dimension: Range(9, 40, whole=True),
        generation_samples: Range(3, 36, whole=True),
        squared_norm: Range(Rational(1, 10), 4),
    },
    (Lt(generation_samples, dimension - 2),),
)
_EQUAL = {REAL_NOISE: generation_noise}
_WEAK = Domain({**_DOMAIN.ranges, squared_norm: Range(0, Rational(1, 10**9))}, _DOMAIN.conditions)

DERIVATION = Derivation(
    title="Best weight of few samples on fresh inputs",
    claim=cite("garg2025", "abstract, beyond its fixed inputs"),
    subject=r"\mathcal{E}_\infty",
    start=_LAW.limit,
    steps=(
        Step(_LAW.limit.xreplace(dict(_RULE)), Substitute(_RULE, "isotropic data")),
        Step(_LIMIT, Algebra("κ(0, T₀) = d/T₀ − 1, collected")),
        Step(_SLOPE, Differentiate(WEIGHT)),
        Step(_BEST, Solve(WEIGHT)),
    ),
    domain=_DOMAIN,
    published=(
        Published(
            GOLDEN,
            Solve(WEIGHT),
            place="1/golden ratio, for equal noises, on fresh inputs",
            of=_SLOPE.xreplace(_EQUAL),
        ),
        Published(
            GOLDEN,
            Bound(),
            _WEAK,
            "at most that where hardly any signal is there, for equal noises; in no paper we know",
            _BEST.xreplace(_EQUAL),
        ),
        Published(
            Rational(1, 2),
            Bound(above=False),
            place="at least 1/2, for equal noises",
            of=_BEST.xreplace(_EQUAL),
        ),
    ),
    notes=(
        "Σ = I, proportional limit, p = T₀/d < 1: v' = (1 − p)N + p(1 − ω)²v + (ω²σ_R² + (1 − ω)²σ₀²)·T₀/(d − T₀). Each "
        "generation sees other directions, and what it does not see is lost, so that synthetic labels carry a "
        "bias that real "
        "ones lack: the best weight tends to 1 for much signal, N ≫ σ². Without signal it goes from 1/golden ratio "
        "(T₀ → d) to 1/2 (T₀ ≪ d)."
    ),
)
