"""The best exponent of the ridge on real labels makes bias and noise equal, or is β where the noise is too small."""

from sympy import Min

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import capacity, noise_exponent, ridge_exponent, source
from symcollapse.reasoning import Derivation, Optimise, Published, Step

from .clean_rates_have_four_regimes import RATE
from .power_laws import CAPACITIES, SOURCES

_R = Min(source, 1)
_CRITICAL = capacity / (2 * capacity * _R + 1)
_C = 2 * capacity * _R / (2 * capacity * _R + 1)
_BEST = Min((1 + noise_exponent) * _CRITICAL, capacity)
_RANGES = {capacity: CAPACITIES, source: SOURCES, noise_exponent: Range(0, 9, grain=12)}
_LARGEST = Optimise(ridge_exponent, largest=True)

DERIVATION = Derivation(
    title="Best exponent on real labels",
    claim=cite("dohmatob2024", "section 5, around eq. (26)"),
    subject=r"-\log_T(\mathrm{Bias} + \mathrm{Var})",
    start=RATE,
    steps=(
        Step(
            Min((1 + noise_exponent) * _C, 2 * capacity * _R),
            Optimise(ridge_exponent, largest=True, best=_BEST),
        ),
    ),
    domain=Domain(_RANGES),
    published=(
        Published(
            _CRITICAL,
            _LARGEST,
            Domain({**_RANGES, noise_exponent: Range(0, 0)}),
            "ℓ_crit for σ² fixed",
        ),
        Published(_BEST, _LARGEST, place="min((1 + ν)·ℓ_crit, β) for σ² = T^-ν"),
    ),
    notes=(
        "λ = T^-ℓ, σ² = T^-ν. Noise matters up to ν = 2β min(r, 1); beyond, any ℓ ≥ β is as good as none. The crossover "
        "from the noisy rate c to the noiseless 2β min(r, 1) is linear in ν."
    ),
)
