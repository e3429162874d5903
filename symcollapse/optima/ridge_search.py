"""Branch and bound for the least test error over all ridges, 0 and ∞ included.

An interval of κ is dropped if the error there is greater than a value that is attained, or if its slope has one sign.
What is left is halved, until it is one stretch in which the curvature is positive: there is one minimum, and
it is the least of all. Enclosures make every step a proof; the number of intervals is bounded, and what could not be
dropped within it is said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from flint import arb, ctx
from sympy import Expr

from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.errors import PrecisionExhausted
from symcollapse.optima.error_bounds import ErrorBounds
from symcollapse.optima.interval_jets import Interval, Jet
from symcollapse.optima.ridge_charts import Chart, TunedError, extreme_eigenvalues

SEARCH_BITS = 128
"""Working precision of the search; of its result, only that it separates minima is asked."""

NARROW_BITS = 48
"""Bits of the working precision that an interval leaves, at which a minimum is not told from the end it touches."""

MOST_INTERVALS = 6000
"""Intervals that are looked at before the search gives up."""

Progress = Callable[[int, int], object]
Place = Literal["zero", "interior", "infinity"]


@dataclass(frozen=True)
class Stretch:
    """An interval of a chart's variable, with exact ends."""

    chart: Chart
    low: Any
    high: Any

    def halves(self) -> tuple["Stretch", "Stretch"]:
        """The two parts on both sides of the centre."""
        middle = self.centre
        return Stretch(self.chart, self.low, middle), Stretch(self.chart, middle, self.high)

    @property
    def centre(self) -> Any:
        """The middle; in ln κ, the geometric mean."""
        if self.chart is Chart.MIDDLE:
            return (self.low * self.high).sqrt().mid()
        return ((self.low + self.high) / 2).mid()

    @property
    def effective_ridges(self) -> tuple[Any, Any]:
        """Least and greatest κ, as balls; the greatest may be infinite."""
        if self.chart is not Chart.LARGE:
            return self.low, self.high
        last = arb("inf") if self.low.is_zero() else 1 / self.low
        return 1 / self.high, last


@dataclass(frozen=True)
class Found:
    """Where the least error is."""

    place: Place
    low: Any
    """A κ below that of the minimum, or equal to it; exact."""
    high: Any
    """A κ above it, or equal to it; exact, or infinite.

    For "zero" the two differ if the slope at λ = 0 has no certain sign."""
    unresolved: tuple[tuple[Any, Any], ...]
    """Ranges of κ, as balls, in which a lower error is not ruled out; none if the minimum is proven global."""
    intervals: int
    """Intervals that were looked at."""


class RidgeSearch:
    """The search for one error.

    Example
    -------
    >>> from symcollapse.language.problems import Problem
    >>> from symcollapse.optima.ridge_charts import tuned_error
    >>> found = RidgeSearch(tuned_error(Problem.from_file("figure-1a"))).run()
    >>> found.place, found.unresolved, bool(found.low < 0.1611 < found.high)
    ('interior', (), True)
    """

    def __init__(
        self, tuned: TunedError, most: int = MOST_INTERVALS, bits: int = SEARCH_BITS
    ) -> None:
        self._total = tuned.parts["total"]
        self._bits = bits
        self._bounds = ErrorBounds(tuned, bits)
        self._most = most
        self._best = arb("inf")
        self._least = arb(0)
        self._ends: dict[Place, Any] = {}
        """Ends of the range from which the error increases, with lower bounds of the error there."""
        with ctx.workprec(bits):
            self._pending = self._start(tuned)
        self._first = self._pending[0]

    def run(self, progress: Progress | None = None) -> Found:
        """Search until the least error is enclosed, or the intervals allowed are used up."""
        done = 0
        with ctx.workprec(self._bits):
            if self._is_flat():
                return Found("zero", arb(0), arb(0), (), 0)
            while True:
                kept: list[Stretch] = []
                are_convex = True
                for stretch in self._pending:
                    verdict = self._judge(stretch)
                    done += 1
                    if progress is not None:
                        progress(done, done + len(self._pending))
                    if verdict is not None:
                        kept.append(stretch)
                        are_convex = are_convex and verdict.second.low > 0
                found = self._decided(kept, done, are_convex=are_convex)
                if found is not None:
                    return found
                if done > self._most or not kept:
                    return self._undecided(kept, done)
                self._pending = [half for stretch in kept for half in stretch.halves()]

    def _start(self, tuned: TunedError) -> list[Stretch]:
        smallest, largest = extreme_eigenvalues(tuned.problem)
        top = max((self._ball(value) for value in largest), key=_magnitude)
        stretches = []
        if tuned.is_determined:
            bottom = min((self._ball(value) for value in smallest), key=_magnitude)
            least = _power_of_two(bottom, -6)
            stretches.append(Stretch(Chart.SMALL, arb(0), least))
        else:
            ball = self._ball(tuned.least_effective_ridge)
            least, self._least = ball.lower(), ball.upper()
        most = _power_of_two(top if top > least else least, 6)
        while least < most:
            following = least * 2
            following = following if following < most else most
            stretches.append(Stretch(Chart.MIDDLE, least, following))
            least = following
        return [*stretches, Stretch(Chart.LARGE, arb(0), (1 / most).mid())]

    def _ball(self, value: Expr) -> Any:
        ball = ball_at(value, self._bits)
        if ball is None:
            raise PrecisionExhausted(f"{value} is not decided at {self._bits} bits")
        return ball

    def _is_flat(self) -> bool:
        """Whether the error is 0 everywhere: its terms are not negative, and have no zero apart from the ends."""
        point = self._pending[-1].high
        return bool(self._bounds.enclose(self._total, Chart.LARGE, point, point).value.high == 0)

    def _judge(self, stretch: Stretch) -> Jet | None:
        """Enclosures on a stretch; None if no minimum is in it, unless at an end of the whole range."""
        jet = self._bounds.enclose(self._total, stretch.chart, stretch.low, stretch.high)
        if jet.order < 0:
            return self._judge_pole(jet, stretch)
        centre = stretch.centre
        middle = self._bounds.enclose(self._total, stretch.chart, centre, centre)
        if middle.value.high < self._best:
            self._best = middle.value.high
        if stretch.chart is Chart.MIDDLE:
            away = Interval(
                (stretch.low / centre).log().lower(), (stretch.high / centre).log().upper()
            )
        else:
            away = Interval((stretch.low - centre).lower(), (stretch.high - centre).upper())
        slope = jet.first.meets(middle.first + jet.second * away)
        value = jet.value.meets(middle.value + slope * away)
        if value.low > self._best:
            return None
        if slope.high < 0:
            return None
        if slope.low > 0:
            self._note_end(stretch)
            return None
        if self._end_of(stretch) is not None and jet.second.low > 0:
            end = self._at_end(stretch)
            if end.order == 0 and end.first.low >= 0:
                self._note_end(stretch)
                return None
        return Jet(value, slope, jet.second)

    def _judge_pole(self, jet: Jet, stretch: Stretch) -> Jet | None:
        """Where the error is v^order·f(v) with order < 0: it is infinite at v = 0, and the sign of its slope is known."""
        variable = Interval(stretch.low, stretch.high)
        if (jet.value * variable.power(jet.order)).low > self._best:
            return None
        slope = jet.order * jet.value + variable * jet.first
        if slope.high < 0:
            return None
        whole = Interval(arb("-inf"), arb("inf"))
        return Jet(whole, whole, whole)

    def _end_of(self, stretch: Stretch) -> Place | None:
        """Which end of the whole range a stretch touches."""
        if stretch.chart is Chart.LARGE:
            return "infinity" if stretch.low.is_zero() else None
        first = self._first
        return "zero" if stretch.chart is first.chart and stretch.low == first.low else None

    def _at_end(self, stretch: Stretch) -> Jet:
        """The error at the end of the whole range that a stretch touches."""
        at = stretch.low if stretch.chart is not Chart.MIDDLE else self._least
        return self._bounds.enclose(self._total, stretch.chart, at, at)

    def _note_end(self, stretch: Stretch) -> None:
        place = self._end_of(stretch)
        if place is not None:
            # Where the least κ is not known exactly, a stretch begins a little below it; the error there is less still.
            below = self._bounds.enclose(self._total, stretch.chart, stretch.low, stretch.low)
            self._ends[place] = below.value.low
            value = self._at_end(stretch).value
            if value.high < self._best:
                self._best = value.high

    def _decided(self, kept: list[Stretch], done: int, *, are_convex: bool) -> Found | None:
        ends = [place for place, low in self._ends.items() if not low > self._best]
        if not kept and len(ends) == 1:
            end = arb(0) if ends[0] == "zero" else arb("inf")
            return Found(ends[0], end, end, (), done)
        if ends or not kept or not are_convex or not _is_contiguous(kept):
            return None
        for stretch in kept:
            if self._end_of(stretch) is None or self._at_end(stretch).first.high < 0:
                continue
            # A slope that is 0 at the end, as of isotropic data without noise, has no sign at any precision.
            last = _in_order(kept)[-1]
            if self._end_of(stretch) == "zero" and self._is_narrow(last):
                return Found("zero", stretch.low, last.high, (), done)
            return None
        return _interior(kept, (), done)

    def _is_narrow(self, last: Stretch) -> bool:
        """Whether there is next to nothing between the low end of the whole range and that of a stretch."""
        first = self._first
        if last.chart is not first.chart:
            return False
        unit = first.low if first.chart is Chart.MIDDLE else first.high
        return bool(last.high - first.low < unit * arb(2) ** (NARROW_BITS - self._bits))

    def _undecided(self, kept: list[Stretch], done: int) -> Found:
        """The best stretch, and all that could not be told from it."""
        if not kept:
            raise PrecisionExhausted(
                "the least error is attained at two ridges, or nearly so: the search cannot tell them apart"
            )

        def value(stretch: Stretch) -> float:
            centre = stretch.centre
            point = self._bounds.enclose(self._total, stretch.chart, centre, centre)
            return float(point.value.high)

        best = min(kept, key=value)
        group = [best]
        for stretch in _in_order(kept)[_in_order(kept).index(best) + 1 :]:
            if not _is_contiguous([group[-1], stretch]):
                break
            group.append(stretch)
        for stretch in reversed(_in_order(kept)[: _in_order(kept).index(best)]):
            if not _is_contiguous([stretch, group[0]]):
                break
            group.insert(0, stretch)
        for stretch in group:
            place = self._end_of(stretch)
            if place is not None and not self._at_end(stretch).first.high < 0:
                raise PrecisionExhausted(
                    f"{done} intervals do not decide whether the least error is at ridge = "
                    f"{'0' if place == 'zero' else 'inf'}"
                )
        others = tuple(stretch.effective_ridges for stretch in kept)
        for end_place, lowest in self._ends.items():
            if not lowest > self._best:
                end = arb("inf") if end_place == "infinity" else self._first.low
                others = (*others, (end, end))
        return _interior(group, others, done)


def _interior(group: list[Stretch], unresolved: tuple[tuple[Any, Any], ...], done: int) -> Found:
    ordered = _in_order(group)
    low, _ = ordered[0].effective_ridges
    _, high = ordered[-1].effective_ridges
    return Found("interior", low.lower(), high.upper(), unresolved, done)


def _in_order(stretches: list[Stretch]) -> list[Stretch]:
    """In the order of κ."""
    first = [stretch for stretch in stretches if stretch.chart is not Chart.LARGE]
    last = [stretch for stretch in stretches if stretch.chart is Chart.LARGE]
    return [*first, *reversed(last)]


def _is_contiguous(stretches: list[Stretch]) -> bool:
    ordered = _in_order(stretches)
    for before, after in pairwise(ordered):
        if before.chart is after.chart is Chart.LARGE:
            touch = before.low == after.high
        elif after.chart is Chart.LARGE:
            touch = before.high * after.high == 1
        else:
            touch = before.high == after.low
        if not touch:
            return False
    return True


def _magnitude(ball: Any) -> float:
    return float(ball.mid().log())


def _power_of_two(ball: Any, shift: int) -> Any:
    """A power of two near a positive number, moved by some binary places."""
    exponent = (ball.mid().log() / arb(2).log()).floor()
    return arb(2) ** int(float(exponent) + shift)
