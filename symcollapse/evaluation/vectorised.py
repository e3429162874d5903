"""A formula as a function of some of its symbols, over whole arrays of arguments."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from sympy import Basic, Expr, Symbol, nan, zoo

from symcollapse.evaluation.certified_curves import CertifiedCurve
from symcollapse.evaluation.doubles import DoubleEvaluator, points_as_doubles
from symcollapse.evaluation.doubles_from_balls import double_at
from symcollapse.evaluation.folding import MOST_LEVELS
from symcollapse.evaluation.long_sums import is_long
from symcollapse.evaluation.numbers import in_numbers, refuse_outside
from symcollapse.evaluation.rounded import Array
from symcollapse.language.errors import Diverges, InexactConstant, LossOfDigits, NotEvaluable
from symcollapse.language.exactness import exact
from symcollapse.language.joint_spectra import JointSpectrum
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import Covariance, ExplicitSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.symbols import dimension

ENTRIES_AT_ONCE = 2**21
"""Points times levels held in one array; a dozen such arrays are alive at a time (200 MB)."""

ACCEPTED = 1e-12
"""Relative error bound above which doubles warn."""

Arithmetic = Literal["double", "digits", "ball"]


def lambdify(
    formula: Expr,
    arguments: Sequence[Symbol],
    problem: Problem | None = None,
    arithmetic: Arithmetic = "double",
    *,
    digits: int = 50,
    accepted: float = ACCEPTED,
) -> Callable[..., Any]:
    """The formula as a function of some symbols, in one of three arithmetics.

    Parameters
    ----------
    formula
        An expression in the symbols and quantities of this package.
    arguments
        Symbols that the function takes, in order; the problem gives all others.
    problem
        Numbers of the other symbols, spectrum and target.
    arithmetic
        "double": NumPy arrays in (broadcast), array out; "digits": correctly rounded mpmath numbers;
        "ball": python-flint balls that contain the truth. The last two take exact numbers, or doubles at face
        value, and return an object array for array arguments.
    digits
        Significant digits; for balls, a relative accuracy.
    accepted
        Relative error above which doubles warn with `LossOfDigits`.

    Raises
    ------
    NotEvaluable
        If the arguments are no list of distinct symbols, one of them does not occur in the formula, or another
        symbol has no value; by the function, if an argument is not a finite number or has a sign that its symbol
        cannot have.

    Example
    -------
    >>> from symcollapse.language.effective_ridges import EffectiveRidge
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import ridge
    >>> f = lambdify(EffectiveRidge(ridge, 300, IsotropicSpectrum(300)), [ridge])
    >>> f([1, 2]).round(6)
    array([1.618034, 2.732051])
    """
    symbols = _distinct_symbols(arguments)
    kept = in_numbers(exact(formula), problem, symbols)
    _check(kept, symbols)
    if arithmetic == "double":
        endless = any(is_long(spectrum, MOST_LEVELS) for spectrum in kept.atoms(Spectrum))
        return (_point_by_point if endless else _in_doubles)(kept, symbols, accepted)
    if arithmetic not in ("digits", "ball"):
        raise NotEvaluable(f"arithmetic = {arithmetic!r}: give 'double', 'digits' or 'ball'")

    curve = CertifiedCurve([kept], symbols, arithmetic, digits)

    def function(*values: Any) -> Any:
        _check_count(symbols, values)
        grids = np.broadcast_arrays(*(np.asarray(value, dtype=object) for value in values))
        columns = [grid.reshape(-1) for grid in grids]
        points = [tuple(map(_exact_point, symbols, point)) for point in zip(*columns, strict=True)]
        result = np.empty(len(points) if columns else 1, dtype=object)
        result[:] = [value for (value,) in curve.at(points if columns else [()])]
        return result.reshape(grids[0].shape) if columns and grids[0].ndim else result[0]

    return function


def _distinct_symbols(arguments: Any) -> tuple[Symbol, ...]:
    listed = isinstance(arguments, Iterable) and not isinstance(arguments, str | Basic)
    symbols: tuple[Any, ...] = tuple(arguments) if listed else ()
    if not listed or not all(isinstance(symbol, Symbol) for symbol in symbols):
        raise NotEvaluable(
            f"arguments = {arguments!r}: give a list of symbols, as [symcollapse.ridge]"
        )
    if len(set(symbols)) < len(symbols):
        raise NotEvaluable(f"arguments = {arguments!r}: give a list of symbols, each of them once")
    return symbols


def _check(kept: Expr, symbols: tuple[Symbol, ...]) -> None:
    if kept.has(zoo, nan):
        raise Diverges(
            "the formula is infinite here whatever the arguments (ridgeless at T = d?): take a ridge > 0"
        )
    free = kept.free_symbols
    for symbol in symbols:
        if symbol not in free:
            raise NotEvaluable(
                f"{symbol} does not occur in the formula; leave it out of the arguments"
            )
    missing = sorted(str(symbol) for symbol in free - set(symbols))
    if missing:
        raise NotEvaluable(
            f"no value for {', '.join(missing)}: give a problem that states it, or make it an argument"
        )
    for spectrum in kept.atoms(Spectrum):
        if isinstance(spectrum, Covariance):
            raise NotEvaluable(f"{spectrum} is abstract: give a problem that states its spectrum")


def _check_count(symbols: tuple[Symbol, ...], values: tuple[Any, ...]) -> None:
    if len(values) != len(symbols):
        raise TypeError(
            f"takes {len(symbols)} arguments ({', '.join(map(str, symbols))}), got {len(values)}"
        )


def _exact_point(symbol: Symbol, value: Any) -> Basic:
    try:
        floating = isinstance(value, float | np.floating)
        number = exact(Fraction(float(value)) if floating else value)
    except (InexactConstant, ValueError, OverflowError):
        raise NotEvaluable(f"{symbol} = {value!r}: give finite numbers") from None
    refuse_outside(symbol, number)
    return number


def _double_points(symbol: Symbol, value: Any) -> Array:
    try:
        points = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotEvaluable(f"{symbol} = {value!r}: give finite numbers") from None
    if not np.all(np.isfinite(points)):
        raise NotEvaluable(f"{symbol} = {points[~np.isfinite(points)][0]}: give finite numbers")
    least = float(np.min(points, initial=np.inf))
    if symbol.is_positive and least <= 0:
        raise NotEvaluable(f"{symbol} = {least:g}: give numbers > 0")
    if symbol.is_nonnegative and least < 0:
        raise NotEvaluable(f"{symbol} = {least:g}: give numbers >= 0")
    return points


def _level_count(kept: Expr) -> int:
    counts = [1]
    for spectrum in kept.atoms(Spectrum):
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
            counts.append(min(int(spectrum.dimension), 10**6))
    return max(counts)


def _in_doubles(kept: Expr, symbols: tuple[Symbol, ...], accepted: float) -> Callable[..., Array]:
    chunk = max(1, ENTRIES_AT_ONCE // _level_count(kept))

    def function(*values: Any) -> Array:
        _check_count(symbols, values)
        grids = np.broadcast_arrays(*map(_double_points, symbols, values))
        shape = grids[0].shape if grids else ()
        flat = [grid.reshape(-1) for grid in grids]
        points = flat[0].size if flat else 1
        results, worst = np.empty(points), 0.0
        for start in range(0, points, chunk):
            part = slice(start, min(start + chunk, points))
            environment = {
                symbol: points_as_doubles(column[part])
                for symbol, column in zip(symbols, flat, strict=True)
            }
            with np.errstate(all="ignore"):
                rounded = DoubleEvaluator(environment).evaluate(kept)
            results[part] = np.broadcast_to(rounded.value[:, 0], (part.stop - part.start,))
            relative = rounded.relative_error
            worst = max(worst, float(np.max(np.where(np.isnan(relative), np.inf, relative))))
        _warn(worst, accepted)
        return results.reshape(shape)

    return function


def _point_by_point(
    kept: Expr, symbols: tuple[Symbol, ...], accepted: float
) -> Callable[..., Array]:
    """Where the sums have too many terms for columns: each point in balls, rounded to a double."""

    def function(*values: Any) -> Array:
        _check_count(symbols, values)
        grids = np.broadcast_arrays(*map(_double_points, symbols, values))
        results, worst = np.empty(grids[0].shape if grids else ()), 0.0
        for place in np.ndindex(results.shape):
            point = {
                symbol: float(grid[place]) for symbol, grid in zip(symbols, grids, strict=True)
            }
            results[place], error = double_at(kept, point)
            worst = max(worst, error)
        _warn(worst, accepted)
        return results

    return function


def _warn(worst: float, accepted: float) -> None:
    if worst > accepted:
        warnings.warn(
            f"doubles are sure of a relative error of {worst:.1e} only; use arithmetic='digits' or 'ball'",
            LossOfDigits,
            stacklevel=3,
        )
