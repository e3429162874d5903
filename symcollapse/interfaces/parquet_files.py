"""Tables as Parquet, by pyarrow."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from symcollapse.interfaces.result_files import Block, TableColumn
from symcollapse.interfaces.swept_numbers import SweptNumbers
from symcollapse.language.optional_packages import require_packages


def require_parquet() -> None:
    """Say so at once if there is nothing to write Parquet with.

    Raises
    ------
    NotSupported
        If pyarrow is not installed.

    Example
    -------
    >>> require_parquet()
    """
    require_packages(".parquet", ["pyarrow"], "symcollapse[parquet]")


def write_parquet(
    place: Path,
    blocks: Iterable[Block],
    columns: Sequence[TableColumn],
    keys: Mapping[str, SweptNumbers],
    attributes: Mapping[str, str],
) -> None:
    """Write rows, block by block, each a row group.

    Parameters
    ----------
    place
        File to write.
    blocks
        The rows.
    columns
        Their columns.
    keys
        Those of the columns that are swept, and how their values are numbers: such a column is one of numbers.
    attributes
        What the table is of; part of the schema.

    Example
    -------
    >>> import tempfile
    >>> import pyarrow.parquet
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "a.parquet"
    ...     write_parquet(place, [{"a": [1.0, None]}], [TableColumn("a", is_number=True)], {}, {})
    ...     pyarrow.parquet.read_table(place).to_pydict()
    {'a': [1.0, None]}
    """
    # Half a second to load, and not installed everywhere.
    import pyarrow
    import pyarrow.parquet

    kinds = {
        "number": pyarrow.float64(),
        "integer": pyarrow.int64(),
        "text": pyarrow.string(),
    }
    fields = []
    for column in columns:
        kind = keys[column.name].kind if column.name in keys else None
        own = kind or ("number" if column.is_number else "text")
        fields.append(pyarrow.field(column.name, kinds[own]))
    schema: Any = pyarrow.schema(fields, metadata=dict(attributes))
    with pyarrow.parquet.ParquetWriter(place, schema) as writer:
        for block in blocks:
            typed = [
                keys[name].values(values) if name in keys else values
                for name, values in block.items()
            ]
            arrays = [
                pyarrow.array(values, type=field.type)
                for values, field in zip(typed, fields, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
