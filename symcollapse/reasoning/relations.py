"""What may stand between two lines of a derivation.

========  =======================================================================================
``=``     equal, wherever both sides are defined
``≃``     ratio tends to 1 almost surely in the proportional limit d, T → ∞ with d/T fixed
``→``     the right side is the limit of the left in a named symbol
``~``     ratio tends to 1 in a named limit, such as κ → 0 or T → ∞
``≍``     ratio stays between two positive constants in a named limit, up to logarithms where they are stated
``≤``     a bound from above
``≥``     a bound from below
``⇔``     the left side is a relation that holds exactly where the condition on the right does
``⇒``     the left side is a relation that holds only where the condition on the right does
========  =======================================================================================

The weakest link names a chain of steps; a limit in a symbol is taken after the proportional limit, never before. A bound
or a condition stands beside equalities only.
"""

from enum import Enum


class Relation(Enum):
    """Relation of a step's target to what it came from."""

    EQUAL = "="
    EQUIVALENT = "≃"
    LIMIT = "→"
    ASYMPTOTIC = "~"
    SAME_RATE = "≍"
    AT_MOST = "≤"
    AT_LEAST = "≥"
    HOLDS_WHERE = "⇔"
    IMPLIES = "⇒"

    @property
    def latex(self) -> str:
        """The relation in LaTeX."""
        return {
            "=": "=",
            "≃": r"\simeq",
            "→": r"\longrightarrow",
            "~": r"\sim",
            "≍": r"\asymp",
            "≤": r"\leq",
            "≥": r"\geq",
            "⇔": r"\Longleftrightarrow",
            "⇒": r"\Longrightarrow",
        }[self.value]


_ORDER = (
    Relation.EQUAL,
    Relation.EQUIVALENT,
    Relation.LIMIT,
    Relation.ASYMPTOTIC,
    Relation.SAME_RATE,
    Relation.AT_MOST,
    Relation.AT_LEAST,
    Relation.HOLDS_WHERE,
    Relation.IMPLIES,
)

_BOUNDS = {Relation.AT_MOST, Relation.AT_LEAST, Relation.HOLDS_WHERE, Relation.IMPLIES}


def weakest(relations: tuple[Relation, ...]) -> Relation:
    """Relation of the last line to the first.

    Raises
    ------
    ValueError
        If an equivalence follows a limit: the limits do not commute; or if a bound or a condition stands beside anything
        but equalities and its own kind.

    Example
    -------
    >>> weakest((Relation.EQUAL, Relation.EQUIVALENT, Relation.EQUAL)).value
    '≃'
    >>> weakest((Relation.ASYMPTOTIC, Relation.SAME_RATE, Relation.EQUAL)).value
    '≍'
    """
    others = set(relations) - {Relation.EQUAL}
    if others & _BOUNDS and len(others) > 1:
        raise ValueError(
            "a bound or condition beside what is no equality: bound the last line of a derivation of its own"
        )
    overall = Relation.EQUAL
    for relation in relations:
        if relation is Relation.EQUIVALENT and _ORDER.index(overall) > _ORDER.index(relation):
            raise ValueError("the proportional limit was asked for after another limit")
        overall = max(overall, relation, key=_ORDER.index)
    return overall
