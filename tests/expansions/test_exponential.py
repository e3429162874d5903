"""Expansions of sums over exponential spectra against sums that are added up."""

from dataclasses import replace
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational, expand, log, oo

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.exponential import expand_exponential_sum
from symcollapse.expansions.remainders import remainder_bound
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.language.spectra import ExponentialSpectrum
from symcollapse.language.symbols import effective, power, rate
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import SourceTarget, UniformTarget
from tests.expansions.reference_sums import (
    ball,
    error,
    exponential_sum,
    is_within_its_remainder,
)

BITS = 120
"""Working precision: the radii of the references stay far below every remainder that is tested."""

rates = st.integers(1, 40).map(lambda n: Rational(n, 8))
powers = st.integers(1, 12).map(lambda n: Rational(n, 4))
orders = st.sampled_from([Rational(1), Rational(2), Rational(3), Rational(1, 2), Rational(7, 4)])
scales = st.sampled_from([Rational(1), Rational(3), Rational(2, 5)])
ridges = st.integers(2, 12).map(lambda n: Rational(1, int(10 ** (n / 2))))


def truth(p: Any, m: Any, law: ExponentialSpectrum, kappa: Rational) -> Any:
    size = None if law.dimension is oo else int(law.dimension)
    total = exponential_sum(ball(law.rate), ball(p - m), ball(m), ball(kappa / law.scale), size)
    return ball(law.scale) ** ball(p - m) * total


def function(p: Any, m: Any) -> Any:
    return s**p / (s + effective) ** m


@settings(max_examples=60)
@given(rates, powers, orders, scales, ridges, st.integers(1, 4), st.integers(0, 2))
def test_an_infinite_sum_is_within_the_remainder(
    alpha: Rational,
    p: Rational,
    m: Rational,
    unit: Rational,
    kappa: Rational,
    terms: int,
    harmonics: int,
) -> None:
    assume(kappa < unit / 4)
    law = ExponentialSpectrum(oo, alpha, unit)
    expansion = expand_exponential_sum(function(p, m), law, terms=terms, harmonics=harmonics)
    with ctx.workprec(BITS):
        assert remainder_bound(expansion, {effective: ball(kappa)}).is_finite()
        assert is_within_its_remainder(expansion, truth(p, m, law, kappa), ball(kappa))


@settings(max_examples=40)
@given(rates, powers, orders, scales, st.integers(3, 30), st.booleans())
def test_a_finite_sum_is_within_the_remainder(
    alpha: Rational,
    p: Rational,
    m: Rational,
    unit: Rational,
    size: int,
    beyond: bool,  # noqa: FBT001
) -> None:
    law = ExponentialSpectrum(size, alpha, unit)
    smallest = float(unit) * 2.718281828 ** (-float(alpha) * size)
    kappa = Rational(smallest).limit_denominator(10**90) * (4 if beyond else Rational(1, 4))
    assume(0 < kappa < unit / 4)
    expansion = expand_exponential_sum(function(p, m), law, terms=3, harmonics=1, beyond=beyond)
    with ctx.workprec(BITS):
        assert remainder_bound(expansion, {effective: ball(kappa)}).is_finite()
        assert is_within_its_remainder(expansion, truth(p, m, law, kappa), ball(kappa))


@pytest.mark.parametrize(
    ("p", "m"),
    [(Rational(1), Rational(1)), (Rational(3), Rational(2)), (Rational(1, 2), Rational(7, 4))],
)
@pytest.mark.parametrize("terms", [1, 2, 3])
def test_the_error_is_of_the_next_order(p: Rational, m: Rational, terms: int) -> None:
    """With harmonics enough, what is left is the next power of κ."""
    law = ExponentialSpectrum(oo, Rational(1, 2))
    expansion = expand_exponential_sum(function(p, m), law, terms=terms, harmonics=2)
    (after,) = expansion.next_exponents
    with ctx.workprec(BITS):
        errors = [
            error(expansion, truth(p, m, law, kappa), ball(kappa), {})
            for kappa in (Rational(1, 10**3), Rational(1, 10**4))
        ]
        fall = float((errors[0] / errors[1]).log() / arb(10).log())
        # The power after the next is 10^-3 of it, times a ratio of coefficients below 10.
        assert fall == pytest.approx(float(after), abs=0.02)


def test_false_expansions_are_refused() -> None:
    law, kappa = ExponentialSpectrum(oo, 2), Rational(1, 1000)
    expansion = expand_exponential_sum(function(1, 1), law, terms=3, harmonics=2)
    with ctx.workprec(BITS):
        value = truth(Rational(1), Rational(1), law, kappa)
        assert is_within_its_remainder(expansion, value, ball(kappa))
        for place, term in enumerate(expansion.terms):
            others = (*expansion.terms[:place], *expansion.terms[place + 1 :])
            opposite = replace(term, coefficient=-term.coefficient)
            for terms in (others, (*others, opposite)):
                false = replace(expansion, terms=terms)
                assert not is_within_its_remainder(false, value, ball(kappa))
        quiet = expand_exponential_sum(function(1, 1), law, terms=3, harmonics=1)
        assert not is_within_its_remainder(
            replace(quiet, parts=expansion.parts), value, ball(kappa)
        )


def test_the_leading_degrees_of_freedom() -> None:
    expansion = expand_exponential_sum(function(2, 2), ExponentialSpectrum(oo, rate), terms=1)
    expected = (-log(effective) - 1) / rate - Rational(1, 2)
    assert expand(expansion.leading() - expected) == 0


def test_a_symbolic_power_has_meetings() -> None:
    law = ExponentialSpectrum(oo, rate)
    generic = expand_exponential_sum(function(power, 1), law, terms=2)
    for meeting, p in zip(generic.meetings, (1, 2), strict=True):
        number = expand_exponential_sum(function(p, 1), law, terms=2)
        met = generic.at_meeting(meeting.gap)
        with ctx.workprec(BITS):
            values = {rate: arb(1), power: arb(p), effective: arb(1) / 1000}
            assert enclosed(met.formula, values).overlaps(enclosed(number.formula, values))


def test_sums_without_a_resolvent() -> None:
    law = ExponentialSpectrum(4, Rational(1, 2), 3)
    expansion = expand_exponential_sum(s, law, UniformTarget(2), terms=1)
    with ctx.workprec(BITS):
        expected = sum(((-arb(j) / 2).exp() for j in range(1, 5)), arb(0)) * 3 * 2 / 4
        assert enclosed(expansion.formula, {}).overlaps(expected)
    assert expansion.next_exponents == ()


def test_what_is_not_expanded() -> None:
    law = ExponentialSpectrum(oo, 2)
    with pytest.raises(Diverges, match="finite dimension"):
        expand_exponential_sum(function(0, 1), law, terms=1)
    with pytest.raises(NotSupported, match="uniform target"):
        expand_exponential_sum(function(1, 1), law, SourceTarget(1), terms=1)
    with pytest.raises(NotSupported, match="beyond=False"):
        expand_exponential_sum(function(0, 1), ExponentialSpectrum(9, 2), terms=1)
    assert expand_exponential_sum(
        function(0, 1), ExponentialSpectrum(9, 2), terms=1, beyond=False
    ).terms
    assert Integer(1) in expand_exponential_sum(function(1, 1), law, terms=1).next_exponents
