"""Budgets of samples: closed forms and exchanges beside all splits there are."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational

import symcollapse as sc
from symcollapse.language.errors import NotEvaluable, NotSupported
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.accumulated_budgets import accumulated_error, split_accumulated
from symcollapse.optima.sample_budget import optimal_samples
from symcollapse.optima.sample_search import SampleSearch, with_samples
from symcollapse.optima.separable_budgets import (
    is_best_split,
    received_noises,
    split_budget,
    split_in_integers,
)

UNIT = UniformTarget(1)
parts = st.lists(st.fractions(0, 9, max_denominator=7), min_size=1, max_size=4)


def splits(count: int, budget: int, least: int) -> list[tuple[int, ...]]:
    ranges = [range(least, budget + 1)] * (count - 1)
    found = ((*few, budget - sum(few)) for few in product(*ranges))
    return [split for split in found if split[-1] >= least]


def separable_error(received: list[Fraction], edge: int, split: tuple[int, ...]) -> Fraction:
    return sum((a / (t - edge) for a, t in zip(received, split, strict=True)), Fraction(0))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(parts, st.integers(0, 3), st.integers(0, 14))
def test_exchanges_find_the_best_of_all_splits(
    received: list[Fraction], edge: int, more: int
) -> None:
    budget = len(received) * (edge + 1) + more
    found = split_in_integers(received, edge, budget)
    assert sum(found) == budget
    least = min(
        separable_error(received, edge, split) for split in splits(len(received), budget, edge + 1)
    )
    assert separable_error(received, edge, tuple(found)) == least
    assert is_best_split(received, edge, found)


def test_the_equal_split_of_unequal_noises_is_refused() -> None:
    assert not is_best_split([Fraction(1), Fraction(4)], 3, [20, 20])
    assert is_best_split([Fraction(1), Fraction(1)], 3, [20, 20])


def test_the_split_over_reals_is_proportional_to_the_noises() -> None:
    found = split_budget([Integer(1), Integer(4), Integer(9)], Integer(5), Integer(75))
    assert [int(each) for each in found.samples] == [15, 25, 35]
    assert found.error == Rational(3, 5)
    assert found.price_of_equal == Rational(14 * 3, 36)
    with pytest.raises(NotSupported, match="budget = 15"):
        split_budget([Integer(1)] * 3, Integer(5), Integer(15))
    with pytest.raises(NotSupported, match="no label has noise"):
        split_budget([Integer(0)], Integer(5), Integer(15))


def test_what_later_fits_mix_away_needs_no_samples() -> None:
    one = [Integer(1)] * 2
    received = received_noises(one, one, [Integer(0), Integer(1)], Integer(8))
    assert received == [0, 8]


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    st.lists(st.fractions("1/7", 9, max_denominator=7), min_size=1, max_size=4),
    st.integers(1, 3),
    st.integers(0, 12),
    st.integers(1, 2),
)
def test_of_growing_sets_the_first_batch_gets_all(
    variances: list[Fraction], dimension: int, more: int, least: int
) -> None:
    count = len(variances)
    budget = dimension + 2 + least * (count - 1) + more
    found = split_accumulated(count, dimension, budget, least)
    every = [split for split in splits(count, budget, least) if split[0] >= dimension + 2]
    errors = [accumulated_error(variances, list(split), dimension) for split in every]
    assert accumulated_error(variances, found, dimension) == min(errors)
    if more:
        # The control: one sample less in the first batch costs.
        worse = [found[0] - 1, *found[1:-1], found[-1] + 1] if count > 1 else None
        assert worse is None or accumulated_error(variances, worse, dimension) > min(errors)


def test_the_law_of_a_chain_is_that_of_its_exact_test_error() -> None:
    chain = (Generation(100, noise=1, repeat=2), Generation(100, noise=3))
    problem = Problem(IsotropicSpectrum(19), UNIT, chain, Downstream(100, noise="1/2"))
    found = optimal_samples(problem, 360)
    assert found.is_global
    again = with_samples(
        Problem(problem.spectrum, UNIT, (chain[0], chain[0], chain[1]), problem.downstream),
        list(found.samples),
    )
    again = Problem(
        again.spectrum,
        UNIT,
        tuple(Generation(each.samples, noise=each.noise) for each in again.generations),
        again.downstream,
    )
    law = sc.test_error(again).exact
    assert law is not None
    assert sc.evaluate(law.total, again, digits=10).text == found.best.total.text
    assert found.in_reals is not None
    assert all(abs(a - b) < 1 for a, b in zip(found.samples, found.in_reals, strict=True))
    equal, own = found.others
    assert equal.setting == own.setting == "90 90 90 90"
    assert float(equal.price) > 1.1


def test_a_search_agrees_with_all_splits_of_two_fits() -> None:
    chain = (Generation(60, noise=1, ridge="1/2"),)
    problem = Problem(IsotropicSpectrum(30), UNIT, chain, Downstream(60, noise=3, ridge=1))
    found = optimal_samples(problem, 90)
    search = SampleSearch(problem, 90)
    errors = {first: float(search.ball([first, 90 - first], 64).mid()) for first in range(1, 90)}
    assert found.samples[0] == min(errors, key=lambda first: errors[first])
    assert found.is_global
    assert search.is_least(list(found.samples))
    # The control: a local minimum is not taken for the best.
    assert search.exchanges_cost([16, 74])
    assert not search.is_least([16, 74])
    assert not search.exchanges_cost([18, 72])


def test_the_best_split_of_a_search_has_the_error_of_its_problem() -> None:
    chain = (Generation(60, noise=1, ridge="1/2", repeat=2),)
    problem = Problem(IsotropicSpectrum(30), UNIT, chain, Downstream(60, noise=3, ridge=1))
    found = optimal_samples(problem, 200)
    assert not found.is_global
    assert "local minimum" in found.certificate
    ridge = Rational(1, 2)
    entries = tuple(Generation(size, noise=1, ridge=ridge) for size in found.samples[:2])
    there = Problem(problem.spectrum, UNIT, entries, Downstream(found.samples[2], noise=3, ridge=1))
    assert sc.evaluate(sc.test_error(there).total, there, digits=10).text == found.best.total.text
    # The generators before the last give away less, so they are not alike.
    assert found.samples[0] != found.samples[1]


def test_bad_budgets_are_refused_by_name() -> None:
    problem = Problem(IsotropicSpectrum(19), UNIT, (Generation(100, noise=1, repeat=2),))
    with pytest.raises(NotSupported, match="budget = 41"):
        optimal_samples(problem, 41)
    with pytest.raises(NotEvaluable, match="budget = 0"):
        optimal_samples(problem, 0)
    symbolic = Problem(IsotropicSpectrum(19), UNIT, (Generation(sc.samples, noise=1),))
    with pytest.raises(NotEvaluable, match="give numbers"):
        optimal_samples(symbolic, 100)


@pytest.mark.parametrize(
    "chain",
    [
        (
            Generation(100, noise=1, real_weight="1/3"),
            Generation(100, noise=3, real_noise=2, real_weight="1/4"),
        ),
        (Generation(100, noise=1), Generation(100, noise=3, data="accumulate")),
    ],
)
def test_laws_of_mixed_and_accumulated_labels_are_the_exact_ones(
    chain: tuple[Generation, ...],
) -> None:
    problem = Problem(IsotropicSpectrum(19), UNIT, chain)
    found = optimal_samples(problem, 300)
    there = with_samples(problem, list(found.samples))
    law = sc.test_error(there).exact
    assert law is not None
    assert sc.evaluate(law.total, there, digits=10).text == found.best.total.text
    # The control: the proportional limit is another number.
    limit = sc.evaluate(sc.test_error(there).total, there, digits=10)
    assert limit.text != found.best.total.text
