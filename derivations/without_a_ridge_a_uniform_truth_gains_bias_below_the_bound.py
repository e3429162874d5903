"""Without a ridge, T < d, and for a uniform truth over any Σ but s·I, Bias~ < Bias + ΔBias: the bound is reversed."""

from sympy import Expr, Integer, Lt

from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, SpectralTrace
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    ridge,
    samples,
    squared_norm,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Bound, Derivation, Published, Step, Substitute

from .few_generator_samples_spare_bias_along_the_tail import ADDED, BIAS, CLEAN
from .few_generator_samples_spare_bias_along_the_tail import DERIVATION as GENERAL

_RULE = ((ridge, Integer(0)), (W0, UniformTarget(squared_norm)))
_KAPPA, _KAPPA0 = (EffectiveRidge(0, size, SIGMA) for size in (samples, generation_samples))
_DEGREES = DegreesOfFreedom(2, _KAPPA, SIGMA)
_EDGE = _KAPPA * _DEGREES / (samples - _DEGREES)
_FEW = (Lt(generation_samples, dimension), Lt(samples, dimension))


def _without_a_ridge(formula: Expr) -> Expr:
    return formula.xreplace(dict(_RULE))


_BOUND = _without_a_ridge(CLEAN + ADDED)
_WITH_DATA = _without_a_ridge(BIAS)

DERIVATION = Derivation(
    title="The bound on the bias for a uniform truth, without a ridge",
    claim=cite("dohmatob2024", "Theorem 4.3 and Proposition F.5"),
    subject=r"\widetilde{\mathrm{Bias}} - \mathrm{Bias} - \Delta\mathrm{Bias}",
    start=GENERAL.result,
    steps=(
        Step(_without_a_ridge(GENERAL.result), Substitute(_RULE, "uniform truth, no ridge")),
        Step(
            -2
            * _KAPPA
            * squared_norm
            / dimension
            * SpectralTrace(
                (s / (s + _KAPPA0)) ** generations * s * (s - _EDGE) / (s + _KAPPA) ** 2, SIGMA
            ),
            Algebra("as df₁ = T, the traces without T₀ cancel"),
        ),
    ),
    domain=Domain(conditions=_FEW),
    published=(
        Published(_BOUND, Bound(above=False), None, "Bias~ ≥ Bias + ΔBias, n = 1", _WITH_DATA),
        Published(_BOUND, Bound(), None, "the reverse, n = 1", _WITH_DATA),
        Published(
            _BOUND,
            Algebra(),
            Domain(conditions=_FEW, isotropic=True),
            "= for Σ = I, n = 1",
            _WITH_DATA,
        ),
    ),
    notes=(
        "Weights s(s − e)/(s + κ)² that sum to 0 meet a factor that increases in s, so the trace is positive "
        "(Chebyshev's inequality), whatever the spectrum and n."
    ),
)
