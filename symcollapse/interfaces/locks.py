"""One run at a time on one file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from symcollapse.interfaces.atomic_files import named
from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem

HAS_LOCKS = find_spec("fcntl") is not None
"""Whether the system has locks that end with their process; where it has none, none are taken."""


@contextmanager
def locked(place: Path, output: Path) -> Iterator[None]:
    """Hold a lock, which ends with the process, however it ends.

    Parameters
    ----------
    place
        File of the lock; it is there while the lock is held.
    output
        The file that it is about.

    Raises
    ------
    InvalidProblem
        If another process holds it.
    OSError
        With the name of the output, if the lock cannot be made.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "lock"
    ...     with locked(place, Path("a.csv")):
    ...         place.exists()
    ...     place.exists()
    True
    False
    """
    if not HAS_LOCKS:
        yield
        return
    with named(output):
        handle = _held(place, output)
    try:
        yield
    finally:
        # Removed while it is still held: who waits for no lock never sees it free.
        with suppress(OSError):
            place.unlink()
        os.close(handle)


def _held(place: Path, output: Path) -> int:
    import fcntl

    while True:  # until the lock that is held is that of the file
        handle = os.open(place, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise InvalidProblem(
                f"{shortened(str(output))}: another run is writing it; wait for its end, or give another file"
            ) from None
        # The one before may have removed the file between the two steps: then it is no lock any more.
        with suppress(FileNotFoundError):
            if os.stat(place).st_ino == os.fstat(handle).st_ino:  # noqa: PTH116 # beside fstat
                return handle
        os.close(handle)
