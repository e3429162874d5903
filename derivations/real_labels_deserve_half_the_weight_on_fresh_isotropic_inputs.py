"""On fresh isotropic inputs with a ridge and equal noises the error falls up to ω = 1/2 too: so ω⋆ ≥ 1/2."""

from sympy import Integer, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_ridge,
    generation_samples,
    generations,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Bound, Derivation, Published, Step, Substitute
from symcollapse.recursions.solved import solve_generations

from .least_squares_pipelines import RANGES, REAL_NOISE, WEIGHT

_LAW = solve_generations(
    Problem(
        IsotropicSpectrum(8),
        UniformTarget(1),
        (Generation(3, noise=1, ridge=1, repeat=generations, real_weight="1/3", real_noise=2),),
    )
)
_UNIT = IsotropicSpectrum(dimension)
_RULE = ((SIGMA, _UNIT), (W0, UniformTarget(squared_norm)))
_KAPPA = EffectiveRidge(generation_ridge, generation_samples, _UNIT)
_Z = 1 / (1 + _KAPPA)
_OWN = dimension * _Z**2 / (generation_samples - dimension * _Z**2)
"""K: what noise of variance 1 adds."""
_SECOND = _Z**2 + (1 - _Z) ** 2 * _OWN
"""q: the energy of labels that a fit keeps, where z is kept in the mean."""
_LEFT = 1 - WEIGHT
_NOISE = WEIGHT**2 * REAL_NOISE**2 + _LEFT**2 * generation_noise**2
LIMIT = (
    squared_norm * (1 - 2 * _Z + _SECOND + 2 * _LEFT * (_Z - _SECOND) * (1 - _Z) / (1 - _LEFT * _Z))
    + _OWN * _NOISE
) / (1 - _SECOND * _LEFT**2)
_DOMAIN = Domain(
    {
        **RANGES,
        dimension: Range(3, 40, whole=True),
        generation_samples: Range(2, 90, whole=True),
        squared_norm: Range(Rational(1, 10), 4),
    }
)
_HALF = Domain({**_DOMAIN.ranges, WEIGHT: Range(Rational(1, 20), Rational(1, 2))})

DERIVATION = Derivation(
    title="Ridge fits to mixed labels on fresh isotropic inputs",
    claim=cite("garg2025", "abstract: at least one half, beyond its fixed inputs"),
    subject=r"\mathcal{E}_\infty",
    start=_LAW.limit,
    steps=(
        Step(_LAW.limit.xreplace(dict(_RULE)), Substitute(_RULE, "isotropic data")),
        Step(LIMIT, Algebra("with z = 1/(1 + κ), K and q, collected")),
    ),
    domain=_DOMAIN,
    published=(
        Published(
            Integer(0),
            Bound(),
            _HALF,
            "the error falls up to ω = 1/2, for equal noises",
            LIMIT.xreplace({REAL_NOISE: generation_noise}).diff(WEIGHT),
        ),
    ),
    notes=(
        "Σ = I, T₀ on either side of d. With q = E‖Aw‖²/‖w‖² and z = E A, z² ≤ q ≤ z ≤ 1, every term of the "
        "signal grows with "
        "1 − ω, and ω² + (1 − ω)² is least at 1/2: so the sum falls up to there. A ridge does not spoil what "
        "fixed inputs have."
    ),
)
