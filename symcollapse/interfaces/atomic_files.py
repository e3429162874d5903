"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A place to write to, which becomes the file only at the end, if nothing went wrong.

    Until then, and after an error or Ctrl-C, what was there is untouched. Devices and pipes are written directly.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written to.

    Example
    -------
    >>> with tempfile.TemporaryDirectory() as folder, suppress(ValueError):
    ...     target = Path(folder) / "a.txt"
    ...     with written_whole(target) as place:
    ...         _ = place.write_text("half")
    ...         raise ValueError
    >>> target.exists()
    False
    """
    if path.exists() and not path.is_file():
        yield path
        return
    place = _place_for(path)
    try:
        yield place
        with named(path):
            place.chmod(mode_of(path.resolve()))
            place.replace(path.resolve())
    finally:
        with suppress(FileNotFoundError):
            place.unlink()


def require_writable(path: Path) -> None:
    """Say at once, and not after the work, that a file cannot be written.

    Raises
    ------
    OSError
        With the name of the file.

    Example
    -------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     require_writable(Path(folder) / "a.txt")
    ...     list(Path(folder).iterdir())
    []
    """
    if path.exists() and not path.is_file():
        return
    _place_for(path).unlink()


def _place_for(path: Path) -> Path:
    """A new file beside the one that is to be."""
    final = path.resolve()
    with named(path):
        handle, name = tempfile.mkstemp(
            dir=final.parent, prefix=".symcollapse-", suffix=final.suffix
        )
    os.close(handle)
    return Path(name)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Errors name the file that was asked for, not the temporary one.

    Example
    -------
    >>> with suppress(OSError), named(Path("a.csv")):
    ...     _ = Path("nowhere/b.csv").read_bytes()
    """
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def mode_of(path: Path) -> int:
    """Permissions of the file there is, or those that a new one would get.

    Example
    -------
    >>> oct(mode_of(Path("nowhere/a.csv")) & 0o600)
    '0o600'
    """
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
