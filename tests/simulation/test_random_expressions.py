"""Random expressions are well defined: what later tests draw has values of order 1, and little spread."""

import math

import numpy as np
from hypothesis import given, settings
from sympy import MatrixSymbol

from symcollapse.simulation import realise, simulate_expression
from tests.expression_strategies import (
    OMEGA,
    SIGMA,
    SPECTRA,
    VECTORS,
    RandomExpression,
    U,
    V,
    random_expressions,
)

LARGEST = 1e4
"""Of a value: four factors of a few sample covariances, each of norm up to 10."""


@settings(max_examples=100)
@given(random_expressions(projections=True))
def test_a_random_expression_has_a_value_of_order_one(random: RandomExpression) -> None:
    size = 24
    result = simulate_expression(
        random.scalar, random.spectra(size), random.values(size), random.vectors(size), trials=3
    )
    assert abs(result.mean) < LARGEST, random.describe()


@settings(max_examples=25)
@given(random_expressions(depth=1, forms=False))
def test_a_trace_concentrates(random: RandomExpression) -> None:
    spreads = []
    for size in (16, 64):
        draws = simulate_expression(
            random.scalar, random.spectra(size), random.values(size), trials=30
        ).draws
        spreads.append(float(np.std(draws)))
    # As 1/d, so by 4; half of that is clear of the luck of 30 draws.
    assert spreads[1] <= max(spreads[0] / 2, 1e-12), random.describe()


@given(random_expressions(projections=True))
def test_the_expression_is_square_and_described(random: RandomExpression) -> None:
    drawn = realise(random.matrix, random.spectra(8), random.values(8), random.vectors(8))
    assert drawn.shape == (8, 8)
    assert str(random.scalar) in random.describe()
    assert set(random.vectors(8)) == random.scalar.atoms(MatrixSymbol)


def test_settings_are_functions_of_the_size() -> None:
    for size in (8, 100):
        for spectra in SPECTRA.values():
            assert {spectra[SIGMA](size).dimension, spectra[OMEGA](size).dimension} == {size}
        u, v = ([float(each) for each in VECTORS[w](size)] for w in (U, V))
        assert math.isclose(np.dot(u, u), 1, rel_tol=1e-3)
        assert math.isclose(np.dot(v, v), 1, rel_tol=1e-3)
        assert math.isclose(np.dot(u, v), 0.5, rel_tol=1e-3)
