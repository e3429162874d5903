"""Sums over a power law with two effective ridges, Σ_j c_j² s^p/((s+κ)^m (s+κ_g)^m_g), at small κ and κ_g.

Let F(x) = Σ c_j² s^p/(s + x). The product of the resolvents is (−1)^(M−1) times the divided difference of 1/(s + x), with
M = m + m_g, at the nodes κ, m times, and κ_g, m_g times. So the sum is that divided difference of F, and its expansion is
that of the expansion of F, term by term. It is an average of the sum with one resolvent of order M over the values
between κ and κ_g: hence what is left out is of the order left out at the larger of them, uniformly in κ/κ_g.
"""

from dataclasses import dataclass

from sympy import Add, Expr, Integer, binomial, expand, factorial, log

from symcollapse.expansions.expansion import Term, tidy
from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import placeholder
from symcollapse.language.targets import Target

SERIES_TERMS = 3
"""Powers of the ratio of the ridges that are followed on each side of a divided difference, before they are compared."""


@dataclass(frozen=True)
class Monomial:
    """The product coefficient · κ^first · κ_g^second, with logarithms of the two in the coefficient.

    Example
    -------
    >>> Monomial(Integer(3), Integer(2), Integer(0)).first
    2
    """

    coefficient: Expr
    first: Expr
    second: Expr


@dataclass(frozen=True)
class TwoRidgeSum:
    """Small-ridge forms of one such sum."""

    terms: tuple[Term, ...]
    """Terms of F, in one letter, without the powers that the divided difference takes to 0."""
    next_exponents: tuple[Expr, ...]
    """The sum leaves out orders κ^e + κ_g^e."""
    nodes: tuple[Expr, Expr]
    """κ and κ_g."""
    orders: tuple[int, int]
    """m and m_g."""

    def formula(self, *, leading: bool = False) -> Expr:
        """The terms kept, or that of the largest power alone, where κ ≠ κ_g; uniform in κ/κ_g."""
        return Add(*(self._difference(term) for term in self._chosen(leading=leading)))

    def at_equal_ridges(self, *, leading: bool = False) -> Expr:
        """The same at κ_g = κ."""
        x, count = placeholder("x"), sum(self.orders) - 1
        held = Add(*(term.at(x) for term in self._chosen(leading=leading)))
        return ((-1) ** count * held.diff(x, count) / factorial(count)).xreplace({x: self.nodes[0]})

    def far_apart(self, *, above: bool) -> tuple[Monomial, ...]:
        """Monomials of the sum where κ ≫ κ_g, or κ ≪ κ_g: the first powers of the ratio, on each side."""
        pieces: list[Monomial] = []
        for term in self.terms:
            if _is_whole(term):
                pieces += self._polynomial(term)
            elif above:
                pieces += self._series(term, self.nodes, self.orders, swapped=False)
            else:
                pieces += self._series(term, self.nodes[::-1], self.orders[::-1], swapped=True)
        return gathered(pieces)

    def _chosen(self, *, leading: bool) -> tuple[Term, ...]:
        if not leading:
            return self.terms
        least = [
            term
            for term in self.terms
            if not any((term.exponent - other.exponent).is_positive for other in self.terms)
        ]
        return tuple(least)

    def _difference(self, term: Term) -> Expr:
        """(−1)^(M−1) times the divided difference of a term."""
        (kappa, other), (m, n) = self.nodes, self.orders
        if n == 0 or m == 0:
            node, count = (kappa, m) if n == 0 else (other, n)
            x = placeholder("x")
            found = term.at(x).diff(x, count - 1) / factorial(count - 1)
            return (-1) ** (count - 1) * found.xreplace({x: node})
        if _is_whole(term):
            return Add(
                *(p.coefficient * kappa**p.first * other**p.second for p in self._polynomial(term))
            )
        x, y = placeholder("x"), placeholder("y")
        quotient = (term.at(x) - term.at(y)) / (x - y)
        moved = quotient.diff(x, m - 1).diff(y, n - 1) if m * n > 1 else quotient
        found = moved / (factorial(m - 1) * factorial(n - 1))
        return (-1) ** (m + n - 1) * found.xreplace({x: kappa, y: other})

    def _polynomial(self, term: Term) -> list[Monomial]:
        """A whole power: its divided difference is a complete symmetric polynomial in the nodes."""
        m, n = self.orders
        degree = int(term.exponent) - (m + n - 1)
        sign = (-1) ** (m + n - 1)
        return [
            Monomial(
                sign * term.coefficient * _multisets(m, i) * _multisets(n, degree - i),
                Integer(i),
                Integer(degree - i),
            )
            for i in range(degree + 1)
        ]

    def _series(
        self, term: Term, nodes: tuple[Expr, ...], orders: tuple[int, ...], *, swapped: bool
    ) -> list[Monomial]:
        """The divided difference in powers of the second node over the first, which is the larger."""
        (large, small), (m, n) = nodes, orders
        found: list[Monomial] = []
        sign = (-1) ** (m + n - 1)

        def add(derived: int, at: Expr, front: Expr, divisions: int, *, is_large: bool) -> None:
            # front · g^(derived)(at) · (large − small)^-divisions, expanded in small/large.
            for place in range(SERIES_TERMS):
                weight = sign * front * binomial(divisions + place - 1, place)
                for piece in _derived(term, derived):
                    coefficient = weight * piece.coefficient * log(at) ** piece.logarithms
                    high: Expr = Integer(-divisions - place)
                    low: Expr = Integer(place)
                    if is_large:
                        high += piece.exponent
                    else:
                        low += piece.exponent
                    first, second = (low, high) if swapped else (high, low)
                    found.append(Monomial(coefficient, tidy(first), tidy(second)))

        if n == 0:
            for piece in _derived(term, m - 1):
                value = sign * piece.coefficient * log(large) ** piece.logarithms / factorial(m - 1)
                zero: Expr = Integer(0)
                pair = (zero, piece.exponent) if swapped else (piece.exponent, zero)
                found.append(Monomial(value, *map(tidy, pair)))
            return found
        if m == 0:
            for piece in _derived(term, n - 1):
                value = sign * piece.coefficient * log(small) ** piece.logarithms / factorial(n - 1)
                zero = Integer(0)
                pair = (piece.exponent, zero) if swapped else (zero, piece.exponent)
                found.append(Monomial(value, *map(tidy, pair)))
            return found
        scale = factorial(m - 1) * factorial(n - 1)
        for i in range(m):
            front = binomial(m - 1, i) * (-1) ** i * factorial(i + n - 1) / scale
            add(m - 1 - i, large, front, i + n, is_large=True)
        for i in range(n):
            front = -binomial(n - 1, i) * (-1) ** (m - 1) * factorial(m - 1 + i) / scale
            add(n - 1 - i, small, front, m + i, is_large=False)
        return found


def expand_two_ridge_sum(
    power: Expr,
    nodes: tuple[Expr, Expr],
    orders: tuple[int, int],
    law: PowerLawSpectrum,
    target: Target | None = None,
    *,
    terms: int,
) -> TwoRidgeSum:
    """The expansion of Σ_j c_j² s^p/((s+κ)^m (s+κ_g)^m_g), or without weights, over an infinite power law.

    Parameters
    ----------
    power
        p.
    nodes, orders
        κ and κ_g; m and m_g, not both 0.
    terms
        Whole powers of the two ridges that are kept, by their degree from 0, beside the one singular term.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.symbols import effective, generator_effective
    >>> nodes = (effective, generator_effective)
    >>> found = expand_two_ridge_sum(Integer(2), nodes, (1, 1), PowerLawSpectrum(oo, 2), terms=1)
    >>> found.formula(leading=True)
    -(-pi*sqrt(kappa)/2 + pi*sqrt(kappa_g)/2)/(kappa - kappa_g)
    >>> found.at_equal_ridges(leading=True)
    pi/(4*sqrt(kappa))
    """
    x = placeholder("kappa")
    lost = sum(orders) - 1
    expansion = expand_power_law_sum(
        s**power / (s + x), law, target, terms=lost + terms, variable=x
    )
    # Whole powers below the order of the divided difference leave nothing.
    kept = tuple(
        term
        for term in (*expansion.terms, *expansion.tail)
        if not (_is_whole(term) and term.exponent < lost)
    )
    exponents = tuple(tidy(exponent - lost) for exponent in expansion.next_exponents)
    return TwoRidgeSum(kept, exponents, nodes, orders)


def gathered(pieces: list[Monomial]) -> tuple[Monomial, ...]:
    """Monomials of the same powers added up, those that cancel left out.

    Example
    -------
    >>> one = Monomial(Integer(1), Integer(2), Integer(0))
    >>> len(gathered([one, one])), gathered([one, Monomial(Integer(-1), Integer(2), Integer(0))])
    (1, ())
    """
    sums: dict[tuple[Expr, Expr], list[Expr]] = {}
    for piece in pieces:
        sums.setdefault((piece.first, piece.second), []).append(piece.coefficient)
    totals = ((key, expand(Add(*values))) for key, values in sums.items())
    return tuple(Monomial(total, *key) for key, total in totals if total != 0)


def _is_whole(term: Term) -> bool:
    exponent = term.exponent
    return term.logarithms == 0 and bool(exponent.is_Integer) and bool(exponent.is_nonnegative)


def _multisets(kinds: int, size: int) -> Expr:
    """Number of monomials of a degree in so many letters."""
    if kinds == 0:
        return Integer(1 if size == 0 else 0)
    return binomial(kinds + size - 1, size)


def _derived(term: Term, count: int) -> list[Term]:
    """Terms of the derivative of some order; there is at most one logarithm."""
    falling, slope = Integer(1), Integer(0)
    for i in range(count):
        falling, slope = falling * (term.exponent - i), slope * (term.exponent - i) + falling
    exponent = term.exponent - count
    if term.logarithms == 0:
        return [Term(term.coefficient * falling, exponent)]
    return [
        Term(term.coefficient * falling, exponent, 1),
        Term(term.coefficient * slope, exponent),
    ]
