"""Named functions of closed forms in balls: Γ, ζ, trigonometric functions and their like."""

from collections.abc import Callable
from typing import Any

from flint import arb
from sympy import (
    Basic,
    Catalan,
    E,
    EulerGamma,
    Expr,
    GoldenRatio,
    Piecewise,
    hyper,
    pi,
)
from sympy.core.relational import (
    Equality,
    LessThan,
    Relational,
    StrictGreaterThan,
    StrictLessThan,
    Unequality,
)
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symcollapse.evaluation.arb_elementary import golden_ratio
from symcollapse.evaluation.arb_functions import hypergeometric
from symcollapse.evaluation.arb_table import BALL_FUNCTIONS
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted

_CONSTANTS: dict[Basic, Callable[[], Any]] = {
    pi: arb.pi,
    E: arb.const_e,
    EulerGamma: arb.const_euler,
    Catalan: arb.const_catalan,
    GoldenRatio: golden_ratio,
}


def constant_ball(number: Basic) -> Any:
    """Ball around π, e, γ, Catalan's constant or the golden ratio.

    Example
    -------
    >>> round(float(constant_ball(EulerGamma)), 12)
    0.577215664902
    """
    return constant_function(number)()


def constant_function(number: Basic) -> Callable[[], Any]:
    """The function of no argument that gives the ball around a constant.

    Raises
    ------
    NotEvaluable
        If no such constant is known.

    Example
    -------
    >>> constant_function(pi)() > 3
    True
    """
    if number not in _CONSTANTS:
        raise NotEvaluable(f"{number} is not a constant that this arithmetic knows")
    return _CONSTANTS[number]


class PartInBalls(Basic):
    """A part of a formula that has its ball from those of its inputs; abstract."""

    def ball_at(self, arguments: list[Any]) -> Any:
        """Its ball."""
        raise NotEvaluable(f"{type(self).__name__} has no ball of {len(arguments)} inputs")


def is_special(node: Basic) -> bool:
    """Whether a node is a function that `special_ball` knows.

    Example
    -------
    >>> from sympy import Integer, sin
    >>> is_special(sin(Integer(1))), is_special(Integer(1))
    (True, False)
    """
    return type(node) in BALL_FUNCTIONS or isinstance(node, hyper)


def special_ball(node: Basic, arguments: list[Any]) -> Any:
    """Ball around the value of a function at balls; not finite near a pole, or outside the function's domain.

    Raises
    ------
    NotEvaluable
        If the function is complex there whatever the precision.

    Example
    -------
    >>> from sympy import Integer, zeta
    >>> bool(abs(special_ball(zeta(Integer(3)), [arb(2)]) - arb.pi() ** 2 / 6) < 1e-12)
    True
    """
    if isinstance(node, PartInBalls):
        return node.ball_at(arguments)
    if isinstance(node, hyper):
        above, below = len(node.args[0].args), len(node.args[1].args)
        return hypergeometric(
            arguments[:above], arguments[above : above + below], arguments[above + below]
        )
    return BALL_FUNCTIONS[type(node)](*arguments)


def operands(node: Basic) -> tuple[Basic, ...]:
    """The expressions that a function is taken of; the parameters of a hypergeometric function one by one.

    Example
    -------
    >>> operands(hyper([1, pi], [2], E))
    (1, pi, 2, E)
    """
    if isinstance(node, hyper):
        return (*node.args[0].args, *node.args[1].args, node.args[2])
    return node.args


def pieces(node: Piecewise) -> tuple[tuple[Expr, Basic], ...]:
    """Pairs (value, condition), in order.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> pieces(Piecewise((ridge, ridge < 2), (2, True)))
    ((lambda, lambda < 2), (2, True))
    """
    pairs: Any = node.args
    return tuple((pair[0], pair[1]) for pair in pairs)


def holds(condition: Basic, difference: Callable[[Relational], Any]) -> bool:
    """Whether a condition on balls holds.

    Parameters
    ----------
    condition
        Relations joined by And, Or and Not.
    difference
        Ball of the left side of a relation less its right side.

    Raises
    ------
    PrecisionExhausted
        If the balls do not decide it.
    NotEvaluable
        If it is no such condition.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> holds(ridge < 2, lambda relation: arb(1) - 2)
    True
    """
    match condition:
        case BooleanTrue() | BooleanFalse():
            return bool(condition)
        case Not():
            return not holds(condition.args[0], difference)
        case And():
            return all(holds(part, difference) for part in condition.args)
        case Or():
            return any(holds(part, difference) for part in condition.args)
        case Relational():
            return _relation_holds(condition, difference(condition))
        case _:
            raise NotEvaluable(f"{condition}: not a condition that can be decided")


def _relation_holds(relation: Relational, ball: Any) -> bool:
    if isinstance(relation, Equality | Unequality):
        if not (ball.is_zero() or ball > 0 or ball < 0):
            raise PrecisionExhausted(f"whether {relation} is not decided")
        return ball.is_zero() == isinstance(relation, Equality)
    match relation:
        case StrictLessThan():
            yes, no = ball < 0, ball >= 0
        case LessThan():
            yes, no = ball <= 0, ball > 0
        case StrictGreaterThan():
            yes, no = ball > 0, ball <= 0
        case _:
            yes, no = ball >= 0, ball < 0
    if not (yes or no):
        raise PrecisionExhausted(f"whether {relation} is not decided")
    return bool(yes)
