"""Chains: one trial of a problem, from the truth through its generators to the fit tested."""

from dataclasses import dataclass, replace

import numpy as np
from sympy import Basic

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problems import Fit, Generation, Problem
from symcollapse.simulation.populations import Doubles, features, number, population_of
from symcollapse.simulation.regression import draw_inputs, draw_labels, excess_risk, fit

MOST_ENTRIES = 200_000_000
"""Entries of one design; 1.6 GB, and at most twice that again while it is fitted."""


@dataclass(frozen=True)
class Stage:
    """One fit of a chain in numbers, and how often it is repeated."""

    samples: int
    """Rows of the design."""
    noise: float
    """Standard deviation of the label noise."""
    ridge: float
    """λ; 0 is least squares of minimum norm."""
    repeat: int = 1
    """How often the stage is run in a row."""
    fresh: bool = True
    """Whether each run draws its own inputs, or takes those of the run before, if there was one."""


@dataclass(frozen=True, eq=False)
class Chain:
    """A problem in numbers: all that one trial needs."""

    eigenvalues: Doubles
    """Shape (d,); variances of the features, in falling order, which the fit needs for accuracy."""
    truth: Doubles
    """Shape (d,); w₀ in the same order."""
    stages: tuple[Stage, ...]
    """The generators in order, then the downstream fit, if any: the last one is what is tested."""


def chain_of(problem: Problem) -> Chain:
    """Numbers of a problem; each exact number becomes a double here, once.

    Raises
    ------
    NotEvaluable
        If symbols have no value (the message names them), or the problem is too large to draw.
    InvalidProblem
        If a noise or a ridge comes out negative.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = chain_of(
    ...     Problem(
    ...         IsotropicSpectrum(2),
    ...         UniformTarget(1),
    ...         generations=(Generation(8, noise="1/5", repeat=3),),
    ...         downstream=Downstream(16, ridge=symbols.samples**-1),
    ...     )
    ... )
    >>> chain.stages[1].ridge, chain.stages[0].repeat
    (0.0625, 3)
    """
    if not problem.replaces:
        raise NotEvaluable("this version simulates plain chains only; use data = 'replace'")
    unknown = _unknown_symbols(problem)
    if unknown:
        names = ", ".join(sorted(str(symbol) for symbol in unknown))
        raise NotEvaluable(f"a simulation needs numbers: {names} has no value; give one for each")
    population = population_of(problem)
    order = np.argsort(-population.eigenvalues, kind="stable")
    stages = tuple(_stage(entry, place, problem) for place, entry in problem.fits)
    return Chain(
        population.eigenvalues[order],
        population.coefficients[order],
        tuple(stage for stage in stages if stage.repeat > 0),
    )


def run_chain(chain: Chain, generator: np.random.Generator) -> float:
    """Excess risk of the last fit of a chain, in one trial.

    Parameters
    ----------
    chain
        The problem in numbers.
    generator
        Source of all randomness of the trial.

    Returns
    -------
    risk
        ‖ŵ − w₀‖_Σ² of the last fit; one draw of the random variable whose mean is the test error.

    Example
    -------
    >>> noiseless = Chain(np.ones(2), np.ones(2), (Stage(samples=5, noise=0.0, ridge=0.0),))
    >>> run_chain(noiseless, np.random.default_rng(0)) < 1e-25
    True
    """
    weights = chain.truth
    X: Doubles | None = None
    for stage in chain.stages:
        for _ in range(stage.repeat):
            if stage.fresh or X is None:
                X = draw_inputs(generator, stage.samples, chain.eigenvalues)
            Y = draw_labels(generator, X, weights, stage.noise)
            weights = fit(X, Y, stage.ridge)
    return excess_risk(weights, chain.truth, chain.eigenvalues)


def _stage(entry: Fit, place: str, problem: Problem) -> Stage:
    sizes = {symbols.dimension: problem.dimension}
    values = {}
    for key, value in (("noise", entry.noise), ("ridge", entry.ridge)):
        values[key] = number(entry.at_own_size(value).xreplace(sizes), f"{place}.{key}")
        if values[key] < 0:
            raise InvalidProblem(f"{place}.{key} = {values[key]:g}: give a number >= 0")
    size = features(problem.spectrum)
    if entry.samples * size > MOST_ENTRIES:
        raise NotEvaluable(
            f"{place}.samples = {entry.samples}: that times {size} inputs are too many to draw; "
            f"give at most {MOST_ENTRIES // size}"
        )
    stage = Stage(int(entry.samples), values["noise"], values["ridge"])
    if isinstance(entry, Generation):
        stage = replace(stage, repeat=int(entry.repeat), fresh=entry.design == "fresh")
    return stage


def _unknown_symbols(problem: Problem) -> set[Basic]:
    own: set[Basic] = {symbols.samples, symbols.dimension}
    unknown = set(problem.spectrum.free_symbols) | set(problem.target.free_symbols)
    for _, entry in problem.fits:
        unknown |= entry.samples.free_symbols
        unknown |= (entry.noise.free_symbols | entry.ridge.free_symbols) - own
        if isinstance(entry, Generation):
            unknown |= entry.repeat.free_symbols
    return unknown
