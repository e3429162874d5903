"""A formula as a function of some of its symbols, over whole arrays of arguments."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from sympy import Basic, Expr, Symbol, nan, zoo

from symcollapse.evaluation.certified_curves import CertifiedCurve
from symcollapse.evaluation.curves_in_doubles import CurveInDoubles
from symcollapse.evaluation.numbers import in_numbers, refuse_outside
from symcollapse.evaluation.rounded import Array
from symcollapse.language.errors import Diverges, InexactConstant, LossOfDigits, NotEvaluable
from symcollapse.language.exactness import exact
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import Covariance, Spectrum

ACCEPTED = 1e-12
"""Relative error bound above which doubles warn."""

Arithmetic = Literal["double", "digits", "ball"]


def lambdify(
    formulas: Expr | Sequence[Expr],
    arguments: Sequence[Symbol],
    problem: Problem | None = None,
    arithmetic: Arithmetic = "double",
    *,
    digits: int = 50,
    accepted: float = ACCEPTED,
    errors: bool = False,
) -> Callable[..., Any]:
    """A formula, or several, as a function of some symbols, in one of three arithmetics.

    Parameters
    ----------
    formulas
        An expression in the symbols and quantities of this package; or a sequence of them, for a function that returns
        a tuple. They share one walk: κ and the sums over eigenvalues are taken once for all.
    arguments
        Symbols that the function takes, in order, each of them in some formula; the problem gives all others.
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
    errors
        For doubles: give pairs of values and bounds of their relative errors, infinite where nothing is known, and do
        not warn.

    Notes
    -----
    Doubles take power laws, exponentials and long lists on few points that reproduce every sum to less than a
    rounding (`index_rules`, `compressed_lists`), whatever the dimension, ∞ included where sums converge. Points
    are worked off in chunks: memory beyond the results does not grow with their number.

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
    alone = isinstance(formulas, Expr)
    listed = [formulas] if isinstance(formulas, Expr) else list(formulas)
    symbols = _distinct_symbols(arguments)
    kept = [in_numbers(exact(formula), problem, symbols) for formula in listed]
    _check(kept, symbols)
    if arithmetic == "double":
        at = _in_doubles(kept, symbols, accepted, errors=errors)
    elif arithmetic in ("digits", "ball"):
        if errors:
            raise NotEvaluable("errors: only doubles have them beside; balls carry their radius")
        at = _in_balls(kept, symbols, arithmetic, digits)
    else:
        raise NotEvaluable(f"arithmetic = {arithmetic!r}: give 'double', 'digits' or 'ball'")

    def function(*values: Any) -> Any:
        _check_count(symbols, values)
        found = at(*values)
        return found[0] if alone else tuple(found)

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


def _check(kept: list[Expr], symbols: tuple[Symbol, ...]) -> None:
    if any(formula.has(zoo, nan) for formula in kept):
        raise Diverges(
            "the formula is infinite here whatever the arguments (ridgeless at T = d?): take a ridge > 0"
        )
    free = set().union(*(formula.free_symbols for formula in kept), ())
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
    for spectrum in set().union(*(formula.atoms(Spectrum) for formula in kept), ()):
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


def _in_doubles(
    kept: list[Expr], symbols: tuple[Symbol, ...], accepted: float, *, errors: bool
) -> Callable[..., list[Any]]:
    curve = CurveInDoubles(kept, symbols)

    def function(*values: Any) -> list[Any]:
        grids = np.broadcast_arrays(*map(_double_points, symbols, values))
        shape = grids[0].shape if grids else ()
        flat = [grid.reshape(-1) for grid in grids]
        points = flat[0].size if flat else 1
        found = curve.at(flat, points)
        if errors:
            return [(value.reshape(shape), error.reshape(shape)) for value, error in found]
        _warn(max(float(np.max(error, initial=0.0)) for _, error in found), accepted)
        return [value.reshape(shape) for value, _ in found]

    return function


def _in_balls(
    kept: list[Expr],
    symbols: tuple[Symbol, ...],
    arithmetic: Literal["digits", "ball"],
    digits: int,
) -> Callable[..., list[Any]]:
    curve = CertifiedCurve(kept, symbols, arithmetic, digits)

    def function(*values: Any) -> list[Any]:
        grids = np.broadcast_arrays(*(np.asarray(value, dtype=object) for value in values))
        columns = [grid.reshape(-1) for grid in grids]
        points = [tuple(map(_exact_point, symbols, point)) for point in zip(*columns, strict=True)]
        found = curve.at(points if columns else [()])
        shape = grids[0].shape if columns else ()
        results = []
        for place in range(len(kept)):
            result = np.empty(len(found), dtype=object)
            result[:] = [value[place] for value in found]
            results.append(result.reshape(shape) if shape else result[0])
        return results

    return function


def _warn(worst: float, accepted: float) -> None:
    if worst > accepted:
        warnings.warn(
            f"doubles are sure of a relative error of {worst:.1e} only; use arithmetic='digits' or 'ball'",
            LossOfDigits,
            stacklevel=4,
        )
