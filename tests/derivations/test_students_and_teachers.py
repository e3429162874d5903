"""Self-distillation, weak teachers and surrogates: certified examples and counterexamples, and simulation."""

from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from sympy import Expr, Integer, Rational

from derivations import best_imitation_has_the_sign_of_a_ridge_too_small as best
from derivations import distillation_on_the_same_inputs_moves_along_the_ridge as distilled
from derivations import few_generator_samples_spare_bias_along_the_tail as spared
from derivations import labels_of_a_surrogate_beat_real_labels as surrogate
from derivations import the_best_ridge_for_a_uniform_truth_leaves_nothing_to_distil as uniform
from symcollapse.evaluation import evaluate
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.spectra import (
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import dimension, eigenvalue, noise, ridge, samples, squared_norm
from symcollapse.language.targets import SourceTarget, Target, UniformTarget
from symcollapse.optima.certified_optimum import certified_optimum
from symcollapse.reasoning import Refuted, compare_at_points, passed
from symcollapse.simulation import simulate
from symcollapse.theory import test_error as derive
from symcollapse.theory.test_errors import without_generations
from symcollapse.verification import compare, verify

STEEP, ROUGH, SMOOTH = PowerLawSpectrum(200, "3/2"), SourceTarget("1/2"), SourceTarget(2)


def teacher(
    penalty: Any, deviation: Any, spectrum: Spectrum = STEEP, target: Target = ROUGH
) -> Problem:
    return Problem(spectrum, target, (), Downstream(100, noise=deviation, ridge=penalty))


def ball(formula: Expr, problem: Problem, **values: Any) -> Any:
    """An enclosure of the value: comparisons of two are certain."""
    found = evaluate(formula, problem, digits=20, **values)
    return arb(found.text, found.radius)


@pytest.fixture(autouse=True)
def _digits() -> Any:
    with ctx.workprec(128):
        yield


def test_the_curvature_of_distillation_is_that_of_the_ridge_path() -> None:
    domain = distilled.DERIVATION.domain
    # Two pencils: teacher and student together, and λRŵ alone. Balls at exact points; the judge allows 1e-40.
    assert passed(compare_at_points(distilled.CURVATURE, distilled.MOVED, domain))
    off = distilled.MOVED * (1 + Rational(1, 10**9))
    assert isinstance(compare_at_points(distilled.CURVATURE, off, domain), Refuted)
    line = distilled.RISK + distilled.IMITATION * ridge * distilled.SLOPE
    parabola = line + distilled.IMITATION**2 * distilled.MOVED
    assert passed(compare_at_points(distilled.STUDENT, parabola, domain))
    assert isinstance(compare_at_points(distilled.STUDENT, line, domain), Refuted)


@pytest.mark.parametrize(
    ("penalty", "deviation", "low", "high"),
    [("1/10", "1/10", -2, -1), ("1/1000", 1, 2, 3), ("1/50", "1/2", 0, 1)],
    ids=["a ridge too large", "strong noise", "in between"],
)
def test_the_best_weight_lies_on_either_side_of_a_convex_mixture(
    penalty: str, deviation: Any, low: int, high: int
) -> None:
    at = teacher(penalty, deviation)
    weight = ball(best.BEST, at)
    assert low < weight < high
    assert (ball(distilled.SLOPE, at) > 0) == (weight < 0)
    own = ball(distilled.RISK, at)
    student = ball(distilled.STUDENT.xreplace({distilled.IMITATION: best.BEST}), at)
    assert student < own
    # The best of all convex mixtures is the end nearest to the parabola's vertex.
    end = Integer(max(0, min(1, low if low < 0 else high)))
    if weight < 0 or weight > 1:
        assert student < ball(distilled.STUDENT.xreplace({distilled.IMITATION: end}), at)


@pytest.mark.parametrize(
    ("target", "penalty", "weight", "factor"),
    [(ROUGH, "1/12", "-13/10", "19/20"), (SMOOTH, "9/10", -2, "1/2")],
    ids=["source 1/2", "source 2"],
)
def test_a_tuned_student_beats_the_tuned_ridge(
    target: Target, penalty: Any, weight: Any, factor: Any
) -> None:
    tuned = certified_optimum(teacher(1, "1/2", target=target))
    assert tuned.is_global
    least = arb(tuned.parts["total"].text, tuned.parts["total"].radius)
    student = distilled.STUDENT.xreplace({distilled.IMITATION: Rational(weight)})
    found = ball(student, teacher(penalty, "1/2", target=target))
    assert found < least * arb(Rational(factor).p) / Rational(factor).q
    # At that ridge the teacher itself is worse than the tuned one.
    assert ball(distilled.RISK, teacher(penalty, "1/2", target=target)) > least


@pytest.mark.parametrize("spectrum", [STEEP, IsotropicSpectrum(200)], ids=["steep", "isotropic"])
def test_no_student_beats_the_bayes_ridge_for_a_uniform_truth(spectrum: Spectrum) -> None:
    target = UniformTarget(200)
    at = {key: teacher(key, "1/2", spectrum, target) for key in ("1/100", "1/20", "1/2", 2)}
    at_optimum: dict[Any, Any] = {
        dimension: Integer(200),
        samples: Integer(100),
        squared_norm: Integer(200),
        noise: Rational(1, 2),
    }
    best_ridge = Rational(200, 4) / (200 * 100)
    optimum = teacher(best_ridge, "1/2", spectrum, target)
    least = ball(distilled.RISK, optimum)
    assert uniform.BEST.xreplace(at_optimum) == best_ridge
    for factor, sign in ((Rational(999, 1000), -1), (Rational(1001, 1000), 1)):
        beside = teacher(best_ridge * factor, "1/2", spectrum, target)
        assert sign * ball(distilled.SLOPE, beside) > 0
    for problem in at.values():
        student = ball(distilled.STUDENT.xreplace({distilled.IMITATION: best.BEST}), problem)
        assert least < student < ball(distilled.RISK, problem)


@pytest.mark.monte_carlo
def test_distillation_against_simulation() -> None:
    fit = Downstream(
        45, ridge="1/10", design="shared", real_data="same", real_weight=3, real_noise="1/5"
    )
    chain = (Generation(45, noise="1/5", ridge="1/10"),)
    problem = Problem(PowerLawSpectrum(60, "3/2"), ROUGH, chain, fit)
    # ξ = −2. Finite size: 1/(T − df₂) at T = 45 is off by 1/T, squared here.
    assert verify(problem, margin=0.06, risk=1e-6).verdict == "shown"
    own = derive(Problem(problem.spectrum, ROUGH, chain)).total
    assert verify(problem, formula=own, margin=0.06, risk=1e-6).verdict == "refuted"


def test_distillation_is_a_parabola_draw_by_draw() -> None:
    random = np.random.default_rng(1)
    size, rows, penalty, step = 8, 12, 0.3, 1e-5
    inputs, truth = random.standard_normal((rows, size)), random.standard_normal(size)
    labels = inputs @ truth + random.standard_normal(rows)

    def fitted(seen: Any, at: float) -> Any:
        matrix = inputs.T @ inputs / rows + at * np.eye(size)
        return np.linalg.solve(matrix, inputs.T @ seen / rows)

    own = fitted(labels, penalty)
    slope = (fitted(labels, penalty + step) - fitted(labels, penalty - step)) / (2 * step)
    for weight in (-1.0, 0.5, 3.0):
        student = fitted(weight * inputs @ own + (1 - weight) * labels, penalty)
        # Central differences are off by step² = 1e-10, and rounding over step adds as much.
        assert student == pytest.approx(own + weight * penalty * slope, abs=1e-8)


WEAK = PowerLawSpectrum(100, "3/2")


@pytest.mark.parametrize("source", ["1/4", "1/2", 1])
def test_a_student_beats_a_teacher_of_few_features_who_knows_the_population(source: Any) -> None:
    target = SourceTarget(source)
    few = (Generation(10**8, features=20),)
    own = Problem(WEAK, target, few)
    taught = Problem(WEAK, target, few, Downstream(10**6, ridge="1/200"))
    error, student = ball(derive(own).total, own), ball(derive(taught).total, taught)
    assert student < error
    # The teacher is a projection in ‖·‖_Σ and the student shrinks it, so ‖ŵ‖² ≤ N − error (N the null predictor's error):
    # Medvedev et al.'s quadratic limit with its constant. The population is 10⁸ samples, off by 1e-3 at most.
    null = ball(quadratic_form(eigenvalue, SIGMA, W0), own)
    limit = (null.sqrt() - (null - error).sqrt()) ** 2
    assert limit < student
    assert limit > error**2 / (4 * null)
    # A ridge too large makes a student that is worse than its teacher.
    dull = Problem(WEAK, target, few, Downstream(10**6, ridge=1))
    assert ball(derive(dull).total, dull) > error


def test_a_student_beats_a_teacher_of_another_covariance() -> None:
    own, target = LevelsSpectrum([1, "1/10"], [20, 80]), UniformTarget(1)
    for deviation, is_better in (("1/2", True), (0, False)):
        wrong = (Generation(150, noise=deviation, spectrum=IsotropicSpectrum(100, "1/10")),)
        alone = Problem(own, target, wrong)
        taught = Problem(own, target, wrong, Downstream(400, ridge="1/5"))
        student, error = (derive(each).total for each in (taught, alone))
        # Least squares on many samples: without noise the teacher knows the truth, whatever its inputs.
        assert (error == 0) is not is_better
        assert (not is_better) or ball(student, taught) < ball(error, alone)


@pytest.mark.monte_carlo
def test_labels_of_a_ridge_teacher_beat_real_labels() -> None:
    rough = SourceTarget("1/16")
    taught = Problem(WEAK, rough, (Generation(400, ridge="1/1000"),), Downstream(40, noise="1/5"))
    real = without_generations(taught)
    error, clean = derive(taught).total, derive(real).total
    assert ball(error, taught) < arb("0.9") * ball(clean, real)
    # Finite size: 1/(T − df₂) at T = 40 is off by a few per cent.
    runs = {each: simulate(each, trials=2000, seed=1) for each in (taught, real)}
    for each, formula in ((taught, error), (real, clean)):
        prediction = float(evaluate(formula, each))
        assert compare(runs[each].draws, prediction, margin=0.1, risk=1e-6).verdict == "shown"
    gap = runs[real].mean - runs[taught].mean
    deviation = sum(run.standard_error**2 for run in runs.values()) ** 0.5
    assert gap > 5 * deviation


def test_the_edge_of_the_best_surrogate_is_where_its_factor_is_one() -> None:
    at = Problem(WEAK, ROUGH, (), Downstream(40))
    edge = ball(spared.EDGE, at)
    factors = {
        value: ball(surrogate.BEST.xreplace({eigenvalue: value}), at)
        for value in (Integer(1) / j**3 for j in range(1, 22, 4))
    }
    assert {(factor > 1) for factor in factors.values()} == {True, False}
    for value, factor in factors.items():
        assert (factor > 1) == (arb(value.p) / value.q > edge)
