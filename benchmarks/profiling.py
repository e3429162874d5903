"""Where the time of a curve in doubles goes, and whether memory or arithmetic bounds it."""

import cProfile
import pstats
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import symcollapse as sc
from benchmarks.measuring import figure, markdown
from benchmarks.ridge_curves import power_law_curve, ridges

LINES = 12
"""Functions shown, those with most time of their own."""

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


def profile(dimension: int, points: int) -> str:
    """Own time by function, and the time per entry beside that of plain operations."""
    curve = power_law_curve(dimension)
    work, lam = curve.compiled(), ridges(points)
    work(lam)
    seconds = best(lambda: work(lam), 2.0)
    profiler = cProfile.Profile()
    profiler.runcall(work, lam)
    stats = pstats.Stats(profiler)
    total = stats.total_tt  # type: ignore[attr-defined]
    entries: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    ranked = sorted(entries.items(), key=lambda item: -item[1][2])[:LINES]
    rows = [[_place(key), f"{values[2] / total:.0%}", str(values[1])] for key, values in ranked]
    short = sc.compressed_spectrum(
        sc.PowerLawSpectrum(dimension, "3/2"), sc.SourceTarget("1/2"), order=2.0
    )
    cells = short.eigenvalues.size * points
    plain = attainable()
    rates = [
        [name, figure(operation.nanoseconds), figure(operation.gigabytes)]
        for name, operation in plain.items()
    ]
    each = seconds / cells * 1e9
    return "\n\n".join(
        [
            f"**Own time by function: κ, total, bias, variance, {points} λ, d = {dimension}**",
            markdown(["function", "own time", "calls"], rows),
            "**Plain operations of NumPy, in the same run**",
            markdown(["operation", "ns per entry", "GB/s"], rates),
            f"{short.eigenvalues.size} nodes stand for {dimension} eigenvalues: an array of nodes and λ has "
            f"{figure(8 * cells / 2**20)} MiB. The curve takes {figure(seconds * 1e3)} ms, {figure(each)} ns for each "
            f"entry of it: {figure(each / plain['multiply, in cache'].nanoseconds)} multiplications in the cache, or "
            f"{figure(each / plain['copy, in memory'].nanoseconds)} copies through memory.",
        ]
    )


def _place(key: tuple[str, int, str]) -> str:
    file, _, name = key
    return name if file == "~" else f"{file.rsplit('/', 1)[-1]}: {name}"
