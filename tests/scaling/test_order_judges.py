"""Judges of published rates: what they let pass, and the plausible false claims that they refuse."""

from dataclasses import replace
from typing import Any

import pytest
from sympy import And, Eq, Expr, Ge, Gt, Integer, Lt, Max, Min, Piecewise, Rational, log, oo, true

from derivations.power_laws import over_power_law
from derivations.settings import CLEAN_RIDGE
from derivations.synthetic_labels_slow_the_scaling_law import TOTAL
from symcollapse.language import symbols as sym
from symcollapse.language.domains import Domain, Range
from symcollapse.language.problem_files import read_problem
from symcollapse.language.spectra import Covariance
from symcollapse.reasoning import (
    BestRidge,
    Exponent,
    Justification,
    OrderHoldsWhere,
    Refuted,
    Ridges,
    Supported,
    Towards,
    Undecided,
    Verdict,
    judge,
)
from symcollapse.scaling import derived_orders
from symcollapse.scaling.orders import Order
from symcollapse.scaling.rate_points import PointPlan
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import error_rates
from symcollapse.theory import test_error as error_of

T, beta, r, ell = sym.samples, sym.capacity, sym.source, sym.ridge_exponent
a, b = sym.generations_exponent, sym.generation_samples_exponent
CLEAN = over_power_law(error_of(CLEAN_RIDGE).total)
RANGES = {beta: Range(Rational(13, 12), 3, grain=12), r: Range(Rational(1, 6), 2, grain=12)}
LOWER = Min(r, 1)
CRITICAL = beta / (2 * beta * LOWER + 1)
AT_CRITICAL = Towards(T, oo, ((sym.ridge, T**-CRITICAL),))
TUNED = Towards(T, oo, ((sym.ridge, T**-ell),))
RATE = T ** (-2 * CRITICAL * LOWER)
LOGARITHM = Piecewise((log(T), Eq(r, 1)), (1, True))
SYNTHETIC = Towards(
    T,
    oo,
    (
        (sym.ridge, T**-ell),
        (sym.noise, Integer(0)),
        (sym.generation_noise, T ** (a / 2)),
        (sym.dimension, T**b),
        (sym.generation_samples, 2 * T**b),
    ),
)
SIZES = {a: Range(0, 1, grain=12), b: Range(Rational(1, 12), 2, grain=12)}


def judged(by: Justification, before: Expr, after: Any, domain: Domain) -> Verdict:
    return judge(by, before, after, domain)


def test_edges_are_drawn_on_purpose() -> None:
    domain = Domain({**RANGES, **SIZES, ell: Range(0, 3, grain=12)}, (Lt(ell, beta),))
    points = PointPlan.of(domain).points()
    # Two hundred drawn ones, and r = 1 where a border of a meets one of ℓ.
    assert len(points) > 220
    corner = And(Eq(r, 1), Eq(a, 0), Eq(ell, CRITICAL), Ge(b, 1))
    assert any(corner.xreplace(dict(point)) == True for point in points)  # noqa: E712
    for edge in (Eq(r, 1), Eq(ell, 0), Eq(ell, CRITICAL), Eq(a, 0), Eq(b, 1), Eq(a, b)):
        assert sum(edge.xreplace(dict(point)) == True for point in points) >= 3, edge  # noqa: E712
    assert all(point[ell] < point[beta] for point in points)


def test_the_right_rate_passes_on_every_edge() -> None:
    verdict = judged(Exponent(AT_CRITICAL), CLEAN, RATE * LOGARITHM, Domain(RANGES))
    assert isinstance(verdict, Supported), verdict
    assert "slopes of certified values" in verdict.how


@pytest.mark.parametrize(
    "formula",
    [
        RATE,
        RATE * log(T),
        RATE * LOGARITHM**2,
        RATE * T ** Rational(1, 1000) * LOGARITHM,
        RATE.xreplace({LOWER: r}) * LOGARITHM,
        RATE * LOGARITHM + T ** Rational(-1, 4),
        RATE * Piecewise((log(T), Gt(r, 1)), (1, True)),
    ],
)
def test_a_rate_that_is_false_somewhere_is_refused(formula: Expr) -> None:
    assert isinstance(judged(Exponent(AT_CRITICAL), CLEAN, formula, Domain(RANGES)), Refuted)


@pytest.mark.parametrize(
    ("bound", "power", "passes"),
    [
        ("below", Rational(-1, 10), True),
        ("below", Rational(1, 10), False),
        ("above", Rational(1, 10), True),
        ("above", Rational(-1, 10), False),
    ],
)
def test_bounds_have_a_direction(bound: str, power: Expr, passes: bool) -> None:  # noqa: FBT001
    by = Exponent(AT_CRITICAL, bound=bound)
    verdict = judged(by, CLEAN, RATE * T**power, Domain(RANGES))
    assert isinstance(verdict, Supported if passes else Refuted)


def test_what_cannot_be_derived_is_undecided() -> None:
    formula = error_of(CLEAN_RIDGE).total
    assert formula.has(Covariance)
    assert isinstance(judged(Exponent(AT_CRITICAL), formula, RATE, Domain(RANGES)), Undecided)


def test_a_wrong_derivation_is_caught_by_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is off by T^(1/10), on both sides, is found out by the slopes of certified values."""
    right = derived_orders.Course.of

    def wrong(self: derived_orders.Course, formula: Expr) -> Order | None:
        order = right(self, formula)
        return order and Order(order.exponent + Rational(1, 10), order.logarithms)

    monkeypatch.setattr(derived_orders.Course, "of", wrong)
    scope = Domain(
        {beta: Range(Rational(4, 3), 2, grain=6), r: Range(Rational(1, 6), Rational(5, 6), grain=6)}
    )
    verdict = judged(Exponent(AT_CRITICAL), CLEAN, RATE, scope)
    assert isinstance(verdict, Undecided)
    assert "certified values" in verdict.why


def test_the_best_ridge_of_clean_data() -> None:
    best = BestRidge(TUNED, Ridges(ell))
    assert isinstance(judged(best, CLEAN, CRITICAL, Domain(RANGES)), Supported)
    for other in (CRITICAL * Rational(1001, 1000), beta, beta / (2 * beta * r + 1), -CRITICAL):
        assert isinstance(judged(best, CLEAN, other, Domain(RANGES)), Refuted), other


def test_the_best_of_all_ridges_shares_the_logarithm_out() -> None:
    tuned = Exponent(TUNED, Ridges(ell))
    shared = Piecewise((log(T) ** (1 / (2 * beta + 1)), Eq(r, 1)), (1, True))
    assert isinstance(judged(tuned, CLEAN, RATE * shared, Domain(RANGES)), Supported)
    assert isinstance(judged(tuned, CLEAN, RATE * LOGARITHM, Domain(RANGES)), Refuted)


@pytest.mark.slow
def test_the_best_exponent_is_that_of_the_symbolic_optimum() -> None:
    """Two routes to the best ridge: tangents at numbers here, duality of linear programs in symbols there."""
    error = error_of(read_problem("power-law", {}))
    scaling = Scaling(noise=oo, dimension=b, generation_samples=b, generations=a)
    cases = [(each.exponent, each.condition) for each in error_rates(error, scaling).optimum]
    shared = Piecewise((log(T) ** (1 / (2 * beta + 1)), Eq(r, 1)), (1, True))
    # Beyond a = min(b, 1) the best ℓ is 0, and nothing is shared out there.
    domain = Domain({**RANGES, **SIZES}, (Gt(Min(b, 1), a),))
    formula = T ** -Piecewise(*cases) * shared
    # For d = T exactly the error has a peak below the smallest eigenvalue: d/T is to tend to 2 at b = 1.
    given = {**dict(SYNTHETIC.following), sym.dimension: 2 * T**b, sym.generation_samples: 4 * T**b}
    peakless = Exponent(replace(SYNTHETIC, following=tuple(given.items())), Ridges(ell))
    verdict = judged(peakless, TOTAL, formula, domain)
    assert isinstance(verdict, Supported), verdict
    wrong = T ** -Piecewise(*((value * b, condition) for value, condition in cases)) * shared
    assert isinstance(judged(peakless, TOTAL, wrong, domain), Refuted)


def test_conditions_for_divergence() -> None:
    diverges = OrderHoldsWhere(towards=SYNTHETIC, order=oo)
    domain = Domain({**RANGES, **SIZES, ell: Range(0, 3, grain=12)})
    level = Min(ell / beta, b, 1)
    right = Gt(a + level, Min(b, 1))
    assert isinstance(judged(diverges, TOTAL, right, domain), Supported)
    for wrong in (
        a + level >= Min(b, 1),
        Gt(a + ell / beta, Min(b, 1)),
        Gt(a + level, b),
        Gt(a, 0),
    ):
        assert isinstance(judged(diverges, TOTAL, wrong, domain), Refuted), wrong


def test_one_direction_is_weaker_than_two() -> None:
    domain = Domain({**RANGES, **SIZES, ell: Range(0, 3, grain=12)})
    needed = Gt(ell, 0)
    only = OrderHoldsWhere(only=True, towards=SYNTHETIC)
    assert isinstance(judged(only, TOTAL, needed, domain), Supported)
    assert isinstance(judged(OrderHoldsWhere(towards=SYNTHETIC), TOTAL, needed, domain), Refuted)


def test_what_never_happens_decides_nothing() -> None:
    """With ℓ = 0 the error never vanishes, so that any condition for that would do."""
    domain = Domain({**RANGES, **SIZES, ell: Range(0, 0)})
    only = OrderHoldsWhere(only=True, towards=SYNTHETIC)
    assert isinstance(judged(only, TOTAL, Gt(Max(a, b), 5), domain), Undecided)


def test_a_condition_that_the_scope_implies_answers_nothing() -> None:
    vanishes = OrderHoldsWhere(only=True, towards=TUNED)
    scope = Domain({**RANGES, ell: Range(0, 1, grain=12)})
    assert isinstance(judged(vanishes, CLEAN, Gt(ell, 0), scope), Supported)
    assert isinstance(judged(vanishes, CLEAN, Ge(ell, 0), scope), Undecided)
    assert isinstance(judged(vanishes, CLEAN, true, scope), Undecided)


def test_a_best_ridge_without_a_number_is_refused() -> None:
    best = BestRidge(TUNED, Ridges(ell))
    scope = Domain(RANGES)
    half = Piecewise((CRITICAL, Lt(r, 1)))
    assert isinstance(judged(best, CLEAN, half, scope), Refuted)
    assert isinstance(judged(best, CLEAN, a * CRITICAL, scope), Refuted)


def test_a_best_ridge_is_tried_on_the_borders_that_it_draws() -> None:
    best = BestRidge(TUNED, Ridges(ell))
    # Nothing but the formula itself singles out this source.
    off = Piecewise((CRITICAL / 2, Eq(r, Rational(37, 24))), (CRITICAL, True))
    assert isinstance(judged(best, CLEAN, CRITICAL, Domain(RANGES)), Supported)
    assert isinstance(judged(best, CLEAN, off, Domain(RANGES)), Refuted)
