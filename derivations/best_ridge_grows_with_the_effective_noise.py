"""Synthetic labels raise the best ridge by the factor (1 + nσ₀²(T + d)/(σ²(T₀ − d)))^(β/(2β min(r, 1) + 1))."""

from sympy import Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    generation_noise,
    generation_samples,
    generations,
    noise,
    ridge,
    samples,
    source,
)
from symcollapse.reasoning import Algebra, Derivation, Optimise, Step, Towards

from .synthetic_labels_act_like_more_noise import (
    BIAS_CONSTANT,
    EFFECTIVE_NOISE,
    GENERIC,
    NOISE_CONSTANT,
    RANGES,
    SIZES,
    R,
)
from .synthetic_labels_slow_the_scaling_law import TOTAL

_POWER = capacity / (2 * capacity * R + 1)
_UNIT = NOISE_CONSTANT / (2 * R * capacity * BIAS_CONSTANT * samples)
_RISE = 1 + generations * generation_noise**2 / noise**2 * (samples + dimension) / (
    generation_samples - dimension
)

DERIVATION = Derivation(
    title="Best ridge on synthetic labels",
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(
        Step(
            (EFFECTIVE_NOISE * _UNIT) ** _POWER,
            Optimise(ridge, towards=Towards(samples, oo, SIZES)),
        ),
        Step(
            (noise**2 * _UNIT) ** _POWER * _RISE**_POWER,
            Algebra("the best ridge on real labels, times the price of synthetic ones"),
        ),
    ),
    domain=Domain(
        # Short fractions: SymPy writes the powers of long ones in integers of hundreds of digits.
        {
            **RANGES,
            capacity: Range(Rational(3, 2), Rational(5, 2), grain=2),
            source: Range(Rational(1, 4), 2, grain=4),
            noise: Range(Rational(1, 4), 2, grain=4),
            generation_noise: Range(Rational(1, 4), 2, grain=4),
        },
        (
            *GENERIC,
            1 / (2 * capacity * R + 1) < dimension_exponent - Rational(1, 4),
            generation_samples > dimension,
        ),
    ),
    notes=(
        "λ⋆ = ((σ² + nσ₀²(T + d)/(T₀ − d))·C/(2β min(r, 1)·B·T))^(β/(2β min(r, 1) + 1)), with the bias "
        "B·λ^(2 min(r, 1)) and df₂ ~ C·λ^(-1/β). The judge compares the test error itself at λ⋆ with its neighbours, not "
        "the leading terms. In no paper we know."
    ),
)
