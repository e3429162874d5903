"""The closed form of the optimal ridge over isotropic data, against certified signs of the derivative of the error."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Expr, Integer, N, Poly, Rational, S, cancel, expand, oo, simplify

from symcollapse.evaluation import evaluate
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    placeholder,
    ridge,
    samples,
    shrinkage,
    squared_norm,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)
from symcollapse.optima.isotropic_optimum import isotropic_optimal_ridge
from symcollapse.theory import test_error as derive

FIT = Downstream(1000, noise=1, ridge=1)
CLEAN = Problem(IsotropicSpectrum(300), UniformTarget(squared_norm), (), FIT)
ENOUGH = Problem(
    IsotropicSpectrum(300), UniformTarget(squared_norm), (Generation(600, noise=1, repeat=5),), FIT
)
OPTIMUM = isotropic_optimal_ridge(ENOUGH)

FRACTIONS = st.fractions(Fraction(1, 20), 5, max_denominator=20)
SIZES = st.integers(1, 400)


def has_its_minimum_at(problem: Problem, candidate: Expr) -> bool:
    """Whether the certified slope of the error in λ is < 0 just below a ridge and > 0 just above.

    "Just" is a part in 10⁶: the candidate is rounded to 25 digits, so a right one lies well inside.
    """
    slope = derive(problem).total.diff(ridge)
    signs = [
        evaluate(slope, problem, digits=5, values={ridge: candidate * factor}).mpf
        for factor in (1 - Rational(1, 10**6), 1 + Rational(1, 10**6))
    ]
    return bool(signs[0] < 0 < signs[1])


def rounded(value: Expr) -> Rational:
    """The real number as a fraction of 25 digits."""
    return Rational(str(N(value, 25)))


def of_problem(problem: Problem, numbers: dict[Any, Any]) -> Rational:
    return rounded(isotropic_optimal_ridge(problem).ridge.subs(numbers))


@given(
    d=SIZES,
    size=SIZES,
    more=SIZES,
    count=st.integers(1, 6),
    sigma=FRACTIONS,
    sigma0=FRACTIONS,
    norm=FRACTIONS,
    scale=FRACTIONS,
)
@settings(derandomize=True, deadline=None, max_examples=6)
def test_the_closed_form_is_the_minimum(
    d: int,
    size: int,
    more: int,
    count: int,
    sigma: Fraction,
    sigma0: Fraction,
    norm: Fraction,
    scale: Fraction,
) -> None:
    problem = Problem(
        IsotropicSpectrum(d, scale),
        UniformTarget(norm),
        (Generation(d + more, noise=sigma0, repeat=count),),
        Downstream(size, noise=sigma, ridge=1),
    )
    numbers: dict[Any, Any] = {
        dimension: exact(d),
        samples: exact(size),
        generation_samples: exact(d + more),
        generations: exact(count),
        noise: exact(sigma),
        generation_noise: exact(sigma0),
    }
    best = of_problem(problem, numbers)
    assert has_its_minimum_at(problem, best)
    assert not has_its_minimum_at(problem, best * Rational(21, 20))
    assert not has_its_minimum_at(problem, best * Rational(19, 20))


def test_clean_data_have_the_classical_ridge() -> None:
    best = isotropic_optimal_ridge(CLEAN)
    assert best.ridge == noise**2 * dimension / (samples * squared_norm)
    # The closed form of generated data tends to it: to 1 % with 1e-6 of their noise.
    numbers: dict[Any, Any] = {dimension: 300, samples: 1000, noise: 1, squared_norm: 1}
    small: dict[Any, Any] = {
        generation_samples: 600,
        generations: 1,
        generation_noise: Rational(1, 1000),
    }
    ratio = OPTIMUM.ridge.subs({**numbers, **small}).evalf(25) / best.ridge.subs(numbers)
    assert ratio != 1
    assert abs(ratio - 1) < Rational(1, 100)


def test_two_kinds_of_generators_add_their_noise() -> None:
    two = (Generation(600, noise=1, repeat=5), Generation(900, noise=2, repeat=3))
    problem = Problem(IsotropicSpectrum(300), UniformTarget(1), two, FIT)
    best = isotropic_optimal_ridge(problem)
    names = {str(symbol): symbol for symbol in best.ridge.free_symbols}
    numbers: dict[Any, Any] = {"d": 300, "T": 1000, "sigma": 1, "T_0": 600, "T_1": 900}
    numbers |= {"sigma_0": 1, "sigma_1": 2, "n_0": 5, "n_1": 3}
    value = rounded(best.ridge.subs({names[name]: numbers[name] for name in names}))
    assert has_its_minimum_at(problem, value)
    assert not has_its_minimum_at(problem, value * Rational(21, 20))


def test_the_stationary_polynomial_is_the_one_that_the_proof_is_about() -> None:
    z, v, y = shrinkage, placeholder("v"), placeholder("y")
    aspect, left, signal, sigma = (placeholder(name) for name in ("f", "S", "N", "sigma"))
    numbers: dict[Any, Any] = {
        dimension: aspect * samples,
        squared_norm: signal,
        noise: sigma,
        generations: 1,
        generation_noise: 1,
        generation_samples: aspect * samples * (1 + 1 / left),
    }
    found = expand(simplify(OPTIMUM.polynomial.subs(numbers)))

    def stated(aspect: Expr, spread: Expr) -> Expr:
        return (
            signal * (1 - z) * (1 - aspect * z)
            - spread * z
            - left * (aspect**2 * z**4 - 3 * aspect * z**2 + (1 + aspect) * z)
        )

    assert expand(found - stated(aspect, aspect * sigma**2)) == 0
    assert expand(found - stated(aspect, sigma**2)) != 0
    # Beyond T = d: the same polynomial in y = φz.
    other = stated(1 / aspect, sigma**2).subs(z, y)
    assert expand(stated(aspect, aspect * sigma**2).subs(z, y / aspect) - other) == 0
    coefficients = Poly(cancel(found.subs(z, 1 / (1 + v)) * (1 + v) ** 4), v).all_coeffs()[::-1]
    spread = aspect * sigma**2
    proof = [
        -spread - left * (1 - aspect) ** 2,
        signal * (1 - aspect) - 3 * spread - 3 * left * (1 - aspect),
        signal * (3 - 2 * aspect) - 3 * spread - 3 * left,
        signal * (3 - aspect) - spread - left * (1 + aspect),
        signal,
    ]
    assert [expand(a - b) for a, b in zip(coefficients, proof, strict=True)] == [0] * 5


@given(aspect=FRACTIONS, left=FRACTIONS, signal=FRACTIONS, sigma=FRACTIONS)
@settings(derandomize=True, deadline=None, max_examples=12)
def test_one_shrinkage_is_stationary(
    aspect: Fraction, left: Fraction, signal: Fraction, sigma: Fraction
) -> None:
    numbers: dict[Any, Any] = {
        dimension: exact(aspect) * 1000,
        samples: 1000,
        squared_norm: exact(signal),
        noise: exact(sigma),
        generations: 1,
        generation_noise: 1,
        generation_samples: exact(aspect) * 1000 * (1 + 1 / exact(left)),
    }
    polynomial = Poly(OPTIMUM.polynomial.subs(numbers), shrinkage)
    most = min(Integer(1), 1 / exact(aspect))
    assert polynomial.count_roots(0, most) == 1
    root = OPTIMUM.shrinkage.subs(numbers).evalf(25)
    # 25 digits; the polynomial has a simple root there.
    assert abs(polynomial.as_expr().subs(shrinkage, root)) < Rational(1, 10**15)
    assert 0 < root < most


def test_ridgeless_is_optimal_without_noise_or_at_a_square_with_a_strong_signal() -> None:
    square: dict[Any, Any] = {
        dimension: 100,
        samples: 100,
        noise: 0,
        generations: 1,
        generation_noise: 1,
    }
    for surplus, signal, ridgeless in ((100, 4, True), (100, 2, False), (100, 3, True)):
        numbers = {**square, generation_samples: 100 + surplus, squared_norm: signal}
        assert OPTIMUM.ridgeless.subs(numbers) == S(ridgeless)
        best = OPTIMUM.ridge.subs(numbers).evalf(20)
        # 0 within the digits that the roots keep, or a ridge of order 1.
        assert (abs(best) < Rational(1, 10**8)) == ridgeless
    assert isotropic_optimal_ridge(CLEAN).ridgeless == Eq(noise, 0)
    assert OPTIMUM.ridgeless.subs({**square, samples: 200, generation_samples: 200}) == S.false


def test_without_a_signal_nothing_is_best() -> None:
    silent = Problem(IsotropicSpectrum(3), UniformTarget(0), (), FIT)
    assert isotropic_optimal_ridge(silent).ridge == oo


@pytest.mark.parametrize(
    ("target", "norm"),
    [(LevelsTarget([6]), 3), (ExplicitTarget([1, 2, -1]), 6), (UniformTarget(5), 5)],
)
def test_every_target_with_a_norm_will_do(target: Target, norm: int) -> None:
    problem = Problem(IsotropicSpectrum(3, 2), target, (), FIT)
    assert isotropic_optimal_ridge(problem).ridge == noise**2 * dimension / (samples * norm)


@pytest.mark.parametrize(
    "problem",
    [
        Problem(PowerLawSpectrum(30, 2), SourceTarget(1), (), FIT),
        Problem(IsotropicSpectrum(30), UniformTarget(1), (Generation(9, noise=1),), FIT),
        Problem(IsotropicSpectrum(30), UniformTarget(1), (Generation(90, 1, 1),), FIT),
        Problem(IsotropicSpectrum(30), UniformTarget(1), (Generation(90, 1, 1),)),
    ],
    ids=["power law", "too few samples", "generator with a ridge", "no downstream fit"],
)
def test_what_the_proof_does_not_cover_is_refused(problem: Problem) -> None:
    with pytest.raises(NotSupported):
        isotropic_optimal_ridge(problem)


@pytest.mark.parametrize("own", [0, "1/7"])
def test_the_ridge_of_the_problem_has_no_part_in_the_optimum(own: Any) -> None:
    problem = replace(ENOUGH, downstream=replace(FIT, ridge=own))
    assert isotropic_optimal_ridge(problem) == OPTIMUM
    # The negative control: fewer samples are another problem.
    fewer = replace(ENOUGH, downstream=Downstream(200, noise=1, ridge=own))
    values = {samples: 200, dimension: 300}
    assert isotropic_optimal_ridge(fewer).ridge.xreplace(values) != OPTIMUM.ridge
