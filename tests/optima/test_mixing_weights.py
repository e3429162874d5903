"""Best weights of real labels, certified: beside closed forms, grids, a recursion of its own, and false claims."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

import symcollapse as sc
from symcollapse.language.errors import NotEvaluable, NotSupported, PrecisionExhausted
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.joint_optimum import joint_optimum
from symcollapse.optima.mixing_schedule import optimal_real_weights
from symcollapse.optima.mixing_weight import optimal_real_weight, weight_in_closed_form
from symcollapse.optima.polynomial_minima import least_anywhere, least_between, rises
from symcollapse.optima.quadratic_boxes import convex_box, rules_out
from symcollapse.optima.weighted_errors import error_in_each_weight, error_in_one_weight

UNIT = UniformTarget(1)
POWER = PowerLawSpectrum(20, 1)
GOLDEN = (5**0.5 - 1) / 2


def mixed_error(
    eigenvalues: np.ndarray,
    samples: int,
    ridge: float,
    noises: tuple[float, float],
    weights: list[float],
) -> float:
    """Test error of fresh mixed fits, by the mean and the second moment in each direction: no pencil, no formula."""
    dimension = len(eigenvalues)
    truth = np.full(dimension, dimension**-0.5)
    kappa = 1.0
    for _ in range(500):
        kappa = ridge + kappa * np.sum(eigenvalues / (eigenvalues + kappa)) / samples
    shrunk = eigenvalues / (eigenvalues + kappa)
    mean, spread = truth.copy(), np.zeros(dimension)
    for weight in weights:
        label = (1 - weight) * mean + weight * truth
        variance = (1 - weight) ** 2 * spread
        noise = (1 - weight) ** 2 * noises[0] ** 2 + weight**2 * noises[1] ** 2
        # Per sample: the label noise, and what the fit leaves of the labels.
        left = np.sum(eigenvalues * (1 - shrunk) ** 2 * (label**2 + variance))
        received = (noise + left) / (samples - np.sum(shrunk**2))
        spread = shrunk**2 * variance + received * shrunk**2 / eigenvalues
        mean = shrunk * label
    return float(np.sum(eigenvalues * ((mean - truth) ** 2 + spread)))


POWERS = 1 / np.arange(1.0, 21.0)


def chain(count: int, ridge: str = "1/10", **others: object) -> Problem:
    entry = Generation(60, noise=1, ridge=ridge, repeat=count, **others)  # type: ignore[arg-type]
    return Problem(POWER, UNIT, (entry,))


def test_a_long_chain_has_the_golden_ratio() -> None:
    problem = Problem(IsotropicSpectrum(30), UNIT, (Generation(60, noise=1, repeat=30),))
    found = optimal_real_weight(problem, 12)
    # The gap to the limit shrinks by 0.146 in each generation: 1e-25 here.
    assert abs(float(found.weight) - GOLDEN) < 1e-12
    golden = next(each for each in found.others if each.name == "golden")
    assert abs(float(golden.excess)) < 1e-12
    assert found.anywhere is not None
    assert found.anywhere.setting == found.weight


def test_the_weight_is_least_by_another_route() -> None:
    found = optimal_real_weight(chain(3))
    weights = np.linspace(0, 1, 201)
    errors = [mixed_error(POWERS, 60, 0.1, (1, 1), [each] * 3) for each in weights]
    # One step of the grid is 1/200.
    assert abs(float(found.weight) - weights[int(np.argmin(errors))]) < 1 / 200
    at_best = mixed_error(POWERS, 60, 0.1, (1, 1), [float(found.weight)] * 3)
    assert float(found.best.total) == pytest.approx(at_best, rel=1e-9)  # both are rounded at 1e-10
    by_name = {each.name: each for each in found.others}
    assert float(by_name["synthetic"].total) == pytest.approx(errors[0], rel=1e-9)  # as above
    assert float(by_name["real"].total) == pytest.approx(errors[-1], rel=1e-9)  # as above
    assert by_name["own"].total.text == by_name["synthetic"].total.text
    # The control: a claim that ω = 1/2, or the golden ratio, is the best is refused.
    low, high = map(Fraction, found.bracket)
    assert not low <= Fraction(1, 2) <= high
    assert not low <= Fraction(GOLDEN) <= high
    assert float(by_name["golden"].excess) > 0.1


def test_many_digits_begin_with_few() -> None:
    few, many = optimal_real_weight(chain(2), 10), optimal_real_weight(chain(2), 60)
    # Half a unit of the tenth digit.
    assert abs(Fraction(few.weight) - Fraction(many.weight)) <= Fraction(1, 10**10)
    assert len(many.weight) == 62


@pytest.mark.parametrize("ridge", ["0", "1/10", "3"])
def test_one_generation_weighs_labels_by_their_noise(ridge: str) -> None:
    entry = Generation(60, noise=1, real_noise=2, ridge=ridge)
    found = optimal_real_weight(Problem(POWER, UNIT, (entry,)))
    assert found.weight == "0.2000000000"  # σ²/(σ² + σ_r²), whatever the ridge


def test_the_last_weight_is_a_parabola_with_a_formula() -> None:
    entries = (Generation(60, noise=1, ridge="1/10"), Generation(60, noise=1, ridge="1/10"))
    problem = Problem(POWER, UNIT, entries)
    formula = weight_in_closed_form(problem, 1)
    tuned = Problem(
        POWER, UNIT, (entries[0], Generation(60, noise=1, ridge="1/10", real_weight="1/3"))
    )
    weight = float(sc.evaluate(formula, tuned))
    errors = [
        mixed_error(POWERS, 60, 0.1, (1, 1), [0, each])
        for each in (weight - 0.01, weight, weight + 0.01)
    ]
    # The vertex of a parabola: equal on both sides.
    assert errors[0] == pytest.approx(errors[2], rel=1e-10)  # rounding of doubles
    assert errors[1] < errors[0]
    with pytest.raises(NotSupported, match="repeat = 3"):
        weight_in_closed_form(chain(3), 0)


def test_real_labels_without_noise_leave_no_room_for_synthetic_ones() -> None:
    found = optimal_real_weight(chain(2, real_noise=0))
    assert found.weight == "1.000000000"
    schedule = optimal_real_weights(chain(3, real_noise=0))
    # Where the last generation fits real labels alone, all before are idle.
    assert schedule.weights == ("any", "any", "1.000000000")
    assert schedule.is_global


def test_weights_that_do_not_matter_are_refused() -> None:
    silent = Problem(IsotropicSpectrum(5), UNIT, (Generation(9, repeat=2),))
    with pytest.raises(NotSupported, match="does not depend"):
        optimal_real_weight(silent)
    with pytest.raises(PrecisionExhausted, match="depend"):
        optimal_real_weights(silent)
    with pytest.raises(NotEvaluable, match="give numbers"):
        optimal_real_weight(Problem(IsotropicSpectrum(5), UNIT, (Generation(9, noise=sc.noise),)))
    with pytest.raises(NotSupported, match="at most 6"):
        optimal_real_weights(chain(7))


def test_without_generations_the_downstream_weight_is_tuned() -> None:
    fit = Downstream(60, noise=1, real_noise=3, ridge=1)
    found = optimal_real_weight(Problem(POWER, UNIT, (), fit))
    assert found.weight == "0.1000000000"


def test_least_squares_schedules_are_the_closed_form() -> None:
    problem = Problem(IsotropicSpectrum(30), UNIT, (Generation(60, noise=1, repeat=3),))
    found = optimal_real_weights(problem)
    assert found.closed_form == (Rational(1, 2), Rational(3, 5), Rational(8, 13))
    assert found.is_global
    assert found.weights == ("0.5000000000", "0.6000000000", "0.6153846154")
    one = found.others[0]
    assert float(one.excess) > 0.1


def test_a_schedule_with_a_ridge_is_the_best_of_a_grid() -> None:
    found = optimal_real_weights(chain(3))
    assert found.is_global
    assert found.closed_form is None
    best = [float(each) for each in found.weights]
    at_best = mixed_error(POWERS, 60, 0.1, (1, 1), best)
    assert float(found.best.total) == pytest.approx(at_best, rel=1e-9)  # rounded at 1e-10
    grid = np.linspace(0, 1, 9)
    others = [
        mixed_error(POWERS, 60, 0.1, (1, 1), [a, b, c]) for a in grid for b in grid for c in grid
    ]
    assert min(others) > at_best
    # The control: Fibonacci's weights are not the best with a ridge.
    fibonacci = mixed_error(POWERS, 60, 0.1, (1, 1), [1 / 2, 3 / 5, 8 / 13])
    assert fibonacci > at_best * 1.001


def test_a_downstream_ridge_makes_a_generation_start_anew() -> None:
    entry = Generation(60, noise=1, ridge="1/10", repeat=4)
    fit = Downstream(50, noise=1, ridge="1/5")
    found = optimal_real_weights(Problem(POWER, UNIT, (entry,), fit))
    assert found.weights[:3] == ("any", "any", "1.000000000")
    assert found.is_global


@pytest.mark.parametrize(
    "others",
    [{"design": "shared"}, {"data": "accumulate"}, {"design": "shared", "data": "accumulate"}],
)
def test_shared_data_are_tuned_as_well(others: dict[str, str]) -> None:
    problem = chain(2, **others)
    found = optimal_real_weight(problem, 8)
    error = error_in_one_weight(problem)
    grid = [float(error.at([arb(k) / 40], 96).mid()) for k in range(1, 40)]
    assert float(found.best.total) <= min(grid) * (1 + 1e-8)  # eight digits
    assert abs(float(found.weight) - (1 + int(np.argmin(grid))) / 40) < 1 / 40


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=7))
def test_no_point_of_a_grid_is_below_the_least_value(coefficients: list[int]) -> None:
    with ctx.workprec(200):
        balls = [arb(each) for each in coefficients]
        try:
            found = least_between(balls, arb(0), arb(1), 60)
        except PrecisionExhausted:
            return  # a double root of the derivative, or two equal minima
        values = np.polyval(coefficients[::-1], np.linspace(0, 1, 501))
        assert np.min(values) >= float(found.value.mid()) - 1e-9  # rounding of doubles
        # The derivative is at most 9·21 on the interval, and the grid's step 1/500.
        assert np.min(values) <= float(found.value.mid()) + 189 / 500


def test_a_maximum_is_no_minimum() -> None:
    with ctx.workprec(100):
        assert rises([arb(1), arb(-2)], arb(0), arb(1)) == []
        with pytest.raises(PrecisionExhausted, match="grow"):
            least_anywhere([arb(0), arb(0), arb(-1)], 40)


def test_a_box_away_from_the_minimum_is_not_accepted() -> None:
    error = error_in_each_weight(chain(2))
    tensor = error.tensor(128)
    best = [float(each) for each in optimal_real_weights(chain(2)).weights]
    with ctx.workprec(128):
        least = float(error.at([arb(each) for each in best], 128).upper())
        box = convex_box(tensor, best, [0, 1], set())
        assert rules_out(tensor, box, least)[0]
        # A wrong place: the true minimum is left over, and convexity does not help.
        assert not rules_out(tensor, [(0.0, 0.2), (0.0, 0.2)], least)[0]
        # A value that is too high rules out nothing but by luck; one below the minimum all.
        assert rules_out(tensor, [(0.0, 0.0), (0.0, 0.0)], least * 0.99)[0]


def test_a_small_ridge_moves_the_golden_ratio_down() -> None:
    # Where only the noise counts, v = z²·c·noise(ω)/(1 − z²(1 − ω)²) in the limit, with z² = 1 − 2λ/(1 − φ): the
    # best weight moves by −2·(1 − 2/√5)/(1 − φ) for each unit of λ.
    ridge = Rational(1, 10**5)
    entry = Generation(60, noise=1, ridge=ridge, repeat=12)
    weight = float(optimal_real_weight(Problem(IsotropicSpectrum(20), UNIT, (entry,))).weight)
    slope = (weight - GOLDEN) / float(ridge)
    expected = -2 * (1 - 2 / 5**0.5) / (1 - 20 / 60)
    assert slope == pytest.approx(
        expected, rel=2e-3
    )  # the second order in λ, 1e-5 times a curvature


def test_above_a_ridge_all_labels_are_best_real() -> None:
    def weight(ridge: float) -> float:
        entry = Generation(60, noise=3, real_noise=1, ridge=Rational(ridge), repeat=3)
        return float(optimal_real_weight(Problem(IsotropicSpectrum(20), UNIT, (entry,))).weight)

    # λκ/(1 + κ) = dσ_R²/(TN) = 1/3, in terms of z = 1/(1 + κ): λ = (1 − z)(1 − z/3)/z, (1 − z)λ = 1/3.
    roots = np.roots(np.polysub(np.polymul([-1, 1], np.polymul([-1, 1], [-1 / 3, 1])), [1 / 3, 0]))
    (z,) = [root.real for root in roots if abs(root.imag) < 1e-12 and 0 < root.real < 1]
    threshold = (1 - z) * (1 - z / 3) / z
    assert weight(threshold * 1.001) == 1
    assert 0.99 < weight(threshold * 0.999) < 1


def test_ridge_and_weight_together_are_the_best_of_a_grid() -> None:
    found = joint_optimum(chain(2))
    at_best = mixed_error(POWERS, 60, found.ridge, (1, 1), [found.weight] * 2)
    assert found.total == pytest.approx(at_best, rel=1e-9)  # both in doubles
    grid = [
        mixed_error(POWERS, 60, float(ridge), (1, 1), [float(weight)] * 2)
        for ridge in np.geomspace(1e-3, 10, 40)
        for weight in np.linspace(0, 1, 21)
    ]
    assert min(grid) > found.total
    # Each is worse by more than the grid is coarse: the weight of the limit, and real labels alone.
    assert found.golden_total > found.total * 1.001
    assert found.real_total > found.total * 1.01
    assert "not ruled out" in found.certificate
    # The control: beside the ridge even the best weight costs.
    beside = optimal_real_weight(chain(2, ridge="1/3"), 8)
    assert float(beside.best.total) > found.total * 1.001
    with pytest.raises(NotSupported, match="there are none"):
        joint_optimum(Problem(POWER, UNIT, (), Downstream(60, noise=1, ridge=1)))


def test_the_weight_of_a_student_is_tuned_where_it_alone_mixes_labels() -> None:
    problem = Problem.from_file("self-distillation")
    found = optimal_real_weight(problem)
    # The vertex of a parabola, in closed form and by the roots of its derivative: ten digits are printed.
    vertex = sc.evaluate(weight_in_closed_form(problem), problem, digits=12)
    assert float(found.weight) == pytest.approx(float(vertex), rel=1e-9)
    assert found.others[-1].setting == "-1/4"
    mixed = replace(problem, generations=(replace(problem.generations[0], real_weight="1/2"),))
    # A teacher that mixes labels is tuned itself.
    assert optimal_real_weight(mixed).weight != found.weight
