"""Generators with T_0 < d under power laws: what synthetic data add to bias and noise, and the best ridge.

With x = ℓ/β, r̲ = min(r, 1) and d ≥ T, for any fixed number of generations, fresh or shared alike:

- x ≤ min(b, 1): the error decays as T^-min(2βr̲x, ν + 1 − x, min(b, 1) − a − x), as if T^min(b, 1) samples carried the
  synthetic noise; the bias that synthetic data add is smaller than the clean bias by T^-(βb − ℓ), or, for rough truths,
  decays as T^-(2βbr + min(b, 1) − x);
- b ≤ x ≤ 1: a smaller ridge buys nothing. The bias stays at T_0^-2βr̲, the noise at n·σ₀²;
- the best ridge is ℓ⋆ = ℓ_crit·min(ν + 1, min(b, 1) − a), at most β·min(b, 1).
"""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from sympy import Min, Rational, oo

from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported, OutOfRegime
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.scaling.rate_of_added_bias import added_bias
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.simulation import simulate
from symcollapse.theory import test_error as derive
from symcollapse.theory.test_errors import without_generations
from tests.scaling.power_law_chains import (
    EXPONENTS,
    FRESH,
    RECOVERING,
    SHARED,
    put_in,
    rates_of,
    scaled,
    value_of,
)

ell, a, b = (
    symbols.ridge_exponent,
    symbols.generations_exponent,
    symbols.generation_samples_exponent,
)
q, nu = symbols.dimension_exponent, symbols.noise_exponent
beta, r = symbols.capacity, symbols.source
LOWER = Min(1, r)
FEW_SAMPLES = {"fresh 1": FRESH[1], "fresh 2": FRESH[2], "fresh 3": FRESH[3], "shared": SHARED}
# Few choices of exponents lie in the scope of a formula; the others are drawn again.
FEW = settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("name", FEW_SAMPLES)
def test_all_chains_have_the_same_rates(name: str) -> None:
    rates = rates_of(FEW_SAMPLES[name], Scaling(dimension=oo))
    found = {piece.scope: piece.exponent for piece in rates.pieces}
    level = ell / beta
    large, small = rates.pieces[0], (b <= level) & (level <= 1)
    assert large.scope == (level <= b) & (level <= 1)
    assert large.exponent == Min(2 * ell * LOWER, nu + 1 - level, b - a - level, 1 - a - level)
    assert found[small] == Min(2 * b * beta * LOWER, nu + 1 - level, -a)


@pytest.mark.parametrize("name", FEW_SAMPLES)
@FEW
@given(point=EXPONENTS)
def test_the_best_ridge(name: str, point: dict[str, Rational]) -> None:
    size = min(point["generation_samples"], Rational(1))
    spare = min(point["noise"] + 1, size - point["generations"])
    assume(spare > 0)
    rates = rates_of(FEW_SAMPLES[name], Scaling(dimension=oo))
    slope = put_in(2 * beta * LOWER, {key: point[key] for key in ("capacity", "source")})
    best = min(spare * slope / (slope + 1), slope * size)
    known = {key: value for key, value in point.items() if key not in ("ridge", "dimension")}
    cases = [case for case in rates.optimum if put_in(case.condition, known)]
    assert cases
    for case in cases:
        assert put_in(case.exponent, known) == best
        assert put_in(case.smallest, known) == point["capacity"] * min(spare / (slope + 1), size)


@pytest.mark.parametrize("name", ["fresh 1", "fresh 3", "shared"])
def test_the_added_bias_is_the_difference_of_two_positive_formulas(name: str) -> None:
    problem = FEW_SAMPLES[name]
    error = derive(problem)
    difference = error.bias - derive(without_generations(problem)).bias
    expected, found = (
        value_of(each, problem) for each in (difference, added_bias(error).difference)
    )
    # Both have eight digits.
    assert abs(found - expected) <= abs(expected) / 10**7
    # What is spared is no rounding: without it the number is another.
    spared = value_of(added_bias(error).spared[0].formula, problem)
    assert spared > abs(expected) / 10**5


@pytest.mark.parametrize("name", ["fresh 1", "fresh 3", "shared"])
def test_rates_of_the_added_bias(name: str) -> None:
    gained, spared = added_bias(derive(FEW_SAMPLES[name])).rates(Scaling(dimension=oo))
    level = ell / beta
    assert gained.scope == (level <= b) & (level <= 1)
    assert gained.exponent == Min(
        b * beta + 2 * ell * LOWER - ell, 2 * b * beta * r + 1 - level, 2 * b * beta * r + b - level
    )
    small = [piece.exponent for piece in gained.pieces if piece.scope.has(b <= level)]
    assert set(small) == {2 * b * beta * LOWER}
    assert spared.scope == gained.scope


def test_many_samples_of_a_generator_spare_more_bias_than_they_add() -> None:
    """For b > 1 and a rough truth both decay as T^-(2βbr + 1 − ℓ/β), and the bias that is added is negative."""
    exact = {
        "ridge": Rational(3, 2),
        "generations": Rational(0),
        "generation_samples": Rational(2),
        "dimension": oo,
        "noise": Rational(0),
        "capacity": Rational(3, 2),
        "source": Rational(1, 4),
    }
    ratios = []
    for decades in (8, 10):
        problem = scaled(FRESH[1], exact, decades)
        both = added_bias(derive(problem))
        gained = sum((value_of(term.formula, problem) for term in both.gained), Fraction(0))
        spared = value_of(both.spared[0].formula, problem)
        ratios.append(gained / spared)
    # The constants of the two leading terms are as 1 to 6, with corrections of relative order T^-1.
    assert all(abs(ratio - Fraction(1, 6)) < Fraction(1, 10**5) for ratio in ratios)


def test_noiseless_synthetic_labels_can_lower_the_error() -> None:
    """thm-4.3-bias-inequality of dohmatob2024 states bias on synthetic data ≥ clean bias, for any T_0; it is false."""
    problem = Problem(
        PowerLawSpectrum(400, "3/2"), SourceTarget("1/16"), (Generation(80),), Downstream(20)
    )
    clean = without_generations(problem)
    derived = [float(value_of(derive(each).bias, each)) for each in (problem, clean)]
    assert derived[0] == pytest.approx(1.9946, abs=1e-4)
    assert derived[1] == pytest.approx(2.2016, abs=1e-4)
    simulated = [simulate(each, trials=300) for each in (problem, clean)]
    gap = simulated[1].mean - simulated[0].mean
    # Independent runs: the gap's standard error is that of both together; five of them are no chance.
    deviation = sum(each.standard_error**2 for each in simulated) ** 0.5
    assert gap > 5 * deviation
    assert gap == pytest.approx(derived[1] - derived[0], abs=4 * deviation)


def test_recovering_generators_add_no_bias() -> None:
    with pytest.raises(NotSupported, match="samples < dimension"):
        added_bias(derive(RECOVERING))


def test_more_samples_than_the_dimension_are_refused() -> None:
    point = {"generation_samples": 2, "dimension": 1, "ridge": "1/2", "capacity": 2, "source": 1}
    with pytest.raises(OutOfRegime, match="derived for T_0 < d"):
        rates_of(FRESH[1]).at(generations=0, noise=0, **point)
