"""Published statements as data: what a paper says, in SymPy, with its scope; and what would repair it.

A claim holds no verdict. It holds what it takes to compute one: the printed statement, a repair of the same subject in
the same scope if the printed one falls, plausible false variants that must be refused, derivations and a counterexample.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sympy import Symbol

from symcollapse.language.domains import Domain
from symcollapse.reasoning.asymptotic_steps import Expand, Leading, Optimise, Rate
from symcollapse.reasoning.rate_claims import BestRidge, Exponent, OrderHoldsWhere
from symcollapse.reasoning.relations import Relation
from symcollapse.reasoning.steps import Justification, Limit


@dataclass(frozen=True)
class Statement:
    """A subject, a relation, a formula, in a scope.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning.steps import Algebra
    >>> Statement(ridge + ridge, Algebra(), 2 * ridge).relation.value
    '='
    """

    subject: Any
    """The left side, derived or defined by the program: a formula, an expression in random matrices, a relation."""
    by: Justification
    """By what right the right side would follow, so that a judge can try it: ``Algebra`` for =, ``Rate`` for ≍, …"""
    formula: Any
    """The right side, as stated."""
    scope: Domain = field(default_factory=Domain)
    """Where it is stated."""
    place: str = ""
    """Which part of the claim it is, in a few words."""
    solved: bool = False
    """Whether the left side was derived in the proportional limit, so that = reads ≃."""
    name: str = field(default="", compare=False)
    r"""The left side as papers write it, in LaTeX, such as ``\rho``, its mean included; for readers, it decides nothing.
    A report prints it in place of a long derived left side, which it shows once beside."""
    formula_name: str = field(default="", compare=False)
    """The same of a right side that is derived or defined by the program too, such as that of an inequality."""

    @property
    def relation(self) -> Relation:
        """What stands between both sides."""
        stated = self.by.relation
        return Relation.EQUIVALENT if self.solved and stated is Relation.EQUAL else stated

    def answers(self, other: "Statement") -> bool:
        """Whether it speaks of the same subject, by the same relation, in the same scope, and is no tautology.

        Example
        -------
        >>> from symcollapse.language.symbols import ridge
        >>> from symcollapse.reasoning.steps import Algebra
        >>> square = (ridge + 1) ** 2
        >>> printed = Statement(square, Algebra(), ridge**2 + 1)
        >>> repair = ridge**2 + 2 * ridge + 1
        >>> Statement(square, Algebra(), repair).answers(printed)
        True
        >>> Statement(square, Algebra(), repair, Domain(isotropic=True)).answers(printed)
        False
        """
        return (
            self.subject == other.subject
            and self.relation is other.relation
            and _towards(self.by) == _towards(other.by)
            and self.scope == other.scope
            and self.formula != self.subject
        )


def _towards(by: Justification) -> Any:
    """The limit that a reason speaks of; the powers of logarithms belong to the formula."""
    match by:
        case Expand() | Leading() | Rate() | Optimise():
            return by.towards
        case Exponent() | BestRidge():
            return by.towards, by.over
        case OrderHoldsWhere():
            return by.towards, by.over, by.order
        case Limit():
            return (by.symbol, by.to)
        case _:
            return type(by)


@dataclass(frozen=True)
class Counterexample:
    """A problem at which a printed statement fails, so that anyone can run it.

    Both sides of the statement are evaluated there. Where it can be brought to bear on the test error, ``implied`` says
    what it makes of it, which simulation then has to refute, while it agrees with what holds.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension, noise, samples
    >>> Counterexample(
    ...     "thm-4.1-exact.toml", implied=noise**2 * dimension / (samples - dimension)
    ... ).raised
    """

    file: str
    """Problem file, in the folder ``counterexamples`` of the paper."""
    place: str = ""
    """Place of the printed statement that it is about; the first one if none is given."""
    implied: Any = None
    """What the printed statement makes of the test error of the problem, in the symbols and quantities of this package:
    its value, or, where a bound is printed, a bound of the same kind. None if nothing follows for it."""
    derived: Any = None
    """What the test error is instead; the derived one of the problem if none is given."""
    raised: Symbol | None = None
    """For rates: the size that is raised to 10⁶, 10¹² and 10²⁴, such as T. The problem leaves it without a value, and
    ``implied`` is the printed rate: then the test error over it drifts away from a constant."""
    margin: float | None = None
    """Relative deviation that the simulation accepts; that of the problem's finite size if none is given."""


@dataclass(frozen=True)
class PublishedClaim:
    """One published statement, and what it takes to judge it."""

    id: str
    at: str
    """Where it stands in the paper."""
    tex: str
    """As printed."""
    printed: tuple[Statement, ...]
    """As printed, in SymPy; several where one sentence says several things, or where the subject has several regimes.
    Statements about edges of the stated scope stand here too."""
    given: str = ""
    """Its conditions, as printed."""
    repaired: tuple[Statement, ...] = ()
    """What holds in place of the printed statements that do not; it answers each of them."""
    controls: tuple[Statement, ...] = ()
    """Plausible false variants, which the judges must refuse."""
    derivations: tuple[str, ...] = ()
    """Names of bundled derivations that reach it, or its repair."""
    counterexample: Counterexample | None = None
    step_of: str = ""
    """For a step of a proof: the claim that the proof is for."""
    reading: str = ""
    """How the printed words are read, where they leave a choice."""
    remark: str = ""
    """What a reader should know beside the verdict; no part of it."""


@dataclass(frozen=True)
class Paper:
    """The claims of a paper."""

    key: str
    """Its key among the references."""
    folder: Path
    claims: tuple[PublishedClaim, ...]

    def claim(self, name: str) -> PublishedClaim:
        """The claim of that name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for claim in self.claims:
            if claim.id == name:
                return claim
        raise KeyError(name)
