"""One table of a problem file, read key by key; a refusal names the file, the key, the remedy."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NoReturn

from sympy import Expr, Integer, Rational

from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.expressions import InvalidExpression, parse_expression

LIST_LENGTH = 10**6
"""Numbers in one list or one data file."""


class DecimalText(str):
    """The text of a TOML float, kept so that 0.1 is exactly 1/10."""

    __slots__ = ()


def shown(value: object) -> str:
    """A value of the file as one short line.

    Example
    -------
    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"
    """
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 1000:
        return "a huge integer"
    text = (
        str(value) if isinstance(value, DecimalText) or not isinstance(value, str) else ascii(value)
    )
    return text if len(text) <= 40 else text[:39] + "…"


@dataclass(frozen=True)
class KeyedTable:
    """The entries of one section, the keys it may have, and where it stands.

    Example
    -------
    >>> table = KeyedTable("a.toml", "downstream", {"samples": 600}, ("samples", "noise"))
    >>> table.whole("samples", least=1), table.number("noise", default=0)
    (600, 0)
    """

    file: str
    """Name of the problem file, as it is shown."""
    place: str
    """Dotted key of the section; empty for the top level."""
    entries: Any
    """What the file holds, which may not be a table at all."""
    keys: Sequence[str]
    """Every key that the section may have."""
    parameters: Mapping[str, Expr] = field(default_factory=dict)
    """Names that the numbers may use."""

    def __post_init__(self) -> None:
        if not isinstance(self.entries, Mapping):
            parts = self.place.split(".")
            header = f"[{'.'.join(part for part in parts if not part.isdecimal())}]"
            if parts[-1].isdecimal():
                header = f"[{header}]"
            self.refuse("", f" = {shown(self.entries)}: give a table, {header}")
        for key in self.entries:
            if key not in self.keys:
                self.unknown(key)

    def dotted(self, key: str) -> str:
        """The key as a user may write it in an override."""
        return ".".join(part for part in (self.place, key) if part)

    def refuse(self, key: str, complaint: str, kind: type[Exception] = InvalidProblem) -> NoReturn:
        """Refuse the value of a key, with a remedy."""
        raise kind(f"{self.file}: {self.dotted(key)}{complaint}")

    def unknown(self, key: str) -> NoReturn:
        """Refuse a key that the section does not have."""
        close = get_close_matches(key[:40], self.keys, 1)
        remedy = f"did you mean {close[0]}?" if close else f"give one of {', '.join(self.keys)}"
        name = key if key.isascii() and key.isprintable() and len(key) <= 40 else shown(key)
        self.refuse(name, f": unknown key; {remedy}")

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Whatever a constructor refuses is refused in the name of this section."""
        try:
            yield
        except (InvalidProblem, NotSupported) as error:
            message = " ".join(str(error).split())
            if len(message) > 300:
                message = message[:140] + " … " + message[-140:]
            raise type(error)(f"{self.file}: {self.dotted(message)}") from None

    def present(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.entries

    def value(self, key: str, wanted: str) -> Any:
        """The raw value, which must be there."""
        if key not in self.entries:
            self.refuse(key, f": missing; give {wanted}")
        return self.entries[key]

    def text(self, key: str) -> str:
        """A string."""
        value = self.value(key, "a string")
        if not isinstance(value, str) or isinstance(value, DecimalText):
            self.refuse(key, f" = {shown(value)}: give a string")
        return value

    def word(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        if default is not None and key not in self.entries:
            return default
        listed = ", ".join(choices[:-1]) + " or " + choices[-1]
        value = self.value(key, listed)
        if not isinstance(value, str) or value not in choices:
            close = get_close_matches(value[:40], choices, 1) if isinstance(value, str) else []
            remedy = f"did you mean {close[0]}?" if close else f"give {listed}"
            self.refuse(key, f" = {shown(value)}: {remedy}")
        return value

    def number(
        self, key: str, default: int | None = None, parameters: Mapping[str, Expr] | None = None
    ) -> Expr:
        """An exact number or expression."""
        if default is not None and key not in self.entries:
            return Integer(default)
        names = self.parameters if parameters is None else parameters
        return self.parsed(key, self.value(key, "a number"), names)

    def whole(
        self, key: str, least: int, most: int | None = None, default: int | None = None
    ) -> Integer:
        """An integer within bounds."""
        if default is None:
            self.value(key, f"an integer >= {least}")
        number = self.number(key, default)
        if not isinstance(number, Integer) or number < least:
            self.refuse(key, f" = {shown(self.entries[key])}: give an integer >= {least}")
        if most is not None and number > most:
            self.refuse(key, f" = {shown(self.entries[key])}: give at most {most}")
        return number

    def numbers(self, key: str) -> tuple[Expr, ...]:
        """A list of exact numbers; an override writes it ``[1, 2]``."""
        values = self.value(key, "a list of numbers")
        if isinstance(values, str) and values.startswith("[") and values.endswith("]"):
            values = [part for part in values[1:-1].split(",") if part.strip()]
        if not isinstance(values, list):
            self.refuse(key, f" = {shown(values)}: give a list of numbers")
        if not 0 < len(values) <= LIST_LENGTH:
            self.refuse(key, f" = {shown(values)}: give 1 to {LIST_LENGTH} numbers")
        return tuple(self.parsed(f"{key}.{place}", value, {}) for place, value in enumerate(values))

    def rationals(self, key: str) -> tuple[Rational, ...]:
        """A list of rational numbers."""
        values = self.numbers(key)
        for place, value in enumerate(values):
            if not isinstance(value, Rational):
                self.refuse(f"{key}.{place}", f" = {shown(value)}: give a rational number")
        return tuple(value for value in values if isinstance(value, Rational))

    def parsed(self, key: str, value: object, parameters: Mapping[str, Expr]) -> Expr:
        """The exact value of a TOML number or of a string."""
        if isinstance(value, bool) or not isinstance(value, int | str):
            self.refuse(key, f" = {shown(value)}: give a number, or an expression in quotes")
        text = str(value) if isinstance(value, str) or value.bit_length() < 8192 else ""
        if isinstance(value, DecimalText):
            text = text.removeprefix("+").replace("_", "")
            if text.removeprefix("-") in ("inf", "nan"):
                self.refuse(key, f" = {text}: give a finite number")
        if not text and isinstance(value, int):
            self.refuse(key, f" = {shown(value)}: give a smaller number")
        try:
            return parse_expression(text, parameters)
        except InvalidExpression as error:
            raise InvalidExpression(
                f"{self.file}: {self.dotted(key)} = {shown(value)}: {error}"
            ) from None
