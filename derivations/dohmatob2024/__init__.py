"""Dohmatob, Feng, Kempe, "Model Collapse Demystified: The Case of Regression": its published statements in SymPy.

``claims.toml`` holds the printed words; the modules hold what they say. The verdicts are computed, each time.
"""

from symcollapse.reasoning import Paper

from . import (
    biases,
    identities,
    least_squares,
    noisy_labels,
    power_law_sums,
    projections,
    ridge_errors,
    scaling_laws,
)
from .printed import FOLDER, in_order

PAPER = Paper(
    "dohmatob2024",
    FOLDER,
    in_order(
        (
            *least_squares.CLAIMS,
            *ridge_errors.CLAIMS,
            *biases.CLAIMS,
            *identities.CLAIMS,
            *projections.CLAIMS,
            *scaling_laws.CLAIMS,
            *noisy_labels.CLAIMS,
            *power_law_sums.CLAIMS,
        )
    ),
)
"""The claims of the paper, in its order."""
