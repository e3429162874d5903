"""Swept values where a file has numbers: as doubles, as integers, or as the texts they are."""

from collections.abc import Sequence
from typing import Any, Literal

from symcollapse.interfaces.spaced_values import ConsecutiveValues
from symcollapse.interfaces.sweeps import Sweep
from symcollapse.language.expressions import parse_expression

LARGEST = 2**63
"""Integers of a file are below it."""


class SweptNumbers:
    """How the values of a sweep are written.

    Example
    -------
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> for text in ("a=1,2", "a=1/2,1", "a=x,1"):
    ...     numbers = SweptNumbers(parse_sweep(text))
    ...     print(numbers.kind, numbers.values(numbers.sweep.values))
    integer [1, 2]
    number [0.5, 1.0]
    text ['x', '1']
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.kind: Literal["integer", "number", "text"] = "text"
        """What the values are taken for, all alike."""
        values = sweep.values
        listed = isinstance(values, tuple) and all(map(_is_integer, values))
        if listed or isinstance(values, ConsecutiveValues):
            self.kind = "integer"
        elif sweep.is_numeric:
            self.kind = "number"

    def values(self, texts: Sequence[str]) -> list[Any]:
        """Some of the values, each an integer, the nearest double, or the text itself."""
        if self.kind == "text":
            return list(texts)
        if self.kind == "integer":
            return [int(text) for text in texts]
        return [_double(text) for text in texts]


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20 and abs(int(text)) < LARGEST


def _double(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float(parse_expression(text, {}))
