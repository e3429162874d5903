"""Generators of few samples on fresh inputs: derivations against composition, state evolution and simulation."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from sympy import Expr, Integer, Lt, Rational

from derivations import few_generator_samples_spare_bias_along_the_tail as spared
from derivations import fresh_generators_with_few_samples_sum_to_a_resolvent as all_numbers
from derivations import noise_free_generations_lose_all_but_a_product as noise_free
from derivations import one_shared_design_forgets_once as shared
from derivations import real_labels_keep_a_share_of_the_truth as mixed
from symcollapse.equivalents import MeanMap, SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.evaluation import evaluate
from symcollapse.evolution.state_evolution import state_evolution
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import (
    dimension,
    eigenvalue,
    generation_samples,
    generations,
    real_weight,
    ridge,
    samples,
    squared_norm,
)
from symcollapse.language.targets import LevelsTarget, SourceTarget, UniformTarget
from symcollapse.reasoning import Refuted, compare_at_points, passed
from symcollapse.simulation import simulate
from symcollapse.theory import test_error as derive
from symcollapse.theory.test_errors import without_generations
from symcollapse.verification import compare

FEW = Domain(conditions=(Lt(generation_samples, dimension),))
SPECTRUM, TARGET = PowerLawSpectrum(60, "3/2"), SourceTarget("1/2")


def problem(count: int, noise: Any = 1) -> Problem:
    return Problem(
        SPECTRUM,
        TARGET,
        (Generation(30, noise=noise, repeat=count),),
        Downstream(90, noise="1/5", ridge="1/20"),
    )


def number(formula: Expr, at: Problem, **values: Any) -> float:
    return float(evaluate(formula, at, digits=25, **values))


def lost_after(count: int) -> Expr:
    """ΔBias of so many generators, E‖Σ̂R(Q − I)w₀‖²_Σ, by the rules for one design after the other."""
    fitted: Expr = SecondMoment(Design(count, samples, (ridge,), SIGMA), eigenvalue)
    second, mean = fitted, Integer(1)
    for place in range(count - 1, -1, -1):
        generator = Design(place, generation_samples, (0,), SIGMA)
        second, mean = SecondMoment(generator, second), mean * MeanMap(generator)
    form: Any = QuadraticForm(second - 2 * mean * fitted + fitted, SIGMA, W0)
    for place in range(count, -1, -1):
        form = replace_moments(form, place)
    return form


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_cross_term_is_what_the_composed_biases_differ_by(count: int) -> None:
    few = problem(count)
    gap = derive(few).bias - derive(without_generations(few)).bias - lost_after(count)
    stated = spared.DERIVATION.result.xreplace({generations: Integer(count)})
    # Balls at exact points; the judge allows 1e-40.
    assert passed(compare_at_points(gap, stated, FEW))
    off = stated * (1 + Rational(1, 10**9))
    assert isinstance(compare_at_points(gap, off, FEW), Refuted)
    one_less = spared.DERIVATION.result.xreplace({generations: Integer(count - 1)})
    assert isinstance(compare_at_points(gap, one_less, FEW), Refuted)


def test_the_bias_falls_below_that_on_real_labels_where_the_truth_lies_along_the_tail() -> None:
    """Counterexample to thm-4.3-bias-inequality and cross-term-sign: two eigenvalues, the truth along the smaller."""
    tail = Problem(
        LevelsSpectrum([1, "1/500"], [10, 90]),
        LevelsTarget([0, 1]),
        (Generation(40),),
        Downstream(15, ridge="1/100"),
    )
    error = derive(tail)
    clean = derive(without_generations(tail)).bias
    assert number(error.bias, tail) < number(clean, tail)
    assert number(spared.DERIVATION.result.xreplace({generations: Integer(1)}), tail) < 0
    head = Problem(tail.spectrum, LevelsTarget([1, 0]), tail.generations, tail.downstream)
    assert number(derive(head).bias, head) > number(derive(without_generations(head)).bias, head)
    # Independent runs: a gap of five standard errors is no chance.
    runs = [simulate(each, trials=400, seed=1) for each in (tail, without_generations(tail))]
    deviation = sum(run.standard_error**2 for run in runs) ** 0.5
    assert runs[1].mean - runs[0].mean > 5 * deviation


def test_one_resolvent_holds_the_errors_of_every_number_of_generators() -> None:
    weight = Rational(1, 100)
    clean = derive(without_generations(problem(1)))
    errors = [derive(problem(count)) for count in range(1, 7)]
    at = problem(1)
    for whole, parts in (
        (all_numbers.BIASES, [clean.bias, *(each.bias for each in errors)]),
        (all_numbers.SYNTHETIC, [Integer(0), *(each.synthetic for each in errors)]),
    ):
        summed = sum(float(weight) ** n * number(part, at) for n, part in enumerate(parts))
        found = number(whole, at, values={all_numbers.COUNTING: weight})
        # What is left out is of order ζ⁷ = 1e-14; doubles add as much.
        assert found == pytest.approx(summed, rel=1e-12)
        # Without the term of three generators the sum is off by about ζ³ = 1e-6.
        assert found != pytest.approx(summed - float(weight) ** 3 * number(parts[3], at), rel=1e-9)


def test_the_pole_of_the_resolvent_is_the_rate_of_the_second_moment() -> None:
    size, rows, last = 60, 15, 40
    spectrum = PowerLawSpectrum(size, 1)
    bare = Problem(spectrum, TARGET, (Generation(rows, repeat=last),))
    errors = state_evolution(bare).bias
    values = 1 / np.arange(1, size + 1)
    energies = values / np.arange(1, size + 1)
    kappa = float(evaluate(EffectiveRidge(0, rows, spectrum)))
    kept = values / (values + kappa)
    counts = np.arange(1, last + 1)[:, None]
    forms = errors - energies.sum() + 2 * (energies * kept**counts).sum(axis=1)
    spread = kappa**2 * values**2 / (values + kappa) ** 4 / (rows - (kept**2).sum())

    def pole(rate: float) -> float:
        return 1 - float((spread / (rate - kept**2)).sum())

    largest = kept.max()
    rate = brentq(pole, largest**2 * (1 + 1e-9), 1)
    assert largest**2 < rate < largest
    # Further modes have died out to 1e-4 by generation 40; the square of the largest mean factor is further off.
    ratio = forms[-1] / forms[-2]
    assert ratio == pytest.approx(rate, rel=1e-4)
    assert abs(largest**2 / ratio - 1) > 2e-3
    # The bias approaches the null predictor's at the mean's rate.
    gaps = energies.sum() - errors
    assert gaps[-1] / gaps[-2] == pytest.approx(largest, rel=1e-3)


def test_noise_free_collapse_is_exact_at_finite_size() -> None:
    few = Problem(
        IsotropicSpectrum(6), UniformTarget(1), (Generation(4), Generation(3), Generation(2))
    )
    error = derive(few)
    assert error.exact is not None
    for formula in (error.total, error.exact.total):
        assert number(formula, few) == pytest.approx(1 - 4 * 3 * 2 / 6**3, rel=1e-12)
    # 20,000 draws of a mean of order 1 resolve 1 %; without the last generator the prediction is 6/9 against 8/9.
    draws = simulate(few, trials=20000, seed=1).draws
    assert compare(draws, 1 - 24 / 216, margin=0.01, risk=1e-6).verdict == "shown"
    assert compare(draws, 1 - 12 / 36, margin=0.01, risk=1e-6).verdict == "refuted"
    assert noise_free.LAW.error.has(generations)


def test_a_shared_design_loses_nothing_after_the_first_generation() -> None:
    biases = {
        design: [
            number(
                derive(
                    each := Problem(SPECTRUM, TARGET, (Generation(30, repeat=n, design=design),))
                ).bias,
                each,
            )
            for n in (1, 2, 4)
        ]
        for design in ("shared", "fresh")
    }
    assert biases["shared"][0] == biases["shared"][1] == biases["shared"][2]
    assert biases["fresh"][0] < biases["fresh"][1] < biases["fresh"][2]
    assert not shared.SHARED.has(generations)


def test_real_labels_stop_the_collapse_at_the_stated_bias() -> None:
    weight, share = Rational(1, 3), Rational(2, 3)
    stopped = mixed.STOPPED.xreplace(
        {squared_norm: Integer(1), generation_samples: 2 * dimension / 3, real_weight: weight}
    ).simplify()
    assert stopped == (1 - share) / (1 - (1 - weight) ** 2 * share)
    last = Problem(
        IsotropicSpectrum(300), UniformTarget(1), (Generation(200, repeat=30, real_weight=weight),)
    )
    errors = state_evolution(last).bias
    # After 30 generations the distance is 0.3^30; rounding is what is left.
    assert errors[-1] == pytest.approx(float(stopped), rel=1e-10)
    # The distance falls by (1 − ω)²q a generation, not by (1 − ω)q.
    assert (stopped - errors[3]) / (stopped - errors[2]) == pytest.approx(8 / 27, rel=1e-8)


@pytest.mark.monte_carlo
def test_the_formula_of_shared_inputs_is_refuted_on_fresh_ones() -> None:
    """Eq. (18) is stated for T₀ ≥ d or one shared design; on fresh inputs each noise is projected again and again."""
    flat, last = PowerLawSpectrum(60, "1/2"), Downstream(90, noise="1/5", ridge="1/20")
    fresh, shared_inputs = (
        Problem(flat, TARGET, (Generation(30, noise=1, repeat=3, design=design),), last)
        for design in ("fresh", "shared")
    )
    error = derive(fresh)
    right = number(error.total, fresh)
    wrong = right + number(derive(shared_inputs).synthetic - error.synthetic, fresh)
    draws = simulate(fresh, trials=4000, seed=1).draws
    # Finite size: 1/(T₀ − df₂) at T₀ = 30 is off by about 1/T₀ for each of three fits.
    assert compare(draws, right, margin=0.1, risk=1e-6).verdict == "shown"
    assert compare(draws, wrong, margin=0.1, risk=1e-6).verdict == "refuted"
    # Over a steep spectrum it is the other way round by a little: a projection can raise the norm ‖·‖_Σ.
    steep = problem(2)
    alike = Problem(
        SPECTRUM, TARGET, (Generation(30, noise=1, repeat=2, design="shared"),), steep.downstream
    )
    assert number(derive(steep).synthetic, steep) > 1.005 * number(derive(alike).synthetic, alike)
