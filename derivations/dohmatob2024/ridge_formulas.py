"""The letters that the formulas of sections 4.2 and 4.3 share, as the paper defines them."""

from sympy import Expr

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension, generation_samples, ridge, samples
from symcollapse.language.symbols import eigenvalue as s

KAPPA = EffectiveRidge(ridge, samples, SIGMA)
"""κ = κ(λ, T)."""

KAPPA0 = EffectiveRidge(0, generation_samples, SIGMA)
"""κ₀ = κ(0, T₀)."""

DF2 = DegreesOfFreedom(2, KAPPA, SIGMA)
"""df₂(κ)."""

DF2_0 = DegreesOfFreedom(2, KAPPA0, SIGMA)
"""df₂(κ₀)."""

PHI = dimension / samples
"""φ = d/T."""

PHI0 = dimension / generation_samples
"""φ₀ = d/T₀."""

SQUARES = spectral_trace((s + KAPPA) ** -2, SIGMA)
"""tr (Σ + κI)⁻²."""

ISOTROPIC = {SIGMA: IsotropicSpectrum(dimension)}
"""Σ = I, to be put in."""

KAPPA_ISOTROPIC = KAPPA.xreplace(ISOTROPIC)
"""κ for Σ = I."""

SQUARED_NORM = quadratic_form(1, SIGMA, W0).xreplace(ISOTROPIC)
"""‖w₀‖², for Σ = I."""


def _twice_filtered(power: int) -> Expr:
    return spectral_trace(s**power * (s + KAPPA0) ** -2 * (s + KAPPA) ** -2, SIGMA)


_SPREAD = KAPPA**2 * DF2 / (samples - DF2)

RHO_GENERAL = (_twice_filtered(4) + _SPREAD * _twice_filtered(2)) / (generation_samples - DF2_0)
"""ρ as in eq. (18)."""

RHO_ENOUGH = DF2 / (generation_samples - dimension) + KAPPA**2 * SQUARES / (
    generation_samples - dimension
) * DF2 / (samples - DF2)
"""ρ as in eq. (19)."""
