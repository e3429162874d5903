"""One command makes a figure: points, record and pictures, all or none; what is wrong is said before the work."""

import csv
import io
import json
import math
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from symcollapse.experiments import catalogue
from symcollapse.experiments.catalogue import EXPERIMENTS, Experiment, Request
from symcollapse.experiments.digit_data import DigitData
from symcollapse.experiments.figure_records import data_record, figure_record
from symcollapse.experiments.figures import Curve, Figure, Panel
from symcollapse.experiments.gaussian_figures import gaussian_figure
from symcollapse.experiments.simulated_paths import Effort
from symcollapse.interfaces import experiment_command, figure_files
from symcollapse.interfaces.command_line import commands
from symcollapse.interfaces.figure_drawings import draw_figure
from symcollapse.interfaces.figure_files import (
    gallery_page,
    gap_rows,
    is_gallery_page,
    read_records,
    require_folder,
)

FILES = ["csv", "json", "pdf", "png"]


def example(name: str, seed: int = 1, factor: float = 1.0) -> Figure:
    """Two panels; the measured curve lies 5 % above its theory, times a factor."""
    x = (1.0, 10.0, 100.0)
    theory = tuple(0.1 / value for value in x)
    measured = tuple(1.05 * factor * value for value in theory)
    curves = (
        Curve("n = 0", "measured", x, measured, (1e-3, 1e-4, 1e-5)),
        Curve("n = 0", "theory", x, theory),
        Curve("n = $3$, a_b", "measured", x, theory),
    )
    panels = tuple(Panel(f"T = {size}", "ridge λ", "test error", curves) for size in (400, 1000))
    settings = {"ridges": (0.1, np.float64(0.2)), "trials": np.int64(3), "seed": seed}
    return Figure(name, f"An example of {name}", panels, seed, settings, ("It is 5 % off.",))


def fake(
    name: str, packages: dict[str, str] | None = None, *, uses_digits: bool = False
) -> Experiment:
    def make(request: Request) -> Figure:
        if uses_digits:
            assert request.digits().source == "scikit-learn digits"
        if request.progress is not None:
            request.progress(1, 1)
        return example(name, request.seed)

    return Experiment(name, f"Title of {name}", make, uses_digits, packages)


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Experiment]:
    listed = (fake("figure-1a"), fake("figure-1b"), fake("figure-5", uses_digits=True))
    known = {each.name: each for each in listed}
    monkeypatch.setattr(catalogue, "EXPERIMENTS", known)
    monkeypatch.setattr(experiment_command, "EXPERIMENTS", known)
    # Pictures take most of the time; the tests that look at them draw them.
    monkeypatch.setattr(figure_files, "draw_figure", lambda place, *_: place.write_bytes(b"drawn"))
    return known


@pytest.fixture
def drawn(fakes: dict[str, Experiment], monkeypatch: pytest.MonkeyPatch) -> None:
    assert fakes
    monkeypatch.setattr(figure_files, "draw_figure", draw_figure)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["experiment", *(str(argument) for argument in arguments)])


def said(result: Result) -> str:
    """The one line of an error."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("drawn")
def test_a_figure_is_four_files_and_a_table(tmp_path: Path) -> None:
    result = run("figure-1a", "-o", tmp_path / "new" / "folder", "--seed", 5)
    assert (result.exit_code, result.stderr) == (0, "")
    folder = tmp_path / "new" / "folder"
    assert names_in(folder) == [f"figure-1a.{form}" for form in FILES]
    assert "T = 400   n = 0  3       1.050   1.050    5.0 %      1.0 %" in result.stdout
    assert "- It is 5 % off." in result.stdout
    rows = list(csv.DictReader(io.StringIO((folder / "figure-1a.csv").read_text())))
    assert len(rows) == 2 * 3 * 3
    # Every digit is there: the points come back to the last bit.
    points = [
        (row["panel"], row["curve"], row["kind"], float(row["x"]), float(row["y"])) for row in rows
    ]
    assert points == [
        (panel.title, curve.label, curve.kind, x, y)
        for panel in example("figure-1a").panels
        for curve in panel.curves
        for x, y in zip(curve.x, curve.y, strict=True)
    ]
    assert [row["standard_error"] for row in rows[:4]] == ["0.001", "0.0001", "1e-05", ""]
    record = json.loads((folder / "figure-1a.json").read_text())
    assert record["command"] == "symcollapse experiment figure-1a --seed 5"
    assert record["settings"] == {"ridges": [0.1, 0.2], "trials": 3, "seed": 5}
    assert record["gaps"][0]["worst"] == pytest.approx(0.05, rel=1e-12)  # rounding of 1.05
    assert record["versions"]["numpy"] == np.__version__
    assert record["machine"].keys() == {"system", "architecture", "processors"}
    assert record["seconds"] >= 0
    assert str(tmp_path) not in json.dumps(record)
    assert (folder / "figure-1a.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "figure-1a.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("fakes")
def test_records_say_how_many_processes_there_were(tmp_path: Path) -> None:
    assert run("1a", "5", "-o", tmp_path, "--workers", 2, "--format", "json").exit_code == 0
    # Only trials on drawn data are shared.
    for name, processes in (("figure-1a", 2), ("figure-5", 1)):
        assert json.loads((tmp_path / f"{name}.json").read_text())["workers"] == processes


@pytest.mark.usefixtures("drawn")
def test_the_same_seed_gives_the_same_points_and_pictures(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        assert run("1a", "-o", tmp_path / folder).exit_code == 0
    for form in ("csv", "png", "pdf"):
        one, other = ((tmp_path / folder / f"figure-1a.{form}").read_bytes() for folder in "ab")
        assert one == other, form


def test_experiments_are_listed_without_a_name() -> None:
    result = run()
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.stdout.splitlines()[1:]]
    assert listed == list(EXPERIMENTS)


def test_help_shows_examples_of_names_that_exist() -> None:
    text = run("--help").stdout
    assert "Example" in text
    lines = [line.split() for line in text.splitlines() if "symcollapse experiment figure" in line]
    assert lines
    assert {words[2] for words in lines} <= EXPERIMENTS.keys()


@pytest.mark.usefixtures("fakes")
def test_all_makes_a_page_too_and_later_runs_renew_it(tmp_path: Path) -> None:
    result = run("all", "-o", tmp_path, "--quick")
    assert result.exit_code == 0
    assert result.stderr == (
        "symcollapse: no --data: the digits that come with scikit-learn stand in for MNIST\n"
    )
    page = (tmp_path / "README.md").read_text()
    assert "- [An example of figure-5](#figure-5): worst gap 5.0 %" in page
    for name in ("figure-1a", "figure-1b", "figure-5"):
        assert f"![An example of {name}]({name}.png)" in page
        assert f"`symcollapse experiment {name} --quick`" in page
    assert "| T = 400 | n = 0 | 3 | 1.050 | 1.050 | 5.0 % | 1.0 % |" in page
    assert "scikit-learn digits (1297 + 500 images)" in page
    assert run("1a", "-o", tmp_path, "--seed", 9).exit_code == 0
    renewed = (tmp_path / "README.md").read_text()
    assert "`symcollapse experiment figure-1a --seed 9`" in renewed
    assert "`symcollapse experiment figure-5 --quick`" in renewed


@pytest.mark.usefixtures("fakes")
def test_a_page_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("# My project\n")
    assert "README.md there is no gallery" in said(run("all", "-o", tmp_path))
    assert run("1a", "-o", tmp_path).exit_code == 0
    assert page.read_text() == "# My project\n"
    assert not is_gallery_page(page)


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["figure-1c"], "no experiment 'figure-1c'; did you mean figure-1b or figure-1a?"),
        (["potato"], "there are all, figure-1a, figure-1b, figure-5"),
        (["1a", "--quick", "--full"], "--quick, --full: give one of the two"),
        (["5", "--fetch", "--data", "."], "--data, --fetch: give one of the two"),
        (["1a", "--format", "csv,docx"], "--format: 'docx' is none of csv, json, png"),
        (["1a", "--seed", "-1"], "--seed"),
        (["5", "--data", "nowhere"], "nowhere"),
    ],
)
def test_a_mistake_is_one_line_before_the_work(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    assert words in said(run(*arguments, "-o", tmp_path))
    assert names_in(tmp_path) == []


@pytest.mark.usefixtures("fakes")
def test_a_folder_that_cannot_be_is_said_before_the_work(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert "this is a file; give a folder" in said(run("1a", "-o", file))
    assert "file" in said(run("1a", "-o", file / "sub"))
    assert file.read_text() == "mine"


def test_a_missing_package_is_said_before_the_work(
    fakes: dict[str, Experiment], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fakes["figure-6"] = fake("figure-6", {"no_such_package": "gpu"})
    line = said(run("all", "-o", tmp_path))
    assert "figure-6 needs no_such_package" in line
    assert "pip install 'symcollapse[gpu]'" in line
    monkeypatch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
    assert "symcollapse[experiments]" in said(run("1a", "-o", tmp_path))
    assert names_in(tmp_path) == []
    assert run("1a", "-o", tmp_path, "--format", "csv,json").exit_code == 0
    assert names_in(tmp_path) == ["figure-1a.csv", "figure-1a.json"]


def test_ctrl_c_keeps_what_is_done(fakes: dict[str, Experiment], tmp_path: Path) -> None:
    def interrupted(_: Request) -> Figure:
        raise KeyboardInterrupt

    fakes["figure-1b"] = Experiment("figure-1b", "", interrupted)
    result = run("all", "-o", tmp_path)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "symcollapse: interrupted; done and kept: figure-1a"
    assert names_in(tmp_path) == ["README.md", *(f"figure-1a.{form}" for form in FILES)]
    assert "figure-1b" not in (tmp_path / "README.md").read_text()


@pytest.mark.usefixtures("fakes")
def test_a_picture_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("1a", "-o", tmp_path).exit_code == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(place: Path, *_: object) -> None:
        place.write_bytes(b"half a picture")
        raise OSError(28, "No space left on device", str(place))

    monkeypatch.setattr(figure_files, "draw_figure", full)
    assert "No space left" in said(run("1a", "-o", tmp_path, "--seed", 2))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_wrong_theory_is_seen_in_the_table() -> None:
    """A table that hid a false curve would be no evidence for a true one."""

    def worst(factor: float) -> float:
        record = figure_record(example("figure-1a", factor=factor), "quick", "", 1.0)
        return float(gap_rows(record)[0][5].split()[0])

    assert worst(1.0) == 5.0
    assert worst(2.0) == 110.0


def test_a_figure_by_the_command_is_the_figure(
    fakes: dict[str, Experiment], tmp_path: Path
) -> None:
    effort = Effort(4, 2, {"spectrum.dimension": "10", "generations.0.samples": "30"}, (20,))

    def make(request: Request) -> Figure:
        return gaussian_figure("figure-1a", request.scale, request.seed, effort=effort)

    fakes["figure-1a"] = Experiment("figure-1a", "", make)
    assert run("1a", "-o", tmp_path, "--seed", 3).exit_code == 0
    figure = gaussian_figure("figure-1a", seed=3, effort=effort)
    assert (tmp_path / "figure-1a.csv").read_text() == figure_files.figure_csv(figure)


def test_records_of_data_tell_data_apart() -> None:
    images, digits = np.linspace(0, 1, 8).reshape(2, 4), np.array([3, 5])

    def record(pixels: np.ndarray) -> dict[str, object]:
        return data_record(DigitData("MNIST", pixels, digits, images, digits))

    assert record(images) == record(np.asfortranarray(images))
    changed = images.copy()
    changed[0, 0] = np.nextafter(0.0, 1.0)
    assert record(images) != record(changed)


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "figure-1a.json").write_text("[1, 2")
    (tmp_path / "figure-1b.json").write_text('{"name": "figure-1b"}')
    assert read_records(tmp_path, ["figure-1a", "figure-1b", "figure-2a"]) == []
    assert "figure-1" not in gallery_page([])


def test_a_folder_is_made_only_where_one_can_be(tmp_path: Path) -> None:
    require_folder(tmp_path / "a" / "b", ["figure-1a"], ["csv"])
    assert names_in(tmp_path / "a" / "b") == []


@pytest.mark.parametrize(
    "panels",
    [
        pytest.param(lambda p: (p,) * 4, id="two by two"),
        pytest.param(lambda p: (p,) * 5, id="two rows"),
        pytest.param(lambda _: (), id="nothing"),
    ],
)
def test_any_number_of_panels_is_drawn(
    panels: Callable[[Panel], tuple[Panel, ...]], tmp_path: Path
) -> None:
    panel = example("figure-1a").panels[0]
    figure = Figure("figure-1a", "A $title_with", panels(panel), 1, {})
    draw_figure(tmp_path / "a.png", ".png", figure)
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_curves_of_one_point_or_of_equal_heights_are_drawn(tmp_path: Path) -> None:
    curves = (
        Curve("n = 0", "measured", (1.0,), (0.5,), (math.inf,)),
        Curve("n = 1", "measured", (1.0, 2.0), (0.5, 0.5), (0.6, 0.0)),
        Curve("n = 2", "theory", (1.0, 2.0), (0.5, 0.5)),
    )
    for axis in ("log", "linear"):
        panel = Panel("p", "n", "error", curves, x_axis="linear", y_axis=axis)
        draw_figure(tmp_path / "a.svg", ".svg", Figure("f", "f", (panel,), 1, {}))
        assert "n = 2" in (tmp_path / "a.svg").read_text()


def readme_blocks(language: str) -> list[str]:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.split("\n## Experiments")[1].split("\n## ")[0]
    if not language:
        return [section]
    return re.findall(rf"```{language}\n(.*?)```", section, re.S)


def test_the_readme_s_figure_is_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,), (output,) = readme_blocks("python"), readme_blocks("text")
    path = tmp_path / "figure.py"
    path.write_text(script, encoding="utf-8")
    runpy.run_path(str(path))
    assert capsys.readouterr().out == output


def test_the_readme_names_every_experiment_and_no_other() -> None:
    [section] = readme_blocks("")
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert re.findall(r"`([^`]+)`", " ".join(rows)) == list(EXPERIMENTS)
    [block] = readme_blocks("console")
    for line in block.splitlines():
        assert line.startswith("symcollapse experiment")
        names = [word for word in line.split()[2:] if word.startswith("figure-")]
        assert set(names) <= EXPERIMENTS.keys()
