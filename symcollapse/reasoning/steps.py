"""A derivation as data: where it starts, where each step arrives, and by what right.

Steps say where they arrive; judges recompute it (`checking`). A justification is a frozen value that typesetting can read
without knowing how it is judged.
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sympy import Basic, Expr, Symbol

from symcollapse.language.domains import Domain
from symcollapse.language.references import cite
from symcollapse.reasoning.asymptotic_steps import Expand, Leading, Optimise, Rate
from symcollapse.reasoning.claimed_steps import ExactMean, HoldsWhere, MatrixIdentity
from symcollapse.reasoning.rate_claims import BestRidge, Exponent, OrderHoldsWhere
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


@dataclass(frozen=True)
class NoiseAverage:
    """The label noise averaged by Isserlis' rule, and the result written as traces and bilinear forms."""

    noises: tuple[str, ...] = ()
    """Names of the noises; none means that there was nothing to average."""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        if not self.noises:
            return "as traces and bilinear forms"
        return f"Isserlis' rule for the label noise {', '.join(self.noises)}"


@dataclass(frozen=True)
class Linearise:
    """Each functional is one of a combination of blocks of the inverse of a pencil."""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return "block rules for sums, products and inverses"


@dataclass(frozen=True)
class DysonAxiom:
    """The inverse of each pencil replaced by the solution of its Dyson equation, in terms of unknown traces."""

    reference: str = cite("erdos2019")

    relation = Relation.EQUIVALENT

    def __str__(self) -> str:
        return f"Dyson equation of the pencil ({self.reference})"


@dataclass(frozen=True)
class Eliminate:
    """Unknown traces replaced by their values: a nonlinear core, or a linear part."""

    label: int
    """Number of the functional."""
    values: tuple[tuple[Symbol, Expr], ...]
    """The unknowns, and what they are."""
    ridges: tuple[Expr, ...] = ()
    """The effective ridges of a core; none for a linear part."""
    equations: tuple[tuple[Symbol, Expr], ...] = ()
    """Letter of each ridge in its equation, and what vanishes."""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        kind = "core" if self.ridges else "linear part"
        names = ", ".join(str(symbol) for symbol, _ in self.values)
        return f"{kind} of pencil {self.label} solved for {names}"


@dataclass(frozen=True)
class CloseForm:
    """Solved blocks written out as a formula."""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return "the block in closed form"


@dataclass(frozen=True)
class VanishingRidges:
    """The limit in which ridges that were put in for pseudo-inverses tend to 0 from above."""

    ridges: tuple[Symbol, ...]
    conditions: tuple[Basic, ...] = ()
    """Relations between sizes under which the limit is taken."""

    relation = Relation.LIMIT

    def __str__(self) -> str:
        names = ", ".join(ridge.name for ridge in self.ridges)
        where = f" for {', '.join(map(str, self.conditions))}" if self.conditions else ""
        return f"limit {names} → 0⁺{where}"


@dataclass(frozen=True)
class Bound:
    """The target is at least, or at most, the line before, at every point of the domain."""

    above: bool = True
    """Whether the target bounds the line from above; else from below."""
    note: str = ""

    @property
    def relation(self) -> Relation:
        """``≤`` for a bound from above, ``≥`` for one from below."""
        return Relation.AT_MOST if self.above else Relation.AT_LEAST

    def __str__(self) -> str:
        return self.note or f"bound from {'above' if self.above else 'below'}"


Justification: TypeAlias = (
    Unfold
    | Algebra
    | Differentiate
    | Substitute
    | Equivalents
    | ExactMoments
    | Limit
    | Solve
    | NoiseAverage
    | Linearise
    | DysonAxiom
    | Eliminate
    | CloseForm
    | VanishingRidges
    | Expand
    | Leading
    | Rate
    | Optimise
    | Bound
    | MatrixIdentity
    | ExactMean
    | HoldsWhere
    | Exponent
    | BestRidge
    | OrderHoldsWhere
)


@dataclass(frozen=True)
class Step:
    """One step: where it arrives, and by what right."""

    to: Expr
    by: Justification


@dataclass(frozen=True)
class Published:
    """A published formula for the start of a derivation, and what it claims; the verdict on it is computed.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> Published(ridge**2, Algebra()).place
    ''
    """

    formula: Any
    """What it says: a formula, or a condition."""
    by: Justification
    """By what right it would follow, so that a judge can try it: ``Algebra`` for =, ``Leading`` for ~, ``Rate`` for ≍."""
    scope: Domain | None = None
    """Where it is stated; the domain of the derivation if none is given."""
    place: str = ""
    """Which formula it is, and for what part of its scope it is tried, in a few words."""
    of: Expr | None = None
    """What it is a formula of; the start of the derivation if none is given."""


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
    published: tuple[Published, ...] = ()
    """The formulas of the claim, each of which is judged beside the steps."""

    @property
    def result(self) -> Expr:
        """The last line."""
        return self.steps[-1].to if self.steps else self.start

    @property
    def relation(self) -> Relation:
        """How the result relates to the start: the weakest link."""
        return weakest(tuple(step.by.relation for step in self.steps))
