"""The report of an audit as pages, in Markdown or LaTeX.

By claim: the statement as printed and in SymPy, the verdict, the evidence, the correction or the counterexample, and how
to see it again. Nothing is added to what was computed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from symcollapse.language.references import REFERENCES, TITLES
from symcollapse.reasoning import (
    Evidence,
    JudgedClaim,
    JudgedStatement,
    Outcome,
    Proved,
    Refuted,
    Supported,
    Verdict,
)
from symcollapse.typesetting.audit_statements import (
    DerivedSide,
    conditions_text,
    limit_text,
    readable,
    scope_text,
    statement_latex,
    statement_text,
)
from symcollapse.typesetting.audit_texts import (
    COUNTEREXAMPLES,
    audit_rows,
    audit_tally,
    counterexample_words,
    decided_by,
    outcome_text,
    ways_to_run,
)
from symcollapse.typesetting.latex_words import with_indices
from symcollapse.typesetting.pages import (
    Block,
    Display,
    Folded,
    Heading,
    Items,
    Kind,
    Line,
    Paragraph,
    Span,
    Table,
    latex_page,
    line_of,
    markdown_page,
)

MEANINGS = {
    Outcome.CONFIRMED: "holds as printed, in its stated scope, and false variants of it are refused",
    Outcome.CORRECTED: "false as printed; what stands in its place, in the same scope, is stated and checked",
    Outcome.REFUTED: "false in its stated scope, with a counterexample that can be run again",
    Outcome.UNDECIDED: "an honest don't-know, with what was tried",
}
"""What the verdicts say."""


def audit_markdown(audited: Sequence[JudgedClaim], paper: str, command: str) -> str:
    """The report in Markdown.

    Parameters
    ----------
    audited
        The claims, judged.
    paper
        Key of their paper.
    command
        What makes the report again.

    Example
    -------
    >>> report = audit_markdown((), "dohmatob2024", "symcollapse audit")
    >>> report.splitlines()[0]
    '# Audit of Dohmatob, Feng, Kempe 2024'
    """
    return markdown_page(_blocks(audited, paper, command))


def audit_latex(audited: Sequence[JudgedClaim], paper: str, command: str) -> str:
    r"""The report as a LaTeX document; arguments as of ``audit_markdown``.

    Example
    -------
    >>> r"\title{Audit of" in audit_latex((), "dohmatob2024", "symcollapse audit")
    True
    """
    return latex_page(_blocks(audited, paper, command))


def _code(words: str) -> Span:
    return Span(words, Kind.CODE)


def _strong(words: str) -> Span:
    return Span(words, Kind.STRONG)


def _blocks(audited: Sequence[JudgedClaim], paper: str, command: str) -> list[Block]:
    name = REFERENCES.get(paper, paper)
    rows = tuple(
        (line_of(_code(row[0])), line_of(row[1]), line_of(row[2]), line_of(row[3]))
        for row in audit_rows(audited)
    )
    blocks: list[Block] = [
        Heading(1, line_of(f"Audit of {name}")),
        Paragraph(line_of(f"{name}: {TITLES.get(paper, paper)}.")),
        Paragraph(
            line_of(
                f"{audit_tally(audited)}. Every verdict is computed by ",
                _code(command),
                " from statements in SymPy with their scope, and nobody's opinion enters. A statement is read in "
                "the whole scope that is stated for it; a repair has the same left side, relation and scope. Each "
                "claim comes with false variants that the same judges have to refuse.",
            )
        ),
        Items(tuple(line_of(_strong(kind.value), f": {what}.") for kind, what in MEANINGS.items())),
        Heading(2, line_of("Summary")),
        Table(("claim", "place", "verdict", "by"), rows, (0.28, 0.32, 0.18, 0.14)),
        Heading(2, line_of("Claims")),
    ]
    for each in audited:
        blocks += _claim_blocks(each, paper, audited)
    return blocks


def _claim_blocks(judged: JudgedClaim, paper: str, audited: Sequence[JudgedClaim]) -> list[Block]:
    claim = judged.claim
    step = f", a step of the proof of {claim.step_of}" if claim.step_of else ""
    given = f", given {conditions_text(claim.given)}" if claim.given else ""
    blocks: list[Block] = [
        Heading(3, line_of(f"{claim.id}: {outcome_text(judged, audited)}")),
        Paragraph(line_of(_strong("Printed"), f" in {conditions_text(claim.at)}{step}{given}:")),
        Display(claim.tex),
    ]
    if claim.reading:
        blocks.append(Paragraph(line_of(_strong("Read as."), f" {with_indices(claim.reading)}")))
    # A verdict that was reached is told beside the statement that it rests on.
    why = f" {readable(judged.note)}." if judged.outcome is Outcome.UNDECIDED else ""
    verdict = f" {f'{judged.outcome.value} {decided_by(judged)}'.strip()}.{why}"
    blocks.append(Paragraph(line_of(_strong("Verdict:"), verdict)))
    blocks += _statement_blocks(judged)
    blocks += _counterexample_blocks(judged, paper)
    blocks.append(Items(tuple(_support(judged))))
    if claim.remark:
        blocks.append(Paragraph(line_of(_strong("Remark."), f" {with_indices(claim.remark)}")))
    again = [piece for words in ways_to_run(claim, paper) for piece in (", ", _code(words))][1:]
    blocks.append(Paragraph(line_of(_strong("Again:"), " ", *again)))
    return blocks


def _statement_blocks(judged: JudgedClaim) -> list[Block]:
    """Each printed statement with its evidence, then what holds in place of those that fall, then what was derived."""
    blocks: list[Block] = []
    meanings: dict[str, str] = {}
    derived: dict[DerivedSide, str] = {}
    kept = judged.corrections
    labelled = [("In SymPy", each) for each in judged.printed]
    labelled += [("Corrected", each) for each in judged.repaired if each.statement in kept]
    # Several parts of a claim may read alike, each for derived sides of its own: the formula stands once for all.
    alike: dict[tuple[str, str], list[Paragraph]] = {}
    for label, each in labelled:
        written = statement_latex(each.statement)
        meanings.update(written.definitions)
        for side in written.derived:
            derived.setdefault(side, each.statement.place)
        alike.setdefault((label, written.rows), []).append(_evidence_of(each, label))
    for (_, rows), paragraphs in alike.items():
        blocks += [*paragraphs, Display(rows)]
    return [*blocks, *_meaning_blocks(meanings), *_derived_blocks(derived, meanings)]


def _derived_blocks(
    derived: Mapping[DerivedSide, str], told: Mapping[str, str]
) -> Sequence[Folded]:
    """Each derived side once, with the place of the first statement on it where one name stands for several."""
    if not derived:
        return []
    blocks: list[Paragraph | Display] = []
    meanings: dict[str, str] = {}
    names = Counter(side.name for side in derived)
    last = ""
    for side, place in derived.items():
        if names[side.name] > 1 and place not in ("", last):
            blocks.append(Paragraph(line_of(f"{with_indices(place)}:")))
            last = place
        if side.formula:
            blocks.append(Display(rf"{side.name}:\quad {side.formula}"))
        else:
            blocks.append(Paragraph(line_of(Span(side.name, Kind.MATH), ": ", _code(side.text))))
        meanings.update(side.definitions)
    new = {name: what for name, what in meanings.items() if told.get(name) != what}
    return [Folded("Sides as derived", (*blocks, *_meaning_blocks(new)))]


def _meaning_blocks(meanings: Mapping[str, str]) -> list[Paragraph]:
    if not meanings:
        return []
    pieces: list[str | Span] = ["where "]
    for name, what in meanings.items():
        shown = what if what.startswith(name) else f"{name} = {what}"
        pieces += [Span(shown, Kind.MATH), "; "]
    return [Paragraph(line_of(*pieces[:-1]))]


def _evidence_of(each: JudgedStatement, label: str) -> Paragraph:
    """Which part of a claim it is, where, and what was found on it."""
    place = f", {with_indices(each.statement.place)}" if each.statement.place else ""
    scope = scope_text(each.statement.scope)
    where = f" for {scope}" if scope and scope != each.statement.place else ""
    limit = limit_text(each.statement.by)
    where += f", as {limit}" if limit else ""
    first = each.decisive
    ordered = [first, *(found for found in each.evidence if found is not first)]
    told = "; ".join(map(_told, ordered))
    return Paragraph(line_of(_strong(label), f"{place}{where}: {told}."))


def _told(found: Evidence) -> str:
    """One piece of evidence: what it says, by which route, and why."""
    kind = _kind(found.verdict)
    by = "" if found.route in ("proof", "none") else f" by {found.route}"
    words = readable(str(found.verdict)).removeprefix(f"{kind}: ").removeprefix(f"{found.route}, ")
    return f"{kind}{by}, {words}"


def _counterexample_blocks(judged: JudgedClaim, paper: str) -> list[Block]:
    shown, example = judged.counterexample, judged.claim.counterexample
    if shown is None or example is None:
        return []
    place = COUNTEREXAMPLES.format(paper=paper, file=example.file)
    doubt = "" if isinstance(shown.verdict, Refuted) else f" ({_kind(shown.verdict)})"
    words = f": {counterexample_words(judged)}{doubt}."
    return [Paragraph(line_of(_strong("Counterexample"), " ", _code(place), words))]


def _support(judged: JudgedClaim) -> list[Line]:
    """The false variants and the derivations."""
    found: list[Line] = []
    for each in judged.controls:
        place = with_indices(each.statement.place) or statement_text(each.statement).right
        found.append(line_of(f"False variant, {place}: {readable(str(each.verdict))}"))
    checked: Mapping[str, Any] = dict(judged.derivations)
    for name in judged.claim.derivations:
        if name not in checked:
            words = ": not checked in a quick audit"
        else:
            kinds = Counter(map(_kind, checked[name].verdicts))
            words = (
                f": of its steps {', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}"
            )
        found.append(line_of("Derivation ", _code(name), words))
    return found or [line_of("No false variant and no derivation.")]


def _kind(verdict: Verdict) -> str:
    match verdict:
        case Proved():
            return "proved"
        case Supported():
            return "supported"
        case Refuted():
            return "refuted"
        case _:
            return "undecided"
