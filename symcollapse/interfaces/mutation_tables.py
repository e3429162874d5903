"""The mutation test of the auditor as a table: corruptions of true statements by kind, and what became of them."""

import json
from dataclasses import replace
from typing import Any

from symcollapse.interfaces.tables import plain_table
from symcollapse.typesetting.audit_statements import readable, statement_text
from symcollapse.typesetting.pages import (
    Block,
    Heading,
    Items,
    Kind,
    Line,
    Paragraph,
    Span,
    Table,
    line_of,
    markdown_page,
)
from symcollapse.verification.mutation_runs import Fate, JudgedMutant, MutationReport

MUTATION_HEADERS = ("corruption", *(fate.value for fate in Fate))
"""Columns of the table."""


def mutation_rows(report: MutationReport) -> list[list[str]]:
    """Kinds of corruptions with how many had each fate, and all of them.

    Example
    -------
    >>> mutation_rows(MutationReport(()))
    [['all', '0', '0', '0', '0', '0']]
    """
    counts = report.counts
    rows = [[kind, *(str(counts[kind][fate]) for fate in Fate)] for kind in counts]
    every = [str(sum(each.fate is fate for each in report.judged)) for fate in Fate]
    return [*rows, ["all", *every]]


def mutation_sentence(report: MutationReport) -> str:
    """What was found, in a sentence.

    Example
    -------
    >>> mutation_sentence(MutationReport(()))
    '0 corruptions of statements that stand, 0 of them false: 0 are caught, 0 survive'
    """
    return (
        f"{len(report.judged)} corruptions of statements that stand, {report.false} of them false: "
        f"{report.caught} are caught, {len(report.survivors)} survive"
    )


def mutation_text(report: MutationReport) -> str:
    """The table and the sentence, then each corruption that was accepted, with the reason.

    Example
    -------
    >>> print(mutation_text(MutationReport(())).splitlines()[-1])
    0 corruptions of statements that stand, 0 of them false: 0 are caught, 0 survive
    """
    table = plain_table(MUTATION_HEADERS, mutation_rows(report))
    accepted = [f"  {each.claim}, {_told(each)}" for each in (*report.survivors, *report.explained)]
    return "\n".join([table, mutation_sentence(report), *accepted]) + "\n"


def mutation_json(report: MutationReport) -> str:
    """The counts, and each corruption that was accepted, as one JSON object.

    Example
    -------
    >>> json.loads(mutation_json(MutationReport(())))["corruptions"]
    0
    """
    record: dict[str, Any] = {
        "corruptions": len(report.judged),
        "false": report.false,
        "caught": report.caught,
        "survivors": list(map(_record, report.survivors)),
        "explained": list(map(_record, report.explained)),
        "kinds": {
            kind: {fate.value: count for fate, count in fates.items()}
            for kind, fates in report.counts.items()
        },
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def mutation_markdown(report: MutationReport, command: str) -> str:
    """The same as a page.

    Example
    -------
    >>> mutation_markdown(MutationReport(()), "symcollapse audit --mutations").splitlines()[0]
    '# Mutation test of the auditor'
    """
    rows = tuple(tuple(map(line_of, row)) for row in mutation_rows(report))
    blocks: list[Block] = [
        Heading(1, line_of("Mutation test of the auditor")),
        Paragraph(
            line_of(
                f"{mutation_sentence(report)}. A corruption is caught if the auditor does not accept it. One that it "
                "accepts needs a reason that the program computes: the changed statement is the same one on its scope, "
                "or true as well. Made by ",
                Span(command, Kind.CODE),
                ".",
            )
        ),
        Table(MUTATION_HEADERS, rows, (0.3, *(0.12 for _ in Fate))),
    ]
    for title, accepted in (("Survivors", report.survivors), ("Explained", report.explained)):
        if accepted:
            lines: tuple[Line, ...] = tuple(
                line_of(Span(each.claim, Kind.CODE), f", {_told(each)}") for each in accepted
            )
            blocks += [Heading(2, line_of(title)), Items(lines)]
    return markdown_page(blocks)


def _told(each: JudgedMutant) -> str:
    place = each.mutant.original.place
    where = f"{place}: " if place else ""
    return f"{where}{each.mutant.kind}, {readable(each.mutant.change)}; {each.fate.value}: {readable(each.why)}"


def _record(each: JudgedMutant) -> dict[str, str]:
    # The formula itself, as it is what was changed.
    stated = replace(each.mutant.statement, formula_name="")
    return {
        "claim": each.claim,
        "place": each.mutant.original.place,
        "kind": each.mutant.kind,
        "change": each.mutant.change,
        "statement": statement_text(stated).line,
        "fate": each.fate.value,
        "why": readable(each.why),
    }
