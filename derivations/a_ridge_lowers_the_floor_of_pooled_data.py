"""Over isotropic data the best ridge brings the floor of pooled data from D to ND/(N + D), and none brings it lower."""

from sympy import Expr, Rational

from symcollapse.equivalents import low_dimensional_limit
from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import canonical
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    nonnegative_symbol,
    real_samples,
    ridge,
    samples,
    scale,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget, truth
from symcollapse.reasoning import Bound, Derivation, Differentiate, Published, Solve, Step

from .any_fixed_synthetic_share_leaves_a_floor import BIAS
from .pooled_matrices import DELTA, ROWS, TRUTH
from .synthetic_share_of_pooled_data_adds_a_bias import ZETA

SHIFT = nonnegative_symbol("N_delta")
"""N_δ = tr Δ, the squared norm of the shift."""
_RULE = {
    SIGMA: IsotropicSpectrum(dimension),
    DELTA: IsotropicSpectrum(dimension, SHIFT / dimension),
    truth(TRUTH.name): UniformTarget(squared_norm),
    W0: UniformTarget(squared_norm),
}


def _floor(part: Expr) -> Expr:
    """The part for N → ∞ with p₂ = 1/(1 + c), at a fixed ridge; the letter T is N here."""
    synthetic = samples / (1 + scale)
    pooled = part.xreplace({ROWS: samples, samples: synthetic, real_samples: scale * synthetic})
    return canonical(low_dimensional_limit(pooled, samples).xreplace(_RULE))


_D = SHIFT / (1 + scale) ** 2
_ERROR = _floor(BIAS) + _floor(ZETA)
_RANGES = {
    scale: Range(Rational(1, 10), 20),
    SHIFT: Range(Rational(1, 10), 4),
    squared_norm: Range(Rational(1, 10), 4),
}

DERIVATION = Derivation(
    title="Ridge and the floor of pooled data",
    claim=cite("strong2024", "abstract: larger training sets do not help"),
    subject=r"\mathcal{E}_\infty",
    start=_ERROR,
    steps=(
        Step(2 * (ridge * squared_norm - _D) / (1 + ridge) ** 3, Differentiate(ridge)),
        Step(_D / squared_norm, Solve(ridge)),
    ),
    domain=Domain(_RANGES, isotropic=True),
    published=(
        Published(
            squared_norm * _D / (squared_norm + _D),
            Bound(above=False),
            place="in no paper: the least floor over all ridges, D = p₂²N_δ",
        ),
    ),
    notes=(
        "Σ = I, N → ∞ with T_R = cT, p₂ = 1/(1 + c), λ fixed: κ → λ, and the shift is shrunk with the signal. "
        "For any Σ and Δ "
        "the same holds in each direction, with s²-weights alike: λ is then one compromise."
    ),
)
