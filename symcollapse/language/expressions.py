"""Exact numbers as people write them: a small grammar, parsed without running what was written.

    sum      = product (("+" | "-") product)*
    product  = signed (("*" | "/") signed)*
    signed   = "-" signed | power
    power    = atom (("^" | "**") signed)?
    atom     = decimal | name | "(" sum ")"

Each value carries a bound on its size and an enclosure. The bound is consulted before a power is
computed, so ``9^9^9^9`` is refused at once; the enclosure decides signs, so nothing complex or
undefined gets through.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NoReturn

from flint import arb, ctx, fmpq
from sympy import Expr, Integer, Rational, nan, oo, zoo

from symcollapse.language.errors import InvalidProblem

LENGTH = 6000
"""Characters, enough for a fraction of the largest integers; longer texts are refused unread."""

TOKENS = 1000
"""Numbers, names and signs in one expression."""

DEPTH = 40
"""Levels of parentheses, signs and powers, together."""

SIZE = 8192
"""Bits of the largest integer that may appear in a value, about 2400 decimal digits."""

ROOT_SIZE = 4096
"""Bits of the largest number to take a fractional power of; SymPy looks for its small factors."""

PRECISION = 256
"""Bits of the enclosures that decide signs; SymPy, asked later, goes a little further."""


class InvalidExpression(InvalidProblem):
    """A text that is no exact number in the grammar; the message names column and remedy."""


def parse_expression(text: str, parameters: Mapping[str, Expr]) -> Expr:
    """Exact value of an arithmetic expression; decimals are exact rationals.

    Parameters
    ----------
    text
        Integers, decimals, ``+ - * / ^ ( )`` and names. ``^`` binds to the right, and tighter than
        a sign.
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
    symcollapse.language.expressions.InvalidExpression: column 4: the power has too many digits; ...
    """
    if _PLAIN.fullmatch(text):
        fraction = Fraction(text)
        return Rational(fraction.numerator, fraction.denominator)
    if len(text) > LENGTH:
        _refuse(LENGTH + 1, "the expression is too long", f"use at most {LENGTH} characters")
    with ctx.workprec(PRECISION):
        return _Grammar(_tokens(text), parameters).parse()


def _refuse(column: int, what: str, remedy: str) -> NoReturn:
    raise InvalidExpression(f"column {column}: {what}; {remedy}")


_PLAIN = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""Most numbers, a million in some files: they need no grammar."""

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign>\*\*|[-+*/^()])"
    r"|(?P<space>[ \t\r\n]+)"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _refuse(
                position + 1,
                f"{text[position]!a} is not allowed",
                "write integers, decimals, + - * / ^ ( ) and named parameters",
            )
        kind = str(match.lastgroup)
        if kind != "space":
            sign = "^" if match.group() == "**" else match.group()
            found.append(_Token(kind, sign, position + 1))
        if len(found) > TOKENS:
            _refuse(position + 1, "the expression is too long", f"use at most {TOKENS} terms")
        position = match.end()
    found.append(_Token("end", "", len(text) + 1))
    return found


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

    def __init__(self, tokens: list[_Token], parameters: Mapping[str, Expr]) -> None:
        self.tokens = tokens
        self.parameters = parameters
        self.position = 0
        self.depth = 0

    def parse(self) -> Expr:
        value = self.sum()
        token = self.tokens[self.position]
        if token.kind != "end":
            remedy = "remove it" if token.text == ")" else "put an operator such as * before it"
            _refuse(token.column, f"unexpected {token.text[:20]!r}", remedy)
        if value.rational is None and value.may_vanish:
            _refuse(1, "the value cannot be told from zero", "write it in a simpler form")
        return value.expression

    def accept(self, signs: str) -> _Token | None:
        token = self.tokens[self.position]
        if token.kind != "sign" or token.text not in signs:
            return None
        self.position += 1
        return token

    def nested(self, rule: Callable[[], _Value], column: int) -> _Value:
        self.depth += 1
        if self.depth > DEPTH:
            _refuse(column, "the expression is nested too deeply", f"use at most {DEPTH} levels")
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
                _refuse(sign.column, "division by zero", "give a divisor that is not zero")
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
            return self.parameter(token)
        if token.text == "(":
            value = self.nested(self.sum, token.column)
            if self.accept(")") is None:
                _refuse(
                    self.tokens[self.position].column, "a ) is missing", "close the parenthesis"
                )
            return value
        if token.kind == "end":
            _refuse(token.column, "the expression ends too early", "complete it with a number")
        _refuse(token.column, f"unexpected {token.text!r}", "a number, a name or ( belongs here")

    def parameter(self, token: _Token) -> _Value:
        value = self.parameters.get(token.text)
        if value is None:
            name = token.text if len(token.text) <= 40 else token.text[:40] + "…"
            close = get_close_matches(token.text[:40], self.parameters, 1)
            known = " or ".join(sorted(self.parameters))
            if close:
                remedy = f"did you mean {close[0]}?"
            else:
                remedy = (
                    f"only {known} may be used here" if known else "only numbers may be used here"
                )
            _refuse(token.column, f"unknown name {name!r}", remedy)
        return _rational(value) if isinstance(value, Rational) else _Value(value, 1)

    def combine(
        self,
        sign: _Token,
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
            _refuse(sign.column, "the value has too many digits", "give a smaller number")
        undefined = value.ball is not None and not value.ball.is_finite()
        if undefined or expression.has(oo, -oo, zoo, nan):
            _refuse(sign.column, "the value is not a finite real number", "give one that is")
        return value


def _decimal(token: _Token) -> _Value:
    """The exact rational that a decimal writes."""
    mantissa, _, power = token.text.lower().partition("e")
    whole, _, part = mantissa.partition(".")
    shift = int(power[:12] or "0") - len(part)
    # 3.33 bits a digit; a zero with a long exponent is refused too, and nobody writes one.
    if 3 * (len(whole) + len(part)) > SIZE or 3 * abs(shift) > SIZE:
        _refuse(token.column, "the number has too many digits", "give a smaller number")
    digits = Integer(int((whole + part) or "0"))
    return _rational(digits * 10**shift if shift >= 0 else Rational(digits, 10**-shift))


def _power_size(sign: _Token, base: _Value, exponent: _Value) -> int:
    """Bound on the bits of a power; refuses what is too large or undefined, unseen."""

    def refuse_size() -> NoReturn:
        remedy = "write it with a smaller base or exponent"
        _refuse(sign.column, "the power has too many digits", remedy)

    degree = exponent.rational
    whole = degree is not None and bool(degree.is_Integer)
    if base.ball is not None:
        if base.may_vanish:
            if degree is None or degree < 0 or (base.rational is None and not whole):
                _refuse(sign.column, "division by zero", "give a base > 0, or an exponent >= 0")
        elif not whole and not base.ball > 0:
            what = "a fractional power of a negative number is not real"
            _refuse(sign.column, what, "give a base > 0, or an integer exponent")
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
