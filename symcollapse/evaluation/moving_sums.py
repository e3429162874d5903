"""Spectral sums in which one effective ridge moves along a curve, and all else stays.

A summand is written as Σ a·w(s)·(s + κ)^-m with coefficients a and κ that depend on the moving symbols, and weights w(s)
that do not: so the sums of w(s)(s + κ)^-m are functions of one number, the same for all points of the curve.
"""

from collections.abc import Set
from dataclasses import dataclass

from sympy import Expr, Integer, Mul, Symbol

from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.errors import NotSupported
from symcollapse.language.resolvent_products import ResolventProduct, resolvent_products
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.unfolding import unfold

HIGHEST_ORDER = 16
"""Order m above which a sum is not split: it takes more points, and more precision."""


@dataclass(frozen=True)
class MovingPart:
    """A coefficient, and the products whose sum is w(s)(s + κ)^-m.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> (part,) = moving_parts(effective * s / (s + effective) ** 2, frozenset({effective}))
    >>> part.coefficient, part.kappa, part.order, part.weight
    (kappa, kappa, 2, s)
    """

    coefficient: Expr
    """a; may depend on moving symbols."""
    kappa: Expr | None
    """κ; None where the sum is the same at all points."""
    order: int
    """m ≥ 1, or 0 where there is no κ."""
    fixed: tuple[ResolventProduct, ...]
    """The products that w(s) is a sum of."""

    @property
    def weight(self) -> Expr:
        """The weight w(s)."""
        return sum((product.function for product in self.fixed), Integer(0))


def moving_parts(summand: Expr, moving: Set[Symbol]) -> tuple[MovingPart, ...] | None:
    """The parts of a summand; None if one of them holds two moving effective ridges, or a power that moves.

    Example
    -------
    >>> from symcollapse.language.symbols import effective, ridge
    >>> both = s / ((s + effective) * (s + ridge))
    >>> moving_parts(both, frozenset({effective, ridge})) is None
    True
    >>> (part,) = moving_parts(both, frozenset({ridge}))
    >>> part.kappa, part.weight
    (lambda, s/(kappa + s))
    """
    if any(s in part.free_symbols for part in summand.atoms(Abbreviation)):
        summand = unfold(summand, Abbreviation)
    try:
        products = resolvent_products(summand)
    except NotSupported:
        return None
    collected: dict[tuple[Expr, Expr | None, int], list[ResolventProduct]] = {}
    for product in products:
        if product.power.free_symbols & moving:
            return None
        moved = [pair for pair in product.resolvents if _moves(pair[0], pair[1], moving)]
        if len(moved) > 1:
            return None
        kappa, order = moved[0] if moved else (None, Integer(0))
        if kappa is not None and not (order.is_Integer and 1 <= int(order) <= HIGHEST_ORDER):
            return None
        factors = Mul.make_args(product.coefficient)
        outer = Mul(*(factor for factor in factors if factor.free_symbols & moving))
        inner = Mul(*(factor for factor in factors if not factor.free_symbols & moving))
        rest = tuple(pair for pair in product.resolvents if pair not in moved)
        collected.setdefault((outer, kappa, int(order)), []).append(
            ResolventProduct(inner, product.power, rest)
        )
    return tuple(
        MovingPart(coefficient, kappa, order, tuple(fixed))
        for (coefficient, kappa, order), fixed in collected.items()
    )


def _moves(kappa: Expr, order: Expr, moving: Set[Symbol]) -> bool:
    return bool((kappa.free_symbols | order.free_symbols) & moving)
