"""What SQLite complains of, as errors of one line that say what to do."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problem_files import printable

SYSTEM = {
    sqlite3.SQLITE_FULL: (errno.ENOSPC, None),
    sqlite3.SQLITE_READONLY: (errno.EROFS, "cannot be written; give a file that can be"),
    sqlite3.SQLITE_PERM: (errno.EACCES, None),
    sqlite3.SQLITE_CANTOPEN: (errno.EACCES, "cannot be opened; is the folder writable?"),
    sqlite3.SQLITE_BUSY: (errno.EBUSY, "another process holds it too long; try again"),
    sqlite3.SQLITE_IOERR: (errno.EIO, None),
}
"""Errors of the system, by the first byte of SQLite's code, with a better word where there is one."""


@contextmanager
def said(place: Path) -> Iterator[None]:
    """SQLite's errors within become ours.

    Raises
    ------
    InvalidProblem
        If the file is no store, or is damaged.
    OSError
        With the name of the file, for what the system does not give.

    Example
    -------
    >>> try:
    ...     with said(Path("a.db")):
    ...         raise sqlite3.DatabaseError("malformed")
    ... except InvalidProblem as error:
    ...     print(error)
    a.db: SQLite says "malformed"; restore the file, or give another one
    """
    try:
        yield
    except sqlite3.Error as error:
        # The last byte is the kind; those above tell where it happened.
        whole = getattr(error, "sqlite_errorcode", 0)
        code = whole & 0xFF
        name = printable(place.name)
        if whole == sqlite3.SQLITE_READONLY_DBMOVED:
            reason = "was moved or deleted while it was in use; put it back"
            raise OSError(errno.ENOENT, reason, printable(str(place))) from None
        if code in SYSTEM:
            number, word = SYSTEM[code]
            raise OSError(number, word or os.strerror(number), printable(str(place))) from None
        if code == sqlite3.SQLITE_NOTADB:
            raise InvalidProblem(f"{name}: not a campaign's store; give another file") from None
        if code == sqlite3.SQLITE_CORRUPT:
            raise InvalidProblem(
                f"{name}: the store is damaged; restore the file, or give another one"
            ) from None
        raise InvalidProblem(
            f'{name}: SQLite says "{error}"; restore the file, or give another one'
        ) from None


@contextmanager
def said_of_opening(place: Path, *, only_read: bool) -> Iterator[None]:
    """The same, with what SQLite would not tell apart looked at before.

    Raises
    ------
    InvalidProblem
        If no file can have the name: SQLite would take the part before its zero byte.
    OSError
        If the folder is missing, the file is a folder, or is missing where it is to be read.

    Example
    -------
    >>> try:
    ...     with said_of_opening(Path("no/such/folder/a.db"), only_read=False):
    ...         pass
    ... except OSError as error:
    ...     print(error.filename, error.strerror)
    no/such/folder the folder of the store does not exist; make it first
    """
    if "\0" in str(place):
        raise InvalidProblem(f"{printable(str(place))}: no name of a file; give another one")
    if not place.absolute().parent.is_dir():
        reason = "the folder of the store does not exist; make it first"
        raise OSError(errno.ENOENT, reason, printable(str(place.parent)))
    if place.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), printable(str(place)))
    if only_read and not place.exists():
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), printable(str(place)))
    with said(place):
        yield
