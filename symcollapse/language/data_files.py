"""Files of plain numbers that a problem file points to: text, or NumPy's ``.npy``."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Rational

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.expressions import InvalidExpression, parse_expression
from symcollapse.language.keyed_tables import LIST_LENGTH, shown

FILE_SIZE = 50_000_000
"""Bytes of the largest file that is read."""


def read_bytes(path: Path) -> bytes:
    """Content of a file of at most 50 MB.

    Raises
    ------
    InvalidProblem
        If there is no such file, or it cannot be read, with the remedy; the path is not named.
    """
    try:
        if path.is_dir():
            raise InvalidProblem("is a directory; give a file")
        with path.open("rb") as stream:
            content = stream.read(FILE_SIZE + 1)
    except FileNotFoundError:
        raise InvalidProblem("no such file; check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidProblem(f"cannot be read ({reason}); check the path") from None
    if len(content) > FILE_SIZE:
        raise InvalidProblem(f"is larger than {FILE_SIZE // 10**6} MB; give a smaller file")
    return content


def read_numbers(path: Path) -> tuple[Rational, ...]:
    """Exact numbers in a file: 1 to 10⁶ of them.

    Parameters
    ----------
    path
        A ``.npy`` file with one real axis, whose doubles are taken exactly; or a text file, with
        numbers apart by blanks, commas or line ends, and comments from ``#`` to the end of a line.

    Raises
    ------
    InvalidProblem
        With the line, or the position counted from 0, and the remedy; the path is not named.
    """
    content = read_bytes(path)
    values = _array(content) if path.suffix == ".npy" else _text(content)
    if not 0 < len(values) <= LIST_LENGTH:
        raise InvalidProblem(f"holds {len(values)} numbers; give 1 to {LIST_LENGTH}")
    return values


def _text(content: bytes) -> tuple[Rational, ...]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InvalidProblem(
            f"is not UTF-8 text (byte {error.start}); save it as text, or as .npy"
        ) from None
    rows = [line.partition("#")[0].replace(",", " ").split() for line in lines]
    if sum(map(len, rows)) > LIST_LENGTH:
        raise InvalidProblem(f"holds more than {LIST_LENGTH} numbers; give fewer")
    return tuple(_word(word, line) for line, row in enumerate(rows, start=1) for word in row)


def _word(word: str, line: int) -> Rational:
    try:
        value = parse_expression(word.removeprefix("+"), {})
    except InvalidExpression as error:
        raise InvalidProblem(f"line {line}: {shown(word)}: {error}") from None
    if not isinstance(value, Rational):
        raise InvalidProblem(f"line {line}: {shown(word)}: give rational numbers")
    return value


def _array(content: bytes) -> tuple[Rational, ...]:
    try:
        array: Any = np.load(BytesIO(content), allow_pickle=False)
    except Exception:  # a broken header may raise nearly anything
        raise InvalidProblem("is not a plain .npy array; save it with numpy.save") from None
    real = isinstance(array, np.ndarray) and array.dtype.kind in "fiu" and array.dtype.itemsize <= 8
    if not real or array.ndim != 1:
        raise InvalidProblem("is not a one-dimensional real array; save one axis of float64")
    if array.size > LIST_LENGTH:
        raise InvalidProblem(f"holds {array.size} numbers; give at most {LIST_LENGTH}")
    finite = np.isfinite(array)
    if not finite.all():
        position = int(np.argmin(finite))
        raise InvalidProblem(f"position {position} is {array[position]}; give finite numbers")
    return tuple(Rational(*value.as_integer_ratio()) for value in array.tolist())
