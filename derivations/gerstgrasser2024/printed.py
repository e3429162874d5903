"""The words of the claims, from memory, and the formulas that several of them share."""

from pathlib import Path

from sympy import harmonic, pi, polygamma

from symcollapse.language.symbols import generations

from ..least_squares_pipelines import FIRST
from ..printed_claims import PrintedClaims

_WORDS = PrintedClaims(Path(__file__).parent)
claim = _WORDS.claim
in_order = _WORDS.in_order

ERROR = r"E_{test}(\hat w_n)"
ACCUMULATED_ERROR = r"E_{test}^{accumulate}(\hat w_n)"
REPLACED_ERROR = r"E_{test}^{replace}(\hat w_n)"
REST = r"n\,(E_\infty - E_n)"
"""How the paper writes what is derived here."""

SUM = harmonic(generations, 2).rewrite(polygamma)
"""The sum of 1/i² up to n, as SymPy writes it: π²/6 − ψ₁(n + 1)."""

SUMMED = FIRST * SUM
"""The error of Theorem 1."""

BOUND = FIRST * pi**2 / 6
"""The bound of Theorem 1."""
