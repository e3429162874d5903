"""Workers: trials in this process, or in several of one BLAS thread each; no bit depends on which."""

import math
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.simulation.plans import Plan
from symcollapse.simulation.runs import Route, check_route, run_plan

Progress: TypeAlias = Callable[[int, int], object]
"""Called with the trials done and the trials asked for."""

Run: TypeAlias = Callable[[Any, Any], Any]
"""One trial: a plan and its source of randomness in, what the trial gives out. A function of a module.

In blocks: a plan and a list of sources in, a list of what the trials give out.
"""

CHUNKS_PER_WORKER = 8
"""Pieces for each process: enough to end together, few enough that sending costs nothing."""

LARGEST_CHUNK = 64
"""Trials; so that progress shows."""


@dataclass(frozen=True)
class Chunk:
    """Excess risks of some trials in a row, as they are sent and stored.

    Example
    -------
    >>> Chunk.of(first=64, draws=[0.5, 0.25], host="here", seconds=1.0).values
    (0.5, 0.25)
    """

    first: int
    """Number of the first trial."""
    draws: bytes
    """Doubles, eight bytes each, the lowest first: exact."""
    host: str
    """Name of the machine that drew them."""
    seconds: float
    """How long it took."""

    @classmethod
    def of(cls, first: int, draws: Sequence[float], host: str, seconds: float) -> "Chunk":
        """A chunk of doubles."""
        return cls(first, np.asarray(draws, dtype="<f8").tobytes(), host, seconds)

    @property
    def count(self) -> int:
        """How many trials."""
        return len(self.draws) // 8

    @property
    def values(self) -> tuple[float, ...]:
        """The excess risks."""
        return tuple(np.frombuffer(self.draws, dtype="<f8").tolist())


def draw_chunk(plan: Plan, seed: int, first: int, count: int) -> Chunk:
    """Trials of the tested fit: work for any executor, whose process stays at one BLAS thread from then on.

    Parameters
    ----------
    plan
        The pipeline in numbers.
    seed, first, count
        As in ``draw_trials``: the same draws, to the last bit, as of ``simulate``.

    Raises
    ------
    NotEvaluable
        If a draw overflows.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.simulation.plans import plan_of
    >>> plan = plan_of(Problem(IsotropicSpectrum(2), UniformTarget(1), downstream=Downstream(9)))
    >>> draw_chunk(plan, seed=1, first=0, count=3).count
    3
    """
    # Set, and not set back: threads of one process would set it back for each other.
    threadpool_limits(1)
    start = time.perf_counter()
    draws = [risks[-1] for risks in _draw(run_plan, plan, seed, first, count)]
    for trial, draw in enumerate(draws, start=first):
        if not math.isfinite(draw):
            raise NotEvaluable(f"trial {trial} with seed {seed} overflows; give smaller numbers")
    return Chunk.of(first, draws, socket.gethostname(), time.perf_counter() - start)


@contextmanager
def worker_pool(workers: int) -> Iterator[Executor | None]:
    """Processes of one BLAS thread each, to be used again; None for one worker: this process.

    On any exception, Ctrl-C too, the processes are ended before it goes on.

    Example
    -------
    >>> with worker_pool(1) as pool:
    ...     print(pool)
    None
    """
    _require("workers", workers, 1)
    if workers == 1:
        yield None
        return
    # Spawned: a fork inherits the locks that threads of BLAS or of a progress bar hold just then.
    context = get_context("spawn")
    far_end, lifeline = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(far_end,)
    )
    try:
        yield pool
    except BaseException:
        lifeline.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        lifeline.close()
        far_end.close()


def draw_trials(
    plan: Plan,
    seed: int,
    first: int,
    count: int,
    workers: int = 1,
    progress: Progress | None = None,
    pool: Executor | None = None,
    route: Route = "plain",
) -> list[list[float]]:
    """Excess risks of every fit, trial by trial.

    Parameters
    ----------
    plan
        The pipeline in numbers.
    seed, first, count
        Trial i, from ``first`` on, has a stream that depends on the seed and on i only.
    workers
        Processes.
    progress
        Called now and then with the trials done and the trials asked for.
    pool
        From ``worker_pool(workers)``, to use its processes again; else they start and end here.
    route
        As in ``run_plan``.

    Raises
    ------
    InvalidProblem
        If a number asked for is out of range.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.simulation.plans import plan_of
    >>> plan = plan_of(Problem(IsotropicSpectrum(2), UniformTarget(1), downstream=Downstream(9)))
    >>> len(draw_trials(plan, seed=1, first=0, count=3))
    3
    """
    check_route(route)
    run = partial(run_plan, route=route)
    return run_trials(run, plan, seed, first, count, workers, progress, pool)


def run_trials(
    run: Run,
    plan: Any,
    seed: int,
    first: int,
    count: int,
    workers: int = 1,
    progress: Progress | None = None,
    pool: Executor | None = None,
    block: int | None = None,
) -> list[Any]:
    """What a run of the plan gives, trial by trial.

    Parameters
    ----------
    run
        One trial.
    plan
        What it takes besides its numbers; processes get a copy.
    seed, first, count, workers, progress, pool
        As in ``draw_trials``.
    block
        Trials that ``run`` takes at once, at most; None: one, and not as a list.

    Raises
    ------
    InvalidProblem
        If a number asked for is out of range.

    Example
    -------
    >>> run_trials(lambda size, numbers: len(numbers.random(size)), 5, seed=1, first=0, count=2)
    [5, 5]
    """
    for key, value, least in (("trials", count, 1), ("seed", seed, 0), ("first", first, 0)):
        _require(key, value, least)
    _require("workers", workers, 1)
    if pool is not None:
        return _draw_in_pool(run, plan, seed, first, count, workers, progress, pool, block)
    if workers > 1:
        with worker_pool(workers) as own:
            assert own is not None
            return _draw_in_pool(run, plan, seed, first, count, workers, progress, own, block)
    with threadpool_limits(1):
        return _draw(run, plan, seed, first, count, progress, block)


def _require(key: str, value: int, least: int) -> None:
    if value < least:
        raise InvalidProblem(f"{key} = {value}: give an integer >= {least}")


def _draw(
    run: Run,
    plan: Any,
    seed: int,
    first: int,
    count: int,
    progress: Progress | None = None,
    block: int | None = None,
) -> list[Any]:
    draws: list[Any] = []
    size = block or 1
    for start in range(first, first + count, size):
        # The i-th child of SeedSequence(seed).spawn, without making the others.
        streams = [
            np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(trial,))))
            for trial in range(start, min(start + size, first + count))
        ]
        with np.errstate(over="ignore", invalid="ignore"):  # reported by Simulation.of
            draws += [run(plan, streams[0])] if block is None else run(plan, streams)
        if progress is not None:
            progress(len(draws), count)
    return draws


def _draw_in_pool(
    run: Run,
    plan: Any,
    seed: int,
    first: int,
    count: int,
    workers: int,
    progress: Progress | None,
    pool: Executor,
    block: int | None,
) -> list[Any]:
    size = min(LARGEST_CHUNK, -(-count // (workers * CHUNKS_PER_WORKER)))
    with interrupts_held():  # the first pieces start the processes
        starts = {
            pool.submit(
                _draw, run, plan, seed, start, min(size, first + count - start), None, block
            ): start
            for start in range(first, first + count, size)
        }
    pieces: dict[int, list[Any]] = {}
    done = 0
    for piece in as_completed(starts):
        pieces[starts[piece]] = piece.result()
        done += len(pieces[starts[piece]])
        if progress is not None:
            progress(done, count)
    return [draw for start in sorted(pieces) for draw in pieces[start]]


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl-C waits: processes that start now inherit that, so it cannot reach them before they ignore it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(lifeline: Connection) -> None:
    # Ctrl-C reaches every process of the terminal; what becomes of the workers, the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threadpool_limits(1)
    Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    # Nothing is ever sent: this waits until the parent closes the other end, or dies, killed or not.
    with suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)
