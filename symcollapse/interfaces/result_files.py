"""Results as text, and the files they go to: CSV, JSON, JSON lines, and pictures."""

import csv
import io
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from symcollapse.interfaces.atomic_files import require_writable
from symcollapse.interfaces.plots import PLOT_FORMATS, require_matplotlib
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import csv_text
from symcollapse.language.errors import InvalidProblem

Row: TypeAlias = Mapping[str, Any]
"""Columns of one result by name; None is empty."""

Block: TypeAlias = dict[str, list[Any]]
"""Columns of several results by name, all of one length."""


@dataclass(frozen=True)
class TableColumn:
    """A column of a table of many rows."""

    name: str
    """Its name."""
    is_number: bool
    """Whether its values are doubles, or None; else they are texts, or None."""


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


TABLE_FORMATS = (".csv", ".json", ".jsonl", ".parquet", ".nc")
"""Endings of tables of many rows."""


def csv_lines(columns: Mapping[str, Sequence[Any]], *, headed: bool) -> str:
    r"""Columns as lines of CSV, with every digit; None is an empty cell.

    Example
    -------
    >>> csv_lines({"a": [0.1, None], "b": ["x", "y"]}, headed=True)
    'a,b\n0.1,x\n,y\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if headed:
        writer.writerow(columns)
    # A double is written with as few digits as tell it apart, as repr does.
    writer.writerows(zip(*columns.values(), strict=True))
    return buffer.getvalue()


def csv_blocks(rows: Path, columns: Sequence[TableColumn], size: int) -> Iterator[Block]:
    """The rows of a CSV file again, some at a time, as they were before they were written.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a").write_text("a,b\\n1,2.5\\n3,\\n")
    ...     columns = [TableColumn("a", is_number=False), TableColumn("b", is_number=True)]
    ...     list(csv_blocks(Path(folder) / "a", columns, 8))
    [{'a': ['1', '3'], 'b': [2.5, None]}]
    """
    with rows.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        while lines := list(itertools.islice(reader, size)):
            cells = zip(columns, zip(*lines, strict=True), strict=True)
            yield {
                column.name: [
                    None if text == "" else float(text) if column.is_number else text
                    for text in texts
                ]
                for column, texts in cells
            }


def write_json(place: Path, blocks: Iterable[Block], *, lines: bool) -> None:
    """Rows as one JSON list, or one on each line; infinity, which JSON has not, is "inf".

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json(Path(folder) / "a.jsonl", [{"a": [1.0, None]}], lines=True)
    ...     (Path(folder) / "a.jsonl").read_text()
    '{"a": 1.0}\\n{"a": null}\\n'
    """
    with place.open("w", encoding="utf-8") as file:
        before = "[\n"
        for block in blocks:
            for values in zip(*block.values(), strict=True):
                row = _plain(dict(zip(block, values, strict=True)))
                if lines:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    continue
                text = json.dumps(row, ensure_ascii=False, indent=2)
                file.write(before + "  " + text.replace("\n", "\n  "))
                before = ",\n"
        if not lines:
            file.write("\n]\n")


def _plain(row: Row) -> dict[str, Any]:
    return {
        key: "inf" if isinstance(value, float) and math.isinf(value) else value
        for key, value in row.items()
    }
