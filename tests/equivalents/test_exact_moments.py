"""Exact moments: equal to brute force where that ends, to draws where it does not; wrong ones are refuted."""

from functools import reduce
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    QQ,
    Ge,
    HadamardProduct,
    Identity,
    Inverse,
    Le,
    MatrixSymbol,
    Rational,
    Trace,
    exp,
    factorial2,
    ring,
    simplify,
)

from symcollapse.equivalents.exact_moments import expectation
from symcollapse.language.errors import (
    Diverges,
    InexactConstant,
    InvalidProblem,
    NotSupported,
    OutOfRegime,
)
from symcollapse.language.quantities import quadratic_form, spectral_trace
from symcollapse.language.random_matrices import (
    gaussian_design,
    gaussian_projection,
    label_noise,
    pseudo_inverse,
)
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension as d
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import generation_noise as sigma_0
from symcollapse.language.symbols import generation_samples as T_0  # noqa: N812 - the field's letter
from symcollapse.language.symbols import noise as sigma
from symcollapse.language.symbols import ridge, surplus
from symcollapse.language.symbols import samples as T  # noqa: N812 - the field's letter
from symcollapse.language.targets import truth
from symcollapse.verification.agreement import compare
from tests.equivalents.matrix_values import value

SIGMA = covariance("Sigma", d)
SECOND = covariance("Sigma_2", d)
ID = Identity(d)
ONE = Identity(1)
X = gaussian_design("X", T, SIGMA)
X_0 = gaussian_design("X_0", T_0, SIGMA)
Z = gaussian_design("Z", T, 2 * ID)
Z_0 = gaussian_design("Z_0", T_0, ID)
E = label_noise("E", T, sigma)
E_0 = label_noise("E_0", T_0, sigma_0)
W = X.T * X
W_0 = X_0.T * X_0
V = W.inverse()
A = MatrixSymbol("A", d, d)
B = MatrixSymbol("B", d, d)
u = MatrixSymbol("u", d, 1)
v = MatrixSymbol("v", d, 1)
K = MatrixSymbol("K", T, T)
TALL = (Ge(T, d), Ge(T_0, d))
WIDE = (Le(T, d), Le(T_0, d))

# Polynomials, by brute force: expand in the entries, and replace each power of an entry by its moment.

SIZES = {T: 2, d: 2, T_0: 2, sigma: Rational(3, 2), sigma_0: Rational(1, 3)}
MATRICES = {
    "Sigma": np.array([[3, 0], [0, 2]], dtype=object),
    "Sigma_2": np.array([[1, 0], [0, 5]], dtype=object),
    "A": np.array([[1, 2], [-1, 4]], dtype=object),
    "B": np.array([[0, 1], [5, -2]], dtype=object),
    "K": np.array([[2, -1], [3, 1]], dtype=object),
    "u": np.array([[1], [2]], dtype=object),
    "v": np.array([[3], [-1]], dtype=object),
}
RING, *ENTRIES = ring("x:8, e:4", QQ)
VARIANCES = [QQ(3), QQ(2)] * 4 + [QQ(9, 4)] * 2 + [QQ(1, 9)] * 2
ENTRY = np.array(ENTRIES, dtype=object)
ENTRIES_OF = {
    "X": ENTRY[:4].reshape(2, 2),
    "X_0": ENTRY[4:8].reshape(2, 2),
    "E": ENTRY[8:10].reshape(2, 1),
    "E_0": ENTRY[10:].reshape(2, 1),
}


def moment(polynomial: Any) -> Any:
    """Expectation of a polynomial in independent centred Gaussian entries."""
    total = QQ(0)
    for powers, coefficient in RING(polynomial).terms():
        if all(power % 2 == 0 for power in powers):
            factors = [
                QQ(int(factorial2(power - 1))) * variance ** (power // 2)
                for power, variance in zip(powers, VARIANCES, strict=True)
                if power
            ]
            total += reduce(lambda a, b: a * b, factors, coefficient)
    return total


def brute_force(expression: Any) -> Any:
    polynomials = value(expression, {**in_ring(), **ENTRIES_OF}, ring_sizes())
    return np.vectorize(moment, otypes=[object])(polynomials)


def in_ring() -> dict[str, Any]:
    lift = np.vectorize(lambda entry: RING(int(entry)), otypes=[object])
    return {name: lift(matrix) for name, matrix in MATRICES.items()}


def ring_sizes() -> dict[Any, Any]:
    return {symbol: RING(QQ(int(size.p), int(size.q))) if hasattr(size, "p") else size
            for symbol, size in SIZES.items()}  # fmt: skip


def derived(expression: Any, **options: Any) -> Any:
    return value(expectation(expression, **options).formula, MATRICES, SIZES)


def as_numbers(array: Any) -> Any:
    return np.vectorize(lambda entry: Rational(str(entry)), otypes=[object])(np.asarray(array))


def same(one: Any, other: Any) -> bool:
    return bool(np.all(as_numbers(one) == as_numbers(other)))


POLYNOMIALS = {
    "W": W,
    "WAW": W * A * W,
    "W²": W * W,
    "WAWBW": W * A * W * B.T * W,
    "(tr W) W": Trace(W) * W,
    "tr(W)³": Trace(W) ** 3,
    "tr W⁴": Trace(W**4),
    "tr(AW) tr(AᵀWB)": Trace(A * W) * Trace(A.T * W * B),
    "XAXᵀ": X * A * X.T,
    "XᵀKX": X.T * K * X,
    "XᵀKXAXᵀKᵀX": X.T * K * X * A * X.T * K.T * X,
    "XᵀEEᵀX": X.T * E * E.T * X,
    "(XᵀE)(EᵀE)": X.T * E * (E.T * E) * E.T * X,
    "two designs": W * A * W_0 * W * B * W_0,
    "two designs across": X_0 * A * X.T * X * B * X_0.T,
    "XAX₀ᵀ": X * A * X_0.T,
    "uᵀWv": u.T * W * v,
    "(uᵀWu)²": (u.T * W * u) ** 2,
    "uuᵀWv": u * u.T * W * v,
    "two covariances": SECOND * W * SIGMA * W * SECOND,
    "uᵀΣ₂Wv": u.T * SECOND * W * v,
    "sum": (W - SIGMA) * A * (W - 2 * SIGMA),
    "least-squares loss": (X * u + E - X * v).T * (X * u + E - X * v),
}


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_a_polynomial_has_the_moment_that_brute_force_finds(name: str) -> None:
    found = brute_force(POLYNOMIALS[name])
    assert same(derived(POLYNOMIALS[name]), found)


@pytest.mark.parametrize("wrong", [T**2, T**2 + T + 1])
def test_a_wrong_coefficient_differs_from_brute_force(wrong: Any) -> None:
    claim = wrong * SIGMA**2 + T * Trace(SIGMA) * SIGMA
    assert not same(value(claim, MATRICES, SIZES), brute_force(W * W))


# Inverses and projections, by draws. The risk that a right formula fails here is 1e-6 a case.

DRAWS = 150_000
RISK = 1e-6
MARGIN = 0.025


def draws(expression: Any, sizes: dict[Any, Any], matrices: dict[str, Any]) -> Any:
    rng = np.random.default_rng(20261123)
    rows, columns, rows_0 = sizes[T], sizes[d], sizes[T_0]
    root = np.sqrt(matrices["Sigma"].astype(float))
    normal = rng.standard_normal
    drawn = {
        "X": normal((DRAWS, rows, columns)) @ root,
        "X_0": normal((DRAWS, rows_0, columns)) @ root,
        "Z": normal((DRAWS, rows, columns)) * np.sqrt(2),
        "Z_0": normal((DRAWS, rows_0, columns)),
        "E": normal((DRAWS, rows, 1)) * float(sizes[sigma]),
        "E_0": normal((DRAWS, rows_0, 1)) * float(sizes[sigma_0]),
    }
    return value(expression, {**matrices, **drawn}, sizes).astype(float)


def leaves(sizes: dict[Any, Any]) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    features, rows = sizes[d], sizes[T]
    return {
        "Sigma": np.diag(np.linspace(1.0, 2.0, features)),
        # Far from symmetric, so that A and Aᵀ cannot stand for each other.
        "A": np.triu(rng.uniform(1, 2, (features, features))) + np.eye(features),
        "B": np.tril(rng.uniform(1, 2, (features, features))) + np.eye(features),
        "K": np.triu(rng.uniform(0.5, 1, (rows, rows))),
        "u": np.ones((features, 1)),
        "v": np.arange(1.0, features + 1)[:, None],
    }


def verdict(
    expression: Any, claim: Any, sizes: dict[Any, Any]
) -> Literal["shown", "refuted", "cannot tell"]:
    """What draws say of a claimed mean: the entries are weighed unequally, so that none can make up for another."""
    matrices = leaves(sizes)
    claimed = np.atleast_2d(np.asarray(value(claim, matrices, sizes))).astype(float)
    weights = np.array(
        [[1.0 + 2 * row + 0.5 * column for column in range(claimed.shape[-1])]
         for row in range(claimed.shape[-2])]
    )  # fmt: skip
    measured = (draws(expression, sizes, matrices) * weights).sum(axis=(-2, -1))
    prediction = float((claimed * weights).sum())
    return compare(measured.tolist(), prediction, MARGIN, RISK).verdict


def numbers(rows: int, columns: int, rows_0: int = 1) -> dict[Any, Any]:
    return {T: rows, d: columns, T_0: rows_0, sigma: 1.5, sigma_0: 0.5}


def projection(design: Any) -> Any:
    return pseudo_inverse(design) * design


def loss(estimate: Any) -> Any:
    return (estimate - u).T * SIGMA * (estimate - u)


CHAIN = pseudo_inverse(X) * (X * pseudo_inverse(X_0) * (X_0 * u + E_0) + E)
WIDE_CHAIN = pseudo_inverse(Z) * (Z * pseudo_inverse(Z_0) * (Z_0 * u + E_0) + E)
WIDE_LOSS = (WIDE_CHAIN - u).T * (WIDE_CHAIN - u)

BY_DRAWS = {
    "V": (V, (), numbers(10, 3)),
    "VAV": (V * A * V, (), numbers(20, 2)),
    "tr(AV) V": (Trace(A * V) * V, (), numbers(20, 2)),
    "V²": (V * V, (), numbers(20, 2)),
    "VAVBV": (V * A * V * B * V, (), numbers(40, 2)),
    "tr(V)³": (Trace(V) ** 3, (), numbers(40, 2)),
    "VAW": (V * A * W, (), numbers(12, 2)),
    "WAV": (W * A * V, (), numbers(12, 2)),
    "tr(V) W": (Trace(V) * W, (), numbers(12, 2)),
    "WAVBW": (W * A * V * B * W, (), numbers(14, 2)),
    "XVXᵀ": (X * V * X.T, (), numbers(5, 3)),
    "XV²Xᵀ": (X * V * V * X.T, (), numbers(14, 2)),
    "XᵀKXV": (X.T * K * X * V, (), numbers(6, 2)),
    "XVXᵀKXVXᵀ": (X * V * X.T * K * X * V * X.T, (), numbers(5, 2)),
    "d = 1": (V * A * V, (), numbers(24, 1)),
    "mean projection": (projection(Z), WIDE, numbers(2, 4)),
    "PAP": (projection(Z) * A * projection(Z), WIDE, numbers(2, 4)),
    "PAPBP": (projection(Z) * A * projection(Z) * B * projection(Z), WIDE, numbers(2, 4)),
    "W† wide": (pseudo_inverse(Z) * pseudo_inverse(Z).T, WIDE, numbers(3, 12)),
    "pinv(ZᵀZ) wide": (pseudo_inverse(Z.T * Z), WIDE, numbers(2, 8)),
    "two projections": (
        projection(Z_0) * projection(Z) * A * projection(Z) * projection(Z_0),
        WIDE,
        numbers(2, 4, 3),
    ),
    "P₀PP₀P": (
        projection(Z_0) * projection(Z) * projection(Z_0) * projection(Z),
        WIDE,
        numbers(2, 4, 3),
    ),
    "chain": (loss(CHAIN), TALL, numbers(18, 3, 20)),
    "wide chain": (WIDE_LOSS, WIDE, numbers(2, 12, 3)),
}


@pytest.mark.parametrize("name", BY_DRAWS)
def test_an_inverse_has_the_moment_that_draws_show(name: str) -> None:
    expression, assuming, sizes = BY_DRAWS[name]
    moment = expectation(expression, assuming=assuming)
    assert all(condition.subs(sizes) for condition in moment.conditions)
    assert verdict(expression, moment.formula, sizes) == "shown"


m = T - d - 1
V_0 = SIGMA.inverse()
WRONG = {
    "1/(T − d)": (V, V_0 / (T - d), numbers(10, 3)),
    "no transpose": (
        V * A * V,
        ((m - 1) * V_0 * A * V_0 + Trace(A * V_0) * V_0) / ((m + 1) * m * (m - 2)),
        numbers(20, 2),
    ),
    "swapped": (
        V * A * V,
        ((m - 1) * V_0 * A.T * V_0 + V_0 * A * V_0 + Trace(A * V_0) * V_0)
        / ((m + 1) * m * (m - 2)),
        numbers(20, 2),
    ),
    "VAW as if independent": (V * A * W, T * V_0 * A * SIGMA / m, numbers(12, 2)),
    "PAP as a mean squared": (projection(Z) * A * projection(Z), (T / d) ** 2 * A, numbers(2, 4)),
    "asymptotic chain": (
        loss(CHAIN),
        ONE * d * (sigma**2 / (T - d) + sigma_0**2 / (T_0 - d)),
        numbers(18, 3, 20),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_formula_is_refuted_by_the_same_draws(name: str) -> None:
    assert verdict(*WRONG[name]) == "refuted"


# What is known in closed form.


def test_a_chain_of_least_squares_adds_a_variance_per_generation() -> None:
    moment = expectation(loss(CHAIN), assuming=TALL)
    expected = d * sigma**2 / (T - d - 1) + d * sigma_0**2 / (T_0 - d - 1)
    assert simplify(moment.formula - expected) == 0
    assert set(moment.conditions) == {Ge(T, d + 2), Ge(T_0, d + 2)}
    assert [step.rule.split(",")[0] for step in moment.steps] == [
        "over E", "over E_0", "over X", "over X_0",
    ]  # fmt: skip
    assert moment.steps[-1].after == moment.formula


def test_scalars_are_traces_and_forms_of_sigma() -> None:
    assert (
        expectation(Trace(W**2)).formula.expand()
        == (T * spectral_trace(s, SIGMA) ** 2 + T * (T + 1) * spectral_trace(s**2, SIGMA)).expand()
    )
    assert expectation(u.T * W * u).formula == T * quadratic_form(s, SIGMA, truth("u"))
    assert expectation(Trace((SIGMA + ridge * ID).inverse() * W)).formula == T * spectral_trace(
        s / (s + ridge), SIGMA
    )


def test_a_covariance_may_be_a_polynomial_of_covariances() -> None:
    Y = gaussian_design("Y", T, 2 * SIGMA + ID)
    inverse = expectation((Y.T * Y).inverse()).formula
    assert inverse == (2 * SIGMA + ID).inverse() / (T - d - 1)
    assert expectation(Trace(Y.T * Y)).formula == 2 * T * spectral_trace(s, SIGMA) + T * d


def test_a_projection_is_a_design_on_its_side() -> None:
    S = gaussian_projection("S", d, 50)
    assert expectation(S * S.T).formula == 50 * ID
    moment = expectation((S.T * S).inverse())
    assert moment.formula == Identity(50) / (d - 51)
    assert moment.conditions == (Ge(d, 52),)


def test_what_is_not_random_is_its_own_expectation() -> None:
    for expression in (A * SIGMA, Trace(A), A.T, ID, (A + ID).inverse(), ridge * Trace(A * B)):
        moment = expectation(expression)
        assert moment.formula == expression
        assert moment.steps == ()
    assert str(expectation(A)) == "A"


def test_odd_moments_vanish() -> None:
    assert expectation(X).formula == 0 * X
    assert expectation(V * X.T * E).formula == 0 * u
    assert expectation(E.T * X * u).formula == 0


# Where a moment exists.


@pytest.mark.parametrize(
    ("expression", "assuming", "conditions"),
    [
        (V, (), (Ge(T, d + 2),)),
        (V * V, (), (Ge(T, d + 4),)),
        (Trace(V) ** 3, (), (Ge(T, d + 6),)),
        (W * A * V, (), (Ge(T, d + 2),)),
        (X * V * X.T, (), (Ge(T, d),)),
        (projection(X), TALL, (Ge(T, d),)),
        (projection(Z), WIDE, (Ge(d, T),)),
        (pseudo_inverse(Z.T * Z), WIDE, (Ge(d, T + 2),)),
        (W, (), ()),
    ],
)
def test_conditions_come_with_the_formula(expression: Any, assuming: Any, conditions: Any) -> None:
    assert expectation(expression, assuming=assuming).conditions == conditions


@pytest.mark.parametrize("rows", range(1, 9))
def test_sizes_that_are_numbers_are_held_to_the_conditions(rows: int) -> None:
    general = gaussian_design("X", rows, covariance("Sigma", 4))
    isotropic = gaussian_design("X", rows, Identity(4))
    kernel = pseudo_inverse(isotropic) * pseudo_inverse(isotropic).T
    if 2 < rows < 6:
        with pytest.raises(Diverges, match="is infinite"):
            expectation(kernel)
    elif rows < 4:
        expected = Rational(rows, 4 * (4 - rows - 1))
        assert expectation(kernel).formula == expected * Identity(4)
        with pytest.raises(OutOfRegime, match="does not exist"):
            expectation((general.T * general).inverse())
        with pytest.raises(NotSupported, match="T < d"):
            expectation(pseudo_inverse(general) * general)
    else:
        assert expectation(kernel).formula == Rational(1, rows - 5) * Identity(4)
        assert expectation((general.T * general).inverse()).conditions == ()


def test_a_surplus_decides_the_regime() -> None:
    Y = gaussian_design("Y", d + surplus, SIGMA)
    moment = expectation(pseudo_inverse(Y) * pseudo_inverse(Y).T)
    assert moment.formula == SIGMA.inverse() / (surplus - 1)
    assert moment.conditions == (Ge(surplus, 2),)
    next_to = gaussian_design("Y", d + 1, SIGMA)
    with pytest.raises(Diverges):
        expectation((next_to.T * next_to).inverse())


# What is refused, by name.


@pytest.mark.parametrize(
    ("expression", "error", "words"),
    [
        ((W / T + ridge * ID).inverse(), NotSupported, "inverse of a sum"),
        ((W + W_0).inverse(), NotSupported, "inverse of a sum"),
        (pseudo_inverse(X - gaussian_design("Z", T, SIGMA)), NotSupported, "inverse of a sum"),
        (projection(X), OutOfRegime, r"assuming=\[Ge\(T, d \+ 2\)\]"),
        (pseudo_inverse(X * A), (NotSupported, OutOfRegime), "pinv"),
        (HadamardProduct(W, W), NotSupported, "HadamardProduct"),
        (1 / Trace(W), NotSupported, r"1/Trace\(X.T\*X\)"),
        (exp(Trace(W)), NotSupported, "exp"),
        (V**4, NotSupported, "4 inverses"),
        (W**8, NotSupported, "pairings"),
        (X * X, InvalidProblem, "do not conform"),
        (X.T * MatrixSymbol("w", d, 1), InvalidProblem, "do not conform"),
        (W + MatrixSymbol("F", T, T), InvalidProblem, "do not conform"),
        (Trace(X * A), InvalidProblem, "do not conform"),
        (3, InvalidProblem, "SymPy expression"),
        (0.5 * W, InexactConstant, "float"),
        (gaussian_design("Y", T, A), NotSupported, "covariance A"),
    ],
)
def test_what_has_no_exact_law_is_refused(expression: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words) as refusal:
        expectation(expression)
    assert "\n" not in str(refusal.value)


def test_a_projection_of_a_general_design_is_refused() -> None:
    with pytest.raises(NotSupported, match="deterministic equivalent"):
        expectation(projection(X), assuming=WIDE)


def test_an_assumption_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidProblem, match="assuming"):
        expectation(W, assuming=[T])


# Laws that every expectation keeps.

WORDS = st.lists(st.sampled_from([W, W_0, A, A.T, B, SIGMA]), min_size=1, max_size=4).map(
    lambda factors: reduce(lambda one, other: one * other, factors)
)
INVERSE_WORDS = st.lists(st.sampled_from([W, V, A, A.T, SIGMA]), min_size=1, max_size=3).map(
    lambda factors: reduce(lambda one, other: one * other, factors)
)
LARGE = {**SIZES, T: 11, T_0: 9}


def exactly(formula: Any) -> Any:
    """The value with fractions for entries; Σ is diagonal, so its inverse is one too."""
    return value(formula, {name: m.astype(float) for name, m in MATRICES.items()}, LARGE).astype(
        float
    )


@settings(max_examples=25, deadline=None)
@given(one=WORDS, other=INVERSE_WORDS, factor=st.integers(-3, 3))
def test_expectation_is_linear(one: Any, other: Any, factor: int) -> None:
    together = expectation(one + factor * other).formula
    apart = expectation(one).formula + factor * expectation(other).formula
    assert np.allclose(exactly(together), exactly(apart), rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(word=INVERSE_WORDS)
def test_expectation_of_a_transpose_is_the_transpose(word: Any) -> None:
    moment = exactly(expectation(word).formula)
    assert np.allclose(exactly(expectation(word.T).formula), moment.T, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(word=INVERSE_WORDS)
def test_a_scale_can_be_taken_out_of_sigma(word: Any) -> None:
    scaled = gaussian_design("X", T, 4 * SIGMA)
    by_law = word.xreplace({X: scaled})
    by_hand = word.xreplace({X: 2 * X})
    assert np.allclose(
        exactly(expectation(by_law.doit()).formula),
        exactly(expectation(by_hand.doit()).formula),
        rtol=1e-9,
    )


@settings(max_examples=10, deadline=None)
@given(word=INVERSE_WORDS)
def test_an_inverse_cancels_inside_any_word(word: Any) -> None:
    padded = expectation(W * Inverse(W) * word).formula
    assert np.allclose(exactly(padded), exactly(expectation(word).formula), rtol=1e-9)


# Where sizes are as small as can be, indices have one value and words fall apart.


def test_at_size_one_inverses_still_cancel() -> None:
    Y = gaussian_design("Y", 9, 3 * ONE)
    square = Trace(Y.T * Y)
    inverse = Trace((Y.T * Y).inverse())
    assert expectation(inverse).formula == Rational(1, 21)
    assert expectation(square * inverse).formula == 1
    assert expectation(square**2 * inverse).formula == 27
    single = gaussian_design("Y", 1, ONE)
    assert expectation(projection(single)).formula == 1


def test_a_line_projects_alike_from_either_side() -> None:
    C = MatrixSymbol("C", 3, 3)
    column = gaussian_design("Y", 3, ONE)
    row = gaussian_design("Y", 1, Identity(3))
    of_column, of_row = column * pseudo_inverse(column), projection(row)
    moment = expectation(of_column * C * of_column).formula
    assert moment == expectation(of_row * C * of_row).formula
    values = {"C": np.arange(9.0).reshape(3, 3)}
    expected = (values["C"] + values["C"].T + 12 * np.eye(3)) / 15
    assert np.allclose(value(moment, values, {}).astype(float), expected)


def test_more_pairs_than_rows_depend_on_each_other_and_are_right() -> None:
    Y = gaussian_design("Y", 1, Identity(2))
    P, F, G = projection(Y), MatrixSymbol("F", 2, 2), MatrixSymbol("G", 2, 2)
    rng = np.random.default_rng(3)
    matrices = {"F": rng.uniform(0, 2, (2, 2)), "G": rng.uniform(0, 2, (2, 2))}
    formula = value(expectation(P * F * P * G * P).formula, matrices, {}).astype(float)
    # A line in the plane has a uniform angle; its trigonometric polynomials are summed exactly.
    angles = np.arange(16) * np.pi / 16
    lines = np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, :, None]
    projections = lines @ np.swapaxes(lines, -1, -2)
    mean = (projections @ matrices["F"] @ projections @ matrices["G"] @ projections).mean(axis=0)
    # Rounding of sums of 16 numbers of order 1, below 1e-14; a wrong coefficient is off by a part in 15.
    assert np.allclose(formula, mean, rtol=1e-12)
    assert not np.allclose(formula * 16 / 15, mean, rtol=1e-12)
