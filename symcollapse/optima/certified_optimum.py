"""The ridge that minimises the test error of a problem, with a proof that no other does better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx
from sympy import Expr

from symcollapse.evaluation.numbers import (
    MOST_DIGITS,
    Evaluated,
    ball_at,
    evaluate,
    rounded_ball,
    rounded_outwards,
)
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotEvaluable, NotSupported, PrecisionExhausted
from symcollapse.language.naming import number_at
from symcollapse.language.problems import Problem
from symcollapse.optima.error_bounds import ErrorBounds
from symcollapse.optima.interval_jets import Interval
from symcollapse.optima.ridge_charts import Chart, TunedError, tuned_error
from symcollapse.optima.ridge_optima import CertifiedOptimum as CertifiedOptimum
from symcollapse.optima.ridge_optima import RidgeChoice as RidgeChoice
from symcollapse.optima.ridge_refinement import refined
from symcollapse.optima.ridge_search import (
    MOST_INTERVALS,
    SEARCH_BITS,
    Found,
    Progress,
    RidgeSearch,
)
from symcollapse.optima.searched_ridge import searched_optimum
from symcollapse.theory.test_errors import without_generations

GUARD_BITS = 64
"""Bits of the working precision beyond those that a value of κ is known to."""

TIE_BITS = 800
"""Bits beyond those asked for, up to which a number that may be a tie of two decimals is followed."""

BRACKET_DIGITS = 5
"""Digits that a bracket has beyond those asked for."""


def certified_optimum(
    problem: Problem,
    digits: int = 10,
    progress: Progress | None = None,
    *,
    most_intervals: int = MOST_INTERVALS,
) -> CertifiedOptimum:
    """The ridge of the tested fit that minimises the test error, certified.

    The tested fit is the downstream one or, without it, the last generation (of a repeated one, its last repetition).
    All other ridges stay. The error is enclosed over intervals of κ in ball arithmetic, from λ = 0 to λ = ∞, until
    one is left on which it is convex; the slope changes its sign between the ends of the bracket, for certain.

    That takes a tested fit whose inputs no earlier fit has seen, all of one covariance, without random features. For all
    other pipelines the ridge is searched, and three values prove a local minimum within the bracket.

    Parameters
    ----------
    problem
        In numbers; the ridge that it states for the tested fit is only compared with.
    digits
        Significant digits, 1 … 10000.
    progress
        Called with the intervals done and those known of.
    most_intervals
        Work that the proof may take; beyond it the result says what is not ruled out.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.
    NotSupported
        If the test error of the problem is not derived.
    PrecisionExhausted
        If digits were not reached.

    Example
    -------
    >>> optimum = certified_optimum(Problem.from_file("figure-1a"))
    >>> print(optimum.ridge, optimum.classical.ridge, optimum.is_global)
    0.1194733804 0.003000000000 True
    """
    if not 1 <= digits <= MOST_DIGITS:
        raise NotEvaluable(f"digits = {digits}: give 1 … {MOST_DIGITS}")
    try:
        return _proven(problem, digits, progress, most_intervals)
    except NotSupported:
        return searched_optimum(problem, digits, progress)


def _proven(
    problem: Problem, digits: int, progress: Progress | None, most_intervals: int
) -> CertifiedOptimum:
    """The minimum over all ridges, where the error holds the tested ridge in one effective ridge."""
    tuned = tuned_error(problem)
    # The search tells minima apart; only what is next to nothing, at an end, is told to more digits by more bits.
    search_bits = SEARCH_BITS + 4 * min(digits, 30)
    place = _Located(tuned, RidgeSearch(tuned, most_intervals, search_bits).run(progress))
    clean = tuned_error(without_generations(problem))
    is_classical = clean.parts["total"] == tuned.parts["total"]
    classical = place
    if not is_classical:
        classical = _Located(clean, RidgeSearch(clean, most_intervals, search_bits).run(progress))
    own_value = _own_ridge(problem)
    own = _Stated(tuned, own_value)
    numbers = _Numbers(digits)
    total = tuned.parts["total"]
    low, high = place.outer_bracket(digits)
    return CertifiedOptimum(
        problem=problem,
        digits=digits,
        ridge=numbers.ridge(place),
        bracket=(low, high),
        effective_ridge=numbers.of(place.effective_ridge),
        parts={
            name: numbers.of(_error_of(tuned, part, place)) for name, part in tuned.parts.items()
        },
        null_risk=numbers.of(
            lambda bits: _error(tuned, total, (Chart.LARGE, arb(0), arb(0)), bits)
        ),
        classical=_choice(tuned, numbers, place, classical, numbers.ridge(classical)),
        own=_choice(
            tuned,
            numbers,
            place,
            own,
            evaluate(own_value, digits=digits),
        ),
        unresolved=place.unresolved(),
        intervals=place.found.intervals,
    )


Position = tuple[Chart, Any, Any]
"""A chart, and an interval of its variable that holds one value."""


class _Stated:
    """A ridge that is given."""

    def __init__(self, tuned: TunedError, ridge: Expr) -> None:
        self.kappa = EffectiveRidge(ridge, tuned.samples, tuned.problem.spectrum)

    def at(self, bits: int) -> Position:
        ball = _at(self.kappa, bits)
        if ball.is_zero():
            return Chart.SMALL, ball, ball
        with ctx.workprec(bits):
            return Chart.MIDDLE, ball.lower(), ball.upper()


class _Located:
    """The place of a minimum, as narrow as it is asked for."""

    def __init__(self, tuned: TunedError, found: Found) -> None:
        self.tuned = tuned
        self.found = found
        self._known: tuple[int, Any, Any] | None = None

    def at(self, bits: int) -> Position:
        """The value of κ, to some bits."""
        if self.found.place == "infinity":
            return Chart.LARGE, arb(0), arb(0)
        if self.found.place == "zero":
            return _Stated(self.tuned, self.tuned.samples * 0).at(bits)
        if self._known is None or self._known[0] < bits:
            low, high = (
                (self.found.low, self.found.high) if self._known is None else self._known[1:]
            )
            self._known = (bits, *refined(self.tuned, low, high, bits))
        return Chart.MIDDLE, self._known[1], self._known[2]

    def ridge(self, bits: int) -> Interval:
        """λ, to some bits."""
        if self.found.place == "infinity":
            return Interval(arb("inf"), arb("inf"))
        if self.found.place == "zero":
            least, most = self.found.low, self.found.high
            if least == most or most.is_zero():
                return Interval(arb(0), arb(0))
            return Interval(arb(0), self._ridge_between(least, most, bits).high)
        return self._ridge_between(*self.at(bits)[1:], bits)

    def effective_ridge(self, bits: int) -> Interval:
        """κ, to some bits."""
        chart, low, high = self.at(bits)
        return Interval(arb("inf"), arb("inf")) if chart is Chart.LARGE else Interval(low, high)

    def outer_bracket(self, digits: int) -> tuple[str, str]:
        """Decimals around the ridge."""
        if self.found.place == "infinity":
            return "inf", "inf"
        digits += BRACKET_DIGITS
        bits = _bits(digits)
        interval = self.ridge(bits)
        with ctx.workprec(bits + GUARD_BITS):
            if interval.low.is_zero():
                return "0", rounded_outwards(interval.high, digits)[1]
            return rounded_outwards(interval.ball, digits)

    def unresolved(self) -> tuple[tuple[str, str], ...]:
        """Ranges of λ that the search left open."""
        ranges = []
        for low, high in self.found.unresolved:
            if not low.is_finite():
                ranges.append(("inf", "inf"))
                continue
            begin = self._ridge_between(low.lower(), low.upper(), GUARD_BITS).ball
            text = "inf"
            if high.is_finite():
                end = self._ridge_between(high.lower(), high.upper(), GUARD_BITS).ball
                text = rounded_outwards(end, BRACKET_DIGITS)[1]
            ranges.append((rounded_outwards(begin, BRACKET_DIGITS)[0], text))
        return tuple(ranges)

    def _ridge_between(self, low: Any, high: Any, bits: int) -> Interval:
        # λ increases with κ: its values at the ends are its ends.
        bounds = ErrorBounds(self.tuned, bits + GUARD_BITS)
        if low.is_zero():
            return Interval(arb(0), arb(0))
        ends = [
            bounds.enclose(self.tuned.ridge, Chart.MIDDLE, end, end).value for end in (low, high)
        ]
        return Interval(ends[0].low, ends[1].high)


@dataclass(frozen=True)
class _Numbers:
    """Intervals that shrink as they are asked for, rounded to digits."""

    digits: int

    def of(self, interval: Callable[[int], Interval]) -> Evaluated:
        """The decimal that all of a narrow enough interval rounds to."""
        least = bits = _bits(self.digits)
        while True:
            found = interval(bits)
            if found.low == arb("inf"):
                return Evaluated("inf", "0", self.digits)
            with ctx.workprec(bits + GUARD_BITS):
                rounded = rounded_ball(found.ball, self.digits) if found.is_finite else None
            if rounded is not None:
                return rounded
            if bits > least + TIE_BITS:
                raise PrecisionExhausted(
                    f"{self.digits} digits were not reached with {bits} bits; ask for fewer"
                )
            bits += bits // 2

    def ridge(self, place: _Located) -> Evaluated:
        """The ridge; one that is not told from 0 is 0, with a radius."""
        if place.found.place != "zero":
            return self.of(place.ridge)
        radius = place.ridge(_bits(self.digits)).high
        return Evaluated("0", rounded_outwards(radius, 2)[1], self.digits)

    def excess(self, interval: Callable[[int], Interval]) -> Evaluated:
        """As ``of``; what is not told from 0 is 0, with a radius."""
        try:
            return self.of(interval)
        except PrecisionExhausted:
            found = interval(_bits(self.digits))
            if not found.is_finite or not found.low <= 0:
                raise
            return Evaluated("0", rounded_outwards(found.ball, 2)[1], self.digits)


def _choice(
    tuned: TunedError,
    numbers: _Numbers,
    best: _Located,
    other: _Located | _Stated,
    ridge: Evaluated,
) -> RidgeChoice:
    """What another ridge costs."""
    total = tuned.parts["total"]

    def errors(bits: int) -> tuple[Interval, Interval]:
        least = _error(tuned, total, best.at(bits), bits)
        return least, least if other is best else _error(tuned, total, other.at(bits), bits)

    def price(bits: int) -> Interval:
        if other is best:
            return Interval(arb(1), arb(1))
        least, here = errors(bits)
        with ctx.workprec(bits + GUARD_BITS):
            if least.high.is_zero():
                end = arb(1) if here.high.is_zero() else arb("inf")
                return Interval(end, end)
            return here * least.reciprocal()

    def excess(bits: int) -> Interval:
        ratio = price(bits)
        with ctx.workprec(bits + GUARD_BITS):
            return 100 * (ratio + Interval(arb(-1), arb(-1)))

    return RidgeChoice(
        ridge=ridge,
        total=numbers.of(lambda bits: errors(bits)[1]),
        price=numbers.of(price),
        excess=numbers.excess(excess),
    )


def _error(tuned: TunedError, part: Expr, position: Position, bits: int) -> Interval:
    """A part of the error where κ is known to some bits."""
    chart, low, high = position
    bounds = ErrorBounds(tuned, bits + GUARD_BITS)
    jet = bounds.enclose(part, chart, low, high)
    if jet.order < 0:
        return Interval(arb("inf"), arb("inf"))
    return jet.value


def _error_of(tuned: TunedError, part: Expr, place: _Located) -> Callable[[int], Interval]:
    """The same at a minimum, as a function of the bits."""
    return lambda bits: _error(tuned, part, place.at(bits), bits)


def _at(formula: Expr, bits: int) -> Any:
    ball = ball_at(formula, bits + GUARD_BITS)
    if ball is None:
        raise PrecisionExhausted(f"the effective ridge is not decided at {bits} bits")
    return ball


def _bits(digits: int) -> int:
    """Bits to which κ is asked for, for a number of so many digits."""
    return int(digits * 3.33) + GUARD_BITS


def _own_ridge(problem: Problem) -> Expr:
    """The ridge that the problem states for the tested fit."""
    active = [fit for fit in problem.generations if fit.repeat != 0]
    fit = problem.downstream if problem.downstream is not None else active[-1]
    return number_at(problem, fit, fit.ridge)
