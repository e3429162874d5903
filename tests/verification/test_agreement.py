"""The verdict is right as often as it says, and each guard says no to what it guards against."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.verification import compare, verify_prediction
from symcollapse.verification.agreement import skewness_strain
from symcollapse.verification.sequential import look_sizes

REPETITIONS = 2000
RISK = 1e-2
MOST_WRONG = int(stats.binom.isf(1e-6, REPETITIONS, RISK))
"""Wrong verdicts that a test of this risk exceeds once in a million: 45 of 2000."""


def normal_draws(count: int, mean: float = 1.0, spread: float = 0.5) -> list[float]:
    """Quantiles of a normal law: as many draws as asked, without luck."""
    levels = (np.arange(count) + 0.5) / count
    return (mean + spread * stats.norm.ppf(levels)).tolist()


DISTRIBUTIONS: dict[str, tuple[Callable[[np.random.Generator, int], np.ndarray], float]] = {
    "normal": (lambda generator, size: generator.normal(3, 1, size), 3.0),
    "exponential": (lambda generator, size: generator.exponential(size=size), 1.0),
    "chi-square": (lambda generator, size: generator.chisquare(1, size), 1.0),
    "lognormal": (lambda generator, size: generator.lognormal(size=size), math.exp(0.5)),
    "without variance": (lambda generator, size: generator.pareto(1.8, size), 1 / 0.8),
}


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_verdicts_are_wrong_no_more_often_than_the_risk(name: str) -> None:
    draw, mean = DISTRIBUTIONS[name]
    generator = np.random.default_rng(11)
    false_refuted = false_shown = 0
    for _ in range(REPETITIONS // 2):
        draws = draw(generator, 120).tolist()
        # The truth, with hardly a margin; and a prediction whose ratio is just outside the margin.
        false_refuted += compare(draws, mean, 1e-9, RISK).verdict == "refuted"
        false_shown += compare(draws, mean / 1.9001, 0.9, RISK).verdict == "shown"
    assert false_refuted <= MOST_WRONG // 2
    assert false_shown <= MOST_WRONG // 2


@pytest.mark.monte_carlo
def test_the_false_alarm_rate_of_normal_draws_is_half_the_risk() -> None:
    generator = np.random.default_rng(12)
    wrong = sum(
        compare(generator.normal(3, 1, 60).tolist(), 3.0, 1e-9, RISK).verdict == "refuted"
        for _ in range(REPETITIONS)
    )
    # The other half is the price of the skewness that there might be. No alarm at all would be a
    # test that cannot fail: its chance is exp(-10).
    assert 1 <= wrong <= MOST_WRONG


def test_without_the_guard_skewed_draws_would_break_the_risk() -> None:
    draw, mean = DISTRIBUTIONS["lognormal"]
    generator = np.random.default_rng(13)
    samples = draw(generator, (REPETITIONS, 60))  # type: ignore[arg-type]
    half_width = stats.t.isf(RISK / 2, 59) * samples.std(axis=1, ddof=1) / math.sqrt(60)
    wrong = np.count_nonzero(np.abs(samples.mean(axis=1) - mean) > half_width)
    assert wrong > MOST_WRONG


def test_close_is_shown_far_is_refuted_between_is_undecided() -> None:
    draws = normal_draws(1000)
    assert compare(draws, 1.0, 0.1, 1e-6).verdict == "shown"
    assert compare(draws, 1.3, 0.1, 1e-6).verdict == "refuted"
    assert compare(draws, 0.8, 0.1, 1e-6).verdict == "refuted"
    assert compare(draws, 1.1, 0.1, 1e-6).verdict == "cannot tell"
    assert compare(draws, 1.0, 0.01, 1e-6).verdict == "cannot tell"


def test_more_looks_widen_the_interval() -> None:
    draws = normal_draws(1000)
    one, seven = compare(draws, 1.0, 0.1, 1e-3), compare(draws, 1.0, 0.1, 1e-3, looks=7)
    assert seven.ratio_low < one.ratio_low < 1 < one.ratio_high < seven.ratio_high


def test_the_agreement_carries_its_evidence() -> None:
    agreement = compare(normal_draws(400), 1.25, 0.1, 1e-3)
    assert agreement.trials == 400
    assert math.isclose(agreement.mean, 1.0)
    assert math.isclose(agreement.standard_error, 0.5 / 20, rel_tol=0.02)
    quantile = stats.t.isf(1e-3 / 4, 399)
    assert math.isclose(
        agreement.ratio_high, (agreement.mean + quantile * agreement.standard_error) / 1.25
    )
    assert "outside 1 ± 0.1" in agreement.reason
    assert "\n" not in agreement.reason


def test_few_draws_are_no_evidence() -> None:
    draws = normal_draws(29, spread=1e-6)
    agreement = compare(draws, 1.0, 0.1, 1e-3)
    assert (agreement.verdict, agreement.reason) == ("cannot tell", "29 draws are fewer than 30")
    assert compare([*draws, 1.0], 1.0, 0.1, 1e-3).verdict == "shown"


def test_skewed_draws_are_no_evidence_until_there_are_enough() -> None:
    def exponential(count: int) -> list[float]:
        return stats.expon.ppf((np.arange(count) + 0.5) / count).tolist()

    agreement = compare(exponential(1000), 1.0, 0.9, 1e-6)
    assert agreement.verdict == "cannot tell"
    assert "skewness" in agreement.reason
    assert compare(exponential(1000), 3.0, 0.1, 1e-6).verdict == "cannot tell"
    assert compare(exponential(8000), 1.0, 0.1, 1e-6).verdict == "shown"


def test_the_strain_of_skewness_is_the_edgeworth_term() -> None:
    # γ(2x² + 1)φ(x)/(6√n) over the tail φ(x)/x, at the two-sided 5 % point x = 1.96.
    x = 1.959963984540054
    expected = 0.7 * (2 * x**2 + 1) * x / (6 * math.sqrt(50))
    assert math.isclose(skewness_strain(-0.7, 50, 0.05), expected, rel_tol=1e-12)


def test_zero_is_shown_by_rounding_and_refuted_by_more() -> None:
    tiny = [1e-25] * 40
    assert compare(tiny, 0.0, 0.1, 1e-6, rounding=1e-20).verdict == "shown"
    assert compare(tiny, 0.0, 0.1, 1e-6).verdict == "refuted"
    assert compare(normal_draws(40), 0.0, 0.1, 1e-6, rounding=1e-20).verdict == "refuted"
    assert compare([*[0.0] * 39, 1e-3], 0.0, 0.1, 1e-6, rounding=1e-20).verdict == "cannot tell"
    assert math.isnan(compare(tiny, 0.0, 0.1, 1e-6).ratio_low)


@pytest.mark.parametrize("prediction", [math.inf, math.nan])
def test_an_infinite_expectation_is_not_settled_by_draws(prediction: float) -> None:
    agreement = compare(normal_draws(1000), prediction, 0.1, 1e-6)
    assert agreement.verdict == "cannot tell"
    assert "infinite" in agreement.reason


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"prediction": -1.0}, "never negative"),
        ({"margin": 0.0}, "margin"),
        ({"margin": 1.0}, "margin"),
        ({"risk": 0.0}, "risk"),
        ({"risk": 1.0}, "risk"),
        ({"looks": 0}, "looks"),
        ({"rounding": -1.0}, "rounding"),
        ({"draws": []}, "draws"),
        ({"draws": [1.0, math.nan]}, "draws"),
    ],
)
def test_numbers_out_of_range_are_refused(numbers: dict[str, float], says: str) -> None:
    usual = {"draws": normal_draws(40), "prediction": 1.0, "margin": 0.1, "risk": 1e-3}
    with pytest.raises(ValueError, match=says):
        compare(**{**usual, **numbers})  # type: ignore[arg-type]


CHAIN = Problem(
    IsotropicSpectrum(20),
    UniformTarget(1),
    (Generation(60, "1/5", repeat=3),),
    Downstream(80, "1/10"),
)
LAW = 3 * 0.04 * 20 / (60 - 20 - 1) + 0.01 * 20 / (80 - 20 - 1)


def test_a_sequence_stops_when_it_is_decided() -> None:
    reports: list[tuple[int, int]] = []
    agreement = verify_prediction(CHAIN, LAW, 0.1, progress=lambda *n: reports.append(n))
    assert agreement.verdict == "shown"
    assert 64 <= agreement.trials < 4096
    assert agreement.risk == 1e-6
    assert reports[-1] == (agreement.trials, agreement.trials)
    assert [done for done, _ in reports] == list(range(1, agreement.trials + 1))


def test_a_sequence_refutes_a_generation_too_few() -> None:
    wrong = LAW - 0.04 * 20 / (60 - 20 - 1)
    assert verify_prediction(CHAIN, wrong, 0.1).verdict == "refuted"


def test_a_sequence_ends_at_the_most_trials() -> None:
    agreement = verify_prediction(CHAIN, LAW, 1e-4, most_trials=100)
    assert (agreement.verdict, agreement.trials) == ("cannot tell", 100)


def test_a_sequence_does_not_chase_an_infinite_expectation() -> None:
    assert verify_prediction(CHAIN, math.inf, 0.1).trials == 64


def test_noiseless_recovery_is_shown_to_be_exact() -> None:
    noiseless = Problem(
        IsotropicSpectrum(20), UniformTarget(1), (Generation(30, repeat=3),), Downstream(25)
    )
    assert verify_prediction(noiseless, 0.0, 0.1).verdict == "shown"
    too_few = Problem(IsotropicSpectrum(20), UniformTarget(1), (), Downstream(19))
    assert verify_prediction(too_few, 0.0, 0.1).verdict == "refuted"


def test_the_last_look_is_the_most() -> None:
    assert look_sizes(64, 4096) == (64, 128, 256, 512, 1024, 2048, 4096)
    assert look_sizes(5, 5) == (5,)
    with pytest.raises(ValueError, match="first_trials"):
        look_sizes(6, 5)
