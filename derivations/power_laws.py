"""Power laws: the spectrum j^-β without end, a target of source r over it, and where their exponents are tried."""

from fractions import Fraction

from sympy import Integer, oo

from symcollapse.language.domains import Range
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
