"""The audit of bundled papers, alone or in several processes; what is found does not depend on how many.

A process is sent the name of a claim, and sends back words: statements are known on both sides, and the verdict follows
from the words by rule, here.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from difflib import get_close_matches

from symcollapse.interfaces.bundled_derivations import derivation_named
from symcollapse.interfaces.bundled_papers import bundled_papers, paper_named
from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem
from symcollapse.reasoning import (
    Checked,
    Evidence,
    JudgedClaim,
    JudgedStatement,
    Paper,
    ShownCounterexample,
    Statement,
    Verdict,
)
from symcollapse.simulation.workers import worker_pool
from symcollapse.verification.audit import audit_claim

BASE_PAPER = "dohmatob2024"
"""The paper that is audited if none is named."""


def audit(
    *claims: str,
    paper: str | None = None,
    quick: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[JudgedClaim, ...]:
    """Judge published claims: all of a paper, or those that are named, in the paper's order.

    Parameters
    ----------
    claims
        Names of claims; all of the paper without any.
    paper
        Key of the paper; without one the base paper, or the one that has the claims.
    quick
        Statements, repairs and controls only, by the quick routes.
    workers
        Processes; the result does not depend on it.
    progress
        Called with the claims judged, and all of them.

    Raises
    ------
    InvalidProblem
        If there is no such paper or claim; it names those that are near.

    Example
    -------
    >>> (judged,) = audit("omniscient-risk", quick=True)
    >>> judged.outcome.value
    'corrected'
    """
    source = paper_of(claims, paper)
    names = [each.id for each in source.claims if not claims or each.id in claims]
    if progress is not None:
        progress(0, len(names))
    found: dict[str, _Found] = {}
    with worker_pool(min(workers, max(1, len(names)))) as pool:
        if pool is None:
            for name in names:
                found[name] = _find(source.key, name, quick=quick)
                if progress is not None:
                    progress(len(found), len(names))
        else:
            pending = {pool.submit(_find, source.key, name, quick=quick): name for name in names}
            for done in as_completed(pending):
                found[pending[done]] = done.result()
                if progress is not None:
                    progress(len(found), len(names))
    return tuple(_judged(source, name, found[name]) for name in names)


def paper_of(claims: Sequence[str], key: str | None = None) -> Paper:
    """The paper that has the claims.

    Raises
    ------
    InvalidProblem
        If none has them all; it names those that are near.

    Example
    -------
    >>> paper_of(["prop-4.2"]).key
    'dohmatob2024'
    """
    papers = [paper_named(each) for each in (bundled_papers() if key is None else (key,))]
    if not claims and key is None:
        return paper_named(BASE_PAPER)
    known = [{claim.id for claim in paper.claims} for paper in papers]
    for paper, ids in zip(papers, known, strict=True):
        if set(claims) <= ids:
            return paper
    every = sorted(set().union(*known))
    missing = next((name for name in claims if name not in every), None)
    if missing is None:
        raise InvalidProblem(f"{', '.join(claims)}: of more than one paper; audit them one by one")
    close = get_close_matches(missing[:80], every, 3, 0.5)
    remedy = f"did you mean {', '.join(close)}?" if close else '"symcollapse audit list" lists them'
    named = shortened(missing) or "''"
    raise InvalidProblem(f"{named}: no such claim; {remedy}")


@dataclass(frozen=True)
class _Found:
    """The evidence on one claim, in words, as a process sends it."""

    printed: tuple[tuple[Evidence, ...], ...]
    repaired: tuple[tuple[Evidence, ...], ...]
    controls: tuple[tuple[Evidence, ...], ...]
    derivations: tuple[tuple[str, tuple[Verdict, ...], tuple[Verdict, ...]], ...]
    counterexample: ShownCounterexample | None


def _find(key: str, name: str, *, quick: bool) -> _Found:
    paper = paper_named(key)
    judged = audit_claim(paper.claim(name), derivation_named, paper=paper, quick=quick)

    def evidence(statements: tuple[JudgedStatement, ...]) -> tuple[tuple[Evidence, ...], ...]:
        return tuple(each.evidence for each in statements)

    return _Found(
        evidence(judged.printed),
        evidence(judged.repaired),
        evidence(judged.controls),
        tuple((each, checked.verdicts, checked.published) for each, checked in judged.derivations),
        judged.counterexample,
    )


def _judged(paper: Paper, name: str, found: _Found) -> JudgedClaim:
    claim = paper.claim(name)

    def joined(
        statements: tuple[Statement, ...], evidence: tuple[tuple[Evidence, ...], ...]
    ) -> tuple[JudgedStatement, ...]:
        return tuple(map(JudgedStatement, statements, evidence))

    return JudgedClaim(
        claim,
        joined(claim.printed, found.printed),
        joined(claim.repaired, found.repaired),
        joined(claim.controls, found.controls),
        tuple(
            (each, Checked(derivation_named(each), verdicts, published))
            for each, verdicts, published in found.derivations
        ),
        found.counterexample,
    )
