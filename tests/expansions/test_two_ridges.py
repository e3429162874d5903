"""Sums with two effective ridges against certified sums, and their expansions far apart against the uniform ones."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, Expr, Integer, N, Rational, oo

from symcollapse.evaluation import evaluate
from symcollapse.expansions.two_ridges import TwoRidgeSum, expand_two_ridge_sum
from symcollapse.language.problems import Downstream, Problem
from symcollapse.language.quantities import quadratic_form, spectral_trace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import effective, generator_effective
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import SourceTarget

NODES = (effective, generator_effective)
SIZES = st.integers(2, 9).map(lambda place: Rational(1, 10**place))


def expansion(beta: str, r: str | None, power: int, orders: tuple[int, int]) -> TwoRidgeSum:
    target = None if r is None else SourceTarget(r)
    law = PowerLawSpectrum(oo, beta)
    return expand_two_ridge_sum(Integer(power), NODES, orders, law, target, terms=2)


def certified(
    beta: str, r: str | None, power: int, orders: tuple[int, int], at: dict[Any, Any]
) -> Rational:
    """The sum itself, to 40 digits."""
    law, target = PowerLawSpectrum(oo, beta), SourceTarget(r or "1/2")
    m, n = orders
    summand = s**power / ((s + at[effective]) ** m * (s + at[generator_effective]) ** n)
    whole = spectral_trace(summand, law) if r is None else quadratic_form(summand, law, target)
    problem = Problem(law, target, (), Downstream(9, 1, 1))
    return Rational(evaluate(whole, problem, digits=40).text)


def value(formula: Expr, at: dict[Any, Any]) -> Rational:
    return Rational(str(N(formula.xreplace(at), 60)))


@pytest.mark.parametrize(
    ("beta", "r", "power", "orders"),
    [
        ("3/2", "7/10", 3, (2, 2)),
        ("2", "1", 3, (2, 2)),
        ("2", "1/2", 2, (1, 2)),
        ("5/3", None, 4, (2, 2)),
        ("2", None, 6, (2, 4)),
    ],
)
@settings(derandomize=True, deadline=None, max_examples=4)
@given(first=SIZES, second=SIZES)
def test_the_uniform_form_holds_at_every_ratio(
    beta: str, r: str | None, power: int, orders: tuple[int, int], first: Rational, second: Rational
) -> None:
    found = expansion(beta, r, power, orders)
    at: dict[Any, Any] = {effective: first, generator_effective: second}
    truth = certified(beta, r, power, orders, at)
    form = found.at_equal_ridges() if first == second else found.formula()
    error = abs(value(form, at) - truth)
    left_out = sum(value(node**e, at) for node in NODES for e in found.next_exponents)
    # Coefficients of the first power left out are binomial times zeta values: below 100 for these orders.
    assert error <= 100 * left_out + truth / 10**30
    # A constant that is 1 % off is refused where the orders left out are smaller than that.
    if 100 * left_out < truth / 1000:
        assert abs(value(Rational(101, 100) * form, at) - truth) > 100 * left_out


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize(
    ("beta", "r", "power", "orders"),
    [
        ("3/2", "7/10", 3, (2, 2)),
        ("2", "1", 3, (2, 2)),
        ("2", "1/2", 2, (1, 2)),
        ("2", None, 4, (2, 3)),
    ],
)
def test_far_apart_the_powers_are_those_of_the_uniform_form(
    beta: str, r: str | None, power: int, orders: tuple[int, int], *, above: bool
) -> None:
    found = expansion(beta, r, power, orders)
    powers = found.far_apart(above=above)
    formula = Add(
        *(p.coefficient * effective**p.first * generator_effective**p.second for p in powers)
    )
    small, large = Rational(1, 10**12), Rational(1, 10**8)
    at: dict[Any, Any] = dict(zip(NODES, (large, small) if above else (small, large), strict=True))
    ratio = value(formula, at) / value(found.formula(), at)
    # Three powers of the ratio 10^-4 are kept: what is left out is of its third, with binomial coefficients before it.
    assert abs(ratio - 1) < Rational(1, 10**9)
    # On the other side of κ_g the same powers are none.
    swapped: dict[Any, Any] = dict(zip(NODES, reversed([at[node] for node in NODES]), strict=True))
    assert abs(value(formula, swapped) / value(found.formula(), swapped) - 1) > Rational(1, 10)


def test_one_order_alone_is_a_sum_with_one_resolvent() -> None:
    for orders in ((2, 0), (0, 2)):
        found = expansion("2", None, 2, orders)
        node = NODES[orders.index(2)]
        (singular,) = (p for p in found.far_apart(above=True) if p.first + p.second < 0)
        assert (
            singular.coefficient
            * effective** singular.first
            * generator_effective** singular.second
            == (found.formula(leading=True))
        )
        assert found.formula().free_symbols == {node}
