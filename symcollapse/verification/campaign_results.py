"""What a campaign has found: the draws of each problem in their order, and the verdicts on them.

Draws are judged after each chunk, in the order of the trials and not in that in which they came, and the first verdict
is kept. So it does not depend on who drew what when.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from symcollapse.simulation.workers import Chunk
from symcollapse.verification.agreement import Agreement
from symcollapse.verification.campaign_store import CampaignStore, StoredProblem
from symcollapse.verification.confidence_sequences import RunningSums, compare_at_any_time
from symcollapse.verification.sequential import Claim, is_settled


@dataclass(frozen=True)
class CampaignResult:
    """One problem of a campaign, as far as it is."""

    problem: StoredProblem
    agreement: Agreement | None
    """The first verdict on the derived test error other than *cannot tell*, or the last; None without draws."""
    exact_agreement: Agreement | None
    """The same on the exact finite-size law, where one is known."""
    draws: tuple[float, ...] = field(repr=False)
    """Excess risks of the trials from the first on, as far as none is missing."""
    is_decided: bool
    """Whether no further draws are needed."""
    seconds: float
    """How long all its chunks took to draw."""

    @property
    def verdict(self) -> Literal["shown", "refuted", "cannot tell"]:
        """That on the derived test error; *refuted* too if the draws refute the exact law."""
        if self.exact_agreement is not None and self.exact_agreement.verdict == "refuted":
            return "refuted"
        return "cannot tell" if self.agreement is None else self.agreement.verdict

    @property
    def reason(self) -> str:
        """The verdict's reason in one line."""
        exact = self.exact_agreement
        if exact is not None and exact.verdict == "refuted":
            return f"the exact law: {exact.reason}"
        return "nothing is drawn yet" if self.agreement is None else self.agreement.reason


@dataclass(frozen=True)
class Campaign:
    """Results of several problems."""

    results: tuple[CampaignResult, ...]

    @property
    def is_shown(self) -> bool:
        """Whether every problem is shown, and there is one."""
        return bool(self.results) and all(result.verdict == "shown" for result in self.results)


class Tally:
    """The chunks of one problem as they come, and the verdicts on those that follow each other from the first on.

    Example
    -------
    >>> tally = Tally(StoredProblem("a", "", "", 1, 2, 0.1, 0.5, 1.0, None, None, 0.0, ""))
    >>> tally.add(Chunk.of(2, [1.0, 1.0], "here", 0.1))
    >>> tally.trials
    0
    >>> tally.add(Chunk.of(0, [1.0, 1.0], "here", 0.1))
    >>> tally.trials
    4
    """

    def __init__(self, problem: StoredProblem) -> None:
        self.problem = problem
        self.claims = claims_of(problem)
        self.agreements: list[Agreement | None] = [None] * len(self.claims)
        self.draws: list[float] = []
        self.firsts: set[int] = set()
        """Of all chunks that are there."""
        self.waiting: list[tuple[int, Chunk]] = []
        """Chunks behind one that is missing, in order."""
        self.sums: RunningSums | None = None
        self.seconds = 0.0

    @property
    def trials(self) -> int:
        """Trials from the first on, as far as none is missing."""
        return len(self.draws)

    @property
    def is_decided(self) -> bool:
        """Whether every claim has its verdict."""
        return all(each is not None and is_settled(each) for each in self.agreements)

    def add(self, chunk: Chunk) -> None:
        """Take a chunk, once."""
        if chunk.first in self.firsts:
            return
        self.firsts.add(chunk.first)
        self.seconds += chunk.seconds
        insort(self.waiting, (chunk.first, chunk), key=lambda entry: entry[0])
        while self.waiting and self.waiting[0][0] == self.trials:
            self._judge(self.waiting.pop(0)[1])

    def _judge(self, chunk: Chunk) -> None:
        values = chunk.values
        self.draws.extend(values)
        later = RunningSums.of(values)
        self.sums = later if self.sums is None else self.sums.joined(later)
        for position, claim in enumerate(self.claims):
            known = self.agreements[position]
            if known is None or not is_settled(known):
                self.agreements[position] = compare_at_any_time(
                    self.sums,
                    claim.prediction,
                    claim.margin,
                    self.problem.risk,
                    rounding=self.problem.rounding,
                )

    @property
    def result(self) -> CampaignResult:
        """What is known now."""
        return CampaignResult(
            self.problem,
            self.agreements[0],
            self.agreements[1] if len(self.agreements) > 1 else None,
            tuple(self.draws),
            self.is_decided,
            self.seconds,
        )


class Tallies:
    """All problems of a campaign, kept up with what is in the store."""

    def __init__(self, problems: Sequence[StoredProblem]) -> None:
        self.of = {problem.number: Tally(problem) for problem in problems}
        self.seen = 0
        """Number of the last chunk taken."""

    def read(self, store: CampaignStore) -> None:
        """Take what has come into the store, from whatever run."""
        for number, problem, chunk in store.chunks(self.seen):
            self.seen = number
            if problem in self.of:
                self.of[problem].add(chunk)

    @property
    def campaign(self) -> Campaign:
        """What is known now."""
        return Campaign(tuple(tally.result for tally in self.of.values()))


def claims_of(problem: StoredProblem) -> tuple[Claim, ...]:
    """What is claimed of a stored problem: its prediction, and that of the exact law where there is one.

    Example
    -------
    >>> claims_of(StoredProblem("a", "", "", 1, 64, 1e-6, 0.5, 1.0, None, None, 0.0, ""))
    (Claim(prediction=1.0, margin=0.5),)
    """
    claims = [Claim(problem.prediction, problem.margin)]
    if problem.exact_prediction is not None and problem.exact_margin is not None:
        claims.append(Claim(problem.exact_prediction, problem.exact_margin))
    return tuple(claims)
