"""Tables of many rows and the files they go to, by their endings; nothing is held but a part of the rows."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symcollapse.interfaces.netcdf_files import require_netcdf, write_netcdf
from symcollapse.interfaces.parquet_files import require_parquet, write_parquet
from symcollapse.interfaces.result_files import TableColumn, csv_blocks, write_json
from symcollapse.interfaces.row_journals import linked
from symcollapse.interfaces.sweeps import Sweep
from symcollapse.interfaces.swept_numbers import SweptNumbers

AT_A_TIME = 2**15
"""Rows that are read at a time; a row group of a Parquet file."""

BINARY = (".parquet", ".nc")
"""Endings of files whose numbers are no texts."""


@dataclass(frozen=True)
class Table:
    """What the rows of a table are.

    Example
    -------
    >>> Table((TableColumn("a", is_number=False),), (), {}).columns[0].name
    'a'
    """

    columns: tuple[TableColumn, ...]
    """Its columns, in order."""
    sweeps: Sequence[Sweep]
    """The sweeps whose combinations its rows are."""
    attributes: Mapping[str, str]
    """What it is of; kept where a format has a place for it."""


def require_format(output: Path | None) -> None:
    """Say at once if there is nothing to write a file with.

    Raises
    ------
    NotSupported
        With the extra to install.

    Example
    -------
    >>> require_format(Path("a.csv"))
    """
    ending = "" if output is None else output.suffix.lower()
    if ending == ".parquet":
        require_parquet()
    elif ending == ".nc":
        require_netcdf()


def write_table(rows: Path, place: Path, ending: str, table: Table) -> None:
    """Write the rows of a CSV file in another format, or as they are.

    Parameters
    ----------
    rows
        The rows, with a line of names.
    place
        File to write.
    ending
        Its format.
    table
        What the rows are.

    Example
    -------
    >>> import tempfile
    >>> table = Table((TableColumn("a", is_number=True),), (), {})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows, place = Path(folder) / "rows", Path(folder) / "a"
    ...     _ = rows.write_text("a\\n1.5\\n")
    ...     write_table(rows, place, ".jsonl", table)
    ...     place.read_text()
    '{"a": 1.5}\\n'
    """
    if ending == ".csv":
        if place.exists():
            # A device or a pipe.
            with rows.open("rb") as source, place.open("wb") as target:
                shutil.copyfileobj(source, target)
        else:
            linked(rows, place)
        return
    blocks = csv_blocks(rows, table.columns, AT_A_TIME)
    if ending in BINARY:
        keys = {sweep.key: SweptNumbers(sweep) for sweep in table.sweeps}
        write = write_parquet if ending == ".parquet" else write_netcdf
        write(place, blocks, table.columns, keys, table.attributes)
    else:
        write_json(place, blocks, lines=ending == ".jsonl")
