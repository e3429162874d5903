"""``symcollapse campaign``: runs, goes on, reports, and says in one line what it cannot do."""

import csv
import io
import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symcollapse.interfaces.command_line import commands
from symcollapse.language.problem_files import problem_to_toml
from symcollapse.simulation.workers import draw_chunk
from symcollapse.verification import campaign_runs
from symcollapse.verification.campaign_store import CampaignStore
from tests.verification.test_campaigns import SMALL

QUICK = ("--risk", "1e-3", "--margin", "0.15", "--trials", "1024")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["campaign", *(str(argument) for argument in arguments)])


def assert_refused(result: Result, *words: str) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for problem in SMALL:
        name = f"{problem.name.replace(' ', '-')}.toml"
        (tmp_path / name).write_text(problem_to_toml(problem), encoding="utf-8")
    return tmp_path


def test_a_campaign_runs_reports_and_goes_on(folder: Path) -> None:
    store = folder / "runs.db"
    few = run(store, folder / "*.toml", *QUICK[:4], "--trials", "64", "--format", "json")
    assert few.exit_code == 1
    assert [entry["verdict"] for entry in json.loads(few.stdout)] == ["cannot tell"] * 3
    whole = run(store, *QUICK, "--format", "json")
    assert (whole.exit_code, whole.stderr) == (0, "")
    records = json.loads(whole.stdout)
    assert [entry["problem"] for entry in records] == ["chain-of-1", "chain-of-2", "chain-of-3"]
    assert {entry["verdict"] for entry in records} == {"shown"}
    assert all(entry["kept"] >= entry["trials"] > 64 for entry in records)
    # Once more: nothing is left to draw; and the report is the same.
    for again in (
        run(store, *QUICK, "--format", "json"),
        run(store, "--report", "--format", "json"),
    ):
        assert again.stdout == whole.stdout
    rows = list(csv.DictReader(io.StringIO(run(store, "--report", "--format", "csv").stdout)))
    assert [float(row["mean"]) for row in rows] == [entry["mean"] for entry in records]
    table = run(store, "--report")
    assert table.exit_code == 0
    assert "3 problems: 3 shown, 0 refuted, 0 cannot tell" in table.stdout
    markdown = run(store, "--report", "--format", "markdown").stdout.splitlines()
    assert markdown[0].startswith("| problem | verdict |")
    assert len({line.count("|") for line in markdown[:5]}) == 1


def test_ctrl_c_says_what_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = folder / "runs.db"
    work = draw_chunk
    left = [2]

    def interrupted(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return work(*arguments)

    monkeypatch.setattr(campaign_runs, "draw_chunk", interrupted)
    result = run(store, folder / "chain-of-1.toml", *QUICK)
    assert (result.exit_code, result.stdout) == (130, "")
    assert "2 chunks are kept, and the same command goes on" in result.stderr
    assert "2 chunks" not in run(store, "--report").stdout
    assert json.loads(run(store, "--report", "--format", "json").stdout)[0]["kept"] == 128


def test_what_cannot_be_is_one_line(folder: Path) -> None:
    there = folder / "runs.db"
    assert_refused(run(there), "runs.db: no such store; name problems to begin one")
    assert not there.exists()
    with CampaignStore(there):
        pass
    assert_refused(run(there), "no problem of seed 1", "name some")
    assert_refused(run(folder / "none.db", "--report"), "none.db", "No such file")
    assert not (folder / "none.db").exists()
    assert_refused(run(folder / "no" / "a.db", "figure-1a"), "the folder of the store")
    assert_refused(run(folder / "chain-of-1.toml", "figure-1a"), "not a campaign's store")
    assert "dimension = 24" in (folder / "chain-of-1.toml").read_text(encoding="utf-8")
    assert_refused(run(there, folder / "x*.toml"), "no file matches")
    assert_refused(run(there, "no-such-problem"), "no-such-problem")
    assert_refused(run(there, "figure-1a", "--executor", "cloud"), "executor = 'cloud'")
    assert_refused(run(there, "figure-1a", "--executor", "dask:"), "executor = 'dask:'")
    assert_refused(run(there, "figure-1a", "--report"), "leave out the files")
    assert run(there, "--report").stdout.endswith(
        "0 problems: 0 shown, 0 refuted, 0 cannot tell; 0 trials kept\n"
    )
    assert run(there, "--report", "--format", "csv").stdout == ""


def test_another_risk_is_refused_on_the_way(folder: Path) -> None:
    store, file = folder / "runs.db", folder / "chain-of-1.toml"
    run(store, file, *QUICK[:4], "--trials", "64")
    assert_refused(run(store, file, *QUICK[2:]), "chain-of-1", "risk = 0.001", "1e-06")
    assert run(store, file, *QUICK[:4], "--trials", "64", "--seed", "2").exit_code == 1
    assert len(json.loads(run(store, "--report", "--format", "json").stdout)) == 2


def test_the_readme_s_campaign_prints_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.split("\n## Campaigns")[1].split("\n## ")[0]
    script, output = (
        re.findall(rf"```{language}\n(.*?)```", section, re.S)[0] for language in ("python", "text")
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    runpy.run_path("script.py")
    assert capsys.readouterr().out == output
