"""Gauss rules of measures on whole numbers, on an interval, and of any list of points with positive weights.

The first two have recurrence coefficients in closed form; those of a list are found by Stieltjes' procedure. Everything
is done in balls and rounded once.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from flint import arb, arb_poly, ctx

from symcollapse.evaluation.rounded import Array

RULE_BITS = 120
"""Working precision in which nodes and weights are found, before they are rounded once."""

LOST = 6
"""Bits per degree by which balls widen, in the recurrence and in polynomials written in powers."""


@cache
def gauss_rule(order: int, length: int | None) -> tuple[Array, Array]:
    """Gauss rule of K nodes for N whole numbers around 0, or for [−1, 1] if no number is given.

    Returns
    -------
    nodes, weights
        Correctly rounded but for the last place; the weights sum to N, or to 2.

    Example
    -------
    >>> nodes, weights = gauss_rule(3, 101)
    >>> round(float(np.sum(weights * nodes**4)), 6) == sum(j**4 for j in range(-50, 51))
    True
    """
    with ctx.workprec(RULE_BITS + LOST * order):
        total = arb(2) if length is None else arb(length)
        couplings = [_coupling(k, length) for k in range(1, order)]
        pairs = _rule_of([arb(0)] * order, [total, *couplings])
    return np.array([float(x) for x, _ in pairs]), np.array([float(w) for _, w in pairs])


def interval_rule(order: int, start: float, end: float) -> tuple[Array, Array]:
    """Gauss rule for the integral over [start, end], in the variable ln z and for functions times z.

    Returns
    -------
    nodes, weights
        Correctly rounded but for the last place.

    Example
    -------
    >>> nodes, weights = interval_rule(8, 2.0, 6.0)
    >>> round(float(np.sum(weights)), 9), round(float(np.sum(weights * nodes)), 6)
    (4.0, 16.0)
    """
    with ctx.workprec(RULE_BITS + LOST * order):
        couplings = [_coupling(k, None) for k in range(1, order)]
        half = _half(start, end)
        # dz = z du, and du is half times that of [−1, 1].
        return _in_positions(_rule_of([arb(0)] * order, [2 * half, *couplings]), start, half)


def reduced_rule(
    order: int, positions: Array, weights: Array, start: float, end: float
) -> tuple[Array, Array]:
    """The Gauss rule of fewer nodes for the same sums, in the variable ln z and for functions times z.

    It is exact wherever z·f(z) is a polynomial of degree 2K − 1 in ln z, against the sum over the given points.

    Parameters
    ----------
    order
        K, less than the number of points.
    positions, weights
        Points z > 0 and their positive weights.
    start, end
        An interval that holds the points.

    Returns
    -------
    nodes, weights
        Positive; correctly rounded but for the last place.

    Example
    -------
    >>> z = np.arange(10.0, 100.0)
    >>> nodes, weights = reduced_rule(12, z, np.ones(90), 9.5, 99.5)
    >>> round(float(np.sum(weights / nodes) - np.sum(1 / z)), 12)
    0.0
    >>> round(float(np.sum(weights / (1 + nodes)) - np.sum(1 / (1 + z))), 9)
    0.0
    """
    with ctx.workprec(RULE_BITS + LOST * order):
        half = _half(start, end)
        middle = arb(start).log() + half
        exact = [arb(float(z)) for z in positions]
        points = [((z.log() - middle) / half).mid() for z in exact]
        shares = [(arb(float(w)) / z).mid() for w, z in zip(weights, exact, strict=True)]
        return _in_positions(_rule_of(*_stieltjes(order, points, shares)), start, half)


def _half(start: float, end: float) -> arb:
    return (arb(end) / arb(start)).log() / 2


def _in_positions(pairs: Sequence[tuple[arb, arb]], start: float, half: arb) -> tuple[Array, Array]:
    """From places in [−1, 1] to positions z; the weights times z."""
    nodes = [arb(start) * (half * (1 + x)).exp() for x, _ in pairs]
    weights = [w * z for z, (_, w) in zip(nodes, pairs, strict=True)]
    return np.array([float(z) for z in nodes]), np.array([float(w) for w in weights])


def _coupling(k: int, length: int | None) -> arb:
    square = arb(k * k)
    return square / (4 * square - 1) * (1 if length is None else (arb(length) ** 2 - square) / 4)


def _stieltjes(
    order: int, points: Sequence[arb], shares: Sequence[arb]
) -> tuple[list[arb], list[arb]]:
    """Recurrence coefficients of the orthogonal polynomials of a list: middles, and couplings with the mass in front."""
    below, here = [arb(0)] * len(points), [arb(1)] * len(points)
    middles: list[arb] = []
    couplings: list[arb] = []
    norm = arb(1)
    for _ in range(order):
        squares = [w * p * p for w, p in zip(shares, here, strict=True)]
        now = sum(squares, arb(0)).mid()
        middles.append(
            (sum((q * x for q, x in zip(squares, points, strict=True)), arb(0)) / now).mid()
        )
        couplings.append((now / norm).mid())
        norm = now
        a, b = middles[-1], couplings[-1]
        following = [
            ((x - a) * p - b * q).mid() for x, p, q in zip(points, here, below, strict=True)
        ]
        below, here = here, following
    return middles, couplings


def _rule_of(middles: Sequence[arb], couplings: Sequence[arb]) -> list[tuple[arb, arb]]:
    """Nodes and weights h/(p'·p of the degree below) from a recurrence whose first coupling is the mass."""
    off = np.sqrt([float(b) for b in couplings[1:]])
    matrix = np.diag([float(a) for a in middles])
    if off.size:
        matrix = matrix + np.diag(off, 1) + np.diag(off, -1)
    below, here = arb_poly([0]), arb_poly([1])
    norm = couplings[0]
    for place, (a, b) in enumerate(zip(middles, couplings, strict=True)):
        below, here = here, arb_poly([-a, 1]) * here - (below * b if place else arb_poly([0]))
        norm = norm * b if place else norm
    slope = here.derivative()
    pairs = []
    for start in np.linalg.eigvalsh(matrix):
        x = arb(float(start))
        # Right to some 50 bits at first: a step doubles them, two are enough, a third is for clustered nodes.
        for _ in range(3):
            x = (x - here(x) / slope(x)).mid()
        pairs.append((x, norm / (slope(x) * below(x))))
    return pairs
