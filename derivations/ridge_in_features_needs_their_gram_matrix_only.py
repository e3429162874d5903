"""Ridge regression in the features of a kernel needs the T × T matrix of their products only, with λT on its diagonal."""

from typing import Any

from sympy import Identity, MatrixSymbol

from symcollapse.language.references import cite
from symcollapse.language.symbols import dimension, features, ridge, samples
from symcollapse.reasoning import Derivation, MatrixIdentity, Published, Step

FEATURES: Any = MatrixSymbol("Phi", samples, features)
"""The features of the T inputs, one row each."""

POINT: Any = MatrixSymbol("phi", features, 1)
"""Those of a new point."""

LABELS: Any = MatrixSymbol("Y", samples, 1)
"""The labels, of whatever generation."""

GRAM: Any = FEATURES * FEATURES.T
"""G: the kernel at all pairs of inputs."""

IN_FEATURES: Any = (
    POINT.T
    * (FEATURES.T * FEATURES / samples + ridge * Identity(features)).inverse()
    * FEATURES.T
    * LABELS
    / samples
)
"""The prediction of ridge regression in the features."""


def predicted(shrunk: Any) -> Any:
    """K(X, x)ᵀ · shrunk⁻¹ · Y."""
    return (FEATURES * POINT).T * shrunk.inverse() * LABELS


DERIVATION = Derivation(
    title="Kernel ridge regression",
    claim=cite("dohmatob2024", "appendix C"),
    subject=r"\hat f(x)",
    start=IN_FEATURES,
    steps=(
        Step(
            POINT.T
            * FEATURES.T
            * (GRAM / samples + ridge * Identity(samples)).inverse()
            * LABELS
            / samples,
            MatrixIdentity(),
        ),
        Step(predicted(GRAM + ridge * samples * Identity(samples)), MatrixIdentity()),
    ),
    published=(
        Published(
            predicted(GRAM + ridge * samples * Identity(dimension)),
            MatrixIdentity(),
            place="with I_d, as printed",
        ),
    ),
    notes=(
        "The inverse moves past Φᵀ, from M × M to T × T. Φ has a row φ(x_i) for each input, K(x, x') = φ(x)ᵀφ(x'), and "
        "G = ΦΦᵀ; the number M of features drops out."
    ),
)
