"""With many samples the best student spares V²/(NT₀/d + V) of an isotropic teacher's error; V is its variance."""

from sympy import Gt, Lt, Rational, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.references import cite
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    samples,
    shrinkage,
    squared_norm,
)
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Derivation,
    Differentiate,
    Limit,
    Published,
    Solve,
    Step,
)

from .a_student_smooths_the_noise_of_its_teacher import STUDENT, TEACHER

_KEPT = squared_norm * generation_samples / dimension
_VARIANCE = generation_noise**2 * generation_samples / (dimension - generation_samples)
_MANY = squared_norm - 2 * _KEPT * shrinkage + (_KEPT + _VARIANCE) * shrinkage**2
_BEST = _KEPT / (_KEPT + _VARIANCE)
_AT_BEST = _MANY.xreplace({shrinkage: _BEST})

DERIVATION = Derivation(
    title="Best shrinkage of a student with many samples",
    claim=cite(
        "medvedev2025", "abstract: the student's error tends to 0 only if the teacher's does"
    ),
    subject=r"\mathbb{E}\,\|\hat{w} - w_0\|^2",
    start=STUDENT,
    steps=(
        Step(_MANY, Limit(samples, oo)),
        Step(_MANY.diff(shrinkage), Differentiate(shrinkage)),
        Step(_BEST, Solve(shrinkage)),
    ),
    domain=Domain(
        {shrinkage: Range(Rational(1, 2), Rational(99, 100))},
        (Lt(generation_samples, dimension), Gt(samples, dimension)),
    ),
    published=(
        Published(
            TEACHER - _VARIANCE**2 / (_KEPT + _VARIANCE),
            Algebra(),
            None,
            "what is spared",
            _AT_BEST,
        ),
        Published(TEACHER, Bound(above=False), None, "no student beats its teacher", _AT_BEST),
        Published(
            squared_norm * (1 - generation_samples / dimension),
            Bound(above=False),
            None,
            "the student's error is at least the teacher's bias",
            _AT_BEST,
        ),
    ),
    notes=(
        "Σ = I: the student undoes variance and nothing of the bias N(1 − T₀/d). Its error tends to 0 only if T₀/d → 1 "
        "and V → 0, which is when the teacher's does: here the claim holds."
    ),
)
