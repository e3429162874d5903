"""After enough generations of least squares the null predictor wins; the number is linear in T₀ − d − 1."""

from sympy import Gt

from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_noise,
    generation_samples,
    generations,
    noise,
    samples,
)
from symcollapse.reasoning import Derivation, Solve, Step

from .least_squares_adds_a_variance_per_generation import DERIVATION as LEAST_SQUARES

_NULL_RISK = quadratic_form(eigenvalue, SIGMA, W0)
_OWN_VARIANCE = noise**2 * dimension / (samples - dimension - 1)
_PER_GENERATION = generation_noise**2 * dimension / (generation_samples - dimension - 1)

DERIVATION = Derivation(
    title="The generation at which the null predictor wins",
    claim=cite("dohmatob2024", "section 4.1: n ≫ SNR₀/(1/φ₀ − 1), here exactly"),
    subject=r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2 - \|w_0\|_\Sigma^2",
    start=LEAST_SQUARES.result - _NULL_RISK,
    steps=(Step((_NULL_RISK - _OWN_VARIANCE) / _PER_GENERATION, Solve(generations)),),
    domain=Domain(
        conditions=(Gt(samples, dimension + 1), Gt(generation_samples, dimension + 1)),
    ),
    notes=(
        "The error grows without bound, by the same amount at every generation; beyond this number the zero "
        "predictor is better, however large T is."
    ),
)
