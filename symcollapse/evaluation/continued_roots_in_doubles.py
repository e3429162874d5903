"""Coupled traces in doubles, for many points at once: the root is followed from no randomness.

With v = t·u the path u = F(t·u) is v = t·F(v), from v = 0 at t = 0 to the solution at t = 1. A step goes along the
tangent (I − t·F')⁻¹F and is corrected by Newton's method. It is taken only if every correction is a small fraction of
the one before, which keeps it within reach of one root (Deuflhard, Newton Methods for Nonlinear Problems, section 5.1);
otherwise it is halved. Each point has its own t.
"""

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from symcollapse.evaluation.coupled_roots_in_doubles import FIRST_ORDER, At, Point
from symcollapse.evaluation.rounded import ROUNDOFF, Array, Rounded
from symcollapse.language.coupled_traces import TraceSystem
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

FIRST_STEP = 1 / 32
"""Step in t at the start."""

LONGEST_STEP = 1 / 4
"""Longest step in t."""

SHORTEST_STEP = 1e-13
"""Step in t at which the path counts as ended."""

CONTRACTION = 1 / 6
"""A correction over the one before, at most."""

CORRECTIONS = 4
"""Newton steps after each step along the tangent."""

SETTLED = 1e-7
"""Relative size of a last correction on the way."""

MOST_STEPS = 2000
"""Steps along the path."""

LAST_CORRECTIONS = 12
"""Newton steps at the end of the path."""


def solve_trace_system(system: TraceSystem, at: At) -> tuple[Rounded, ...]:
    """Solution for each point, with a bound of its error.

    Parameters
    ----------
    system
        The equations.
    at
        Gives an evaluator in which the unknowns have values, shape (points, 1).

    Returns
    -------
    tuple of Rounded
        Each unknown, shape (points, 1). The errors follow, to first order, from those of the equations at the solution;
        infinite where the first order does not suffice. That the path was not left for that of another root is made
        likely by short steps, not proved.

    Raises
    ------
    NotEvaluable
        If there is no start, or the path ends before t = 1.
    PrecisionExhausted
        If doubles do not settle at the end.

    Example
    -------
    >>> from symcollapse.evaluation.doubles import DoubleEvaluator
    >>> from symcollapse.language.symbols import real_symbol
    >>> tau = real_symbol("tau")
    >>> (root,) = solve_trace_system(
    ...     TraceSystem([tau], [1 / (1 + tau)]), DoubleEvaluator({}).extended
    ... )
    >>> round(float(root.value[0, 0]), 12)
    0.61803398875
    """
    with np.errstate(all="ignore"):
        path = _Path(system, at)
        return path.rounded(path.followed())


class _Path:
    def __init__(self, system: TraceSystem, at: At) -> None:
        self.system, self.at = system, at
        self.size = len(system.unknowns)
        start, self.tangent = self._values(self._point(np.zeros((1, self.size))))
        if not (np.all(np.isfinite(start)) and np.all(np.isfinite(self.tangent))):
            raise NotEvaluable(
                "coupled traces: an inverse of this expression does not exist without its random matrices; "
                "add a positive ridge inside it"
            )
        self.points = start.shape[0]

    def _point(self, v: Array) -> Point:
        columns = (np.ascontiguousarray(v[:, [k]]) for k in range(self.size))
        values = (Rounded(column, np.zeros_like(column)) for column in columns)
        return self.at(dict(zip(self.system.unknowns, values, strict=True)))

    def _rows(self, point: Point, expressions: tuple[Expr, ...]) -> tuple[Array, Array]:
        results = [point.evaluate(expression) for expression in expressions]
        rows = max(max(result.value.shape[0], result.error.shape[0]) for result in results)
        values, errors = (
            np.concatenate([np.broadcast_to(part, (rows, 1)) for part in parts], axis=1)
            for parts in ([r.value for r in results], [r.error for r in results])
        )
        return values, errors

    def _values(self, point: Point) -> tuple[Array, Array]:
        """F, and I − F'."""
        traces = self._rows(point, self.system.traces)[0]
        flat = tuple(entry for row in self.system.jacobian() for entry in row)
        slopes = self._rows(point, flat)[0]
        rows = max(traces.shape[0], slopes.shape[0])
        slopes = np.broadcast_to(slopes, (rows, self.size**2))
        return np.broadcast_to(traces, (rows, self.size)), slopes.reshape(-1, self.size, self.size)

    def _matrix(self, slopes: Array, t: Array) -> Array:
        """I − t·F'."""
        one = np.eye(self.size)
        return one - t[:, :, None] * (one - slopes)

    def followed(self) -> Array:
        """The end of the path."""
        shape = (self.points, self.size)
        if self.system.is_linear:
            # One root, and the way to it does not matter.
            return self._settled(np.zeros(shape))
        v, t = np.zeros(shape), np.zeros((self.points, 1))
        step = np.full((self.points, 1), FIRST_STEP)
        for _ in range(MOST_STEPS):
            if np.all(t == 1):
                return self._settled(v)
            values, slopes = self._values(self._point(v))
            later = np.minimum(t + step, 1.0)
            tangent = _solved(self._matrix(slopes, t), np.broadcast_to(values, shape))
            proposal, good = self._corrected(v + (later - t) * tangent, later)
            v = np.where(good, proposal, v)
            t = np.where(good, later, t)
            step = np.where(good, np.minimum(2 * step, LONGEST_STEP), step / 4)
            if np.any(step < SHORTEST_STEP):
                end = float(np.min(t))
                raise NotEvaluable(
                    f"coupled traces: the path from no randomness ends at {end:.3g} of its variance; an inverse of "
                    "this expression ceases to exist: take larger ridges"
                )
        raise PrecisionExhausted(
            f"coupled traces: more than {MOST_STEPS} steps; take larger ridges"
        )

    def _corrected(self, v: Array, t: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Newton's method at given t, and where each correction was a fraction of the one before."""
        good = np.ones((self.points, 1), dtype=np.bool_)
        before = np.full((self.points, 1), np.inf)
        size = before
        for _ in range(CORRECTIONS):
            values, slopes = self._values(self._point(v))
            change = _solved(self._matrix(slopes, t), v - t * values)
            weight = np.abs(v) + np.abs(change) + np.finfo(float).tiny
            size = np.max(np.abs(change) / weight, axis=1, keepdims=True)
            v = v - change
            good &= np.isfinite(size) & ((size <= CONTRACTION * before) | (size < SETTLED))
            if not np.any(good) or np.all(~good | (size < SETTLED)):
                break
            before = size
        return v, good & (size < SETTLED)

    def _settled(self, v: Array) -> Array:
        one = np.ones((self.points, 1))
        for _ in range(LAST_CORRECTIONS):
            values, slopes = self._values(self._point(v))
            change = _solved(self._matrix(slopes, one), v - values)
            v = v - change
            if np.all(np.abs(change) <= 8 * ROUNDOFF * np.abs(v)):
                break
        return v

    def rounded(self, v: Array) -> tuple[Rounded, ...]:
        """The solution with its errors."""
        point = self._point(v)
        values, errors = self._rows(point, self.system.traces)
        inverse = _inverse(self._values(point)[1])
        defect = np.abs(v - values) + errors + ROUNDOFF * np.abs(v)
        error = np.sum(np.abs(inverse) * defect[:, None, :], axis=2)
        largest = np.max(np.abs(v), axis=1, keepdims=True)
        open_ = np.any(~(error < FIRST_ORDER * largest), axis=1, keepdims=True)
        error = np.where(open_, np.inf, error + 2 * ROUNDOFF * np.abs(v))
        return tuple(Rounded(v[:, [k]], error[:, [k]]) for k in range(self.size))


def _solved(matrix: Array, right: Array) -> Array:
    """Solution of each point's linear equations; not a number where they are singular."""
    try:
        solution = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        return np.full(right.shape, np.nan)
    return np.asarray(solution, dtype=np.float64)


def _inverse(matrix: Array) -> Array:
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        raise PrecisionExhausted(
            "coupled traces: degenerate in doubles; take larger ridges"
        ) from None
    return np.asarray(inverse, dtype=np.float64)
