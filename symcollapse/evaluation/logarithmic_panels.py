"""Where sums over power laws are cut into panels in u = ln z, and how many Gauss nodes each panel takes.

The rule of a panel is the Gauss rule, in u, of a measure dν ≥ 0 of mass 2h on an interval of half-width h: either du, or
Σ w_i/z_i over points that add up the positions of the panel (`index_rules`). It is applied to g(u) = z·f(z), for
f(z) = z^-δ Π s_i(z)^p_i Π (s_i(z) + κ)^-m, s = z^-β, κ ≥ the smallest asked for, |d ln f/du| ≤ M. With half-axes
h(ρ ± 1/ρ)/2 of an ellipse around the panel, g is within 2 max|g| ρ^(1−2K)/(ρ − 1) of a polynomial of degree 2K − 1, the
largest value being that on the ellipse, so that

    |rule − sum| ≤ 4·2h·ρ^(1−2K)/(ρ − 1) · max|g|.

*On the ellipse.* Let φ = β|Im u|, let x₀ be where s equals the smallest κ, and q = min(1, e^(−β(Re u − x₀))). For φ < π,
or q < 1,

    |s + κ|² = (|s| + κ)² − 4|s|κ sin²(φ/2) ≥ (|s| + κ)² (1 − 4q/(1+q)² sin²(min(φ, π)/2)),

because |s|κ/(|s| + κ)² increases in |s|/κ up to 1. (Of several capacities the largest counts in φ, the smallest in x₀ and
q.) Off the axis g is at most the product of these factors times g(Re u). The maximum is taken over cells of the ellipse,
each at its worst corner.

*Beside the whole sum S.* With n = ⌊z⌋, 2 ≤ z ≤ d: S ≥ Σ_{j≤n} f(z)(j/z)^M ≥ f(z)(n/z)^M n/(M + 1); and S ≥ f(1), so that

    g(u) ≤ S·min(e^((M+1)|u|), (M + 1)(1 − 1/z)^-(M+1)),     g(u) ≤ g(ln d)·e^((M+1)(u − ln d)) beyond d.

For d = ∞, where f falls like z^-(1+growth) at least, g(u) ≤ 2^Σm g(x₀) e^(−growth·(u − x₀)) beyond x₀. Each panel takes
its share 2h/L of the tolerance, where L is the length of all: L stands for 2h. Nothing here grows with the steepness of f
over a panel, which is why panels may be long.

*Beside the panel's own sum.* Effective ridges are found from parts of the sums of 1, s/(s + κ) and κ/(s + κ), cut between
panels. For these m ≤ 1 and |d ln g/du| ≤ B = 1 + β, so that the sum over the panel is at least (1 − e^(−Bh))/B of the
largest g on it, but for a step at a first position a, (1 − 1/a)^B; and on the ellipse g is larger by the factors above
and e^(B·distance from the panel). That is asked for as well; it seldom decides.

The cut is the cheapest path over a lattice of cuts.
"""

import math
from dataclasses import dataclass

import numpy as np

from symcollapse.evaluation.rounded import Array

ELLIPSES = np.geomspace(1.06, 10.0, 28)
"""ρ among which the best is taken, for each panel and each bound."""

CELLS = 16
"""Into which half an ellipse is cut; even, so that its top lies between two."""

SINGLES = 16
"""First positions between any two of which may be cut."""

SPACING = 2.0
"""Of cuts in ln z, for capacities up to 1; where panels grow with the distance, the first one."""

GROWTH = 1.4
"""Of the spacing beyond the smallest κ."""

REACH = 8
"""Steps of the lattice that a panel may have."""

LONGEST_RULE = 90
"""Nodes of a panel."""

MOST_CUTS = 4000
"""Points of the lattice; there is no plan where more are needed."""

AT_ONCE = 300
"""Panels whose bounds are held in memory."""

_ANGLES = np.linspace(0.0, np.pi, CELLS + 1)
_RIGHT, _LEFT = np.cos(_ANGLES[:-1]), np.cos(_ANGLES[1:])
_HEIGHT = np.maximum(np.sin(_ANGLES[:-1]), np.sin(_ANGLES[1:]))
_HEIGHT[CELLS // 2 - 1 : CELLS // 2 + 1] = 1.0


@dataclass(frozen=True)
class PowerLawSums:
    """The sums that a plan is for, and how right they have to be."""

    capacity: float
    """β ≥ 0, the largest: it turns s fastest off the axis."""
    flattest: float
    """The smallest β: by it s falls most slowly."""
    slope: float
    """M: bound of |d ln f/d ln z|."""
    poles: float
    """The largest Σm."""
    behind: float
    """x₀: ln z where s equals the smallest κ; may be infinite."""
    end: float
    """ln z of the last position and a half; for d = ∞, of where the rule ends."""
    growth: float | None
    """For d = ∞: f falls like z^-(1 + growth) at least. Else None."""
    tolerance: float
    """Of the whole, relative to the sum."""


@dataclass(frozen=True)
class LogarithmicPanel:
    """The positions of a panel, and its nodes."""

    first: int
    last: int
    nodes: int
    """At most as many as there are positions; then each stands for itself."""


def logarithmic_panels(
    sums: PowerLawSums, last: int, *, cut: int
) -> tuple[LogarithmicPanel, ...] | None:
    """The panels that together take the fewest nodes; None if there would be too many.

    Parameters
    ----------
    sums
        What the panels are for.
    last
        The last position.
    cut
        A position after which there is a cut in any case.

    Example
    -------
    >>> sums = PowerLawSums(1.5, 1.5, 4.0, 2.0, math.inf, math.log(1000.5), None, 2.0**-56)
    >>> panels = logarithmic_panels(sums, 1000, cut=2**26)
    >>> sum(panel.nodes for panel in panels) < 50, panels[-1].last
    (True, 1000)
    """
    cuts = _lattice(sums, last, cut)
    if len(cuts) > MOST_CUTS:
        return None
    places = np.array([_logarithm(position) for position in cuts])
    pairs = [
        (i, j)
        for i in range(len(cuts))
        for j in range(i + 1, min(i + 1 + REACH, len(cuts)))
        if not cuts[i] < cut < cuts[j]
    ]
    starts, ends = np.array(pairs).T
    nodes = np.full(starts.size, np.inf)
    # A few positions stand for themselves in any case.
    (long,) = np.nonzero([cuts[j] - cuts[i] > REACH for i, j in pairs])
    for first in range(0, long.size, AT_ONCE):
        part = long[first : first + AT_ONCE]
        nodes[part] = _nodes_needed(places[starts[part]], places[ends[part]], sums)
    cheapest, before = [0.0] + [math.inf] * (len(cuts) - 1), [0] * len(cuts)
    best: list[LogarithmicPanel | None] = [None] * len(cuts)
    for (i, j), needed in zip(pairs, nodes.tolist(), strict=True):
        positions = cuts[j] - cuts[i]
        fewest = min(needed, positions) if positions <= 2 * LONGEST_RULE else needed
        if cheapest[i] + fewest < cheapest[j]:
            cheapest[j], before[j] = cheapest[i] + fewest, i
            best[j] = LogarithmicPanel(cuts[i] + 1, cuts[j], int(fewest))
    panels: list[LogarithmicPanel] = []
    at = len(cuts) - 1
    while at > 0:
        panel = best[at]
        if panel is None:
            return None
        panels.append(panel)
        at = before[at]
    return tuple(reversed(panels))


def _logarithm(position: int) -> float:
    """Where a position's unit of length ends, as ln z."""
    return math.log(position + 0.5)


def _lattice(sums: PowerLawSums, last: int, cut: int) -> list[int]:
    """Positions after which may be cut; 0 and the last among them."""
    cuts = {0, last, *range(1, min(SINGLES, last) + 1)}
    if cut < last:
        cuts.add(cut)
    step = SPACING / max(sums.capacity, 1.0)
    start, shore = _logarithm(min(SINGLES, last)), min(sums.end, sums.behind)
    steps = math.ceil((shore - start) / step)
    if steps > MOST_CUTS:
        return list(range(MOST_CUTS + 1))
    logarithms = [start + (shore - start) * k / steps for k in range(1, steps + 1)]
    distance = step
    while sums.behind + distance < sums.end:
        logarithms.append(sums.behind + distance)
        distance *= GROWTH
    cuts.update(min(last, max(1, math.floor(math.exp(each)))) for each in logarithms)
    return sorted(cuts)


def _nodes_needed(left: Array, right: Array, sums: PowerLawSums) -> Array:
    """K for each panel; infinite where no ellipse will do, or too many are needed."""
    half, rho = (right - left)[:, None, None] / 2, ELLIPSES[None, :, None]
    middle = (right + left)[:, None, None] / 2
    along, across = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
    low, high = middle + along * _LEFT, middle + along * _RIGHT
    beyond = np.maximum(low - right[:, None, None], np.maximum(high - right[:, None, None], 0.0))
    outside = np.maximum(beyond, left[:, None, None] - low)
    steepest = 1 + sums.capacity
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        poles = _pole(low, across * _HEIGHT, sums)
        own = np.max(poles + steepest * outside, axis=2)
        width = half[:, :, 0]
        own = own + np.log(2 * width * steepest / -np.expm1(-steepest * width))
        own = own - steepest * np.log1p(-1 / (np.exp(left) + 0.5))[:, None]
        needed = np.maximum(
            nodes_beside_the_sum(left, right, sums), np.min(_order(own, sums.tolerance), axis=1)
        )
    return np.where(needed <= LONGEST_RULE, np.maximum(needed, 1.0), np.inf)


def nodes_beside_the_sum(left: Array, right: Array, sums: PowerLawSums) -> Array:
    """K by which each panel has its share of the tolerance, relative to the whole sum; infinite where no ellipse will do.

    Parameters
    ----------
    left, right
        The ends of the panels in ln z, shape (panels,).
    sums
        What the panels are for.

    Example
    -------
    >>> sums = PowerLawSums(1.5, 1.5, 4.0, 2.0, math.inf, 30.0, None, 2.0**-56)
    >>> nodes_beside_the_sum(np.array([5.0]), np.array([10.0]), sums) < 40
    array([ True])
    """
    half, rho = (right - left)[:, None, None] / 2, ELLIPSES[None, :, None]
    middle = (right + left)[:, None, None] / 2
    along, across = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
    low, high = middle + along * _LEFT, middle + along * _RIGHT
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        poles = sums.poles * _pole(low, across * _HEIGHT, sums)
        size = np.max(poles + _share(low, high, sums), axis=2) + math.log(sums.end + math.log(2))
        return np.min(_order(size, sums.tolerance), axis=1)


def _order(size: Array, tolerance: float) -> Array:
    """K for which 4 e^size ρ^(1−2K)/(ρ − 1) is below the tolerance."""
    needed = np.ceil(
        (np.log(4 * ELLIPSES / (ELLIPSES - 1) / tolerance) + size) / (2 * np.log(ELLIPSES))
    )
    return np.where(np.isfinite(needed), needed, np.inf)


def _pole(low: Array, height: Array, sums: PowerLawSums) -> Array:
    """Logarithm of (|s| + κ)/|s + κ| at most, on a cell whose left end and height are given."""
    q = np.exp(-sums.flattest * np.maximum(low - sums.behind, 0.0))
    turned = np.sin(np.minimum(sums.capacity * height, np.pi) / 2) ** 2
    loss = -0.5 * np.log1p(-4 * q * turned / (1 + q) ** 2)
    return np.where(np.isfinite(loss), loss, np.inf)


def _share(low: Array, high: Array, sums: PowerLawSums) -> Array:
    """Logarithm of g/S at most, over the real parts of a cell."""
    power = sums.slope + 1
    if sums.growth is None:
        return _inside(
            np.minimum(low, sums.end), np.minimum(high, sums.end), power
        ) + power * np.maximum(high - sums.end, 0.0)
    share = _inside(low, high, power)
    shore = float(_inside(np.array(sums.behind), np.array(sums.behind), power))
    falling = shore + sums.poles * math.log(2) - sums.growth * (low - sums.behind)
    return np.where(low >= sums.behind, np.minimum(share, falling), share)


def _inside(low: Array, high: Array, power: float) -> Array:
    """The same for z ≤ d."""
    share = power * np.maximum(np.abs(low), np.abs(high))
    inner = math.log(power) - power * np.log1p(-np.exp(-low))
    return np.where(low > math.log(2), np.minimum(share, inner), share)
