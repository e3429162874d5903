"""With a ridge on fixed inputs and equal noises the error falls in every direction until ω = 1/2: so ω⋆ ≥ 1/2."""

from sympy import Integer, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_noise,
    generation_ridge,
    generation_samples,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Bound, Derivation, Differentiate, Published, Step

from .least_squares_pipelines import RANGES, REAL_NOISE, WEIGHT
from .mixing_with_a_ridge import ERROR, NOISE

_S, _LAMBDA = eigenvalue, generation_ridge
_EQUAL = {REAL_NOISE: generation_noise}
_FIRST, _SECOND = WEIGHT * _S + _LAMBDA, (2 - WEIGHT) * _S + _LAMBDA
_NOISE = NOISE.xreplace(_EQUAL)
_LINE = squared_norm * _LAMBDA**2 / _FIRST**2 + _NOISE * _S / (
    generation_samples * _FIRST * _SECOND
)
_SLOPE = (
    -2 * squared_norm * _LAMBDA**2 * _S / _FIRST**3
    - 2 * generation_noise**2 * (1 - 2 * WEIGHT) * _S / (generation_samples * _FIRST * _SECOND)
    - 2 * _NOISE * (1 - WEIGHT) * _S**3 / (generation_samples * _FIRST**2 * _SECOND**2)
)
_ISOTROPIC = ERROR.xreplace(_EQUAL).xreplace(
    {SIGMA: IsotropicSpectrum(dimension), W0: UniformTarget(squared_norm)}
)
_HALF = Domain(
    {
        **RANGES,
        WEIGHT: Range(Rational(1, 20), Rational(1, 2)),
        squared_norm: Range(Rational(1, 10), 4),
    }
)

DERIVATION = Derivation(
    title="Real labels deserve half the weight at least",
    claim=cite("garg2025", "abstract: at least one half for isotropic features and random effects"),
    subject=r"\lambda^2N/(\omega s + \lambda)^2 + v",
    start=_LINE,
    steps=(Step(_SLOPE, Differentiate(WEIGHT)),),
    domain=_HALF,
    published=(
        Published(
            Integer(0),
            Bound(),
            place="isotropic features: the error falls up to ω = 1/2, so that ω⋆ ≥ 1/2",
            of=_ISOTROPIC.diff(WEIGHT),
        ),
    ),
    notes=(
        "Each of the three terms is negative for ω < 1/2, in each direction of Σ̂. The error is tr f(Σ̂)Σ of this "
        "function f of s where the truth is isotropic (for any Σ: random effects) or Σ is: so it falls too, "
        "and ω⋆ ≥ 1/2. "
        "It tends to 1/2 where λ → ∞ without signal. For another truth over another Σ the bias is no such trace: see "
        "derivations/best_weight_is_below_one_half_for_a_truth_in_small_eigenvalues."
    ),
)
