"""A derivation as data: where it starts, where each step arrives, and by what right.

Steps say where they arrive; judges recompute it (`checking`). A justification is a frozen value that typesetting can read
without knowing how it is judged.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from sympy import Basic, Expr, Symbol

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.reasoning.relations import Relation, weakest


@dataclass(frozen=True)
class Unfold:
    """Named quantities replaced by their definitions."""

    kinds: tuple[type[Basic], ...] = ()
    """Which; none given means all."""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        names = ", ".join(kind.__name__ for kind in self.kinds)
        return f"definition of {names}" if names else "definitions"


@dataclass(frozen=True)
class Algebra:
    """An identity on the domain; the equations of the effective ridges may be used."""

    note: str = ""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return self.note or "algebra"


@dataclass(frozen=True)
class Differentiate:
    """The target is the derivative of the line before."""

    symbol: Symbol

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return f"derivative in {self.symbol}"


@dataclass(frozen=True)
class Substitute:
    """Other expressions put in for symbols or quantities, everywhere."""

    rule: tuple[tuple[Basic, Basic], ...]
    note: str = ""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        pairs = ", ".join(f"{old} := {new}" for old, new in self.rule)
        return f"{self.note}: {pairs}" if self.note else pairs


@dataclass(frozen=True)
class Equivalents:
    """Moments of designs replaced by their deterministic equivalents, the last design first."""

    positions: tuple[int, ...]
    reference: str = cite("bach2024")

    relation = Relation.EQUIVALENT

    def __str__(self) -> str:
        return f"deterministic equivalents over {_designs(self.positions)} ({self.reference})"


@dataclass(frozen=True)
class ExactMoments:
    """Moments of least squares replaced by their exact values, the last design first."""

    positions: tuple[int, ...]
    reference: str = cite("vonrosen1988")

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return f"exact Wishart moments over {_designs(self.positions)} ({self.reference})"


def _designs(positions: tuple[int, ...]) -> str:
    if len(positions) == 1:
        return f"design {positions[0]}"
    return f"designs {positions[0]} … {positions[-1]}"


@dataclass(frozen=True)
class Limit:
    """The limit in one symbol."""

    symbol: Symbol
    to: Expr

    relation = Relation.LIMIT

    def __str__(self) -> str:
        return f"limit {self.symbol} → {self.to}"


@dataclass(frozen=True)
class Solve:
    """The target is the value of the symbol at which the line before vanishes."""

    symbol: Symbol

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return f"solved for {self.symbol}"


Justification: TypeAlias = (
    Unfold | Algebra | Differentiate | Substitute | Equivalents | ExactMoments | Limit | Solve
)


@dataclass(frozen=True)
class Step:
    """One step: where it arrives, and by what right."""

    to: Expr
    by: Justification


@dataclass(frozen=True)
class Derivation:
    """A chain of steps from a definition to a result.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> trivial = Derivation("Doubling", ridge + ridge, (Step(2 * ridge, Algebra()),))
    >>> trivial.result, trivial.relation.value
    (2*lambda, '=')
    """

    title: str
    start: Expr
    steps: tuple[Step, ...] = ()
    domain: Domain = field(default_factory=Domain)
    subject: str = ""
    """What the start is, as LaTeX for the left-hand side."""
    claim: str = ""
    """The published statement that the result confirms or corrects, with its place."""
    notes: str = ""
    """Scope and remarks, in a sentence or two."""

    @property
    def result(self) -> Expr:
        """The last line."""
        return self.steps[-1].to if self.steps else self.start

    @property
    def relation(self) -> Relation:
        """How the result relates to the start: the weakest link."""
        return weakest(tuple(step.by.relation for step in self.steps))
