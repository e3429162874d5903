"""Figures on Gaussian data: ridge regression simulated, and its derived test error laid over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal, TypeAlias

from symcollapse.experiments.figures import Curve, Figure, Panel, Progress, Scale
from symcollapse.experiments.generators_alone import exact_over_limit
from symcollapse.experiments.laid_curves import distance, pair, predicted
from symcollapse.experiments.power_law_figures import power_law_figure
from symcollapse.experiments.simulated_paths import (
    Effort,
    Run,
    problem_tables,
    set_up,
    simulate_runs,
    spaced,
)
from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.optima.certified_optimum import certified_optimum
from symcollapse.simulation import RidgePath

GaussianFigure: TypeAlias = Literal["figure-1a", "figure-1b", "figure-2a", "figure-2b"]
"""Names of the figures on Gaussian data; each is a bundled problem too."""

FEW_EFFORTS: Mapping[Scale, Effort] = {
    "quick": Effort(trials=600, points=11),
    "standard": Effort(trials=5000, points=16),
    "full": Effort(trials=50_000, points=31),
}
"""Of both figures of generators with few samples."""

EFFORTS: Mapping[GaussianFigure, Mapping[Scale, Effort]] = {
    "figure-1a": {
        "quick": Effort(trials=1000, points=11),
        "standard": Effort(trials=8000, points=16),
        "full": Effort(trials=50_000, points=31),
    },
    "figure-1b": {
        "quick": Effort(trials=1000, points=7),
        "standard": Effort(trials=5000, points=10),
        "full": Effort(trials=50_000, points=19),
    },
    "figure-2a": FEW_EFFORTS,
    "figure-2b": FEW_EFFORTS,
}
"""How much each scale draws."""

RIDGES = (1e-3, 10.0)
"""First and last ridge of a curve over ridges."""

COLLAPSE = (0, 1, 3, 5, 10)
"""Numbers of generations of figure 1a."""

COLLAPSE_SAMPLES = (400, 1000, 4000)
"""Samples of the tested fit in the panels of figure 1a; d = 300."""

FEW = (0, 1, 2, 3, 5)
"""Numbers of generations of figure 2 over the ridges."""

COUNTED = tuple(range(9))
"""Numbers of generations of figure 2 along its axis."""

FEW_SAMPLES = (75, 150, 225)
"""Samples of the generators in figure 2 over the generations; d = 300."""


_Maker: TypeAlias = Callable[[str, Effort, int, int, Progress | None], Figure]


def gaussian_figure(
    name: GaussianFigure,
    scale: Scale = "standard",
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
    *,
    effort: Effort | None = None,
) -> Figure:
    """A figure of Gaussian data, from the bundled problem of its name.

    Parameters
    ----------
    name
        figure-1a, figure-1b, figure-2a or figure-2b.
    scale
        How much is drawn: quick, standard or full.
    seed
        Where all random numbers come from.
    workers
        Processes; the figure does not depend on it.
    progress
        Called with the trials done and all trials.
    effort
        How much is drawn, instead of the scale: for sizes of one's own.

    Returns
    -------
    figure
        Measured means with their standard errors, the theory's curves, and what was found. The theory is that of
        the proportional limit; at these sizes it differs from the mean by some 1/(T₀ − d), 0.3 % at 600 − 300.

    Raises
    ------
    InvalidProblem
        If there is no such figure, or its problem does not allow the sizes.

    Example
    -------
    >>> small = Effort(20, 3, {"spectrum.dimension": "30", "generations.0.samples": "60"}, (100,))
    >>> figure = gaussian_figure("figure-1a", seed=2, effort=small)
    >>> [panel.title for panel in figure.panels], len(figure.panels[0].curves)
    (['T = 100'], 10)
    """
    makers: Mapping[str, tuple[_Maker, str]] = {
        "figure-1a": (ridge_figure, "downstream.samples"),
        "figure-1b": (power_law_figure, "downstream.samples"),
        "figure-2a": (few_samples_figure, "generations.0.samples"),
        "figure-2b": (few_samples_figure, "generations.0.samples"),
    }
    if name not in makers:
        known = ", ".join(makers)
        raise InvalidProblem(f"{name}: no figure of Gaussian data; give one of {known}")
    drawn = effort or EFFORTS[name][scale]
    make, varied = makers[name]
    figure = make(name, drawn, seed, workers, progress)
    tables = problem_tables(name, drawn.overrides)
    settings = {"trials": drawn.trials, "tables": tables, **figure.settings}
    remarks = (
        set_up(name, drawn.overrides, varied),
        distance(figure).sentence,
        *figure.remarks,
    )
    return replace(figure, settings=settings, remarks=remarks)


def ridge_figure(
    name: str, effort: Effort, seed: int, workers: int, progress: Progress | None
) -> Figure:
    """Figure 1a: test error against the ridge, a curve for each number of generations, a panel for each T.

    Example
    -------
    >>> small = Effort(10, 3, {"spectrum.dimension": "20", "generations.0.samples": "60"}, (100,))
    >>> ridge_figure("figure-1a", small, 1, 1, None).panels[0].x_label
    'ridge λ'
    """
    ridges = spaced(*RIDGES, effort.points)
    runs = [
        Run(name, {**effort.overrides, "downstream.samples": str(size)}, ridges, COLLAPSE)
        for size in effort.sizes or COLLAPSE_SAMPLES
    ]
    paths = simulate_runs(runs, effort.trials, seed, workers, progress)
    panels = tuple(
        Panel(
            f"T = {run.overrides['downstream.samples']}",
            "ridge λ",
            "test error",
            tuple(_over_ridges(run, path)),
        )
        for run, path in zip(runs, paths, strict=True)
    )
    middle = len(runs) // 2
    return Figure(
        name,
        "Collapse of isotropic ridge regression",
        panels,
        seed,
        {
            "problem": name,
            "overrides": [run.overrides for run in runs],
            "ridges": ridges,
            "generations": COLLAPSE,
        },
        (
            *(_best_ridge(run, path) for run, path in zip(runs, paths, strict=True)),
            _growth(runs[middle], paths[middle]),
            _finite_size(runs),
        ),
    )


def few_samples_figure(
    name: str, effort: Effort, seed: int, workers: int, progress: Progress | None
) -> Figure:
    """Figures 2a and 2b: generators with T₀ < d; test error against the ridge, and against the generations.

    Example
    -------
    >>> small = Effort(10, 3, {"spectrum.dimension": "20"}, (5, 10, 15))
    >>> [panel.x_axis for panel in few_samples_figure("figure-2b", small, 1, 1, None).panels]
    ['log', 'linear']
    """
    ridges = spaced(*RIDGES, effort.points)
    sizes = effort.sizes or FEW_SAMPLES
    # Over ridges for the size in the middle, over generations at the ridge in the middle for all.
    ridge = ridges[len(ridges) // 2]
    runs = [
        Run(
            name,
            {**effort.overrides, "generations.0.samples": str(size)},
            ridges if size == sizes[len(sizes) // 2] else (ridge,),
            COUNTED,
        )
        for size in sizes
    ]
    paths = simulate_runs(runs, effort.trials, seed, workers, progress)
    middle, measured = runs[len(sizes) // 2], paths[len(sizes) // 2]
    counted = [
        curve
        for size, run, path in zip(sizes, runs, paths, strict=True)
        for curve in _over_generations(f"T₀ = {size}", run, path, ridge)
    ]
    shared = middle.problem(1).generations[0].design == "shared"
    label = f"T₀ = {sizes[len(sizes) // 2]}"
    panels = (
        Panel(label, "ridge λ", "test error", tuple(_over_ridges(middle, measured, FEW))),
        Panel(
            f"λ = {ridge:g}",
            "generations n",
            "test error",
            tuple(counted),
            x_axis="linear",
            y_axis="linear",
        ),
    )
    return Figure(
        name,
        f"Generators with fewer samples than features, {'one design' if shared else 'fresh designs'}",
        panels,
        seed,
        {
            "problem": name,
            "overrides": [run.overrides for run in runs],
            "ridges": ridges,
            "ridge": ridge,
            "generations": COUNTED,
        },
        tuple(
            (_plateau if shared else _decay)(size, run, path, ridge)
            for size, run, path in zip(sizes, runs, paths, strict=True)
        ),
    )


def _over_ridges(
    run: Run, path: RidgePath, generations: Sequence[int] | None = None
) -> list[Curve]:
    curves: list[Curve] = []
    for n in generations or run.generations:

        def theory(x: Sequence[float], n: int = n) -> Sequence[float]:
            return predicted(run.problem(n), {symbols.ridge: x})

        curves += pair(f"n = {n}", run.ridges, *run.column(path, n), theory)
    return curves


def _over_generations(label: str, run: Run, path: RidgePath, ridge: float) -> tuple[Curve, Curve]:
    columns = [run.column(path, n, (ridge,)) for n in run.generations]
    mean, error = ([float(column[part][0]) for column in columns] for part in (0, 1))

    def theory(x: Sequence[float]) -> Sequence[float]:
        return [_predicted_at(run, int(n), ridge) for n in x]

    return pair(label, run.generations, mean, error, theory, spacing="none")


def _predicted_at(run: Run, generations: int, ridge: float) -> float:
    return predicted(run.problem(generations), {symbols.ridge: (ridge,)})[0]


def _best_ridge(run: Run, path: RidgePath) -> str:
    """Where the minimum lies, measured on the grid and proven for the formula, and what the clean one's costs."""
    last = max(run.generations)
    optimum = certified_optimum(run.problem(last), digits=6)
    clean = certified_optimum(run.problem(0), digits=6)
    found = {}
    for n in (0, last):
        mean, _ = run.column(path, n)
        found[n] = run.ridges[mean.index(min(mean))]
    price = float(optimum.classical.price.text) - 1
    return (
        f"At T = {run.overrides['downstream.samples']} the ridge of least error is {float(clean.ridge.text):.3g} at "
        f"n = 0 and {float(optimum.ridge.text):.3g} at n = {last} (of the ridges measured {found[0]:.3g} and "
        f"{found[last]:.3g}); at n = {last} the one for clean data costs {100 * price:.0f} %."
    )


def _growth(run: Run, path: RidgePath) -> str:
    """What each generation adds, measured from the same trials, beside theory."""
    last = max(run.generations)
    at = len(run.ridges) // 2
    rows = [run.generations.index(n) for n in (0, last)]
    added = (path.draws[:, rows[1], at] - path.draws[:, rows[0], at]) / last
    error = float(added.std(ddof=1)) / len(added) ** 0.5
    ridge = run.ridges[at]
    theory = (_predicted_at(run, last, ridge) - _predicted_at(run, 0, ridge)) / last
    # The noise of a generator enters by the mean of (XᵀX)⁻¹; so does the error of one generator alone.
    exact = theory * exact_over_limit(run.problem(last))
    return (
        f"At T = {run.overrides['downstream.samples']} and λ = {ridge:g} each generation adds "
        f"{added.mean():.5f} ± {error:.5f} to the error; theory {theory:.5f}, and {exact:.5f} with the factor "
        "1/(T₀ − d − 1) that is exact at finite size instead of 1/(T₀ − d)."
    )


def _finite_size(runs: Sequence[Run]) -> str:
    """Where measured and theory differ by more than the draws explain."""
    problem = runs[0].problem(0)
    assert problem.downstream is not None
    size, features = int(problem.downstream.samples), int(problem.dimension)
    return (
        f"The theory is that of the proportional limit; at T = {size}, d = {features} the mean differs from it by terms "
        f"of the order 1/(T − d) = {100 / abs(size - features):.1f} %."
    )


def _plateau(size: int, run: Run, path: RidgePath, ridge: float) -> str:
    """On one design the truth is projected once."""
    (first, error), last = (_point(run, path, n, ridge) for n in (1, max(run.generations)))
    return (
        f"T₀ = {size}: the error is {_point(run, path, 0, ridge)[0]:.4f} at n = 0, {first:.4f} ± {error:.4f} at n = 1 "
        f"and {last[0]:.4f} at n = {max(run.generations)}; theory {_predicted_at(run, 1, ridge):.4f} for every n ≥ 1."
    )


def _decay(size: int, run: Run, path: RidgePath, ridge: float) -> str:
    """On fresh designs it is projected again and again: the share T₀/d of it is left each time."""
    last = max(run.generations)
    mean, error = _point(run, path, last, ridge)
    left = Fraction(size, int(run.problem(0).dimension))
    return (
        f"T₀ = {size}: the error is {mean:.4f} ± {error:.4f} at n = {last}, "
        f"theory {_predicted_at(run, last, ridge):.4f}; of the truth's squared norm (T₀/d)ⁿ = "
        f"{float(left) ** last:.2g} is left."
    )


def _point(run: Run, path: RidgePath, generations: int, ridge: float) -> tuple[float, float]:
    mean, error = run.column(path, generations, (ridge,))
    return mean[0], error[0]
