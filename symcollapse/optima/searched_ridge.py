"""The best ridge of pipelines whose error holds the tested ridge in many places: a search, with a local proof.

The error is a black box: a ball for each ridge. A grid of ridges over many decades finds the lowest valley, Newton's
method on differences its bottom; the error there is certainly lower than at both ends of the bracket, so that a minimum
lies between them. What lies outside the bracket is searched, not ruled out, and the result says so.
"""

from collections.abc import Callable
from typing import Any

from flint import arb, ctx
from sympy import Expr, Symbol

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.numbers import (
    Evaluated,
    ball_at,
    evaluate,
    in_numbers,
    rounded_outwards,
)
from symcollapse.language.errors import Diverges, NotEvaluable, PrecisionExhausted
from symcollapse.language.naming import named_fits, number_at
from symcollapse.language.problems import Problem
from symcollapse.optima.choices import GUARD_BITS, BallOfBits, choice, first_bits, rounded
from symcollapse.optima.finite_errors import require_finite
from symcollapse.optima.ridge_charts import extreme_eigenvalues, tuned_problem
from symcollapse.optima.ridge_optima import CertifiedOptimum, RidgeChoice
from symcollapse.theory.exact_laws import null_risk
from symcollapse.theory.test_errors import test_error, without_generations

DECADES = (-9, 4)
"""Range of the grid, in powers of ten of the largest eigenvalue."""

PER_DECADE = 3
"""Ridges of the grid in one decade."""

SEARCH_BITS = 96
"""Working precision on the grid."""

NEWTON_STEPS = 40
"""Steps after which the bottom of a valley is given up."""

BRACKET_DIGITS = 5
"""Digits of a bracket beyond those asked for."""


class ErrorOfRidge:
    """The test error of a problem as a function of the ridge of its tested fit.

    Example
    -------
    >>> error = ErrorOfRidge(Problem.from_file("figure-1a"))
    >>> bool(abs(error.at("total", arb(1) / 5, 64) - 0.0810300018) < 1)
    True
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = tuned_problem(problem)
        self.letter: Symbol = named_fits(self.problem)[-1].ridge
        error = test_error(self.problem)
        names = ("total", "bias", "variance", "synthetic")
        self.parts = {
            name: require_finite(
                in_numbers(error.parts[name], self.problem, (self.letter,)), self.problem
            )
            for name in names
        }
        self.effective_ridge = in_numbers(error.effective_ridge, self.problem, (self.letter,))

    def at(self, part: str | Expr, ridge: Any, bits: int) -> Any:
        """Ball of a part of the error, or of a formula."""
        formula = self.parts[part] if isinstance(part, str) else part
        with ctx.workprec(bits):
            return BallEvaluator({self.letter: ridge}).evaluate(formula)


class _Valley:
    """The lowest valley that the grid shows."""

    def __init__(self, error: ErrorOfRidge, progress: Callable[[int, int], object] | None) -> None:
        self._error = error
        self.points = 0
        _, largest = extreme_eigenvalues(error.problem)
        with ctx.workprec(SEARCH_BITS):
            top = max(float(ball_at(each, SEARCH_BITS).mid()) for each in largest)
            unit = arb(2) ** round(float(arb(top).log() / arb(2).log()))
            count = (DECADES[1] - DECADES[0]) * PER_DECADE
            ten = arb(10)
            grid = [
                (unit * ten ** (arb(DECADES[0]) + arb(k) / PER_DECADE)).mid()
                for k in range(count + 1)
            ]
            values = []
            for done, ridge in enumerate(grid):
                values.append(self._value(ridge))
                if progress is not None:
                    progress(done + 1, count + 1)
            best = min(range(len(grid)), key=lambda k: float(values[k]))
            self.place = "interior"
            if best == 0:
                self.place = "zero"
            elif best == len(grid) - 1:
                self.place = "infinity"
                self._refuse_above(values[best])
            self.first, self.last = grid[0], grid[-1]
            self.low, self.high = grid[max(best - 1, 0)], grid[min(best + 1, count)]
            self.start = grid[best]
            at_none = self._value(arb(0))
            if at_none < values[best] or self.place == "zero":
                self._decide_zero(at_none, values[best])
        self._known: dict[int, tuple[Any, Any]] = {}

    def _value(self, ridge: Any) -> Any:
        self.points += 1
        try:
            ball = self._error.at("total", ridge, SEARCH_BITS)
        except (Diverges, PrecisionExhausted, ZeroDivisionError, NotEvaluable):
            return arb("inf")
        return ball.mid() if ball.is_finite() else arb("inf")

    def _decide_zero(self, at_none: Any, at_least: Any) -> None:
        if at_none <= at_least:
            self.place = "zero"
            return
        raise PrecisionExhausted(
            "the best ridge is below the range of the search, and not 0: give eigenvalues of order 1"
        )

    def _refuse_above(self, at_least: Any) -> None:
        null = ball_at(in_numbers(null_risk(), self._error.problem), SEARCH_BITS)
        if null is None or at_least < null:
            raise PrecisionExhausted("the best ridge is above the range of the search, and not inf")

    def bracket(self, bits: int) -> tuple[Any, Any]:
        """Two ridges, equal to some bits, between which a minimum lies for certain."""
        if bits not in self._known:
            self._known[bits] = self._narrowed(bits)
        return self._known[bits]

    def _narrowed(self, bits: int) -> tuple[Any, Any]:
        # A minimum is flat: to know its place to b bits takes values to 2b, and differences some more.
        precision = 3 * bits + GUARD_BITS
        with ctx.workprec(precision):
            step = arb(2) ** -bits
            point = self._golden()

            def value(ridge: Any) -> Any:
                self.points += 1
                return self._error.at("total", ridge, precision)

            width = arb(2) ** -12
            for _ in range(NEWTON_STEPS):
                ends = [(point * (sign * width).exp()).mid() for sign in (-1, 0, 1)]
                below, here, above = (value(ridge) for ridge in ends)
                slope, curvature = (above - below).mid() / 2, (above - 2 * here + below).mid()
                if not curvature > 0:
                    raise PrecisionExhausted("the error is not convex near its lowest value")
                move = -slope / curvature * width
                point = (point * move.exp()).mid()
                if width <= step and abs(move) < step / 16:
                    break
                # Differences over a width h are right to h²: the width follows the steps down.
                width = (
                    max(step / 4, min(width / 2, abs(move).mid())) if abs(move) > 0 else step / 4
                )
                width = width.mid()
            low, high = (point * (1 - step)).mid(), (point * (1 + step)).mid()
            middle = value(point)
            if not (value(low) > middle and value(high) > middle):
                raise PrecisionExhausted(
                    f"the error near its lowest value is not told apart at {precision} bits"
                )
            return low, high

    def _golden(self) -> Any:
        """The bottom of the valley to some digits, by the golden section in ln λ."""
        with ctx.workprec(SEARCH_BITS):
            shrink = (arb(5).sqrt().mid() - 1) / 2
            low, high = self.low.log().mid(), self.high.log().mid()
            first, last = (high - shrink * (high - low)).mid(), (low + shrink * (high - low)).mid()
            values = [self._value(first.exp().mid()), self._value(last.exp().mid())]
            while high - low > 1e-3:
                if values[0] < values[1]:
                    high, last = last, first
                    first = (high - shrink * (high - low)).mid()
                    values = [self._value(first.exp().mid()), values[0]]
                else:
                    low, first = first, last
                    last = (low + shrink * (high - low)).mid()
                    values = [values[1], self._value(last.exp().mid())]
            return ((low + high) / 2).exp().mid()


class _Place:
    """Where the least error is, as narrow as it is asked for."""

    def __init__(self, error: ErrorOfRidge, valley: _Valley) -> None:
        self._error = error
        self._valley = valley

    def ridge(self, bits: int) -> Any:
        """Ball of λ, of a relative width of some bits."""
        if self._valley.place == "zero":
            return arb(0)
        low, high = self._valley.bracket(bits)
        with ctx.workprec(3 * bits + GUARD_BITS):
            return low.union(high)

    def part_of(self, name: str) -> BallOfBits:
        """A part of the error there."""
        return lambda bits: self._value(self._error, name, bits)

    def total_in(self, other: ErrorOfRidge) -> BallOfBits:
        """The error of another problem at the same ridge."""
        return lambda bits: self._value(other, "total", bits)

    def _value(self, error: ErrorOfRidge, name: str, bits: int) -> Any:
        if self._valley.place == "infinity":
            gone = name in ("variance", "synthetic")
            return arb(0) if gone else ball_at(in_numbers(null_risk(), error.problem), bits)
        return error.at(name, self.ridge(bits), bits + GUARD_BITS)

    def rounded_ridge(self, digits: int) -> Evaluated:
        """λ; where it is 0, with the width that is not searched as a radius."""
        if self._valley.place == "infinity":
            return Evaluated("inf", "0", digits)
        if self._valley.place == "zero":
            return Evaluated("0", rounded_outwards(self._valley.first, 2)[1], digits)
        return rounded(self.ridge, digits)

    def effective(self, digits: int) -> Evaluated:
        """The effective ridge there."""
        if self._valley.place == "infinity":
            return Evaluated("inf", "0", digits)
        formula = self._error.effective_ridge
        return rounded(
            lambda bits: self._error.at(formula, self.ridge(bits), bits + GUARD_BITS), digits
        )

    def decimals(self, digits: int) -> tuple[str, str]:
        """Decimals between which a minimum lies."""
        if self._valley.place == "infinity":
            return rounded_outwards(self._valley.last, 5)[0], "inf"
        if self._valley.place == "zero":
            return "0", rounded_outwards(self._valley.first, 5)[1]
        return rounded_outwards(self.ridge(first_bits(digits)), digits + BRACKET_DIGITS)


def _choice(total: BallOfBits, ridge: Evaluated, least: BallOfBits, digits: int) -> RidgeChoice:
    try:
        found = choice("", ridge.text, total, least, digits)
    except PrecisionExhausted:
        # As at the ridge of an earlier fit on the same inputs, where the formula of unequal ridges is 0/0.
        unknown = Evaluated("nan", "0", digits)
        return RidgeChoice(ridge, unknown, unknown, unknown)
    return RidgeChoice(ridge, found.total, found.price, found.excess)


def searched_optimum(
    problem: Problem, digits: int, progress: Callable[[int, int], object] | None = None
) -> CertifiedOptimum:
    """The best ridge of the tested fit, searched over thirteen decades; a minimum within the bracket is proven.

    Parameters
    ----------
    problem
        In numbers.
    digits
        Significant digits of every number.
    progress
        Called with the ridges of the grid done, and all of them.

    Raises
    ------
    PrecisionExhausted
        If the least error is not told from its neighbours.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(60, noise=1, ridge=1, data="accumulate")
    >>> chain = (Generation(50, noise=1),)
    >>> found = searched_optimum(Problem(IsotropicSpectrum(30), UniformTarget(1), chain, fit), 6)
    >>> found.is_global
    False
    """
    error = ErrorOfRidge(problem)
    valley = _Valley(error, progress)
    best = _Place(error, valley)
    classical = best
    clean = without_generations(problem)
    if ErrorOfRidge(clean).parts["total"] != error.parts["total"]:
        other = ErrorOfRidge(clean)
        classical = _Place(other, _Valley(other, None))
    own = number_at(problem, named_fits(problem)[-1].fit, named_fits(problem)[-1].fit.ridge)

    # By the formula of the problem itself: that of another ridge may be 0/0 where two ridges are equal.
    stated = in_numbers(test_error(problem).total, problem)

    def own_total(bits: int) -> Any:
        try:
            ball = ball_at(require_finite(stated, problem), bits + GUARD_BITS)
        except Diverges:
            return arb("inf")
        return arb("nan") if ball is None else ball

    least = best.part_of("total")
    null = in_numbers(null_risk(), error.problem)
    with ctx.workprec(first_bits(digits) + GUARD_BITS):
        bracket = best.decimals(digits)
    return CertifiedOptimum(
        problem=problem,
        digits=digits,
        ridge=best.rounded_ridge(digits),
        bracket=bracket,
        effective_ridge=best.effective(digits),
        parts={name: rounded(best.part_of(name), digits) for name in error.parts},
        null_risk=evaluate(null, digits=digits),
        classical=_choice(
            least if classical is best else classical.total_in(error),
            classical.rounded_ridge(digits),
            least,
            digits,
        ),
        own=_choice(own_total, evaluate(own, digits=digits), least, digits),
        unresolved=(("0", "inf"),),
        intervals=valley.points,
    )
