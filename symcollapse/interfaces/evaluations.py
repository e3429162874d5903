"""The test error of a problem, part by part, in decimal digits."""

from dataclasses import dataclass

from symcollapse.evaluation import Evaluated, evaluate
from symcollapse.language.problems import Problem
from symcollapse.theory import TestError, test_error


@dataclass(frozen=True)
class Evaluation:
    """Numbers of a derived test error."""

    error: TestError
    values: dict[str, Evaluated]
    """By name: total, bias, variance, synthetic, clean, effective_ridge."""
    exact: dict[str, Evaluated] | None
    """The same without effective_ridge by the exact finite-size law, where one is known, and by no part without one."""
    digits: int
    """Significant digits, all right."""


def evaluation_of(problem: Problem, digits: int) -> Evaluation:
    """Every part of the test error in numbers.

    Example
    -------
    >>> problem = Problem.from_file("figure-1a")
    >>> evaluation_of(problem, 30).values["effective_ridge"].digits
    30
    """
    error = test_error(problem)
    formulas = {**error.parts, "effective_ridge": error.effective_ridge}
    values = {name: evaluate(formula, problem, digits=digits) for name, formula in formulas.items()}
    exact = None
    if error.exact is not None:
        laws = {name: getattr(error.exact, name) for name in error.parts}
        exact = {
            name: evaluate(law, problem, digits=digits)
            for name, law in laws.items()
            if law is not None
        }
    return Evaluation(error, values, exact, digits)
