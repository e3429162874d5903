"""A student of weight ξ = −1 on its teacher's predictions saturates at source 2, ridge regression at source 1."""

from typing import Any

from sympy import Gt, Integer, Min, Ne, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, noise, ridge, ridge_exponent, samples, source
from symcollapse.reasoning import Derivation, Published, Rate, Step, Towards

from .distillation_on_the_same_inputs_moves_along_the_ridge import IMITATION, RISK, STUDENT
from .power_laws import CAPACITIES, apart, over_power_law

LARGE = Towards(samples, oo, ((ridge, samples**-ridge_exponent),))
"""λ = T^-ℓ; σ is fixed."""
_NOISE = 1 - ridge_exponent / capacity
_BIAS, _OF_RIDGE = (2 * ridge_exponent * Min(source, order) for order in (2, 1))
_TWICE: Any = STUDENT.xreplace({IMITATION: Integer(-1)})
_RANGES = {
    capacity: CAPACITIES,
    source: Range(Rational(5, 4), 3, grain=12),
    ridge_exponent: Range(Rational(1, 4), 1, grain=12),
    noise: Range(Rational(1, 2), 2),
}
_SCOPE = (
    Ne(source, 2),
    Gt(_NOISE, Rational(1, 15)),
    apart(_BIAS, _NOISE),
    apart(_OF_RIDGE, _NOISE),
)

DERIVATION = Derivation(
    title="Rate of a student of weight −1",
    claim=cite("dang2026", "abstract: ξ⋆ can be negative"),
    subject=r"R(-1)",
    start=over_power_law(_TWICE),
    steps=(Step(samples ** -Min(_BIAS, _NOISE), Rate(LARGE)),),
    domain=Domain(_RANGES, _SCOPE),
    published=(
        Published(
            samples ** -Min(_OF_RIDGE, _NOISE),
            Rate(LARGE),
            None,
            "the teacher's rate",
            over_power_law(RISK),
        ),
        Published(
            samples ** -Min(_OF_RIDGE, _NOISE),
            Rate(LARGE),
            None,
            "the teacher's rate, for the student",
        ),
    ),
    notes=(
        "I − A(ξ) = (1 + ξ)λR − ξλ²R² is λ²R² at ξ = −1: the iterated ridge fit. With ℓ = β/(2β min(r, 2) + 1) its "
        "error decays as T^-c, c = 2β min(r, 2)/(2β min(r, 2) + 1), faster than that of any ridge for r > 1."
    ),
)
