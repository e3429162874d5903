"""For given inputs the noise of a ridge fit costs σ²tr(ΣR²Σ̂)/T; the variance is the mean of that over the inputs."""

from sympy import Trace

from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.symbols import noise, samples
from symcollapse.reasoning import (
    Derivation,
    ExactMean,
    MatrixIdentity,
    NoiseAverage,
    Published,
    Step,
)

from .chains_of_projections import VARIANCE, VARIANCE_GIVEN_INPUTS
from .fitted_matrices import RESOLVENT, X

_FIT = RESOLVENT * X.T

DERIVATION = Derivation(
    title="The variance for given inputs",
    claim=cite("dohmatob2024", "eq. (14)"),
    subject=r"\mathbb{E}_E\,\|RX^{\top}E/T\|_{\Sigma}^2",
    start=VARIANCE,
    steps=(
        Step(noise**2 / samples**2 * Trace(_FIT.T * SIGMA * _FIT), NoiseAverage(("E",))),
        Step(VARIANCE_GIVEN_INPUTS, MatrixIdentity()),
    ),
    published=(
        Published(
            VARIANCE_GIVEN_INPUTS, ExactMean(), place="with the mean over X on the left only"
        ),
    ),
    notes="R and Σ̂ commute, and XᵀX/T = Σ̂. The left side of the printed line is a number, the right one depends on X.",
)
