"""The numbers of a fit as a problem file gives them: sizes, noises, ridge and weight, for every generation.

A number of a generator may speak of m, its number in the chain. It is then read once for each m, so that a schedule
which fails far out is refused before any work, and the first m at which it fails is named.
"""

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Integer, oo

from symcollapse.language import symbols
from symcollapse.language.expressions import InvalidExpression
from symcollapse.language.fits import NUMBERS, WHOLE, Fit
from symcollapse.language.keyed_tables import KeyedTable, shown

SCHEDULED = 1000
"""Generators of a problem with a number that changes with m; as many fits as a pipeline lists."""

DEFAULTS: Mapping[str, int | None] = {
    "noise": 0,
    "ridge": 0,
    "real_weight": 0,
    "real_samples": 0,
    "real_noise": None,
    "features": None,
}
"""What a key is worth that is left out."""

LEAST: Mapping[str, int] = {"samples": 1, "features": 1}
"""Smallest value of a number; others are not negative, but for the weight, which may have any sign."""


def read_fit_numbers(
    table: KeyedTable, dimension: Expr, generations: range | None, shared: Fit | None
) -> dict[str, Expr | None]:
    """The numbers of a fit, by their keys.

    Parameters
    ----------
    table
        The section of the fit.
    dimension
        That of the problem; numbers may speak of it where it is finite.
    generations
        The numbers m of the generations that the section describes; None for the downstream fit, which has none.
    shared
        The fit whose inputs it sees again, and so has the samples of where it gives none itself.

    Raises
    ------
    InvalidProblem
        With file, key and remedy, and the first m for which a schedule fails.

    Example
    -------
    >>> table = KeyedTable("a.toml", "generations.0", {"samples": "100*(m + 1)"}, ("samples",))
    >>> read_fit_numbers(table, Integer(30), range(5), None)["samples"]
    100*i + 100
    """
    reading = _Reading(table, dimension, generations)
    found: dict[str, Expr | None] = {}
    if shared is not None and not table.present("samples"):
        found["samples"] = shared.samples
        reading.samples = shared.samples
    else:
        table.value("samples", "an integer >= 1")
        found["samples"] = reading.samples = reading.number("samples")
    for key in NUMBERS[1:]:
        default = DEFAULTS[key]
        if table.present(key):
            found[key] = reading.number(key)
        else:
            found[key] = None if default is None else Integer(default)
    return found


class _Reading:
    """One section, while its numbers are read."""

    def __init__(self, table: KeyedTable, dimension: Expr, generations: range | None) -> None:
        self.table = table
        self.sizes: dict[str, Expr] = {} if dimension is oo else {"dimension": dimension}
        self.is_infinite = dimension is oo
        self.generations = generations
        self.samples: Expr | None = None

    def number(self, key: str) -> Expr:
        """A number, or an expression in the sizes and m, checked for every m."""
        raw = self.table.entries[key]
        if self.is_infinite and isinstance(raw, str) and "dimension" in raw:
            message = "the dimension is infinite; give a number"
            self.table.refuse(key, f" = {shown(raw)}: {message}")
        written = self.table.number(key, parameters=self.names(key))
        own = self.samples if self.samples is not None else written
        if not (written.has(symbols.generation) or self.follows_a_schedule(written, own)):
            self.check(key, self.table.number(key, parameters=self.numbers(own, None)), None)
            return written
        for m in self.scheduled(key):
            parameters = self.numbers(own, m)
            try:
                value = self.table.number(key, parameters=parameters)
            except InvalidExpression as error:
                raise InvalidExpression(f"{error} (at m = {m})") from None
            self.check(key, value, m)
        return written

    def names(self, key: str) -> dict[str, Expr]:
        """What the expression may speak of, as the fit keeps it: integers are kept with the sizes put in."""
        names = dict(self.sizes)
        if key not in WHOLE:
            names = dict.fromkeys(names, symbols.dimension)
        if self.samples is not None:
            names["samples"] = self.samples if key in WHOLE else symbols.samples
        if self.generations is not None:
            names["m"] = symbols.generation
        return names

    def numbers(self, own: Expr, m: int | None) -> dict[str, Expr]:
        """The same names with their numbers; so nothing undefined or too large can come of it later."""
        rule: dict[Any, Any] = {} if m is None else {symbols.generation: Integer(m)}
        numbers = dict(self.sizes)
        if self.samples is not None:
            numbers["samples"] = own.xreplace(rule)
        if m is not None:
            numbers["m"] = Integer(m)
        return numbers

    def follows_a_schedule(self, written: Expr, own: Expr) -> bool:
        return own.has(symbols.generation) and written.has(symbols.samples)

    def scheduled(self, key: str) -> range:
        assert self.generations is not None
        if self.generations.stop > SCHEDULED:
            text = f" = {shown(self.table.entries[key])}: changes with m over {self.generations.stop} generations"
            self.table.refuse(key, f"{text}; give at most {SCHEDULED}, or a number without m")
        return self.generations

    def check(self, key: str, value: Expr, m: int | None) -> None:
        """Refuse what is no size, noise, ridge or weight."""
        if key == "real_weight":
            return
        least = LEAST.get(key, 0)
        at = "" if m is None else f"at m = {m} this is {shown(str(value))[1:-1]}; "
        raw = shown(self.table.entries[key])
        if key in WHOLE and not isinstance(value, Integer):
            rounded = ", or use ceil( )" if isinstance(self.table.entries[key], str) else ""
            self.table.refuse(key, f" = {raw}: {at}give an integer >= {least}{rounded}")
        if (value - least).is_extended_negative:
            what = "an integer" if key in WHOLE else "a number"
            self.table.refuse(key, f" = {raw}: {at}give {what} >= {least}")
