"""Long power laws in balls on shared nodes, against Euler and Maclaurin sum by sum."""

from dataclasses import replace
from typing import Any

import pytest
from flint import arb, ctx, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Integer, Pow, Rational, oo

from symcollapse import PowerLawSpectrum, SourceTarget, UniformTarget
from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.long_nodes_in_balls import (
    LongEnds,
    LongNodes,
    NodesWanted,
    long_nodes,
)
from symcollapse.evaluation.long_sums import LongSums
from symcollapse.evaluation.power_law_sums import power_law_sum
from symcollapse.evaluation.sums_on_nodes import SumsOnNodes, sums_on_nodes
from symcollapse.language.resolvent_products import ResolventProduct
from symcollapse.language.targets import Target

LOST = 24
"""Bits that a radius may be wider than the tolerance: roundings of some 500 terms, and powers of nodes up to 10^13."""


def _sums(
    product: ResolventProduct,
    order: int,
    spectrum: PowerLawSpectrum,
    target: Target | None,
    smallest: Any,
    bits: int,
) -> SumsOnNodes | None:
    evaluate = BallEvaluator({}).evaluate
    return sums_on_nodes(product, order, spectrum, target, evaluate, smallest, bits)


@given(
    capacity=st.sampled_from([Rational(1, 2), Rational(6, 5), Rational(3, 2), Rational(4)]),
    target=st.sampled_from([None, SourceTarget(Rational(1, 2)), SourceTarget(1)]),
    order=st.integers(1, 4),
    power=st.integers(0, 3),
    rest=st.sampled_from([(), ((Rational(1, 100), Integer(1)),)]),
    size=st.sampled_from([oo, 2000, 10**6, 10**13]),
    depth=st.floats(1, 25),
    above=st.floats(0, 12),
    bits=st.sampled_from([80, 200, 330]),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_shared_nodes_give_the_sums_of_euler_and_maclaurin(
    capacity: Rational,
    target: Target | None,
    order: int,
    power: int,
    rest: Any,
    size: Any,
    depth: float,
    above: float,
    bits: int,
) -> None:
    assume(size is not oo or capacity > 1)
    spectrum = PowerLawSpectrum(size, capacity, Rational(2, 3))
    product = ResolventProduct(Rational(5, 7), Integer(power), rest)
    with ctx.workprec(bits + 64):
        smallest = arb(10) ** -depth
        kappa = smallest * arb(10) ** above
        sums = _sums(product, order, spectrum, target, smallest, bits)
        assume(sums is not None)
        assert sums is not None
        total = sum(
            (c * (s + kappa) ** -order for c, s in zip(sums.column, sums.levels, strict=True)),
            arb(0),
        )
        found = sums.completed(total, kappa)
        pairs = [(arb(x.p) / x.q, arb(int(m))) for x, m in rest]
        known = LongSums(BallEvaluator({}).evaluate).sum_of(
            arb(power), [*pairs, (kappa, arb(order))], spectrum, target
        )
        known = known * 5 / 7
        assert found.overlaps(known)
        assert found.rad() < abs(found) * arb(2) ** (LOST - bits)


def test_nodes_that_are_too_few_are_seen() -> None:
    wanted = NodesWanted(fmpq(3, 2), 10**9, 1, 8.0, 2.0, 0.0, 20)
    with ctx.workprec(150):
        few, enough = long_nodes(wanted), long_nodes(replace(wanted, bits=120))
        assert few is not None
        assert enough is not None
        known = power_law_sum(arb(0), arb(3) / 2, ((arb("1e-4"), arb(1)),), 10**9)
        lying = replace(few, error=enough.error)
        assert _degrees(few).overlaps(known)
        assert _degrees(enough).overlaps(known)
        assert not _degrees(lying).overlaps(known)


def _degrees(nodes: LongNodes) -> Any:
    """Σ 1/(1 + 10^-4 j^(3/2)) over 10^9 positions."""
    beta, x = arb(3) / 2, arb("1e-4")
    levels = sum(
        (w / (1 + x * z**beta) for w, z in zip(nodes.weights, nodes.positions, strict=True)),
        arb(0),
    )
    return LongEnds(nodes, arb(0), beta, (arb(1),), 10**9).completed(levels, ((x, arb(1)),))


def test_there_are_no_nodes_for_what_they_are_not_for() -> None:
    plain = ResolventProduct(Integer(1), Integer(1), ())
    tiny = arb("0.001")
    law = PowerLawSpectrum(oo, 2)
    assert _sums(plain, 1, law, None, tiny, 100) is not None
    # 1/(s + κ) over infinitely many eigenvalues diverges.
    diverging = ResolventProduct(Integer(1), Integer(0), ())
    assert _sums(diverging, 1, law, None, tiny, 100) is None
    assert _sums(plain, 1, PowerLawSpectrum(oo, Pow(2, Rational(1, 2))), None, tiny, 100) is None
    assert _sums(plain, 1, law, None, tiny, 2000) is None
    negative = ResolventProduct(Integer(1), Integer(1), ((Integer(-1), Integer(1)),))
    assert _sums(negative, 1, law, None, tiny, 100) is None


def test_uniform_targets_share_the_nodes_of_counts() -> None:
    plain = ResolventProduct(Integer(1), Integer(1), ())
    law = PowerLawSpectrum(10**6, Rational(3, 2))
    smallest = arb("1e-3")
    bare = _sums(plain, 1, law, None, smallest, 100)
    uniform = _sums(plain, 1, law, UniformTarget(3), smallest, 100)
    assert bare is not None
    assert uniform is not None
    assert bare.nodes is uniform.nodes
    assert (bare.column[5] * 3 / 10**6).overlaps(uniform.column[5])


@pytest.mark.parametrize("dimension", [10**3 + 1, 10**12, oo])
def test_the_number_of_nodes_does_not_grow_with_the_dimension(dimension: Any) -> None:
    plain = ResolventProduct(Integer(1), Integer(1), ())
    law = PowerLawSpectrum(dimension, Rational(3, 2))
    sums = _sums(plain, 1, law, None, arb("1e-5"), 200)
    assert sums is not None
    assert len(sums.levels) < 700
