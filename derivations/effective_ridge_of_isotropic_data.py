"""The effective ridge of isotropic data is the positive root of a quadratic."""

from sympy import sqrt

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension, effective, ridge, samples
from symcollapse.reasoning import Algebra, Derivation, Solve, Step, Unfold

_EQUATION = EffectiveRidge(ridge, samples, IsotropicSpectrum(dimension)).equation(effective)
_EXCESS = dimension / samples - 1

DERIVATION = Derivation(
    title="Effective ridge of isotropic data",
    claim=cite("dohmatob2024", "eqs. (9)-(11)"),
    subject="0",
    start=_EQUATION,
    steps=(
        Step(
            effective - ridge - effective * dimension / (samples * (1 + effective)),
            Unfold(),
        ),
        Step(
            (effective**2 - (ridge + _EXCESS) * effective - ridge) / (1 + effective),
            Algebra("over the common denominator"),
        ),
        Step(
            (ridge + _EXCESS + sqrt((ridge + _EXCESS) ** 2 + 4 * ridge)) / 2,
            Solve(effective),
        ),
    ),
    notes="The product of the roots is −λ, so exactly one of them is positive.",
)
