"""In a direction of Σ̂ with eigenvalue s the noise of a long chain is that of two ridges, λ/ω and λ/(2 − ω)."""

from symcollapse.language.domains import Domain
from symcollapse.language.symbols import (
    eigenvalue,
    generation_ridge,
    generation_samples,
    nonnegative_symbol,
)
from symcollapse.reasoning import Derivation, Published, Solve, Step

from .least_squares_pipelines import RANGES, WEIGHT
from .mixing_with_a_ridge import NOISE

_S, _LAMBDA = eigenvalue, generation_ridge
_V, _M = nonnegative_symbol("v"), nonnegative_symbol("m")
_KEPT = _S / (_S + _LAMBDA)
_OWN = NOISE * _S / (generation_samples * (_S + _LAMBDA) ** 2)
_NEXT = (1 - WEIGHT) ** 2 * _KEPT**2 * _V + _OWN

DERIVATION = Derivation(
    title="Noise of mixed ridge fits on one design, direction by direction",
    subject=r"v' - v",
    start=_NEXT - _V,
    steps=(
        Step(
            NOISE
            * _S
            / (generation_samples * (WEIGHT * _S + _LAMBDA) * ((2 - WEIGHT) * _S + _LAMBDA)),
            Solve(_V),
        ),
    ),
    domain=Domain(RANGES),
    published=(
        Published(
            WEIGHT * _S / (WEIGHT * _S + _LAMBDA),
            Solve(_M),
            place="in no paper we know: what is kept of the truth in the mean, a ridge λ/ω",
            of=_KEPT * (WEIGHT + (1 - WEIGHT) * _M) - _M,
        ),
    ),
    notes=(
        "s is an eigenvalue of Σ̂ = XᵀX/T₀, which does not change: w' = A(ωw₀ + (1 − ω)w) + noise, A = Σ̂(Σ̂ + "
        "λ)⁻¹. Synthetic "
        "labels act on the mean as a larger ridge, λ/ω."
    ),
)
