"""Judges of expansions, leading behaviour, rates and optima: each passes what is true and refuses plausible slips."""

from fractions import Fraction
from typing import Any

import pytest
from sympy import (
    EulerGamma,
    Expr,
    Integer,
    Max,
    Min,
    Rational,
    gamma,
    log,
    oo,
    pi,
    sin,
    sqrt,
    zeta,
)

from symcollapse.language.domains import Domain, Range
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import capacity as beta
from symcollapse.language.symbols import effective as kappa
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import generations_exponent as a
from symcollapse.language.symbols import order as m
from symcollapse.language.symbols import ridge, samples
from symcollapse.language.symbols import ridge_exponent as ell
from symcollapse.language.symbols import source as r
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import (
    Derivation,
    Expand,
    Leading,
    Optimise,
    Proved,
    Published,
    Rate,
    Refuted,
    Relation,
    Step,
    Supported,
    Towards,
    Undecided,
    check,
    compare_slopes,
    judge,
)
from symcollapse.reasoning.relations import weakest
from symcollapse.typesetting import latex, markdown, text

LAW = PowerLawSpectrum(oo, beta)
SMALL = Towards(kappa, Integer(0))
DOMAIN = Domain(
    {
        beta: Range(Fraction(5, 4), Fraction(5, 2), grain=12),
        m: Range(1, 4, whole=True),
        r: Range(Fraction(1, 4), Fraction(11, 12), grain=12),
        ell: Range(Fraction(1, 4), 1, grain=12),
        a: Range(0, 1, grain=12),
    }
)
DEGREES = SpectralTrace(s**m / (s + kappa) ** m, LAW)
LEADING = gamma(1 / beta) * gamma(m - 1 / beta) / (beta * gamma(m)) * kappa ** (-1 / beta)
EXPANDED = LEADING - Rational(1, 2) - m * zeta(-beta) * kappa
BIAS_AT_ONE = QuadraticForm(kappa**2 * s / (s + kappa) ** 2, LAW, SourceTarget(1))
LOGARITHMIC = kappa**2 * (EulerGamma - (1 + log(kappa)) / beta)

LARGE = Towards(samples, oo, ((ridge, samples**-ell),))
KAPPA = EffectiveRidge(ridge, samples, LAW)
TWO = DegreesOfFreedom(2, KAPPA, LAW)


def test_an_expansion_is_derived_anew_and_lies_within_its_remainder() -> None:
    verdict = judge(Expand(SMALL, (kappa**2,)), DEGREES, EXPANDED, DOMAIN)
    assert isinstance(verdict, Proved)
    assert "Mellin" in verdict.how
    assert "remainder" in verdict.how


@pytest.mark.parametrize(
    "wrong",
    [
        EXPANDED + Rational(1, 10**6),
        EXPANDED + kappa / 10**6,
        EXPANDED * (1 + Rational(1, 10**6)),
        LEADING.subs(kappa, kappa ** Rational(21, 20)) - Rational(1, 2) - m * zeta(-beta) * kappa,
        LEADING - Rational(1, 2) - m * zeta(-beta) * kappa * log(kappa),
        LEADING + Rational(1, 2) - m * zeta(-beta) * kappa,
    ],
)
def test_a_wrong_expansion_is_refuted_with_a_point(wrong: Expr) -> None:
    verdict = judge(Expand(SMALL, (kappa**2,)), DEGREES, wrong, DOMAIN)
    assert isinstance(verdict, Refuted)
    assert "beta = " in verdict.why


def test_an_order_that_is_too_small_is_refuted() -> None:
    # ζ(-2) = 0: at β = 2 the order κ would hold, so that β stays below.
    near = Domain({**DOMAIN.ranges, beta: Range(Fraction(5, 4), Fraction(7, 4), grain=12)})
    shorter = LEADING - Rational(1, 2)
    assert isinstance(judge(Expand(SMALL, (kappa,)), DEGREES, shorter, near), Proved)
    assert isinstance(judge(Expand(SMALL, (kappa**2,)), DEGREES, shorter, near), Refuted)


def test_a_logarithm_is_seen() -> None:
    expansion = Expand(SMALL, (kappa**3,))
    assert isinstance(judge(expansion, BIAS_AT_ONE, LOGARITHMIC, DOMAIN), Proved | Supported)
    plain = kappa**2 * EulerGamma
    assert isinstance(judge(expansion, BIAS_AT_ONE, plain, DOMAIN), Refuted)
    # The order κ² is missed by ln κ alone: the factor 2 between doubled decades is what tells.
    assert isinstance(judge(Expand(SMALL, (kappa**2,)), BIAS_AT_ONE, plain, DOMAIN), Refuted)


def test_leading_behaviour_with_a_logarithm_tends_to_one_slowly() -> None:
    right = -(kappa**2) * log(kappa) / beta
    assert isinstance(judge(Leading(SMALL), BIAS_AT_ONE, right, DOMAIN), Supported)
    # A constant that is off by 1 % hides behind 1/ln at one point, not in the trend.
    wrong = right * Rational(101, 100)
    assert isinstance(judge(Leading(SMALL), BIAS_AT_ONE, wrong, DOMAIN), Refuted)
    assert isinstance(judge(Leading(SMALL), BIAS_AT_ONE, kappa**2 / beta, DOMAIN), Refuted)


def test_a_rate_five_per_cent_off_is_refuted() -> None:
    right = samples ** (ell / beta)
    assert isinstance(judge(Rate(LARGE), TWO, right, DOMAIN), Supported)
    assert isinstance(judge(Rate(LARGE), TWO, 7 * right, DOMAIN), Supported)
    wrong = samples ** (Rational(21, 20) * ell / beta)
    verdict = judge(Rate(LARGE), TWO, wrong, DOMAIN)
    assert isinstance(verdict, Refuted)
    assert "slope" in verdict.why


def test_a_rate_says_its_logarithms() -> None:
    assert isinstance(judge(Rate(SMALL), BIAS_AT_ONE, kappa**2, DOMAIN), Refuted)
    assert isinstance(judge(Rate(SMALL, Integer(1)), BIAS_AT_ONE, kappa**2, DOMAIN), Supported)


def test_leading_behaviour_of_a_nested_limit() -> None:
    constant = (1 - 1 / beta) * pi / beta / sin(pi / beta)
    right = constant * samples ** (ell / beta)
    assert isinstance(judge(Leading(LARGE), TWO, right, DOMAIN), Supported)
    assert isinstance(judge(Leading(LARGE), TWO, right * Rational(1001, 1000), DOMAIN), Refuted)
    # The constant of df_1 for that of df_2.
    assert isinstance(judge(Leading(LARGE), TWO, right * beta / (beta - 1), DOMAIN), Refuted)


def test_an_exponent_is_maximised_exactly() -> None:
    exponent = Min(2 * r * ell, 1 - ell / beta)
    best = beta / (2 * beta * r + 1)
    assert isinstance(judge(Optimise(ell, largest=True), exponent, best, DOMAIN), Supported)
    assert isinstance(judge(Optimise(ell), -exponent, best, DOMAIN), Supported)
    verdict = judge(Optimise(ell, largest=True), exponent, best * Rational(1001, 1000), DOMAIN)
    assert isinstance(verdict, Refuted)
    # The end of the range where the corner lies beyond it.
    inside = Optimise(ell, high=Rational(1, 10), largest=True)
    assert isinstance(judge(inside, exponent, Min(best, Rational(1, 10)), DOMAIN), Supported)
    assert isinstance(judge(inside, exponent, best, DOMAIN), Refuted)


def test_what_is_not_linear_is_left_undecided() -> None:
    assert isinstance(judge(Optimise(ell), Max(ell**2, 1 - ell), Rational(1, 2), DOMAIN), Undecided)


def test_a_minimiser_is_compared_with_its_neighbours() -> None:
    line = kappa ** (2 * r) + kappa ** (-1 / beta) / samples
    best = (1 / (2 * r * beta * samples)) ** (beta / (2 * r * beta + 1))
    minimum = Optimise(kappa, towards=Towards(samples, oo))
    assert isinstance(judge(minimum, line, best, DOMAIN), Supported)
    # The neighbours that are compared lie 2 % beside the stated place.
    assert isinstance(judge(minimum, line, best * Rational(21, 20), DOMAIN), Refuted)
    largest = Optimise(kappa, towards=Towards(samples, oo), largest=True)
    assert isinstance(judge(largest, line, best, DOMAIN), Refuted)


def test_no_point_no_verdict() -> None:
    # ζ(1) is infinite, whatever the point.
    infinite = kappa * zeta(1 + 0 * beta, evaluate=False)
    verdict = judge(Leading(SMALL), kappa, infinite, DOMAIN)
    assert not isinstance(verdict, Proved | Supported)


def test_an_exponent_that_no_slope_tells_apart_is_refuted_by_its_derivation() -> None:
    # 1/1000 is below what the slopes allow for lower orders; the exponent that is derived is exact.
    wrong = samples ** (ell / beta + Rational(1, 1000))
    assert isinstance(compare_slopes(Rate(LARGE), TWO, wrong, DOMAIN), Supported)
    assert isinstance(judge(Rate(LARGE), TWO, wrong, DOMAIN), Refuted)


def test_the_value_of_an_optimum_is_judged_too() -> None:
    exponent = Min(2 * r * ell, 1 - ell / beta)
    best = beta / (2 * beta * r + 1)
    at_best = Optimise(ell, largest=True, best=best)
    assert isinstance(judge(at_best, exponent, 2 * r * best, DOMAIN), Supported)
    assert isinstance(judge(at_best, exponent, 2 * r * best + Rational(1, 1000), DOMAIN), Refuted)
    beside = Optimise(ell, largest=True, best=best + Rational(1, 1000))
    assert isinstance(judge(beside, exponent, 2 * r * best, DOMAIN), Refuted)


def test_what_is_published_is_judged_beside_the_steps() -> None:
    at_one = Domain({**DOMAIN.ranges, r: Range(1, 1)})
    bias = QuadraticForm(kappa**2 * s / (s + kappa) ** 2, LAW, SourceTarget(r))
    divergent = QuadraticForm(s / (s + s / kappa) ** 2, LAW, SourceTarget(r))
    derivation = Derivation(
        "Bias",
        bias,
        (Step(kappa ** (2 * r), Rate(SMALL)),),
        DOMAIN,
        published=(
            Published(kappa ** (2 * r), Rate(SMALL), place="below 1"),
            Published(kappa ** (2 * r), Rate(SMALL), at_one, "at 1"),
            Published(divergent, Rate(SMALL), place="misprinted"),
            Published(2 * kappa, Leading(SMALL), place="of another line", of=2 * kappa + kappa**2),
        ),
    )
    checked = check(derivation)
    # Steps decide whether a derivation stands; what others have published does not.
    assert checked.passed
    kinds = [type(verdict) for verdict in checked.published]
    assert kinds == [Supported, Refuted, Refuted, Supported]
    assert "beta = " in str(checked.published[1])
    shown = text(checked)
    for words in ("below 1: agrees", "at 1: differs", "misprinted: differs"):
        assert words in shown
    assert r"\asymp" in latex(checked)
    assert "differs" in markdown(checked)


def test_the_weakest_relation_names_the_chain() -> None:
    asymptotic, rate = Relation.ASYMPTOTIC, Relation.SAME_RATE
    assert weakest((Relation.EQUIVALENT, asymptotic, Relation.EQUAL)) is asymptotic
    assert weakest((rate, asymptotic)) is rate
    with pytest.raises(ValueError, match="proportional limit"):
        weakest((asymptotic, Relation.EQUIVALENT))


def test_a_range_with_a_grain_holds_its_multiples_alone() -> None:
    domain = Domain({ell: Range(Fraction(1, 3), 2, grain=12)})
    drawn: set[Any] = {point[ell] for point in domain.points(60)}
    assert all((12 * value).is_Integer for value in drawn)
    assert min(drawn) >= Rational(1, 3)
    assert max(drawn) <= 2
    assert len(drawn) > 10


def test_terms_that_cancel_are_enclosed_more_sharply_before_anything_is_refuted() -> None:
    # At T = 1e108 the difference of order 1/T² is lost in 256 bits; a wide ball must not refute what is true.
    cancelling = sqrt(samples**2 + 1 / samples) - samples
    leading = Leading(Towards(samples, oo))
    assert isinstance(judge(leading, cancelling, 1 / (2 * samples**2), Domain()), Supported)
    refused = judge(leading, cancelling, 1 / samples**2, Domain())
    assert isinstance(refused, Refuted)
    assert "5.0000000e-217 against 1.0000000e-216" in refused.why
