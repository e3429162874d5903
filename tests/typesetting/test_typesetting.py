"""Formulas and derivations print as in the papers."""

import json

import pytest
from sympy import Eq, exp, true

from symcollapse.language import symbols as sym
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.reasoning import check
from symcollapse.theory import test_error
from symcollapse.typesetting import (
    derivation_json,
    latex,
    latex_of,
    markdown,
    text,
    text_of,
    typeset,
)

KAPPA = EffectiveRidge(sym.ridge, sym.samples, SIGMA)
KAPPA0 = EffectiveRidge(0, sym.generation_samples, SIGMA)
s = sym.eigenvalue


@pytest.mark.parametrize(
    ("formula", "tex", "plain"),
    [
        (DegreesOfFreedom(2, KAPPA, SIGMA), r"\mathrm{df}_{2}\left(\kappa\right)", "df₂(κ)"),
        (DegreesOfFreedom(1, KAPPA0, SIGMA), r"\mathrm{df}_{1}\left(\kappa_{0}\right)", "df₁(κ₀)"),
        (
            spectral_trace(s**2 / (s + KAPPA), SIGMA),
            r"\operatorname{tr}\left(\Sigma^{2} \left(\Sigma + \kappa I\right)^{-1}\right)",
            "tr(Σ²/(Σ + κ))",
        ),
        (
            quadratic_form(s / (s + KAPPA) ** 2, SIGMA, W0),
            r"w_{0}^{\top} \Sigma \left(\Sigma + \kappa I\right)^{-2} w_{0}",
            "<w₀|Σ/(Σ + κ)²|w₀>",
        ),
        (
            ResidualDegreesOfFreedom(sym.samples, sym.ridge, sym.ridge, SIGMA),
            r"\left(T - \mathrm{df}_{2}\left(\kappa\right)\right)",
            "(T - df₂(κ))",
        ),
        (
            spectral_trace((s / (s + KAPPA)) ** sym.order, SIGMA),
            r"\operatorname{tr}\left(\left(\Sigma \left(\Sigma + \kappa I\right)^{-1}\right)^{m}\right)",
            "tr((Σ/(Σ + κ))^m)",
        ),
        (spectral_trace(exp(s), SIGMA), r"\operatorname{tr}\left(e^{\Sigma}\right)", "tr(exp(Σ))"),
        (sym.noise**10, r"\sigma^{10}", "σ¹⁰"),
        (1 / (sym.noise * sym.ridge), r"\frac{1}{\lambda \sigma}", "1/(λ·σ)"),
    ],
)
def test_symbols_print_as_in_the_papers(formula: object, tex: str, plain: str) -> None:
    assert latex_of(formula) == tex  # type: ignore[arg-type]
    assert text_of(formula) == plain  # type: ignore[arg-type]


def test_integer_powers_before_a_division_are_superscripts() -> None:
    assert text_of(sym.noise**3 / (sym.ridge + 1) ** 2) == "σ³/(λ + 1)²"


def test_a_ridge_that_is_not_the_usual_one_keeps_its_arguments() -> None:
    odd = EffectiveRidge(sym.generation_ridge, sym.samples, SIGMA)
    assert text_of(odd + KAPPA) == "κ + kappa(λ₀, T)"


def test_definitions_come_in_an_order_that_can_be_read() -> None:
    error = test_error(Problem.from_file("figure-2b"))
    names = [name for name, _ in typeset(error.total, latex=False).definitions]
    assert names[:2] == ["κ₀", "κ"]
    assert names[2:] == sorted(names[2:], reverse=True)
    meanings = dict(typeset(error.total, latex=False).definitions)
    seen: set[str] = set()
    for name in names[2:]:
        assert not any(other in meanings[name] for other in set(names[2:]) - seen - {name})
        seen.add(name)


def test_every_format_of_a_derivation() -> None:
    checked = check(test_error(Problem.from_file("figure-1a")).derivation)
    assert latex(checked).count(r"\simeq") == 2
    assert markdown(checked).startswith("## Test error")
    assert "≃" in text(checked)
    record = json.loads(derivation_json(checked.derivation, checked.verdicts))
    assert record["relation"] == "≃"
    assert [step["kind"] for step in record["steps"]] == ["Equivalents", "Equivalents", "Algebra"]
    assert record["definitions"][0]["name"] == "κ"


def test_a_condition_is_typeset_as_a_formula_is() -> None:
    low, high = sym.ridge <= 2, Eq(sym.noise, 0)
    assert text(low) == "λ ≤ 2"
    assert text(low | (high & (sym.samples > sym.dimension))) == "(T > d and σ = 0) or λ ≤ 2"
    assert text(true) == "true"
    assert latex(low) == r"\lambda \leq 2"
    assert markdown(high) == r"$$ \sigma = 0 $$"
    # The sides may swap, the sign must not: a different condition has a different text.
    assert text(sym.ridge < 2) != text(low) != text(sym.ridge >= 2)


def test_what_cannot_be_typeset_is_refused() -> None:
    for function in (latex, text, markdown):
        with pytest.raises(TypeError, match="give a formula"):
            function(3.5)


def test_coupled_ridges_are_defined_by_their_equations() -> None:
    degrees = DegreesOfFreedom(1, sym.effective, SIGMA)
    system = CoupledSystem(
        [sym.effective],
        [sym.effective * (1 - degrees / sym.samples) - sym.ridge],
        [sym.samples - degrees],
    )
    (kappa,) = system.ridges()
    text = typeset(2 * kappa, latex=False)
    assert text.formula == "2·κ"
    assert text.definitions == (("κ", "κ·(1 - df₁(κ)/T) - λ = 0, κ > 0, T - df₁(κ) > 0"),)
    ((name, meaning),) = typeset(2 * kappa, latex=True).definitions
    assert name == r"\kappa"
    assert meaning.count(r",\;") == 2
