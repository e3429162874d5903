"""Letters of section 5 of the paper, and the ranges in which its rates are tried."""

from collections.abc import Mapping
from fractions import Fraction

from sympy import Basic, Expr, Integer, Min, Piecewise, Rational, Symbol, log, oo
from sympy.core.relational import Eq

from symcollapse.language.domains import Range
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    generation_noise,
    generation_samples,
    generation_samples_exponent,
    generations_exponent,
    noise_exponent,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import Towards

SATURATED = Min(source, 1)
"""r̲."""
CRITICAL = capacity / (2 * capacity * SATURATED + 1)
"""ℓ_crit."""
CLASSICAL = 2 * capacity * SATURATED / (2 * capacity * SATURATED + 1)
"""c."""
LEVEL = ridge_exponent / capacity
"""ℓ/β."""
FEWER = Min(generation_samples_exponent, 1)
"""min(b, 1)."""
ASPECT = dimension / generation_samples
"""φ₀."""
LOGARITHM = Piecewise((log(samples), Eq(source, 1)), (1, True))
"""ln T at r = 1."""

RANGES = {
    capacity: Range(Fraction(13, 12), 3, grain=12),
    source: Range(Rational(1, 6), Rational(5, 2), grain=12),
}
RIDGES = {ridge_exponent: Range(0, Rational(7, 2), grain=12)}
SIZES = {
    generations_exponent: Range(0, 1, grain=12),
    generation_samples_exponent: Range(Rational(1, 12), 2, grain=12),
}
DIMENSIONS = {dimension_exponent: Range(Rational(1, 12), 2, grain=12)}
NOISES = {noise_exponent: Range(0, 2, grain=12)}

FIXED_ASPECT = (
    (generation_noise, samples ** (generations_exponent / 2)),
    (dimension, 2 * samples**generation_samples_exponent),
    (generation_samples, 4 * samples**generation_samples_exponent),
)
"""nσ₀² ~ T^a, d = 2T^b, T₀ = 4T^b: d is not T, where the error has a peak as ℓ exceeds β."""
HARD = {capacity: Integer(2), source: Rational(1, 2)}
"""β = 2 and r = 1/2, so that c = 2/3 and ℓ_crit = 2/3: where counterexamples lie."""
AT_RIDGE = Towards(samples, oo, ((ridge, samples**-ridge_exponent), *FIXED_ASPECT))
"""σ and φ₀ fixed, λ = T^-ℓ."""
AT_CRITICAL_RIDGE = Towards(samples, oo, ((ridge, samples**-CRITICAL), *FIXED_ASPECT))
"""σ and φ₀ fixed, λ = T^-ℓ_crit."""


def on_course(formula: Expr, towards: Towards, letters: Mapping[Symbol, Expr]) -> Expr:
    """A formula with what moves along with T, at numbers for the exponents: it holds T and what stands still."""
    numbers: dict[Basic, Basic] = dict(letters.items())
    moved: dict[Basic, Basic] = {
        symbol: value.xreplace(numbers) for symbol, value in towards.following
    }
    return formula.xreplace(moved).xreplace(numbers)
