"""Counterexamples to bounds, searched for: by optimisation over levels, shares, the truth, sizes and penalties.

The search runs in doubles, over numbers that are exact from the start: whole sizes, rational eigenvalues and ridges. What
it finds is put into balls, and only a certain violation counts. It can be written as a problem file.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, differential_evolution
from sympy import Basic, Expr, Integer, Rational, Symbol

from symcollapse.evaluation.numbers import ball_at
from symcollapse.language import symbols
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable, SymcollapseError
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.random_matrices import RandomMatrix
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.targets import LevelsTarget, Target
from symcollapse.reasoning import Bound, Refuted, Statement, Supported, Undecided, Verdict
from symcollapse.reasoning.checking import BITS
from symcollapse.reasoning.limit_points import short
from symcollapse.verification.level_formulas import LevelFormula, Levels

FEATURES = 60
"""d of every candidate: enough for levels of any share, few enough to be drawn often."""

GENERATIONS = 40
"""Generations of candidates in the search."""

POPULATION = 10
"""Candidates of a generation, for each number that is searched."""

ENOUGH = 0.05
"""Relative violation after which no worse one is looked for."""

ATTAINED = 1e-12
"""Relative distance below which a bound counts as attained where it is closest."""


@dataclass(frozen=True)
class Found:
    """The worst candidate that was met."""

    point: dict[Basic, Any]
    """Exact numbers of the letters, the spectrum and the truth."""
    violation: float
    """By how much the bound is violated there, relative to the sum of both sides; negative where it holds."""
    tried: int
    """Candidates evaluated."""
    verdict: Verdict
    """Refuted if balls certify the violation."""

    @property
    def problem(self) -> Problem:
        """The candidate as a problem: one generator if T₀ occurs, and a downstream fit.

        Raises
        ------
        InvalidProblem
            If its numbers are no problem.
        """
        point = self.point
        generators: tuple[Generation, ...] = ()
        if symbols.generation_samples in point:
            generators = (
                Generation(
                    point[symbols.generation_samples],
                    noise=point.get(symbols.generation_noise, 0),
                    ridge=point.get(symbols.generation_ridge, 0),
                    repeat=point.get(symbols.generations, 1),
                ),
            )
        last = Downstream(
            point[symbols.samples],
            noise=point.get(symbols.noise, 0),
            ridge=point.get(symbols.ridge, 0),
        )
        return Problem(point[SIGMA], point[W0], generators, last)


def search_route(statement: Statement) -> Verdict | None:
    """The route of an audit: None for statements that are no bounds over Σ and w₀."""
    found = search(statement)
    return None if found is None else found.verdict


def search(statement: Statement, *, generations: int = GENERATIONS, seed: int = 1) -> Found | None:
    """Look for a point of the scope at which a bound is violated.

    Parameters
    ----------
    statement
        A bound between formulas over Σ and w₀.
    generations
        Of candidates, at most.
    seed
        Of the search; the same one finds the same.

    Returns
    -------
    found
        None if the search does not apply: no bound, or letters and quantities that it does not know.

    Example
    -------
    >>> from symcollapse.language.quantities import DegreesOfFreedom
    >>> from symcollapse.language.effective_ridges import EffectiveRidge
    >>> kappa = EffectiveRidge(symbols.ridge, symbols.samples, SIGMA)
    >>> degrees = DegreesOfFreedom(2, kappa, SIGMA)
    >>> false = Statement(degrees, Bound(above=False), symbols.dimension / 50)
    >>> type(search(false).verdict).__name__
    'Refuted'
    """
    if not _applies(statement):
        return None
    try:
        sides = tuple(LevelFormula(side) for side in (statement.subject, statement.formula))
    except NotEvaluable:
        return None
    letters = sides[0].letters | sides[1].letters
    conditioned = {each for one in statement.scope.conditions for each in one.free_symbols}
    space = _Space.of(statement.scope, letters | (conditioned - {symbols.dimension}))
    if space is None:
        return None
    sign = 1 if isinstance(statement.by, Bound) and statement.by.above else -1
    worst: tuple[float, dict[Basic, Any]] = (-math.inf, {})
    tried = 0

    def objective(position: Any) -> float:
        nonlocal worst, tried
        point, levels = space.candidate(position)
        if not _inside(statement.scope, point):
            return 1.0
        tried += 1
        numbers = {letter: float(point[letter]) for letter in letters}
        left, right = (side(numbers, levels) for side in sides)
        scale = abs(left) + abs(right)
        if not (math.isfinite(scale) and scale > 0):
            return 1.0
        violation = sign * (left - right) / scale
        if violation > worst[0]:
            worst = (violation, point)
        return -violation

    def enough(intermediate_result: Any) -> None:
        del intermediate_result
        if worst[0] > ENOUGH:
            raise StopIteration

    differential_evolution(
        objective,
        Bounds(*np.transpose(space.bounds)),
        maxiter=generations,
        popsize=POPULATION,
        rng=np.random.default_rng(seed),
        polish=False,
        tol=0,
        callback=enough,
    )
    if not worst[1]:
        return None
    return Found(worst[1], worst[0], tried, _certified(statement, worst[1], tried))


def _applies(statement: Statement) -> bool:
    sides = (statement.subject, statement.formula)
    if not isinstance(statement.by, Bound) or not all(isinstance(side, Expr) for side in sides):
        return False
    if type(statement.scope) is not Domain or any(side.has(RandomMatrix) for side in sides):
        return False
    return all(
        side.atoms(Spectrum) <= {SIGMA} and side.atoms(Target) <= {W0} for side in sides
    ) and any(side.atoms(Spectrum) for side in sides)


def _inside(scope: Domain, point: dict[Basic, Any]) -> bool:
    return all(condition.xreplace(point) == True for condition in scope.conditions)  # noqa: E712


def _certified(statement: Statement, point: dict[Basic, Any], tried: int) -> Verdict:
    """What balls say of a candidate."""
    try:
        left, right = (
            ball_at(side.xreplace(point), BITS) for side in (statement.subject, statement.formula)
        )
    except (SymcollapseError, ZeroDivisionError) as error:
        return Undecided(f"no value at what the search found: {error}")
    if left is None or right is None:
        return Undecided("no value at what the search found")
    above = isinstance(statement.by, Bound) and statement.by.above
    if (left > right) if above else (left < right):
        told = ", ".join(f"{letter} = {value}" for letter, value in point.items())
        order = "more" if above else "less"
        return Refuted(f"{short(left)} is {order} than {short(right)} at {told}")
    gap = abs(left - right) / abs(left).max(abs(right))
    # Where a bound is attained, or both sides vanish, doubles find violations that are none.
    closest = f"the closest within {short(gap)} of it" if gap > ATTAINED else "attained"
    return Supported(f"no violation among {tried} candidates of a search, {closest}")


@dataclass(frozen=True)
class _Axis:
    """A number that is searched: where it lies, and the exact number that a position stands for."""

    letter: Symbol
    low: float
    high: float
    exact: Callable[[float], Rational]


@dataclass(frozen=True)
class _Space:
    """Two levels (one for isotropic data), the truth's share in the lower one, and the letters."""

    axes: tuple[_Axis, ...]
    isotropic: bool

    @classmethod
    def of(cls, scope: Domain, letters: Any) -> "_Space | None":
        """None if a letter is not known."""
        axes = []
        for letter in sorted(letters, key=str):
            axis = _axis(letter, scope)
            if axis is None:
                return None
            axes.append(axis)
        return cls(tuple(axes), scope.isotropic)

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Of the levels first: logarithm of their ratio, share of the lower one, share of the truth in it."""
        levels = [] if self.isotropic else [(-4.0, 0.0), (0.0, 1.0), (0.0, 1.0)]
        return levels + [(axis.low, axis.high) for axis in self.axes]

    def candidate(self, position: Any) -> tuple[dict[Basic, Any], Levels]:
        """The exact point, and its levels in doubles."""
        point: dict[Basic, Any] = {symbols.dimension: Integer(FEATURES)}
        start = 0 if self.isotropic else 3
        for axis, number in zip(self.axes, position[start:], strict=True):
            point[axis.letter] = axis.exact(float(number))
        if self.isotropic:
            spectrum: Spectrum = IsotropicSpectrum(FEATURES)
            point |= {SIGMA: spectrum, W0: LevelsTarget([1])}
            return point, Levels([1.0], [FEATURES], [1.0])
        low = max(_decimal(10 ** float(position[0])), Rational(1, 10**5))
        few = min(max(round(FEATURES * float(position[1])), 1), FEATURES - 1)
        share = Rational(round(20 * float(position[2])), 20)
        # The truth is shared out as coefficients: energies would let the small eigenvalues hold most of it.
        energies = (1 - share, share * low)
        counts = (FEATURES - few, few)
        point |= {SIGMA: LevelsSpectrum([1, low], counts), W0: LevelsTarget(energies)}
        return point, Levels((1.0, float(low)), counts, tuple(map(float, energies)))


def _axis(letter: Symbol, scope: Domain) -> _Axis | None:
    interval = scope.ranges.get(letter)
    if interval is not None:
        if interval.whole:
            return _Axis(letter, float(interval.low), float(interval.high), _whole)
        return _Axis(letter, float(interval.low), float(interval.high), _decimal)
    if letter in (symbols.samples, symbols.generation_samples):
        low, high = math.log10(2), math.log10(10 * FEATURES)
        return _Axis(letter, low, high, lambda number: _whole(10**number))
    if letter == symbols.generations:
        return _Axis(letter, 1, 12, _whole)
    if letter in (symbols.ridge, symbols.generation_ridge):
        return _Axis(letter, -5, 1, lambda number: _decimal(10**number))
    if letter in (symbols.noise, symbols.generation_noise):
        return _Axis(letter, -2, 1, lambda number: _decimal(10**number))
    if letter == symbols.effective:
        return _Axis(letter, -4, 1, lambda number: _decimal(10**number))
    return None


def _whole(number: float) -> Rational:
    return Integer(round(number))


def _decimal(number: float) -> Rational:
    """Two significant digits: a number that can be read and typed."""
    return Rational(f"{number:.2g}")
