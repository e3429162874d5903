"""A budget of samples split over least-squares fits, in closed form and over the integers.

Where every fit is least squares on fresh inputs of its own the error is Σ_m a_m/(T_m − e), e = d in the proportional
limit and e = d + 1 exactly (T_m ≥ d + 2), with a_m = d times the noise of fit m as the tested predictor receives it.

**Real numbers.** Each term is convex, so the stationary point of Lagrange's function is the minimum:
T_m = e + (B − ne)·√a_m/Σ√a, with the least error (Σ√a)²/(B − ne). The equal split costs n·Σa/(Σ√a)² times as much, ≥ 1
by Cauchy's inequality.

**Integers.** For a sum of convex functions of one number each, a split that no move of one sample from one fit to
another improves is the best of all: along any way to a better split the gains of the single moves would only shrink.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from sympy import Add, Expr, Integer, Rational, sqrt

from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import placeholder
from symcollapse.optima.least_squares_mixing import one_generation


@dataclass(frozen=True)
class SplitBudget:
    """A budget split over fits, over the real numbers.

    Example
    -------
    >>> split_budget([Integer(1), Integer(4)], Integer(3), Integer(36)).samples
    (13, 23)
    """

    samples: tuple[Expr, ...]
    """T_m*."""
    error: Expr
    """Least error."""
    equal_error: Expr
    """Error of the equal split."""

    @property
    def price_of_equal(self) -> Expr:
        """Error of the equal split over the least one."""
        return self.equal_error / self.error


def received_noises(
    noises: list[Expr], real_noises: list[Expr], weights: list[Expr], dimension: Expr
) -> list[Expr]:
    """The a_m of fits in order of time: d times the variance of each fit's noise as the last predictor receives it.

    The error of a chain is linear in the shares c_m = 1/(T_m − e); a_m is its coefficient.

    Parameters
    ----------
    noises, real_noises, weights
        σ, σ_r and ω of each fit.
    dimension
        The number d.

    Example
    -------
    >>> one, half = Integer(1), Rational(1, 2)
    >>> received_noises([one, one], [one, one], [half, half], Integer(8))
    [1, 4]
    """
    error: Expr = Integer(0)
    shares = [placeholder("c") for _ in noises]
    for noise, real_noise, weight, share in zip(noises, real_noises, weights, shares, strict=True):
        own = one_generation(Integer(0), weight, noise, real_noise) * share * dimension
        error = one_generation(error, weight, Integer(0), Integer(0)) + own
    return [error.diff(share) for share in shares]


def split_budget(received: list[Expr], edge: Expr, budget: Expr) -> SplitBudget:
    """The best split of a budget over fits, over the real numbers.

    Parameters
    ----------
    received
        The a_m; numbers or symbols, not all 0.
    edge
        The e: d in the proportional limit, d + 1 exactly.
    budget
        B > n·e.

    Raises
    ------
    NotSupported
        If no label has noise, or the budget is too small.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension, generator_symbols, samples
    >>> first, second = (generator_symbols(k)[1] for k in (0, 1))
    >>> split_budget([dimension * first**2, dimension * second**2], dimension, samples).error
    (sqrt(d)*sigma_0 + sqrt(d)*sigma_1)**2/(T - 2*d)
    """
    if all(each == 0 for each in received):
        raise NotSupported("no label has noise: every split is best")
    left = budget - len(received) * edge
    if left.is_nonpositive:
        raise NotSupported(
            f"budget = {budget}: least squares on {len(received)} fits needs more than {len(received) * edge} samples"
        )
    roots = [sqrt(each) for each in received]
    total = Add(*roots)
    return SplitBudget(
        samples=tuple(edge + left * root / total for root in roots),
        error=total**2 / left,
        equal_error=len(received) * Add(*received) / left,
    )


def split_in_integers(received: list[Fraction], edge: int, budget: int) -> list[int]:
    """The best split of a budget into integers T_m > e, proven by exact comparisons.

    Parameters
    ----------
    received
        The a_m ≥ 0.
    edge
        The e.
    budget
        B ≥ n·(e + 1).

    Raises
    ------
    NotSupported
        If the budget is too small.

    Example
    -------
    >>> split_in_integers([Fraction(1), Fraction(4)], 3, 37)
    [13, 24]
    """
    count = len(received)
    if budget < count * (edge + 1):
        raise NotSupported(
            f"budget = {budget}: least squares on {count} fits needs {count * (edge + 1)} samples or more"
        )
    left = budget - count * edge
    # Square roots to 64 binary places are a start near the end; the exchanges decide.
    roots = [isqrt((each.numerator << 128) // each.denominator) for each in received]
    total = sum(roots) or 1
    parts = [max(1, left * root // total) for root in roots]
    while sum(parts) > left:
        giver = min(range(count), key=lambda m: _loss(received[m], parts[m]))
        parts[giver] -= 1
    while sum(parts) < left:
        taker = max(range(count), key=lambda m: _gain(received[m], parts[m]))
        parts[taker] += 1
    while True:
        taker = max(range(count), key=lambda m: _gain(received[m], parts[m]))
        giver = min(range(count), key=lambda m: _loss(received[m], parts[m]))
        if not _gain(received[taker], parts[taker]) > _loss(received[giver], parts[giver]):
            return [edge + part for part in parts]
        parts[taker] += 1
        parts[giver] -= 1


def is_best_split(received: list[Fraction], edge: int, split: list[int]) -> bool:
    """Whether a split into integers is the best: no move of one sample lowers the error.

    Example
    -------
    >>> is_best_split([Fraction(1), Fraction(4)], 3, [18, 19])
    False
    """
    parts = [samples - edge for samples in split]
    gains = [_gain(each, part) for each, part in zip(received, parts, strict=True)]
    losses: list[Any] = [_loss(each, part) for each, part in zip(received, parts, strict=True)]
    return all(
        not gains[taker] > losses[giver]
        for taker in range(len(parts))
        for giver in range(len(parts))
        if taker != giver
    )


def _gain(received: Fraction, part: int) -> Fraction:
    """By how much one sample more lowers a/part."""
    return received / part - received / (part + 1)


def _loss(received: Fraction, part: int) -> Any:
    """By how much one sample less raises a/part."""
    return received / (part - 1) - received / part if part > 1 else float("inf")


def as_fraction(number: Expr) -> Fraction:
    """An exact rational as Python has it.

    Raises
    ------
    NotSupported
        If the number is not rational.

    Example
    -------
    >>> as_fraction(Rational(1, 3))
    Fraction(1, 3)
    """
    if not isinstance(number, Rational):
        raise NotSupported(f"{number}: exact comparisons need rational noises and weights")
    return Fraction(int(number.p), int(number.q))
