"""Confidence sequences: intervals for a mean that hold at all times at once, so that one may look after every draw.

Derivation
    Let x₁, x₂, … be N(m, σ²), with S = Σ(x - m) and Q = Σ(x - m)². The ratios of the x - m to the first of them have a
    law without σ. Let L be the likelihood of these ratios if the mean is m + δσ, over that at δ = 0, with δ drawn from
    N(0, 1/g). Both likelihoods follow from those of the draws by an integral over σ with the weight dσ/σ, and

        L = √(g/(n + g)) · (Q/(Q - S²/(n + g)))^(n/2).

    It is a ratio of likelihoods, so a martingale, of mean 1 at the true m, and by Ville's inequality it ever reaches
    1/risk with probability at most the risk. The m at which it is below 1/risk are an interval about the mean of the
    draws: so many standard errors to each side as `anytime_quantile` says.

What is guaranteed, and what is not
    For normal draws of any mean and variance the risk is exact, at all times together. For others it holds as n grows,
    as that of Student's t does; a guard on the skewness keeps away from where it does not yet hold (see
    `compare_at_any_time`). Without a bound on the draws there is no interval that is right for every law: a rare huge
    draw may always be still to come (Bahadur and Savage, Ann. Math. Statist. 27 (1956)), and no guard sees it before.
    Draws that have been all alike have an interval of no width; of normal draws that is certain, of a coin it is not:
    a mean that hangs on one draw in a hundred is refuted in three of four sequences. Excess risks are smooth functions
    of normal numbers, so they are of the first kind.

Reference
    T. L. Lai, On confidence sequences, Ann. Statist. 4 (1976); H. Wang and A. Ramdas, Anytime-valid t-tests and
    confidence sequences for Gaussian means with unknown variance, Sequential Analysis 44 (2025).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from scipy.special import lambertw

from symcollapse.simulation.trials import binary_exponent
from symcollapse.verification.agreement import (
    Agreement,
    judge_draws,
    require_claim,
    strain_at_quantile,
)

TUNED_FOR = 256
"""Draws at which the interval is narrowest, relative to one that is looked at once.

It is a choice of g, and no assumption: from 64 to 4096 draws the interval is wider by 5 % at most than one that is tuned
for just that number, at a risk of 1e-6.
"""


@dataclass(frozen=True)
class RunningSums:
    """What draws leave behind for the mean, its interval and its guard.

    Example
    -------
    >>> RunningSums.of([1.0, 2.0]).joined(RunningSums.of([3.0])).mean
    2.0
    """

    trials: int
    """Number of draws."""
    mean: float
    """Their mean."""
    squares: float
    """Σ(x - mean)², in units of 4^exponent."""
    cubes: float
    """Σ(x - mean)³, in units of 8^exponent."""
    largest: float
    """The largest draw."""
    exponent: int
    """The draws are of the order of 2^exponent: in these units nothing overflows or vanishes."""

    @classmethod
    def of(cls, draws: Sequence[float]) -> Self:
        """Sums of some draws.

        Raises
        ------
        ValueError
            If there is none, or one is not finite.
        """
        if not len(draws) or not all(math.isfinite(draw) for draw in draws):
            raise ValueError("draws: give at least one, all finite")
        exponent = binary_exponent(draws)
        scaled = [math.ldexp(draw, -exponent) for draw in draws]
        mean = math.fsum(scaled) / len(draws)
        squares = math.fsum((draw - mean) ** 2 for draw in scaled)
        cubes = math.fsum((draw - mean) ** 3 for draw in scaled)
        return cls(len(draws), math.ldexp(mean, exponent), squares, cubes, max(draws), exponent)

    def joined(self, later: "RunningSums") -> "RunningSums":
        """Sums of these draws and of later ones; each about its own mean, so that nothing cancels."""
        first, second = self.trials, later.trials
        count, exponent = first + second, max(self.exponent, later.exponent)
        shifts = self.exponent - exponent, later.exponent - exponent
        means = (math.ldexp(each, -exponent) for each in (self.mean, later.mean))
        own, others = (
            math.ldexp(each.squares, 2 * shift)
            for each, shift in zip((self, later), shifts, strict=True)
        )
        cubes = math.fsum(
            math.ldexp(each.cubes, 3 * shift)
            for each, shift in zip((self, later), shifts, strict=True)
        )
        mean, other = means
        step = other - mean
        shared = step**2 * first * second / count
        cubes += (
            shared * step * (first - second) / count
            + 3 * step * (first * others - second * own) / count
        )  # fmt: skip
        return RunningSums(
            count,
            math.ldexp(mean + step * second / count, exponent),
            own + others + shared,
            cubes,
            max(self.largest, later.largest),
            exponent,
        )

    @property
    def standard_error(self) -> float:
        """Standard deviation of the mean; inf for one draw."""
        count = self.trials
        if count == 1:
            return math.inf
        return math.ldexp(math.sqrt(self.squares / (count - 1) / count), self.exponent)

    @property
    def skewness(self) -> float:
        """Third standardised moment of the draws; 0 if they are all alike."""
        if self.squares == 0:
            return 0.0
        return self.cubes / self.trials / (self.squares / self.trials) ** 1.5


def anytime_quantile(trials: int, risk: float, tuned_for: int = TUNED_FOR) -> float:
    """Half the width of the interval, in standard errors of the mean.

    Parameters
    ----------
    trials
        Number of draws, ≥ 1.
    risk
        Chance that the mean of normal draws is outside the interval of any number of draws, in (0, 1).
    tuned_for
        Draws at which it is narrowest, relative to an interval that is looked at once.

    Returns
    -------
    quantile
        Takes the place of Student's; inf where the draws are too few to bound the mean at all. It grows as the root of
        ln n: that is the price of looking always.

    Reason
        L < 1/risk is (x̄ - m)²·n·(n/(n + g) - 1 + a) < (1 - a)·Σ(x - x̄)² with a = (g·risk²/(n + g))^(1/n). With σ known
        the width at n draws is least for n/g = -1 - W(-risk²/e), on the lower branch of Lambert's W.

    Example
    -------
    >>> from scipy.special import stdtrit
    >>> anytime_quantile(256, 1e-6) / -float(stdtrit(255, 1e-6 / 2)) < 1.2
    True
    >>> anytime_quantile(8, 1e-6)
    inf
    """
    prior = tuned_for / (-1 - float(lambertw(-(risk**2) / math.e, k=-1).real))
    logarithm = math.log(prior / (trials + prior)) + 2 * math.log(risk)
    kept = math.exp(logarithm / trials)
    # n/(n + g) - (1 - a), without a difference of numbers close to 1.
    slope = kept - prior / (trials + prior)
    if slope <= 0 or trials < 2:
        return math.inf
    return math.sqrt((trials - 1) * -math.expm1(logarithm / trials) / slope)


def compare_at_any_time(
    sums: RunningSums,
    prediction: float,
    margin: float,
    risk: float,
    *,
    rounding: float = 0.0,
) -> Agreement:
    """Judge a predicted mean by draws so far; the risk is that of all looks together, however many there are.

    Parameters
    ----------
    sums
        Of independent draws of one nonnegative random variable.
    prediction, margin, rounding
        As for `compare`.
    risk
        Chance one accepts that a verdict is wrong, at any time, in (0, 1).

    Returns
    -------
    agreement
        *shown* if the interval for measured/predicted lies inside 1 ± margin, *refuted* if it lies outside, else
        *cannot tell*. The first verdict that is not *cannot tell* may be kept, and the draws ended.

    Raises
    ------
    ValueError
        If the prediction is negative, or another number is out of its range.

    Applicability and issues
        The interval is that of half the risk. As in `compare`, the other half pays for skewness, which changes the
        chance to leave the interval just then, on its two sides by the factors exp(±s), with s of
        ``strain_at_quantile``: at s ≤ 1 the two together grow by cosh(1) < 2; beyond, the verdict is *cannot tell*.
        That is an expansion, and the skewness in it is measured: the guard is asymptotic, and tested for gamma and
        log-normal draws.

    Example
    -------
    >>> sums = RunningSums.of([0.9, 1.0, 1.1] * 40)
    >>> compare_at_any_time(sums, prediction=1.0, margin=0.05, risk=1e-3).verdict
    'shown'
    >>> compare_at_any_time(sums, prediction=1.2, margin=0.05, risk=1e-3).verdict
    'refuted'
    """
    require_claim(prediction, margin, risk, rounding)
    quantile = anytime_quantile(sums.trials, risk / 2)
    strain = strain_at_quantile(sums.skewness, sums.trials, quantile)
    interval = f"the interval at risk {risk:.1g}"
    return judge_draws(
        sums, sums.largest, quantile, strain, interval, prediction, margin, risk, rounding
    )
