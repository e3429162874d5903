"""Rates at a problem: the test error over a printed rate at sizes many decades apart."""

import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sympy import Expr, Integer, Symbol

from symcollapse.evaluation import Evaluated, evaluate
from symcollapse.language.problems import Problem
from symcollapse.reasoning import Refuted, ShownCounterexample, Undecided, Verdict
from symcollapse.verification.statements_at_problems import DIGITS

DECADES = (6, 12, 24)
"""Powers of ten to which a size is raised for a rate."""

LEAST_DRIFT = math.log(1.25)
"""How much the logarithm of a ratio has to move from 10¹² to 10²⁴: a factor ln T alone moves it by ln 2."""

STEADY = 0.75
"""Share of its first move that it has to make at the second, over twice as many decades: ln T makes a share of 1, a
power of T one of 2, and what tends to a constant like 1/ln T one of ½."""


def drifts(error: Expr, rate: Expr, size: Symbol, problem: Problem) -> ShownCounterexample:
    """Whether the ratio of an error to a rate drifts away from every constant.

    Parameters
    ----------
    error, rate
        Formulas; the other numbers of the problem may follow the size.
    size
        What is raised; the problem leaves it without a value.

    Raises
    ------
    NotEvaluable, Diverges
        If one of them has no number there.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import dimension, samples
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(samples))
    >>> print(drifts(dimension / samples, 1 / samples**2, samples, problem).verdict)
    refuted: test error / printed rate is 3e+06, 3e+12, 3e+24 at T = 1e6, 1e12, 1e24: no constant
    """
    values: list[tuple[Evaluated, Evaluated]] = []
    for decades in DECADES:
        at: Mapping[Symbol, Any] = {size: Integer(10) ** decades}
        left_side, right_side = (
            evaluate(side, problem, digits=DIGITS, values=at) for side in (error, rate)
        )
        values.append((left_side, right_side))
    ratios = [Fraction(one.text) / Fraction(other.text) for one, other in values]
    left, right = (", ".join(f"{float(pair[side].text):.4g}" for pair in values) for side in (0, 1))
    sizes = ", ".join(f"1e{decades}" for decades in DECADES)
    shown = ", ".join(f"{float(ratio):.4g}" for ratio in ratios)
    told = f"test error / printed rate is {shown} at {size} = {sizes}"
    if min(ratios) <= 0:
        return ShownCounterexample(Refuted(f"{told}: a test error is positive"), left, right)
    first, second = (math.log(later / before) for before, later in pairwise(ratios))
    is_drift = (
        abs(second) > LEAST_DRIFT and second * first >= 0 and abs(second) >= STEADY * abs(first)
    )
    verdict: Verdict = (
        Refuted(f"{told}: no constant") if is_drift else Undecided(f"{told}: no drift")
    )
    return ShownCounterexample(verdict, left, right)
