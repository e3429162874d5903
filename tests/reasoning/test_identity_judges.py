"""Identities of matrices pass in every order of the sizes, and slips that hold in some orders only do not."""

from random import Random
from typing import Any

import pytest
from flint import fmpq, fmpq_mat
from sympy import Eq, Ge, Gt, Identity, Lt, MatrixSymbol, Trace

from symcollapse.language import symbols as sym
from symcollapse.language.domains import Domain, EmptyDomain, Range
from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design, label_noise, pseudo_inverse
from symcollapse.reasoning import MatrixIdentity, Proved, Refuted, Supported, Undecided, judge
from symcollapse.reasoning.exact_draws import ExactDraw
from symcollapse.reasoning.size_draws import size_draws

d, T, T0 = sym.dimension, sym.samples, sym.generation_samples
T1 = sym.generator_symbols(1)[0]
EYE: Any = Identity(d)
X: Any = gaussian_design("X", T, SIGMA)
X0: Any = gaussian_design("X_0", T0, SIGMA)
X1: Any = gaussian_design("X_1", T1, SIGMA)
E: Any = label_noise("E", T, sym.noise)
W: Any = MatrixSymbol("w_0", d, 1)
P0, P1 = (pseudo_inverse(design) * design for design in (X0, X1))
R: Any = (X.T * X / T + sym.ridge * EYE).inverse()
KERNEL = X.T * X / T
FEW = Domain(conditions=(Lt(T0, d),))
ENOUGH = Domain(conditions=(Ge(T0, d),))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(P0 * P0, P0, id="idempotent"),
        pytest.param(P0.T, P0, id="symmetric"),
        pytest.param(P0 * pseudo_inverse(X0), pseudo_inverse(X0), id="projects its own"),
        pytest.param(P1 * pseudo_inverse(X0 * P1), pseudo_inverse(X0 * P1), id="deficient rank"),
        pytest.param(KERNEL * R, R * KERNEL, id="commute"),
        pytest.param(
            X.T * (X * X.T + T * sym.ridge * Identity(T)).inverse() * T, R * X.T, id="push-through"
        ),
        pytest.param(Trace(X * X.T), Trace(X.T * X), id="cyclic"),
    ],
)
def test_identities_pass(left: Any, right: Any) -> None:
    assert isinstance(judge(MatrixIdentity(), left, right, Domain()), Supported)


@pytest.mark.parametrize(
    ("left", "right", "scope"),
    [
        # For T₀ >= d both are the identity: only a draw with T₀ < d sees it.
        pytest.param(P0, EYE, Domain(), id="P = I"),
        pytest.param(X0 * pseudo_inverse(X0), Identity(T0), Domain(), id="XX† = I"),
        pytest.param(P0, EYE, FEW, id="P = I, T₀ < d"),
        pytest.param((P1 * P0).T * P1 * P0, P1 * P0, Domain(), id="QᵀQ = Q"),
        pytest.param(pseudo_inverse(X0), X0.T, Domain(), id="transpose for pseudo-inverse"),
        pytest.param(R * SIGMA, SIGMA * R, Domain(), id="Σ and R do not commute"),
        pytest.param(X * X.T, X.T * X, Domain(), id="other spaces"),
        pytest.param(X.T * X, T * d, Domain(), id="a number for a matrix"),
        pytest.param((X0.T * X0).inverse(), pseudo_inverse(X0.T * X0), FEW, id="no inverse"),
    ],
)
def test_slips_are_refused(left: Any, right: Any, scope: Domain) -> None:
    assert isinstance(judge(MatrixIdentity(), left, right, scope), Refuted)


def test_a_scope_may_make_it_true() -> None:
    assert isinstance(judge(MatrixIdentity(), P0, EYE, ENOUGH), Supported)
    square = Domain(conditions=(Eq(T0, d),))
    assert isinstance(
        judge(MatrixIdentity(), X0 * pseudo_inverse(X0), Identity(T0), square), Supported
    )


def test_the_same_expression_is_proved() -> None:
    assert isinstance(judge(MatrixIdentity(), P0, P0, Domain()), Proved)


def test_letters_obey_the_scope() -> None:
    """λI = 0 holds where λ = 0, and only there."""
    shrunk, plain = (X.T * X + ridge * EYE for ridge in (sym.ridge, 0))
    none = Domain({sym.ridge: Range(0, 0)})
    assert isinstance(judge(MatrixIdentity(), shrunk, plain, none), Supported)
    some = Domain(conditions=(Gt(sym.ridge, 2),))
    assert isinstance(judge(MatrixIdentity(), shrunk, plain, some), Refuted)


def test_noise_is_averaged_or_drawn() -> None:
    squared, mean = Trace(E.T * E), sym.noise**2 * T
    assert isinstance(judge(MatrixIdentity(averaged=True), squared, mean, Domain()), Supported)
    assert isinstance(judge(MatrixIdentity(averaged=True), squared, 2 * mean, Domain()), Refuted)
    assert isinstance(judge(MatrixIdentity(), squared, mean, Domain()), Refuted)
    assert isinstance(
        judge(MatrixIdentity(averaged=True), E * E.T, E * E.T * 2, Domain()), Undecided
    )


def test_every_order_of_the_sizes_is_drawn() -> None:
    drawn = size_draws((X0 * X1.T,), Domain())
    signs = {
        tuple((sizes[size] > sizes[d]) - (sizes[size] < sizes[d]) for size in (T0, T1))
        for sizes in drawn.chosen
    }
    assert len(signs) == drawn.orders == drawn.possible == 9


def test_sizes_obey_the_scope() -> None:
    drawn = size_draws((X0 * X1.T,), Domain(conditions=(Ge(T0, d + 2), Lt(T1, d))))
    assert all(sizes[T0] >= sizes[d] + 2 and sizes[T1] < sizes[d] for sizes in drawn.chosen)
    with pytest.raises(EmptyDomain, match="no small sizes"):
        size_draws((X0,), Domain(conditions=(Gt(T0, d), Lt(T0, d))))


@pytest.mark.parametrize("shape", [(2, 4), (4, 2), (3, 3)])
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_the_pseudo_inverse_obeys_its_four_laws(shape: tuple[int, int], rank: int) -> None:
    rows, columns = shape
    random = Random(7)
    left, right = (
        fmpq_mat(a, b, [random.randint(-5, 5) for _ in range(a * b)])
        for a, b in ((rows, max(rank, 1)), (max(rank, 1), columns))
    )
    value = left * right if rank else fmpq_mat(rows, columns)
    matrix = MatrixSymbol("A", rows, columns)
    draw = ExactDraw(Random(1), sizes={})
    draw._matrices[matrix] = value
    inverse = draw.matrix(pseudo_inverse(matrix))
    assert value * inverse * value == value
    assert inverse * value * inverse == inverse
    assert (value * inverse).transpose() == value * inverse
    assert (inverse * value).transpose() == inverse * value


def test_means_over_noise_are_those_of_isserlis() -> None:
    """Degrees 2 and 4, where the second comes from a law of five values, and the first from the axes."""
    short: Any = label_noise("E", 3, 2)
    draw = ExactDraw(Random(1), sizes={})
    assert draw.averaged(Trace(short.T * short)) == fmpq(12)
    assert draw.averaged(Trace(short.T * short) ** 2) == fmpq(16 * 15)
    assert draw.averaged(Trace(short.T * short) + 5) == fmpq(17)
