"""Tables as NetCDF: a dimension for each sweep, so that xarray opens them as they are meant."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symcollapse.interfaces.result_files import Block, TableColumn
from symcollapse.interfaces.swept_numbers import SweptNumbers
from symcollapse.language.optional_packages import require_packages

TOGETHER = 8192
"""Entries of a compressed piece of a variable, and coordinates that are made at a time."""


def require_netcdf() -> None:
    """Say so at once if there is nothing to write NetCDF with.

    Raises
    ------
    NotSupported
        If h5netcdf is not installed.

    Example
    -------
    >>> require_netcdf()
    """
    require_packages(".nc", ["h5netcdf", "h5py"], "symcollapse[netcdf]")


def write_netcdf(
    place: Path,
    blocks: Iterable[Block],
    columns: Sequence[TableColumn],
    keys: Mapping[str, SweptNumbers],
    attributes: Mapping[str, str],
) -> None:
    """Write rows, block by block, into one variable for each column; what is empty is nan, or an empty text.

    Parameters
    ----------
    place
        File to write.
    blocks
        The rows.
    columns
        Their columns.
    keys
        Those of the columns that are swept, in order: the dimensions, with the values as coordinates.
    attributes
        What the table is of.

    Example
    -------
    >>> import tempfile
    >>> import xarray
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "a.nc"
    ...     columns = [TableColumn("k", is_number=False), TableColumn("a", is_number=True)]
    ...     keys = {"k": SweptNumbers(parse_sweep("k=1,2"))}
    ...     write_netcdf(place, [{"k": ["1", "2"], "a": [1.0, None]}], columns, keys, {})
    ...     with xarray.open_dataset(place, engine="h5netcdf") as table:
    ...         table.a.sel(k=1).item()
    1.0
    """
    # Not installed everywhere.
    import h5netcdf
    import h5py

    texts = h5py.string_dtype()
    kinds = {"integer": np.dtype("int64"), "number": np.dtype("float64"), "text": texts}
    shape = tuple(len(each.sweep.values) for each in keys.values())
    with h5netcdf.File(place, "w") as file:
        file.dimensions = {name: len(each.sweep.values) for name, each in keys.items()}
        for name, value in attributes.items():
            file.attrs[name] = value
        for name, each in keys.items():
            _write_coordinates(file.create_variable(name, (name,), kinds[each.kind]), each)
        chunks = _chunks(shape)
        written = {
            column.name: file.create_variable(
                column.name,
                tuple(keys),
                kinds["number" if column.is_number else "text"],
                chunks=chunks,
                # Texts lie elsewhere in the file, where nothing compresses them.
                compression="gzip" if column.is_number else None,
                compression_opts=1 if column.is_number else None,
            )
            for column in columns
            if column.name not in keys
        }
        start = 0
        for block in blocks:
            size = len(next(iter(block.values())))
            for column in columns:
                if column.name not in keys:
                    values = _array(block[column.name], is_number=column.is_number)
                    put(written[column.name], shape, start, values)
            start += size


def put(variable: Any, shape: Sequence[int], start: int, values: Any) -> None:
    """Write consecutive entries of an array, the last index fastest, in as few blocks as there can be.

    Example
    -------
    >>> array = np.zeros((2, 3))
    >>> put(array, (2, 3), 1, np.arange(1.0, 5.0))
    >>> array.tolist()
    [[0.0, 1.0, 2.0], [3.0, 4.0, 0.0]]
    """
    _put(variable, (), tuple(shape), start, values)


def _put(
    variable: Any, before: tuple[int, ...], shape: tuple[int, ...], start: int, values: Any
) -> None:
    if not len(values):
        return
    if len(shape) == 1:
        variable[(*before, slice(start, start + len(values)))] = values
        return
    inner = math.prod(shape[1:])
    first, offset = divmod(start, inner)
    if offset:
        head = min(inner - offset, len(values))
        _put(variable, (*before, first), shape[1:], offset, values[:head])
        _put(variable, before, shape, start + head, values[head:])
        return
    whole = len(values) // inner
    if whole:
        block = values[: whole * inner].reshape((whole, *shape[1:]))
        variable[(*before, slice(first, first + whole))] = block
    if len(values) > whole * inner:
        _put(variable, (*before, first + whole), shape[1:], 0, values[whole * inner :])


def _write_coordinates(variable: Any, numbers: SweptNumbers) -> None:
    size = len(numbers.sweep.values)
    for start in range(0, size, TOGETHER):
        stop = min(start + TOGETHER, size)
        found = numbers.values(numbers.sweep.values[start:stop])
        kind = {"integer": np.int64, "number": np.float64, "text": object}[numbers.kind]
        variable[start:stop] = np.array(found, dtype=kind)


def _array(values: Sequence[Any], *, is_number: bool) -> Any:
    if is_number:
        return np.array([math.nan if value is None else value for value in values])
    return np.array(["" if value is None else value for value in values], dtype=object)


def _chunks(shape: Sequence[int]) -> tuple[int, ...]:
    """Pieces of a bounded size, long in the indices that run fastest."""
    left = TOGETHER
    found: list[int] = []
    for size in reversed(shape):
        own = max(1, min(size, left))
        found.append(own)
        left //= own
    return tuple(reversed(found))


def as_attributes(request: Mapping[str, Any]) -> dict[str, str]:
    """What was asked for as attributes of a file: texts, or JSON where there are several.

    Example
    -------
    >>> as_attributes({"problem": "figure-1a", "over": ["a=1"]})
    {'problem': 'figure-1a', 'over': '["a=1"]'}
    """
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in request.items()
    }
