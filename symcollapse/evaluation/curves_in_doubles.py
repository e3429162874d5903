"""Values of formulas at many points in doubles, each with a bound of its error.

All formulas share one walk, so that κ and the sums are taken once; points go through it in chunks of bounded memory.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from symcollapse.evaluation.compressed_spectra import CompressedSpectra, SpectralPlan
from symcollapse.evaluation.doubles import DoubleEvaluator, points_as_doubles
from symcollapse.evaluation.doubles_from_balls import double_at
from symcollapse.evaluation.folding import MOST_LEVELS
from symcollapse.evaluation.long_sums import is_long
from symcollapse.evaluation.rounded import Array, Rounded
from symcollapse.language.errors import NotEvaluable, SymcollapseError
from symcollapse.language.joint_spectra import JointSpectrum
from symcollapse.language.spectra import ExplicitSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.symbols import dimension, index

ENTRIES_AT_ONCE = 2**21
"""Points times levels held in one array; a dozen such arrays are alive at a time (200 MB)."""


class CurveInDoubles:
    """Formulas as functions of columns of doubles.

    Parameters
    ----------
    formulas
        Expressions whose free symbols are among the given ones.
    symbols
        The arguments, in the order of the columns.

    Raises
    ------
    NotEvaluable
        If the dimension is an argument.

    Example
    -------
    >>> from symcollapse.language.effective_ridges import EffectiveRidge
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> from symcollapse.language.symbols import ridge
    >>> kappa = EffectiveRidge(ridge, 1000, PowerLawSpectrum(10**12, 2))
    >>> curve = CurveInDoubles([kappa, kappa / ridge], [ridge])
    >>> (values, errors), _ = curve.at([np.array([1e-3, 1e-2])], 2)
    >>> values.round(6), bool(np.max(errors) < 1e-13)
    (array([0.00105 , 0.010153]), True)
    """

    def __init__(self, formulas: Sequence[Expr], symbols: Sequence[Symbol]) -> None:
        self._formulas, self._symbols = list(formulas), tuple(symbols)
        self._plan = SpectralPlan(self._formulas)
        spectra = set().union(*(formula.atoms(Spectrum) for formula in self._formulas), ())
        self._endless = [each for each in spectra if is_long(each, MOST_LEVELS)]
        self._count = 1 if self._endless else _level_count(spectra)

    def at(self, columns: Sequence[Array], points: int) -> list[tuple[Array, Array]]:
        """Values of each formula and bounds of their relative errors, infinite where nothing is known.

        Parameters
        ----------
        columns
            Finite doubles, one column for each symbol, shape (points,).
        points
            How many.

        Raises
        ------
        SymcollapseError
            If one of the points has no value.
        """
        found = [(np.empty(points), np.empty(points)) for _ in self._formulas]
        depths = self._depths(columns, points)
        # By each point's own depth, so that its numbers do not hang on the company it is in.
        distinct, group = np.unique(depths, axis=0, return_inverse=True)
        for number, depth in enumerate(distinct):
            spectra = self._plan.compressed(depth.tolist())
            rows = np.flatnonzero(group.reshape(-1) == number)
            if any(not _is_short(spectrum, spectra) for spectrum in self._endless):
                self._point_by_point(columns, rows, found)
            else:
                self._in_chunks(columns, rows, spectra, found)
        return found

    def _in_chunks(
        self,
        columns: Sequence[Array],
        rows: NDArray[np.int64],
        spectra: CompressedSpectra,
        found: list[tuple[Array, Array]],
    ) -> None:
        sizes = [rule.nodes.size for rule in spectra.rules.values()]
        sizes += [short.points.eigenvalues.size for short in spectra.lists.values()]
        chunk = max(1, ENTRIES_AT_ONCE // (max(sizes) if sizes else self._count))
        for start in range(0, rows.size, chunk):
            part = rows[start : start + chunk]
            evaluator = DoubleEvaluator(self._environment(columns, part), spectra)
            with np.errstate(all="ignore"):
                for formula, (values, errors) in zip(self._formulas, found, strict=True):
                    rounded = evaluator.evaluate(formula)
                    relative = rounded.relative_error
                    values[part] = rounded.value[:, 0]
                    errors[part] = np.where(np.isnan(relative), np.inf, relative)[:, 0]

    def _environment(
        self, columns: Sequence[Array], part: NDArray[np.int64] | slice
    ) -> dict[Symbol, Rounded]:
        return {
            symbol: points_as_doubles(column[part])
            for symbol, column in zip(self._symbols, columns, strict=True)
        }

    def _depths(self, columns: Sequence[Array], points: int) -> NDArray[np.int64]:
        """How far down the points need the spectra: nothing below their smallest κ."""
        if self._plan.is_empty or not self._plan.is_deep:
            return self._plan.depths({}, points)
        evaluator = DoubleEvaluator(self._environment(columns, slice(None)))
        smallest: dict[Spectrum, Array] = {}
        for node in self._plan.ridges:
            try:
                with np.errstate(all="ignore"):
                    lam = evaluator.evaluate(node.ridge).value[:, 0]
                    size = evaluator.evaluate(node.samples).value[:, 0]
                    least = np.maximum(lam, self._ridgeless(node.covariance, size))
            except SymcollapseError:
                least = np.zeros(points)
            known = smallest.get(node.covariance, np.inf)
            smallest[node.covariance] = np.minimum(known, np.broadcast_to(least, (points,)))
        return self._plan.depths(smallest, points)

    def _ridgeless(self, spectrum: Spectrum, samples: Array) -> Array:
        """A lower bound of κ(λ, T) ≥ κ(0, T): s_J (J − T)/T for J = 2T, if there are so many; else 0."""
        position = 2 * samples + 1
        size = float(spectrum.dimension)
        level = DoubleEvaluator({index: points_as_doubles(position)}).evaluate(
            spectrum.eigenvalue_at(index)
        )
        return np.where(position <= size, level.value[:, 0] / 2, 0.0)

    def _point_by_point(
        self,
        columns: Sequence[Array],
        rows: NDArray[np.int64],
        found: list[tuple[Array, Array]],
    ) -> None:
        """Where sums have too many terms, or go beyond doubles: each point in balls, rounded to a double."""
        for place in rows:
            point = {
                symbol: float(column[place])
                for symbol, column in zip(self._symbols, columns, strict=True)
            }
            for formula, (values, errors) in zip(self._formulas, found, strict=True):
                values[place], errors[place] = double_at(formula, point)


def _is_short(spectrum: Spectrum, spectra: CompressedSpectra) -> bool:
    return spectrum.dimension in spectra.rules or spectrum in spectra.lists


def _level_count(spectra: set[Spectrum]) -> int:
    counts = [1]
    for spectrum in spectra:
        if isinstance(spectrum, ExplicitSpectrum):
            counts.append(len(set(spectrum.eigenvalues)))
        elif isinstance(spectrum, LevelsSpectrum):
            counts.append(len(spectrum.values))
        elif isinstance(spectrum, JointSpectrum) and (shared := spectrum.shared_counts()):
            counts.append(len(shared))
        elif spectrum.dimension.has(dimension) or not spectrum.dimension.is_Integer:
            raise NotEvaluable(
                "the dimension cannot be an argument in doubles: use arithmetic='digits', or one problem each"
            )
        else:
            counts.append(min(int(spectrum.dimension), MOST_LEVELS))
    return max(counts)
