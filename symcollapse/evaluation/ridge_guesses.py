"""Where effective ridges of a curve lie: doubles that balls start from, and prove or refuse."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sympy import Basic, Expr, Rational, Symbol

from symcollapse.evaluation.curves_in_doubles import CurveInDoubles
from symcollapse.evaluation.roots_in_balls import RIGHT
from symcollapse.evaluation.rounded import Array
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import SymcollapseError


def effective_ridges(formulas: Sequence[Expr]) -> list[EffectiveRidge]:
    """Effective ridges in formulas and in what they abbreviate, each once.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import ridge
    >>> kappa = EffectiveRidge(ridge, 300, IsotropicSpectrum(300))
    >>> effective_ridges([kappa**2, 1 + kappa])
    [kappa(lambda, 300)]
    """
    seen: set[Basic] = set()
    found = []
    pending: list[Basic] = list(formulas)
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, EffectiveRidge):
            found.append(node)
        pending.extend(node.args)
        if isinstance(node, Abbreviation):
            pending.append(node.definition)
    return found


class RidgeGuesses:
    """Effective ridges at many points in doubles.

    Parameters
    ----------
    ridges
        Those to be found.
    symbols
        The arguments, in the order of a point's numbers.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import ridge
    >>> kappa = EffectiveRidge(ridge, 300, IsotropicSpectrum(300))
    >>> guesses = RidgeGuesses([kappa], [ridge]).at([(Rational(1),), (Rational(2),)])
    >>> guesses[kappa].round(6)
    array([1.618034, 2.732051])
    """

    def __init__(self, ridges: Sequence[EffectiveRidge], symbols: Sequence[Symbol]) -> None:
        self._curves = {}
        for ridge in ridges:
            try:
                self._curves[ridge] = CurveInDoubles([ridge], symbols)
            except SymcollapseError:
                # Such as a dimension that is an argument: balls find their own start.
                continue

    def at(self, points: Sequence[tuple[Rational, ...]]) -> dict[Basic, Array]:
        """Each effective ridge at the points, 0 where it is not known to `RIGHT` bits."""
        try:
            rows = np.array([[float(number) for number in point] for point in points])
        except OverflowError:
            return {}
        return {ridge: _found(curve, rows) for ridge, curve in self._curves.items()}


def _found(curve: CurveInDoubles, rows: Any) -> Array:
    try:
        ((values, errors),) = curve.at(list(rows.T), len(rows))
    except (SymcollapseError, ArithmeticError):
        if len(rows) == 1:
            return np.zeros(1)
        # One point without a value spoils no more than itself.
        half = len(rows) // 2
        return np.concatenate([_found(curve, rows[:half]), _found(curve, rows[half:])])
    return np.where((values > 0) & np.isfinite(values) & (errors < 2.0**-RIGHT), values, 0.0)
