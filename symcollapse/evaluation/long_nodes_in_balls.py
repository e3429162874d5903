"""Many sums over one long power law in balls, on shared nodes: Euler and Maclaurin, with one rule for all integrals.

Sums Σ_j c(s_j)(s_j + κ)^-m are wanted at many κ. Of the rule of Euler and Maclaurin (`power_law_sums`) the terms in front
and the integral behind N take all the time. Here the integral is taken in ln z by rules of Gauss and Legendre, on panels
that do for all κ from the smallest on (`logarithmic_panels` has the bound, relative to the whole sum); so that terms and
nodes together are one list of levels with weights, and only the ends, which are short series for a large N, are left for
each κ.

With ε the bound of the rules, and R|integral| that of Euler and Maclaurin, what is found is off by at most
εS + R(V + εS), V what the levels add up to and S the sum itself: less than 2(ε + R) times the larger of V and the value,
as ε and R are below 1/8.
For d = ∞ the rest beyond the last panel is at most 2·2^Σm e^(−growth·tail) of S.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from symcollapse.evaluation.logarithmic_panels import PowerLawSums, nodes_beside_the_sum
from symcollapse.evaluation.power_law_sums import disc_of, end_of, log_constant_of, term_at
from symcollapse.evaluation.resolvent_integrals import Resolvents

MOST_BITS = 900
"""Working precision above which no nodes are planned: tolerances are doubles."""

MOST_NODES = 3000
"""Above which sums are quicker one by one."""

DECADES = 8
"""By which the smallest κ is stepped, so that all cells of a curve share their nodes."""

STEP = 2.0
"""Of panels in ln z that are tried, times the capacity."""

LONGEST = 12
"""How many steps a panel may have."""

SAFE = 0.1
"""Added to logarithms of bounds, for what doubles lose of them."""


@dataclass(frozen=True)
class NodesWanted:
    """For which sums: of f(z) = z^-A Π (1 + x_i z^β)^-m_i, in units of the spectrum's scale."""

    capacity: fmpq
    """β, exact."""
    dimension: int | None
    """d; None stands for ∞."""
    depth: int
    """κ ≥ 10^-(8·depth)."""
    slope: float
    """Bound of |d ln f/d ln z|."""
    poles: float
    """Bound of Σ|m|."""
    growth: float
    """For d = ∞: f falls like z^-(1 + growth) at least."""
    bits: int
    """The tolerance is 2^-bits, at the working precision."""


@dataclass(frozen=True, eq=False)
class LongNodes:
    """Positions with weights, in place of those below N and of the integral behind it."""

    start: int
    """N."""
    positions: tuple[Any, ...]
    weights: tuple[Any, ...]
    error: float
    """ε."""


def long_nodes(wanted: NodesWanted) -> LongNodes | None:
    """Nodes for many sums; None where there would be too many.

    Example
    -------
    >>> nodes = long_nodes(NodesWanted(fmpq(3, 2), 10**12, 1, 4.0, 2.0, 0.0, 200))
    >>> len(nodes.positions) < 600
    True
    >>> kappa = arb("1e-5")
    >>> levels = [z**-1.5 for z in nodes.positions]
    >>> terms = [w * s / (s + kappa) for w, s in zip(nodes.weights, levels)]
    >>> round(float(sum(terms)), 1)
    5209.1
    """
    return _long_nodes(wanted, int(ctx.prec))


@lru_cache(maxsize=16)
def _long_nodes(wanted: NodesWanted, precision: int) -> LongNodes | None:
    if wanted.bits > MOST_BITS:
        return None
    beta = float(wanted.capacity.p) / float(wanted.capacity.q)
    start = max(100, round(0.75 * wanted.bits))
    low = math.log(start)
    behind = wanted.depth * DECADES * math.log(10) / beta
    tolerance = 2.0**-wanted.bits
    if wanted.dimension is None:
        tail = (wanted.bits + wanted.poles + 5) * math.log(2) / wanted.growth
        end = max(behind, low) + tail
    elif wanted.dimension > 2 * start:
        end = math.log(wanted.dimension)
    else:
        return None
    sums = PowerLawSums(
        capacity=beta,
        flattest=beta,
        slope=wanted.slope,
        poles=wanted.poles,
        behind=behind,
        end=end,
        growth=wanted.growth if wanted.dimension is None else None,
        tolerance=tolerance * math.exp(-SAFE) / 2,
    )
    if start < 2 * wanted.slope + 2:
        return None
    panels = _panels(low, sums)
    if panels is None or sum(order for _, _, order in panels) + start > MOST_NODES:
        return None
    with ctx.workprec(precision):
        positions: list[Any] = [arb(j) for j in range(1, start)]
        weights: list[Any] = [arb(1)] * (start - 1)
        for left, right, order in panels:
            first = arb(start) if left == low else arb(left).exp()
            is_last = right == end and wanted.dimension is not None
            last = arb(wanted.dimension) if is_last else arb(right).exp()
            half = (last / first).log() / 2
            for k in range(order):
                x, weight = arb.legendre_p_root(order, k, weight=True)
                position = first * (half * (1 + x)).exp()
                positions.append(position)
                weights.append(weight * half * position)
    return LongNodes(start, tuple(positions), tuple(weights), tolerance)


def _panels(low: float, sums: PowerLawSums) -> list[tuple[float, float, int]] | None:
    """The cheapest path over a lattice of cuts in ln z."""
    step = STEP / max(sums.capacity, 1.0)
    shore = min(max(sums.behind, low), sums.end)
    steps = math.ceil((shore - low) / step)
    if steps > MOST_NODES:
        return None
    cuts = [low + (shore - low) * k / steps for k in range(1, steps + 1)]
    distance = step
    while shore + distance < sums.end:
        cuts.append(shore + distance)
        distance *= 1.5
    # The last place is the end itself, and nothing that rounding has put beside it.
    places = [low, *(cut for cut in cuts if cut < sums.end - step / 8), sums.end]
    pairs = [
        (i, j) for i in range(len(places)) for j in range(i + 1, min(i + 1 + LONGEST, len(places)))
    ]
    lefts = np.array([places[i] for i, _ in pairs])
    rights = np.array([places[j] for _, j in pairs])
    nodes = nodes_beside_the_sum(lefts, rights, sums)
    cheapest, before = [0.0] + [math.inf] * (len(places) - 1), [(0, 0)] * len(places)
    for (i, j), needed in zip(pairs, nodes.tolist(), strict=True):
        if cheapest[i] + needed < cheapest[j]:
            cheapest[j], before[j] = cheapest[i] + needed, (i, int(needed))
    if not math.isfinite(cheapest[-1]):
        return None
    panels, at = [], len(places) - 1
    while at > 0:
        previous, order = before[at]
        panels.append((places[previous], places[at], order))
        at = previous
    return panels[::-1]


class LongEnds:
    """What Euler and Maclaurin add to the levels of a list of nodes, for one kind of sum.

    Parameters
    ----------
    nodes
        Those of the levels.
    decay, capacity
        A and β of z^-A Π (1 + x_i z^β)^-m_i.
    orders
        The exponents m_i.
    dimension
        d; None stands for ∞.

    Example
    -------
    >>> nodes = long_nodes(NodesWanted(fmpq(2), None, 1, 4.0, 2.0, 1.0, 100))
    >>> ends = LongEnds(nodes, arb(2), arb(2), (), None)
    >>> levels = sum(w / z**2 for w, z in zip(nodes.weights, nodes.positions))
    >>> total = ends.completed(levels, ())
    >>> total.overlaps(arb.pi() ** 2 / 6), bool(total.rad() < 1e-9)
    (True, True)
    """

    def __init__(
        self,
        nodes: LongNodes,
        decay: Any,
        capacity: Any,
        orders: Sequence[Any],
        dimension: int | None,
    ) -> None:
        self._decay, self._capacity = decay, capacity
        self._rho = disc_of(capacity)
        model = tuple((arb(1), order) for order in orders)
        self._size = log_constant_of(decay, capacity, model, self._rho)
        self._low = arb(nodes.start)
        self._high = None if dimension is None else arb(dimension)
        reach = 2 * math.pi * float(self._rho) * nodes.start
        goal = (int(ctx.prec) + 4) * math.log(2) + float(self._size) + math.log(4)
        # The bound falls up to an order of about the reach.
        order = 8
        while order < reach and math.lgamma(order + 1) + goal > order * math.log(reach):
            order += 2
        self._order = order
        rest = 4 * self._size.exp() * arb(order).fac()
        rest = rest / (2 * arb.pi() * self._rho * self._low) ** order
        self._relative = (2 * (arb(nodes.error) + rest)).upper()

    @property
    def is_sharp(self) -> bool:
        """Whether the bound is as small as it has to be for it to hold."""
        return bool(self._relative < 0.25)

    def completed(self, levels: Any, factors: Resolvents) -> Any:
        """The sum: from what its levels add up to, with the pairs (x_i, m_i)."""
        value = levels + self._end(self._low, factors)
        if self._high is not None:
            last = term_at(self._decay, self._capacity, factors, self._high)
            value += last - self._end(self._high, factors)
        most = abs(levels).max(abs(value)).upper()
        return value + arb(0, (self._relative * most).upper())

    def _end(self, point: Any, factors: Resolvents) -> Any:
        return end_of(
            self._decay, self._capacity, factors, point, self._rho, self._order, self._size
        )
