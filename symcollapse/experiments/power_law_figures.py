"""The figure of a power law: test error against the samples, with ridges that follow them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from sympy import Rational

from symcollapse.evaluation import lambdify
from symcollapse.experiments.figures import Curve, Figure, Panel, Progress
from symcollapse.experiments.laid_curves import pair, predicted
from symcollapse.experiments.simulated_paths import Effort, Run, simulate_runs, spaced_sizes
from symcollapse.language import symbols
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.optima.optimal_ridge import optimal_ridge
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import error_rates
from symcollapse.simulation import RidgePath

GENERATIONS = (0, 1, 5)
"""One panel for each."""

SAMPLES = (100, 10**5)
"""First and last size of the tested fit."""

EXPONENTS = (Fraction(1, 4), Fraction(1, 2), Fraction(1))
"""ℓ of the ridges T^-ℓ, beside the one that is best for clean data."""

RidgeRule: TypeAlias = Callable[[Sequence[float]], Sequence[float]]
"""Ridges that belong to numbers of samples."""


@dataclass(frozen=True)
class _Rule:
    """A ridge that follows the samples."""

    label: str
    ridges: Mapping[int, RidgeRule]
    """By number of generations."""


def clean_exponent(problem: Problem) -> Fraction:
    """The best ℓ in λ = T^-ℓ on clean data with label noise, from the derived rates; generations are left out.

    Raises
    ------
    TypeError
        If the problem is of no power law.

    Example
    -------
    >>> clean_exponent(Problem.from_file("figure-1b"))
    Fraction(4, 5)
    """
    spectrum, target = problem.spectrum, problem.target
    if not isinstance(spectrum, PowerLawSpectrum) or not isinstance(target, SourceTarget):
        raise TypeError("the exponent is that of a power law with a source condition")
    # As many features as samples: the spectrum is cut off where no ridge of interest sees it.
    scaling = Scaling(capacity=spectrum.capacity, source=target.source, noise=0, dimension=1)
    found = error_rates(replace(problem, generations=()), scaling).optimum[0].smallest
    rational = Rational(found)
    return Fraction(int(rational.p), int(rational.q))


def power_law_figure(
    name: str, effort: Effort, seed: int, workers: int, progress: Progress | None
) -> Figure:
    """Figure 1b: test error against the samples, a curve for each rule of the ridge, a panel for each n.

    Example
    -------
    >>> small = Effort(
    ...     10, 3, {"spectrum.dimension": "20", "generations.0.samples": "60"}, (50, 100)
    ... )
    >>> [panel.title for panel in power_law_figure("figure-1b", small, 1, 1, None).panels]
    ['n = 0', 'n = 1', 'n = 5']
    """
    sizes = effort.sizes or spaced_sizes(*SAMPLES, effort.points)
    base = Run(name, effort.overrides, (), GENERATIONS)
    best = clean_exponent(base.problem(0))
    rules = _rules(base, best)
    runs = []
    for size in sizes:
        ridges = {
            ridge: None for rule in rules for n in GENERATIONS for ridge in rule.ridges[n]([size])
        }
        overrides = {**effort.overrides, "downstream.samples": str(size)}
        runs.append(Run(name, overrides, tuple(ridges), GENERATIONS))
    paths = simulate_runs(runs, effort.trials, seed, workers, progress)
    panels = tuple(
        Panel(
            f"n = {n}",
            "samples T",
            "test error",
            tuple(c for rule in rules for c in _over_sizes(base, rule, n, sizes, runs, paths)),
        )
        for n in GENERATIONS
    )
    return Figure(
        name,
        "Collapse under a power law, ridges that follow the samples",
        panels,
        seed,
        {
            "problem": name,
            "overrides": effort.overrides,
            "samples": sizes,
            "generations": GENERATIONS,
            "ridges": {
                rule.label: [list(rule.ridges[n](sizes)) for n in GENERATIONS] for rule in rules
            },
        },
        tuple(_price(panel, best) for panel in panels[1:]),
    )


def _rules(base: Run, best: Fraction) -> list[_Rule]:
    rules = []
    for exponent in sorted({*EXPONENTS, best}):

        def power(sizes: Sequence[float], exponent: Fraction = exponent) -> list[float]:
            return [float(size) ** -float(exponent) for size in sizes]

        rules.append(_Rule(_power_label(exponent, best), dict.fromkeys(GENERATIONS, power)))
    return [*rules, _Rule(CORRECTED, {n: _corrected(base.problem(n)) for n in GENERATIONS})]


CORRECTED = "λ = λ*(T, n), corrected"
"""Label of the ridge that knows of the generations."""


def _power_label(exponent: Fraction, best: Fraction) -> str:
    return f"λ = {_power(exponent)}" + (", best for clean data" if exponent == best else "")


def _power(exponent: Fraction) -> str:
    """T^-ℓ, in decimals: T^-4/5 could be read as a quotient."""
    return f"T^-{float(exponent):.3g}"


def _corrected(problem: Problem) -> RidgeRule:
    """The best ridge to leading order, which knows of the generations."""
    leading = optimal_ridge(problem).leading
    rule = lambdify(leading, [symbols.samples], problem)

    def ridges(sizes: Sequence[float]) -> list[float]:
        return [float(value) for value in np.atleast_1d(rule(list(sizes)))]

    return ridges


def _over_sizes(
    base: Run,
    rule: _Rule,
    generations: int,
    sizes: Sequence[int],
    runs: Sequence[Run],
    paths: Sequence[RidgePath],
) -> tuple[Curve, Curve]:
    ridges = rule.ridges[generations](sizes)
    columns = [
        run.column(path, generations, (ridge,))
        for run, path, ridge in zip(runs, paths, ridges, strict=True)
    ]
    mean, error = ([float(column[part][0]) for column in columns] for part in (0, 1))

    def theory(x: Sequence[float]) -> Sequence[float]:
        own = rule.ridges[generations](x)
        return predicted(base.problem(generations), {symbols.ridge: own, symbols.samples: x})

    return pair(rule.label, sizes, mean, error, theory)


def _price(panel: Panel, best: Fraction) -> str:
    """What the ridge for clean data costs beside the corrected one, at the largest size."""
    last = {(curve.label, curve.kind): curve.y[-1] for curve in panel.curves}
    clean = _power_label(best, best)
    ratios = {kind: last[clean, kind] / last[CORRECTED, kind] for kind in ("measured", "theory")}
    size = panel.curves[0].x[-1]
    return (
        f"{panel.title}, T = {size:g}: with the ridge {_power(best)}, best for clean data, the error is "
        f"{ratios['measured']:.2f} times that of the corrected ridge (theory {ratios['theory']:.2f})."
    )
