"""Published rates, set beside the derived ones: where they hold, and a point at which they do not."""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from sympy import Expr, Max, Min, Piecewise, Rational, oo, true

from symcollapse.language import symbols
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import Rates
from tests.scaling.power_law_chains import (
    CLEAN,
    EXPONENTS,
    FIXED_RATIO,
    RECOVERING,
    put_in,
    rates_of,
    slope_of,
)

ell, a, b = (
    symbols.ridge_exponent,
    symbols.generations_exponent,
    symbols.generation_samples_exponent,
)
q, nu = symbols.dimension_exponent, symbols.noise_exponent
beta, r = symbols.capacity, symbols.source
LOWER = Min(1, r)
CLASSICAL = beta / (2 * beta * LOWER + 1)
"""The best ℓ for clean noisy data."""
CLASSICAL_RATE = 2 * beta * LOWER / (2 * beta * LOWER + 1)
# Few choices of exponents lie in the scope of a formula; the others are drawn again.
FEW = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much],
)


def best_at(rates: Rates, **point: Any) -> tuple[Expr, Expr]:
    """Best exponent and smallest best ℓ at numbers."""
    exact = {name: Rational(value) for name, value in point.items()}
    cases = [case for case in rates.optimum if put_in(case.condition, exact) == true]
    values = {(put_in(case.exponent, exact), put_in(case.smallest, exact)) for case in cases}
    assert len(values) == 1
    return values.pop()


# Clean data: the four regimes of cui2021.


def test_clean_rates_in_infinite_dimension() -> None:
    rates = rates_of(CLEAN, Scaling(dimension=oo))
    weak, strong = rates.pieces
    assert weak.exponent == Min(2 * ell * LOWER, nu + 1 - ell / beta)
    assert weak.scope == (ell / beta <= 1)
    assert strong.exponent == Min(2 * beta * LOWER, nu)
    assert {each.equation.rhs for each in rates.crossovers} == {1, nu + 1 - ell / beta}


def test_the_best_clean_ridge() -> None:
    noisy = rates_of(CLEAN, Scaling(dimension=oo, noise=0))
    (best,) = noisy.optimum
    assert (best.condition, best.exponent, best.smallest, best.largest) == (
        true,
        CLASSICAL_RATE,
        CLASSICAL,
        CLASSICAL,
    )
    noiseless = rates_of(CLEAN, Scaling(dimension=oo, noise=oo))
    (best,) = noiseless.optimum
    assert (best.exponent, best.smallest, best.largest) == (2 * beta * LOWER, beta, oo)


@FEW
@given(point=EXPONENTS)
def test_noise_decides_where_it_decays_more_slowly_than_the_bias(
    point: dict[str, Rational],
) -> None:
    """The crossover between the noiseless and the noisy optimum is at ν = 2β·min(r, 1)."""
    rates = rates_of(CLEAN, Scaling(dimension=oo))
    letters = {key: point[key] for key in ("noise", "capacity", "source")}
    assume(letters["noise"] > -1)
    exponent, smallest = best_at(rates, **letters)
    noiseless = put_in(2 * beta * LOWER, letters)
    if letters["noise"] >= noiseless:
        assert (exponent, smallest) == (noiseless, letters["capacity"])
    else:
        assert exponent == put_in((1 + nu) * CLASSICAL_RATE, letters) < noiseless
        assert smallest == put_in((1 + nu) * CLASSICAL, letters)


def test_at_the_best_clean_ridge_source_one_has_a_logarithm() -> None:
    """The published T^-c is short of ln T at r = 1: there the bias is κ² ln(1/κ)."""
    rates = rates_of(CLEAN, Scaling(dimension=oo, noise=0, capacity=2))
    at = rates.at(source=1, ridge=Rational(2, 5))
    assert (at.exponent, at.logarithms, at.dominating) == (Rational(4, 5), 1, ("bias",))
    assert rates.at(source="3/4", ridge="1/2").logarithms == 0


# Generators with T_0 ≥ d + 2 samples.


def printed_theorem() -> Expr:
    """thm-5.1 of dohmatob2024: exponent of the sum, 0 ≤ ℓ < β."""
    variance = -Max(-nu, 1 - 2 * LOWER * ell - ell / beta) + 1 - ell / beta
    synthetic = -a - Max(1 - b, q - b) + 1 - ell / beta
    return Min(variance, synthetic)


@FEW
@given(point=EXPONENTS)
def test_the_published_rate_with_synthetic_data_holds_up_to_the_dimension(
    point: dict[str, Rational],
) -> None:
    level = point["ridge"] / point["capacity"]
    assume(point["dimension"] <= point["generation_samples"])
    assume(level < 1 and level <= point["dimension"])
    assert rates_of(RECOVERING).at(**point).exponent == put_in(printed_theorem(), point)


BEYOND = {
    "ridge": "5/4",
    "generations": "-1/2",
    "generation_samples": "1/2",
    "dimension": "1/4",
    "noise": 0,
    "capacity": 2,
    "source": "3/4",
}
"""ℓ < β, but T^(ℓ/β) exceeds d: what thm-5.1 and rho-power-law do not exclude."""


def test_the_published_rate_fails_beyond_the_dimension() -> None:
    exact = {name: Rational(value) for name, value in BEYOND.items()}
    derived = rates_of(RECOVERING).at(**exact)
    assert (derived.exponent, put_in(printed_theorem(), exact)) == (
        Rational(3, 4),
        Rational(3, 8),
    )
    # The slope over four decades has a correction of relative order T^-1/8·…; half the gap is 3/16.
    assert abs(slope_of(RECOVERING, exact, 12, 16) + 3 / 4) < 0.02


def test_the_noise_carried_by_synthetic_labels() -> None:
    """rho-power-law: ρ ≍ max(T/T_0, φ_0)·T^-(1 − ℓ/β), true for T^(ℓ/β) ≤ d."""
    rates = rates_of(RECOVERING, Scaling(generations=0))
    terms = {term.name: term.exponent for term in rates.terms}
    assert terms["synthetic 1"] == b - ell / beta
    assert (terms["synthetic 2"] - (b - q + 1 - ell / beta)).expand() == 0
    assert rates.scope.has(ell / beta <= q)


CORRECTED = Min(b - a, 1 - a)
"""In cor-5.2 with φ_0 fixed, what stands for b − a."""


@FEW
@given(point=EXPONENTS)
def test_the_best_ridge_on_synthetic_data(point: dict[str, Rational]) -> None:
    """Corrected cor-5.2: for φ_0 = d/T_0 fixed b − a is to be replaced by min(b, 1) − a, and ℓ⋆ ≤ β caps the rate."""
    keys = ("generations", "generation_samples", "capacity", "source")
    letters = {key: point[key] for key in keys}
    assume(0 <= letters["generations"] < min(letters["generation_samples"], 1))
    exponent, smallest = best_at(rates_of(RECOVERING, FIXED_RATIO), **letters)
    assert exponent == put_in(CORRECTED * CLASSICAL_RATE, letters)
    assert smallest == put_in(CORRECTED * CLASSICAL, letters)
    if letters["generation_samples"] <= 1:
        # As printed.
        assert exponent == put_in((b - a) * CLASSICAL_RATE, letters)


def test_the_published_best_ridge_fails_for_many_generator_samples() -> None:
    point = {"generations": 0, "generation_samples": 2, "capacity": 2, "source": "1/2"}
    exact = {name: Rational(value) for name, value in point.items()}
    rates = rates_of(RECOVERING, FIXED_RATIO)
    assert put_in((b - a) * CLASSICAL_RATE, exact) == Rational(4, 3)
    exponent, smallest = best_at(rates, **point)
    assert (exponent, smallest) == (Rational(2, 3), Rational(2, 3))
    # At the printed ℓ⋆ = (b − a)·ℓ_crit = 4/3 the error decays more slowly still.
    at = rates.at(ridge="4/3", **point)
    assert (at.exponent, at.dominating) == (Rational(1, 3), ("synthetic 2",))
    full = {**exact, "ridge": Rational(4, 3), "dimension": Rational(2), "noise": Rational(40)}
    # φ_0 = 1/2 and T up to 10^12; the correction to the slope is of order T^-1/3.
    assert abs(slope_of(RECOVERING, full, 9, 12, ratio=2) + 1 / 3) < 0.01


def test_the_classical_ridge_diverges_for_few_samples_not_for_many() -> None:
    """Catastrophe: as printed the error diverges if b ≥ a + 1 − c; it does if b + min(0, 1 − q) < a + 1 − c."""
    rates = rates_of(RECOVERING, Scaling(noise=oo))
    exponent = rates.exponent.xreplace({ell: CLASSICAL, nu: oo})
    few, many = (
        {
            "generation_samples": size,
            "dimension": "1/2",
            "capacity": 2,
            "source": "1/2",
            "generations": 1,
        }
        for size in ("5/4", 2)
    )
    threshold = a + 1 - CLASSICAL_RATE
    for point, diverges in ((few, True), (many, False)):
        exact = {name: Rational(value) for name, value in point.items()}
        assert bool(rates.at(ridge=Rational(2, 3), **point).exponent < 0) is diverges
        assert bool(put_in(exponent, exact) < 0) is diverges
        assert bool(put_in(b < threshold, exact)) is diverges


def test_noisy_errors_vanish_for_larger_ridge_exponents_than_stated() -> None:
    """noisy-consistency states ℓ ≤ (b − a)·ℓ_crit; the region is 0 < ℓ < β·min(1, b − a, 1 − a), for φ_0 fixed."""
    point = {"generations": 0, "generation_samples": 1, "capacity": 2, "source": "1/2"}
    rates = rates_of(RECOVERING, FIXED_RATIO.at(noise=0))
    stated = Rational(2, 3)
    assert rates.at(ridge=Rational(3, 2), **point).exponent == Rational(1, 4)
    assert stated < Rational(3, 2)


@FEW
@given(point=EXPONENTS)
def test_the_consistency_region(point: dict[str, Rational]) -> None:
    """For T_0 ≥ d, σ fixed and T^(ℓ/β) ≤ d: 0 < ℓ/β < min(1, b − a, b − a + 1 − q)."""
    rates = rates_of(RECOVERING, Scaling(noise=0))
    level = point["ridge"] / point["capacity"]
    assume(point["dimension"] <= point["generation_samples"])
    assume(level < min(1, point["dimension"]))
    spare = point["generation_samples"] - point["generations"]
    stated = 0 < level < min(1, spare, spare + 1 - point["dimension"])
    assert bool(put_in(rates.consistent, point)) is bool(stated)
    assert bool(rates.at(**{**point, "noise": 0}).exponent > 0) is bool(stated)


@FEW
@given(point=EXPONENTS)
def test_noisy_rates_below_and_above_the_classical_ridge(point: dict[str, Rational]) -> None:
    """noisy-small-l and noisy-large-l, true for q ≤ 1 and T^(ℓ/β) ≤ d."""
    ratio = point["generation_samples"]
    assume(ratio <= 1 and point["generations"] >= 0)
    letters = {**point, "dimension": ratio, "noise": Rational(0)}
    level = point["ridge"] / point["capacity"]
    assume(level < 1 and level <= ratio)
    derived = rates_of(RECOVERING).at(**letters).exponent
    small = Min(2 * ell * LOWER, b - a - ell / beta)
    large = Min(1, b - a) - ell / beta
    printed = Piecewise((small, ell <= CLASSICAL), (large, true))
    assert derived == put_in(printed, letters)


def test_noisy_rates_fail_for_many_generator_samples() -> None:
    point = {"generations": "1/4", "generation_samples": 2, "capacity": 2, "source": "1/2"}
    rates = rates_of(RECOVERING, FIXED_RATIO.at(noise=0))
    printed = Min(1, 2 - Rational(1, 4)) - Rational(2, 3) / 2
    assert printed == Rational(2, 3)
    assert rates.at(ridge="2/3", **point).exponent == Rational(5, 12)


@pytest.mark.parametrize("source", ["1/2", "1"])
def test_the_published_bias_sum_needs_a_logarithm_at_source_one(source: str) -> None:
    """bias-power-law says κ^(2·min(r, 1)) for every r > 0."""
    rates = rates_of(CLEAN, Scaling(dimension=oo, noise=oo, capacity=2))
    point = {"ridge": Rational(1), "capacity": Rational(2), "dimension": oo, "noise": Rational(40)}
    exact = {**point, "source": Rational(source)}
    at = rates.at(ridge=1, source=source)
    slope = slope_of(CLEAN, exact, 12, 16)
    with_logarithm = -float(at.exponent) + at.logarithms * math.log10(16 / 12) / 4
    assert abs(slope - with_logarithm) < 0.002
    # Without it the slope at r = 1 is off by ten times that tolerance.
    assert (abs(slope + float(at.exponent)) > 0.02) is (source == "1")
