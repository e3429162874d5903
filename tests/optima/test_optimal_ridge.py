"""The optimal ridge of power laws in closed form, against certified signs of the slope of the test error."""

from functools import cache
from typing import Any

import pytest
from sympy import Expr, Integer, N, Rational, oo

from symcollapse.evaluation import evaluate
from symcollapse.evaluation.numbers import in_numbers
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    crossover,
    effective,
    noise,
    ridge,
    ridgeless,
    samples,
    source,
)
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.optima.optimal_ridge import (
    OptimalRidge,
    optimal_crossover,
    optimal_ridge,
    price_of_the_classical_ridge,
)
from symcollapse.theory import test_error as derive

HUGE = 10**16
"""A dimension far beyond the decades."""
GENERAL = Downstream(samples, noise=noise, ridge=ridge)


def problem_at(beta: str, r: str, decade: int, sigma: Expr | str, *, synthetic: bool) -> Problem:
    generators = (Generation(2 * HUGE, noise="1/2", repeat=3),) if synthetic else ()
    law = PowerLawSpectrum(HUGE if synthetic else oo, beta)
    return Problem(law, SourceTarget(r), generators, Downstream(10**decade, noise=sigma, ridge=1))


@cache
def best_of(beta: str, r: str, *, synthetic: bool) -> OptimalRidge:
    return optimal_ridge(problem_at(beta, r, 4, "1", synthetic=synthetic))


def in_figures(formula: Expr, problem: Problem) -> Rational:
    return Rational(evaluate(formula, problem, digits=25).text)


def slope_sign(problem: Problem, at: Expr) -> int:
    """Certified sign of the derivative of the test error in λ."""
    slope = derive(problem).total.diff(ridge)
    return 1 if Rational(evaluate(slope, problem, digits=3, values={ridge: at}).text) > 0 else -1


def is_within(problem: Problem, closed: Expr, share: float) -> bool:
    """Whether the certified error falls just below the closed form, and grows just above: by a share of it."""
    width = Rational(str(share))
    return slope_sign(problem, closed * (1 - width)) < 0 < slope_sign(problem, closed * (1 + width))


@pytest.mark.parametrize(
    ("beta", "r", "synthetic"),
    [
        ("2", "1/2", False),
        ("2", "1/2", True),
        ("3/2", "3/10", False),
        pytest.param("3/2", "3/10", True, marks=pytest.mark.slow),
        pytest.param("2", "1", False, marks=pytest.mark.slow),
        pytest.param("3/2", "3/2", False, marks=pytest.mark.slow),
        pytest.param("3/2", "3/2", True, marks=pytest.mark.slow),
    ],
)
def test_the_closed_form_tends_to_the_minimiser(beta: str, r: str, *, synthetic: bool) -> None:
    best = best_of(beta, r, synthetic=synthetic)
    # Lambert's function, at r = 1, takes seconds in a large formula: one size is enough.
    for decade in (11,) if r == "1" else (5, 11):
        problem = problem_at(beta, r, decade, "1", synthetic=synthetic)
        closed = in_figures(best.leading, problem)
        order = sum(float(in_figures(each, problem)) for each in best.relative_orders)
        # The tail j > d of the sums, where there is a d.
        exponent = float(Rational(beta))
        tail = (float(closed) ** (-1 / exponent) / HUGE) ** (exponent - 1) if synthetic else 0.0
        # Constants of order 1 before the relative orders, and products of two of them before their squares.
        first, second = 6 * (order + tail), 40 * order**2 + 6 * tail + 1e-12
        if first < 1:
            assert is_within(problem, closed, first)
        if second < 1:
            corrected = in_figures(best.corrected, problem)
            assert is_within(problem, corrected, second)
    problem = problem_at(beta, r, 11, "1", synthetic=synthetic)
    corrected = in_figures(best.corrected, problem)
    # At T = 10^11 the correction is right to 1 %, and a constant 5 % off is refused.
    assert is_within(problem, corrected, 0.01)
    assert not is_within(problem, corrected * Rational(21, 20), 0.01)


@pytest.mark.parametrize(("beta", "r"), [("2", "1"), ("3/2", "3/2")])
def test_the_leading_form_where_the_bias_saturates(beta: str, r: str) -> None:
    problem = problem_at(beta, r, 11, "1", synthetic=False)
    best = best_of(beta, r, synthetic=False)
    closed = in_figures(best.leading, problem)
    # The orders left out, at most 0.5 % at T = 10^11, with constants of order 1; a constant 5 % off is refused.
    order = 2 * sum(float(in_figures(each, problem)) for each in best.relative_orders)
    assert order < 0.01
    assert is_within(problem, closed, order)
    assert not is_within(problem, closed * Rational(21, 20), order)


@pytest.mark.parametrize(("beta", "r"), [("5/4", "2"), ("6/5", "7/4"), ("11/10", "1")])
def test_the_next_power_of_a_saturated_bias_is_corrected_for(beta: str, r: str) -> None:
    problem = problem_at(beta, r, 10, "1/2", synthetic=False)
    best = optimal_ridge(problem)
    assert best.leading in best.relative_orders
    kappa = in_figures(best.leading, problem)
    corrected = in_figures(best.corrected, problem)
    # What is left out is below the largest square, at most 5e-7 here: constants are below 1.
    square = max(float(in_figures(each, problem)) for each in best.relative_orders) ** 2
    assert square < 5e-7
    assert is_within(problem, corrected, square)
    # To leave out the next power shifts λ* by κ ~ 1e-4 times 1.4, 1.9 and 1/17: a twentieth of κ is refused.
    assert not is_within(problem, corrected * (1 + kappa / 20), square)
    assert not is_within(problem, corrected * (1 - kappa / 20), square)


@pytest.mark.parametrize(("beta", "r", "power"), [("2", "1/2", 1.5), ("4", "1/10", 1.2)])
def test_the_tail_of_a_finite_dimension_moves_the_minimum_by_its_order(
    beta: str, r: str, power: float
) -> None:
    size = 10**6 if beta == "2" else 10**8
    law = PowerLawSpectrum(size, beta)
    problem = Problem(law, SourceTarget(r), (), Downstream(10**12, noise="1/2", ridge=1))
    best = optimal_ridge(problem)
    corrected = in_figures(best.corrected, problem)
    reach = float(in_figures(best.leading, problem)) * size ** float(Rational(beta))
    tail = reach**-power
    # The other orders are below it. Its constant is 1.1 and, for a bias as flat as κ^(1/5), 4; half of it is refused.
    assert is_within(problem, corrected, 5 * tail)
    assert not is_within(problem, corrected, tail / 2)


@pytest.mark.parametrize(
    ("beta", "r", "synthetic"),
    [("2", "1/2", True), ("3/2", "3/10", False), ("2", "1", False), ("3/2", "3/2", True)],
)
def test_the_error_is_the_leading_error_at_the_best_ridge(
    beta: str, r: str, *, synthetic: bool
) -> None:
    problem = problem_at(beta, r, 6, "1", synthetic=synthetic)
    best = best_of(beta, r, synthetic=synthetic)
    short, long, aside = (
        in_figures(each, problem)
        for each in (
            best.error,
            best.leading_error.xreplace({effective: best.leading}),
            best.leading_error.xreplace({effective: best.leading * Rational(21, 20)}),
        )
    )
    # Two spellings of one number, of 25 digits each; 5 % beside the best ridge the error is larger.
    assert abs(short / long - 1) < 1e-20
    assert aside / short - 1 > 1e-4


@pytest.mark.parametrize(("r", "saturated"), [("1/3", False), ("5/3", True)])
def test_the_error_is_short_in_letters(r: str, *, saturated: bool) -> None:
    letters = Problem(PowerLawSpectrum(oo, capacity), SourceTarget(source), (), GENERAL)
    best = optimal_ridge(letters, saturated=saturated)
    substituted = best.leading_error.xreplace({effective: best.leading})
    assert best.error.count_ops() < substituted.count_ops()
    values: dict[Any, Any] = {capacity: Rational(5, 2), source: Rational(r), samples: 10**6}
    values[noise] = Rational(1, 3)
    first, second = (N(each.xreplace(values), 25) for each in (best.error, substituted))
    # Two spellings of one number, to 20 digits; the noise alone is not the error.
    assert abs(first / second - 1) < 1e-20
    spread = best.noise_constant * best.leading ** (-1 / capacity)
    assert abs(N(spread.xreplace(values), 25) / second - 1) > 0.1


@pytest.mark.parametrize(("beta", "r"), [("2", "1/2"), ("3/2", "3/2")])
def test_the_price_is_that_of_the_certified_curve(beta: str, r: str) -> None:
    problem = problem_at(beta, r, 11, "1/5", synthetic=True)
    ratio, price = price_of_the_classical_ridge(problem)
    clean = Problem(problem.spectrum, problem.target, (), problem.downstream)
    classical = in_figures(best_of(beta, r, synthetic=False).leading, clean)
    best = in_figures(best_of(beta, r, synthetic=True).leading, problem)
    total = derive(problem).total
    paid, least = (
        Rational(evaluate(total, problem, digits=15, values={ridge: each}).text)
        for each in (classical, best)
    )
    # Two ratios of leading orders, at T = 10^11: the orders left out are below 1 %.
    assert abs(float(in_figures(price, problem) / (paid / least)) - 1) < 0.01
    assert abs(float(in_figures(ratio, problem) / (best / classical)) - 1) < 1e-9
    assert float(in_figures(price, problem)) > 1.05


def test_letters_give_the_constants_of_numbers() -> None:
    for saturated, r in ((False, "1/3"), (True, "5/3")):
        letters = Problem(PowerLawSpectrum(oo, capacity), SourceTarget(source), (), GENERAL)
        numbers = Problem(PowerLawSpectrum(oo, "5/2"), SourceTarget(r), (), GENERAL)
        general = optimal_ridge(letters, saturated=saturated)
        values: dict[Any, Any] = {capacity: Rational(5, 2), source: Rational(r)}
        sizes: dict[Any, Any] = {samples: 10**6, noise: Rational(1, 3)}
        both = general.leading.xreplace(values), optimal_ridge(numbers).leading
        first, second = (N(each.xreplace(sizes), 25) for each in both)
        # Two spellings of one number, to 20 digits.
        assert abs(first / second - 1) < 1e-20


@pytest.mark.parametrize("w", ["11/10", "2", "20"])
@pytest.mark.parametrize(("beta", "r"), [("2", "1/2"), ("3/2", "1/10"), ("3", "3/2")])
def test_the_optimum_in_the_crossover(beta: str, r: str, w: str) -> None:
    decade = 7
    bare = problem_at(beta, r, decade, "1", synthetic=False)
    found = optimal_crossover(bare)
    scale = {ridgeless: N(in_numbers(found.ridgeless_ridge, bare), 40), crossover: Rational(w)}
    squared = found.squared_noise.xreplace(scale)
    if squared < 0:
        # Below the w that is the best without noise there is no noise that makes it the best.
        assert Rational(w) < found.noiseless
        return
    problem = problem_at(beta, r, decade, Rational(str(N(squared**0.5, 25))), synthetic=False)
    at = Rational(str(N(found.ridge.xreplace(scale), 25)))
    # The minimiser lies within 2 % of it: κ^(1/β) ~ 1e-7 and κ^|2−2r| are left out, and w is near 1 for the first.
    assert (
        slope_sign(problem, at * Rational(98, 100))
        < 0
        < slope_sign(problem, at * Rational(102, 100))
    )


def test_hard_targets_need_a_ridge_without_any_noise() -> None:
    # δ = 1 + β(2r − 1) < 0: coefficients that grow along the spectrum.
    hard = problem_at("2", "1/10", 6, Integer(0), synthetic=False)
    found = optimal_crossover(hard)
    assert found.noiseless == Rational(7, 4)
    scale = {ridgeless: N(in_numbers(found.ridgeless_ridge, hard), 40), crossover: found.noiseless}
    at = Rational(str(N(found.ridge.xreplace(scale), 25)))
    assert slope_sign(hard, at * Rational(95, 100)) < 0 < slope_sign(hard, at * Rational(105, 100))
    # With decaying coefficients the error grows from λ = 0 on.
    easy = problem_at("2", "1/2", 6, Integer(0), synthetic=False)
    assert optimal_crossover(easy).noiseless < 1
    assert slope_sign(easy, at / 1000) > 0


def test_up_to_a_threshold_of_noise_no_ridge_is_the_best() -> None:
    bare = problem_at("2", "1/2", 6, "1", synthetic=False)
    found = optimal_crossover(bare)
    scale = {ridgeless: N(in_numbers(found.ridgeless_ridge, bare), 40)}
    threshold = found.threshold.xreplace(scale)
    tiny = scale[ridgeless] / 10**5
    for factor, sign in ((0.95, 1), (1.05, -1)):
        sigma = Rational(str(N((factor * threshold) ** 0.5, 25)))
        problem = problem_at("2", "1/2", 6, sigma, synthetic=False)
        assert slope_sign(problem, Rational(str(N(tiny, 20)))) == sign


@pytest.mark.parametrize(
    "problem",
    [
        Problem(PowerLawSpectrum(oo, 2), SourceTarget(1), (), Downstream(9, 0, 1)),
        Problem(IsotropicSpectrum(9), UniformTarget(1), (), Downstream(9, 1, 1)),
    ],
    ids=["no noise", "isotropic"],
)
def test_what_has_no_such_constant_is_refused(problem: Problem) -> None:
    noiseless = problem.downstream is not None and problem.downstream.noise == 0
    with pytest.raises(NotSupported, match="noise" if noiseless else "power-law"):
        optimal_ridge(problem)


@pytest.mark.parametrize("size", [oo, Integer(30)])
def test_without_a_downstream_fit_nothing_is_tuned(size: Expr) -> None:
    # The last generation has the letters T_0 and λ_0: expansions in T would be those of another fit.
    data = PowerLawSpectrum(size, 2), SourceTarget("1/2")
    with pytest.raises(NotSupported, match="nothing is tuned: give a downstream fit"):
        optimal_ridge(Problem(*data, (Generation(10, noise=1),)))
    assert optimal_ridge(Problem(*data, (), GENERAL)).leading.has(samples)
