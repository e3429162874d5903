"""Simulation, verification, derivation, and what a process owes to its terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse import verification
from symcollapse.interfaces import verify_command
from symcollapse.interfaces.bundled_derivations import bundled_derivations
from symcollapse.interfaces.command_line import commands
from symcollapse.language.problem_files import bundled_problems

SMALL = """
title = "A small problem"
[spectrum]
kind = "isotropic"
dimension = 40
[[generations]]
samples = 100
noise = "1/2"
repeat = 2
[downstream]
samples = 120
noise = "1/2"
ridge = "1/10"
"""

PROGRAM = [sys.executable, "-m", "symcollapse.interfaces.command_line"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


def loaded(*arguments: object) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_problems_are_listed() -> None:
    result = run("problems")
    assert result.exit_code == 0
    names = [line.split()[0] for line in result.stdout.splitlines()[1:]]
    assert names == sorted(bundled_problems())
    assert "Figure 2b: generators with fewer samples" in result.stdout


@pytest.mark.parametrize(
    "command", ["", "problems", "evaluate", "simulate", "verify", "curve", "compare", "derive"]
)
def test_help_shows_an_example_that_works(command: str) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    examples = [line for line in result.stdout.splitlines() if line.startswith("    symcollapse ")]
    assert examples
    for example in examples:
        name = example.split()[1]
        assert name in commands.commands
    assert run("--version").stdout.strip().endswith(sc.__version__)


def test_no_command_shows_the_help() -> None:
    assert run().stdout == run("--help").stdout
    assert run().exit_code == 0


def test_simulate_is_what_python_says_for_any_workers(small: Path) -> None:
    records = [loaded("simulate", small, "--trials", 9, "--workers", w) for w in (1, 2)]
    assert records[0] == records[1]
    result = sc.simulate(sc.Problem.from_file(small), 9)
    assert records[0] == {
        "mean": result.mean,
        "standard_error": result.standard_error,
        "trials": 9,
        "seed": 1,
    }
    assert loaded("simulate", small, "--trials", 9, "--seed", 2) != records[0]
    assert repr(result.mean) in run("simulate", small, "--trials", 9).stdout


@pytest.mark.monte_carlo
def test_verify_shows_a_right_formula(small: Path) -> None:
    (record,) = loaded("verify", small)
    problem = sc.Problem.from_file(small)
    result = sc.verify(problem)
    assert record["verdict"] == result.verdict == "shown"
    assert record["title"] == "A small problem"
    assert record["problem"] == "small"
    assert record["mean"] == result.agreement.mean
    assert record["margin"] == result.agreement.margin
    assert (record["trials"], record["seed"], record["risk"]) == (result.agreement.trials, 1, 1e-6)
    assert record["ratio_low"] < 1 < record["ratio_high"]
    assert record["exact"] is None
    assert float(record["total"]) == float(sc.evaluate(result.error.total, problem, digits=12))
    block = run("verify", small).stdout
    for word in ("A small problem", record["total"], record["reason"], record["formula"], "where"):
        assert word in block


@pytest.mark.monte_carlo
def test_verify_judges_the_exact_law_too(tmp_path: Path) -> None:
    file = tmp_path / "least-squares.toml"
    file.write_text(SMALL.replace('ridge = "1/10"', ""))
    (record,) = loaded("verify", file, "--margin", "0.1", "--trials", 1024)
    assert set(record["exact"]) == {
        "total", "verdict", "reason", "margin", "ratio_low", "ratio_high",
    }  # fmt: skip
    assert record["exact"]["verdict"] != "refuted"


def test_verify_says_with_its_status_that_it_cannot_tell(small: Path) -> None:
    result = run("verify", small, "--trials", 40, "--margin", "0.001")
    assert result.exit_code == 1
    assert "cannot tell" in result.stdout
    assert result.stderr == ""


def test_verify_says_with_its_status_that_a_formula_is_refuted(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_slip(problem: sc.Problem, **options: Any) -> sc.Verification:
        error = sc.test_error(problem)
        return sc.verify(problem, formula=error.total - error.synthetic, **options)

    monkeypatch.setattr(verification, "verify", with_a_slip)
    result = run("verify", small, "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["verdict"] == "refuted"


def test_verify_without_a_file_takes_a_bundled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def quickly(problem: sc.Problem, **options: Any) -> sc.Verification:
        seen.append(problem.name)
        return sc.verify(problem, **{**options, "most_trials": 30})

    monkeypatch.setattr(verification, "verify", quickly)
    result = run("verify")
    assert result.exit_code in (0, 1)
    assert seen == list(verify_command.DEFAULT)
    assert set(seen) <= set(bundled_problems())


def test_an_undefined_ratio_is_null(tmp_path: Path) -> None:
    file = tmp_path / "peak.toml"
    file.write_text(SMALL.replace("samples = 100", "samples = 40"))
    result = run("verify", file, "--format", "json", "--trials", 40)
    assert result.exit_code == 1
    (record,) = json.loads(result.stdout, parse_constant=pytest.fail)
    assert (record["total"], record["ratio_low"]) == ("inf", None)


@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
def test_derive_shows_steps_and_summands(form: str) -> None:
    result = run("derive", "figure-1a", "--format", form)
    assert result.exit_code == 0, result.output
    for word in ("figure-1a", "deterministic equivalents", "proved", "synthetic", "T_0 >= d"):
        assert word in result.stdout
    letter = "κ" if form == "text" else r"\kappa"
    assert letter in result.stdout


def test_derive_as_json() -> None:
    record = loaded("derive", "figure-2a")
    assert list(record) == [
        "problem", "regime", "total", "bias", "variance", "synthetic", "clean",
        "effective_ridge", "derivation",
    ]  # fmt: skip
    assert set(record["total"]) == {"text", "latex", "definitions"}
    names = [definition["name"] for definition in record["total"]["definitions"]]
    assert {"κ", "κ₀", "τ₀"} <= set(names)
    assert all(step["verdict"] for step in record["derivation"]["steps"])


def test_bundled_derivations_are_listed_and_shown() -> None:
    listed = run("derive", "list").stdout
    names = bundled_derivations()
    assert len(names) >= 10
    assert all(name in listed for name in names)
    assert "settings" not in names
    name = "effective_ridge_of_isotropic_data"
    assert "Effective ridge of isotropic data" in run("derive", name).stdout
    assert loaded("derive", name)["title"] == "Effective ridge of isotropic data"


def test_a_step_that_does_not_stand_is_told_by_the_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from symcollapse.interfaces import derive_command
    from symcollapse.reasoning import Algebra, Derivation, Step

    false = Derivation("False", sc.ridge, (Step(2 * sc.ridge, Algebra("doubled")),))
    monkeypatch.setattr(derive_command, "derivation_named", lambda _: false)
    result = run("derive", "effective_ridge_of_isotropic_data")
    assert result.exit_code == 1
    assert "refuted" in result.stdout


def started(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    # A shell that runs the tests in the background makes its children deaf to Ctrl-C.
    options.setdefault("preexec_fn", partial(signal.signal, signal.SIGINT, signal.SIG_DFL))
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        **{"stderr": subprocess.PIPE, "encoding": "utf-8", **options},
    )


def test_the_program_runs_and_writes_to_a_pipe_plainly() -> None:
    process = started("evaluate", "figure-1a")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "total" in out
    assert "\x1b" not in out


def test_a_derivation_shows_its_progress_on_a_terminal_alone() -> None:
    terminal, end = pty.openpty()
    with started("derive", "figure-1a", stderr=end, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(end)
        assert process.stdout is not None
        on_terminal = process.stdout.read()
    assert process.returncode == 0
    assert b"derivation" in os.read(terminal, 4096)
    os.close(terminal)
    in_pipe, err = started("derive", "figure-1a").communicate(timeout=60)
    assert (in_pipe, err) == (on_terminal, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_greek_is_no_reason_to_crash(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for arguments in (("derive", "figure-1a"), ("evaluate", "figure-1a", "--certified")):
        process = started(*arguments, env=environment, encoding="latin-1")
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert "figure-1a" in out or "total" in out


@pytest.mark.parametrize("command", [("evaluate", "figure-1a"), ("derive", "list"), ("--help",)])
def test_a_closed_pipe_is_quiet(command: tuple[str, ...]) -> None:
    process = started(*command)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_it_in_one_line(workers: str, small: Path) -> None:
    there = small.with_suffix(".csv")
    there.write_text("mine")
    process = started(
        "curve", str(small), "--over", "downstream.ridge=1:2:lin:99", "--simulate", "1000000",
        "--workers", workers, "-o", str(there),
    )  # fmt: skip
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=30)
    finally:
        # A program that did not hear it would simulate for hours.
        process.kill()
    assert (process.returncode, out, err) == (130, "", "symcollapse: interrupted\n")
    assert there.read_text() == "mine"
    assert sorted(path.name for path in small.parent.iterdir()) == ["small.csv", "small.toml"]


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "symcollapse", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip().endswith(sc.__version__)


@pytest.mark.parametrize(("closed", "status"), [("1", 2), ("2", 0)])
def test_a_closed_stream_is_no_crash(closed: str, status: int) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *PROGRAM, "evaluate", "figure-1a"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == (1 if closed == "1" else 0)


def test_the_readme_shows_what_verify_prints() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.split("```console\n$ symcollapse verify figure-1a\n", 1)[1].split("```", 1)[0]
    result = run("verify", "figure-1a", "--workers", "2")
    assert (result.exit_code, result.stdout) == (0, block)
