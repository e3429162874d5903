"""Best weights of least-squares chains: closed forms beside brute force and beside one another."""

from fractions import Fraction

import pytest
from sympy import Integer, Rational, S, fibonacci, simplify, sqrt

import symcollapse as sc
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import noise, real_noise, real_weight
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.least_squares_mixing import (
    least_squares_schedule,
    limiting_weight,
    one_generation,
    schedule_in_closed_form,
    schedule_of,
)
from symcollapse.optima.separable_budgets import as_fraction

GOLDEN = (sqrt(5) - 1) / 2


def limit_at(weight: Fraction, noise: Fraction, real: Fraction) -> Fraction:
    """The fixed point of the map, by the geometric series."""
    kept = (1 - weight) ** 2
    return (kept * noise**2 + weight**2 * real**2) / (1 - kept)


def test_equal_noises_have_the_golden_ratio() -> None:
    found = limiting_weight(1, 1)
    assert found.weight == GOLDEN
    assert simplify(found.least - GOLDEN) == 0
    assert found.polynomial == real_weight**2 + real_weight - 1


@pytest.mark.parametrize(("noise", "real"), [("1", "1"), ("3", "1/2"), ("1/5", "7"), ("2", "0")])
def test_no_weight_of_a_grid_has_a_smaller_limit(noise: str, real: str) -> None:
    found = limiting_weight(Rational(noise), Rational(real))
    least = float(found.least)
    at_best = limit_at(Fraction(float(found.weight)), Fraction(noise), Fraction(real))
    assert float(at_best) == pytest.approx(least, abs=1e-14)  # the weight is rounded to a double
    grid = [limit_at(Fraction(k, 400), Fraction(noise), Fraction(real)) for k in range(1, 401)]
    assert min(grid) >= Fraction(least) - Fraction(1, 10**14)  # rounding of `least`
    # The control: the golden ratio is only the best for equal noises.
    golden = float(limit_at(Fraction(float(GOLDEN)), Fraction(noise), Fraction(real)))
    assert (golden > least * (1 + 1e-6)) == (noise != real)


def test_without_noise_of_synthetic_labels_there_is_no_best_weight() -> None:
    with pytest.raises(NotSupported, match="noise = 0"):
        limiting_weight(0, 1)


def test_equal_noises_have_ratios_of_fibonacci_numbers() -> None:
    one = [Integer(1)] * 12
    weights = schedule_of(one, one, one).weights
    ratios = tuple(fibonacci(2 * m + 2) / fibonacci(2 * m + 3) for m in range(12))
    assert weights == ratios
    assert weights != tuple(fibonacci(2 * m + 1) / fibonacci(2 * m + 2) for m in range(12))
    assert abs(float(weights[-1] - GOLDEN)) < 1e-9  # the gap shrinks by 6.85 in each generation


@pytest.mark.parametrize(("noise", "real"), [("1", "1"), ("2", "1/3"), ("1/2", "5")])
def test_the_closed_form_of_the_schedule_is_the_recursion(noise: str, real: str) -> None:
    sigmas = [Rational(noise)] * 7
    reals = [Rational(real)] * 7
    weights = schedule_of(sigmas, reals, [Integer(1)] * 7).weights
    for count in range(1, 8):
        closed = schedule_in_closed_form(Rational(noise), Rational(real), count)
        # Both are taken to 40 digits; the formula loses none that count.
        assert abs((closed - weights[count - 1]).evalf(40)) < 1e-38
        assert count == 1 or abs((closed - weights[count - 2]).evalf(40)) > 1e-25
    limit = limiting_weight(Rational(noise), Rational(real)).weight
    late = schedule_in_closed_form(Rational(noise), Rational(real), 60).evalf(30)
    # The gap shrinks by x² in each generation, x + 1/x = 2 + σ²/σ_r²; the slowest here has x² = 1.22.
    assert abs(late - limit.evalf(30)) < 1e-4


def error_of(weights: list[Fraction], noises: list[Fraction], reals: list[Fraction]) -> Fraction:
    error = Fraction(0)
    for weight, sigma, real in zip(weights, noises, reals, strict=True):
        error = (1 - weight) ** 2 * (error + sigma**2) + weight**2 * real**2
    return error


def test_stepwise_weights_are_the_best_of_a_grid_of_all_weights() -> None:
    noises = [Fraction(1), Fraction(2), Fraction(1, 2)]
    reals = [Fraction(1), Fraction(3), Fraction(2)]
    sigmas = [Rational(each.numerator, each.denominator) for each in noises]
    sigma_r = [Rational(each.numerator, each.denominator) for each in reals]
    best = schedule_of(sigmas, sigma_r, [Integer(1)] * 3)
    grid = [Fraction(k, 20) for k in range(21)]
    least = min(error_of([a, b, c], noises, reals) for a in grid for b in grid for c in grid)
    found = as_fraction(best.error)
    assert found <= least
    # The grid is fine enough that a wrong claim of 2 % more would not pass.
    assert found * Fraction(102, 100) > least
    weights = [as_fraction(each) for each in best.weights]
    assert error_of(weights, noises, reals) == found


def test_the_map_is_that_of_the_exact_law_for_one_fit_of_real_labels() -> None:
    assert one_generation(S.Zero, S.One, noise, real_noise) == real_noise**2
    assert one_generation(S.One, S.Zero, noise, real_noise) == 1 + noise**2


def test_sizes_and_noises_of_a_problem_enter_the_schedule() -> None:
    spectrum, target = IsotropicSpectrum(10), UniformTarget(1)
    chain = (Generation(20, noise=1, repeat=2), Generation(40, noise=1))
    found = least_squares_schedule(Problem(spectrum, target, chain))
    # c = 1, 1, 1/3: v = 1/2, 3/5, then A = 3/5 + 1/3 and B = 1/3.
    assert found.weights == (Rational(1, 2), Rational(3, 5), Rational(14, 19))
    exact = least_squares_schedule(Problem(spectrum, target, chain), exact=True)
    assert exact.weights[:2] == found.weights[:2]
    assert exact.weights[2] != found.weights[2]


@pytest.mark.parametrize(
    "entry",
    [
        Generation(20, noise=1, ridge=1),
        Generation(20, noise=1, data="accumulate"),
        Generation(20, noise=1, real_samples=5),
        Generation(10, noise=1),
    ],
)
def test_other_generations_have_no_closed_form(entry: Generation) -> None:
    problem = Problem(IsotropicSpectrum(10), UniformTarget(1), (entry,))
    with pytest.raises(NotSupported, match="closed form"):
        least_squares_schedule(problem)


def test_letters_stay_letters() -> None:
    chain = (Generation(sc.samples, noise=noise, real_noise=real_noise),)
    found = least_squares_schedule(
        Problem(IsotropicSpectrum(sc.dimension), UniformTarget(1), chain)
    )
    assert simplify(found.weights[0] - noise**2 / (noise**2 + real_noise**2)) == 0
