"""Where the time of a curve in doubles goes, and whether memory or arithmetic bounds it."""

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import symcollapse as sc
from benchmarks.measuring import figure, markdown
from benchmarks.ridge_curves import power_law_curve, ridges

LINES = 10
"""Files shown, those with most time of their own; operators on arrays count for the file that they stand in."""

LONGER = 100
"""Times the points, for the long curve."""

CALLS = 50
"""Curves that are profiled, so that no single one decides."""

IN_CACHE = 2**14
"""Entries of an array that the cache of one core holds: 128 KiB."""

IN_MEMORY = 2**25
"""Entries of an array that no cache of one core holds: 256 MiB."""


def best(work: Callable[[], Any], seconds: float = 0.2) -> float:
    """Least time of one call, over calls that fill so many seconds."""
    least, until = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return float(least)


@dataclass(frozen=True)
class Operation:
    """A plain operation of NumPy on arrays of some length."""

    nanoseconds: float
    """Time of one entry."""
    arrays: int
    """Arrays of doubles that are read or written."""

    @property
    def gigabytes(self) -> float:
        """Bytes read or written in a nanosecond, which is 10⁹ in a second."""
        return 8 * self.arrays / self.nanoseconds


def attainable() -> dict[str, Operation]:
    """What plain operations of NumPy take, measured now."""
    small, out = np.linspace(1, 2, IN_CACHE), np.ones(IN_CACHE)
    # Written once before, so that no page is handed out while the clock runs.
    large, target = np.ones(IN_MEMORY), np.ones(IN_MEMORY)
    works: dict[str, tuple[Callable[[], Any], int, int]] = {
        "multiply, in cache": (lambda: np.multiply(small, small, out=out), IN_CACHE, 2),
        "divide, in cache": (lambda: np.divide(small, small, out=out), IN_CACHE, 2),
        "sum, in cache": (lambda: np.sum(small), IN_CACHE, 1),
        "copy, in memory": (lambda: np.copyto(target, large), IN_MEMORY, 2),
        "multiply, in memory": (lambda: np.multiply(large, large, out=target), IN_MEMORY, 2),
    }
    return {
        name: Operation(best(work) / entries * 1e9, arrays)
        for name, (work, entries, arrays) in works.items()
    }


def own_shares(work: Callable[[], Any], calls: int) -> Counter[str]:
    """Own time by source file, as shares; what is in C by its library or name."""
    # Of the processor's time: a pause would go to whichever function it hits.
    profiler = cProfile.Profile(time.process_time)
    for _ in range(calls):
        profiler.runcall(work)
    stats = pstats.Stats(profiler)
    total = stats.total_tt  # type: ignore[attr-defined]
    entries: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    shares: Counter[str] = Counter()
    for key, values in entries.items():
        shares[_place(key)] += values[2] / total
    return shares


def profile(dimension: int, points: int) -> str:
    """Own time by file for a short and a long curve, and the time per entry beside plain operations."""
    curve = power_law_curve(dimension)
    work = curve.compiled()
    short = sc.compressed_spectrum(
        sc.PowerLawSpectrum(dimension, "3/2"), sc.SourceTarget("1/2"), order=2.0
    )
    nodes, plain = short.eigenvalues.size, attainable()
    lengths = (points, LONGER * points)
    shares, notes = [], []
    for count in lengths:
        lam = ridges(count)
        shares.append(own_shares(partial(work, lam), max(1, CALLS * points // count)))
        seconds = best(partial(work, lam), 2.0)
        each = seconds / (nodes * count) * 1e9
        notes.append(
            f"{count} λ take {figure(seconds * 1e3)} ms, {figure(each)} ns for each node and λ: as long as "
            f"{figure(each / plain['multiply, in cache'].nanoseconds)} multiplications in the cache, or "
            f"{figure(each / plain['copy, in memory'].nanoseconds)} copies through memory."
        )
    ranked = sorted(shares[0], key=lambda place: -max(each[place] for each in shares))[:LINES]
    rows = [[place, *(f"{each[place]:.0%}" for each in shares)] for place in ranked]
    rates = [
        [name, figure(operation.nanoseconds), figure(operation.gigabytes)]
        for name, operation in plain.items()
    ]
    return "\n\n".join(
        [
            f"**Own time by file: κ, total, bias, variance, d = {dimension} on {nodes} nodes**",
            markdown(["file", *(f"{count} λ" for count in lengths)], rows),
            "**Plain operations of NumPy, in the same run**",
            markdown(["operation", "ns per entry", "GB/s"], rates),
            " ".join(notes),
        ]
    )


def _place(key: tuple[str, int, str]) -> str:
    file, _, name = key
    if "/sympy/" in file:
        return "SymPy"
    if "/numpy/" in file or "numpy" in name:
        return "NumPy, called by name (sums, sorting)"
    return "built-in functions" if file == "~" else file.rsplit("/", 1)[-1]
