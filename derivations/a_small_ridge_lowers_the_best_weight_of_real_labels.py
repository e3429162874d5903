"""On fixed inputs with T₀ > d a small ridge moves the golden ratio down, in proportion to λ tr Σ⁻¹/d."""

from sympy import Gt, Integer, Rational, sqrt

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import quadratic_form, spectral_trace
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_noise,
    generation_ridge,
    generation_samples,
)
from symcollapse.reasoning import Algebra, Derivation, Expand, Published, Step, Towards

from .best_weight_of_real_labels_is_the_golden_ratio_for_equal_noises import GOLDEN
from .least_squares_pipelines import RANGES, REAL_NOISE, WEIGHT
from .mixing_with_a_ridge import ERROR

_SQUARE = WEIGHT * (2 - WEIGHT)
_PLAIN = (
    generation_noise**2
    * dimension
    / (generation_samples - dimension)
    * (WEIGHT**2 + (1 - WEIGHT) ** 2)
    / _SQUARE
)
_MEAN_INVERSE = (
    spectral_trace(1 / eigenvalue, SIGMA) / dimension / (1 - dimension / generation_samples) ** 2
)
_FALLS = -2 * _PLAIN * _MEAN_INVERSE / _SQUARE
_NEXT = generation_ridge**2 * (
    quadratic_form(1 / eigenvalue, SIGMA, W0)
    + generation_noise**2 * spectral_trace(1 / eigenvalue**2, SIGMA)
)
_AT = {WEIGHT: GOLDEN}

DERIVATION = Derivation(
    title="Mixed labels with a small ridge",
    subject=r"\mathcal{E}_\infty",
    start=ERROR.xreplace({REAL_NOISE: generation_noise}),
    steps=(
        Step(
            _PLAIN + generation_ridge * _FALLS,
            Expand(Towards(generation_ridge, Integer(0)), (_NEXT,)),
        ),
    ),
    domain=Domain(
        {
            **RANGES,
            dimension: Range(3, 12, whole=True),
            generation_samples: Range(8, 60, whole=True),
            WEIGHT: Range(Rational(1, 5), Rational(19, 20)),
        },
        (Gt(generation_samples, dimension + 2),),
    ),
    published=(
        Published(
            -2 * (sqrt(5) - 2) / sqrt(5) * _MEAN_INVERSE,
            Algebra(),
            place="in no paper we know: how fast the best weight moves with λ, from 1/golden ratio on",
            of=-_FALLS.diff(WEIGHT).xreplace(_AT) / _PLAIN.diff(WEIGHT, 2).xreplace(_AT),
        ),
    ),
    notes=(
        "Equal noises, any Σ and w₀, in the proportional limit. The noise falls at first order in λ, the more "
        "so the smaller ω; "
        "the bias is of second order, and later wins: for λ → ∞ the best weight tends to 1. The best weight "
        "moves by minus "
        "the mixed derivative in λ and ω over the second in ω. On fresh inputs it moves in the same sense."
    ),
)
