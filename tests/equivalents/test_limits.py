"""Ridges that vanish, on both sides of T = d, and many samples: against the formulas at tiny ridges and huge sizes."""

from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Ge, Gt, Identity, Integer, Lt, MatMul, MatrixSymbol, Rational, Trace, sqrt

import symcollapse as sc
from symcollapse.language.targets import truth
from symcollapse.reasoning.normal_forms import is_identity
from symcollapse.verification.expression_verification import verify_expression

T, d, ridge, s = sc.samples, sc.dimension, sc.ridge, sc.eigenvalue
T0, other = sc.generation_samples, sc.generation_ridge
SIGMA = sc.covariance("Sigma", d)
X, Y = sc.gaussian_design("X", T, SIGMA), sc.gaussian_design("Y", T0, SIGMA)
W = X.T * X / T
EYE: Any = Identity(d)
R, R2 = (W + ridge * EYE).inverse(), (W + other * EYE).inverse()
XPLUS = sc.pseudo_inverse(X)
KAPPA = sc.EffectiveRidge(0, T, SIGMA)
DF2 = sc.DegreesOfFreedom(2, KAPPA, SIGMA)
ABOVE, BELOW = (Ge(T, d),), (Lt(T, d),)
SURPLUS = T - d

LEVELS = sc.LevelsSpectrum([4, 1, Rational(1, 3)], [10, 15, 5])


def number(formula: Expr, samples: int, penalty: Expr | None = None) -> Any:
    values: dict[Any, Any] = {T: samples, T0: 40, other: Rational(1, 7)}
    if penalty is not None:
        values[ridge] = penalty
    numeric = formula.xreplace({SIGMA: LEVELS, d: Integer(30)})
    return sc.evaluate(numeric, values=values, digits=40).mpf


def equivalent(expression: Any, assuming: Any = ()) -> Expr:
    return sc.deterministic_equivalent(expression, assuming=assuming).formula


@pytest.mark.parametrize(
    ("matrix", "common", "above"),
    [
        (XPLUS * X, s / (s + KAPPA), Integer(1)),
        (XPLUS * XPLUS.T, s / (s + KAPPA) ** 2 / (T - DF2), 1 / (s * SURPLUS)),
        (sc.pseudo_inverse(X.T * X), s / (s + KAPPA) ** 2 / (T - DF2), 1 / (s * SURPLUS)),
        (sc.pseudo_inverse(3 * X) * X, s / (s + KAPPA) / 3, Rational(1, 3)),
    ],
)
def test_projections_and_inverse_moments_have_one_formula_in_kappa(
    matrix: Any, common: Expr, above: Expr
) -> None:
    assert is_identity(equivalent(matrix), common)
    assert is_identity(equivalent(matrix, BELOW), common)
    assert is_identity(equivalent(matrix, ABOVE), above)


def test_the_inverse_of_a_gram_matrix_presupposes_samples() -> None:
    inverse = sc.deterministic_equivalent((X.T * X).inverse())
    assert inverse.formula == 1 / (s * sc.SurplusSamples(T, SIGMA))
    assert inverse.conditions == (Gt(T, d),)
    with pytest.raises(sc.OutOfRegime, match="T >= d"):
        number(inverse.formula.xreplace({s: Integer(1)}), 20)
    other_side = sc.deterministic_equivalent(Trace((X * X.T).inverse()))
    assert other_side.formula == 1 / KAPPA
    assert other_side.conditions == BELOW


@pytest.mark.parametrize("rows", [29, 30, 31])
def test_inverses_of_singular_matrices_diverge(rows: int) -> None:
    design = sc.gaussian_design("X", rows, sc.covariance("Sigma", 30))
    features, kernel = Trace((design.T * design).inverse()), Trace((design * design.T).inverse())
    for expression in (features,) * (rows <= 30) + (kernel,) * (rows >= 30):
        with pytest.raises(sc.Diverges):
            sc.deterministic_equivalent(expression)


def test_divergence_names_the_regime() -> None:
    with pytest.raises(sc.Diverges, match="mu -> 0: infinite for T < d"):
        equivalent((X.T * X).inverse(), BELOW)


def test_undecided_regimes_ask_for_an_assumption() -> None:
    with pytest.raises(sc.NotSupported, match="assuming="):
        sc.ridgeless_limit(equivalent(R), ridge)


@pytest.mark.parametrize("scale", [2, 8, 32, 128])
def test_the_exact_inverse_moment_is_approached(scale: int) -> None:
    size, dimension = 30 * scale, 10 * scale
    ratio = Rational(size - dimension, size - dimension - 1)
    trace = equivalent(Trace((X.T * X).inverse()))
    spectrum = sc.IsotropicSpectrum(dimension)
    value = sc.evaluate(trace.xreplace({SIGMA: spectrum, d: Integer(dimension)}), values={T: size})
    exact = Rational(dimension, size - dimension - 1)
    assert abs(float(value) * float(ratio) / float(exact) - 1) < 1e-12


w, E = MatrixSymbol("w", d, 1), sc.label_noise("E", T, sc.noise)


def error_of(fit: Any) -> Any:
    deviation = fit * (X * w + E) - w
    return deviation.T * SIGMA * deviation


@pytest.mark.parametrize("assuming", [(), ABOVE, BELOW])
def test_the_ridge_test_error_goes_to_that_of_minimum_norm(assuming: Any) -> None:
    ridged = equivalent(error_of(R * X.T / T))
    limit = sc.ridgeless_limit(ridged, ridge, assuming=assuming)
    assert is_identity(limit, equivalent(error_of(XPLUS), assuming))
    form = sc.quadratic_form(s * KAPPA**2 / (s + KAPPA) ** 2, SIGMA, truth("w"))
    general = (T * form + sc.noise**2 * DF2) / (T - DF2)
    assert is_identity(limit, sc.noise**2 * d / SURPLUS if assuming == ABOVE else general)


def test_isotropic_projections_keep_the_share_of_samples() -> None:
    trace = equivalent(Trace(XPLUS * X), BELOW)
    isotropic = sc.IsotropicSpectrum(30)
    assert sc.unfold(trace.xreplace({SIGMA: isotropic, d: Integer(30), T: Integer(12)})) == 12


def test_two_designs_have_their_own_limits() -> None:
    kappa0 = sc.EffectiveRidge(0, T0, SIGMA)
    product = XPLUS * X * sc.pseudo_inverse(Y) * Y
    assert is_identity(equivalent(product), s**2 / ((s + KAPPA) * (s + kappa0)))
    assert is_identity(equivalent(product, ABOVE), s / (s + kappa0))
    assert equivalent(product, (Ge(T, d), Ge(T0, d))) == 1


WORDS = [
    R * W,
    R * R * W,
    R * R * R * W,
    R * R * W * SIGMA,
    R * R2 * W,
    R * SIGMA * R2 * W * R,
    ridge * R * R2 * SIGMA,
]
"""Of them R·W alone is regular term by term."""


@pytest.mark.parametrize("samples", [50, 20])
@pytest.mark.parametrize("word", WORDS, ids=str)
def test_limits_are_the_values_at_a_tiny_ridge(word: Any, samples: int) -> None:
    formula = equivalent(Trace(word))
    tiny = number(formula, samples, Rational(1, 10**30))
    for assuming in (ABOVE if samples > 30 else BELOW, ()):
        limit = number(sc.ridgeless_limit(formula, ridge, assuming=assuming), samples)
        assert abs(limit - tiny) < mpmath.mpf(10) ** -25 * (1 + abs(tiny))


letters = st.lists(st.sampled_from([R, R2, W, SIGMA]), min_size=2, max_size=3)


@settings(max_examples=15, deadline=None)
@given(letters, st.sampled_from([50, 20]))
def test_limits_of_random_words(word: list[Any], samples: int) -> None:
    formula = equivalent(Trace(MatMul(*word)))
    tiny = number(formula, samples, Rational(1, 10**30))
    try:
        limit = sc.ridgeless_limit(formula, ridge, assuming=ABOVE if samples > 30 else BELOW)
    except sc.Diverges:
        assert abs(tiny) > mpmath.mpf(10) ** 25
    else:
        value = number(limit, samples)
        assert abs(value - tiny) < mpmath.mpf(10) ** -24 * (1 + abs(tiny))


SMALL = {SIGMA: sc.LevelsSpectrum([2, 1], [30, 30])}


@pytest.mark.monte_carlo
@pytest.mark.parametrize("samples", [30, 150])
def test_simulation_confirms_the_limit_and_refutes_others(samples: int) -> None:
    expression = Trace(SIGMA * XPLUS * XPLUS.T)
    values = {d: 60, T: samples}
    right = equivalent(expression)
    assert verify_expression(expression, right, SMALL, values).verdict == "shown"
    # Without df₂, and from the other side of T = d.
    dropped = right * (T - DF2) / T
    assert verify_expression(expression, dropped, SMALL, values).verdict == "refuted"
    if samples < 60:
        wrong = 60 / Integer(60 - samples)
        assert verify_expression(expression, wrong, SMALL, values).verdict == "refuted"


def test_the_stieltjes_transform_of_isotropic_data_is_algebraic() -> None:
    trace = equivalent(Trace(R)) / d
    at_levels = sc.unfold(trace.xreplace({SIGMA: sc.IsotropicSpectrum(d)}))
    shape = d / T
    root = sqrt((1 - shape + ridge) ** 2 + 4 * shape * ridge)
    published = (-(1 - shape + ridge) + root) / (2 * shape * ridge)
    for point in ({d: 3, T: 7, ridge: Rational(1, 3)}, {d: 7, T: 3, ridge: Rational(2)}):
        rule = {
            symbol: Integer(value) if isinstance(value, int) else value
            for symbol, value in point.items()
        }
        assert (at_levels - published).xreplace(rule).equals(0)


@pytest.mark.parametrize(
    "word", [R * W, R, R * R * W * SIGMA, R * R2 * W, EYE - R * W - ridge * R2]
)
def test_many_samples(word: Any) -> None:
    formula = equivalent(Trace(word))
    limit = sc.low_dimensional_limit(formula, T)
    huge = 10**12
    here, there = (
        number(formula, huge, Rational(1, 3)),
        number(limit, huge, Rational(1, 3)),
    )
    assert abs(here / there - 1) < 1e-9


def test_many_samples_where_leading_terms_cancel() -> None:
    formula = equivalent(Trace(R)) - sc.spectral_trace(1 / (s + ridge), SIGMA)
    limit = sc.low_dimensional_limit(formula, T)
    here, there = (number(part, 10**12, Rational(1, 3)) for part in (formula, limit))
    assert abs(here / there - 1) < 1e-9


@pytest.mark.parametrize(("width", "rows"), [(50, 150), (150, 50), (150, 100)])
@pytest.mark.parametrize("power", [1, 2])
def test_random_features_without_a_ridge_are_limits_of_small_ridges(
    width: int, rows: int, power: int
) -> None:
    # The referee is the formula at λ = 1e-30 in 40 digits: it is off by 1e-30 times numbers of order T².
    sigma = sc.covariance("Sigma", 80)
    features = sc.gaussian_design("X", rows, sigma) * sc.gaussian_projection("S", 80, width)
    ridge = sc.ridge
    small = Identity(width) * ridge * rows + features.T * features
    inverse = small.inverse() * features.T
    pseudo = sc.pseudo_inverse(features)
    limit = sc.deterministic_equivalent(
        Trace(pseudo * pseudo.T) if power == 2 else Trace(pseudo * features)
    ).formula
    near = sc.deterministic_equivalent(
        Trace(inverse * inverse.T) if power == 2 else Trace(inverse * features)
    ).formula
    rule = {sigma: sc.LevelsSpectrum([2, 1], [40, 40])}
    left = sc.evaluate(limit.xreplace(rule), digits=20)
    right = sc.evaluate(near.xreplace(rule), digits=20, values={ridge: Rational(1, 10**30)})
    assert float(left) == pytest.approx(float(right), rel=1e-12)
    if power == 1:
        assert float(left) == pytest.approx(min(width, rows, 80), rel=1e-12)


@pytest.mark.parametrize(("width", "rows"), [(60, 70), (150, 50), (150, 100)])
@pytest.mark.parametrize("noisy", [False, True])
def test_the_error_of_random_features_without_a_ridge_is_finite(
    width: int, rows: int, *, noisy: bool
) -> None:
    few, vector = sc.surplus, MatrixSymbol("w_0", d, 1)
    projection = sc.gaussian_projection("S", d, few)
    features = X * projection
    labels = X * vector + sc.label_noise("E", T, sc.noise) if noisy else X * vector
    small = (features.T * features / T + ridge * Identity(few)).inverse() * features.T / T
    smallest = min((width, few), (rows, T), (80, d), key=lambda pair: pair[0])[1]
    assuming = [Lt(smallest, size) for size in (few, T, d) if size != smallest]
    values = {few: width, T: rows, sc.noise: Rational(1, 2), ridge: Rational(1, 10**30)}
    rule = {
        SIGMA: sc.LevelsSpectrum([2, 1], [40, 40]),
        truth("w_0"): sc.UniformTarget(1),
        d: Integer(80),
    }

    def error(inverse: Any) -> float:
        lost = projection * inverse * labels - vector
        formula = equivalent(lost.T * SIGMA * lost, assuming)
        return float(sc.evaluate(formula.xreplace(rule), values=values, digits=15))

    # The referee is the formula at λ = 1e-30: it is off by 1e-30 times numbers of order T².
    limit = error(sc.pseudo_inverse(features))
    assert limit == pytest.approx(error(small), rel=1e-12, abs=1e-24)
    # Not that of least squares on the inputs themselves, unless the features lose nothing.
    values[few] = 10**12
    wide = error(small)
    assert (limit == pytest.approx(wide, rel=1e-3, abs=1e-24)) == (smallest == d)


def test_noise_of_wide_features_without_a_ridge_is_that_of_least_squares() -> None:
    # S(XS)† = X† where both T and M exceed d: the kernel of noise is Σ⁻¹/(T − d).
    features = X * sc.gaussian_projection("S", d, sc.surplus)
    inverse = sc.gaussian_projection("S", d, sc.surplus) * sc.pseudo_inverse(features)
    assuming = [Lt(d, sc.surplus), Lt(d, T)]
    assert equivalent(Trace(inverse.T * SIGMA * inverse), assuming) == d / (T - d)
    assert equivalent(Trace(inverse.T * inverse), assuming) != d / (T - d)
    # With as many features as samples, both fewer than d, it is infinite.
    few = [Lt(sc.surplus, d), Lt(T, d)]
    square = X * sc.gaussian_projection("S", d, T)
    with pytest.raises(sc.Diverges, match="infinite where T is the smallest"):
        equivalent(Trace(sc.pseudo_inverse(square) * sc.pseudo_inverse(square).T), few)


def test_the_square_of_an_inverse_gains_a_trace() -> None:
    # E W⁻² for W = X'X/T and T > d: Σ⁻² and the fluctuation Σ⁻¹·tr Σ⁻¹, known from inverse Wishart matrices.
    size, rows = sc.dimension, sc.samples
    sigma = sc.covariance("Sigma", size)
    design = sc.gaussian_design("X", rows, sigma)
    square = design.T * design / rows * (design.T * design / rows)
    derived = sc.deterministic_equivalent(
        Trace(sc.pseudo_inverse(square)), assuming=[Gt(rows, size)]
    ).formula
    surplus = sc.SurplusSamples(rows, sigma)
    first, second = (sc.spectral_trace(sc.eigenvalue**-power, sigma) for power in (1, 2))
    assert derived == rows**2 * second / surplus**2 + rows**2 * first**2 / surplus**3
