"""For given designs the noises of a chain add up: a bias, the variance of the last fit, and a trace per generator."""

from typing import Any

from sympy import MatrixSymbol, Trace

from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_noise, noise, samples
from symcollapse.reasoning import Derivation, MatrixIdentity, NoiseAverage, Published, Step

from .chains_of_projections import NOISES, SIZES, loss
from .fitted_matrices import TRUTH, E

_SEEN: Any = MatrixSymbol("A", dimension, dimension)
_KEPT: Any = MatrixSymbol("Q", dimension, dimension)
_OWN: Any = MatrixSymbol("K", dimension, samples)
_FIRST, _SECOND = (
    MatrixSymbol(rf"\bar{{Q}}_{place}", dimension, size) for place, size in enumerate(SIZES[:2])
)
_LABELLING = _KEPT * TRUTH + _FIRST * NOISES[0] + _SECOND * NOISES[1]
_BIAS = loss(_SEEN * _KEPT * TRUTH - TRUTH)
_VARIANCE = noise**2 * Trace(_OWN.T * SIGMA * _OWN)


def _traced(spread: Any) -> Any:
    return Trace(spread * spread.T * _SEEN.T * SIGMA * _SEEN)


DERIVATION = Derivation(
    title="Test error after two generators, for given designs",
    claim=cite("dohmatob2024", "Theorem F.1"),
    subject=r"\mathbb{E}_{E,E_0,E_1}\,\|\hat w^{\mathrm{pred}}_2 - w_0\|_{\Sigma}^2",
    start=loss(_SEEN * _LABELLING + _OWN * E - TRUTH),
    steps=(
        Step(
            loss(
                (_SEEN * _KEPT * TRUTH - TRUTH)
                + _OWN * E
                + _SEEN * _FIRST * NOISES[0]
                + _SEEN * _SECOND * NOISES[1]
            ),
            MatrixIdentity(),
        ),
        Step(
            _BIAS
            + _VARIANCE
            + generation_noise**2 * Trace(_FIRST.T * _SEEN.T * SIGMA * _SEEN * _FIRST)
            + generation_noise**2 * Trace(_SECOND.T * _SEEN.T * SIGMA * _SEEN * _SECOND),
            NoiseAverage(("E", "E_0", "E_1")),
        ),
        Step(
            _BIAS + _VARIANCE + generation_noise**2 * (_traced(_FIRST) + _traced(_SECOND)),
            MatrixIdentity(),
        ),
    ),
    published=(
        Published(
            _BIAS + _VARIANCE + 2 * generation_noise**2 * _traced(_SECOND),
            MatrixIdentity(averaged=True),
            place="nρ with the last generator's trace",
        ),
    ),
    notes=(
        "A = RΣ̂ and K = RXᵀ/T are those of the downstream fit, Q and Q̄_m those of Lemma F.4 "
        "(weights_of_a_chain_are_projected_step_by_step); AᵀΣA = Σ̂RΣRΣ̂. The mean over the designs of both sides is "
        "the theorem, where it exists; n generators give n traces."
    ),
)
