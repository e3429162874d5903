"""Sums of s^p Π (s + κ_i)^-m_i over a spectrum in doubles, for many κ at once, by blocks that stay in fast memory.

Every term is positive, and a rounding or an error of s or κ_i changes all of them by nearly the same factor: so one
relative bound holds for the sum, and no column of errors is carried along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from symcollapse.evaluation.rounded import (
    ROUNDOFF,
    Array,
    Rounded,
    from_exact,
    multiply,
    real_power,
)

BLOCK = 2**15
"""Points times levels worked on at a time (256 kB an array)."""

SMALLEST_SUM, LARGEST_SUM = 1e-270, 1e290
"""Between them a term that underflowed is nothing beside the sum, and none has overflowed."""

MOST_FACTORS = 64
"""Σm, beyond which terms are better taken one by one."""


@dataclass(frozen=True)
class Resolvent:
    """The factor (s + κ)^-m."""

    kappa: Rounded
    """κ ≥ 0, shape (points, 1) or (1, 1)."""
    order: int
    """m ≥ 1."""


def resolvent_sum(
    levels: Rounded, weights: Rounded, power: Fraction, resolvents: Sequence[Resolvent]
) -> Rounded | None:
    """Weighted sum of s^p Π (s + κ_i)^-m_i over the levels; None where doubles need more care than is taken here.

    Parameters
    ----------
    levels, weights
        s > 0 and their weights, shape (1, levels).
    power
        p, any rational.
    resolvents
        With orders that sum to at most `MOST_FACTORS`.

    Returns
    -------
    Rounded
        Shape (points, 1), with a bound of the error to first order in the rounding.

    Example
    -------
    >>> def exact(*entries):
    ...     return Rounded(np.array([entries]), np.zeros((1, len(entries))))
    >>> total = resolvent_sum(
    ...     exact(1.0, 3.0), exact(2.0, 1.0), Fraction(1), [Resolvent(exact(1.0), 1)]
    ... )
    >>> float(total.value[0, 0]), bool(total.relative_error[0, 0] < 1e-14)
    (1.75, True)
    """
    orders = [resolvent.order for resolvent in resolvents]
    total_order = sum(orders)
    if levels.value.shape[0] != 1 or weights.value.shape[0] != 1 or total_order > MOST_FACTORS:
        return None
    if any(np.any(resolvent.kappa.value < 0) for resolvent in resolvents):
        return None
    # s^p is taken with the resolvents, as s/(s + κ), as far as it goes; s^p itself may underflow.
    paired = max(0, min(total_order, int(power // 1)))
    front = _front(levels, weights, power - paired)
    shares = _shares(orders, paired)
    relative = np.array(float(np.max(front.relative_error)) + _roundings(front.value.size))
    level_error = float(np.max(levels.relative_error))
    relative = relative + level_error * max(abs(total_order - paired), paired)
    for resolvent in resolvents:
        kappa_error = resolvent.kappa.relative_error
        relative = relative + resolvent.order * (
            np.where(kappa_error > 0, kappa_error, 0.0) + 4 * ROUNDOFF
        )
    signed = bool(np.any(front.value < 0))
    points = max([1, *(resolvent.kappa.value.shape[0] for resolvent in resolvents)])
    values, sizes = np.empty((points, 1)), np.empty((points, 1))
    rows = max(1, BLOCK // levels.value.size)
    with np.errstate(all="ignore"):
        for start in range(0, points, rows):
            part = slice(start, min(start + rows, points))
            term = _terms(
                levels.value, [_rows(r.kappa.value, part) for r in resolvents], orders, shares
            )
            term = front.value if term is None else term * front.value
            values[part] = np.sum(term, axis=-1, keepdims=True)
            sizes[part] = np.sum(np.abs(term), axis=-1, keepdims=True) if signed else values[part]
    if not np.all((np.abs(values) > SMALLEST_SUM) & (sizes < LARGEST_SUM)):
        return None
    return Rounded(values, sizes * relative)


def _front(levels: Rounded, weights: Rounded, power: Fraction) -> Rounded:
    """Weights times what is left of s^p."""
    if power == 0:
        return weights
    exponent = from_exact(float(power), is_exact=Fraction(float(power)) == power)
    return multiply([weights, real_power(levels, exponent)])


def _shares(orders: Sequence[int], paired: int) -> list[int]:
    """How many of its factors 1/(s + κ_i) each resolvent turns into s/(s + κ_i)."""
    shares = []
    for order in orders:
        taken = min(order, paired)
        shares.append(taken)
        paired -= taken
    return shares


def _rows(kappa: Array, part: slice) -> Array:
    return kappa if kappa.shape[0] == 1 else kappa[part]


def _terms(
    levels: Array, kappas: Sequence[Array], orders: Sequence[int], shares: Sequence[int]
) -> Array | None:
    """Π (s/(s + κ))^a (1/(s + κ))^(m − a), shape (points, levels)."""
    product: Array | None = None
    for kappa, order, share in zip(kappas, orders, shares, strict=True):
        total = levels + kappa
        factors = []
        if share:
            factors.append((levels / total, share))
        if order > share:
            factors.append((np.reciprocal(total, out=total), order - share))
        for base, exponent in factors:
            raised = _raised(base, exponent)
            product = raised if product is None else product * raised
    return product


def _raised(base: Array, exponent: int) -> Array:
    """A whole power by repeated squaring."""
    result: Array | None = None
    square = base
    while True:
        if exponent & 1:
            result = square.copy() if result is None else np.multiply(result, square, out=result)
        exponent >>= 1
        if not exponent:
            assert result is not None
            return result
        square = square * square


def _roundings(size: int) -> float:
    """What adding up leaves: NumPy adds pairwise in blocks of 128."""
    return (18 + max(0.0, float(np.log2(size / 128)))) * ROUNDOFF
