"""Every derivation is checked step by step, and its LaTeX and verdicts are kept as readable files."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from sympy import Add, Expr, Rational, log

import derivations
from symcollapse.evaluation import evaluate
from symcollapse.language import symbols as sym
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.spectra import Covariance
from symcollapse.reasoning import (
    Algebra,
    Derivation,
    Justification,
    Optimise,
    Proved,
    Refuted,
    Relation,
    Step,
    Undecided,
    check,
    judge,
)
from symcollapse.typesetting import derivation_latex

GOLDEN = Path(__file__).parent / "golden"
NOT_DERIVATIONS = {
    "settings",
    "chains_of_projections",
    "fitted_matrices",
    "isotropic_projections",
    "power_laws",
    "printed_claims",
    "least_squares_pipelines",
    "pooled_matrices",
    "mixing_with_a_ridge",
}
NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules(derivations.__path__)
    if module.name not in NOT_DERIVATIONS and not module.ispkg
)

SLOW = {
    "pooled_data_of_two_covariances_couple_two_ridges",
    "smooth_truths_over_power_laws_keep_the_bound_on_the_bias",
}
"""Coupled ridges, enclosed at every point of every step, take half a minute; real powers of eigenvalues four seconds."""
SLOW_TO_REFUSE = {
    "golden_ratio_fails_for_few_samples_on_fresh_inputs",
    "mixing_on_fixed_inputs_leaves_the_bias_of_few_samples",
    "real_labels_deserve_half_the_weight_on_fresh_isotropic_inputs",
}
"""A second for each slip, in which a proof of a long formula is tried."""


def without(slow: set[str]) -> list[Any]:
    return [pytest.param(name, marks=pytest.mark.slow) if name in slow else name for name in NAMES]


def load(name: str) -> Derivation:
    derivation = importlib.import_module(f"derivations.{name}").DERIVATION
    assert isinstance(derivation, Derivation)
    return derivation


def test_there_are_derivations() -> None:
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", without(SLOW))
def test_every_step_passes(name: str) -> None:
    checked = check(load(name))
    assert checked.passed, [str(verdict) for verdict in checked.verdicts]


@pytest.mark.parametrize("name", without(SLOW))
def test_golden_latex(name: str, request: pytest.FixtureRequest) -> None:
    checked = check(load(name))
    produced = derivation_latex(checked.derivation, checked.verdicts, checked.published) + "\n"
    path = GOLDEN / f"{name}.tex"
    if request.config.getoption("--update-golden"):
        path.write_text(produced, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == produced


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.tex")) == NAMES


def corruptions(formula: Expr) -> dict[str, Expr]:
    """Plausible slips in a result."""
    slips = {
        "doubled": 2 * formula,
        "sign": -formula,
        "noise not squared": formula.xreplace(
            {sym.generation_noise: sym.generation_noise**2, sym.noise: sym.noise**2}
        ),
        "T and T_0 swapped": formula.xreplace(
            {sym.samples: sym.generation_samples, sym.generation_samples: sym.samples}
        ),
        "one sample more": formula.xreplace({sym.samples: sym.samples + 1}),
        "n - 1": formula.xreplace({sym.generations: sym.generations - 1}),
        "d + 1": formula.xreplace(
            {
                SIGMA.dimension: SIGMA.dimension + 1,
                **{matrix: matrix for matrix in formula.atoms(Covariance)},
            }
        ),
    }
    if formula.is_Add:
        slips["first term dropped"] = formula - formula.args[0]
        slips["last term dropped"] = formula - formula.args[-1]
    return {name: slip for name, slip in slips.items() if slip != formula}


def asymptotic_corruptions(formula: Expr, by: Justification) -> dict[str, Expr]:
    """Slips that change a limit: T + 1 for T does not, and a constant does not change a rate."""
    assert not isinstance(by, Optimise) or by.towards is not None
    variable = by.towards.variable  # type: ignore[union-attr]
    off: Any = formula.replace(
        lambda node: node.is_Pow and node.base.has(variable),
        lambda node: node.base ** (node.exp * Rational(21, 20)),
    )
    slips: dict[str, Any] = {"exponents 5 % off": off}
    if by.relation is Relation.ASYMPTOTIC:
        slips |= {"2 % more": formula * Rational(51, 50), "sign": -formula}
        if not isinstance(by, Optimise):
            slips |= {
                f"a logarithm too much in term {place}": Add(formula, term * (log(variable) - 1))
                for place, term in enumerate(Add.make_args(formula))
                if term.has(variable)
            }
    return {name: slip for name, slip in slips.items() if slip != formula}


@pytest.mark.parametrize("name", without(SLOW | SLOW_TO_REFUSE))
def test_a_corrupted_result_is_refused(name: str) -> None:
    derivation = load(name)
    last = derivation.steps[-1]
    lines = (derivation.start, *(step.to for step in derivation.steps))
    slips = corruptions(derivation.result)
    if last.by.relation in (Relation.ASYMPTOTIC, Relation.SAME_RATE):
        slips = asymptotic_corruptions(derivation.result, last.by)
        assert slips
    if last.by.relation is Relation.AT_MOST:
        # More than a bound is one too.
        slips = {"halved": derivation.result / 2, "sign": -derivation.result}
    for slip, wrong in slips.items():
        try:
            verdict = judge(last.by, lines[-2], wrong, derivation.domain)
        except (ValueError, ArithmeticError):
            continue  # the slip leaves the regime, which is an answer too
        assert isinstance(verdict, Refuted), (name, slip, str(verdict))


def test_the_response_is_the_derivative_that_the_node_uses() -> None:
    response = load("effective_ridge_responds_to_the_ridge").result
    node = EffectiveRidge(sym.ridge, sym.samples, SIGMA)
    assert isinstance(
        judge(
            Algebra(),
            node.diff(sym.ridge),
            1 / response.xreplace({sym.effective: node}),
            load("ridge_error_is_bias_plus_variance").domain,
        ),
        Proved,
    )


def test_the_null_predictor_wins_after_the_stated_generation() -> None:
    threshold = load("learning_becomes_impossible")
    values = {
        sym.noise: "1/10",
        sym.generation_noise: "1/5",
        sym.samples: 1000,
        sym.generation_samples: 600,
    }
    from symcollapse.language.problems import W0
    from symcollapse.language.spectra import IsotropicSpectrum
    from symcollapse.language.targets import UniformTarget

    rule = {SIGMA: IsotropicSpectrum(300), W0: UniformTarget(1), sym.dimension: 300}
    count = float(evaluate(threshold.result.xreplace(rule), values=values))
    gap = threshold.start.xreplace(rule)
    below = float(evaluate(gap, values={**values, sym.generations: int(count)}))
    above = float(evaluate(gap, values={**values, sym.generations: int(count) + 1}))
    assert below <= 0 < above


def test_a_step_that_skips_its_reason_is_refused() -> None:
    derivation = load("ridge_error_is_bias_plus_variance")
    skipped = Step(derivation.result, Algebra())
    # The definition holds unworked expectations: no algebra turns them into a formula.
    checked = check(Derivation("Skipped", derivation.start, (skipped,), derivation.domain))
    assert not checked.passed
    assert isinstance(checked.verdicts[0], Undecided)
