"""Pencils and the derivations that go through them print with their matrices, unknowns and equations."""

from typing import Any

import pytest
from sympy import Identity, Inverse, Trace

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.equivalents.pencils import Pencil
from symcollapse.language import symbols as sym
from symcollapse.language.problems import SIGMA
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.spectra import covariance
from symcollapse.reasoning import check, derivation_of_equivalent
from symcollapse.typesetting import derivation_record, latex, markdown, text

d, T = sym.dimension, sym.samples
X: Any = gaussian_design("X", T, SIGMA)
Y: Any = gaussian_design("Y", T, covariance("Omega", d))
RIDGE: Any = sym.ridge * Identity(d)
RESOLVENT: Any = Inverse(X.T * X / T + RIDGE)
OTHER: Any = Inverse(X.T * X / T + sym.generation_ridge * Identity(d))
POOLED: Any = Inverse(X.T * X / T + Y.T * Y / T + RIDGE)


def pencil_of(expression: Any) -> Pencil:
    return deterministic_equivalent(expression).functionals[0].pencil


def test_a_pencil_prints_as_a_block_matrix() -> None:
    pencil = pencil_of(Trace(SIGMA * RESOLVENT))
    assert latex(pencil).startswith(
        r"L = \begin{pmatrix} \lambda & \frac{X^{\top}}{T} \\ - X & 1 \end{pmatrix}"
    )
    assert text(pencil).splitlines() == [
        "L = [  λ  X'/T ]  d",
        "    [ -X  1    ]  T",
        "l = [Σ, 0], r = [1, 0]'",
    ]


def test_rows_and_braces_are_balanced() -> None:
    printed = latex(pencil_of(Trace(SIGMA * RESOLVENT * SIGMA * OTHER)))
    assert printed.count("{") == printed.count("}")
    rows = printed.split(r"\end{pmatrix}")[0].split(r"\\")
    assert [row.count("&") for row in rows] == [3] * 4


def test_unknowns_stand_with_block_equation_and_value() -> None:
    derivation = derivation_of_equivalent(deterministic_equivalent(Trace(RESOLVENT)), "Trace")
    lines = text(check(derivation)).splitlines()
    (trace,) = (line for line in lines if line.startswith("  τ_00_X = "))
    assert trace.startswith("  τ_00_X = tr(Σ M_1[0,0]) = tr(Σ/(Σ·ρ_11_X/T + λ)) = ")
    assert "  κ = the root κ ≥ 0 of κ − λ = κ·df₁(κ)/T" in lines
    assert r"\operatorname{tr} \Sigma \left(M_{1}\right)_{0,0}" in latex(derivation)
    assert r"L_{1} = \begin{pmatrix}" in markdown(derivation)


def test_ridges_without_a_short_name_come_with_their_equation() -> None:
    derivation = derivation_of_equivalent(deterministic_equivalent(Trace(RESOLVENT * OTHER)))
    assert "0 = -λ₀ + kappa(λ₀, T) - df₁(kappa(λ₀, T))·kappa(λ₀, T)/T" in text(derivation)


def test_coupled_ridges_come_with_their_equations() -> None:
    derivation = derivation_of_equivalent(deterministic_equivalent(Trace(POOLED)))
    equations = [
        entry["meaning"]
        for entry in derivation_record(derivation)["definitions"]
        if entry["name"] == "0"
    ]
    assert len(equations) == 2
    assert all("κ₁" in equation or "κ₂" in equation for equation in equations)


@pytest.mark.parametrize("write", [text, latex, markdown])
def test_a_vanishing_ridge_prints_by_its_letter(write: Any) -> None:
    inverse = deterministic_equivalent(Trace(SIGMA * Inverse(X.T * X)))
    printed = write(derivation_of_equivalent(inverse))
    assert "_mu" not in printed
    assert "μ" in printed or r"\mu" in printed
