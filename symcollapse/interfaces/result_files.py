"""Results as text, and the files they go to: CSV, JSON, JSON lines, and pictures."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from symcollapse.interfaces.atomic_files import require_writable
from symcollapse.interfaces.plots import PLOT_FORMATS, require_matplotlib
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import csv_text
from symcollapse.language.errors import InvalidProblem

Row: TypeAlias = Mapping[str, Any]
"""Columns of one result by name; None is empty."""


def require_places(
    output: Path | None, endings: Sequence[str], plot: Path | None
) -> tuple[Path, ...]:
    """The files that are to be written; whatever is wrong with them is said before the work.

    Parameters
    ----------
    output
        What -o gives.
    endings
        Endings that it may have.
    plot
        What --plot gives.

    Raises
    ------
    InvalidProblem, NotSupported, OSError
        With the option, the file and the remedy.

    Example
    -------
    >>> require_places(None, (".csv",), None)
    ()
    """
    places = []
    for option, path, known in (("-o", output, endings), ("--plot", plot, PLOT_FORMATS)):
        if path is None:
            continue
        shown = shortened(str(path))
        if path.suffix.lower() not in known:
            raise InvalidProblem(f"{option} {shown}: give a name that ends in {', '.join(known)}")
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InvalidProblem(f"{option} {shown}: give a file in a folder that exists")
        require_writable(path)
        places.append(path)
    if plot is not None:
        require_matplotlib()
    return tuple(places)


def as_csv(rows: Sequence[Row]) -> str:
    r"""Rows as CSV, with every digit; None is an empty cell.

    Example
    -------
    >>> as_csv([{"a": 0.1, "b": None}])
    'a,b\n0.1,\n'
    """

    def cell(value: Any) -> str:
        if value is None:
            return ""
        return repr(value) if isinstance(value, float) else str(value)

    return csv_text(list(rows[0]), [[cell(value) for value in row.values()] for row in rows])


def as_json(rows: Sequence[Row]) -> str:
    r"""Rows as one JSON list; infinity, which JSON has not, is "inf".

    Example
    -------
    >>> as_json([{"a": 0.1}])
    '[\n  {\n    "a": 0.1\n  }\n]\n'
    """
    return json.dumps([_plain(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def as_json_lines(rows: Sequence[Row]) -> str:
    r"""Rows as JSON, one on each line.

    Example
    -------
    >>> as_json_lines([{"a": math.inf}])
    '{"a": "inf"}\n'
    """
    return "".join(json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in rows)


CURVE_WRITERS: Mapping[str, Callable[[Sequence[Row]], str]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".jsonl": as_json_lines,
}
"""How a table of many rows is written, by the ending of its file."""


def _plain(row: Row) -> dict[str, Any]:
    return {
        key: "inf" if isinstance(value, float) and math.isinf(value) else value
        for key, value in row.items()
    }
