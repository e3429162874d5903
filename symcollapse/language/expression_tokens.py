"""Words of the grammar of exact numbers: a text is cut into numbers, names and signs, and nothing else."""

import re
from dataclasses import dataclass
from typing import NoReturn

from symcollapse.language.errors import InvalidProblem

TOKENS = 1000
"""Numbers, names and signs in one expression."""

FUNCTIONS = ("log", "sqrt", "ceil", "floor")
"""Names that take an argument in parentheses; log is the natural one."""


class InvalidExpression(InvalidProblem):
    """A text that is no exact number in the grammar; the message names column and remedy."""


def refuse(column: int, what: str, remedy: str) -> NoReturn:
    """Refuse an expression, with the column, counted from 1, and the remedy.

    Example
    -------
    >>> refuse(3, "division by zero", "give a divisor that is not zero")
    Traceback (most recent call last):
        ...
    symcollapse.language.expression_tokens.InvalidExpression: column 3: division by zero; give a divisor that is not zero
    """
    raise InvalidExpression(f"column {column}: {what}; {remedy}")


_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign>\*\*|[-+*/^()])"
    r"|(?P<space>[ \t\r\n]+)"
)


@dataclass(frozen=True)
class Token:
    """A number, a name, a sign, or the end."""

    kind: str
    """Which of these."""
    text: str
    """As it is written; powers are ``^``."""
    column: int
    """Where it begins, counted from 1."""


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, the end last.

    Raises
    ------
    InvalidExpression
        At the first character that no token begins with.

    Example
    -------
    >>> [token.text for token in tokens_of("log(m + 2)**2")]
    ['log', '(', 'm', '+', '2', ')', '^', '2', '']
    """
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            refuse(
                position + 1,
                f"{text[position]!a} is not allowed",
                "write integers, decimals, + - * / ^ ( ) and named parameters",
            )
        kind = str(match.lastgroup)
        if kind != "space":
            sign = "^" if match.group() == "**" else match.group()
            found.append(Token(kind, sign, position + 1))
        if len(found) > TOKENS:
            refuse(position + 1, "the expression is too long", f"use at most {TOKENS} terms")
        position = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found
