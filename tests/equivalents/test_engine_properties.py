"""What holds of every equivalent: linearity, cyclic order, transposition, scaling, and algebra on either side of ≃.

Equalities are decided to 25 digits at sizes that are no limit: they hold between formulas, not only between limits.
"""

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Identity, MatrixSymbol, Rational, Trace, Transpose

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.evaluation import evaluate
from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported
from symcollapse.language.pairings import bilinear_form
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.quantities import spectral_trace
from symcollapse.language.random_matrices import gaussian_design, label_noise
from symcollapse.language.spectra import LevelsSpectrum, covariance
from symcollapse.language.symbols import eigenvalue
from symcollapse.language.targets import ExplicitTarget, LevelsTarget, truth
from symcollapse.reasoning import is_identity
from symcollapse.theory import test_error as derive

d, T, lam, sigma = symbols.dimension, symbols.samples, symbols.ridge, symbols.noise
T0, sigma0, lam0 = symbols.generation_samples, symbols.generation_noise, symbols.generation_ridge
mu, nu = (symbols.generator_symbols(entry)[2] for entry in (1, 2))
T1, sigma1 = (symbols.generator_symbols(1)[place] for place in (0, 1))
SIGMA, SECOND = covariance("Sigma", d), covariance("Sigma_2", d)
EYE: Any = Identity(d)
U, V, W0 = (MatrixSymbol(name, d, 1) for name in ("u", "v", "w"))
X = gaussian_design("X", T, SIGMA)
Y = gaussian_design("Y", T0, SIGMA)
SAMPLE = X.T * X / T

VALUES: dict[Any, Any] = {
    d: 7,
    T: 9,
    T0: 5,
    T1: 11,
    lam: Rational(1, 3),
    lam0: Rational(3, 7),
    mu: Rational(5, 4),
    nu: Rational(2, 9),
    sigma: Rational(3, 2),
    sigma0: Rational(4, 5),
    sigma1: Rational(1, 6),
}
LEVELS = ([2, "1/3", 1], [3, 2, 2])
RULE: dict[Any, Any] = {
    SIGMA: LevelsSpectrum(*LEVELS),
    SECOND: LevelsSpectrum([1, 4, "1/2"], [3, 2, 2]),
    truth("u"): ExplicitTarget([1, 2, -1, 3, 1, -2, 1]),
    truth("v"): ExplicitTarget([2, 1, 1, 1, -1, -1, 3]),
}
"""Sizes far from any limit, T above d and T_0 below."""


def resolvent(design: Any, ridge: Any) -> Any:
    return (design.T * design / design.shape[0] + ridge * EYE).inverse()


R, R_MU, R_NU = (resolvent(X, ridge) for ridge in (lam, mu, nu))
R_Y = resolvent(Y, lam0)


@lru_cache(maxsize=512)
def equivalent(expression: Any) -> Expr:
    return deterministic_equivalent(expression).formula


def number(formula: Any, values: dict[Any, Any] | None = None) -> Any:
    """Value in 30 digits."""
    return evaluate(formula.xreplace(RULE), values={**VALUES, **(values or {})}, digits=30)


def relative(left: Expr, right: Expr) -> float:
    """Relative difference of two formulas, in 30 digits."""
    first, second = (Rational(str(number(formula))) for formula in (left, right))
    return abs(float((first - second) / (abs(first) + abs(second) or 1)))


DIGITS = 1e-25
"""Of 30 digits, two or three are lost to the rounding of the two printed values."""

MATRICES: dict[str, Any] = {
    "resolvent": R,
    "two penalties": R * SECOND * R_MU,
    "square": R**2,
    "sample covariance": SAMPLE * SIGMA * SAMPLE,
    "other side": X.T * (X * X.T / T + mu * Identity(T)).inverse() * X / T,
    "two designs": R * R_Y * SIGMA,
    "deterministic": (SIGMA + EYE).inverse() * SECOND,
}
matrices = st.sampled_from(sorted(MATRICES))
weights = st.sampled_from([Rational(-2), Rational(1, 2), Rational(3)])


@settings(max_examples=5)
@given(matrices, matrices, weights, weights)
def test_an_equivalent_is_linear(one: str, other: str, a: Rational, b: Rational) -> None:
    first, second = MATRICES[one], MATRICES[other]
    together = equivalent(Trace(a * first + b * second))
    apart = a * equivalent(Trace(first)) + b * equivalent(Trace(second))
    assert relative(together, apart) < DIGITS
    form = equivalent(U.T * (a * first + b * second) * V)
    parts = a * equivalent(U.T * first * V) + b * equivalent(U.T * second * V)
    assert relative(form, parts) < DIGITS


@settings(max_examples=4)
@given(matrices, matrices)
def test_a_trace_is_cyclic_and_does_not_change_under_transposition(one: str, other: str) -> None:
    first, second = MATRICES[one], MATRICES[other]
    product = equivalent(Trace(first * second))
    assert relative(product, equivalent(Trace(second * first))) < DIGITS
    turned = Transpose(first * second).doit()
    assert relative(product, equivalent(Trace(turned))) < DIGITS


@pytest.mark.parametrize("name", MATRICES)
def test_a_form_does_not_change_when_it_is_transposed(name: str) -> None:
    operator = MATRICES[name] * R_NU
    turned = Transpose(operator).doit()
    there, back = equivalent(U.T * operator * V), equivalent(V.T * turned * U)
    assert relative(there, back) < DIGITS
    # The control: between equal vectors it is another number.
    assert relative(there, equivalent(U.T * operator * U)) > DIGITS


@pytest.mark.parametrize(
    "name",
    [
        "resolvent",
        "square",
        "other side",
        "sample covariance",
    ],
)
def test_the_equivalent_of_a_matrix_stands_for_it_in_traces_and_forms(name: str) -> None:
    operator = MATRICES[name]
    function = equivalent(operator)
    traced = spectral_trace(eigenvalue**2 * function, SIGMA)
    assert relative(traced, equivalent(Trace(SIGMA**2 * operator))) < DIGITS
    form = bilinear_form(eigenvalue * function, SIGMA, truth("u"), truth("v"))
    assert relative(form, equivalent(U.T * operator * SIGMA * V)) < DIGITS
    # The control: not under a trace with itself, as R² is not R times its equivalent.
    assert relative(spectral_trace(function**2, SIGMA), equivalent(Trace(operator**2))) > 0.001


@pytest.mark.parametrize("scale", [Rational(3), Rational(1, 7)])
@pytest.mark.parametrize(
    ("degree", "name"), [(-1, "resolvent"), (-2, "square"), (2, "sample covariance")]
)
def test_equivalents_scale_with_the_eigenvalues(scale: Rational, degree: int, name: str) -> None:
    # Σ → cΣ and λ → cλ multiply R by 1/c and X'X/T by c; one more Σ stands between in the last one.
    formula = equivalent(Trace(MATRICES[name]))
    degree += name == "sample covariance"
    values, counts = LEVELS
    scaled = LevelsSpectrum([scale * Rational(value) for value in values], counts)
    rule = {**RULE, SIGMA: scaled}
    numbers = {**VALUES, lam: scale * VALUES[lam]}
    found = Rational(str(evaluate(formula.xreplace(rule), values=numbers, digits=30)))
    expected = scale**degree * Rational(str(number(formula)))
    assert abs(float(found / expected - 1)) < DIGITS


def test_the_scale_of_a_design_may_stand_in_its_covariance() -> None:
    triple = gaussian_design("X", T, 3 * SIGMA)
    stated = equivalent(Trace(SIGMA * resolvent(triple, 3 * lam)))
    outside = equivalent(Trace(SIGMA * R)) / 3
    assert relative(stated, outside) < DIGITS
    assert relative(equivalent(Trace(SIGMA * resolvent(triple, lam))), outside) > 0.01


ON_SAMPLES = (X * X.T / T + lam * Identity(T)).inverse()
EQUAL: dict[str, tuple[Any, Any]] = {
    "difference of resolvents": (R - R_MU, (mu - lam) * R * R_MU),
    "what the resolvent leaves": (R * SAMPLE, EYE - lam * R),
    "from the other side": (SAMPLE * R, EYE - lam * R),
    "pushed through": (X.T * ON_SAMPLES * X / T, EYE - lam * R),
    "inverse of a product": (((SAMPLE + lam * EYE) * (SAMPLE + mu * EYE)).inverse(), R_MU * R),
    "inverse of a multiple": ((2 * SAMPLE + 2 * lam * EYE).inverse(), R / 2),
    "resolvent of a resolvent": ((EYE + R).inverse(), EYE - resolvent(X, lam + 1)),
    "square of what is left": ((EYE - lam * R) ** 2, R * SAMPLE * R * SAMPLE),
    "sample covariance taken apart": (R * SAMPLE * R_MU, R_MU - lam * R * R_MU),
    "inverse covariance": (SIGMA.inverse() * SIGMA * R, R),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_expressions_have_equal_equivalents(name: str) -> None:
    left, right = EQUAL[name]
    for functional in (
        Trace,
        lambda operator: Trace(SECOND * operator),
        lambda operator: U.T * operator * V,
    ):
        formulas = [equivalent(functional(side)) for side in (left, right)]
        assert relative(*formulas) < DIGITS
    # The control: the equality is of these two expressions.
    assert relative(equivalent(Trace(left)), equivalent(Trace(right + EYE / 100))) > 1e-4


@pytest.mark.parametrize("name", ["difference of resolvents", "what the resolvent leaves"])
def test_equal_expressions_have_equivalents_proved_equal(name: str) -> None:
    left, right = (equivalent(Trace(side)) for side in EQUAL[name])
    assert is_identity(left, right)
    assert not is_identity(left, right + 1)


def test_the_derivative_by_the_ridge_is_minus_the_square() -> None:
    slope = equivalent(Trace(SIGMA * R)).diff(lam)
    square = equivalent(Trace(SIGMA * R**2))
    assert relative(-slope, square) < DIGITS
    assert relative(-slope, equivalent(Trace(SIGMA * R * R_MU))) > 0.01


# The theory of chains derives test errors in another way.


def fit(design: Any, ridge: Any, labels: Any) -> Any:
    return resolvent(design, ridge) * design.T * labels / design.shape[0]


def chain_error(*fits: tuple[Any, Any, Any]) -> Any:
    """Error of the last of several fits (design, ridge, noise deviation), each on the predictions of the one before."""
    weights: Any = W0
    for place, (design, ridge, deviation) in enumerate(fits):
        labels = design * weights
        if deviation != 0:
            labels += label_noise(f"E_{place}", design.shape[0], deviation)
        weights = fit(design, ridge, labels)
    return (weights - W0).T * SIGMA * (weights - W0)


TARGET = LevelsTarget([3, 1, 2])
CHAINS: dict[str, tuple[Any, tuple[Generation, ...], Downstream | None]] = {
    "one fit": (
        chain_error((X, lam, sigma)),
        (),
        Downstream(9, "3/2", "1/3"),
    ),
    "two fresh fits": (
        chain_error((Y, lam0, sigma0), (X, lam, sigma)),
        (Generation(5, "4/5", "3/7"),),
        Downstream(9, "3/2", "1/3"),
    ),
    "clean student": (
        chain_error((Y, lam0, 0), (X, lam, sigma)),
        (Generation(5, 0, "3/7"),),
        Downstream(9, "3/2", "1/3"),
    ),
    "one design, one ridge": (
        chain_error((Y, lam0, sigma0), (Y, lam0, sigma1)),
        (Generation(5, "4/5", "3/7"), Generation(5, "1/6", "3/7", design="shared")),
        None,
    ),
    "three fresh fits": (
        chain_error(
            (Y, lam0, sigma0), (gaussian_design("Z", T1, SIGMA), mu, sigma1), (X, lam, sigma)
        ),
        (Generation(5, "4/5", "3/7"), Generation(11, "1/6", "5/4")),
        Downstream(9, "3/2", "1/3"),
    ),
    "one design, two ridges": (
        chain_error((Y, lam0, sigma0), (Y, mu, sigma1)),
        (Generation(5, "4/5", "3/7"), Generation(5, "1/6", "5/4", design="shared")),
        None,
    ),
}


def assert_as_the_theory(
    expression: Any, generations: tuple[Generation, ...], downstream: Downstream | None
) -> None:
    problem = Problem(LevelsSpectrum(*LEVELS), TARGET, generations, downstream)
    theory = Rational(str(evaluate(derive(problem).total, problem, digits=30)))
    formula = equivalent(expression)
    in_numbers = formula.xreplace({SIGMA: LevelsSpectrum(*LEVELS), truth("w"): TARGET})
    found = Rational(str(evaluate(in_numbers, values=VALUES, digits=30)))
    assert abs(float(found / theory - 1)) < DIGITS
    # The control: another size is another error.
    other = evaluate(in_numbers, values={**VALUES, T: 10, T0: 6}, digits=30)
    assert abs(float(Rational(str(other)) / theory - 1)) > 1e-3


@pytest.mark.parametrize("name", CHAINS)
def test_the_test_error_of_a_chain_is_that_of_the_theory(name: str) -> None:
    assert_as_the_theory(*CHAINS[name])


# What there is no equivalent of is refused in one line that names it.

FREE = MatrixSymbol("B", d, d)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (Trace(R ** Rational(1, 2)), "MatPow"),
        (Trace(FREE * R), "B: not known to commute"),
        (Trace((SAMPLE + U * U.T + EYE).inverse()), "inside Inverse"),
    ],
)
def test_what_is_out_of_reach_is_refused_by_name(expression: Any, words: str) -> None:
    with pytest.raises(NotSupported, match=words) as refusal:
        deterministic_equivalent(expression)
    assert "\n" not in str(refusal.value)
