"""A positive spectral sum as a polynomial in ln κ over a cell, with a proven error, in balls.

A curve of many points asks for S(κ) = Σ_j w_j (s_j + κ)^-m at many κ, with the same w_j ≥ 0. On each cell |ln κ − c| ≤ h
the sum is taken at n Chebyshev points and interpolated; from then on it costs one polynomial of degree n − 1, whatever
the spectrum.

The error. Let x = (ln κ − c)/h, and let E be the ellipse around [−1, 1] with semi-axes a = (ρ + 1/ρ)/2 and
b = (ρ − 1/ρ)/2, where θ = hb < π. For |φ| ≤ θ

    |s + κe^(iφ)|² = (s + κ)² cos²(φ/2) + (s − κ)² sin²(φ/2) ≥ (s + κ)² cos²(θ/2),

and S(κ/r) ≤ r^m S(κ) for r ≥ 1. So |S| ≤ M = cos(θ/2)^-m e^(hm(a−1)) S(e^(c−h)) on E, Chebyshev coefficients are at most
2Mρ^-k, and as each of those beyond the degree is folded onto one of the others, the interpolant is off by at most

    4Mρ^(1−n)/(ρ − 1).

Errors of at most ε of the values move each of its n Chebyshev coefficients by at most 2ε: 2nε in all. That is added to
the constant term, so that values are needed no more precisely than the answer. The change to powers of x, which loses
more than a bit for each power, is of exact numbers and done at a higher precision; as S has no singularity within
|x| < π/h, the coefficients in powers of x fall, and Horner's rule loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, log, log2, pi, sqrt
from typing import Any

from flint import arb, arb_mat, arb_poly, ctx, fmpq

from symcollapse.language.errors import PrecisionExhausted

HALF_WIDTH = 2
"""h: half the width of a cell in ln κ; below π, so that coefficients in powers of x fall."""

SPACING = 3.75
"""Distance of the middles of neighbouring cells: they overlap, so that a ball around κ lies within one."""

GUARD = 6
"""Bits by which a cell is finer than the precision asked for."""

ANGLES = (0.7, 0.8, 0.86, 0.9, 0.93, 0.96)
"""θ/π among which the cheapest is taken."""

LOST = 1.28
"""Bits lost per degree in the change from Chebyshev polynomials to powers: log₂(1 + √2), rounded up."""


def cell_of(log_kappa: float) -> int:
    """Number of the cell that holds κ.

    Example
    -------
    >>> cell_of(0.0), cell_of(3.7), cell_of(-0.1)
    (0, 0, -1)
    """
    return int(log_kappa // SPACING)


def middle_of(cell: int) -> Any:
    """c: ln κ at the middle of a cell, exact.

    Example
    -------
    >>> middle_of(-1)
    -1.87500000000000
    """
    return arb((cell + 0.5) * SPACING)


@dataclass(frozen=True)
class Rule:
    """Where a sum of one order m is taken, how precisely, and how far its interpolant is off."""

    points: int
    """n."""
    bits: int
    """Working precision of the values."""
    excess: Any
    """Bound of the interpolant's error, as a multiple of S(e^(c−h))."""


@lru_cache(maxsize=256)
def rule_for(order: int, precision: int) -> Rule:
    """The rule by which a sum of order m has the relative precision asked for, all over a cell.

    Example
    -------
    >>> rule = rule_for(1, 53)
    >>> bool(rule.excess < 2.0**-53), rule.points < 60
    (True, True)
    """
    if order == 1 or order & (order - 1):
        # Few rules, so that sums of several orders are taken at the same points; the bounds increase with m.
        return rule_for(max(2, 1 << order.bit_length()), precision)
    h = HALF_WIDTH
    # S falls by at most e^(2hm) from one end of the cell to the other.
    bits = precision + GUARD + 2 * h * order / log(2)
    best: tuple[int, float] | None = None
    for share in ANGLES:
        minor = share * pi / h
        rho = minor + sqrt(1 + minor**2)
        height = -order * log(cos(share * pi / 2)) + h * order * ((rho + 1 / rho) / 2 - 1)
        points = 1 + ceil((bits + 2 + height / log(2) - log2(rho - 1)) / log2(rho))
        if best is None or points < best[0]:
            best = (max(points, 4), share)
    assert best is not None
    points, share = best
    with ctx.workprec(64):
        tilt = arb(share) * arb.pi() / h
        ellipse = tilt + (1 + tilt**2).sqrt()
        growth = (h * order * ((ellipse + 1 / ellipse) / 2 - 1)).exp()
        largest = (arb(share) * arb.pi() / 2).cos() ** -order * growth
        excess = (4 * largest * ellipse ** (1 - points) / (ellipse - 1)).upper()
    return Rule(points, ceil(bits + log2(2 * points)) + GUARD, excess)


@lru_cache(maxsize=16)
def _chebyshev_points(points: int, bits: int) -> tuple[Any, ...]:
    with ctx.workprec(bits + 16):
        return tuple(arb.cos_pi_fmpq(fmpq(2 * i + 1, 2 * points)) for i in range(points))


@lru_cache(maxsize=8)
def _cosines(points: int, bits: int) -> Any:
    """Matrix from values at the Chebyshev points to Chebyshev coefficients."""
    with ctx.workprec(bits):
        table = [arb.cos_pi_fmpq(fmpq(k, 2 * points)) * 2 / points for k in range(4 * points)]
        entries = [
            table[k * (2 * i + 1) % (4 * points)] for k in range(points) for i in range(points)
        ]
        entries[:points] = [entry / 2 for entry in entries[:points]]
        return arb_mat(points, points, entries)


def nodes_of(cell: int, rule: Rule) -> tuple[Any, ...]:
    """Balls around the κ at which a sum is to be taken, the images of the Chebyshev points.

    Example
    -------
    >>> nodes = nodes_of(0, rule_for(1, 53))
    >>> bool(nodes[0] < arb(3.875).exp()), bool(nodes[-1] > arb(-0.125).exp())
    (True, True)
    """
    with ctx.workprec(rule.bits):
        middle = middle_of(cell)
        return tuple(
            (middle + HALF_WIDTH * x).exp() for x in _chebyshev_points(rule.points, rule.bits)
        )


class InterpolatedSum:
    """A sum S over one cell, as a polynomial with a proven error.

    Parameters
    ----------
    cell, order
        Number of the cell, and m ≥ 1.
    rule
        That of `rule_for`.
    values
        Balls of S at `nodes_of` the cell, in that order.

    Example
    -------
    >>> rule = rule_for(1, 100)
    >>> with ctx.workprec(rule.bits):
    ...     values = [1 / (3 + kappa) for kappa in nodes_of(0, rule)]
    >>> with ctx.workprec(100):
    ...     value = InterpolatedSum(0, 1, rule, values).at(arb(5), arb(5).log())
    >>> value.contains(arb(1) / 8), bool(value.rad() < 1e-28)
    (True, True)
    """

    def __init__(self, cell: int, order: int, rule: Rule, values: Sequence[Any]) -> None:
        self.order = order
        self.middle = middle_of(cell)
        with ctx.workprec(rule.bits):
            # The last point is near e^(c−h) but not there: S(e^(c−h)) ≤ (κ_n e^(h−c))^m S(κ_n).
            last = nodes_of(cell, rule)[-1]
            end = values[-1] * (last / (self.middle - HALF_WIDTH).exp()) ** order
            worst = arb(0)
            for value in values:
                worst = worst.max(value.rad())
            error = 2 * rule.points * worst
            error += rule.excess * end
        lost = int(LOST * rule.points) + 16
        with ctx.workprec(rule.bits + lost):
            middles = arb_mat(rule.points, 1, [value.mid() for value in values])
            terms = (_cosines(rule.points, rule.bits + lost) * middles).entries()
            coefficients = _in_powers(terms).coeffs()
        with ctx.workprec(rule.bits):
            rounded = [+entry for entry in coefficients]
            rounded[0] += arb(0, error.upper())
        self.polynomial = arb_poly(rounded)
        self.derivative = self.polynomial.derivative()

    def at(self, kappa: Any, log_kappa: Any) -> Any:
        """Ball of S over a ball of κ > 0; the logarithm is that of its midpoint.

        Each term changes by a factor between (κ/κ_mid)^-m and 1 as κ goes through its ball, and so does the sum.

        Raises
        ------
        PrecisionExhausted
            If the midpoint is not certain to lie in the cell.
        """
        place = (log_kappa - self.middle) / HALF_WIDTH
        if not abs(place) <= 1:
            raise PrecisionExhausted("an effective ridge at the edge of what was tabulated")
        value = self.polynomial(place)
        if kappa.is_exact():
            return value
        return value * (kappa / kappa.mid()) ** -self.order

    def slope(self, kappa: Any, log_kappa: Any) -> Any:
        """About S'(κ): the derivative of the interpolant, without a bound; a direction for Newton's method."""
        place = (log_kappa - self.middle) / HALF_WIDTH
        return self.derivative(place) / (HALF_WIDTH * kappa)


def _in_powers(terms: Sequence[Any]) -> Any:
    """Σ c_k T_k as a polynomial, by Clenshaw's recurrence."""
    double = arb_poly([0, 2])
    ahead, beyond = arb_poly([0]), arb_poly([0])
    for term in reversed(terms[1:]):
        ahead, beyond = double * ahead - beyond + term, ahead
    return arb_poly([0, 1]) * ahead - beyond + terms[0]
