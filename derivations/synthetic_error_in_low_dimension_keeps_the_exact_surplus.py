"""With d fixed and T → ∞ a generator with T₀ ≥ d + 2 adds σ₀²df₂(λ)/(T₀ − d − 1): the −1 does not vanish."""

from dataclasses import replace
from typing import Any

from sympy import Ge, MatrixSymbol, Trace, oo

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.equivalents.exact_moments import expectation
from symcollapse.language.design_means import DesignMean
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_samples, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import (
    Algebra,
    ExactMean,
    Leading,
    Published,
    Step,
    Towards,
    derivation_of_equivalent,
)

from .chains_of_projections import DESIGNS, KERNEL, synthetic
from .fitted_matrices import RESOLVENT, X

_SURPLUS = generation_samples - dimension - 1
_ENOUGH = Domain(conditions=(Ge(generation_samples, dimension + 2),))
_KEPT = Trace(SIGMA.inverse() * KERNEL * RESOLVENT * SIGMA * KERNEL * RESOLVENT)
RHO = synthetic(DESIGNS[:1], 0)
"""ρ of one generator, for given designs."""

_GIVEN: Any = MatrixSymbol("X", *X.shape)
AVERAGED: Any = expectation(
    RHO.xreplace({X: _GIVEN}), assuming=_ENOUGH.conditions
).formula.xreplace({_GIVEN: X})
"""Its exact mean over the generator's design, for a given X downstream."""

_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(AVERAGED), "What one generator adds, at fixed dimension"
)
_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_DF2 = DegreesOfFreedom(2, _KAPPA, SIGMA)
_SPREAD = _KAPPA**2 * spectral_trace((s + _KAPPA) ** -2, SIGMA)

_AS_PUBLISHED = _DF2 / _SURPLUS * (1 + _SPREAD / (samples - _DF2))

DERIVATION = replace(
    _DERIVED,
    claim=cite("dohmatob2024", "Theorem F.1, second display, and appendix F.1"),
    subject=r"\mathbb{E}_{X_0}\,\mathrm{tr}\,X_0^{\dagger}X_0^{\dagger\top}\hat\Sigma R\Sigma R\hat\Sigma",
    steps=(
        *_DERIVED.steps,
        Step(_AS_PUBLISHED, Algebra("as eq. (19), with the exact surplus T₀ − d − 1")),
        Step(
            DegreesOfFreedom(2, ridge, SIGMA) / _SURPLUS,
            Leading(Towards(samples, oo), "κ → λ, with d fixed"),
        ),
    ),
    domain=_ENOUGH,
    published=(
        Published(
            DesignMean(_KEPT) / _SURPLUS, ExactMean(), _ENOUGH, "the mean over X₀, exactly", RHO
        ),
        Published(
            DesignMean(_KEPT) / (generation_samples - dimension),
            ExactMean(),
            _ENOUGH,
            "the mean over X₀ with T₀ − d",
            RHO,
        ),
        Published(
            DegreesOfFreedom(2, ridge, SIGMA) / (generation_samples - dimension),
            Leading(Towards(samples, oo)),
            _ENOUGH,
            "d fixed, with T₀ − d",
            _AS_PUBLISHED,
        ),
    ),
    notes=(
        "The mean over the generator's design is exact; the rest is an equivalent in T, which for T → ∞ at fixed d has "
        "the limit of Σ̂ → Σ. With d ~ T₀ the −1 does not count; with d fixed it is a factor 2 at T₀ = d + 2."
    ),
)
