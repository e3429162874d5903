"""Errors that add up: sums over generations in closed form, their limits, and how they get there.

A summand that is a rational function of the generation's number, of linear factors, is split into partial fractions;
each then sums to a polygamma function. Others stay sums, and their limit is decided by how fast they fall.
"""

from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    Poly,
    PolynomialError,
    Sum,
    apart,
    expand,
    factorial,
    fraction,
    limit,
    log,
    oo,
    polygamma,
    simplify,
    summation,
    together,
)

from symcollapse.language.symbols import generation, placeholder
from symcollapse.recursions.linear_recursions import Rate


@dataclass(frozen=True)
class Summed:
    """The sum of t(0), …, t(n − 1)."""

    summand: Expr
    """The function t, in ``symcollapse.generation``."""
    count: Expr
    """The number n of summands."""
    partial: Expr
    """The sum."""
    limit: Expr
    """For n → ∞; oo where it diverges."""
    rate: Rate
    """How it gets there."""

    @property
    def is_closed(self) -> bool:
        """Whether no sum is left."""
        return not self.partial.has(Sum)


def summed(summand: Expr, count: Expr) -> Summed:
    """The sum of a positive function over the first generations.

    Example
    -------
    >>> from symcollapse.language.symbols import generations
    >>> harmonic = summed(1 / (generation + 1), generations)
    >>> harmonic.partial, harmonic.limit, str(harmonic.rate)
    (polygamma(0, n + 1) + EulerGamma, oo, 'grows like 1*log n')
    >>> summed(1 / (generation + 1) ** 2, generations).limit
    pi**2/6
    """
    parts = _partial_fractions(summand)
    if parts is None:
        return _left_as_a_sum(summand, count)
    polynomial, poles = parts
    of_polynomial: Any = summation(polynomial, (generation, 0, count - 1))
    partial: list[Expr] = [of_polynomial]
    at_infinity: list[Expr] = []
    logarithm: Expr = Integer(0)
    for weight, start, order in poles:
        sign = Integer(-1) ** order / factorial(order - 1)
        total = sign * (polygamma(order - 1, start) - polygamma(order - 1, start + count))
        partial.append(weight * total)
        at_infinity.append(weight * sign * polygamma(order - 1, start))
        logarithm += weight if order == 1 else 0
    logarithm = simplify(logarithm)
    closed = Add(*partial)
    if polynomial != 0:
        degree = Poly(polynomial, generation).degree()
        slope = Poly(polynomial, generation).LC()
        if degree == 0:
            return Summed(summand, count, closed, oo, Rate("linear", slope))
        return Summed(summand, count, closed, oo, Rate("polynomial", Integer(degree + 1)))
    if logarithm != 0:
        return Summed(summand, count, closed, oo, Rate("logarithmic", logarithm))
    above, below = fraction(together(summand))
    falls = Poly(below, generation).degree() - Poly(above, generation).degree()
    rate = Rate("power", Integer(1 - falls)) if summand != 0 else Rate("constant")
    return Summed(summand, count, closed, Add(*at_infinity), rate)


def _partial_fractions(
    summand: Expr,
) -> tuple[Expr, list[tuple[Expr, Expr, int]]] | None:
    """A polynomial, and poles (weight, start, order) for weight/(m + start)^order; None where there is no such form."""
    if not summand.is_rational_function(generation):
        return None
    try:
        # Partial fractions want a plain variable: an integer one is simplified as such.
        variable: Dummy = placeholder("m")
        split = apart(together(summand.xreplace({generation: variable})), variable)
    except (PolynomialError, NotImplementedError):
        return None
    polynomial: Expr = Integer(0)
    poles: list[tuple[Expr, Expr, int]] = []
    for term in Add.make_args(split):
        above, below = fraction(term)
        if not below.has(variable):
            polynomial += term
            continue
        constant, dependent = below.as_independent(variable, as_Add=False)
        base, order = dependent.as_base_exp()
        if above.has(variable) or not order.is_Integer or not base.is_polynomial(variable):
            return None
        line = Poly(base, variable)
        if line.degree() != 1:
            return None
        slope, offset = line.all_coeffs()
        poles.append((above / constant / slope**order, expand(offset / slope), int(order)))
    return polynomial.xreplace({variable: generation}), poles


def _left_as_a_sum(summand: Expr, count: Expr) -> Summed:
    partial = Sum(summand, (generation, 0, count - 1))
    infinite = Sum(summand, (generation, 0, oo))
    far = placeholder("m")
    at = summand.xreplace({generation: far})
    try:
        exponent = limit(-far * at.diff(far) / at, far, oo)
        if exponent == 1:
            # Between 1/m and all powers: 1/(m log² m) converges, 1/(m log m) does not.
            finer = limit((-far * at.diff(far) / at - 1) * log(far), far, oo)
            if (finer - 1).is_positive:
                return Summed(summand, count, partial, infinite, Rate("logarithmic approach"))
            still = finer == 1 and limit(far * log(far) * at, far, oo).is_positive
            if still or (1 - finer).is_positive:
                return Summed(summand, count, partial, oo, Rate("grows more slowly than log n"))
        elif (exponent - 1).is_extended_positive:
            rate = Rate("power", 1 - exponent) if exponent.is_finite else Rate("geometric")
            return Summed(summand, count, partial, infinite, rate)
        elif (1 - exponent).is_extended_positive:
            return Summed(summand, count, partial, oo, Rate("polynomial", 1 - exponent))
    except (NotImplementedError, ValueError):
        pass
    return Summed(summand, count, partial, infinite, Rate("not known"))
