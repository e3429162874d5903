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
    final = path.resolve()
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.stem}-", suffix=final.suffix)
    os.close(handle)
    place = Path(name)
    try:
        yield place
        place.chmod(_mode_of(final))
        place.replace(final)
    finally:
        with suppress(FileNotFoundError):
            place.unlink()


def _mode_of(path: Path) -> int:
    """Permissions of the file there is, or those that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
