"""With T₀ < d the generators' own ridge is a floor of the bias: no λ brings it below T₀^(-2β min(r, 1))."""

from sympy import Min, Ne, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    generation_samples,
    generation_samples_exponent,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import Derivation, Rate, Step, Towards
from symcollapse.theory import test_error

from .power_laws import CAPACITIES, SOURCES, apart, over_power_law

FEW_SAMPLES = Problem(
    PowerLawSpectrum(oo, 2),
    SourceTarget(2),
    (Generation(3, noise=1, repeat=2, design="fresh"),),
    Downstream(9, noise=1, ridge=1),
)
"""Two least-squares generators with T₀ < d on fresh designs, ridge downstream, T < d."""

ERROR = test_error(FEW_SAMPLES)
LARGE = Towards(
    samples,
    oo,
    (
        (ridge, samples**-ridge_exponent),
        (generation_samples, samples**generation_samples_exponent),
    ),
)
"""λ = T^-ℓ, T₀ = T^b."""
RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    ridge_exponent: Range(Rational(1, 4), 3, grain=12),
    generation_samples_exponent: Range(Rational(1, 4), 2, grain=12),
}
"""Where the exponents are drawn."""
_LEVEL = ridge_exponent / capacity
LEVELS = (
    Ne(source, 1),
    apart(_LEVEL, 1),
    apart(_LEVEL, generation_samples_exponent),
    apart(generation_samples_exponent, 1),
)
"""Off the crossovers."""

DERIVATION = Derivation(
    title="Bias with few generator samples",
    subject=r"\mathrm{Bias}",
    start=over_power_law(ERROR.bias),
    steps=(
        Step(
            samples
            ** (-2 * Min(source, 1) * capacity * Min(_LEVEL, 1, generation_samples_exponent)),
            Rate(LARGE),
        ),
    ),
    domain=Domain(RANGES, LEVELS),
    notes=(
        "s_j = j^-β, d = ∞, two generations of least squares on T₀ = T^b fresh samples each, λ = T^-ℓ, r ≠ 1. "
        "The bias is that of the largest of three effective ridges: λ, κ(0, T) and κ(0, T₀). In no paper we know."
    ),
)
