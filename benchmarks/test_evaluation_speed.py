"""The curve timed by pytest-benchmark, ours beside the plain scripts: ``pytest benchmarks --benchmark-only``.

The default run of the tests does not come here, so no clock decides whether it passes.
"""

from collections.abc import Callable
from typing import Any

import flint
import numpy as np
import pytest

from benchmarks import rival_scripts as rivals
from benchmarks.ridge_curves import plain_power_law, power_law_curve, ridges

pytest.importorskip("pytest_benchmark")

SAMPLES, VARIANCE = 500, 0.01


def doubles(dimension: int, points: int) -> dict[str, Callable[[], Any]]:
    """κ, total, bias and variance in doubles."""
    s, squares = plain_power_law(dimension)
    lam, ours = ridges(points), power_law_curve(dimension, samples=SAMPLES).compiled()
    data = (s, squares, SAMPLES, VARIANCE, lam)
    return {
        "symcollapse": lambda: ours(lam),
        "newton in numpy": lambda: rivals.newton_in_numpy(*data),
        "newton in blocks": lambda: rivals.newton_in_blocks(*data),
        "brentq per point": lambda: rivals.brentq_per_point(*data),
    }


def digits(dimension: int, points: int) -> dict[str, Callable[[], Any]]:
    """The same to 50 digits."""
    with flint.ctx.workdps(70):
        s = [flint.arb(j) ** (flint.arb(-3) / 2) for j in range(1, dimension + 1)]
        squares = [1 / flint.arb(j) for j in range(1, dimension + 1)]
    lam, curve = ridges(points), power_law_curve(dimension, samples=SAMPLES)
    rounded, balls = curve.compiled("digits"), curve.compiled("ball")
    exact = [flint.arb(x) for x in lam]
    return {
        "symcollapse": lambda: rounded(lam),
        "symcollapse, balls": lambda: balls(lam),
        "python-flint": lambda: rivals.digits_in_flint(
            s, squares, SAMPLES, flint.arb("0.01"), exact
        ),
    }


def long(dimension: int, points: int) -> dict[str, Callable[[], Any]]:
    """A long power law, in doubles."""
    s, squares = plain_power_law(dimension)
    lam, ours = ridges(points), power_law_curve(dimension, samples=SAMPLES).compiled()
    return {
        "symcollapse": lambda: ours(lam),
        "brentq per point": lambda: rivals.brentq_per_point(s, squares, SAMPLES, VARIANCE, lam),
    }


Works = dict[str, Callable[[], Any]]

GROUPS: dict[str, tuple[Callable[[], Works], tuple[str, ...]]] = {
    "1000 ridges, d = 1000, doubles": (
        lambda: doubles(1000, 1000),
        ("symcollapse", "newton in numpy", "newton in blocks", "brentq per point"),
    ),
    "20 ridges, d = 1000, 50 digits": (
        lambda: digits(1000, 20),
        ("symcollapse", "symcollapse, balls", "python-flint"),
    ),
    "3 ridges, d = 10^6, doubles": (
        lambda: long(10**6, 3),
        ("symcollapse", "brentq per point"),
    ),
}

CASES = [(group, name) for group, (_, names) in GROUPS.items() for name in names]


@pytest.mark.parametrize(("group", "name"), CASES)
def test_curve(benchmark: Any, group: str, name: str) -> None:
    """One curve by one of the programs."""
    benchmark.group = group
    work = GROUPS[group][0]()[name]
    result = benchmark.pedantic(work, rounds=3, warmup_rounds=1)
    assert all(np.all(np.asarray(column, dtype=float) > 0) for column in result)
