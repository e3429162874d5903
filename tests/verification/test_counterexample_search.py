"""The search finds violations that random points miss, certifies them, and leaves bounds alone that hold."""

from pathlib import Path

import pytest
from sympy import Expr, Integer, Rational, Symbol

from derivations.few_generator_samples_spare_bias_along_the_tail import ADDED, BIAS, CLEAN
from symcollapse.evaluation import evaluate
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problem_files import problem_to_toml, read_problem
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.spectra import LevelsSpectrum, covariance
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    ridge,
    samples,
)
from symcollapse.language.targets import LevelsTarget
from symcollapse.reasoning import Algebra, Bound, Refuted, Statement, Supported, judge
from symcollapse.verification.counterexample_search import search
from symcollapse.verification.level_formulas import LevelFormula, Levels

BELOW = Bound(above=False)
RESPONSE = 1 / (1 - DegreesOfFreedom(2, EffectiveRidge(ridge, samples, SIGMA), SIGMA) / samples)


@pytest.mark.parametrize("formula", [BIAS, CLEAN, ADDED, RESPONSE])
@pytest.mark.parametrize("penalty", [Integer(0), Rational(1, 50)])
def test_doubles_agree_with_balls(formula: Expr, penalty: Expr) -> None:
    spectrum, truth = LevelsSpectrum([1, "1/7"], [11, 25]), LevelsTarget([1, "1/3"])
    point = {samples: Integer(20), generation_samples: Integer(9), ridge: penalty}
    exact = evaluate(formula.xreplace({**point, SIGMA: spectrum, W0: truth}))
    levels = Levels([1.0, 1 / 7], [11, 25], [1.0, 1 / 3])
    numbers = {symbol: float(value) for symbol, value in point.items()}
    # The root is found to 1e-13, and the formulas lose some digits by T − df₂.
    assert LevelFormula(formula)(numbers, levels) == pytest.approx(float(exact), rel=1e-9)


def test_quantities_of_other_spectra_are_not_taken() -> None:
    with pytest.raises(NotEvaluable):
        LevelFormula(DegreesOfFreedom(1, ridge, covariance("Omega", dimension)))


def test_a_violation_that_random_points_miss_is_found_and_is_a_problem() -> None:
    """Bias~ ≥ Bias holds at the twenty points of the judge; it is false all the same."""
    assert isinstance(judge(BELOW, BIAS, CLEAN, Domain()), Supported)
    found = search(Statement(BIAS, BELOW, CLEAN))
    assert found is not None
    assert isinstance(found.verdict, Refuted)
    problem = found.problem
    lower, upper = (float(evaluate(side, problem)) for side in (BIAS, CLEAN))
    assert lower < upper
    # The search saw the same numbers in doubles: the cancellations cost it a few of sixteen digits.
    assert (upper - lower) / (upper + lower) == pytest.approx(found.violation, rel=1e-6)


def test_what_is_found_makes_a_problem_file(tmp_path: Path) -> None:
    found = search(Statement(BIAS, BELOW, CLEAN + ADDED))
    assert found is not None
    place = tmp_path / "found.toml"
    place.write_text(problem_to_toml(found.problem), encoding="utf-8")
    assert read_problem(place, {}).spectrum == found.point[SIGMA]


def test_the_same_seed_finds_the_same() -> None:
    statement = Statement(BIAS, BELOW, CLEAN + ADDED)
    assert search(statement, seed=5) == search(statement, seed=5)


def test_bounds_that_hold_are_not_refuted() -> None:
    """Lemma I.2 holds for every Σ; the inequality of Theorem 4.3 for Σ = I."""
    held = search(Statement(RESPONSE, BELOW, Integer(1)), generations=5)
    assert held is not None
    assert isinstance(held.verdict, Supported)
    isotropic = Statement(BIAS, BELOW, CLEAN + ADDED, Domain(isotropic=True))
    held = search(isotropic, generations=5)
    assert held is not None
    assert isinstance(held.verdict, Supported)


def test_a_scope_is_kept() -> None:
    """For T₀ ≥ d there is nothing to be found: P₀ = I."""
    enough = Domain(conditions=(generation_samples >= dimension,))
    found = search(Statement(BIAS, BELOW, CLEAN, enough), generations=2)
    assert found is not None
    assert isinstance(found.verdict, Supported)
    assert found.point[generation_samples] >= found.point[dimension]


def test_what_is_no_bound_is_left_alone() -> None:
    assert search(Statement(BIAS, Algebra(), CLEAN)) is None
    unknown = generations * Symbol("q")
    assert search(Statement(RESPONSE, BELOW, unknown)) is None
