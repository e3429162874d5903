"""How long a simulated path over λ takes, beside plain scripts in the same run, with the same estimates.

Run it in the repository: ``python -m benchmarks.simulation`` prints the tables of the README; ``--quick`` takes small
sizes, ``--only path`` one table, ``--device cuda`` measures stacks on a GPU, too. Times are those of the processor, on
one thread: medians of interleaved rounds, least to greatest behind; ratios are taken round by round.
"""

import argparse
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.measuring import (
    ONE_THREAD,
    Figures,
    Goal,
    Section,
    figure,
    interleaved,
    ratios,
    shown_goals,
)

os.environ.update(ONE_THREAD)

# The order is the point: linear algebra reads the number of threads when it is loaded.
import numpy as np
from scipy.stats import ttest_ind
from sympy import Rational

import symcollapse as sc
from benchmarks.simulation_scripts import (
    Array,
    PlainSetting,
    one_trial,
    redone_for_each_ridge,
    scikit_learn_each,
    solve_each,
)
from symcollapse.language.errors import SymcollapseError
from symcollapse.simulation import fit_ridges, ridge_paths
from symcollapse.simulation.array_namespaces import array_place

GENERATIONS, RIDGES = 5, 20
"""Length of the chain, and number of ridges; errors are asked for after 0 to 5 generations, at each ridge."""

FALSE_ALARM = 1e-3
"""Chance of refusing estimates of one law."""


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    repetitions: int = 7
    shapes: tuple[tuple[int, int], ...] = ((100, 300), (300, 1000), (300, 200), (1000, 3000))
    """Features and samples; the chain has twice as many samples as features."""
    small: tuple[tuple[int, int], ...] = ((5, 15), (10, 30), (30, 60), (100, 300))
    small_trials: int = 500
    device_shapes: tuple[tuple[int, int], ...] = ((30, 60), (100, 300), (300, 1000))
    device_trials: int = 1000
    side: int = 2048
    """Of the matrices whose product tells what arithmetic a device attains."""


FULL = Sizes()
QUICK = Sizes(2, ((10, 30), (10, 5)), ((5, 15), (10, 30)), 20, ((5, 15),), 20, 64)


def setting_of(dimension: int, samples: int) -> PlainSetting:
    """Numbers of the scripts."""
    ridges = np.logspace(-4, 1, RIDGES)
    return PlainSetting(dimension, samples, 2 * dimension, GENERATIONS, ridges)


def problem_of(setting: PlainSetting) -> sc.Problem:
    """The same as a problem."""
    chain = sc.Generation(setting.generation_samples, "1/5", repeat=setting.generations)
    downstream = sc.Downstream(setting.samples, "1/10")
    spectrum = sc.PowerLawSpectrum(setting.dimension, "3/2")
    return sc.Problem(spectrum, sc.SourceTarget(Rational(1, 2)), (chain,), downstream)


class Program:
    """A program that draws trial after trial, and keeps what it found."""

    def __init__(self, draw: Callable[[int], Array]) -> None:
        self.draw = draw
        self.found: list[Array] = []

    def __call__(self) -> None:
        self.found.append(self.draw(len(self.found)))

    @property
    def draws(self) -> Array:
        """All so far; shape (trials, generations, ridges)."""
        return np.concatenate(self.found)


def programs(setting: PlainSetting, trials: int) -> dict[str, Program]:
    """Everything that gives the whole table of a trial, so many trials at a time."""
    problem, lengths = problem_of(setting), range(GENERATIONS + 1)
    generators = {name: np.random.default_rng(place) for place, name in enumerate("abc")}

    def ours(route: Any, done: int) -> Array:
        path = sc.simulate_ridge_path(
            problem, list(setting.ridges), lengths, trials, 7, first=done * trials, route=route
        )
        return path.draws

    def script(name: str, run: Callable[..., Array], done: int) -> Array:
        del done
        return run(generators[name])[None]

    def by_simulate(done: int) -> Array:
        columns = []
        for ridge in setting.ridges:
            exact = Rational(float(ridge))
            downstream = sc.Downstream(setting.samples, "1/10", exact)
            one = sc.Problem(problem.spectrum, problem.target, problem.generations, downstream)
            columns.append(sc.simulate(one, 1, 8, first=done).draws)
        return np.array(columns).T[:, None, :]

    once = partial(one_trial, setting)
    return {
        "symcollapse, simulate_ridge_path": Program(partial(ours, "sufficient")),
        "the same, route plain": Program(partial(ours, "plain")),
        "NumPy, XᵀX once, one solve per λ": Program(
            partial(script, "a", partial(once, solve_each))
        ),
        "NumPy, everything redone per λ": Program(
            partial(script, "b", partial(redone_for_each_ridge, setting))
        ),
        "scikit-learn, one Ridge per λ": Program(
            partial(script, "c", partial(once, scikit_learn_each))
        ),
        "symcollapse, simulate per λ (after 5 generations alone)": Program(by_simulate),
    }


def agreement(mine: Program, other: Program) -> float:
    """Chance that estimates differ as much as the worst of them does, were they of one law.

    By Student's test of the logarithms, which have all moments, and one variance if they are of one law. Welch's would
    take the variance of a program's few trials for that of its law. Times the number of estimates.
    """
    ours, theirs = np.log(mine.draws), np.log(other.draws)
    if theirs.shape[1:] != ours.shape[1:]:
        ours = ours[:, -1:]
    least = np.min(ttest_ind(ours, theirs).pvalue)
    return min(1.0, float(least) * ours[0].size)


def path(sizes: Sizes) -> Section:
    """One trial of the whole path, against scripts."""
    rows, goals = [], []
    for dimension, samples in sizes.shapes:
        setting = setting_of(dimension, samples)
        trials = max(1, min(20, 2000 // dimension))
        works = programs(setting, trials)
        seconds = interleaved(works, sizes.repetitions)
        each = {
            name: tuple(value / (trials if place < 2 else 1) for value in values)
            for place, (name, values) in enumerate(seconds.items())
        }
        ours, *others = works
        chances = [agreement(works[ours], works[name]) for name in others]
        shown = f"d = {dimension}, T = {samples}"
        for name, values, chance in zip(each, each.values(), [math.nan, *chances], strict=True):
            cells = [Figures(values).shown(1e-3), ratios(values, each[ours]).shown()]
            rows.append([shown, name, *cells, "" if math.isnan(chance) else figure(chance)])
        theirs = ratios(each["NumPy, XᵀX once, one solve per λ"], each[ours])
        goals += [
            Goal(
                f"{RIDGES} λ after 0 to {GENERATIONS} generations, {shown}",
                "10x over one numpy.linalg.solve per λ",
                f"{theirs.shown()} times",
                theirs.median >= 10,
            ),
            Goal(
                "the same",
                "the same estimates",
                f"p = {figure(min(chances))} at least",
                min(chances) > FALSE_ALARM,
            ),
        ]
    head = ["size", "by", "ms per trial", "times ours", "p of equal estimates"]
    title = f"{RIDGES} λ after 0 to {GENERATIONS} generations, by trials"
    return Section(title, head, rows, goals=tuple(goals))


def factor(sizes: Sizes) -> Section:
    """The λ path on given data: nothing is drawn, so this is the shared factor alone."""
    rows = []
    for dimension, samples in sizes.shapes:
        setting = setting_of(dimension, samples)
        generator = np.random.default_rng(1)
        X = generator.standard_normal((samples, dimension)) * np.sqrt(setting.eigenvalues)
        Y = X @ setting.truth[:, None] + generator.standard_normal((samples, GENERATIONS + 1))
        works: dict[str, Callable[[], Any]] = {
            "symcollapse, fit_ridges": partial(fit_ridges, X, Y, setting.ridges),
            "NumPy, XᵀX once, one solve per λ": partial(solve_each, X, Y, setting.ridges),
            "scikit-learn, one Ridge per λ": partial(scikit_learn_each, X, Y, setting.ridges),
        }
        seconds = interleaved(works, sizes.repetitions)
        ours = seconds["symcollapse, fit_ridges"]
        first = np.asarray(works["symcollapse, fit_ridges"]())
        for name, values in seconds.items():
            gap = float(np.abs(np.asarray(works[name]()) - first).max() / np.abs(first).max())
            cells = [Figures(values).shown(1e-3), ratios(values, ours).shown(), f"{gap:.0e}"]
            rows.append([f"d = {dimension}, T = {samples}", name, *cells])
    head = ["size", "by", "ms", "times ours", "largest gap of the weights"]
    return Section(f"{RIDGES} λ and {GENERATIONS + 1} sets of labels on one design", head, rows)


def small(sizes: Sizes) -> Section:
    """Stacks against one trial after another."""
    rows, places = [], ["numpy", *_available("torch")]
    for dimension, samples in sizes.small:
        problem = problem_of(setting_of(dimension, samples))
        trials = max(10, sizes.small_trials * 10 // dimension)

        def run(arrays: str | None, problem: sc.Problem = problem, trials: int = trials) -> Array:
            lam = list(np.logspace(-4, 1, RIDGES))
            lengths = range(GENERATIONS + 1)
            return sc.simulate_ridge_path(problem, lam, lengths, trials, arrays=arrays).draws

        works: dict[str, Callable[[], Any]] = {"one by one": partial(_one_by_one, run)}
        works |= {f"stacks, {name}": partial(run, name) for name in places}
        seconds = interleaved(works, sizes.repetitions)
        draws = works["one by one"]()
        for name, values in seconds.items():
            gap = float(np.abs(works[name]() / draws - 1).max())
            cells = [
                Figures(values).shown(1e-6 * trials),
                ratios(seconds["one by one"], values).shown(),
                f"{gap:.0e}",
            ]
            rows.append([f"d = {dimension}, T = {samples}", name, *cells])
    head = ["size", "by", "µs per trial", "times as fast as one by one", "largest gap of a draw"]
    return Section("Small problems: trials stacked, or one by one", head, rows)


def device(sizes: Sizes, name: str) -> Section:
    """Stacks on a device: trials per second, and the share of the arithmetic that its own product of matrices attains."""
    title = f"Stacks on the device {name}"
    try:
        place = array_place(f"torch:{name}")
    except SymcollapseError as error:
        return Section(title, ["size"], [], f"Not measured: {error}")
    rate = _attainable(place, sizes.side)
    rows = []
    for dimension, samples in sizes.device_shapes:
        setting = setting_of(dimension, samples)
        problem, lam = problem_of(setting), list(setting.ridges)
        run = partial(sc.simulate_ridge_path, problem, lam, trials=sizes.device_trials)
        run(arrays=place.name)
        # The clock on the wall: the device is not the processor.
        seconds = []
        for _ in range(sizes.repetitions):
            start = time.perf_counter()
            run(arrays=place.name)
            seconds.append((time.perf_counter() - start) / sizes.device_trials)
        side = min(dimension, samples)
        work = 2.0 * dimension * side**2 + 2.0 * side**2 * RIDGES
        share = [work / value / rate for value in seconds]
        rows.append(
            [
                f"d = {dimension}, T = {samples}",
                Figures(tuple(1 / value for value in seconds)).shown(),
                Figures(tuple(share)).shown(0.01),
            ]
        )
    note = f"Attainable: {figure(rate / 1e12)} TFLOP/s in products of doubles, {sizes.side} × {sizes.side}."
    return Section(
        title, ["size", "trials/s", "share of products of matrices in that, %"], rows, note
    )


def _one_by_one(run: Callable[[str | None], Array]) -> Array:
    before = ridge_paths.SMALL
    ridge_paths.SMALL = 0
    try:
        return run(None)
    finally:
        ridge_paths.SMALL = before


def _available(name: str) -> list[str]:
    try:
        return [array_place(name).name]
    except SymcollapseError:
        return []


def _attainable(place: Any, side: int) -> float:
    count = 5
    A = place.arrays(np.random.default_rng(0).standard_normal((side, side)))
    place.on_host((A @ A)[:1, :1])
    start = time.perf_counter()
    for _ in range(count):
        A = A @ A / side
    place.on_host(A[:1, :1])
    return 2.0 * side**3 * count / (time.perf_counter() - start)


SECTIONS: dict[str, Callable[[Sizes], Section]] = {"path": path, "factor": factor, "small": small}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="only this table")
    parser.add_argument("--device", metavar="NAME", help="a device of PyTorch, as cuda; or cpu")
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    goals: list[Goal] = []
    sections = [partial(SECTIONS[name], sizes) for name in options.only or SECTIONS]
    if options.device:
        sections.append(partial(device, sizes, options.device))
    for measure in sections:
        section = measure()
        goals += section.goals
        print(section.shown(), end="\n\n", flush=True)
    if goals:
        print(shown_goals(goals))


if __name__ == "__main__":
    main()
