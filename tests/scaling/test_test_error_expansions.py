"""Expansions of the parts of the test error, against their certified values over decades of T."""

from functools import cache
from math import log
from typing import Any

import pytest
from sympy import Expr, Integer, N, Pow, Rational, oo

from symcollapse.evaluation import evaluate
from symcollapse.evaluation.numbers import in_numbers
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    crossover,
    effective,
    noise,
    ridge,
    ridgeless,
    samples,
    source,
)
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.scaling.test_error_expansions import ErrorExpansion, expand_test_error
from symcollapse.theory import test_error as derive

DECADES = (4, 6, 8, 10)
HUGE = 10**14
"""A dimension far beyond the decades."""
CLEAN = Problem(
    PowerLawSpectrum(oo, capacity),
    SourceTarget(source),
    (),
    Downstream(samples, noise=noise, ridge=ridge),
)
GENERAL = {terms: expand_test_error(CLEAN, terms=terms) for terms in (1, 2)}


def problem_at(beta: str, r: str, decade: int, power: str | None, *, synthetic: bool) -> Problem:
    """Numbers: T = 10^decade, λ = T^-power, or none; with two generations on 2d samples in a huge dimension."""
    size = 10**decade
    fit = Downstream(size, noise="1/2", ridge=0 if power is None else Pow(size, -Rational(power)))
    generators = (Generation(2 * HUGE, noise=1, repeat=2),) if synthetic else ()
    law = PowerLawSpectrum(HUGE if synthetic else oo, beta)
    return Problem(law, SourceTarget(r), generators, fit)


def certified(formula: Expr, problem: Problem) -> Rational:
    return Rational(evaluate(formula, problem, digits=80).text)


def numbers(problem: Problem, expansion: ErrorExpansion) -> dict[Any, Any]:
    """κ, κ₀, w and what else the forms of an expansion are in."""
    error = derive(problem)
    kappa = certified(error.effective_ridge, problem)
    assert problem.downstream is not None
    beta = problem.spectrum.args[1]
    known = {capacity: beta, samples: problem.downstream.samples}
    bare = N(expansion.ridgeless_ridge.xreplace(known), 90)
    return {
        **known,
        source: problem.target.args[0],
        effective: kappa,
        ridgeless: bare,
        crossover: N((kappa / bare) ** (1 / beta), 90),
    }


def in_figures(formula: Expr, problem: Problem, values: dict[Any, Any]) -> float:
    return N(in_numbers(formula.xreplace(values), problem), 90)


def uniform_errors(
    beta: str, r: str, power: str | None, name: str, terms: int, factor: Expr
) -> list[tuple[float, float]]:
    """Pairs (error, sum of the stated orders) over the decades, with the formula times a factor."""
    found = GENERAL[terms]
    pairs = []
    for decade in DECADES:
        problem = problem_at(beta, r, decade, power, synthetic=False)
        values = numbers(problem, found)
        part = found.parts[name]
        truth = certified(derive(problem).parts[name], problem)
        error = in_figures(factor * part.uniform, problem, values) - truth
        orders = sum(abs(in_figures(each, problem, values)) for each in part.next_orders)
        pairs.append((abs(float(error / truth)), float(orders / truth)))
    return pairs


def is_of_the_stated_order(pairs: list[tuple[float, float]]) -> bool:
    """Errors at most 20 times the stated orders (constants of order 1), falling with 0.9 of their exponent in T."""
    (before, order_before), (after, order_after) = pairs[-3], pairs[-1]
    slope = log(before / after) / log(order_before / order_after)
    return slope >= 0.9 and all(error <= 20 * order for error, order in pairs)


@pytest.mark.parametrize("name", ["bias", "variance"])
@pytest.mark.parametrize("terms", [1, 2])
@pytest.mark.parametrize(
    ("beta", "r", "power"),
    [
        ("3/2", "3/10", "1/2"),
        ("7/4", "1/3", "3/2"),
        ("3/2", "7/10", "3/2"),
        ("5/2", "13/10", None),
        ("5/4", "3/4", None),
    ],
)
def test_the_uniform_form_holds_for_all_ridges(
    beta: str, r: str, power: str | None, name: str, terms: int
) -> None:
    pairs = uniform_errors(beta, r, power, name, terms, Integer(1))
    assert is_of_the_stated_order(pairs)
    wrong = uniform_errors(beta, r, power, name, terms, Rational(21, 20))
    assert not is_of_the_stated_order(wrong)


@cache
def expansion_of(beta: str, r: str, *, synthetic: bool) -> ErrorExpansion:
    """The expansion, which is written in symbols of the sizes and holds at all of them."""
    return expand_test_error(problem_at(beta, r, 4, "1/2", synthetic=synthetic))


def leading_ratio(
    form: str, beta: str, r: str, power: str | None, name: str, decade: int
) -> tuple[float, float]:
    """Ratio of a leading form to the truth, and the relative order of what it leaves out."""
    synthetic = name == "synthetic"
    problem = problem_at(beta, r, decade, power, synthetic=synthetic)
    found = expansion_of(beta, r, synthetic=synthetic)
    values = numbers(problem, found)
    part = found.parts[name]
    formula = part.ridgeless if form == "ridgeless" else getattr(part, form)
    truth = certified(derive(problem).parts[name], problem)
    ratio = float(in_figures(formula, problem, values) / truth)
    kappa, b, source_ = float(values[effective]), float(Rational(beta)), float(Rational(r))
    # The last is the tail j > d of the sums, 1/(κ^(1/β)·d) to the power β − 1, where there is a d.
    tail = (1 / (kappa ** (1 / b) * HUGE)) ** (b - 1) if synthetic else 0
    order = tail + kappa ** (1 / b) + (kappa ** abs(2 - 2 * source_) if source_ != 1 else 0)
    if form == "at_large_ridge":
        order += float(in_figures(found.large_ridge_order, problem, values))
    return ratio, order


@pytest.mark.parametrize(
    ("form", "power"),
    [
        ("leading", "1/2"),
        ("at_large_ridge", "1/2"),
        ("through_crossover", None),
        ("through_crossover", "1"),
        ("through_crossover", "4/3"),
        ("ridgeless", None),
    ],
)
@pytest.mark.parametrize("name", ["bias", "variance", "synthetic"])
@pytest.mark.parametrize(("beta", "r"), [("3/2", "2/5"), ("2", "1/2"), ("3/2", "2"), ("2", "1")])
def test_leading_forms_tend_to_the_truth(
    form: str, power: str | None, name: str, beta: str, r: str
) -> None:
    # T stays below 10^10 for all parts, where d = 10^14 is to be far beyond.
    for decade in (3, 8):
        ratio, order = leading_ratio(form, beta, r, power, name, decade)
        # Constants of order 1 before the orders left out.
        assert abs(ratio - 1) <= 8 * order
    # A constant that is 5 % off is refused where the orders left out are below 1/1000.
    if order < 1e-3:
        assert abs(1.05 * ratio - 1) > 8 * order


def test_the_largest_power_is_chosen_by_the_source() -> None:
    bias = GENERAL[1].parts["bias"].at_large_ridge
    for r in ("1/3", "1", "5/3"):
        law = PowerLawSpectrum(oo, 2)
        own = Problem(law, SourceTarget(r), (), Downstream(samples, noise=noise, ridge=ridge))
        at = {source: Rational(r), capacity: Integer(2), ridge: Rational(1, 100)}
        mine = expand_test_error(own).parts["bias"].at_large_ridge
        # Two spellings of one number, to 20 digits.
        assert abs(N(bias.xreplace(at) - mine.xreplace(at), 25)) < 1e-20


def test_synthetic_data_add_a_share_of_the_dimension() -> None:
    # (1 + d/T)·nσ₀²·df₂/(T₀ − d): the dimension stays in the leading order.
    problem = problem_at("2", "1/2", 6, "1/2", synthetic=True)
    with_share, order = leading_ratio("at_large_ridge", "2", "1/2", "1/2", "synthetic", 6)
    assert abs(with_share - 1) < 8 * order
    share = Rational(HUGE, 10**6)
    assert abs(float(with_share / (1 + share)) - 1) > 0.9
    assert problem.spectrum.dimension == HUGE


@pytest.mark.parametrize(
    "problem",
    [
        Problem(IsotropicSpectrum(30), UniformTarget(1), (), Downstream(9)),
        Problem(PowerLawSpectrum(30, 2), SourceTarget(1), (Generation(9, 1, 1),), Downstream(9)),
        Problem(PowerLawSpectrum(30, 2), SourceTarget(1), (Generation(9, 1),), Downstream(9)),
        Problem(PowerLawSpectrum(oo, 2), SourceTarget(1), (Generation(9, 1),)),
    ],
    ids=["isotropic", "generator with a ridge", "too few samples", "no downstream fit"],
)
def test_what_is_not_expanded_is_refused(problem: Problem) -> None:
    with pytest.raises(NotSupported):
        expand_test_error(problem)
