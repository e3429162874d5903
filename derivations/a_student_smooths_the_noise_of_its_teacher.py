"""A student with a small ridge beats its isotropic teacher of T₀ < d samples if and only if the teacher saw noise."""

from typing import Any

from sympy import Gt, Integer, Lt, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    noise,
    ridge,
    samples,
    shrinkage,
    squared_norm,
)
from symcollapse.language.targets import LevelsTarget, UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Differentiate, Published, Step, Substitute
from symcollapse.theory import test_error

_GENERAL: Any = test_error(
    Problem(
        LevelsSpectrum([2, 1], [2, 2]),
        LevelsTarget([1, 1]),
        (Generation(3, noise=1),),
        Downstream(9, ridge=1),
    )
).total
# The numbers only say that T₀ < d < T; the ridge is written by the shrinkage that it makes.
_RIDGE = (1 - shrinkage) * (1 - dimension / samples * shrinkage) / shrinkage
_RULE = (
    (SIGMA, IsotropicSpectrum(dimension)),
    (W0, UniformTarget(squared_norm)),
    (noise, Integer(0)),
    (ridge, _RIDGE),
)
_STUDENT: Any = _GENERAL.xreplace(dict(_RULE))
_SHARE = generation_samples / dimension
_VARIANCE = generation_noise**2 * generation_samples / (dimension - generation_samples)
TEACHER = squared_norm * (1 - _SHARE) + _VARIANCE
"""Error of the teacher."""
_ASPECT = dimension / samples
_SECOND = shrinkage**2 * (1 + _ASPECT * (1 - shrinkage) ** 2 / (1 - _ASPECT * shrinkage**2))
STUDENT = (
    squared_norm
    - 2 * squared_norm * _SHARE * shrinkage
    + (squared_norm * _SHARE + _VARIANCE) * _SECOND
)
"""Error of the student, at shrinkage z = 1/(1 + κ)."""
_LINE = STUDENT.diff(shrinkage)
_AT_ONE = ((shrinkage, Integer(1)),)

DERIVATION = Derivation(
    title="What a small ridge of the student does to an isotropic teacher's error",
    claim=f"no student beats the teacher whose labels are all it sees; {cite('medvedev2025', 'abstract')}, that it can",
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|^2",
    start=_GENERAL,
    steps=(
        Step(_STUDENT, Substitute(_RULE, "isotropic, no noise of the student's own")),
        Step(STUDENT, Algebra("κ = 1/z − 1, κ(0, T₀) = d/T₀ − 1")),
        Step(_LINE, Differentiate(shrinkage)),
        Step(_LINE.xreplace(dict(_AT_ONE)), Substitute(_AT_ONE, "λ → 0: the teacher's own error")),
    ),
    domain=Domain(
        {
            dimension: Range(3, 30, whole=True),
            samples: Range(40, 90, whole=True),
            shrinkage: Range(Rational(1, 2), Rational(99, 100)),
        },
        (Lt(generation_samples, dimension), Gt(samples, dimension)),
    ),
    published=(
        Published(
            TEACHER,
            Algebra(),
            None,
            "without a ridge the student is the teacher",
            STUDENT.xreplace(dict(_AT_ONE)),
        ),
    ),
    notes=(
        "Σ = I, T₀ < d < T. At z = 1 the student is the teacher, and the slope is twice the teacher's variance. For "
        "σ₀ > 0 it is positive, so a small ridge lowers the error below the teacher's; for σ₀ = 0 the minimum is at "
        "z = 1: what the teacher lost by its projection no shrinkage brings back."
    ),
)
