"""Points of sweeps over numbers of fits, told apart by all that a formula can depend on beside the numbers themselves.

A formula, and where it holds, depend on which numbers are 0, which weights are 1, which ridges on shared inputs are
equal, and where the sizes of a fit lie relative to the dimension and to the width of random features; exact laws on
whether a size is within 2 of the dimension. Points that agree in all of it are one class, and share one problem. What
cannot be told in doubles, or is not of this kind, makes a point stand alone, and its problem is made as any other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Expr, Symbol, oo

from symcollapse.interfaces.curves import CurveEvaluator, PointKind
from symcollapse.interfaces.double_columns import Column, DoubleColumns, is_normal
from symcollapse.interfaces.number_axes import EXACT
from symcollapse.language import symbols
from symcollapse.language.fits import NUMBERS, WHOLE
from symcollapse.language.naming import fit_letters, named_fits, substitution
from symcollapse.language.pipelines import pipeline_of
from symcollapse.language.problems import Problem

LEAST = {"samples": 1, "features": 1, "real_weight": -np.inf}
"""Smallest value of a number; 0 for all others."""

WITHIN = 4
"""Distances of a size from the dimension that are told apart; exact laws ask for 2."""

SURE = 1e-6
"""Relative distance below which two numbers are not taken for different, whatever doubles say."""

Place = tuple[int, str]
"""A number of a fit: the position of the fit, and the key."""


@dataclass(frozen=True)
class MovingNumbers:
    """Numbers of the fits of a problem that are taken from sweeps."""

    problem: Problem
    """The problem at one of the points."""
    axes: Mapping[Place, int]
    """Which sweep each of the numbers is taken from."""

    @property
    def letters(self) -> Mapping[Symbol, int]:
        """The letters of these numbers in formulas, with their sweeps."""
        fits = self.problem.fits
        return {fit_letters(fits[at][1], at)[key]: axis for (at, key), axis in self.axes.items()}

    def codes(self, doubles: Mapping[int, Column], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """What tells the points apart as far as their numbers are 0 or 1, and which points can be told apart at all.

        Parameters
        ----------
        doubles
            The values of each sweep at each point.
        size
            Number of points.
        """
        usable = np.ones(size, dtype=bool)
        codes: list[NDArray[Any]] = [np.zeros(size, dtype=np.int8)]
        ridges: list[tuple[object, Column]] = []
        for at, (_, fit) in enumerate(self.problem.fits):
            for key in NUMBERS:
                axis = self.axes.get((at, key))
                value = getattr(fit, key)
                if axis is not None:
                    column = doubles[axis]
                    usable &= _is_valid(column, key)
                elif value is not None and (at, "samples") in self.axes and _follows(value):
                    column, sure = self._following(value, doubles[self.axes[at, "samples"]])
                    usable &= sure & (column > LEAST.get(key, 0))
                    if key == "real_weight":
                        usable &= abs(column - 1) > SURE
                else:
                    if key == "ridge":
                        sized = fit.at_own_size(value)
                        sized = sized.xreplace({symbols.dimension: self.problem.dimension})
                        ridges.append(((at, "fixed"), np.array([_double(sized)])))
                    continue
                codes.append(column == 0)
                if key == "real_weight":
                    codes.append(column == 1)
                if key == "ridge":
                    ridges.append((axis if axis is not None else (at, "follows"), column))
        for place, (own, column) in enumerate(ridges):
            for other, compared in ridges[:place]:
                if own != other and max(len(column), len(compared)) > 1:
                    largest = np.maximum(abs(column), abs(compared))
                    apart = abs(column - compared) > SURE * largest
                    usable &= apart | (largest == 0)
        return np.stack(np.broadcast_arrays(*codes), axis=1).astype(np.int8), usable

    def _following(self, value: Expr, sizes: Column) -> tuple[Column, NDArray[Any]]:
        """A number that is written in terms of the samples, where doubles know it."""
        written = value.xreplace({symbols.dimension: self.problem.dimension})
        (found,) = DoubleColumns([written], [symbols.samples])([sizes])
        return found, is_normal(found)

    def sizes(self, problem: Problem) -> list[tuple[Expr, Expr]]:
        """Pairs of sizes whose order decides on the regime, in letters; of the points whose numbers are 0 as here."""
        pairs: list[tuple[Expr, Expr]] = []
        if problem.replaces:
            pairs = [(named.samples, symbols.dimension) for named in named_fits(problem)]
        else:
            pipeline = pipeline_of(problem, letters=True)
            for position, fit in enumerate(pipeline.fits):
                inputs = pipeline.inputs_of(position)
                rows = Add(*(pipeline.inputs[each].samples for each in inputs))
                pairs.append((rows, symbols.dimension))
                if fit.features is not None:
                    pairs += [(fit.features, symbols.dimension), (fit.features, rows)]
        moving = set(self.letters)
        return [pair for pair in dict.fromkeys(pairs) if (pair[0] - pair[1]).free_symbols & moving]

    def has_simple_law(self, problem: Problem) -> bool:
        """Whether an exact law, if there is one, depends on no more than the classes tell."""
        if problem.replaces:
            return True
        if any(fit.ridge != 0 or fit.features is not None for fit in pipeline_of(problem).fits):
            return True
        return all(key in ("noise", "real_noise") for _, key in self.axes)


def orders(
    pairs: Sequence[tuple[Expr, Expr]],
    problem: Problem,
    doubles: Mapping[Symbol, Column],
    size: int,
) -> NDArray[Any]:
    """How pairs of sizes lie to each other at each point: the difference, cut off at a few units.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a")
    >>> T = symbols.samples
    >>> orders([(T, symbols.dimension)], problem, {T: np.array([200.0, 301.0])}, 2).tolist()
    [[-4], [1]]
    """
    rule = {**substitution(problem, list(doubles)), symbols.dimension: problem.dimension}
    found = []
    for one, other in pairs:
        if problem.dimension is oo and other == symbols.dimension:
            found.append(np.full(size, -WITHIN, dtype=np.int8))
            continue
        difference = np.zeros(size)
        for letter, factor in (one - other).as_coefficients_dict().items():
            column = doubles.get(letter)
            difference += float(factor) * (
                _double(letter.xreplace(rule)) if column is None else column
            )
        found.append(np.clip(difference, -WITHIN, WITHIN).astype(np.int8))
    return np.stack(found, axis=1) if found else np.zeros((size, 0), dtype=np.int8)


def moving_numbers(
    problem_at: Callable[[Mapping[int, int]], Problem],
    texts: Callable[[Mapping[int, int]], Mapping[str, Any]],
    probes: Mapping[int, tuple[tuple[int, Expr], tuple[int, Expr]]],
) -> tuple[MovingNumbers, set[int]]:
    """Which numbers of fits the sweeps set, found by trying two values of each; and the sweeps that set others too.

    Parameters
    ----------
    problem_at
        The problem where the sweeps have some of their values.
    texts
        The entries of the problem file there.
    probes
        Two places of each sweep, each with its value.

    Raises
    ------
    SymcollapseError
        If there is no problem at one of these.
    """
    start = {axis: first[0] for axis, (first, _) in probes.items()}
    problem = problem_at(start)
    refused: set[int] = set()
    found: dict[Place, int] = {}
    sized = _has_sizes_in_terms_of_others(texts(start))
    for axis, (first, second) in probes.items():
        other = problem_at({**start, axis: second[0]})
        places = _changed(problem, other)
        fits = problem.fits
        simple = (
            places is not None
            and all(
                getattr(fits[at][1], key) == first[1]
                and getattr(other.fits[at][1], key) == second[1]
                for at, key in places
            )
            and not any(fits[at][1].is_scheduled for at, _ in places)
            and not (sized and any(key == "samples" for _, key in places))
            and not any(
                key == "real_samples" and any(fit.real_data == "same" for _, fit in fits)
                for _, key in places
            )
        )
        if not simple or not places:
            refused.add(axis)
        else:
            found |= dict.fromkeys(places, axis)
    return MovingNumbers(problem, found), refused


def class_of(
    evaluator: CurveEvaluator,
    letters: tuple[Symbol, ...],
    problem: Problem,
    other: Problem,
) -> PointKind | None:
    """The kind of a class, from the problems at two of its points; None if they turn out to be of different kinds.

    Example
    -------
    >>> one, other = (Problem.from_file("figure-1a", {"downstream.ridge": x}) for x in ("1", "2"))
    >>> class_of(CurveEvaluator(), (symbols.ridge,), one, other).moving
    (lambda,)
    """
    kind, second = evaluator.kind(problem, letters), evaluator.kind(other, letters)
    if kind.key != second.key or kind.constants != second.constants:
        return None
    regimes = {None if each.error is None else each.error.regime for each in (kind, second)}
    return kind if len(regimes) == 1 else None


def _changed(problem: Problem, other: Problem) -> list[Place] | None:
    """Numbers of fits in which two problems differ; None if they differ in anything else."""
    places = []
    if len(problem.fits) != len(other.fits):
        return None
    if (problem.spectrum, problem.target) != (other.spectrum, other.target):
        return None
    for at, ((_, fit), (_, second)) in enumerate(zip(problem.fits, other.fits, strict=True)):
        for key in type(fit).__dataclass_fields__:
            if getattr(fit, key) != getattr(second, key, None):
                if key not in NUMBERS:
                    return None
                places.append((at, key))
    return places


def _has_sizes_in_terms_of_others(entries: Mapping[str, Any]) -> bool:
    """Whether the file writes a size in terms of the samples; it is kept as a number, which shows nothing."""
    fits = [*entries.get("generations", []), entries.get("downstream", {})]
    texts = (fit.get(key) for fit in fits for key in WHOLE)
    return any(isinstance(text, str) and "samples" in text for text in texts)


def _is_valid(column: Column, key: str) -> NDArray[Any]:
    valid = is_normal(column) | (column == 0)
    valid &= column >= LEAST.get(key, 0)
    if key in WHOLE:
        valid &= (column == np.floor(column)) & (column < EXACT)
    return np.asarray(valid)


def _follows(value: Expr) -> bool:
    return bool(value.has(symbols.samples))


def _double(number: Any) -> float:
    try:
        return float(number)
    except (OverflowError, TypeError):
        return float("nan")
