"""Orders of plain formulas and of formulas of the theory; the best order over ridges."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from sympy import Add, Basic, Expr, Integer, Max, Min, Piecewise, Rational, log, oo
from sympy.core.relational import Eq

from derivations.settings import CLEAN_RIDGE
from symcollapse.language import symbols as sym
from symcollapse.language.errors import Diverges, NotSupported, OutOfRegime
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.reasoning import Towards
from symcollapse.scaling.best_orders import best_order
from symcollapse.scaling.derived_orders import Course, course
from symcollapse.scaling.orders import Order, order_of
from symcollapse.theory import test_error as error_of

T, d, T0 = sym.samples, sym.dimension, sym.generation_samples
LARGE: dict[Basic, Order | None] = {
    T: Order(Integer(1), factor=Integer(1)),
    d: Order(Rational(1, 2)),
    sym.noise: None,
}
STEADY = settings(derandomize=True, deadline=None, max_examples=40)


@pytest.mark.parametrize(
    ("formula", "exponent", "logarithms"),
    [
        (3 / T + T**-2, -1, 0),
        (Max(1 / T, T**-2) * Min(T, d), Rational(-1, 2), 0),
        (log(T) ** Rational(1, 3) / T + 1 / T, -1, Rational(1, 3)),
        (T - 2, 1, 0),
        (1 / (1 - d / T), 0, 0),
        (1 + log(T**0), 0, 0),
        (sym.noise**2 + T**-3, -3, 0),
        (Piecewise((log(T), Eq(sym.source, 1)), (1, True)) * d, Rational(1, 2), 1),
        (T**-sym.capacity, Rational(-3, 2), 0),
    ],
)
def test_orders_of_plain_formulas(formula: Expr, exponent: Expr, logarithms: Expr) -> None:
    point: dict[Basic, Expr] = {sym.source: Integer(1), sym.capacity: Rational(3, 2)}
    order = order_of(formula, LARGE, point)
    assert order is not None
    assert order.exponent == exponent
    assert order.logarithms == logarithms


def test_what_is_zero_has_no_order() -> None:
    assert order_of(sym.noise**2 * T, LARGE, {}) is None
    assert order_of(Min(sym.noise, T), LARGE, {}) is None
    assert order_of(log(Integer(1) * T**0), LARGE, {}) is None


@pytest.mark.parametrize(
    "formula",
    [1 - 2 / (d / T + 1) / 2 - T / (T + 1), T - 2 * T, log(1 / T), d - T, log(d) - log(T)],
)
def test_leading_terms_that_may_cancel_are_refused(formula: Expr) -> None:
    with pytest.raises(NotSupported):
        order_of(formula, LARGE, {})


def test_zero_in_a_denominator_diverges() -> None:
    with pytest.raises(Diverges, match="zero in a denominator"):
        order_of(1 / sym.noise, LARGE, {})


powers = st.fractions(-3, 3, max_denominator=6).map(lambda x: Rational(x.numerator, x.denominator))


@STEADY
@given(st.lists(st.tuples(st.integers(1, 9), powers), min_size=1, max_size=4), powers)
def test_an_order_is_the_slope_of_the_values(
    terms: list[tuple[int, Rational]], other: Rational
) -> None:
    formula = Max(Add(*(factor * T**power for factor, power in terms)), T**other)
    order = order_of(formula, LARGE, {})
    assert order is not None
    low, high = (formula.xreplace({T: Integer(10) ** n}).evalf(30) for n in (300, 600))
    # Exponents differ by 1/30 at least: at 10^300 what is left out is 10^-10, and constants up to 36 cancel.
    assert abs(float(log(high / low, 10)) / 300 - float(order.exponent)) < 1e-9


KAPPA = Towards(sym.effective, Integer(0))


@pytest.mark.parametrize(
    ("power", "order", "exponent", "logarithms"),
    [
        (Rational(7, 2), 2, 0, 0),
        (Rational(5, 2), 2, 0, 1),
        (Rational(5, 3), Rational(5, 3), Rational(1, 2), 0),
        (Rational(1, 1), Rational(1, 2), 0, 1),
    ],
)
def test_sums_of_real_orders_grow_as_the_level_says(
    power: Expr, order: Expr, exponent: Expr, logarithms: int
) -> None:
    """Σ s^p/(s + κ)^m over j^-2: κ^(p − 1/2 − m) where p − 1/2 < m, with a logarithm at p − 1/2 = m."""
    total = SpectralTrace(
        sym.eigenvalue**power / (sym.eigenvalue + sym.effective) ** order, PowerLawSpectrum(oo, 2)
    )
    found = course(KAPPA, {}).of(total)
    assert found is not None
    assert found.exponent == exponent
    assert found.logarithms == logarithms


def test_a_surplus_of_a_smaller_order_is_seen() -> None:
    """T₀ = d + 2: 1/(1 − d/T₀) is of the order d."""
    close = Towards(T, oo, ((d, T ** Rational(1, 2)), (T0, T ** Rational(1, 2) + 2)))
    found = course(close, {}).of(1 / (1 - d / T0))
    assert found is not None
    assert found == Order(Rational(1, 2))
    fewer = Towards(T, oo, ((d, T), (T0, T ** Rational(1, 2))))
    total = 1 / (T0 - d) * SpectralTrace(sym.eigenvalue, PowerLawSpectrum(d, 2))
    with pytest.raises((OutOfRegime, NotSupported)):
        course(fewer, {}).of(total)


def test_the_peak_at_as_many_samples_as_features_is_refused() -> None:
    """For d = T, s_j = j^-2, λ = T^-3: df₂/(T − df₂) grows like T^(1/2), in plain sums too, and not like a constant."""
    variance = error_of(CLEAN_RIDGE).variance.xreplace({SIGMA: PowerLawSpectrum(d, 2)})

    def moving(size: Expr, exponent: int) -> Course:
        return course(Towards(T, oo, ((sym.ridge, T**-exponent), (d, size))), {})

    with pytest.raises(NotSupported, match="d = T"):
        moving(T, 3).of(variance)
    # Not so with a ridge above the smallest eigenvalue, nor with d = 2T.
    assert moving(T, 1).of(variance) == Order(-Rational(1, 2))
    assert moving(2 * T, 3).of(variance) == Order(Integer(0))
    ratios = []
    for size in (100, 10_000):
        values = np.arange(1, size + 1) ** -2.0
        level = brentq(
            lambda each, values=values, size=size: (
                1 - size**-3.0 * np.exp(-each) - (values / (values + np.exp(each))).sum() / size
            ),
            -40,
            3,
        )
        lost = (values / (values + np.exp(level))) ** 2
        ratios.append(lost.sum() / (1 - lost).sum())
    # T^(1/2) over two decades is a factor 10; 3 % are left for lower orders.
    assert ratios[1] / ratios[0] == pytest.approx(10, rel=0.03)


lines = st.tuples(st.fractions(-2, 2, max_denominator=6), st.fractions(-2, 2, max_denominator=6))


@STEADY
@given(st.lists(lines, min_size=1, max_size=5))
def test_no_other_ridge_is_better(family: list[tuple[Fraction, Fraction]]) -> None:
    """The largest of some lines is convex: its least value on a grid is never below the one that is found."""

    def terms(place: Rational) -> tuple[Order | None, ...]:
        return tuple(
            Order(Rational(height.numerator, height.denominator) + place * slope)
            for height, slope in (
                (one, Rational(two.numerator, two.denominator)) for one, two in family
            )
        )

    best = best_order(terms, (), Integer(0), Integer(3))
    assert best is not None
    values = [max(t.exponent for t in terms(Rational(n, 8)) if t) for n in range(25)]
    assert best.order.exponent <= min(values)
    assert max(t.exponent for t in terms(best.place) if t) == best.order.exponent


@pytest.mark.parametrize("capacity", [2, 3])
def test_logarithms_are_shared_out_as_a_minimiser_does(capacity: int) -> None:
    """λ² ln(1/λ) + λ^(-1/β)/T: the least value over λ itself, found by ternary search over ln λ at huge T."""

    def terms(place: Rational) -> tuple[Order | None, ...]:
        return Order(-2 * place, Integer(1)), Order(place / capacity - 1)

    best = best_order(terms, (), Integer(0), Integer(3))
    assert best is not None
    assert best.order.logarithms == Rational(1, 2 * capacity + 1)

    def least(size: float) -> float:
        """Logarithm of the least value, size = ln T, over u = -ln λ."""

        def value(u: float) -> float:
            one, two = -2 * u + math.log(u), u / capacity - size
            return max(one, two) + math.log1p(math.exp(-abs(one - two)))

        low, high = size / 100, size
        for _ in range(200):
            third = (high - low) / 3
            if value(low + third) < value(high - third):
                high -= third
            else:
                low += third
        return value(low)

    near, far = 1e4, 1e8
    slope = float(best.order.exponent)
    moved = (least(far) - slope * far) - (least(near) - slope * near)

    # Below leading order ln ln T/ln T is left: 1e-3 of ln T's power at T = e^(1e4).
    assert moved / math.log(far / near) == pytest.approx(1 / (2 * capacity + 1), abs=0.01)


def test_where_every_term_is_zero_nothing_is_best() -> None:
    assert best_order(lambda _: (None, None), (), Integer(0), oo) is None
