"""Each least-squares fit projects all that came before it on the span of its inputs, and adds its own noise."""

from symcollapse.language.references import cite
from symcollapse.reasoning import Derivation, MatrixIdentity, Published, Step

from .chains_of_projections import DESIGNS, NOISES, projection, projections, spread, weights
from .fitted_matrices import TRUTH

_FIRST = spread(DESIGNS[:1], 0) * NOISES[0]
_OWN = spread(DESIGNS[1:2], 0) * NOISES[1]
_LAST = projection(DESIGNS[1])
_PUBLISHED = (
    projections(DESIGNS[:2]) * TRUTH
    + spread(DESIGNS[:2], 0) * NOISES[0]
    + spread(DESIGNS[:2], 1) * NOISES[1]
)

DERIVATION = Derivation(
    title="Weights after two generators",
    claim=cite("dohmatob2024", "Lemma F.4"),
    subject=r"\hat w_2",
    start=weights(DESIGNS[:2], NOISES[:2]),
    steps=(
        Step(
            weights(DESIGNS[1:2], NOISES[1:2], projection(DESIGNS[0]) * TRUTH + _FIRST),
            MatrixIdentity(),
        ),
        Step(_LAST * (projection(DESIGNS[0]) * TRUTH + _FIRST) + _OWN, MatrixIdentity()),
        Step(_PUBLISHED, MatrixIdentity()),
    ),
    published=(
        Published(
            projections(DESIGNS[:2]) * TRUTH + _FIRST + _OWN,
            MatrixIdentity(),
            place="without a projection of the first noise",
        ),
    ),
    notes=(
        "X†(Xv + E) = Pv + X†E for any v, and X† = PX†: what is true of one generation follows for the next, and so for "
        "any n. It holds for every draw of the designs and noises, whatever their sizes; on one design P_m = P₀."
    ),
)
