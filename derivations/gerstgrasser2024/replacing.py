"""Data that replace each other, and the mean of an inverse Wishart matrix that every error here rests on."""

from sympy import Ge, Identity, Trace

from symcollapse.language.domains import Domain
from symcollapse.language.random_matrices import gaussian_design
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    samples,
)
from symcollapse.reasoning import Algebra, ExactMean, Statement

from ..least_squares_pipelines import ENOUGH_SAMPLES, FIRST, UNIT, law
from .printed import ERROR, SUMMED, claim

REPLACED = law().exact
"""The error of n fits, each on the labels of the one before."""
assert REPLACED is not None
_DESIGN = gaussian_design("X", samples, Identity(dimension))
_INVERSE = Trace((_DESIGN.T * _DESIGN).inverse())
_ENOUGH_ROWS = Domain(conditions=(Ge(samples, dimension + 2),), isotropic=True)

CLAIMS = (
    claim(
        "replace-error",
        (Statement(REPLACED, Algebra(), generations * FIRST, ENOUGH_SAMPLES),),
        names=ERROR,
        controls=(
            Statement(
                REPLACED,
                Algebra(),
                generations * UNIT / (generation_samples - dimension),
                ENOUGH_SAMPLES,
                "T − d for T − d − 1",
            ),
            Statement(REPLACED, Algebra(), SUMMED, ENOUGH_SAMPLES, "as if data accumulated"),
        ),
        derivations=("least_squares_adds_a_variance_per_generation",),
        remark="It holds for every Σ, exactly at finite size.",
    ),
    claim(
        "inverse-wishart-mean",
        (Statement(_INVERSE, ExactMean(), dimension / (samples - dimension - 1), _ENOUGH_ROWS),),
        controls=(
            Statement(
                _INVERSE,
                ExactMean(),
                dimension / (samples - dimension),
                _ENOUGH_ROWS,
                "the proportional limit for the mean",
            ),
        ),
        derivations=("least_squares_adds_a_variance_per_generation",),
        step_of="accumulate-error",
    ),
)
