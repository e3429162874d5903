"""Rows of a curve, chunk by chunk: what is held at a time does not depend on the number of points.

Chunks begin at fixed points, so that a row does not depend on where the work was taken up.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from typing import Any

from symcollapse.interfaces.asymptotes import SWEPT, Asymptote, asymptotes
from symcollapse.interfaces.curve_points import CurvePoint
from symcollapse.interfaces.curves import AlikePoints, CurveEvaluator
from symcollapse.interfaces.digit_columns import digit_columns, digit_names
from symcollapse.interfaces.requested_points import ProblemSource, RequestedPoints
from symcollapse.interfaces.result_files import TableColumn
from symcollapse.interfaces.simulated_points import simulated_points
from symcollapse.interfaces.swept_points import SweptPoints
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problem_files import ProblemFile
from symcollapse.simulation.trials import Progress

IN_DOUBLES = 8192
"""Points of a chunk in doubles: enough that what a chunk costs by itself does not count."""

IN_DIGITS = 512
"""Points of a chunk in digits, each of which takes a millisecond."""

SIMULATED = 4000
"""Trials of a chunk; a run that is killed loses no more of them."""

MOST_ALONG = 10**5
"""Points along which asymptotes are drawn; one fit of the exponent takes them all."""


@dataclass(frozen=True)
class CurveSettings:
    """What is asked for at each point."""

    digits: int | None = None
    """Significant digits, as decimal strings; None for doubles."""
    certified: bool = False
    """Whether a proven radius stands beside each of them."""
    asymptote: bool = False
    """Whether to add the leading power laws."""
    trials: int | None = None
    """Simulated trials of each point; None for no simulation."""
    seed: int = 1
    """Start of their random numbers."""
    workers: int = 1
    """Processes that share them."""

    @property
    def chunk(self) -> int:
        """Points that are worked off together."""
        most = IN_DOUBLES if self.digits is None else IN_DIGITS
        return most if self.trials is None else max(1, min(most, SIMULATED // self.trials))


class CurveStream:
    """The rows of a curve.

    Example
    -------
    >>> from symcollapse.interfaces.requested_points import requested_points
    >>> requested = requested_points(["downstream.ridge=1/10,1/5"], [])
    >>> stream = CurveStream(ProblemFile.read("figure-1a"), requested, CurveSettings())
    >>> [rows["total"][1] for rows in stream.chunks(0)]
    [0.1830393089059408]
    """

    def __init__(
        self, file: ProblemFile, requested: RequestedPoints, settings: CurveSettings
    ) -> None:
        self.settings = settings
        self.requested = requested
        self._evaluator = CurveEvaluator()
        source = ProblemSource(file, requested.settings)
        self._points = SweptPoints(source, requested.sweeps, self._evaluator)
        self._family: tuple[int, list[Asymptote]] | None = None
        along = len(requested.sweeps[-1].values) if requested.sweeps else 1
        if settings.asymptote and requested.sweeps[-1].key != SWEPT:
            raise InvalidProblem(f"--asymptote: give --over {SWEPT}=… as the last one")
        if settings.asymptote and along > MOST_ALONG:
            raise InvalidProblem(f"--asymptote: {along} points along {SWEPT}: give {MOST_ALONG}")
        self._along = along

    def __len__(self) -> int:
        return len(self._points)

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The columns of the table, in order."""
        keys = [TableColumn(sweep.key, is_number=False) for sweep in self.requested.sweeps]
        settings = self.settings
        if settings.digits is None:
            numbers = [
                TableColumn(name, name != "regime") for name in CurvePoint.__dataclass_fields__
            ]
        else:
            numbers = [
                TableColumn(name, is_number=False) for name in digit_names(settings.certified)
            ]
        if settings.asymptote:
            numbers += [
                TableColumn(name, is_number=True) for name in Asymptote.__dataclass_fields__
            ]
        if settings.trials is not None:
            numbers += [TableColumn(name, is_number=True) for name in ("mean", "standard_error")]
        return (*keys, *numbers)

    def try_first(self) -> None:
        """Say what is wrong with the sweeps before the work.

        Raises
        ------
        InvalidProblem
            With file, key and remedy.
        """
        self._points.try_first()

    def chunks(
        self,
        start: int,
        report: Progress | None = None,
        pool: Executor | None = None,
    ) -> Iterator[dict[str, list[Any]]]:
        """The columns of one chunk after another.

        Parameters
        ----------
        start
            First point: a multiple of the chunk's length.
        report
            Called now and then with the points done and the points asked for.
        pool
            Processes for simulations.

        Raises
        ------
        SymcollapseError
            If a point has no problem, or no value.
        """
        for first in range(start, len(self), self.settings.chunk):
            stop = min(first + self.settings.chunk, len(self))

            def shift(done: int, _: int, before: int = first) -> None:
                if report is not None:
                    report(before + done, len(self))

            yield self._chunk(first, stop, shift, pool)

    def _chunk(
        self, start: int, stop: int, report: Progress, pool: Executor | None
    ) -> dict[str, list[Any]]:
        points = self._points.between(start, stop)
        size = stop - start
        found: dict[str, list[Any]] = self._keys(start, stop)
        if self.settings.digits is None:
            # With a simulation to come, nothing is done yet.
            found |= self._evaluator.numbers(
                points, size, report if self.settings.trials is None else None
            )
        else:
            found |= digit_columns(
                points, size, self.settings.digits, report, certified=self.settings.certified
            )
        if self.settings.asymptote:
            found |= _transposed([asdict(each) for each in self._asymptotes(start, stop)])
        if self.settings.trials is not None:
            found |= self._simulated(points, size, self.settings.trials, report, pool)
        return found

    def _keys(self, start: int, stop: int) -> dict[str, list[Any]]:
        """The texts of the swept values; those of the last sweep are made one by one."""
        sweeps = self.requested.sweeps
        found: dict[str, list[Any]] = {}
        every = 1
        for sweep in reversed(sweeps):
            size = len(sweep.values)
            texts: list[str] = []
            for number in range(start // every, (stop - 1) // every + 1):
                first, last = max(start, number * every), min(stop, (number + 1) * every)
                texts += [sweep.values[number % size]] * (last - first)
            found[sweep.key] = texts
            every *= size
        return {sweep.key: found[sweep.key] for sweep in sweeps}

    def _asymptotes(self, start: int, stop: int) -> list[Asymptote]:
        return [self._family_of(at)[at % self._along] for at in range(start, stop)]

    def _family_of(self, position: int) -> list[Asymptote]:
        number = position // self._along
        if self._family is None or self._family[0] != number:
            first = number * self._along
            problems = [self._points.problem(first + at) for at in range(self._along)]
            self._family = (number, asymptotes(problems))
        return self._family[1]

    def _simulated(
        self,
        points: Sequence[AlikePoints],
        size: int,
        trials: int,
        report: Progress,
        pool: Executor | None,
    ) -> dict[str, list[Any]]:
        problems: list[Any] = [None] * size
        for alike in points:
            for at, row in enumerate(alike.rows.tolist()):
                problems[row] = alike.problem_at(at)
        settings = self.settings
        return _transposed(
            simulated_points(problems, trials, settings.seed, settings.workers, report, pool)
        )


def _transposed(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}
