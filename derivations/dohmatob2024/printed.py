"""The printed words of the claims, from ``claims.toml``, joined to what they say in SymPy."""

from pathlib import Path

from ..printed_claims import PrintedClaims

FOLDER = Path(__file__).parent
"""Where the claims and the counterexamples lie."""

_WORDS = PrintedClaims(FOLDER)
claim = _WORDS.claim
in_order = _WORDS.in_order
