"""For a truth uniform over all directions R'(λ) = 0 at λ = dσ²/(NT), whatever Σ: there the error is NT(κ − λ)/d."""

from typing import Any

from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, noise, ridge, samples, squared_norm
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Published, Solve, Step, Substitute

from .distillation_on_the_same_inputs_moves_along_the_ridge import RISK

_UNIFORM: Any = RISK.xreplace({W0: UniformTarget(squared_norm)})
BEST = dimension * noise**2 / (squared_norm * samples)
"""λ⋆: the ridge of the posterior mean."""
_RULE = ((ridge, BEST),)

DERIVATION = Derivation(
    title="Error at the ridge where self-distillation changes nothing",
    claim=cite("dang2026", "abstract: no gain is claimed where R'(λ) = 0"),
    subject=r"R(\lambda)",
    start=_UNIFORM,
    steps=(
        Step(_UNIFORM.xreplace(dict(_RULE)), Substitute(_RULE)),
        Step(
            squared_norm * samples / dimension * (EffectiveRidge(BEST, samples, SIGMA) - BEST),
            Algebra("κ − λ = κ df₁/T"),
        ),
    ),
    domain=Domain(),
    published=(Published(BEST, Solve(ridge), None, "R'(λ⋆) = 0", _UNIFORM.diff(ridge)),),
    notes=(
        "N = ‖w₀‖². For w₀ ~ N(0, N/d·I) the ridge fit at λ⋆ is the posterior mean: no function of the data does better, "
        "no student either, at any ridge and any weight."
    ),
)
