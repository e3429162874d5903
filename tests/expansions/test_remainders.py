"""Certified sums from expansions: never a wrong ball, and narrow ones where κ is small."""

from collections.abc import Callable
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Rational, oo

from symcollapse.expansions.balls import power_sum
from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.expansions.remainders import (
    enclose_power_law_sum,
    power_law_remainder,
    remainder_bound,
)
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import effective
from symcollapse.language.symbols import eigenvalue as s
from tests.expansions.reference_sums import ball, power_law_sum

capacities = st.integers(11, 50).map(lambda n: Rational(n, 10))
decays = st.integers(-40, 40).map(lambda n: Rational(n, 8))
orders = st.sampled_from([Rational(1), Rational(2), Rational(4), Rational(1, 3), Rational(9, 4)])
decades = st.integers(2, 20).map(lambda n: n / 4)


def small(capacity: Rational, exponent: float, cap: float = 3.3) -> Rational:
    """An x of about 10^-exponent, where the reference adds at most 10^cap terms."""
    return Rational(1, int(10 ** min(exponent, cap * float(capacity))))


@settings(max_examples=80)
@given(capacities, decays, orders, decades, st.sampled_from([53, 120]))
def test_a_ball_holds_the_sum(
    beta: Rational, decay: Rational, m: Rational, exponent: float, bits: int
) -> None:
    assume(decay + beta * m > 1)
    numbers = (beta, decay, m, small(beta, exponent))
    with ctx.workprec(bits):
        law: list[Any] = [ball(number) for number in numbers]
        value = enclose_power_law_sum(law[0], law[1], law[2], law[3])
    with ctx.workprec(200):
        law = [ball(number) for number in numbers]
        expected = power_law_sum(law[0], law[1], law[2], law[3])
        assert value is None or value.overlaps(expected)
        if value is not None:
            # Of the digits of x^-z₀ and ζ a few are lost; the function promises all but 20 bits.
            assert value.rel_accuracy_bits() >= bits - 20


@settings(max_examples=60)
@given(capacities, decays, orders, decades, st.integers(201, 1500))
def test_a_ball_holds_a_finite_sum(
    beta: Rational, decay: Rational, m: Rational, exponent: float, size: int
) -> None:
    numbers = (beta, decay, m, small(beta, exponent))
    law: list[Any] = [ball(number) for number in numbers]
    value = enclose_power_law_sum(law[0], law[1], law[2], law[3], size)
    with ctx.workprec(200):
        law = [ball(number) for number in numbers]
        expected = power_law_sum(law[0], law[1], law[2], law[3], size)
        assert value is None or value.overlaps(expected)


def test_small_x_is_always_enclosed() -> None:
    """Random tests must not pass by returning nothing: these are within reach, at any of these precisions."""
    for bits, x in ((53, "1e-5"), (120, "1e-7"), (300, "1e-8")):
        with ctx.workprec(bits):
            for beta in ("1.25", "2", "2.5"):
                for decay, m in (("0", "1"), ("-1.375", "2"), ("1", "2"), ("0.3", "1.5")):
                    value = enclose_power_law_sum(arb(beta), arb(decay), arb(m), arb(x))
                    assert value is not None, (bits, beta, decay, m)
                    for size in (10**3, 10**6, 10**30):
                        finite = enclose_power_law_sum(arb(beta), arb(decay), arb(m), arb(x), size)
                        apart = abs((arb(x) * arb(size) ** arb(beta)).log()) > 1
                        assert finite is not None or not apart, (bits, beta, decay, m, size)


def near_meeting(gap: Any, beta: str = "2", k: int = 0) -> tuple[Any, ...]:
    return arb(beta), 1 + k * arb(beta) + gap, arb(2), arb(10) ** -5


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("exponent", [8, 20, 40, 60, 100])
def test_poles_that_nearly_meet_give_no_wrong_ball(k: int, exponent: int) -> None:
    arguments = near_meeting(arb(2) ** -exponent, k=k)
    with ctx.workprec(400):
        expected = power_law_sum(*near_meeting(arb(2) ** -exponent, k=k))
    value = enclose_power_law_sum(*arguments)
    assert value is None or value.overlaps(expected)
    with ctx.workprec(300):
        narrow = enclose_power_law_sum(*near_meeting(arb(2) ** -exponent, k=k))
    assert narrow is None or narrow.overlaps(expected)
    # Two terms of 2^exponent cancel, so that as many bits are lost; at most 20 may be.
    assert exponent > 8 or narrow is not None


def test_poles_that_meet_give_the_logarithm() -> None:
    for k in (0, 1, 2):
        value = enclose_power_law_sum(*near_meeting(arb(0), k=k))
        assert value is not None
        with ctx.workprec(200):
            assert value.overlaps(power_law_sum(*near_meeting(arb(0), k=k)))


def test_poles_that_meet_by_the_word_of_the_caller() -> None:
    beta, x = ball(Rational(11, 10)), arb(10) ** -4
    decay = 1 + beta
    assert not (decay - 1 - beta).is_zero()
    assert enclose_power_law_sum(beta, decay, arb(2), x) is None
    value = enclose_power_law_sum(beta, decay, arb(2), x, meets=1)
    assert value is not None
    assert value.overlaps(power_law_sum(beta, decay, arb(2), x))


def test_wide_arguments_give_wide_balls() -> None:
    x = arb(10) ** -5 * (1 + arb(0, 2.0**-20))
    value = enclose_power_law_sum(arb(2), arb(0), arb(1), x)
    assert value is not None
    for factor in (1 - 2.0**-20, 1, 1 + 2.0**-20):
        assert value.overlaps(power_law_sum(arb(2), arb(0), arb(1), arb(10) ** -5 * factor))


def holds_for(bound: Callable[[int], Any]) -> bool:
    """Whether a claimed bound of what K powers leave is kept at small and not so small x."""
    with ctx.workprec(200):
        for beta, decay, m, x in (
            (Rational(3, 2), Rational(0), Rational(1), Rational(1, 100)),
            (Rational(3), Rational(-3), Rational(2), Rational(1, 10)),
            (Rational(2), Rational(1, 2), Rational(5, 2), Rational(1)),
        ):
            b, a, order, point = map(ball, (beta, decay, m, x))
            truth = power_law_sum(b, a, order, point)
            pole = (1 - a) / b
            total = pole.gamma() * (order - pole).gamma() / order.gamma() * point**-pole / b
            binomial = arb(1)
            for terms in range(1, 9):
                k = terms - 1
                total += binomial * (a - b * k).zeta()
                binomial *= -(order + k) / (k + 1) * point
                claimed = bound(terms)(b, a, order, point)
                if abs(truth - total) > claimed:
                    return False
    return True


def test_the_remainder_is_a_bound_and_a_smaller_one_is_refused() -> None:
    def proven(terms: int) -> Any:
        return lambda *law: power_law_remainder(*law, terms=terms)

    def too_small(terms: int) -> Any:
        return lambda *law: power_law_remainder(*law, terms=terms) / 10

    def too_late(terms: int) -> Any:
        return lambda *law: power_law_remainder(*law, terms=terms + 1)

    assert holds_for(proven)
    assert not holds_for(too_small)
    assert not holds_for(too_late)


def test_the_remainder_is_not_much_larger_than_the_next_term() -> None:
    with ctx.workprec(120):
        bound = power_law_remainder(arb("1.5"), arb(0), arb(1), arb("1e-6"), terms=2)
        following = abs(arb("-3").zeta()) * arb("1e-6") ** 2
        # The sum of all later terms is 10^-6 of the first; what the last contour leaves is smaller still.
        assert following <= bound < following * arb("1.001")


@settings(max_examples=40)
@given(st.integers(-400, 8), st.integers(2, 400))
def test_power_sums(eighths: int, size: int) -> None:
    exponent = arb(eighths) / 8
    with ctx.workprec(80):
        value = power_sum(exponent, arb(size))
        assert value.overlaps(sum((arb(j) ** -exponent for j in range(1, size + 1)), arb(0)))
        # d^(1−s) is known to about s ln d parts in 2^80.
        assert value.rel_accuracy_bits() > 55


@pytest.mark.parametrize("kappa", [0, Rational(-1, 3)])
def test_no_remainder_is_bounded_where_nothing_is_small_and_positive(kappa: Rational) -> None:
    expansion = expand_power_law_sum(s / (s + effective), PowerLawSpectrum(oo, 3), terms=2)
    with pytest.raises(NotEvaluable, match=r"kappa = .*: an expansion .*; give such a number"):
        remainder_bound(expansion, {effective: kappa})
    # A ball that holds 0 holds points of every size: no finite bound is proven there.
    assert not remainder_bound(expansion, {effective: arb(0, 1)}).is_finite()
    assert remainder_bound(expansion, {effective: Rational(1, 10**30)}) < 1e-90
