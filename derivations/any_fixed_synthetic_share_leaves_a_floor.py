"""With a fixed share p₂ of shifted labels the error tends to p₂²·tr ΔΣ, however many samples are pooled."""

from sympy import Rational, Trace, oo

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.domains import Range
from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    joint_eigenvalue,
    noise,
    real_samples,
    ridge,
    samples,
    scale,
)
from symcollapse.reasoning import Derivation, Leading, Published, Rate, Step, Towards
from symcollapse.reasoning.matrix_domains import MatrixDomain

from .pooled_matrices import DELTA, REAL, ROWS, SYNTHETIC, TRUTH, resolvent
from .synthetic_share_of_pooled_data_adds_a_bias import ZETA, trace_with_shift

_R = resolvent(REAL, SYNTHETIC)
_POOLED = (REAL.T * REAL + SYNTHETIC.T * SYNTHETIC) / ROWS
BIAS = deterministic_equivalent(ridge**2 * TRUTH.T * _R * SIGMA * _R * TRUTH).formula
"""The bias of the pooled fit."""
VARIANCE = noise**2 * deterministic_equivalent(Trace(SIGMA * _R * _POOLED * _R) / ROWS).formula
"""What label noise adds."""
_FLOOR = trace_with_shift(joint_eigenvalue("Sigma"))
_MORE = Towards(samples, oo, ((real_samples, scale * samples), (ridge, samples ** Rational(-1, 2))))
"""T = p₂N and T_R = cT, so that p₂ = 1/(1 + c); λ → 0."""
_RANGES = {scale: Range(Rational(1, 10), 20), noise: Range(Rational(1, 10), 2)}
_DOMAIN = MatrixDomain(_RANGES, expression=ridge**2 * TRUTH.T * _R * SIGMA * _R * DELTA * TRUTH)

DERIVATION = Derivation(
    title="Floor of pooled data",
    claim=cite("strong2024", "abstract, and the discussion of Theorem 1, from memory"),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    start=BIAS + VARIANCE + ZETA,
    steps=(Step(_FLOOR / (1 + scale) ** 2, Leading(_MORE)),),
    domain=_DOMAIN,
    published=(
        Published(
            samples**0, Rate(_MORE), place="the error tends to no less than a positive constant"
        ),
        Published(
            1 / samples,
            Rate(
                Towards(
                    samples,
                    oo,
                    ((real_samples, samples ** Rational(3, 2)), (ridge, samples**-2)),
                )
            ),
            place="in no paper: no floor where the share falls, T_R = T^(3/2)",
        ),
    ),
    notes=(
        "Fixed Σ and Δ, λ = T^(-1/2) → 0. Only p₂ → 0 removes the floor: with p₂ = T^(-1/2) it falls like p₂². "
        "A ridge that "
        "stays lowers the floor, and does not remove it: see derivations/a_ridge_lowers_the_floor_of_pooled_data."
    ),
)
