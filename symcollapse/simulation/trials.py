"""Trials: many independent runs of one problem, their mean, and how sure it is.

The numbers of trial i come from a stream of its own, so they depend on the seed and on i, and on
nothing else: neither on how many trials there are, nor on how many processes share them.
"""

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Self

from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import Problem
from symcollapse.simulation.plans import plan_of
from symcollapse.simulation.runs import Route as Route
from symcollapse.simulation.workers import Progress as Progress
from symcollapse.simulation.workers import draw_trials


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
    route: Route = "plain"
    """How designs were drawn."""

    @classmethod
    def of(cls, draws: Sequence[float], seed: int, first: int = 0, route: Route = "plain") -> Self:
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
        # In units of a power of two, which rounds nothing: squares neither overflow nor vanish.
        exponent = binary_exponent(draws)
        scaled = [math.ldexp(draw, -exponent) for draw in draws]
        mean = math.fsum(scaled) / count
        spread = math.fsum((draw - mean) ** 2 for draw in scaled)
        error = math.sqrt(spread / (count - 1) / count) if count > 1 else math.inf
        return cls(
            math.ldexp(mean, exponent),
            math.ldexp(error, exponent),
            count,
            seed,
            tuple(draws),
            first,
            route,
        )

    @property
    def skewness(self) -> float:
        """Third standardised moment of the draws; 0 if they are all alike."""
        exponent = binary_exponent(self.draws)
        mean = math.ldexp(self.mean, -exponent)
        scaled = [math.ldexp(draw, -exponent) - mean for draw in self.draws]
        spread = math.fsum(each**2 for each in scaled) / self.trials
        if spread == 0:
            return 0.0
        deviation = math.sqrt(spread)
        return math.fsum((each / deviation) ** 3 for each in scaled) / self.trials


def binary_exponent(draws: Sequence[float]) -> int:
    """Least e with all |draws| < 2^e: in units of 2^e they may be squared and cubed.

    Example
    -------
    >>> binary_exponent([3.0, 0.5]), binary_exponent([0.0])
    (2, -1073)
    """
    largest = max(map(abs, draws))
    # Zeros take the unit of whatever they are joined with.
    return math.frexp(largest)[1] if largest else -1073


def join(earlier: Simulation, later: Simulation) -> Simulation:
    """One simulation out of two that follow each other.

    Raises
    ------
    ValueError
        If seeds or routes differ, or the second does not start where the first ends.

    Example
    -------
    >>> join(Simulation.of((1.0, 2.0), seed=1), Simulation.of((3.0,), seed=1, first=2)).mean
    2.0
    """
    end = earlier.first + earlier.trials
    if (earlier.seed, earlier.route, end) != (later.seed, later.route, later.first):
        raise ValueError(
            f"{later.route} trials from {later.first} with seed {later.seed} do not continue "
            f"{earlier.route} trials to {end} with seed {earlier.seed}"
        )
    return Simulation.of(earlier.draws + later.draws, earlier.seed, earlier.first, earlier.route)


def simulate(
    problem: Problem,
    trials: int = 400,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
    *,
    first: int = 0,
    pool: Executor | None = None,
    route: Route = "plain",
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
    route
        "plain" draws every row of every design, by the definition; "sufficient" draws what a fit can see of a design
        of T ≥ d rows, d rows at most: other draws of the same law, in less time.

    Returns
    -------
    simulation
        ``mean`` with its statistical error ``standard_error``, and the draws.

    Raises
    ------
    NotEvaluable
        If symbols have no value, or the problem is too large to draw.
    InvalidProblem
        If a number asked for is out of range, or a number of a fit.
    NotSupported
        If there are too many fits.

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
    draws = draw_trials(plan_of(problem), seed, first, trials, workers, progress, pool, route)
    return Simulation.of([risks[-1] for risks in draws], seed, first, route)


def simulate_generations(
    problem: Problem,
    trials: int = 400,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
    *,
    first: int = 0,
    pool: Executor | None = None,
    route: Route = "plain",
) -> tuple[Simulation, ...]:
    """Test error of every fit of a problem, in order of time, from the same trials.

    Parameters
    ----------
    problem, trials, seed, workers, progress, first, pool, route
        As in ``simulate``.

    Returns
    -------
    simulations
        One for each generator, and the downstream fit, if any; the last is to the last bit what ``simulate`` gives.
        Fits of one trial follow from each other, so their errors are not independent.

    Raises
    ------
    NotEvaluable, InvalidProblem, NotSupported
        As in ``simulate``; and if the draws of an earlier fit overflow.

    Example
    -------
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entries = (Generation(16, noise=1, repeat=3, data="accumulate"),)
    >>> problem = Problem(IsotropicSpectrum(5), UniformTarget(1), entries)
    >>> once, twice, thrice = simulate_generations(problem, trials=50)
    >>> thrice == simulate(problem, trials=50)
    True
    """
    draws = draw_trials(plan_of(problem), seed, first, trials, workers, progress, pool, route)
    return tuple(Simulation.of(risks, seed, first, route) for risks in zip(*draws, strict=True))


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
        route=simulation.route,
    )
    return join(simulation, later)
