"""The judge of bounds says what is certain, and no more."""

import pytest
from sympy import Identity, Integer, Lt, Rational, Trace, sqrt

from symcollapse.language import symbols as sym
from symcollapse.language.design_means import DesignMean
from symcollapse.language.domains import Domain, Range
from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
from symcollapse.reasoning import Bound, Refuted, Relation, Supported, Undecided, judge
from symcollapse.reasoning.relations import weakest

HALF = Domain({sym.real_weight: Range(0, 1)})
T, D = sym.samples, sym.dimension
PARABOLA = sym.real_weight * (1 - sym.real_weight)


def test_a_bound_that_holds_and_one_that_is_a_little_too_small() -> None:
    assert isinstance(judge(Bound(), PARABOLA, Rational(1, 4), HALF), Supported)
    assert isinstance(judge(Bound(), PARABOLA, Rational(1, 5), HALF), Refuted)


def test_a_bound_from_below_is_the_other_way_round() -> None:
    below = Bound(above=False)
    assert isinstance(judge(below, 1 - PARABOLA, Rational(3, 4), HALF), Supported)
    assert isinstance(judge(below, 1 - PARABOLA, Rational(4, 5), HALF), Refuted)


def test_a_bound_that_is_attained_counts() -> None:
    verdict = judge(Bound(), sqrt(sym.ridge**2 + 2 * sym.ridge + 1), sym.ridge + 1, Domain())
    assert isinstance(verdict, Supported)
    assert "attained" in str(verdict)
    # 1e-30 is far above the 1e-76 of 256 bits: the difference is seen, and certain.
    less = sym.ridge + 1 - Rational(1, 10**30)
    assert isinstance(judge(Bound(), sym.ridge + 1, less, Domain()), Refuted)


def test_what_no_point_decides_is_not_supported() -> None:
    # The letter has no number in the domain, so that no ball encloses it.
    undecided = judge(Bound(), sym.real_symbol("x"), sym.ridge, Domain())
    assert isinstance(undecided, Undecided)


def test_bounds_from_both_sides_do_not_make_a_chain() -> None:
    assert weakest((Relation.EQUAL, Relation.AT_MOST, Relation.AT_MOST)) is Relation.AT_MOST
    for other in (Relation.AT_LEAST, Relation.EQUIVALENT, Relation.ASYMPTOTIC):
        with pytest.raises(ValueError, match="bound"):
            weakest((Relation.AT_MOST, other))


X = gaussian_design("X", sym.samples, Identity(sym.dimension))
LOST = X * pseudo_inverse(X) * X - X
NOTHING, ENERGY = (DesignMean(Trace(matrix.T * matrix)) for matrix in (LOST, X))


def test_means_over_designs_are_bounded_where_one_is_known() -> None:
    """X X† X = X, so that the first mean is 0; the second is not."""
    below = Bound(above=False)
    assert isinstance(judge(below, NOTHING, ENERGY, Domain()), Refuted)
    assert isinstance(judge(below, NOTHING, ENERGY**2, Domain()), Refuted)
    assert isinstance(judge(Bound(), NOTHING, ENERGY, Domain()), Supported)
    assert isinstance(judge(below, ENERGY, NOTHING, Domain()), Supported)


def test_means_that_vary_are_not_taken_for_known() -> None:
    """Twice a mean is more than the mean; draws of both do not show it."""
    assert isinstance(judge(Bound(above=False), ENERGY, 2 * ENERGY, Domain()), Undecided)
    negative = DesignMean(Trace(X.T * LOST - X.T * X))
    assert isinstance(judge(Bound(above=False), negative, ENERGY, Domain()), Undecided)


_ANY_DESIGN = gaussian_design("Y", T, Identity(D))
_SQUARED = DesignMean(Trace(_ANY_DESIGN.T * _ANY_DESIGN))  # Td
_KNOWN = DesignMean(Trace(Identity(D)))  # d


@pytest.mark.parametrize(
    ("by", "factor"),
    [
        (Bound(above=False), Rational(99, 100)),  # true: the draws are larger than Gaussian ones
        (Bound(above=False), Rational(101, 100)),
        (Bound(), Rational(1, 2)),
        (Bound(), Integer(2)),
    ],
)
def test_draws_do_not_tell_a_mean_that_varies(by: Bound, factor: Rational) -> None:
    """Exact draws have not the weights of Gaussian ones; E‖Y‖² = Td, but no draw says so."""
    assert isinstance(judge(by, _KNOWN, factor * _SQUARED / T, Domain()), Undecided)


def test_means_that_do_not_vary_are_known_and_others_are_positive() -> None:
    few = Domain(conditions=(Lt(T, D),))
    rank = DesignMean(Trace(pseudo_inverse(_ANY_DESIGN) * _ANY_DESIGN))  # T
    assert isinstance(judge(Bound(), rank, _KNOWN, few), Supported)
    assert isinstance(judge(Bound(above=False), rank, _KNOWN, few), Refuted)
    assert isinstance(judge(Bound(), _KNOWN + _SQUARED, _KNOWN, few), Refuted)
    assert isinstance(judge(Bound(above=False), _KNOWN + _SQUARED, _KNOWN, few), Supported)
