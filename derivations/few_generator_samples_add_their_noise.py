"""With T₀ < d the synthetic error decays like T^-(min(b, 1) − a − min(ℓ/β, 1, b))."""

from sympy import Min, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.symbols import (
    capacity,
    generation_noise,
    generation_samples_exponent,
    generations_exponent,
    ridge_exponent,
    samples,
)
from symcollapse.reasoning import Derivation, Rate, Step, Towards

from .few_generator_samples_bound_the_bias import ERROR, LARGE, LEVELS, RANGES
from .power_laws import over_power_law

_LEVEL = ridge_exponent / capacity
_NOISY = Towards(
    samples, oo, (*LARGE.following, (generation_noise, samples ** (generations_exponent / 2)))
)

DERIVATION = Derivation(
    title="Synthetic error with few generator samples",
    subject=r"n\sigma_0^2\rho",
    start=over_power_law(ERROR.synthetic),
    steps=(
        Step(
            samples
            ** (
                generations_exponent
                - Min(1, generation_samples_exponent)
                + Min(_LEVEL, 1, generation_samples_exponent)
            ),
            Rate(_NOISY),
        ),
    ),
    domain=Domain(
        {**RANGES, generations_exponent: Range(0, 1, grain=12)},
        LEVELS,
    ),
    notes=(
        "As derivations/few_generator_samples_bound_the_bias, with label noise σ₀² = T^a of two generators. Where "
        "T₀ < T and the ridge is small it stays of the order nσ₀²: the generators interpolate their noise. "
        "In no paper we know."
    ),
)
