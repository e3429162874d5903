"""Functions of s as sums of κ^a s^p/(s+κ)^m, and expansions of such sums added up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Integer, expand, factorial, powdenest, rf

from symcollapse.expansions.expansion import Expansion, Part, collected, unique
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.resolvent_products import resolvent_products


@dataclass(frozen=True)
class Factors:
    """The function coefficient · κ^shift · s^power/(s+κ)^order.

    Example
    -------
    >>> Factors(Integer(1), Integer(2), Integer(1), Integer(2)).order
    2
    """

    coefficient: Expr
    """Free of κ and s."""
    shift: Expr
    """Power of κ."""
    power: Expr
    """p."""
    order: Expr
    """m; 0 where there is no resolvent."""


def factors(summand: Expr, variable: Expr) -> tuple[Factors, ...]:
    """A function of s as a sum of such functions.

    Raises
    ------
    InexactConstant
        If the function holds a float.
    NotSupported
        If a product has two resolvents, one at another κ, m ≤ 0, or a coefficient that is no sum of powers of κ.

    Example
    -------
    >>> from symcollapse.language.symbols import effective, eigenvalue as s
    >>> factors(3 * effective**2 * s / (s + effective) ** 2, effective)
    (Factors(coefficient=3, shift=2, power=1, order=2),)
    """
    found = []
    for product in resolvent_products(exact(summand)):
        if len(product.resolvents) > 1:
            raise NotSupported(f"{product.function}: two resolvents; take partial fractions first")
        order: Expr = Integer(0)
        for kappa, order in product.resolvents:
            if kappa != variable:
                raise NotSupported(
                    f"{product.function}: the resolvent is not in {variable}; name the variable"
                )
            if order.is_positive is False:
                raise NotSupported(f"{product.function}: the order of the resolvent must be > 0")
        for factor in Add.make_args(expand(product.coefficient)):
            split = split_power(factor, variable)
            if split is None:
                raise NotSupported(
                    f"coefficient {factor}: give a power of {variable} times a constant"
                )
            found.append(Factors(*split, product.power, order))
    return tuple(found)


def require_counts(**counts: int | None) -> None:
    """Refuse numbers of terms that are none.

    Raises
    ------
    NotSupported
        With the name and the remedy.

    Example
    -------
    >>> require_counts(terms=-1)
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.NotSupported: terms = -1: give an integer >= 0
    """
    for name, count in counts.items():
        if count is not None and not (isinstance(count, int) and count >= 0):
            raise NotSupported(f"{name} = {count}: give an integer >= 0")


def added(variable: Expr, pieces: Sequence[Expansion], parts: Sequence[Part]) -> Expansion:
    """The sum of expansions, with the parts that know their remainders.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> added(effective, [], []).formula
    0
    """
    return Expansion(
        variable=variable,
        terms=collected(term for piece in pieces for term in piece.terms),
        next_exponents=unique(e for piece in pieces for e in piece.next_exponents),
        conditions=unique(c for piece in pieces for c in piece.conditions),
        tail_orders=unique(t for piece in pieces for t in piece.tail_orders),
        tail=collected(term for piece in pieces for term in piece.tail),
        meetings=tuple(meeting for piece in pieces for meeting in piece.meetings),
        parts=tuple(parts),
    )


def binomial_coefficient(order: Expr, k: int) -> Expr:
    """C(−m, k), the coefficient of x^k in (1+x)^-m.

    Example
    -------
    >>> binomial_coefficient(Integer(2), 3)
    -4
    """
    return (-1) ** k * rf(order, k) / factorial(k)


def split_power(factor: Expr, variable: Expr) -> tuple[Expr, Expr] | None:
    """Coefficient and exponent of a factor c·κ^a; None for any other.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> split_power(3 * effective**2, effective)
    (3, 2)
    """
    coefficient, held = factor.as_independent(variable, as_Add=False)
    base, exponent = powdenest(held).as_base_exp()
    if held == 1:
        return coefficient, Integer(0)
    if base != variable or variable in exponent.free_symbols:
        return None
    return coefficient, exponent
