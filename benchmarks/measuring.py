"""Ratios of times measured side by side, peak memory in fresh processes, and tables of them."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Linear algebra on one thread, so that ratios do not hang on who shares the cores."""

KIBIBYTE = 1024
"""Unit of the greatest resident size, as Linux counts it."""


@dataclass(frozen=True)
class Figures:
    """One quantity, measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, which one disturbed round does not move."""
        return statistics.median(self.values)

    def shown(self, unit: float = 1.0) -> str:
        """Median, and least to greatest, to three figures."""
        low, middle, high = (
            figure(value / unit) for value in (min(self.values), self.median, max(self.values))
        )
        return middle if len(self.values) == 1 else f"{middle} ({low}–{high})"


def figure(value: float) -> str:
    """Three significant figures, without an exponent where that is short."""
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{float(f'{value:.3g}'):.10g}"
    return f"{value:.1e}"


def interleaved(
    works: Mapping[str, Callable[[], Any]], repetitions: int
) -> dict[str, tuple[float, ...]]:
    """Processor seconds of each work, all of them in each round, so that a busy machine is busy for all.

    Each work is done once before, unmeasured, so that no one pays for what is done once only. All run on one thread, so
    that the time of the processor is the time that a free machine takes; the clock on the wall would count others.
    """
    for work in works.values():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions):
        for name, work in works.items():
            start = time.process_time()
            work()
            seconds[name].append(time.process_time() - start)
    return {name: tuple(values) for name, values in seconds.items()}


def ratios(theirs: Sequence[float], ours: Sequence[float]) -> Figures:
    """How many times as long they take, round by round."""
    return Figures(tuple(a / b for a, b in zip(theirs, ours, strict=True)))


def peak_memory() -> float:
    """Greatest resident size of this process so far, bytes.

    Read from the process itself: what `getrusage` says begins with the size of the process that started it.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * KIBIBYTE
    return float("nan")


def in_fresh_process(module: str, arguments: Sequence[str]) -> dict[str, float]:
    """What a module prints as JSON when it runs alone."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, **ONE_THREAD}
    answer = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment
    )
    return json.loads(answer.stdout)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


@dataclass(frozen=True)
class Goal:
    """What was wanted of one figure, and what was measured."""

    work: str
    wanted: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Section:
    """A titled table, and the goals that it decides."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    goals: tuple[Goal, ...] = ()

    def shown(self) -> str:
        """As Markdown."""
        parts = [f"**{self.title}**", markdown(self.head, self.rows), self.note]
        return "\n\n".join(part for part in parts if part)


def shown_goals(goals: Sequence[Goal]) -> str:
    """A table of goals, met or missed."""
    rows = [
        [goal.work, goal.wanted, goal.measured, "met" if goal.met else "missed"] for goal in goals
    ]
    return markdown(["work", "goal", "measured", ""], rows)
