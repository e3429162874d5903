"""The audit on the command line: formats, exit status, files written whole, the same for any number of workers."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import symcollapse as sc
from symcollapse.interfaces import audit_command, latex_runs
from symcollapse.interfaces.audits import paper_of
from symcollapse.interfaces.bundled_derivations import bundled_derivations
from symcollapse.interfaces.bundled_papers import bundled_papers, paper_named
from symcollapse.interfaces.command_line import commands
from symcollapse.language.errors import InvalidProblem
from symcollapse.reasoning import JudgedClaim, JudgedStatement, Outcome
from symcollapse.typesetting.audit_texts import ways_to_run

TWO = ("prop-4.2", "omniscient-risk")
"""Claims of known outcome that are judged in a second."""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def two() -> tuple[JudgedClaim, ...]:
    return sc.audit(*TWO, quick=True)


@pytest.fixture
def judged(two: tuple[JudgedClaim, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the two claims judged."""

    def already(*_: str, **__: Any) -> tuple[JudgedClaim, ...]:
        return two

    monkeypatch.setattr(audit_command, "run_audit", already)


def test_python_gives_the_judged_claims(two: tuple[JudgedClaim, ...]) -> None:
    assert [each.claim.id for each in two] == list(TWO)
    assert [each.outcome for each in two] == [Outcome.CONFIRMED, Outcome.CORRECTED]


def test_two_processes_find_the_same(two: tuple[JudgedClaim, ...]) -> None:
    seen: list[tuple[int, int]] = []
    assert sc.audit(*TWO, quick=True, workers=2, progress=lambda *at: seen.append(at)) == two
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_json_is_a_list_of_five_keys() -> None:
    result = run("audit", "omniscient-risk", "--quick", "--format", "json")
    assert result.exit_code == 0, result.output
    (record,) = json.loads(result.stdout)
    assert list(record) == ["id", "verdict", "by", "note", "corrected"]
    assert (record["id"], record["verdict"]) == ("omniscient-risk", "corrected")
    assert "κ²" in record["corrected"]


@pytest.mark.usefixtures("judged")
def test_a_named_claim_explains_itself_and_all_are_a_table() -> None:
    named = run("audit", *TWO)
    assert named.exit_code == 0
    blocks = named.stdout.strip().split("\n\n")
    assert [block.splitlines()[0].split(":")[0] for block in blocks] == list(TWO)
    assert all(len(block.splitlines()) == 5 for block in blocks)
    table = run("audit").stdout
    assert table.splitlines()[0].split() == list(audit_command.HEADERS)
    assert "2 claims: 1 confirmed, 1 corrected" in table


@pytest.mark.usefixtures("judged")
def test_the_suffix_of_a_file_says_the_format(tmp_path: Path) -> None:
    opened = {"a.md": "# Audit of", "a.tex": r"\documentclass", "a.json": "[", "a.txt": "claim"}
    for name, start in opened.items():
        result = run("audit", "-o", tmp_path / name)
        assert result.exit_code == 0, result.output
        assert result.stdout == ""
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert len(list(tmp_path.iterdir())) == len(opened)


@pytest.mark.usefixtures("judged")
def test_several_files_are_written_from_one_audit(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.md", "a.json")]
    options = [option for file in files for option in ("-o", file)]
    assert run("audit", *options).exit_code == 0
    assert files[0].read_text(encoding="utf-8").startswith("# Audit")
    assert len(json.loads(files[1].read_text(encoding="utf-8"))) == len(TWO)
    refused = run("audit", *options, "--format", "json")
    assert refused.exit_code == 2
    assert "--format" in refused.stderr


def test_a_suffix_that_no_format_has_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_command, "run_audit", lambda *_, **__: pytest.fail("judged"))
    for name in ("a.docx", "a.html"):
        result = run("audit", "-o", tmp_path / name)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"symcollapse: {name}: no format ends so; end it in .json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("judged")
def test_a_suffix_in_capitals_and_a_format_beside_any_suffix_are_taken(tmp_path: Path) -> None:
    assert run("audit", "-o", tmp_path / "a.MD").exit_code == 0
    assert run("audit", "-o", tmp_path / "a.docx", "--format", "markdown").exit_code == 0
    assert (tmp_path / "a.MD").read_text() == (tmp_path / "a.docx").read_text()


def test_an_undecided_claim_is_told_by_the_exit_status(
    two: tuple[JudgedClaim, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = two[0].claim.printed[0]
    doubtful = JudgedClaim(two[0].claim, (JudgedStatement(statement, ()),))
    monkeypatch.setattr(audit_command, "run_audit", lambda *_, **__: (doubtful,))
    assert run("audit", "prop-4.2").exit_code == 1


def test_what_is_not_there_is_told_in_a_line_with_what_is_near() -> None:
    claim = run("audit", "prop-4.3")
    assert claim.exit_code == 2
    assert claim.stderr == "symcollapse: prop-4.3: no such claim; did you mean prop-4.2?\n"
    assert "audit list" in run("audit", "qqqqqqq").stderr
    paper = run("audit", "--paper", "nobody1900")
    assert paper.exit_code == 2
    assert "dohmatob2024" in paper.stderr


def test_claims_are_listed() -> None:
    result = run("audit", "list")
    assert result.exit_code == 0
    names = [line.split()[0] for line in result.stdout.splitlines()[1:]]
    assert names == [each.id for each in paper_of(()).claims]


@pytest.mark.parametrize(
    "more", [["prop-4.2"], ["--format", "json"], ["-o", "names.txt"], ["--quick"]]
)
def test_a_list_takes_nothing_that_it_would_leave_out(more: list[str]) -> None:
    result = run("audit", "list", *more)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "audit list: " in result.stderr


def test_a_claim_without_a_name_is_told_so() -> None:
    assert run("audit", "").stderr.startswith("symcollapse: '': no such claim; ")


def test_ctrl_c_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: str, **__: Any) -> tuple[JudgedClaim, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit_command, "run_audit", interrupted)
    file = tmp_path / "audit.md"
    file.write_text("before")
    assert run("audit", "-o", file).exit_code == 130
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_command, "run_audit", lambda *_, **__: pytest.fail("judged"))
    result = run("audit", "-o", tmp_path / "nowhere" / "a.md")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


@pytest.mark.usefixtures("judged")
def test_without_latex_a_pdf_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    result = run("audit", "--format", "pdf", "-o", tmp_path / "a.pdf")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "--format latex" in result.stderr
    assert list(tmp_path.iterdir()) == []


def engine(tmp_path: Path, body: str) -> latex_runs.Engine:
    """A program in the place of LaTeX."""
    script = tmp_path / "engine.py"
    script.write_text(f"import os, sys, pathlib\n{body}\n")
    return latex_runs.Engine(sys.executable, (str(script),), runs=2)


def test_latex_runs_in_a_folder_of_its_own_without_a_shell(tmp_path: Path) -> None:
    body = (
        "runs = pathlib.Path('runs'); runs.open('a').write('x')\n"
        "tex = pathlib.Path('report.tex').read_text()\n"
        "seen = [tex, len(runs.read_text()), os.environ['openout_any'], os.getcwd()]\n"
        "pathlib.Path('report.pdf').write_text(repr(seen))"
    )
    made = latex_runs.pdf_of("document", engine(tmp_path, body)).decode()
    assert made.startswith("['document', 2, 'p', ")
    assert str(Path.cwd()) not in made
    assert not Path(made.split("'")[-2]).exists()
    for each in latex_runs.ENGINES:
        assert {"-no-shell-escape", "--untrusted"} & set(each.flags)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("print('! Undefined control sequence.'); print('l.3 x'); sys.exit(1)", "! Undefined"),
        ("print('all is well')", "no PDF"),
    ],
)
def test_a_document_that_latex_refuses_is_told_in_a_line(
    tmp_path: Path, body: str, complaint: str
) -> None:
    with pytest.raises(latex_runs.LatexFailed, match=complaint):
        latex_runs.pdf_of("document", engine(tmp_path, body))


@pytest.mark.skipif(not latex_runs.latex_engines(), reason="no LaTeX here")
@pytest.mark.usefixtures("judged")
def test_latex_makes_a_pdf(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    result = run("audit", "--format", "pdf", "-o", file)
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("judged")
def test_a_pdf_needs_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    result = run("audit", "--format", "pdf")
    assert result.exit_code == 2
    assert "-o" in result.stderr


@pytest.mark.parametrize("key", bundled_papers())
def test_claims_name_derivations_and_counterexamples_that_exist(key: str) -> None:
    paper = paper_named(key)
    names = [each.id for each in paper.claims]
    assert len(set(names)) == len(names) > 0
    for claim in paper.claims:
        assert set(claim.derivations) <= set(bundled_derivations()), claim.id
        if claim.counterexample is not None:
            assert (paper.folder / "counterexamples" / claim.counterexample.file).is_file()
        assert claim.step_of in ("", *names)


@pytest.mark.parametrize("key", bundled_papers())
def test_the_problems_that_reports_name_are_found_from_any_folder(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands_of_files = [
        command
        for claim in paper_named(key).claims
        for command in ways_to_run(claim, key)
        if command.startswith(("symcollapse evaluate ", "symcollapse simulate "))
    ]
    assert commands_of_files
    for command in commands_of_files:
        assert sc.Problem.from_file(command.split()[-1]).spectrum is not None


def test_a_claim_is_found_in_whatever_paper_has_it() -> None:
    for key in bundled_papers():
        claims = paper_named(key).claims
        assert paper_of([claims[-1].id], key).key == key
    with pytest.raises(InvalidProblem, match="no such claim"):
        paper_of(["prop-4.2", "no-such-claim"])


DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("key", bundled_papers())
def test_the_report_in_the_docs_has_every_claim(key: str) -> None:
    report = (DOCS / f"audit-{key}.md").read_text(encoding="utf-8")
    for claim in paper_named(key).claims:
        assert f"\n### {claim.id}: " in report
    assert (DOCS / f"audit-{key}.pdf").read_bytes().startswith(b"%PDF")


def test_the_readme_tells_the_tally_of_the_report() -> None:
    report = (DOCS / "audit-dohmatob2024.md").read_text(encoding="utf-8")
    rows = [line.split("|")[3].split()[0] for line in report.splitlines() if line.startswith("| `")]
    counts = {verdict: rows.count(verdict) for verdict in ("confirmed", "corrected", "refuted")}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    tested = (DOCS / "audit-mutations.md").read_text(encoding="utf-8").split()
    assert sum(counts.values()) == 50
    assert f"50 claims: {told}." in readme
    # Its first sentence has four numbers: all, false, caught, surviving.
    corruptions, false, caught, survivors = (word for word in tested[:24] if word.isdigit())
    assert (caught, survivors) == (false, "0")
    assert f"of {corruptions} corruptions of what stands {false} are false" in readme


@pytest.mark.slow
@pytest.mark.parametrize("key", bundled_papers())
def test_the_report_in_the_docs_is_fresh(key: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.md"
    run("audit", "--paper", key, "--workers", 2, "-o", file)
    fresh = file.read_text(encoding="utf-8")
    assert fresh == (DOCS / f"audit-{key}.md").read_text(encoding="utf-8"), (
        f"symcollapse audit --paper {key} -o docs/audit-{key}.md -o docs/audit-{key}.pdf"
    )
