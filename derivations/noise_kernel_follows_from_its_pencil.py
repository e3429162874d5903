"""The noise kernel RXᵀXR/T² follows from its pencil, without a derivative in λ."""

from dataclasses import replace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.symbols import samples
from symcollapse.reasoning import derivation_of_equivalent

from .fitted_matrices import RESOLVENT, X
from .noise_of_one_fit_becomes_a_kernel import DERIVATION as BY_RESIDUES

DERIVATION = replace(
    derivation_of_equivalent(
        deterministic_equivalent(RESOLVENT * X.T * X * RESOLVENT / samples**2),
        "Noise kernel of ridge regression, from its pencil",
    ),
    claim=BY_RESIDUES.claim,
    notes="A function of the eigenvalue s of Σ; the same as by residues of the one-resolvent rule.",
)
