"""A trial of any pipeline is its definition; where the mean needs no random-matrix theory, it is that.

Laws used: linearity, the mean of an inverse Wishart matrix (least squares of N rows of N(0, Σ) under noise σ errs by
σ²d/(N − d − 1)), and a martingale: accumulated least squares adds C⁻¹XᵀE per generation, over all rows so far.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum, IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import ExplicitTarget, UniformTarget
from symcollapse.simulation import (
    Simulation,
    extend,
    fit,
    plan_of,
    run_plan,
    simulate,
    simulate_generations,
    worker_pool,
)
from symcollapse.simulation.runs import draw_features
from tests.pipeline_strategies import pipelines
from tests.simulation.pipeline_definitions import errors_by_definition

FAR = 4.5
"""Standard errors between a measured mean and its law; a true law strays as far once in 1.5e5 normal draws."""

PLANE = IsotropicSpectrum(2)
TRUTH = UniformTarget(1)
m = symbols.generation


def generations(*entries: Generation, down: Downstream | None = None) -> Problem:
    return Problem(PLANE, TRUTH, entries, down)


def strays(simulation: Simulation, law: float) -> float:
    """Distance of a simulated mean from a law, in standard errors."""
    return abs(simulation.mean - law) / simulation.standard_error


def inverse_wishart(samples: int, features: int = 2, less: int = 1) -> float:
    """What least squares makes of unit noise; exact for less = 1."""
    return features / (samples - features - less)


# By definition


@settings(derandomize=True, deadline=None, max_examples=150)
@given(pipelines())
def test_every_pipeline_is_its_definition(problem: Problem) -> None:
    got = run_plan(plan_of(problem), np.random.default_rng(5))
    expected = errors_by_definition(problem, np.random.default_rng(5))
    # The definition inverts squared matrices, of condition up to 1e10, in doubles; and cuts off at 1e-13.
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6 * plan_energy(problem))


def plan_energy(problem: Problem) -> float:
    plan = plan_of(problem)
    return float((plan.eigenvalues * plan.truth**2).sum())


@pytest.mark.parametrize(
    "change",
    [
        {"data": "replace"},
        {"real_weight": "2/5"},
        {"real_samples": 5},
        {"real_noise": 1, "real_data": "fresh"},
        {"real_data": "fresh"},
        {"spectrum": None},
        {"shift": UniformTarget(2)},
        {"features": 4},
        {"ridge": "1/4"},
        {"design": "fresh"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_key_counts(change: dict[str, Any]) -> None:
    own = ExplicitSpectrum([3, 1, "1/2"])
    first = Generation(6, "1/2", spectrum=own, real_samples=4)
    last = Downstream(
        6,
        "1/2",
        "1/5",
        data="accumulate",
        real_weight="3/10",
        real_samples=4,
        real_noise="3/4",
        real_data="same",
        spectrum=own,
        shift=UniformTarget(1),
        features=3,
        design="shared",
    )
    # Some keys cannot be told, or not alone: real labels of before have no new noise, fresh inputs none of before.
    if len(change) > 1:
        last = dataclasses.replace(last, real_data="fresh")
    if "design" in change:
        change = {**change, "real_data": "fresh"}
    changed_first = first
    if change.keys() & {"spectrum", "real_samples"}:
        changed_first = dataclasses.replace(first, **change)
    changed_last = dataclasses.replace(last, **change)
    spectrum, target = PowerLawSpectrum(3, 1), UniformTarget(1)
    problem = Problem(spectrum, target, (first,), last)
    changed = Problem(spectrum, target, (changed_first,), changed_last)
    got = run_plan(plan_of(changed), np.random.default_rng(2))[-1]
    expected = errors_by_definition(changed, np.random.default_rng(2))[-1]
    assert math.isclose(got, expected, rel_tol=1e-9)  # rounding, at conditions below 1e5
    before = run_plan(plan_of(problem), np.random.default_rng(2))[-1]
    assert not math.isclose(got, before, rel_tol=1e-4)  # the twin: the key does something


def test_normal_equations_and_orthogonal_factors_agree() -> None:
    entry = Generation(9, 1, "1/3", repeat=3, data="accumulate", real_weight="1/4", real_samples=5)
    plan = plan_of(generations(entry, down=Downstream(9, 1, design="shared", data="accumulate")))
    assert all(each.ample for each in plan.fits)
    other = dataclasses.replace(
        plan, fits=tuple(dataclasses.replace(each, ample=False) for each in plan.fits)
    )
    got, expected = (run_plan(each, np.random.default_rng(3)) for each in (plan, other))
    np.testing.assert_allclose(got, expected, rtol=1e-10)  # rounding, at a condition below 1e4


def test_few_large_rows_do_not_drown_many_small_ones() -> None:
    # One real row of variance 1e16 beside 30 synthetic ones of variance 1: XᵀX would round the latter away.
    problem = Problem(
        IsotropicSpectrum(3, 10**16),
        UniformTarget(3),
        downstream=Downstream(30, spectrum=IsotropicSpectrum(3), real_samples=1),
    )
    plan = plan_of(problem)
    (only,) = plan.fits
    assert not only.ample
    careless = dataclasses.replace(plan, fits=(dataclasses.replace(only, ample=True),))
    risks = [run_plan(each, np.random.default_rng(0))[0] / 3e16 for each in (plan, careless)]
    # Rows perturbed by 2^-53 of the largest, 1e8, leave weights right to 1e-8; the rest is room.
    assert risks[0] < 1e-12
    assert risks[1] > 1e-9


@pytest.mark.parametrize("width", [5, 12])
def test_random_features_stay_accurate_over_24_decades(width: int) -> None:
    features, samples = 8, 5 if width > 8 else 20
    roots = np.logspace(0, -12, features)
    generator = np.random.default_rng(1)
    X = generator.standard_normal((samples, features)) * roots
    Y = generator.standard_normal(samples)
    S = np.random.default_rng(0).standard_normal((features, width)) / math.sqrt(width)
    with mpmath.workdps(120):
        Z = mpmath.matrix(X.tolist()) * mpmath.matrix(S.tolist())
        labels = mpmath.matrix(Y.tolist())
        few = width > samples
        A, b = (Z * Z.T, labels) if few else (Z.T * Z, Z.T * labels)
        found = Z.T * mpmath.lu_solve(A, b) if few else mpmath.lu_solve(A, b)
        expected = roots * np.array([float(w) for w in mpmath.matrix(S.tolist()) * found])
    L = draw_features(np.random.default_rng(0), features, width)
    got = roots * (L @ fit(X @ L, Y, 0.0, ample=False))
    # Rounding 2^-53 times the condition of the whitened problem, below 1e3.
    assert np.linalg.norm(got - expected) < 1e-13 * np.linalg.norm(expected)
    # The twin: features as they are drawn mix large and small variances.
    mixed = roots * (S @ fit(X @ S, Y, 0.0, ample=False))
    assert np.linalg.norm(mixed - expected) > 1e-11 * np.linalg.norm(expected)


# Without randomness in the answer


@pytest.mark.parametrize(
    "entry",
    [
        Generation(5, repeat=4),
        Generation(3, repeat=4, data="accumulate"),
        Generation(5, repeat=3, real_weight="-1/4"),
        Generation(5, repeat=3, real_weight="5/4", real_samples=2),
        Generation(2, repeat=3, real_samples=3, real_data="same", data="accumulate"),
        Generation(5, repeat=3, spectrum=ExplicitSpectrum(["1/9", 4, 1])),
        Generation(5, repeat=3, design="shared", real_data="same", real_weight="1/2"),
        Generation(5, repeat=3, features=3),
        Generation(5, repeat=3, features=8),
        Generation(5 + m, repeat=3, real_samples=2 * m),
    ],
)
def test_least_squares_without_noise_finds_the_truth(entry: Generation) -> None:
    spectrum, target = PowerLawSpectrum(3, 2), UniformTarget(1)
    risks = simulate_generations(Problem(spectrum, target, (entry,)), 20)
    # Squares of rounding errors 2^-53 times the condition of these designs, below 1e5 but for rare draws.
    assert max(each.mean for each in risks) < 1e-18
    changes: list[dict[str, Any]] = [
        {"noise": "1/100"},
        {"shift": UniformTarget("1/100")},
        {"features": 2},
    ]
    for change in changes:
        spoiled = dataclasses.replace(entry, **change)
        assert simulate(Problem(spectrum, target, (spoiled,)), 20).mean > 1e-6


def test_fully_real_labels_are_real_data_alone() -> None:
    real: dict[str, Any] = {"real_weight": 1, "real_noise": "1/3"}
    mixed = simulate(Problem(PLANE, TRUTH, (), Downstream(9, 7, **real)), 30)
    assert mixed == simulate(Problem(PLANE, TRUTH, (), Downstream(9, "1/3")), 30)
    # The twin: a part of synthetic labels is noticed.
    assert mixed != simulate(
        Problem(PLANE, TRUTH, (), Downstream(9, 7, **{**real, "real_weight": "99/100"})), 30
    )


def test_the_teachers_own_labels_give_the_teacher_again() -> None:
    teacher = Generation(9, 1, "1/2")
    own = Downstream(9, 1, "1/2", design="shared", real_data="same", real_weight=1)
    first, last = simulate_generations(generations(teacher, down=own), 30)
    assert last == first
    fresh = dataclasses.replace(own, real_data="fresh")
    first, last = simulate_generations(generations(teacher, down=fresh), 30)
    assert last != first


def test_labels_that_are_their_own_first_labels_count_once() -> None:
    once = Generation(9, 1, "1/2", repeat=3, data="accumulate", design="shared")
    first = dataclasses.replace(once, repeat=1, real_data="same", real_weight="9/8")
    rest = dataclasses.replace(once, repeat=2)
    assert simulate(generations(first, rest), 10) == simulate(generations(once), 10)
    late = dataclasses.replace(rest, real_data="same", real_weight="9/8")
    assert simulate(generations(first, late), 10) != simulate(generations(once), 10)


def test_very_many_random_features_are_the_inputs_themselves() -> None:
    plain = np.array(simulate(generations(down=Downstream(9, 1, "1/2")), 20).draws)
    wide, narrow = (
        np.array(simulate(generations(down=Downstream(9, 1, "1/2", features=width)), 20).draws)
        for width in (200_000, 3)
    )
    # SSᵀ is the identity up to √(2/M), six standard deviations of which are 0.02; errors follow it to first order.
    np.testing.assert_allclose(wide, plain, rtol=0.1, atol=0.01)
    assert not np.allclose(narrow, plain, rtol=0.1, atol=0.01)


def test_an_enormous_ridge_predicts_zero() -> None:
    entry = Generation(9, 1, 10**12, real_samples=3, data="accumulate", features=5, repeat=2)
    for each in simulate_generations(generations(entry), 5):
        assert math.isclose(each.mean, 1, rel_tol=1e-9)  # what is left is of order 1/ridge
    small = dataclasses.replace(entry, ridge=1)
    assert not math.isclose(simulate(generations(small), 5).mean, 1, rel_tol=1e-2)


# Laws of the mean


def accumulated(sizes: Sequence[int], *, less: int = 1) -> float:
    rows = np.cumsum(sizes)
    return sum(
        size / total * inverse_wishart(int(total), less=less)
        for size, total in zip(sizes, rows, strict=True)
    )


@pytest.mark.monte_carlo
def test_accumulated_least_squares_adds_a_martingale() -> None:
    entry = Generation(8 + 4 * m, 1, repeat=3, data="accumulate")
    found = simulate_generations(generations(entry), 20_000)
    for count, each in enumerate(found, start=1):
        law = accumulated([8, 12, 16][:count])
        assert strays(each, law) < FAR
        assert each.standard_error < 0.015 * law
    # The twins: the asymptotic law, equal batches, and replacing.
    assert strays(found[-1], accumulated([8, 12, 16], less=0)) > FAR
    assert strays(found[-1], accumulated([12, 12, 12])) > FAR
    assert strays(found[-1], sum(inverse_wishart(size) for size in (8, 12, 16))) > FAR


@pytest.mark.monte_carlo
def test_accumulated_labels_on_the_same_inputs_add_inverse_squares() -> None:
    entry = Generation(9, 1, repeat=4, data="accumulate", design="shared")
    found = simulate_generations(generations(entry), 12_000)
    for count, each in enumerate(found, start=1):
        law = inverse_wishart(9) * sum(1 / k**2 for k in range(1, count + 1))
        assert strays(each, law) < FAR
    assert strays(found[-1], inverse_wishart(9) * sum(1 / k for k in range(1, 5))) > FAR
    assert strays(found[-1], accumulated([9, 9, 9, 9])) > FAR


@pytest.mark.monte_carlo
@pytest.mark.parametrize("weight", [-0.25, 0.25, 0.75, 1.25])
def test_mixed_labels_follow_their_recursion(weight: float) -> None:
    share = f"{round(4 * weight)}/4"
    entry = Generation(9, 1, repeat=4, real_weight=share, real_noise=2)
    found = simulate_generations(generations(entry), 8_000)
    law = swapped = 0.0
    for each in found:
        law = (1 - weight) ** 2 * (law + inverse_wishart(9)) + weight**2 * 4 * inverse_wishart(9)
        swapped = weight**2 * (swapped + inverse_wishart(9)) + (1 - weight) ** 2 * 4 / 6
        assert strays(each, law) < FAR
    assert strays(found[-1], swapped) > FAR


@pytest.mark.monte_carlo
def test_pooled_real_samples_count_as_rows() -> None:
    # The first generator's labels are as good as real ones.
    found = simulate(generations(Generation(5, 1, real_samples=7)), 12_000)
    assert strays(found, inverse_wishart(12)) < FAR
    assert strays(found, inverse_wishart(7)) > FAR
    assert strays(found, inverse_wishart(5 + 6)) > FAR


@pytest.mark.monte_carlo
def test_own_spectra_belong_to_the_problems_eigenvectors() -> None:
    fit = Downstream(9, 1, spectrum=ExplicitSpectrum([9, "1/4"]))
    for spectrum in ([1, 4], [4, 1]):
        problem = Problem(ExplicitSpectrum(spectrum), ExplicitTarget([1, 2]), (), fit)
        found = simulate(problem, 12_000)
        law = (spectrum[0] / 9 + spectrum[1] * 4) / 6
        turned = (spectrum[1] / 9 + spectrum[0] * 4) / 6
        assert strays(found, law) < FAR
        assert strays(found, turned) > FAR


@pytest.mark.monte_carlo
def test_each_fit_draws_its_own_shift_once() -> None:
    shift = ExplicitTarget([2, 1])
    spectrum = ExplicitSpectrum([1, 3])
    entry = Generation(6, shift=shift, repeat=3)
    found = simulate_generations(Problem(spectrum, TRUTH, (entry,)), 8_000)
    for count, each in enumerate(found, start=1):
        assert strays(each, count * (4 * 1 + 1 * 3)) < FAR
    # The twins: one shift again and again, and a shift for every row, which is noise and averages out.
    assert strays(found[-1], 9 * 7) > FAR
    assert strays(found[-1], 3 * 7 * 2 / 3) > FAR
    # On the same inputs labels are averaged, and their shifts with them: w_k = w_0 + Σ δ_m/m.
    kept = dataclasses.replace(entry, design="shared", data="accumulate")
    found = simulate_generations(Problem(spectrum, TRUTH, (kept,)), 8_000)
    for count, each in enumerate(found, start=1):
        assert strays(each, 7 * sum(1 / k**2 for k in range(1, count + 1))) < FAR


@pytest.mark.monte_carlo
def test_few_random_features_keep_a_share_of_isotropic_truth() -> None:
    # Without noise and with a row for each feature, the fit is the projection of w_0 on M of d directions.
    problem = Problem(IsotropicSpectrum(6), TRUTH, (), Downstream(4000, features=2))
    found = simulate(problem, 400)
    # Regression on 2 of 6 directions from 4000 rows errs by a further 2/4000 of the rest.
    assert strays(found, 1 - 2 / 6) < FAR
    assert strays(found, 1 - 3 / 6) > FAR
    assert strays(found, 1 - 1 / 6) > FAR


# Trials


def test_errors_of_every_fit_are_those_of_shorter_pipelines() -> None:
    entry = Generation(7, 1, "1/5", data="accumulate", real_weight="1/3", shift=UniformTarget(1))
    down = Downstream(9, 1, features=2)
    whole = simulate_generations(generations(dataclasses.replace(entry, repeat=3), down=down), 6)
    assert len(whole) == 4
    for count in (1, 2, 3):
        short = simulate(generations(dataclasses.replace(entry, repeat=count)), 6)
        # Stacked otherwise, the same numbers may round otherwise.
        np.testing.assert_allclose(whole[count - 1].draws, short.draws, rtol=1e-10)
    assert whole[0].draws != whole[1].draws


@settings(derandomize=True, deadline=None, max_examples=40)
@given(pipelines())
def test_trials_do_not_depend_on_how_they_are_split(problem: Problem) -> None:
    whole = simulate(problem, 5, seed=4)
    assert extend(simulate(problem, 2, seed=4), problem, 3) == whole
    assert simulate_generations(problem, 5, seed=4)[-1] == whole
    # Trials have numbers of their own; only what recovers the truth exactly, without noise, comes out alike.
    assert len(set(whole.draws)) == 5 or max(whole.draws) < 1e-20


def test_trials_do_not_depend_on_the_workers() -> None:
    problems: list[Problem] = []

    @settings(derandomize=True, deadline=None, max_examples=12)
    @given(pipelines())
    def collect(problem: Problem) -> None:
        problems.append(problem)

    collect()
    with worker_pool(2) as pool:
        for problem in problems:
            alone = simulate_generations(problem, 6)
            assert simulate_generations(problem, 6, workers=2, pool=pool) == alone


# What is refused


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (Generation(9, real_weight=symbols.noise), "sigma has no value"),
        (Generation(9, real_samples=symbols.generation_samples), "T_0 has no value"),
        (Generation(9, real_samples=1, real_noise=symbols.noise), "sigma has no value"),
        (Generation(9, features=symbols.generation_samples), "T_0 has no value"),
        (Generation(9, spectrum=IsotropicSpectrum(2, symbols.scale)), "c has no value"),
        (Generation(9, shift=UniformTarget(symbols.squared_norm)), "N has no value"),
        (Generation(9 + symbols.generation_samples), "T_0 has no value"),
        (Generation(9, repeat=symbols.generations), "n has no value"),
    ],
)
def test_symbols_in_any_key_are_named(entry: Generation, says: str) -> None:
    with pytest.raises(NotEvaluable, match=says) as caught:
        simulate(generations(entry))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (Generation(3 - m, repeat=4), r"generations\.0\.samples = 0: give an integer >= 1"),
        (Generation(9 + m / 2, repeat=2), r"generations\.0\.samples = 9\.5: give an integer"),
        (
            Generation(9, real_samples=2 - m, repeat=4),
            r"generations\.0\.real_samples = -1: give an integer >= 0",
        ),
        (
            Generation(9, features=2 - m, repeat=4),
            r"generations\.0\.features = 0: give an integer >= 1",
        ),
        (Generation(9, 1 - m, repeat=3), r"generations\.0\.noise = -1: give a number >= 0"),
        (Generation(9, 0, 1 - m, repeat=3), r"generations\.0\.ridge = -1: give a number >= 0"),
        (
            Generation(9, real_weight="1/2", real_noise=1 - m, repeat=3),
            r"generations\.0\.real_noise = -1: give a number >= 0",
        ),
        (
            Generation(
                9, real_weight=2, real_data="same", design="shared", data="accumulate", repeat=3
            ),
            r"generations\.0\.real_weight = 2: .* total weight 0 in this fit; give a weight",
        ),
    ],
)
def test_numbers_that_come_out_wrong_are_refused_by_key(entry: Generation, says: str) -> None:
    with pytest.raises(InvalidProblem, match=says):
        simulate(generations(entry))
    # The twin: its first generation alone is right.
    simulate(generations(dataclasses.replace(entry, repeat=1)), 1)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (Generation(9, real_samples=20_000), "real_samples = 20000: .* at most 10000"),
        (Generation(9, features=20_000), "features = 20000: .* at most 10000"),
        (Generation(6000, repeat=2, data="accumulate"), "these are 12000, .* within 10000 in all"),
        (Generation(9000, real_samples=2000), "these are 11000, .* within 10000 in all"),
    ],
)
def test_designs_beyond_memory_are_refused(entry: Generation, says: str) -> None:
    with pytest.raises(NotEvaluable, match=says):
        plan_of(Problem(IsotropicSpectrum(20_000), TRUTH, (entry,)))


def test_designs_that_are_forgotten_need_no_memory() -> None:
    entry = Generation(6000, repeat=9)
    plan = plan_of(Problem(IsotropicSpectrum(20_000), TRUTH, (entry,)))
    assert [each.last_use for each in plan.inputs] == list(range(9))
