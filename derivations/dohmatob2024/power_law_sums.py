"""Appendices H and I.1: sums over a power law, ρ and the effective ridge."""

from fractions import Fraction

from sympy import Eq, Gt, Integer, Le, Lt, Max, Min, Piecewise, Rational, log, oo

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    dimension,
    dimension_exponent,
    effective,
    eigenvalue,
    generation_noise,
    generation_samples,
    generation_samples_exponent,
    generations,
    noise,
    nonnegative_symbol,
    power,
    ridge,
    ridge_exponent,
    samples,
    source,
)
from symcollapse.reasoning import Counterexample, Exponent, Leading, Statement, Towards

from ..power_laws import BIAS, CAPACITIES, ENDLESS, SMALL, TARGET
from ..synthetic_labels_slow_the_scaling_law import LARGE, SYNTHETIC
from .exponents import ASPECT, DIMENSIONS, HARD, LEVEL, RANGES, RIDGES, SATURATED, SIZES, on_course
from .printed import RHO, claim

_ORDER = nonnegative_symbol("m")
"""A real order, as the lemmas allow."""
_CAPACITIES = {capacity: RANGES[capacity]}
_SMALL = Exponent(SMALL)

_TRACE = SpectralTrace((eigenvalue / (eigenvalue + effective)) ** _ORDER, ENDLESS)
_TRACE_SCOPE = Domain(
    {**_CAPACITIES, _ORDER: Range(Rational(5, 12), 4, grain=12)}, (Gt(_ORDER, 1 / capacity),)
)

_WITHOUT_NOISE = Exponent(
    Towards(
        samples,
        oo,
        tuple(
            (symbol, value)
            for symbol, value in LARGE.following
            if symbol not in (noise, generation_noise)
        ),
    )
)
_RHO = SYNTHETIC / (generations * generation_noise**2)
_B = SIZES[generation_samples_exponent]
_RHO_SCOPE = Domain(
    {**_CAPACITIES, **RIDGES, generation_samples_exponent: _B, **DIMENSIONS},
    (Lt(ridge_exponent, capacity), Le(dimension_exponent, generation_samples_exponent)),
)
_SHARES = Max(samples / generation_samples, ASPECT)
_REACHED = Min(samples**LEVEL, dimension)
_RHO_PRINTED = _SHARES / (1 - ASPECT) * samples ** -(1 - LEVEL)

_EFFECTIVE = EffectiveRidge(ridge, samples, ENDLESS)
_ABOVE = Leading(Towards(samples, oo, ((ridge, samples**-ridge_exponent),)))
_ABOVE_SCOPE = Domain(
    {capacity: CAPACITIES, ridge_exponent: Range(0, 2, grain=12)}, (Lt(ridge_exponent, capacity),)
)
_AT_CROSSOVER = Leading(Towards(samples, oo, ((ridge, samples**-capacity),)))

_BIAS = QuadraticForm(BIAS, ENDLESS, TARGET)
_BIAS_NAME = r"\kappa^2w_0^\top\Sigma(\Sigma+\kappa I)^{-2}w_0"
_BIAS_SCOPE = Domain(RANGES)
_AS_MANY_FEATURES = {
    ENDLESS: PowerLawSpectrum(samples, 2),
    source: Rational(1, 2),
    effective: 1 / samples,
}
"""Finite sums for a sum that diverges: d = T, with κ = 1/T."""
_SUM_PRINTED = QuadraticForm(
    eigenvalue / (eigenvalue + eigenvalue / effective) ** 2, ENDLESS, TARGET
)
_SUM_MEANT = QuadraticForm(eigenvalue / (1 + eigenvalue / effective) ** 2, ENDLESS, TARGET)
_BIAS_RATE = effective ** (2 * SATURATED)
_LOGARITHM = Piecewise((log(1 / effective), Eq(source, 1)), (1, True))

_SUM = effective**_ORDER * SpectralTrace(
    eigenvalue**power / (eigenvalue + effective) ** _ORDER, ENDLESS
)
_FIRST = power - 1 / capacity
_SUM_SCOPE = Domain(
    {
        **_CAPACITIES,
        _ORDER: Range(0, 4, grain=12),
        power: Range(Fraction(5, 12), 5, grain=12),
    },
    (Gt(power * capacity, 1),),
)
_SUM_RATE = effective ** Min(_ORDER, _FIRST)
_SMALL_DIMENSION = {
    **HARD,
    ridge_exponent: Integer(1),
    generation_samples_exponent: Rational(1, 6),
    dimension_exponent: Rational(1, 6),
}
"""T^(ℓ/β) = T^(1/2) ≫ d = T^(1/6)."""

CLAIMS = (
    claim(
        "df-power-law",
        (Statement(_TRACE, _SMALL, effective ** (-1 / capacity), _TRACE_SCOPE, "d = ∞"),),
        names=r"df_m(\kappa)",
        controls=(
            Statement(
                _TRACE,
                _SMALL,
                effective ** (-1 / capacity),
                Domain(_TRACE_SCOPE.ranges, (Eq(_ORDER, 1 / capacity),)),
                "m = 1/β",
            ),
            Statement(_TRACE, _SMALL, effective ** (-_ORDER / capacity), _TRACE_SCOPE, "κ^(-m/β)"),
        ),
        derivations=("degrees_of_freedom_of_power_laws_expand",),
        reading="d = ∞: over finite d it holds as long as κ exceeds the smallest eigenvalue.",
    ),
    claim(
        "rho-power-law",
        (Statement(_RHO, _WITHOUT_NOISE, _RHO_PRINTED, _RHO_SCOPE, "ρ"),),
        names=RHO,
        repaired=(
            Statement(
                _RHO,
                _WITHOUT_NOISE,
                _REACHED / (1 - ASPECT) * Max(1 / generation_samples, ASPECT / samples),
                _RHO_SCOPE,
                "ρ",
            ),
        ),
        controls=(
            Statement(
                _RHO,
                _WITHOUT_NOISE,
                _REACHED / (1 - ASPECT) / generation_samples,
                _RHO_SCOPE,
                "without φ_0/T",
            ),
        ),
        derivations=(
            "synthetic_error_follows_the_larger_of_two_shares",
            "synthetic_error_has_one_rate_on_both_sides_of_the_dimension",
        ),
        counterexample=Counterexample(
            "rho-power-law.toml",
            raised=samples,
            implied=on_course(_RHO_PRINTED, _WITHOUT_NOISE.towards, _SMALL_DIMENSION),
            derived=on_course(_RHO, _WITHOUT_NOISE.towards, _SMALL_DIMENSION),
        ),
        remark="Printed and true rates agree where T^(ℓ/β) is at most d: beyond, df₂ stops at d.",
    ),
    claim(
        "kappa-is-lambda",
        (Statement(_EFFECTIVE, _ABOVE, ridge, _ABOVE_SCOPE, "ℓ < β"),),
        names=r"\kappa(\lambda, T)",
        controls=(
            Statement(_EFFECTIVE, _AT_CROSSOVER, ridge, Domain({capacity: CAPACITIES}), "ℓ = β"),
        ),
        derivations=("effective_ridge_is_the_ridge_above_the_crossover",),
    ),
    claim(
        "bias-power-law-sum",
        (Statement(_BIAS, _SMALL, _SUM_PRINTED, _BIAS_SCOPE, "the sum"),),
        names=_BIAS_NAME,
        repaired=(Statement(_BIAS, _SMALL, _SUM_MEANT, _BIAS_SCOPE, "the sum"),),
        controls=(
            Statement(
                _BIAS,
                _SMALL,
                QuadraticForm(eigenvalue / (1 + eigenvalue / effective), ENDLESS, TARGET),
                _BIAS_SCOPE,
                "without the square",
            ),
        ),
        derivations=("bias_of_power_laws_saturates",),
        counterexample=Counterexample(
            "bias-power-law-sum.toml",
            raised=samples,
            implied=_SUM_PRINTED.xreplace(_AS_MANY_FEATURES),
            derived=_BIAS.xreplace(_AS_MANY_FEATURES),
        ),
        remark="With 1 + λ/κ for the printed λ + λ/κ both sides are equal. For r ≤ 1 the printed sum diverges.",
    ),
    claim(
        "bias-power-law",
        (Statement(_BIAS, _SMALL, _BIAS_RATE, _BIAS_SCOPE, "every r > 0"),),
        names=_BIAS_NAME,
        repaired=(Statement(_BIAS, _SMALL, _BIAS_RATE * _LOGARITHM, _BIAS_SCOPE, "every r > 0"),),
        controls=(
            Statement(
                _BIAS,
                _SMALL,
                effective ** (2 * source) * _LOGARITHM,
                _BIAS_SCOPE,
                "r for min(r, 1)",
            ),
        ),
        derivations=("bias_of_power_laws_saturates", "bias_at_source_one_has_a_logarithm"),
        counterexample=Counterexample(
            "bias-power-law.toml",
            raised=samples,
            implied=samples**-2,
            derived=_BIAS.xreplace(
                {capacity: Integer(2), source: Integer(1), effective: 1 / samples}
            ),
        ),
        remark="The slip is at r = 1 only: the ratio to κ² grows like ln(1/κ)/β.",
    ),
    claim(
        "lemma-I.1",
        (
            Statement(
                _SUM,
                _SMALL,
                Piecewise((_SUM_RATE * log(1 / effective), Eq(_ORDER, _FIRST)), (_SUM_RATE, True)),
                _SUM_SCOPE,
                "D = 1/κ",
            ),
        ),
        names=r"\sum_k\lambda_k^p/(1+\lambda_k/\kappa)^m",
        controls=(
            Statement(_SUM, _SMALL, _SUM_RATE, _SUM_SCOPE, "without the logarithm"),
            Statement(
                _SUM,
                _SMALL,
                Piecewise((log(1 / effective), Eq(_ORDER, _FIRST)), (1, True))
                * effective ** Min(_ORDER, power),
                _SUM_SCOPE,
                "n for n − 1/β",
            ),
        ),
        derivations=(
            "sums_over_power_laws_follow_the_smaller_of_two_powers",
            "sums_over_power_laws_meet_in_a_logarithm",
        ),
        reading="The orders m and n = p are real, m from 0 on.",
    ),
)
