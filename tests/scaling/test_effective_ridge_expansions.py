"""Expansions of κ(λ, T) over power laws, against certified values of κ over eight decades of T."""

from collections.abc import Sequence
from math import log
from typing import Any

import pytest
from sympy import Add, Expr, Integer, N, Pow, Rational, oo, symbols, zeta

from symcollapse.evaluation import evaluate
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import capacity, crossover, dimension, effective, ridge, samples
from symcollapse.scaling.effective_ridge_expansions import (
    RidgeExpansion,
    effective_ridge_at_large_ridge,
    effective_ridge_crossover,
    effective_ridge_near_ridgeless,
    lagrange,
    ridgeless_effective_ridge,
)

DECADES = (10**4, 10**6, 10**8, 10**10, 10**12)
LAW = PowerLawSpectrum(oo, capacity)
MOST = 200
"""The constants of the next orders may be this large; those of ε^k grow as the k-th power of 1/radius, up to 3^5."""


def certified(law: PowerLawSpectrum, ridge_at: Expr, size: int) -> Rational:
    """κ to 140 right digits: the differences below are as small as 1e-120."""
    return Rational(evaluate(EffectiveRidge(ridge_at, size, law), digits=140).text)


def relative_errors(
    formula: Expr, orders: Sequence[Expr], law: PowerLawSpectrum, power: Expr | None, factor: Expr
) -> list[tuple[float, float]]:
    """Pairs (relative error, sum of the stated orders) at λ = factor·T^-power, or 0, over the decades."""
    pairs = []
    for size in DECADES:
        at = Integer(0) if power is None else factor * Pow(10, -power * (len(str(size)) - 1))
        values: dict[Any, Any] = {samples: size, ridge: at, capacity: law.capacity, dimension: 0}
        truth = certified(law, at, size)
        error = N(formula.xreplace(values), 150) / truth - 1
        pairs.append((abs(float(error)), float(Add(*(abs(o.xreplace(values)) for o in orders)))))
    return pairs


def is_of_the_stated_order(pairs: list[tuple[float, float]]) -> bool:
    """Whether the errors are at most MOST times the stated orders, and fall like them over the last decades.

    Like them: with at least 0.9 of the exponent in T. The next order but one adds less than that beyond T = 10^8.
    """
    (before, order_before), (after, order_after) = pairs[-3], pairs[-1]
    slope = log(before / after) / log(order_before / order_after)
    return slope >= 0.9 and all(error <= MOST * order for error, order in pairs)


def spoiled(expansion: RidgeExpansion, exact_part: Expr) -> Expr:
    """The formula with all beyond a part of it 5 % too large."""
    return expansion.formula + Rational(1, 20) * (expansion.formula - exact_part)


@pytest.mark.parametrize("orders", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("beta", "power"), [("3/2", "1/2"), ("2", "1"), ("2", "5/4"), ("5/2", "1/2")]
)
def test_at_large_ridges(orders: int, beta: str, power: str) -> None:
    law = PowerLawSpectrum(oo, Rational(beta))
    expansion = effective_ridge_at_large_ridge(LAW, orders=orders)
    pairs = relative_errors(
        expansion.formula, expansion.next_orders, law, Rational(power), Integer(1)
    )
    assert is_of_the_stated_order(pairs)
    if orders > 1:
        first = effective_ridge_at_large_ridge(LAW, orders=1)
        wrong = spoiled(expansion, first.formula)
        wrong_pairs = relative_errors(
            wrong, expansion.next_orders, law, Rational(power), Integer(1)
        )
        assert not is_of_the_stated_order(wrong_pairs)


@pytest.mark.parametrize(("orders", "terms"), [(1, 1), (2, 2), (3, 3)])
@pytest.mark.parametrize("beta", ["3/2", "9/4", "3"])
def test_without_a_ridge(orders: int, terms: int, beta: str) -> None:
    law = PowerLawSpectrum(oo, Rational(beta))
    expansion = ridgeless_effective_ridge(LAW, orders=orders, terms=terms)
    pairs = relative_errors(expansion.formula, expansion.next_orders, law, None, Integer(0))
    assert is_of_the_stated_order(pairs)
    # A is 5 % off: the relative error no longer falls.
    wrong = expansion.formula * Rational(21, 20)
    assert not is_of_the_stated_order(
        relative_errors(wrong, expansion.next_orders, law, None, Integer(0))
    )


def test_the_half_in_the_ridgeless_value_is_needed() -> None:
    law = PowerLawSpectrum(oo, Rational(3, 2))
    expansion = ridgeless_effective_ridge(LAW)
    without = expansion.formula.subs(samples, samples - Rational(1, 2))
    assert not is_of_the_stated_order(
        relative_errors(without, expansion.next_orders, law, None, Integer(0))
    )


def test_the_first_correction_without_a_ridge_is_that_of_zeta() -> None:
    plain = ridgeless_effective_ridge(LAW, orders=1).formula
    corrected = ridgeless_effective_ridge(LAW, orders=2).formula
    size = samples + Rational(1, 2)
    numbers: dict[Any, Any] = {capacity: Rational(3, 2), samples: 10}
    stated = -capacity * zeta(-capacity) * plain**2 / size
    # Two expressions of one number, to 30 digits.
    assert abs(N((corrected - plain - stated).subs(numbers), 30)) < 1e-28


@pytest.mark.parametrize("orders", [1, 2, 3, 5])
@pytest.mark.parametrize("beta", ["3/2", "5/2"])
def test_near_the_ridgeless_value(orders: int, beta: str) -> None:
    # λ = T^-(β + 1/4): the ratio λ/κ₀ falls as T^-1/4, and higher orders as its powers.
    exponent = Rational(beta)
    law = PowerLawSpectrum(oo, exponent)
    expansion = effective_ridge_near_ridgeless(LAW, orders=orders)
    power = exponent + Rational(1, 4)
    pairs = relative_errors(expansion.formula, expansion.next_orders, law, power, Rational(1, 10))
    assert is_of_the_stated_order(pairs)
    if orders > 1:
        first = effective_ridge_near_ridgeless(LAW, orders=1)
        wrong = relative_errors(
            spoiled(expansion, first.formula), expansion.next_orders, law, power, Rational(1, 10)
        )
        assert not is_of_the_stated_order(wrong)


@pytest.mark.parametrize("beta", ["5/4", "3/2", "3"])
@pytest.mark.parametrize("w", ["1", "11/10", "2", "50"])
def test_through_the_crossover(beta: str, w: str) -> None:
    law = PowerLawSpectrum(oo, Rational(beta))
    # At w = 1 the next term of λ would be below 0, beyond what a ridge can be.
    found = effective_ridge_crossover(LAW, terms=1 if w == "1" else 2)
    for size in DECADES:
        values: dict[Any, Any] = {samples: size, capacity: law.capacity, crossover: Rational(w)}
        kappa = N(found.effective_ridge.xreplace(values), 150)
        # The other way round: the certified λ of this κ, and the certified κ of that λ.
        formula = Rational(str(N(found.ridge.xreplace(values), 140)))
        truth = certified(law, formula, size)
        orders = [abs(o.xreplace({**values, effective: kappa})) for o in found.next_orders]
        # dκ/dλ ≤ β, so an error of λ/κ makes at most β times as much in κ.
        allowed = MOST * float(Add(*orders))
        assert abs(float(kappa / truth - 1)) <= allowed
        assert abs(float(kappa / truth * (1 + 2 * allowed + 1e-9) - 1)) > allowed


def test_the_ridge_grows_through_the_crossover() -> None:
    found = effective_ridge_crossover(LAW)
    slope = (found.ridge / found.ridge.xreplace({crossover: Integer(2)})).diff(crossover)
    for beta in ("11/10", "2", "7"):
        for w in ("1", "1001/1000", "3", "1000"):
            value = slope.xreplace({capacity: Rational(beta), crossover: Rational(w), samples: 9})
            assert N(value) > 0
    assert found.ridge.xreplace({crossover: Integer(1)}) == 0


def test_the_crossover_solves_the_equation() -> None:
    found = effective_ridge_crossover(LAW, terms=2)
    residual = found.equation.xreplace({effective: found.effective_ridge, ridge: found.ridge})
    numbers: dict[Any, Any] = {capacity: Rational(7, 3), crossover: Rational(5, 4), samples: 30}
    # 0 to the digits of the evaluation, against κ ~ 1e-3.
    assert abs(N(residual.xreplace(numbers), 30)) < 1e-25
    assert abs(N((residual + found.ridge / 20).xreplace(numbers), 30)) > 1e-6


def test_a_finite_dimension_far_beyond() -> None:
    # d = 10^9 and κ ~ 1e-3: the tail j > d changes df₁ by d^(1-β)/κ, which the series keeps.
    law = PowerLawSpectrum(10**9, Rational(3, 2))
    expansion = effective_ridge_at_large_ridge(law, orders=6)
    at = Rational(1, 1000)
    truth = certified(law, at, 10**5)
    values: dict[Any, Any] = {samples: 10**5, ridge: at}
    error = abs(float(N(expansion.formula.xreplace(values), 60) / truth - 1))
    order = float(Add(*(abs(o.xreplace(values)) for o in expansion.next_orders)))
    assert error <= MOST * order
    infinite = effective_ridge_at_large_ridge(PowerLawSpectrum(oo, Rational(3, 2)), orders=6)
    # Without the tail it is off by its share, 1e-5 or so of df₁/T ~ 1e-3.
    assert abs(float(N(infinite.formula.xreplace(values), 60) / truth - 1)) > 10 * MOST * order


def test_lagrange_has_the_coefficients_of_the_generalised_binomial_series() -> None:
    # u = 1 + εu^s: u^p = Σ p/(p + ks) C(p + ks, k) ε^k; at s = 2 and p = 1 the Catalan numbers.
    small = symbols("small")
    one = Integer(1)
    series = lagrange(one, [(small, Integer(2))], (one, one), 7)
    assert [term.coeff(small, k) for k, term in enumerate(series)] == [1, 1, 2, 5, 14, 42, 132]
