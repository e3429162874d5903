"""The error per generation tends to σ₀²d/(T₀ − d − 1): no number of downstream samples stops the growth."""

from sympy import Gt, oo

from symcollapse.language.domains import Domain
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    samples,
)
from symcollapse.reasoning import Derivation, Limit, Step

from .least_squares_adds_a_variance_per_generation import DERIVATION as LEAST_SQUARES

DERIVATION = Derivation(
    title="Growth of the error with the generations",
    subject=r"\tfrac1n\,\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2",
    start=LEAST_SQUARES.result / generations,
    steps=(
        Step(
            generation_noise**2 * dimension / (generation_samples - dimension - 1),
            Limit(generations, oo),
        ),
    ),
    domain=Domain(
        conditions=(Gt(samples, dimension + 1), Gt(generation_samples, dimension + 1)),
    ),
)
