"""Over power laws Bias~ ≥ Bias + ΔBias for all T, T₀, λ, n if r ≥ 1 − 1/(2β); for every smaller r it fails somewhere."""

from typing import Any

from sympy import Expr, Integer, Lt, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, SpectralTrace
from symcollapse.language.references import cite
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    dimension,
    generation_samples,
    generations,
    ridge,
    samples,
    source,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import Algebra, Bound, Derivation, Published, Step, Substitute

from .few_generator_samples_spare_bias_along_the_tail import DERIVATION as GENERAL

SPECTRUM = PowerLawSpectrum(dimension, capacity)
_RULE = ((SIGMA, SPECTRUM), (W0, SourceTarget(source)))
_KAPPA = EffectiveRidge(ridge, samples, SPECTRUM)
_KAPPA0 = EffectiveRidge(0, generation_samples, SPECTRUM)
_DEGREES = DegreesOfFreedom(2, _KAPPA, SPECTRUM)
EDGE = _KAPPA * _DEGREES / (samples - _DEGREES)
"""e, the eigenvalue below which the bias falls."""
_POWER = 1 / capacity + 2 * source - 1
SMOOTH = 1 - 1 / (2 * capacity)
"""The least source from which on the bound holds."""


def _lost(at: Expr) -> Expr:
    """What the generators take from a direction of this eigenvalue, g."""
    return at**_POWER * (1 - (at / (at + _KAPPA0)) ** generations)


_RANGES = {
    capacity: Range(Rational(5, 4), 4),
    source: Range(Rational(3, 5), 2),
    dimension: Range(3, 12, whole=True),
    samples: Range(2, 30, whole=True),
    generation_samples: Range(1, 11, whole=True),
}
_LEFT = _lost(EDGE) * 2 * samples * ridge * _DEGREES / (samples - _DEGREES)


def _at(least: Rational) -> dict[Any, Any]:
    """A point at which the bound turns round with the source: T₀ = d − 1, no ridge, β = 2."""
    return {
        capacity: Integer(2),
        source: Rational(3, 4) + least,
        dimension: Integer(60),
        samples: Integer(20),
        generation_samples: Integer(59),
        ridge: Integer(0),
        generations: Integer(1),
    }


_ABOVE = GENERAL.result.xreplace(dict(_RULE))

DERIVATION = Derivation(
    title="The bound on the bias over power laws",
    claim=cite("dohmatob2024", "Theorem 4.3 and Proposition F.5"),
    subject=r"\widetilde{\mathrm{Bias}} - \mathrm{Bias} - \Delta\mathrm{Bias}",
    start=GENERAL.result,
    steps=(
        Step(_ABOVE, Substitute(_RULE, "power laws")),
        Step(
            2 * _KAPPA * SpectralTrace(s * _lost(s) * (s - EDGE) / (s + _KAPPA) ** 2, SPECTRUM),
            Algebra("c_j² = s_j^p with p = 1/β + 2r − 1"),
        ),
        Step(
            2
            * _KAPPA
            * SpectralTrace(s * (_lost(s) - _lost(EDGE)) * (s - EDGE) / (s + _KAPPA) ** 2, SPECTRUM)
            + _LEFT,
            Algebra("κ tr Σ(Σ − e)(Σ + κ)⁻² = λ T df₂/(T − df₂), by the equation of κ"),
        ),
    ),
    domain=Domain(_RANGES, (Lt(generation_samples, dimension), source >= SMOOTH)),
    published=(
        Published(
            _LEFT,
            Bound(above=False),
            place="in no paper: ≥ the term outside the trace, as no term in it is negative",
            of=_ABOVE,
        ),
        Published(
            Integer(0),
            Bound(above=False),
            place="in no paper: β = 2, r = 3/4, λ = 0, T₀ = d − 1",
            of=_ABOVE.xreplace(_at(Rational(0))),
        ),
        Published(
            Integer(0),
            Bound(above=False),
            place="in no paper: the same, r less by a hundredth",
            of=_ABOVE.xreplace(_at(-Rational(1, 100))),
        ),
    ),
    notes=(
        "n least-squares generators on T₀ < d fresh samples each, s_j = j^-β. For p ≥ 1 the truth that is lost in a "
        "direction does not decrease with its eigenvalue, by derivations/what_generators_lose_grows_with_the_eigenvalue, "
        "so that the difference has the sign of s − e. Below r = 1 − 1/(2β) the sign turns: for λ = 0, T < d the right "
        "side is 0, and T₀ → d leaves g ~ n κ₀ s^(p−1), which decreases. In no paper we know."
    ),
)
