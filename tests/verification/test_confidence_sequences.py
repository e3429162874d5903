"""Looking after every draw costs no more than the stated risk; with Student's interval it costs much more."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from symcollapse.verification.agreement import FEWEST_DRAWS
from symcollapse.verification.confidence_sequences import (
    RunningSums,
    anytime_quantile,
    compare_at_any_time,
)

RISK = 0.05
REPETITIONS = 1000
LONGEST = 3000
"""Draws of each repetition, with a look after every one of them."""

MOST_ALARMS = int(stats.binom.isf(1e-6, REPETITIONS, RISK))
"""Alarms that a test of risk 0.05 exceeds once in a million: 85 of 1000."""

LAWS: dict[str, tuple[Callable[[np.random.Generator, tuple[int, int]], np.ndarray], float]] = {
    "normal": (lambda generator, size: generator.normal(3, 1, size), 3.0),
    "gamma": (lambda generator, size: generator.gamma(2, size=size), 2.0),
    "gamma of few degrees": (lambda generator, size: generator.gamma(0.5, size=size), 0.5),
    "log-normal": (lambda generator, size: generator.lognormal(0, 0.5, size), math.exp(0.125)),
    "wide log-normal": (lambda generator, size: generator.lognormal(size=size), math.exp(0.5)),
}


def quantiles(risk: float) -> np.ndarray:
    """Half widths in standard errors after 1, 2, … draws."""
    return np.array([anytime_quantile(count, risk) for count in range(1, LONGEST + 1)])


def standard(draws: np.ndarray, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Distance of the mean of the first draws from the true one, in standard errors, and skewness, at every look."""
    count = np.arange(1, LONGEST + 1)
    centred = draws - mean
    first, second, third = (np.cumsum(centred**power, axis=1) / count for power in (1, 2, 3))
    variance = second - first**2
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(first) / np.sqrt(variance / (count - 1))
        skewness = (third - 3 * first * second + 2 * first**3) / variance**1.5
    return distance, skewness


def alarms(name: str, levels: np.ndarray, *, guarded: bool) -> int:
    """Repetitions in which the true mean is ever outside, from the fewest draws on."""
    draw, mean = LAWS[name]
    count = np.arange(1, LONGEST + 1)
    found = 0
    for part in range(4):
        generator = np.random.default_rng([15, part])
        draws = draw(generator, (REPETITIONS // 4, LONGEST))
        distance, skewness = standard(draws, mean)
        outside = distance > levels
        if guarded:
            with np.errstate(invalid="ignore"):  # few draws: no interval, and no skewness
                strain = np.abs(skewness) / np.sqrt(count) * levels * (2 * levels**2 + 1) / 6
            outside &= strain <= 1
        found += int(np.count_nonzero(outside[:, FEWEST_DRAWS - 1 :].any(axis=1)))
    return found


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", LAWS)
def test_looking_after_every_draw_keeps_the_risk(name: str) -> None:
    assert alarms(name, quantiles(RISK / 2), guarded=True) <= MOST_ALARMS


@pytest.mark.monte_carlo
def test_the_whole_risk_is_right_for_normal_draws_and_hardly_wasted() -> None:
    found = alarms("normal", quantiles(RISK), guarded=False)
    # Ville's inequality is sharp but for draws not yet made; a tenth of the risk would be a test that says nothing.
    assert REPETITIONS * RISK / 10 < found <= MOST_ALARMS


@pytest.mark.monte_carlo
def test_student_s_interval_looked_at_always_is_caught() -> None:
    levels = np.append(math.inf, -stats.t.ppf(RISK / 2, np.arange(1, LONGEST)))
    assert alarms("normal", levels, guarded=False) > 5 * REPETITIONS * RISK


@pytest.mark.monte_carlo
def test_without_the_guard_skewed_draws_would_break_the_risk() -> None:
    assert alarms("wide log-normal", quantiles(RISK), guarded=False) > MOST_ALARMS


@pytest.mark.parametrize(("trials", "risk"), [(40, 0.05), (80, 1e-3), (150, 1e-6)])
def test_the_quantile_is_where_the_mixed_likelihood_is_one_over_the_risk(
    trials: int, risk: float
) -> None:
    # The second route: the integral over effect sizes of the density of Student's t, with no closed form in between.
    quantile = anytime_quantile(trials, risk, tuned_for=256)
    prior = 256 / (-1 - float(np.real(_lower_lambert(-(risk**2) / math.e))))

    def weighed(effect: float) -> float:
        ratio = stats.nct.pdf(quantile, trials - 1, effect * math.sqrt(trials)) / stats.t.pdf(
            quantile, trials - 1
        )
        return float(ratio * stats.norm.pdf(effect, scale=prior**-0.5))

    peak = quantile / math.sqrt(trials)
    width = 12 / math.sqrt(trials)
    mixed = quad(weighed, peak - width, peak + width, points=[peak], epsrel=1e-9, limit=200)[0]
    # The tolerance allows for the noncentral t of SciPy, to nine digits, and the ends of the integral, 12 deviations.
    assert mixed == pytest.approx(1 / risk, rel=1e-6)


def _lower_lambert(argument: float) -> float:
    """W on its lower branch, by bisection."""
    low, high = -200.0, -1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * math.exp(middle) > argument else (low, middle)
    return high


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
)
def test_joined_sums_are_the_sums_of_all(earlier: list[float], later: list[float]) -> None:
    joined = RunningSums.of(earlier).joined(RunningSums.of(later))
    whole = RunningSums.of(earlier + later)
    assert (joined.trials, joined.largest) == (whole.trials, whole.largest)
    assert joined.exponent == whole.exponent
    # Roundings of some sixty sums of numbers up to 1e3; squares and cubes are of such numbers below 1.
    assert joined.mean == pytest.approx(whole.mean, rel=1e-12, abs=1e-12 * 1e3)
    assert joined.squares == pytest.approx(whole.squares, rel=1e-12, abs=1e-12)
    assert joined.cubes == pytest.approx(whole.cubes, rel=1e-12, abs=1e-11)


def test_a_large_mean_costs_no_digits() -> None:
    draws = [1e9 + level for level in (0.0, 1.0, 2.0)] * 20
    shifted = RunningSums.of([draw - 1e9 for draw in draws])
    halves = RunningSums.of(draws[:31]).joined(RunningSums.of(draws[31:]))
    # A mean near 1e9 is rounded to 1e-7, which enters the squares once.
    assert halves.standard_error == pytest.approx(shifted.standard_error, rel=1e-6)


@pytest.mark.parametrize("power", [-1000, -400, 340, 1010])
def test_the_unit_of_the_draws_does_not_matter(power: int) -> None:
    # Cubes of such draws are no doubles. Skewed, so that a guard that is lost would show.
    draws = np.ldexp(np.random.default_rng(1).gamma(0.5, size=400), power).tolist()
    plain = [math.ldexp(draw, -power) for draw in draws]
    sums = RunningSums.of([0.0] * 40).joined(RunningSums.of(draws[:150]))
    sums = sums.joined(RunningSums.of(draws[150:]))
    whole = RunningSums.of([0.0] * 40 + plain)
    # Roundings of 440 sums.
    assert sums.skewness == pytest.approx(whole.skewness, rel=1e-12)
    assert math.ldexp(sums.standard_error, -power) == pytest.approx(whole.standard_error, rel=1e-12)
    prediction = math.ldexp(1.5 * whole.mean, power)
    assert compare_at_any_time(sums, prediction, 0.3, 1e-3).verdict == "cannot tell"
    even = RunningSums.of([math.ldexp(1.0 + place % 2, power) for place in range(200)])
    for times, verdict in ((1.5, "shown"), (3.0, "refuted")):
        claim = math.ldexp(times, power)
        assert compare_at_any_time(even, claim, 0.3, 1e-3).verdict == verdict


def test_close_is_shown_far_is_refuted_between_is_undecided() -> None:
    levels = (np.arange(1000) + 0.5) / 1000
    sums = RunningSums.of((1 + 0.5 * stats.norm.ppf(levels)).tolist())
    assert compare_at_any_time(sums, 1.0, 0.12, 1e-6).verdict == "shown"
    assert compare_at_any_time(sums, 1.3, 0.1, 1e-6).verdict == "refuted"
    assert compare_at_any_time(sums, 0.8, 0.1, 1e-6).verdict == "refuted"
    assert compare_at_any_time(sums, 1.1, 0.1, 1e-6).verdict == "cannot tell"


def test_what_settles_nothing_is_said() -> None:
    few, some = RunningSums.of([1.0, 1.1] * 10), RunningSums.of([1.0, 1.1] * 20)
    assert "fewer than" in compare_at_any_time(few, 1.0, 0.1, 1e-3).reason
    assert "infinite" in compare_at_any_time(some, math.inf, 0.1, 1e-3).reason
    assert "bound nothing" in compare_at_any_time(some, 1.0, 0.1, 1e-30).reason
    skewed = RunningSums.of([1.0] * 200 + [9.0])
    assert "skewness" in compare_at_any_time(skewed, 1.0, 0.5, 1e-3).reason


def test_zero_is_shown_by_rounding_and_refuted_by_more() -> None:
    tiny = RunningSums.of([1e-25] * 40)
    assert compare_at_any_time(tiny, 0.0, 0.1, 1e-3, rounding=1e-20).verdict == "shown"
    assert compare_at_any_time(tiny, 0.0, 0.1, 1e-3).verdict == "refuted"
    # Less than rounding can be refuted by more than rounding, and not be shown.
    assert compare_at_any_time(tiny, 1e-30, 0.1, 1e-3, rounding=1e-20).verdict == "cannot tell"
    assert compare_at_any_time(tiny, 1e-25, 0.1, 1e-3, rounding=1e-20).verdict == "cannot tell"
    large = RunningSums.of([1.0, 1.1] * 40)
    assert compare_at_any_time(large, 1e-25, 0.1, 1e-3, rounding=1e-20).verdict == "refuted"
    one = RunningSums.of([*[0.0] * 39, 1e-3])
    assert compare_at_any_time(one, 0.0, 0.1, 1e-3, rounding=1e-20).verdict == "cannot tell"


def test_draws_and_numbers_out_of_range_are_refused() -> None:
    for draws in ([], [1.0, math.nan]):
        with pytest.raises(ValueError, match="draws"):
            RunningSums.of(draws)
    with pytest.raises(ValueError, match="risk"):
        compare_at_any_time(RunningSums.of([1.0] * 40), 1.0, 0.1, 0.0)
