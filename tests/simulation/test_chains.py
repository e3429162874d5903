"""A trial runs the generators in order, on the inputs that the problem says."""

import numpy as np
import pytest

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, PowerLawSpectrum
from symcollapse.language.targets import ExplicitTarget, SourceTarget, UniformTarget
from symcollapse.simulation import draw_inputs, draw_labels, excess_risk, fit, plan_of, run_plan

SPECTRUM = PowerLawSpectrum(20, "3/2")
TARGET = SourceTarget("3/4")


def trial(problem: Problem, seed: int = 0) -> float:
    return run_plan(plan_of(problem), np.random.default_rng(seed))[-1]


def test_a_chain_is_its_definition_step_by_step() -> None:
    problem = Problem(
        SPECTRUM,
        TARGET,
        (Generation(30, "1/5", repeat=2), Generation(30, "1/7", "1/9", design="shared")),
        Downstream(50, "1/10", "1/20"),
    )
    generator = np.random.default_rng(7)
    s = np.arange(1.0, 21) ** -1.5
    w0 = np.arange(1.0, 21) ** (-(1 + 1.5 * 0.5) / 2)
    X = draw_inputs(generator, 30, s)
    w = fit(X, draw_labels(generator, X, w0, 0.2), 0.0)
    X = draw_inputs(generator, 30, s)
    w = fit(X, draw_labels(generator, X, w, 0.2), 0.0)
    w = fit(X, draw_labels(generator, X, w, 1 / 7), 1 / 9)
    X = draw_inputs(generator, 50, s)
    w = fit(X, draw_labels(generator, X, w, 0.1), 0.05)
    expected = excess_risk(w, w0, s)
    assert abs(trial(problem, 7) / expected - 1) < 1e-12


def test_noiseless_minimum_norm_on_shared_inputs_projects_once() -> None:
    once, often, fresh = (
        trial(Problem(SPECTRUM, TARGET, entries))
        for entries in (
            (Generation(12),),
            (Generation(12), Generation(12, repeat=4, design="shared")),
            (Generation(12, repeat=5),),
        )
    )
    assert abs(often / once - 1) < 1e-9  # rounding
    assert fresh > 1.05 * once  # the twin: new inputs lose more each time


def test_a_shared_first_entry_draws_once_then_shares() -> None:
    shared = trial(Problem(SPECTRUM, TARGET, (Generation(12, repeat=5, design="shared"),)))
    once = trial(Problem(SPECTRUM, TARGET, (Generation(12),)))
    assert abs(shared / once - 1) < 1e-9


def test_shared_inputs_draw_fresh_noise() -> None:
    once = Problem(SPECTRUM, TARGET, (Generation(60, 1),))
    twice = Problem(SPECTRUM, TARGET, (Generation(60, 1, repeat=2, design="shared"),))
    ratios = [trial(twice, seed) / trial(once, seed) for seed in range(200)]
    # The noises add: with the same noise again the ratio would be 4, without new noise 1.
    assert 1.8 < np.mean(ratios) < 2.8


def test_the_downstream_fit_draws_its_own_inputs() -> None:
    alone = Problem(SPECTRUM, TARGET, (Generation(12, design="shared"),))
    with_downstream = Problem(SPECTRUM, TARGET, (Generation(12, design="shared"),), Downstream(12))
    assert trial(with_downstream) > 1.01 * trial(alone)


def test_an_entry_repeated_zero_times_is_left_out() -> None:
    with_it = Problem(SPECTRUM, TARGET, (Generation(3, 9, repeat=0),), Downstream(30, 1))
    without = Problem(SPECTRUM, TARGET, (), Downstream(30, 1))
    assert trial(with_it) == trial(without)


def test_noise_and_ridge_may_use_the_sizes_of_their_own_stage() -> None:
    problem = Problem(
        IsotropicSpectrum(4),
        UniformTarget(1),
        (Generation(10, noise=1 / symbols.dimension, ridge=1 / symbols.samples),),
        Downstream(20, ridge=symbols.dimension / symbols.samples),
    )
    plan = plan_of(problem)
    assert [each.samples for each in plan.inputs] == [10, 20]
    assert [each.noise for each in plan.labels] == [0.25, 0.0]
    assert [each.ridge for each in plan.fits] == [0.1, 0.2]


def test_features_are_sorted_together_with_their_coefficients() -> None:
    problem = Problem(
        LevelsSpectrum([1, 9], [1, 2]), ExplicitTarget([1, 2, 3]), downstream=Downstream(9)
    )
    plan = plan_of(problem)
    assert plan.eigenvalues.tolist() == [9.0, 9.0, 1.0]
    assert plan.truth.tolist() == [2.0, 3.0, 1.0]


def test_symbols_without_a_value_are_named() -> None:
    problem = Problem(
        IsotropicSpectrum(4),
        UniformTarget(1),
        (Generation(symbols.generation_samples, symbols.generation_noise),),
        Downstream(20, ridge=symbols.ridge),
    )
    with pytest.raises(NotEvaluable, match="T_0, lambda, sigma_0"):
        plan_of(problem)
    repeated = Problem(
        IsotropicSpectrum(4), UniformTarget(1), (Generation(9, repeat=symbols.generations),)
    )
    with pytest.raises(NotEvaluable, match="n has no value"):
        plan_of(repeated)


def test_a_ridge_that_comes_out_negative_is_refused() -> None:
    ridge = symbols.dimension - symbols.samples
    with pytest.raises(InvalidProblem, match=r"downstream\.ridge = -16"):
        plan_of(Problem(IsotropicSpectrum(4), UniformTarget(1), (), Downstream(20, ridge=ridge)))


def test_inputs_beyond_memory_are_refused() -> None:
    problem = Problem(IsotropicSpectrum(20_000), UniformTarget(1), (), Downstream(20_000))
    with pytest.raises(NotEvaluable, match="give at most 10000"):
        plan_of(problem)
