"""Below b = 1 − c the generators' dimension is less than T^(ℓ/β): their error is T^a, less than the bound (29) says."""

from sympy import And, Ge, Gt, Integer, Lt, Min, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    dimension,
    generation_noise,
    generation_samples,
    generation_samples_exponent,
    generations_exponent,
    noise,
    ridge,
    samples,
    source,
)
from symcollapse.reasoning import (
    Derivation,
    Exponent,
    OrderHoldsWhere,
    Published,
    Step,
    Towards,
)

from .power_laws import CAPACITIES
from .synthetic_labels_slow_the_scaling_law import TOTAL

_A, _B = generations_exponent, generation_samples_exponent
_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_C = 2 * capacity * _R / (2 * capacity * _R + 1)
_LARGE = Towards(
    samples,
    oo,
    (
        (ridge, samples**-_CRITICAL),
        (noise, Integer(0)),
        (generation_noise, samples ** (_A / 2)),
        (dimension, samples**_B),
        (generation_samples, 2 * samples**_B),
    ),
)
_RANGES = {
    capacity: CAPACITIES,
    source: Range(Rational(1, 6), 2, grain=12),
    _A: Range(0, 1, grain=12),
    _B: Range(Rational(1, 12), 2, grain=12),
}

DERIVATION = Derivation(
    title="Synthetic labels in few dimensions under the classical ridge",
    claim=cite("dohmatob2024", "eq. (29) and the line after it, for b < 1 − c"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=TOTAL,
    steps=(Step(samples**_A, Exponent(_LARGE)),),
    domain=Domain(
        {
            **_RANGES,
            source: Range(Rational(1, 6), 1, grain=12),
            _B: Range(Rational(1, 12), 1, grain=12),
        },
        (Lt(_B, 1 - _C),),
    ),
    published=(
        Published(
            samples ** -(_C + _B - _A - 1),
            Exponent(_LARGE, bound="below"),
            place="the bound (29)",
        ),
        Published(
            And(Gt(_A, 0), Lt(Min(_B, 1), _A + 1 - _C)),
            OrderHoldsWhere(towards=_LARGE, order=oo),
            Domain(_RANGES),
            "divergence for every b",
        ),
        Published(
            Ge(_B, _A + 1 - _C),
            OrderHoldsWhere(towards=_LARGE, order=oo),
            Domain(_RANGES),
            "divergence where b is large, as printed",
        ),
    ),
    notes=(
        "σ = 0, λ = T^-ℓ_crit, T₀ = 2T^b, nσ₀² = T^a, d = T^b. The ridge lies below the smallest eigenvalue, and each "
        "of the d < T₀ directions takes the noise in full: nσ₀²·d/T₀."
    ),
)
