"""Coupled effective ridges as certified balls.

Krawczyk's test: with a point k, an approximate inverse Y of the Jacobian J, and a box X around k, let

    K = k − Y·E(k) + (I − Y·J(X))·(X − k).

If K lies inside X, then X holds exactly one solution, and it lies in K. The conditions are then shown to hold in all
of K. This proves that a solution exists and is unique *in the box*. That there is no other positive solution follows
for equations κ_i = F_i(κ) with F positive, increasing and scalable, as those of pooled data (`language.coupled_ridges`);
for other systems it is not claimed. Coupled traces have other roots: that the one in the box is the root on the path
from no randomness rests on the doubles that followed it (`continued_roots_in_doubles`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from flint import arb, arb_mat, ctx
from sympy import Expr, Symbol

from symcollapse.evaluation.rounded import Rounded
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

GUARD = 8
"""Bits by which the first box is wider than the working precision."""

RIGHT = 40
"""Bits of a start in doubles that are taken to be right at most."""


NEGLIGIBLE = 2.0**-40
"""Size of an unknown beside the largest, below which its box is not made smaller."""


class BallPoint(Protocol):
    """Balls of expressions at given unknowns."""

    def evaluate(self, node: Expr) -> Any:
        """Ball of an expression."""
        ...


At = Callable[[Mapping[Symbol, Any]], BallPoint]
"""Where expressions can be evaluated, from balls of the unknowns."""


def enclose_coupled_system(
    system: CoupledSystem, at: At, start: Sequence[Rounded]
) -> tuple[Any, ...]:
    """Balls that contain the solution near a start, certified.

    Parameters
    ----------
    system
        Equations and conditions.
    at
        Gives an evaluator in which the unknowns have values.
    start
        The solution in doubles.

    Raises
    ------
    NotEvaluable
        If a condition fails at the solution for certain.
    PrecisionExhausted
        If the working precision does not decide.

    Example
    -------
    >>> import numpy as np
    >>> from symcollapse.evaluation.balls import BallEvaluator
    >>> from symcollapse.language.symbols import effective
    >>> start = Rounded(np.array([[1.4142135]]), np.array([[1e-7]]))
    >>> system = CoupledSystem([effective], [effective**2 - 2])
    >>> (kappa,) = enclose_coupled_system(system, BallEvaluator({}).extended, [start])
    >>> kappa.contains(arb(2).sqrt())
    True
    """
    worst = max(float(entry.relative_error[0, 0]) for entry in start)
    right = RIGHT if worst < 2.0**-RIGHT else max(8, int(-math.log2(min(worst, 0.5))))
    middle = [arb(float(entry.value[0, 0])) for entry in start]
    return certified(system, at, _polished(system, at, middle, right))


def certified(system: CoupledSystem, at: At, middle: Sequence[Any]) -> tuple[Any, ...]:
    """Balls that contain the one solution in a box around a point, which need not be near one.

    Raises
    ------
    NotEvaluable
        If a condition fails at the solution for certain.
    PrecisionExhausted
        If no box around the point passes the test.

    Example
    -------
    >>> from symcollapse.evaluation.balls import BallEvaluator
    >>> from symcollapse.language.symbols import effective
    >>> system = CoupledSystem([effective], [effective**2 - 2])
    >>> certified(system, BallEvaluator({}).extended, [arb(7)])
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.PrecisionExhausted: the coupled effective ridges are not decided at 53 bits
    """
    precision, size = int(ctx.prec), len(middle)
    middle = [k.mid() for k in middle]
    failure = PrecisionExhausted(
        f"the coupled effective ridges are not decided at {precision} bits"
    )
    there = _point(system, at, middle)
    residual = arb_mat([[there.evaluate(equation)] for equation in system.equations])
    try:
        inverse = _middles(_jacobian(system, there)).inv()
    except ZeroDivisionError:
        raise failure from None
    inverse = _middles(inverse)
    newton = inverse * residual
    sizes = _sizes(middle)
    width = GUARD
    while width < precision - 4:
        margin = arb(0, 1) * arb(2) ** (width - precision)
        box = [k + scale * margin for k, scale in zip(middle, sizes, strict=True)]
        # From the box itself, whose radius is rounded up: X − k must hold all of it.
        spread = arb_mat([[outer - k] for outer, k in zip(box, middle, strict=True)])
        contraction = _identity(size) - inverse * _jacobian(system, _point(system, at, box))
        change = contraction * spread
        image = [middle[i] - newton[i, 0] + change[i, 0] for i in range(size)]
        if all(outer.contains_interior(inner) for outer, inner in zip(box, image, strict=True)):
            _refuse_outside(system, at, image, failure)
            return tuple(image)
        width += max(4, width // 2)
    raise failure


def _sizes(middle: Sequence[Any]) -> list[Any]:
    """The size of each unknown, that of one near 0 from the largest."""
    sizes = [abs(k) for k in middle]
    floor = max(float(size) for size in sizes) * NEGLIGIBLE
    return [size if float(size) > floor else arb(floor) for size in sizes]


def _refuse_outside(
    system: CoupledSystem, at: At, image: Sequence[Any], failure: PrecisionExhausted
) -> None:
    point = _point(system, at, image)
    signs = [point.evaluate(condition) for condition in system.conditions]
    if system.are_positive:
        signs += image
    if any(sign < 0 for sign in signs):
        raise NotEvaluable(
            "coupled effective ridges: a solution where the conditions fail; take a ridge > 0"
        )
    if not all(sign > 0 for sign in signs):
        raise failure


def _polished(system: CoupledSystem, at: At, middle: Sequence[Any], right: int) -> list[Any]:
    """Newton on midpoints, at a precision that doubles with the digits that are right."""
    target = int(ctx.prec)
    kappa = list(middle)
    while right < target:
        right = min(2 * right, target)
        with ctx.workprec(min(target, right + 64)):
            point = _point(system, at, kappa)
            residual = arb_mat([[point.evaluate(e).mid()] for e in system.equations])
            try:
                step = _middles(_jacobian(system, point)).solve(residual)
            except ZeroDivisionError:
                break
            kappa = [(k - step[i, 0]).mid() for i, k in enumerate(kappa)]
    return kappa


def _point(system: CoupledSystem, at: At, kappa: Sequence[Any]) -> BallPoint:
    return at(dict(zip(system.unknowns, kappa, strict=True)))


def _jacobian(system: CoupledSystem, point: BallPoint) -> Any:
    return arb_mat([[point.evaluate(entry) for entry in row] for row in system.jacobian()])


def _middles(matrix: Any) -> Any:
    return arb_mat([[entry.mid() for entry in row] for row in matrix.tolist()])


def _identity(size: int) -> Any:
    return arb_mat([[arb(int(i == j)) for j in range(size)] for i in range(size)])
