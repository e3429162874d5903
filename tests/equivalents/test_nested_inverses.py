"""Inverses of inverses: coupled traces, against an independent solution of the Dyson equation and against simulation.

Sizes are near 100. The margin 4/60 allows for the finite-size error of an equivalent, a few units of 1/(smallest size);
the risk of a false alarm is 1e-6 for each comparison.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Identity, Integer, Rational, Trace

import symcollapse as sc
from symcollapse.equivalents.families import families_of
from symcollapse.language.coupled_ridges import CoupledUnknown
from symcollapse.language.coupled_traces import CoupledTrace
from symcollapse.reasoning.dyson_numerics import solve_dyson
from symcollapse.typesetting.formulas import typeset
from symcollapse.verification.expression_verification import verify_expression

D, T, LAM, T_2, WIDTH = sc.dimension, sc.samples, sc.ridge, sc.generator_symbols(2)[0], sc.surplus
SIGMA = sc.covariance("Sigma", D)
ONE = Identity(D)
X = sc.gaussian_design("X", T, SIGMA)
Y = sc.gaussian_design("Y", T_2, SIGMA)
S = sc.gaussian_projection("S", D, WIDTH)
W, V = X.T * X / T, Y.T * Y / T_2
R = (W + LAM * ONE).inverse()

CASES = {
    "squared resolvent": (ONE + R * R).inverse(),
    "squared sample covariance": (W * W + ONE).inverse(),
    "covariance between resolvents": (ONE + R * SIGMA * R).inverse(),
    "sample covariance and resolvent": (W + ONE + R).inverse(),
    "resolvent and another sample covariance": (R + V).inverse(),
    "another sample covariance between resolvents": (ONE + R * V * R).inverse(),
    "another sample covariance between sample covariances": (W * V * W + ONE).inverse(),
    "projected from both sides": (S * S.T * W * S * S.T + LAM * ONE).inverse(),
}
SPECTRUM = sc.LevelsSpectrum([2, 1, Rational(1, 2)], [30, 40, 30])
POINTS: list[dict[Any, Any]] = [
    {D: 100, T: 150, LAM: Rational(1, 5), T_2: 120, WIDTH: 80},
    {D: 100, T: 60, LAM: Rational(3, 2), T_2: 75, WIDTH: 130},
]


def formula_of(matrix: Any) -> Expr:
    return sc.deterministic_equivalent(Trace(matrix)).formula


def value_at(formula: Expr, point: dict[Any, Any], digits: int = 20) -> Any:
    return sc.evaluate(formula.xreplace({SIGMA: SPECTRUM}), values=point, digits=digits)


def without_randomness(formula: Expr) -> Expr:
    """The slip of a pencil that is inverted without its random matrices: no traces."""
    if not formula.has(CoupledTrace):
        # This one has ridges: the slip is a factor in them.
        return formula.xreplace({node: 2 * node for node in formula.atoms(CoupledUnknown)})
    return formula.xreplace({node: 0 * node for node in formula.atoms(CoupledTrace)})


@pytest.mark.parametrize("point", POINTS, ids=["wide ridge", "few samples"])
@pytest.mark.parametrize("name", CASES)
def test_value_is_that_of_the_iterated_dyson_equation(name: str, point: dict[Any, Any]) -> None:
    equivalent = sc.deterministic_equivalent(Trace(CASES[name]))
    assert equivalent.formula.atoms(CoupledUnknown)
    (solved,) = equivalent.functionals
    values: dict[Any, Any] = {symbol: Integer(1) * value for symbol, value in point.items()}
    letters = set().union(*(entry.free_symbols for entry in solved.pencil.deterministic.values()))
    # The outermost inverse without a ridge is the limit of one.
    vanishing = {letter: Integer(0) for letter in letters if str(letter) == "_mu"}
    referee = solve_dyson(
        solved.pencil,
        families_of(solved.operator),
        {**values, **vanishing, SIGMA: SPECTRUM},
    )
    assert float(value_at(equivalent.formula, point)) == pytest.approx(referee.trace, rel=1e-8)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", CASES)
def test_simulation_shows_the_derived_formula_and_refutes_its_twin(name: str) -> None:
    expression = Trace(CASES[name]) / D
    formula = sc.deterministic_equivalent(expression).formula

    def verdict(of: Expr) -> str:
        return verify_expression(
            expression, of, {SIGMA: SPECTRUM}, POINTS[0], margin=4 / 60
        ).verdict

    assert verdict(formula) == "shown"
    assert verdict(without_randomness(formula)) == "refuted"


def test_partial_fractions_of_an_inverse_square() -> None:
    # (W + a)(W + b) = W² + (a + b)W + ab, so 1/((W + a)(W + b)) = (1/(W + a) − 1/(W + b))/(b − a).
    squared = formula_of((W * W + 3 * W + 2 * ONE).inverse())
    apart = formula_of((W + ONE).inverse()) - formula_of((W + 2 * ONE).inverse())
    assert squared.atoms(CoupledTrace)
    assert not apart.atoms(CoupledUnknown)
    for point in POINTS:
        assert value_at(squared, point, 25).text == value_at(apart, point, 25).text


def test_an_inverse_that_reduces_needs_no_coupled_traces() -> None:
    nested = formula_of((ONE + R).inverse())
    # (1 + 1/(W + λ))⁻¹ = 1 − 1/(W + λ + 1).
    direct = D - formula_of((W + (LAM + 1) * ONE).inverse())
    assert not nested.atoms(CoupledUnknown)
    assert value_at(nested, POINTS[0], 25).text == value_at(direct, POINTS[0], 25).text


def test_three_arithmetics_agree() -> None:
    formula = formula_of(CASES["squared resolvent"]).xreplace({SIGMA: SPECTRUM})
    fixed = formula.xreplace({D: Integer(100), T: Integer(150)})
    ridges = [Rational(1, 10), Rational(1, 2), Rational(3)]
    doubles = sc.lambdify(fixed, [LAM])([float(ridge) for ridge in ridges])
    balls = sc.lambdify(fixed, [LAM], arithmetic="ball", digits=30)(np.array(ridges, dtype=object))
    digits = sc.lambdify(fixed, [LAM], arithmetic="digits", digits=30)(ridges)
    for double, ball, digit in zip(doubles, balls, digits, strict=True):
        assert ball.rel_accuracy_bits() > 99
        assert abs(float(ball.mid()) - double) < 1e-12 * double
        assert abs(float(digit) - double) < 1e-12 * double


def test_derivative_is_the_slope() -> None:
    formula = formula_of((W * W + LAM * ONE).inverse())
    slope = formula.diff(LAM)
    step = Rational(1, 10**8)

    def at(ridge: Rational) -> Rational:
        return Rational(value_at(formula, POINTS[0] | {LAM: ridge}, 40).text)

    here = Rational(1, 5)
    difference = (at(here + step) - at(here - step)) / (2 * step)
    assert float(value_at(slope, POINTS[0])) == pytest.approx(float(difference), rel=1e-12)


def test_print_names_the_unknowns() -> None:
    formula = formula_of(CASES["squared sample covariance"])
    names = {f"{stem}_{number}" for stem in ("rho", "tau") for number in range(1, 5)}
    assert {str(node) for node in formula.atoms(CoupledTrace)} <= names
    ((unknowns, meaning),) = typeset(formula, latex=False).definitions
    assert unknowns == "ρ₁, ρ₂, ρ₃, ρ₄, τ₁, τ₂, τ₃, τ₄"
    assert meaning.startswith("ρ₁ = T·(T² + τ₃)/")
    assert ">" not in meaning


ISOTROPIC = formula_of(CASES["squared resolvent"]).xreplace({SIGMA: sc.IsotropicSpectrum(D)})


@settings(max_examples=10, deadline=None)
@given(
    ridge=st.fractions(Fraction(1, 20), 10, max_denominator=50),
    samples=st.integers(20, 400),
    dimension=st.integers(5, 200),
)
def test_squared_resolvent_is_one_at_a_complex_ridge(
    ridge: Fraction, samples: int, dimension: int
) -> None:
    # (1 + R²)⁻¹ = 1 + Im (W + z)⁻¹ at z = λ + i, and z·(W + z)⁻¹ ≃ κ/(1 + κ) for Σ = I.
    exact = Rational(ridge.numerator, ridge.denominator)
    value = sc.evaluate(ISOTROPIC, values={D: dimension, T: samples, LAM: exact})
    z = float(ridge) + 1j
    roots = np.roots([1, 1 - z - dimension / samples, -z])
    (kappa,) = (root for root in roots if root.imag > 0)
    resolvent = kappa / z / (1 + kappa)
    assert float(value) == pytest.approx(dimension * (1 + resolvent.imag), rel=1e-9)
