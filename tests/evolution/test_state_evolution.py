"""State evolution: against the symbolic formulas, closed forms known by hand, and simulation."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from sympy import Identity, Integer, MatrixSymbol, Rational

import symcollapse as sc
from symcollapse.evolution.measures import compressed, measures_of, plain_measures
from symcollapse.evolution.state_evolution import evolve, state_evolution
from symcollapse.language.errors import Diverges, NotEvaluable
from symcollapse.simulation import simulate_generations
from symcollapse.verification.agreement import compare
from tests.pipeline_strategies import pipelines
from tests.strategies import problems

LEVELS = sc.LevelsSpectrum([4, 1, "1/4"], [30, 40, 30])
OTHER = sc.LevelsSpectrum([1, 5, "1/2"], [30, 40, 30])
TARGET = sc.UniformTarget(3)


def problem_of(
    *fits: sc.Generation, downstream: sc.Downstream | None = None, **other: Any
) -> sc.Problem:
    parts = {"spectrum": LEVELS, "target": TARGET, **other}
    return sc.Problem(parts["spectrum"], parts["target"], fits, downstream)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(problems(most=30, most_generations=2))
def test_chains_agree_with_the_symbolic_route(problem: sc.Problem) -> None:
    found = state_evolution(problem)
    error = sc.test_error(problem)
    for mine, formula in (
        (found.errors, error.total),
        (found.bias, error.bias),
        (found.noise, error.variance + error.synthetic),
    ):
        expected = float(sc.evaluate(formula, problem))
        # Both are rounded only; differences of correlated errors lose up to the sum of all parts, times 1e-10.
        assert mine[-1] == pytest.approx(expected, rel=1e-10, abs=1e-10 * float(found.errors[-1]))


@pytest.mark.parametrize(
    ("spectrum", "samples", "ridge"),
    [
        (sc.PowerLawSpectrum(200, "3/2"), 100, Rational(1, 10**12)),
        (sc.PowerLawSpectrum(200, "3/2"), 200, Rational(1, 10**12)),
        (sc.PowerLawSpectrum(200, "3/2"), 400, Rational(1, 10**12)),
        (sc.ExponentialSpectrum(200, "1/4"), 100, Rational(1, 10**15)),
        (sc.PowerLawSpectrum(200, 4), 100, Rational(1, 10**14)),
    ],
)
def test_spectra_on_which_plain_codes_fail(
    spectrum: sc.Spectrum, samples: int, ridge: Rational
) -> None:
    fit = sc.Generation(samples, noise=1, ridge=ridge)
    fits = (fit, dataclasses.replace(fit, noise="1/2", design="shared"), fit)
    problem = sc.Problem(spectrum, sc.UniformTarget(1), fits)
    found = state_evolution(problem)
    expected = float(sc.evaluate(sc.test_error(problem).total, problem))
    # The estimate that comes with the error has to hold, and to be of use: nine digits where others have none.
    assert abs(found.errors[-1] - expected) <= found.accuracy[-1] + 1e-15 * expected
    assert found.accuracy[-1] < 1e-9 * expected


def test_accumulated_least_squares_adds_what_its_closed_form_says() -> None:
    sizes, noises = [150, 40, 220, 90], ["1", "1/2", "2", "1/3"]
    fits = [
        sc.Generation(size, noise=noise, data="accumulate")
        for size, noise in zip(sizes, noises, strict=True)
    ]
    found = state_evolution(problem_of(*fits))
    rows = np.cumsum(sizes)
    variances = np.array([float(Rational(noise)) ** 2 for noise in noises])
    steps = variances * np.array(sizes) / rows * 100 / (rows - 100)
    # Two sums of a few terms: rounding only.
    np.testing.assert_allclose(found.errors, np.cumsum(steps), rtol=1e-12)
    assert np.all(found.bias == 0)
    assert found.contributions is not None
    # Rounding again; with the rows of other generations each step is another.
    np.testing.assert_allclose(found.contributions[-1], steps, rtol=1e-12)
    assert not np.allclose(found.contributions[-1], steps[::-1], rtol=1e-3)
    assert not np.allclose(found.errors, steps, rtol=1e-3)


def test_a_schedule_that_grows_keeps_accumulated_noise_bounded() -> None:
    samples = 300 * (sc.generation + 1)
    entry = sc.Generation(samples, noise=1, repeat=12)
    found = state_evolution(problem_of(entry))
    # Replaced data of growing size: a sum over generations of d/(T_m − d), rounding only.
    expected = np.cumsum(100 / (300 * np.arange(1, 13) - 100))
    np.testing.assert_allclose(found.errors, expected, rtol=1e-12)
    # A schedule that begins a generation later is told apart.
    later = np.cumsum(100 / (300 * np.arange(2, 14) - 100))
    assert not np.allclose(found.errors, later, rtol=1e-2)


def test_mixed_labels_follow_their_recursion_and_the_golden_ratio_is_best() -> None:
    def limit(weight: Rational) -> float:
        entry = sc.Generation(300, noise=1, repeat=40, real_weight=weight)
        return float(state_evolution(problem_of(entry)).errors[-1])

    weight = Rational(2, 7)
    value = 0.0
    for _ in range(40):
        omega = float(weight)
        share = omega**2 + (1 - omega) ** 2
        value = (1 - omega) ** 2 * value + share * 100 / (300 - 100)
    assert limit(weight) == pytest.approx(value, rel=1e-12)  # rounding
    golden = Rational(618034, 1000000)
    # At its minimum the error is flat: a change of the weight by 0.05 is seen, rounding is not.
    assert limit(golden) < min(limit(golden - Rational(1, 20)), limit(golden + Rational(1, 20)))
    assert limit(golden) < limit(Rational(1, 2))


def _pooled_equivalent(samples: dict[Any, Any]) -> float:
    first, second = (sc.covariance(f"Sigma_{i}", sc.dimension) for i in (1, 2))
    sizes = [sc.generator_symbols(i)[0] for i in (1, 2)]
    noises = [sc.generator_symbols(i)[1] for i in (1, 2)]
    w0 = MatrixSymbol("w_0", sc.dimension, 1)
    total, moment = sc.ridge * sc.samples * Identity(sc.dimension), None
    for place, (covariance, size, noise) in enumerate(
        zip((first, second), sizes, noises, strict=True)
    ):
        design = sc.gaussian_design(f"X_{place}", size, covariance)
        labels = design * w0 + sc.label_noise(f"E_{place}", size, noise)
        total = total + design.T * design
        moment = design.T * labels if moment is None else moment + design.T * labels
    fit = total.inverse() * moment
    error = sc.deterministic_equivalent((fit - w0).T * first * (fit - w0)).formula
    rule = {
        first: LEVELS,
        second: OTHER,
        sc.truth("w_0"): sc.ExplicitTarget([Rational(1, 5)] * 100),
    }
    values = {sc.dimension: 100, **samples}
    values |= {sizes[0]: 60, sizes[1]: 70, noises[0]: Rational(1, 2), noises[1]: 1}
    return float(sc.evaluate(error.xreplace(rule), values=values))


@pytest.mark.slow
def test_pooled_data_agree_with_their_equivalent() -> None:
    entry = sc.Generation(
        70, noise=1, ridge="1/20", spectrum=OTHER, real_samples=60, real_noise="1/2"
    )
    found = state_evolution(problem_of(entry, target=sc.UniformTarget(4)))
    expected = _pooled_equivalent({sc.ridge: Rational(1, 20), sc.samples: 130})
    # Both are rounded only.
    assert found.errors[-1] == pytest.approx(expected, rel=1e-9)
    slip = state_evolution(
        problem_of(dataclasses.replace(entry, spectrum=None), target=sc.UniformTarget(4))
    )
    assert slip.errors[-1] != pytest.approx(expected, rel=1e-2)


def test_random_features_agree_with_their_equivalent() -> None:
    covariance = sc.covariance("Sigma", sc.dimension)
    w0 = MatrixSymbol("w_0", sc.dimension, 1)
    design = sc.gaussian_design("X", sc.samples, covariance)
    seen = design * sc.gaussian_projection("S", sc.dimension, sc.surplus)
    narrow = (seen.T * seen / sc.samples + sc.ridge * Identity(sc.surplus)).inverse()
    labels = design * w0 + sc.label_noise("E", sc.samples, sc.noise)
    projection = sc.gaussian_projection("S", sc.dimension, sc.surplus)
    fit = projection * narrow * seen.T * labels / sc.samples
    error = sc.deterministic_equivalent((fit - w0).T * covariance * (fit - w0)).formula
    rule = {covariance: LEVELS, sc.truth("w_0"): sc.ExplicitTarget([Rational(1, 5)] * 100)}
    for ridge, width in ((Rational(1, 5), 60), (Rational(1, 1000), 150), (Rational(3), 90)):
        values = {
            sc.dimension: 100,
            sc.samples: 90,
            sc.surplus: width,
            sc.ridge: width * ridge,  # S has entries of variance 1 there, 1/M in a pipeline
            sc.noise: Rational(1, 2),
        }
        entry = sc.Generation(90, noise="1/2", ridge=ridge, features=width)
        found = state_evolution(problem_of(entry, target=sc.UniformTarget(4)))
        expected = float(sc.evaluate(error.xreplace(rule), values=values))
        assert found.errors[-1] == pytest.approx(expected, rel=1e-9)  # rounding


def test_ridgeless_is_the_limit_of_small_ridges() -> None:
    def errors(ridge: Any) -> Any:
        fits = (
            sc.Generation(60, noise=1, ridge=ridge, spectrum=OTHER, real_samples=90),
            sc.Generation(40, noise=1, ridge=ridge, spectrum=OTHER, real_samples=30),
            sc.Generation(30, noise=1, ridge=ridge, real_weight="1/3", data="accumulate"),
            sc.Generation(50, noise=1, ridge=ridge, features=70),
        )
        return state_evolution(problem_of(*fits)).errors

    # The errors are smooth in λ: 1e-9 changes them by 1e-7 at most, relative.
    np.testing.assert_allclose(errors(0), errors(Rational(1, 10**9)), rtol=1e-6)
    assert not np.allclose(errors(0), errors(Rational(1, 100)), rtol=1e-6)


CASES = {
    "accumulated": (
        sc.Generation(60, noise=1, ridge="1/5", repeat=3, data="accumulate"),
        sc.Downstream(50, noise="1/2", ridge="1/10", data="accumulate"),
    ),
    "pooled, the same real samples": (
        sc.Generation(
            70, noise=1, ridge="1/10", spectrum=OTHER, real_samples=60, real_data="same", repeat=2
        ),
        sc.Downstream(
            70, noise=1, ridge="1/20", design="shared", spectrum=OTHER, data="accumulate"
        ),
    ),
    "shifted": (
        sc.Generation(70, noise=1, ridge="1/10", repeat=2, shift=sc.UniformTarget(1)),
        sc.Downstream(70, noise=1, ridge="1/20", shift=sc.UniformTarget(2), data="accumulate"),
    ),
    "random features of each": (
        sc.Generation(70, noise=1, ridge="1/10", features=90, repeat=2, data="accumulate"),
        sc.Downstream(70, noise=1, ridge="1/20", features=80, design="shared", data="accumulate"),
    ),
    "self-distilled": (
        sc.Generation(70, noise=1, ridge="1/10"),
        sc.Downstream(70, ridge="1/20", design="shared", real_weight="1/2", real_data="same"),
    ),
}


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", CASES)
def test_simulation_shows_it_for_every_fit(name: str) -> None:
    generation, downstream = CASES[name]
    problem = problem_of(generation, downstream=downstream)
    found = state_evolution(problem)
    for at, simulation in enumerate(simulate_generations(problem, trials=1100, seed=3)):
        # Finite size: a few units of 1/(T − df₂) ~ 1/50 for errors; the risk of a false alarm is 1e-6 each.
        verdict = compare(simulation.draws, float(found.errors[at]), margin=0.1, risk=1e-6)
        assert verdict.verdict == "shown", verdict.reason


@pytest.mark.monte_carlo
def test_simulation_refuses_fresh_inputs_in_place_of_accumulated_ones() -> None:
    # The slip of taking designs that are seen again for new ones: as many samples, all labelled by the fit before.
    entries = (sc.Generation(60, noise=1, ridge="1/5", repeat=3, data="accumulate"),)
    slip = [sc.Generation(60 * size, noise=1, ridge="1/5") for size in (1, 2, 3)]
    predicted = float(state_evolution(problem_of(*slip)).errors[-1])
    draws = simulate_generations(problem_of(*entries), trials=1100, seed=3)[-1].draws
    assert compare(draws, predicted, margin=0.1, risk=1e-6).verdict == "refuted"


@settings(max_examples=40, derandomize=True, deadline=None)
@given(pipelines(dimensions=(3, 8)))
def test_parts_of_any_pipeline_add_up_and_scale(problem: sc.Problem) -> None:
    found = state_evolution(problem)
    # Sums of the same positive parts: rounding only. Many small noises are added in another order: 1e-9 of the whole.
    np.testing.assert_allclose(
        found.errors, found.bias + found.noise + found.shift, rtol=1e-12, atol=1e-13
    )
    assert found.contributions is not None
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.noise, rtol=1e-9, atol=1e-12)
    assert np.all(found.contributions >= -1e-9 * (1 + found.errors[:, None]))
    assert found.errors.shape == found.effective_ridges.shape == found.accuracy.shape


@settings(max_examples=15, derandomize=True, deadline=None)
@given(pipelines(dimensions=(3, 8)))
def test_copies_of_every_eigenvalue_and_sample_change_nothing_but_the_size(
    problem: sc.Problem,
) -> None:
    # The proportional limit is exact in this: the functionals of one law do not know the size.
    pipeline = sc.pipeline_of(problem)
    measures = measures_of(problem, pipeline)
    wide = dataclasses.replace(
        pipeline,
        inputs=tuple(
            dataclasses.replace(each, samples=7 * each.samples) for each in pipeline.inputs
        ),
        fits=tuple(
            dataclasses.replace(each, features=None if each.features is None else 7 * each.features)
            for each in pipeline.fits
        ),
    )
    larger = dataclasses.replace(measures, counts=7 * measures.counts)
    once, again = evolve(pipeline, measures), evolve(wide, larger)
    # Rounding only; κ is found anew from other sums.
    scale = np.max(np.abs(once.errors))
    np.testing.assert_allclose(again.errors, once.errors, rtol=1e-8, atol=1e-10 * scale)


def test_a_compressed_spectrum_gives_the_same_errors() -> None:
    spectrum = sc.PowerLawSpectrum(4000, "3/2")
    entries = (
        sc.Generation(300, noise="1/10", ridge="1/1000", repeat=6, data="accumulate"),
        sc.Generation(200, noise="1/10", repeat=3, real_weight="1/5", real_samples=50),
    )
    problem = sc.Problem(spectrum, sc.SourceTarget("1/2"), entries)
    pipeline = sc.pipeline_of(problem)
    measures = measures_of(problem, pipeline)
    few = compressed(measures)
    assert few.counts.size < 300 < measures.counts.size
    found = evolve(pipeline, measures)
    # The same in all 4000 levels: a second covariance keeps them from being replaced by points.
    twin = plain_measures(
        [measures.eigenvalues[0], measures.eigenvalues[0]], measures.counts, measures.truth
    )
    plain = evolve(pipeline, twin)
    # The points stand for the levels to 1e-12 in each trace; an error is made of several.
    np.testing.assert_allclose(found.errors, plain.errors, rtol=1e-11)
    assert np.all(np.abs(found.errors - plain.errors) <= found.accuracy + plain.accuracy)


def test_many_fresh_generations_need_memory_of_one() -> None:
    entry = sc.Generation(900, noise="1/10", ridge="1/100", repeat=300, real_weight="1/4")
    found = state_evolution(problem_of(entry))
    # After many generations the mixing recursion stands still, to rounding.
    assert found.errors[-1] == pytest.approx(found.errors[-2], rel=1e-12)
    assert found.errors[0] < found.errors[-1]


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        (sc.Generation(100, shift=TARGET), Diverges, "take a ridge > 0"),
        (sc.Generation(80, noise=1, features=80), Diverges, "features = samples"),
        (sc.Generation(80, noise=sc.noise, ridge=1), NotEvaluable, "sigma has no value"),
    ],
)
def test_what_has_no_number_is_refused(
    entry: sc.Generation, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        state_evolution(problem_of(entry))


def test_weights_that_cancel_are_refused() -> None:
    chain = sc.Pipeline(
        (sc.Inputs(Integer(9)),),
        (sc.Labels(0, None), sc.Labels(0, None)),
        (sc.PipelineFit((sc.Share(0), sc.Share(1, Integer(-1))), Integer(1)),),
    )
    one = np.ones(1)
    with pytest.raises(NotEvaluable, match="0 or less"):
        evolve(chain, plain_measures([one], one, one))


FRESH = sc.Downstream(60, noise=1)
SQUARE = {
    "truth": ((), sc.Downstream(100)),
    "noise": ((), sc.Downstream(100, noise=1)),
    "first": ((sc.Generation(100),), sc.Downstream(200, noise=1)),
    "first, with noise": ((sc.Generation(100, noise=1),), sc.Downstream(200, noise=1, ridge=1)),
    "last": ((sc.Generation(60, noise=1, ridge=1),), sc.Downstream(100)),
    "last, few before": ((sc.Generation(60, noise=1, repeat=2),), sc.Downstream(100, features=150)),
    "between": ((sc.Generation(60, noise=1), sc.Generation(100)), sc.Downstream(150, ridge=1)),
    "all": ((sc.Generation(100, repeat=3),), sc.Downstream(100)),
    "accumulated": ((sc.Generation(100, repeat=3, data="accumulate"),), None),
    "mixed": ((sc.Generation(100, repeat=2, real_weight="1/2"),), sc.Downstream(60, ridge=1)),
    "pooled": ((sc.Generation(50, repeat=2, real_samples=50),), sc.Downstream(60, ridge=1)),
}


@pytest.mark.parametrize("name", SQUARE)
def test_as_many_rows_as_features_without_a_ridge_agree_with_the_formula(name: str) -> None:
    entries, downstream = SQUARE[name]
    problem = problem_of(*entries, downstream=downstream)
    found, error = state_evolution(problem), sc.test_error(problem)
    values = {part: float(sc.evaluate(each, problem)) for part, each in error.parts.items()}
    assert found.contributions is not None
    for mine, formula in (
        (found.errors, values["total"]),
        (found.bias, values["bias"]),
        (found.noise, values["variance"] + values["synthetic"]),
        (found.contributions.sum(axis=1), values["variance"] + values["synthetic"]),
    ):
        # Both are rounded only, in sums of some ten terms of the size of the bias.
        assert mine[-1] == pytest.approx(formula, rel=1e-12, abs=1e-12 * found.bias[-1])
    assert np.isinf(found.errors[-1]) == ("noise" in name)
    assert len(found.errors) == len(found.accuracy) == len(found.effective_ridges)


def test_one_row_more_than_features_tends_to_what_is_said_of_as_many() -> None:
    def last(rows: int, noise: int) -> float:
        entries = (sc.Generation(60, noise=1), sc.Generation(rows, noise=noise))
        return float(state_evolution(problem_of(*entries, downstream=FRESH)).errors[-1])

    # Without noise a row more changes nothing; with noise the pole is near.
    assert last(101, 0) == pytest.approx(last(100, 0), rel=1e-12)
    assert last(101, 1) > 10 * last(101, 0)
    assert last(100, 1) == np.inf
    # A student on the same inputs sees what made the teacher infinite: that is left to the formula.
    teacher = (sc.Generation(100, noise=1),)
    with pytest.raises(Diverges, match="take a ridge > 0"):
        state_evolution(
            problem_of(*teacher, downstream=sc.Downstream(100, ridge=1, design="shared"))
        )
