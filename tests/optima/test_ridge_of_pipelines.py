"""Best ridges of pipelines: proven where the tested fit has fresh inputs, searched and called local elsewhere."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Rational

import symcollapse as sc
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, PowerLawSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.certified_optimum import certified_optimum
from symcollapse.optima.optimum_certificates import holds_a_minimum
from symcollapse.optima.searched_ridge import searched_optimum

UNIT = UniformTarget(1)
POWER = PowerLawSpectrum(20, 1)
OLS = Generation(60, noise=1, repeat=2)
RIDGE = Generation(60, noise=1, ridge="1/3")


def on_labels_of(generation: Generation, **others: Any) -> Problem:
    return Problem(POWER, UNIT, (generation,), Downstream(50, noise=1, ridge="1/5", **others))


FRESH = {
    "mixed labels": on_labels_of(RIDGE, real_weight="1/3"),
    "pooled": on_labels_of(OLS, real_samples=20),
    "accumulated before": on_labels_of(replace(RIDGE, data="accumulate", repeat=2)),
    "shifted": on_labels_of(OLS, shift=UniformTarget("1/4")),
}
SEEN = {
    "accumulated": on_labels_of(OLS, data="accumulate"),
    "student": replace(
        on_labels_of(RIDGE), downstream=Downstream(60, noise=1, ridge="1/5", design="shared")
    ),
    "unlike spectra": Problem(
        LevelsSpectrum([1, "1/4"], [10, 10]),
        UNIT,
        (OLS,),
        Downstream(50, noise=1, ridge=1, spectrum=LevelsSpectrum([1, "1/9"], [10, 10])),
    ),
    "last of shared": Problem(POWER, UNIT, (RIDGE, replace(RIDGE, design="shared"))),
}


def error_at(problem: Problem, ridge: float) -> float:
    exact = Rational(ridge)
    if problem.downstream is not None:
        there = replace(problem, downstream=replace(problem.downstream, ridge=exact))
    else:
        last = replace(problem.generations[-1], ridge=exact)
        there = replace(problem, generations=(*problem.generations[:-1], last))
    return float(sc.evaluate(sc.test_error(there).total, there))


@pytest.mark.parametrize("name", FRESH)
def test_a_tested_fit_on_fresh_inputs_has_a_global_minimum(name: str) -> None:
    problem = FRESH[name]
    found = certified_optimum(problem, 8)
    assert found.is_global
    # A route that shares neither charts nor intervals: the slope of the formula, through the root κ.
    assert holds_a_minimum(problem, found.bracket)
    low, high = (str(Fraction(end) * Fraction(1001, 1000)) for end in found.bracket)
    assert not holds_a_minimum(problem, (low, high))
    # And the search, which shares not even the formula's form.
    searched = searched_optimum(problem, 8)
    assert searched.ridge.text == found.ridge.text
    assert searched.parts["total"].text == found.parts["total"].text
    assert searched.classical.ridge.text == found.classical.ridge.text
    assert searched.own.excess.text == found.own.excess.text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name == "unlike spectra" else name
        for name in SEEN
    ],
)
def test_elsewhere_a_local_minimum_is_found_and_called_local(name: str) -> None:
    problem = SEEN[name]
    found = certified_optimum(problem, 8)
    assert not found.is_global
    assert found.certificate.startswith("local minimum within the bracket")
    best = float(found.ridge)
    low, high = map(Fraction, found.bracket)
    assert low <= Fraction(found.ridge.text) <= high or high - low < Fraction(1, 10**8)
    least = float(found.parts["total"])
    assert error_at(problem, best) == pytest.approx(least, rel=1e-7)  # rounded to eight digits
    for ridge in best * np.array([0.01, 0.3, 0.99, 1.01, 3, 100]):
        assert error_at(problem, float(ridge)) > least * (1 + 1e-8)
    assert float(found.own.total) > least
    parts = [float(found.parts[part]) for part in ("bias", "variance", "synthetic")]
    assert sum(parts) == pytest.approx(least, rel=1e-7)  # as above


def test_at_the_ridge_of_an_earlier_fit_the_formula_of_unequal_ridges_says_so() -> None:
    found = certified_optimum(SEEN["last of shared"], 8)
    assert found.classical.ridge.text == "0.33333333"
    assert found.classical.total.text == "nan"
    assert float(found.own.total) > float(found.parts["total"])


def test_without_noise_the_search_ends_at_no_ridge() -> None:
    fit = Downstream(60, data="accumulate", ridge=1)
    problem = Problem(POWER, UNIT, (Generation(60, repeat=2),), fit)
    found = certified_optimum(problem)
    assert found.ridge.text == "0"
    assert float(found.ridge.radius) > 0
    assert found.parts["total"].text == "0"


def test_without_a_signal_the_search_ends_at_the_null_predictor() -> None:
    fit = Downstream(40, data="accumulate", ridge=1, noise=1)
    nothing = sc.ExplicitTarget([0] * 20)
    found = certified_optimum(
        Problem(IsotropicSpectrum(20), nothing, (Generation(60, noise=1),), fit)
    )
    assert (found.ridge.text, found.parts["total"].text) == ("inf", "0")
