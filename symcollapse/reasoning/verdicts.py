"""What a judge may answer.

Balls refute rigorously when they are disjoint, and only support when they overlap; so there are four answers, and
"undecided" is never counted as passed.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Proved:
    """Shown symbolically."""

    how: str

    def __str__(self) -> str:
        return f"proved: {self.how}"


@dataclass(frozen=True)
class Supported:
    """Not refuted at exact points, or resting on a cited theorem that was applied as stated."""

    how: str

    def __str__(self) -> str:
        return f"supported: {self.how}"


@dataclass(frozen=True)
class Undecided:
    """Neither; says what was tried."""

    why: str

    def __str__(self) -> str:
        return f"undecided: {self.why}"


@dataclass(frozen=True)
class Refuted:
    """False, with a point where both sides are certainly different."""

    why: str

    def __str__(self) -> str:
        return f"refuted: {self.why}"


Verdict: TypeAlias = Proved | Supported | Undecided | Refuted


def passed(verdict: Verdict) -> bool:
    """Whether a step with this verdict may stand in a derivation.

    Example
    -------
    >>> passed(Proved("by definition")), passed(Undecided("no point"))
    (True, False)
    """
    return isinstance(verdict, Proved | Supported)
