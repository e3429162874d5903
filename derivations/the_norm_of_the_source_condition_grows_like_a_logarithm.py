"""Coefficients at the very source r give w₀ a norm ‖Σ^(1/2−r)w₀‖ that grows like the root of ln d: it is not bounded."""

from sympy import Integer, log, oo

from symcollapse.language.domains import Domain
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.references import cite
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import capacity, dimension, eigenvalue, source
from symcollapse.reasoning import (
    Derivation,
    Exponent,
    Leading,
    Published,
    Step,
    Towards,
)

from .power_laws import CAPACITIES, SOURCES, TARGET

_LARGE = Towards(dimension, oo)
_LAW = PowerLawSpectrum(dimension, capacity)

DERIVATION = Derivation(
    title="The norm of the source condition",
    claim=cite("dohmatob2024", "section 5, after eq. (24)"),
    subject=r"\|\Sigma^{1/2-r}w_0\|^2",
    start=QuadraticForm(eigenvalue ** (1 - 2 * source), _LAW, TARGET),
    steps=(Step(log(dimension), Leading(_LARGE, "the harmonic sum")),),
    domain=Domain({capacity: CAPACITIES, source: SOURCES}),
    published=(
        Published(Integer(1), Exponent(_LARGE, bound="above"), place="the norm is O(1)"),
        Published(log(dimension), Exponent(_LARGE), place="its square is of the order ln d"),
    ),
    notes=(
        "s_j = j^-β and c_j² = j^-(1 + β(2r − 1)): each term c_j²·s_j^(1 − 2r) is 1/j, for every β and r. For a smaller "
        "source r' < r the norm is bounded."
    ),
)
