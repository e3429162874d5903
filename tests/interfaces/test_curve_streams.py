"""Long curves: taken up after a kill to the same bytes, of bounded memory, and read again from every format."""

import csv
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import xarray
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces import curve_command, curve_streams, drawn_rows, row_journals
from symcollapse.interfaces.command_line import commands
from symcollapse.interfaces.curve_streams import CurveSettings, CurveStream
from symcollapse.interfaces.requested_points import requested_points
from symcollapse.interfaces.row_journals import open_journal
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problem_files import ProblemFile

SWEEP = ("--over", "downstream.ridge=1e-3:10:log:500")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["curve", *(str(argument) for argument in arguments)])


def assert_refused(result: Result, *words: str) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


@pytest.fixture
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_streams, "IN_DOUBLES", 64)


def stop_after(chunks: int, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let a run end with an error after some chunks."""
    work = CurveStream._chunk
    left = [chunks]

    def chunk(self: CurveStream, *rest: Any) -> Any:
        if left[0] == 0:
            raise error
        left[0] -= 1
        return work(self, *rest)

    monkeypatch.setattr(CurveStream, "_chunk", chunk)


ENDINGS = ("csv", "json", "jsonl", "parquet", "nc")


@pytest.mark.usefixtures("short_chunks")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_run_that_is_stopped_goes_on_to_the_same_bytes(ending: str, tmp_path: Path) -> None:
    whole, there = tmp_path / f"whole.{ending}", tmp_path / f"there.{ending}"
    assert run("figure-1a", *SWEEP, "-o", whole).exit_code == 0
    there.write_text("mine")
    for chunks in (3, 2):
        with pytest.MonkeyPatch.context() as patch:
            stop_after(chunks, patch, KeyboardInterrupt())
            result = run("figure-1a", *SWEEP, "-o", there, "--resume")
        assert result.exit_code == 130
        done = {3: 192, 2: 320}[chunks]
        assert f"interrupted; {done} points are kept" in result.stderr
        assert "--resume" in result.stderr
        assert there.read_text() == "mine"
    assert run("figure-1a", *SWEEP, "-o", there, "--resume").exit_code == 0
    assert there.read_bytes() == whole.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {whole.name, there.name}


@pytest.mark.usefixtures("short_chunks")
def test_what_is_kept_is_neither_lost_nor_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "a.csv"
    with pytest.MonkeyPatch.context() as patch:
        stop_after(2, patch, KeyboardInterrupt())
        assert run("figure-1a", *SWEEP, "-o", there).exit_code == 130
    assert_refused(run("figure-1a", *SWEEP, "-o", there), "128 points", "--resume", "--restart")
    other = ("--over", "downstream.ridge=1e-3:10:log:501")
    assert_refused(run("figure-1a", *other, "-o", there, "--resume"), "sweeps", "--restart")
    assert_refused(run("power-law", *SWEEP, "-o", there, "--resume"), "problem file")
    setting = ("--set", "downstream.noise=1")
    assert_refused(run("figure-1a", *SWEEP, *setting, "-o", there, "--resume"), "settings")
    digits = ("--digits", "20")
    assert_refused(run("figure-1a", *SWEEP, *digits, "-o", there, "--resume"), "options")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("symcollapse.interfaces.run_records.installed_version", lambda _: "9.9")
        assert_refused(run("figure-1a", *SWEEP, "-o", there, "--resume"), "versions")
    # None of these has touched it.
    rows = tmp_path / ".a.csv.symcollapse-rows"
    record = tmp_path / ".a.csv.symcollapse-record"
    assert json.loads(record.read_text())["bytes"] == rows.stat().st_size
    kept = rows.read_bytes()
    rows.write_bytes(kept[:-1])
    assert_refused(run("figure-1a", *SWEEP, "-o", there, "--resume"), "damaged", "--restart")
    # What was written after the record is cut off.
    rows.write_bytes(kept + b"1,2,3\n4,")
    assert run("figure-1a", *SWEEP, "-o", there, "--resume").exit_code == 0
    assert there.read_text() == run("figure-1a", *SWEEP).stdout
    monkeypatch.setattr(row_journals, "LONGEST", 2)
    with pytest.MonkeyPatch.context() as patch:
        stop_after(2, patch, KeyboardInterrupt())
        assert run("figure-1a", *SWEEP, "-o", there).exit_code == 130
    assert run("figure-1a", *other, "-o", there, "--restart").exit_code == 0
    assert there.read_text() == run("figure-1a", *other).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.usefixtures("short_chunks")
@pytest.mark.parametrize("place", ["rows", "record", "whole"])
def test_a_full_disk_is_one_line_and_loses_nothing(place: str, tmp_path: Path) -> None:
    there = tmp_path / "a.csv"
    there.write_text("mine")
    with pytest.MonkeyPatch.context() as patch:
        full = OSError(28, "No space left on device")
        left = [3]

        def fsync(_: int) -> None:
            left[0] -= 1
            # Rows, record and folder have three for each chunk.
            if left[0] < {"rows": 0, "record": -1, "whole": -99}[place]:
                raise full

        def write(*_: object) -> None:
            raise full

        patch.setattr(os, "fsync", fsync)
        if place == "whole":
            patch.setattr(curve_command, "write_table", write)
        result = run("figure-1a", *SWEEP, "-o", there)
    assert_refused(result, "a.csv: No space left on device; ", "points are kept", "--resume")
    assert there.read_text() == "mine"
    assert run("figure-1a", *SWEEP, "-o", there, "--resume").exit_code == 0
    assert there.read_text() == run("figure-1a", *SWEEP).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.usefixtures("short_chunks")
def test_an_error_that_would_come_again_keeps_nothing(tmp_path: Path) -> None:
    values = ",".join(str(number) for number in range(1, 80))
    sweep = ("--over", f"downstream.ridge={values},-1,81,82,83", "-o", tmp_path / "a.csv")
    assert_refused(run("figure-1a", *sweep), "downstream.ridge = '-1'")
    assert not list(tmp_path.iterdir())


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    there = tmp_path / "a.csv"
    with open_journal(there, {}, "anew"):
        assert_refused(run("figure-1a", *SWEEP, "-o", there), "a.csv: another run is writing it")
        assert_refused(run("figure-1a", *SWEEP, "-o", there, "--restart"), "another run")
        assert run("figure-1a", *SWEEP, "-o", tmp_path / "b.csv").exit_code == 0
    assert run("figure-1a", *SWEEP, "-o", there).exit_code == 0


def test_resuming_needs_a_file() -> None:
    assert_refused(run("figure-1a", *SWEEP, "--resume"), "-o")
    assert_refused(run("figure-1a", *SWEEP, "-o", "a.csv", "--resume", "--restart"), "one of")


KILLED = """
import sys, time
from symcollapse.interfaces import curve_streams
from symcollapse.interfaces.command_line import main
curve_streams.IN_DOUBLES = 16
work = curve_streams.CurveStream._chunk
def chunk(*arguments):
    time.sleep(0.01)
    return work(*arguments)
curve_streams.CurveStream._chunk = chunk
sys.argv = ["symcollapse", "curve", "figure-1a", *sys.argv[1:]]
main()
"""


def test_a_run_killed_at_random_times_ends_in_the_same_bytes(tmp_path: Path) -> None:
    sweep = ("--over", "downstream.ridge=1e-3:10:log:800")
    there, whole = tmp_path / "a.csv", tmp_path / "whole.csv"
    choice = random.Random(6)
    arguments = [sys.executable, "-c", KILLED, *sweep, "-o", str(there), "--resume"]
    kept = [0]
    for _ in range(2):
        process = subprocess.Popen(arguments)
        record = tmp_path / ".a.csv.symcollapse-record"
        start = kept[-1]
        # Killed at any moment after one more chunk is kept: it takes 50 chunks and more than half a second.
        while process.poll() is None and _points(record) <= start:
            time.sleep(0.005)
        time.sleep(choice.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL
        assert not there.exists()
        kept.append(_points(record))
    assert kept == sorted(set(kept))
    subprocess.run(arguments, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve_streams, "IN_DOUBLES", 16)
        assert run("figure-1a", *sweep, "-o", whole).exit_code == 0
    assert there.read_bytes() == whole.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "whole.csv"}


def _points(record: Path) -> int:
    try:
        return int(json.loads(record.read_text())["points"])
    except FileNotFoundError:
        return 0


@pytest.mark.usefixtures("short_chunks")
def test_simulated_points_do_not_depend_on_chunks(tmp_path: Path) -> None:
    arguments = (
        "figure-1a", "--set", "spectrum.dimension=9", "--over", "downstream.ridge=1:9:lin:9",
        "--simulate", "40", "--seed", "3",
    )  # fmt: skip
    once = run(*arguments).stdout
    there = tmp_path / "a.csv"
    with pytest.MonkeyPatch.context() as patch:
        # Two points of 40 trials each.
        patch.setattr(curve_streams, "SIMULATED", 80)
        stop_after(2, patch, KeyboardInterrupt())
        assert "4 points are kept" in run(*arguments, "-o", there).stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curve_streams, "SIMULATED", 80)
        assert run(*arguments, "-o", there, "--resume").exit_code == 0
    # The formula goes by digits where points are few; what is drawn is drawn from the seed.
    simulated = [line.split(",")[-2:] for line in once.splitlines()]
    assert [line.split(",")[-2:] for line in there.read_text().splitlines()] == simulated
    assert len({tuple(each) for each in simulated}) == 10


def test_memory_does_not_grow_with_the_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curve_streams, "IN_DOUBLES", 128)
    monkeypatch.setattr(drawn_rows, "MOST_ALONG", 50)
    # One chunk is 128 rows of nine columns; 2000 rows and their texts would be a megabyte.
    peaks: list[int] = []
    for size in (150, 400, 2000):
        sweep = ("--over", f"downstream.ridge=1e-3:10:lin:{size}")
        if size > 150:
            # Tracing is slow, and the first run fills caches.
            tracemalloc.start()
        result = run("figure-1a", *sweep, "-o", tmp_path / "a.csv", "--plot", tmp_path / "a.svg")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert result.exit_code == 0
    # Allocators differ a little.
    assert peaks[2] < peaks[1] + 300_000


@pytest.mark.slow
def test_a_hundred_thousand_points_take_the_memory_of_ten_thousand(tmp_path: Path) -> None:
    measured = []
    for size in (10**4, 10**5):
        script = (
            "import resource, sys; from symcollapse.interfaces.command_line import commands; "
            "commands.main(sys.argv[1:], standalone_mode=False); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        sweep = ("--over", f"downstream.ridge=1e-6:10:log:{size}", "-o", str(tmp_path / "a.csv"))
        arguments = [sys.executable, "-c", script, "curve", "figure-1a", *sweep]
        found = subprocess.run(arguments, check=True, capture_output=True, text=True)
        measured.append(int(found.stdout))
    # Kilobytes; the rows of 10^5 points would be 15 MB as text, and 100 MB as dictionaries.
    assert measured[1] < measured[0] + 10_000


def test_a_plot_of_many_points_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_rows, "MOST_ALONG", 20)
    sweep = ("--over", "downstream.noise=1,2", "--over", "downstream.ridge=1e-3:10:log:100")
    assert run("figure-1a", *sweep, "--plot", tmp_path / "a.svg").exit_code == 0
    assert "40 of 200 points drawn" in (tmp_path / "a.svg").read_text()
    monkeypatch.setattr(drawn_rows, "MOST_ALONG", 100)
    assert run("figure-1a", *sweep, "--plot", tmp_path / "a.svg").exit_code == 0
    assert "points drawn" not in (tmp_path / "a.svg").read_text()


FORMATS = (
    "small.toml", "--over", "generations.0.design=fresh,shared",
    "--over", "generations.0.samples=11,12,13,40", "--over", "downstream.ridge=0,1/3,2",
)  # fmt: skip

SMALL = """
title = "Small"
[spectrum]
kind = "isotropic"
dimension = 12
[[generations]]
samples = 40
noise = "1/5"
repeat = 2
[downstream]
samples = 30
noise = "1/10"
"""


def written(ending: str, folder: Path, *more: str) -> tuple[Path, list[dict[str, str]]]:
    """A table in some format, and its rows as CSV."""
    small = folder / "small.toml"
    small.write_text(SMALL)
    arguments = [str(small), *FORMATS[1:], *more]
    assert run(*arguments, "-o", folder / f"a.{ending}").exit_code == 0
    rows = list(csv.DictReader(run(*arguments).stdout.splitlines()))
    assert len(rows) == 24
    assert any(row["total"] == "inf" for row in rows)
    assert {row["exact_total"] == "" for row in rows} == {True, False}
    return folder / f"a.{ending}", rows


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    place, rows = written("parquet", tmp_path)
    table = pyarrow.parquet.read_table(place)
    assert table.schema.metadata[b"problem"] == b"small.toml"
    assert table.column_names == list(rows[0])
    for found, row in zip(table.to_pylist(), rows, strict=True):
        assert found["generations.0.design"] == row["generations.0.design"]
        assert found["generations.0.samples"] == int(row["generations.0.samples"])
        assert (
            found["downstream.ridge"] == {"0": 0.0, "1/3": 1 / 3, "2": 2.0}[row["downstream.ridge"]]
        )
        assert found["total"] == float(row["total"])
        assert found["regime"] == row["regime"]
        exact = row["exact_total"]
        assert found["exact_total"] == (float(exact) if exact else None)


def test_netcdf_has_a_dimension_for_each_sweep(tmp_path: Path) -> None:
    place, rows = written("nc", tmp_path)
    with xarray.open_dataset(place, engine="h5netcdf") as table:
        assert dict(table.sizes) == {
            "generations.0.design": 2, "generations.0.samples": 4, "downstream.ridge": 3,
        }  # fmt: skip
        assert table.attrs["problem_file"] == SMALL
        assert table.attrs["symcollapse_version"] == f"symcollapse {sc.__version__}"
        for row in rows:
            ridge = {"0": 0.0, "1/3": 1 / 3, "2": 2.0}[row["downstream.ridge"]]
            point = table.sel(
                {
                    "generations.0.design": row["generations.0.design"],
                    "generations.0.samples": int(row["generations.0.samples"]),
                    "downstream.ridge": ridge,
                }
            )
            assert point["total"].item() == float(row["total"])
            assert point["regime"].item() == row["regime"]
            exact = point["exact_total"].item()
            wanted = row["exact_total"]
            assert math.isnan(exact) if not wanted else exact == float(wanted)


@pytest.mark.parametrize("ending", ["parquet", "nc", "jsonl"])
def test_digits_are_texts_in_every_format(ending: str, tmp_path: Path) -> None:
    place, rows = written(ending, tmp_path, "--digits", "30")
    if ending == "jsonl":
        found = [json.loads(line)["total"] for line in place.read_text().splitlines()]
    elif ending == "parquet":
        found = pyarrow.parquet.read_table(place)["total"].to_pylist()
    else:
        with xarray.open_dataset(place, engine="h5netcdf") as table:
            found = table["total"].values.reshape(-1).tolist()
    assert found == [row["total"] for row in rows]
    # All but infinity have them.
    assert max(len(text) for text in found) >= 30


@pytest.mark.parametrize(("ending", "module"), [("parquet", "pyarrow"), ("nc", "h5netcdf")])
def test_without_its_extra_a_format_is_refused(
    ending: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
    extra = {"parquet": "parquet", "nc": "netcdf"}[ending]
    result = run("figure-1a", *SWEEP, "-o", tmp_path / f"a.{ending}")
    assert_refused(result, module, f"pip install 'symcollapse[{extra}]'")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("values", ["1/10,1/5", "1e-3:1:log:12"])
def test_digits_are_those_of_evaluate_and_radii_are_proven(values: str) -> None:
    sweep = ("--over", f"downstream.ridge={values}", "--digits", "40", "--certified")
    rows = list(csv.DictReader(run("figure-1b", *sweep).stdout.splitlines()))
    for row in rows[:3]:
        problem = sc.Problem.from_file("figure-1b", {"downstream.ridge": row["downstream.ridge"]})
        error = sc.test_error(problem)
        for name, formula in {**error.parts, "effective_ridge": error.effective_ridge}.items():
            found, radius = Fraction(row[name]), Fraction(row[f"{name}_radius"])
            assert row[name] == sc.evaluate(formula, problem, digits=40).text
            truth = Fraction(sc.evaluate(formula, problem, digits=60).text)
            # The truth is known to 60 digits; the radius is that of 40.
            assert abs(found - truth) <= radius + abs(truth) / 10**59
            assert radius < abs(truth) / 10**39
    assert len({row["total"] for row in rows}) == len(rows)
    short = run("figure-1b", *sweep[:2], "--certified").stdout
    assert len(next(csv.DictReader(short.splitlines()))["total"]) <= 20


def test_digits_are_refused_where_nothing_proves_them() -> None:
    sweep = ("--over", "generations.0.noise=1,2", "--set", "generations.0.repeat=9")
    assert_refused(run("accumulate", *sweep, "--digits", "20"), "state evolution")
    assert run("accumulate", *sweep).exit_code == 0


@pytest.mark.usefixtures("short_chunks")
def test_rows_flow_to_stdout_as_they_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("figure-1a", *SWEEP).stdout
    stop_after(2, monkeypatch, KeyboardInterrupt())
    result = run("figure-1a", *SWEEP)
    assert result.exit_code == 130
    assert whole.startswith(result.stdout)
    assert len(result.stdout.splitlines()) == 129


@pytest.mark.usefixtures("short_chunks")
def test_a_pipe_gets_the_whole_table(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    arguments = [sys.executable, "-m", "symcollapse", "curve", "figure-1a", *SWEEP, "-o", str(pipe)]
    with subprocess.Popen(arguments) as process:
        text = pipe.read_text()
    assert process.returncode == 0
    assert len(text.splitlines()) == 501
    assert [path.name for path in tmp_path.iterdir()] == ["pipe.csv"]


def test_a_journal_names_the_record_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / ".a.csv.symcollapse-record").write_text("[")
    with (
        pytest.raises(InvalidProblem, match="damaged"),
        open_journal(tmp_path / "a.csv", {}, "resume"),
    ):
        pytest.fail("opened")
    assert (tmp_path / ".a.csv.symcollapse-record").exists()


def rows_of(stream: CurveStream, start: int) -> Sequence[Any]:
    return [row for rows in stream.chunks(start) for row in zip(*rows.values(), strict=True)]


def test_chunks_begin_where_they_are_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_streams, "IN_DOUBLES", 4)
    requested = requested_points(["downstream.noise=1,2,3", "downstream.ridge=1:2:lin:3"], [])
    file = ProblemFile.read("figure-1a")
    whole = rows_of(CurveStream(file, requested, CurveSettings()), 0)
    assert [row[:2] for row in whole] == [tuple(point.values()) for point in requested.points]
    assert rows_of(CurveStream(file, requested, CurveSettings()), 4) == whole[4:]
