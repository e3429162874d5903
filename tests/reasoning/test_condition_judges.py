"""Conditions: a relation that holds where another does, with borders that are seen from both sides."""

from typing import Any

import pytest
from sympy import And, Eq, Ge, Gt, Integer, Le, Lt, Ne, Not, Or, Piecewise, Rational, nan
from sympy.logic.boolalg import Boolean

from symcollapse.language import symbols as sym
from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.reasoning import HoldsWhere, Refuted, Supported, Undecided, Verdict, judge
from symcollapse.reasoning.condition_judges import holds_at

T, D, N, RIDGE = sym.samples, sym.dimension, sym.generations, sym.ridge
EXACTLY, ONLY = HoldsWhere(), HoldsWhere(only=True)


def judged(by: HoldsWhere, relation: Any, condition: Any, domain: Domain) -> Verdict:
    return judge(by, relation, condition, domain)


def test_a_condition_that_is_equivalent_is_supported_and_weaker_or_stronger_ones_are_not() -> None:
    square = Gt((RIDGE - 1) ** 2, Rational(1, 4))
    outside = Or(Lt(RIDGE, Rational(1, 2)), Gt(RIDGE, Rational(3, 2)))
    assert isinstance(judged(EXACTLY, square, outside, Domain()), Supported)
    assert isinstance(judged(EXACTLY, square, Lt(RIDGE, Rational(1, 2)), Domain()), Refuted)
    assert isinstance(judged(EXACTLY, square, Lt(RIDGE, 5), Domain()), Refuted)


def test_one_direction_asks_less() -> None:
    square = Gt(RIDGE**2, 1)
    assert isinstance(judged(ONLY, square, Gt(RIDGE, Rational(1, 2)), Domain()), Supported)
    assert isinstance(judged(EXACTLY, square, Gt(RIDGE, Rational(1, 2)), Domain()), Refuted)
    assert isinstance(judged(ONLY, square, Gt(RIDGE, 2), Domain()), Refuted)


@pytest.mark.parametrize("off", [Rational(1, 10**6), -Rational(1, 10**6)])
def test_a_border_that_is_off_by_a_millionth_is_seen(off: Rational) -> None:
    # No drawn ridge lies within a millionth of 1; 24 halvings of a decade come to 1e-6 of it.
    scope = Domain({RIDGE: Range(Rational(1, 2), 2)})
    assert isinstance(judged(EXACTLY, Gt(RIDGE**2, 1), Gt(RIDGE, 1 + off), scope), Refuted)
    assert isinstance(judged(EXACTLY, Gt(RIDGE**2, 1), Gt(RIDGE, 1), scope), Supported)


def test_counts_move_in_whole_steps() -> None:
    assert isinstance(judged(EXACTLY, Gt(N**2, 100), Ge(N, 11), Domain()), Supported)
    assert isinstance(judged(EXACTLY, Gt(N**2, 100), Ge(N, 10), Domain()), Refuted)


def test_a_relation_between_quantities() -> None:
    # κ < 2λ says df₁ < T/2: the equation κ − λ = κ df₁/T, divided by κ.
    kappa = EffectiveRidge(RIDGE, T, SIGMA)
    half = Lt(kappa, 2 * RIDGE)
    degrees = DegreesOfFreedom(1, kappa, SIGMA)
    assert isinstance(judged(EXACTLY, half, Lt(2 * degrees, T), Domain()), Supported)
    slip = Lt(2 * DegreesOfFreedom(2, kappa, SIGMA), T)
    assert isinstance(judged(EXACTLY, half, slip, Domain()), Refuted)


def test_an_equality_as_a_relation() -> None:
    positive_part = Eq(abs(T - D), T - D, evaluate=False)
    assert isinstance(judged(EXACTLY, positive_part, Ge(T, D), Domain()), Supported)
    assert isinstance(judged(EXACTLY, positive_part, Gt(T, D), Domain()), Refuted)


def test_nothing_to_tell_apart_is_undecided() -> None:
    always = judged(EXACTLY, Gt(T + 1, T, evaluate=False), Gt(T, 0, evaluate=False), Domain())
    assert isinstance(always, Undecided)
    never = judged(ONLY, Lt(T, 0, evaluate=False), Lt(T, 5), Domain())
    assert isinstance(never, Undecided)


def test_the_scope_is_kept() -> None:
    scope = Domain(conditions=(Gt(T, D),))
    surplus = Gt(D / (T - D), 1)
    assert isinstance(judged(EXACTLY, surplus, Lt(T, 2 * D), scope), Supported)
    assert isinstance(judged(EXACTLY, surplus, Lt(T, 2 * D), Domain()), Refuted)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Lt(RIDGE, 2), True),
        (Le(RIDGE, 1), True),
        (Gt(RIDGE, 1), False),
        (Eq(RIDGE, 1), True),
        (Ne(RIDGE, 1), False),
        (And(Lt(RIDGE, 2), Gt(RIDGE, 1)), False),
        (Or(Lt(RIDGE, 1), Gt(T, 3)), True),
        (Not(Lt(RIDGE, 2), evaluate=False), False),
    ],
)
def test_relations_at_a_point(condition: Boolean, holds: bool) -> None:  # noqa: FBT001 -- a table
    assert holds_at(condition, {RIDGE: Integer(1), T: Integer(4)}) is holds


def test_what_has_no_value_is_not_decided_and_what_is_no_condition_is_refused() -> None:
    assert holds_at(Lt(1 / (T - D), 1), {T: Integer(3), D: Integer(3)}) is None
    undecided = Lt(1 / (T - D), 1)
    point = {T: Integer(3), D: Integer(3), RIDGE: Integer(1)}
    assert holds_at(And(undecided, Lt(RIDGE, 0, evaluate=False)), point) is False
    assert holds_at(Or(undecided, Lt(RIDGE, 2)), point) is True
    assert holds_at(And(undecided, Lt(RIDGE, 2)), point) is None
    with pytest.raises(NotEvaluable, match="no condition"):
        holds_at(T + nan, {})


def test_whether_a_border_belongs_to_the_condition_is_seen_on_it() -> None:
    # The border of ridges is T/3, which no draw and no halving meets.
    below, third = Gt(3 * RIDGE, T), T / 3
    assert isinstance(judged(EXACTLY, below, Gt(RIDGE, third), Domain()), Supported)
    assert isinstance(judged(EXACTLY, below, Ge(RIDGE, third), Domain()), Refuted)
    squares = Gt(sym.noise**2, sym.generation_noise**2)
    assert isinstance(
        judged(EXACTLY, squares, Ge(sym.noise, sym.generation_noise), Domain()), Refuted
    )


def test_a_condition_for_a_part_of_the_scope_is_none_for_the_scope() -> None:
    part = Gt(Piecewise((RIDGE, Lt(RIDGE, Rational(5, 2)))), 2)
    verdict = judged(EXACTLY, Gt(RIDGE**2, 4), part, Domain())
    assert isinstance(verdict, Refuted)
    assert "no value" in verdict.why


def test_a_border_that_the_scope_leaves_out_is_not_tried() -> None:
    # T < d and T ≤ d differ at T = d only, which is outside of the first scope.
    off = Domain(conditions=(Ne(T, D),))
    assert isinstance(judged(EXACTLY, Lt(T, D), Le(T, D), off), Supported)
    assert isinstance(judged(EXACTLY, Lt(T, D), Le(T, D), Domain()), Refuted)
