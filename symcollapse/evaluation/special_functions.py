"""Named functions of closed forms in balls: Γ, ζ, trigonometric functions and their like."""

from collections.abc import Callable
from typing import Any

from flint import arb
from sympy import (
    Abs,
    Basic,
    E,
    EulerGamma,
    Expr,
    LambertW,
    Max,
    Min,
    Piecewise,
    cos,
    cosh,
    cot,
    coth,
    csc,
    gamma,
    loggamma,
    pi,
    polygamma,
    sec,
    sin,
    sinh,
    tan,
    tanh,
    zeta,
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

from symcollapse.language.errors import NotEvaluable, PrecisionExhausted


def _lambert(argument: Any, branch: Any = None) -> Any:
    if branch is None or branch == 0:
        return argument.lambertw()
    if branch == -1:
        return argument.lambertw(-1)
    raise NotEvaluable(f"LambertW on the branch {branch}: real on the branches 0 and -1 only")


def _polygamma(order: Any, argument: Any) -> Any:
    whole = order.unique_fmpz()
    if whole is None or whole < 0:
        raise NotEvaluable("polygamma of an order that is no integer >= 0")
    if whole == 0:
        return argument.digamma()
    # ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x).
    return (-1) ** (int(whole) + 1) * order.fac() * (order + 1).zeta(argument)


def _extreme(choose: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def among(first: Any, *others: Any) -> Any:
        for other in others:
            first = choose(first, other)
        return first

    return among


_IN_BALLS: dict[type[Basic], Callable[..., Any]] = {
    gamma: lambda x: x.gamma(),
    loggamma: lambda x: x.lgamma(),
    zeta: lambda x, start=None: x.zeta() if start is None else x.zeta(start),
    polygamma: _polygamma,
    sin: lambda x: x.sin(),
    cos: lambda x: x.cos(),
    tan: lambda x: x.tan(),
    cot: lambda x: x.cot(),
    csc: lambda x: x.csc(),
    sec: lambda x: x.sec(),
    sinh: lambda x: x.sinh(),
    cosh: lambda x: x.cosh(),
    tanh: lambda x: x.tanh(),
    coth: lambda x: x.coth(),
    LambertW: _lambert,
    Abs: abs,
    Min: _extreme(lambda a, b: a.min(b)),
    Max: _extreme(lambda a, b: a.max(b)),
}


_CONSTANTS: dict[Basic, Callable[[], Any]] = {
    pi: arb.pi,
    E: arb.const_e,
    EulerGamma: arb.const_euler,
}


def constant_ball(number: Basic) -> Any:
    """Ball around π, e or γ.

    Example
    -------
    >>> round(float(constant_ball(EulerGamma)), 12)
    0.577215664902
    """
    if number not in _CONSTANTS:
        raise NotEvaluable(f"{number} is not a constant that this arithmetic knows")
    return _CONSTANTS[number]()


def is_special(node: Basic) -> bool:
    """Whether a node is a function that `special_ball` knows.

    Example
    -------
    >>> from sympy import Integer, sin
    >>> is_special(sin(Integer(1))), is_special(Integer(1))
    (True, False)
    """
    return type(node) in _IN_BALLS


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
    return _IN_BALLS[type(node)](*arguments)


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
