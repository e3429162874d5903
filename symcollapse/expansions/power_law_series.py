"""Series of a power law at one point in balls: the proofs of their remainders.

Everything is about F(x) = Σ_{j≤d} j^-A/(1+x j^β)^m with x > 0, β > 0, m > 0, in balls; no SymPy.

**The infinite sum.** For a whole K with A < βc, c = K − 1/2, the line Re z = −c has passed the pole
z₀ = (1−A)/β and the poles 0 … −(K−1), so that what those residues leave is

R_K = (1/2πi) ∫_{Re z = −c} x^-z Γ(z)Γ(m−z)/Γ(m) ζ(A+βz) dz .

With z = −c + it each factor is bounded:

1. |x^-z| = x^c.
2. Let M = ⌈m⌉. The product Π_n (1+y²/(u+n)²)^-1/2 = |Γ(u+iy)|/Γ(u) increases in u > 0, so
   |Γ(m+c−it)| ≤ Γ(m+c)/Γ(M+c) · |Γ(M+c−it)|. As z is half an odd number on the real side, Γ(z+1) = zΓ(z) and
   |Γ(1/2+it)|² = π/cosh πt leave |Γ(z)Γ(M−z)| = π/cosh(πt) · Π_{i=K}^{K+M−2} |i+1/2+it|.
3. With σ = A − βc < 0, y = βt and ζ(s) = 2(2π)^(s−1) sin(πs/2) Γ(1−s) ζ(1−s): |sin(πs/2)| ≤ cosh(πy/2),
   |ζ(1−s)| ≤ ζ(1−σ), and with L ≥ 1/2 − σ whole, as in 2,
   |Γ(1−s)| ≤ Γ(1−σ)/Γ(L+1/2) · (π/cosh πy)^½ Π_{i<L} |i+1/2+iy|. Because
   cosh²(u/2) = (1+cosh u)/2 ≤ cosh u, cosh(πy/2) goes against (cosh πy)^-½, and with Γ(L+1/2) = √π Π_{i<L}(i+1/2):
   |ζ(s)| ≤ 2(2π)^(σ−1) Γ(1−σ) ζ(1−σ) Π_{i<L} (1+y²/(i+1/2)²)^½.
4. A product of square roots is turned into a polynomial in t²: by the inequality of the means two factors
   ((a²+u)(b²+u))^½ ≤ (a²+b²)/2 + u, and one that is left over, (1+u/a²)^½ ≤ 1 + u/(2a²).
5. ∫_0^∞ t^2n/cosh(πt) dt = 2 (2n)! π^-(2n+1) Σ_i (−1)^i (2i+1)^-(2n+1) ≤ 2 (2n)! π^-(2n+1).

The order of R_K is x^K, half an order better than this bound; |R_K| ≤ Σ_{k=K}^{K'−1} |term_k| + |R_K'|
for any K' > K restores it.

**The tail** j > d, where x(d+1)^β > 1: Σ_i C(−m,i) x^(−m−i) ζ(A+β(m+i), d+1). From one term with A + β(m+i) > 1
on, the ratio of neighbours is at most max(1, (m+i)/(i+1)) / (x(d+1)^β), since ζ(s+β, a) ≤ a^-β ζ(s, a). Where the
infinite sum does not converge, both series still hold, by continuation in A.

**The power series** where x d^β < 1: Σ_k C(−m,k) x^k Σ_{j≤d} j^(βk−A), with ratios at most max(1, (m+k)/(k+1)) · x d^β.
"""

from collections.abc import Callable, Iterator
from typing import Any

from flint import arb, arb_poly, ctx

from symcollapse.expansions.balls import (
    MOST_TERMS,
    at_least_one,
    ceiling,
    hurwitz,
    left_over,
    power_sum,
)
from symcollapse.expansions.expansion import Ball


class PowerLawSeries:
    """The expansions of F at one point, with bounds.

    Example
    -------
    >>> law = PowerLawSeries(arb(2), arb(0), arb(1), arb("1e-6"), None)
    >>> bool(abs(law.head(40) - (arb.pi() * 1000 - 1) / 2) < 1e-9)
    True
    """

    def __init__(
        self, capacity: Ball, decay: Ball, order: Ball, x: Ball, meets: int | None
    ) -> None:
        self.capacity, self.decay, self.order, self.x = capacity, decay, order, x
        self.meets = self._exact_meeting() if meets is None else meets

    def _exact_meeting(self) -> int | None:
        near = float(((self.decay - 1) / self.capacity).mid())
        if not -0.5 < near < 1e6:
            return None
        k = round(near)
        return k if (self.decay - 1 - self.capacity * k).is_zero() else None

    def summand(self, j: Ball) -> Ball:
        """The j-th summand of F."""
        return j**-self.decay / (1 + self.x * j**self.capacity) ** self.order

    def binomials(self) -> Iterator[Ball]:
        """C(−m, k) x^k for k = 0, 1, 2, and so on."""
        value, k = arb(1), 0
        while True:
            yield value
            value = -value * (self.order + k) / (k + 1) * self.x
            k += 1

    def singular(self) -> Ball:
        """The term x^-z₀; 0 where it has met another."""
        if self.meets is not None:
            return arb(0)
        pole = (1 - self.decay) / self.capacity
        beta = pole.gamma() * (self.order - pole).gamma() * self.order.rgamma()
        return beta * self.x**-pole / self.capacity

    def analytic(self, k: int, binomial: Ball) -> Ball:
        """The term x^k, with the logarithm if two poles meet there."""
        if k != self.meets:
            return binomial * (self.decay - self.capacity * k).zeta()
        logarithm = arb(k + 1).digamma() - (self.order + k).digamma() - self.x.log()
        return binomial * (arb.const_euler() + logarithm / self.capacity)

    def contour_bound(self, terms: int) -> Ball:
        """Bound of |R_K| by the integral over Re z = −(K − 1/2); see the module."""
        with ctx.workprec(64):
            c = arb(terms) - arb(0.5)
            sigma = self.decay - self.capacity * c
            if terms < 1 or not sigma < 0:
                return arb("inf")
            whole = max(1, ceiling(self.order))
            half = ceiling(arb(0.5) - sigma)
            if half > MOST_FACTORS:
                return arb("inf")
            shifts = [arb(i) + arb(0.5) for i in range(terms, terms + whole - 1)]
            scaled = [(arb(i) + arb(0.5)) / self.capacity for i in range(half)]
            polynomial = _majorant(shifts) * _majorant(scaled)
            pi, moment, integral = arb.pi(), 2 / arb.pi(), arb(0)
            for n, coefficient in enumerate(polynomial.coeffs()):
                integral += coefficient * moment
                moment *= arb((2 * n + 1) * (2 * n + 2)) / pi**2
            front = self.x**c / self.order.gamma()
            front *= (self.order + c).gamma() / (whole + c).gamma()
            for shift in shifts:
                front *= shift
            zeta = 2 * (2 * pi) ** (sigma - 1) * (1 - sigma).gamma() * (1 - sigma).zeta()
            return arb((front * zeta * integral).upper())

    def head_remainder(self, terms: int, *, singular: bool) -> Ball:
        """Bound of what the first terms of the infinite sum leave, by the best later contour."""
        left = arb(0) if singular or self.meets is not None else abs(self.singular())
        best, check = arb("inf"), terms
        for k, binomial in enumerate(self.binomials()):
            if k < terms:
                continue
            if k == check:
                bound = self.contour_bound(k)
                total = arb((left + bound).upper())
                if total < best:
                    best = total
                elif best.is_finite():
                    return best
                if k - terms > MOST_TERMS or bound < left * arb(2) ** -ctx.prec:
                    return best
                # Contours are costly: far on, not every one is tried.
                check += 1 + (k - terms) // 8
            left += abs(self.analytic(k, binomial))
        return best

    def head(self, bits: int) -> Ball | None:
        """The infinite sum, or its continuation in A; None if the remainder stays above 2^-bits of it."""
        if not self._may_reach(bits):
            return None
        total = self.singular()
        check, last = 1, arb("inf")
        for k, binomial in enumerate(self.binomials()):
            if k == check:
                bound = self.contour_bound(k)
                if bound <= abs(total).lower() * arb(2) ** -bits:
                    return total + arb(0, bound)
                if k > MOST_TERMS or (last.is_finite() and not bound < last):
                    return None
                last = bound
                check += max(1, k // 4)
            total += self.analytic(k, binomial)
        return None

    def _may_reach(self, bits: int) -> bool:
        """Whether trying is worth it: the best remainder is about exp(−2π sin(min(π/2, π/β)) x^(−1/β))."""
        beta = float(self.capacity.mid())
        angle = arb(1) if beta <= 2 else (arb.pi() / self.capacity).sin()
        reach = 2 * arb.pi() * angle * self.x ** (-1 / self.capacity)
        return not reach < 0.69 * (bits - 40)

    def tail_series(self, dimension: Ball) -> Iterator[tuple[Ball, Ball]]:
        """Pairs (term, bound of all that follow it) of the tail j > d."""
        first = arb(dimension) + 1
        shrink = 1 / (self.x * first**self.capacity)
        factor, i = self.x**-self.order, 0
        while True:
            exponent = self.decay + self.capacity * (self.order + i)
            term = factor * hurwitz(exponent, first)
            ratio = at_least_one((self.order + i) / (i + 1)) * shrink
            safe = ratio < 1 and exponent > 1
            yield term, abs(term) * ratio / (1 - ratio) if safe else arb("inf")
            factor = -factor * (self.order + i) / (i + 1) / self.x
            i += 1

    def power_series_terms(self, dimension: Ball) -> Iterator[tuple[Ball, Ball]]:
        """Pairs (term, bound of all that follow it) of the power series."""
        size = arb(dimension)
        growth = self.x * size**self.capacity
        for k, binomial in enumerate(self.binomials()):
            exponent = arb(1) if k == self.meets else self.decay - self.capacity * k
            term = binomial * power_sum(exponent, size)
            ratio = at_least_one((self.order + k) / (k + 1)) * growth
            yield term, abs(term) * ratio / (1 - ratio) if ratio < 1 else arb("inf")

    def tail_bound(self, terms: int, dimension: Ball) -> Ball:
        """Bound of what the first terms of the tail leave."""
        return left_over(self.tail_series(dimension), terms)

    def power_series_bound(self, terms: int, dimension: Ball) -> Ball:
        """Bound of what the first terms of the power series leave."""
        return left_over(self.power_series_terms(dimension), terms)

    def tail(self, dimension: int, bits: int) -> Ball | None:
        """The sum over j > d; None if it converges too slowly."""
        return _summed(lambda: self.tail_series(dimension), bits)

    def power_series(self, dimension: int, bits: int) -> Ball | None:
        """The sum where x d^β < 1; None if it converges too slowly."""
        return _summed(lambda: self.power_series_terms(dimension), bits)


MOST_FACTORS = 4000
"""Factors of a Gamma function in a bound, after which none is computed."""


def _majorant(shifts: list[Ball]) -> Any:
    """A polynomial in t² that is at least Π (1+t²/a²)^½ over the shifts a."""
    product = arb_poly([1])
    pairs = list(zip(shifts[::2], shifts[1::2], strict=False))
    if len(shifts) % 2:
        product = arb_poly([1, 1 / (2 * shifts[-1] ** 2)])
    for a, b in pairs:
        product *= arb_poly([(a**2 + b**2) / (2 * a * b), 1 / (a * b)])
    return product


def _summed(series: Callable[[], Iterator[tuple[Ball, Ball]]], bits: int) -> Ball | None:
    total = arb(0)
    for place, (term, rest) in enumerate(series()):
        total += term
        if rest <= abs(total).lower() * arb(2) ** -bits:
            return total + arb(0, rest.upper())
        if place > MOST_TERMS or not total.is_finite():
            return None
    return None
