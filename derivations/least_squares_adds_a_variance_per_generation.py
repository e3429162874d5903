"""Least squares on synthetic labels adds σ₀²d/(T₀ − d − 1) at every generation: exact at finite size."""

from dataclasses import replace

from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    samples,
)
from symcollapse.reasoning import Algebra, Step
from symcollapse.theory import exact_derivation_of, test_error

from .settings import LEAST_SQUARES_CHAIN

_ERROR = test_error(LEAST_SQUARES_CHAIN)
assert _ERROR.exact is not None
_DERIVED = exact_derivation_of(
    _ERROR.chain, _ERROR.exact.total, "Least squares on its own output, exactly"
)

DERIVATION = replace(
    _DERIVED,
    claim=cite("dohmatob2024", "appendix F.2; with T_0 − d in place of T_0 − d − 1, Theorem 4.1"),
    steps=(
        *_DERIVED.steps,
        Step(
            noise**2 * dimension / (samples - dimension - 1)
            + generations * generation_noise**2 * dimension / (generation_samples - dimension - 1),
            Algebra("as published"),
        ),
    ),
    notes="Holds for every Σ and w₀ if T ≥ d + 2 and T_0 ≥ d + 2; at d + 1 the expectation is infinite.",
)
