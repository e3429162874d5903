"""The sufficient route draws other numbers of the same law: by two-sample tests, and by laws known exactly."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.linalg import lapack
from scipy.stats import ks_2samp, norm

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum
from symcollapse.language.targets import ExplicitTarget, UniformTarget
from symcollapse.simulation import (
    bartlett,
    draw_inputs,
    extend,
    fit,
    join,
    runs,
    simulate,
    simulate_generations,
)
from symcollapse.simulation.populations import Doubles

pytestmark = pytest.mark.monte_carlo

TRIALS = 4000
"""Of each route; the Kolmogorov-Smirnov distance that the test then refuses is 0.06."""

FALSE_ALARM = 1e-6
"""Chance that one test of one pipeline refuses what is right; 30 of them are made here, with fixed seeds."""

MARGIN = 0.3
"""Of the mean logarithm of the risk, either side: shown, not only not refuted, at the same risk."""

SPECTRUM = ExplicitSpectrum(["2", "1", "1/3", "1/20"])
TARGET = ExplicitTarget([1, 0, 0, 3])
"""Most of it in one direction, so that a law that is not invariant under rotation shows."""


def problem(*generations: Generation, downstream: Downstream) -> Problem:
    return Problem(SPECTRUM, TARGET, generations, downstream)


PIPELINES = {
    "chain of least squares": problem(
        Generation(7, "1/2", repeat=3), downstream=Downstream(6, "1/2")
    ),
    "ridge": problem(Generation(6, "1/3", "1/5"), downstream=Downstream(5, 0, "1/4")),
    "ample ridge": problem(Generation(9, "1/3", "1/5"), downstream=Downstream(12, 1, "1/4")),
    "accumulated": problem(
        Generation(6, "1/2", repeat=2, data="accumulate"),
        downstream=Downstream(3, 1, "1/9", data="accumulate"),
    ),
    "mixed with real labels": problem(
        Generation(6, "1/2", "1/9", repeat=2, real_weight="1/3", real_noise=1),
        downstream=Downstream(6, 1, real_samples=7),
    ),
    "one design for all": problem(
        Generation(7, 1, "1/9"),
        Generation(7, 1, design="shared"),
        downstream=Downstream(7, 1, "1/2", design="shared", real_weight="1/2", real_data="same"),
    ),
    "shifts of inputs and labels": problem(
        Generation(6, 1, spectrum=ExplicitSpectrum(["1/9", 1, 3, 2]), shift=UniformTarget(1)),
        downstream=Downstream(6, 1, "1/2", spectrum=ExplicitSpectrum(["1/9", 1, 3, 2])),
    ),
    "random features": problem(
        Generation(7, 1, "1/9", features=3), downstream=Downstream(6, 1, "1/9", features=9)
    ),
}


@dataclass(frozen=True)
class Comparison:
    """Two samples, by three tests."""

    same_shape: bool
    """Kolmogorov-Smirnov does not refuse."""
    same_mean: bool
    """Mean logarithms differ by less than the margin, for sure."""
    same_spread: bool
    """Standard deviations of the logarithms differ by no more than chance allows."""

    @property
    def all(self) -> bool:
        return self.same_shape and self.same_mean and self.same_spread


def compared(one: Doubles, other: Doubles) -> Comparison:
    """Logarithms have all moments, where the risks of small designs have none."""
    quantile = float(norm.isf(FALSE_ALARM / 2))
    logs = [np.log(one), np.log(other)]
    gap = abs(logs[0].mean() - logs[1].mean())
    error = math.sqrt(sum(each.var(ddof=1) / len(each) for each in logs))
    squares = [np.square(each - each.mean()) for each in logs]
    wobble = math.sqrt(sum(each.var(ddof=1) / len(each) for each in squares))
    return Comparison(
        bool(ks_2samp(logs[0], logs[1]).pvalue > FALSE_ALARM),
        bool(gap + quantile * error < MARGIN),
        bool(abs(squares[0].mean() - squares[1].mean()) < quantile * wobble),
    )


@pytest.mark.parametrize("name", PIPELINES)
def test_every_pipeline_has_the_law_of_the_plain_one(name: str) -> None:
    plain = simulate_generations(PIPELINES[name], TRIALS, seed=1)
    sufficient = simulate_generations(PIPELINES[name], TRIALS, seed=2, route="sufficient")
    for one, other in zip(plain, sufficient, strict=True):
        assert compared(np.array(one.draws), np.array(other.draws)).all


def one_degree_less(generator: np.random.Generator, samples: int, eigenvalues: Doubles) -> Doubles:
    return true_factor(generator, samples - 1, eigenvalues)


def transposed(generator: np.random.Generator, samples: int, eigenvalues: Doubles) -> Doubles:
    R = true_factor(generator, samples, np.ones(len(eigenvalues)))
    # As a triangle again, since the triangular solution reads that half alone.
    return np.asarray(np.linalg.qr(R.T)[1] * np.sqrt(eigenvalues), dtype=np.float64)


def without_normals(generator: np.random.Generator, samples: int, eigenvalues: Doubles) -> Doubles:
    return np.diag(np.diag(true_factor(generator, samples, eigenvalues)))


true_factor = bartlett.draw_factor
true_error = bartlett.draw_least_squares_error


@pytest.mark.parametrize("wrong", [one_degree_less, transposed, without_normals])
def test_a_wrong_factor_is_refused(wrong: object, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = simulate(PIPELINES["ridge"], TRIALS, seed=1)
    monkeypatch.setattr(runs, "draw_factor", wrong)
    false = simulate(PIPELINES["ridge"], TRIALS, seed=2, route="sufficient")
    assert not compared(np.array(plain.draws), np.array(false.draws)).all


def test_noise_forgotten_beside_a_factor_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = PIPELINES["one design for all"]
    plain = simulate(shared, TRIALS, seed=1)
    monkeypatch.setattr(runs, "draw_labels", lambda _, X, weights, __: X @ weights)
    false = simulate(shared, TRIALS, seed=2, route="sufficient")
    assert not compared(np.array(plain.draws), np.array(false.draws)).all


def test_a_generation_without_noise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = PIPELINES["chain of least squares"]
    plain = simulate(chain, TRIALS, seed=1)
    errors = iter([False, True, True, True] * TRIALS)
    monkeypatch.setattr(
        runs, "draw_least_squares_error", lambda *given: next(errors) * true_error(*given)
    )
    false = simulate(chain, TRIALS, seed=2, route="sufficient")
    assert not compared(np.array(plain.draws), np.array(false.draws)).all


def test_an_error_of_one_degree_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = simulate(PIPELINES["chain of least squares"], TRIALS, seed=1)
    monkeypatch.setattr(
        runs,
        "draw_least_squares_error",
        lambda generator, samples, eigenvalues: true_error(generator, samples + 1, eigenvalues),
    )
    false = simulate(PIPELINES["chain of least squares"], TRIALS, seed=2, route="sufficient")
    assert not compared(np.array(plain.draws), np.array(false.draws)).all


def factors(count: int, samples: int, features: int) -> Doubles:
    generator = np.random.default_rng(5)
    eigenvalues = 1.0 / np.arange(1, features + 1)
    return np.array([bartlett.draw_factor(generator, samples, eigenvalues) for _ in range(count)])


def within(values: Doubles, expected: Doubles) -> bool:
    """Whether means of independent draws are those expected, each at the same risk."""
    quantile = float(norm.isf(FALSE_ALARM / 2))
    error = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return bool((np.abs(values.mean(axis=0) - expected) <= quantile * error).all())


def test_moments_are_those_of_wishart() -> None:
    T, d = 12, 4
    R = factors(4000, T, d)
    W = R.transpose(0, 2, 1) @ R
    s = 1.0 / np.arange(1, d + 1)
    assert within(W, T * np.diag(s))
    # E W² = T(T + 1) Σ² + T Σ tr Σ, and E W⁻¹ = Σ⁻¹/(T − d − 1).
    second = T * (T + 1) * np.diag(s**2) + T * np.diag(s) * s.sum()
    assert within(W @ W, second)
    inverse = np.asarray(np.linalg.inv(W), dtype=np.float64)
    assert within(inverse, np.diag(1 / s) / (T - d - 1))
    assert not within(W @ W, second - T * np.diag(s**2))
    assert not within(inverse, np.diag(1 / s) / (T - d))


def test_the_error_of_least_squares_has_the_covariance_of_an_inverse_wishart() -> None:
    T, s = 12, np.array([1.0, 0.5, 0.25])
    generator = np.random.default_rng(6)
    draws = np.array([bartlett.draw_least_squares_error(generator, T, s) for _ in range(8000)])
    products = draws[:, :, None] * draws[:, None, :]
    assert within(products, np.diag(1 / s) / (T - 3 - 1))
    assert not within(products, np.diag(1 / s) / (T - 3))
    # One chi squared for all directions: squares of two of them are correlated. E u²v² of Student's law.
    fourth = 1 / (s[0] * s[1]) / ((T - 3 - 1) * (T - 3 - 3))
    assert within((draws[:, :1] * draws[:, 1:2]) ** 2, np.array([fourth]))


def test_the_factor_is_that_of_a_design_with_its_own_labels() -> None:
    # Given R and Qᵀε of a drawn design, the weights are the same, so only their law is at stake above.
    generator = np.random.default_rng(7)
    X = draw_inputs(generator, 9, np.array([2.0, 1.0, 0.1]))
    Y = generator.standard_normal(9)
    Q, R = np.linalg.qr(X)
    # Rounding, times a condition below 1e3.
    np.testing.assert_allclose(fit(R, Q.T @ Y, 0.3, 9.0), fit(X, Y, 0.3), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(bartlett.solve_factor(R, Q.T @ Y), fit(X, Y, 0.0), rtol=1e-12)


def test_fewer_rows_than_features_are_drawn_as_they_are() -> None:
    few = problem(Generation(3, 1, "1/9"), downstream=Downstream(4, 1, "1/9"))
    assert simulate(few, 5).draws == simulate(few, 5, route="sufficient").draws
    for draw in (bartlett.draw_factor, bartlett.draw_least_squares_error):
        with pytest.raises(ValueError, match="3 rows of 4 features"):
            draw(np.random.default_rng(0), 3, np.ones(4))


def test_a_singular_factor_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="full rank"):
        bartlett.solve_factor(np.diag([1.0, 0.0]), np.ones(2))


def test_routes_are_continued_by_themselves_only() -> None:
    chain = PIPELINES["accumulated"]
    start = simulate(chain, 3, route="sufficient")
    assert extend(start, chain, 4) == simulate(chain, 7, route="sufficient")
    assert start.draws != simulate(chain, 3).draws
    with pytest.raises(ValueError, match=r"plain trials from 3 .* do not continue sufficient"):
        join(start, simulate(chain, 2, first=3))
    with pytest.raises(InvalidProblem, match="route = 'fast': give"):
        simulate(chain, 3, route="fast")  # type: ignore[arg-type]


def test_lapack_reads_the_transpose_of_rows() -> None:
    R = np.array([[2.0, 1.0], [0.0, 4.0]])
    solution, _ = lapack.dtrtrs(R.T, np.array([3.0, 4.0]), lower=1, trans=1)
    assert solution.tolist() == [1.0, 1.0]
