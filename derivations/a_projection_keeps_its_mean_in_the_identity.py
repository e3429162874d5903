"""As E[P₀IP₀] = E[P₀], fresh projections with T₀ < d forget at least as fast as (max s/(s + κ₀))ⁿ."""

from sympy import Lt

from symcollapse.equivalents import SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Derivation, Equivalents, Published, Step

_FIRST, _SECOND = (Design(place, generation_samples, (0,), SIGMA) for place in (0, 1))
_KEPT = s / (s + EffectiveRidge(0, generation_samples, SIGMA))
_START = QuadraticForm(SecondMoment(_FIRST, s / s), SIGMA, W0)
_AVERAGED = replace_moments(_START, 0)
assert _AVERAGED is not None
_LAST = replace_moments(
    QuadraticForm(SecondMoment(_FIRST, SecondMoment(_SECOND, s / s)), SIGMA, W0), 1
)
assert _LAST is not None
_TWO = replace_moments(_LAST, 0)
assert _TWO is not None
_MEAN = QuadraticForm(_KEPT**2, SIGMA, W0)
_FEW = (Lt(generation_samples, dimension),)

DERIVATION = Derivation(
    title="A projection of the identity",
    claim=cite("dohmatob2024", "appendix F.7: QᵀQ = Q for Q = P₁P₀, in the mean"),
    subject=r"w_0^{\top}\,\mathbb{E}[P_0 I P_0]\,w_0",
    start=_START,
    steps=(
        Step(_AVERAGED, Equivalents((0,))),
        Step(QuadraticForm(_KEPT, SIGMA, W0), Algebra("κ₀ tr ΣG₀² = T₀ − df₂")),
    ),
    domain=Domain(conditions=_FEW),
    published=(
        Published(_MEAN, Algebra(), None, "E[QᵀQ] = E[Q], any Σ", _TWO),
        Published(
            _MEAN, Algebra(), Domain(conditions=_FEW, isotropic=True), "E[QᵀQ] = E[Q], Σ = I", _TWO
        ),
    ),
    notes=(
        "B → E[P₀BP₀] is positive and takes I to E[P₀], at most max s/(s + κ₀)·I: so E[QₙᵀΣQₙ] decays at least as "
        "fast as that maximum to the power n, and by Jensen no faster than its square. The mean decays like the maximum "
        "itself, and with it the distance of the bias from ‖w₀‖²_Σ."
    ),
)
