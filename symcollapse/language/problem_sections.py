"""The sections of a problem file, each read into the value that it describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr, Rational, oo

from symcollapse.language.data_files import read_numbers
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.fits import NUMBERS
from symcollapse.language.keyed_tables import KeyedTable, shown
from symcollapse.language.problem_fits import read_fit_numbers
from symcollapse.language.problems import Downstream, Fit, Generation, Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)

DIMENSION = 10**15
"""Largest finite dimension."""

REPETITIONS = 10**6
"""Largest number of repetitions of one generation."""

ENTRIES = 1000
"""Largest number of generations entries; one entry may repeat."""

SPECTRUM_KEYS: Mapping[str, tuple[str, ...]] = {
    "isotropic": ("dimension", "scale"),
    "power-law": ("dimension", "capacity", "scale"),
    "exponential": ("dimension", "rate", "scale"),
    "levels": ("values", "counts"),
    "explicit": ("eigenvalues", "file"),
}
"""Keys of [spectrum], beside kind."""

TARGET_KEYS: Mapping[str, tuple[str, ...]] = {
    "source": ("source", "scale"),
    "uniform": ("squared_norm",),
    "levels": ("energies",),
    "explicit": ("coefficients", "file"),
}
"""Keys of [target], beside kind."""

FIT_KEYS = (*NUMBERS, "design", "data", "real_data", "spectrum", "shift")
"""Keys of [downstream]."""

GENERATION_KEYS = (*FIT_KEYS, "repeat")
"""Keys of a [[generations]] entry."""


@dataclass(frozen=True)
class ProblemSections:
    """What a problem file holds, before it is understood.

    Example
    -------
    >>> entries = {"spectrum": {"kind": "isotropic", "dimension": 3}, "downstream": {"samples": 9}}
    >>> ProblemSections("a.toml", Path(), entries).problem("a").dimension
    3
    """

    file: str
    """Name of the problem file, as it is shown."""
    folder: Path
    """Where data files are looked for."""
    entries: Mapping[str, Any]
    """The TOML tree."""

    def problem(self, name: str) -> Problem:
        """The problem that the sections describe.

        Raises
        ------
        InvalidProblem, NotSupported
            With file, key and remedy, in one line.
        """
        sections = ("title", "description", "spectrum", "target", "generations", "downstream")
        whole = KeyedTable(self.file, "", self.entries, sections)
        for key in ("title", "description"):
            if whole.present(key):
                whole.text(key)
        spectrum = self.spectrum("spectrum", whole.value("spectrum", "a table, [spectrum]"))
        target = self.target("target", self.entries.get("target", {"kind": "uniform"}))
        generations = self.generations(self.entries.get("generations", []), spectrum.dimension)
        downstream = None
        if whole.present("downstream"):
            table = KeyedTable(self.file, "downstream", self.entries["downstream"], FIT_KEYS)
            made = [entry for entry in generations if entry.repeat != 0]
            parts = self.fit(table, spectrum.dimension, None, made[-1] if made else None)
            with table.blamed():
                downstream = Downstream(**parts)
        with whole.blamed():
            return Problem(spectrum, target, generations, downstream, name=name)

    def chosen(self, place: str, raw: Any, kinds: Mapping[str, tuple[str, ...]]) -> KeyedTable:
        """The table of a section whose kind decides its keys."""
        every = tuple(dict.fromkeys(key for keys in kinds.values() for key in keys))
        table = KeyedTable(self.file, place, raw, ("kind", *every))
        kind = table.word("kind", tuple(kinds))
        for key in table.entries:
            if key not in ("kind", *kinds[kind]):
                remedy = f"kind {kind} has {', '.join(kinds[kind])}"
                table.refuse(key, f": does not belong to kind {kind}; {remedy}")
        return table

    def fit(
        self,
        table: KeyedTable,
        dimension: Expr,
        generations: range | None,
        previous: Fit | None,
    ) -> dict[str, Any]:
        """The fields of a fit, by their keys."""
        design = table.word("design", ("fresh", "shared"), "fresh")
        shared = previous if design == "shared" else None
        parts: dict[str, Any] = {
            "design": design,
            "data": table.word("data", ("replace", "accumulate"), "replace"),
            "real_data": table.word("real_data", ("fresh", "same"), "fresh"),
            "spectrum": None if shared is None else shared.spectrum,
        }
        parts |= read_fit_numbers(table, dimension, generations, shared)
        if table.present("spectrum"):
            raw = table.entries["spectrum"]
            kind = raw.get("kind") if isinstance(raw, Mapping) else None
            if isinstance(kind, str) and "dimension" in SPECTRUM_KEYS.get(kind, ()):
                # The problem's own dimension is the only one that it can have.
                raw = {"dimension": "inf" if dimension is oo else str(dimension), **raw}
            parts["spectrum"] = self.spectrum(table.dotted("spectrum"), raw)
        if table.present("shift"):
            parts["shift"] = self.target(table.dotted("shift"), table.entries["shift"])
        return parts

    def spectrum(self, place: str, raw: Any) -> Spectrum:
        """A section [spectrum]."""
        table = self.chosen(place, raw, SPECTRUM_KEYS)
        kind = table.word("kind", tuple(SPECTRUM_KEYS))
        if kind == "explicit":
            eigenvalues = self.listed(table, "eigenvalues")
            for position, value in enumerate(eigenvalues):
                if value.p > 0:
                    continue
                remedy = "give numbers > 0; a direction of variance 0 adds nothing"
                if not table.present("file"):
                    table.refuse(f"eigenvalues.{position}", f" = {shown(value)}: {remedy}")
                path = shown(table.text("file"))
                table.refuse("file", f" = {path}: position {position} is {shown(value)}: {remedy}")
            with table.blamed():
                return ExplicitSpectrum(eigenvalues)
        if kind == "levels":
            values, counts = table.numbers("values"), table.numbers("counts")
            with table.blamed():
                spectrum = LevelsSpectrum(values, counts)
            if spectrum.dimension > DIMENSION:
                total = shown(spectrum.dimension)
                table.refuse("counts", f": {total} in all; give at most {DIMENSION}")
            return spectrum
        scale = table.number("scale", default=1)
        if kind == "isotropic":
            if _dimension(table) is oo:
                table.refuse(
                    "dimension", " = inf: equal eigenvalues do not sum; give an integer >= 1"
                )
            features = table.whole("dimension", 1, DIMENSION)
            with table.blamed():
                return IsotropicSpectrum(features, scale)
        size = _dimension(table)
        key = "capacity" if kind == "power-law" else "rate"
        decay = table.number(key)
        if kind == "power-law" and size is oo and bool(decay <= 1):
            remedy = "an infinite dimension needs capacity > 1"
            table.refuse(key, f" = {shown(decay)}: {remedy}")
        family = PowerLawSpectrum if kind == "power-law" else ExponentialSpectrum
        with table.blamed():
            return family(size, decay, scale)

    def target(self, place: str, raw: Any) -> Target:
        """A section [target], or [shift]."""
        table = self.chosen(place, raw, TARGET_KEYS)
        kind = table.word("kind", tuple(TARGET_KEYS))
        if kind == "explicit":
            return ExplicitTarget(self.listed(table, "coefficients"))
        if kind == "levels":
            energies = table.numbers("energies")
            with table.blamed():
                return LevelsTarget(energies)
        if kind == "uniform":
            squared_norm = table.number("squared_norm", default=1)
            with table.blamed():
                return UniformTarget(squared_norm)
        source, scale = table.number("source"), table.number("scale", default=1)
        with table.blamed():
            return SourceTarget(source, scale)

    def listed(self, table: KeyedTable, key: str) -> tuple[Rational, ...]:
        """Numbers given in the section, or in a data file."""
        if table.present("file") and table.present(key):
            table.refuse("file", f": given beside {key}; give one of the two")
        if not table.present("file"):
            if not table.present(key):
                table.refuse(key, f": missing; give {key}, or file")
            return table.rationals(key)
        path = table.text("file")
        try:
            return read_numbers(self.folder / path)
        except InvalidProblem as error:
            table.refuse("file", f" = {shown(path)}: {error}")

    def generations(self, raw: Any, dimension: Expr) -> tuple[Generation, ...]:
        """The entries [[generations]]."""
        if not isinstance(raw, list):
            message = f"{self.file}: generations = {shown(raw)}: give entries, [[generations]]"
            raise InvalidProblem(message)
        if len(raw) > ENTRIES:
            message = f"{len(raw)} entries; give at most {ENTRIES}, and use repeat"
            raise InvalidProblem(f"{self.file}: generations: {message}")
        found: list[Generation] = []
        previous: Generation | None = None
        first = 0
        for position, entry in enumerate(raw):
            table = KeyedTable(self.file, f"generations.{position}", entry, GENERATION_KEYS)
            repeat = table.whole("repeat", 0, REPETITIONS, default=1)
            numbers = range(first, first + int(repeat))
            parts = self.fit(table, dimension, numbers, previous)
            with table.blamed():
                generation = Generation(**parts, repeat=repeat)
            first = numbers.stop
            found.append(generation)
            if generation.repeat != 0 or previous is None:
                previous = generation
        return tuple(found)


def _dimension(table: KeyedTable) -> Expr:
    raw = table.value("dimension", 'an integer >= 1, or "inf"')
    if isinstance(raw, str) and raw in ("inf", "+inf"):
        return oo
    return table.whole("dimension", 1, DIMENSION)
