"""Short lists of points in place of long spectra: against plain sums, against balls, and what a worse rule would give."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sympy import Rational, oo

from symcollapse import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    PowerLawSpectrum,
    Problem,
    SourceTarget,
    UniformTarget,
    lambdify,
    ridge,
    test_error,
)
from symcollapse.evaluation import compressed_spectra, index_rules
from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.compressed_lists import ListCompressor
from symcollapse.evaluation.compression import compressed_spectrum
from symcollapse.evaluation.exponential_sums import exponential_sum
from symcollapse.evaluation.gauss_rules import gauss_rule, reduced_rule
from symcollapse.evaluation.index_rules import IndexRule, Steepness, index_rule
from symcollapse.evaluation.logarithmic_panels import (
    LogarithmicPanel,
    PowerLawSums,
    logarithmic_panels,
)
from symcollapse.evaluation.power_law_sums import power_law_sum
from symcollapse.evaluation.rounded import Array
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotEvaluable, NotSupported
from symcollapse.language.problems import Downstream
from symcollapse.language.spectra import Spectrum

ROUNDINGS = 1e-14
"""Some 500 terms added pairwise, powers of s taken with errors of a few 1.1e-16 each, the rule itself 3e-17."""

derive = test_error  # pytest would take a function named test_… for a test


def _relative(found: float, ball: arb) -> float:
    return float(abs((arb(found) - ball) / ball).upper())


def _terms(s: Array, kappa: float, power: int, order: int) -> Array:
    """(s/(s + κ))^p (κ/(s + κ))^(m − p): between 0 and 1, for any s and κ."""
    return (s / (s + kappa)) ** power * (kappa / (s + kappa)) ** (order - power)


@given(
    beta=st.sampled_from([0.3, 0.5, 1.0, 1.2, 1.5, 2.0, 3.0, 6.0]),
    decay=st.sampled_from([0.0, 0.5, 1.0, 2.5]),
    order=st.integers(1, 5),
    data=st.data(),
    size=st.one_of(st.none(), st.integers(20, 10**14)),
    depth=st.floats(0, 150),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_power_laws_of_any_length(
    beta: float, decay: float, order: int, data: st.DataObject, size: int | None, depth: float
) -> None:
    power = data.draw(st.integers(1 if size is None else 0, order))
    growth = beta * power + decay - 1
    assume(size is not None or growth > 0.15)
    smallest = 10.0**-depth
    steep = Steepness(beta, 0.0, max(power, order - power), order, decay)
    rule = index_rule(size, steep, smallest=smallest, growth=growth, always=True)
    assume(rule is not None)
    assert rule is not None
    assert np.all(rule.weights > 0)
    if size is not None:
        assert float(np.sum(rule.counts)) == size or size > 2**53
    kappa = smallest * 10.0 ** data.draw(st.floats(0, 20))
    found = float(
        np.sum(rule.weights * _terms(rule.nodes**-beta, kappa, power, order) * rule.nodes**-decay)
    )
    assume(found > 1e-280)  # below, terms underflow; evaluators see that and refuse
    with ctx.workprec(120):
        ball = power_law_sum(
            arb(beta) * power + decay - arb(beta) * order,
            arb(beta),
            ((arb(kappa), arb(order)),),
            size,
        ) * arb(kappa) ** (order - power)
        assert _relative(found, ball) < ROUNDINGS


@given(
    rate=st.sampled_from([0.005, 0.03, 0.2, 1.0]),
    order=st.integers(1, 4),
    data=st.data(),
    size=st.one_of(st.none(), st.integers(20, 10**12)),
    depth=st.floats(0, 120),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_exponentials_of_any_length(
    rate: float, order: int, data: st.DataObject, size: int | None, depth: float
) -> None:
    power = data.draw(st.integers(1 if size is None else 0, order))
    smallest = 10.0**-depth
    steep = Steepness(0.0, rate, max(power, order - power), order)
    rule = index_rule(size, steep, smallest=smallest, growth=max(power, 1), always=True)
    assert rule is not None
    kappa = smallest * 10.0 ** data.draw(st.floats(0, 20))
    found = float(np.sum(rule.weights * _terms(np.exp(-rate * rule.nodes), kappa, power, order)))
    with ctx.workprec(120):
        ball = exponential_sum(arb(power), arb(rate), ((arb(kappa), arb(order)),), size) * arb(
            kappa
        ) ** (order - power)
        # e^(−αj) has the error of αj, up to 500 roundings; where terms count one by one that is less.
        assert _relative(found, ball) < 2e-13


def test_a_rule_with_fewer_nodes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_rules, "TOLERANCE", 1e-4)
    rule = index_rule(10**6, Steepness(1.5))
    assert rule is not None
    s = np.arange(1.0, 10**6 + 1) ** -1.5
    worst = max(
        abs(
            float(np.sum(rule.weights * _terms(rule.nodes**-1.5, kappa, 2, 2)))
            / math.fsum(_terms(s, kappa, 2, 2))
            - 1
        )
        for kappa in np.geomspace(1e-9, 1, 20)
    )
    # The bound is one of the worst case, so the error is smaller; it is far above rounding all the same.
    assert 100 * ROUNDINGS < worst < 1e-4


@given(
    beta=st.sampled_from([0.3, 1.0, 1.5, 3.0]),
    decay=st.sampled_from([0.0, 1.0]),
    data=st.data(),
    size=st.one_of(st.none(), st.integers(30, 10**13)),
    depth=st.floats(1, 40),
    tolerance=st.sampled_from([1e-9, 1e-6, 1e-3]),
)
@settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_bound_of_a_rule_holds_where_rounding_hides_nothing(
    monkeypatch: pytest.MonkeyPatch,
    beta: float,
    decay: float,
    data: st.DataObject,
    size: int | None,
    depth: float,
    tolerance: float,
) -> None:
    power = data.draw(st.integers(1 if size is None else 0, 2))
    growth = beta * power + decay - 1
    assume(size is not None or growth > 0.15)
    kappa = 10.0 ** -(depth * data.draw(st.floats(0, 1)))
    monkeypatch.setattr(index_rules, "TOLERANCE", tolerance)
    rule = index_rule(
        size, Steepness(beta, 0.0, 2.0, 2.0, decay), smallest=10.0**-depth, growth=growth
    )
    assume(rule is not None)
    assert rule is not None
    # What is lost to rounding, 1e-14, is nothing beside the tolerances.
    assert _gap(rule, beta, decay, kappa, power, size) < rule.tolerance + ROUNDINGS


def _gap(
    rule: IndexRule, beta: float, decay: float, kappa: float, power: int, size: int | None
) -> float:
    """Relative error of the sum of j^-δ (s/(s + κ))^p (κ/(s + κ))^(2 − p)."""
    found = float(
        np.sum(rule.weights * _terms(rule.nodes**-beta, kappa, power, 2) * rule.nodes**-decay)
    )
    with ctx.workprec(120):
        ball = power_law_sum(
            arb(beta) * (power - 2) + decay, arb(beta), ((arb(kappa), arb(2)),), size
        ) * arb(kappa) ** (2 - power)
        return _relative(found, ball)


def test_the_bound_of_a_rule_fails_for_half_the_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_rules, "TOLERANCE", 1e-9)
    planned = logarithmic_panels

    def halved(sums: PowerLawSums, last: int, *, cut: int) -> tuple[LogarithmicPanel, ...] | None:
        panels = planned(sums, last, cut=cut)
        return panels and tuple(
            replace(panel, nodes=(panel.nodes + 1) // 2) if panel.nodes > 1 else panel
            for panel in panels
        )

    whole = index_rule(10**9, Steepness(1.5))
    monkeypatch.setattr(index_rules, "logarithmic_panels", halved)
    half = index_rule(10**9 + 1, Steepness(1.5))  # rules that are known are not planned again
    assert whole is not None
    assert half is not None
    kappas = np.geomspace(1e-12, 1e-1, 12)
    worst = [
        max(_gap(rule, 1.5, 0.0, float(kappa), 1, size) for kappa in kappas)
        for rule, size in ((whole, 10**9), (half, 10**9 + 1))
    ]
    assert worst[0] < 1e-9 < worst[1]


@pytest.mark.parametrize(
    ("size", "smallest", "most"),
    [(10**3, 0.0, 60), (10**6, 0.0, 110), (10**12, 1e-8, 170), (None, 1e-8, 190)],
)
def test_rules_are_short(size: int | None, smallest: float, most: int) -> None:
    rule = index_rule(size, Steepness(1.5, decay=1.0), smallest=smallest, growth=0.5)
    assert rule is not None
    assert rule.nodes.size < most


def test_reduced_rules_are_exact_for_powers_of_the_logarithm() -> None:
    z = np.arange(20.0, 400.0)
    nodes, weights = reduced_rule(8, z, np.ones(z.size), 19.5, 399.5)
    # Applied to u^p/z, in which powers of u = ln z, centred, are those of Gauss.
    middle = math.log(19.5 * 399.5) / 2
    errors = []
    for power in range(0, 18, 2):
        known = math.fsum((np.log(z) - middle) ** power / z)
        found = math.fsum(weights * (np.log(nodes) - middle) ** power / nodes)
        errors.append(abs(found / known - 1))
    # Nodes and weights have one rounding each, and the powers some sixteen.
    assert max(errors[:8]) < 5e-15
    assert errors[8] > 1e-8  # degree 2K is beyond the rule


def test_panels_hold_whole_numbers_of_positions_however_far_out() -> None:
    rule = index_rule(None, Steepness(1.5), smallest=1e-16, growth=0.5)
    assert rule is not None
    ends = np.flatnonzero(rule.counts)
    held = np.add.reduceat(rule.weights, np.concatenate([[0], ends[:-1] + 1]))
    far = rule.nodes[ends] < 1e15  # beyond, doubles have no halves
    assert np.sum(far) > 3
    # Weights have a rounding each, the rule 3e-17.
    assert np.max(np.abs(held / rule.counts[ends] - 1)[far]) < 1e-14


def test_effective_ridges_far_out_in_the_spectrum() -> None:
    """Where panels are of more than 2^28 positions, and T is as large."""
    for size in (10**12, oo):
        kappa = EffectiveRidge(ridge, 10**9, PowerLawSpectrum(size, Rational(3, 2)))
        lam = np.array([1e-20, 1e-12])
        values, errors = lambdify(kappa, [ridge], errors=True)(lam)
        balls = lambdify(kappa, [ridge], arithmetic="ball", digits=25)(lam.tolist())
        for value, bound, ball in zip(values, errors, balls, strict=True):
            assert bound < 1e-12
            assert _relative(value, ball) <= bound


@pytest.mark.parametrize(
    "spectra",
    [
        (PowerLawSpectrum(oo, Rational(6, 5)), PowerLawSpectrum(oo, 3)),
        (ExponentialSpectrum(10**12, Rational(1, 50)), ExponentialSpectrum(10**12, 1)),
        (ExponentialSpectrum(oo, Rational(1, 50)), ExponentialSpectrum(oo, Rational(1, 5))),
    ],
)
def test_two_spectra_of_one_dimension_share_a_rule(spectra: tuple[Spectrum, Spectrum]) -> None:
    """The rule reaches as far as the one that falls more slowly."""
    kappas = [EffectiveRidge(ridge, 60, spectrum) for spectrum in spectra]
    lam = np.array([1e-9, 1e-3])
    found = lambdify(kappas, [ridge], errors=True)(lam)
    balls = lambdify(kappas, [ridge], arithmetic="ball", digits=25)(lam.tolist())
    for (values, errors), truths in zip(found, balls, strict=True):
        for value, bound, ball in zip(values, errors, truths, strict=True):
            assert _relative(value, ball) <= bound


@given(order=st.integers(1, 30), length=st.integers(31, 10**9))
@settings(derandomize=True, deadline=None, max_examples=30)
def test_gauss_rules_are_exact_for_whole_numbers(order: int, length: int) -> None:
    nodes, weights = gauss_rule(order, length)
    half = Fraction(length - 1, 2)
    assert np.all(weights > 0)
    degree = min(2 * order - 1, 8)
    for power in range(0, degree + 1, 2):
        scaled = float(np.sum(weights * (nodes / float(half)) ** power))
        # Powers sums by Bernoulli's formula would be long: Euler-Maclaurin for x^p on [−h, h], all terms.
        known = _power_sum(length, power) / half**power
        assert abs(scaled / float(known) - 1) < 1e-13
    if order <= 4 and length < 10**4:
        wrong = float(np.sum(weights * (nodes / float(half)) ** (2 * order)))
        known = _power_sum(length, 2 * order) / half ** (2 * order)
        assert abs(wrong / float(known) - 1) > 1e-6  # degree 2K is beyond the rule


def _power_sum(length: int, power: int) -> Fraction:
    """Σ x^p over N numbers around 0, one apart, by interpolation of its polynomial in N."""
    points = range(1, power + 3)
    values = [
        sum((Fraction(2 * k - n + 1, 2) ** power for k in range(n)), Fraction(0)) for n in points
    ]
    total = Fraction(0)
    for i, value in zip(points, values, strict=True):
        term = value
        for j in points:
            if j != i:
                term *= Fraction(length - j, i - j)
        total += term
    return total


LISTS = st.sampled_from(["log-uniform", "clustered", "uniform", "one value"])


@given(kind=LISTS, seed=st.integers(0, 10**6), order=st.integers(1, 4), data=st.data())
@settings(derandomize=True, deadline=None, max_examples=25)
def test_lists_in_one_pass(kind: str, seed: int, order: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    s = {
        "log-uniform": lambda: 10.0 ** rng.uniform(-290, 10, 20000),
        "clustered": lambda: (
            np.exp(np.repeat(3 * rng.normal(size=50), 400)) * (1 + 1e-3 * rng.random(20000))
        ),
        "uniform": lambda: rng.random(20000) + 1e-12,
        "one value": lambda: np.full(20000, 0.3),
    }[kind]()
    squares = rng.exponential(size=s.size) * s
    compressor = ListCompressor(2, Steepness(order=order, poles=order))
    for start in range(0, s.size, 3000):
        part = slice(start, start + 3000)
        compressor.add(s[part], [np.ones(s[part].size), squares[part]])
    short = compressor.result()
    assert float(np.sum(short.counts)) == s.size
    power = data.draw(st.integers(0, order))
    kappa = float(np.min(s)) * (float(np.max(s)) / float(np.min(s))) ** data.draw(st.floats(0, 1))
    for weights, row in ((np.ones(s.size), 0), (squares, 1)):
        known = math.fsum(weights * _terms(s, kappa, power, order))
        terms = short.weights[row] * _terms(short.eigenvalues, kappa, power, order)
        assert abs(math.fsum(terms) / known - 1) < ROUNDINGS


def test_lists_refuse_what_is_no_spectrum() -> None:
    compressor = ListCompressor(1, Steepness())
    for bad in ([0.0], [-1.0], [math.nan], [math.inf], [1e-310]):
        with pytest.raises(NotEvaluable, match="eigenvalues: give positive doubles"):
            compressor.add(np.array(bad), [np.ones(1)])
    with pytest.raises(NotEvaluable, match="weights: give finite"):
        compressor.add(np.ones(1), [np.array([math.inf])])
    with pytest.raises(NotEvaluable, match="give 1 weights"):
        compressor.add(np.ones(2), [np.ones(2), np.ones(2)])


@given(
    size=st.sampled_from([200, 3000, 10**6, 10**12, oo]),
    capacity=st.sampled_from([Rational(6, 5), Rational(3, 2), Rational(3)]),
    source=st.sampled_from([Rational(3, 8), Rational(1)]),
    samples=st.sampled_from([10, 150, 10**5]),
    power=st.integers(-60, 2),
)
@example(size=200, capacity=Rational(3), source=Rational(1), samples=200, power=-60)
@settings(derandomize=True, deadline=None, max_examples=30)
def test_curves_lie_within_their_errors_of_the_balls(
    size: int, capacity: Rational, source: Rational, samples: int, power: int
) -> None:
    problem = Problem(
        PowerLawSpectrum(size, capacity), SourceTarget(source), (), Downstream(samples, 1, ridge)
    )
    error = derive(problem)
    formulas = [error.effective_ridge, error.bias, error.variance]
    lam = np.array([10.0**power, 3e-4, 1.0])
    in_doubles = lambdify(formulas, [ridge], problem, errors=True)(lam)
    in_balls = lambdify(formulas, [ridge], problem, "ball", digits=25)(lam.tolist())
    for (values, errors), balls in zip(in_doubles, in_balls, strict=True):
        for value, bound, ball in zip(values, errors, balls, strict=True):
            assert bound < 1e-12
            assert _relative(value, ball) <= bound


def test_long_lists_and_their_targets_in_a_curve() -> None:
    eigenvalues = [Rational(1, k) + Rational(1, 7 * k * k) for k in range(1, 2501)]
    explicit = ExplicitSpectrum(eigenvalues)
    problem = Problem(explicit, UniformTarget(2), (), Downstream(300, 1, ridge))
    error = derive(problem)
    lam = np.geomspace(1e-8, 1, 7)
    (values, errors), (kappas, _) = lambdify(
        [error.total, error.effective_ridge], [ridge], problem, errors=True
    )(lam)
    assert np.max(errors) < 1e-12
    plan = compressed_spectra.SpectralPlan([EffectiveRidge(ridge, 300, explicit)])
    assert (
        plan.compressed(plan.depths({}, 1)[0].tolist()).lists[explicit].points.eigenvalues.size
        < 500
    )
    for position in (0, 3, 6):
        exact = {ridge: arb(float(lam[position]))}
        with ctx.workprec(100):
            kappa = BallEvaluator(exact).evaluate(EffectiveRidge(ridge, 300, explicit))
        assert _relative(kappas[position], kappa) < ROUNDINGS
        s, k = np.array([float(x) for x in eigenvalues]), kappas[position]
        df2 = math.fsum((s / (s + k)) ** 2)
        bias = math.fsum(s * (k / (s + k)) ** 2) * 2 / 2500
        # Plain sums in doubles lose what T − df₂ cancels, less than a digit here.
        assert abs(values[position] / ((300 * bias + df2) / (300 - df2)) - 1) < 1e-13


def test_a_short_list_by_itself() -> None:
    short = compressed_spectrum(PowerLawSpectrum(oo, 2), SourceTarget(1), smallest_ridge=1e-8)
    root = math.sqrt(1e-8)
    known = (math.pi / root / math.tanh(math.pi / root) - 1) / 2
    assert abs(short.trace(lambda s: s / (s + 1e-8)) / known - 1) < ROUNDINGS
    # Σ j^-3 s = ζ(5)
    assert abs(short.quadratic_form(lambda s: s) - 1.0369277551433699) < ROUNDINGS
    listed = compressed_spectrum([np.arange(1.0, 5001.0) ** -2] * 2, [np.ones(5000)] * 2)
    assert abs(listed.trace(np.sqrt) / (2 * math.fsum(1 / np.arange(1.0, 5001.0))) - 1) < ROUNDINGS
    assert abs(listed.quadratic_form(np.ones_like) / 10000 - 1) < ROUNDINGS
    plain = compressed_spectrum(ExponentialSpectrum(300, Rational(1, 10)))
    assert plain.energies is None
    with pytest.raises(NotSupported, match="no target"):
        plain.quadratic_form(np.sqrt)
    with pytest.raises(NotSupported, match="smallest_ridge > 0"):
        compressed_spectrum(PowerLawSpectrum(oo, 2))
    with pytest.raises(NotSupported, match="same chunks"):
        compressed_spectrum([np.ones(3)], SourceTarget(1))


def test_a_point_has_the_same_digits_in_any_company() -> None:
    problem = Problem(PowerLawSpectrum(oo, 2), SourceTarget(1), (), Downstream(500, 1, ridge))
    f = lambdify(derive(problem).total, [ridge], problem)
    lam = np.geomspace(1e-30, 1, 57)
    together = f(lam)
    assert [float(f(float(each))) for each in lam] == together.tolist()
