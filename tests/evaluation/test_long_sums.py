"""Sums over long and infinite spectra: against terms added one by one, closed forms, and other programs."""

import time
import warnings
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, coth, exp, log, oo, pi, sin, sqrt, zeta

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.evaluation.balls import BallEvaluator, exact_ball
from symcollapse.evaluation.exponential_sums import exponential_sum
from symcollapse.evaluation.folding import Evaluator
from symcollapse.evaluation.long_ridges_in_balls import enclose_long_ridge
from symcollapse.evaluation.long_sums import LongSums, is_long
from symcollapse.evaluation.numbers import ball_at
from symcollapse.evaluation.power_law_sums import power_law_sum
from symcollapse.evaluation.resolvent_integrals import power_integral, resolvent_integral
from symcollapse.evaluation.roots_in_balls import enclose_effective_ridge
from symcollapse.expansions.remainders import enclose_power_law_sum
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
    WishartDeficit,
)
from symcollapse.language.errors import (
    Diverges,
    NotEvaluable,
    OutOfRegime,
    PrecisionExhausted,
    TooManyBits,
)
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, SpectralTrace
from symcollapse.language.spectra import ExponentialSpectrum, PowerLawSpectrum, Spectrum
from symcollapse.language.symbols import effective, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import ExplicitTarget, SourceTarget, UniformTarget
from symcollapse.theory import test_error as derive

ENDLESS = PowerLawSpectrum(oo, "3/2")


def sixteenths(low: int, high: int) -> st.SearchStrategy[Any]:
    """Numbers that balls hold exactly, so that only the sum itself can lose digits."""
    return st.integers(16 * low, 16 * high).map(lambda n: arb(n) / 16)


def factors(most: int) -> st.SearchStrategy[Any]:
    """Pairs (x, m), with x over fifteen decades and m from −3 to 10."""
    sizes = st.integers(-40, 10).map(lambda n: arb(2) ** n * 3)
    orders = st.one_of(st.integers(1, 10).map(arb), sixteenths(-3, 10))
    return st.lists(st.tuples(sizes, orders), max_size=most).map(tuple)


def one_by_one(decay: Any, capacity: Any, resolvents: Any, dimension: int) -> Any:
    total = arb(0)
    for j in range(1, dimension + 1):
        term = arb(j) ** -decay
        for x, m in resolvents:
            term *= (1 + x * arb(j) ** capacity) ** -m
        total += term
    return total


# The rule of Euler and Maclaurin against the definition.


@given(
    st.integers(-6, 12).map(lambda n: arb(n) / 2),
    st.integers(1, 160).map(lambda n: arb(n) / 16),
    factors(3),
    st.integers(1000, 3000),
    st.sampled_from([53, 90, 160]),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_a_long_sum_is_that_of_its_terms(
    decay: Any, capacity: Any, resolvents: Any, dimension: int, bits: int
) -> None:
    with ctx.workprec(bits):
        ours = power_law_sum(decay, capacity, resolvents, dimension)
    with ctx.workprec(2 * bits + 100):
        known = one_by_one(decay, capacity, resolvents, dimension)
        assert ours.overlaps(known)
        # What the ball may be wider than the working precision: x^-z₀ and (1 ± ρ)^A take some bits.
        assert ours.rel_accuracy_bits() > bits - 30
        assert not ours.overlaps(known * (1 + arb(2) ** (40 - bits)))


@given(
    st.integers(-3, 8).map(lambda n: arb(n) / 2),
    st.integers(9, 160).map(lambda n: arb(n) / 16),
    factors(3),
    st.sampled_from([53, 200]),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_an_infinite_sum_is_a_finite_one_and_its_rest(
    decay: Any, capacity: Any, resolvents: Any, bits: int
) -> None:
    growth = decay + capacity * sum((m for _, m in resolvents), arb(0))
    assume(growth > 1.25)
    size = 10**9
    with ctx.workprec(bits):
        whole = power_law_sum(decay, capacity, resolvents, None)
        part = power_law_sum(decay, capacity, resolvents, size)
    with ctx.workprec(bits + 64):
        # The rest lies between integrals only where f falls; above 1/x it does: f(z) = z^-growth · (rising factors < 1).
        weight = arb(1)
        for x, m in resolvents:
            weight *= x**-m if m > 0 else (x + arb(size) ** -capacity) ** -m
        most = weight * arb(size) ** (1 - growth) / (growth - 1)
        assert whole > part - arb(2) ** (40 - bits) * abs(part)
        assert whole - part < most * 1.001 + arb(2) ** (40 - bits) * abs(part)


@given(
    st.integers(-8, 24).map(lambda n: arb(n) / 8),
    st.integers(9, 80).map(lambda n: arb(n) / 8),
    st.integers(1, 6).map(arb),
    st.integers(17, 90).map(lambda n: arb(2) ** -n * 3),
    st.sampled_from([None, 10**5, 10**12]),
)
@settings(derandomize=True, deadline=None, max_examples=60)
def test_the_rule_and_the_expansion_enclose_the_same_number(
    decay: Any, capacity: Any, order: Any, x: Any, dimension: int | None
) -> None:
    assume(decay + capacity * order > 1)
    expanded = enclose_power_law_sum(capacity, decay, order, x, dimension)
    # Two factors of half the order are the same sum, which is then taken by the rule.
    by_rule = power_law_sum(decay, capacity, ((x, order / 2), (x, order / 2)), dimension)
    assert expanded is None or expanded.overlaps(by_rule)
    assert power_law_sum(decay, capacity, ((x, order),), dimension).overlaps(by_rule)
    assert not by_rule.overlaps(by_rule * (1 + arb(2) ** -20))


@pytest.mark.parametrize("bits", [53, 300, 1200])
def test_closed_forms_are_met(bits: int) -> None:
    with ctx.workprec(bits):
        goal = arb(2) ** (30 - bits)
        decay = arb(5) / 4
        cases = [
            (power_law_sum(decay, arb(1), (), None), decay.zeta()),
            (
                power_law_sum(-decay, arb(1), (), 10**7),
                (-decay).zeta() - (-decay).zeta(arb(10**7 + 1)),
            ),
            # Σ 1/(1 + j²) = (π coth π − 1)/2, and its derivative in x at 1.
            (
                power_law_sum(arb(0), arb(2), ((arb(1), arb(1)),), None),
                (arb.pi() * arb.pi().coth() - 1) / 2,
            ),
            (
                power_law_sum(arb(0), arb(2), ((arb(1), arb(2)),), None),
                (arb.pi() * arb.pi().coth() + (arb.pi() * arb.pi().csch()) ** 2 - 2) / 4,
            ),
            # Two resolvents by partial fractions.
            (
                power_law_sum(arb(0), arb(2), ((arb(1), arb(1)), (arb(4), arb(1))), None),
                (
                    4 * (arb.pi() / 2 * (arb.pi() / 2).coth() - 1) / 2
                    - (arb.pi() * arb.pi().coth() - 1) / 2
                )
                / 3,
            ),
        ]
        for number, (ours, known) in enumerate(cases):
            assert ours.overlaps(known), number
            assert abs(ours - known) < goal * abs(known), number


@given(
    st.integers(-10, 20).map(lambda n: arb(n) / 8),
    st.integers(4, 60).map(lambda n: arb(n) / 8),
    st.integers(1, 5).map(arb),
    st.integers(-50, 5).map(lambda n: arb(2) ** n),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_an_integral_is_the_hypergeometric_function(
    decay: Any, capacity: Any, order: Any, x: Any
) -> None:
    excess = decay + capacity * order - 1
    assume(excess > 0)
    ours = resolvent_integral(decay, capacity, ((x, order),), arb(3), None)
    c = excess / capacity
    with ctx.workprec(400):
        known = (
            arb(3) ** -excess
            * x**-order
            / excess
            * arb(-1 / (x * arb(3) ** capacity)).hypgeom_2f1(order, c, c + 1)
        )
    assume(
        known.is_finite()
    )  # where the two solutions at ∞ meet, the function is not known to balls
    assert ours.overlaps(known)
    assert not (ours * (1 + arb(2) ** -30)).overlaps(known)


def test_powers_whose_exponent_may_vanish_are_integrated() -> None:
    for wide in (arb(0), arb(0, 1e-12), arb(1e-9, 1e-12), arb(0.3), arb(-7)):
        ours = power_integral(arb(2), arb(5), wide)
        middle = wide.mid()
        known = arb(2.5).log() if middle == 0 else (arb(5) ** middle - arb(2) ** middle) / middle
        assert ours.overlaps(known)
        assert ours.rad() < 1e-9
    with pytest.raises(Diverges):
        power_integral(arb(2), None, arb(0))
    with pytest.raises(PrecisionExhausted):
        power_integral(arb(2), None, arb(0, 1e-9))


def test_a_wide_ridge_gives_a_ball_of_all_its_sums() -> None:
    narrow = [power_law_sum(arb(0), arb(2), ((arb(x), arb(3)),), None) for x in (0.9, 1.0, 1.1)]
    wide = power_law_sum(arb(0), arb(2), ((arb(1, 0.1), arb(3)),), None)
    assert all(wide.contains(value) for value in narrow)
    slight = power_law_sum(arb(0), arb(2), ((arb(1, 0.001), arb(3)),), None)
    assert not any(slight.contains(value) for value in (narrow[0], narrow[2]))
    with pytest.raises(PrecisionExhausted):
        power_law_sum(arb(0), arb(2), ((arb(0, 1), arb(3)),), None)


# The trap: a sum to infinity by extrapolation.


def test_extrapolation_is_wrong_where_the_rule_is_right() -> None:
    kappa = Rational(1, 10**6)
    ours = float(evaluate(DegreesOfFreedom(1, kappa, ENDLESS)))
    # A falling function: the sum lies between its integral and the integral less f(0) = 1.
    whole = 1e4 * float(2 * pi / 3 / sin(2 * pi / 3))
    assert whole - 1 < ours < whole
    guessed = float(mpmath.nsum(lambda j: 1 / (1 + 1e-6 * j**1.5), [1, mpmath.inf]))
    assert abs(guessed / ours - 1) > 0.1
    assert not whole - 1 < guessed < whole


# Formulas of the package.


class TermByTerm(BallEvaluator):
    """Every sum in balls, one term after the other."""

    _sum = Evaluator._sum


@given(
    st.integers(2, 60).map(lambda n: Rational(n, 12)),
    st.integers(-30, 3),
    st.integers(-30, 3),
    st.integers(1, 20).map(lambda n: Rational(n, 10)),
    st.integers(1001, 2000),
)
@settings(derandomize=True, deadline=None, max_examples=15)
def test_formulas_over_a_long_spectrum_are_those_of_their_terms(
    beta: Expr, first: int, second: int, source: Expr, size: int
) -> None:
    spectrum = PowerLawSpectrum(size, beta, Rational(7, 3))
    one, two = Rational(2) ** first, Rational(2) ** second
    formulas = [
        DegreesOfFreedom(3, one, spectrum),
        SpectralTrace((s / (s + one) + two / (s + two)) ** 2 * sqrt(s), spectrum),
        SpectralTrace((s + one) / (s + two) ** Rational(5, 2), spectrum),
        QuadraticForm(one**2 * s / (s + one) ** 2 / (s + two), spectrum, SourceTarget(source, 5)),
        QuadraticForm((1 - s / (s + one)) ** 2, spectrum, UniformTarget(3)),
    ]
    with ctx.workprec(100):
        for formula in formulas:
            ours = BallEvaluator({}).evaluate(formula)
            known = TermByTerm({}).evaluate(formula)
            assert ours.overlaps(known), formula
            assert ours.rel_accuracy_bits() > 50
            assert not ours.overlaps(known * (1 + arb(2) ** -40))


def test_a_function_that_is_no_product_is_summed_term_by_term() -> None:
    spectrum = PowerLawSpectrum(1500, 2)
    ours = ball_at(SpectralTrace(s * log(s), spectrum), 90)
    known = sum((-2 * arb(j).log() / j**2 for j in range(1, 1501)), arb(0))
    assert ours.overlaps(known)
    listed = ExplicitTarget([Rational(1, j) for j in range(1, 1501)])
    ours = ball_at(QuadraticForm(s, spectrum, listed), 90)
    assert ours.overlaps(sum((arb(j) ** -4 for j in range(1, 1501)), arb(0)))
    assert not ours.overlaps(arb(4).zeta())
    # Neither is one with κ < 0.
    ours = ball_at(SpectralTrace(s / (s - Rational(1, 3)), spectrum), 90)
    with ctx.workprec(120):
        assert ours.overlaps(sum((3 / (3 - arb(j) ** 2) for j in range(1, 1501)), arb(0)))


def test_infinite_parts_that_cancel_are_put_together() -> None:
    kappa = EffectiveRidge(ridge, 10, ENDLESS)
    for value in (Rational(1, 10), kappa):
        lost = SpectralTrace(1 - value**2 / (s + value) ** 2, ENDLESS)
        same = SpectralTrace((s**2 + 2 * value * s) / (s + value) ** 2, ENDLESS)
        assert evaluate(lost, values={ridge: 1}).text == evaluate(same, values={ridge: 1}).text


def test_sums_that_are_infinite_are_refused_by_name() -> None:
    beta = PowerLawSpectrum(oo, 2)
    cases: list[tuple[Expr, type[Exception], str]] = [
        (SpectralTrace(1 / (s + 1) ** 2, beta), Diverges, "give a finite dimension"),
        (SpectralTrace(sqrt(s), beta), Diverges, "give a finite dimension"),
        (QuadraticForm(s**0, beta, SourceTarget("1/2")), Diverges, "give a finite dimension"),
        (SpectralTrace(s**0, ExponentialSpectrum(oo, 1)), Diverges, "give a finite dimension"),
        (SurplusSamples(600, beta), OutOfRegime, "T >= d"),
        (WishartDeficit(600, beta), Diverges, "give a finite dimension"),
        (SpectralTrace(s * log(s), beta), NotEvaluable, "dimension = inf"),
        (SpectralTrace(s / (s - Rational(1, 3)), beta), NotEvaluable, "dimension = inf"),
    ]
    for formula, error, words in cases:
        with pytest.raises(error, match=words) as caught:
            evaluate(formula)
        assert str(caught.value).isprintable()
    assert evaluate(DegreesOfFreedom(1, ridge, beta), values={ridge: 0}).is_infinite
    # δ = 1 + β(2r − 1) = 3/2.
    norm = QuadraticForm(s**0, beta, SourceTarget("5/8"))
    assert evaluate(norm, digits=20).text == evaluate(zeta(Rational(3, 2)), digits=20).text
    for arithmetic in ("double", "ball"):
        f = lambdify(DegreesOfFreedom(1, ridge, beta), [ridge], arithmetic=arithmetic)
        with pytest.raises(Diverges):
            f(0.0)


def test_thirty_digits_over_an_infinite_spectrum() -> None:
    degrees = DegreesOfFreedom(1, effective, PowerLawSpectrum(oo, 2))
    for kappa in (Integer(1), Rational(1, 10**8), Integer(50)):
        root = 1 / sqrt(kappa)
        known = evaluate((pi * root * coth(pi * root) - 1) / 2, digits=30)
        assert evaluate(degrees, digits=30, values={effective: kappa}).text == known.text


# Exponential spectra.


@given(
    st.integers(1, 40).map(lambda n: Rational(n, 16)),
    st.integers(-60, 3),
    st.sampled_from([Integer(1), Rational(1, 2), Integer(3)]),
    st.sampled_from([1500, 4000]),
)
@settings(derandomize=True, deadline=None, max_examples=25)
def test_exponential_sums_are_those_of_their_terms(
    rate: Expr, power_of_two: int, power: Expr, size: int
) -> None:
    kappa = Rational(2) ** power_of_two
    for order in (1, 2):
        summand = s**power / (s + kappa) ** order
        spectrum = ExponentialSpectrum(size, rate, 3)
        with ctx.workprec(90):
            ours = BallEvaluator({}).evaluate(SpectralTrace(summand, spectrum))
            known = TermByTerm({}).evaluate(SpectralTrace(summand, spectrum))
            assert ours.overlaps(known)
            assert ours.rel_accuracy_bits() > 60
            whole = BallEvaluator({}).evaluate(
                SpectralTrace(summand, ExponentialSpectrum(oo, rate, 3))
            )
            # All later terms are below (3e^(−rate·j))^power/κ^order, a geometric series.
            ball = exact_ball(Rational(rate * power))
            rest = (
                (-ball * (size + 1)).exp()
                / -(-ball).expm1()
                * arb(3) ** exact_ball(Rational(power))
            )
            assert whole > known * (1 - arb(2) ** -60)
            assert (
                whole < known * (1 + arb(2) ** -60) + rest * exact_ball(Rational(kappa)) ** -order
            )


def test_finite_exponential_tails_count_their_terms() -> None:
    # κ tr (Σ + κ)⁻¹ counts the eigenvalues below κ.
    size = 10**8
    ours = exponential_sum(arb(0), arb(1) / 4, ((arb(1) / 1000, arb(1)),), size) / 1000
    above = sum((1 / (1 + arb(1) / 1000 * (arb(j) / 4).exp()) for j in range(1, 400)), arb(0))
    assert abs(ours - (size - above)) < 1e-6
    assert ours.rel_accuracy_bits() > 40
    with pytest.raises(Diverges):
        exponential_sum(arb(0), arb(1), (), None)
    with pytest.raises(NotEvaluable, match="larger rate"):
        exponential_sum(arb(1), arb(1e-9), ((arb(1e-9), arb(1)),), None)


# The effective ridge.


@given(
    st.integers(3, 60).map(lambda n: Rational(n, 12)),
    st.integers(1001, 1100),
    st.sampled_from([Fraction(1, 50), Fraction(1, 2), Fraction(99, 100), Fraction(1), Fraction(3)]),
    st.one_of(st.none(), st.integers(-60, 4)),
)
@settings(derandomize=True, deadline=None, max_examples=12)
def test_both_routes_to_the_effective_ridge_meet(
    beta: Expr, size: int, share: Fraction, exponent: int | None
) -> None:
    lam = arb(0) if exponent is None else arb(2) ** exponent
    for spectrum in (PowerLawSpectrum(size, beta), ExponentialSpectrum(size, beta / 100)):
        with ctx.workprec(90):
            number = arb(fmpq(share.numerator * size, share.denominator))
            evaluator = BallEvaluator({})
            sums = LongSums(evaluator.evaluate)
            ours = enclose_long_ridge(lam, number, spectrum, sums)
            levels, ones = evaluator.levels(spectrum), evaluator.weights(spectrum, None)
            known = enclose_effective_ridge(lam, number, levels, ones)
            assert ours.overlaps(known)
            assert ours.is_zero() or ours.rel_accuracy_bits() > 50
            assert ours.is_zero() or not (ours * (1 + arb(2) ** -40)).overlaps(known)


@pytest.mark.parametrize("decade", [1, 3, 6, 9, 12, 16, 20])
@pytest.mark.parametrize("exponent", [None, 0, Rational(4, 5), Rational(3, 2), 3])
def test_the_effective_ridge_solves_its_equation(decade: int, exponent: Any) -> None:
    number = Integer(10) ** decade
    lam = Integer(0) if exponent is None else number**-exponent
    kappa = EffectiveRidge(lam, number, ENDLESS)
    left = number - DegreesOfFreedom(1, effective, ENDLESS) - lam * number / effective
    value = Rational(evaluate(kappa, digits=25).text)
    sides = [
        ball_at(left.xreplace({effective: value * (1 + Rational(sign, 10**23))}), 150)
        for sign in (-1, 1)
    ]
    assert sides[0] < 0 < sides[1]
    wrong = ball_at(left.xreplace({effective: value * (1 + Rational(1, 10**10))}), 150)
    assert wrong > 0


def test_the_ridgeless_ridge_follows_its_law() -> None:
    # df₁ = Aκ^(−1/β) − 1/2 − ζ(−β)κ + …: κ = (A/(T + 1/2))^β up to a relative T^(−β−1).
    for beta in (Rational(3, 2), Integer(2), Integer(5)):
        number = 10**12
        constant = pi / beta / sin(pi / beta)
        law = evaluate((constant / (number + Rational(1, 2))) ** beta, digits=20)
        ours = evaluate(EffectiveRidge(0, number, PowerLawSpectrum(oo, beta)), digits=20)
        assert abs(Fraction(ours.text) / Fraction(law.text) - 1) < Fraction(1, 10**18)


def test_a_capacity_that_is_no_double_loses_no_digit() -> None:
    # 17/12 has no finite binary expansion: kept at the precision of the search, it would leave 53 bits of the root.
    kappa = EffectiveRidge(Rational(1, 10**6), 10**6, PowerLawSpectrum(oo, Rational(17, 12)))
    ball = ball_at(kappa, 512)
    with ctx.workprec(512):
        assert ball.rad() / ball < arb(2) ** -480


@pytest.mark.parametrize(
    ("size", "number"), [(10**12, 10**12 - 1), (10**12, 10**12), (10**12, 10**6), (10**30, 10**16)]
)
def test_dimensions_close_to_the_samples_lose_no_digit(size: int, number: int) -> None:
    spectrum = PowerLawSpectrum(size, 2)
    lam = Rational(1, 10**40)
    value = Rational(evaluate(EffectiveRidge(lam, number, spectrum), digits=20).text)
    # In the form κ tr(Σ + κ)⁻¹ + T − d = λT/κ, at a precision beyond the digits of d.
    left = SpectralTrace(effective / (s + effective), spectrum) + number - size
    left -= lam * number / effective
    low, high = (
        ball_at(left.xreplace({effective: value * (1 + Rational(sign, 10**18))}), 300)
        for sign in (-1, 1)
    )
    assert low < 0 < high
    assert evaluate(EffectiveRidge(0, size, spectrum)).text == "0"


def test_residual_degrees_of_freedom_keep_their_digits() -> None:
    for lam in (Integer(0), Rational(1, 10**30)):
        residual = ResidualDegreesOfFreedom(10**6, lam, lam, ENDLESS)
        assert evaluate(residual, digits=20).text == evaluate(
            residual.unfolded(), digits=20
        ).text  # fmt: skip
    surplus = ResidualDegreesOfFreedom(10**12 + 1, 0, 0, PowerLawSpectrum(10**12, 2))
    assert evaluate(surplus, digits=3).text == "1.00"


def test_more_bits_than_the_sums_take_are_refused() -> None:
    with pytest.raises(PrecisionExhausted):
        evaluate(DegreesOfFreedom(1, Rational(1, 7), ENDLESS), digits=9000)


def test_which_spectra_are_long() -> None:
    assert is_long(ExponentialSpectrum(oo, 1))
    assert not is_long(PowerLawSpectrum(10**6, 2), 10**6)
    assert is_long(PowerLawSpectrum(10**6 + 1, 2), 10**6)


# Whole problems.


def problem_of(
    spectrum: Spectrum, number: Any = 1000, fits: tuple[Generation, ...] = ()
) -> Problem:
    return Problem(
        spectrum, SourceTarget("3/8"), fits, Downstream(number, "1/10", samples ** Rational(-4, 5))
    )


def test_doubles_of_a_long_list_lie_in_the_balls_of_the_rule() -> None:
    for size in (10**4, 10**5):
        problem = problem_of(
            PowerLawSpectrum(size, "3/2"), 500, (Generation(200, "1/5", "1/50"),) * 2
        )
        total = derive(problem).total
        in_doubles = float(lambdify(total, [], problem)())
        # Doubles announce more than 1e-12.
        assert abs(in_doubles / float(evaluate(total, problem)) - 1) < 1e-12


def test_the_test_error_at_a_trillion_samples() -> None:
    problem = problem_of(ENDLESS, 10**12)
    total = derive(problem).total
    start = time.perf_counter()
    result = evaluate(total, problem)
    assert time.perf_counter() - start < 1  # 10 ms are usual
    in_doubles = lambdify(total, [samples, ridge], problem)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = in_doubles([10.0, 1e6, 1e12, 1e16], [[0.0], [1e-9]])
    assert grid.shape == (2, 4)
    assert np.all(np.diff(grid, axis=1) < 0)
    f = lambdify(total, [samples], problem)
    # Doubles add some 500 terms pairwise, and divide: a few roundings of 1.1e-16 each.
    assert abs(float(f(1e12)) / float(evaluate(total, problem, digits=17)) - 1) < 5e-15
    ball = lambdify(total, [samples], problem, arithmetic="ball")(10**12)
    assert ball.overlaps(arb(result.text, float(result.radius)))
    digits = lambdify(total, [samples], problem, arithmetic="digits", digits=15)(10**12)
    assert digits == result.mpf


def test_finite_dimensions_tend_to_the_infinite_one() -> None:
    values = [
        float(evaluate(derive(problem).total, problem))
        for problem in (
            problem_of(PowerLawSpectrum(size, "3/2")) for size in (10**5, 10**8, 10**12, oo)
        )
    ]
    gaps = [abs(value - values[-1]) for value in values[:-1]]
    # The missing part of df₁ is d^(1−β)/((β − 1)κ), and moves the error in proportion: d^(−1/2) here. The missing part
    # of the bias itself is d^(−9/8): 2e-3 of the gap at d = 10⁸, and 0.15 at d = 10⁵.
    assert abs(gaps[1] / gaps[2] / 100 - 1) < 5e-3
    assert abs(gaps[0] / gaps[1] / 10**1.5 - 1) < 0.2


def test_curves_and_chains_over_an_infinite_spectrum() -> None:
    problem = problem_of(ENDLESS, 2000, (Generation(20000, "1/5", "1/100", repeat=3),))
    error = derive(problem)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = float(lambdify(error.total, [samples], problem)(2000))
    assert abs(found / float(evaluate(error.total, problem, digits=17)) - 1) < 5e-16
    parts = sum(
        float(evaluate(part, problem)) for part in (error.bias, error.variance, error.synthetic)
    )
    assert abs(parts / found - 1) < 1e-14


def test_irrational_exponents_are_no_obstacle() -> None:
    spectrum = PowerLawSpectrum(oo, sqrt(2))
    value = evaluate(DegreesOfFreedom(1, exp(Integer(-9)), spectrum), digits=40)
    with mpmath.workdps(30):
        beta, kappa = mpmath.sqrt(2), mpmath.exp(-9)

        # The convergent part of mpmath: Euler and Maclaurin from 400 on, with its own integral.
        def f(z: Any) -> Any:
            return 1 / (1 + kappa * z**beta)

        head = mpmath.fsum(f(mpmath.mpf(j)) for j in range(1, 400))
        ends = [400, 10**3, 10**4, 10**6, 10**9, 10**13, 10**20, mpmath.inf]
        tail = mpmath.quad(f, ends) + f(mpmath.mpf(400)) / 2 - mpmath.diff(f, 400) / 12
        assert abs(head + tail - value.mpf) < mpmath.mpf(10) ** -9
        assert abs(head + tail - value.mpf * (1 + mpmath.mpf(10) ** -9)) > mpmath.mpf(10) ** -9


def test_digits_beyond_the_bits_of_long_sums_are_refused_with_their_number() -> None:
    """4000 digits need 13,360 bits; not the 200,000 bits that other formulas may take."""
    trace = SpectralTrace(s**2, PowerLawSpectrum(oo, 2))
    with pytest.raises(TooManyBits, match=r"at most 12000 bits, about 3612 digits: ask for fewer"):
        evaluate(trace, digits=4000)
    # The negative control: as many digits of a short sum, and fewer digits of the long one.
    assert len(evaluate(SpectralTrace(s**2, PowerLawSpectrum(9, 2)), digits=4000).text) > 4000
    assert evaluate(trace, digits=30).text.startswith("1.0823232337")  # π⁴/90
