"""Reasons that speak of a limit, in words with formulas."""

from collections.abc import Callable
from typing import Any

from sympy import Basic, Expr, S, oo

from symcollapse.reasoning import (
    BestRidge,
    Expand,
    Exponent,
    Justification,
    Leading,
    Optimise,
    OrderHoldsWhere,
    Rate,
    Ridges,
    Towards,
)
from symcollapse.typesetting.formulas import latex_of, text_of


def reason_of(by: Justification, *, latex: bool) -> str:
    """The reason with its formulas typeset; empty for one that has none of a limit.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge, samples
    >>> reason_of(Leading(Towards(samples, oo, ((ridge, 1 / samples),))), latex=False)
    'leading behaviour as T → ∞ with λ = 1/T'
    """

    def write(formula: Basic) -> str:
        assert isinstance(formula, Expr)
        if formula == oo and not latex:
            return "∞"
        return f"${latex_of(formula)}$" if latex else text_of(formula)

    match by:
        case Expand():
            orders = " + ".join(
                text_of(order) if not latex else latex_of(order) for order in by.next_orders
            )
            left_out = f"$O({orders})$" if latex else f"O({orders})"
            return f"{by.note or 'expansion'} as {_moving(by.towards, write, latex=latex)}, up to {left_out}"
        case Leading():
            return f"{by.note or 'leading behaviour'} as {_moving(by.towards, write, latex=latex)}"
        case Rate():
            logs = ""
            if by.logarithms != 0:
                power = write(by.logarithms)
                logs = f", up to the logarithm to the power {power}"
            return f"{by.note or 'rate'} as {_moving(by.towards, write, latex=latex)}{logs}"
        case Optimise():
            kind = "largest" if by.largest else "smallest"
            where = f" as {_moving(by.towards, write, latex=latex)}" if by.towards else ""
            ends = f"from {write(by.low)} to {write(by.high)}"
            if by.best is not None:
                return f"{kind} value over {write(by.symbol)} {ends}, at {write(by.best)}{where}"
            return f"{write(by.symbol)} {ends} with the {kind} value{where}"
        case Exponent():
            kind = f"order, bounded from {by.bound}," if by.bound else "order"
            over = f", the smallest over {_among(by.over, write)}" if by.over else ""
            return f"{kind} as {_moving(by.towards, write, latex=latex)}{over}"
        case BestRidge():
            return f"the best {_among(by.over, write)} as {_moving(by.towards, write, latex=latex)}"
        case OrderHoldsWhere() if by.towards is not None:
            named: dict[Expr, str] = {S.Zero: "tends to 0", oo: "diverges"}
            what = named.get(by.order) or f"has the order {write(by.order)}"
            over = f", at the best {_among(by.over, write)}," if by.over else ""
            where = "only where" if by.only else "exactly where"
            return f"{what} as {_moving(by.towards, write, latex=latex)}{over} {where}"
        case _:
            return ""


def _among(over: Ridges, write: Callable[[Any], str]) -> str:
    return f"{write(over.exponent)} from {write(over.low)} to {write(over.high)}"


def _moving(towards: Towards, write: Callable[[Any], str], *, latex: bool) -> str:
    arrow = r" $\to$ " if latex else " → "
    pairs = ", ".join(f"{write(old)} = {write(new)}" for old, new in towards.following)
    return f"{write(towards.variable)}{arrow}{write(towards.to)}" + (
        f" with {pairs}" if pairs else ""
    )
