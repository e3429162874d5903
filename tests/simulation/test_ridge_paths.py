"""A path is `simulate` at each ridge and each length of the chain, on the same draws, in one go."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Rational

from symcollapse.language.errors import InvalidProblem, NotEvaluable, NotSupported
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum, IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import generation, noise
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.simulation import (
    RidgePath,
    draw_inputs,
    fit,
    fit_ridges,
    path_runs,
    ridge_paths,
    ridge_solutions,
    simulate,
    simulate_ridge_path,
    worker_pool,
)
from symcollapse.simulation.populations import Doubles

CHAIN = (Generation(70, "1/5", repeat=2), Generation(20, "1/5"), Generation(40, 0, "1/9"))

RIDGES: list[Any] = [0, 1e-14, "1/10", 1.0]

SAME_DRAWS = 1e-8
"""Relative, of a risk: twice the nine digits of `fit_ridges`, its weights below √5 times the root of the risk here."""


@pytest.fixture(autouse=True)
def _trial_by_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems too; their stacks have tests of their own."""
    monkeypatch.setattr(ridge_paths, "SMALL", 0)


def problem(downstream: Downstream, chain: tuple[Generation, ...] = CHAIN) -> Problem:
    return Problem(PowerLawSpectrum(30, 2), SourceTarget("3/8"), chain, downstream)


RISING = ExplicitSpectrum([Rational(place, 10) for place in range(1, 31)])
"""Its features have to be put in order for a fit."""

DOWNSTREAM = {
    "ample": Downstream(100, "1/10"),
    "scarce": Downstream(40, "1/10"),
    "square": Downstream(30, "1/10"),
    "fewer samples than features": Downstream(20, "1/10"),
    "random features": Downstream(50, "1/10", features=25),
    "shift of the labels": Downstream(20, "1/10", shift=UniformTarget(1)),
    "another spectrum": Downstream(35, "1/10", spectrum=RISING),
}


@pytest.mark.parametrize("route", ["plain", "sufficient"])
@pytest.mark.parametrize("name", DOWNSTREAM)
def test_a_path_is_simulate_at_each_ridge_draw_by_draw(name: str, route: Any) -> None:
    downstream = DOWNSTREAM[name]
    path = simulate_ridge_path(problem(downstream), RIDGES, trials=6, route=route)
    assert path.generations == (4,)
    for at, ridge in enumerate(RIDGES):
        one = problem(replace(downstream, ridge=Fraction(ridge)))
        draws = simulate(one, 6, route=route).draws
        if route == "sufficient" and ridge == 0 and downstream.features is None:
            continue  # One ridge of 0 alone needs no design; this is compared below.
        np.testing.assert_allclose(path.draws[:, 0, at], draws, rtol=SAME_DRAWS)
        # The twin: one seed more is other draws.
        other = simulate(one, 6, seed=2, route=route).draws
        assert not np.allclose(path.draws[:, 0, at], other, rtol=1e-3)


def test_a_prefix_of_the_chain_has_the_error_of_the_shorter_chain() -> None:
    # Means of other draws: equivalence within a margin, at a false alarm of 1e-6 each.
    downstream = Downstream(60, "1/2")
    noisy = (Generation(70, 1, repeat=2), Generation(40, 1, "1/9"))
    sizes = problem(downstream, noisy)
    path = simulate_ridge_path(sizes, ["1/100", "1/5"], [0, 2, 3], trials=4000)
    for row, chain in ((0, ()), (1, noisy[:1]), (2, noisy)):
        for column, ridge in enumerate(("1/100", "1/5")):
            one = simulate(problem(replace(downstream, ridge=ridge), chain), 1200, seed=3)
            gap = abs(path.mean[row][column] / one.mean - 1)
            error = math.hypot(path.standard_error[row][column], one.standard_error) / one.mean
            assert gap + 4.9 * error < 0.12
            # The twin: the error after another number of generations is beyond the margin.
            other = path.mean[1 if row == 0 else 0][column]
            assert abs(other / one.mean - 1) - 4.9 * error > 0.02


def test_every_length_sees_the_same_design_and_noise() -> None:
    # Without noise in the generators all of them label alike, up to rounding.
    silent = problem(Downstream(50, 1), (Generation(70, 0, repeat=3),))
    path = simulate_ridge_path(silent, [0, 1], [0, 1, 3, 2], trials=3)
    assert path.generations == (0, 1, 3, 2)
    np.testing.assert_allclose(path.draws, path.draws[:, :1].repeat(4, axis=1), rtol=1e-10)


def test_lengths_and_ridges_do_not_change_the_draws() -> None:
    sizes = problem(Downstream(50, 1))
    wide = simulate_ridge_path(sizes, [0, 1, 2], [0, 1, 4], trials=3)
    narrow = simulate_ridge_path(sizes, [2], [4, 0], trials=3)
    # A path of other columns is rounded otherwise.
    np.testing.assert_allclose(narrow.draws[:, :, 0], wide.draws[:, [2, 0], 2], rtol=1e-12)


def test_any_number_of_workers_gives_the_same_bits() -> None:
    sizes = problem(Downstream(50, 1))
    alone = simulate_ridge_path(sizes, RIDGES, [0, 4], trials=11, seed=5)
    reports: list[tuple[int, int]] = []
    with worker_pool(2) as pool:
        shared = simulate_ridge_path(
            sizes, RIDGES, [0, 4], 11, 5, 2, lambda *n: reports.append(n), pool=pool
        )
    assert (shared.draws == alone.draws).all()
    assert reports[-1] == (11, 11)
    later = simulate_ridge_path(sizes, RIDGES, [0, 4], trials=6, seed=5, first=5)
    assert (later.draws == alone.draws[5:]).all()
    assert later.first == 5


def test_the_summary_is_that_of_the_draws() -> None:
    path = simulate_ridge_path(problem(Downstream(50, 1)), RIDGES, [0, 4], trials=9)
    assert path.draws.shape == (9, 2, 4)
    assert path.ridges == (0.0, 1e-14, 0.1, 1.0)
    np.testing.assert_allclose(path.mean, path.draws.mean(axis=0), rtol=1e-14)
    spread = path.draws.std(axis=0, ddof=1) / 3
    np.testing.assert_allclose(path.standard_error, spread, rtol=1e-12)
    # Squares of such draws are no doubles; a power of two rounds nothing.
    for power in (-1000, 1000):
        other = RidgePath(path.generations, path.ridges, np.ldexp(path.draws, power), seed=1)
        assert other.mean == tuple(tuple(np.ldexp(row, power)) for row in path.mean)
        assert other.standard_error == tuple(
            tuple(np.ldexp(row, power)) for row in path.standard_error
        )
    single = RidgePath((0,), (0.0,), np.ones((1, 1, 1)), seed=1)
    assert single.standard_error == ((math.inf,),)
    assert "draws" not in repr(path)


@pytest.mark.parametrize(
    ("downstream", "chain"),
    [
        (Downstream(50, data="accumulate"), CHAIN),
        (Downstream(50, real_samples=3), CHAIN),
        (Downstream(50, real_weight="1/2"), CHAIN),
        (Downstream(40, design="shared"), CHAIN),
    ],
)
def test_what_cannot_share_a_factor_is_refused(
    downstream: Downstream, chain: tuple[Generation, ...]
) -> None:
    with pytest.raises(NotSupported, match="downstream: a path takes one fit of fresh samples"):
        simulate_ridge_path(problem(downstream, chain), [1])


@pytest.mark.parametrize(
    ("ridges", "generations", "says"),
    [
        ([], None, "ridges: there is none"),
        ([1, -1], None, r"ridges\[1\] = -1: give"),
        ([math.inf], None, r"ridges\[0\] = inf: give"),
        ([math.nan], None, r"ridges\[0\] = nan: give"),
        ([1], [], "generations: there is none"),
        ([1], [5], "generations: 5 of 4 cannot be taken; give integers from 0 to 4"),
        ([1], [0.5], "generations: 0.5 of 4"),
        ([1], [-1], "generations: -1 of 4"),
        ([1], [math.nan], "generations: nan of 4"),
        ([1], [math.inf], "generations: inf of 4"),
        ([1], [None], "generations: None of 4"),
        ([1], 2, r"generations = 2: give a list, as \[2\]"),
        (0.1, None, r"ridges = 0.1: give a list, as \[0.1\]"),
        ("12", None, r"ridges = '12': give a list"),
        (np.array(0.1), None, "ridges = .*: give a list"),
    ],
)
def test_numbers_out_of_range_are_refused(ridges: Any, generations: Any, says: str) -> None:
    with pytest.raises(InvalidProblem, match=says):
        simulate_ridge_path(problem(Downstream(50)), ridges, generations)


def test_a_path_needs_a_downstream_fit_and_numbers() -> None:
    chain = Problem(IsotropicSpectrum(3), UniformTarget(1), CHAIN)
    with pytest.raises(InvalidProblem, match="downstream: there is none"):
        simulate_ridge_path(chain, [1])
    with pytest.raises(NotEvaluable, match="sigma has no value"):
        simulate_ridge_path(problem(Downstream(50, noise)), [1])
    with pytest.raises(InvalidProblem, match="route = 'fast'"):
        simulate_ridge_path(problem(Downstream(50)), [1], route="fast")  # type: ignore[arg-type]
    huge = Problem(IsotropicSpectrum(2, 10**250), UniformTarget(10**250), (), Downstream(1))
    with pytest.raises(NotEvaluable, match="trial 0 with seed 1 overflows"):
        simulate_ridge_path(huge, [1], trials=2)


def test_a_downstream_fit_that_knows_its_number_serves_one_length() -> None:
    growing = problem(Downstream(20 * generation, 1), CHAIN)
    for lengths in (None, [4]):
        path = simulate_ridge_path(growing, [1], lengths, trials=2, route="plain")
        one = problem(Downstream(20 * generation, 1, ridge=1), CHAIN)
        np.testing.assert_allclose(path.draws[:, 0, 0], simulate(one, 2).draws, rtol=SAME_DRAWS)
    # After one generation it would have 20 samples, not 80.
    with pytest.raises(NotSupported, match="depend on how many generations there are"):
        simulate_ridge_path(growing, [1], [1, 4], trials=2)


@pytest.mark.parametrize("arrays", [None, "numpy"])
@pytest.mark.parametrize("width", [None, 25])
def test_many_ridges_are_solved_in_parts(
    arrays: str | None, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = problem(Downstream(50, 1, features=width))
    ridges = [0, "1/10", 0, 1, 2, 1e-14, 3]
    whole = simulate_ridge_path(sizes, ridges, [0, 4], trials=3, arrays=arrays)
    # Three ridges of one trial; one of three trials.
    monkeypatch.setattr(path_runs, "MOST_WEIGHTS", 3 * 30 * 2)
    parts = simulate_ridge_path(sizes, ridges, [0, 4], trials=3, arrays=arrays)
    # Columns of other numbers are rounded otherwise.
    np.testing.assert_allclose(parts.draws, whole.draws, rtol=SAME_DRAWS)


def test_huge_variances_are_paths_too() -> None:
    power = 10**280
    large = Problem(PowerLawSpectrum(45, 2, scale=power), UniformTarget(1), (), Downstream(30))
    small = Problem(PowerLawSpectrum(45, 2), UniformTarget(1), (), Downstream(30))
    found = simulate_ridge_path(large, [0, power], trials=2).draws
    # Risks are of the scale of the variances; roundings are amplified by a condition below 1e7.
    np.testing.assert_allclose(
        found, power * simulate_ridge_path(small, [0, 1], trials=2).draws, rtol=1e-8
    )


# The factor that all ridges share.

SPECTRA = {
    "equal": np.ones(60),
    "j^-1.5": np.arange(1.0, 61.0) ** -1.5,
    "exp(-j/4)": np.exp(-np.arange(60.0) / 4),
    "j^-4": np.arange(1.0, 61.0) ** -4.0,
    "j^-8": np.arange(1.0, 61.0) ** -8.0,
}
HARD_RIDGES = np.array([0.0, 1e-15, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0])


def worst_gap(s: Doubles, samples: int, expected: Any) -> float:
    """Between solutions by the shared factor and the right ones, in the norm of the excess risk, over their own."""
    generator = np.random.default_rng(samples)
    X = draw_inputs(generator, samples, s)
    labelling = np.stack([np.ones(len(s)), np.arange(1.0, len(s) + 1) ** 2], axis=1)
    Y = X @ labelling + 0.1 * generator.standard_normal((samples, 2))
    found = fit_ridges(X, Y, HARD_RIDGES)
    worst = 0.0
    for ridge, weights in zip(HARD_RIDGES, found, strict=True):
        right = expected(X, Y, float(ridge))
        roots = np.sqrt(s)[:, None]
        gaps = np.linalg.norm(roots * (weights - right), axis=0)
        worst = max(worst, float((gaps / np.linalg.norm(roots * right, axis=0)).max()))
    return worst


@pytest.mark.parametrize("samples", [1, 15, 30, 59, 60, 61, 90, 120, 300])
@pytest.mark.parametrize("name", SPECTRA)
def test_shared_factors_agree_with_a_fit_of_each_ridge(name: str, samples: int) -> None:
    # What fit_ridges says was measured.
    assert worst_gap(SPECTRA[name], samples, fit) < 1e-9


def test_a_factor_without_a_limit_on_its_condition_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ridge_solutions, "LARGEST_CONDITION", 1e14)
    assert worst_gap(SPECTRA["j^-8"], 30, fit) > 1e-6


def test_another_normalisation_of_the_ridge_is_noticed() -> None:
    assert worst_gap(SPECTRA["j^-1.5"], 90, lambda X, Y, ridge: fit(X, Y, ridge, 91)) > 1e-6


def test_one_feature_and_one_sample() -> None:
    X, Y = np.array([[2.0]]), np.array([[3.0]])
    # 2·3/(4 + λ)
    np.testing.assert_allclose(fit_ridges(X, Y, np.array([0.0, 2.0]))[:, 0, 0], [1.5, 1.0])


@pytest.mark.parametrize("shape", [(2, 4), (4, 2), (9, 2)])
def test_a_design_without_full_rank_is_refused(shape: tuple[int, int]) -> None:
    X = np.zeros(shape)
    with pytest.raises(ArithmeticError, match="full rank"):
        fit_ridges(X, np.ones((shape[0], 1)), np.array([0.0]))


def test_exact_ridges_are_converted_once() -> None:
    planned = path_runs.planned_path(problem(Downstream(50)), [Rational(1, 3), 2, "0.1"])
    assert planned.ridges == (1 / 3, 2.0, 0.1)
