"""Rows of a long run, kept beside the file that is to be, so that a run that was killed is taken up again.

The rows are CSV, in a hidden file; a small record beside it says how many of its bytes are sure, and of which run they
are. It is replaced at once, after the rows are on the disk: whenever a run ends, what the record says is there. What
goes beyond is cut off when the run is taken up. A lock, which the system drops with the process, keeps others away.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from symcollapse.interfaces.atomic_files import mode_of, named
from symcollapse.interfaces.locks import locked
from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem, SymcollapseError

Begin = Literal["anew", "resume", "restart"]
"""What to do with the rows of a run that was not finished: refuse to lose them, go on with them, drop them."""

LONGEST = 150
"""Bytes of a file name that a hidden name is made of; file systems allow 255."""


@dataclass
class RowJournal:
    """Rows that are sure.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.csv"
    ...     with open_journal(path, {"sweeps": "a=1"}, "anew") as journal:
    ...         journal.append("1\\n", 1, is_last=True)
    ...         journal.finish(lambda rows, place: place.write_text(rows.read_text()))
    ...     path.read_text(), [each.name for each in Path(folder).iterdir()]
    ('1\\n', ['a.csv'])
    """

    output: Path
    """The file that is to be."""
    request: Mapping[str, str]
    """What the rows are of, part by part."""
    points: int = 0
    """Points whose rows are sure."""
    size: int = 0
    """Bytes of their rows."""

    @property
    def rows(self) -> Path:
        """Where the rows are."""
        return _hidden(self.output, "rows")

    @property
    def record(self) -> Path:
        """Where the record is."""
        return _hidden(self.output, "record")

    def append(self, text: str, points: int, *, is_last: bool = False) -> None:
        """Keep the rows of some points.

        Parameters
        ----------
        text
            Their lines.
        points
            How many they are.
        is_last
            Whether all rows are there with them; of a run of one part there is nothing to take up, and no record.

        Raises
        ------
        OSError
            With the name of the output, if they cannot be written; those before them are kept.
        """
        written = text.encode()
        with named(self.output):
            with self.rows.open("r+b" if self.size else "wb") as file:
                file.seek(self.size)
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
            size, done = self.size + len(written), self.points + points
            if not (is_last and done == points):
                self._put_record(size, done)
        self.size, self.points = size, done

    def _put_record(self, size: int, points: int) -> None:
        content = {"points": points, "bytes": size, "request": dict(self.request)}
        place = _hidden(self.output, "new-record")
        with place.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        place.replace(self.record)
        _sync_folder(self.record.parent)

    def finish(self, write: Callable[[Path, Path], object]) -> None:
        """Make the file out of the rows.

        Parameters
        ----------
        write
            Called with the place of the rows, and the place to write to.

        Raises
        ------
        OSError
            With the name of the output; the rows are kept.
        """
        place = _hidden(self.output, "whole")
        with named(self.output):
            place.unlink(missing_ok=True)
            try:
                write(self.rows, place)
                place.chmod(mode_of(self.output.resolve()))
                with place.open("r+b") as file:
                    os.fsync(file.fileno())
                place.replace(self.output.resolve())
            finally:
                place.unlink(missing_ok=True)

    def drop(self) -> None:
        """Forget the rows, the record first."""
        for kind in ("record", "new-record", "rows", "whole"):
            with suppress(OSError):
                _hidden(self.output, kind).unlink()


@contextmanager
def open_journal(output: Path, request: Mapping[str, str], begin: Begin) -> Iterator[RowJournal]:
    """The journal of a run; what it keeps is gone after the end, and stays after anything but an end.

    An error in what was asked for would come again, so that nothing is kept after it.

    Parameters
    ----------
    output
        The file that is to be.
    request
        What was asked for, part by part; of another run, nothing is taken up.
    begin
        What to do with rows that are there already.

    Raises
    ------
    InvalidProblem
        If another run is writing to the file, or rows are there that are not to be lost, or are of another run.
    OSError, KeyboardInterrupt
        As they come from within, with a word on what is kept.
    """
    with locked(_hidden(output, "lock"), output):
        journal = _opened(output, request, begin)
        try:
            yield journal
        except SymcollapseError:
            journal.drop()
            raise
        except BaseException as error:
            if not journal.record.exists():
                journal.drop()
                raise
            kept = f"{journal.points} points are kept, and the same command with --resume goes on"
            if isinstance(error, KeyboardInterrupt):
                raise KeyboardInterrupt(kept) from None
            if isinstance(error, OSError):
                reason = f"{error.strerror or error}; {kept}"
                raise OSError(error.errno, reason, error.filename or str(output)) from None
            raise
        journal.drop()


def linked(rows: Path, place: Path) -> None:
    """The rows as they are, as another file: at once, where the file system knows links.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows, place = Path(folder) / "a", Path(folder) / "b"
    ...     _ = rows.write_text("1")
    ...     linked(rows, place)
    ...     place.read_text()
    '1'
    """
    try:
        os.link(rows, place)
    except OSError:
        shutil.copyfile(rows, place)


def _opened(output: Path, request: Mapping[str, str], begin: Begin) -> RowJournal:
    journal = RowJournal(output, request)
    name = shortened(str(output))
    if begin == "restart" or not journal.record.exists():
        journal.drop()
        return journal
    try:
        content: Any = json.loads(journal.record.read_text(encoding="utf-8"))
        points, size = int(content["points"]), int(content["bytes"])
        known = cast("dict[str, str]", dict(content["request"]))
        is_whole = journal.rows.stat().st_size >= size
    except (OSError, ValueError, KeyError, TypeError):
        is_whole, points, size, known = False, 0, 0, {}
    if not is_whole:
        raise InvalidProblem(f"{name}: the rows kept beside it are damaged; --restart drops them")
    if begin == "anew":
        raise InvalidProblem(
            f"{name}: {points} points of a run that was not finished are kept beside it; --resume goes on with "
            "them, --restart drops them"
        )
    for part in sorted({*request, *known}):
        if request.get(part) != known.get(part):
            raise InvalidProblem(
                f"{name}: the points kept beside it are of another run (unlike {part}); repeat that one with "
                "--resume, or give --restart to drop them"
            )
    journal.points, journal.size = points, size
    with named(output):
        os.truncate(journal.rows, size)
    return journal


def _hidden(output: Path, kind: str) -> Path:
    """A hidden file beside another one."""
    final = output.resolve()
    name = final.name
    if len(os.fsencode(name)) > LONGEST:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return final.with_name(f".{name}.symcollapse-{kind}")


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder sure; some systems cannot, and need not."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
