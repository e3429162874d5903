"""Problems that stand for a regime: formulas are derived in symbols, the numbers only say where T and d lie."""

from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.targets import LevelsTarget

_SPECTRUM = LevelsSpectrum([2, 1], [2, 2])
_TARGET = LevelsTarget([1, 1])

CLEAN_RIDGE = Problem(_SPECTRUM, _TARGET, (), Downstream(9, noise=1, ridge=1))
"""Ridge on real labels."""

LEAST_SQUARES_CHAIN = Problem(
    _SPECTRUM, _TARGET, (Generation(8, noise=1, repeat=3),), Downstream(9, noise=1)
)
"""Least squares throughout, with T, T_0 ≥ d."""

ENOUGH_SAMPLES = Problem(
    _SPECTRUM, _TARGET, (Generation(8, noise=1, repeat=3),), Downstream(9, noise=1, ridge=1)
)
"""Least-squares generators with T_0 ≥ d on fresh designs, ridge downstream."""

TOO_FEW_SAMPLES = Problem(
    _SPECTRUM,
    _TARGET,
    (Generation(3, noise=1, repeat=3, design="shared"),),
    Downstream(9, noise=1, ridge=1),
)
"""Least-squares generators with T_0 < d on one shared design, ridge downstream."""

TWO_FRESH_PROJECTIONS = Problem(_SPECTRUM, _TARGET, (Generation(3, repeat=2),), Downstream(9))
"""Two noiseless generators with T_0 < d on fresh designs, least squares downstream."""
