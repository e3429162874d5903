"""Sums over 1 … d of smooth functions of the position, on a few nodes with positive weights, whatever d.

The positions are cut into panels. On a panel of N whole numbers the Gauss rule of the *discrete* measure, with K nodes,
adds up every polynomial of degree 2K − 1 exactly; its orthogonal polynomials are those of Chebyshev and Gram, with the
recurrence coefficients k²(N² − k²)/(4(4k² − 1)). There is no Euler-Maclaurin correction to make, and the rule is the same
for all functions: counts, degrees of freedom, and sums weighted by a target.

The error, for f(z) = z^-δ Π s_i(z)^p_i Π (s_i(z) + κ)^-m, s = z^-β or e^(−αz), κ ≥ 0. Take the ellipse around the panel
with half-axes L(ρ ± 1/ρ)/2, L half the length of the panel, m its middle. Where φ = |arg s| ≤ π/2 on it,
|s + κ| ≥ (|s| + κ) cos(φ/2), so that |f(z)| ≤ cos(φ/2)^-Σm · f(|z|); and the slope of ln f in ln z is at most M, so that
f(|z|) is at most ratio^M times the least value of f on the panel. A function that is at most C·min f on the ellipse is
within 2C·min f·ρ^(1−2K)/(ρ − 1) of a polynomial of degree 2K − 1, hence

    |rule − sum| ≤ 4 C ρ^(1−2K)/(ρ − 1) · sum:

an error relative to the sum itself, for all κ at once. K is chosen so that it is below `TOLERANCE`.

Past the position of the smallest κ asked for, s/κ is small on the ellipse, and |1 + s/κ| ≥ 1 − |s/κ| takes the place of
the angle. Beyond `LAST_DISCRETE` sum and integral from half to half differ by less than 10⁻¹⁶ of the sum, and panels are
taken in ln z with the rule of Gauss and Legendre; past the smallest κ the one singularity that is left lies behind, and
panels may grow with the distance from it. So d = ∞ needs a few panels more.
"""

import math
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from flint import arb, ctx

from symcollapse.evaluation.rounded import Array

TOLERANCE = 2.0**-55
"""Relative error of a rule: less than a rounding of the sum."""

LAST_DISCRETE = 2**26
"""Position up to which panels are of whole numbers."""

RULE_BITS = 120
"""Working precision in which nodes and weights are found, before they are rounded once."""

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
    """The first node of each node's panel: its place."""
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
    rule = _Builder(dimension, steepness, smallest, growth).rule()
    if rule is None or always or dimension is None or rule.nodes.size < dimension:
        return rule
    return None


class _Builder:
    def __init__(
        self, dimension: int | None, steepness: Steepness, smallest: float, growth: float
    ) -> None:
        self.dimension, self.steepness, self.growth = dimension, steepness, growth
        self.beyond = _position_of(smallest, steepness)
        self.last = math.inf if dimension is None else dimension
        self.nodes: list[Array] = []
        self.weights: list[Array] = []
        self.counts: list[int] = []
        self.size = self.panels = 0
        self.error = TOLERANCE

    def rule(self) -> IndexRule | None:
        at = 1
        flat = self._flat_from()
        while at <= self.last:
            if self.size > MOST_NODES:
                return None
            if at > flat:
                if self.dimension is not None:
                    # All that is left is as one: s is nothing beside any κ.
                    self._add(np.array([float(at)]), np.array([float(self.last - at + 1)]))
                break
            if at > LAST_DISCRETE and self.steepness.rate == 0:
                if not self._far_panels(at):
                    return None
                break
            at = self._panel(at, min(self.last, flat))
        if self.size > MOST_NODES:
            return None
        nodes, weights = np.concatenate(self.nodes), np.concatenate(self.weights)
        counts, heads = np.zeros(nodes.size), np.zeros(nodes.size, dtype=np.float64)
        place = 0
        for part, count in zip(self.nodes, self.counts, strict=True):
            heads[place : place + part.size] = place
            place += part.size
            counts[place - 1] = count
        return IndexRule(nodes, weights, counts, heads, self.error, self.panels)

    def _add(self, nodes: Array, weights: Array, count: int | None = None) -> None:
        self.nodes.append(nodes)
        self.weights.append(weights)
        self.counts.append(round(float(np.sum(weights))) if count is None else count)
        self.size += nodes.size

    def _flat_from(self) -> float:
        """Position beyond which all eigenvalues of an exponential together are below e^-TAIL times every κ."""
        rate = self.steepness.rate
        if (
            rate == 0
            or (self.steepness.capacity or self.steepness.decay)
            or self.beyond == math.inf
        ):
            return math.inf
        many = 0.0 if self.dimension is None else math.log(self.dimension)
        return math.ceil(self.beyond + (TAIL + many) / (rate * min(self.growth, 1.0)))

    def _panel(self, at: int, last: float) -> int:
        """Add one panel that begins at a position; the position where the next begins."""
        length, order = _planned(at, last, self.steepness, self.beyond)
        if length <= order:
            for position in range(at, at + length):
                self._add(np.array([float(position)]), np.ones(1))
            return at + length
        offsets, weights = gauss_rule(order, length)
        self._add(at + (length - 1) / 2 + offsets, weights, length)
        self.panels += 1
        return at + length

    def _far_panels(self, at: int) -> bool:
        """Panels in ln z, to the end."""
        start, behind, counted = at - 0.5, self.beyond, at - 1
        if self.dimension is not None:
            length = math.log((self.last + 0.5) / start)
        else:
            length = math.log(max(behind / start, 1.0)) + TAIL / self.growth
        reach = max(self.steepness.capacity, self.steepness.decay, 1.0)
        if not (math.log(start) + length) * reach < LARGEST_EXPONENT:
            return False
        self.error += (self.steepness.slope + 1) / (12 * float(LAST_DISCRETE) ** 2)
        while length > 0:
            distance = math.log(start / behind) if behind < math.inf else -math.inf
            half, order = _planned_far(distance, length, self.steepness)
            is_last = 2 * half >= length * (1 - 1e-12)
            if is_last and self.dimension is not None:
                half = math.log((self.last + 0.5) / start) / 2  # ends there to the last place
            offsets, weights = gauss_rule(order, None)
            # From the start of the panel: exp of ln z itself would lose what ln z has before its point.
            positions = start * np.exp(half * (1 + offsets))
            end = start * math.exp(2 * half)
            through = self.dimension if is_last and self.dimension is not None else round(end - 0.5)
            self._add(positions, half * weights * positions, through - counted)
            self.panels += 1
            start, counted = end, through
            length = 0.0 if is_last else length - 2 * half
            if self.size > MOST_NODES:
                return False
        return True


def _position_of(smallest: float, steepness: Steepness) -> float:
    """The position of the eigenvalue that equals the smallest κ."""
    if smallest <= 0:
        return math.inf
    logarithm = -math.log(min(smallest, 1.0))
    if steepness.rate > 0:
        return logarithm / steepness.rate
    if steepness.capacity == 0:
        return 1.0
    exponent = logarithm / steepness.capacity
    return math.exp(exponent) if exponent < LARGEST_EXPONENT else math.inf


def _planned(at: int, last: float, steepness: Steepness, beyond: float) -> tuple[int, int]:
    """How many positions the next panel has, and how many nodes: the fewest for what it covers."""
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
    nodes = _nodes_needed(half, middle, steepness, beyond)
    covered = 2 * half + 1 if steepness.rate > 0 else np.log1p((2 * half + 1) / at)
    best = int(np.argmin(nodes / covered[:, 0]))
    return int(2 * half[best, 0]) + 1, int(nodes[best])


def _nodes_needed(half: Array, middle: Array, steepness: Steepness, beyond: float) -> Array:
    """K for each panel: the smallest over the ellipses."""
    rho = _ELLIPSES
    along, across = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        angle = np.arctan2(across, np.sqrt(middle**2 - along**2))
        phase = steepness.capacity * angle + steepness.rate * across
        ratio = np.maximum((middle + along) / (middle - half), (middle + half) / (middle - along))
        poles = np.where(phase < math.pi / 2, -steepness.poles * np.log(np.cos(phase / 2)), np.inf)
        if steepness.rate == 0 and beyond < math.inf:
            nearest = np.log((middle - along) / beyond)
            poles = np.minimum(poles, _poles_behind(nearest, steepness))
        size = (
            steepness.slope * np.log(ratio)
            + steepness.order * steepness.rate * (along + half)
            + poles
        )
        needed = (np.log(4 * rho / (rho - 1) / TOLERANCE) + size) / (2 * np.log(rho))
    possible = (along < middle) & np.isfinite(needed)
    return np.ceil(np.min(np.where(possible, needed, np.inf), axis=1))


def _poles_behind(distance: Array, steepness: Steepness) -> Array:
    """Logarithm of the growth of the resolvents where s/κ ≤ e^(−β·distance) is small: |1 + x| ≥ 1 − |x| at any phase."""
    reached = distance * steepness.capacity
    small = np.exp(-np.maximum(reached, 0.0))
    return np.where(reached > 0.5, -steepness.poles * np.log1p(-small), np.inf)


def _planned_far(distance: float, left: float, steepness: Steepness) -> tuple[float, int]:
    """Half the length of the next panel in ln z, and how many nodes."""
    rho = _ELLIPSES
    half = np.geomspace(0.1, max(0.2, 3 * max(distance, 0.5)), 40)[:, None]
    half = np.minimum(half, left / 2)
    along, across = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        phase = steepness.capacity * across
        inside = np.where(phase < math.pi / 2, -steepness.poles * np.log(np.cos(phase / 2)), np.inf)
        behind = _poles_behind(distance - (along - half), steepness)
        size = np.minimum(inside, behind) + (steepness.slope + 1) * (along + half)
        needed = (np.log(4 * rho / (rho - 1) / TOLERANCE) + size) / (2 * np.log(rho))
    nodes = np.ceil(np.min(np.where(np.isfinite(needed), needed, np.inf), axis=1))
    best = int(np.argmin(nodes / half[:, 0]))
    return float(half[best, 0]), int(nodes[best])


@cache
def gauss_rule(order: int, length: int | None) -> tuple[Array, Array]:
    """Gauss rule of K nodes for N whole numbers around 0, or for [−1, 1] if no number is given.

    Returns
    -------
    nodes, weights
        Correctly rounded but for the last place; the weights sum to N, or to 2.

    Example
    -------
    >>> nodes, weights = gauss_rule(3, 101)
    >>> round(float(np.sum(weights * nodes**4)), 6) == sum(j**4 for j in range(-50, 51))
    True
    """
    # Balls of the recurrence widen by a factor of some 2.5 with each degree.
    with ctx.workprec(RULE_BITS + 4 * order):
        couplings = [_coupling(k, length) for k in range(1, order)]
        off = np.sqrt([float(b) for b in couplings])
        start = np.linalg.eigvalsh(np.diag(off, 1) + np.diag(off, -1)) if order > 1 else np.zeros(1)
        total = arb(2) if length is None else arb(length)
        norm = total
        for b in couplings:
            norm = norm * b
        pairs = [_polished(float(x), couplings, norm) for x in start]
    return np.array([x for x, _ in pairs]), np.array([w for _, w in pairs])


def _coupling(k: int, length: int | None) -> arb:
    square = arb(k * k)
    return square / (4 * square - 1) * (1 if length is None else (arb(length) ** 2 - square) / 4)


def _polished(start: float, couplings: list[arb], norm: arb) -> tuple[float, float]:
    """A node by Newton's method on the last polynomial, and its weight h/(p'·p of the degree below)."""
    x, slope, below = arb(start), arb(1), arb(0)
    for attempt in range(4):
        below, p, slope_below, slope = arb(0), arb(1), arb(0), arb(0)
        for b in (arb(0), *couplings):
            below, p, slope_below, slope = (
                p,
                x * p - b * below,
                slope,
                p + x * slope - b * slope_below,
            )
        if attempt < 3:
            x = (x - p / slope).mid()
    return float(x), float(norm / (slope * below))
