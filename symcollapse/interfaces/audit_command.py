"""``symcollapse audit``: published statements judged, with evidence, in one report."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from symcollapse.interfaces.atomic_files import require_writable, written_whole
from symcollapse.interfaces.audits import audit as run_audit
from symcollapse.interfaces.audits import paper_of
from symcollapse.interfaces.bundled_papers import bundled_papers, paper_named
from symcollapse.interfaces.latex_runs import Engine, pdf_of, require_latex
from symcollapse.interfaces.mutation_tables import (
    mutation_json,
    mutation_markdown,
    mutation_text,
)
from symcollapse.interfaces.options import workers_option
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import plain_table, show_table
from symcollapse.language.errors import InvalidProblem
from symcollapse.reasoning import JudgedClaim, Outcome, Paper
from symcollapse.typesetting.audit_reports import audit_latex, audit_markdown
from symcollapse.typesetting.audit_texts import (
    audit_record,
    audit_rows,
    audit_tally,
    audit_text,
)
from symcollapse.verification.mutation_runs import mutation_report

HEADERS = ("claim", "place", "verdict", "by")
"""Columns of the summary."""

FEW_MUTATIONS = 40
"""Corruptions of a quick mutation test."""

FORMATS = ("table", "json", "markdown", "latex", "pdf")
"""How a report may be written."""

_SUFFIXES = {".json": "json", ".md": "markdown", ".tex": "latex", ".pdf": "pdf"}


@click.command()
@click.argument("claims", metavar="[CLAIM|list]...", nargs=-1)
@click.option(
    "--paper",
    metavar="KEY",
    help="Whose claims; by default those of the base paper. A folder of derivations with a claims.toml is a paper.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to print the report; by default as the suffix of -o says, else as a table.",
)
@click.option("--quick", is_flag=True, help="Within a minute: no search, derivation or simulation.")
@click.option(
    "--mutations",
    is_flag=True,
    help="Test the auditor instead: corrupt what stands, and count what it refuses; with --quick forty corruptions.",
)
@workers_option
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the report there, whole or not at all; may be given several times, for several formats.",
)
def audit(
    claims: Sequence[str],
    paper: str | None,
    form: str | None,
    quick: bool,  # noqa: FBT001 # click's own signature
    mutations: bool,  # noqa: FBT001
    workers: int,
    outputs: Sequence[Path],
) -> int:
    """Judge published statements: confirmed, corrected, refuted or undecided, each with its evidence.

    Without a CLAIM, all of the paper are judged, and a table is printed; a CLAIM that is named explains itself in five
    lines. "audit list" lists the claims. Every verdict is computed, each time: nothing is stored.

    confirmed: as printed, in its stated scope. corrected: false as printed; a repair of the same left side, relation and
    scope is stated and checked. refuted: false, with a counterexample that can be run again. undecided: with what was
    tried. "by" names the route that decided.

    JSON: a list of one object for each claim: id, verdict, by, note, corrected (null, or the corrected statement).

    --mutations: corruptions of the statements that stand, in all papers or that of --paper, by kind; in one process.

    A PDF needs LaTeX (latexmk, tectonic, xelatex, lualatex or pdflatex) and a file, -o.

    Exit status: 0 if every claim is decided, 1 if one is undecided, 2 for an error.

    \b
    Example:
      symcollapse audit
      symcollapse audit omniscient-risk thm-4.1
      symcollapse audit --quick --workers 2 --format json
      symcollapse audit -o audit.md -o audit.pdf
    """
    if "list" in claims:
        if len(claims) > 1 or form is not None or quick or mutations or outputs:
            raise InvalidProblem("audit list: prints names alone; give it nothing but --paper")
        source = paper_of((), paper)
        show_table(["claim", "place"], [[each.id, each.at] for each in source.claims])
        return 0
    if mutations:
        return _mutations(claims, paper, form, outputs, quick=quick)
    source = paper_of(claims, paper)
    forms = _forms(form, outputs)
    engine = _engine(forms, outputs)
    for output in outputs:
        require_writable(output)
    with progress_bar("claims") as report:
        audited = run_audit(
            *claims, paper=source.key, quick=quick, workers=workers, progress=report
        )
    command = _command(claims, source, quick=quick)
    named = bool(claims)
    for chosen, output in zip(forms, outputs, strict=False):
        if engine is not None and chosen == "pdf":
            _write(output, pdf_of(audit_latex(audited, source.key, command), engine))
        else:
            _write(output, _written(audited, source, chosen, command, named=named).encode())
    if not outputs and forms == ["table"] and not named:
        show_table(HEADERS, audit_rows(audited))
        click.echo(f"\n{audit_tally(audited)}. {_HINT}")
    elif not outputs:
        click.echo(_written(audited, source, forms[0], command, named=named), nl=False)
    return 1 if any(each.outcome is Outcome.UNDECIDED for each in audited) else 0


def _mutations(
    claims: Sequence[str],
    paper: str | None,
    form: str | None,
    outputs: Sequence[Path],
    *,
    quick: bool,
) -> int:
    """The mutation test of the auditor; its status says whether a corruption survived."""
    if claims:
        raise InvalidProblem("--mutations: of whole papers; leave out the claims")
    forms = _forms(form, outputs)
    if {"latex", "pdf"} & set(forms):
        raise InvalidProblem("--mutations: no LaTeX of them; take table, json or markdown")
    for output in outputs:
        require_writable(output)
    papers = [paper_named(key) for key in ((paper,) if paper else bundled_papers())]
    with progress_bar("corruptions") as report:
        found = mutation_report(papers, most=FEW_MUTATIONS if quick else None, progress=report)
    words = ["symcollapse audit --mutations", *([f"--paper {paper}"] if paper else [])]
    command = " ".join([*words, "--quick"] if quick else words)
    write = {
        "json": mutation_json,
        "markdown": lambda each: mutation_markdown(each, command),
        "table": mutation_text,
    }
    for chosen, output in zip(forms, outputs, strict=False):
        _write(output, write[chosen](found).encode())
    if not outputs:
        click.echo(write[forms[0]](found), nl=False)
    return 1 if found.survivors else 0


_HINT = '"symcollapse audit CLAIM" explains one.'


def _forms(form: str | None, outputs: Sequence[Path]) -> list[str]:
    """The format of each file, or of what is printed."""
    if form is not None and len(outputs) > 1:
        raise InvalidProblem("--format: leave it out, the suffixes of several files say it")
    if form is not None or not outputs:
        return [form or "table"]
    suffixes = [output.suffix.lower() for output in outputs]
    for output, suffix in zip(outputs, suffixes, strict=True):
        # A table that is named like a picture or a page opens as neither.
        if suffix not in (*_SUFFIXES, ".txt", ""):
            known = ", ".join((*_SUFFIXES, ".txt"))
            raise InvalidProblem(
                f"{shortened(output.name)}: no format ends so; end it in {known}, or give --format"
            )
    return [_SUFFIXES.get(suffix, "table") for suffix in suffixes]


def _engine(forms: Sequence[str], outputs: Sequence[Path]) -> Engine | None:
    """What makes the PDF, before the work is done; None for other formats."""
    if "pdf" not in forms:
        return None
    engine = require_latex()
    if not outputs:
        raise InvalidProblem("--format pdf: name a file, as in -o audit.pdf")
    return engine


def _write(output: Path, content: bytes) -> None:
    with written_whole(output) as place:
        place.write_bytes(content)


def _written(
    audited: Sequence[JudgedClaim], paper: Paper, form: str, command: str, *, named: bool
) -> str:
    match form:
        case "json":
            records = [audit_record(each) for each in audited]
            return json.dumps(records, indent=2, ensure_ascii=False) + "\n"
        case "markdown":
            return audit_markdown(audited, paper.key, command)
        case "latex":
            return audit_latex(audited, paper.key, command)
    blocks = "\n\n".join(audit_text(each, paper.key) for each in audited)
    if named:
        return f"{blocks}\n"
    return f"{plain_table(HEADERS, audit_rows(audited))}\n{audit_tally(audited)}\n\n{blocks}\n"


def _command(claims: Sequence[str], paper: Paper, *, quick: bool) -> str:
    """What makes the report again."""
    words = ["symcollapse audit", *claims]
    words += [] if claims or paper.key == bundled_papers()[0] else [f"--paper {paper.key}"]
    return " ".join([*words, "--quick"] if quick else words)
