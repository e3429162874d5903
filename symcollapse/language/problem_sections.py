"""The sections of a problem file, each read into the value that it describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr, Integer, Rational, oo

from symcollapse.language import symbols
from symcollapse.language.data_files import read_numbers
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.keyed_tables import KeyedTable, shown
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

FIT_KEYS = ("samples", "noise", "ridge")
"""Keys of [downstream]."""

GENERATION_KEYS = (*FIT_KEYS, "repeat", "design", "data", "real_weight")
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
        spectrum = self.spectrum(whole.value("spectrum", "a table, [spectrum]"))
        target = self.target(self.entries.get("target", {"kind": "uniform"}))
        generations = self.generations(self.entries.get("generations", []), spectrum.dimension)
        downstream = None
        if whole.present("downstream"):
            table = KeyedTable(self.file, "downstream", self.entries["downstream"], FIT_KEYS)
            sizes = _fit_sizes(table, spectrum.dimension, None)
            with table.blamed():
                downstream = Downstream(**sizes)  # type: ignore[arg-type]
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

    def spectrum(self, raw: Any) -> Spectrum:
        """The section [spectrum]."""
        table = self.chosen("spectrum", raw, SPECTRUM_KEYS)
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

    def target(self, raw: Any) -> Target:
        """The section [target]."""
        table = self.chosen("target", raw, TARGET_KEYS)
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
        for position, entry in enumerate(raw):
            table = KeyedTable(self.file, f"generations.{position}", entry, GENERATION_KEYS)
            generation = _generation(table, dimension, previous)
            found.append(generation)
            if generation.repeat != 0 or previous is None:
                previous = generation
        return tuple(found)


def _dimension(table: KeyedTable) -> Expr:
    raw = table.value("dimension", 'an integer >= 1, or "inf"')
    if isinstance(raw, str) and raw in ("inf", "+inf"):
        return oo
    return table.whole("dimension", 1, DIMENSION)


def _generation(table: KeyedTable, dimension: Expr, previous: Generation | None) -> Generation:
    design = table.word("design", ("fresh", "shared"), "fresh")
    repeat = table.whole("repeat", 0, REPETITIONS, default=1)
    data = table.word("data", ("replace", "accumulate"), "replace")
    if data == "accumulate":
        remedy = 'this version cannot do it yet; use data = "replace"'
        table.refuse("data", f" = 'accumulate': {remedy}", NotSupported)
    weight = table.number("real_weight", default=0)
    if weight < 0 or weight > 1:
        table.refuse("real_weight", f" = {shown(weight)}: give a number from 0 to 1")
    if weight != 0:
        remedy = "this version cannot mix labels yet; use real_weight = 0"
        table.refuse("real_weight", f" = {shown(weight)}: {remedy}", NotSupported)
    shared = previous if design == "shared" else None
    sizes = _fit_sizes(table, dimension, shared)
    with table.blamed():
        return Generation(**sizes, repeat=repeat, design=design)  # type: ignore[arg-type]


def _fit_sizes(table: KeyedTable, dimension: Expr, shared: Fit | None) -> dict[str, Expr]:
    """Samples, noise and ridge; the last two may speak of samples and dimension."""
    numbers: dict[str, Expr] = {} if dimension is oo else {"dimension": dimension}
    if shared is not None and not table.present("samples"):
        samples = shared.samples
    else:
        raw = table.value("samples", "an integer >= 1")
        _refuse_infinite(table, "samples", dimension)
        samples = table.number("samples", parameters=numbers)
        if not isinstance(samples, Integer) or samples < 1:
            table.refuse("samples", f" = {shown(raw)}: give an integer >= 1")
    sizes = {"samples": samples}
    numbers = {**numbers, "samples": samples}
    names = {"samples": symbols.samples, "dimension": symbols.dimension}
    for key in ("noise", "ridge"):
        _refuse_infinite(table, key, dimension)
        # Read twice: with the numbers, so that nothing undefined or too large can come of it later.
        value = table.number(key, default=0, parameters=numbers)
        if value.is_extended_negative:
            table.refuse(key, f" = {shown(table.entries[key])}: give a number >= 0")
        sizes[key] = table.number(key, default=0, parameters={key: names[key] for key in numbers})
    return sizes


def _refuse_infinite(table: KeyedTable, key: str, dimension: Expr) -> None:
    raw = table.entries.get(key)
    if dimension is oo and isinstance(raw, str) and "dimension" in raw:
        table.refuse(key, f" = {shown(raw)}: the dimension is infinite; give a number")
