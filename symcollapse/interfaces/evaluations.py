"""The test error of a problem, part by part, in decimal digits."""

import math
from dataclasses import dataclass

from symcollapse.evaluation import Evaluated, evaluate
from symcollapse.interfaces.evolved_points import ACCURACY, evolved_point, is_entangled
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Problem
from symcollapse.theory import test_error
from symcollapse.theory.exact_laws import ExactLaw
from symcollapse.theory.exact_pipeline_laws import exact_law_of_pipeline

EVOLVED_DIGITS = 9
"""Significant digits that state evolution answers for: its estimated relative error is below 1e-9."""


@dataclass(frozen=True)
class Evaluation:
    """Numbers of a test error."""

    values: dict[str, Evaluated]
    """By name: total, bias, variance, synthetic, clean, effective_ridge."""
    exact: dict[str, Evaluated] | None
    """The same without effective_ridge by the exact finite-size law, where one is known, and by no part without one."""
    digits: int
    """Significant digits; of state evolution, of the total."""
    regime: str
    """Where the formula holds, or that state evolution gave the numbers."""
    accuracy: float | None
    """Estimated error of each number, over the total; None where every digit is proven."""


def evaluation_of(problem: Problem, digits: int) -> Evaluation:
    """Every part of the test error in numbers, by its formula: every digit is right.

    Raises
    ------
    NotSupported
        If the formula is not derived.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a")
    >>> evaluation_of(problem, 30).values["effective_ridge"].digits
    30
    """
    error = test_error(problem)
    formulas = {**error.parts, "effective_ridge": error.effective_ridge}
    values = {name: evaluate(formula, problem, digits=digits) for name, formula in formulas.items()}
    exact = _exact(error.exact, problem, tuple(error.parts), digits)
    return Evaluation(values, exact, digits, error.regime, None)


def quickest_evaluation(problem: Problem, digits: int | None, *, certified: bool) -> Evaluation:
    """By the formula; by state evolution where that would be too long, if its digits are enough.

    Parameters
    ----------
    digits
        Significant digits asked for; None for as many as come easily.
    certified
        Whether the digits must be proven, as those of state evolution are not.

    Raises
    ------
    NotSupported
        If the formula would be too long, and state evolution does not have what is asked for.

    Example
    -------
    >>> long = Problem.from_file("accumulate", {"generations.0.repeat": "9"})
    >>> evaluation = quickest_evaluation(long, None, certified=False)
    >>> evaluation.values["total"].text, evaluation.regime
    ('0.705334719', 'by state evolution: errors of an estimated 1e-09 of the total')
    """
    is_enough = not certified and (digits is None or digits <= EVOLVED_DIGITS)
    if is_enough and is_entangled(problem):
        return _evolved(problem, digits or EVOLVED_DIGITS)
    try:
        return evaluation_of(problem, digits or 15)
    except NotSupported as error:
        if problem.replaces or problem.is_symbolic:
            raise
        if is_enough:
            return _evolved(problem, digits or EVOLVED_DIGITS)
        remedy = (
            "leave out --certified"
            if certified
            else f"give --digits {EVOLVED_DIGITS} or fewer, which state evolution has"
        )
        reason = str(error).partition(";")[0]
        raise NotSupported(f"{reason}; lower repeat, or {remedy}") from None


def _evolved(problem: Problem, digits: int) -> Evaluation:
    """By state evolution; no part has decimals beyond those of the total."""
    point = evolved_point(problem)
    names = ("total", "bias", "variance", "synthetic", "clean")
    # The estimate is a share of the total, so that a part much smaller has fewer digits.
    values = {name: _rounded(getattr(point, name), point.total, digits) for name in names}
    ridge = point.effective_ridge
    values["effective_ridge"] = _rounded(ridge, ridge, digits)
    regime = f"{point.regime}: errors of an estimated {ACCURACY:g} of the total"
    exact = _exact(exact_law_of_pipeline(problem), problem, names, digits)
    return Evaluation(values, exact, digits, regime, ACCURACY)


def _exact(
    law: ExactLaw | None, problem: Problem, names: tuple[str, ...], digits: int
) -> dict[str, Evaluated] | None:
    if law is None:
        return None
    laws = {name: getattr(law, name) for name in names}
    return {
        name: evaluate(formula, problem, digits=digits)
        for name, formula in laws.items()
        if formula is not None
    }


def _rounded(value: float, scale: float, digits: int) -> Evaluated:
    """The decimals of a number down to the last one of another; its radius says that none is proven."""
    if math.isinf(value):
        return Evaluated("inf", "inf", digits)
    held = digits if value == 0 or math.isinf(scale) else digits - _places(scale) + _places(value)
    held = min(held, digits)
    text = "0" if value == 0 or held < 1 else f"{value:#.{held}g}".removesuffix(".")
    return Evaluated(text, "inf", digits)


def _places(value: float) -> int:
    """The integer e with 10^e ≤ |value| < 10^(e+1)."""
    return int(f"{abs(value):e}".partition("e")[2])
