"""Structural checks find the slips that they are for, and let true statements pass."""

import pytest
from sympy import Expr, Gt, Identity, Lt, Trace

from derivations.settings import CLEAN_RIDGE, ENOUGH_SAMPLES, TOO_FEW_SAMPLES
from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.spectra import IsotropicSpectrum, covariance
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    ridge,
    samples,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Bound, MatrixIdentity, Refuted, Statement
from symcollapse.reasoning.matrix_spaces import misfit
from symcollapse.reasoning.structural_checks import structural_check
from symcollapse.theory import test_error as error_of

CLEAN, ENOUGH, FEW = (error_of(each) for each in (CLEAN_RIDGE, ENOUGH_SAMPLES, TOO_FEW_SAMPLES))
MANY = Domain(conditions=(Gt(generation_samples, dimension),))
SHORT = Domain(conditions=(Lt(generation_samples, dimension),))
KAPPA = EffectiveRidge(ridge, samples, SIGMA)
KAPPA0 = EffectiveRidge(0, generation_samples, SIGMA)
DF2, DF20 = DegreesOfFreedom(2, KAPPA, SIGMA), DegreesOfFreedom(2, KAPPA0, SIGMA)
RHO = ENOUGH.synthetic / (generations * generation_noise**2)
SQUARED = KAPPA**2 * spectral_trace((s + KAPPA) ** -2, SIGMA)
LOST = quadratic_form(s / (s + KAPPA) ** 2, SIGMA, W0) / (1 - DF2 / samples)
FIXED = quadratic_form(s / (s + KAPPA0), SIGMA, W0)
ISOTROPIC = RHO.xreplace({SIGMA: IsotropicSpectrum(dimension)})
X = gaussian_design("X", samples, covariance("Sigma", dimension))


def _fault(subject: Expr, formula: Expr, scope: Domain | None = None) -> str:
    found = structural_check(Statement(subject, Algebra(), formula, scope or Domain()))
    return "" if found is None else found.why


@pytest.mark.parametrize(
    ("subject", "formula", "scope", "reason"),
    [
        (ENOUGH.total, CLEAN.total + generations * generation_noise * RHO, MANY, "with labels"),
        (
            CLEAN.bias,
            LOST,
            Domain(),
            "with inputs √t times as large the left side is multiplied by 1, the right side by t^-2",
        ),
        (FIXED, quadratic_form(1 / (s + KAPPA0), SIGMA, W0), SHORT, "with inputs"),
        (RHO, DF2 / (samples - DF2) * (1 + SQUARED / (generation_samples - DF20)), MANY, "limits"),
        (ISOTROPIC, -ISOTROPIC, Domain(conditions=MANY.conditions, isotropic=True), "signs"),
        (CLEAN.total, CLEAN.total + generation_noise**2, Domain(), "letters: sigma_0"),
    ],
    ids=["noise", "effective ridge", "sigma", "swapped samples", "sign", "letter"],
)
def test_a_slip_is_named(subject: Expr, formula: Expr, scope: Domain, reason: str) -> None:
    assert _fault(subject, formula, scope).startswith(reason)


@pytest.mark.parametrize(
    ("subject", "formula", "scope"),
    [
        (ENOUGH.total, CLEAN.total + generations * generation_noise**2 * RHO, MANY),
        (CLEAN.bias, KAPPA**2 * LOST, Domain()),
        (RHO, DF2 / (generation_samples - DF20) * (1 + SQUARED / (samples - DF2)), MANY),
        (FEW.total, FEW.bias + FEW.variance + FEW.synthetic, SHORT),
    ],
    ids=["noise", "effective ridge", "samples", "parts"],
)
def test_what_holds_passes(subject: Expr, formula: Expr, scope: Domain) -> None:
    assert _fault(subject, formula, scope) == ""


def test_a_false_factor_is_left_to_the_other_judges() -> None:
    """No structural check knows numbers: that they pass something says nothing."""
    assert _fault(CLEAN.bias, 2 * KAPPA**2 * LOST) == ""


def test_a_scope_with_a_unit_of_its_own_is_not_rescaled() -> None:
    """Where λ = 1, λ may stand beside Σ without a slip."""
    unit = Domain({ridge: Range(1, 1)})
    trace = spectral_trace(s * ridge / (s + ridge), SIGMA)
    without = spectral_trace(s / (s + ridge), SIGMA)
    assert _fault(trace, without, unit) == ""
    assert _fault(trace, without).startswith("with inputs")


def test_bounds_scale_alike_too() -> None:
    whole, plain = quadratic_form(s, SIGMA, W0), quadratic_form(1, SIGMA, W0)
    assert structural_check(Statement(whole, Bound(above=False), plain)) is not None
    assert structural_check(Statement(whole, Bound(above=False), whole / 2)) is None


def test_a_bound_may_hold_a_letter_of_its_own() -> None:
    """That a bound moves with a letter is no contradiction, as it is for an equality."""
    whole = quadratic_form(s, SIGMA, W0)
    smaller = whole * generation_samples / (generation_samples + 1)
    assert structural_check(Statement(whole, Bound(above=False), smaller)) is None
    assert structural_check(Statement(whole, Algebra(), smaller)) is not None


def test_matrices_fit_by_the_names_of_their_sizes() -> None:
    gram, kernel = X * X.T, X.T * X
    right = Statement(gram, MatrixIdentity(), gram + samples * Identity(samples))
    wrong = Statement(gram, MatrixIdentity(), gram + samples * Identity(dimension))
    assert structural_check(right) is None
    assert "is added to X*X.T of T × T" in str(structural_check(wrong))
    assert "meets" in str(
        misfit(X * gaussian_design("Y", samples, covariance("Sigma", dimension)), 1)
    )
    assert "not square" in str(misfit(Trace(X * X.T), (X.T * X * X.T).inverse()))
    assert misfit(gram, kernel) == "the left side is T × T, the right side d × d"


def test_powers_of_a_unit_refute_no_bound_between_sides_of_different_signs() -> None:
    below, above = -(noise**2), noise**4
    assert structural_check(Statement(below, Bound(), above)) is None
    assert structural_check(Statement(above, Bound(above=False), below)) is None
    # Of one sign they cross: σ² is more than σ⁴ for small σ.
    assert isinstance(structural_check(Statement(-below, Bound(), above)), Refuted)
    assert isinstance(structural_check(Statement(below, Bound(), -above)), Refuted)
