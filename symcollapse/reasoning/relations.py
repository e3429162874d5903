"""What may stand between two lines of a derivation.

========  =======================================================================================
``=``     equal, wherever both sides are defined
``≃``     ratio tends to 1 almost surely in the proportional limit d, T → ∞ with d/T fixed
``→``     the right side is the limit of the left in a named symbol
``~``     ratio tends to 1 in a named limit, such as κ → 0 or T → ∞
``≍``     ratio stays between two positive constants in a named limit, up to logarithms where they are stated
========  =======================================================================================

The weakest link names a chain of steps; a limit in a symbol is taken after the proportional limit, never before.
"""

from enum import Enum


class Relation(Enum):
    """Relation of a step's target to what it came from."""

    EQUAL = "="
    EQUIVALENT = "≃"
    LIMIT = "→"
    ASYMPTOTIC = "~"
    SAME_RATE = "≍"

    @property
    def latex(self) -> str:
        """The relation in LaTeX."""
        return {
            "=": "=",
            "≃": r"\simeq",
            "→": r"\longrightarrow",
            "~": r"\sim",
            "≍": r"\asymp",
        }[self.value]


_ORDER = (
    Relation.EQUAL,
    Relation.EQUIVALENT,
    Relation.LIMIT,
    Relation.ASYMPTOTIC,
    Relation.SAME_RATE,
)


def weakest(relations: tuple[Relation, ...]) -> Relation:
    """Relation of the last line to the first.

    Raises
    ------
    ValueError
        If an equivalence follows a limit: the limits do not commute.

    Example
    -------
    >>> weakest((Relation.EQUAL, Relation.EQUIVALENT, Relation.EQUAL)).value
    '≃'
    >>> weakest((Relation.ASYMPTOTIC, Relation.SAME_RATE, Relation.EQUAL)).value
    '≍'
    """
    overall = Relation.EQUAL
    for relation in relations:
        if relation is Relation.EQUIVALENT and _ORDER.index(overall) > _ORDER.index(relation):
            raise ValueError("the proportional limit was asked for after another limit")
        overall = max(overall, relation, key=_ORDER.index)
    return overall
