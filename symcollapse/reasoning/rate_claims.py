"""Reasons of published statements about rates: an exponent with its logarithms, the best ridge, where an error vanishes.

They differ from ``Rate`` in that nothing is left out: edges of the scope count, and logarithms are part of the formula.
"""

from dataclasses import dataclass

from sympy import Expr, S, Symbol, oo

from symcollapse.reasoning.asymptotic_steps import Towards
from symcollapse.reasoning.claimed_steps import HoldsWhere
from symcollapse.reasoning.relations import Relation


@dataclass(frozen=True)
class Ridges:
    """The ridges λ = T^-ℓ among which one is chosen, by the range of ℓ.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge_exponent
    >>> str(Ridges(ridge_exponent))
    'ell from 0 to oo'
    """

    exponent: Symbol
    low: Expr = S.Zero
    high: Expr = oo

    def __str__(self) -> str:
        return f"{self.exponent} from {self.low} to {self.high}"


@dataclass(frozen=True)
class Exponent:
    """The order of a line, powers and logarithms, exactly and on every edge of the scope.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> towards = Towards(samples, oo)
    >>> Exponent(towards).relation.value, Exponent(towards, bound="below").relation.value
    ('≍', '≥')
    """

    towards: Towards
    over: Ridges | None = None
    """Where it is given, the order is the smallest over these ridges, and over those that lie a logarithm beside them."""
    bound: str = ""
    """``above`` or ``below`` where only a bound is stated, up to a constant; empty for both."""

    @property
    def relation(self) -> Relation:
        """``≍``, or ``≤`` and ``≥`` for a bound up to a constant."""
        named = {"above": Relation.AT_MOST, "below": Relation.AT_LEAST}
        return named.get(self.bound, Relation.SAME_RATE)

    def __str__(self) -> str:
        kind = f"order bounded from {self.bound}" if self.bound else "order"
        where = f", the smallest over {self.over}" if self.over else ""
        return f"{kind} as {self.towards}{where}"


@dataclass(frozen=True)
class BestRidge:
    """The target is an ℓ at which the line decays with the largest exponent that any ridge λ = T^-ℓ gives.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge_exponent, samples
    >>> str(BestRidge(Towards(samples, oo), Ridges(ridge_exponent)))
    'the best ell from 0 to oo as T → oo'
    """

    towards: Towards
    over: Ridges

    relation = Relation.EQUAL

    def __str__(self) -> str:
        return f"the best {self.over} as {self.towards}"


@dataclass(frozen=True)
class OrderHoldsWhere(HoldsWhere):
    """The line before vanishes, diverges or has a certain order, and the target is the condition for that.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> str(OrderHoldsWhere(only=True, towards=Towards(samples, oo)))
    'tends to 0 as T → oo only where'
    """

    towards: Towards | None = None
    order: Expr = S.Zero
    """0 for a line that vanishes, ∞ for one that diverges, else its order."""
    over: Ridges | None = None
    """Where it is given, the order is the smallest over these ridges."""

    def __str__(self) -> str:
        named: dict[Expr, str] = {S.Zero: "tends to 0", oo: "diverges"}
        what = named.get(self.order, f"≍ {self.order}")
        over = f", at the best {self.over}," if self.over else ""
        return f"{what} as {self.towards}{over} {'only' if self.only else 'exactly'} where"
