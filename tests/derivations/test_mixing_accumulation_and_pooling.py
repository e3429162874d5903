"""What derivations of pipelines say, against the definition: draws of designs, and certificates over whole intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import ctx
from sympy import Expr, Integer, Lt, MatrixSymbol, Rational

from derivations import (
    accumulation_at_most_doubles_the_first_error,
    best_weight_is_below_one_half_for_a_truth_in_small_eigenvalues,
    golden_ratio_fails_for_few_samples_on_fresh_inputs,
    golden_ratio_of_separate_inputs_needs_many_samples,
    mixing_on_fixed_inputs_leaves_the_bias_of_few_samples,
    mixing_with_a_ridge,
    pooled_matrices,
    small_batches_break_the_bound_of_accumulation,
    synthetic_share_of_pooled_data_adds_a_bias,
)
from derivations.least_squares_pipelines import REAL_NOISE, WEIGHT
from symcollapse.equivalents import deterministic_equivalent
from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.numbers import ball_at
from symcollapse.language import symbols as sym
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.problems import SIGMA, W0, Generation, Problem
from symcollapse.language.random_matrices import gaussian_design, label_noise, pseudo_inverse
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.targets import LevelsTarget, UniformTarget
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning import Algebra, Proved, Refuted, Supported, judge
from symcollapse.theory.exact_pipeline_laws import exact_law_of_pipeline

BITS = 200


def number(formula: Expr, rule: dict[Any, Any]) -> float:
    """The value of a formula, which has to be a number then."""
    return float(ball_at(formula.xreplace(rule), BITS))


def hull(first: Expr, second: Expr) -> Any:
    """An interval that holds two numbers."""
    return ball_at(first, BITS).union(ball_at(second, BITS))


def averaged(
    of: Callable[[np.random.Generator], float], draws: int, seed: int
) -> tuple[float, float]:
    """Mean and standard error over draws."""
    generator = np.random.default_rng(seed)
    values = np.array([of(generator) for _ in range(draws)])
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(draws))


@pytest.mark.parametrize("later", [1, 3, 20])
def test_batches_of_two_sizes_sum_to_the_exact_law_of_the_pipeline(later: int) -> None:
    entries = (
        Generation(9, noise=1),
        Generation(later, noise=1, data="accumulate", repeat=3),
    )
    law = exact_law_of_pipeline(
        Problem(LevelsSpectrum([2, 1], [2, 2]), LevelsTarget([1, 1]), entries)
    )
    assert law is not None
    rule = {
        sym.dimension: Integer(4),
        sym.generation_samples: Integer(9),
        sym.generator_symbols(1)[0]: Integer(later),
        sym.generation_noise: Integer(1),
        sym.generator_symbols(1)[1]: Integer(1),
        sym.generations: Integer(3),
    }
    stated = number(small_batches_break_the_bound_of_accumulation.ERROR, rule)
    # Both are rational: doubles carry 15 digits of them.
    assert stated == pytest.approx(number(law.total, rule), rel=1e-13)
    assert accumulation_at_most_doubles_the_first_error.DERIVATION.start is (
        small_batches_break_the_bound_of_accumulation.ERROR
    )


def test_batches_of_one_row_break_the_bound_in_a_simulation() -> None:
    # d = 1, 30 rows and 400 more, one by one.
    first, later, trials = 30, 400, 20_000
    generator = np.random.default_rng(5)
    squares = (generator.standard_normal((trials, first)) ** 2).sum(axis=1)
    gap = generator.standard_normal(trials) / np.sqrt(squares)
    for _ in range(later):
        row = generator.standard_normal(trials)
        squares += row**2
        gap += row * generator.standard_normal(trials) / squares
    ratio = (gap**2).mean() * (first - 2)
    error = (gap**2).std() / np.sqrt(trials) * (first - 2)
    rule = {
        sym.dimension: Integer(1),
        sym.generation_samples: Integer(first),
        sym.generator_symbols(1)[0]: Integer(1),
        sym.generation_noise: Integer(1),
        sym.generations: Integer(later),
    }
    stated = number(small_batches_break_the_bound_of_accumulation.ERROR, rule) * (first - 2)
    # Four standard errors: a true law fails one time in 16,000, and π²/6 is refused from seven on.
    assert abs(ratio - stated) < 4 * error
    assert ratio - np.pi**2 / 6 > 4 * error


SPECTRUM = np.repeat([2.0, 0.5], [60, 60])
RIDGE, OMEGA, ROWS = 0.3, 0.4, 90
POINT = {
    sym.dimension: Integer(120),
    sym.generation_samples: Integer(ROWS),
    sym.generation_ridge: Rational(3, 10),
    WEIGHT: Rational(2, 5),
    sym.generation_noise: Rational(1),
    REAL_NOISE: Rational(1, 2),
    SIGMA: LevelsSpectrum([2, "1/2"], [60, 60]),
    W0: LevelsTarget([1, 3]),
}


def limit_of_a_draw(generator: np.random.Generator) -> float:
    """The error after 60 generations on one design, noise averaged: the recursion of the definition."""
    design = generator.standard_normal((ROWS, 120)) * np.sqrt(SPECTRUM)
    second = design.T @ design / ROWS
    resolvent = np.linalg.inv(second + RIDGE * np.eye(120))
    fit, own = resolvent @ second, resolvent @ second @ resolvent / ROWS
    variance = OMEGA**2 * 0.25 + (1 - OMEGA) ** 2
    truth = np.sqrt(np.repeat([1.0, 3.0], 60) / 60 / SPECTRUM)
    mean, spread = truth.copy(), np.zeros((120, 120))
    for _ in range(60):
        mean = fit @ (OMEGA * truth + (1 - OMEGA) * mean)
        spread = (1 - OMEGA) ** 2 * fit @ spread @ fit.T + variance * own
    return float(((mean - truth) ** 2 * SPECTRUM).sum() + (np.diag(spread) * SPECTRUM).sum())


def test_mixing_with_a_ridge_tends_to_the_closed_form() -> None:
    mean, error = averaged(limit_of_a_draw, 24, seed=3)
    stated = number(mixing_with_a_ridge.ERROR, POINT)
    # Four standard errors, and 1 % for d = 120 instead of ∞; what 60 generations leave is (1 − ω)^120.
    allowed = 4 * error + 0.01 * stated
    assert abs(mean - stated) < allowed
    # The ridge of one fit in place of λ/ω is refused.
    plain = number(mixing_with_a_ridge.BIAS, {**POINT, WEIGHT: Integer(1)}) + number(
        mixing_with_a_ridge.NOISE * mixing_with_a_ridge.KERNEL, POINT
    )
    assert abs(mean - plain) > allowed


def test_the_weight_below_one_half_is_better_than_all_above_it_for_certain() -> None:
    module = best_weight_is_below_one_half_for_a_truth_in_small_eigenvalues
    plain = unfold(module.AT, ResidualDegreesOfFreedom)
    nodes = sorted(plain.atoms(EffectiveRidge), key=str)
    letters = {node: sym.nonnegative_symbol(f"k_{place}") for place, node in enumerate(nodes)}
    formula, pieces = plain.xreplace(letters), 400
    with ctx.workprec(BITS):
        best = ball_at(module.AT.xreplace({WEIGHT: module.PLACE}), BITS)
        for piece in range(pieces):
            ends = [Rational(1, 2) + Rational(step, 2 * pieces) for step in (piece, piece + 1)]
            values = {WEIGHT: hull(*ends)}
            for node, letter in letters.items():
                # Effective ridges are monotonic in ω, as the ridges are: their ends enclose them.
                values[letter] = hull(*(node.xreplace({WEIGHT: end}) for end in ends))
            assert BallEvaluator(values).evaluate(formula) > best


def test_shifted_labels_add_what_is_derived_and_not_what_is_remembered() -> None:
    real, synthetic, ridge = 60, 60, 0.05
    rows, shifts = real + synthetic, np.repeat([1.0, 2.0], [30, 30])
    spectrum = np.repeat([2.0, 0.5], [30, 30])

    def passed(generator: np.random.Generator) -> float:
        first = generator.standard_normal((real, 60)) * np.sqrt(spectrum)
        second = generator.standard_normal((synthetic, 60)) * np.sqrt(spectrum)
        pooled = (first.T @ first + second.T @ second) / rows
        map_ = np.linalg.solve(pooled + ridge * np.eye(60), second.T @ second / rows)
        return float((map_**2 * spectrum[:, None] * shifts[None, :]).sum())

    mean, error = averaged(passed, 400, seed=4)
    rule = {
        sym.dimension: Integer(60),
        sym.real_samples: Integer(real),
        sym.samples: Integer(synthetic),
        sym.ridge: Rational(1, 20),
        SIGMA: LevelsSpectrum([2, "1/2"], [30, 30]),
        pooled_matrices.DELTA: LevelsSpectrum([1, 2], [30, 30]),
    }
    derivation = synthetic_share_of_pooled_data_adds_a_bias.DERIVATION
    stated, remembered = (
        number(formula, rule) for formula in (derivation.result, derivation.published[0].formula)
    )
    # Four standard errors, and 1 % for d = 60 instead of ∞.
    allowed = 4 * error + 0.01 * stated
    assert abs(mean - stated) < allowed
    assert abs(mean - remembered) > allowed


def test_few_samples_on_fresh_inputs_prefer_more_real_labels_than_the_golden_ratio() -> None:
    rule = {
        sym.dimension: Integer(60),
        sym.generation_samples: Integer(30),
        sym.generation_noise: Rational(1, 2),
        REAL_NOISE: Rational(1, 2),
        sym.squared_norm: Integer(1),
    }
    best = number(golden_ratio_fails_for_few_samples_on_fresh_inputs.DERIVATION.result, rule)

    def after(weight: Rational) -> float:
        entry = Generation(30, noise="1/2", real_weight=weight, repeat=12)
        problem = Problem(IsotropicSpectrum(60), UniformTarget(1), (entry,))
        law = exact_law_of_pipeline(problem)
        assert law is not None
        names = {SIGMA: IsotropicSpectrum(60), W0: UniformTarget(1)}
        at: dict[Any, Any] = rule | {WEIGHT: weight} | names
        return number(law.total, at)

    # The law at finite size has d − T₀ − 1 for d − T₀: its best weight is within 0.02 of the limit's.
    near, golden = after(Rational(round(best * 1000), 1000)), after(Rational(618, 1000))
    assert near < after(Rational(round(best * 1000) + 30, 1000))
    assert near < after(Rational(round(best * 1000) - 30, 1000))
    assert near < golden


def test_weighted_rows_of_their_own_pass_errors_on_as_derived() -> None:
    size, rows, weight = 60, 100, 0.7

    def limit(generator: np.random.Generator) -> np.ndarray:
        first, second = generator.standard_normal((2, rows, size))
        real, synthetic = weight * first.T @ first, (1 - weight) * second.T @ second
        inverse = np.linalg.inv(real + synthetic)
        passed = ((inverse @ synthetic) ** 2).sum() / size
        own = weight * real + (1 - weight) * synthetic
        return np.array([passed, np.trace(inverse @ own @ inverse)])

    generator = np.random.default_rng(6)
    draws = np.array([limit(generator) for _ in range(200)])
    passed, own = draws.mean(axis=0)
    simulated = own / (1 - passed)
    # Each draw tells the limit to first order: the spread of these is that of the quotient.
    single = draws[:, 1] / (1 - passed) + simulated * draws[:, 0] / (1 - passed)
    error = single.std(ddof=1) / np.sqrt(len(draws))
    module = golden_ratio_of_separate_inputs_needs_many_samples
    rule = {sym.dimension: Integer(size), sym.samples: Integer(rows)}
    stated = number(module.AT, rule | {sym.real_weight: Rational(7, 10)})
    # Four standard errors, and 3 % for d = 60, T − d = 40 instead of ∞: T − d − 1 for T − d alone is 2.5 %.
    allowed = 4 * error + 0.03 * stated
    assert abs(simulated - stated) < allowed
    # What mixed labels on the same inputs would do is refused.
    same = number(module.DERIVATION.result, rule | {sym.real_weight: Rational(7, 10)})
    assert abs(simulated - same * rows / (rows - size)) > allowed


@pytest.mark.slow
def test_fixed_inputs_leave_the_bias_by_the_pencil_of_the_plain_expression_too() -> None:
    design: Any = gaussian_design("X", sym.generation_samples, SIGMA)
    truth: Any = MatrixSymbol("w_0", sym.dimension, 1)
    fit: Any = truth
    for number_ in (1, 2):
        real = design * truth + label_noise(f"R_{number_}", sym.generation_samples, REAL_NOISE)
        own = label_noise(f"E_{number_}", sym.generation_samples, sym.generation_noise)
        mixed = WEIGHT * real + (1 - WEIGHT) * (design * fit + own)
        fit = pseudo_inverse(design) * mixed
    gap = fit - truth
    few = [Lt(sym.generation_samples, sym.dimension)]
    found = deterministic_equivalent(gap.T * SIGMA * gap, assuming=few).formula
    module = mixing_on_fixed_inputs_leaves_the_bias_of_few_samples
    verdict = judge(Algebra(), found, module.DERIVATION.result, module.FEW)
    assert isinstance(verdict, Proved | Supported)
    assert isinstance(judge(Algebra(), found, module.BIAS, module.FEW), Refuted)
