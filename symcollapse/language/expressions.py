"""Exact numbers as people write them: a small grammar, parsed without running what was written.

    sum      = product (("+" | "-") product)*
    product  = signed (("*" | "/") signed)*
    signed   = "-" signed | power
    power    = atom (("^" | "**") signed)?
    atom     = decimal | name | "(" sum ")" | function "(" sum ")"
    function = "log" | "sqrt" | "ceil" | "floor"

Each value carries a bound on its size and an enclosure. The bound is consulted before a power is
computed, so ``9^9^9^9`` is refused at once; the enclosure decides signs, so nothing complex or
undefined gets through. So does it decide between integers, for ceil and floor.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NoReturn

from flint import arb, ctx, fmpq
from sympy import Expr, Integer, Rational, ceiling, floor, log, nan, oo, zoo

from symcollapse.language.expression_tokens import FUNCTIONS, Token, refuse, tokens_of
from symcollapse.language.expression_tokens import InvalidExpression as InvalidExpression

LENGTH = 6000
"""Characters, enough for a fraction of the largest integers; longer texts are refused unread."""

DEPTH = 40
"""Levels of parentheses, signs and powers, together."""

SIZE = 8192
"""Bits of the largest integer that may appear in a value, about 2400 decimal digits."""

ROOT_SIZE = 4096
"""Bits of the largest number to take a fractional power of; SymPy looks for its small factors."""

PRECISION = 256
"""Bits of the enclosures that decide signs; SymPy, asked later, goes a little further."""


def parse_expression(text: str, parameters: Mapping[str, Expr]) -> Expr:
    """Exact value of an arithmetic expression; decimals are exact rationals.

    Parameters
    ----------
    text
        Integers, decimals, ``+ - * / ^ ( )``, names, and the functions ``log`` (natural), ``sqrt``, ``ceil``,
        ``floor``. ``^`` binds to the right, and tighter than a sign.
    parameters
        The names allowed, each with the symbol or number that it stands for.

    Returns
    -------
    Expr
        Without floats; real, and finite, wherever it holds no symbol.

    Raises
    ------
    InvalidExpression
        With the column, counted from 1, and the remedy.

    Example
    -------
    >>> parse_expression("0.1 + 1/5", {})
    3/10
    >>> from symcollapse.language.symbols import samples
    >>> parse_expression("samples^(-4/5)", {"samples": samples})
    T**(-4/5)
    >>> parse_expression("9^9^9^9", {})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    symcollapse.language.expression_tokens.InvalidExpression: column 4: the power has too many digits; ...
    """
    if _PLAIN.fullmatch(text):
        fraction = Fraction(text)
        return Rational(fraction.numerator, fraction.denominator)
    if len(text) > LENGTH:
        refuse(LENGTH + 1, "the expression is too long", f"use at most {LENGTH} characters")
    with ctx.workprec(PRECISION):
        return _Grammar(tokens_of(text), parameters).parse()


_PLAIN = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""Most numbers, a million in some files: they need no grammar."""


@dataclass(frozen=True)
class _Value:
    """An expression, a bound on log₂ of its integers, and, if it is a number, an enclosure."""

    expression: Expr
    bits: int
    ball: Any = None

    @property
    def rational(self) -> Rational | None:
        return self.expression if isinstance(self.expression, Rational) else None

    @property
    def may_vanish(self) -> bool:
        return self.ball is not None and bool(self.ball.contains(0))


def _rational(value: Rational) -> _Value:
    bits = max(int(value.p).bit_length(), int(value.q).bit_length())
    return _Value(value, bits, arb(fmpq(int(value.p), int(value.q))))


class _Grammar:
    """Recursive descent over the tokens, one method a rule."""

    def __init__(self, tokens: list[Token], parameters: Mapping[str, Expr]) -> None:
        self.tokens = tokens
        self.parameters = parameters
        self.position = 0
        self.depth = 0

    def parse(self) -> Expr:
        value = self.sum()
        token = self.tokens[self.position]
        if token.kind != "end":
            remedy = "remove it" if token.text == ")" else "put an operator such as * before it"
            refuse(token.column, f"unexpected {token.text[:20]!r}", remedy)
        if value.rational is None and value.may_vanish:
            refuse(1, "the value cannot be told from zero", "write it in a simpler form")
        return value.expression

    def accept(self, signs: str) -> Token | None:
        token = self.tokens[self.position]
        if token.kind != "sign" or token.text not in signs:
            return None
        self.position += 1
        return token

    def nested(self, rule: Callable[[], _Value], column: int) -> _Value:
        self.depth += 1
        if self.depth > DEPTH:
            refuse(column, "the expression is nested too deeply", f"use at most {DEPTH} levels")
        value = rule()
        self.depth -= 1
        return value

    def sum(self) -> _Value:
        left = self.product()
        while (sign := self.accept("+-")) is not None:
            right = self.product()
            if sign.text == "+":
                expression, enclose = left.expression + right.expression, lambda a, b: a + b
            else:
                expression, enclose = left.expression - right.expression, lambda a, b: a - b
            bits = left.bits + right.bits + 1
            left = self.combine(sign, expression, bits, enclose, left, right)
        return left

    def product(self) -> _Value:
        left = self.signed()
        while (sign := self.accept("*/")) is not None:
            right = self.signed()
            bits = left.bits + right.bits
            if sign.text == "*":
                expression = left.expression * right.expression
                left = self.combine(sign, expression, bits, lambda a, b: a * b, left, right)
                continue
            if right.may_vanish or right.expression.is_zero:
                refuse(sign.column, "division by zero", "give a divisor that is not zero")
            expression = left.expression / right.expression
            left = self.combine(sign, expression, bits, lambda a, b: a / b, left, right)
        return left

    def signed(self) -> _Value:
        sign = self.accept("-")
        if sign is None:
            return self.power()
        value = self.nested(self.signed, sign.column)
        ball = None if value.ball is None else -value.ball
        return _Value(-value.expression, value.bits, ball)

    def power(self) -> _Value:
        base = self.atom()
        sign = self.accept("^")
        if sign is None:
            return base
        exponent = self.nested(self.signed, sign.column)
        bits = _power_size(sign, base, exponent)
        expression = base.expression**exponent.expression
        return self.combine(sign, expression, bits, lambda a, b: a**b, base, exponent)

    def atom(self) -> _Value:
        token = self.tokens[self.position]
        self.position += 1
        if token.kind == "number":
            return _decimal(token)
        if token.kind == "name":
            following = self.tokens[self.position].text == "("
            if token.text in FUNCTIONS and token.text not in self.parameters:
                return self.function(token)
            return self.parameter(token, is_called=following)
        if token.text == "(":
            value = self.nested(self.sum, token.column)
            if self.accept(")") is None:
                refuse(self.tokens[self.position].column, "a ) is missing", "close the parenthesis")
            return value
        if token.kind == "end":
            refuse(token.column, "the expression ends too early", "complete it with a number")
        what = f"unexpected {token.text!r}"
        return refuse(token.column, what, "a number, a name or ( belongs here")

    def function(self, token: Token) -> _Value:
        """One of the functions; its argument is in parentheses."""
        opening = self.accept("(")
        if opening is None:
            refuse(token.column, f"{token.text} is a function", f"write {token.text}( )")
        argument = self.nested(self.sum, opening.column)
        if self.accept(")") is None:
            column = self.tokens[self.position].column
            refuse(column, "a ) is missing", "close the parenthesis")
        if token.text == "sqrt":
            half = _rational(Rational(1, 2))
            bits = _power_size(token, argument, half)
            root = argument.expression**half.expression
            return self.combine(token, root, bits, lambda a, b: a**b, argument, half)
        if token.text == "log":
            if argument.ball is not None and not argument.ball > 0:
                refuse(token.column, "the log of a number that is not > 0", "give one that is")
            logarithm = log(argument.expression)
            bits = argument.bits + 1
            return self.combine(token, logarithm, bits, lambda a, _: a.log(), argument, argument)
        return self.rounded(token, argument)

    def rounded(self, token: Token, argument: _Value) -> _Value:
        """The integer above or below, where that is certain."""
        upwards = token.text == "ceil"
        if argument.ball is None:
            integer = (ceiling if upwards else floor)(argument.expression)
            return self.combine(token, integer, argument.bits + 1, max, argument, argument)
        known = argument.rational
        if known is not None:
            return _rational(Integer(-(-known.p // known.q) if upwards else known.p // known.q))
        ball = argument.ball.ceil() if upwards else argument.ball.floor()
        found = ball.unique_fmpz()
        if found is None:
            what = f"which integer {token.text} gives cannot be told"
            refuse(token.column, what, "write its argument in a simpler form")
        return _rational(Integer(int(found)))

    def parameter(self, token: Token, *, is_called: bool) -> _Value:
        value = self.parameters.get(token.text)
        if value is None:
            name = token.text if len(token.text) <= 40 else token.text[:40] + "…"
            names = FUNCTIONS if is_called else tuple(sorted(self.parameters))
            close = get_close_matches(token.text[:40], names, 1)
            remedy = f"only {' or '.join(names) or 'numbers'} may be used here"
            if close:
                remedy = f"did you mean {close[0]}?"
            kind = "function" if is_called else "name"
            refuse(token.column, f"unknown {kind} {name!r}", remedy)
        return _rational(value) if isinstance(value, Rational) else _Value(value, 1)

    def combine(
        self,
        sign: Token,
        expression: Expr,
        bits: int,
        enclose: Callable[[Any, Any], Any],
        left: _Value,
        right: _Value,
    ) -> _Value:
        """The result of an operation, once it is known to be small, real and finite."""
        if isinstance(expression, Rational):
            value = _rational(expression)
        elif left.ball is None or right.ball is None:
            value = _Value(expression, bits)
        else:
            value = _Value(expression, bits, enclose(left.ball, right.ball))
        if value.bits > SIZE:
            refuse(sign.column, "the value has too many digits", "give a smaller number")
        undefined = value.ball is not None and not value.ball.is_finite()
        if undefined or expression.has(oo, -oo, zoo, nan):
            refuse(sign.column, "the value is not a finite real number", "give one that is")
        return value


def _decimal(token: Token) -> _Value:
    """The exact rational that a decimal writes."""
    mantissa, _, power = token.text.lower().partition("e")
    whole, _, part = mantissa.partition(".")
    shift = int(power[:12] or "0") - len(part)
    # 3.33 bits a digit; a zero with a long exponent is refused too, and nobody writes one.
    if 3 * (len(whole) + len(part)) > SIZE or 3 * abs(shift) > SIZE:
        refuse(token.column, "the number has too many digits", "give a smaller number")
    digits = Integer(int((whole + part) or "0"))
    return _rational(digits * 10**shift if shift >= 0 else Rational(digits, 10**-shift))


def _power_size(sign: Token, base: _Value, exponent: _Value) -> int:
    """Bound on the bits of a power; refuses what is too large or undefined, unseen."""

    def refuse_size() -> NoReturn:
        remedy = "write it with a smaller base or exponent"
        refuse(sign.column, "the power has too many digits", remedy)

    degree = exponent.rational
    whole = degree is not None and bool(degree.is_Integer)
    if base.ball is not None:
        if base.may_vanish:
            if degree is None or degree < 0 or (base.rational is None and not whole):
                refuse(sign.column, "division by zero", "give a base > 0, or an exponent >= 0")
        elif not whole and not base.ball > 0:
            what = "a fractional power of a negative number is not real"
            refuse(sign.column, what, "give a base > 0, or an integer exponent")
    if degree is None:
        # 2^bits bounds the exponent, with every symbol taken for 2: what SymPy cancels stays below.
        if exponent.bits > 20 or base.bits << exponent.bits > SIZE:
            refuse_size()
        return base.bits << exponent.bits
    length = -(-abs(int(degree.p)) // int(degree.q))
    if base.rational is not None:
        # A number of b bits is at least 2^(b-1); 0 and ±1 stay what they are.
        if (base.bits - 1) * length > SIZE or (not whole and base.bits > ROOT_SIZE):
            refuse_size()
        return base.bits if base.bits <= 1 else base.bits * length + 1
    if base.bits * length > SIZE:
        refuse_size()
    return base.bits * max(length, 1) + 1
