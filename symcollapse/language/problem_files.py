"""Problem files: found, read, changed by overrides; the sections are understood elsewhere."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from symcollapse.language.data_files import read_bytes
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.keyed_tables import DecimalText, shown
from symcollapse.language.problem_sections import ProblemSections
from symcollapse.language.problem_texts import problem_to_toml
from symcollapse.language.problems import Problem

__all__ = ["ProblemFile", "bundled_problems", "problem_to_toml", "read_problem"]


def bundled_problems() -> dict[str, Path]:
    """Problem files that come with the package, by name.

    Example
    -------
    >>> "figure-1a" in bundled_problems()
    True
    """
    package = Path(__file__).parent.parent
    for folder in (package / "problems", package.parent / "problems"):
        if folder.is_dir():
            files = {path.stem: path for path in folder.glob("*.toml")}
            return dict(sorted(files.items()))
    return {}


def read_problem(path: str | Path, overrides: Mapping[str, str]) -> Problem:
    """Read a problem file, with some keys replaced.

    Parameters
    ----------
    path
        A TOML file, or, where there is no such file, the name of a bundled problem, or the path of one that comes with
        the derivations, such as the problem at which a published claim fails.
    overrides
        New values by dotted key, such as ``{"generations.0.repeat": "3"}``.

    Raises
    ------
    InvalidProblem, NotSupported
        With file, key and remedy, in one line.

    Example
    -------
    >>> read_problem("figure-1a", {"spectrum.dimension": "100"}).dimension
    100
    """
    return ProblemFile.read(path).problem(overrides)


@dataclass(frozen=True)
class ProblemFile:
    """A problem file, read once, from which problems are made with one set of keys replaced after another.

    Example
    -------
    >>> file = ProblemFile.read("figure-1a")
    >>> [file.problem({"spectrum.dimension": size}).dimension for size in ("100", "200")]
    [100, 200]
    """

    place: Path
    """Where it lies."""
    content: bytes = field(repr=False)
    """What it says."""
    tree: Mapping[str, Any] = field(repr=False)
    """The same as tables and lists."""

    @classmethod
    def read(cls, path: str | Path) -> "ProblemFile":
        """Read a TOML file, or a bundled problem by its name.

        Raises
        ------
        InvalidProblem
            With file and remedy, in one line.
        """
        place = _located(path)
        name = printable(place.name or str(place))
        try:
            content = read_bytes(place)
        except InvalidProblem as error:
            raise InvalidProblem(f"{name}: {error}") from None
        return cls(place, content, _tree(name, content))

    @property
    def name(self) -> str:
        """Its name, as it is shown."""
        return printable(self.place.name or str(self.place))

    def entries(self, overrides: Mapping[str, str]) -> dict[str, Any]:
        """The tree with some keys replaced.

        Raises
        ------
        InvalidProblem
            If a key has no place in it.
        """
        tree: dict[str, Any] = _copied(self.tree)
        for key, value in overrides.items():
            _override(self.name, tree, key, value)
        return tree

    def problem(self, overrides: Mapping[str, str]) -> Problem:
        """The problem with some keys replaced.

        Raises
        ------
        InvalidProblem, NotSupported
            With file, key and remedy, in one line.
        """
        sections = ProblemSections(self.name, self.place.parent, self.entries(overrides))
        return sections.problem(printable(self.place.stem))


def _copied(entries: Any) -> Any:
    """Tables anew, and lists of tables; lists of numbers, which nobody changes, are shared."""
    if isinstance(entries, Mapping):
        return {key: _copied(value) for key, value in entries.items()}
    if isinstance(entries, list) and any(isinstance(entry, dict | list) for entry in entries):
        return [_copied(entry) for entry in entries]
    return entries


def printable(name: str) -> str:
    r"""A file name as one printable line.

    Example
    -------
    >>> printable("figure\n1.toml")
    'figure\\n1.toml'
    """
    return name if name.isprintable() else ascii(name)[1:-1]


def _located(path: str | Path) -> Path:
    place = Path(path)
    try:
        if place.is_file() or (place.exists() and not place.is_dir()):
            return place
    except (OSError, ValueError):
        pass
    bundled = bundled_problems()
    name = str(path).removesuffix(".toml")
    if name in bundled:
        return bundled[name]
    if (shipped := _beside_derivations(place)) is not None:
        return shipped
    try:
        if str(path) and place.exists():
            return place
    except (OSError, ValueError):
        pass
    close = get_close_matches(name[:80], bundled, 3, 0.5)
    known = f"did you mean {', '.join(close)}?" if close else f"bundled are {', '.join(bundled)}"
    text = printable(str(path)) or "''"
    text = text if len(text) <= 80 else text[:79] + "…"
    raise InvalidProblem(f"{text}: no such file, and no bundled problem of that name; {known}")


def _beside_derivations(path: Path) -> Path | None:
    """A problem that comes with the derivations, by its path there.

    Reports of audits name such paths, and are read in other folders than that of the source.
    """
    if path.is_absolute() or path.parts[:1] != ("derivations",) or ".." in path.parts:
        return None
    package = Path(__file__).parent.parent
    # Inside the package where it is installed, beside it where it is developed.
    places = (package / path, package.parent / path)
    try:
        return next((place for place in places if place.is_file()), None)
    except (OSError, ValueError):
        return None


_LONG_KEY = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){64}""", re.ASCII
)
"""Keys of so many parts are refused unread: the time to parse one grows with their square."""


def _tree(name: str, content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidProblem(f"{name}: line {line} is not UTF-8 text; save it as UTF-8") from None
    if not text.strip():
        raise InvalidProblem(f"{name}: the file is empty; describe at least [spectrum]")
    if (long := _LONG_KEY.search(text)) is not None:
        line = text.count("\n", 0, long.start()) + 1
        raise InvalidProblem(f"{name}: line {line}: a key has too many parts; use section.key")
    try:
        return tomllib.loads(text, parse_float=DecimalText)
    except RecursionError:
        raise InvalidProblem(f"{name}: nested too deeply; lists hold plain numbers") from None
    except tomllib.TOMLDecodeError as error:
        reason = " ".join(printable(str(error)).split())
        raise InvalidProblem(f"{name}: {reason[:200]}; correct the TOML syntax") from None
    except ValueError:  # Python refuses to read integers of thousands of digits
        raise InvalidProblem(
            f"{name}: an integer has too many digits; give a smaller one"
        ) from None


def _override(name: str, tree: dict[str, Any], key: str, value: str) -> None:
    """Put a new value into the tree; whether the key is known is for the section to say."""
    place = f"{name}: {shown(key)[1:-1]}"
    *sections, last = key.split(".")
    current: Any = tree
    for depth, part in enumerate(sections):
        if isinstance(current, list):
            if not (part.isascii() and part.isdecimal() and len(part) < 9):
                raise InvalidProblem(f"{place}: unknown key; count the entries from 0")
            if int(part) >= len(current):
                raise InvalidProblem(f"{place}: there are {len(current)} entries; count from 0")
            current = current[int(part)]
        else:
            entries = depth == 0 and part == "generations"
            current = current.setdefault(part, [] if entries else {})
        if not isinstance(current, dict | list):
            raise InvalidProblem(f"{place}: unknown key; give section.key")
    listed = value.startswith("[") and value.endswith("]")
    old = current.get(last) if isinstance(current, dict) else current
    if isinstance(current, list) or isinstance(old, dict) or (isinstance(old, list) and not listed):
        remedy = "give section.key, generations.0.key, or a whole list as [1, 2]"
        raise InvalidProblem(f"{place}: is not one value; {remedy}")
    current[last] = value
