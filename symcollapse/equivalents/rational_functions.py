"""Rational functions in many letters, cancelled and factored by FLINT.

SymPy's own polynomials in ten and more letters take minutes where FLINT takes milliseconds. A formula is read as a
fraction of two polynomials with rational coefficients; whatever is not a sum, a product or an integer power is a letter.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from flint import Ordering, fmpq, fmpq_mpoly_ctx
from sympy import Add, Dummy, Expr, Integer, Mul, Pow, Rational

from symcollapse.language.errors import Diverges

Fraction: TypeAlias = tuple[Any, Any]
"""Numerator and denominator, polynomials of FLINT; python-flint ships no types."""


def factored(formula: Expr) -> Expr:
    """The formula as one fraction in lowest terms, numerator and denominator factored.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge, samples
    >>> factored(1 / ridge - 1 / (ridge + samples))
    T/(lambda*(T + lambda))
    """
    letters = _letters(formula)
    if not letters:
        return formula
    reading = _Reading(letters)
    above, below = reading.fraction(formula)
    if above == 0:
        return Integer(0)
    (number, top), (divisor, bottom) = reading.factors(above), reading.factors(below)
    # The sign and the number stay in front: SymPy multiplies them into a lone sum.
    return Mul(
        number / divisor,
        *(base**power for base, power in top),
        *(base**-power for base, power in bottom),
    )


def numerator(formula: Expr) -> Expr:
    """The numerator of the formula as one fraction in lowest terms, multiplied out.

    Raises
    ------
    Diverges
        If the formula divides by what is identically 0.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge, samples
    >>> (
    ...     numerator(1 / ridge - 1 / (ridge + samples)),
    ...     numerator((ridge + 1) ** 2 - ridge**2 - 2 * ridge),
    ... )
    (T, 1)
    """
    letters = _letters(formula)
    if not letters:
        return formula
    reading = _Reading(letters)
    above, _ = reading.fraction(formula)
    return reading.expression(above)


def _letters(formula: Expr) -> tuple[Expr, ...]:
    """What is not a number, a sum, a product or an integer power, in a fixed order."""
    found: dict[Expr, None] = {}
    seen: set[Expr] = set()
    stack = [formula]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, Rational):
            continue
        if isinstance(node, Add | Mul) or (isinstance(node, Pow) and node.exp.is_Integer):
            stack.extend(node.args[:1] if isinstance(node, Pow) else node.args)
        else:
            found[node] = None
    return tuple(sorted(found, key=lambda node: node.sort_key()))


class _Reading:
    """Formulas in given letters as fractions of polynomials, and back."""

    def __init__(self, letters: Sequence[Expr]) -> None:
        self.letters = letters
        names = tuple(f"x{place}" for place in range(len(letters)))
        self.context = fmpq_mpoly_ctx.get(names, Ordering.degrevlex)
        self.generators = dict(zip(letters, self.context.gens(), strict=True))
        self.one = self.context.constant(1)
        self.memo: dict[Expr, Fraction] = {}

    def fraction(self, node: Expr) -> Fraction:
        """The node in lowest terms."""
        if node not in self.memo:
            self.memo[node] = self._fraction(node)
        return self.memo[node]

    def _fraction(self, node: Expr) -> Fraction:
        if node in self.generators:
            return self.generators[node], self.one
        match node:
            case Rational():
                return self.context.constant(fmpq(int(node.p), int(node.q))), self.one
            case Add():
                total = (self.context.constant(0), self.one)
                for term in node.args:
                    total = self._sum(total, self.fraction(term))
                return total
            case Mul():
                product = (self.one, self.one)
                for factor in node.args:
                    product = self._product(product, self.fraction(factor))
                return product
            case Pow():
                above, below = self.fraction(node.base)
                power = int(node.exp)
                if power < 0 and above == 0:
                    raise Diverges(f"{str(node)[:80]}: divides by 0")
                return (above**power, below**power) if power > 0 else (below**-power, above**-power)
            case _:
                raise TypeError(f"{node} is no rational function")

    def _sum(self, left: Fraction, right: Fraction) -> Fraction:
        # Over the least common denominator, so that nothing grows that has to be cancelled.
        shared = left[1].gcd(right[1])
        extra = right[1] / shared
        return self._lowest(left[0] * extra + right[0] * (left[1] / shared), left[1] * extra)

    def _product(self, left: Fraction, right: Fraction) -> Fraction:
        first = self._lowest(left[0], right[1])
        second = self._lowest(right[0], left[1])
        return first[0] * second[0], first[1] * second[1]

    def _lowest(self, above: Any, below: Any) -> Fraction:
        shared = above.gcd(below)
        return (above, below) if shared.is_one() else (above / shared, below / shared)

    def factors(self, polynomial: Any) -> tuple[Rational, list[tuple[Expr, int]]]:
        """A polynomial as a number times powers."""
        content, parts = polynomial.factor()
        number = Rational(int(content.p), int(content.q))
        powers: list[tuple[Expr, int]] = []
        for part, power in parts:
            base = self.expression(part)
            if is_negative(base):
                base, number = -base, number * (-1) ** int(power)
            powers.append((base, int(power)))
        return number, powers

    def expression(self, polynomial: Any) -> Expr:
        """A polynomial, multiplied out."""
        return Add(
            *(
                Mul(
                    Rational(int(weight.p), int(weight.q)),
                    *(
                        letter ** int(power)
                        for letter, power in zip(self.letters, powers, strict=True)
                        if power
                    ),
                )
                for powers, weight in polynomial.to_dict().items()
            )
        )


def is_negative(polynomial: Expr) -> bool:
    """Whether a polynomial reads better with the other sign: T − q, and s + κ.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> is_negative(-ridge - 1), is_negative(ridge + 1)
    (True, False)
    """
    signs = {term: -1 if term.as_coeff_Mul()[0] < 0 else 1 for term in Add.make_args(polynomial)}
    # Sizes and parameters decide before quantities, the majority before the order.
    plain = sum(sign for term, sign in signs.items() if not term.atoms(Dummy))
    balance = plain or sum(signs.values())
    return balance < 0 or (balance == 0 and bool(polynomial.could_extract_minus_sign()))
