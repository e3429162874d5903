"""E[QᵀΣQ] of one projection is s(s² + κ₀²df₂/(T₀ − df₂))/(s + κ₀)²; that of several is no product, but for Σ = I."""

from sympy import Expr, Lt

from symcollapse.equivalents import SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, generation_samples, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Derivation, Equivalents, Published, Step

_KAPPA0 = EffectiveRidge(0, generation_samples, SIGMA)
_DEGREES = DegreesOfFreedom(2, _KAPPA0, SIGMA)


def _after(count: int) -> Expr:
    """The form w₀ᵀE[QᵀΣQ]w₀ of so many projections on fresh inputs, all averaged."""
    line: Expr = QuadraticForm(_nested(count), SIGMA, W0)
    for position in range(count - 1, -1, -1):
        averaged = replace_moments(line, position)
        assert averaged is not None
        line = averaged
    return line


def _nested(count: int) -> Expr:
    middle: Expr = s
    for position in range(count - 1, -1, -1):
        middle = SecondMoment(Design(position, generation_samples, (0,), SIGMA), middle)
    return middle


def _printed(count: int, size: Expr, power: int) -> Expr:
    """⟨w₀|Σᵖ ∏ₘ Aₘ|w₀⟩ with A = (Σ + κ₀)⁻²(Σ² + κ₀²df₂/(size − df₂))."""
    factor = (s**2 + _KAPPA0**2 * _DEGREES / (size - _DEGREES)) / (s + _KAPPA0) ** 2
    return QuadraticForm(s**power * factor**count, SIGMA, W0)


_FEW = (Lt(generation_samples, dimension),)
_ISOTROPIC = Domain(conditions=_FEW, isotropic=True)
_TWO = _after(2)

DERIVATION = Derivation(
    title="One projection between two factors of Σ",
    claim=cite("dohmatob2024", "Lemma F.8, second formula"),
    subject=r"w_0^{\top}\,\mathbb{E}[P_0\Sigma P_0]\,w_0",
    start=QuadraticForm(_nested(1), SIGMA, W0),
    steps=(
        Step(_after(1), Equivalents((0,))),
        Step(_printed(1, generation_samples, 1), Algebra("as published, with T₀ for T")),
    ),
    domain=Domain(conditions=_FEW),
    published=(
        Published(_printed(1, samples, 1), Algebra(), None, "n = 1, T as printed", _after(1)),
        Published(
            _printed(1, generation_samples, 1), Algebra(), None, "n = 1, T₀ for T", _after(1)
        ),
        Published(_printed(2, generation_samples, 2), Algebra(), None, "n = 2, T₀ for T", _TWO),
        Published(
            _printed(2, generation_samples, 1), Algebra(), None, "n = 2, T₀ for T, Σ for Σⁿ", _TWO
        ),
        Published(
            _printed(2, generation_samples, 2),
            Algebra(),
            _ISOTROPIC,
            "n = 2, T₀ for T, Σ = I",
            _TWO,
        ),
    ),
    notes=(
        "T₀ < d, any Σ. A second projection carries the form on by a trace of all of it, tr(BΣG²), not factor by factor; "
        "for Σ = I the two agree."
    ),
)
