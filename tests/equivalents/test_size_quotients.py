"""Quotients of sizes: the value is kept whatever letters and numbers the sizes are."""

from itertools import product

import pytest
from sympy import Expr, Integer, Rational

from symcollapse.equivalents.size_quotients import collected
from symcollapse.language.effective_ridges import SurplusSamples
from symcollapse.language.problems import SIGMA
from symcollapse.language.symbols import dimension, generation_samples, samples

SIZES: tuple[Expr, ...] = (Integer(50), samples, generation_samples, samples + 7, Integer(150))


def at_a_point(number: Expr) -> Expr:
    """Exact value at d = 11, T = 40, T₀ = 60."""
    surpluses = {node: node.unfolded() for node in number.atoms(SurplusSamples)}
    point = {dimension: Integer(11), samples: Integer(40), generation_samples: Integer(60)}
    value = number.xreplace(surpluses).xreplace(point)
    assert isinstance(value, Rational)
    return value


@pytest.mark.parametrize(("one", "other"), list(product(SIZES, SIZES)))
def test_a_quotient_keeps_its_value_and_sign(one: Expr, other: Expr) -> None:
    first, second = SurplusSamples(one, SIGMA), SurplusSamples(other, SIGMA)
    for number in (
        1 / first,
        first**-3,
        1 / first - 1 / (other * second),
        dimension / first**2 - second,
    ):
        assert at_a_point(collected(number)) == at_a_point(number), number


def test_the_comparison_tells_a_sign() -> None:
    number = 1 / SurplusSamples(50, SIGMA)
    assert at_a_point(-collected(number)) != at_a_point(number)
