"""The shortcuts for one design are what the engine derives from the plain matrix expression."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from sympy import Expr, Ge, Integer, Lt, Rational

from symcollapse.equivalents import (
    Design,
    MeanMap,
    Moment,
    NoiseMoment,
    RationalFunction,
    SecondMoment,
    complement,
    deterministic_equivalent,
    fluctuation,
    fluctuation_of,
    mean,
    mean_of,
    noise_kernel,
)
from symcollapse.equivalents.derived_moments import (
    Kind,
    Pattern,
    X,
    derived,
    derived_exactly,
    derived_pattern,
    matrix_expression,
    pattern_of,
    specialised,
)
from symcollapse.equivalents.moments import exact_value_of
from symcollapse.evaluation import evaluate
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.random_matrices import pseudo_inverse
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import dimension, effective, generator_symbols, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning import is_identity

LAM, OTHER = Rational(1, 5), Rational(2)
LEVELS = [Integer(4), Integer(1), Rational(1, 4)]
SPECTRA = [LevelsSpectrum(LEVELS, [9, 14, 7]), LevelsSpectrum(["1/3", 2], [3, 27])]
FEW, MANY = 17, 44
MIDDLES = {
    "Σ": s,
    "I": Integer(1),
    "sum of quantities": s**2 / (s + 3) + s * DegreesOfFreedom(2, Rational(7, 3), SIGMA) / 5,
}


def digits(function: Expr, level: Expr) -> Fraction:
    flat = unfold(function, Abbreviation).xreplace({s: level})
    return Fraction(evaluate(flat, digits=30).text)


def equal(left: Expr, right: Expr) -> bool:
    """Equal to 28 digits at some eigenvalues, all of them exact."""
    for level in (*LEVELS, Rational(13, 7)):
        first, second = digits(left, level), digits(right, level)
        if abs(first - second) > Fraction(1, 10**28) * max(abs(first), abs(second)):
            return False
    return True


def designs(ridges: tuple[Any, ...], sizes: tuple[int, ...] = (FEW, MANY)) -> list[Design]:
    """The fits at exact points: sizes on both sides of d, and two spectra."""
    return [
        Design(0, size, ridges, spectrum, determined=size >= 30)
        for size in sizes
        for spectrum in SPECTRA
    ]


FITS: dict[str, tuple[Any, ...]] = {
    "ridge": (LAM,),
    "least squares": (0,),
    "least squares twice": (0, 0),
    "two ridges": (LAM, OTHER),
    "one ridge twice": (LAM, LAM),
    "ridge after least squares": (0, LAM),
    "least squares after ridge": (LAM, 0),
    "two ridges after least squares": (0, OTHER, LAM),
}


@pytest.mark.parametrize("name", FITS)
def test_mean_and_complement_are_derived(name: str) -> None:
    for design in designs(FITS[name]):
        found = derived(MeanMap(design))
        assert equal(mean(design), found)
        assert equal(complement(design), 1 - found)
        # The twin: one sample more.
        other = Design(0, design.samples + 1, design.ridges, design.covariance)
        assert design.recovers or not equal(mean(other), found)


@pytest.mark.parametrize("middle", MIDDLES)
@pytest.mark.parametrize("name", FITS)
def test_the_fluctuation_is_derived(name: str, middle: str) -> None:
    for design in designs(FITS[name]):
        B = MIDDLES[middle].xreplace({SIGMA: design.covariance})
        found = derived(SecondMoment(design, B))
        kept = mean(design) ** 2 * B
        assert equal(kept + fluctuation(design, B), found)
        assert design.recovers or not equal(kept, found)
        assert design.recovers or not equal(kept + fluctuation(design, s * B), found)


@pytest.mark.parametrize("name", FITS)
def test_each_noise_kernel_is_derived(name: str) -> None:
    for design in designs(FITS[name]):
        for fit in range(len(design.ridges)):
            found = derived(NoiseMoment(design, fit))
            assert equal(noise_kernel(design, fit), found)
            assert not equal(noise_kernel(design, fit) * (1 + Rational(1, 10**12)), found)


@pytest.mark.parametrize("fits", [(0, 1, 2), (0, 0, 1)])
def test_the_mean_of_three_ridges_is_derived(fits: tuple[int, ...]) -> None:
    values = (LAM, OTHER, Rational(1, 7))
    for design in designs(tuple(values[number] for number in fits)):
        assert equal(mean(design), derived(MeanMap(design)))
        with pytest.raises(NotSupported, match="at most 2"):
            derived(SecondMoment(design, s))


@pytest.mark.slow
def test_the_fluctuation_of_three_ridges_is_derived() -> None:
    formula, B = derived_pattern(Pattern(Kind.SECOND, (0, 1, 2))), s / (s + 3)
    for design in designs((LAM, OTHER, Rational(1, 7))):
        moment = SecondMoment(design, B)
        shortcut = mean(design) ** 2 * B + fluctuation(design, B)
        assert equal(shortcut, specialised(formula, moment, pattern_of(moment)[1]))


def test_short_forms_are_proved() -> None:
    """By partial fractions, for any Σ, sizes and ridges; B = (Σ + κI)⁻¹ at any κ, which span all functions of Σ."""
    resolvent = 1 / (s + effective)
    for design in (
        Design(0, samples, (ridge,), SIGMA),
        Design(0, samples, (0,), SIGMA),
        Design(0, samples, (0,), SIGMA, determined=True),
        Design(0, samples, (0, ridge), SIGMA),
    ):
        assert is_identity(mean(design), derived(MeanMap(design)))
        second = mean(design) ** 2 * resolvent + fluctuation(design, resolvent)
        assert is_identity(second, derived(SecondMoment(design, resolvent)))
        for fit in range(len(design.ridges)):
            kernel = noise_kernel(design, fit)
            assert is_identity(kernel, derived(NoiseMoment(design, fit)))
            assert not is_identity(2 * kernel, derived(NoiseMoment(design, fit)))
        if not design.recovers:
            assert not is_identity(mean(design) ** 2 * resolvent, second)


def test_two_ridges_are_proved_in_the_mean() -> None:
    first, second = generator_symbols(0)[2], generator_symbols(1)[2]
    for ridges in ((first, second), (first, first)):
        design = Design(0, samples, ridges, SIGMA)
        assert is_identity(mean(design), derived(MeanMap(design)))


def test_least_squares_beside_a_ridge_is_left_out_rightly() -> None:
    """By Penrose's equations the derivation leaves it out; here the engine takes the expression as it stands."""
    resolvent = (matrix_expression(Pattern(Kind.MEAN, (0,))), pseudo_inverse(X) * X)
    both: Any = resolvent[0] * resolvent[1]
    for regime, size in ((Lt(samples, dimension), FEW), (Ge(samples, dimension), MANY)):
        formula = deterministic_equivalent(both, assuming=[regime]).formula
        for design in designs((0, LAM), (size,)):
            moment = MeanMap(design)
            found = specialised(formula, moment, pattern_of(moment)[1])
            assert equal(mean(design), found)


@pytest.mark.parametrize("orders", [{LAM: 2}, {LAM: 1, OTHER: 1}])
def test_residues_are_derived(orders: dict[Expr, int]) -> None:
    """Repeated poles and simple ones, with as many zeros as poles."""
    ridges = tuple(value for value, order in orders.items() for _ in range(order))
    for design in designs(ridges):
        function = RationalFunction(2, orders, design.samples, design.covariance)
        assert equal(mean_of(function), derived(MeanMap(design)))
        second = mean_of(function) ** 2 * s + fluctuation_of(function, s)
        assert equal(second, derived(SecondMoment(design, s)))
        assert not equal(second, derived(SecondMoment(design, s + Rational(1, 10**9))))


def slip(design: Design, order: int) -> Expr:
    """The fluctuation with df of some order in the place of df₂."""
    kappa = EffectiveRidge(design.ridge, design.samples, design.covariance)
    wrong = design.samples - DegreesOfFreedom(order, kappa, design.covariance)
    return fluctuation(design, s) * design.residual / wrong


def test_a_corrupted_shortcut_is_not_what_is_derived() -> None:
    design = Design(0, MANY, (LAM,), SPECTRA[0])
    found = derived(SecondMoment(design, s))
    kept = mean(design) ** 2 * s
    assert equal(kept + slip(design, 2), found)
    assert not equal(kept + slip(design, 1), found)


EXACT: list[Callable[[Design], Moment]] = [
    MeanMap,
    lambda design: SecondMoment(design, s / (s + effective)),
    lambda design: NoiseMoment(design, 0),
    lambda design: NoiseMoment(design, 1),
]


@pytest.mark.parametrize("moment", EXACT)
def test_exact_moments_are_derived(moment: Callable[[Design], Moment]) -> None:
    design = Design(0, samples, (0, 0), SIGMA, determined=True)
    value = exact_value_of(moment(design))
    assert is_identity(value, derived_exactly(moment(design)))
    assert not is_identity(2 * value, derived_exactly(moment(design)))
    with pytest.raises(NotSupported, match="T >= d"):
        derived_exactly(moment(Design(0, samples, (0, ridge), SIGMA)))
