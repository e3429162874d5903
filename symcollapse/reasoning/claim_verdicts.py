"""From evidence to the verdict on a claim, by rule: nobody's opinion enters.

=========  ==========================================================================================================
confirmed  every printed statement passes, and every control is refused
corrected  a printed statement is refuted; each refuted one is answered by a repair (same subject, relation and scope),
           and every repair passes
refuted    a printed statement is refuted, it has no such repair, and there is a counterexample that shows it
undecided  anything else, with what was tried
=========  ==========================================================================================================

A control that is not refused, or a derivation with a step that does not stand, leaves a claim undecided: then it is the
judge that is in doubt.
"""

from dataclasses import dataclass
from enum import Enum

from symcollapse.reasoning.checking import Checked
from symcollapse.reasoning.published_claims import PublishedClaim, Statement
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Undecided, Verdict, passed


class Outcome(Enum):
    """The verdict on a published claim."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Evidence:
    """What one route says of a statement."""

    route: str
    """Such as ``structure``, ``proof``, ``exact points``, ``edges``, ``search``."""
    verdict: Verdict


@dataclass(frozen=True)
class JudgedStatement:
    """A statement with all that was found on it."""

    statement: Statement
    evidence: tuple[Evidence, ...]

    @property
    def decisive(self) -> Evidence:
        """The strongest evidence: a refutation before a proof, a proof before support."""
        for kind in (Refuted, Proved, Supported):
            for each in self.evidence:
                if isinstance(each.verdict, kind):
                    return each
        tried = "; ".join(f"{each.route}: {_reason(each.verdict)}" for each in self.evidence)
        return Evidence("none", Undecided(tried or "no route applies"))

    @property
    def verdict(self) -> Verdict:
        """The verdict of the strongest evidence."""
        return self.decisive.verdict


@dataclass(frozen=True)
class ShownCounterexample:
    """What a counterexample gave when it was run."""

    verdict: Verdict
    """Refuted if both sides certainly differ at it."""
    subject: str
    """The left side there, in digits."""
    formula: str
    """The right side there, in digits."""
    simulation: str = ""
    """What simulation says, in a line; empty where none was run."""
    of_error: bool = False
    """Whether the sides are test errors: the derived one, and what the printed statement implies for it."""


@dataclass(frozen=True)
class JudgedClaim:
    """A claim with its evidence; the outcome follows from it.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning.steps import Algebra
    >>> printed = Statement(ridge + ridge, Algebra(), 3 * ridge)
    >>> claim = PublishedClaim("twice", "nowhere", "", (printed,))
    >>> judged = JudgedStatement(printed, (Evidence("exact points", Refuted("2 against 3")),))
    >>> JudgedClaim(claim, (judged,)).outcome.value  # no repair, no counterexample
    'undecided'
    """

    claim: PublishedClaim
    printed: tuple[JudgedStatement, ...]
    repaired: tuple[JudgedStatement, ...] = ()
    controls: tuple[JudgedStatement, ...] = ()
    derivations: tuple[tuple[str, Checked], ...] = ()
    counterexample: ShownCounterexample | None = None

    @property
    def outcome(self) -> Outcome:
        """The verdict."""
        return self._concluded[0]

    @property
    def by(self) -> str:
        """The route that decided."""
        return self._concluded[1]

    @property
    def note(self) -> str:
        """Why, in a line."""
        return self._concluded[2]

    @property
    def corrections(self) -> tuple[Statement, ...]:
        """The repairs that stand in place of refuted statements; none unless the outcome is *corrected*."""
        if self.outcome is not Outcome.CORRECTED:
            return ()
        fallen = [each.statement for each in self.printed if isinstance(each.verdict, Refuted)]
        return tuple(
            each.statement
            for each in self.repaired
            if any(each.statement.answers(printed) for printed in fallen)
        )

    @property
    def _concluded(self) -> tuple[Outcome, str, str]:
        for control in self.controls:
            if not isinstance(control.verdict, Refuted):
                return _undecided(f"a false variant is not refused: {_told(control)}")
        for name, checked in self.derivations:
            if not checked.passed:
                return _undecided(f"a step of {name} does not stand")
        fallen = [each for each in self.printed if isinstance(each.verdict, Refuted)]
        if fallen:
            return self._concluded_without(fallen)
        for each in self.printed:
            if not passed(each.verdict):
                return _undecided(_told(each))
        if not self.printed or not self.controls:
            return _undecided("no statement, or no control that could be refused")
        weakest = min(self.printed, key=lambda each: isinstance(each.verdict, Proved))
        return Outcome.CONFIRMED, weakest.decisive.route, _told(weakest)

    def _concluded_without(self, fallen: list[JudgedStatement]) -> tuple[Outcome, str, str]:
        route, note = fallen[0].decisive.route, _told(fallen[0])
        answered = all(
            any(
                passed(each.verdict) and each.statement.answers(down.statement)
                for each in self.repaired
            )
            for down in fallen
        )
        if self.repaired and answered and all(passed(each.verdict) for each in self.repaired):
            return Outcome.CORRECTED, route, note
        if self.repaired:
            doubtful = next((each for each in self.repaired if not passed(each.verdict)), None)
            why = "it answers another statement" if doubtful is None else _told(doubtful)
            return _undecided(f"{note}; the repair does not stand: {why}")
        shown = self.counterexample
        if shown is None or not isinstance(shown.verdict, Refuted):
            return _undecided(f"{note}; no counterexample shows it")
        return Outcome.REFUTED, route, note


def _undecided(why: str) -> tuple[Outcome, str, str]:
    return Outcome.UNDECIDED, "none", why


def _told(judged: JudgedStatement) -> str:
    place = judged.statement.place
    reason = _reason(judged.verdict)
    return f"{place}: {reason}" if place else reason


def _reason(verdict: Verdict) -> str:
    return verdict.how if isinstance(verdict, Proved | Supported) else verdict.why
