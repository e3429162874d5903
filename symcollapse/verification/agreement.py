"""Agreement of draws with a prediction, as an equivalence test: shown, refuted, or cannot tell.

Too few or too wild draws are no agreement and no refutation, and the verdict says which it was.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from scipy.special import ndtri, stdtrit

from symcollapse.simulation import Simulation

Verdict: TypeAlias = Literal["shown", "refuted", "cannot tell"]
"""Of a claim: measured/predicted lies within 1 ± margin, lies outside, or could be either."""

FEWEST_DRAWS = 30
"""Below, the spread and the skewness of the draws are guesses, and the test is built on both."""


@dataclass(frozen=True)
class Agreement:
    """What draws say about a prediction of their mean."""

    verdict: Verdict
    """Whether measured/predicted lies within 1 ± margin, lies outside, or could be either."""
    ratio_low: float
    """Lower end of the interval for measured/predicted; nan if the prediction allows no ratio."""
    ratio_high: float
    """Upper end."""
    mean: float
    """Measured: the mean of the draws."""
    standard_error: float
    """Standard deviation of the mean."""
    trials: int
    """Number of draws."""
    prediction: float
    """What the formula says."""
    margin: float
    """Relative deviation that one accepts, with a reason, such as O(1/d) of an asymptotic law."""
    risk: float
    """Chance that a verdict "shown" or "refuted" is wrong, over all looks."""
    reason: str
    """The verdict in words, in one line."""


def compare(
    draws: Sequence[float],
    prediction: float,
    margin: float,
    risk: float,
    looks: int = 1,
    *,
    rounding: float = 0.0,
) -> Agreement:
    """Judge a predicted mean of nonnegative random variables by independent draws of them.

    Parameters
    ----------
    draws
        Finite, independent, of one distribution.
    prediction
        Mean that a formula gives, ≥ 0; inf where it has none.
    margin
        Relative deviation that one accepts, in (0, 1).
    risk
        Chance one accepts that a verdict is wrong, in (0, 1).
    looks
        How often the growing draws are judged until there is a verdict; each look gets its share of
        the risk.
    rounding
        Absolute size of the rounding error of a draw: what may stand for zero. It counts only if
        the prediction is no larger: then measured/predicted has no meaning.

    Returns
    -------
    agreement
        *shown* if the interval for measured/predicted lies inside 1 ± margin, *refuted* if it lies
        outside, else *cannot tell*.

    Raises
    ------
    ValueError
        If the prediction is negative, or another number is out of its range.

    Applicability and issues
        The interval is Student's t at half the risk. The other half pays for skewness, which makes
        one tail heavier and the other lighter, by factors exp(±s) to leading order, with s of
        ``skewness_strain``. At s ≤ 1 the two together grow by cosh(1) = 1.54 < 2, so the stated
        risk holds; beyond, the verdict is *cannot tell*. Draws without a variance end there too:
        their measured skewness grows as fast as the √n that it is divided by.

    Example
    -------
    >>> draws = [0.9, 1.0, 1.1] * 40
    >>> compare(draws, prediction=1.0, margin=0.05, risk=1e-3).verdict
    'shown'
    >>> compare(draws, prediction=1.2, margin=0.05, risk=1e-3).verdict
    'refuted'
    >>> compare(draws, prediction=1.07, margin=0.05, risk=1e-3).reason
    'the interval [0.9095, 0.9596] for measured/predicted crosses 1 ± 0.05; draw more'
    """
    _check(draws, prediction, margin, risk, looks, rounding)
    simulation, share = Simulation.of(tuple(draws), seed=0), risk / looks
    quantile = -float(stdtrit(simulation.trials - 1, share / 4))
    strain = skewness_strain(simulation.skewness, simulation.trials, share)
    interval = f"the t interval at risk {share:.1g}"
    return judge_draws(
        simulation, max(draws), quantile, strain, interval, prediction, margin, risk, rounding
    )


class Moments(Protocol):
    """What an interval for a mean takes of the draws."""

    @property
    def trials(self) -> int:
        """Number of draws."""

    @property
    def mean(self) -> float:
        """Their mean."""

    @property
    def standard_error(self) -> float:
        """Standard deviation of the mean."""

    @property
    def skewness(self) -> float:
        """Third standardised moment of the draws."""


def judge_draws(
    draws: Moments,
    largest: float,
    quantile: float,
    strain: float,
    interval: str,
    prediction: float,
    margin: float,
    risk: float,
    rounding: float,
) -> Agreement:
    """Judge a predicted mean by an interval around the measured one, unless there is a reason not to.

    Parameters
    ----------
    draws
        Their moments.
    largest
        The largest of them.
    quantile
        Half the width of the interval, in standard errors; inf if it is not bounded.
    strain
        By ``strain_at_quantile``: above 1 the draws are too skew for the interval.
    interval
        What it is called.
    prediction, margin, risk, rounding
        As for `compare`.

    Example
    -------
    >>> draws = Simulation.of((0.9, 1.0, 1.1) * 40, seed=0)
    >>> judge_draws(draws, 1.1, 5.0, 0.1, "the interval", 1.0, 0.05, 1e-6, 0.0).verdict
    'shown'
    """

    def say(
        verdict: Verdict, reason: str, low: float = math.nan, high: float = math.nan
    ) -> Agreement:
        return Agreement(
            verdict, low, high, draws.mean, draws.standard_error, draws.trials,
            prediction, margin, risk, reason,
        )  # fmt: skip

    if not math.isfinite(prediction):
        return say(
            "cannot tell", "the predicted expectation is infinite or undefined: no mean settles it"
        )
    if draws.trials < FEWEST_DRAWS:
        return say("cannot tell", f"{draws.trials} draws are fewer than {FEWEST_DRAWS}")
    # inf times 0 is nan: draws that are all alike, and too few.
    half_width = math.inf if math.isinf(quantile) else quantile * draws.standard_error
    if prediction <= rounding:
        return say(*judge_zero(draws.mean - half_width, largest, prediction, rounding))
    if math.isinf(quantile):
        return say("cannot tell", f"{draws.trials} draws bound nothing at risk {risk:.1g}")
    low = (draws.mean - half_width) / prediction
    high = (draws.mean + half_width) / prediction
    if strain > 1:
        needed = math.ceil(draws.trials * strain**2)
        return say(
            "cannot tell",
            f"draws of skewness {draws.skewness:.2g} bend {interval}; "
            f"about {needed} draws are needed, there are {draws.trials}",
            low,
            high,
        )
    return say(*judge_interval(low, high, margin), low, high)


def judge_zero(
    low: float, largest: float, prediction: float, rounding: float
) -> tuple[Verdict, str]:
    """Verdict on a prediction of zero, or of less than rounding, and the reason in one line.

    Parameters
    ----------
    low
        Lower end of the interval for the mean.
    largest
        The largest draw.
    prediction, rounding
        As for `compare`.

    Example
    -------
    >>> judge_zero(low=0.0, largest=1e-30, prediction=0.0, rounding=1e-20)
    ('shown', 'no draw is larger than rounding, 1.0e-20')
    """
    claim = "zero" if prediction == 0 else f"{prediction:.3g}"
    if largest > rounding:
        # Positive skewness makes the lower end too low, never too high, so it needs no guard.
        if low > rounding:
            return "refuted", f"{claim} is predicted, the mean is at least {low:.3g}"
        return "cannot tell", f"some draws exceed rounding, {rounding:.1e}, but not clearly"
    if prediction > 0:
        return "cannot tell", f"{claim} is predicted, no more than rounding, {rounding:.1e}"
    return "shown", f"no draw is larger than rounding, {rounding:.1e}"


def judge_interval(low: float, high: float, margin: float) -> tuple[Verdict, str]:
    """Verdict of an interval for measured/predicted, and the reason in one line.

    Example
    -------
    >>> judge_interval(0.99, 1.02, margin=0.05)
    ('shown', 'the interval [0.99, 1.02] for measured/predicted lies inside 1 ± 0.05')
    """
    interval = f"the interval [{low:.4g}, {high:.4g}] for measured/predicted"
    if 1 - margin <= low and high <= 1 + margin:
        return "shown", f"{interval} lies inside 1 ± {margin:g}"
    if high < 1 - margin or low > 1 + margin:
        return "refuted", f"{interval} lies outside 1 ± {margin:g}"
    return "cannot tell", f"{interval} crosses 1 ± {margin:g}; draw more"


def skewness_strain(skewness: float, trials: int, risk: float) -> float:
    """Logarithm of the factor by which skewness changes the tails that the t interval cuts off.

    Parameters
    ----------
    skewness
        Third standardised moment of one draw.
    trials
        Number of draws.
    risk
        Probability of both tails together.

    Returns
    -------
    strain
        First term of the Edgeworth expansion of Student's t, relative to the normal tail; at small
        risks it becomes the leading term γx³/(3√n) of the exponent in Cramér's theorem for t.

    Reference
        P. Hall, Edgeworth expansion for Student's t statistic under minimal moment conditions, Ann.
        Probab. 15 (1987): the term is γ(2x² + 1)φ(x)/(6√n); the tail is 1 - Φ(x) ≈ φ(x)/x.

    Example
    -------
    >>> skewness_strain(0.5, 400, 1e-6) < 1 < skewness_strain(2.0, 400, 1e-6)
    True
    """
    return strain_at_quantile(skewness, trials, -float(ndtri(risk / 2)))


def strain_at_quantile(skewness: float, trials: int, quantile: float) -> float:
    """The same for an interval of so many standard errors to each side.

    Example
    -------
    >>> strain_at_quantile(0.4, 400, 4.9) < 1 < strain_at_quantile(2.0, 400, 4.9)
    True
    """
    return abs(skewness) / math.sqrt(trials) * quantile * (2 * quantile**2 + 1) / 6


def _check(
    draws: Sequence[float],
    prediction: float,
    margin: float,
    risk: float,
    looks: int,
    rounding: float,
) -> None:
    if not draws or not all(math.isfinite(draw) for draw in draws):
        raise ValueError("draws: give at least one, all finite")
    require_claim(prediction, margin, risk, rounding)
    if looks < 1:
        raise ValueError(f"looks = {looks}: give an integer >= 1")


def require_claim(prediction: float, margin: float, risk: float, rounding: float) -> None:
    """Refuse a claim whose numbers are out of range.

    Raises
    ------
    ValueError
        With the number, and what to give.

    Example
    -------
    >>> require_claim(prediction=1.0, margin=0.1, risk=1e-6, rounding=0.0)
    """
    if prediction < 0:
        raise ValueError(f"prediction = {prediction:g}: an excess risk is never negative")
    if not 0 < margin < 1:
        raise ValueError(f"margin = {margin:g}: give a number between 0 and 1")
    if not 0 < risk < 1:
        raise ValueError(f"risk = {risk:g}: give a number between 0 and 1")
    if not rounding >= 0:
        raise ValueError(f"rounding = {rounding:g}: give a number >= 0")
