"""The effective ridge in doubles, for many (λ, T) at once.

κ is the root of r(κ) = T − df₁(κ) − λT/κ, which increases in κ, so that a bracket with a change of sign holds
exactly one root. Written with d_> = #{s ≥ κ},

    r(κ) = (T − d_>) + Σ_{s ≥ κ} κ/(s + κ) − Σ_{s < κ} s/(s + κ) − λT/κ,

the integer is exact and no sum is larger than twice κ·r'(κ) = Σ sκ/(s + κ)² + λT/κ. So rounding moves the root by
a few units in the last place for *every* spectrum, at T = d and for λ → 0 alike: nothing is lost that the data
had. The plain form T − Σ s/(s + κ) loses what the eigenvalues above κ cancel. Where points stand for panels of many
eigenvalues, a panel is above κ or below as a whole, so that d_> is a whole number still.

Each κ begins from an interpolated curve of the degrees of freedom, which one table gives for all points; one or two
safeguarded steps of Newton's method, by blocks of points that stay in the processor's own memory, do the rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symcollapse.evaluation.ridge_tables import RidgeTable
from symcollapse.evaluation.rounded import ROUNDOFF, Array, Rounded
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

EXACT_INTEGERS = 2.0**53
"""Integers below are doubles."""

MOST_STEPS = 400
"""Safeguarded steps; a bracket of 600 decades halves geometrically to one rounding in under 70."""

BLOCK = 2**15
"""Points times levels worked on at a time (256 kB an array)."""

SETTLED = 4 * ROUNDOFF
"""Relative size of a step, or of a residual beside its terms, at which the search ends."""

QUADRATIC = 1e-9
"""Relative size of a step after which the next would be below one rounding."""


@dataclass(frozen=True, eq=False)
class Panels:
    """Which whole numbers of eigenvalues the points of a compressed spectrum stand for."""

    counts: Array
    """At the last point of each panel, how many eigenvalues it holds; 0 at the others. Shape (levels,)."""
    heads: NDArray[np.int64]
    """The place of the point by which each point's panel is above κ or below, shape (levels,)."""
    dimension: float
    """d, or inf."""


def solve_effective_ridge(
    ridge: Rounded,
    samples: Rounded,
    levels: Rounded,
    counts: Rounded,
    panels: Panels | None = None,
) -> Rounded:
    """Root κ for each point, with a bound of its error.

    Parameters
    ----------
    ridge, samples
        λ ≥ 0 and T > 0, shape (points, 1).
    levels, counts
        Distinct eigenvalues and their multiplicities, shape (1, levels) or (points, levels).
    panels
        For a compressed spectrum: which points belong together.

    Returns
    -------
    Rounded
        κ, shape (points, 1); 0 where λ = 0 and T ≥ d. The error follows from that of the data to first order,
        and from the rounding of the last residual.

    Raises
    ------
    NotEvaluable
        If λ < 0, T <= 0, or one of them is not a number.
    PrecisionExhausted
        If a root leaves the range of doubles.

    Example
    -------
    >>> import numpy as np
    >>> def exact(*entries):
    ...     return Rounded(np.array([entries]), np.zeros((1, len(entries))))
    >>> kappa = solve_effective_ridge(exact(1.0), exact(300.0), exact(1.0), exact(300.0))
    >>> round(float(kappa.value[0, 0]), 12)
    1.61803398875
    """
    points = max(ridge.value.shape[0], samples.value.shape[0], levels.value.shape[0])
    _refuse_no_root(ridge, samples)
    spectrum = _Spectrum(levels, counts, panels)
    lam = np.broadcast_to(ridge.value, (points, 1))
    size = np.broadcast_to(samples.value, (points, 1))
    vanishes = (lam == 0) & (size >= spectrum.dimension)
    # Where λ or T − d may be 0 or not within their errors, so may κ.
    doubt = spectrum.miscount + samples.error
    undecided = (lam == 0) & (
        (ridge.error > 0) | ((doubt > 0) & (np.abs(size - spectrum.dimension) <= doubt))
    )
    low, high = _bracket(lam, size, spectrum, vanishes)
    kappa = np.ones((points, 1))
    relative = np.zeros((points, 1))
    wanted = np.flatnonzero(~vanishes)
    if wanted.size:
        search = _Search(lam[wanted], size[wanted], spectrum.rows(wanted))
        kappa[wanted], relative[wanted] = search.settled(low[wanted], high[wanted])
        with np.errstate(divide="ignore", invalid="ignore"):
            # Errors of λ and T act on the residual directly.
            shift = np.where(ridge.error > 0, size * ridge.error / kappa, 0.0) + doubt
            inherited = np.broadcast_to(shift, (points, 1))[wanted] / search.slope
        relative[wanted] += np.where(inherited > 0, inherited, 0.0)
    value = np.where(vanishes, 0.0, kappa)
    error = np.where(vanishes, 0.0, kappa * (relative + ROUNDOFF))
    return Rounded(value, np.where(undecided, np.inf, error))


class _Spectrum:
    """Eigenvalues with what the equation needs of them."""

    def __init__(self, levels: Rounded, counts: Rounded, panels: Panels | None) -> None:
        self.levels = levels.value
        self.counts = np.broadcast_to(
            counts.value, levels.value.shape[:-1] + counts.value.shape[-1:]
        )
        self.relative = levels.relative_error
        if panels is None:
            self.heads: NDArray[np.int64] | None = None
            self.whole = self.counts
            self.dimension = np.sum(self.counts, axis=-1, keepdims=True)
            inherited = np.sum(
                np.broadcast_to(counts.error, self.levels.shape), axis=-1, keepdims=True
            )
            # Sums of integers below 2⁵³ have no error.
            added = self.levels.shape[-1] * ROUNDOFF * self.dimension
            self.miscount = inherited + np.where(self.dimension < EXACT_INTEGERS, 0.0, added)
            self.weight_error = 0.0
        else:
            self.heads = panels.heads
            self.whole = panels.counts[None, :]
            self.dimension = np.array([[panels.dimension]])
            self.miscount = np.where(
                (self.dimension < EXACT_INTEGERS) | np.isinf(self.dimension),
                0.0,
                4 * ROUNDOFF * self.dimension,
            )
            self.weight_error = float(np.max(counts.relative_error))
        self.references = self.levels if self.heads is None else self.levels[:, self.heads]

    def rows(self, wanted: NDArray[np.int64]) -> "_Spectrum":
        """The eigenvalues of some points."""
        if self.levels.shape[0] == 1:
            return self
        part = object.__new__(_Spectrum)
        part.__dict__ = {
            name: entry[wanted] if isinstance(entry, np.ndarray) and entry.shape[0] > 1 else entry
            for name, entry in self.__dict__.items()
        }
        return part


def _bracket(
    lam: Array, size: Array, spectrum: _Spectrum, vanishes: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Bounds of κ.

    λ + Σ κs/(s+κ)/T ≤ λ + tr Σ/T; and for T < d: df₁(κ) ≥ J s/(s + κ), where J eigenvalues are at least s.
    """
    trace = np.sum(spectrum.counts * spectrum.levels, axis=-1, keepdims=True)
    high = (lam + trace / size) * (1 + 1e-12)
    if np.isinf(spectrum.dimension[0, 0]):
        through = np.cumsum(spectrum.whole[0])
        places = np.minimum(np.searchsorted(through, 2 * size), through.size - 1)
        # The eigenvalues fall; those of the panel that holds the 2T-th are all counted.
        least, count = spectrum.levels[0][places], through[places]
    else:
        least, count = np.min(spectrum.levels, axis=-1, keepdims=True), spectrum.dimension
    low = np.maximum(lam, least * ((count - size) / size)) * (1 - 1e-12)
    if not (np.all(np.isfinite(high)) and np.all((low > 0) | vanishes)):
        raise PrecisionExhausted(
            "the effective ridge leaves the range of doubles: evaluate with digits or balls"
        )
    return low, np.maximum(high, low)


class _Search:
    """The roots of the points whose κ is positive."""

    def __init__(self, lam: Array, size: Array, spectrum: _Spectrum) -> None:
        self.lam, self.size, self.spectrum = lam, size, spectrum
        self.slope = np.ones_like(lam)
        self.rows = max(1, BLOCK // spectrum.levels.shape[-1])

    def settled(self, low: Array, high: Array) -> tuple[Array, Array]:
        """κ, and the relative error that rounding and the errors of the eigenvalues leave."""
        kappa = self._started(low, high)
        relative = np.empty_like(kappa)
        for start in range(0, kappa.size, self.rows):
            part = np.arange(start, min(start + self.rows, kappa.size))
            kappa[part], relative[part] = self._block(part, kappa[part], low[part], high[part])
        return kappa, relative

    def _started(self, low: Array, high: Array) -> Array:
        if self.spectrum.levels.shape[0] > 1:
            return high.copy()
        table = RidgeTable(
            self.spectrum.levels[0],
            self.spectrum.counts[0],
            float(self.spectrum.dimension[0, 0]),
        )
        start = table.roots(self.lam, self.size, low, high)
        return np.where(np.isfinite(start), np.clip(start, low, high), high)

    def _block(
        self, part: NDArray[np.int64], kappa: Array, low: Array, high: Array
    ) -> tuple[Array, Array]:
        lam, size, spectrum = self.lam[part], self.size[part], self.spectrum.rows(part)
        relative, slopes = np.empty_like(kappa), np.ones_like(kappa)
        pending = np.arange(kappa.size)
        settled = np.zeros(kappa.size, dtype=np.bool_)
        for _ in range(MOST_STEPS):
            here, own = kappa[pending], spectrum.rows(pending)
            residual, slope, spread, inherited = _residual(here, lam[pending], size[pending], own)
            step = residual / slope
            roundings = 24 + np.log2(own.levels.shape[-1])
            error = (
                (roundings * ROUNDOFF + own.weight_error) * spread + inherited
            ) / slope + np.abs(step)
            relative[pending], slopes[pending] = error, slope
            # What a step below the roundings would change is within the error bound already.
            done = settled[pending, None] & (np.abs(step) <= 16 * ROUNDOFF)
            done |= (np.abs(step) <= SETTLED) | (np.abs(residual) <= SETTLED * spread)
            if np.all(done):
                self.slope[part] = slopes
                return kappa, relative
            low[pending] = np.where(residual <= 0, here, low[pending])
            high[pending] = np.where(residual >= 0, here, high[pending])
            # Newton in ln κ while the step is long, in κ at the end, where it decides the last digits.
            proposal = np.where(
                np.abs(step) > 0.5, here * np.exp(-np.clip(step, -50, 50)), here * (1 - step)
            )
            outside = (proposal <= low[pending]) | (proposal >= high[pending])
            middle = np.sqrt(low[pending]) * np.sqrt(high[pending])
            proposal = np.where(outside & (np.abs(step) > 1e-12), middle, proposal)
            kappa[pending] = np.where(done, here, proposal)
            settled[pending] = (np.abs(step) <= QUADRATIC)[:, 0]
            pending = pending[~done[:, 0]]
        raise PrecisionExhausted(
            "the effective ridge did not settle in doubles: evaluate with digits or balls"
        )


def _residual(
    kappa: Array, lam: Array, size: Array, spectrum: _Spectrum
) -> tuple[Array, Array, Array, Array]:
    """r(κ), κ·r'(κ), the sum of the absolute values that r is made of, and what the levels' errors change in r."""
    levels, counts = spectrum.levels, spectrum.counts
    above = spectrum.references >= kappa
    total = levels + kappa
    small = np.where(above, kappa, -levels)
    small /= total
    share = counts * small
    plus_and_minus = np.sum(share, axis=-1, keepdims=True)
    np.abs(share, out=share)
    spread = np.sum(share, axis=-1, keepdims=True)
    # s κ/(s + κ)² is the small part times what it lacks of 1.
    np.abs(small, out=small)
    np.subtract(1, small, out=small)
    slope_terms = np.multiply(small, share, out=small)
    if np.min(counts) < 0:
        slope_terms = slope_terms * np.sign(counts)
    slope = np.sum(slope_terms, axis=-1, keepdims=True)
    worst = float(np.max(spectrum.relative))
    if worst <= 4 * float(np.min(spectrum.relative)):
        inherited = worst * slope
    else:
        inherited = np.sum(slope_terms * spectrum.relative, axis=-1, keepdims=True)
    whole = size - np.sum(np.where(above, spectrum.whole, 0.0), axis=-1, keepdims=True)
    with np.errstate(divide="ignore", over="ignore"):
        pull = lam * size / kappa
    return (
        whole + plus_and_minus - pull,
        slope + pull,
        np.abs(whole) + spread + pull,
        np.abs(inherited),
    )


def _refuse_no_root(ridge: Rounded, samples: Rounded) -> None:
    if np.any(np.isnan(ridge.value)) or np.any(ridge.value + ridge.error < 0):
        worst = np.min(ridge.value)
        raise NotEvaluable(f"ridge = {worst:g} in an effective ridge: give numbers >= 0")
    if np.any(np.isnan(samples.value)) or np.any(samples.value + samples.error <= 0):
        worst = np.min(samples.value)
        raise NotEvaluable(f"samples = {worst:g} in an effective ridge: give numbers > 0")
