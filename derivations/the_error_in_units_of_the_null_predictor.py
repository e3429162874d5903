"""Beside the null predictor each generator costs φ₀/(1 − φ₀) over its SNR₀, which bounds their number."""

from sympy import Ge, Integer

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    samples,
)
from symcollapse.reasoning import Algebra, Derivation, Published, Solve, Step
from symcollapse.theory import null_risk, test_error

from .settings import LEAST_SQUARES_CHAIN

_NULL = null_risk()
_SNR, _SNR0 = _NULL / noise**2, _NULL / generation_noise**2
_RATIO, _RATIO0 = dimension / samples, dimension / generation_samples
_PRINTED = _RATIO / (1 - _RATIO) / _SNR + generations / _SNR0 * _RATIO0 / (1 - _RATIO0)
_EXCESS = _PRINTED - 1
_THRESHOLD = _SNR0 * (1 / _RATIO0 - 1) * (1 - _RATIO / (1 - _RATIO) / _SNR)

DERIVATION = Derivation(
    title="The generation at which the null predictor wins, in signal-to-noise ratios",
    claim=cite("dohmatob2024", "section 4.1: the ratio to the null predictor, and the threshold"),
    subject=r"E / E_{\mathrm{null}} - 1",
    start=test_error(LEAST_SQUARES_CHAIN).total / _NULL - 1,
    steps=(
        Step(_EXCESS, Algebra("as published")),
        Step(_THRESHOLD, Solve(generations)),
    ),
    domain=Domain(
        conditions=(Ge(samples, dimension + 2), Ge(generation_samples, dimension + 2)),
    ),
    published=(
        Published(
            Integer(0),
            Algebra(),
            None,
            "n = SNR₀/(1/φ₀ − 1)",
            _EXCESS.xreplace({generations: _SNR0 / (1 / _RATIO0 - 1)}),
        ),
    ),
    notes=(
        "In the proportional limit. The threshold is at most SNR₀ (1/φ₀ − 1), and nearly that for a large SNR; it grows "
        "with the samples of the generators, where SNR₀/(1/φ₀ − 1) falls."
    ),
)
