"""Every term's rate against the slope of its certified value, over decades of T up to 10^16."""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from sympy import Rational, oo

from symcollapse.language.errors import SymcollapseError
from symcollapse.language.problems import Problem
from symcollapse.scaling.growth import Growth
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import error_rates
from symcollapse.theory import test_error as derive
from tests.scaling.power_law_chains import CLEAN, FRESH, RECOVERING, SHARED, scaled, value_of

FIRST, LAST = 12, 16
"""Powers of ten of T."""
TOLERANCE = 0.01
"""The next term of a sum or of κ is smaller by T^-1/4 or more, so over these decades it moves a slope by less than
10^-3·a few; a logarithm is allowed for, and what stands beside it moves the slope by 1/(12 ln 10)² ≈ 10^-3."""


def agrees(slope: float, growth: Growth, factor: float = 1) -> bool:
    """Whether a slope is that of a growth whose exponent is multiplied by a factor."""
    logarithm = growth.logarithms * math.log10(LAST / FIRST) / (LAST - FIRST)
    return abs(slope - factor * float(growth.exponent) - logarithm) < TOLERANCE


def slopes(problem: Problem, point: dict[str, Any], ratio: int) -> dict[str, tuple[float, Growth]]:
    """Slope and growth of every term that is not zero."""
    values: list[dict[str, Any]] = []
    growths: dict[str, Growth] = {}
    for decades in (FIRST, LAST):
        at = scaled(problem, point, decades, ratio)
        rates = error_rates(derive(at), Scaling(**point))
        values.append({term.name: value_of(term.formula, at) for term in rates.named})
        growths = {name: each for name, each in rates.at().terms if each is not None}
    return {
        name: (math.log10(values[1][name] / values[0][name]) / (LAST - FIRST), growth)
        for name, growth in growths.items()
    }


def point(text: str) -> dict[str, Any]:
    """Exponents ℓ, a, b, q, ν, β, r from a line of numbers."""
    names = [
        "ridge",
        "generations",
        "generation_samples",
        "dimension",
        "noise",
        "capacity",
        "source",
    ]
    return {
        name: oo if word == "oo" else Rational(word)
        for name, word in zip(names, text.split(), strict=True)
    }


CASES = {
    "clean": (CLEAN, 1, "1/2 0 1 oo 0 2 1/2"),
    "clean, saturated ridge": (CLEAN, 1, "5/2 0 1 oo 1/2 3/2 3/4"),
    "clean, no ridge": (CLEAN, 1, "oo 0 1 oo 1/2 3/2 3/4"),
    "clean, saturated source": (CLEAN, 1, "1/2 0 1 oo 0 3/2 3/2"),
    "clean, logarithm": (CLEAN, 1, "1 0 1 oo 0 2 1"),
    "clean, fewer features than T^(l/beta)": (CLEAN, 1, "3/2 0 1 1/2 0 2 3/4"),
    "T_0 >= d, first term": (RECOVERING, 1, "1/2 1/2 5/4 3/4 0 2 3/4"),
    "T_0 >= d, second term": (RECOVERING, 1, "1/2 1/2 7/4 3/2 0 2 3/4"),
    "T_0 >= d, ratio fixed": (RECOVERING, 2, "1/2 0 3/4 3/4 0 2 1/4"),
    "fresh, l/beta < b": (FRESH[1], 1, "1/2 -1/2 1/2 oo 0 2 3/4"),
    "fresh, l/beta > b": (FRESH[1], 1, "3/2 -1/2 1/2 oo 0 2 3/4"),
    "fresh, b > 1": (FRESH[1], 1, "1/2 -1/2 5/4 oo 0 2 1/2"),
    "fresh, logarithm": (FRESH[1], 1, "3/2 -1/2 1/2 oo 0 2 1"),
    "fresh twice": (FRESH[2], 1, "1/2 -1/2 3/4 oo 0 2 3/4"),
    "shared": (SHARED, 1, "3/2 -1/2 1/4 1/2 0 2 1/2"),
}


@pytest.mark.parametrize("name", CASES)
def test_slopes_of_certified_terms(name: str) -> None:
    problem, ratio, text = CASES[name]
    found = slopes(problem, point(text), ratio)
    assert found
    for slope, growth in found.values():
        assert agrees(slope, growth)
        # An exponent wrong by 5 % is refuted.
        if abs(growth.exponent) >= Rational(1, 2):
            assert not agrees(slope, growth, 1.05)
            assert not agrees(slope, growth, 0.95)
    assert any("logarithm" in name for _ in found) == any(g.logarithms for _, g in found.values())


QUARTERS = st.integers(1, 6).map(lambda i: Rational(i, 4))


@pytest.mark.slow
@pytest.mark.parametrize("chain", [CLEAN, RECOVERING, FRESH[1], FRESH[2], SHARED])
# Few choices keep the levels apart; Hypothesis may discard as many as it needs to find 25.
@settings(
    derandomize=True,
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.filter_too_much],
)
@given(
    exponents=st.fixed_dictionaries(
        {
            "ridge": st.sampled_from([Rational(i, 4) for i in range(1, 12)]),
            "generations": st.sampled_from([Rational(0), Rational(-1, 2), Rational(1, 2)]),
            "generation_samples": QUARTERS,
            "dimension": st.one_of(QUARTERS, st.just(oo)),
            "noise": st.sampled_from([Rational(0), Rational(1, 2)]),
            "capacity": st.sampled_from([Rational(3, 2), Rational(2), Rational(3)]),
            "source": st.sampled_from([Rational(1, 4), Rational(1, 2), Rational(3, 2)]),
        }
    )
)
def test_slopes_at_random_exponents(chain: Problem, exponents: dict[str, Any]) -> None:
    level, size = exponents["ridge"] / exponents["capacity"], exponents["generation_samples"]
    kinks = [level, size, Rational(1), exponents["dimension"]]
    # Corrections are powers of ratios of levels: where two levels are close, 10^16 is not far enough.
    assume(all(abs(x - y) >= Rational(1, 4) for i, x in enumerate(kinks) for y in kinks[:i]))
    try:
        found = slopes(chain, exponents, 1)
    except SymcollapseError:
        reject()
    for slope, growth in found.values():
        assert agrees(slope, growth)
