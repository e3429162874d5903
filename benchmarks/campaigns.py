"""How fast campaigns draw: by workers and executors, what a chunk costs to store, and what stopping early saves.

Run: python -m benchmarks.campaigns
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np

import symcollapse as sc
from benchmarks.measuring import ONE_THREAD, Figures, Section, figure
from symcollapse.simulation.workers import Chunk, worker_pool
from symcollapse.verification import RunningSums, compare, compare_at_any_time
from symcollapse.verification.campaign_executors import named_executor
from symcollapse.verification.campaign_store import CampaignStore, StoredProblem
from symcollapse.verification.sequential import look_sizes

CHUNK = 64
REPETITIONS = 3


def campaign_problems(count: int = 3) -> list[sc.Problem]:
    """Chains of 1, 2, … generations of 60 features, some milliseconds for each trial."""
    return [
        sc.Problem(
            sc.IsotropicSpectrum(60),
            sc.UniformTarget(1),
            (sc.Generation(200, "1/5", repeat=generations),),
            sc.Downstream(250, "1/10", ridge="1/20"),
            name=f"chain of {generations}",
        )
        for generations in range(1, count + 1)
    ]


def drawn_in(folder: Path, executor: Executor | None, workers: int, trials: int) -> float:
    """Seconds to draw all trials of all problems; they are derived before."""
    place = folder / "runs.db"
    place.unlink(missing_ok=True)
    problems = campaign_problems()
    sc.run_campaign(
        problems, place, trials=CHUNK, until_decided=False, executor=executor, workers=workers
    )
    start = time.perf_counter()
    sc.run_campaign(
        problems, place, trials=trials, until_decided=False, executor=executor, workers=workers
    )
    return time.perf_counter() - start


def throughput(trials: int = 320) -> Section:
    """Trials a second, by the clock on the wall: the cores are shared, so each is measured several times."""
    rows = []
    count = (trials - CHUNK) * len(campaign_problems())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def measured(title: str, run: Callable[[], float]) -> None:
            rates = Figures(tuple(count / run() for _ in range(REPETITIONS)))
            rows.append([title, rates.shown()])

        plain = Figures(tuple(count / _simulated(trials - CHUNK) for _ in range(REPETITIONS)))
        rows.append(["`simulate`, one process, no store", plain.shown()])
        measured("one process", lambda: drawn_in(folder, None, 1, trials))
        with worker_pool(2) as pool:
            measured("two processes", lambda: drawn_in(folder, pool, 2, trials))
        with named_executor("dask", 2) as (executor, workers):
            measured(
                "Dask, two worker processes", lambda: drawn_in(folder, executor, workers, trials)
            )
    return Section("Throughput", ["who draws", "trials/s"], rows)


def _simulated(trials: int) -> float:
    start = time.perf_counter()
    for problem in campaign_problems():
        sc.simulate(problem, trials)
    return time.perf_counter() - start


def storing(chunks: int = 100) -> Section:
    """Milliseconds to claim a chunk and to store it, on this disk."""
    claims, keeps = [], []
    with tempfile.TemporaryDirectory() as name, CampaignStore(Path(name) / "a.db") as store:
        problem = store.add(
            StoredProblem("a", "", "", 1, CHUNK, 1e-6, 0.1, 1.0, None, None, 0.0, "")
        )
        for position in range(chunks):
            chunk = Chunk.of(CHUNK * position, [1.0] * CHUNK, "here", 0.1)
            start = time.perf_counter()
            store.claim([(problem, chunk.first)])
            middle = time.perf_counter()
            store.keep(problem, chunk)
            claims.append(1e3 * (middle - start))
            keeps.append(1e3 * (time.perf_counter() - middle))
        size = store.place.stat().st_size / chunks
    rows = [
        ["claim", Figures(tuple(claims)).shown()],
        ["store", Figures(tuple(keeps)).shown()],
    ]
    return Section("A chunk", ["step", "ms"], rows, f"{size:.0f} bytes for {CHUNK} trials.")


def stopping(repetitions: int = 100) -> Section:
    """Mean draws until a verdict at risk 1e-6, of gamma draws: looking always, and at doubled sizes."""
    rows = []
    most = 8192
    for spread, margin, ratio in (
        (0.1, 0.03, 1.0), (0.1, 0.03, 1.01), (0.2, 0.05, 1.0), (0.2, 0.05, 1.02),
        (0.1, 0.03, 1.1), (0.2, 0.05, 1.2),
    ):  # fmt: skip
        generator = np.random.default_rng(3)
        always, doubled = [], []
        for _ in range(repetitions):
            shape = spread**-2
            draws = generator.gamma(shape, ratio / shape, most).tolist()
            always.append(drawn_always(draws, margin))
            doubled.append(drawn_doubling(draws, margin))
        means = float(np.mean(always)), float(np.mean(doubled))
        rows.append(
            [
                f"{spread:.0%}",
                f"{margin:.0%}",
                f"{ratio:g}",
                *map(figure, means),
                figure(means[0] / means[1]),
            ]
        )
    head = ["spread", "margin", "measured/predicted", "looking always", "doubling", "ratio"]
    return Section("Draws until a verdict", head, rows)


def drawn_always(draws: Sequence[float], margin: float, risk: float = 1e-6) -> int:
    """Draws until there is a verdict, looked at after each chunk."""
    sums = RunningSums.of(draws[:CHUNK])
    while sums.trials < len(draws):
        if compare_at_any_time(sums, 1.0, margin, risk).verdict != "cannot tell":
            break
        sums = sums.joined(RunningSums.of(draws[sums.trials : sums.trials + CHUNK]))
    return sums.trials


def drawn_doubling(draws: Sequence[float], margin: float, risk: float = 1e-6) -> int:
    """The same, looked at after 64, 128, … draws."""
    sizes = look_sizes(CHUNK, len(draws))
    for size in sizes:
        if compare(draws[:size], 1.0, margin, risk, len(sizes)).verdict != "cannot tell":
            return size
    return len(draws)


def main() -> None:
    """Print the tables."""
    os.environ.update(ONE_THREAD)
    for section in (stopping, storing, throughput):
        print(section().shown(), end="\n\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
