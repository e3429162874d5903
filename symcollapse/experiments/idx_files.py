"""IDX files: arrays of bytes as MNIST is given out, gzipped or not."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from symcollapse.language.errors import InvalidProblem

GZIP_MAGIC = b"\x1f\x8b"
"""First bytes of whatever gzip wrote; the name of a file may say otherwise."""

UNSIGNED_BYTES = 8
"""The only type of entries among those of IDX that images and digits have."""


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Array that an IDX file holds.

    Parameters
    ----------
    path
        The file; whether it is gzipped is read off its first bytes.
    dimensions
        How many the array must have: 3 for images, 1 for digits.

    Returns
    -------
    array
        Of bytes, with ``dimensions`` axes.

    Raises
    ------
    InvalidProblem
        If the file cannot be read, or is no IDX file of that many dimensions, or holds more or fewer bytes than it says.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "digits"
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 1, 9]))
    ...     read_idx(path, 1).tolist()
    [7, 1, 9]
    """
    content = _content(path)
    if len(content) < 4 or content[:2] != b"\0\0":
        raise InvalidProblem(f"{path}: not an IDX file; give the files of MNIST as given out")
    kind, found = content[2], content[3]
    if kind != UNSIGNED_BYTES or found != dimensions:
        raise InvalidProblem(
            f"{path}: entries of type {kind} in {found} dimensions; "
            f"bytes (type {UNSIGNED_BYTES}) in {dimensions} are expected: is it the right file?"
        )
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise InvalidProblem(f"{path}: ends within its header; fetch the file again")
    shape = tuple(int.from_bytes(content[place : place + 4], "big") for place in range(4, start, 4))
    if len(content) - start != math.prod(shape):
        raise InvalidProblem(
            f"{path}: {len(content) - start} bytes for an array of shape {shape}, "
            f"which takes {math.prod(shape)}; fetch the file again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InvalidProblem(f"{path}: {problem.strerror}; give a file to read") from None
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise InvalidProblem(f"{path}: a damaged gzip file; fetch it again") from None
