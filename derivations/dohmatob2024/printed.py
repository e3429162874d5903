"""The printed words of the claims, from ``claims.toml``, joined to what they say in SymPy."""

from pathlib import Path

from ..printed_claims import PrintedClaims

FOLDER = Path(__file__).parent
"""Where the claims and the counterexamples lie."""

_WORDS = PrintedClaims(FOLDER)
claim = _WORDS.claim
in_order = _WORDS.in_order

ERROR = "E_{test}"
LABELLED_ERROR = r"E_{test}(\hat w_n^{pred})"
BIAS, VARIANCE = r"\mathrm{Bias}", r"\mathrm{Var}"
BIAS_OF_LABELS = r"\widetilde{\mathrm{Bias}}"
ADDED_BIAS = r"\Delta\mathrm{Bias}"
RHO = r"\rho"
SPLIT = rf"\mathbb{{E}}\,\|\hat\Sigma RQ_{{n-1}}w_0-w_0\|_\Sigma^2 + {VARIANCE} + n\sigma_0^2\rho"
"""How the paper writes what is derived here."""
