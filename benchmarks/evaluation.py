"""How long a curve takes, and how right it is, beside plain scripts in the same run.

Run it in the repository: ``python -m benchmarks.evaluation`` prints the tables of the README; ``--quick`` takes small
sizes, ``--only curve`` one table, ``--profile`` says where the time of a curve in doubles goes, and what bounds it.
Times are those of the processor, on one thread: medians of interleaved rounds, least to greatest behind; ratios are
taken round by round.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from benchmarks.measuring import (
    ONE_THREAD,
    Figures,
    Goal,
    Section,
    figure,
    in_fresh_process,
    interleaved,
    peak_memory,
    ratios,
    shown_goals,
)

os.environ.update(ONE_THREAD)

# The order is the point: linear algebra reads the number of threads when it is loaded.
import flint
import mpmath
import numpy as np
from sympy import oo

import symcollapse as sc
from benchmarks import rival_scripts as rivals
from benchmarks.profiling import profile
from benchmarks.ridge_curves import (
    HARD,
    RidgeCurve,
    plain_power_law,
    power_law_curve,
    relative_errors,
    ridges,
    true_values,
)

SAMPLES, VARIANCE = 500, 0.01
"""Sample size of all curves, and variance of their label noise."""

MEBIBYTE = 2.0**20


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    repetitions: int = 7
    """Rounds of what takes less than a second."""
    slow_repetitions: int = 3
    """Rounds of what takes longer."""
    dimension: int = 1000
    points: int = 1000
    digit_points: int = 1000
    """Ridges of our curve of 50 digits, and of python-flint's."""
    mpmath_points: int = 4
    long_dimension: int = 10**6
    brentq_points: int = 5
    """Ridges at which the sums over all eigenvalues are solved one by one."""
    dimensions: tuple[Any, ...] = (10**2, 10**3, 10**4, 10**5, 10**6, 10**9, 10**12, oo)
    lengths: tuple[int, ...] = (10**2, 10**3, 10**4, 10**5, 10**6)


FULL = Sizes()
QUICK = Sizes(2, 1, 60, 20, 3, 1, 2000, 1, (50, 100, 10**4, oo), (10, 100))


def curve_in_doubles(sizes: Sizes) -> Section:
    """κ, total, bias and variance over λ, in doubles, against NumPy and SciPy."""
    exact = power_law_curve(sizes.dimension, samples=SAMPLES)
    s, squares = plain_power_law(sizes.dimension)
    lam = ridges(sizes.points)
    compiled = exact.compiled()
    works: dict[str, Callable[[], Any]] = {
        "symcollapse, compiled": lambda: compiled(lam),
        "symcollapse, from the formulas": lambda: exact.compiled()(lam),
        "NumPy, Newton for all λ at once": lambda: rivals.newton_in_numpy(
            s, squares, SAMPLES, VARIANCE, lam
        ),
        "NumPy, Newton in blocks that fit the cache": lambda: rivals.newton_in_blocks(
            s, squares, SAMPLES, VARIANCE, lam
        ),
        "SciPy, brentq per λ": lambda: rivals.brentq_per_point(s, squares, SAMPLES, VARIANCE, lam),
    }
    seconds = interleaved(works, sizes.repetitions)
    places = np.linspace(0, sizes.points - 1, min(20, sizes.points)).astype(int)
    truth = true_values(exact, [float(lam[place]) for place in places])
    ours = seconds["symcollapse, compiled"]
    rows = [
        [
            name,
            Figures(values).shown(1e-3),
            ratios(values, ours).shown(),
            f"{relative_errors(works[name](), truth, places):.1e}",
        ]
        for name, values in seconds.items()
    ]
    title = f"κ, total, bias and variance at {sizes.points} λ, d = {sizes.dimension}, doubles"
    plain = ratios(ours, seconds["NumPy, Newton for all λ at once"])
    error = relative_errors(compiled(lam), truth, places)
    goals = (
        Goal(
            f"κ and the whole curve, {sizes.points} λ, d = {sizes.dimension}",
            "under the vectorised NumPy script",
            f"{plain.shown()} times its time",
            plain.median < 1,
        ),
        Goal("the same", "right to 1e-15", f"{error:.1e}", error <= 1e-15),
    )
    return Section(title, ["by", "ms", "times ours", "worst relative error"], rows, goals=goals)


def hard_spectra(sizes: Sizes) -> Section:
    """Worst relative errors of κ, total, bias and variance on the five hard spectra."""
    del sizes
    rows, worst = [], 0.0
    for name, (spectrum, plain, samples, lam) in HARD.items():
        curve = RidgeCurve(spectrum, sc.UniformTarget(1), samples)
        s = plain(np.arange(1.0, 201.0))
        squares, points = np.full(200, 1 / 200), np.array([lam])
        truth = true_values(curve, [lam])
        found = {
            "ours": curve.compiled()(points),
            "newton": rivals.newton_in_numpy(s, squares, samples, VARIANCE, points),
            "brentq": rivals.brentq_per_point(s, squares, samples, VARIANCE, points),
            "default": rivals.brentq_per_point(
                s, squares, samples, VARIANCE, points, tolerance=2e-12
            ),
        }
        errors = [relative_errors(columns, truth, [0]) for columns in found.values()]
        worst = max(worst, errors[0])
        rows.append([name, *(f"{error:.1e}" for error in errors)])
    head = ["spectrum", "ours", "NumPy, Newton", "brentq", "brentq, default tolerance"]
    goal = Goal("five hard spectra", "1e-13, or an error", f"{worst:.1e}", worst <= 1e-13)
    title = "Five hard spectra, doubles: worst relative error of κ, total, bias and variance"
    return Section(title, head, rows, goals=(goal,))


def curve_in_digits(sizes: Sizes) -> Section:
    """The same curve to 50 digits, correctly rounded and as balls, against mpmath and python-flint."""
    exact = power_law_curve(sizes.dimension, samples=SAMPLES)
    lam = ridges(sizes.digit_points)
    few = lam[:: max(1, sizes.digit_points // sizes.mpmath_points)][: sizes.mpmath_points]
    balls = exact.compiled("ball")
    places = range(1, sizes.dimension + 1)
    with flint.ctx.workdps(70):
        in_flint = [flint.arb(j) ** (flint.arb(-3) / 2) for j in places]
        weights_in_flint = [1 / flint.arb(j) for j in places]
    with mpmath.workdps(70):
        in_mpmath = [mpmath.mpf(j) ** mpmath.mpf(-1.5) for j in places]
        weights_in_mpmath = [1 / mpmath.mpf(j) for j in places]
    works: dict[str, tuple[int, Callable[[], Any]]] = {
        "symcollapse, every digit right": (len(lam), lambda: in_digits(exact, lam)),
        "symcollapse, balls": (len(lam), lambda: exact.compiled("ball")(lam)),
        "python-flint, Newton in a loop, not certified": (
            len(lam),
            lambda: rivals.digits_in_flint(
                in_flint, weights_in_flint, SAMPLES, flint.arb("0.01"), [flint.arb(x) for x in lam]
            ),
        ),
        "mpmath, Newton": (
            len(few),
            lambda: rivals.digits_in_mpmath(
                in_mpmath, weights_in_mpmath, SAMPLES, mpmath.mpf(1) / 100, few
            ),
        ),
    }
    seconds = interleaved({name: work for name, (_, work) in works.items()}, sizes.slow_repetitions)
    scaled = {
        name: tuple(value * 1000 / works[name][0] for value in values)
        for name, values in seconds.items()
    }
    flint_seconds = scaled["python-flint, Newton in a loop, not certified"]
    rows = [
        [name, Figures(values).shown(), ratios(values, flint_seconds).shown(), str(works[name][0])]
        for name, values in scaled.items()
    ]
    radius = max(float((b.rad() / abs(b)).upper()) for column in balls(lam) for b in column)
    note = f"Largest relative radius of the balls: {radius:.1e}."
    title = f"The same to 50 digits, d = {sizes.dimension}, per 1000 λ"
    rounded, certified = (
        ratios(scaled[name], flint_seconds)
        for name in ("symcollapse, every digit right", "symcollapse, balls")
    )
    work = "50 digits, the same curve"
    shown = "{} times its time"
    goals = (
        Goal(
            work,
            "under the python-flint script",
            shown.format(rounded.shown()),
            rounded.median < 1,
        ),
        Goal(work, "certified within 4x", shown.format(certified.shown()), certified.median <= 4),
        Goal(work, "radius below 1e-45", f"{radius:.1e}", radius < 1e-45),
    )
    return Section(title, ["by", "s", "times python-flint", "λ measured"], rows, note, goals)


def in_digits(curve: RidgeCurve, lam: Any) -> Any:
    """A curve of 50 digits from its formulas: nothing is kept from the one before."""
    return curve.compiled("digits")(lam)


def dimensions(sizes: Sizes) -> Section:
    """The price of a curve against the dimension."""
    curves = {d: power_law_curve(d, samples=SAMPLES) for d in sizes.dimensions}
    lam, few = ridges(sizes.points), ridges(sizes.digit_points)
    doubles = interleaved(
        {str(d): partial(curve.compiled(), lam) for d, curve in curves.items()},
        sizes.slow_repetitions,
    )
    digits = interleaved(
        {str(d): partial(in_digits, curve, few) for d, curve in curves.items()},
        sizes.slow_repetitions,
    )
    base = str(sizes.dimensions[1])
    rows = []
    for d in map(str, sizes.dimensions):
        alone = in_fresh_process("benchmarks.evaluation", ["--once", d, str(sizes.points)])
        rows.append(
            [
                "∞" if d == "oo" else f"{int(d):.0e}".replace("e+0", "e").replace("e+", "e"),
                Figures(doubles[d]).shown(1e-3),
                ratios(doubles[d], doubles[base]).shown(),
                figure(alone["seconds"] * 1e3),
                figure((alone["peak"] - alone["before"]) / MEBIBYTE),
                Figures(digits[d]).shown(1e-3 * len(few)),
                ratios(digits[d], digits[base]).shown(),
            ]
        )
    head = [
        "d",
        "doubles, ms",
        f"times d = {base}",
        "first call in a fresh process, ms",
        "memory added, MiB",
        "50 digits, ms per λ",
        f"times d = {base}",
    ]
    goals = tuple(
        Goal(
            f"power law of any d or ∞, {name}",
            f"within 2x of d = {base}",
            f"at most {figure(most)} times",
            most <= 2,
        )
        for name, seconds in (("doubles", doubles), ("50 digits", digits))
        for most in [max(ratios(values, seconds[base]).median for values in seconds.values())]
    )
    return Section(f"Power law, capacity 3/2, {sizes.points} λ", head, rows, goals=goals)


def compressed(sizes: Sizes) -> Section:
    """Long spectra: the price per λ against bracketing on the plain sums."""
    d = sizes.long_dimension
    s, squares = plain_power_law(d)
    lam = ridges(sizes.points)
    few = lam[:: max(1, sizes.points // sizes.brentq_points)][: sizes.brentq_points]
    law = power_law_curve(d, samples=SAMPLES).compiled()
    listed = RidgeCurve(
        sc.ExplicitSpectrum([Fraction(float(x)) for x in s]), sc.UniformTarget(1), SAMPLES
    )
    start = time.process_time()
    from_list = listed.compiled()
    from_list(lam[:1])
    once = time.process_time() - start
    works: dict[str, tuple[int, Callable[[], Any]]] = {
        "symcollapse, the power law": (len(lam), lambda: law(lam)),
        "symcollapse, a list of its eigenvalues": (len(lam), lambda: from_list(lam)),
        "SciPy, brentq per λ on plain sums": (
            len(few),
            lambda: rivals.brentq_per_point(s, squares, SAMPLES, VARIANCE, few),
        ),
    }
    seconds = interleaved({name: work for name, (_, work) in works.items()}, sizes.slow_repetitions)
    each = {
        name: tuple(value / works[name][0] for value in values) for name, values in seconds.items()
    }
    theirs = each["SciPy, brentq per λ on plain sums"]
    rows = [
        [name, Figures(values).shown(1e-6), ratios(theirs, values).shown()]
        for name, values in each.items()
    ]
    note = f"The list is read once, in {figure(once)} s, from exact numbers to its first point."
    goals = tuple(
        Goal(
            f"per λ at d = {d:.0e}, {name.split(', ')[1]}",
            "1000x over brentq on plain sums",
            f"{ratios(theirs, values).shown()} times",
            ratios(theirs, values).median >= 1000,
        )
        for name, values in each.items()
        if values is not theirs
    )
    head = ["by", "µs", "brentq takes times"]
    return Section(f"d = {d:.0e}, per λ", head, rows, note, goals)


def lengths(sizes: Sizes) -> Section:
    """Time and memory against the number of points."""
    found: list[tuple[int, Figures, Figures]] = []
    for points in sizes.lengths:
        runs = [
            in_fresh_process(
                "benchmarks.evaluation", ["--once", str(sizes.long_dimension), str(points)]
            )
            for _ in range(sizes.slow_repetitions)
        ]
        seconds = Figures(tuple(run["seconds"] for run in runs))
        memory = Figures(tuple((run["peak"] - run["before"]) / MEBIBYTE for run in runs))
        found.append((points, seconds, memory))
    rows = [
        [f"{points:,}", seconds.shown(), figure(seconds.median / points * 1e6), memory.shown()]
        for points, seconds, memory in found
    ]
    most, seconds, memory = found[-1]
    goal = Goal(
        f"{most:,} points at d = {sizes.long_dimension:.0e}",
        "seconds",
        f"{seconds.shown()} s, {memory.shown()} MiB",
        seconds.median < 10,
    )
    head = ["points", "s", "µs per point", "memory added, MiB"]
    title = f"Curves of any length at d = {sizes.long_dimension:.0e}, each in a fresh process"
    return Section(title, head, rows, goals=(goal,))


def once(dimension: str, points: int) -> str:
    """One curve from its formulas: seconds, and memory before and at its peak."""
    curve = power_law_curve(oo if dimension == "oo" else int(dimension), samples=SAMPLES)
    lam = ridges(points)
    _ = curve.formulas
    before, start = peak_memory(), time.process_time()
    curve.compiled()(lam)
    return json.dumps(
        {"seconds": time.process_time() - start, "before": before, "peak": peak_memory()}
    )


SECTIONS: dict[str, Callable[[Sizes], Section]] = {
    "curve": curve_in_doubles,
    "hard": hard_spectra,
    "digits": curve_in_digits,
    "dimensions": dimensions,
    "compressed": compressed,
    "lengths": lengths,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="only this table")
    parser.add_argument("--profile", action="store_true", help="where the time of a curve goes")
    parser.add_argument("--once", nargs=2, metavar=("D", "POINTS"), help="time one curve as JSON")
    options = parser.parse_args()
    if options.once:
        print(once(options.once[0], int(options.once[1])))
        return
    if options.profile:
        print(profile(FULL.dimension, FULL.points))
        return
    goals: list[Goal] = []
    for name in options.only or SECTIONS:
        section = SECTIONS[name](QUICK if options.quick else FULL)
        goals += section.goals
        print(section.shown(), end="\n\n", flush=True)
    print(shown_goals(goals))


if __name__ == "__main__":
    main()
