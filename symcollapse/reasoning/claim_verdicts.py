"""From evidence to the verdict on a claim, by rule: nobody's opinion enters.

=========  ==========================================================================================================
confirmed  every printed statement passes
corrected  a printed statement is refuted; each refuted one is answered by a repair (same subject, relation and scope),
           and every repair passes; where the relation is one-sided, a control of the same kind is refused, so that the
           repair is none that says next to nothing
refuted    a printed statement is refuted, it has no such repair, and there is a counterexample that shows it
undecided  anything else, with what was tried
=========  ==========================================================================================================

A claim without a control that the judge of a printed statement refuses is undecided, and so is one with a control that
is not refused, with a derivation that has a step that does not stand, or with a counterexample that does not show what
the judges say: then it is the judge that is in doubt.
"""

from dataclasses import dataclass
from enum import Enum

from sympy import Basic

from symcollapse.language.design_means import without_means
from symcollapse.reasoning.checking import Checked
from symcollapse.reasoning.claimed_steps import MatrixIdentity
from symcollapse.reasoning.published_claims import PublishedClaim, Statement
from symcollapse.reasoning.relations import Relation
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Undecided, Verdict, passed

BESIDES = frozenset(("structure", "edges", "search"))
"""Routes that see a part of a scope, and are no judge of a reason."""


_ONE_SIDED = frozenset((Relation.AT_MOST, Relation.AT_LEAST, Relation.IMPLIES))


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
        """The strongest evidence: a refutation before a proof, a proof before support.

        Support by edges or by a search counts besides that of the judge of the statement's reason, not in place of it.
        """
        kinds: tuple[type[Verdict], ...] = (Refuted, Proved, Supported)
        if any(
            isinstance(each.verdict, Undecided) and each.route not in BESIDES
            for each in self.evidence
        ):
            kinds = (Refuted, Proved)
        for kind in kinds:
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
            if any(_answers(each.statement, printed) for printed in fallen)
        )

    @property
    def _concluded(self) -> tuple[Outcome, str, str]:
        for control in self.controls:
            if not isinstance(control.verdict, Refuted):
                return _undecided(f"a false variant is not refused: {_told(control)}")
        if not any(map(self._is_control, self.controls)):
            return _undecided("no control that the judge of a printed statement could refuse")
        for name, checked in self.derivations:
            if not checked.passed:
                return _undecided(f"a step of {name} does not stand")
        fallen = [each for each in self.printed if isinstance(each.verdict, Refuted)]
        if fallen:
            return self._concluded_without(fallen)
        for each in self.printed:
            if not passed(each.verdict):
                return _undecided(_told(each))
        if not self.printed:
            return _undecided("no statement")
        if self.counterexample is not None and isinstance(self.counterexample.verdict, Refuted):
            return _undecided(
                f"no judge refutes it, its counterexample does: {self.counterexample.verdict.why}"
            )
        weakest = min(self.printed, key=lambda each: isinstance(each.verdict, Proved))
        return Outcome.CONFIRMED, weakest.decisive.route, _told(weakest)

    def _is_control(self, control: JudgedStatement) -> bool:
        """Whether the judge of a printed statement refuses it, and it is no printed statement itself."""
        stated = [each.statement for each in self.printed]
        return control.statement not in stated and any(
            type(control.statement.by) is type(each.by) for each in stated
        )

    def _is_kept_sharp(self, printed: Statement) -> bool:
        """Whether a repair of it could not be any weak bound: what is said from one side needs a control beside it."""
        return printed.relation not in _ONE_SIDED or any(
            control.statement.answers(printed) and control.statement != printed
            for control in self.controls
        )

    def _concluded_without(self, fallen: list[JudgedStatement]) -> tuple[Outcome, str, str]:
        route, note = fallen[0].decisive.route, _told(fallen[0])
        answered = all(
            self._is_kept_sharp(down.statement)
            and any(
                passed(each.verdict) and _answers(each.statement, down.statement)
                for each in self.repaired
            )
            for down in fallen
        )
        shown = self.counterexample
        if shown is not None and not isinstance(shown.verdict, Refuted):
            return _undecided(
                f"{note}; its counterexample does not show it: {_reason(shown.verdict)}"
            )
        if self.repaired and answered and all(passed(each.verdict) for each in self.repaired):
            return Outcome.CORRECTED, route, note
        if self.repaired:
            doubtful = next((each for each in self.repaired if not passed(each.verdict)), None)
            why = (
                "it answers another statement, or is one-sided without a control of its kind"
                if doubtful is None
                else _told(doubtful)
            )
            return _undecided(f"{note}; the repair does not stand: {why}")
        if shown is None:
            return _undecided(f"{note}; no counterexample shows it")
        return Outcome.REFUTED, route, note


def _answers(repair: Statement, printed: Statement) -> bool:
    """Whether a repair answers a printed statement, and says more than that the subject is the subject.

    An identity for every draw is not answered by one of means, and a formula that holds the subject is none for it.
    """
    if not repair.answers(printed):
        return False
    if isinstance(repair.by, MatrixIdentity) and repair.by != printed.by:
        return False
    formula = repair.formula
    if not isinstance(formula, Basic):
        return True
    return not without_means(formula).has(repair.subject)


def _undecided(why: str) -> tuple[Outcome, str, str]:
    return Outcome.UNDECIDED, "none", why


def _told(judged: JudgedStatement) -> str:
    place = judged.statement.place
    reason = _reason(judged.verdict)
    return f"{place}: {reason}" if place else reason


def _reason(verdict: Verdict) -> str:
    return verdict.how if isinstance(verdict, Proved | Supported) else verdict.why
