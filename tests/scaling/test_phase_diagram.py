"""Regions of phase diagrams against rates read off the formula at random points, and against what is known."""

import random
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest
from sympy import Rational, oo, sqrt

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, OutOfRegime
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.scaling.phase_diagram import LETTERS, PhaseDiagram, phase_diagram
from symcollapse.scaling.planar_cells import Curve, Frame, Strip, strips
from symcollapse.scaling.rate_scalings import Scaling


def pipeline(*generations: Generation) -> Problem:
    fit = Downstream(1000, noise=1, ridge="1/10")
    return Problem(PowerLawSpectrum(300, 2), SourceTarget(1), generations, fit)


PROBLEMS = {
    "clean": pipeline(),
    "recovering": pipeline(Generation(600, noise=1, repeat=5)),
    "fresh": pipeline(Generation(200, noise=1, repeat=2)),
    "shared": pipeline(Generation(200, noise=1, repeat=5, design="shared")),
}
RANGES: dict[str, tuple[Any, Any]] = {
    "ridge": (0, 4),
    "generations": (-2, 2),
    "generation_samples": (0, "5/2"),
    "dimension": (0, 2),
    "noise": (-1, 3),
    "source": (0, 2),
    "capacity": (1, 4),
}
NUMBERS: dict[str, Any] = {
    "ridge": "3/5",
    "generations": 0,
    "generation_samples": "3/2",
    "dimension": "5/4",
    "noise": 0,
    "capacity": 2,
    "source": "3/5",
}
CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("clean", "noise", "ridge", {"dimension": oo}),
    ("clean", "capacity", "ridge", {"dimension": oo, "noise": 1}),
    ("clean", "source", "ridge", {"dimension": oo, "noise": 3}),
    ("clean", "dimension", "noise", {}),
    ("clean", "source", "capacity", {"noise": "1/2"}),
    ("recovering", "generations", "ridge", {"dimension": 1}),
    ("recovering", "generations", "generation_samples", {"dimension": 1}),
    ("recovering", "generation_samples", "dimension", {}),
    ("recovering", "dimension", "capacity", {"generation_samples": 3}),
    ("fresh", "generation_samples", "ridge", {"dimension": oo, "generations": "-1/2"}),
    ("shared", "generation_samples", "source", {"dimension": oo, "generations": "-1/2"}),
    ("recovering", "generations", "noise", {"dimension": 1, "ridge": symbols.ridge_exponent}),
    ("clean", "source", "noise", {"dimension": oo, "ridge": symbols.ridge_exponent}),
    ("fresh", "generation_samples", "noise", {"ridge": symbols.ridge_exponent, "dimension": oo}),
]


@lru_cache(maxsize=32)
def diagram_of(case: int) -> PhaseDiagram:
    problem, first, second, numbers = CASES[case]
    scaling = Scaling(**{**NUMBERS, **numbers})
    axes = {first: RANGES[first], second: RANGES[second]}
    return phase_diagram(PROBLEMS[problem], scaling, axes)


def points(diagram: PhaseDiagram, count: int) -> list[tuple[Rational, Rational]]:
    # Large prime denominators, so that no point lies on a border.
    draw = random.Random(5)
    frame = diagram.frame

    def between(low: Fraction, high: Fraction, prime: int) -> Rational:
        share = Fraction(draw.randrange(1, prime), prime)
        value = low + share * (high - low)
        return Rational(value.numerator, value.denominator)

    return [
        (between(frame.left, frame.right, 10_007), between(frame.bottom, frame.top, 10_009))
        for _ in range(count)
    ]


def agrees(diagram: PhaseDiagram, u: Rational, v: Rational) -> bool:
    """Whether a region says of a point what the formula of the error says there."""
    phase = diagram.phase_at(u, v)
    exponents = dict(zip(diagram.axes, (u, v), strict=True))
    letters = dict(zip(diagram.letters, (u, v), strict=True))
    if diagram.is_optimised:
        cases = [c for c in diagram.rates.optimum if c.condition.xreplace(letters) == True]  # noqa: E712
        if not cases:
            return phase.part == "outside"
        exponents["ridge"] = cases[0].smallest.xreplace(letters)
    try:
        found = diagram.rates.at(**exponents)
    except OutOfRegime:
        return phase.part == "outside"
    return (
        phase.exponent.xreplace(letters) == found.exponent
        and phase.is_consistent == bool(found.exponent > 0)
        and set(phase.terms) <= {name for name, _ in found.terms}
        and (not set(phase.terms).isdisjoint(found.dominating))
    )


@pytest.mark.parametrize("case", range(len(CASES)))
def test_regions_are_what_the_formula_says_at_random_points(case: int) -> None:
    diagram = diagram_of(case)
    assert all(agrees(diagram, u, v) for u, v in points(diagram, 40))


@pytest.mark.parametrize("case", [0, 1, 6])
def test_shifted_borders_are_refused(case: int) -> None:
    diagram = diagram_of(case)
    shift = Fraction(1, 10)

    def moved(curve: Curve, strip: Strip[Any]) -> Curve:
        # The border moves up by a tenth; the frame stays.
        lowest = curve.height(strip.inside()[0])
        if lowest in (diagram.frame.bottom, diagram.frame.top):
            return curve
        shifted = [-shift * c for c in curve.rising]
        length = max(len(shifted), len(curve.level))
        padded = [*shifted, *[Fraction(0)] * (length - len(shifted))]
        level = [*curve.level, *[Fraction(0)] * (length - len(curve.level))]
        return Curve.of(curve.rising, tuple(a + b for a, b in zip(level, padded, strict=True)))

    wrong = replace(
        diagram,
        strips=tuple(
            replace(each, lower=moved(each.lower, each), upper=moved(each.upper, each))
            for each in diagram.strips
        ),
    )
    inside = [
        (u, v)
        for u, v in points(wrong, 400)
        if any(strip.holds(Fraction(u.p, u.q), Fraction(v.p, v.q)) for strip in wrong.strips)
    ]
    assert not all(agrees(wrong, u, v) for u, v in inside)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_regions_cover_the_frame_once(case: int) -> None:
    diagram = diagram_of(case)
    for u, v in points(diagram, 60):
        x, y = Fraction(u.p, u.q), Fraction(v.p, v.q)
        assert sum(strip.holds(x, y) for strip in diagram.strips) == 1


@pytest.mark.parametrize("case", [0, 1, 2, 5, 9])
def test_the_best_ridge_of_a_diagram_is_the_optimum(case: int) -> None:
    # Two routes: breakpoints of the landscape here, duality of linear programs there.
    diagram = diagram_of(case)
    letter = diagram.letters[0]
    for u, _ in points(diagram, 12):
        best = diagram.best_ridge_at(u)
        rule = {letter: u}
        (found,) = [c for c in diagram.rates.optimum if c.condition.xreplace(rule) == True]  # noqa: E712
        assert best is not None
        assert found.smallest.xreplace(rule) == Rational(*best.smallest.as_integer_ratio())
        assert found.exponent.xreplace(rule) == Rational(*best.exponent.as_integer_ratio())
        largest = oo if best.largest is None else Rational(*best.largest.as_integer_ratio())
        assert found.largest.xreplace(rule) == largest
        if best.smallest > 0:
            # The negative control: a ridge exponent that is 5 % smaller is worse.
            less = Rational(*best.smallest.as_integer_ratio()) * Rational(95, 100)
            worse = diagram.rates.at(**{diagram.axes[0]: u, "ridge": less}).exponent
            assert worse < found.exponent.xreplace(rule)


def test_clean_noisy_data_have_the_regions_of_the_literature() -> None:
    # σ constant at ν = 0: bias 2·r·ℓ below ℓ = β/(2βr + 1) = 10/17, variance above; overfitted from ℓ = β on.
    diagram = diagram_of(0)
    found = [diagram.phase_at(Rational(1, 100), ridge) for ridge in ("1/2", 1, 3)]
    assert [phase.part for phase in found] == ["bias", "variance", "variance"]
    assert [phase.exponent for phase in found] == [
        6 * symbols.ridge_exponent / 5,
        symbols.noise_exponent + 1 - symbols.ridge_exponent / 2,
        symbols.noise_exponent,
    ]
    best = diagram.best_ridge_at(0)
    assert best is not None
    assert best.smallest == best.largest == Fraction(10, 17)


def test_borders_have_kinds() -> None:
    kinds = {border.kind for border in diagram_of(5).boundaries}
    assert {"crossover", "scope", "consistency"} <= kinds
    assert "outside" in {border.kind for border in diagram_of(6).boundaries}


def test_places_that_are_no_rationals_are_exact() -> None:
    parabola = Curve.of((Fraction(1),), (Fraction(0), Fraction(0), Fraction(-1)))
    frame = Frame(Fraction(0), Fraction(3), Fraction(0), Fraction(2))
    edges = {strip.end.exact for strip in strips([parabola], frame, lambda u, v: v > u * u)}
    assert edges == {sqrt(2), 3}


@pytest.mark.parametrize(
    ("axes", "numbers", "message"),
    [
        ({"ridge": (0, 1)}, {}, "1 axes: give two"),
        ({"ridge": (0, 1), "size": (0, 1)}, {}, "size: no axis; give two of ridge, "),
        ({"ridge": (-1, 1), "noise": (0, 1)}, {}, "ridge = -1: begin the range at 0 or above"),
        ({"capacity": (0, 2), "noise": (0, 1)}, {}, "capacity = 0: begin the range at 1"),
        ({"ridge": (2, 1), "noise": (0, 1)}, {}, "ridge from 2 to 1: give a range"),
        ({"ridge": (0, oo), "noise": (0, 1)}, {}, "ridge = oo: give a rational number"),
        ({"ridge": (0, 1), "noise": (0, 1)}, {"source": LETTERS["source"]}, "source = r: give"),
    ],
)
def test_what_is_no_diagram_is_refused(
    axes: dict[str, Any], numbers: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidProblem, match=message):
        phase_diagram(PROBLEMS["clean"], Scaling(**{**NUMBERS, **numbers}), axes)


def test_a_point_on_a_border_is_in_no_region() -> None:
    with pytest.raises(InvalidProblem, match="lies in no region"):
        diagram_of(0).phase_at(0, 2)
