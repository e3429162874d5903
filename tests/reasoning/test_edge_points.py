"""Edges of a scope: they lie inside it, every two that can meet do, and what fails there alone is seen."""

from itertools import product

import pytest
from sympy import Abs, Eq, Ge, Gt, Integer, Le, Lt, Max, Ne, Piecewise, Rational
from sympy.core.relational import Relational

from symcollapse.language import symbols as sym
from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Refuted,
    Supported,
    Undecided,
    edge_points,
    judge,
    judge_at_edges,
)

T, T0, D = sym.samples, sym.generation_samples, sym.dimension
CONDITIONS: tuple[tuple[Relational, ...], ...] = (
    (),
    (Ge(T, D + 2),),
    (Gt(T0, D), Lt(T, D)),
    (Le(T0, D - 2),),
    (Gt(T, T0),),
)


@pytest.mark.parametrize("conditions", CONDITIONS)
def test_edges_lie_inside_the_scope(conditions: tuple[Relational, ...]) -> None:
    points = edge_points(Domain(conditions=conditions))
    assert points
    for point in points:
        assert all(condition.xreplace(dict(point.values)) == True for condition in conditions)  # noqa: E712 -- SymPy's true
        size = point.values[D]
        assert point.values[SIGMA].dimension == size
        point.values[W0].check_against(point.values[SIGMA])


def test_every_two_edges_that_can_meet_do() -> None:
    names = [set(point.name.split(", ")) for point in edge_points(Domain(), T, T0)]
    sizes = ("= 1", "< d", "= d", "= d + 2", "≫ d")
    for left, right in product(sizes, sizes):
        assert {f"T {left}", f"T_0 {right}"} in names
    # With conditions some cannot: T_0 < T leaves 25 − 5 − 10 of them.
    kept = edge_points(Domain(conditions=(Lt(T0, T),)), T, T0)
    assert len({point.name for point in kept}) == 10


def test_edges_are_those_of_the_letters_that_occur() -> None:
    names = {point.name for point in edge_points(Domain(), sym.generations)}
    assert names == {"n = 1", "n = 2", "n = 30"}
    held = quadratic_form(sym.eigenvalue**2, SIGMA, W0)
    words = " ".join(point.name for point in edge_points(Domain(), held))
    assert "truth in the smallest" in words
    assert "many levels" in words
    assert "T" not in words.replace("truth", "")


def test_stated_ranges_are_kept_and_their_ends_are_edges() -> None:
    domain = Domain({sym.ridge: Range(Rational(1, 2), 2), D: Range(3, 5, whole=True)})
    points = edge_points(domain, sym.ridge)
    assert {point.values[sym.ridge] for point in points} == {Rational(1, 2), 1, 2}
    assert {point.values[D] for point in points} == {5}


def test_isotropic_scopes_have_isotropic_edges() -> None:
    points = edge_points(Domain(isotropic=True), spectral_trace(sym.eigenvalue**3, SIGMA))
    assert {type(point.values[SIGMA]).__name__ for point in points} == {"IsotropicSpectrum"}


def test_a_condition_that_was_removed_is_seen_at_an_edge() -> None:
    # Drawn points hardly ever have T = d; only the edge tells the two apart.
    line = Piecewise((1, Eq(T, D)), (0, True))
    scope = Domain({T: Range(2, 90, whole=True), D: Range(12, 12, whole=True)}, (Ne(T, 30),))
    verdict = judge_at_edges(Algebra(), line, Integer(0), scope)
    assert isinstance(verdict, Refuted)
    assert "T = d" in verdict.why
    assert isinstance(
        judge_at_edges(Algebra(), line, Integer(0), Domain(scope.ranges, (Gt(T, D),))), Supported
    )


def test_a_truth_in_the_smallest_eigenvalue_breaks_a_bound_that_drawn_points_keep() -> None:
    # The mean of s over the truth's energy is at least tr Σ³/tr Σ² unless the truth sits in small eigenvalues.
    forms = [quadratic_form(sym.eigenvalue**power, SIGMA, W0) for power in (1, 2)]
    least = spectral_trace(sym.eigenvalue, SIGMA) / D / 100
    claimed = Bound(above=False)
    assert isinstance(judge(claimed, forms[1] / forms[0], least, Domain()), Supported)
    assert isinstance(judge_at_edges(claimed, forms[1] / forms[0], least, Domain()), Refuted)


def test_infinite_sides_are_counted_apart_and_one_infinite_side_refutes() -> None:
    scope = Domain(conditions=(Ge(T, D),))
    verdict = judge_at_edges(Algebra(), D / (T - D), 1 / (T / D - 1), scope)
    assert isinstance(verdict, Supported)
    assert "both sides are infinite" in verdict.how
    one_sided = judge_at_edges(Algebra(), D / (T - D), D / Max(T - D, 1), scope)
    assert isinstance(one_sided, Refuted)
    assert "infinite" in one_sided.why


def test_a_true_formula_passes_and_its_slip_does_not() -> None:
    kappa = EffectiveRidge(sym.ridge, T, SIGMA)
    first, second = (DegreesOfFreedom(order, kappa, SIGMA) for order in (1, 2))
    response = kappa.diff(sym.ridge)
    true = 1 / (sym.ridge / kappa + (first - second) / T)
    assert isinstance(judge_at_edges(Algebra(), response, true, Domain()), Supported)
    slip = 1 / (sym.ridge / kappa + first / T)
    assert isinstance(judge_at_edges(Algebra(), response, slip, Domain()), Refuted)


def test_no_letter_no_verdict_and_no_number_no_support() -> None:
    assert judge_at_edges(Algebra(), Integer(1), Integer(2), Domain()) is None
    unknown = sym.real_symbol("x")
    assert isinstance(judge_at_edges(Algebra(), unknown + T, unknown + T, Domain()), Undecided)
    assert isinstance(judge_at_edges(Algebra(), Abs(T), T, Domain()), Supported)


def test_many_letters_do_not_multiply_out() -> None:
    letters = [sym.real_symbol(name) for name in "abcefghjkuvwxy"]
    domain = Domain(dict.fromkeys(letters, Range(0, 1)))
    points = edge_points(domain)
    # 2^14 corners times the usual edges; pairs need few points.
    assert len(points) < 100
    met = {(point.values[letters[0]], point.values[letters[1]]) for point in points}
    assert met == set(product((0, 1), (0, 1)))


def test_a_formula_for_a_part_of_the_scope_is_none_for_the_scope() -> None:
    kappa = EffectiveRidge(sym.ridge, T, SIGMA)
    degrees = DegreesOfFreedom(2, kappa, SIGMA)
    enough = Piecewise((degrees, Gt(T, D)))
    few = Piecewise((degrees, Gt(T, 2)))  # no draw has so few samples, an edge has
    for by in (Algebra(), Bound()):
        drawn = judge(by, degrees, enough, Domain())
        at_edges = judge_at_edges(by, degrees, few, Domain())
        for verdict in (drawn, at_edges):
            assert isinstance(verdict, Refuted)
            assert "no value" in verdict.why
    # The same formula for all of the scope that is stated.
    scope = Domain(conditions=(Gt(T, D),))
    assert isinstance(judge(Bound(), degrees, enough, scope), Supported)
    assert isinstance(judge_at_edges(Algebra(), degrees, enough, scope), Supported)
