"""Curves in pairs: measured by simulation, and the theory's laid over, with a point at every measured one and between."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Symbol

from symcollapse.evaluation import lambdify
from symcollapse.experiments.figures import Curve, Figure
from symcollapse.language.problems import Problem
from symcollapse.theory import test_error

BETWEEN = 6
"""Parts into which the theory's curve divides the way from one measured point to the next."""


def predicted(problem: Problem, arguments: Mapping[Symbol, Sequence[float]]) -> tuple[float, ...]:
    """Test error of a problem by its formula, in doubles, with some symbols at other values.

    Parameters
    ----------
    problem
        In numbers.
    arguments
        Values by symbol, all of one length; symbols that the formula does not hold are passed over.

    Returns
    -------
    errors
        One for each value; doubles that lost digits warn (`LossOfDigits`).

    Raises
    ------
    NotEvaluable, NotSupported
        If the problem has no numbers, or no formula.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> small, large = predicted(Problem.from_file("figure-1a"), {ridge: (0.1, 1.0)})
    >>> round(small, 12), round(large, 12)
    (0.177553908211, 0.355965894586)
    """
    length = len(next(iter(arguments.values())))
    if not length:
        return ()
    total = test_error(problem).total
    present = [symbol for symbol in arguments if total.has(symbol)]
    if not present:
        return (float(lambdify(total, [], problem)()),) * length
    values = lambdify(total, present, problem)(*(list(arguments[symbol]) for symbol in present))
    return tuple(float(value) for value in np.broadcast_to(values, (length,)))


def pair(
    label: str,
    x: Sequence[float],
    mean: Sequence[float],
    standard_error: Sequence[float],
    theory: Callable[[Sequence[float]], Sequence[float]],
    *,
    spacing: str = "log",
) -> tuple[Curve, Curve]:
    """A measured curve and the theory's.

    Parameters
    ----------
    label
        Of both.
    x
        Where it was measured, in rising order.
    mean, standard_error
        What was measured there.
    theory
        Its value at each of some x.
    spacing
        How the theory's points lie between those of x: log, linear, or none for x that only count.

    Example
    -------
    >>> _, theory = pair("n = 0", (1.0, 4.0), (1.1, 1.9), (0.1, 0.1), lambda x: x, spacing="none")
    >>> theory.x
    (1.0, 4.0)
    """
    points = tuple(_between(x, spacing))
    values = tuple(float(value) for value in theory(points))
    return (
        Curve(label, "measured", tuple(map(float, x)), tuple(mean), tuple(standard_error)),
        Curve(label, "theory", points, values),
    )


def _between(x: Sequence[float], spacing: str) -> Iterator[float]:
    for start, end in zip(x, [*x[1:], math.nan], strict=True):
        yield float(start)
        if spacing == "none" or math.isnan(end):
            continue
        for part in range(1, BETWEEN):
            share = part / BETWEEN
            if spacing == "log":
                yield math.exp((1 - share) * math.log(start) + share * math.log(end))
            else:
                yield (1 - share) * start + share * end


@dataclass(frozen=True)
class Distance:
    """How far measured lies from theory over a whole figure.

    Example
    -------
    >>> for part in Distance(4, 0.05, 2.5, "n = 0 at x = 0.1").sentence.split("; "):
    ...     print(part)
    4 measured points: the largest gap is 5.0 %
    the farthest in standard errors, 2.5 of them, is n = 0 at x = 0.1. Points that share draws err together.
    """

    points: int
    """Number of points compared."""
    gap: float
    """Largest |measured/theory − 1|."""
    standard_errors: float
    """Largest |measured − theory| in standard errors of the measured point."""
    place: str
    """Where that is."""

    @property
    def sentence(self) -> str:
        """The same in words."""
        return (
            f"{self.points} measured points: the largest gap is {100 * self.gap:.1f} %; the farthest in standard "
            f"errors, {self.standard_errors:.1f} of them, is {self.place}. Points that share draws err together."
        )


def distance(figure: Figure) -> Distance:
    """The largest distances between measured and theory, over all pairs of curves of a figure.

    Raises
    ------
    ValueError
        If nothing can be compared.

    Example
    -------
    >>> from symcollapse.experiments.figures import Panel
    >>> curves = pair("n = 0", (1.0, 2.0), (1.1, 1.9), (0.1, 0.02), lambda x: x)
    >>> found = distance(Figure("figure-1a", "", (Panel("all", "T", "error", curves),), 1, {}))
    >>> round(found.gap, 12), round(found.standard_errors, 12), found.place
    (0.1, 5.0, 'all, n = 0 at x = 2')
    """
    gaps, scores = [], []
    for panel in figure.panels:
        theories = {
            curve.label: dict(zip(curve.x, curve.y, strict=True))
            for curve in panel.curves
            if curve.kind == "theory"
        }
        for curve in panel.curves:
            if curve.kind == "theory" or curve.standard_error is None:
                continue
            theory = theories.get(curve.label, {})
            for x, y, error in zip(curve.x, curve.y, curve.standard_error, strict=True):
                if x not in theory:
                    continue
                gaps.append(abs(y / theory[x] - 1))
                if error > 0:
                    place = f"{panel.title}, {curve.label} at x = {x:.4g}"
                    scores.append((abs(y - theory[x]) / error, place))
    if not scores:
        raise ValueError(f"{figure.name}: no measured point has a theory and a standard error")
    farthest, place = max(scores)
    return Distance(len(gaps), max(gaps), farthest, place)
