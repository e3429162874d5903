"""Ridge and weight of real labels together, the same in every generation: searched, in certified steps.

At each ridge the best weight is proven, as the error is a polynomial in it. Over the ridge the least error is a function
of one variable: a grid finds its lowest valley, the golden section its bottom. That no other valley lies between two
ridges of the grid is not proven, and the result is called what it is.
"""

from dataclasses import dataclass, replace
from math import inf
from typing import Any

from flint import arb, ctx
from sympy import Rational, Symbol

from symcollapse.evaluation.balls import exact_ball
from symcollapse.evaluation.numbers import ball_at, in_numbers
from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported, PrecisionExhausted
from symcollapse.language.naming import fit_letters
from symcollapse.language.problems import Problem
from symcollapse.optima.finite_errors import require_finite
from symcollapse.optima.polynomial_minima import least_between
from symcollapse.optima.ridge_charts import extreme_eigenvalues
from symcollapse.optima.weighted_errors import WeightedError, error_in_one_weight
from symcollapse.theory.test_errors import test_error

BITS = 128
"""Working precision."""

DECADES = (-6, 3)
"""Range of the grid, in powers of ten of the largest eigenvalue."""

PER_DECADE = 3
"""Ridges of the grid in one decade."""


NEAR = 1e-3
"""Relative distance on both sides at which the least error is certainly higher."""

ROUNDING = 1e-14
"""Relative error of a narrow ball rounded to a double, with room."""


@dataclass(frozen=True)
class JointOptimum:
    """The best ridge and weight, the same in every generation."""

    problem: Problem
    ridge: float
    """λ*, to six digits."""
    weight: float
    """ω* at that ridge, to six digits."""
    total: float
    """Test error there."""
    golden_total: float
    """Least test error of the weight (√5 − 1)/2 over the ridges searched."""
    real_total: float
    """Least test error of real labels alone over the ridges searched."""
    certificate: str
    """What is proven, in words."""


def joint_optimum(problem: Problem) -> JointOptimum:
    """The ridge of all generations and the weight of real labels in them that minimise the test error together.

    Parameters
    ----------
    problem
        In numbers, with generations; their ridges and weights are not used. The downstream fit stays as it is.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.
    NotSupported
        If there are no generations.
    PrecisionExhausted
        If the best ridge is at an end of the range searched.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(60, noise=1, repeat=2),)
    >>> found = joint_optimum(Problem(IsotropicSpectrum(20), UniformTarget(1), chain))
    >>> found.total < found.real_total
    True
    """
    if not any(entry.repeat != 0 for entry in problem.generations):
        raise NotSupported("generations: there are none; tune the ridge of the downstream fit")
    search = _Search(problem)
    ridge, total, weight = search.best()
    beside = min(search.value(ridge * factor)[0] for factor in (1 - NEAR, 1 + NEAR))
    # Values are balls rounded to doubles; a minimum that flat would have no digits either.
    if not beside > total * (1 + ROUNDING):
        raise PrecisionExhausted("the error near its lowest value is not told apart in doubles")
    golden = (5**0.5 - 1) / 2
    return JointOptimum(
        problem=problem,
        ridge=ridge,
        weight=weight,
        total=total,
        golden_total=search.least_at(golden),
        real_total=search.least_at(1.0),
        certificate="local minimum: the weight is best at its ridge, and a minimum over ridges lies within 0.1 %, both "
        "proven; other ridges are searched, not ruled out",
    )


class _Search:
    """The search of one problem."""

    def __init__(self, problem: Problem) -> None:
        # A ridge of 1 gives every generation a letter for it.
        entries = tuple(
            replace(entry, ridge=1) for entry in problem.generations if entry.repeat != 0
        )
        self._weighted = error_in_one_weight(replace(problem, generations=entries))
        tuned = self._weighted.problem
        fits = list(enumerate(tuned.generations))
        weight = self._weighted.letters[0]
        self._ridge: Symbol = symbols.generator_symbols(0)[2]
        letters: dict[Symbol, Symbol] = {}
        for place, entry in fits:
            own = fit_letters(entry, place)
            letters[own["real_weight"]] = weight
            letters[own["ridge"]] = self._ridge
        total = test_error(tuned).total.xreplace(letters)
        self._total = require_finite(in_numbers(total, tuned, (weight, self._ridge)), tuned)
        _, largest = extreme_eigenvalues(tuned)
        self._unit = max(float(ball_at(each, BITS).mid()) for each in largest)
        self._known: dict[float, tuple[float, float]] = {}

    def _at(self, ridge: float) -> WeightedError:
        """The error at a ridge, as a polynomial in the weight."""
        total = self._total.xreplace({self._ridge: Rational(ridge)})
        return replace(self._weighted, total=total)

    def value(self, ridge: float) -> tuple[float, float]:
        """Least error over 0 ≤ ω ≤ 1 at a ridge, and the weight."""
        if ridge not in self._known:
            coefficients = self._at(ridge).coefficients(BITS)
            with ctx.workprec(BITS):
                found = least_between(coefficients, arb(0), arb(1), BITS // 3)
                middle: Any = (found.low + found.high) / 2
                self._known[ridge] = float(found.value.mid()), float(middle.mid())
        return self._known[ridge]

    def best(self) -> tuple[float, float, float]:
        """Ridge, error and weight."""
        ridge = self._bottom(lambda at: self.value(at)[0])
        return (ridge, *self.value(ridge))

    def least_at(self, weight: float) -> float:
        """Least error over ridges at a weight."""
        exact = exact_ball(Rational(weight))

        def error(ridge: float) -> float:
            return float(self._at(ridge).at([exact], BITS).mid())

        return error(self._bottom(error))

    def _bottom(self, error: Any) -> float:
        count = (DECADES[1] - DECADES[0]) * PER_DECADE
        grid = [self._unit * 10 ** (DECADES[0] + k / PER_DECADE) for k in range(count + 1)]
        values = [error(ridge) for ridge in grid]
        best = min(range(count + 1), key=lambda k: values[k])
        if best in (0, count):
            raise PrecisionExhausted(
                f"the best ridge is at an end of the range searched, {grid[0]:.1e} … {grid[-1]:.1e}"
            )
        low, high = grid[best - 1], grid[best + 1]
        shrink = (5**0.5 - 1) / 2
        known = {grid[best]: values[best]}

        def at(ridge: float) -> float:
            if ridge not in known:
                known[ridge] = error(ridge)
            return known[ridge]

        first, last = high / (high / low) ** shrink, low * (high / low) ** shrink
        while high / low > 1 + 1e-7:
            if at(first) < at(last):
                high, last = last, first
                first = high / (high / low) ** shrink
            else:
                low, first = first, last
                last = low * (high / low) ** shrink
        return float(min(known, key=lambda ridge: known.get(ridge, inf)))
