"""Several data sets or a projection in one inverse: coupled effective ridges, against simulation and in their limits.

Sizes are near 100. The margin 4/75 allows for the finite-size error of an equivalent, a few units of 1/(smallest size);
for test errors, whose draws spread more, it is twice that. The risk of a false alarm is 1e-6 for each comparison.
"""

import numpy as np
import pytest
from sympy import Expr, Identity, MatrixSymbol, Rational, Trace

import symcollapse as sc
from symcollapse.language.coupled_ridges import CoupledRidge, CoupledSystem
from symcollapse.language.quantities import SpectralTrace
from symcollapse.verification.expression_verification import verify_expression

D, T, LAM = sc.dimension, sc.samples, sc.ridge
SIGMA = sc.covariance("Sigma", D)
SIGMA_1, SIGMA_2, SIGMA_3 = (sc.covariance(f"Sigma_{i}", D) for i in (1, 2, 3))
T_1, NOISE_1, _ = sc.generator_symbols(1)
T_2, NOISE_2, _ = sc.generator_symbols(2)
WIDTH = sc.surplus
ONE = Identity(D)
W0 = MatrixSymbol("w_0", D, 1)
X = sc.gaussian_design("X", T, SIGMA)
X_1 = sc.gaussian_design("X_1", T_1, SIGMA_1)
X_2 = sc.gaussian_design("X_2", T_2, SIGMA_2)
POOLED = (X_1.T * X_1 / T + X_2.T * X_2 / T + LAM * ONE).inverse()
S = sc.gaussian_projection("S", D, WIDTH)
FEATURES = X * S
NARROW = (FEATURES.T * FEATURES / T + LAM * Identity(WIDTH)).inverse()
LABELS = X * W0 + sc.label_noise("E", T, sc.noise)


def _pooled_fit() -> Expr:
    first = X_1.T * (X_1 * W0 + sc.label_noise("E_1", T_1, NOISE_1))
    second = X_2.T * (X_2 * W0 + sc.label_noise("E_2", T_2, NOISE_2))
    return POOLED * (first + second) / T


def _error(fit: Expr, covariance: Expr) -> Expr:
    return (fit - W0).T * covariance * (fit - W0)


CASES = {
    "pooled resolvent": Trace(SIGMA_1 * POOLED) / D,
    "pooled test error on a third covariance": _error(_pooled_fit(), SIGMA_3),
    "random features resolvent": Trace(S * NARROW * S.T * SIGMA) / D,
    "random features test error": _error(S * NARROW * FEATURES.T * LABELS / T, SIGMA),
    "generalised ridge": Trace((X.T * X / T + LAM * SIGMA_2).inverse() * SIGMA_1) / D,
    "product of two sample covariances": Trace(
        (ONE + X_1.T * X_1 / T_1 * (X_2.T * X_2) / T_2).inverse()
    )
    / D,
}


def _levels(first: int, second: int) -> sc.Spectrum:
    return sc.LevelsSpectrum([first, second], [50, 50])


SPECTRA: dict[sc.Covariance, sc.Spectrum] = {
    SIGMA: _levels(2, 1),
    SIGMA_1: _levels(2, 1),
    SIGMA_2: _levels(1, 3),
    SIGMA_3: _levels(1, 4),
}
VALUES = {
    D: 100,
    T: 150,
    LAM: Rational(1, 5),
    T_1: 75,
    T_2: 125,
    WIDTH: 80,
    sc.noise: Rational(1, 2),
    NOISE_1: Rational(1, 2),
    NOISE_2: 1,
}
VECTOR = sc.ExplicitTarget(
    [Rational(int(entry), 50) for entry in np.random.default_rng(1).integers(-10, 10, 100)]
)


def verdict(name: str, formula: Expr) -> str:
    expression = CASES[name]
    spectra = {key: value for key, value in SPECTRA.items() if expression.has(key)}
    vectors = {W0: VECTOR} if expression.has(W0) else {}
    return verify_expression(
        expression, formula, spectra, VALUES, vectors, margin=(8 if vectors else 4) / 75
    ).verdict


def without_coupling(formula: Expr) -> Expr:
    """The slip of taking each effective ridge for the limit of many samples: its equation without the trace."""
    rule: dict[Expr, Expr] = {}
    for ridge in formula.atoms(CoupledRidge):
        (system,) = ridge.atoms(CoupledSystem)
        bare = [
            equation.xreplace({node: 0 * node for node in equation.atoms(SpectralTrace)})
            for equation in system.equations
        ]
        bare = [
            equation.xreplace({node: 0 * node for node in equation.atoms(sc.DegreesOfFreedom)})
            for equation in bare
        ]
        rule[ridge] = CoupledRidge(CoupledSystem(system.unknowns, bare), ridge.args[1])
    return formula.xreplace(rule)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", CASES)
def test_simulation_shows_the_derived_formula_and_refutes_its_twin(name: str) -> None:
    formula = sc.deterministic_equivalent(CASES[name]).formula
    assert formula.atoms(CoupledRidge)
    assert verdict(name, formula) == "shown"
    noises = {NOISE_1: NOISE_2, NOISE_2: NOISE_1}
    slip = formula.xreplace(noises) if formula.has(NOISE_1) else without_coupling(formula)
    assert verdict(name, slip) == "refuted"


def test_two_halves_of_one_law_are_one_data_set() -> None:
    halves = [sc.gaussian_design(name, T / 2, SIGMA) for name in ("A", "B")]
    total = sum((half.T * half / T for half in halves), LAM * ONE)
    pooled = sc.deterministic_equivalent(Trace(SIGMA * total.inverse())).formula
    single = (X.T * X / T + LAM * ONE).inverse()
    whole = sc.deterministic_equivalent(Trace(SIGMA * single)).formula
    values = {D: 100, T: 150, LAM: Rational(1, 5)}
    left, right = (
        sc.evaluate(formula.xreplace({SIGMA: SPECTRA[SIGMA]}), values=values, digits=40)
        for formula in (pooled, whole)
    )
    assert left.text == right.text


def test_wide_random_features_are_ridge_regression() -> None:
    # At width m the two differ by O(1/m).
    fit = S * NARROW * FEATURES.T * LABELS / T
    narrow = sc.deterministic_equivalent(_error(fit, SIGMA)).formula
    direct = (X.T * X / T + LAM / WIDTH * ONE).inverse() * X.T * LABELS / T
    ridge = sc.deterministic_equivalent(_error(direct, SIGMA)).formula
    rule = {SIGMA: SPECTRA[SIGMA], sc.truth("w_0"): VECTOR}
    width = 10**9
    values = VALUES | {WIDTH: width, LAM: Rational(width, 5)}
    left, right = (
        float(sc.evaluate(formula.xreplace(rule), values=values)) for formula in (narrow, ridge)
    )
    # The difference is of order d/m = 1e-7, far above rounding: it is there, and no larger.
    assert left == pytest.approx(right, rel=1e-6)
    assert left != pytest.approx(right, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (Trace((X.T * X / T - LAM * ONE).inverse()), "poles inside the spectrum"),
        (Trace(MatrixSymbol("B", D, D) * POOLED), "B: not known to commute"),
        (Trace((ONE + W0 * W0.T + X.T * X / T).inverse()), "inside Inverse"),
    ],
)
def test_what_has_no_equivalent_here_is_refused_by_name(expression: Expr, reason: str) -> None:
    with pytest.raises(sc.NotSupported, match=reason):
        sc.deterministic_equivalent(expression)
