"""With T₀ < d on fresh inputs the noise of a generator passes through the projections after it, by a trace of its own."""

from dataclasses import replace

from sympy import Gt, Integer

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, Downstream, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_noise,
    generation_samples,
    ridge,
    samples,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.reasoning import Algebra, Published, Step, Substitute
from symcollapse.theory import derivation_of, test_error

_ERRORS = {
    count: test_error(
        Problem(
            LevelsSpectrum([2, 1], [2, 2]),
            LevelsTarget([1, 1]),
            (Generation(3, noise=1, repeat=count),),
            Downstream(9, noise=1, ridge=1),
        )
    )
    for count in (1, 2)
}
_KAPPA, _KAPPA0 = (
    EffectiveRidge(ridge, samples, SIGMA),
    EffectiveRidge(0, generation_samples, SIGMA),
)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_RESIDUAL, _RESIDUAL0 = (
    samples - _DEGREES,
    generation_samples - DegreesOfFreedom(2, _KAPPA0, SIGMA),
)
_BOTH = (eigenvalue + _KAPPA0) ** -2 * (eigenvalue + _KAPPA) ** -2
_SHARE = spectral_trace(eigenvalue**4 * _BOTH, SIGMA) + (
    _KAPPA**2 * spectral_trace(eigenvalue**2 * _BOTH, SIGMA) * _DEGREES / _RESIDUAL
)
PRINTED = _SHARE / _RESIDUAL0
"""ρ of eq. (18)."""
_AGAIN = eigenvalue**2 / (eigenvalue + _KAPPA0) ** 2
_PATH = spectral_trace(eigenvalue**4 * _BOTH * _AGAIN, SIGMA) + (
    _KAPPA**2 * spectral_trace(eigenvalue**2 * _BOTH * _AGAIN, SIGMA) * _DEGREES / _RESIDUAL
)
_SPREAD = _KAPPA0**2 * spectral_trace(eigenvalue**2 / (eigenvalue + _KAPPA0) ** 4, SIGMA)
SECOND = (_PATH + _SPREAD * PRINTED) / _RESIDUAL0
"""What the first of two generators adds, for σ₀ = 1: along the mean, and by the fluctuation of the second projection."""
_DERIVED = derivation_of(
    _ERRORS[2].chain,
    _ERRORS[2].synthetic,
    "Synthetic error of two generators with too few samples on fresh inputs",
    "synthetic",
)

_RULE = ((SIGMA, IsotropicSpectrum(dimension)), (ridge, Integer(0)))
_ISOTROPIC = (generation_noise**2 * (PRINTED + SECOND)).xreplace(dict(_RULE))

DERIVATION = replace(
    _DERIVED,
    domain=replace(
        _DERIVED.domain, conditions=(*_DERIVED.domain.conditions, Gt(samples, dimension + 1))
    ),
    claim=cite("dohmatob2024", "eq. (18), stated for T₀ ≥ d or one shared design"),
    steps=(
        *_DERIVED.steps,
        Step(
            generation_noise**2 * (PRINTED + SECOND),
            Algebra("that of the second generator, and that of the first, projected once more"),
        ),
        Step(_ISOTROPIC, Substitute(_RULE, "isotropic data, no ridge, T > d")),
        Step(
            generation_noise**2
            * generation_samples
            / (dimension - generation_samples)
            * (1 + generation_samples / dimension),
            Algebra("a fit's noise, and T₀/d of it"),
        ),
    ),
    published=(
        Published(generation_noise**2 * PRINTED, Algebra(), None, "n = 1", _ERRORS[1].synthetic),
        Published(
            2 * generation_noise**2 * PRINTED,
            Algebra(),
            None,
            "n = 2, fresh inputs",
            _ERRORS[2].synthetic,
        ),
    ),
    notes=(
        "The case that the paper leaves open. For Σ = I each projection keeps T₀/d of the noise. Over a steep spectrum "
        "it can add to it: a projection is none in ‖·‖_Σ. More generators follow from the resolvent in ζ."
    ),
)
