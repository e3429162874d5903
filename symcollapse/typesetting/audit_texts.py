"""An audit in lines of text: a table of verdicts, five lines for each claim, records for JSON.

All of it is written from the judged claims; nothing is added to what was computed.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sympy.core.relational import Relational

from symcollapse.reasoning import (
    JudgedClaim,
    MatrixIdentity,
    Outcome,
    PublishedClaim,
    Relation,
)
from symcollapse.typesetting.audit_statements import (
    conditions_text,
    readable,
    statement_text,
)
from symcollapse.typesetting.formulas import text_of
from symcollapse.typesetting.latex_words import plain_name

COUNTEREXAMPLES = "derivations/{paper}/counterexamples/{file}"
"""Where the problem files of counterexamples lie."""


def audit_record(judged: JudgedClaim) -> dict[str, Any]:
    """A verdict as plain data, for JSON.

    Example
    -------
    >>> record = audit_record(JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ()))
    >>> record["verdict"], record["note"], record["corrected"]
    ('undecided', 'no control that the judge of a printed statement could refuse', None)
    """
    return {
        "id": judged.claim.id,
        "verdict": judged.outcome.value,
        "by": judged.by,
        "note": readable(judged.note),
        "corrected": correction_words(judged) or None,
    }


def audit_rows(audited: Sequence[JudgedClaim]) -> list[list[str]]:
    """Rows of the summary: name, place, verdict, and the route that decided.

    Example
    -------
    >>> audit_rows([JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ())])
    [['twice', 'nowhere', 'undecided', 'none']]
    """
    return [
        [each.claim.id, conditions_text(each.claim.at), outcome_text(each, audited), each.by]
        for each in audited
    ]


def audit_tally(audited: Sequence[JudgedClaim]) -> str:
    """How many verdicts of each kind, in a line.

    Example
    -------
    >>> audit_tally([JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ())])
    '1 claim: 1 undecided'
    """
    counts = Counter(each.outcome for each in audited)
    kinds = [f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome]]
    noun = "claim" if len(audited) == 1 else "claims"
    return f"{len(audited)} {noun}: {', '.join(kinds)}"


def audit_text(judged: JudgedClaim, paper: str = "") -> str:
    """A claim in five lines: what is printed, the verdict, the evidence, what holds instead, and how to see it again.

    Parameters
    ----------
    judged
        The claim, judged.
    paper
        Key of its paper, for the paths of counterexamples.

    Example
    -------
    >>> claim = PublishedClaim("twice", "nowhere", "2x = 3x", ())
    >>> print(audit_text(JudgedClaim(claim, ()), "dohmatob2024"))
    twice: undecided  (nowhere)
      printed    2x = 3x
      evidence   no control that the judge of a printed statement could refuse
      checked    no false variant, no derivation
      again      symcollapse audit twice
    """
    claim = judged.claim
    given = f"  (given {conditions_text(claim.given)})" if claim.given else ""
    step = f", a step of the proof of {claim.step_of}" if claim.step_of else ""
    lines = [
        f"{claim.id}: {judged.outcome.value}  ({conditions_text(claim.at)}{step})",
        f"  printed    {claim.tex}{given}{f'; read as: {claim.reading}' if claim.reading else ''}",
        f"  evidence   {'; '.join(_evidence(judged))}",
    ]
    if judged.corrections:
        lines.append(f"  corrected  {correction_words(judged)}")
        lines.append(f"  again      {'; '.join(ways_to_run(claim, paper))}; {_checked(judged)}")
    elif judged.outcome is Outcome.REFUTED:
        lines.append(f"  shown at   {'; '.join(_shown(judged, paper)) or 'the point above'}")
        lines.append(f"  again      {'; '.join(ways_to_run(claim, paper))}; {_checked(judged)}")
    else:
        lines.append(f"  checked    {_checked(judged)}")
        lines.append(f"  again      {'; '.join(ways_to_run(claim, paper))}")
    return "\n".join(lines)


def _evidence(judged: JudgedClaim) -> list[str]:
    if judged.outcome is Outcome.CORRECTED:
        return [f"{decided_by(judged)}, {readable(judged.note)}", *_shown(judged, "")]
    return [f"{decided_by(judged)}, {readable(judged.note)}".removeprefix(", ")]


def decided_by(judged: JudgedClaim) -> str:
    """The route of a verdict, with the counterexample where a refutation rests on it too; empty for none.

    Example
    -------
    >>> decided_by(JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ()))
    ''
    """
    if judged.by == "none":
        return ""
    return f"by {judged.by}" + (
        " and a counterexample" if judged.outcome is Outcome.REFUTED else ""
    )


def _shown(judged: JudgedClaim, paper: str) -> list[str]:
    shown, example = judged.counterexample, judged.claim.counterexample
    if shown is None or example is None:
        return []
    place = COUNTEREXAMPLES.format(paper=paper, file=example.file) if paper else example.file
    return [f"{place}: {counterexample_words(judged)}"]


def counterexample_words(judged: JudgedClaim) -> str:
    """What a counterexample shows: what holds there, what the printed statement has in its place, and a simulation.

    Example
    -------
    >>> counterexample_words(JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ()))
    ''
    """
    shown, example = judged.counterexample, judged.claim.counterexample
    if shown is None or example is None:
        return ""
    printed = judged.claim.printed
    about = next((each for each in printed if each.place == example.place), printed[0])
    simulated = f"; simulated test error {shown.simulation}" if shown.simulation else ""
    if isinstance(about.by, MatrixIdentity):
        return shown.simulation or f"{shown.subject} against {shown.formula}"
    named = "the test error" if shown.of_error else plain_name(about.name) or "the left side"
    if example.raised is not None:
        sizes = f"as {text_of(example.raised)} goes to 10⁶, 10¹² and 10²⁴"
        return f"{sizes} {named} is {shown.subject}, and the printed order {shown.formula}"
    if isinstance(about.subject, Relational):
        sides = f"the left side is {shown.subject}, and the right one {shown.formula}"
        return f"{sides}{simulated}"
    sign = "" if about.relation is Relation.EQUAL else f"{about.relation.value} "
    return f"{named} is {shown.subject}, must be {sign}{shown.formula} as printed{simulated}"


def ways_to_run(claim: PublishedClaim, paper: str) -> list[str]:
    """Commands that show a claim again; without a paper, its counterexample is left out.

    Example
    -------
    >>> ways_to_run(PublishedClaim("twice", "nowhere", "", ()), "dohmatob2024")
    ['symcollapse audit twice']
    """
    found = [f"symcollapse audit {claim.id}"]
    # A rate has no one problem: its size is raised.
    if paper and claim.counterexample is not None and claim.counterexample.raised is None:
        place = COUNTEREXAMPLES.format(paper=paper, file=claim.counterexample.file)
        # What holds at finite size only, or for single draws, is no deterministic equivalent.
        exactly = claim.counterexample.derived is not None or any(
            isinstance(each.by, MatrixIdentity) for each in claim.printed
        )
        found.append(f"symcollapse {'simulate' if exactly else 'evaluate'} {place}")
    return found


def _checked(judged: JudgedClaim) -> str:
    refused = len(judged.controls)
    variants = {0: "no false variant", 1: "1 false variant refused"}.get(
        refused, f"{refused} false variants refused"
    )
    names = [name for name, checked in judged.derivations if checked.passed]
    unchecked = "derivations not checked" if judged.claim.derivations else "no derivation"
    return f"{variants}, {'derived in ' + ', '.join(names) if names else unchecked}"


def correction_words(judged: JudgedClaim) -> str:
    """What stands in place of refuted statements, in a line; places that share a formula share its line.

    Example
    -------
    >>> correction_words(JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ()))
    ''
    """
    places: dict[str, list[str]] = {}
    for statement in judged.corrections:
        written = statement_text(statement)
        # What only a left side speaks of that is left out needs no meaning.
        meanings = "".join(
            f", where {name} = {what}" for name, what in written.definitions if name in written.line
        )
        place = "" if statement.place == written.left else statement.place
        places.setdefault(f"{written.line}{meanings}", []).append(readable(place))
    return "; ".join(
        ": ".join(part for part in (", and ".join(filter(None, named)), line) if part)
        for line, named in places.items()
    )


def outcome_text(judged: JudgedClaim, audited: Sequence[JudgedClaim]) -> str:
    """The verdict, and for a step of a proof the verdict on what it was to prove.

    Example
    -------
    >>> outcome_text(JudgedClaim(PublishedClaim("twice", "nowhere", "", ()), ()), ())
    'undecided'
    """
    outcome = judged.outcome.value
    results = [each for each in audited if each.claim.id == judged.claim.step_of]
    return f"{outcome} (result {results[0].outcome.value})" if results else outcome
