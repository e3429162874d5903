"""Two projections on T₀, T₁ < d independent isotropic inputs keep exactly T₀T₁/d² of ‖w₀‖² on average, at any size."""

from sympy import Lt, Trace

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension
from symcollapse.reasoning import Derivation, ExactMean, MatrixIdentity, Published, Step

from .chains_of_projections import SIZES, projection
from .fitted_matrices import TRUTH
from .isotropic_projections import DESIGNS, SQUARED_NORM, kept, share

_TWO = DESIGNS[:2]
_SIZES = SIZES[:2]

DERIVATION = Derivation(
    title="What two projections keep of an isotropic truth, exactly",
    claim=cite("dohmatob2024", "Theorem 4.6, at finite size"),
    subject=r"\mathbb{E}\,\|P_1P_0w_0\|^2",
    start=kept(_TWO),
    steps=(
        Step(
            Trace(
                TRUTH.T
                * projection(DESIGNS[0])
                * projection(DESIGNS[1])
                * projection(DESIGNS[0])
                * TRUTH
            ),
            MatrixIdentity(),
        ),
        Step(share(_SIZES) * SQUARED_NORM, ExactMean()),
    ),
    domain=Domain(conditions=tuple(Lt(size, dimension) for size in _SIZES)),
    published=(
        Published(share(_SIZES[:1]) * SQUARED_NORM, ExactMean(), place="that of one generator"),
    ),
    notes=(
        "T₀, T₁ < d. P₁² = P₁ = P₁ᵀ; a projection on the span of T₁ isotropic inputs is (T₁/d)I on average, by rotation "
        "invariance, whatever P₀ is, and then P₀ is (T₀/d)I."
    ),
)
