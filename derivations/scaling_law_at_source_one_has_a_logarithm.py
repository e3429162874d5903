"""At r = 1 the rates of ridge regression gain a factor ln T wherever the bias leads: at ℓ_crit, and without noise."""

from sympy import Integer, log, oo

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, noise, ridge, ridge_exponent, samples, source
from symcollapse.reasoning import Derivation, Exponent, Published, Ridges, Step, Towards

from .clean_rates_have_four_regimes import DERIVATION as CLEAN_RATES
from .power_laws import CAPACITIES

_CRITICAL = capacity / (2 * capacity + 1)
_C = 2 * _CRITICAL
_AT_CRITICAL = Towards(samples, oo, ((ridge, samples**-_CRITICAL),))
_TUNED = Towards(samples, oo, ((ridge, samples**-ridge_exponent),))
_NOISELESS = Towards(samples, oo, (*_TUNED.following, (noise, Integer(0))))
_ANY = Ridges(ridge_exponent)

DERIVATION = Derivation(
    title="Rates on real labels at r = 1",
    claim=cite("dohmatob2024", "section 5, around eq. (26), at r = 1"),
    subject=r"\mathrm{Bias} + \mathrm{Var}",
    start=CLEAN_RATES.start.xreplace({source: Integer(1)}),
    steps=(Step(samples**-_C * log(samples), Exponent(_AT_CRITICAL)),),
    domain=Domain({capacity: CAPACITIES}),
    published=(
        Published(samples**-_C, Exponent(_AT_CRITICAL), place="T^-c at ℓ_crit, for r = 1"),
        Published(
            samples**-_C * log(samples) ** (1 / (2 * capacity + 1)),
            Exponent(_TUNED, _ANY),
            place="the best of all ridges shares the logarithm out",
        ),
        Published(
            samples ** (-2 * capacity),
            Exponent(_NOISELESS, _ANY),
            place="σ = 0, the best ridge, without a logarithm",
        ),
        Published(
            samples ** (-2 * capacity) * log(samples),
            Exponent(_NOISELESS, _ANY),
            place="σ = 0, the best ridge, with it",
        ),
    ),
    notes=(
        "The bias of a power law at r = 1 is of the order κ² ln(1/κ): derivations/bias_at_source_one_has_a_logarithm. A "
        "ridge λ = T^-ℓ_crit (ln T)^m moves bias and variance by (ln T)^(2m) and (ln T)^(-m/β); both are equal at "
        "m = -β/(2β + 1)."
    ),
)
