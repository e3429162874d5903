"""Growth of single formulas: against sums that are added up, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, oo

from symcollapse.language import symbols
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.errors import Diverges, InvalidProblem, NotSupported, OutOfRegime
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, SpectralTrace
from symcollapse.language.spectra import ExponentialSpectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.scaling.growth import Growth, Sides, growth
from symcollapse.scaling.rate_scalings import Scaling

KAPPA = EffectiveRidge(symbols.ridge, symbols.samples, SIGMA)
SMALLER = EffectiveRidge(0, symbols.generation_samples, SIGMA)
SCALING = Scaling(
    ridge=Rational(1, 2),
    generations=0,
    generation_samples=Rational(3, 4),
    dimension=oo,
    noise=0,
    capacity=2,
    source=Rational(3, 4),
)


def size(formula: Expr, scaling: Scaling = SCALING, sides: Sides | None = None) -> Growth:
    found = growth(formula, scaling, sides)
    assert found is not None
    return found


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    power=st.integers(1, 4),
    first=st.integers(0, 3),
    second=st.integers(0, 3),
    kind=st.sampled_from(["trace", "form"]),
    source=st.sampled_from([Rational(3, 8), Rational(5, 8), Rational(5, 4), Rational(7, 4)]),
)
def test_growth_of_sums_that_are_added_up(
    power: int,
    first: int,
    second: int,
    kind: str,
    source: Rational,
) -> None:
    """Another route: plain sums in doubles at d = 2·10^5, κ = T^-ℓ and κ₀ = T^-βb put in."""
    weighted = kind == "form"
    function = s**power / ((s + KAPPA) ** first * (s + SMALLER) ** second)
    node = QuadraticForm(function, SIGMA, W0) if weighted else SpectralTrace(function, SIGMA)
    scaling = SCALING.at(source=source)
    expected = size(node, scaling)
    j = np.arange(1, 200_001, dtype=float)
    eigenvalues = j**-2.0
    weights = j ** (-1 - 2 * (2 * float(source) - 1)) if weighted else np.ones_like(j)
    values = []
    for samples in (1e5, 1e6):
        kappa, smaller = samples**-0.5, samples**-1.5
        terms = eigenvalues**power / (
            (eigenvalues + kappa) ** first * (eigenvalues + smaller) ** second
        )
        values.append(float(weights @ terms))
    slope = math.log10(values[1] / values[0])
    logarithm = expected.logarithms * math.log10(6 / 5)
    # Levels are j = T^1/4 and T^3/4, at least a factor 18 apart from each other and from 1: a sum has corrections of that
    # order to a power 1/4 or more, which move its slope over one decade by less than a tenth.
    assert abs(slope - float(expected.exponent) - logarithm) < 0.12


def test_a_flat_sum_brings_a_logarithm() -> None:
    form = QuadraticForm(s / (s + KAPPA) ** 2, SIGMA, W0)
    assert size(form, SCALING.at(source=1)) == Growth(Integer(0), 1)
    assert size(form, SCALING.at(source=Rational(5, 4))) == Growth(Integer(0), 0)


def test_the_residual_degrees_of_freedom_grow_like_the_samples() -> None:
    for letter in (symbols.ridge, Integer(0)):
        residual = ResidualDegreesOfFreedom(symbols.samples, letter, letter, SIGMA)
        for ridge in (Rational(1, 2), Rational(2), Rational(5)):
            assert size(residual, SCALING.at(ridge=ridge)) == Growth(Integer(1), 0)


def test_zero_grows_like_nothing() -> None:
    assert growth(symbols.noise**2, SCALING.at(noise=oo)) is None
    assert growth(symbols.noise * 0 + 0 * symbols.samples, SCALING) is None


def test_a_difference_is_refused() -> None:
    with pytest.raises(NotSupported, match="positive"):
        size(symbols.samples - DegreesOfFreedom(2, KAPPA, SIGMA))


def test_a_divergent_sum_is_refused() -> None:
    with pytest.raises(Diverges, match="finite dimension"):
        size(SpectralTrace((s + KAPPA) ** -2, SIGMA))
    assert size(SpectralTrace((s + KAPPA) ** -2, SIGMA), SCALING.at(dimension=2)).exponent == 4 - 1


def test_sizes_that_tie_need_a_side() -> None:
    tied = SCALING.at(generation_samples=1, dimension=1)
    with pytest.raises(InvalidProblem, match="which is larger"):
        size(SMALLER, tied)
    few, many = Sides(generation_samples_recover=False), Sides(generation_samples_recover=True)
    assert size(SMALLER, tied, few) == Growth(Integer(-2), 0)
    assert growth(SMALLER, tied, many) is None


def test_the_other_side_of_the_dimension_is_refused() -> None:
    with pytest.raises(OutOfRegime, match="derived for T_0 < d"):
        size(
            SMALLER,
            SCALING.at(generation_samples=2, dimension=1),
            Sides(generation_samples_recover=False),
        )


def test_a_letter_without_a_number_is_refused() -> None:
    with pytest.raises(InvalidProblem, match="give a rational number"):
        size(KAPPA, SCALING.at(ridge=symbols.ridge_exponent))


def test_another_spectrum_has_no_rule() -> None:
    with pytest.raises(NotSupported):
        size(ExponentialSpectrum(10, 1).eigenvalue_at(symbols.index))
