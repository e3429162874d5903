"""The best weight on the teacher's predictions is ξ⋆ = −R'(λ)/(2λE‖∂ŵ/∂λ‖²_Σ); it spares R'(λ)²/(4E‖∂ŵ/∂λ‖²_Σ)."""

from sympy import Integer

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.language.symbols import ridge
from symcollapse.reasoning import Algebra, Bound, Derivation, Differentiate, Published, Solve, Step

from .distillation_on_the_same_inputs_moves_along_the_ridge import (
    CURVATURE,
    IMITATION,
    RISK,
    SLOPE,
    STUDENT,
    WEIGHTS,
)

BEST = -ridge * SLOPE / (2 * CURVATURE)
"""ξ⋆."""
_AT_BEST = STUDENT.xreplace({IMITATION: BEST})
_MOVED = CURVATURE / ridge**2

DERIVATION = Derivation(
    title="Best weight of self-distillation",
    claim=cite("dang2026", "abstract"),
    subject=r"R(\xi)",
    start=STUDENT,
    steps=(Step(STUDENT.diff(IMITATION), Differentiate(IMITATION)), Step(BEST, Solve(IMITATION))),
    domain=Domain(WEIGHTS),
    published=(
        Published(RISK, Bound(), None, "R(ξ⋆) ≤ R(λ)", _AT_BEST),
        Published(RISK - SLOPE**2 / (4 * _MOVED), Algebra(), None, "what is spared", _AT_BEST),
        Published(Integer(1), Bound(), None, "ξ⋆ ≤ 1: a convex mixture is enough", BEST),
        Published(Integer(1), Bound(), None, "ξ⋆ ≥ 0: a convex mixture is enough", 1 - BEST),
    ),
    notes=(
        "E‖∂ŵ/∂λ‖²_Σ > 0, so ξ⋆ has the sign of −R'(λ) and the student is strictly better wherever R'(λ) ≠ 0. ξ⋆ < 0 "
        "where the ridge is too large; ξ⋆ > 1 under strong noise and a small ridge."
    ),
)
