"""One run on the store of a campaign: chunks claimed, given out, taken back and stored, until nothing is left to draw.

A bounded number of chunks is given out at a time. Those of undecided problems come first, the least advanced problem
before the others, so that draws go where they are needed. A chunk whose process died is given out again.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeAlias

from symcollapse.language.errors import NotEvaluable, SymcollapseError, WorkersFailed
from symcollapse.language.problem_files import printable
from symcollapse.language.problems import Problem
from symcollapse.simulation import Plan, plan_of, worker_pool
from symcollapse.simulation.trials import Progress
from symcollapse.simulation.workers import Chunk, draw_chunk, interrupts_held
from symcollapse.verification.campaign_results import Tallies, Tally
from symcollapse.verification.campaign_store import CampaignStore, StoredProblem

ATTEMPTS = 3
"""How often a chunk is given out before its failure is the run's."""

AHEAD = 2
"""Chunks given out for each worker: one that is drawn, and one to go on with at once."""

POLL_SECONDS = 0.25
"""How long to wait before the store is asked what other runs have done."""

Place: TypeAlias = tuple[int, int]
"""A chunk: number of the problem, and of the first trial."""


class InlineExecutor(Executor):
    """Work done at once, in this process, when it is submitted.

    Example
    -------
    >>> InlineExecutor().submit(pow, 2, 3).result()
    8
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it; Ctrl-C goes through."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # it is whoever asks for the result that it concerns
            future.set_exception(error)
        return future


class Crew:
    """Whoever draws: an executor that was given, this process, or processes that are replaced when they die.

    Example
    -------
    >>> with Crew(None, workers=1) as crew:
    ...     crew.most, crew.submit(pow, 2, 3).result()
    (1, 8)
    """

    def __init__(self, executor: Executor | None, workers: int) -> None:
        self.given = executor
        self.workers = workers
        self.stack = ExitStack()
        self.own: Executor | None = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self.stack.__exit__(*error)

    @property
    def most(self) -> int:
        """Chunks given out at a time; one where each is drawn before the next is asked for."""
        return 1 if self.given is None and self.workers == 1 else AHEAD * self.workers

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Give out work.

        Raises
        ------
        WorkersFailed
            If an executor that was given takes none.
        """
        if self.given is None:
            if self.own is None:
                self.own = self.stack.enter_context(worker_pool(self.workers)) or InlineExecutor()
            if isinstance(self.own, InlineExecutor):
                return self.own.submit(work, *arguments)
            try:
                with interrupts_held():  # the first work starts the processes
                    return self.own.submit(work, *arguments)
            except BrokenExecutor as error:
                # A process died since the last look: seen with the work that it took along.
                refused: Future[Any] = Future()
                refused.set_exception(error)
                return refused
        try:
            return self.given.submit(work, *arguments)
        except Exception as error:
            raise WorkersFailed(
                f"the executor takes no more work ({_in_short(error)}); start it again"
            ) from error

    @property
    def is_deaf(self) -> bool:
        """Whether the executor is that of a Dask client without its scheduler: it leaves its futures open for ever."""
        client = getattr(self.given, "_client", None)
        return getattr(client, "status", None) in {"closing", "closed"}

    def lost(self, error: BrokenExecutor) -> None:
        """Replace processes that died.

        Raises
        ------
        WorkersFailed
            If the executor was given: it cannot be replaced.
        """
        if self.given is not None:
            raise WorkersFailed(
                f"the executor is broken ({_in_short(error)}); start it again"
            ) from error
        self.own = None
        stack, self.stack = self.stack, ExitStack()
        stack.close()


class CampaignRun:
    """A run, from what the store has to the end.

    Parameters
    ----------
    store
        Where chunks come from and go to.
    tallies
        The problems, and what is known of them.
    problem_of
        The problem of a stored one.
    trials
        Most trials of each problem.
    until_decided
        Whether a problem with a verdict gets no more draws.
    """

    def __init__(
        self,
        store: CampaignStore,
        tallies: Tallies,
        problem_of: Callable[[StoredProblem], Problem],
        trials: int,
        *,
        until_decided: bool,
    ) -> None:
        self.store = store
        self.tallies = tallies
        self.problem_of = problem_of
        self.trials = trials
        self.until_decided = until_decided
        self.given: dict[Future[Chunk], Place] = {}
        self.failures: Counter[Place] = Counter()
        self.plans: dict[int, Plan] = {}
        self.failed: dict[int, tuple[int, SymcollapseError]] = {}
        """Problems with trials that have no result, whoever draws them: the first such chunk, and why."""

    def finish(self, executor: Executor | None, workers: int, progress: Progress | None) -> None:
        """Draw, until every problem is decided or has its trials.

        Raises
        ------
        WorkersFailed
            If a chunk fails again and again, or the executor is broken.
        SymcollapseError
            As a chunk raises it, after all other problems are done.
        OSError
            If the store cannot be written.
        """
        try:
            with self.store.claims_renewed(), Crew(executor, workers) as crew:
                while self._is_going_on(progress):
                    self._give_out(crew)
                    self._take_back(crew)
        finally:
            for future in self.given:
                future.cancel()
            self.store.release()
        for number, (_, error) in self.failed.items():
            with named_errors(self.tallies.of[number].problem.name):
                raise error

    def _is_going_on(self, progress: Progress | None) -> bool:
        self.tallies.read(self.store)
        tallies = self.tallies.of.values()
        if progress is not None:
            most = sum(
                tally.trials if self._is_done(tally) else self._limit(tally) for tally in tallies
            )
            progress(sum(tally.trials for tally in tallies), most)
        return not all(self._is_done(tally) for tally in tallies)

    def _limit(self, tally: Tally) -> int:
        """Trials in whole chunks."""
        chunk = tally.problem.chunk
        return max(-(-self.trials // chunk) * chunk, tally.trials)

    def _is_done(self, tally: Tally) -> bool:
        return (
            tally.problem.number in self.failed
            or (self.until_decided and tally.is_decided)
            or tally.trials == self._limit(tally)
        )

    def _wanted(self, most: int) -> Iterator[tuple[StoredProblem, int]]:
        """Chunks that are missing, the first ones first; not far ahead of the first that is missing."""
        given = set(self.given.values())
        missing = []
        for number, tally in self.tallies.of.items():
            if self._is_done(tally):
                self.plans.pop(number, None)
                continue
            chunk = tally.problem.chunk
            last = min(self._limit(tally), tally.trials + 4 * most * chunk)
            missing += [
                (first, number)
                for first in range(tally.trials, last, chunk)
                if first not in tally.firsts and (number, first) not in given
            ]
        for first, number in sorted(missing):
            yield self.tallies.of[number].problem, first

    def _give_out(self, crew: Crew) -> None:
        wanted = self._wanted(crew.most)
        while len(self.given) < crew.most:
            some = [
                each for each, _ in zip(wanted, range(crew.most - len(self.given)), strict=False)
            ]
            if not some:
                return
            for problem, first in self.store.claim(some):
                plan = self._plan(problem)
                future = crew.submit(draw_chunk, plan, problem.seed, first, problem.chunk)
                self.given[future] = (problem.number, first)

    def _plan(self, problem: StoredProblem) -> Plan:
        if problem.number not in self.plans:
            self.plans[problem.number] = plan_of(self.problem_of(problem))
        return self.plans[problem.number]

    def _take_back(self, crew: Crew) -> None:
        if not self.given:
            # All that is left is drawn by others.
            time.sleep(POLL_SECONDS)
            return
        finished, _ = wait(self.given, POLL_SECONDS, FIRST_COMPLETED)
        if not finished and crew.is_deaf:
            self.given.clear()  # nobody is there to cancel them
            raise WorkersFailed("the Dask client has lost its scheduler; start it again")
        broken: BrokenExecutor | None = None
        for future in finished:
            place = self.given.pop(future)
            try:
                chunk = future.result()
            except SymcollapseError as error:
                self._give_up(place, error)
            except ArithmeticError as error:
                self._give_up(place, NotEvaluable(f"{error}, from trial {place[1]} on"))
            except Exception as error:  # whatever ends a process or a machine
                self._count_failure(place, error)
                broken = error if isinstance(error, BrokenExecutor) else broken
            else:
                self.store.keep(self.tallies.of[place[0]].problem, chunk)
        if broken is not None:
            for future, place in self.given.items():
                # What was finished before the others died is as good as ever.
                with suppress(Exception):
                    self.store.keep(self.tallies.of[place[0]].problem, future.result(timeout=5))
            self.given.clear()
            crew.lost(broken)

    def _give_up(self, place: Place, error: SymcollapseError) -> None:
        number, first = place
        if number not in self.failed or first < self.failed[number][0]:
            self.failed[number] = first, error

    def _count_failure(self, place: Place, error: Exception) -> None:
        self.failures[place] += 1
        if self.failures[place] >= ATTEMPTS:
            problem = self.tallies.of[place[0]].problem
            last = place[1] + problem.chunk - 1
            raise WorkersFailed(
                f"{problem.name}: trials {place[1]} to {last} failed {ATTEMPTS} times, at last by "
                f"{_in_short(error)}; what is finished is stored, and the same command goes on"
            ) from error


@contextmanager
def named_errors(name: str) -> Iterator[None]:
    """Errors of a problem say which it is: there may be a thousand.

    Raises
    ------
    SymcollapseError
        Of the same kind, with the name before it.

    Example
    -------
    >>> with named_errors("figure-1a"):
    ...     raise NotEvaluable("trial 0 overflows")
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.NotEvaluable: figure-1a: trial 0 overflows
    """
    try:
        yield
    except SymcollapseError as error:
        shown = printable(name)
        if not shown or str(error).startswith((f"{shown}:", f"{shown}.")):
            raise
        raise type(error)(f"{shown}: {error}") from None


def _in_short(error: BaseException) -> str:
    words = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {words[:200]}" if words else name
