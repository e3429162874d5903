"""A campaign's numbers are the same however it is run, ended, taken up and shared."""

import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from symcollapse.language.errors import InvalidProblem, NotEvaluable, NotSupported, WorkersFailed
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.simulation import simulate
from symcollapse.simulation.workers import Chunk, draw_chunk
from symcollapse.verification import Campaign, campaign_runs, report_campaign, run_campaign
from symcollapse.verification.campaign_executors import named_executor
from symcollapse.verification.campaign_runs import Crew

TRIALS = 1024
SMALL = [
    Problem(
        IsotropicSpectrum(24),
        UniformTarget(1),
        (Generation(70, "1/5", repeat=generations),),
        Downstream(90, "1/10", ridge="1/20"),
        name=f"chain of {generations}",
    )
    for generations in (1, 2, 3)
]


def campaign(store: Path, **settings: Any) -> Campaign:
    usual = {"trials": TRIALS, "risk": 1e-3, "margin": 0.15}
    return run_campaign(settings.pop("problems", SMALL), store, **{**usual, **settings})


def verdicts(found: Campaign) -> list[tuple[Any, ...]]:
    """What may not depend on how a campaign was run: verdicts, and the draws that they stand on, to the last bit."""
    return [
        (
            result.problem.name,
            result.agreement,
            result.exact_agreement,
            result.draws[: decided(result)],
        )
        for result in found.results
    ]


def decided(result: Any) -> int:
    return max(each.trials for each in (result.agreement, result.exact_agreement) if each)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """What an uninterrupted run in one process finds."""
    found = campaign(tmp_path_factory.mktemp("alone") / "a.db")
    assert found.is_shown
    assert {result.is_decided for result in found.results} == {True}
    return verdicts(found)


class Backwards(Executor):
    """Does the work when there is some to choose from, the last first."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        if len(self.waiting) == 6:
            while self.waiting:
                last, work = self.waiting.pop()
                last.set_result(work())
        return future


class Failing(Executor):
    """Fails now and then, as if a machine had gone: with this chance."""

    def __init__(self, chance: float, error: Exception) -> None:
        self.chance = chance
        self.error = error
        self.choice = random.Random(5)
        self.count = 0
        self.failed = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.count += 1
        if self.choice.random() < self.chance:
            self.failed += 1
            future.set_exception(self.error)
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_any_executor_gives_the_same_numbers(tmp_path: Path, alone: list[Any]) -> None:
    backwards = campaign(tmp_path / "b.db", executor=Backwards(), workers=3, until_decided=False)
    assert verdicts(backwards) == alone
    failing = Failing(0.15, ConnectionError("gone"))
    assert verdicts(campaign(tmp_path / "f.db", executor=failing, workers=4)) == alone
    assert failing.failed > 3
    with ThreadPoolExecutor(3) as threads:
        assert verdicts(campaign(tmp_path / "t.db", executor=threads, workers=3)) == alone


def test_own_processes_give_the_same_numbers(tmp_path: Path, alone: list[Any]) -> None:
    assert verdicts(campaign(tmp_path / "p.db", workers=2)) == alone


def test_draws_are_those_of_simulate(tmp_path: Path) -> None:
    found = campaign(tmp_path / "a.db", problems=SMALL[:1], seed=7, trials=128, until_decided=False)
    assert found.results[0].draws == simulate(SMALL[0], 128, seed=7).draws
    other = campaign(tmp_path / "a.db", problems=SMALL[:1], seed=8, trials=128)
    assert other.results[0].draws[:64] != found.results[0].draws[:64]
    # Whole chunks: 65 trials are two of 64.
    rounded = campaign(tmp_path / "c.db", problems=SMALL[:1], trials=65, until_decided=False)
    assert len(rounded.results[0].draws) == 128


def test_draws_go_where_they_are_needed(tmp_path: Path) -> None:
    noisy = Problem(IsotropicSpectrum(2), UniformTarget(1), (), Downstream(12, 1), name="noisy")
    found = campaign(tmp_path / "a.db", problems=[SMALL[2], noisy], trials=1024, margin=0.3)
    quick, slow = found.results
    assert quick.is_decided
    assert len(quick.draws) < len(slow.draws) == 1024
    assert slow.verdict == "cannot tell"


def test_a_false_prediction_is_refuted(tmp_path: Path) -> None:
    place = tmp_path / "a.db"
    campaign(place, problems=SMALL[2:])
    connection = sqlite3.connect(place)
    with connection:
        # Without one generation in three: a plausible slip.
        connection.execute("UPDATE problems SET prediction = prediction * 0.7")
    connection.close()
    (result,) = report_campaign(place).results
    assert result.verdict == "refuted"
    assert not report_campaign(place).is_shown


def test_an_infinite_prediction_gets_one_chunk(tmp_path: Path) -> None:
    infinite = Problem(IsotropicSpectrum(8), UniformTarget(1), (), Downstream(8, 1), name="T = d")
    (result,) = campaign(tmp_path / "a.db", problems=[infinite]).results
    assert (result.verdict, len(result.draws), result.is_decided) == ("cannot tell", 64, True)
    assert math.isinf(result.problem.prediction)


def test_what_is_stored_is_not_drawn_again(
    tmp_path: Path, alone: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.db"
    few = campaign(place, trials=64)
    assert [len(result.draws) for result in few.results] == [64, 64, 64]
    drawn: list[int] = []
    work = draw_chunk

    def counted(plan: Any, seed: int, first: int, count: int) -> Chunk:
        drawn.append(first)
        return work(plan, seed, first, count)

    monkeypatch.setattr(campaign_runs, "draw_chunk", counted)
    assert verdicts(campaign(place)) == alone
    assert 0 not in drawn
    drawn.clear()
    # Without names, what the store has goes on; and nothing is left to draw.
    assert verdicts(campaign(place, problems=[])) == alone
    assert verdicts(report_campaign(place)) == alone
    assert drawn == []


def test_ctrl_c_leaves_what_is_done(
    tmp_path: Path, alone: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.db"
    work = draw_chunk
    left = [4]

    def interrupted(*arguments: Any) -> Chunk:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return work(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(campaign_runs, "draw_chunk", interrupted)
        with pytest.raises(KeyboardInterrupt, match="4 chunks are kept, and the same command"):
            campaign(place)
    assert sum(len(result.draws) for result in report_campaign(place).results) == 4 * 64
    assert verdicts(campaign(place)) == alone


def test_an_executor_that_fails_always_ends_in_one_line(tmp_path: Path, alone: list[Any]) -> None:
    place = tmp_path / "a.db"
    campaign(place, trials=64)
    failing = Failing(1, MemoryError("all gone"))
    with pytest.raises(WorkersFailed, match=r"failed 3 times.*MemoryError.*the same command"):
        campaign(place, executor=failing)
    # Two chunks are out at a time, each of them three times at most.
    assert failing.count <= 6
    with pytest.raises(WorkersFailed, match="the executor is broken"):
        campaign(place, executor=Failing(0.5, BrokenExecutor("dead")))
    assert verdicts(campaign(place)) == alone


def test_an_executor_that_takes_no_work_is_said(tmp_path: Path) -> None:
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    with pytest.raises(WorkersFailed, match="takes no more work"):
        campaign(tmp_path / "a.db", executor=threads)


def deadly(plan: Any, seed: int, first: int, count: int) -> Chunk:
    """A chunk whose process is killed, as by a system without memory."""
    del plan, seed, first, count
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_pool_that_breaks_is_replaced(
    tmp_path: Path, alone: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pools: list[int] = []

    @contextmanager
    def breaking(workers: int) -> Iterator[Executor]:
        pools.append(workers)
        yield Failing(0.1, BrokenProcessPool("killed"))

    monkeypatch.setattr(campaign_runs, "worker_pool", breaking)
    assert verdicts(campaign(tmp_path / "a.db", workers=2)) == alone
    assert len(pools) > 2


@pytest.mark.slow
def test_processes_that_die_are_replaced(
    tmp_path: Path, alone: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.db"
    calls: list[int] = []
    submit = campaign_runs.Crew.submit

    def sometimes(self: campaign_runs.Crew, work: Any, *arguments: Any) -> Future[Any]:
        calls.append(1)
        return submit(self, deadly if len(calls) == 3 else work, *arguments)

    monkeypatch.setattr(campaign_runs.Crew, "submit", sometimes)
    assert verdicts(campaign(place, workers=2)) == alone
    assert len(calls) > 3


def test_a_pool_found_broken_is_seen_with_the_work_that_it_took_along() -> None:
    class Broken(Executor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            raise BrokenProcessPool("a process died")

    with campaign_runs.Crew(None, workers=2) as crew:
        crew.own = Broken()
        with pytest.raises(BrokenProcessPool):
            crew.submit(pow, 2, 3).result(timeout=1)
    with campaign_runs.Crew(Broken(), workers=2) as crew, pytest.raises(WorkersFailed):
        crew.submit(pow, 2, 3)


def test_an_error_of_one_problem_holds_up_no_other(tmp_path: Path, alone: list[Any]) -> None:
    loud = Problem(IsotropicSpectrum(2), UniformTarget(1), (), Downstream(9, "1e160"), name="loud")
    place = tmp_path / "a.db"
    for _ in range(2):
        with pytest.raises(NotEvaluable, match="loud: trial 0 with seed 1 overflows"):
            campaign(place, problems=[loud, *SMALL])
    assert verdicts(campaign(place, problems=SMALL)) == alone


def test_trials_that_have_no_result_are_not_repeated(tmp_path: Path) -> None:
    failing = Failing(1, ArithmeticError("the design has not full rank"))
    with pytest.raises(
        NotEvaluable, match="chain of 1: the design has not full rank, from trial 0"
    ):
        campaign(tmp_path / "a.db", problems=SMALL[:1], executor=failing)
    # Two chunks are out at a time.
    assert failing.count <= 2


def test_errors_say_which_problem_it_is(tmp_path: Path) -> None:
    many = Problem(IsotropicSpectrum(30_000), UniformTarget(1), (), Downstream(9), name="many")
    with pytest.raises(NotEvaluable, match=r"many: spectrum\.dimension = 30000"):
        campaign(tmp_path / "a.db", problems=[*SMALL, many])
    assert report_campaign(tmp_path / "a.db").results[0].draws == ()


class Silent(Executor):
    """Answers nothing, as the executor of a Dask client that has lost its scheduler."""

    def __init__(self, status: str) -> None:
        self._client = SimpleNamespace(status=status)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        return Future()


def test_a_client_that_lost_its_scheduler_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(WorkersFailed, match="lost its scheduler"):
        campaign(tmp_path / "a.db", problems=SMALL[:1], executor=Silent("closed"))
    # The twin: one that still tries to reach it is waited for.
    assert not Crew(Silent("connecting"), workers=1).is_deaf


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"trials": 0}, "trials = 0"),
        ({"chunk": 0}, "chunk = 0"),
        ({"workers": 0}, "workers = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"trials": 64.5}, "trials = 64.5"),
        ({"chunk": 2.5}, "chunk = 2.5"),
        ({"workers": None}, "workers = None"),
        ({"seed": 1.5}, "seed = 1.5"),
        ({"risk": 0}, "risk = 0: give a number between 0 and 1"),
        ({"risk": math.nan}, "risk = nan"),
        ({"margin": 5}, "margin = 5: give a number between 0 and 1"),
        ({"margin": math.nan}, "margin = nan"),
        ({"margin": "0.1"}, "margin = '0.1'"),
        ({"problems": "figure-1a"}, "problems: give a list"),
        ({"problems": SMALL[0]}, "problems: give a list"),
        ({"problems": []}, "no such store; name problems"),
    ],
)
def test_numbers_out_of_range_are_refused(
    settings: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidProblem, match=says):
        campaign(tmp_path / "a.db", **settings)
    # Nothing is stored that would be in the way of the right numbers.
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(("key", "value"), [("risk", 1e-2), ("margin", 0.2), ("chunk", 32)])
def test_what_a_verdict_stands_on_is_not_changed_on_the_way(
    key: str, value: float, tmp_path: Path
) -> None:
    campaign(tmp_path / "a.db", problems=SMALL[:1], trials=64)
    with pytest.raises(InvalidProblem, match=f"was begun with {key} = "):
        campaign(tmp_path / "a.db", problems=SMALL[:1], trials=64, **{key: value})


def test_executors_by_name() -> None:
    with pytest.raises(InvalidProblem, match="executor = 'cloud'"), named_executor("cloud", 1):
        pass
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
        for kind in ("dask", "mpi"):
            with pytest.raises(NotSupported, match="pip install"), named_executor(kind, 1):
                pass


# Killed, and shared: with real processes.

WORKER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from symcollapse.verification import campaign_runs
from tests.verification import test_campaigns
work = campaign_runs.draw_chunk
def slowly(*arguments):
    time.sleep(float(sys.argv[3]))
    return work(*arguments)
campaign_runs.draw_chunk = slowly
print(flush=True)
test_campaigns.campaign(Path(sys.argv[2]), until_decided=False)
"""
ROOT = Path(__file__).parents[2]


def started(place: Path, pause: float = 0.03) -> "subprocess.Popen[bytes]":
    """A run of its own process, about to begin, on 48 chunks that take so many seconds and more."""
    command = [sys.executable, "-c", WORKER, str(ROOT), str(place), str(pause)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
    return process


def kept_chunks(place: Path) -> int:
    try:
        return sum(len(result.draws) for result in report_campaign(place).results) // 64
    except (OSError, InvalidProblem):
        return 0


def killed_at_random(place: Path, kills: int, seed: int) -> list[int]:
    """Chunks that were there after each kill."""
    choice = random.Random(seed)
    kept = [0]
    for _ in range(kills):
        process = started(place)
        time.sleep(choice.random() * 1.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept.append(kept_chunks(place))
    return kept


def test_a_run_killed_at_random_times_ends_in_the_same_bits(
    tmp_path: Path, alone: list[Any]
) -> None:
    place = tmp_path / "a.db"
    kept = killed_at_random(place, kills=2, seed=4)
    assert kept == sorted(kept), "a finished chunk was lost"
    assert verdicts(campaign(place)) == alone


@pytest.mark.slow
def test_many_kills_lose_nothing(tmp_path: Path, alone: list[Any]) -> None:
    for seed in range(4):
        place = tmp_path / f"{seed}.db"
        kept = killed_at_random(place, kills=5, seed=seed)
        assert kept == sorted(kept), "a finished chunk was lost"
        assert kept[-1] > 0
        assert verdicts(campaign(place)) == alone


def test_two_runs_share_a_store_and_the_work(tmp_path: Path, alone: list[Any]) -> None:
    place = tmp_path / "a.db"
    runs = [started(place, 0.01), started(place, 0.01)]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    assert verdicts(report_campaign(place)) == alone
    connection = sqlite3.connect(place)
    count, different = connection.execute(
        "SELECT COUNT(*), COUNT(DISTINCT problem || ' ' || first) FROM chunks"
    ).fetchone()
    connection.close()
    assert count == different == 3 * TRIALS // 64


@pytest.mark.slow
def test_dask_on_a_cluster_of_processes(
    tmp_path: Path, alone: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = campaign(tmp_path / "a.db", executor=client.get_executor(pure=False), workers=2)
        assert verdicts(found) == alone
        # One of the two is killed on the way: its chunks are done by who is left.
        (first, *_) = cluster.workers.values()
        process = first.process.process

        def kill(done: int, total: int) -> None:
            del total
            if done >= 3 * 64 and process.is_alive():
                os.kill(process.pid, signal.SIGKILL)

        executor = client.get_executor(pure=False)
        again = campaign(tmp_path / "b.db", executor=executor, workers=2, progress=kill)
        assert verdicts(again) == alone
    with named_executor("dask", 2) as (own, workers):
        assert verdicts(campaign(tmp_path / "c.db", executor=own, workers=workers)) == alone
    monkeypatch.setattr("symcollapse.verification.campaign_executors.CONNECTING_SECONDS", 1)
    nowhere = named_executor("dask:tcp://127.0.0.1:9", 1)
    with pytest.raises(WorkersFailed, match="no Dask scheduler"), nowhere:
        pass
