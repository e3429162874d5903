"""The exact laws that chains are composed of are what `expectation` derives from the chain's matrix expression."""

from typing import Any

import pytest
from sympy import Expr, Ge, Identity, Le, MatrixSymbol, Trace, simplify

from symcollapse.equivalents.exact_moments import ExactMoment, expectation
from symcollapse.language.effective_ridges import GuardedSize
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.random_matrices import gaussian_design, label_noise, pseudo_inverse
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
    noise,
    samples,
    scale,
    squared_norm,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import LevelsTarget, UniformTarget
from symcollapse.theory.chains import chain_of
from symcollapse.theory.exact_laws import ExactLaw, exact_law

FEATURES = 5
TRUTH = MatrixSymbol("w_0", dimension, 1)
ISOTROPIC = scale * Identity(dimension)
TALL, WIDE = 9, 2


def law(spectrum: Spectrum, target: Any, of_generation: int, of_downstream: int) -> ExactLaw:
    problem = Problem(
        spectrum,
        target,
        (Generation(of_generation, noise=1, repeat=2),),
        Downstream(of_downstream, noise=2),
    )
    found = exact_law(problem, chain_of(problem))
    assert found is not None
    return found


def derived(covariance: Any, of_generation: int, of_downstream: int) -> ExactMoment:
    """Test error of two generations and the downstream fit, from the definition."""
    labels: Any = TRUTH
    assuming = []
    fits = [
        ("0", generation_samples, generation_noise, of_generation),
        ("1", generation_samples, generation_noise, of_generation),
        ("2", samples, noise, of_downstream),
    ]
    for name, size, deviation, rows in fits:
        X = gaussian_design(f"X_{name}", size, covariance)
        labels = pseudo_inverse(X) * (X * labels + label_noise(f"E_{name}", size, deviation))
        assuming.append(Ge(size, dimension) if rows >= FEATURES else Le(size, dimension))
    error = labels - TRUTH
    return expectation(error.T * covariance * error, assuming=assuming)


def plain(formula: Expr, energy: Expr) -> Expr:
    """With differences of sizes written out, two generations, and one name for ‖w₀‖²_Σ."""
    guards = {node: node.unfolded() for node in formula.atoms(GuardedSize)}
    forms: dict[Any, Any] = {
        energy: squared_norm,
        Trace(TRUTH.T * TRUTH): squared_norm / scale,
        generations: 2,
    }
    return formula.xreplace({**guards, **forms})


ENERGY = quadratic_form(s, SIGMA, W0)


@pytest.mark.parametrize("of_generation", [TALL, WIDE])
@pytest.mark.parametrize("of_downstream", [TALL, WIDE])
def test_the_isotropic_law_is_derived(of_generation: int, of_downstream: int) -> None:
    shortcut = law(IsotropicSpectrum(FEATURES, 3), UniformTarget(1), of_generation, of_downstream)
    moment = derived(ISOTROPIC, of_generation, of_downstream)
    assert simplify(plain(shortcut.total, ENERGY) - plain(moment.formula, ENERGY)) == 0


def test_the_law_of_least_squares_is_derived_for_any_covariance() -> None:
    spectrum = LevelsSpectrum([3, 1], [2, 3])
    shortcut = law(spectrum, LevelsTarget([1, 1]), TALL, TALL)
    moment = derived(SIGMA, TALL, TALL)
    assert simplify(plain(shortcut.total, ENERGY) - plain(moment.formula, ENERGY)) == 0
    assert {str(condition) for condition in moment.conditions} == set(shortcut.conditions)


@pytest.mark.parametrize("of_generation", [TALL, WIDE])
def test_the_parts_are_derived(of_generation: int) -> None:
    shortcut = law(IsotropicSpectrum(FEATURES, 3), UniformTarget(1), of_generation, WIDE)
    whole = plain(derived(ISOTROPIC, of_generation, WIDE).formula, ENERGY)
    silent: dict[Any, Any] = {noise: 0, generation_noise: 0}
    bias = whole.subs(silent)
    variance = whole.subs({generation_noise: 0}) - bias
    synthetic = whole.subs({noise: 0}) - bias
    for part, expected in (
        (shortcut.bias, bias),
        (shortcut.variance, variance),
        (shortcut.synthetic, synthetic),
    ):
        assert simplify(plain(part, ENERGY) - expected) == 0


def test_the_asymptotic_law_is_not_what_is_derived() -> None:
    moment = derived(SIGMA, TALL, TALL)
    asymptotic = dimension * (
        2 * generation_noise**2 / (generation_samples - dimension)
        + noise**2 / (samples - dimension)
    )
    assert simplify(asymptotic - plain(moment.formula, ENERGY)) != 0
