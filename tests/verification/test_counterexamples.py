"""Counterexamples show what they say, and statements that hold are not refuted by them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sympy import Expr, Gt, Rational, log, oo

from derivations.dohmatob2024 import PAPER
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum, covariance
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    noise,
    samples,
    squared_norm,
)
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Counterexample,
    HoldsWhere,
    MatrixIdentity,
    Paper,
    PublishedClaim,
    Refuted,
    Statement,
    Undecided,
)
from symcollapse.theory import test_error as error_of
from symcollapse.verification.counterexamples import run_counterexample, show_counterexample

LEAST_SQUARES = Problem(IsotropicSpectrum(50), UniformTarget(1), (), Downstream(150, noise=1))
TOTAL = error_of(LEAST_SQUARES).total
RIGHT = noise**2 * dimension / (samples - dimension)
WRONG = noise**2 * dimension / samples


def test_an_equality_in_digits_and_by_simulation() -> None:
    case = Counterexample("", implied=WRONG, margin=0.2)
    shown = run_counterexample(Statement(TOTAL, Algebra(), WRONG), case, LEAST_SQUARES)
    assert (shown.subject, shown.formula) == ("0.50000000", "0.33333333")
    assert isinstance(shown.verdict, Refuted)
    assert "is shown" in shown.simulation
    assert "as printed, is refuted" in shown.simulation


def test_an_equality_that_holds_is_not_refuted() -> None:
    case = Counterexample("", implied=RIGHT, margin=0.2)
    shown = run_counterexample(Statement(TOTAL, Algebra(), RIGHT), case, LEAST_SQUARES)
    assert isinstance(shown.verdict, Undecided)


def test_digits_alone_do_not_stand_against_the_simulation() -> None:
    """A subject that is derived wrongly is noticed: what it is compared with is what the draws show."""
    doubled = Statement(2 * TOTAL, Algebra(), TOTAL)
    shown = run_counterexample(
        doubled, Counterexample("", implied=TOTAL, margin=0.2), LEAST_SQUARES
    )
    assert isinstance(shown.verdict, Undecided)
    assert "speaks against it" in shown.verdict.why


@pytest.mark.parametrize(
    ("above", "formula", "refuted"),
    [
        (False, 2, True),
        (False, Rational(1, 2), False),
        (True, Rational(1, 2), True),
        (True, 2, False),
    ],
)
def test_bounds_are_refuted_on_their_own_side_only(
    above: bool,  # noqa: FBT001 - a table
    formula: Expr,
    refuted: bool,  # noqa: FBT001 - a table
) -> None:
    statement = Statement(TOTAL, Bound(above=above), formula * TOTAL)
    case = Counterexample("", implied=formula * TOTAL, margin=0.2)
    shown = run_counterexample(statement, case, LEAST_SQUARES)
    assert isinstance(shown.verdict, Refuted) is refuted


def test_conditions_are_compared_as_such() -> None:
    worse = Gt(TOTAL, Rational(2, 5))
    false = Statement(worse, HoldsWhere(), Gt(dimension, samples))
    shown = run_counterexample(false, Counterexample(""), LEAST_SQUARES)
    assert isinstance(shown.verdict, Refuted)
    assert shown.subject == "true (0.50000000 > 0.40000000)"
    true = Statement(worse, HoldsWhere(), Gt(dimension, samples / 5))
    held = run_counterexample(true, Counterexample(""), LEAST_SQUARES)
    assert isinstance(held.verdict, Undecided)
    # The other direction of ⇒ says nothing where the left side is false.
    vacuous = Statement(Gt(dimension, samples), HoldsWhere(only=True), worse)
    assert isinstance(
        run_counterexample(vacuous, Counterexample(""), LEAST_SQUARES).verdict, Undecided
    )


CLEAN = Problem(
    PowerLawSpectrum(oo, 2),
    SourceTarget(1),
    (),
    Downstream(samples, ridge=samples ** Rational(-1, 2)),
)
"""Noiseless, r = 1: the bias is of the order κ² ln(1/κ)."""


@pytest.mark.parametrize(
    ("rate", "refuted"),
    [
        (lambda size: size**-1, True),
        (lambda size: size ** Rational(-9, 10), True),
        (lambda size: log(size) / size, False),
    ],
)
def test_rates_drift_or_do_not(rate: Callable[[Expr], Expr], refuted: bool) -> None:  # noqa: FBT001
    """A missing logarithm is seen, and the right rate is not refuted."""
    case = Counterexample("", implied=rate(samples), raised=samples)
    statement = Statement(TOTAL, Algebra(), rate(samples))
    shown = run_counterexample(statement, case, CLEAN)
    assert isinstance(shown.verdict, Refuted) is refuted, shown


SIGMA = covariance("Sigma", dimension)
X0 = gaussian_design("X_0", generation_samples, SIGMA)
X = gaussian_design("X", samples, SIGMA)
P0, P = pseudo_inverse(X0) * X0, pseudo_inverse(X) * X
SHORT = Problem(IsotropicSpectrum(6), UniformTarget(1), (Generation(3),), Downstream(4, ridge=1))


def test_identities_of_matrices_at_draws() -> None:
    product = P * P0
    false = Statement(product.T * product, MatrixIdentity(), product)
    assert isinstance(run_counterexample(false, Counterexample(""), SHORT).verdict, Refuted)
    true = Statement(P0 * P0, MatrixIdentity(), P0)
    assert isinstance(run_counterexample(true, Counterexample(""), SHORT).verdict, Undecided)


def test_a_side_without_a_number_leaves_what_it_implies() -> None:
    """Where the statement has a letter without a value, its consequence for the test error is judged."""
    statement = Statement(TOTAL / squared_norm, Algebra(), WRONG / squared_norm)
    shown = run_counterexample(
        statement, Counterexample("", implied=WRONG), LEAST_SQUARES, quick=True
    )
    assert isinstance(shown.verdict, Refuted)
    without = run_counterexample(statement, Counterexample(""), LEAST_SQUARES)
    assert isinstance(without.verdict, Undecided)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    printed = Statement(TOTAL, Algebra(), WRONG)
    claim = PublishedClaim("x", "", "", (printed,), counterexample=Counterexample("none.toml"))
    with pytest.raises(InvalidProblem, match=r"none\.toml"):
        show_counterexample(Paper("nobody", tmp_path, (claim,)), claim)
    plain = PublishedClaim("x", "", "", (printed,))
    assert show_counterexample(Paper("nobody", tmp_path, (plain,)), plain) is None


SHOWN = [claim for claim in PAPER.claims if claim.counterexample is not None]


@pytest.mark.parametrize("claim", SHOWN, ids=lambda claim: claim.id)
def test_every_bundled_counterexample_shows_its_claim_false(claim: PublishedClaim) -> None:
    shown = show_counterexample(PAPER, claim, quick=True)
    assert shown is not None
    assert isinstance(shown.verdict, Refuted), shown


@pytest.mark.slow
@pytest.mark.parametrize("claim", SHOWN, ids=lambda claim: claim.id)
def test_every_bundled_counterexample_stands_by_simulation(claim: PublishedClaim) -> None:
    shown = show_counterexample(PAPER, claim)
    assert shown is not None
    assert isinstance(shown.verdict, Refuted), shown
