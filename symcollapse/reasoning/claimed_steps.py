"""Reasons that only published statements use: identities of matrices, exact means, and conditions."""

from dataclasses import dataclass

from symcollapse.reasoning.relations import Relation


@dataclass(frozen=True)
class MatrixIdentity:
    """Equal whatever the designs and the noise are: tried at exact rational draws of every matrix.

    Sizes of the scope's conditions are kept; label noise is averaged if ``averaged`` says so.

    Example
    -------
    >>> str(MatrixIdentity())
    'an identity of matrices'
    """

    averaged: bool = False
    """Whether both sides are averaged over their label noise, for given designs."""

    relation = Relation.EQUAL

    def __str__(self) -> str:
        given = ", averaged over the label noise for given designs" if self.averaged else ""
        return f"an identity of matrices{given}"


@dataclass(frozen=True)
class ExactMean:
    """The mean over the Gaussian designs, exactly at finite size.

    Example
    -------
    >>> str(ExactMean())
    'the exact mean over the designs'
    """

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return "the exact mean over the designs"


@dataclass(frozen=True)
class HoldsWhere:
    """The line before is a relation, and the target a condition: it holds exactly where the condition does.

    Example
    -------
    >>> HoldsWhere().relation.value, HoldsWhere(only=True).relation.value
    ('⇔', '⇒')
    """

    only: bool = False
    """Whether just one direction is stated: wherever the line before holds, so does the target."""

    @property
    def relation(self) -> Relation:
        """``⇔``, or ``⇒`` for one direction."""
        return Relation.IMPLIES if self.only else Relation.HOLDS_WHERE

    def __str__(self) -> str:
        return "holds only where" if self.only else "holds exactly where"
