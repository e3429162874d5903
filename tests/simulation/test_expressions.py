"""Expressions are what NumPy says of the matrices drawn; the draws depend on seed, trial and name alone."""

from typing import Any

import numpy as np
import pytest
from sympy import (
    Identity,
    MatrixSymbol,
    Rational,
    Trace,
    ZeroMatrix,
    sin,
    sqrt,
)
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.matrices.expressions.matexpr import MatrixElement

from symcollapse.language import symbols
from symcollapse.language.errors import InexactConstant, InvalidProblem, NotEvaluable
from symcollapse.language.random_matrices import (
    gaussian_design,
    gaussian_projection,
    label_noise,
    pseudo_inverse,
)
from symcollapse.language.spectra import ExplicitSpectrum, LevelsSpectrum, covariance
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation import instance_of, join, realise, simulate_expression

d, T, T0, lam = symbols.dimension, symbols.samples, symbols.generation_samples, symbols.ridge
SIGMA, OMEGA = covariance("Sigma", d), covariance("Omega", d)
X, Y = gaussian_design("X", T, SIGMA), gaussian_design("Y", T0, OMEGA)
S, E = gaussian_projection("S", d, 4), label_noise("E", T, symbols.noise)
U, V = MatrixSymbol("u", d, 1), MatrixSymbol("v", d, 1)
EYE = Identity(d)
SPECTRA = {SIGMA: LevelsSpectrum([2, 1], [3, 3]), OMEGA: ExplicitSpectrum([1, 2, 3, 4, 5, 6])}
VALUES = {T: 9, T0: 5, d: 6, lam: Rational(1, 2), symbols.noise: Rational(1, 3)}
VECTORS: dict[MatrixSymbol, ExplicitTarget | list[Any]] = {
    U: ExplicitTarget([1, 0, -1, 2, 0, 1]),
    V: [0, "1/2", 1, 1, 0, 0],
}
RESOLVENT = (X.T * X / T + lam * EYE).inverse()
POOLED = (X.T * X / T + Y.T * Y / T0 + lam * EYE).inverse()


def drawn(expression: Any, seed: int = 3, trial: int = 0) -> np.ndarray:
    return realise(expression, SPECTRA, VALUES, VECTORS, seed=seed, trial=trial)


def by_hand() -> dict[str, tuple[Any, Any]]:
    """Expressions, and the same in NumPy, out of the atoms drawn."""
    x, y, s, e = (drawn(each) for each in (X, Y, S, E))
    u = np.array([[1.0], [0], [-1], [2], [0], [1]])
    v = np.array([[0.0], [0.5], [1], [1], [0], [0]])
    sigma, omega = np.diag([2.0, 2, 2, 1, 1, 1]), np.diag([1.0, 2, 3, 4, 5, 6])
    eye, inv = np.eye(6), np.linalg.inv
    r = inv(x.T @ x / 9 + eye / 2)
    pooled = inv(x.T @ x / 9 + y.T @ y / 5 + eye / 2)
    features = x @ s / 2
    return {
        "covariance": (SIGMA * OMEGA - EYE, sigma @ omega - eye),
        "resolvent": (RESOLVENT, r),
        "squared resolvent": (RESOLVENT**2, r @ r),
        "negative power": ((X.T * X / T + EYE) ** -3, np.linalg.matrix_power(x.T @ x / 9 + eye, -3)),
        "product": (SIGMA * RESOLVENT * X.T * X * RESOLVENT, sigma @ r @ x.T @ x @ r),
        "trace": (Trace(SIGMA * RESOLVENT * OMEGA) / d, np.trace(sigma @ r @ omega) / 6),
        "trace of a scaled product": (Trace(3 * X.T * X), 3 * np.trace(x.T @ x)),
        "trace of a sum": (Trace(RESOLVENT + SIGMA) ** 2, np.trace(r + sigma) ** 2),
        "trace as a coefficient": (RESOLVENT * Trace(SIGMA) / d, r * 9 / 6),
        "bilinear form": (U.T * RESOLVENT * V, u.T @ r @ v),
        "entry of a bilinear form": (2 * MatrixElement(U.T * POOLED * V, 0, 0), 2 * (u.T @ pooled @ v)[0, 0]),
        "trace of a bilinear form": (Trace(U.T * X.T * X * V), u.T @ x.T @ x @ v),
        "rank one": (Trace(U * V.T * RESOLVENT * SIGMA), np.trace(u @ v.T @ r @ sigma)),
        "sample side": (X.T * (X * X.T / T + Identity(T)).inverse() * X, x.T @ inv(x @ x.T / 9 + np.eye(9)) @ x),
        "features": (
            (S.T * X.T * X * S / 4 + Identity(4)).inverse(),
            inv(features.T @ features + np.eye(4)),
        ),
        "pseudo-inverse": (pseudo_inverse(Y) * Y, np.linalg.pinv(y) @ y),
        "noise": (E.T * X * RESOLVENT * X.T * E, e.T @ x @ r @ x.T @ e),
        "zero": (X * ZeroMatrix(d, d) + X, x),
        "arithmetic": (Trace(SIGMA) * sqrt(lam) - T ** Rational(-1, 2), 9 * np.sqrt(0.5) - 1 / 3),
    }  # fmt: skip


@pytest.mark.parametrize("name", by_hand())
def test_an_expression_is_what_numpy_says(name: str) -> None:
    # Both round the same small, well-conditioned algebra in another order; entries are of order 1 to 100.
    expression, expected = by_hand()[name]
    np.testing.assert_allclose(
        drawn(expression).ravel(), np.ravel(expected), rtol=1e-11, atol=1e-12
    )


def test_a_draw_is_the_one_that_is_realised() -> None:
    scalar = U.T * RESOLVENT * SIGMA * POOLED * V
    result = simulate_expression(scalar, SPECTRA, VALUES, VECTORS, trials=4, seed=8, first=2)
    expected = [drawn(scalar, seed=8, trial=trial)[0, 0] for trial in range(2, 6)]
    # The same draws: at most the order of the products differs.
    np.testing.assert_allclose(result.draws, expected, rtol=1e-12)
    assert result.trials == 4
    assert result.seed == 8


def test_the_same_seed_gives_the_same_numbers() -> None:
    def run(trials: int, seed: int = 1, first: int = 0) -> Any:
        scalar = Trace(POOLED * SIGMA)
        return simulate_expression(scalar, SPECTRA, VALUES, trials=trials, seed=seed, first=first)

    assert run(7) == run(7)
    assert join(run(3), run(4, first=3)) == run(7)
    assert len({*run(7).draws, *run(7, seed=2).draws}) == 14


def test_a_matrix_does_not_depend_on_what_it_stands_with() -> None:
    # A solve beside an inverse times a matrix: rounding times the condition, below 100.
    together = drawn(POOLED * X.T)
    np.testing.assert_allclose(together, drawn(POOLED) @ drawn(X).T, rtol=1e-11)
    assert np.array_equal(drawn(X + X), 2 * drawn(X))


def test_designs_of_different_names_are_independent() -> None:
    one, two = gaussian_design("X", 4000, EYE), gaussian_design("X1", 4000, EYE)
    cross = realise(one.T * two / 4000, values={d: 6})
    assert np.abs(cross).max() < 6 / np.sqrt(4000)
    assert np.abs(cross).max() > 0.1 / np.sqrt(4000)
    trials = [realise(one.T, values={d: 6}, trial=trial) for trial in (0, 1)]
    assert np.abs(trials[0] @ trials[1].T / 4000).max() < 6 / np.sqrt(4000)


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (SIGMA**2, np.diag([4.0, 4, 4, 1, 1, 1])),
        (2 * SIGMA + EYE, np.diag([5.0, 5, 5, 3, 3, 3])),
        (3 * EYE, 3 * np.eye(6)),
        (SIGMA * OMEGA.inverse(), np.diag([2, 1, 2 / 3, 1 / 4, 1 / 5, 1 / 6])),
        (EYE + V * V.T, np.eye(6) + np.outer([0, 0.5, 1, 1, 0, 0], [0, 0.5, 1, 1, 0, 0])),
    ],
    ids=str,
)
def test_rows_have_their_covariance(law: Any, expected: np.ndarray) -> None:
    design = gaussian_design("Z", 40_000, law)
    measured = drawn(design.T * design / 40_000)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((measured - expected) / scale).max() < 6 * np.sqrt(2 / 40_000)


def test_entries_of_projections_and_noise_have_their_spread() -> None:
    wide = realise(gaussian_projection("S", d, 3000), values={d: 6})
    assert wide.shape == (6, 3000)
    assert abs(wide.std() - 1) < 0.03
    errors = realise(label_noise("E", 9000, "1/4"))
    assert errors.shape == (9000, 1)
    assert abs(errors.std() - 0.25) < 0.01


@pytest.mark.parametrize(
    "scalar",
    [U.T * RESOLVENT * V, U.T * X.T * X * POOLED * U, Trace(RESOLVENT * V * V.T * Y.T * Y)],
    ids=["bilinear", "product", "rank one"],
)
def test_reflections_keep_the_mean_and_narrow_the_spread(scalar: Any) -> None:
    plain = simulate_expression(scalar, SPECTRA, VALUES, VECTORS, trials=1000)
    mean = simulate_expression(scalar, SPECTRA, VALUES, VECTORS, trials=1000, seed=2, reflections=8)
    assert mean.standard_error < 0.85 * plain.standard_error
    assert abs(mean.mean - plain.mean) < 5 * np.hypot(mean.standard_error, plain.standard_error)


def test_reflections_average_over_signs() -> None:
    form = (U.T * X.T * X * U) / T
    values = {T: 9, d: 6}
    result = simulate_expression(form, SPECTRA, values, VECTORS, trials=1, reflections=4000)
    u = np.array([1.0, 0, -1, 2, 0, 1])
    diagonal = np.diag(drawn(X.T * X / 9, seed=1))
    assert abs(result.mean - u**2 @ diagonal) < 0.3


def test_traces_ignore_reflections() -> None:
    scalar = Trace(POOLED)
    assert simulate_expression(
        scalar, SPECTRA, VALUES, trials=3, reflections=9
    ) == simulate_expression(scalar, SPECTRA, VALUES, trials=3)


def test_progress_counts_the_trials() -> None:
    reports: list[tuple[int, int]] = []
    simulate_expression(
        Trace(SIGMA), SPECTRA, VALUES, trials=3, progress=lambda *n: reports.append(n)
    )
    assert reports == [(1, 3), (2, 3), (3, 3)]


OTHER = gaussian_design("X", 7, SIGMA)
SHORT = gaussian_design("Z", T, Identity(5))
NEGATIVE = gaussian_design("Z", T, SIGMA - 2 * EYE)


@pytest.mark.parametrize(
    ("expression", "changes", "error", "words"),
    [
        (Trace(RESOLVENT), {"values": {T: 9, d: 6}}, NotEvaluable, "lambda has no value; give one"),
        (Trace(RESOLVENT), {"values": {T: 9}}, NotEvaluable, "d has no value"),
        (Trace(RESOLVENT), {"spectra": {}}, NotEvaluable, "Sigma has no spectrum; give one"),
        (U.T * V, {"vectors": {U: VECTORS[U]}}, NotEvaluable, "v has no coefficients"),
        (U.T * V, {"vectors": {**VECTORS, V: [1, 2]}}, InvalidProblem, "v is of size 6, not 2"),
        (Trace(SIGMA), {"values": {d: 7}}, InvalidProblem, "Sigma is of size 7, not 6"),
        (Trace(X.T * X), {"values": {d: 6, T: "5/2"}}, InvalidProblem, "size T = 2.5: give an int"),
        (Trace(SIGMA), {"values": {d: 6.0}}, InexactConstant, "6.0 is a float"),
        (Trace(MatrixSymbol("A", d, d)), {"vectors": {MatrixSymbol("A", d, d): [1]}},
         InvalidProblem, "give a vector"),
        (Trace(X.T * SHORT), {}, InvalidProblem, "do not fit"),
        (Trace(EYE + SHORT.T * SHORT), {}, InvalidProblem, "5 × 5 and 6 × 6 do not fit"),
        (Trace(X.T * X + OTHER.T * OTHER), {}, InvalidProblem, "X stands for two random matrices"),
        (X.T * X, {}, InvalidProblem, "is a matrix; take a trace"),
        (Trace(HadamardProduct(SIGMA, OMEGA)), {}, NotEvaluable, "HadamardProduct is no matrix"),
        (sin(Trace(SIGMA)), {}, NotEvaluable, "sin cannot be drawn"),
        ((U.T * RESOLVENT * U)[0, 0], {}, NotEvaluable, r"Trace\(A\) for the entry"),
        (MatrixElement(RESOLVENT, 0, 0), {}, NotEvaluable, "only the entry"),
        (Trace((X - X + ZeroMatrix(T, d)).T * X), {}, None, ""),
        (Trace((U * U.T).inverse()), {}, NotEvaluable,
         "singular; use pseudo_inverse"),
        (Trace(X + ZeroMatrix(T, d)), {}, InvalidProblem, "9 × 6 and 9 × 6 do not fit"),
        (Trace(NEGATIVE.T * NEGATIVE), {}, InvalidProblem, "negative eigenvalue"),
        (sqrt(Trace(SIGMA) - 100), {}, NotEvaluable, "has no value"),
        (Trace(SIGMA ** Rational(1, 3)), {}, NotEvaluable, "power 1/3; give an integer"),
        ("X", {}, InvalidProblem, "give a SymPy expression"),
        (Trace(SIGMA), {"trials": 0}, InvalidProblem, "trials = 0: give an integer >= 1"),
        (Trace(SIGMA), {"reflections": 0}, InvalidProblem, "reflections = 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_named_in_one_line(
    expression: Any, changes: dict[str, Any], error: Any, words: str
) -> None:
    arguments: dict[str, Any] = {"spectra": SPECTRA, "values": VALUES, "vectors": VECTORS}
    if error is None:
        assert simulate_expression(expression, **arguments, trials=2).mean == 0
        return
    with pytest.raises(error, match=words) as caught:
        simulate_expression(expression, **{**arguments, "trials": 2, **changes})
    assert "\n" not in str(caught.value)


def test_an_instance_knows_its_numbers() -> None:
    instance = instance_of(U.T * RESOLVENT * U, SPECTRA, VALUES, VECTORS)
    assert instance.size(T - 2 * T0 + d) == 5
    assert instance.has_vectors
    assert instance.eigenvalues[SIGMA].tolist() == [2, 2, 2, 1, 1, 1]
