"""Both sides of a statement at a problem: certified digits, and whether they contradict it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import And, Basic, Not, Or
from sympy.core.relational import (
    Equality,
    GreaterThan,
    LessThan,
    Relational,
    StrictGreaterThan,
    StrictLessThan,
)
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symcollapse.evaluation import Evaluated, evaluate
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import Problem
from symcollapse.reasoning import Refuted, Relation, Statement, Undecided, Verdict

DIGITS = 8
"""Digits shown."""

_SIGNS: Mapping[type[Basic], str] = {
    Equality: "=",
    StrictGreaterThan: ">",
    GreaterThan: "≥",
    StrictLessThan: "<",
    LessThan: "≤",
}
_TRUE = {(0, "="), (1, ">"), (1, "≥"), (0, "≥"), (-1, "<"), (-1, "≤"), (0, "≤")}


def compared_at(statement: Statement, problem: Problem) -> tuple[str, str, Verdict]:
    """Both sides in words, and whether what stands between them is certainly violated.

    Raises
    ------
    NotEvaluable, Diverges
        If a side has no number at the problem.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import dimension, samples
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.reasoning import Bound
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(samples=9))
    >>> left, right, verdict = compared_at(Statement(samples, Bound(), dimension), problem)
    >>> print(left, right, verdict)
    9.0000000 3.0000000 refuted: 9.0000000 is more than 3.0000000
    """
    if statement.relation in (Relation.HOLDS_WHERE, Relation.IMPLIES):
        return _conditions(statement, problem)
    left, right = (
        evaluate(side, problem, digits=DIGITS) for side in (statement.subject, statement.formula)
    )
    order = _order(left, right)
    violated = {
        Relation.AT_LEAST: order < 0,
        Relation.AT_MOST: order > 0,
    }.get(statement.relation, order != 0)
    if not violated:
        return (
            left.text,
            right.text,
            Undecided(f"{left.text} and {right.text} do not contradict it"),
        )
    sign = {-1: "less than", 1: "more than"}[order]
    return left.text, right.text, Refuted(f"{left.text} is {sign} {right.text}")


def _order(left: Evaluated, right: Evaluated) -> int:
    """-1, 0 or 1: whether the left number is certainly less or more than the right one."""
    if left.is_infinite or right.is_infinite:
        return int(left.is_infinite) - int(right.is_infinite)
    gap = Fraction(left.text) - Fraction(right.text)
    if abs(gap) <= Fraction(left.radius) + Fraction(right.radius):
        return 0
    return 1 if gap > 0 else -1


def _conditions(statement: Statement, problem: Problem) -> tuple[str, str, Verdict]:
    """Two conditions at a problem: they are to hold together, or the second wherever the first does."""
    told: list[str] = []
    held = tuple(_holds(side, problem, told) for side in (statement.subject, statement.formula))
    left, right = (
        f"{'true' if each else 'false'} ({text})" for each, text in zip(held, told, strict=True)
    )
    violated = (
        held[0] and not held[1] if statement.relation is Relation.IMPLIES else held[0] != held[1]
    )
    if not violated:
        return left, right, Undecided("the conditions do not contradict it here")
    return (
        left,
        right,
        Refuted(f"the left side is {held[0]} here, the right side {held[1]}".lower()),
    )


def _holds(condition: Any, problem: Problem, told: list[str]) -> bool:
    """Whether a condition certainly holds; the numbers compared are added to what is told, as one text."""
    numbers: list[str] = []

    def decided(node: Any) -> bool:
        match node:
            case BooleanTrue() | BooleanFalse():
                return bool(node)
            case And():
                return all(decided(part) for part in node.args)
            case Or():
                return any(decided(part) for part in node.args)
            case Not():
                (part,) = node.args
                return not decided(part)
            case Relational():
                left, right = (
                    evaluate(side, problem, digits=DIGITS) for side in (node.lhs, node.rhs)
                )
                sign = _SIGNS[type(node)]
                numbers.append(f"{left.text} {sign} {right.text}")
                order = _order(left, right)
                if order == 0 and Fraction(left.radius) + Fraction(right.radius) > 0:
                    raise NotEvaluable(f"{left.text} and {right.text}: too close to be told apart")
                return (order, sign) in _TRUE
            case _:
                raise NotEvaluable(f"{node}: no condition")

    answer = decided(condition)
    told.append(", ".join(numbers))
    return answer
