"""Effective ridge, slack and resolvent of one fit of a pipeline, in doubles.

A fit minimises Σ_g γ_g‖X_g w − Y_g‖² + Nλ‖w‖² over groups g of inputs, T_g rows each, with N = Σ γ_g T_g. Its
resolvent is equivalent to G = 1/(Nκ + Σ_g p_g s_g) with Σ_g p_g = N, and its residuals are ζ times residuals that stay
finite, with response H_g = p_g/(γ_g T_g) each:

    p_g·(ζ/γ_g + tr[s_g G]) = T_g,        κζ = λ.

For one group p = N and κ = κ(λ, T). For several, with a = p/(Nκ) and x = log a, this is where the gradient of
Σ_g (Nλ/γ_g) e^{x_g} + tr log(1 + Σ_g s_g e^{x_g}) − Σ_g T_g x_g vanishes, a convex function: it does so once
at most.
Features of width M raise the ridge: κζ(1 − df/M) = λ, df = tr[Σ_g p_g s_g G].
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from symcollapse.evaluation.rounded import ROUNDOFF, Array
from symcollapse.language.errors import Diverges, NotEvaluable, PrecisionExhausted

MOST_STEPS = 300
"""Steps of a search; each halves the bracket at least."""

LONGEST_STEP = 3.0
"""In the logarithm of an effective ridge: far from the solution the quadratic model is no guide."""


@dataclass(frozen=True)
class Group:
    """Inputs of one covariance and one weight, in one fit."""

    covariance: int
    weight: float
    rows: float


@dataclass(frozen=True)
class FitCore:
    """What a fit does to its own inputs, whatever the labels."""

    effective_ridge: float
    """κ, for Σ p = N."""
    rows: float
    """N, counted with weights."""
    slack: float
    """ζ."""
    pulls: tuple[float, ...]
    """p_g of each group."""
    surplus_features: float = math.inf
    """M − df, of features of width M."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Eigenvalues of each covariance, shape (covariances, points), and their multiplicities."""

    values: Array
    counts: Array

    @property
    def dimension(self) -> float:
        """Number of eigenvalues."""
        return float(round(float(np.sum(self.counts))))


def surplus(kappa: float, samples: float, values: Array, counts: Array) -> tuple[float, float]:
    """T − df₁(κ), and κ·tr[Σ(Σ + κ)⁻²]; the integer T − #{s ≥ κ} is taken first, so little cancels.

    Example
    -------
    >>> surplus(1.0, 3.0, np.ones(1), np.full(1, 4.0))
    (1.0, 1.0)
    """
    above = values >= kappa
    total = values + kappa
    small = counts * np.where(above, kappa, values) / total
    large = np.where(above, values, kappa) / total
    whole = samples - float(np.sum(counts[above]))
    signed = float(np.sum(np.where(above, small, -small)))
    return whole + signed, float(np.sum(small * large))


def single_ridge(ridge: float, samples: float, levels: Levels, full: Levels | None = None) -> float:
    """The root κ of κ − λ = κ·df₁(κ)/T; polished on all eigenvalues, where the levels are points for them.

    Raises
    ------
    PrecisionExhausted
        If doubles do not reach it.

    Example
    -------
    >>> levels = Levels(np.ones((1, 1)), np.full(1, 300.0))
    >>> round(single_ridge(1.0, 300.0, levels), 12)
    1.61803398875
    """
    values, counts = levels.values[0], levels.counts
    dimension = levels.dimension
    if ridge == 0 and samples >= dimension:
        return 0.0
    smallest = float(np.min(values))
    low = max(ridge, smallest * (dimension - samples) / samples) * (1 - 1e-9)
    high = (ridge + abs(float(np.sum(counts * values))) / samples) * (1 + 1e-9)

    def step(kappa: float, at: Levels) -> float:
        residual, slope = surplus(kappa, samples, at.values[0], at.counts)
        pull = ridge * samples / kappa
        return (residual - pull) / (slope + pull)

    kappa = _increasing_root(lambda kappa: step(kappa, levels), low, high)
    if full is not None:
        for _ in range(MOST_STEPS):
            move = step(kappa, full)
            kappa *= math.exp(-move) if abs(move) > 1e-3 else 1 - move
            if abs(move) < 16 * ROUNDOFF * max(1.0, math.log2(full.counts.size)):
                break
    return kappa


def _increasing_root(relative_step: Callable[[float], float], low: float, high: float) -> float:
    """The root in a bracket of a function of log κ, from its Newton step; safeguarded by halving."""
    if not (low > 0 and math.isfinite(high)):
        raise PrecisionExhausted("the effective ridge leaves the range of doubles")
    high = max(high, low)
    kappa = high
    for _ in range(MOST_STEPS):
        move = relative_step(kappa)
        if abs(move) <= 4 * ROUNDOFF:
            return kappa
        if move > 0:
            high = kappa
        else:
            low = kappa
        if high <= low * (1 + 2 * ROUNDOFF):
            return kappa
        proposal = (
            kappa * math.exp(-move) if abs(move) > 1e-3 and abs(move) < 50 else kappa * (1 - move)
        )
        inside = low < proposal < high
        kappa = proposal if inside else math.sqrt(low) * math.sqrt(high)
    return kappa


def fit_core(
    groups: tuple[Group, ...],
    ridge: float,
    features: float | None,
    levels: Levels,
    full: Levels | None = None,
) -> FitCore:
    """The core of one fit.

    Parameters
    ----------
    groups
        Each pair of covariance and weight once.
    ridge, features
        λ ≥ 0, and M or None.
    levels, full
        The spectrum on points, and all of it where that is more.

    Raises
    ------
    Diverges
        Without ridge where the rows, or the features, are as many as the dimension allows at most: the response to
        noise is infinite, even where there is none.
    NotEvaluable
        If a weight is not positive.

    Example
    -------
    >>> levels = Levels(np.ones((1, 1)), np.full(1, 300.0))
    >>> fit_core((Group(0, 1.0, 600.0),), 0.0, None, levels).slack
    0.5
    """
    if min(group.weight for group in groups) <= 0:
        raise NotEvaluable(
            "weight: the weights of labels on one set of inputs add up to 0 or less; give more"
        )
    rows, weighted = sum(g.rows for g in groups), sum(g.weight * g.rows for g in groups)
    width = math.inf if features is None else features
    dimension = levels.dimension
    if ridge == 0 and min(rows, width) >= dimension:
        if rows == dimension:
            raise Diverges(_threshold("samples = dimension", rows))
        return _recovering(groups, levels, weighted)
    if ridge == 0 and rows == width:
        raise Diverges(_threshold("features = samples", rows))
    if len(groups) > 1:
        return _coupled(groups, ridge, width, levels, weighted)
    own = groups[0].covariance
    levels = Levels(levels.values[[own]], levels.counts)
    full = None if full is None else Levels(full.values[[own]], full.counts)
    kappa = single_ridge(ridge, min(rows, width) if ridge == 0 else rows, levels, full)
    if math.isinf(width):
        return FitCore(kappa, weighted, ridge / kappa, (weighted,))
    values, counts = levels.values[0], levels.counts
    if ridge == 0:
        return FitCore(
            kappa, weighted, max(0.0, 1 - width / rows), (weighted,), max(0.0, width - rows)
        )

    def excess(log_kappa: float) -> float:
        at = math.exp(log_kappa)
        left = [surplus(at, size, values, counts)[0] / size for size in (rows, width)]
        return math.log(at * left[0] * left[1] / ridge) if min(left) > 0 else -math.inf

    low = math.log(max(kappa, single_ridge(ridge, width, levels)))
    kappa = math.exp(_bisected(excess, low))
    left = surplus(kappa, rows, values, counts)[0] / rows
    return FitCore(kappa, weighted, left, (weighted,), width * ridge / (kappa * left))


def _threshold(place: str, size: float) -> str:
    return f"{place} = {size:g} without ridge: the response to noise is infinite; take a ridge > 0"


def _bisected(increasing: Callable[[float], float], low: float) -> float:
    """Where an increasing function changes sign, from a point below it."""
    width = 1e-3
    while increasing(low + width) < 0:
        width *= 2
        if width > 1e4:
            raise PrecisionExhausted("the effective ridge leaves the range of doubles")
    high = low + width
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if increasing(middle) < 0 else (low, middle)
    return (low + high) / 2


def _recovering(groups: tuple[Group, ...], levels: Levels, weighted: float) -> FitCore:
    """Least squares with more rows than features: κ = 0."""
    if len(groups) == 1:
        slack = 1 - levels.dimension / groups[0].rows
        slack = (groups[0].rows - levels.dimension) / groups[0].rows if slack < 0.5 else slack
        return FitCore(0.0, weighted, slack, (weighted,))
    pulls = _stationary(groups, 1.0, 0.0, levels)
    scale = weighted / sum(pulls)
    return FitCore(0.0, weighted, 1 / scale, tuple(pull * scale for pull in pulls))


def _coupled(
    groups: tuple[Group, ...], ridge: float, width: float, levels: Levels, weighted: float
) -> FitCore:
    """Several groups with κ > 0; with features, the ridge that they leave is found first."""

    def degrees(shares: tuple[float, ...]) -> float:
        joint = sum(a * levels.values[g.covariance] for a, g in zip(shares, groups, strict=True))
        return float(np.sum(levels.counts * joint / (1 + joint)))

    penalty = weighted * ridge
    rows = sum(group.rows for group in groups)
    if math.isfinite(width) and (ridge > 0 or width < rows):

        def excess(log_penalty: float) -> float:
            at = math.exp(log_penalty)
            left = 1 - degrees(_stationary(groups, at, 1.0, levels)) / width
            if ridge == 0:
                return left
            return math.log(at * left / penalty) if left > 0 else -math.inf

        start = math.log(penalty) if ridge > 0 else math.log(1e-12 * weighted * _size(levels))
        penalty = math.exp(_bisected(excess, start))
    shares = _stationary(groups, penalty, 1.0, levels)
    kappa = 1 / sum(shares)
    pulls = tuple(share * kappa * weighted for share in shares)
    slack = penalty / (weighted * kappa)
    left = math.inf if math.isinf(width) else width - degrees(shares)
    if math.isfinite(width) and ridge > 0:
        left = width * weighted * ridge / penalty
    return FitCore(kappa, weighted, slack, pulls, left)


def _size(levels: Levels) -> float:
    return float(np.max(levels.values))


def _stationary(
    groups: tuple[Group, ...], penalty: float, one: float, levels: Levels
) -> tuple[float, ...]:
    """e^x where the gradient vanishes, by damped Newton steps; ``one`` is 0 where κ = 0."""
    values = np.array([levels.values[group.covariance] for group in groups])
    rows = np.array([group.rows for group in groups])
    cost = penalty / np.array([group.weight for group in groups])
    scale = np.array([float(np.sum(levels.counts * row)) for row in values]) / levels.dimension
    x = np.log(rows / (penalty + levels.dimension * scale)) if one else np.log(rows / 2)

    def height(at: Array) -> float:
        joint = one + np.exp(at) @ values
        linear = float(np.sum(cost * np.exp(at)) - np.sum(rows * at))
        return linear + float(np.sum(levels.counts * np.log(joint)))

    best = math.inf
    for _ in range(MOST_STEPS):
        shares = np.exp(x)[:, None] * values
        parts = shares / (one + np.sum(shares, axis=0))
        degrees = parts @ levels.counts
        gradient = cost * np.exp(x) + degrees - rows
        hessian = np.diag(cost * np.exp(x) + degrees) - (parts * levels.counts) @ parts.T
        try:
            step = np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            break
        size = float(np.max(np.abs(step)))
        if size < 8 * ROUNDOFF or (size < 1e-9 and size >= best):
            return tuple(float(entry) for entry in np.exp(x))
        best = size
        length, here = min(1.0, LONGEST_STEP / size), height(x)
        while size > 1e-3 and length > 1e-9 and not height(x - length * step) <= here:
            length /= 2
        x = x - length * step
    raise PrecisionExhausted(
        "the effective ridges of pooled data did not settle in doubles; take a ridge > 0"
    )
