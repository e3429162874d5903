"""A ridge student of weight ξ on its teacher's predictions on the same inputs has the slope λR'(λ) at ξ = 0."""

from typing import Any

from sympy import Expr, Integer

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, Downstream, Generation, Problem
from symcollapse.language.references import cite
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import (
    generation_noise,
    generation_ridge,
    generation_samples,
    noise,
    real_symbol,
    real_weight,
    ridge,
    samples,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.reasoning import Algebra, Derivation, Differentiate, Step, Substitute
from symcollapse.theory import test_error

from .fitted_matrices import FIT, RESOLVENT

IMITATION = real_symbol("xi")
"""ξ: weight of the teacher's predictions among the labels of the student; 1 − ξ is that of the teacher's own labels."""

TEACHER = Problem(
    LevelsSpectrum([2, 1], [2, 2]), LevelsTarget([1, 1]), (Generation(9, noise=1, ridge=ridge),)
)
"""A ridge teacher."""
DISTILLED = Problem(
    TEACHER.spectrum,
    TEACHER.target,
    (Generation(9, noise=1, ridge=1),),
    Downstream(
        9, ridge=1, design="shared", real_data="same", real_weight=1 - IMITATION, real_noise=1
    ),
)
"""Its student, on the same inputs and with the teacher's labels mixed in; the letters are equal ones of both fits."""

_ALIKE: dict[Any, Any] = {real_weight: 1 - IMITATION, generation_ridge: ridge}
_OWN: dict[Any, Any] = {generation_samples: samples, generation_noise: noise}
STUDENT: Any = test_error(DISTILLED).total.xreplace(_ALIKE).xreplace(_OWN)
"""R(ξ), a quadratic in ξ."""
RISK: Any = test_error(TEACHER).total.xreplace(_OWN)
"""R(λ), the teacher's."""
SLOPE: Expr = RISK.diff(ridge)
"""R'(λ)."""
CURVATURE: Expr = STUDENT.diff(IMITATION, 2) / 2
"""Coefficient of ξ²."""
WEIGHTS = {IMITATION: Range(-3, 3)}
"""Where weights are tried."""

_LOST: Any = RESOLVENT * FIT
MOVED: Expr = ridge**2 * deterministic_equivalent(_LOST.T * SIGMA * _LOST).formula
"""λ²E‖∂ŵ/∂λ‖²_Σ, from the plain expression λRŵ: the curvature by a pencil of its own."""
_AT_ZERO = ((IMITATION, Integer(0)),)
_LINE = STUDENT.diff(IMITATION)

DERIVATION = Derivation(
    title="Slope of self-distillation at the teacher",
    claim=cite("dang2026", "abstract: sign ξ⋆ = −sign R'(λ)"),
    subject=r"R(\xi)",
    start=STUDENT,
    steps=(
        Step(_LINE, Differentiate(IMITATION)),
        Step(_LINE.xreplace(dict(_AT_ZERO)), Substitute(_AT_ZERO, "the teacher itself")),
        Step(ridge * SLOPE, Algebra("λ times the derivative of the teacher's error")),
    ),
    domain=Domain(WEIGHTS),
    notes=(
        "The student is (1 − ξ)ŵ + ξRΣ̂ŵ = ŵ − ξλRŵ = ŵ + ξλ ∂ŵ/∂λ, draw by draw: at finite size too its error is that "
        "parabola. Here it comes from the joint pencil of teacher and student, and ∂ŵ/∂λ = −Rŵ from a pencil of its own."
    ),
)
