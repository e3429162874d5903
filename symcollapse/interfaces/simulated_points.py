"""Simulated means of many problems, in one pool of processes."""

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import nullcontext

from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.language.problems import Problem
from symcollapse.simulation import plan_of, simulate, worker_pool
from symcollapse.simulation.trials import Progress


def simulated_points(
    problems: Sequence[Problem],
    trials: int,
    seed: int,
    workers: int,
    progress: Progress | None = None,
    pool: Executor | None = None,
) -> list[dict[str, float]]:
    """Mean and standard error of each problem, each from so many trials with the same seed.

    Parameters
    ----------
    problems
        One for each point.
    trials, seed, workers
        As in ``simulate``.
    progress
        Called with the points done and the points asked for; without it, a bar shows the trials.
    pool
        From ``worker_pool(workers)``, to use its processes again; else they start and end here.

    Raises
    ------
    SymcollapseError
        If one of the problems cannot be simulated; before any of them is.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a", {"spectrum.dimension": "3"})
    >>> list(simulated_points([problem], 2, 1, 1)[0])
    ['mean', 'standard_error']
    """
    for problem in problems:
        plan_of(problem)
    results = []
    shown = progress_bar("trials") if progress is None else nullcontext()
    with shown as report, worker_pool(workers) if pool is None else nullcontext(pool) as used:
        for position, problem in enumerate(problems):
            count = trials * len(problems)

            def shift(done: int, _: int, before: int = position * trials, of: int = count) -> None:
                if report is not None:
                    report(before + done, of)

            result = simulate(problem, trials, seed, workers, shift, pool=used)
            results.append({"mean": result.mean, "standard_error": result.standard_error})
            if progress is not None:
                progress(position + 1, len(problems))
    return results
