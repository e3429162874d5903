"""Coupled effective ridges in doubles, for many points at once.

Along the ray κ₁ = … = κ_n, from above, the equations keep their signs until the first of them vanishes. From the last
point before that, Newton's method runs down to the solution. For equations κ_i − F_i(κ) with F increasing and concave,
as those of pooled data, every step stays above the solution, so that it cannot be missed (monotone Newton theorem:
Ortega, Rheinboldt 1970, 13.3.4). With one unknown a bracket with a change of sign is kept as well.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from symcollapse.evaluation.rounded import ROUNDOFF, Array, Rounded
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

STRIDE = 16.0
"""Ratio of neighbouring points of the ray."""

FROM, TO = 40, -180
"""Powers of the stride between which the ray is searched."""

MOST_STEPS = 400
"""Newton steps."""

FIRST_ORDER = 1e-4
"""Relative error above which the first-order bound of the error is no bound."""


class Point(Protocol):
    """Values of expressions at given unknowns."""

    def evaluate(self, node: Expr) -> Rounded:
        """Value of an expression, shape (points, 1)."""
        ...


At = Callable[[Mapping[Symbol, Rounded]], Point]
"""Where expressions can be evaluated, from values of the unknowns."""


def solve_coupled_system(system: CoupledSystem, at: At) -> tuple[Rounded, ...]:
    """Solution for each point, with a bound of its error.

    Parameters
    ----------
    system
        Equations and conditions.
    at
        Gives an evaluator in which the unknowns have values, shape (points, 1).

    Returns
    -------
    tuple of Rounded
        Each unknown, shape (points, 1). The errors follow, to first order, from those of the equations at the
        solution, which include those of the data; infinite where the first order does not suffice, or the data
        leave it open whether the conditions hold.

    Raises
    ------
    NotEvaluable
        If no admissible solution was found.
    PrecisionExhausted
        If the search did not settle.

    Example
    -------
    >>> from symcollapse.evaluation.doubles import DoubleEvaluator
    >>> from symcollapse.language.symbols import effective
    >>> (kappa,) = solve_coupled_system(
    ...     CoupledSystem([effective], [effective**2 - 2]), DoubleEvaluator({}).extended
    ... )
    >>> round(float(kappa.value[0, 0]), 12)
    1.414213562373
    """
    with np.errstate(all="ignore"):
        search = _Search(system, at)
        kappa = search.settled()
        return search.rounded(kappa)


class _Search:
    def __init__(self, system: CoupledSystem, at: At) -> None:
        self.system, self.at = system, at
        self.size = len(system.unknowns)
        probe = self._rows(self._point(np.ones((1, self.size))), self._all())
        self.points = probe[0].shape[0]
        self.low = np.zeros((self.points, self.size))

    def _all(self) -> tuple[Expr, ...]:
        return (*self.system.equations, *self.system.conditions)

    def _point(self, kappa: Array) -> Point:
        columns = (np.ascontiguousarray(kappa[:, [k]]) for k in range(self.size))
        values = (Rounded(column, np.zeros_like(column)) for column in columns)
        return self.at(dict(zip(self.system.unknowns, values, strict=True)))

    def _rows(self, point: Point, expressions: Sequence[Expr]) -> tuple[Array, Array]:
        """Values and errors, shape (points, expressions)."""
        results = [point.evaluate(expression) for expression in expressions]
        if not results:
            empty = np.zeros((self.points, 0))
            return empty, empty
        rows = max(result.value.shape[0] for result in results)

        def joined(parts: Sequence[Array]) -> Array:
            return np.concatenate([np.broadcast_to(part, (rows, 1)) for part in parts], axis=1)

        return joined([r.value for r in results]), joined([r.error for r in results])

    def _matrix(self, point: Point, rows: Sequence[Sequence[Expr]]) -> Array:
        flat = [entry for row in rows for entry in row]
        values = self._rows(point, flat)[0]
        spread = np.broadcast_to(values, (self.points, len(flat)))
        return spread.reshape(self.points, len(rows), self.size)

    def _above(self, values: Array, signs: Array) -> NDArray[np.bool_]:
        """Where equations have the signs that they have at infinity, and conditions hold."""
        expected = np.concatenate(
            [signs, np.ones((self.points, len(self.system.conditions)))], axis=1
        )
        return np.all(np.sign(values) == expected, axis=1, keepdims=True)

    def _started(self) -> tuple[Array, Array]:
        """The last point of the ray before a sign changes, and the signs."""
        kappa = np.full((self.points, self.size), STRIDE**FROM)
        values = self._rows(self._point(kappa), self._all())[0]
        values = np.broadcast_to(values, (self.points, values.shape[1]))
        signs = np.sign(values[:, : self.size])
        if not np.all(self._above(values, signs)):
            raise NotEvaluable(
                "coupled effective ridges: the conditions fail for large ridges; check the equations"
            )
        active = np.ones((self.points, 1), dtype=np.bool_)
        for power in range(FROM - 1, TO, -1):
            # One row for all points: sums over eigenvalues are then taken once for all of them.
            trial = np.full((1, self.size), STRIDE**power)
            above = self._above(self._rows(self._point(trial), self._all())[0], signs)
            kappa = np.where(active & above, trial, kappa)
            active &= above
            if not np.any(active):
                self.low = kappa / STRIDE
                return kappa, signs
        raise NotEvaluable(
            "coupled effective ridges: no positive solution was found; take a ridge > 0"
        )

    def settled(self) -> Array:
        """The solution, by Newton's method from above."""
        kappa, signs = self._started()
        high, low = kappa.copy(), self.low
        before = kappa.copy()
        active = np.ones((self.points, 1), dtype=np.bool_)
        for _ in range(MOST_STEPS):
            point = self._point(kappa)
            values, errors = self._rows(point, self._all())
            residual, noise = values[:, : self.size], errors[:, : self.size]
            step = _solved(
                self._matrix(point, self.system.jacobian()) * kappa[:, None, :], residual
            )
            factor = np.where(step < 1, 1 - np.maximum(step, -1e6), np.exp(-3.0))
            proposal = kappa * factor
            if self.size == 1:
                above = self._above(values, signs)
                high, low = np.where(above, kappa, high), np.where(above, low, kappa)
                inside = (proposal > low) & (proposal < high)
                long = np.abs(step) > 4 * ROUNDOFF
                proposal = np.where(inside | ~long, proposal, np.sqrt(low) * np.sqrt(high))
            else:
                # Beyond the conditions: halve the way back.
                beyond = np.any(values[:, self.size :] <= 0, axis=1, keepdims=True)
                proposal = np.where(beyond, np.sqrt(kappa) * np.sqrt(before), proposal)
                before = np.where(beyond, before, kappa)
            small = np.all(np.abs(step) <= 4 * ROUNDOFF, axis=1, keepdims=True)
            lost = np.all(np.abs(residual) <= noise, axis=1, keepdims=True)
            kappa = np.where(active & ~lost, proposal, kappa)
            active &= ~(small | lost)
            if not np.any(active):
                return kappa
            if not np.all(np.isfinite(kappa) & (kappa > 0)):
                break
        raise PrecisionExhausted(
            "the coupled effective ridges did not settle: there is no positive solution, or doubles do not reach it; "
            "take a ridge > 0"
        )

    def rounded(self, kappa: Array) -> tuple[Rounded, ...]:
        """The solution with its errors; refused where the conditions do not hold."""
        point = self._point(kappa)
        values, errors = self._rows(point, self._all())
        defect = np.abs(values[:, : self.size]) + errors[:, : self.size]
        jacobian = self._matrix(point, self.system.jacobian()) * kappa[:, None, :]
        relative = np.sum(np.abs(_inverse(jacobian)) * defect[:, None, :], axis=2)
        conditions, doubts = values[:, self.size :], errors[:, self.size :]
        if np.any(conditions <= -doubts):
            raise NotEvaluable(
                "coupled effective ridges: no solution where the conditions hold; take a ridge > 0"
            )
        slopes = np.abs(self._matrix(point, self.system.condition_gradients())) * kappa[:, None, :]
        doubts = doubts + np.sum(slopes * relative[:, None, :], axis=2)
        open_ = np.any(conditions <= doubts, axis=1, keepdims=True)
        open_ |= np.any(~(relative < FIRST_ORDER), axis=1, keepdims=True)
        error = np.where(open_, np.inf, kappa * (relative + 2 * ROUNDOFF))
        return tuple(Rounded(kappa[:, [k]], error[:, [k]]) for k in range(self.size))


def _solved(matrix: Array, right: Array) -> Array:
    """Solution of each point's linear equations, rows brought to one size first."""
    size = np.max(np.abs(matrix), axis=2, keepdims=True)
    try:
        return np.linalg.solve(matrix / size, right[:, :, None] / size)[:, :, 0]
    except np.linalg.LinAlgError:
        raise _degenerate() from None


def _inverse(matrix: Array) -> Array:
    size = np.max(np.abs(matrix), axis=2, keepdims=True)
    try:
        return np.linalg.inv(matrix / size) / np.swapaxes(size, 1, 2)
    except np.linalg.LinAlgError:
        raise _degenerate() from None


def _degenerate() -> PrecisionExhausted:
    return PrecisionExhausted(
        "the coupled effective ridges are degenerate in doubles: check that the equations are independent"
    )
