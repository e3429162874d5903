"""Simulated means of many problems, in one pool of processes."""

from collections.abc import Sequence

from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.language.problems import Problem
from symcollapse.simulation import plan_of, simulate, worker_pool


def simulated_points(
    problems: Sequence[Problem], trials: int, seed: int, workers: int
) -> list[dict[str, float]]:
    """Mean and standard error of each problem, each from so many trials with the same seed.

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
    with progress_bar("trials") as report, worker_pool(workers) as pool:
        for position, problem in enumerate(problems):
            count = trials * len(problems)

            def shift(done: int, _: int, before: int = position * trials, of: int = count) -> None:
                if report is not None:
                    report(before + done, of)

            result = simulate(problem, trials, seed, workers, shift, pool=pool)
            results.append({"mean": result.mean, "standard_error": result.standard_error})
    return results
