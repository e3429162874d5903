"""A share p₂ of labels from w₀ + δ, pooled with real ones, adds ζ to the test error of ridge regression."""

from dataclasses import replace
from typing import Any

from sympy import Expr, Trace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.joint_spectra import joint_spectrum
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
from symcollapse.language.references import cite
from symcollapse.language.symbols import joint_eigenvalue, ridge
from symcollapse.reasoning import Algebra, Published, Step, derivation_of_equivalent

from .pooled_matrices import DELTA, REAL, REAL_SHARE, ROWS, SHARE, SYNTHETIC, resolvent

_R: Any = resolvent(REAL, SYNTHETIC)
# δ passes through RX₂ᵀX₂/N; its mean square in the norm of Σ, over δ ~ N(0, Δ).
_PASSED: Any = SYNTHETIC.T * SYNTHETIC / ROWS
_DERIVED = derivation_of_equivalent(
    deterministic_equivalent(Trace(DELTA * _PASSED * _R * SIGMA * _R * _PASSED)),
    "Shifted labels among pooled data",
)
_KAPPA = EffectiveRidge(ridge, ROWS, SIGMA)
_S, _SHIFT = joint_eigenvalue("Sigma"), joint_eigenvalue("Delta")
_G = 1 / (_S + _KAPPA)
_U = DegreesOfFreedom(2, _KAPPA, SIGMA) / ROWS


def trace_with_shift(function: Expr) -> Expr:
    """The trace tr Δf(Σ).

    Parameters
    ----------
    function
        f of the eigenvalue ``joint_eigenvalue("Sigma")``.

    Example
    -------
    >>> trace_with_shift(joint_eigenvalue("Sigma"))
    tr(Delta*Sigma)
    """
    return spectral_trace(_SHIFT * function, joint_spectrum([DELTA, SIGMA]))


_SEEN = trace_with_shift(_S**3 * _G**2)
_MIXED = SHARE * _U * trace_with_shift(_S * (REAL_SHARE * _S + _KAPPA) ** 2 * _G**2)
ZETA = (SHARE**2 * (1 - SHARE * _U) * _SEEN + _MIXED) / (1 - _U)
"""What the shift adds to the test error."""

DERIVATION = replace(
    _DERIVED,
    claim=cite("strong2024", "Theorem 1, from memory"),
    subject=r"\zeta",
    steps=(*_DERIVED.steps, Step(ZETA, Algebra("with u = df₂/N, p₁ = T_R/N and p₂ = T/N"))),
    published=(
        Published(
            (SHARE**2 * (1 + REAL_SHARE * _U) * _SEEN + _MIXED) / (1 - _U),
            Algebra(),
            place="with 1 + p₁u in place of 1 − p₂u, as it is remembered",
            of=ZETA,
        ),
    ),
    notes=(
        "Commuting Σ and Δ. The two factors differ by u, so that the remembered formula is too large by "
        "p₂²u·tr ΔΣ³G²/(1 − u); "
        "without real data, p₁ = 0, it gives tr ΔΣ³G²/(1 − u) + … where the fit of shifted labels alone has tr ΔΣ³G². As "
        "u → 0 both agree, and so does all that is said of the floor."
    ),
)
