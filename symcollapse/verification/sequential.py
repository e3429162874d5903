"""Verification with as many trials as it takes: doubled until there is a verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from symcollapse.language.problems import Problem
from symcollapse.simulation import extend, population_of, simulate, worker_pool
from symcollapse.simulation.trials import Progress
from symcollapse.verification.agreement import Agreement, compare

ROUNDING = 1e-20
"""Share of ‖w₀‖_Σ² that may stand for zero.

An excess risk is a square, and a fit of a condition up to a million keeps ten digits of sixteen.
"""

FIRST_TRIALS = 64
"""Draws at the first look; twice the fewest that the test accepts."""


@dataclass(frozen=True)
class Claim:
    """A predicted test error, and how far from it one accepts the truth to be.

    Example
    -------
    >>> Claim(prediction=0.5, margin=0.05).margin
    0.05
    """

    prediction: float
    """Test error that a formula gives, ≥ 0; inf where it has none."""
    margin: float
    """Relative deviation that one accepts, in (0, 1), with its reason."""


def verify_prediction(
    problem: Problem,
    prediction: float,
    margin: float,
    risk: float = 1e-6,
    first_trials: int = FIRST_TRIALS,
    most_trials: int = 4096,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
) -> Agreement:
    """Judge a predicted test error by simulation, with as few trials as decide it.

    Parameters
    ----------
    problem
        Without symbols that have no value.
    prediction
        Test error that a formula gives, ≥ 0; inf where it has none.
    margin
        Relative deviation that one accepts, in (0, 1), with its reason.
    risk
        Chance that the verdict is wrong; it is shared evenly by all the looks that there may be.
    first_trials, most_trials
        The draws are judged after the first so many, then each time they doubled, up to the most.
    seed, workers, progress
        As for ``simulate``; the verdict does not depend on the workers.

    Returns
    -------
    agreement
        The first verdict other than *cannot tell*, or the last.

    Raises
    ------
    NotEvaluable
        If the problem cannot be simulated.
    ValueError
        If a number is out of its range.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> clean = Problem(
    ...     IsotropicSpectrum(50), UniformTarget(1), downstream=Downstream(151, noise=1)
    ... )
    >>> verify_prediction(clean, 50 / (151 - 50 - 1), margin=0.1, risk=1e-3).verdict
    'shown'
    """
    claims = [Claim(prediction, margin)]
    return verify_claims(problem, claims, risk, first_trials, most_trials, seed, workers, progress)[
        0
    ]


def verify_claims(
    problem: Problem,
    claims: Sequence[Claim],
    risk: float = 1e-6,
    first_trials: int = FIRST_TRIALS,
    most_trials: int = 4096,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[Agreement, ...]:
    """Judge several predictions of one test error by the same draws, each as by `verify_prediction`.

    Returns
    -------
    agreements
        For each claim the first verdict other than *cannot tell*, or the last; the stated risk is
        that of each one.

    Raises
    ------
    NotEvaluable
        If the problem cannot be simulated.
    ValueError
        If a number is out of its range.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> clean = Problem(
    ...     IsotropicSpectrum(50), UniformTarget(1), downstream=Downstream(151, noise=1)
    ... )
    >>> claims = [Claim(50 / (151 - 50 - 1), 0.1), Claim(50 / 151, 0.1)]
    >>> [agreement.verdict for agreement in verify_claims(clean, claims, risk=1e-3)]
    ['shown', 'refuted']
    """
    sizes = look_sizes(first_trials, most_trials)
    rounding = ROUNDING * population_of(problem).energy
    agreements: dict[int, Agreement] = {}
    with worker_pool(workers) as pool:
        simulation = None
        for size in sizes:

            def report(done: int, total: int, size: int = size) -> None:
                if progress is not None:
                    progress(size - total + done, size)

            simulation = (
                simulate(problem, size, seed, workers, report, pool=pool)
                if simulation is None
                else extend(
                    simulation, problem, size - simulation.trials, workers, report, pool=pool
                )
            )
            for position, claim in enumerate(claims):
                known = agreements.get(position)
                if known is not None and is_settled(known):
                    continue
                agreements[position] = compare(
                    simulation.draws,
                    claim.prediction,
                    claim.margin,
                    risk,
                    len(sizes),
                    rounding=rounding,
                )
            if all(is_settled(agreement) for agreement in agreements.values()):
                break
    return tuple(agreements[position] for position in range(len(claims)))


def is_settled(agreement: Agreement) -> bool:
    """Whether more draws would not change the verdict.

    Example
    -------
    >>> is_settled(compare([1.0, 1.1] * 20, prediction=5.0, margin=0.1, risk=1e-3))
    True
    """
    # More draws do not make an infinite expectation finite.
    return agreement.verdict != "cannot tell" or not math.isfinite(agreement.prediction)


def look_sizes(first: int, most: int) -> tuple[int, ...]:
    """Numbers of trials at which a sequential test looks: doubling, the last one exactly the most.

    Raises
    ------
    ValueError
        If the first look is empty or comes after the last.

    Example
    -------
    >>> look_sizes(64, 300)
    (64, 128, 256, 300)
    """
    if not 1 <= first <= most:
        raise ValueError(f"first_trials = {first}: give an integer from 1 to most_trials = {most}")
    sizes = [first]
    while sizes[-1] < most:
        sizes.append(min(2 * sizes[-1], most))
    return tuple(sizes)
