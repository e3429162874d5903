"""The ledger of derivations: title, relation, verdict and source of each, in one page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symcollapse.language.references import REFERENCES
from symcollapse.reasoning import Checked, Derivation
from symcollapse.typesetting.derivations import agreement_words
from symcollapse.typesetting.pages import (
    Block,
    Heading,
    Kind,
    Paragraph,
    Span,
    Table,
    line_of,
    markdown_page,
)

OWN = "Lemmas, and results in no paper we know"
"""Title of the part for derivations without a source among the references."""


@dataclass(frozen=True)
class LedgerRow:
    """A derivation in the ledger.

    Example
    -------
    >>> row = LedgerRow("doubling", "Doubling", "=", ("proved", "supported"), ("agrees",), "")
    >>> row.verdict, row.on_paper
    ('stands: 1 proved, 1 supported', '1 agrees')
    """

    name: str
    """Of the module."""
    title: str
    relation: str
    """Of the result to the start."""
    steps: tuple[str, ...]
    """The kind of verdict on each step."""
    published: tuple[str, ...]
    """Whether each published formula agrees, differs, or cannot be told."""
    source: str
    """The published statement that it confirms or corrects, with its place."""

    @property
    def stands(self) -> bool:
        """Whether every step may stand."""
        return set(self.steps) <= {"proved", "supported"}

    @property
    def verdict(self) -> str:
        """*proved* if every step is; else how many steps are what."""
        kinds = Counter(self.steps)
        if set(kinds) <= {"proved"}:
            return "proved"
        counts = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        return f"{'stands' if self.stands else 'does not stand'}: {counts}"

    @property
    def on_paper(self) -> str:
        """What is found of the published formulas that are tried beside it."""
        kinds = sorted(Counter(self.published).items())
        return ", ".join(f"{n} {word if n == 1 else word.removesuffix('s')}" for word, n in kinds)


def ledger_row(name: str, checked: Checked) -> LedgerRow:
    """The row of a derivation that was checked.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning import Derivation, check
    >>> ledger_row("start", check(Derivation("Start only", ridge))).verdict
    'proved'
    """
    return row_of(
        name,
        checked.derivation,
        tuple(type(each).__name__.lower() for each in checked.verdicts),
        tuple(map(agreement_words, checked.published)),
    )


def row_of(
    name: str, derivation: Derivation, steps: Sequence[str], published: Sequence[str]
) -> LedgerRow:
    """The row of a derivation whose verdicts are known.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> row_of("start", Derivation("Start only", ridge), (), ()).relation
    '='
    """
    return LedgerRow(
        name,
        derivation.title,
        derivation.relation.value,
        tuple(steps),
        tuple(published),
        derivation.claim,
    )


def ledger_record(row: LedgerRow) -> dict[str, Any]:
    """A row as plain data, for JSON.

    Example
    -------
    >>> list(ledger_record(LedgerRow("doubling", "Doubling", "=", (), (), "")))
    ['name', 'title', 'relation', 'verdict', 'published', 'source']
    """
    return {
        "name": row.name,
        "title": row.title,
        "relation": row.relation,
        "verdict": row.verdict,
        "published": row.on_paper,
        "source": row.source,
    }


def ledger_markdown(rows: Sequence[LedgerRow]) -> str:
    """The ledger in Markdown, one table for each source.

    Example
    -------
    >>> page = ledger_markdown([LedgerRow("doubling", "Doubling", "=", (), (), "")])
    >>> page.splitlines()[-1]
    '| [Doubling](doubling.py) | = | proved |  |  |'
    """
    sources = [*REFERENCES.values(), OWN]
    blocks: list[Block] = [
        Heading(1, line_of("Derivations")),
        Paragraph(
            line_of(
                "One module each, named by the sentence it proves; every step is checked when the tests run. ",
                "A step is ",
                Span("proved", Kind.STRONG),
                ", or ",
                Span("supported", Kind.STRONG),
                ": it rests on a cited theorem or on certified numbers at exact points. The last column but one says "
                "what was found of published formulas that are tried beside the result. Made by ",
                Span("symcollapse derive list --format markdown", Kind.CODE),
                "; the audit of whole papers is ",
                Span("symcollapse audit", Kind.CODE),
                ".",
            )
        ),
    ]
    for source in sources:
        own = [row for row in rows if _source(row) == source]
        if own:
            ordered = sorted(own, key=lambda row: (row.source, row.title))
            blocks += [Heading(2, line_of(source)), _table(ordered)]
    return markdown_page(blocks)


def _source(row: LedgerRow) -> str:
    return next((name for name in REFERENCES.values() if name in row.source), OWN)


def _table(rows: Sequence[LedgerRow]) -> Table:
    headers = ("derivation", "relation", "verdict", "published formulas", "source")
    cells = tuple(
        (
            line_of(Span(f"{row.title}|{row.name}.py", Kind.LINK)),
            line_of(row.relation),
            line_of(row.verdict),
            line_of(row.on_paper),
            line_of(row.source),
        )
        for row in rows
    )
    return Table(headers, cells, (0.3, 0.08, 0.2, 0.14, 0.28))
