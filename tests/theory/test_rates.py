"""Rates with letters against rates at numbers, and against what is known of special cases."""

from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, oo, true

from symcollapse.language import symbols
from symcollapse.language.errors import OutOfRegime
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.theory.rate_scalings import Scaling
from symcollapse.theory.rates import Rates, error_rates

GENERATOR_EXPONENT = symbols.real_symbol("ell_0")
LETTERS: dict[str, Symbol] = {
    "ridge": symbols.ridge_exponent,
    "generations": symbols.generations_exponent,
    "generation_samples": symbols.generation_samples_exponent,
    "dimension": symbols.dimension_exponent,
    "noise": symbols.noise_exponent,
    "capacity": symbols.capacity,
    "source": symbols.source,
}


def power_law(*generations: Generation, samples: int = 1000, ridge: Any = "1/10") -> Problem:
    return Problem(
        PowerLawSpectrum(300, 2),
        SourceTarget(1),
        generations,
        Downstream(samples, noise=1, ridge=ridge),
    )


CLEAN = power_law()
RECOVERING = power_law(Generation(600, noise=1, repeat=5))
FRESH = {n: power_law(Generation(200, noise=1, repeat=n)) for n in (1, 2, 3)}
SHARED = power_law(Generation(200, noise=1, repeat=5, design="shared"))
RIDGELESS = power_law(Generation(200, noise=1), samples=250, ridge=0)
PROBLEMS = {
    "clean": CLEAN,
    "T_0 >= d": RECOVERING,
    "fresh 1": FRESH[1],
    "fresh 2": FRESH[2],
    "shared": SHARED,
    "ridgeless": RIDGELESS,
}


@lru_cache(maxsize=64)
def rates_of(problem: Problem, scaling: Scaling | None = None) -> Rates:
    return error_rates(problem, scaling)


def numbers(lowest: Fraction, highest: Fraction) -> st.SearchStrategy[Rational]:
    # Small denominators, so that ties and boundaries are met often.
    return st.sampled_from([1, 2, 3, 5]).flatmap(
        lambda k: st.integers(int(lowest * k) + 1, int(highest * k)).map(lambda i: Rational(i, k))
    )


EXPONENTS = st.fixed_dictionaries(
    {
        "ridge": numbers(Fraction(-1), Fraction(5)).filter(lambda x: x >= 0),
        "generations": numbers(Fraction(-3), Fraction(2)),
        "generation_samples": numbers(Fraction(0), Fraction(3)),
        "dimension": numbers(Fraction(-1), Fraction(3)).filter(lambda x: x >= 0),
        "noise": numbers(Fraction(-2), Fraction(3)),
        "capacity": numbers(Fraction(1), Fraction(4)),
        "source": numbers(Fraction(0), Fraction(2)),
    }
)


def put_in(value: Any, point: dict[str, Rational]) -> Any:
    return value.xreplace({LETTERS[name]: number for name, number in point.items()})


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
    rates = rates_of(PROBLEMS[name])
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
        if smallest > slightly:
            assert rates.at(ridge=smallest - slightly, **others).exponent < best
        if largest != oo:
            assert rates.at(ridge=largest + slightly, **others).exponent < best
