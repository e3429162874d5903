"""Moments of one design: short forms equal the residues, residues equal matrices, and what is wrong is refused."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, Symbol, simplify
from sympy import series as sympy_series

from symcollapse.equivalents import (
    Design,
    RationalFunction,
    complement,
    fluctuation,
    fluctuation_of,
    mean,
    mean_of,
    noise_kernel,
)
from symcollapse.equivalents.resolvents import residues_of
from symcollapse.equivalents.series import multiply, power, reciprocal
from symcollapse.evaluation import evaluate
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import dimension, effective, noise, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import generation_ridge as ridge_0
from symcollapse.language.unfolding import unfold

KAPPA = EffectiveRidge(ridge, samples, SIGMA)
RESIDUAL = ResidualDegreesOfFreedom(samples, ridge, ridge, SIGMA)

VALUES = [Integer(4), Integer(1), Rational(1, 4)]
COUNTS = [100, 160, 140]
SPECTRUM = LevelsSpectrum(VALUES, COUNTS)
Doubles = NDArray[np.float64]


def at_level(function: Expr, level: Expr) -> float:
    """A function of s on one level, in numbers."""
    flat = unfold(function, Abbreviation).xreplace({SIGMA: SPECTRUM}).xreplace({s: level})
    return float(evaluate(flat, digits=17))


def exactly(function: Expr, level: Expr, digits: int = 30) -> Fraction:
    flat = unfold(function, Abbreviation).xreplace({s: level})
    return Fraction(evaluate(flat, digits=digits).text)


# Short forms against residues.


def vanishes(expression: Expr) -> bool:
    """Zero, as a rational function of s, κ and traces; a difference that may use x = κ − κ df₁(κ)/T."""
    written = unfold(expression, Abbreviation)
    written = written.xreplace({RESIDUAL: samples - DegreesOfFreedom(2, KAPPA, SIGMA)})
    return bool(simplify(written) == 0)


def test_one_ridge_by_residues_is_the_short_form() -> None:
    single = Design(0, samples, (ridge,), SIGMA)
    one = RationalFunction(1, {ridge: 1}, samples, SIGMA)
    assert vanishes(mean_of(one) - mean(single))
    assert vanishes(residues_of(one) - complement(single))
    assert vanishes(mean(single) + complement(single) - 1)
    for middle in (s, Integer(1), s / (s + effective), s**2 + effective * s):
        assert vanishes(fluctuation_of(one, middle) - fluctuation(single, middle))
    # The twins: a form that lacks its square, and a wrong trace.
    assert not vanishes(fluctuation_of(one, s) - fluctuation(single, Integer(1)))
    assert not vanishes(mean_of(one) - complement(single))


def test_the_noise_kernel_is_a_double_pole() -> None:
    single = noise_kernel(Design(0, samples, (ridge,), SIGMA), 0)
    double = mean_of(RationalFunction(1, {ridge: 2}, samples, SIGMA)) / samples
    assert vanishes(double - single)
    assert not vanishes(double - single * 2)


def test_least_squares_beside_a_ridge_changes_nothing() -> None:
    alone = Design(0, samples, (ridge,), SIGMA)
    for ridges in ((0, ridge), (ridge, 0), (0, ridge, 0, 0)):
        beside = Design(0, samples, ridges, SIGMA)
        assert mean(beside) == mean(alone)
        assert fluctuation(beside, s) == fluctuation(alone, s)
        own = ridges.index(ridge)
        assert noise_kernel(beside, own) == noise_kernel(alone, 0)


# Repeated poles.


@pytest.mark.parametrize("size", [60, 400, 900])
@pytest.mark.parametrize("order", [2, 3])
def test_a_repeated_pole_is_the_limit_of_distinct_ones(size: int, order: int) -> None:
    lam = Rational(1, 5)
    together = Design(0, size, (lam,) * order, SPECTRUM)

    def error(gap: Expr) -> list[Fraction]:
        # Symmetric about the repeated ridge, so that the distance falls with the square of the gap.
        apart = tuple(lam + gap * (2 * k - order + 1) for k in range(order))
        near = Design(0, size, apart, SPECTRUM)
        return [
            exactly(there, Integer(1), 40) / exactly(here, Integer(1), 40) - 1
            for there, here in (
                (mean(near), mean(together)),
                (complement(near), complement(together)),
                (fluctuation(near, s), fluctuation(together, s)),
                (noise_kernel(near, order - 1), noise_kernel(together, order - 1)),
            )
        ]

    coarse, fine = error(Rational(1, 10**5)), error(Rational(1, 10**6))
    for first, second in list(zip(coarse, fine, strict=True))[:3]:
        assert abs(first) < Fraction(1, 10**6)
        assert abs(first / second - 100) < 1
    # The kernel of one noise is not symmetric in the ridges: there the distance falls with the gap.
    assert 0 < abs(fine[3]) < Fraction(1, 10**3)
    assert abs(coarse[3] / fine[3] - 10) < 1


@given(st.permutations([Rational(1, 5), Rational(1, 5), Rational(2), Rational(1, 50)]))
@settings(max_examples=8)
def test_the_order_of_ridges_does_not_matter_to_the_map(ridges: list[Expr]) -> None:
    base = Design(0, 300, (Rational(1, 5), Rational(1, 5), Rational(2), Rational(1, 50)), SPECTRUM)
    moved = Design(0, 300, tuple(ridges), SPECTRUM)
    for moment in (mean, complement, lambda design: fluctuation(design, s)):
        assert exactly(moment(moved), Integer(4)) == exactly(moment(base), Integer(4))


def test_mean_and_complement_add_up_to_one() -> None:
    for ridges in ((Rational(1, 5),) * 3, (Rational(1, 5), Rational(2), Rational(2))):
        design = Design(0, 300, ridges, SPECTRUM)
        for level in VALUES:
            total = exactly(mean(design), level) + exactly(complement(design), level)
            assert abs(total - 1) < Fraction(1, 10**28)


# Matrices.


def eigensystems(size: int, seeds: int = 4) -> list[tuple[Doubles, Doubles]]:
    levels = np.repeat([float(value) for value in VALUES], COUNTS)
    found = []
    for seed in range(seeds):
        generator = np.random.default_rng(seed)
        X = generator.standard_normal((size, levels.size)) * np.sqrt(levels)
        values, vectors = np.linalg.eigh(X.T @ X / size)
        values[: max(0, levels.size - size)] = 0.0
        found.append((values, vectors))
    return found


def measured(
    size: int, f: Callable[[Doubles], Doubles], B: Doubles | None = None
) -> list[tuple[float, float]]:
    """Mean over seeds of the average of f(Σ̂), or of f(Σ̂)Bf(Σ̂), over each level, with its standard error."""
    edges = [0, *np.cumsum(COUNTS).tolist()]
    rows = []
    for values, vectors in eigensystems(size):
        F = (vectors * f(values)) @ vectors.T
        G = F if B is None else F @ (B[:, np.newaxis] * F)
        diagonal = np.diag(G)
        rows.append([float(diagonal[a:b].mean()) for a, b in pairwise(edges)])
    table = np.array(rows)
    errors = table.std(axis=0, ddof=1) / np.sqrt(len(rows))
    return list(zip(table.mean(axis=0).tolist(), errors.tolist(), strict=True))


TOLERANCE = 0.02
"""Relative: finite size, O(1/T) of the mean and O(1/d) of the spread of four draws, at d = 400."""

RIDGES: dict[str, tuple[str, ...]] = {
    "one": ("1/5",),
    "two": ("1/5", "2"),
    "equal": ("1/5", "1/5"),
    "three, two equal": ("1/5", "2", "1/5"),
    "beside minimum norm": ("0", "1/5", "1"),
}


def map_of(ridges: tuple[str, ...]) -> Callable[[Doubles], Doubles]:
    def f(x: Doubles) -> Doubles:
        result = np.ones_like(x)
        for lam in ridges:
            value = float(Fraction(lam))
            result = result * (x / (x + value) if value else (x > 1e-9).astype(float))
        return result

    return f


def all_close(measurements: list[tuple[float, float]], formula: Expr) -> bool:
    return all(
        abs(mean_value - at_level(formula, level)) <= TOLERANCE * abs(at_level(formula, level))
        for (mean_value, _), level in zip(measurements, VALUES, strict=True)
    )


@pytest.mark.parametrize("size", [250, 700])
@pytest.mark.parametrize("name", list(RIDGES))
def test_moments_are_those_of_matrices(size: int, name: str) -> None:
    ridges = RIDGES[name]
    design = Design(0, size, ridges, SPECTRUM)
    f = map_of(ridges)
    middle = np.repeat([float(value) for value in VALUES], COUNTS)
    first = measured(size, f)
    second = measured(size, f, middle)
    kept, added = mean(design), fluctuation(design, s)
    assert all_close(first, kept)
    assert all_close(second, kept**2 * s + added)
    lost = measured(size, lambda x: 1 - f(x))
    assert all_close(lost, complement(design))
    # The twins, by the same tolerance: no fluctuation, or that of another matrix.
    assert not all_close(second, kept**2 * s)
    assert not all_close(second, kept**2 * s + fluctuation(design, Integer(1)))
    wrong = Design(0, size + 80, ridges, SPECTRUM)
    assert not all_close(second, mean(wrong) ** 2 * s + fluctuation(wrong, s))


@pytest.mark.parametrize("size", [250, 700])
@pytest.mark.parametrize(
    ("ridges", "own"),
    [
        (("1/5",), 0),
        (("1/5", "2"), 0),
        (("1/5", "2"), 1),
        (("1/5", "1/5"), 0),
        (("0", "1/5"), 0),
        (("0", "1/5", "1"), 0),
        (("0", "1/5", "1/5"), 0),
        (("2", "0", "1/5"), 1),
        (("2", "1/5", "0"), 1),
        (("1/5", "0"), 1),
    ],
)
def test_noise_kernels_are_those_of_matrices(size: int, ridges: tuple[str, ...], own: int) -> None:
    determined = size >= sum(COUNTS)
    design = Design(0, size, ridges, SPECTRUM, determined)
    value = float(Fraction(ridges[own]))
    later = map_of(ridges[own + 1 :])

    def psi(x: Doubles) -> Doubles:
        safe = np.where(x > 1e-9, x, 1.0)
        root = np.where(x > 1e-9, np.sqrt(safe) / (safe + value), 0.0)
        return (later(x) * root) ** 2 / size

    kernel = measured(size, psi)
    formula = noise_kernel(design, own)
    assert all_close(kernel, formula)
    # The twins: df₁ in the place of df₂ in one ridge's kernel, the kernel of another fit, another size.
    active = {lam for lam in (ridges[own], *ridges[own + 1 :]) if lam != "0"}
    if len(active) == 1 and len([lam for lam in ridges[own:] if lam != "0"]) == 1:
        kappa = EffectiveRidge(active.pop(), size, SPECTRUM)
        swapped = Rational(1, size) * s / (s + kappa) ** 2
        swapped = swapped / (1 - DegreesOfFreedom(1, kappa, SPECTRUM) / size)
        assert not all_close(kernel, swapped)
    if len([lam for lam in ridges if lam != "0"]) > 1:
        others = [k for k in range(len(ridges)) if k != own]
        assert any(not all_close(kernel, noise_kernel(design, k)) for k in others)
    assert not all_close(
        kernel, noise_kernel(Design(0, size + 80, ridges, SPECTRUM, determined), own)
    )


# Series.

U = noise


def coefficients(series: tuple[Expr, ...]) -> Expr:
    return sum((term * U**k for k, term in enumerate(series)), Integer(0))


small_rationals = st.fractions(-3, 3, max_denominator=5).map(
    lambda value: Rational(value.numerator, value.denominator)
)


@given(
    st.lists(small_rationals, min_size=4, max_size=4),
    st.lists(small_rationals, min_size=4, max_size=4),
    st.integers(-4, 4),
)
@settings(max_examples=15)
def test_series_are_those_of_sympy(left: list[Expr], right: list[Expr], exponent: int) -> None:
    if left[0] == 0:
        left = [Integer(1), *left[1:]]

    def truncated(function: Expr) -> tuple[Expr, ...]:
        expansion = sympy_series(function, U, 0, 4).removeO()
        return tuple(expansion.coeff(U, k) for k in range(4))

    first, second = coefficients(tuple(left)), coefficients(tuple(right))
    assert multiply(tuple(left), tuple(right)) == truncated((first * second).expand())
    assert reciprocal(tuple(left)) == truncated(1 / first)
    assert power(tuple(left), exponent) == truncated(first**exponent)


def test_series_keep_their_symbols() -> None:
    a: Symbol = effective
    inverse = reciprocal((a, ridge, ridge_0))
    product = multiply(inverse, (a, ridge, ridge_0))
    assert [simplify(term) for term in product] == [1, 0, 0]
    assert power((a,), 0) == (Integer(1),)


def test_the_ridge_as_a_series_of_the_effective_ridge_is_its_equation() -> None:
    """x(κ + u) = (κ + u) − (κ + u)·df₁(κ + u)/T, differentiated by SymPy."""
    function = RationalFunction(1, {ridge: 4}, samples, SIGMA)
    terms = function.ridge_series(ridge, 4)
    x = effective - effective * DegreesOfFreedom(1, effective, SIGMA) / samples
    numbers: dict[Any, Any] = {
        samples: Integer(300), SIGMA: SPECTRUM, ridge: Rational(1, 5), dimension: Integer(400)
    }  # fmt: skip
    factorial = 1
    for order in range(1, 4):
        factorial *= order
        slope = (x.diff(effective, order) / factorial).xreplace({effective: KAPPA})
        ours, theirs = (
            evaluate(unfold(each, Abbreviation).xreplace(numbers), digits=25).text
            for each in (terms[order], slope)
        )
        assert ours == theirs
