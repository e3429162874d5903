"""Products of powers and resolvents over a long power law as levels, a column of weights, and ends, in balls."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq
from sympy import Expr, Rational, oo

from symcollapse.evaluation.long_nodes_in_balls import (
    DECADES,
    LongEnds,
    LongNodes,
    NodesWanted,
    long_nodes,
)
from symcollapse.language.resolvent_products import ResolventProduct
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget, Target, UniformTarget


@dataclass(frozen=True, eq=False)
class SumsOnNodes:
    """Σ_j c(s_j)(s_j + κ)^-m for many κ."""

    nodes: LongNodes
    levels: tuple[Any, ...]
    """s at the nodes."""
    column: tuple[Any, ...]
    """c(s) times the weights of the nodes."""
    scale: Any
    """Of the spectrum."""
    unit: Any
    """Of a sum in units of the scale."""
    rest: tuple[tuple[Any, Any], ...]
    """Pairs (x, m) of the resolvents that stay."""
    order: int
    """m."""
    ends: LongEnds

    def completed(self, total: Any, kappa: Any) -> Any:
        """The sum, from what the levels add up to."""
        factors = (*self.rest, (kappa / self.scale, arb(self.order)))
        return self.unit * self.ends.completed(total / self.unit, factors)


def sums_on_nodes(
    product: ResolventProduct,
    order: int,
    spectrum: PowerLawSpectrum,
    target: Target | None,
    evaluate: Callable[[Expr], Any],
    smallest: Any,
    bits: int,
) -> SumsOnNodes | None:
    """The levels and weights of one kind of sum; None where there are no nodes for it.

    Parameters
    ----------
    product
        c(s): a coefficient, a power of s, and resolvents that stay.
    order
        m ≥ 1.
    spectrum, target
        Over what, and with whose weights.
    evaluate
        Ball of an expression free of the eigenvalue.
    smallest
        The least κ.
    bits
        Of the tolerance.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.evaluation.balls import BallEvaluator
    >>> plain = ResolventProduct(Integer(1), Integer(1), ())
    >>> law = PowerLawSpectrum(oo, 2)
    >>> sums = sums_on_nodes(plain, 1, law, None, BallEvaluator({}).evaluate, arb("0.01"), 60)
    >>> kappa = arb("0.25")
    >>> total = sum(c / (s + kappa) for c, s in zip(sums.column, sums.levels))
    >>> known = (arb.pi() * 2 * (arb.pi() * 2).coth() - 1) / 2
    >>> sums.completed(total, kappa).overlaps(known)
    True
    """
    if not isinstance(spectrum.capacity, Rational) or not isinstance(
        target, SourceTarget | UniformTarget | None
    ):
        return None
    scale, beta = evaluate(spectrum.scale), evaluate(spectrum.capacity)
    power = evaluate(product.power)
    rest = []
    for kappa, exponent in product.resolvents:
        x, m = evaluate(kappa), evaluate(exponent)
        if x.is_zero():
            power = power - m
        elif x > 0 and (m > 0 or m <= 0):
            rest.append((x / scale, m))
            smallest = smallest.min(x)
        else:
            return None
    orders = [*(m for _, m in rest), arb(order)]
    total_order = sum(orders, arb(0))
    delta = arb(0)
    weight = arb(1)
    if isinstance(target, SourceTarget):
        delta = evaluate(1 + spectrum.capacity * (2 * target.source - 1))
        weight = evaluate(target.scale)
    elif isinstance(target, UniformTarget):
        weight = evaluate(target.squared_norm / spectrum.dimension)
    wanted = _wanted(
        spectrum, [float(each) for each in (power, delta, *orders)], smallest / scale, bits
    )
    nodes = None if wanted is None else long_nodes(wanted)
    if nodes is None:
        return None
    decay = beta * (power - total_order) + delta
    dimension = None if spectrum.dimension is oo else int(spectrum.dimension)
    ends = LongEnds(nodes, decay, beta, orders, dimension)
    coefficient = evaluate(product.coefficient) * weight
    if not (coefficient >= 0 and ends.is_sharp):
        return None
    unit = coefficient * scale ** (power - total_order)
    if not unit > 0:
        return None
    levels, column = [], []
    for position, share in zip(nodes.positions, nodes.weights, strict=True):
        level = scale * position**-beta
        entry = coefficient * share * level**power
        if not delta.is_zero():
            entry *= position**-delta
        for x, m in rest:
            entry *= (level + x * scale) ** -m
        levels.append(level)
        column.append(entry)
    return SumsOnNodes(nodes, tuple(levels), tuple(column), scale, unit, tuple(rest), order, ends)


def _wanted(
    spectrum: PowerLawSpectrum, exponents: list[float], smallest: Any, bits: int
) -> NodesWanted | None:
    """What the nodes are for, in steps, so that different sums share them; None where the sum may diverge."""
    power, delta, *orders = exponents
    capacity = spectrum.capacity
    assert isinstance(capacity, Rational)
    beta = float(capacity)
    size = sum(map(abs, orders))
    alike = all(m >= 0 for m in orders)
    steepest = max(abs(power), abs(power - size)) if alike else abs(power) + size
    growth = 0.0
    if spectrum.dimension is oo:
        growth = (beta * power + delta - 1) * (1 - 1e-9)
        if not growth > 0:
            return None
        # That of df₁, which every curve takes.
        least = (beta - 1) * (1 - 1e-9)
        growth = least if 0 < least <= growth else growth
    return NodesWanted(
        capacity=fmpq(int(capacity.p), int(capacity.q)),
        dimension=None if spectrum.dimension is oo else int(spectrum.dimension),
        depth=max(1, math.ceil(-float(smallest.log().lower()) / math.log(10) / DECADES)),
        slope=_in_steps(beta * steepest + abs(delta) + 1e-9, 8.0),
        poles=_in_steps(size, 2.0),
        growth=growth,
        bits=bits,
    )


def _in_steps(number: float, least: float) -> float:
    """The next power of two, or the least."""
    return max(least, 2.0 ** math.ceil(math.log2(number)))
