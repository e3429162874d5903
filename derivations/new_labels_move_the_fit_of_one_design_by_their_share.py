"""With the old labels kept, the n-th labels of one design move the fit by a share 1/n of what their noise alone would."""

from typing import Any

from sympy import Ge, MatrixSymbol

from symcollapse.language.domains import Domain
from symcollapse.language.random_matrices import gaussian_design, label_noise, pseudo_inverse
from symcollapse.language.references import cite
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension, generations, noise, samples
from symcollapse.reasoning import Derivation, MatrixIdentity, Step

DESIGN: Any = gaussian_design("X", samples, covariance("Sigma", dimension))
GRAM = DESIGN.T * DESIGN
TALL = Domain(conditions=(Ge(samples, dimension),))
_BEFORE: Any = MatrixSymbol("w", dimension, 1)
_NOISE: Any = label_noise("E", samples, noise)

REFITTED = (generations * GRAM).inverse() * (
    (generations - 1) * GRAM * _BEFORE + DESIGN.T * (DESIGN * _BEFORE + _NOISE)
)
"""The fit of n sets of labels: the old ones enter by the normal equations of the fit before, the new ones are its own."""

MOVED = _BEFORE + pseudo_inverse(DESIGN) * _NOISE / generations

DERIVATION = Derivation(
    title="One more set of labels of the same inputs",
    claim=cite("gerstgrasser2024", "proof of Theorem 1, from memory"),
    subject=r"\hat{w}_n",
    start=REFITTED,
    steps=(Step(MOVED, MatrixIdentity()),),
    domain=TALL,
    notes=(
        "The letter w is the fit of the first n − 1 sets of labels, for which X'X(n − 1)w is the sum of X'Y_i. From "
        "the truth on, the fit is therefore the truth and the sum of X⁺E_i/i: every noise stays with the share that it "
        "had when it came."
    ),
)
