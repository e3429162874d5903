"""Reasons that speak of a limit: an expansion, the leading behaviour, a rate, an optimum.

Each names the variable that tends to 0 or ∞, and what moves along with it, such as λ = T^-ℓ.
"""

from dataclasses import dataclass

from sympy import Basic, Expr, S, Symbol, oo

from symcollapse.reasoning.relations import Relation


@dataclass(frozen=True)
class Towards:
    """A variable on its way to 0 or ∞, and what follows it.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge, ridge_exponent, samples
    >>> str(Towards(samples, oo, ((ridge, samples**-ridge_exponent),)))
    'T → oo with lambda = T**(-ell)'
    """

    variable: Symbol
    to: Expr
    """0 or ∞."""
    following: tuple[tuple[Basic, Expr], ...] = ()
    """Other symbols as functions of the variable; later ones may use earlier ones."""

    def __str__(self) -> str:
        where = ", ".join(f"{symbol} = {value}" for symbol, value in self.following)
        return f"{self.variable} → {self.to}" + (f" with {where}" if where else "")


@dataclass(frozen=True)
class Expand:
    """An expansion, with the orders of what it leaves out."""

    towards: Towards
    next_orders: tuple[Expr, ...]
    """The difference is O of the sum of their absolute values."""
    note: str = ""

    relation = Relation.ASYMPTOTIC

    def __str__(self) -> str:
        left_out = " + ".join(map(str, self.next_orders))
        return f"{self.note or 'expansion'} as {self.towards}, up to O({left_out})"


@dataclass(frozen=True)
class Leading:
    """The leading behaviour: the ratio tends to 1."""

    towards: Towards
    note: str = ""

    relation = Relation.ASYMPTOTIC

    def __str__(self) -> str:
        return f"{self.note or 'leading behaviour'} as {self.towards}"


@dataclass(frozen=True)
class Rate:
    """A power of the variable whose ratio to the line before stays between positive constants."""

    towards: Towards
    logarithms: Expr = S.Zero
    """Power of the logarithm of the variable that the line leaves out."""
    note: str = ""

    relation = Relation.SAME_RATE

    def __str__(self) -> str:
        logs = (
            f", up to (ln {self.towards.variable})^{self.logarithms}"
            if self.logarithms != 0
            else ""
        )
        return f"{self.note or 'rate'} as {self.towards}{logs}"


@dataclass(frozen=True)
class Optimise:
    """The target is the value of a symbol at which the line before is largest, or smallest.

    Without ``towards`` the line is made of minima and maxima of functions linear in the symbol. With it, the target is
    the leading behaviour of the minimiser.
    """

    symbol: Symbol
    low: Expr = S.Zero
    high: Expr = oo
    largest: bool = False
    towards: Towards | None = None
    best: Expr | None = None
    """Where it is given, it is the place of the optimum, and the target is the value there."""

    @property
    def relation(self) -> Relation:
        """``=`` for an exact optimum, ``~`` for the leading behaviour of one."""
        return Relation.EQUAL if self.towards is None else Relation.ASYMPTOTIC

    def __str__(self) -> str:
        kind = "largest" if self.largest else "smallest"
        where = f" as {self.towards}" if self.towards else ""
        if self.best is not None:
            return f"{kind} value over {self.symbol} from {self.low} to {self.high}, at {self.best}{where}"
        return f"{self.symbol} from {self.low} to {self.high} with the {kind} value{where}"
