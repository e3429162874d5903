"""Gerstgrasser et al., "Is Model Collapse Inevitable?", and Dey, Donoho on the same sum: what they say of regression.

The formulas are **from memory**: neither text was at hand when they were written down. So a verdict speaks of the
formulas in ``claims.toml``, not of the papers, until someone compares them. Accumulation with subsampling, which later
papers study, is not among them: the program has no law for it.
"""

from pathlib import Path

from symcollapse.reasoning import Paper

from . import batches, fresh_inputs, one_design, replacing
from .printed import in_order

PAPER = Paper(
    "gerstgrasser2024",
    Path(__file__).parent,
    in_order((*replacing.CLAIMS, *one_design.CLAIMS, *fresh_inputs.CLAIMS, *batches.CLAIMS)),
)
"""The claims of the paper, in the order of its list."""
