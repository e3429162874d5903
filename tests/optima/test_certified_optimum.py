"""The certified optimal ridge: known optima, several minima, ends of the range, and simulated curves."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, oo

import symcollapse as sc
from symcollapse.evaluation.numbers import in_numbers
from symcollapse.language.errors import (
    NotEvaluable,
    PrecisionExhausted,
    SymcollapseError,
)
from symcollapse.language.naming import named_fits
from symcollapse.language.problem_files import bundled_problems
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import (
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    UniformTarget,
)
from symcollapse.optima.certified_optimum import CertifiedOptimum, certified_optimum
from symcollapse.optima.isotropic_optimum import isotropic_optimal_ridge
from symcollapse.optima.optimum_certificates import holds_a_minimum
from symcollapse.optima.ridge_charts import tuned_problem
from tests.strategies import problems

ISOTROPIC = IsotropicSpectrum(30)
UNIT = UniformTarget(1)


def error_at(problem: Problem, ridge: object) -> float:
    """Test error with another ridge in the tested fit, by the formula as it is printed and its own root κ."""
    tuned = tuned_problem(problem)
    letter = named_fits(tuned)[-1].ridge
    return float(sc.evaluate(sc.test_error(tuned).total, tuned, values={letter: ridge}))


def contains(bracket: tuple[str, str], value: Fraction) -> bool:
    low, high = bracket
    return Fraction(low) <= value <= Fraction(high)


@pytest.mark.parametrize(
    ("dimension", "samples", "noise", "norm"),
    [(30, 60, "1", "1"), (300, 100, "1/10", "2"), (20, 20, "3", "1/7"), (1, 1, "1/10", "5")],
)
def test_clean_isotropic_data_have_the_classical_ridge(
    dimension: int, samples: int, noise: str, norm: str
) -> None:
    fit = Downstream(samples, noise=noise)
    optimum = certified_optimum(
        Problem(IsotropicSpectrum(dimension), UniformTarget(norm), (), fit), digits=30
    )
    classical = Fraction(noise) ** 2 * dimension / (samples * Fraction(norm))
    assert contains(optimum.bracket, classical)
    assert not contains(optimum.bracket, classical * (1 + Fraction(1, 10**20)))
    assert optimum.is_global
    assert optimum.classical.excess.text == "0"
    # Half a unit of the 30th digit.
    assert abs(Fraction(optimum.ridge.text) / classical - 1) < Fraction(1, 10**29)


@pytest.mark.parametrize(
    "problem",
    [
        Problem.from_file("figure-1a"),
        Problem(
            ISOTROPIC, UNIT, (Generation(40, noise=1, repeat=3),), Downstream(20, noise=1, ridge=1)
        ),
        Problem(
            ISOTROPIC, UNIT, (Generation(90, noise="1/5"),), Downstream(30, noise="1/3", ridge=1)
        ),
    ],
)
def test_isotropic_problems_agree_with_the_closed_form(problem: Problem) -> None:
    closed = in_numbers(isotropic_optimal_ridge(problem).ridge, problem).evalf(40)
    bracket = certified_optimum(problem, digits=25).bracket
    assert contains(bracket, Fraction(str(closed)))
    other = Problem(
        problem.spectrum, UniformTarget("101/100"), problem.generations, problem.downstream
    )
    assert not contains(certified_optimum(other, digits=25).bracket, Fraction(str(closed)))


# Of other pipelines ridges are searched, and no global minimum is claimed.
@pytest.mark.parametrize(
    "name", [name for name in sorted(bundled_problems()) if Problem.from_file(name).replaces]
)
def test_bundled_problems_have_a_certified_optimum(name: str) -> None:
    problem = Problem.from_file(name)
    optimum = certified_optimum(problem)
    assert optimum.is_global
    assert holds_a_minimum(problem, optimum.bracket)
    assert float(optimum.parts["total"]) == pytest.approx(
        error_at(problem, Rational(optimum.ridge.text)), rel=1e-9
    )  # each is rounded to 10 digits
    parts = [float(optimum.parts[part]) for part in ("bias", "variance", "synthetic")]
    assert sum(parts) == pytest.approx(float(optimum.parts["total"]), rel=1e-9)  # as above
    own = sc.evaluate(sc.test_error(problem).total, problem, digits=10)
    assert optimum.own.total.text == own.text
    for choice in (optimum.own, optimum.classical):
        price = float(choice.total) / float(optimum.parts["total"])
        assert float(choice.price) == pytest.approx(price, rel=1e-8)  # two roundings at 1e-10
        assert float(choice.excess) == pytest.approx(100 * (price - 1), abs=1e-6)  # 100 times that
        assert price > 1


def test_a_bracket_beside_the_minimum_is_refused() -> None:
    problem = Problem.from_file("power-law")
    low, high = map(Fraction, certified_optimum(problem).bracket)
    for factor in (Fraction(1001, 1000), Fraction(999, 1000), Fraction(10**12 + 1, 10**12)):
        assert not holds_a_minimum(problem, (str(low * factor), str(high * factor)))
    with pytest.raises(NotEvaluable, match="0 < low < high"):
        holds_a_minimum(problem, (str(high), str(low)))
    with pytest.raises(NotEvaluable, match="0 < low < high"):
        holds_a_minimum(problem, ("inf", "nan"))


# Two levels far apart: the strong one is best forgotten, the weak one best learned; the error has two minima.


def two_minima(energy: str) -> Problem:
    return Problem(
        LevelsSpectrum([1, "1/10000"], [100, 5]),
        LevelsTarget(["1/10", energy]),
        (),
        Downstream(1000, noise="19/6", ridge=1),
    )


def local_minima(problem: Problem) -> list[float]:
    ridges = np.logspace(-9, 4, 400)
    errors = sc.lambdify(sc.test_error(problem).total, [sc.ridge], problem)(ridges)
    inner = (errors[1:-1] < errors[:-2]) & (errors[1:-1] < errors[2:])
    return [float(ridge) for ridge in ridges[1:-1][inner]]


@pytest.mark.parametrize(("energy", "which"), [("17/20", 1), ("11/10", 0)])
def test_of_two_minima_the_lower_one_is_found(energy: str, which: int) -> None:
    problem = two_minima(energy)
    found = local_minima(problem)
    assert len(found) == 2
    optimum = certified_optimum(problem)
    assert optimum.is_global
    # One step of the grid is 8 %.
    assert abs(math.log(float(optimum.ridge) / found[which])) < 0.08
    # A search that started from the other side would have stayed there.
    assert error_at(problem, Rational(found[1 - which])) > 1.01 * float(optimum.parts["total"])


def test_too_little_work_claims_no_more_than_it_proves() -> None:
    problem = two_minima("17/20")
    optimum = certified_optimum(problem, most_intervals=40)
    assert not optimum.is_global
    assert "not ruled out" in optimum.certificate
    best = float(certified_optimum(problem).ridge)
    assert any(float(low) <= best <= float(high) for low, high in optimum.unresolved)
    assert holds_a_minimum(problem, optimum.bracket)


def ends(problem: Problem) -> tuple[str, tuple[str, str], str, bool]:
    optimum = certified_optimum(problem)
    return optimum.ridge.text, optimum.bracket, optimum.parts["total"].text, optimum.is_global


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (Problem(ISOTROPIC, UNIT, (), Downstream(60, ridge=1)), "0"),
        (Problem(ISOTROPIC, UNIT, (), Downstream(30, ridge=1)), "0"),
        (Problem(ISOTROPIC, UNIT, (), Downstream(20)), "0.3333333333"),  # 1 − T/d
    ],
)
def test_without_noise_no_ridge_is_best(problem: Problem, error: str) -> None:
    assert ends(problem) == ("0", ("0", "0"), error, True)


def test_a_minimum_at_no_ridge_with_a_slope_of_0_is_told_to_a_radius() -> None:
    # Without noise the error of isotropic data is stationary at λ = 0; where κ is 6.32, no double is that.
    problem = Problem(IsotropicSpectrum(5, "79/50"), UNIT, (), Downstream(1, ridge=1))
    optimum = certified_optimum(problem)
    assert optimum.is_global
    assert optimum.ridge.text == "0"
    assert 0 < float(optimum.ridge.radius) < 1e-20
    assert optimum.bracket[0] == "0"
    assert optimum.parts["total"].text == "1.264000000"  # 79/50·(1 − T/d)
    with pytest.raises(PrecisionExhausted, match="at ridge = 0"):
        certified_optimum(problem, most_intervals=20)


def test_no_ridge_is_best_where_a_tail_makes_one() -> None:
    # 400 weak directions act as a ridge for the ten strong ones: a further ridge only costs, noise or not.
    problem = Problem(
        LevelsSpectrum([100, 1], [10, 400]),
        LevelsTarget([1, 0]),
        (),
        Downstream(100, noise="1/100"),
    )
    ridge, bracket, least, is_global = ends(problem)
    assert (ridge, bracket, is_global) == ("0", ("0", "0"), True)
    at_zero, beside = error_at(problem, 0), error_at(problem, "1/100")
    assert float(least) == pytest.approx(at_zero, rel=1e-9)  # rounded to ten digits
    assert at_zero < beside
    # With more noise a ridge pays again.
    loud = Problem(problem.spectrum, problem.target, (), Downstream(100, noise=10))
    assert certified_optimum(loud).ridge.text != "0"


def test_at_a_square_with_noise_no_ridge_costs_infinitely_much() -> None:
    optimum = certified_optimum(Problem(ISOTROPIC, UNIT, (), Downstream(30, noise=1)))
    assert optimum.ridge.text == "1.000000000"
    assert (optimum.own.total.text, optimum.own.price.text) == ("inf", "inf")


def test_without_a_signal_predicting_nothing_is_best() -> None:
    nothing = ExplicitTarget([0] * 30)
    problem = Problem(ISOTROPIC, nothing, (Generation(40, noise=1),), Downstream(60, noise=1))
    optimum = certified_optimum(problem)
    assert (optimum.ridge.text, optimum.parts["total"].text) == ("inf", "0")
    assert (optimum.classical.ridge.text, optimum.own.price.text) == ("inf", "inf")
    assert optimum.is_global
    silent = Problem(ISOTROPIC, nothing, (), Downstream(60))
    assert certified_optimum(silent).certificate == "the error is 0 at every ridge"


def test_without_a_downstream_fit_the_last_generation_is_tuned() -> None:
    first = Generation(40, noise=1)
    repeated = certified_optimum(Problem(ISOTROPIC, UNIT, (Generation(40, noise=1, repeat=3),)))
    written_out = Problem(ISOTROPIC, UNIT, (first, first, Generation(40, noise=1, ridge=9)))
    downstream = Problem(
        ISOTROPIC, UNIT, (Generation(40, noise=1, repeat=2),), Downstream(40, noise=1)
    )
    assert certified_optimum(written_out).ridge == repeated.ridge
    assert certified_optimum(downstream).ridge == repeated.ridge
    assert repeated.own.ridge.text == "0"


def test_only_the_tested_ridge_moves() -> None:
    def of(ridge: str) -> CertifiedOptimum:
        generation = Generation(50, noise=1, ridge=ridge)
        spectrum, target = PowerLawSpectrum(40, "3/2"), SourceTarget("1/2")
        return certified_optimum(Problem(spectrum, target, (generation,), Downstream(60, noise=1)))

    mild, strong = of("1/100"), of("1")
    assert mild.classical.ridge == strong.classical.ridge
    assert mild.ridge != strong.ridge


def test_a_ridge_that_follows_the_samples_is_compared_with() -> None:
    fit = Downstream(64, noise=1, ridge=1 / sc.samples)
    optimum = certified_optimum(Problem(ISOTROPIC, UNIT, (), fit))
    assert optimum.own.ridge.text == "0.01562500000"


def test_infinitely_many_features() -> None:
    # At 10^12 features what is cut off of df₁(κ) is 1e-12/κ, about 1e-9.
    def of(size: object) -> CertifiedOptimum:
        fit = Downstream(100, noise="1/10")
        problem = Problem(PowerLawSpectrum(size, 2), SourceTarget("1/2"), (), fit)
        optimum = certified_optimum(problem, digits=6)
        assert holds_a_minimum(problem, optimum.bracket)
        assert optimum.is_global
        return optimum

    assert of(oo).ridge.text == of(10**12).ridge.text
    assert of(oo).ridge.text != of(100).ridge.text


def test_a_symbol_is_refused_by_name() -> None:
    with pytest.raises(NotEvaluable, match="give numbers"):
        certified_optimum(Problem(ISOTROPIC, UNIT, (), Downstream(60, noise=sc.noise)))
    with pytest.raises(NotEvaluable, match="digits"):
        certified_optimum(Problem.from_file("figure-1a"), digits=0)


def test_many_digits_are_those_of_more() -> None:
    problem = Problem(ExponentialSpectrum(60, "1/4"), UNIT, (), Downstream(30, noise="1/3"))
    few, many = certified_optimum(problem, digits=20), certified_optimum(problem, digits=120)
    # Half a unit of the 20th digit.
    assert abs(Fraction(few.ridge.text) / Fraction(many.ridge.text) - 1) < Fraction(1, 10**19)
    assert holds_a_minimum(problem, many.bracket)


@settings(derandomize=True, deadline=None, max_examples=8)
@given(problems(most=10, most_generations=1), st.integers(0, 2**32))
def test_no_ridge_does_better(problem: Problem, seed: int) -> None:
    optimum = certified_optimum(problem)
    is_shared = problem.downstream is None and problem.generations[-1].design == "shared"
    assert optimum.is_global or is_shared
    tuned = tuned_problem(problem)
    letter = named_fits(tuned)[-1].ridge
    function = sc.lambdify(sc.test_error(tuned).total, [letter], tuned, accepted=1e-6)
    ridges = 10 ** np.random.default_rng(seed).uniform(-8, 6, 50)
    # Doubles are right to 1e-6 here, the least error to 1e-10.
    least = float(optimum.parts["total"])
    assert np.min(function(ridges)) >= least * (1 - 2e-6)
    if optimum.ridge.text not in ("0", "inf"):
        assert holds_a_minimum(problem, optimum.bracket)


# The definition, run: the error falls towards the certified ridge from both sides, over the same random numbers.

TRIALS = 3000
SURE = 5.0
"""Standard errors of a paired difference: a normal mean strays so far to one side with a chance of 3e-7."""


def is_lower_than_beside(problem: Problem, ridge: float) -> bool:
    """Whether simulated errors are lower at a ridge than at half and at twice that ridge."""

    def draws(factor: float) -> np.ndarray:
        downstream = Downstream(30, noise=1, ridge=Rational(ridge * factor))
        there = Problem(problem.spectrum, problem.target, problem.generations, downstream)
        return np.array(sc.simulate(there, trials=TRIALS, seed=20).draws)

    here = draws(1)
    for factor in (0.5, 2):
        gain = draws(factor) - here
        if not gain.mean() > SURE * gain.std(ddof=1) / math.sqrt(TRIALS):
            return False
    return True


@pytest.mark.monte_carlo
@pytest.mark.parametrize(
    "problem",
    [
        Problem(PowerLawSpectrum(15, 1), SourceTarget("1/2"), (), Downstream(30, noise=1)),
        Problem(
            PowerLawSpectrum(15, 1),
            SourceTarget("1/2"),
            (Generation(40, noise=1),),
            Downstream(30, noise=1),
        ),
    ],
)
def test_simulated_errors_are_least_at_the_certified_ridge(problem: Problem) -> None:
    ridge = float(certified_optimum(problem).ridge)
    assert is_lower_than_beside(problem, ridge)
    assert not is_lower_than_beside(problem, 2 * ridge)
    assert not is_lower_than_beside(problem, ridge / 2)


def test_every_refusal_is_one_of_ours() -> None:
    with pytest.raises(SymcollapseError):
        certified_optimum(Problem(sc.SIGMA, sc.W0, (), Downstream(60)))
