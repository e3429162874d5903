"""On real labels ridge regression has four regimes of rates: bias or noise, above or below the crossover λ ~ T^-β."""

from sympy import Integer, Min, Ne, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    capacity,
    noise,
    noise_exponent,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import Derivation, Published, Rate, Step, Towards
from symcollapse.theory import test_error

from .power_laws import CAPACITIES, SOURCES, apart, over_power_law
from .settings import CLEAN_RIDGE

_ERROR = test_error(CLEAN_RIDGE)
_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_C = 2 * capacity * _R / (2 * capacity * _R + 1)
_LEVEL = Min(ridge_exponent, capacity)
_BIAS, _VARIANCE = 2 * _R * _LEVEL, noise_exponent + 1 - _LEVEL / capacity
RATE = Min(_BIAS, _VARIANCE)
"""x in error ≍ T^-x."""

_RANGES = {
    capacity: CAPACITIES,
    source: SOURCES,
    ridge_exponent: Range(Rational(1, 4), 3, grain=12),
    noise_exponent: Range(0, 4, grain=12),
}
_CLEAN = over_power_law(_ERROR.total)
_LARGE = Towards(
    samples, oo, ((ridge, samples**-ridge_exponent), (noise, samples ** (-noise_exponent / 2)))
)


def _at(ridge_decay: object, *, noisy: bool) -> Towards:
    given = (ridge, samples ** (-ridge_decay))  # type: ignore[operator]
    return Towards(samples, oo, (given,) if noisy else (given, (noise, Integer(0))))


_GENERIC = Domain(_RANGES, (Ne(source, 1),))
_ONE = Domain({**_RANGES, source: Range(1, 1)})

DERIVATION = Derivation(
    title="Rates on real labels",
    claim=cite("dohmatob2024", "section 5, around eq. (26); regimes of Cui et al. 2021"),
    subject=r"\mathrm{Bias} + \mathrm{Var}",
    start=_CLEAN,
    steps=(Step(samples**-RATE, Rate(_LARGE)),),
    domain=Domain(
        _RANGES, (Ne(source, 1), apart(_BIAS, _VARIANCE), apart(ridge_exponent, capacity))
    ),
    published=(
        Published(
            samples**-_C, Rate(_at(_CRITICAL, noisy=True)), _GENERIC, "σ > 0, ℓ = ℓ_crit, r ≠ 1"
        ),
        Published(
            samples ** (-2 * capacity * _R),
            Rate(_at(capacity, noisy=False)),
            Domain({**_RANGES, noise: Range(0, 0)}, (Ne(source, 1),)),
            "σ = 0, λ ~ T^-β, r ≠ 1",
        ),
        Published(
            samples ** (-2 * capacity * _R),
            Rate(_at(_CRITICAL, noisy=False)),
            Domain({**_RANGES, noise: Range(0, 0)}, (Ne(source, 1),)),
            "σ = 0, but at ℓ = ℓ_crit",
        ),
        Published(samples**-_C, Rate(_at(_CRITICAL, noisy=True)), _ONE, "σ > 0, ℓ = ℓ_crit, r = 1"),
    ),
    notes=(
        "λ = T^-ℓ, σ² = T^-ν, d = ∞. The four regimes are the two terms of the minimum, each with ℓ < β and with ℓ > β, "
        "where the ridge no longer matters. At r = 1 the bias has a logarithm."
    ),
)
