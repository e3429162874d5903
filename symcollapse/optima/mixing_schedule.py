"""Weights of real labels, one per generation, that minimise the test error.

The error is a polynomial of degree 2 in each weight. Newton's method finds a minimum over 0 ≤ ω_m ≤ 1; Krawczyk's
operator and an interval Hessian prove it. Bernstein coefficients over ever smaller boxes bound the polynomial there, and
rule out all of the cube but the box around the minimum in which the error is convex.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx
from sympy import Expr, Rational

from symcollapse.evaluation.numbers import ball_at, in_numbers, rounded_outwards
from symcollapse.language.errors import NotSupported, PrecisionExhausted
from symcollapse.language.problems import Problem
from symcollapse.optima.choices import GUARD_BITS, BallOfBits, Choice, choice, first_bits, rounded
from symcollapse.optima.least_squares_mixing import least_squares_schedule
from symcollapse.optima.mixing_weight import optimal_real_weight, own_weights
from symcollapse.optima.quadratic_boxes import Ends, QuadraticTensor, convex_box, rules_out
from symcollapse.optima.weighted_errors import WeightedError, error_in_each_weight
from symcollapse.theory.test_errors import test_error

BRACKET_DIGITS = 5
"""Digits of a bracket beyond those asked for."""

NEWTON_STEPS = 60
"""Steps after which the search for a stationary point is given up."""


@dataclass(frozen=True)
class OptimalWeights:
    """The best weights of real labels, one per generation."""

    problem: Problem
    digits: int
    """Significant digits of every number; all right."""
    weights: tuple[str, ...]
    """ω_0*, ω_1*, …, in decimals; "any" where a later generation fits real labels alone."""
    brackets: tuple[tuple[str, str], ...]
    """For each, two decimals between which it lies for certain."""
    best: Choice
    others: tuple[Choice, ...]
    """The best weight that is the same in all, and the problem's own."""
    closed_form: tuple[Expr, ...] | None
    """The weights as exact numbers, of least squares on fresh inputs."""
    is_global: bool
    """Whether no weights between 0 and 1 are better, for certain."""
    boxes: int
    """Boxes that the proof consists of."""

    @property
    def certificate(self) -> str:
        """What is proven, in words."""
        if self.closed_form is not None and self.is_global:
            return "global minimum: what is best stepwise is best in all, and the closed form lies in every bracket"
        if self.is_global:
            return f"global minimum over 0 <= ω <= 1, proven with {self.boxes} boxes"
        return "local minimum within the brackets; a lower error elsewhere is not ruled out"


def optimal_real_weights(problem: Problem, digits: int = 10) -> OptimalWeights:
    """The weights of real labels, one per generation, that minimise the test error, certified.

    Parameters
    ----------
    problem
        In numbers, with at most six generations. Its weights are only compared with; that of the downstream fit stays.
    digits
        Significant digits, 1 … 10000.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.
    NotSupported
        If there are too many generations, or none.
    PrecisionExhausted
        If no minimum was proven, as where the error does not depend on a weight.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(600, noise=1, repeat=3),)
    >>> found = optimal_real_weights(Problem(IsotropicSpectrum(300), UniformTarget(1), chain))
    >>> found.weights, found.closed_form
    (('0.5000000000', '0.6000000000', '0.6153846154'), (1/2, 3/5, 8/13))
    """
    bits = first_bits(digits)
    if not any(entry.repeat != 0 for entry in problem.generations):
        raise NotSupported("generations: there are none; tune one weight (real_weight)")
    error = error_in_each_weight(problem)
    minimum = _Minimum(error)
    count = len(error.letters)
    idle = minimum.idle(bits)
    weights = [
        "any" if m in idle else rounded(minimum.weight_at(m), digits).text for m in range(count)
    ]
    total_of = minimum.total
    best = choice("best", " ".join(weights), total_of, total_of, digits)
    place = minimum.at(bits)
    with ctx.workprec(2 * bits):
        brackets = tuple(
            ("0", "1") if m in idle else rounded_outwards(each, digits + BRACKET_DIGITS)
            for m, each in enumerate(place)
        )
    with ctx.workprec(bits):
        convex = minimum.convex_box(bits)
        found, boxes = rules_out(error.tensor(bits), convex, float(total_of(bits).upper()))
    closed_form = _closed_form(problem)
    is_proven = closed_form is not None and all(
        Rational(low) <= weight <= Rational(high)
        for weight, (low, high) in zip(closed_form, brackets, strict=True)
    )
    return OptimalWeights(
        problem=problem,
        digits=digits,
        weights=tuple(weights),
        brackets=brackets,
        best=best,
        others=(_same(problem, minimum, digits), _own(problem, minimum, digits)),
        closed_form=closed_form,
        is_global=found or is_proven,
        boxes=boxes,
    )


class _Minimum:
    """A minimum over the cube, as narrow as it is asked for."""

    def __init__(self, error: WeightedError) -> None:
        self._error = error
        self._known: dict[int, _Place] = {}

    def _place(self, bits: int) -> "_Place":
        if bits not in self._known:
            precision = 2 * bits
            with ctx.workprec(precision + GUARD_BITS):
                tensor = QuadraticTensor(self._error.tensor(precision), len(self._error.letters))
                self._known[bits] = _proven(tensor, _start(tensor), bits)
        return self._known[bits]

    def at(self, bits: int) -> list[Any]:
        """Balls of the weights; an exact 0 or 1 at a face of the cube."""
        return self._place(bits).balls

    def idle(self, bits: int) -> set[int]:
        """Weights that the error does not depend on at the minimum."""
        return self._place(bits).idle

    def weight_at(self, position: int) -> BallOfBits:
        return lambda bits: self.at(bits)[position]

    def total(self, bits: int) -> Any:
        place = self.at(bits)
        with ctx.workprec(2 * bits + GUARD_BITS):
            tensor = QuadraticTensor(self._error.tensor(2 * bits), len(place))
            return tensor.value(place)

    def convex_box(self, bits: int) -> Ends:
        """A box around the minimum in which the error is convex, for certain; empty if none was found."""
        place = self._place(bits)
        middles = [float(each.mid()) for each in place.balls]
        return convex_box(self._error.tensor(bits), middles, place.free, place.idle)


@dataclass(frozen=True)
class _Place:
    """A proven minimum over the cube."""

    balls: list[Any]
    free: list[int]
    """Weights that are stationary inside the cube."""
    idle: set[int]


def _start(tensor: QuadraticTensor) -> list[float]:
    """A minimum over the cube in doubles: along each weight in turn the error is a parabola."""
    best: list[float] = []
    least = np.inf
    for start in (0.25, 0.75):
        point = [start] * tensor.count
        for _ in range(400):
            before = list(point)
            for axis in range(tensor.count):
                slope, curvature = tensor.along(point, axis)
                if curvature > 0:
                    point[axis] = min(1.0, max(0.0, point[axis] - slope / curvature))
            if max(abs(a - b) for a, b in zip(before, point, strict=True)) < 1e-15:
                break
        value = float(tensor.value([arb(each) for each in point]).mid())
        if value < least:
            best, least = point, value
    return best


def _proven(tensor: QuadraticTensor, start: list[float], bits: int) -> _Place:
    """Balls that hold a minimum over the cube: stationary inside, with certain slopes at faces."""
    point = [arb(each) for each in start]
    gradient = tensor.gradient(point)
    fixed = [
        axis
        for axis, each in enumerate(start)
        if (each == 0.0 and gradient[axis] > 0) or (each == 1.0 and gradient[axis] < 0)
    ]
    idle = {
        axis
        for axis in range(tensor.count)
        if axis not in fixed and tensor.is_idle(axis, point, fixed)
    }
    free = [axis for axis in range(tensor.count) if axis not in fixed and axis not in idle]
    box = _stationary(tensor, point, free, bits) if free else point
    wide = [arb(0.5, 0.5) if axis in idle else each for axis, each in enumerate(box)]
    slopes = tensor.gradient(wide)
    if not all(slopes[axis] > 0 if point[axis].is_zero() else slopes[axis] < 0 for axis in fixed):
        raise PrecisionExhausted("the slope of the error at a face has no certain sign")
    return _Place(box, free, idle)


def _stationary(tensor: QuadraticTensor, start: list[Any], free: list[int], bits: int) -> list[Any]:
    """Balls that hold one point at which the slopes along some weights vanish, proven by Krawczyk's operator."""
    point = list(start)
    for _ in range(NEWTON_STEPS):
        step = _solved(tensor, point, free)
        for axis, move in zip(free, step, strict=True):
            point[axis] = (point[axis] - move).mid()
        if all(abs(move) < arb(2) ** (-bits - 8) for move in step):
            break
    # K(X) = x − C·g(x) + (1 − C·H(X))·(X − x) inside X proves one stationary point in X.
    radius = arb(2) ** -bits
    box = list(point)
    for axis in free:
        box[axis] = point[axis] + arb(0, 1) * radius
    inverse = _hessian(tensor, point, free).inv()
    gradient = tensor.gradient(point)
    slopes = arb_mat([[gradient[axis]] for axis in free])
    unit = arb_mat(len(free), len(free), [int(i == j) for i in free for j in free])
    centred = arb_mat([[box[axis] - point[axis]] for axis in free])
    image = -inverse * slopes + (unit - inverse * _hessian(tensor, box, free)) * centred
    inside = all(abs(image[row, 0]) < radius for row in range(len(free)))
    if not inside or not _is_positive(_hessian(tensor, box, free).tolist()):
        raise PrecisionExhausted(
            "no minimum over the weights was proven: the error hardly depends on one of them"
        )
    if any(box[axis] < 0 or box[axis] > 1 for axis in free):
        raise PrecisionExhausted("a stationary weight lies outside 0 … 1, next to a face")
    return box


def _hessian(tensor: QuadraticTensor, point: list[Any], free: list[int]) -> Any:
    whole = tensor.hessian(point)
    return arb_mat([[whole[i][j] for j in free] for i in free])


def _solved(tensor: QuadraticTensor, point: list[Any], free: list[int]) -> list[Any]:
    gradient = tensor.gradient(point)
    matrix = _hessian(tensor, point, free)
    try:
        step = matrix.solve(arb_mat([[gradient[axis]] for axis in free]))
    except ZeroDivisionError:
        raise PrecisionExhausted(
            "at the minimum the error does not depend on one of the weights, or hardly: its best value is not defined"
        ) from None
    return [step[row, 0] for row in range(len(free))]


def _is_positive(matrix: list[list[Any]]) -> bool:
    """Whether a symmetric matrix of balls is positive definite, for certain: by elimination."""
    rows = [list(row) for row in matrix]
    for pivot in range(len(rows)):
        if not rows[pivot][pivot] > 0:
            return False
        for below in range(pivot + 1, len(rows)):
            factor = rows[below][pivot] / rows[pivot][pivot]
            rows[below] = [a - factor * b for a, b in zip(rows[below], rows[pivot], strict=True)]
    return True


def _same(problem: Problem, minimum: _Minimum, digits: int) -> Choice:
    found = optimal_real_weight(problem, digits)
    bits = first_bits(digits)
    weight, count = found.weight, len(minimum.at(bits))

    return choice("one weight", " ".join([weight] * count), found.least, minimum.total, digits)


def _own(problem: Problem, minimum: _Minimum, digits: int) -> Choice:
    total = in_numbers(test_error(problem).total, problem)

    def of(bits: int) -> Any:
        ball = ball_at(total, bits + GUARD_BITS)
        return arb("nan") if ball is None else ball

    own = ", ".join(map(str, own_weights(problem)))
    return choice("own", own, of, minimum.total, digits)


def _closed_form(problem: Problem) -> tuple[Expr, ...] | None:
    if problem.downstream is not None and not problem.downstream.replaces:
        return None
    try:
        return least_squares_schedule(problem).weights
    except NotSupported:
        return None
