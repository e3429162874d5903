"""Functions of one eigenvalue as sums of products of powers of s and of s + κ.

Every functional of the theory sums such functions. In this form its expansion, its growth and its value over infinitely
many eigenvalues can be read off term by term.
"""

from dataclasses import dataclass
from itertools import product

from sympy import Add, Expr, Integer, Mul, Pow, expand

from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import eigenvalue as s

MOST_TERMS = 20_000
"""Products that a sum may have once it is multiplied out."""


@dataclass(frozen=True)
class ResolventProduct:
    """The function coefficient · s^power · Π (s + κ)^-order over its resolvents.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> (term,) = resolvent_products(3 * s**2 / (s + effective) ** 2)
    >>> term.coefficient, term.power, term.resolvents
    (3, 2, ((kappa, 2),))
    """

    coefficient: Expr
    """A factor free of s."""
    power: Expr
    """The exponent p of s; any real number, or a symbol."""
    resolvents: tuple[tuple[Expr, Expr], ...]
    """Pairs (κ, m) of a factor (s + κ)^-m each, with different κ."""

    @property
    def function(self) -> Expr:
        """The function of s."""
        return self.coefficient * Mul(
            s**self.power, *((s + kappa) ** -order for kappa, order in self.resolvents)
        )


def resolvent_products(function: Expr) -> tuple[ResolventProduct, ...]:
    """A function of s as a sum of products, each kind once.

    Sums to a positive whole power are multiplied out. Terms of one sign stay so: nothing is put on a common
    denominator, and no partial fractions are taken.

    Raises
    ------
    NotSupported
        If a factor is no power of s or of a sum linear in s, or too many terms arise.

    Example
    -------
    >>> from symcollapse.language.symbols import effective, ridge
    >>> for term in resolvent_products((s / (s + effective) + ridge / (s + ridge)) ** 2):
    ...     print(term.function)
    lambda**2/(lambda + s)**2
    2*lambda*s/((kappa + s)*(lambda + s))
    s**2/(kappa + s)**2
    """
    collected: dict[tuple[Expr, tuple[tuple[Expr, Expr], ...]], Expr] = {}
    for coefficient, power, resolvents in _terms(function):
        key = (power, _merged(resolvents))
        collected[key] = collected.get(key, Integer(0)) + coefficient
    return tuple(
        ResolventProduct(coefficient, power, resolvents)
        for (power, resolvents), coefficient in collected.items()
        if coefficient != 0
    )


_Term = tuple[Expr, Expr, tuple[tuple[Expr, Expr], ...]]


def _terms(function: Expr) -> list[_Term]:
    # Not has_free: effective ridges hold sums in which s is bound.
    if s not in function.free_symbols:
        return [(function, Integer(0), ())]
    if function.is_Add:
        return [term for part in Add.make_args(function) for term in _terms(part)]
    if function.is_Mul:
        return _multiplied([_terms(factor) for factor in Mul.make_args(function)])
    base, exponent = function.as_base_exp()
    if s in exponent.free_symbols:
        raise NotSupported(f"{function}: the exponent must not hold the eigenvalue")
    if base == s:
        return [(Integer(1), exponent, ())]
    if base.is_Mul and exponent != 1:
        return _multiplied([_terms(Pow(factor, exponent)) for factor in Mul.make_args(base)])
    if exponent.is_Integer and exponent > 0 and (base.is_Add or exponent != 1):
        if len(_terms(base)) ** int(exponent) > MOST_TERMS:
            raise NotSupported(f"a sum to the power {exponent}: too many terms to multiply out")
        return _multiplied([_terms(base)] * int(exponent))
    slope, rest = _linear(base, function)
    if rest == 0:
        return [(slope**exponent, exponent, ())]
    return [(slope**exponent, Integer(0), ((rest / slope, -exponent),))]


def _linear(base: Expr, function: Expr) -> tuple[Expr, Expr]:
    """Slope and constant of a + b·s."""
    rest, held = base.as_independent(s, as_Add=True)
    slope = expand(held / s)
    if s in slope.free_symbols:
        raise NotSupported(f"{function}: give products of powers of s and of s + κ")
    return slope, rest


def _multiplied(factors: list[list[_Term]]) -> list[_Term]:
    count = 1
    for factor in factors:
        count *= len(factor)
    if count > MOST_TERMS:
        raise NotSupported(f"{count} terms: too many to multiply out")
    return [
        (
            Mul(*(term[0] for term in chosen)),
            Add(*(term[1] for term in chosen)),
            tuple(resolvent for term in chosen for resolvent in term[2]),
        )
        for chosen in product(*factors)
    ]


def _merged(resolvents: tuple[tuple[Expr, Expr], ...]) -> tuple[tuple[Expr, Expr], ...]:
    orders: dict[Expr, Expr] = {}
    for kappa, order in resolvents:
        orders[kappa] = orders.get(kappa, Integer(0)) + order
    ordered = sorted(orders.items(), key=lambda pair: pair[0].sort_key())
    return tuple((kappa, order) for kappa, order in ordered if order != 0)
