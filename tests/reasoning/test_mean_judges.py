"""Exact means pass with the conditions that they need, and means that are right in the limit only do not."""

from typing import Any

import pytest
from sympy import Ge, Gt, Identity, Lt, Min, Trace

from symcollapse.language import symbols as sym
from symcollapse.language.design_means import DesignMean, without_means
from symcollapse.language.domains import Domain
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design, label_noise, pseudo_inverse
from symcollapse.reasoning import ExactMean, Proved, Refuted, Supported, Undecided, Verdict, judge

d, T, T0 = sym.dimension, sym.samples, sym.generation_samples
EYE: Any = Identity(d)
X: Any = gaussian_design("X", T, SIGMA)
X0: Any = gaussian_design("X_0", T0, SIGMA)
ISOTROPIC: Any = gaussian_design("X_0", T0, EYE)
E: Any = label_noise("E", T, sym.noise)
R: Any = (X.T * X / T + sym.ridge * EYE).inverse()
KERNEL = X.T * X / T
NOISE = Trace(E.T * X * R * SIGMA * R * X.T * E) / T**2
GIVEN = sym.noise**2 / T * Trace(SIGMA * R**2 * KERNEL)
PSEUDO: Any = pseudo_inverse(X0)
RHO = Trace(PSEUDO * PSEUDO.T * KERNEL * R * SIGMA * R * KERNEL)
AFTER = Trace(SIGMA.inverse() * KERNEL * R * SIGMA * R * KERNEL)
ENOUGH = Domain(conditions=(Ge(T0, d + 2),))
LEAST_SQUARES = sym.noise**2 * Trace(SIGMA * (X0.T * X0).inverse())


def judged(left: Any, right: Any, scope: Domain = ENOUGH) -> Verdict:
    return judge(ExactMean(), left, right, scope)


def test_exact_laws_pass() -> None:
    assert isinstance(judged(LEAST_SQUARES, sym.noise**2 * d / (T0 - d - 1)), Proved)
    assert isinstance(judged((X0.T * X0).inverse(), SIGMA.inverse() / (T0 - d - 1)), Supported)
    projection = pseudo_inverse(ISOTROPIC) * ISOTROPIC
    for scope in (Domain(conditions=(Lt(T0, d),)), Domain(conditions=(Ge(T0, d),))):
        assert isinstance(judged(projection, Min(T0 / d, 1) * EYE, scope), Supported)


def test_limits_are_no_exact_laws() -> None:
    assert isinstance(judged(LEAST_SQUARES, sym.noise**2 * d / (T0 - d)), Refuted)
    assert isinstance(judged((X0.T * X0).inverse(), SIGMA.inverse() / (T0 - d)), Refuted)


def test_a_scope_without_a_mean_is_refused() -> None:
    verdict = judged(
        LEAST_SQUARES, sym.noise**2 * d / (T0 - d - 1), Domain(conditions=(Gt(T0, d),))
    )
    assert isinstance(verdict, Refuted)
    assert "the mean needs T_0 >= d + 2" in verdict.why


def test_a_side_without_its_mean_is_refused() -> None:
    verdict = judged(NOISE, GIVEN, Domain())
    assert isinstance(verdict, Refuted)
    assert "still depends on it" in verdict.why
    assert isinstance(judged(NOISE, DesignMean(GIVEN), Domain()), Supported)


def test_means_with_other_limits_are_refused() -> None:
    wrong = GIVEN.xreplace({R**2: R})
    assert wrong != GIVEN
    verdict = judged(NOISE, DesignMean(wrong), Domain())
    assert isinstance(verdict, Refuted)
    assert "differ in the limit" in verdict.why


def test_designs_that_the_right_side_does_not_hold_are_integrated_out() -> None:
    assert isinstance(judged(RHO, DesignMean(AFTER) / (T0 - d - 1)), Supported)
    # The two have one limit, and are in a ratio that is not 1 at every draw.
    verdict = judged(RHO, DesignMean(AFTER) / (T0 - d))
    assert isinstance(verdict, Refuted)
    assert "at every draw" in verdict.why


def test_equal_means_of_different_draws_pass() -> None:
    other: Any = gaussian_design("Z", T, SIGMA)
    squared = Trace((other.T * other) ** 2) / T**2
    assert isinstance(judged(Trace(KERNEL**2), DesignMean(squared), Domain()), Proved | Supported)
    assert isinstance(judged(Trace(KERNEL**2), DesignMean(2 * squared), Domain()), Refuted)


def test_without_a_law_it_is_left_open() -> None:
    assert isinstance(judged(Trace(R), d / sym.ridge, Domain()), Undecided)
    assert isinstance(judged(Trace(pseudo_inverse(ISOTROPIC) * ISOTROPIC), d, Domain()), Undecided)


def test_products_of_means_are_left_open() -> None:
    mean = DesignMean(Trace(KERNEL))
    assert isinstance(judged(Trace(KERNEL) ** 2, mean**2, Domain()), Undecided)


def test_spaces_are_told_apart() -> None:
    assert isinstance(judged((X0.T * X0).inverse(), Identity(T0) / (T0 - d - 1)), Refuted)


def test_a_mean_is_one_of_a_scalar() -> None:
    with pytest.raises(InvalidProblem, match="give a scalar"):
        DesignMean(X)
    assert without_means(3 * DesignMean(E.T * E)) == 3 * Trace(E.T * E)
