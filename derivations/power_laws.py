"""Power laws: the spectrum j^-β without end, a target of source r over it, and where their exponents are tried."""

from fractions import Fraction
from typing import Any

from sympy import Abs, Expr, Ge, Integer, Rational, oo
from sympy.core.relational import Relational

from symcollapse.language.domains import Range
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import capacity, effective, eigenvalue, source
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import Towards

ENDLESS = PowerLawSpectrum(oo, capacity)
"""s_j = j^-β for j = 1, 2, …"""

TARGET = SourceTarget(source)
"""c_j² = j^-(1 + β(2r − 1))."""

SMALL = Towards(effective, Integer(0))
"""κ → 0."""

CAPACITIES = Range(Fraction(5, 4), Fraction(5, 2), grain=12)
"""β: multiples of 1/12, so that T^(1/β) takes many values and no accident."""

BIAS = effective**2 * eigenvalue / (eigenvalue + effective) ** 2
"""The summand of κ²⟨w₀|Σ(Σ + κ)^-2|w₀⟩."""

SOURCES = Range(Fraction(1, 4), 2, grain=12)
"""r, on both sides of 1."""


def over_power_law(formula: Expr, size: Expr = oo) -> Expr:
    """A formula of the theory with a power law for Σ and a source for w₀."""
    law = PowerLawSpectrum(size, capacity)
    numeric = formula.xreplace({SIGMA: law, W0: TARGET})
    assert isinstance(numeric, Expr)
    return numeric


def apart(first: Any, second: Any) -> Relational:
    """The condition that two exponents are so far apart that the smaller one is seen within 100 decades."""
    return Ge(Abs(first - second), Rational(1, 15))
