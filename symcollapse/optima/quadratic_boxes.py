"""Polynomials of degree 2 in each of a few variables: values and derivatives in balls, and bounds over boxes."""

from typing import Any, TypeAlias

import numpy as np
from flint import arb

Tensor = dict[tuple[int, ...], Any]
"""Balls of coefficients by the powers of the variables, each 0, 1 or 2."""

Box: TypeAlias = np.ndarray[Any, Any]
"""Bernstein coefficients over a box; along a variable that is fixed, one."""

Ends: TypeAlias = list[tuple[float, float]]

MOST_BOXES = 40_000
"""Boxes that are looked at before the rest of the cube counts as not ruled out."""

ROUNDING = 1e-13
"""Relative to the sum of the coefficients' sizes, which no Bernstein coefficient exceeds: 50 halvings of each of six axes
take at most 600 sums, rounded by 2^-53 each and together by 7e-14, and the change of basis 18 more."""


TO_BERNSTEIN = np.array([[1.0, 0.0, 0.0], [1.0, 0.5, 0.0], [1.0, 1.0, 1.0]])
"""From powers to Bernstein coefficients over [0, 1], of one variable."""


class QuadraticTensor:
    """A polynomial of degree 2 in each of its variables, at the working precision of ``flint.ctx``.

    Example
    -------
    >>> tensor = QuadraticTensor({(0,): arb(1), (1,): arb(-2), (2,): arb(1)}, 1)
    >>> float(tensor.value([arb(3)])), float(tensor.gradient([arb(3)])[0])
    (4.0, 4.0)
    """

    def __init__(self, coefficients: Tensor, count: int) -> None:
        self.coefficients = coefficients
        self.count = count

    def _sum(self, point: list[Any], orders: list[int]) -> Any:
        """A mixed derivative of the given orders."""
        tables = [
            [(arb(1), x, x * x), (arb(0), arb(1), 2 * x), (arb(0), arb(0), arb(2))][order]
            for x, order in zip(point, orders, strict=True)
        ]
        return _contracted(self.coefficients, tables)

    def value(self, point: list[Any]) -> Any:
        """Ball of the value over balls of the variables."""
        return self._sum(point, [0] * self.count)

    def gradient(self, point: list[Any]) -> list[Any]:
        """Balls of the first derivatives."""
        return [self._sum(point, _unit(self.count, axis)) for axis in range(self.count)]

    def hessian(self, point: list[Any]) -> list[list[Any]]:
        """Balls of the second derivatives."""
        rows: list[list[Any]] = [[None] * self.count for _ in range(self.count)]
        for i in range(self.count):
            for j in range(i + 1):
                orders = _unit(self.count, i)
                orders[j] += 1
                rows[i][j] = rows[j][i] = self._sum(point, orders)
        return rows

    def along(self, point: list[float], axis: int) -> tuple[float, float]:
        """Slope and curvature along one variable, in doubles."""
        balls = [arb(each) for each in point]
        first, second = _unit(self.count, axis), [0] * self.count
        second[axis] = 2
        return float(self._sum(balls, first).mid()), float(self._sum(balls, second).mid())

    def is_idle(self, axis: int, point: list[Any], fixed: list[int]) -> bool:
        """Whether the value does not depend on a variable, wherever the others are but for those that are fixed."""
        tables = [
            (arb(1), x, x * x) if k in fixed else (arb(1), arb(1), arb(1))
            for k, x in enumerate(point)
        ]
        # Each monomial in the other variables has a coefficient of its own.
        found: Tensor = {}
        for powers, value in self.coefficients.items():
            if powers[axis] == 0:
                continue
            key = tuple(-1 if k in fixed else power for k, power in enumerate(powers))
            term = value
            for k in fixed:
                term = term * tables[k][powers[k]]
            found[key] = found[key] + term if key in found else term
        return bool(fixed) and all(each.contains(0) for each in found.values())


def _unit(count: int, axis: int) -> list[int]:
    orders = [0] * count
    orders[axis] = 1
    return orders


def _contracted(coefficients: Tensor, tables: list[Any]) -> Any:
    """Sum of coefficient times one entry of each table, variable by variable."""
    rest = coefficients
    for table in reversed(tables):
        shorter: Tensor = {}
        for powers, value in rest.items():
            term = value * table[powers[-1]]
            key = powers[:-1]
            shorter[key] = shorter[key] + term if key in shorter else term
        rest = shorter
    return rest[()]


RADII = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.02, 0.01, 0.001)
"""Half widths of boxes around a minimum that are tried for convexity, the largest first."""


def convex_box(coefficients: Tensor, place: list[float], free: list[int], idle: set[int]) -> Ends:
    """A box around a minimum in which the polynomial is convex in the free variables; empty if none is found.

    The Hessian stays within its Bernstein coefficients: with centres H and half widths D it is positive where the least
    eigenvalue of H exceeds the Frobenius norm of D.

    Parameters
    ----------
    place
        The minimum.
    free, idle
        Variables that have room, and those that the polynomial does not depend on there; all others stay.

    Example
    -------
    >>> quartic = {(0,): arb(0), (1,): arb(-1), (2,): arb(1)}
    >>> convex_box(quartic, [0.5], [0], set())
    [(0.0, 1.0)]
    """
    count = len(place)
    array = _in_doubles(coefficients, count)
    for radius in RADII:
        ends = [
            (0.0, 1.0)
            if axis in idle
            else (max(0.0, middle - radius), min(1.0, middle + radius))
            if axis in free
            else (middle, middle)
            for axis, middle in enumerate(place)
        ]
        if not free or _is_convex(array, ends, free):
            return ends
    return []


def _is_convex(array: Box, ends: Ends, free: list[int]) -> bool:
    size = len(free)
    centre, spread = np.zeros((size, size)), np.zeros((size, size))
    for i, first in enumerate(free):
        for j, last in enumerate(free):
            inner = _over(_derived(_derived(array, first), last), ends)
            low, high = float(inner.min()), float(inner.max())
            centre[i, j], spread[i, j] = (low + high) / 2, (high - low) / 2
    scale = float(np.abs(array).sum())
    room = float(np.linalg.eigvalsh(centre)[0]) - float(np.linalg.norm(spread))
    return room > 64 * ROUNDING * scale


def _derived(array: Box, axis: int) -> Box:
    """Coefficients of the derivative in powers."""
    moved = np.moveaxis(array, axis, 0)
    return np.moveaxis(np.stack([moved[1], 2 * moved[2], 0 * moved[0]]), 0, axis)


def _over(array: Box, ends: Ends) -> Box:
    """Bernstein coefficients over a box, from powers."""
    for axis, (low, high) in enumerate(ends):
        width = high - low
        shift = np.array([[1.0, low, low**2], [0.0, width, 2 * low * width], [0.0, 0.0, width**2]])
        array = np.moveaxis(np.tensordot(TO_BERNSTEIN @ shift, array, axes=(1, axis)), 0, axis)
    return array


def _in_doubles(coefficients: Tensor, count: int) -> Box:
    array = np.zeros((3,) * count)
    for powers, value in coefficients.items():
        array[powers] = float(value.mid())
    return array


def rules_out(coefficients: Tensor, convex: Ends, least: float) -> tuple[bool, int]:
    """Whether the polynomial exceeds a value on the unit cube, but for a box in which it is convex.

    Parameters
    ----------
    coefficients
        Balls, narrower than doubles.
    convex
        Ends of the box around a minimum in which the polynomial is convex in the variables that have room there, and
        does not depend on those that have all; empty: none.
    least
        The value at that minimum, rounded up.

    Returns
    -------
    is_ruled_out, boxes
        Whether it is proven, and how many boxes were looked at.

    Example
    -------
    >>> parabola = {(0,): arb(1), (1,): arb(-1), (2,): arb(1)}
    >>> rules_out(parabola, [(0.25, 0.75)], 0.75)[0], rules_out(parabola, [(0.75, 1.0)], 0.75)[0]
    (True, False)
    """
    if not convex:
        return False, 0
    count = len(convex)
    array = _in_doubles(coefficients, count)
    margin = ROUNDING * (float(np.abs(array).sum()) + abs(least))
    array = _over(array, [(0.0, 1.0)] * count)
    pending = [(array, [(0.0, 1.0)] * count)]
    done = 0
    while pending:
        here, ends = pending.pop()
        done += 1
        if float(here.min()) - margin > least + margin:
            continue
        faced = _at_faces(here, ends, margin)
        if faced is None:
            continue
        here, ends = faced
        if all(a <= low and high <= b for (low, high), (a, b) in zip(ends, convex, strict=True)):
            continue
        axis = max(range(count), key=lambda k: ends[k][1] - ends[k][0])
        low, high = ends[axis]
        if done >= MOST_BOXES or high - low < 2.0**-50:
            return False, done
        middle = (low + high) / 2
        moved = np.moveaxis(here, axis, 0)
        first, last = (moved[0] + moved[1]) / 2, (moved[1] + moved[2]) / 2
        centre = (first + last) / 2
        for part, interval in (
            (np.stack([moved[0], first, centre]), (low, middle)),
            (np.stack([centre, last, moved[2]]), (middle, high)),
        ):
            inner = list(ends)
            inner[axis] = interval
            pending.append((np.moveaxis(part, 0, axis), inner))
    return True, done


def _at_faces(here: Box, ends: Ends, margin: float) -> tuple[Box, Ends] | None:
    """A box in which the polynomial is monotone along a variable holds no minimum but at a face of the cube."""
    for axis in range(len(ends)):
        low, high = ends[axis]
        if here.shape[axis] == 1:
            continue
        moved = np.moveaxis(here, axis, 0)
        slopes = np.stack([moved[1] - moved[0], moved[2] - moved[1]])
        if float(slopes.min()) > 2 * margin:
            face, kept = 0.0, moved[:1]
        elif float(slopes.max()) < -2 * margin:
            face, kept = 1.0, moved[2:]
        else:
            continue
        if face != (low if face == 0.0 else high):
            return None
        here = np.moveaxis(kept, 0, axis)
        ends = [(face, face) if k == axis else each for k, each in enumerate(ends)]
    return here, ends
