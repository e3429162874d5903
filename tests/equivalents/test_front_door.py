"""The front door: what does not conform, or is captured, or fluctuates about 0, is refused; what is meant is derived."""

from collections.abc import Callable
from typing import Any

import pytest
from sympy import (
    Eq,
    Expr,
    Gt,
    Identity,
    Integer,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    Tuple,
    exp,
    oo,
    simplify,
    sqrt,
)

import symcollapse as sc
from symcollapse.equivalents.dyson import DysonEquation
from symcollapse.equivalents.families import families_of
from symcollapse.equivalents.linearisation import linearise

d, T, lam = sc.dimension, sc.samples, sc.ridge
S = sc.covariance("Sigma", d)
X = sc.gaussian_design("X", T, S)
Y = sc.gaussian_design("Y", T, S)
W = X.T * X / T
E = sc.label_noise("E", T, sc.noise)
u = MatrixSymbol("u", d, 1)
z = MatrixSymbol("z", T, 1)


def resolvent(ridge: Any) -> Any:
    return (W + ridge * Identity(d)).inverse()


R = resolvent(lam)


@pytest.mark.parametrize(
    "expression",
    [
        Trace(MatMul(X, X)),
        Trace(MatAdd(X.T * X, X * X.T)),
        Trace(W + Identity(T)),
        Trace((W + lam * Identity(T)).inverse()),
    ],
)
def test_shapes_that_do_not_conform_are_refused(expression: Expr) -> None:
    with pytest.raises(sc.InvalidProblem, match="do not conform; give them one value"):
        sc.deterministic_equivalent(expression)


@pytest.mark.parametrize(
    "other",
    [
        sc.gaussian_design("X", 2 * T, S),
        sc.gaussian_design("X", T, 2 * S),
        sc.label_noise("X", T, sc.noise),
    ],
)
def test_one_name_for_two_random_matrices_is_refused(other: Any) -> None:
    expression = Trace(W) * Trace(other.T * other)
    with pytest.raises(sc.InvalidProblem, match="X stands for two random matrices"):
        sc.deterministic_equivalent(expression)
    with pytest.raises(sc.InvalidProblem, match="X stands for two random matrices"):
        sc.expectation(expression)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(sc.InvalidProblem, match="not finite"):
        sc.deterministic_equivalent(oo * Trace(R))
    with pytest.raises(sc.InvalidProblem, match="not finite"):
        sc.expectation(oo * Trace(W))


def test_a_relation_has_no_expectation() -> None:
    with pytest.raises(sc.InvalidProblem, match="give a SymPy expression"):
        sc.expectation(Eq(T, d))


@pytest.mark.parametrize(
    "parameter",
    [sc.eigenvalue, Symbol("kappa_1", nonnegative=True), Symbol("rho_11_X")],
)
def test_a_parameter_is_not_captured_by_a_symbol_of_the_derivation(parameter: Symbol) -> None:
    with pytest.raises(sc.InvalidProblem, match="symbol of the derivation; give the parameter"):
        sc.deterministic_equivalent(Trace(S * resolvent(parameter)))


def test_an_eigenvalue_of_joint_covariances_is_no_parameter() -> None:
    other = sc.gaussian_design("Y", T, sc.covariance("Sigma_2", d))
    captured = Symbol("s_Sigma", positive=True)
    pooled = (W + other.T * other / T + captured * Identity(d)).inverse()
    with pytest.raises(sc.InvalidProblem, match="s_Sigma is a symbol of the derivation"):
        sc.deterministic_equivalent(Trace(pooled))


@pytest.mark.parametrize("name", ["s", "kappa_1", "rho_11_X", "mu", "theta_1", "q_0", "x0"])
def test_a_parameter_that_only_looks_like_one_of_ours_is_a_parameter(name: str) -> None:
    alike, plain = Symbol(name, negative=False, real=True), Symbol("plain", nonnegative=True)
    if alike in {sc.eigenvalue, Symbol("kappa_1", nonnegative=True)}:
        alike = Symbol(name, integer=True)
    found = sc.deterministic_equivalent(Trace(S * resolvent(lam + alike**2))).formula
    wanted = sc.deterministic_equivalent(Trace(S * resolvent(lam + plain**2))).formula
    assert found == wanted.xreplace({plain: alike})


@pytest.mark.parametrize(
    "expression",
    [
        Trace(E.T * X * u) ** 2,
        (z.T * X * u) ** 2,
        z.T * X * u * u.T * X.T * z,
        Trace(X.T * Y) ** 2,
        Trace(z.T * X * u) * (1 + Trace(z.T * X * u)),
    ],
)
def test_products_of_what_is_0_on_average_are_refused_and_not_0(expression: Expr) -> None:
    with pytest.raises(sc.NotSupported, match="0 on average"):
        sc.deterministic_equivalent(expression)
    assert sc.expectation(expression).formula != 0


def test_one_factor_that_is_0_on_average_leaves_0() -> None:
    assert sc.deterministic_equivalent(Trace(R) * (z.T * X * u)).formula == 0
    noisy = E.T * X * u * E.T * X * u
    form = sc.quadratic_form(sc.eigenvalue, S, sc.truth("u"))
    assert sc.deterministic_equivalent(noisy).formula == T * sc.noise**2 * form


def test_traces_as_coefficients_are_derived_for_themselves() -> None:
    trace = sc.deterministic_equivalent(Trace(R)).formula
    assert simplify(sc.deterministic_equivalent(Trace(Trace(R) * R)).formula - trace**2) == 0
    with pytest.raises(sc.NotSupported, match="derive the trace and the matrix apart"):
        sc.deterministic_equivalent(Trace(R) * R)
    with pytest.raises(sc.NotSupported, match="a vector or a trace inside Inverse"):
        sc.deterministic_equivalent(Trace(resolvent(Trace(S))))


@pytest.mark.parametrize("ridge", [T ** Rational(-2, 5), sqrt(T + d), exp(-T), lam * sqrt(T)])
@pytest.mark.parametrize("inside", [Identity(d), W])
def test_a_ridge_may_be_any_function_of_parameters(ridge: Expr, inside: Any) -> None:
    plain = Symbol("plain", positive=True)

    def formula(each: Expr) -> Expr:
        operator = S * resolvent(each) * inside * resolvent(each)
        return sc.deterministic_equivalent(Trace(operator)).formula

    given = {S: sc.PowerLawSpectrum(30, 1)}
    numbers = {d: 30, T: 60, lam: 1}
    value = ridge.xreplace({d: Integer(30), T: Integer(60), lam: Integer(1)})
    found = sc.evaluate(formula(ridge).xreplace(given), values=numbers, digits=20)
    of_number = formula(plain).xreplace(given).xreplace({plain: value})
    wanted = sc.evaluate(of_number, values=numbers, digits=20)
    assert float(found) == pytest.approx(float(wanted), rel=1e-15)


def test_an_exponent_without_a_value_is_refused() -> None:
    with pytest.raises(sc.NotSupported, match=r"Sigma\*\*n"):
        sc.deterministic_equivalent(Trace(S ** Symbol("n") * R))


@pytest.mark.parametrize(
    ("product", "power"),
    [(X.T * X * S, -2), (S * X.T * X, -2), (S * X.T * X * S, -3)],
)
def test_the_inverse_of_a_product_comes_apart(product: Any, power: int) -> None:
    found = sc.deterministic_equivalent(Trace(product.inverse()))
    trace = sc.spectral_trace(sc.eigenvalue**power, S)
    assert found.formula == trace / sc.SurplusSamples(T, S)
    assert found.conditions == (Gt(T, d),)


@pytest.mark.parametrize("surplus", [-1, 1, 2])
def test_sizes_that_differ_by_a_number_have_no_limit(surplus: int) -> None:
    thin = sc.gaussian_design("Z", d + surplus, S)
    with pytest.raises(sc.Diverges, match="do not grow in proportion"):
        sc.deterministic_equivalent(Trace((thin.T * thin).inverse()))


def test_unknowns_of_long_pencils_have_names_of_their_own() -> None:
    product: Any = Identity(d)
    for place in range(7):
        samples = (X * product * X.T + Identity(T)).inverse()
        ridge = Symbol(f"l_{place}", positive=True)
        product = (X.T * samples * X + ridge * Identity(d)).inverse()
    families = families_of(Tuple(product))
    unknowns = DysonEquation(linearise(product, families), families).unknowns
    symbols = {unknown.symbol for unknown in unknowns.values()}
    assert len(unknowns) > 12
    assert len(symbols) == len(unknowns)


KEPT: list[Callable[[], Any]] = [
    lambda: sc.deterministic_equivalent(Trace(R)),
    lambda: sc.deterministic_equivalent(u.T * R * u),
]


@pytest.mark.parametrize("derive", KEPT)
def test_what_is_sound_passes(derive: Callable[[], Any]) -> None:
    assert derive().formula != 0


@pytest.mark.parametrize(
    "limit",
    [
        lambda: sc.ridgeless_limit(sc.ridge, 0),
        lambda: sc.ridgeless_limit(sc.ridge, sc.ridge**2),
        lambda: sc.ridgeless_limit(Trace(sc.covariance("Sigma", 3)), sc.ridge),
        lambda: sc.low_dimensional_limit(sc.samples, 3),
        lambda: sc.ridgeless_limit(sc.ridge, sc.ridge, assuming=["T > d"]),
    ],
)
def test_a_limit_is_asked_of_a_closed_formula_in_a_symbol(limit: Callable[[], object]) -> None:
    with pytest.raises(sc.InvalidProblem):
        limit()


def test_equal_expressions_have_equal_equivalents() -> None:
    sigma = sc.covariance("Sigma", sc.dimension)
    x = sc.gaussian_design("X", sc.samples, sigma)
    expression = Trace((x.T * x / sc.samples + sc.ridge * Identity(sc.dimension)).inverse())
    assert sc.deterministic_equivalent(expression) == sc.deterministic_equivalent(expression)
    assert sc.deterministic_equivalent(expression) != sc.deterministic_equivalent(2 * expression)
