"""Rates with letters against rates at numbers, and the best ridge against its neighbours."""

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from sympy import Rational, oo, true

from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported, OutOfRegime
from symcollapse.language.problems import Generation
from symcollapse.language.spectra import (
    ExponentialSpectrum,
    IsotropicSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.targets import Target, UniformTarget
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import Rates, error_rates
from symcollapse.theory import test_error as derive
from tests.scaling.power_law_chains import EXPONENTS, PROBLEMS, chain, put_in, rates_of


def assert_best(rates: Rates, point: dict[str, Rational]) -> None:
    """That no other ridge exponent is as good as those between the smallest and the largest best one."""
    others = {key: value for key, value in point.items() if key != "ridge"}
    cases = [case for case in rates.optimum if put_in(case.condition, others) == true]
    try:
        rates.at(**point)
    except OutOfRegime:
        assert not cases
        return
    assert cases
    for case in cases:
        best, smallest, largest = (
            put_in(value, others) for value in (case.exponent, case.smallest, case.largest)
        )
        assert rates.at(ridge=smallest, **others).exponent == best
        far = smallest + 7 if largest == oo else largest
        assert rates.at(ridge=far, **others).exponent == best
        assert rates.at(**point).exponent <= best
        slightly = Rational(1, 1000)
        if slightly < smallest < oo:
            assert rates.at(ridge=smallest - slightly, **others).exponent < best
        if largest != oo:
            assert rates.at(ridge=largest + slightly, **others).exponent < best


@pytest.mark.parametrize("name", PROBLEMS)
@settings(derandomize=True, deadline=None, max_examples=60)
@given(point=EXPONENTS)
def test_letters_and_numbers_give_the_same_rates(name: str, point: dict[str, Rational]) -> None:
    rates = rates_of(PROBLEMS[name])
    try:
        expected = rates.at(**point)
    except OutOfRegime:
        assert all(put_in(piece.scope, point) != true for piece in rates.pieces)
        return
    matched = [piece for piece in rates.pieces if put_in(piece.scope, point) == true]
    assert matched
    for piece in matched:
        assert put_in(piece.exponent, point) == expected.exponent
        for term, (_, each) in zip(piece.terms, expected.terms, strict=True):
            assert each is not None
            assert put_in(term.exponent, point) == -each.exponent


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name != "ridgeless"])
@settings(derandomize=True, deadline=None, max_examples=25, phases=[Phase.generate])
@given(point=EXPONENTS)
def test_the_best_ridge_is_no_worse_than_any_other(name: str, point: dict[str, Rational]) -> None:
    assert_best(rates_of(PROBLEMS[name]), point)


@pytest.mark.parametrize(
    ("name", "scaling"),
    [
        # The bias rises up to the best ridge, and nothing changes beyond.
        ("clean", Scaling(noise=oo, capacity="5/2", source=1)),
        # Without synthetic noise the best goes on through two scopes, to every smaller ridge.
        (
            "fresh 2",
            Scaling(generation_samples="1/5", dimension="13/5", source="1/2", generations=-oo),
        ),
        ("fresh 1", Scaling(generations=-oo, dimension=oo)),
    ],
    ids=str,
)
@settings(derandomize=True, deadline=None, max_examples=25, phases=[Phase.generate])
@given(point=EXPONENTS)
def test_the_best_ridge_where_some_exponents_have_numbers(
    name: str, scaling: Scaling, point: dict[str, Rational]
) -> None:
    letters = {key: value for key, value in point.items() if getattr(scaling, key).is_Symbol}
    assert_best(rates_of(PROBLEMS[name], scaling), letters)


def test_the_best_ridge_after_generators_with_a_ridge_has_conditions_that_tell_cases_apart() -> (
    None
):
    """The level ℓ₀/β stands in some order to 1 and b; equal results in orders far apart are no single case."""
    generators = Generation(200, noise=1, ridge="1/10")
    rates = rates_of(chain(generators), Scaling(noise=-1, generation_ridge="16/5", dimension=oo))
    point = {"generations": 2, "generation_samples": "5/3", "capacity": "5/2", "source": 1}
    assert_best(rates, {"ridge": Rational(1), **{key: Rational(x) for key, x in point.items()}})
    # A relation between b and a number times 1/β is a line, and each line is named once.
    lines = [frozenset(line.args) for line in rates.boundaries]
    assert len(lines) == len(set(lines)) == 6


def test_relations_that_always_hold_are_no_boundaries() -> None:
    generators = Generation(600, noise=1, ridge="1/10")
    scaling = Scaling(ridge=2, dimension=1, noise=oo, generation_ridge="3/2")
    assert rates_of(chain(generators), scaling).boundaries


def test_a_fit_without_a_ridge_has_no_best_one() -> None:
    with pytest.raises(NotSupported, match="no ridge"):
        assert rates_of(PROBLEMS["ridgeless"]).optimum


def test_a_noise_that_follows_the_ridge_is_refused() -> None:
    """With σ² = T^-ℓ the noise would move with the ridge that is varied."""
    rates = rates_of(PROBLEMS["clean"], Scaling(noise=symbols.ridge_exponent))
    with pytest.raises(NotSupported, match="moves with the ridge"):
        assert rates.optimum


@pytest.mark.parametrize("name", ["clean", "T_0 >= d", "fresh 1"])
def test_two_terms_are_the_least_on_every_crossover(name: str) -> None:
    rates = rates_of(PROBLEMS[name])
    named = {term.name: term.exponent for term in rates.terms}
    assert rates.crossovers
    for crossover in rates.crossovers:
        point = dict(crossover.witness)
        ridge = point.pop(symbols.ridge_exponent / symbols.capacity) * point[symbols.capacity]
        point[symbols.ridge_exponent] = ridge
        assert crossover.equation.xreplace(point) == true
        values = {term: exponent.xreplace(point) for term, exponent in named.items()}
        least = {term for term, value in values.items() if value == min(values.values())}
        assert set(crossover.between) <= least


def test_lines_on_which_another_term_is_less_are_no_crossovers() -> None:
    """For d ≪ T the second synthetic term never leads: it meets bias and variance behind the first."""
    rates = rates_of(PROBLEMS["T_0 >= d"], Scaling(dimension="1/2"))
    met = [crossover.between for crossover in rates.crossovers]
    assert ("bias", "synthetic 1") in met
    assert all("synthetic 2" not in pair for pair in met)


@pytest.mark.parametrize(
    ("spectrum", "target", "place"),
    [
        (IsotropicSpectrum(300), UniformTarget(1), "spectrum: .* IsotropicSpectrum; give a Power"),
        (ExponentialSpectrum(300, 1), UniformTarget(1), "spectrum: .* ExponentialSpectrum; give a"),
        (
            PowerLawSpectrum(300, 2),
            UniformTarget(1),
            "target: .* UniformTarget; give a SourceTarget",
        ),
    ],
)
def test_data_without_exponents_are_refused_by_name(
    spectrum: Spectrum, target: Target, place: str
) -> None:
    other = replace(chain(), spectrum=spectrum, target=target)
    with pytest.raises(NotSupported, match=place):
        error_rates(other)
    with pytest.raises(NotSupported, match=place):
        error_rates(derive(other))
    assert error_rates(chain()).pieces
