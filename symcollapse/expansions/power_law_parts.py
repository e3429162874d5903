"""Spectral sums of power laws at small κ, from their Mellin transform.

With s_j = c·j^-β, weights w·j^-δ and x = κ/c each sum is w·c^(p−m) F(x), F(x) = Σ_j j^-A/(1+x j^β)^m, A = β(p−m)+δ.
Under the Mellin transform Σ over j turns into ζ and the resolvent into a Beta function,
F(x) = (1/2πi) ∫ x^-z B(z, m−z) ζ(A+βz) dz with max(0, (1−A)/β) < Re z < m. Moved to the left, the line meets the
pole of ζ at z₀ = (1−A)/β and those of Γ(z) at 0, −1, …:

F(x) ≃ B(z₀, m−z₀) x^-z₀/β + Σ_k C(−m,k) ζ(A−βk) x^k.

Where z₀ = −k two poles meet, and the two terms become C(−m,k) x^k [γ + (ψ(k+1) − ψ(m+k) − ln x)/β].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Basic,
    EulerGamma,
    Expr,
    Gt,
    Integer,
    Lt,
    Mul,
    Ne,
    Rational,
    bernoulli,
    expand,
    factorial,
    gamma,
    harmonic,
    log,
    oo,
    pi,
    polygamma,
    powsimp,
    rf,
    sin,
    zeta,
)

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.expansion import (
    Ball,
    Expansion,
    Meeting,
    Term,
    solved,
    tidy,
    unique,
)
from symcollapse.expansions.reading import binomial_coefficient
from symcollapse.expansions.remainders import power_law_remainder
from symcollapse.language.errors import Diverges, NotSupported


def meeting_place(pole: Expr) -> int | None:
    """The k ≥ 0 with z₀ = −k, if z₀ is such a number.

    Example
    -------
    >>> meeting_place(Integer(-2)), meeting_place(Rational(-1, 2))
    (2, None)
    """
    if pole.is_number and pole.is_nonpositive and pole.is_integer:
        return -int(pole)
    return None


@dataclass(frozen=True)
class PowerLawPart:
    """One sum coefficient · κ^shift · Σ_{j≤d} j^-decay / (1 + κ j^capacity/scale)^order, and how it is expanded.

    Example
    -------
    >>> from symcollapse.language.symbols import capacity, effective
    >>> one = Integer(1)
    >>> part = PowerLawPart(effective, one, 0 * one, capacity, 0 * one, one, one, oo, 1, 0, True)
    >>> part.singular_pole
    1/beta
    """

    variable: Expr
    """κ."""
    coefficient: Expr
    """Free of κ and j."""
    shift: Expr
    """Power of κ in front."""
    capacity: Expr
    """β."""
    decay: Expr
    """A."""
    order: Expr
    """m; 0 for a sum without a resolvent."""
    scale: Expr
    """c: the sum depends on κ/c."""
    dimension: Expr
    """d, or ∞."""
    terms: int
    """Analytic powers kept."""
    tail_terms: int
    """Powers of c/(κ d^β) kept."""
    beyond: bool
    """Whether κ d^β > c."""

    @property
    def singular_pole(self) -> Expr:
        """z₀ = (1−A)/β, in which the leading power is x^-z₀."""
        return tidy((1 - self.decay) / self.capacity)

    @property
    def kept(self) -> int:
        """Analytic powers in the expansion; a logarithm at the first power left out would exceed that power."""
        return self.terms + (meeting_place(self.singular_pole) == self.terms)

    @property
    def keeps_singular(self) -> bool:
        """Whether x^-z₀ is in the expansion: not where it is known to be smaller than what is left out."""
        return (-self.singular_pole - self.kept).is_positive is not True

    def remainder(self, values: Mapping[Any, Ball]) -> Ball:
        """Upper bound of |sum − expansion| in balls, at values of all symbols."""
        numbers = {
            name: enclosed(getattr(self, name), values) for name in ("capacity", "decay", "order")
        }
        kappa = enclosed(self.variable, values)
        front = enclosed(self.coefficient, values) * kappa ** enclosed(self.shift, values)
        return abs(front) * power_law_remainder(
            **numbers,
            x=kappa / enclosed(self.scale, values),
            terms=self.kept,
            singular=self.keeps_singular,
            meets=meeting_place(self.singular_pole),
            dimension=None if self.dimension is oo else enclosed(self.dimension, values),
            tail_terms=self.tail_terms,
            beyond=self.beyond,
        )


def expand_part(part: PowerLawPart, large_dimension: int | None = None) -> Expansion:
    """The expansion of one sum; for large d its tail may be expanded as well.

    Raises
    ------
    Diverges
        If the dimension is infinite and the sum is.
    NotSupported
        Where ln d enters the tail.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> zero, one = Integer(0), Integer(1)
    >>> part = PowerLawPart(effective, one, zero, Integer(2), zero, one, one, oo, 2, 0, True)
    >>> expand_part(part).formula
    -1/2 + pi/(2*sqrt(kappa))
    """
    conditions = _convergence(part)
    if part.order == 0:
        total = _power_sum(part.decay, part.dimension)
        pure = Term(part.coefficient * total, part.shift)
        return Expansion(part.variable, (pure,), (), conditions, parts=(part,))
    if part.dimension is oo:
        return _infinite(part, conditions)
    size = part.variable * part.dimension**part.capacity
    if part.beyond:
        return _beyond(part, (*conditions, solved(Gt(size, part.scale))), large_dimension)
    powers = tuple(
        _scaled(
            part,
            binomial_coefficient(part.order, k)
            * _power_sum(part.decay - part.capacity * k, part.dimension),
            k,
        )
        for k in range(part.terms)
    )
    return Expansion(
        part.variable,
        powers,
        (tidy(part.shift + part.terms),),
        (*conditions, solved(Lt(size, part.scale))),
    )


def _convergence(part: PowerLawPart) -> tuple[Basic, ...]:
    if part.dimension is not oo:
        return ()
    exponent = tidy(part.decay + part.capacity * part.order)
    if (exponent - 1).is_nonpositive:
        raise Diverges(f"the sum of j^-{exponent} over infinitely many j: give a finite dimension")
    return () if (exponent - 1).is_positive else (solved(Gt(exponent, 1)),)


def _power_sum(exponent: Expr, dimension: Expr) -> Expr:
    """Σ_{j≤d} j^-exponent."""
    exponent = tidy(exponent)
    if dimension is oo:
        return zeta(exponent)
    # Left as it stands where SymPy would write out hundreds of roots.
    return harmonic(dimension, exponent, evaluate=not dimension.is_Integer or exponent.is_Integer)


def _scaled(
    part: PowerLawPart, coefficient: Expr, exponent: Expr | int, logarithms: int = 0
) -> Term:
    """The term coefficient · x^exponent of F, as one of the sum in κ."""
    power = tidy(Integer(0) + exponent)
    return Term(
        powsimp(part.coefficient * part.scale**-power) * coefficient,
        tidy(part.shift + power),
        logarithms,
    )


def _infinite(part: PowerLawPart, conditions: tuple[Basic, ...]) -> Expansion:
    pole = part.singular_pole
    terms: list[Term] = []
    meetings: list[Meeting] = []
    place = meeting_place(pole)
    for k in range(part.kept):
        if place == k:
            terms += _together(part, k)
            continue
        plain = _scaled(
            part,
            binomial_coefficient(part.order, k) * zeta(tidy(part.decay - part.capacity * k)),
            k,
        )
        terms.append(plain)
        if place is None and (pole + k).is_zero is None:
            meeting = Meeting(
                tidy(-pole - k), (_singular(part, pole), plain), tuple(_together(part, k))
            )
            meetings.append(meeting)
            conditions = (*conditions, solved(Ne(meeting.gap, 0)))
    if place is None and part.keeps_singular:
        terms.append(_singular(part, pole))
        conditions = (*conditions, *_removable(part.order, pole))
    return Expansion(
        part.variable,
        tuple(terms),
        (tidy(part.shift + part.kept),),
        unique(conditions),
        meetings=tuple(meetings),
    )


def _singular(part: PowerLawPart, pole: Expr) -> Term:
    return _scaled(part, beta_constant(pole, part.order) / part.capacity, -pole)


def _together(part: PowerLawPart, k: int) -> list[Term]:
    order, beta = part.order, part.capacity
    if order.is_Integer:
        digammas: Expr = -Add(*(Rational(1, k + i) for i in range(1, int(order))))
    else:
        digammas = polygamma(0, Integer(k + 1)) - polygamma(0, order + k)
    constant = EulerGamma + (digammas + log(part.scale)) / beta
    binomial = binomial_coefficient(order, k)
    return [_scaled(part, binomial * constant, k), _scaled(part, -binomial / beta, k, 1)]


def beta_constant(pole: Expr, order: Expr) -> Expr:
    """B(z, m−z), with trigonometric functions where m is a whole number.

    At numbers z where a product with a sine would be 0/0 its limit is taken.

    Example
    -------
    >>> from symcollapse.language.symbols import capacity, source
    >>> beta_constant(1 / capacity, Integer(1))
    pi/sin(pi/beta)
    >>> beta_constant(2 - 2 * source, Integer(2)), beta_constant(Integer(1), Integer(2))
    (pi*(1 - 2*r)/sin(2*pi*r), 1)
    """
    if not order.is_Integer or (pole.is_Integer and pole.is_positive):
        return gamma(pole) * gamma(tidy(order - pole)) / gamma(order)
    sine = sin(expand(pi * pole))
    factors: list[Expr] = [tidy(i - pole) for i in range(1, int(order))]
    if sine.could_extract_minus_sign():
        sine = -sine
        factors = [tidy(-factors[0]), *factors[1:]] if factors else [Integer(-1)]
    return pi * Mul(*factors) / (sine * factorial(order - 1))


def _removable(order: Expr, pole: Expr) -> tuple[Basic, ...]:
    """Where the trigonometric form is written 0/0."""
    if not order.is_Integer or pole.is_number:
        return ()
    return tuple(solved(Ne(pole, i)) for i in range(1, int(order)) if (pole - i).is_zero is None)


def _beyond(
    part: PowerLawPart, conditions: tuple[Basic, ...], large_dimension: int | None
) -> Expansion:
    """The infinite sum less its tail; both by continuation in A where they diverge one by one."""
    surplus = tidy(part.singular_pole - part.order)
    if surplus.is_integer and surplus.is_nonnegative:
        raise NotSupported(
            f"A + β(m+{surplus}) = 1: the tail holds ln d; use beyond=False, or other exponents"
        )
    head = _infinite(part, conditions)
    beta, d = part.capacity, part.dimension
    tail: list[Term] = []
    conditions = head.conditions
    for i in range(part.tail_terms):
        exponent = tidy(part.decay + beta * (part.order + i))
        if (exponent - 1).is_positive is None:
            conditions = (*conditions, solved(Ne(exponent, 1)))
        value = (
            zeta(exponent, d + 1, evaluate=False)
            if large_dimension is None
            else large_hurwitz(exponent, d, large_dimension)
        )
        tail.append(_scaled(part, -binomial_coefficient(part.order, i) * value, -part.order - i))
    left = part.order + part.tail_terms
    order = part.variable ** tidy(part.shift - left) * d ** tidy(1 - part.decay - beta * left)
    return Expansion(
        part.variable,
        head.terms,
        head.next_exponents,
        unique(conditions),
        tail_orders=(order,),
        tail=tuple(tail),
        meetings=head.meetings,
    )


def large_hurwitz(exponent: Expr, dimension: Expr, terms: int) -> Expr:
    """The first terms of Σ_{j>d} j^-s for large d; the error is of the order of the first term left out.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension
    >>> large_hurwitz(Integer(2), dimension, 3)
    1/d - 1/(2*d**2) + 1/(6*d**3)
    """
    pieces = [dimension ** tidy(1 - exponent) / (exponent - 1), -(dimension**-exponent) / 2]
    for k in range(1, terms - 1):
        rising = rf(exponent, 2 * k - 1)
        pieces.append(
            bernoulli(2 * k) / factorial(2 * k) * rising * dimension ** tidy(1 - exponent - 2 * k)
        )
    return Add(*pieces[:terms])
