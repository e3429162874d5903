"""Expansions of sums over power laws against sums that are added up."""

from dataclasses import replace
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sympy import EulerGamma, Integer, Ne, Rational, log, oo, pi, simplify, sin, sqrt, zeta

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.expansion import Expansion, Term
from symcollapse.expansions.exponential import expand_exponential_sum
from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.expansions.remainders import remainder_bound
from symcollapse.language.errors import Diverges, InexactConstant, NotSupported
from symcollapse.language.spectra import ExponentialSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import (
    capacity,
    dimension,
    effective,
    order,
    power,
    ridge,
    scale,
    source,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import SourceTarget, UniformTarget
from tests.expansions.reference_sums import ball, error, is_within_its_remainder, power_law_sum

BITS = 160
"""Working precision: the radii of the references stay far below every remainder that is tested."""

quarters = st.integers(1, 12).map(lambda n: Rational(n, 4))
capacities = st.integers(11, 40).map(lambda n: Rational(n, 10))
orders = st.sampled_from([Rational(1), Rational(2), Rational(3), Rational(1, 2), Rational(7, 4)])
scales = st.sampled_from([Rational(1), Rational(3), Rational(2, 5)])
# κ = 1/10 … 10^-4: at β = 1.1 the reference then adds 15,000 terms.
ridges = st.integers(2, 8).map(lambda n: Rational(1, int(10 ** (n / 2))))


def truth(
    p: Rational,
    m: Rational,
    law: PowerLawSpectrum,
    kappa: Rational,
    target: SourceTarget | None = None,
) -> Any:
    """The reference of Σ c_j² s_j^p/(s_j+κ)^m."""
    beta, unit = law.capacity, law.scale
    delta = Integer(0) if target is None else 1 + beta * (2 * target.source - 1)
    weight = arb(1) if target is None else ball(target.scale)
    size = None if law.dimension is oo else int(law.dimension)
    total = power_law_sum(
        ball(beta), ball(beta * (p - m) + delta), ball(m), ball(kappa / unit), size
    )
    return weight * ball(unit) ** ball(p - m) * total


def function(p: Any, m: Any) -> Any:
    return s**p / (s + effective) ** m


@settings(max_examples=60)
@given(capacities, quarters, orders, scales, ridges, st.integers(1, 4))
@example(Rational(2), Rational(1), Rational(1), Rational(1), Rational(1, 100), 1)
@example(Rational(4), Rational(1, 2), Rational(1), Rational(1), Rational(1, 100), 3)
def test_a_trace_is_within_the_remainder(
    beta: Rational, p: Rational, m: Rational, unit: Rational, kappa: Rational, terms: int
) -> None:
    assume(beta * p > 1)
    law = PowerLawSpectrum(oo, beta, unit)
    expansion = expand_power_law_sum(function(p, m), law, terms=terms)
    with ctx.workprec(BITS):
        bound = remainder_bound(expansion, {effective: ball(kappa)})
        assert bound.is_finite()
        assert is_within_its_remainder(expansion, truth(p, m, law, kappa), ball(kappa))


@settings(max_examples=60)
@given(capacities, st.sampled_from([1, 2, Rational(1, 2)]), orders, quarters, scales, ridges)
@example(Rational(3, 2), 1, Rational(2), Rational(1), Rational(3), Rational(1, 100))
@example(Rational(3, 2), 1, Rational(2), Rational(3, 2), Rational(3), Rational(1, 100))
def test_a_form_is_within_the_remainder(
    beta: Rational, p: Any, m: Rational, r: Rational, unit: Rational, kappa: Rational
) -> None:
    p = Rational(p)
    assume(beta * (p + 2 * r - 1) > Rational(1, 10))
    law, target = PowerLawSpectrum(oo, beta, unit), SourceTarget(r, unit)
    expansion = expand_power_law_sum(function(p, m), law, target, terms=2)
    with ctx.workprec(BITS):
        assert remainder_bound(expansion, {effective: ball(kappa)}).is_finite()
        assert is_within_its_remainder(expansion, truth(p, m, law, kappa, target), ball(kappa))


@settings(max_examples=40)
@given(capacities, quarters, orders, scales, st.integers(3, 60), st.booleans(), st.integers(2, 6))
def test_a_finite_sum_is_within_the_remainder(
    beta: Rational,
    p: Rational,
    m: Rational,
    unit: Rational,
    size: int,
    beyond: bool,  # noqa: FBT001
    apart: int,
) -> None:
    law = PowerLawSpectrum(size, beta, unit)
    # κ stands apart from the smallest eigenvalue by a factor, on either side.
    smallest = Rational(int(10**9 * float(size**-beta)) + 1, 10**9) * unit
    kappa = smallest * apart if beyond else smallest / apart
    # A + β(m+i) = β(p+i) = 1 would bring in ln d, which is refused.
    assume(not any(beta * (p + i) == 1 for i in range(4)))
    expansion = expand_power_law_sum(function(p, m), law, terms=2, beyond=beyond, tail_terms=3)
    with ctx.workprec(BITS):
        assert remainder_bound(expansion, {effective: ball(kappa)}).is_finite()
        assert is_within_its_remainder(expansion, truth(p, m, law, kappa), ball(kappa))


# Orders: the error of an expansion falls by the next exponent per decade.

CASES = [
    # β, p, m and r, none of which makes a zeta value vanish.
    (Rational(3, 2), Rational(1), Rational(1), None),
    (Rational(14, 5), Rational(1), Rational(2), None),
    (Rational(5, 2), Rational(3, 2), Rational(3, 2), None),
    (Rational(9, 4), Rational(1), Rational(2), Rational(3, 10)),
    (Rational(11, 5), Rational(1), Rational(2), Rational(1, 2)),
    (Rational(9, 4), Rational(1), Rational(2), Rational(7, 10)),
    (Rational(9, 4), Rational(1), Rational(2), Rational(1)),
    (Rational(9, 4), Rational(1), Rational(2), Rational(3, 2)),
]


def slope(expansion: Expansion, case: Any, kappas: tuple[Rational, Rational]) -> float:
    """Decades that the error falls per decade of κ."""
    beta, p, m, r = case
    law = PowerLawSpectrum(oo, beta)
    target = None if r is None else SourceTarget(r)
    errors = [
        error(expansion, truth(p, m, law, kappa, target), ball(kappa), {}) for kappa in kappas
    ]
    fall = (errors[0] / errors[1]).log() / (ball(kappas[0]) / ball(kappas[1])).log()
    assert fall.rad() < 0.001
    return float(fall)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("terms", [1, 2, 3])
def test_the_error_is_of_the_next_order(case: Any, terms: int) -> None:
    beta, p, m, r = case
    target = None if r is None else SourceTarget(r)
    expansion = expand_power_law_sum(
        function(p, m), PowerLawSpectrum(oo, beta), target, terms=terms
    )
    # Where two poles meet at the first power left out, it is kept with its logarithm: the next order is a plain power.
    (after,) = expansion.next_exponents
    with ctx.workprec(BITS):
        fall = slope(expansion, case, (Rational(1, 10**4), Rational(1, 10**5)))
        # The term after the next adds a relative 10^-4 or so times a ratio of coefficients below 100.
        assert fall == pytest.approx(float(after), abs=0.02)
        dropped = replace(expansion, terms=expansion.terms[1:])
        assert slope(dropped, case, (Rational(1, 10**4), Rational(1, 10**5))) < float(after) - 0.2


# Negative controls: plausible false expansions are refused by the same comparison.


def mutated(expansion: Expansion, place: int, coefficient: Any) -> Expansion:
    terms = list(expansion.terms)
    terms[place] = replace(terms[place], coefficient=coefficient)
    return replace(expansion, terms=tuple(terms))


def test_false_expansions_are_refused() -> None:
    beta, kappa = Rational(3, 2), Rational(1, 1000)
    law = PowerLawSpectrum(oo, beta)
    expansion = expand_power_law_sum(function(1, 1), law, terms=3)
    assert expansion.terms[2] == Term(-zeta(-beta), Integer(1))
    with ctx.workprec(BITS):
        value = truth(Rational(1), Rational(1), law, kappa)
        assert is_within_its_remainder(expansion, value, ball(kappa))
        wrong_zeta = mutated(expansion, 2, -zeta(1 - beta))
        wrong_sign = mutated(expansion, 2, zeta(-beta))
        wrong_constant = mutated(expansion, 0, pi / beta / sin(pi * beta))
        missing = replace(expansion, terms=expansion.terms[:-1])
        for false in (wrong_zeta, wrong_sign, wrong_constant, missing):
            assert not is_within_its_remainder(false, value, ball(kappa))


def test_a_missing_logarithm_is_refused() -> None:
    law, target, kappa = PowerLawSpectrum(oo, 2), SourceTarget(1), Rational(1, 1000)
    expansion = expand_power_law_sum(effective**2 * function(1, 2), law, target, terms=2)
    (logarithm,) = [term for term in expansion.terms if term.logarithms]
    with ctx.workprec(BITS):
        value = ball(kappa) ** 2 * truth(Rational(1), Rational(2), law, kappa, target)
        assert is_within_its_remainder(expansion, value, ball(kappa))
        without = tuple(term for term in expansion.terms if term != logarithm)
        flat = replace(logarithm, logarithms=0)
        for terms in (without, (*without, flat)):
            false = replace(expansion, terms=terms)
            assert not is_within_its_remainder(false, value, ball(kappa))


# Constants that are known by other means.


def test_the_hyperbolic_sum() -> None:
    """Σ 1/(1+κj²) = (π/√κ · coth(π/√κ) − 1)/2: all powers but two vanish, the rest is exponentially small."""
    expansion = expand_power_law_sum(function(1, 1), PowerLawSpectrum(oo, 2), terms=1)
    assert expansion.formula == pi / (2 * sqrt(effective)) - Rational(1, 2)
    with ctx.workprec(400):
        kappa = arb(1) / 1000
        root = arb.pi() / kappa.sqrt()
        value = (root * root.coth() - 1) / 2
        bound = remainder_bound(expansion, {effective: kappa})
        gap = abs(value - enclosed(expansion.formula, {effective: kappa}))
        assert gap < bound
        # e^(−2π/√κ) = 10^-86.3; the bound may be polynomially larger.
        assert bound < arb(10) ** -80


bias = effective**2 * s / (s + effective) ** 2


@pytest.mark.parametrize(
    ("r", "leading"),
    [
        ("1/2", effective / capacity),
        ("1", effective**2 * (EulerGamma - (1 + log(effective)) / capacity)),
        ("3/2", effective**2 * zeta(1 + capacity)),
        ("2", effective**2 * zeta(1 + 2 * capacity)),
    ],
)
def test_the_leading_bias(r: str, leading: Any) -> None:
    expansion = expand_power_law_sum(bias, PowerLawSpectrum(oo, capacity), SourceTarget(r), terms=1)
    assert simplify(expansion.leading() - leading) == 0


def test_the_symbolic_bias_has_its_regimes() -> None:
    expansion = expand_power_law_sum(
        bias, PowerLawSpectrum(oo, capacity), SourceTarget(source), terms=1
    )
    regimes = expansion.leading()
    constant = pi * (1 - 2 * source) / (capacity * sin(2 * pi * source))
    for r in (Rational(3, 10), Rational(7, 10), Rational(1), Rational(3, 2)):
        expected = expand_power_law_sum(
            bias, PowerLawSpectrum(oo, capacity), SourceTarget(r), terms=1
        ).leading()
        with ctx.workprec(BITS):
            values = {capacity: arb(2), effective: arb(1) / 7}
            assert enclosed(regimes.subs(source, r), values).overlaps(enclosed(expected, values))
    assert (effective ** (2 * source) * constant, source < 1) in [
        piece.args for piece in regimes.args
    ]
    assert Ne(source, 1) in expansion.conditions
    assert Ne(source, Rational(1, 2)) in expansion.conditions


SYMBOLIC = PowerLawSpectrum(oo, capacity, scale)
GAMMA_FORM = expand_power_law_sum(function(power, order), SYMBOLIC, terms=2)
SINE_FORMS = {m: expand_power_law_sum(function(power, m), SYMBOLIC, terms=2) for m in (1, 2, 3)}


@settings(max_examples=25)
@given(capacities, quarters, st.sampled_from([1, 2, 3]), scales)
def test_symbols_and_numbers_agree(beta: Rational, p: Rational, m: int, unit: Rational) -> None:
    """Numbers put into the symbolic expansion give the expansion of numbers, where no poles meet."""
    assume(
        beta * p > 1 and (p - 1 / beta - m).is_integer is False and not (p - 1 / beta).is_integer
    )
    special = expand_power_law_sum(function(p, m), PowerLawSpectrum(oo, beta, unit), terms=2)
    with ctx.workprec(BITS):
        kappa = arb(1) / 1000
        values = {capacity: ball(beta), power: ball(p), scale: ball(unit), effective: kappa}
        expected = enclosed(special.formula, values)
        # Where the singular power is above κ² the numbers leave it out, and their remainder says so.
        slack = remainder_bound(special, values) + arb(10) ** -40
        assert abs(enclosed(SINE_FORMS[m].formula, values) - expected) < 2 * slack
        values[order] = arb(m)
        assert abs(enclosed(GAMMA_FORM.formula, values) - expected) < 2 * slack


def test_large_dimensions() -> None:
    """Hurwitz functions written in powers of d: off by the next power of d."""
    law = PowerLawSpectrum(dimension, 2)
    exact = expand_power_law_sum(function(1, 1), law, terms=1, tail_terms=2)
    for terms, next_power in ((2, -3), (3, -5)):
        powers = expand_power_law_sum(
            function(1, 1), law, terms=1, tail_terms=1, large_dimension=terms
        )
        one = expand_power_law_sum(function(1, 1), law, terms=1, tail_terms=1)
        with ctx.workprec(BITS):
            gaps = []
            for d in (100, 1000):
                values = {dimension: arb(d), effective: arb(1)}
                gaps.append(abs(enclosed(powers.formula - one.formula, values)))
            # Relative corrections are of order d^-2.
            assert float((gaps[1] / gaps[0]).log() / arb(10).log()) == pytest.approx(
                next_power, abs=0.001
            )
        assert not powers.parts
    assert len(exact.tail) == 2
    # However large its negative powers of κ look, the tail does not lead.
    assert exact.leading() == pi / (2 * sqrt(effective))


def test_sums_without_a_resolvent() -> None:
    law = PowerLawSpectrum(oo, 2)
    assert expand_power_law_sum(s, law, terms=1).formula == pi**2 / 6
    finite = expand_power_law_sum(s, PowerLawSpectrum(4, 2, 3), UniformTarget(2), terms=1)
    assert finite.formula == Rational(3 * 2, 4) * (
        1 + Rational(1, 4) + Rational(1, 9) + Rational(1, 16)
    )
    assert finite.next_exponents == ()


def test_a_coefficient_that_is_0_over_0_gets_its_limit() -> None:
    """At r = 1/2 one sum of two has a logarithm, and the other a coefficient written (1−2r)/sin 2πr."""
    pair = bias + effective * s**2 / (s + effective) ** 2
    law = PowerLawSpectrum(oo, capacity)
    regimes = expand_power_law_sum(pair, law, SourceTarget(source), terms=1).leading()
    half = expand_power_law_sum(pair, law, SourceTarget(Rational(1, 2)), terms=1).leading()
    assert simplify(regimes.subs(source, Rational(1, 2)) - half) == 0


def test_a_meeting_is_replaced_by_its_logarithm() -> None:
    law = PowerLawSpectrum(oo, capacity)
    generic = expand_power_law_sum(bias, law, SourceTarget(source), terms=2)
    for meeting, r in zip(generic.meetings, (Rational(1), Rational(3, 2)), strict=True):
        met = generic.at_meeting(meeting.gap)
        number = expand_power_law_sum(bias, law, SourceTarget(r), terms=2)
        assert meeting.condition in met.conditions
        with ctx.workprec(BITS):
            values = {capacity: arb(2), source: ball(r), effective: arb(1) / 1000}
            assert enclosed(met.formula, values).overlaps(enclosed(number.formula, values))


def test_what_is_not_expanded() -> None:
    law = PowerLawSpectrum(oo, 2)
    with pytest.raises(NotSupported, match="partial fractions"):
        expand_power_law_sum(s / (s + effective) / (s + ridge), law, terms=1)
    with pytest.raises(NotSupported, match="name the variable"):
        expand_power_law_sum(s / (s + ridge), law, terms=1)
    with pytest.raises(Diverges, match="finite dimension"):
        expand_power_law_sum(1 / (s + effective), law, terms=1)
    assert expand_power_law_sum(s / (s + ridge), law, terms=1, variable=ridge).variable == ridge


def test_bounds_take_exact_numbers_and_refuse_floats() -> None:
    expansion = expand_power_law_sum(s / (s + effective), PowerLawSpectrum(oo, 2), terms=1)
    known = remainder_bound(expansion, {effective: ball(Rational(1, 8))})
    for value in (Rational(1, 8), "1/8", "0.125"):
        bound = remainder_bound(expansion, {effective: value})
        assert bound.overlaps(known)
        assert not bound.overlaps(known * 2)
    with pytest.raises(InexactConstant, match=r"0\.1 is a float"):
        remainder_bound(expansion, {effective: 0.1})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"terms": -1}, "terms = -1: give an integer >= 0"),
        ({"terms": 2.5}, "terms = 2.5: give an integer >= 0"),
        ({"terms": 1, "tail_terms": -2}, "tail_terms = -2: give an integer >= 0"),
        ({"terms": 1, "harmonics": -1}, "harmonics = -1: give an integer >= 0"),
    ],
)
def test_numbers_of_terms_that_are_none_are_refused(
    arguments: dict[str, Any], message: str
) -> None:
    is_exponential = "harmonics" in arguments
    expand: Any = expand_exponential_sum if is_exponential else expand_power_law_sum
    spectrum = ExponentialSpectrum(oo, 1) if is_exponential else PowerLawSpectrum(oo, 2)
    with pytest.raises(NotSupported, match=message):
        expand(s / (s + effective), spectrum, **arguments)


def test_the_other_spectrum_and_floats_are_refused_by_name() -> None:
    summand: Any = s / (s + effective)
    wrong: Any = ExponentialSpectrum(oo, 1)
    with pytest.raises(NotSupported, match="ExponentialSpectrum: no power law"):
        expand_power_law_sum(summand, wrong, terms=1)
    wrong = PowerLawSpectrum(oo, 2)
    with pytest.raises(NotSupported, match="PowerLawSpectrum: not exponential"):
        expand_exponential_sum(summand, wrong, terms=1)
    with pytest.raises(InexactConstant):
        expand_power_law_sum(s**0.5 / (s + effective), wrong, terms=1)
