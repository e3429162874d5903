"""Sums over eigenvalues that hold two effective ridges, κ of the tested fit and κ_g of its generators, expanded."""

from functools import lru_cache
from typing import TypeAlias

from sympy import Add, Expr, Integer, expand, together

from symcollapse.expansions.expansion import tidy
from symcollapse.expansions.reading import split_power
from symcollapse.expansions.two_ridges import (
    Monomial,
    TwoRidgeSum,
    expand_two_ridge_sum,
    gathered,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    Quantity,
    SpectralTrace,
)
from symcollapse.language.resolvent_products import resolvent_products
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    effective,
    generator_effective,
    placeholder,
)
from symcollapse.language.targets import Target

NODES = (effective, generator_effective)
"""κ and κ_g."""

Products: TypeAlias = tuple[tuple[Expr, TwoRidgeSum], ...]
"""A sum over eigenvalues, as pairs of a coefficient and a sum of one product of resolvents."""


@lru_cache(maxsize=256)
def products_of(
    quantity: Quantity, law: PowerLawSpectrum, target: Target | None, terms: int
) -> Products:
    """A trace, quadratic form or degrees of freedom in κ and κ_g as sums of one product of resolvents each.

    Raises
    ------
    NotSupported
        If it holds another effective ridge.

    Example
    -------
    >>> from sympy import oo
    >>> law = PowerLawSpectrum(oo, 2)
    >>> ((coefficient, found),) = products_of(DegreesOfFreedom(2, effective, law), law, None, 1)
    >>> coefficient, found.orders, found.formula(leading=True)
    (1, (2, 0), pi/(4*sqrt(kappa)))
    """
    trace = quantity.unfolded() if isinstance(quantity, DegreesOfFreedom) else quantity
    assert isinstance(trace, SpectralTrace | QuadraticForm)
    summand = trace.summand
    weights = target if isinstance(trace, QuadraticForm) else None
    found = []
    for product in resolvent_products(summand):
        orders = dict(product.resolvents)
        if not set(orders) <= set(NODES):
            raise NotSupported(f"{product.function}: a third effective ridge is not expanded")
        first, second = (int(orders.get(letter, Integer(0))) for letter in NODES)
        whole = expand_two_ridge_sum(
            product.power, NODES, (first, second), law, weights, terms=terms
        )
        found.append((product.coefficient, whole))
    return tuple(found)


def formula_of(products: Products, *, leading: bool, equal: bool = False) -> Expr:
    """The expansion of such a sum, in κ and κ_g.

    Parameters
    ----------
    products
        From ``products_of``.
    leading
        Whether of each product only the largest power is kept.
    equal
        Whether κ_g = κ, where the general formula is 0/0.

    Example
    -------
    >>> formula_of((), leading=True)
    0
    """
    return Add(
        *(
            coefficient
            * (found.at_equal_ridges(leading=leading) if equal else found.formula(leading=leading))
            for coefficient, found in products
        )
    )


def orders_left_out(products: Products) -> tuple[Expr, ...]:
    """Orders of what the expansion leaves out.

    Example
    -------
    >>> orders_left_out(())
    ()
    """
    return tuple(
        coefficient * node**exponent
        for coefficient, found in products
        for exponent in found.next_exponents
        for node, order in zip(found.nodes, found.orders, strict=True)
        if order
    )


def powers_far_apart(products: Products, *, above: bool) -> tuple[Monomial, ...]:
    """Powers of κ and κ_g in such a sum that may lead where κ ≫ κ_g, or where κ ≪ κ_g.

    Example
    -------
    >>> powers_far_apart((), above=True)
    ()
    """
    found = []
    for coefficient, whole in products:
        for factor in Add.make_args(expand(coefficient)):
            rest, x = split(factor, effective)
            rest, y = split(rest, generator_effective)
            found += [
                Monomial(rest * piece.coefficient, tidy(x + piece.first), tidy(y + piece.second))
                for piece in whole.far_apart(above=above)
            ]
    pieces = gathered(found)
    sizes = [
        (tidy(piece.first + piece.second), piece.second if above else piece.first)
        for piece in pieces
    ]
    # What another one exceeds in every such regime leads in no part: all terms of a part are positive.
    return tuple(
        piece
        for piece, size in zip(pieces, sizes, strict=True)
        if not any(exceeds(other, size) for other in sizes if other != size)
    )


def split(factor: Expr, letter: Expr) -> tuple[Expr, Expr]:
    """The factor without powers of a letter, and their exponent.

    Raises
    ------
    NotSupported
        If it holds the letter in another way.

    Example
    -------
    >>> split(3 * effective**2, effective)
    (3, 2)
    """
    found = split_power(factor, letter)
    if found is None:
        raise NotSupported(f"{factor} is no power of {letter}")
    return found


def exceeds(first: tuple[Expr, ...], second: tuple[Expr, ...]) -> bool:
    """Whether the first of two products of powers of small quantities, given by their exponents, is never smaller.

    Example
    -------
    >>> exceeds((Integer(1), Integer(0)), (Integer(1), Integer(2)))
    True
    """
    # Sums converge for β > 1, which the letter itself does not know.
    above_one = {capacity: 1 + placeholder("beta")}
    gaps = (b - a for a, b in zip(first, second, strict=True))
    return all(together(expand(gap.xreplace(above_one))).is_nonnegative for gap in gaps)
