"""The best surrogate of the truth amplifies it along s > κ df₂/(T − df₂), and shrinks it along the tail."""

from typing import Any

from sympy import Integer, Lt

from symcollapse.equivalents import MeanMap, SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, real_symbol, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Derivation,
    Differentiate,
    Equivalents,
    Published,
    Solve,
    Step,
)

FACTOR = real_symbol("a")
"""The surrogate's coefficient in a direction, in units of the truth's."""
_FIT = Design(0, samples, (ridge,), SIGMA)
_START = FACTOR**2 * SecondMoment(_FIT, s) - 2 * FACTOR * s * MeanMap(_FIT) + s
_AVERAGED: Any = replace_moments(_START, 0)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
BEST = s * (s + _KAPPA) / (s**2 + _KAPPA**2 * _DEGREES / (samples - _DEGREES))
"""The best factor."""


def _error(factor: Any) -> Any:
    return QuadraticForm(_AVERAGED.xreplace({FACTOR: factor}), SIGMA, W0)


_RIDGELESS: dict[Any, Any] = {ridge: Integer(0)}
_FEW = Domain(conditions=(Lt(samples, dimension),))

DERIVATION = Derivation(
    title="Error along one direction under the labels of a surrogate",
    claim=cite(
        "ildiz2024", "abstract and figure 1: amplification turns into shrinkage along the tail"
    ),
    subject=r"\mathbb{E}\big[(aA - I)^{\top}\Sigma(aA - I)\big]",
    start=_START,
    steps=(
        Step(_AVERAGED, Equivalents((0,))),
        Step(_AVERAGED.diff(FACTOR), Differentiate(FACTOR)),
        Step(BEST, Solve(FACTOR)),
    ),
    domain=Domain({FACTOR: Range(-2, 3)}),
    published=(
        Published(_error(1), Bound(), None, "surrogate labels are no worse", _error(BEST)),
        Published(
            _error(1).xreplace(_RIDGELESS),
            Bound(),
            _FEW,
            "λ = 0, T < d: surrogate labels are no worse",
            _error(BEST).xreplace(_RIDGELESS),
        ),
        Published(
            _error(1).xreplace(_RIDGELESS),
            Algebra(),
            Domain(conditions=_FEW.conditions, isotropic=True),
            "λ = 0, T < d, Σ = I: they gain nothing",
            _error(BEST).xreplace(_RIDGELESS),
        ),
        Published(
            _error(1).xreplace(_RIDGELESS),
            Algebra(),
            _FEW,
            "λ = 0, T < d, any Σ: they gain nothing",
            _error(BEST).xreplace(_RIDGELESS),
        ),
    ),
    notes=(
        "Labels x·(a(Σ)w₀) + ε in place of x·w₀ + ε: the noise adds the same to both. The edge κ df₂/(T − df₂) "
        "is that below which few generator samples spare bias."
    ),
)
