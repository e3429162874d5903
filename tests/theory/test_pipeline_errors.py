"""Test errors of pipelines by their joint pencil: against composition, the engine's plain expressions, known sums."""

from dataclasses import replace
from typing import Any

import pytest
from sympy import Add, Expr, Integer, Rational

import symcollapse as sc
from symcollapse.equivalents.joint_pencils_cores import FitRegime
from symcollapse.language.abbreviations import Abbreviation, abbreviations
from symcollapse.language.effective_ridges import EffectiveRidge, SurplusSamples
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.language.pipelines import (
    Inputs,
    Labels,
    Pipeline,
    PipelineFit,
    Share,
    pipeline_of,
)
from symcollapse.language.problems import SIGMA, Downstream, Generation, Problem
from symcollapse.language.quantities import Quantity
from symcollapse.theory import excess_risk_expression
from symcollapse.theory.pipeline_errors import pipeline_error, problem_error, regimes_of
from symcollapse.verification.problem_verification import finite_size_margin

SPECTRUM = sc.ExplicitSpectrum([4, 3, 2, 1, Rational(1, 2)])
OTHER = sc.ExplicitSpectrum([1, 3, 5, 2, Rational(3, 2)])
TARGET = sc.ExplicitTarget([1, -1, 2, Rational(1, 3), 1])
SHIFT = sc.ExplicitTarget([Rational(1, 2), 1, 0, 1, 2])

DIGITS = 25
"""Digits to which two routes agree: all that are asked for, as each is certified to its own."""


def problem(*entries: Generation, downstream: Downstream | None = None) -> Problem:
    """A problem in five dimensions."""
    return Problem(SPECTRUM, TARGET, entries, downstream)


def generator(samples: int = 8, ridge: Any = "1/3", **keys: Any) -> Generation:
    """A generator with noise."""
    return Generation(samples, noise=keys.pop("noise", 1), ridge=ridge, **keys)


def digits(formula: Expr, of: Problem) -> str:
    """A formula in numbers."""
    return sc.evaluate(formula, of, digits=DIGITS).text


CHAINS = {
    "one ridge": problem(downstream=Downstream(9, noise=1, ridge=1)),
    "fresh": problem(
        generator(repeat=3), generator(7, "1/5"), downstream=Downstream(9, noise=1, ridge=1)
    ),
    "shared": problem(
        generator(7, repeat=2),
        generator(7, "1/5", design="shared", repeat=2),
        downstream=Downstream(9, noise=1, ridge=1),
    ),
    "shared, ridges alike": problem(generator(7, repeat=2), generator(7, design="shared")),
    "fewer samples than dimensions": problem(
        generator(3, 0, repeat=2), downstream=Downstream(4, noise=1)
    ),
    "fewer samples, shared": problem(
        generator(3, 0),
        generator(3, "1/5", design="shared"),
        downstream=Downstream(4, noise=1),
    ),
    "least squares, shared": problem(
        generator(7, 0), generator(7, "1/5", design="shared"), downstream=Downstream(9, noise=1)
    ),
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_chains_of_plain_fits_agree_with_their_composition(chain: Problem) -> None:
    composed = sc.test_error(chain)
    error, clean = problem_error(chain)
    for found, expected in (
        (error.bias, composed.bias),
        (error.variance, composed.variance),
        (error.synthetic, composed.synthetic),
        (clean.total, composed.clean),
    ):
        assert digits(found, chain) == digits(expected, chain)


def test_a_shared_design_is_not_a_fresh_one() -> None:
    shared = problem(generator(7), generator(7, design="shared"))
    fresh = replace(shared, generations=(generator(7), generator(7)))
    assert digits(problem_error(shared)[0].total, shared) != digits(
        sc.test_error(fresh).total, fresh
    )


FAMILIES = {
    "mixed labels": problem(generator(real_weight="1/4", repeat=2)),
    "shift": problem(
        generator(shift=SHIFT), downstream=Downstream(9, noise=1, ridge=1, shift=TARGET)
    ),
    "two covariances": problem(generator(spectrum=OTHER, real_samples=4, real_noise=2)),
    "random features": problem(
        generator(7, "1/7"), downstream=Downstream(8, noise=1, ridge="1/3", features=6)
    ),
}
"""Two fits at most, from each family that the engine derives in seconds."""

SLOW_FAMILIES = {
    "accumulated": problem(
        generator(), downstream=Downstream(7, noise=2, ridge="1/2", data="accumulate")
    ),
    "self-distillation": problem(
        generator(),
        downstream=Downstream(8, ridge=1, design="shared", real_weight="1/3", real_data="same"),
    ),
    "random features that generate": problem(
        generator(7, "1/7", features=6), downstream=Downstream(8, noise=1, ridge="1/3")
    ),
    "random features on shared inputs": problem(
        generator(7, "1/7", features=6),
        downstream=Downstream(7, noise=1, ridge="1/3", design="shared"),
    ),
    "a pooled generator of two covariances": problem(
        generator(6, "1/7"), generator(spectrum=OTHER, real_samples=4, real_noise=2)
    ),
}


def agrees_with_the_engine(of: Problem) -> None:
    """The formula of the joint pencil has the digits of the plain expression's equivalent, and no part of it has."""
    equivalent = sc.deterministic_equivalent(excess_risk_expression(of)).formula
    error = sc.test_error(of)
    expected = digits(equivalent, of)
    assert digits(error.total, of) == expected
    assert digits(error.total - error.contributions[0].value / 2, of) != expected


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_pipelines_agree_with_their_plain_expressions(family: Problem) -> None:
    agrees_with_the_engine(family)


@pytest.mark.slow
@pytest.mark.parametrize("family", SLOW_FAMILIES.values(), ids=SLOW_FAMILIES)
def test_more_pipelines_agree_with_their_plain_expressions(family: Problem) -> None:
    agrees_with_the_engine(family)


def test_accumulated_least_squares_add_each_noise_once() -> None:
    entries = (
        generator(8, 0, data="accumulate"),
        generator(9, 0, noise=2, data="accumulate"),
        generator(7, 0, data="accumulate"),
    )
    accumulated = problem(*entries, downstream=Downstream(9, noise=1, data="accumulate"))
    pipeline = pipeline_of(accumulated, letters=True)
    expected = []
    for fit, each in enumerate(sc.test_error(accumulated).contributions):
        size, rows = pipeline.inputs[fit].samples, pipeline.rows(fit)
        value = each.deviation**2 * size / rows * sc.dimension / SurplusSamples(rows, SIGMA)
        expected.append(value)
        # The very formula: rational numbers of sizes are collected.
        assert each.value == value
    error = sc.test_error(accumulated)
    assert error.bias == 0
    assert error.total == Add(*expected)
    # That a fit forgets what it has seen, and has all of each noise, is another formula.
    assert digits(error.total, accumulated) != digits(
        sc.test_error(problem(*(replace(each, data="replace") for each in entries))).total,
        accumulated,
    )


def test_labels_that_accumulate_on_one_design_count_its_rows_once() -> None:
    def accumulated(samples: int, ridge: Any) -> Problem:
        return problem(generator(samples, ridge, repeat=3, data="accumulate", design="shared"))

    enough, few = accumulated(9, 0), accumulated(3, 0)
    surplus = SurplusSamples(sc.generation_samples, SIGMA)
    noise = sc.generation_noise**2
    # 1 + 1/4 + 1/9: fit m has 1/m of the noise of each of its labels, and nothing is forgotten.
    expected = Rational(49, 36) * sc.dimension * noise / surplus
    assert sc.test_error(enough).total == expected
    # Nine weighted rows of three different ones are fewer than five dimensions.
    assert sc.test_error(few).regime == "T_0 < d"
    for exactly in (enough, few):
        samples = int(exactly.generations[0].samples)
        nearly = accumulated(samples, Rational(1, 10**30))
        found = digits(sc.test_error(exactly).total, exactly)
        # As above: twenty digits survive the ridge.
        assert found[:20] == digits(sc.test_error(nearly).total, nearly)[:20]
        fresh = problem(generator(samples, 0, repeat=3, data="accumulate"))
        assert found[:4] != digits(sc.test_error(fresh).total, fresh)[:4]


def test_least_squares_that_recovers_has_no_bias_to_cancel() -> None:
    # One design among fresh real rows: its weight is another, so that the effective ridges couple.
    pooled = problem(generator(9, 0, data="accumulate", design="shared", real_samples=3, repeat=3))
    error = sc.test_error(pooled)
    assert error.bias == 0
    # One generation below the dimension is enough to leave a bias.
    short = problem(generator(3, 0), generator(9, 0, data="accumulate"))
    assert float(sc.evaluate(sc.test_error(short).bias, short)) > 0
    # A shift is a bias of its own, that is never left out.
    shifted = problem(
        generator(9, 0, data="accumulate", design="shared", real_samples=3, repeat=2, shift=SHIFT)
    )
    error = sc.test_error(shifted)
    assert error.bias == error.shift
    assert float(sc.evaluate(error.bias, shifted)) > 0


def test_parts_add_up_and_name_their_fit() -> None:
    pooled = problem(
        generator(real_samples=4, real_noise=2, repeat=2),
        downstream=Downstream(9, noise=1, ridge=1, real_weight="1/4", shift=SHIFT),
    )
    error = sc.test_error(pooled)
    tested = [each for each in error.contributions if each.is_tested]
    assert [(each.fit, each.is_real) for each in error.contributions] == [
        (0, True),
        (0, True),
        (1, False),
        (1, True),
        (2, False),
        (2, True),
    ]
    assert error.variance == Add(*(each.value for each in tested))
    assert error.total == error.bias + Add(*(each.value for each in error.contributions))
    assert error.parts["shift"] == error.shift != 0
    assert pooled.downstream is not None
    without = replace(pooled, downstream=replace(pooled.downstream, shift=None))
    assert "shift" not in sc.test_error(without).parts
    assert digits(error.bias - error.shift, pooled) == digits(sc.test_error(without).bias, without)


def test_least_squares_is_the_limit_of_a_small_ridge() -> None:
    # The error is smooth in the ridge on either side of N = d, so that a ridge of 1e-30 changes 25 digits by little.
    for keys in ({"features": 4}, {"features": 9}, {"real_samples": 4, "spectrum": OTHER}):
        exactly = problem(generator(6, "1/7"), downstream=Downstream(8, noise=1, **keys))
        nearly = problem(
            generator(6, "1/7"),
            downstream=Downstream(8, noise=1, ridge=Rational(1, 10**30), **keys),
        )
        found = [
            sc.evaluate(sc.test_error(each).total, each, digits=DIGITS)
            for each in (exactly, nearly)
        ]
        # Twenty digits: a ridge of 1e-30 is 1e-30 of the spectrum, times denominators above 1e-3.
        assert abs(float(found[0]) / float(found[1]) - 1) < 1e-14
        assert found[0].text[:20] == found[1].text[:20]
        assert nearly.downstream is not None
        coarse = replace(nearly, downstream=replace(nearly.downstream, ridge=Rational(1, 10)))
        assert digits(sc.test_error(coarse).total, coarse)[:4] != found[0].text[:4]


def test_accumulating_below_the_dimension_crosses_it() -> None:
    crossing = problem(generator(3, 0, repeat=3, data="accumulate"))
    assert sc.test_error(crossing).regime == "T_0 < d; 2*T_0 >= d; 3*T_0 >= d"
    total = digits(sc.test_error(crossing).total, crossing)
    nearly = problem(generator(3, Rational(1, 10**30), repeat=3, data="accumulate"))
    # As above: twenty digits survive the ridge.
    assert total[:20] == digits(sc.test_error(nearly).total, nearly)[:20]
    assert total[:4] != digits(sc.test_error(problem(generator(3, 0))).total, crossing)[:4]


def test_long_chains_on_fresh_inputs_stay_short() -> None:
    for keys in ({"real_weight": "1/4"}, {"real_samples": 4}):
        long = problem(generator(repeat=12, **keys), downstream=Downstream(9, noise=1, ridge=1))
        half = problem(generator(repeat=6, **keys), downstream=Downstream(9, noise=1, ridge=1))
        sizes = [_distinct_parts(sc.test_error(each).total) for each in (half, long)]
        # Twice the generations, twice the parts that differ; written out, four times.
        assert sizes[1] <= 2 * sizes[0] + 4


def _distinct_parts(formula: Expr) -> int:
    parts = [formula, *(part.definition for part in abbreviations(formula))]
    return len(set[Any]().union(*(part.atoms(Quantity, Abbreviation) for part in parts)))


def test_what_is_beyond_the_formula_is_refused_by_name() -> None:
    below = problem(generator(3, 0, real_samples=1, spectrum=OTHER))
    with pytest.raises(NotSupported, match="ridge = 0 with fewer rows than dimensions"):
        sc.test_error(below)
    features = problem(generator(spectrum=OTHER, features=6))
    with pytest.raises(NotSupported, match="features"):
        sc.test_error(features)
    # Least squares too couples ridges where the weights of its inputs differ: seven such would take minutes.
    coupled = problem(generator(9, 0, design="shared", data="accumulate", real_samples=3, repeat=8))
    with pytest.raises(NotSupported, match="more than 5 effective ridges"):
        sc.test_error(coupled)
    long = problem(generator(repeat=61, real_weight="1/4"))
    with pytest.raises(NotSupported, match="at most 60"):
        sc.test_error(long)
    several = sc.test_error(problem(generator(repeat=3, data="accumulate")))
    with pytest.raises(NotSupported, match="at most 2"):
        _ = several.derivation
    with pytest.raises(NotSupported, match="chain of plain fits"):
        _ = several.chain


def test_a_weight_on_all_rows_changes_nothing() -> None:
    # N counts rows with their weights, so that the penalty N λ grows with them; the route is that of a coupled core.
    def error(weight: int, ridge: Rational) -> Expr:
        shares = (Share(0, Integer(weight)), Share(1, Integer(weight)))
        fit = PipelineFit(shares, ridge)
        inputs = (Inputs(Integer(6)), Inputs(Integer(4)))
        labels = (Labels(0, None, Integer(1)), Labels(1, None, Integer(2)))
        return pipeline_error(Pipeline(inputs, labels, (fit,)), (FitRegime(),)).total

    of = problem(downstream=Downstream(9))
    assert digits(error(2, Rational(1, 3)), of) == digits(error(1, Rational(1, 3)), of)
    assert digits(error(2, Rational(1, 3)), of) != digits(error(1, Rational(1, 6)), of)


def test_the_effective_ridge_is_that_of_the_last_fit() -> None:
    accumulated = problem(generator(repeat=2, data="accumulate"))
    error = sc.test_error(accumulated)
    letter, size = sc.generation_ridge, sc.generation_samples
    assert error.effective_ridge == EffectiveRidge(letter, 2 * size, SIGMA)
    assert regimes_of(accumulated)[0].determined


def test_margins_of_pipelines_follow_their_rows() -> None:
    def margin(samples: int) -> float:
        entry = Generation(samples, noise=1, ridge="1/3", repeat=2, data="accumulate")
        return finite_size_margin(Problem(sc.IsotropicSpectrum(50), TARGET_50, (entry,)))

    assert 0.02 < margin(400) < margin(100) < 0.5


TARGET_50 = sc.UniformTarget(1)


def test_verification_shows_a_pipeline_and_refutes_a_slip() -> None:
    entry = Generation(90, noise=1, ridge="1/3", data="accumulate")
    of = Problem(
        sc.IsotropicSpectrum(40),
        TARGET_50,
        (entry,),
        Downstream(80, noise=1, ridge="1/5", data="accumulate"),
    )
    assert sc.verify(of, risk=1e-3).verdict == "shown"
    # Without what accumulated labels add, as if the last fit saw its own samples alone.
    slip = sc.test_error(of).bias
    assert sc.verify(of, formula=slip, risk=1e-3).verdict == "refuted"


@pytest.mark.parametrize(
    "entry",
    [
        Generation(
            20, noise=1, ridge="1/10", repeat=3, data="accumulate", shift=sc.UniformTarget(1)
        ),
        Generation(
            50,
            noise=1,
            ridge="1/10",
            repeat=2,
            real_samples=10,
            real_data="same",
            data="accumulate",
            spectrum=sc.PowerLawSpectrum(30, 1),
        ),
    ],
    ids=["shifts", "two covariances"],
)
def test_no_two_parts_of_a_formula_have_one_name(entry: Generation) -> None:
    error = sc.test_error(Problem(sc.PowerLawSpectrum(30, 2), sc.UniformTarget(1), (entry,)))
    parts = abbreviations(error.total)
    assert len(parts) > 5
    assert len({part.name for part in parts}) == len(parts)


def test_as_many_features_as_samples_without_a_ridge_are_refused_by_name() -> None:
    # What the features miss acts as noise, so that the error is infinite without any noise too.
    keys = {"downstream.ridge": "0", "downstream.samples": "150", "downstream.noise": "0"}
    with pytest.raises(Diverges, match=r"features = samples = 150 .*; take a ridge > 0"):
        sc.test_error(Problem.from_file("random-features", {**keys, "downstream.features": "150"}))
    near = Problem.from_file("random-features", {**keys, "downstream.features": "149"})
    far = Problem.from_file("random-features", {**keys, "downstream.features": "140"})
    totals = [float(sc.evaluate(sc.test_error(each).total, each)) for each in (near, far)]
    # A pole at M = T beside a constant: ten times nearer, up to ten times as large.
    assert 5 < totals[0] / totals[1] < 10
