"""The mutation test on the command line: its counts add up, and a survivor is told by name and by the exit status."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symcollapse.interfaces import audit_command
from symcollapse.interfaces.command_line import commands
from symcollapse.interfaces.mutation_tables import mutation_rows
from symcollapse.language.symbols import ridge
from symcollapse.reasoning import Algebra, Statement
from symcollapse.verification.mutation_runs import Fate, JudgedMutant, MutationReport
from symcollapse.verification.mutations import Mutant

TRUE = Statement(ridge + ridge, Algebra(), 2 * ridge, place="twice")


def mutant(kind: str, fate: Fate) -> JudgedMutant:
    false = Statement(ridge + ridge, Algebra(), 3 * ridge, place="twice")
    return JudgedMutant("doubling", Mutant(kind, "3 for 2", false, TRUE), fate, "for a reason")


CAUGHT = MutationReport((mutant("factor", Fate.REFUTED), mutant("sign", Fate.EQUIVALENT)))
SURVIVED = MutationReport((*CAUGHT.judged, mutant("sign", Fate.SURVIVED)))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


@pytest.fixture(params=[CAUGHT, SURVIVED], ids=["caught", "survived"])
def report(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(audit_command, "mutation_report", lambda *_, **__: request.param)
    monkeypatch.setattr(audit_command, "paper_named", lambda _: None)
    return request.param


def test_the_rows_add_up(report: MutationReport) -> None:
    rows = [list(map(int, row[1:])) for row in mutation_rows(report)]
    assert [sum(column) for column in zip(*rows[:-1], strict=True)] == rows[-1]
    assert sum(rows[-1]) == len(report.judged)


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_a_survivor_is_told(report: MutationReport, form: str) -> None:
    result = run("audit", "--mutations", "--format", form)
    assert result.exit_code == len(report.survivors), result.output
    assert result.stdout.count("doubling") == 1 + len(report.survivors)
    if form == "json":
        record = json.loads(result.stdout)
        assert (record["corruptions"], record["caught"]) == (len(report.judged), 1)
        assert [each["statement"] for each in record["survivors"]] == ["2·λ = 3·λ"] * len(
            report.survivors
        )
    else:
        assert f"1 are caught, {len(report.survivors)} survive" in result.stdout


def test_it_is_of_whole_papers_and_no_pdf(tmp_path: Path) -> None:
    assert run("audit", "prop-4.2", "--mutations").exit_code == 2
    refused = run("audit", "--mutations", "-o", tmp_path / "a.pdf")
    assert refused.exit_code == 2
    assert "markdown" in refused.stderr
    assert list(tmp_path.iterdir()) == []
