"""The README's set-up is two commands, the gate runs the second one's parts; its derivation prints what it says."""

import doctest
import re
import runpy
import tomllib
from pathlib import Path

import pytest

from benchmarks.derivations import CASES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def setup_commands() -> list[str]:
    section = README.split("## Set-up")[1].split("\n## ")[0]
    return [
        line
        for block in re.findall(r"```console\n(.*?)```", section, re.S)
        for line in block.splitlines()
    ]


def test_there_are_exactly_two_setup_commands() -> None:
    main_job, tests = setup_commands()
    assert main_job.endswith(".venv/bin/symcollapse verify figure-1a")
    assert tests.endswith(".venv/bin/python -m pytest -n 2")


def test_the_gate_runs_the_readme_s_test_command() -> None:
    lines = [line.strip() for line in GATE.splitlines()]
    make, install, tests = setup_commands()[1].split(" && ")
    assert lines[-1] == tests
    installing = next(line for line in lines if line.startswith(make))
    assert installing == f"{make} && {install.replace('pip install', 'pip install -q')}"


def test_the_version_is_one() -> None:
    import symcollapse

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == symcollapse.__version__


def test_every_bundled_name_in_the_readme_exists() -> None:
    names = {path.stem for path in (ROOT / "problems").glob("*.toml")}
    assert set(re.findall(r"figure-\d[a-z]", README)) <= names


def blocks(language: str, title: str = "Derive your own") -> list[str]:
    """Code blocks of one language in a section, by default that on deriving one's own."""
    section = README.split(f"## {title}")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.S)


def test_the_readme_s_derivation_prints_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,), (output,), (refusals,) = blocks("python"), blocks("text"), blocks("pycon")
    path = tmp_path / "derivation.py"
    path.write_text(script, encoding="utf-8")
    names = runpy.run_path(str(path))
    assert capsys.readouterr().out == output
    examples = doctest.DocTestParser().get_doctest(refusals, names, "refusals", "README.md", 0)
    assert doctest.DocTestRunner().run(examples) == (0, 3)


def test_the_readme_s_power_laws_print_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,), (output,) = (blocks(language, "Power laws") for language in ("python", "text"))
    path = tmp_path / "power_laws.py"
    path.write_text(script, encoding="utf-8")
    runpy.run_path(str(path))
    assert capsys.readouterr().out == output


def test_the_readme_s_pipelines_print_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,), (output,) = (blocks(language, "Pipelines") for language in ("python", "text"))
    path = tmp_path / "pipelines.py"
    path.write_text(script, encoding="utf-8")
    runpy.run_path(str(path))
    assert capsys.readouterr().out == output


def test_the_readme_s_simulation_prints_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    title = "Simulation at scale"
    (script,), (output,) = (blocks(language, title) for language in ("python", "text"))
    path = tmp_path / "simulation.py"
    path.write_text(script, encoding="utf-8")
    runpy.run_path(str(path))
    assert capsys.readouterr().out == output


def test_the_readme_s_audit_prints_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,), (output,) = (blocks(language, "Audit") for language in ("python", "text"))
    path = tmp_path / "audit.py"
    path.write_text(script, encoding="utf-8")
    runpy.run_path(str(path))
    assert capsys.readouterr().out == output


def test_every_name_of_the_package_in_the_readme_exists() -> None:
    import symcollapse

    for name in set(re.findall(r"\bsc\.(\w+)", README)):
        assert hasattr(symcollapse, name), name


def test_the_readme_names_every_notebook() -> None:
    named = set(re.findall(r"notebooks/(\w+)\.ipynb", README))
    assert named == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_the_readme_s_table_is_of_the_benchmarks() -> None:
    section = README.split("### How long it takes")[1].split("\n#")[0]
    titles = re.findall(r"^\| ([^|]*?) \| \d+\.\d\d \(", section, re.M)
    assert titles == [case.title for case in CASES.values()]
