"""Formulas for expressions in random matrices: right ones are shown, plausible wrong ones refuted."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from sympy import Identity, MatrixSymbol, Rational, Trace

from symcollapse.language import symbols
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import Diverges, InvalidProblem, NotEvaluable
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
from symcollapse.language.spectra import LevelsSpectrum, Spectrum, covariance
from symcollapse.language.targets import truth
from symcollapse.verification import verify_at_two_sizes, verify_expression

d, T, lam, s = symbols.dimension, symbols.samples, symbols.ridge, symbols.eigenvalue
SIGMA = covariance("Sigma", d)
X, U, V = gaussian_design("X", T, SIGMA), MatrixSymbol("u", d, 1), MatrixSymbol("v", d, 1)
SAMPLE = X.T * X / T
RESOLVENT = (SAMPLE + lam * Identity(d)).inverse()
KAPPA = EffectiveRidge(lam, T, SIGMA)
DF1, DF2 = DegreesOfFreedom(1, KAPPA, SIGMA), DegreesOfFreedom(2, KAPPA, SIGMA)
VALUES = {d: 60, T: 90, lam: Rational(1, 2)}


def two_levels(size: int) -> Spectrum:
    return LevelsSpectrum([2, 1], [size // 2, size - size // 2])


def flat(size: int) -> list[Rational]:
    """A vector of norm 1 ± 1/100, spread over all directions."""
    return [Rational(round(1000 / math.sqrt(size)), 1000)] * size


def alternating(size: int) -> list[Rational]:
    return [(-1) ** j * each for j, each in enumerate(flat(size))]


FORM = KAPPA / lam * quadratic_form(1 / (s + KAPPA), SIGMA, truth("u"))
CLAIMS: dict[str, tuple[Any, Any, Any]] = {
    "resolvent": (Trace(SIGMA * RESOLVENT), KAPPA * DF1 / lam, DegreesOfFreedom(1, lam, SIGMA)),
    "two resolvents": (
        Trace(RESOLVENT * SAMPLE * RESOLVENT),
        spectral_trace(s / (s + KAPPA) ** 2, SIGMA) * T / (T - DF2),
        spectral_trace(s / (s + KAPPA) ** 2, SIGMA),
    ),
    "bilinear form": (U.T * RESOLVENT * U, FORM, FORM * lam / KAPPA),
    "negative": (-Trace(SIGMA * RESOLVENT), -KAPPA * DF1 / lam, KAPPA * DF1 / lam - 2 * DF1),
    "per feature": (Trace(SIGMA * RESOLVENT) / d, KAPPA * DF1 / lam / d, KAPPA * DF1 / lam / T),
}
"""Expression, its equivalent, and what a slip would make of it."""


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", CLAIMS)
def test_an_equivalent_is_shown_and_a_slip_refuted(name: str) -> None:
    expression, right, wrong = CLAIMS[name]
    numbers: Any = ({SIGMA: two_levels(60)}, VALUES, {U: flat(60)})
    shown = verify_expression(expression, right, *numbers)
    assert shown.verdict == "shown", shown.reason
    assert shown.agreement.margin == 4 / 60
    refuted = verify_expression(expression, wrong, *numbers)
    assert refuted.verdict == "refuted", refuted.reason
    assert refuted.agreement.mean == pytest.approx(shown.agreement.mean, rel=0.02)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", ["resolvent", "two resolvents", "bilinear form", "negative"])
def test_the_gap_of_an_equivalent_shrinks_and_that_of_a_slip_stays(name: str) -> None:
    expression, right, _ = CLAIMS[name]
    numbers: Any = ({SIGMA: two_levels}, VALUES, {U: flat})
    shown = verify_at_two_sizes(expression, right, *numbers)
    assert shown.verdict == "shown", shown.reason
    assert (shown.smaller.size, shown.larger.size) == (60, 120)
    for factor in (Rational(103, 100), Rational(97, 100)):
        refuted = verify_at_two_sizes(expression, right * factor, *numbers)
        assert refuted.verdict == "refuted", refuted.reason
        assert refuted.extrapolated == pytest.approx(1 / float(factor) - 1, abs=0.01)


@pytest.mark.monte_carlo
def test_a_gap_of_the_order_of_one_over_the_size_is_seen_to_shrink() -> None:
    least_squares = Trace(pseudo_inverse(X).T * SIGMA * pseudo_inverse(X))
    sizes: Any = {d: 20, T: 60}
    result = verify_at_two_sizes(
        least_squares, d / (T - d), {SIGMA: two_levels}, sizes, first_trials=1024
    )
    # d/(T - d - 1) against d/(T - d): gaps 1/39 and 1/79.
    for gap, exact in ((result.smaller, 1 / 39), (result.larger, 1 / 79)):
        assert abs(gap.relative - exact) < 5 * gap.standard_error
    assert result.smaller.relative > 5 * result.smaller.standard_error
    assert result.verdict == "shown", result.reason
    assert "at size 20" in result.reason


def test_vectors_at_a_right_angle_need_a_scale() -> None:
    form = U.T * RESOLVENT * V
    numbers: Any = ({SIGMA: two_levels(60)}, VALUES, {U: flat(60), V: alternating(60)})
    with pytest.raises(InvalidProblem, match="scale: 0 is predicted"):
        verify_expression(form, 0, *numbers)
    assert verify_expression(form, 0, *numbers, scale=1.0).verdict == "shown"
    refuted = verify_expression(form, Rational(1, 5), *numbers, scale=1.0)
    assert refuted.verdict == "refuted", refuted.reason
    pair: Any = ({SIGMA: two_levels}, VALUES, {U: flat, V: alternating})
    assert verify_at_two_sizes(form, 0, *pair, scale=1.0).verdict == "shown"


def test_too_few_draws_are_no_verdict() -> None:
    expression, right, _ = CLAIMS["resolvent"]
    few: dict[str, Any] = {"first_trials": 8, "most_trials": 8}
    at_one = verify_expression(expression, right, {SIGMA: two_levels(60)}, VALUES, **few)
    assert at_one.verdict == "cannot tell"
    at_two = verify_at_two_sizes(expression, right, {SIGMA: two_levels}, VALUES, **few)
    assert at_two.verdict == "cannot tell"


def test_the_same_seed_gives_the_same_verdict() -> None:
    def run(seed: int) -> Any:
        expression, right, _ = CLAIMS["resolvent"]
        return verify_expression(expression, right, {SIGMA: two_levels(60)}, VALUES, seed=seed)

    assert run(1) == run(1)
    assert run(1).agreement.mean != run(2).agreement.mean


def one_size(**changes: Any) -> Any:
    arguments: dict[str, Any] = {"spectra": {SIGMA: two_levels(60)}, "values": VALUES}
    return verify_expression(*CLAIMS["resolvent"][:2], **{**arguments, **changes})


def two_sizes(expression: Any = CLAIMS["resolvent"][0], formula: Any = 1, **changes: Any) -> Any:
    arguments: dict[str, Any] = {"spectra": {SIGMA: two_levels}, "values": VALUES}
    return verify_at_two_sizes(expression, formula, **{**arguments, **changes})


FIXED = gaussian_design("X", 7, Identity(5))


@pytest.mark.parametrize(
    ("run", "error", "words"),
    [
        (lambda: one_size(spectra={}), NotEvaluable, "Sigma has no spectrum"),
        (lambda: one_size(values={d: 60, T: 90}), NotEvaluable, "lambda"),
        (lambda: one_size(scale=-1.0), InvalidProblem, "scale = -1: give a number > 0"),
        (lambda: two_sizes(factor=1), InvalidProblem, "factor = 1: give an integer >= 2"),
        (lambda: two_sizes(Trace(FIXED.T * FIXED)), InvalidProblem, "does not grow"),
        (lambda: two_sizes(formula=d / (T - 90)), Diverges, "infinite"),
    ],
)
def test_what_cannot_be_judged_is_named(run: Callable[[], Any], error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        run()
