"""Sums over 1 … d of smooth functions of the position, on a few nodes with positive weights, whatever d.

*Panels in z.* The positions are cut into panels. On a panel of N whole numbers the Gauss rule of the *discrete* measure,
with K nodes, adds up every polynomial of degree 2K − 1 exactly; its orthogonal polynomials are those of Chebyshev and
Gram, with the recurrence coefficients k²(N² − k²)/(4(4k² − 1)). There is no Euler-Maclaurin correction to make, and the
rule is the same for all functions: counts, degrees of freedom, and sums weighted by a target.

The error, for f(z) = z^-δ Π s_i(z)^p_i Π (s_i(z) + κ)^-m, s = z^-β or e^(−αz), κ ≥ 0. Take the ellipse around the panel
with half-axes L(ρ ± 1/ρ)/2, L half the length of the panel, m its middle. Where φ = |arg s| < π on it,
|s + κ| ≥ (|s| + κ) cos(φ/2), so that |f(z)| ≤ cos(φ/2)^-Σm · f(|z|); and the slope of ln f in ln z is at most M, so that
f(|z|) is at most ratio^M times the least value of f on the panel. A function that is at most C·min f on the ellipse is
within 2C·min f·ρ^(1−2K)/(ρ − 1) of a polynomial of degree 2K − 1, hence

    |rule − sum| ≤ 4 C ρ^(1−2K)/(ρ − 1) · sum:

an error relative to the sum itself, for all κ at once. K is chosen so that it is below the tolerance.

*Panels in ln z.* z = 0 stops those ellipses: a panel in z takes some thirteen nodes for each unit of ln z. In ln z only
the poles at |Im ln z| ≥ π/β are left. So for power laws the points of panels in z, within a quarter of the tolerance, are
in turn replaced by fewer: by the Gauss rule of *their* measure in the variable ln z (`logarithmic_panels` has the proof,
and half of the tolerance). For d = ∞ the last quarter is for what lies beyond the last panel.

Beyond `LAST_DISCRETE` = N the measure is dz, from half to half. The rule of midpoints is wrong by at most
sup|f''|/24 each; as |d² ln f/du²| ≤ β²Σm/4 in u = ln z, |f''| ≤ (M² + M + β²Σm/4) f/z², so that sum and integral differ
by less than (M² + M + β²Σm/4)/(20N²) of the sum.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from symcollapse.evaluation.gauss_rules import gauss_rule, interval_rule, reduced_rule
from symcollapse.evaluation.logarithmic_panels import (
    LogarithmicPanel,
    PowerLawSums,
    logarithmic_panels,
)
from symcollapse.evaluation.rounded import Array

TOLERANCE = 2.0**-55
"""Relative error of a rule: less than a rounding of the sum."""

LAST_DISCRETE = 2**28
"""Position up to which panels are of whole numbers."""

MOST_NODES = 20_000
"""Nodes of a rule; there is none where more are needed."""

TAIL = 40.0
"""What is left out beyond the last panel of an infinite sum is e^-40 of the part behind the smallest κ."""

LARGEST_EXPONENT = 690.0
"""Of e, so that an eigenvalue is a normal double."""

_ELLIPSES = np.geomspace(1.15, 40.0, 48)[None, :]
_SHARES = np.geomspace(0.02, 0.93, 32)[:, None]


@dataclass(frozen=True)
class Steepness:
    """How fast the functions change that a rule has to add up.

    Example
    -------
    >>> Steepness(capacity=1.5, order=2.0).slope
    3.0
    """

    capacity: float = 0.0
    """The largest β of the eigenvalues z^-β."""
    rate: float = 0.0
    """The largest α of the eigenvalues e^(−αz)."""
    order: float = 2.0
    """The largest size of an exponent Σp − Σm, or Σp, by which f may go with s."""
    poles: float = 2.0
    """The largest Σm."""
    decay: float = 0.0
    """The largest |δ| of a target's coefficients z^-δ."""
    flattest: float | None = None
    """The smallest β, or α if there are only exponentials; None where there is one spectrum."""

    @property
    def slope(self) -> float:
        """Bound of |d ln f/d ln z| over power laws."""
        return self.order * self.capacity + self.decay


@dataclass(frozen=True, eq=False)
class IndexRule:
    """Nodes and weights on 1 … d."""

    nodes: Array
    """Real positions, increasing, each at least 1."""
    weights: Array
    """Positive; sum to d."""
    counts: Array
    """How many positions the panel of a node has, at its last node; 0 at the others. Whole numbers."""
    heads: Array
    """The place of the node by which each node's panel is above κ or below."""
    tolerance: float
    """Bound of the relative error of a sum."""
    panels: int = field(default=0)
    """How many panels hold more than one position."""


def index_rule(
    dimension: int | None,
    steepness: Steepness,
    *,
    smallest: float = 0.0,
    growth: float = 1.0,
    always: bool = False,
) -> IndexRule | None:
    """A rule for sums over 1 … d; None where it would have as many nodes as there are positions, or too many.

    Parameters
    ----------
    dimension
        d ≥ 1; None stands for ∞.
    steepness
        Of the functions to be added up.
    smallest
        Lower bound of the κ's, in units of the spectrum's scale; 0 where nothing is known. For d = ∞ it must be
        positive.
    growth
        For d = ∞: f decays like z^-(1 + growth) at least, or e^(−growth·αz).
    always
        Give a rule also where it is no shorter.

    Example
    -------
    >>> rule = index_rule(10**12, Steepness(capacity=1.5), smallest=1e-9)
    >>> rule.nodes.size < 400, float(np.sum(rule.counts))
    (True, 1000000000000.0)
    >>> def degrees(kappa):
    ...     s = rule.nodes**-1.5
    ...     return float(np.sum(rule.weights * s / (s + kappa)))
    >>> round(
    ...     degrees(1e-9) / 1e6, 9
    ... )  # (2π/3)/sin(2π/3) but for 10⁻⁶ that the first and the last term leave
    2.416398652
    """
    if dimension is None and not (smallest > 0 and growth > 0):
        return None
    rule = _built(dimension, steepness, smallest, growth, TOLERANCE)
    if rule is None or always or dimension is None or rule.nodes.size < dimension:
        return rule
    return None


@lru_cache(maxsize=64)
def _built(
    dimension: int | None, steepness: Steepness, smallest: float, growth: float, tolerance: float
) -> IndexRule | None:
    """Kept between formulas: curves over one spectrum ask for the same rule."""
    rule = _Builder(dimension, steepness, smallest, growth, tolerance).rule()
    if rule is not None:
        for column in (rule.nodes, rule.weights, rule.counts, rule.heads):
            column.setflags(write=False)
    return rule


class _Builder:
    def __init__(
        self,
        dimension: int | None,
        steepness: Steepness,
        smallest: float,
        growth: float,
        tolerance: float,
    ) -> None:
        self.dimension, self.steepness, self.growth = dimension, steepness, growth
        self.behind = _logarithm_behind(smallest, steepness)
        self.last = math.inf if dimension is None else dimension
        self.nodes: list[Array] = []
        self.weights: list[Array] = []
        self.counts: list[int] = []
        self.heads: list[int] = []
        self.size = self.panels = 0
        self.error = self.tolerance = tolerance

    def rule(self) -> IndexRule | None:
        done = self._exponential() if self.steepness.rate > 0 else self._power_law()
        if not done or self.size > MOST_NODES:
            return None
        nodes, weights = np.concatenate(self.nodes), np.concatenate(self.weights)
        counts, heads = np.zeros(nodes.size), np.zeros(nodes.size, dtype=np.float64)
        place = 0
        for part, count, head in zip(self.nodes, self.counts, self.heads, strict=True):
            heads[place : place + part.size] = place + head
            place += part.size
            counts[place - 1] = count
        return IndexRule(nodes, weights, counts, heads, self.error, self.panels)

    def _add(self, nodes: Array, weights: Array, count: int, head: int = 0) -> None:
        self.nodes.append(nodes)
        self.weights.append(weights)
        self.counts.append(count)
        self.heads.append(head)
        self.size += nodes.size
        self.panels += nodes.size > 1

    def _add_singles(self, first: int, last: int) -> None:
        for position in range(first, last + 1):
            self._add(np.array([float(position)]), np.ones(1), 1)

    def _exponential(self) -> bool:
        """Panels in z."""
        at, flat = 1, self._flat_from()
        while at <= self.last and self.size <= MOST_NODES:
            if at > flat:
                if self.dimension is not None:
                    # All that is left is as one: s is nothing beside any κ.
                    left = self.dimension - at + 1
                    self._add(np.array([float(at)]), np.array([float(left)]), left)
                break
            length, nodes, weights = _panel_in_z(
                at, min(self.last, flat), self.steepness, self.tolerance
            )
            if nodes.size == length:
                self._add_singles(at, at + length - 1)
            else:
                self._add(nodes, weights, length)
            at += length
        return True

    def _flat_from(self) -> float:
        """Position beyond which all eigenvalues of an exponential together are below e^-TAIL times every κ."""
        steep = self.steepness
        if steep.capacity or steep.decay or self.behind == math.inf:
            return math.inf
        many = 0.0 if self.dimension is None else math.log(self.dimension)
        slowest = steep.rate if steep.flattest is None else steep.flattest
        position = math.exp(self.behind)
        return math.ceil(position + (TAIL + many) / (slowest * min(self.growth, 1.0)))

    def _power_law(self) -> bool:
        """Panels in ln z."""
        steep = self.steepness
        if self.dimension is not None:
            end = math.log(self.dimension + 0.5)
        else:
            # Behind the smallest κ the resolvents of what is left out may still double.
            tail = (TAIL + steep.poles * math.log(2)) / self.growth
            end = max(self.behind, 1.0) + tail
        # Neither s nor c² may underflow.
        if not end * max(steep.capacity, steep.decay, 1.0) < LARGEST_EXPONENT:
            return False
        last = math.floor(math.exp(end)) if self.dimension is None else self.dimension
        flattest = steep.capacity if steep.flattest is None else steep.flattest
        sums = PowerLawSums(
            capacity=steep.capacity,
            flattest=flattest,
            slope=steep.slope,
            poles=steep.poles,
            behind=self.behind,
            end=end,
            growth=self.growth if self.dimension is None else None,
            tolerance=self.tolerance / 2,
        )
        panels = logarithmic_panels(sums, last, cut=LAST_DISCRETE)
        if panels is None or sum(panel.nodes for panel in panels) > MOST_NODES:
            return False
        if last > LAST_DISCRETE:
            curvature = steep.slope * (steep.slope + 1) + steep.capacity**2 * steep.poles / 4
            self.error += curvature / (20 * float(LAST_DISCRETE) ** 2)
        for panel in panels:
            self._add_panel(panel)
        return True

    def _add_panel(self, panel: LogarithmicPanel) -> None:
        count = panel.last - panel.first + 1
        if panel.nodes >= count:
            self._add_singles(panel.first, panel.last)
            return
        start, end = panel.first - 0.5, panel.last + 0.5
        if panel.first > LAST_DISCRETE:
            nodes, weights = interval_rule(panel.nodes, start, end)
        else:
            nodes, weights = self._points_in_z(panel.first, panel.last)
            if nodes.size > panel.nodes:
                nodes, weights = reduced_rule(panel.nodes, nodes, weights, start, end)
        # Above κ as a whole or below, whichever is true of most of its positions.
        head = int(np.argmax(nodes >= panel.last / 2))
        self._add(nodes, weights, count, head)

    def _points_in_z(self, first: int, last: int) -> tuple[Array, Array]:
        """Points of panels in z that add up the positions, to a quarter of the tolerance."""
        nodes, weights = [], []
        at = first
        while at <= last:
            length, points, shares = _panel_in_z(at, last, self.steepness, self.tolerance / 4)
            nodes.append(points)
            weights.append(shares)
            at += length
        return np.concatenate(nodes), np.concatenate(weights)


def _logarithm_behind(smallest: float, steepness: Steepness) -> float:
    """The logarithm of the position from which on all eigenvalues are below the smallest κ; may be infinite."""
    if smallest <= 0:
        return math.inf
    logarithm = -math.log(min(smallest, 1.0))
    if steepness.rate > 0:
        slowest = steepness.rate if steepness.flattest is None else steepness.flattest
        return math.log(max(logarithm / slowest, 1.0))
    flattest = steepness.capacity if steepness.flattest is None else steepness.flattest
    # Eigenvalues that are all alike are never small.
    return logarithm / flattest if flattest > 0 else math.inf


def _panel_in_z(
    at: int, last: float, steepness: Steepness, tolerance: float
) -> tuple[int, Array, Array]:
    """How many positions one panel takes that begins at a position, its nodes, and their weights."""
    length, order = _planned(at, last, steepness, tolerance)
    if length <= order:
        return length, np.arange(float(at), float(at + length)), np.ones(length)
    offsets, weights = gauss_rule(order, length)
    return length, at + (length - 1) / 2 + offsets, weights


def _planned(at: int, last: float, steepness: Steepness, tolerance: float) -> tuple[int, int]:
    """How many positions the next panel in z has, and how many nodes: the fewest for what it covers."""
    left = last - at + 1
    if at < 4:
        return 1, 1
    # Halves of the panel, as shares of its middle m = at + L.
    share = _SHARES
    half = share * at / (1 - share)
    if steepness.rate > 0:
        half = np.minimum(half, _SHARES * 8 / steepness.rate)
    half = np.minimum(half, max((left - 1) / 2, 0.0)) if math.isfinite(left) else half
    half = np.floor(2 * half) / 2
    middle = at + half
    nodes = _nodes_needed(half, middle, steepness, tolerance)
    covered = 2 * half + 1 if steepness.rate > 0 else np.log1p((2 * half + 1) / at)
    best = int(np.argmin(nodes / covered[:, 0]))
    return int(2 * half[best, 0]) + 1, int(nodes[best])


def _nodes_needed(half: Array, middle: Array, steepness: Steepness, tolerance: float) -> Array:
    """K for each panel: the smallest over the ellipses."""
    rho = _ELLIPSES
    along, across = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        angle = np.arctan2(across, np.sqrt(middle**2 - along**2))
        phase = steepness.capacity * angle + steepness.rate * across
        ratio = np.maximum((middle + along) / (middle - half), (middle + half) / (middle - along))
        poles = np.where(phase < math.pi, -steepness.poles * np.log(np.cos(phase / 2)), np.inf)
        size = (
            steepness.slope * np.log(ratio)
            + steepness.order * steepness.rate * (along + half)
            + poles
        )
        needed = (np.log(4 * rho / (rho - 1) / tolerance) + size) / (2 * np.log(rho))
    possible = (along < middle) & np.isfinite(needed)
    return np.ceil(np.min(np.where(possible, needed, np.inf), axis=1))
