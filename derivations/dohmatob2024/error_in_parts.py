"""Theorem 4.3 term by term: the test error derived in one piece, beside a bias, a variance and ρ derived alone."""

from dataclasses import replace

from sympy import Expr, Gt, Integer, Lt

from symcollapse.language.domains import Domain
from symcollapse.language.problems import Problem
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
)
from symcollapse.reasoning import Algebra, Statement
from symcollapse.theory import test_error
from symcollapse.theory.test_errors import without_generations

from ..few_generator_samples_spare_bias_along_the_tail import FEW_SAMPLES
from ..fresh_inputs_project_the_noise_again import PRINTED as RHO
from ..fresh_inputs_project_the_noise_again import SECOND
from ..settings import ENOUGH_SAMPLES, TOO_FEW_SAMPLES
from .printed import BIAS_OF_LABELS, LABELLED_ERROR, VARIANCE

_FEW, _MANY = (
    Domain(conditions=(relation(generation_samples, dimension),)) for relation in (Lt, Gt)
)


def _in_parts(problem: Problem, rho: Expr, scope: Domain, place: str) -> Statement:
    """The test error derived in one piece, against Bias~ of a chain without noise, Var without a chain, and ρ."""
    assert problem.downstream is not None
    noiseless = replace(
        problem,
        generations=tuple(replace(each, noise=Integer(0)) for each in problem.generations),
        downstream=replace(problem.downstream, noise=Integer(0)),
    )
    formula = (
        test_error(noiseless).total
        + test_error(without_generations(problem)).variance
        + generation_noise**2 * rho
    )
    return Statement(
        test_error(problem).total,
        Algebra(),
        formula,
        scope,
        place,
        solved=True,
        name=LABELLED_ERROR,
        formula_name=rf"{BIAS_OF_LABELS} + {VARIANCE} + n\sigma_0^2\rho",
    )


_TWO_FRESH = replace(FEW_SAMPLES, generations=(replace(FEW_SAMPLES.generations[0], repeat=2),))
IN_PARTS = (
    _in_parts(ENOUGH_SAMPLES, generations * RHO, _MANY, "T₀ > d, fresh, any n"),
    _in_parts(TOO_FEW_SAMPLES, generations * RHO, _FEW, "T₀ < d, one design, any n"),
    _in_parts(_TWO_FRESH, RHO + SECOND, _FEW, "T₀ < d, fresh, n = 2"),
)
"""The three terms of Theorem 4.3, each derived by itself, in each regime of T₀ and of the designs."""
