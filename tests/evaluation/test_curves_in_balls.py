"""Balls along a curve contain the truth at twice the precision, whatever the spectrum, and are as narrow as promised."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import arb, ctx, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, Symbol, oo, sqrt

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.evaluation.certified_curves import CertifiedCurve, enclose
from symcollapse.evaluation.curves_in_balls import CurveInBalls
from symcollapse.evaluation.interpolated_sums import (
    InterpolatedSum,
    Rule,
    cell_of,
    nodes_of,
    rule_for,
)
from symcollapse.evaluation.moving_sums import moving_parts
from symcollapse.evaluation.numbers import in_numbers
from symcollapse.evaluation.roots_in_balls import certified_root
from symcollapse.evaluation.tabulated_ridges import TabulatedEquation
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import Diverges, PrecisionExhausted
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, SpectralTrace
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
)
from symcollapse.language.symbols import effective, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.theory import test_error as derive

POINTS = 80
"""Points of a test curve: enough within one cell for its tables to be worth while, at every precision used here."""

Level = tuple[Fraction, int]


def decades(low: int, high: int) -> st.SearchStrategy[Fraction]:
    """Positive numbers of three figures, spread evenly over decades."""
    return st.builds(
        lambda figures, decade: Fraction(figures, 100) * Fraction(10) ** decade,
        st.integers(100, 999),
        st.integers(low, high - 1),
    )


def level_lists() -> st.SearchStrategy[list[Level]]:
    """Levels over 300 decades, repeated up to 10⁹ times each."""
    counts = st.one_of(st.integers(1, 5), st.integers(1, 10**9))
    return st.lists(
        st.tuples(decades(-150, 150), counts),
        min_size=1,
        max_size=8,
        unique_by=lambda level: level[0],
    )


def ball(number: Fraction) -> Any:
    return arb(fmpq(number.numerator, number.denominator))


def real(number: Any) -> Any:
    """A fraction, or an exact ball, for mpmath."""
    if isinstance(number, Fraction):
        return mpmath.mpf(number.numerator) / number.denominator
    mantissa, exponent = number.man_exp()
    return mpmath.ldexp(int(mantissa), int(exponent))


def contains(enclosure: Any, truth: Any) -> bool:
    """Whether a ball holds a number that mpmath knows to far more digits than the ball."""
    return bool(real(enclosure.lower()) <= truth <= real(enclosure.upper()))


def resolvent_sum(levels: Sequence[Level], kappa: Any, order: int) -> Any:
    return mpmath.fsum(m / (real(x) + kappa) ** order for x, m in levels)


def table_of(levels: Sequence[Level], cell: int, order: int, rule: Rule) -> InterpolatedSum:
    with ctx.workprec(rule.bits):
        values = [
            sum((m / (ball(x) + kappa) ** order for x, m in levels), arb(0))
            for kappa in nodes_of(cell, rule)
        ]
    return InterpolatedSum(cell, order, rule, values)


@given(
    level_lists(),
    st.integers(1, 9),
    st.integers(-690, 23),
    st.floats(0, 1),
    st.sampled_from([60, 206, 400]),
)
@settings(max_examples=40)
def test_an_interpolated_sum_contains_the_sum(
    levels: list[Level], order: int, whole: int, share: float, bits: int
) -> None:
    place = whole + share
    cell = cell_of(place)
    table = table_of(levels, cell, order, rule_for(order, bits))
    with ctx.workprec(bits + 40):
        # At κ from 1e-300 to 1e10, exact.
        kappa = arb(place).exp().mid()
        value = table.at(kappa, kappa.log())
    with mpmath.workprec(2 * bits + 600):
        assert contains(value, resolvent_sum(levels, real(kappa), order))
    # The rule promises the relative precision all over the cell.
    assert value.rel_accuracy_bits() >= bits


def test_an_interpolant_of_too_few_points_is_refused() -> None:
    levels: list[Level] = [(Fraction(1, 3), 2), (Fraction(5), 1)]
    right = rule_for(1, 100)
    kappa = arb(1.25)
    with mpmath.workprec(400):
        truth = resolvent_sum(levels, real(kappa), 1)
    with ctx.workprec(140):
        assert contains(table_of(levels, 0, 1, right).at(kappa, kappa.log()), truth)
        # Half the points, with the error that the full number has: no ball around the truth.
        wrong = replace(right, points=right.points // 2)
        assert not contains(table_of(levels, 0, 1, wrong).at(kappa, kappa.log()), truth)


def test_a_table_answers_for_its_cell_only() -> None:
    table = table_of([(Fraction(1), 1)], 0, 1, rule_for(1, 60))
    with pytest.raises(PrecisionExhausted, match="edge"):
        table.at(arb(100), arb(100).log())


@given(level_lists(), decades(-6, 6), decades(-300, 10))
@settings(max_examples=40)
def test_effective_ridges_of_a_curve_are_roots(
    levels: list[Level], ratio: Fraction, ridge_size: Fraction
) -> None:
    spectrum = LevelsSpectrum(
        [Rational(x.numerator, x.denominator) for x, _ in levels], [m for _, m in levels]
    )
    size = ratio * sum(m for _, m in levels)
    kappa = EffectiveRidge(ridge, Rational(size.numerator, size.denominator), spectrum)
    curve = CertifiedCurve([kappa], [ridge], "ball", 50)
    first = Rational(ridge_size.numerator, ridge_size.denominator)
    points = [(first * (1 + Rational(k, POINTS)),) for k in range(POINTS)]
    for (value,), (lam,) in list(zip(curve.at(points), points, strict=True))[:: POINTS // 4]:
        # r(κ) = T − Σ s/(s + κ) − λT/κ increases, so that a change of its sign is a proof of the one root. Its terms may
        # cancel over 310 decades and the levels over 300: 6000 bits hold them all.
        with mpmath.workprec(6000):

            def residual(at: Any, lam: Any = Fraction(int(lam.p), int(lam.q))) -> Any:
                total = mpmath.fsum(m * real(x) / (real(x) + at) for x, m in levels)
                return real(size) - total - real(lam) * real(size) / at

            assert residual(real(value.lower())) <= 0 <= residual(real(value.upper()))
        assert value.rel_accuracy_bits() > 50 * 3.32


def test_a_start_that_is_no_root_gives_none() -> None:
    levels: list[Level] = [(Fraction(1), 300)]
    table = table_of(levels, 0, 1, rule_for(1, 100))
    with ctx.workprec(100):
        equation = TabulatedEquation(arb(1), arb(300), table, lambda: table, 300)
        root = equation.root(1.618034)
        assert root.overlaps((1 + arb(5).sqrt()) / 2)
        # A residual that does not vanish where Newton's method stops, as a wrong slope would leave it, is not certified.
        with pytest.raises(PrecisionExhausted, match="not decided"):
            certified_root(arb(1.5), lambda x: x - 1, lambda x: 1e9 * x)


def power_law(dimension: Any = 60, **generation: Any) -> Problem:
    return Problem(
        PowerLawSpectrum(dimension, 2),
        SourceTarget("3/8"),
        generations=(Generation(**generation),) if generation else (),
        downstream=Downstream(samples=40, noise="1/10", ridge="1/5"),
    )


def curve_of(
    problem: Problem, symbols: list[Symbol], points: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[Expr, tuple[Any, ...], Any]]:
    """Parts of the test error at points of a curve, all balls of one walk."""
    error = derive(problem)
    parts = [
        in_numbers(part, problem, tuple(symbols))
        for part in (error.total, error.bias, error.variance)
    ]
    curve = CertifiedCurve(parts, symbols, "ball", 50)
    for balls, point in zip(curve.at(points), points, strict=True):
        for part, value in zip(parts, balls, strict=True):
            yield part.xreplace(dict(zip(symbols, point, strict=True))), point, value


LOGARITHMIC = [(Rational(11, 10) ** k / 1000,) for k in range(POINTS)]
"""Ridges over three decades: some ranges of κ hold enough points for tables, some do not."""


@pytest.mark.parametrize(
    "problem",
    [
        power_law(),
        power_law(samples=30, noise="1/5", repeat=2),
        power_law(samples=70, ridge="1/7"),
        replace(power_law(), spectrum=ExponentialSpectrum(60, "1/4"), target=UniformTarget(1)),
        replace(
            power_law(),
            spectrum=ExplicitSpectrum(["1", "1/2", "1/2", "1/9"] * 20),
            target=UniformTarget(1),
        ),
    ],
    ids=["clean", "repeated", "own ridge", "exponential", "explicit"],
)
def test_a_curve_contains_what_single_points_have(problem: Problem) -> None:
    for position, (numeric, _, value) in enumerate(curve_of(problem, [ridge], LOGARITHMIC)):
        assert value.rel_accuracy_bits() > 50 * 3.32
        if position % 23 == 0:
            # At twice the digits, term by term, without tables.
            assert value.contains(enclose(numeric, 100))


def test_two_arguments_move_one_effective_ridge() -> None:
    points = [(lam, Rational(20 + k % 7)) for k, (lam,) in enumerate(LOGARITHMIC)]
    for numeric, _, value in list(curve_of(power_law(), [ridge, samples], points))[::31]:
        assert value.contains(enclose(numeric, 100))


def test_what_stays_is_found_once_and_tables_are_used() -> None:
    problem = power_law(samples=30, noise="1/5")
    formula = in_numbers(derive(problem).total, problem, (ridge,))
    curve = CurveInBalls([formula], [ridge], 206)
    ((first,),) = curve.at([(Rational(1, 5),)])
    assert curve.tables_known == 0, "one point alone is not worth a table"
    curve.at([(Rational(1, 5) + Rational(k, 1000),) for k in range(POINTS)])
    tables = curve.tables_known
    ((again,),) = curve.at([(Rational(1, 5),)])
    assert curve.tables_known == tables > 0
    # Term by term and from a table: two routes to one number.
    assert first is not None
    assert first.overlaps(again)


def test_digits_of_a_curve_are_those_of_its_points() -> None:
    problem = power_law()
    total = derive(problem).total
    values = lambdify(total, [ridge], problem, "digits", digits=40)([lam for (lam,) in LOGARITHMIC])
    for lam, value in list(zip(LOGARITHMIC, values, strict=True))[::19]:
        single = evaluate(in_numbers(total, problem, (ridge,)).xreplace({ridge: lam[0]}), digits=40)
        assert value == single.mpf


def test_a_point_without_a_value_is_refused_by_name() -> None:
    problem = replace(power_law(), downstream=Downstream(samples=60, noise="1/10", ridge="1/5"))
    total = derive(problem).total
    curve = lambdify(total, [ridge], problem, "ball")
    with pytest.raises(Diverges, match="0·∞ here"):
        curve([lam for (lam,) in LOGARITHMIC] + [0])


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=4
    ),
)
@settings(max_examples=30)
def test_parts_make_up_the_summand(exponents: list[tuple[int, int, int]]) -> None:
    still = Integer(3)
    summand = sum(
        effective**p * s**p * (s + effective) ** -m * (s + still) ** -q for p, m, q in exponents
    )
    assume(summand.free_symbols >= {s, effective})
    parts = moving_parts(summand, frozenset({effective}))
    assert parts is not None
    rebuilt = sum(
        part.coefficient * part.weight * (s + (part.kappa or 0)) ** -part.order for part in parts
    )
    at = {s: Rational(2, 7), effective: Rational(5, 3)}
    assert rebuilt.xreplace(at) == summand.xreplace(at)


def test_two_moving_effective_ridges_in_one_sum_are_not_split() -> None:
    both = s / ((s + effective) * (s + sqrt(ridge)))
    assert moving_parts(both, frozenset({effective, ridge})) is None
    assert moving_parts(s**effective, frozenset({effective})) is None


def test_more_levels_than_are_held_at_once() -> None:
    # 2000 distinct eigenvalues, some of them twice: more than two blocks of them at the points of one cell.
    spectrum = ExplicitSpectrum([Rational(1, k) for k in range(1, 2001)] + [Rational(1, 7)] * 3)
    kappa = EffectiveRidge(ridge, 900, spectrum)
    curve = CurveInBalls([kappa, DegreesOfFreedom(2, kappa, spectrum)], [ridge], 206)
    points = [(Rational(1, 100) + Rational(k, 10000),) for k in range(POINTS)]
    found = curve.at(points)
    assert curve.tables_known
    for formula, value in zip(curve.formulas, found[3], strict=True):
        assert value is not None
        assert value.contains(enclose(formula.xreplace({ridge: points[3][0]}), 100))


def test_hundreds_of_digits_are_not_tabulated() -> None:
    problem = power_law(20)
    variance = in_numbers(derive(problem).variance, problem, (ridge,))
    curve = CurveInBalls([variance], [ridge], 2000)
    found = curve.at([(Rational(1, 5) + Rational(k, 10**6),) for k in range(400)])
    assert curve.tables_known == 0
    ((value,),) = found[:1]
    assert value is not None
    assert value.contains(enclose(variance.xreplace({ridge: Rational(1, 5)}), 1000))


@pytest.mark.parametrize("dimension", [10**12, oo])
def test_long_spectra_are_tabulated_too(dimension: Any) -> None:
    spectrum = PowerLawSpectrum(dimension, 2)
    kappa = EffectiveRidge(ridge, 40, spectrum)
    formulas = [
        kappa,
        DegreesOfFreedom(2, kappa, spectrum),
        QuadraticForm(s * kappa**2 / (s + kappa) ** 2, spectrum, SourceTarget("3/8")),
        SpectralTrace(s**2 / (s + kappa), spectrum),
    ]
    curve = CurveInBalls(formulas, [ridge], 120)
    points = [(Rational(1, 100) + Rational(k, 10000),) for k in range(POINTS)]
    found = curve.at(points)
    assert curve.tables_known
    for formula, value in zip(formulas, found[17], strict=True):
        assert value is not None
        assert value.contains(enclose(formula.xreplace({ridge: points[17][0]}), 60))
        assert value.rel_accuracy_bits() > 90
