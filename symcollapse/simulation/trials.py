"""Trials: many independent runs of one problem, their mean, and how sure it is.

The numbers of trial i come from a stream of its own, so they depend on the seed and on i, and on
nothing else: neither on how many trials there are, nor on how many processes share them.
"""

import math
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Thread
from typing import Self, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problems import Problem
from symcollapse.simulation.chains import Chain, chain_of, run_chain

Progress: TypeAlias = Callable[[int, int], object]
"""Called with the trials done and the trials asked for."""

CHUNKS_PER_WORKER = 8
"""Pieces for each process: enough to end together, few enough that sending costs nothing."""

LARGEST_CHUNK = 64
"""Trials; so that progress shows."""


@dataclass(frozen=True)
class Simulation:
    """Excess risks of independent trials, and their mean.

    Example
    -------
    >>> Simulation.of((1.0, 2.0, 3.0), seed=1).mean
    2.0
    """

    mean: float
    """Estimate of the test error."""
    standard_error: float
    """Standard deviation of the mean; inf for one trial."""
    trials: int
    """Number of draws."""
    seed: int
    """Where the streams come from."""
    draws: tuple[float, ...] = field(repr=False)
    """Excess risk of each trial, in their order."""
    first: int = 0
    """Number of the first trial."""

    @classmethod
    def of(cls, draws: Sequence[float], seed: int, first: int = 0) -> Self:
        """Summary of the draws.

        Raises
        ------
        NotEvaluable
            If a draw is not finite: the numbers of the problem are beyond doubles.
        """
        count = len(draws)
        for trial, draw in enumerate(draws, start=first):
            if not math.isfinite(draw):
                raise NotEvaluable(
                    f"trial {trial} with seed {seed} overflows; give smaller numbers"
                )
        mean = math.fsum(draws) / count
        spread = math.fsum((draw - mean) ** 2 for draw in draws)
        error = math.sqrt(spread / (count - 1) / count) if count > 1 else math.inf
        return cls(mean, error, count, seed, tuple(draws), first)

    @property
    def skewness(self) -> float:
        """Third standardised moment of the draws; 0 if they are all alike."""
        spread = math.fsum((draw - self.mean) ** 2 for draw in self.draws) / self.trials
        if spread == 0:
            return 0.0
        deviation = math.sqrt(spread)
        return math.fsum(((draw - self.mean) / deviation) ** 3 for draw in self.draws) / self.trials


def join(earlier: Simulation, later: Simulation) -> Simulation:
    """One simulation out of two that follow each other.

    Raises
    ------
    ValueError
        If the seeds differ, or the second does not start where the first ends.

    Example
    -------
    >>> join(Simulation.of((1.0, 2.0), seed=1), Simulation.of((3.0,), seed=1, first=2)).mean
    2.0
    """
    end = earlier.first + earlier.trials
    if earlier.seed != later.seed or later.first != end:
        raise ValueError(
            f"trials from {later.first} with seed {later.seed} do not continue "
            f"trials to {end} with seed {earlier.seed}"
        )
    return Simulation.of(earlier.draws + later.draws, earlier.seed, earlier.first)


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


def simulate(
    problem: Problem,
    trials: int = 400,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
    *,
    first: int = 0,
    pool: Executor | None = None,
) -> Simulation:
    """Test error of a problem by simulation: the mean of independent trials.

    Parameters
    ----------
    problem
        Without symbols that have no value.
    trials
        Number of them, ≥ 1.
    seed
        ≥ 0; the draws of trial i depend on it and on i only.
    workers
        Processes; the result is the same to the last bit for any number of them. Each takes seconds
        to start; a script that asks for more than one needs ``if __name__ == "__main__":``.
    progress
        Called now and then with the trials done and the trials asked for.
    first
        Number of the first trial, to go on where another simulation ended (see ``extend``).
    pool
        From ``worker_pool(workers)``, to use its processes again; else they start and end here.

    Returns
    -------
    simulation
        ``mean`` with its statistical error ``standard_error``, and the draws.

    Raises
    ------
    NotEvaluable
        If symbols have no value, or the problem is too large to draw.
    InvalidProblem
        If a number asked for is out of range.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> clean = Problem(IsotropicSpectrum(5), UniformTarget(1), downstream=Downstream(16, noise=1))
    >>> result = simulate(clean, trials=500)
    >>> abs(result.mean - 5 / (16 - 5 - 1)) < 5 * result.standard_error
    True
    """
    for key, value, least in (("trials", trials, 1), ("seed", seed, 0), ("first", first, 0)):
        _require(key, value, least)
    _require("workers", workers, 1)
    chain = chain_of(problem)
    if pool is not None:
        draws = _draw_in_pool(chain, seed, first, trials, workers, progress, pool)
    elif workers > 1:
        with worker_pool(workers) as own:
            assert own is not None
            draws = _draw_in_pool(chain, seed, first, trials, workers, progress, own)
    else:
        with threadpool_limits(1):
            draws = _draw(chain, seed, first, trials, progress)
    return Simulation.of(draws, seed, first)


def extend(
    simulation: Simulation,
    problem: Problem,
    trials: int,
    workers: int = 1,
    progress: Progress | None = None,
    *,
    pool: Executor | None = None,
) -> Simulation:
    """The simulation with further trials: to the last bit what all at once would have given.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> clean = Problem(IsotropicSpectrum(2), UniformTarget(1), downstream=Downstream(9, noise=1))
    >>> extend(simulate(clean, trials=3), clean, trials=4) == simulate(clean, trials=7)
    True
    """
    later = simulate(
        problem,
        trials,
        simulation.seed,
        workers,
        progress,
        first=simulation.first + simulation.trials,
        pool=pool,
    )
    return join(simulation, later)


def _require(key: str, value: int, least: int) -> None:
    if value < least:
        raise InvalidProblem(f"{key} = {value}: give an integer >= {least}")


def _draw(
    chain: Chain, seed: int, first: int, count: int, progress: Progress | None = None
) -> list[float]:
    draws = []
    for trial in range(first, first + count):
        # The i-th child of SeedSequence(seed).spawn, without making the others.
        stream = np.random.SeedSequence(seed, spawn_key=(trial,))
        with np.errstate(over="ignore", invalid="ignore"):  # reported by Simulation.of
            draws.append(run_chain(chain, np.random.Generator(np.random.PCG64(stream))))
        if progress is not None:
            progress(len(draws), count)
    return draws


def _draw_in_pool(
    chain: Chain,
    seed: int,
    first: int,
    count: int,
    workers: int,
    progress: Progress | None,
    pool: Executor,
) -> list[float]:
    size = min(LARGEST_CHUNK, -(-count // (workers * CHUNKS_PER_WORKER)))
    with _interrupts_held():  # the first pieces start the processes
        starts = {
            pool.submit(_draw, chain, seed, start, min(size, first + count - start)): start
            for start in range(first, first + count, size)
        }
    pieces: dict[int, list[float]] = {}
    done = 0
    for piece in as_completed(starts):
        pieces[starts[piece]] = piece.result()
        done += len(pieces[starts[piece]])
        if progress is not None:
            progress(done, count)
    return [draw for start in sorted(pieces) for draw in pieces[start]]


@contextmanager
def _interrupts_held() -> Iterator[None]:
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
