"""Rational functions of sizes and weights as one quotient in lowest terms, with N − d kept as what it is.

Least squares with N ≥ d makes every number of a joint pencil one of these. In the arithmetic of sparse polynomials
they stay short, where sums of quotients would double at each fit.
"""

from functools import reduce
from typing import Any

from flint import Ordering, fmpz_mpoly, fmpz_mpoly_ctx
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import SurplusSamples
from symcollapse.language.quantities import Quantity

Quotient = tuple[fmpz_mpoly, fmpz_mpoly]
"""Numerator and denominator."""


def is_rational(number: Expr) -> bool:
    """Whether a number is a rational function of sizes, weights and N − d alone.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> is_rational(1 / samples), is_rational(samples**samples)
    (True, False)
    """
    if isinstance(number, SurplusSamples):
        return True
    if isinstance(number, Quantity | Abbreviation):
        return False
    if number.is_Symbol or number.is_Rational:
        return True
    if isinstance(number, Pow):
        return number.exp.is_Integer and is_rational(number.base)
    return isinstance(number, Add | Mul) and all(is_rational(part) for part in number.args)


def collected(number: Expr) -> Expr:
    """A rational function of sizes as one quotient, with N − d kept as what it is.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import samples
    >>> surplus = SurplusSamples(samples, SIGMA)
    >>> collected(1 / surplus - 1 / samples)
    d/(T*(T - d))
    >>> collected(1 / SurplusSamples(50, SIGMA))
    1/(50 - d)
    """
    surpluses = sorted(number.atoms(SurplusSamples), key=lambda node: node.sort_key())
    differences = {node: node.unfolded() for node in surpluses}
    unfolded: Any = number.xreplace(differences)
    letters = sorted(unfolded.atoms(Symbol), key=str)
    if not letters:
        return unfolded
    field = _Field(letters)
    known = [(node, field.quotient(difference)[0]) for node, difference in differences.items()]
    factors: list[Expr] = []
    for polynomial, sign in zip(field.quotient(unfolded), (1, -1), strict=True):
        if polynomial.is_zero():
            return Integer(0)
        constant, parts = polynomial.factor()
        factors.append(Integer(int(constant)) ** sign)
        for part, power in parts:
            node, form = next((pair for pair in known if pair[1] in (part, -part)), (None, part))
            # A factor has the sign that the factorisation gave it: d − 50, where 50 − d is meant.
            if part != form:
                factors.append(Integer(-1) ** int(power))
            base = field.expression(part) if node is None else node
            factors.append(base ** (sign * int(power)))
    return Mul(*factors)


class _Field:
    """Rational functions of some letters."""

    def __init__(self, letters: list[Symbol]) -> None:
        self.letters = letters
        names = tuple(f"x{place}" for place in range(len(letters)))
        context = fmpz_mpoly_ctx.get(names, Ordering.lex)
        self.generators = dict(zip(letters, context.gens(), strict=True))
        self.one = context.from_dict({(0,) * len(letters): 1})

    def quotient(self, number: Expr) -> Quotient:
        """A number in lowest terms."""
        if isinstance(number, Symbol):
            return self.generators[number], self.one
        if number.is_Rational:
            return self.one * int(number.p), self.one * int(number.q)  # type: ignore[attr-defined]
        if isinstance(number, Pow):
            above, below = self.quotient(number.base)
            power = int(number.exp)
            return (above**power, below**power) if power >= 0 else (below**-power, above**-power)
        parts = (self.quotient(part) for part in number.args)  # type: ignore[arg-type]
        return reduce(_plus if isinstance(number, Add) else _times, parts)

    def expression(self, polynomial: fmpz_mpoly) -> Expr:
        """A polynomial, written out."""
        return Add(
            *(
                Mul(
                    Integer(int(coefficient)),
                    *(
                        letter ** int(power)
                        for letter, power in zip(self.letters, powers, strict=True)
                    ),
                )
                for powers, coefficient in polynomial.to_dict().items()
            )
        )


def _plus(one: Quotient, other: Quotient) -> Quotient:
    return _lowest(one[0] * other[1] + other[0] * one[1], one[1] * other[1])


def _times(one: Quotient, other: Quotient) -> Quotient:
    return _lowest(one[0] * other[0], one[1] * other[1])


def _lowest(above: fmpz_mpoly, below: fmpz_mpoly) -> Quotient:
    common = above.gcd(below)
    return above // common, below // common
