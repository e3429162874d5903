"""The store of a campaign: problems and finished chunks of trials, in one SQLite file.

A chunk is written once, whole, in one transaction that is on the disk before it counts: whatever ends a run, kill, power
or a full disk, what the store holds is right, and what it does not hold is drawn again, to the same numbers.

Several runs may work on one store. Each claims the chunks that it draws; a claim that is not renewed for a minute is
void, and so is one of a process of this machine that is gone. If two runs draw one chunk nevertheless, the second copy
is dropped. So nothing hangs on the claims but that work is seldom done twice.

Why a rollback journal, and no write-ahead log
    The log needs memory that all processes share, so it does not work over a network; a chunk takes a second or so to
    draw, and some milliseconds to write either way. Locks are those of SQLite: over a network they are as good as the
    file system's.
"""

import os
import socket
import sqlite3
import time
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problem_files import printable
from symcollapse.simulation.workers import Chunk, interrupts_held
from symcollapse.verification.store_errors import said, said_of_opening

APPLICATION = 0x53594D43
"""Mark of our files in the header that SQLite reserves for it: "SYMC"."""

VERSION = 1
"""Version of the tables below."""

CLAIM_SECONDS = 60.0
"""After so long without a word, a claim of another machine is void."""

WAITING_SECONDS = 30.0
"""How long another process may take for a transaction of milliseconds."""

TABLES = """
CREATE TABLE problems (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    seed TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    risk REAL NOT NULL,
    margin REAL NOT NULL,
    prediction REAL NOT NULL,
    exact_prediction REAL,
    exact_margin REAL,
    rounding REAL NOT NULL,
    versions TEXT NOT NULL,
    UNIQUE (digest, seed)
);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY,
    problem INTEGER NOT NULL REFERENCES problems (number),
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    draws BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    host TEXT NOT NULL,
    seconds REAL NOT NULL,
    UNIQUE (problem, first)
);
CREATE TABLE claims (
    problem INTEGER NOT NULL,
    first INTEGER NOT NULL,
    owner TEXT NOT NULL,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    until REAL NOT NULL,
    PRIMARY KEY (problem, first)
);
"""
"""Seeds are texts: they may be longer than an integer of SQLite."""


@dataclass(frozen=True)
class StoredProblem:
    """A problem as the store has it: all that a report needs, without a derivation."""

    name: str
    text: str
    """A problem file, exact."""
    digest: str
    """SHA-256 of the text."""
    seed: int
    chunk: int
    """Trials that are drawn and judged together."""
    risk: float
    margin: float
    prediction: float
    """Test error that the formula gives; inf where it has none."""
    exact_prediction: float | None
    """That of the exact finite-size law, where one is known."""
    exact_margin: float | None
    rounding: float
    """Absolute size of what may stand for zero."""
    versions: str
    """Of the program and of NumPy, when it was stored."""
    number: int = field(default=0, compare=False)
    """Its number in the store; 0 before it is there."""


COLUMNS = (
    "name", "text", "digest", "seed", "chunk", "risk", "margin", "prediction", "exact_prediction",
    "exact_margin", "rounding", "versions",
)  # fmt: skip
"""Of the table of problems, in the order of the fields."""


class CampaignStore:
    """An open store, for one thread but where it is said.

    Parameters
    ----------
    place
        The file; made where there is none.
    only_read
        For reports: nothing is made or changed.

    Raises
    ------
    InvalidProblem
        If the file is no store, of another version, or damaged.
    OSError
        With the name of the file, if it cannot be read or written; this holds of every method.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with CampaignStore(Path(folder) / "a.db") as store:
    ...         store.problems()
    ()
    """

    def __init__(self, place: Path, *, only_read: bool = False) -> None:
        self.place = place
        self.owner = uuid.uuid4().hex
        self.host = socket.gethostname()
        with said_of_opening(place, only_read=only_read):
            self.connection = self._connected("rw" if only_read else "rwc")
        try:
            self._begin(only_read=only_read)
        except BaseException:
            self.connection.close()
            raise

    def _connected(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.place.absolute().as_uri()}?mode={mode}",
            timeout=WAITING_SECONDS,
            isolation_level=None,
            uri=True,
        )

    def _begin(self, *, only_read: bool) -> None:
        with said(self.place):
            # Every transaction is on the disk before it counts.
            self.connection.execute("PRAGMA synchronous = FULL")
            if only_read:
                self.connection.execute("PRAGMA query_only = ON")
            if self._pragma("application_id") != APPLICATION:
                is_empty = not self.connection.execute("SELECT 1 FROM sqlite_master").fetchone()
                if not is_empty or only_read:
                    raise self._foreign()
                self._make_tables()
            version = self._pragma("user_version")
            if version != VERSION:
                raise InvalidProblem(
                    f"{self.name}: a store of version {version}, and this program knows version {VERSION}; "
                    "give another file"
                )

    def _foreign(self) -> InvalidProblem:
        return InvalidProblem(f"{self.name}: not a campaign's store; give another file")

    def _make_tables(self) -> None:
        with self._transaction():
            # Another process may have made them since.
            if self._pragma("application_id") == APPLICATION:
                return
            if self.connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise self._foreign()
            for statement in TABLES.split(";")[:-1]:
                self.connection.execute(statement)
            self.connection.execute(f"PRAGMA application_id = {APPLICATION}")
            self.connection.execute(f"PRAGMA user_version = {VERSION}")

    def _pragma(self, name: str) -> int:
        return int(self.connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; IMMEDIATE, so that no other process writes between what is read here and what is written."""
        with said(self.place):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                # A full disk ends the transaction by itself.
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    @property
    def name(self) -> str:
        """Name of the file, in one printable line."""
        return printable(self.place.name)

    def problems(self) -> tuple[StoredProblem, ...]:
        """All problems, in the order in which they came."""
        return self._selected("TRUE")

    def found(self, digest: str, seed: int) -> StoredProblem | None:
        """The problem of a text and a seed, if it is there."""
        found = self._selected("digest = ? AND seed = ?", digest, str(seed))
        return found[0] if found else None

    def _selected(self, condition: str, *values: str) -> tuple[StoredProblem, ...]:
        columns = (*COLUMNS, "number")
        with said(self.place):
            rows = self.connection.execute(
                f"SELECT {', '.join(columns)} FROM problems WHERE {condition} ORDER BY number",
                values,
            ).fetchall()
        entries: list[dict[str, Any]] = [dict(zip(columns, row, strict=True)) for row in rows]
        return tuple(StoredProblem(**{**entry, "seed": int(entry["seed"])}) for entry in entries)

    def add(self, problem: StoredProblem) -> StoredProblem:
        """The problem with its number; what another run has stored of it meanwhile, stays."""
        values = [getattr(problem, column) for column in COLUMNS]
        values[COLUMNS.index("seed")] = str(problem.seed)
        marks = ", ".join("?" * len(COLUMNS))
        with self._transaction():
            self.connection.execute(
                f"INSERT OR IGNORE INTO problems ({', '.join(COLUMNS)}) VALUES ({marks})", values
            )
        kept = self.found(problem.digest, problem.seed)
        assert kept is not None, "it was inserted, or was there"
        return kept

    def chunks(self, after: int = 0) -> Iterator[tuple[int, int, Chunk]]:
        """Finished chunks, in the order in which they came, each with its number and that of its problem.

        Parameters
        ----------
        after
            Number of the last one known.
        """
        with said(self.place):
            rows = self.connection.execute(
                "SELECT number, problem, first, count, draws, checksum, host, seconds FROM chunks "
                "WHERE number > ? ORDER BY number",
                (after,),
            ).fetchall()
        for number, problem, first, count, draws, checksum, host, seconds in rows:
            if len(draws) != 8 * count or zlib.crc32(draws) != checksum:
                raise InvalidProblem(
                    f"{self.name}: the draws from {first} of problem {problem} are damaged; "
                    "restore the file, or give another one"
                )
            yield number, problem, Chunk(first, draws, host, seconds)

    def keep(self, problem: StoredProblem, chunk: Chunk) -> bool:
        """Write a finished chunk, and end the claim on it; False if it was there."""
        values = (
            problem.number, chunk.first, chunk.count, chunk.draws, zlib.crc32(chunk.draws),
            chunk.host, chunk.seconds,
        )  # fmt: skip
        with self._transaction():
            added = self.connection.execute(
                "INSERT OR IGNORE INTO chunks (problem, first, count, draws, checksum, host, seconds) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            ).rowcount
            self.connection.execute(
                "DELETE FROM claims WHERE problem = ? AND first = ?", (problem.number, chunk.first)
            )
        return added == 1

    def claim(self, wanted: Sequence[tuple[StoredProblem, int]]) -> list[tuple[StoredProblem, int]]:
        """Those of the wanted chunks, by problem and first trial, that nobody else draws or has drawn: now ours."""
        now, ours = time.time(), []
        with self._transaction():
            for problem, first in wanted:
                key = (problem.number, first)
                done = self.connection.execute(
                    "SELECT 1 FROM chunks WHERE problem = ? AND first = ?", key
                ).fetchone()
                claim = self.connection.execute(
                    "SELECT owner, host, process, until FROM claims WHERE problem = ? AND first = ?",
                    key,
                ).fetchone()
                if done or (claim is not None and self._holds(claim, now)):
                    continue
                self.connection.execute(
                    "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?, ?)",
                    (*key, self.owner, self.host, os.getpid(), now + CLAIM_SECONDS),
                )
                ours.append((problem, first))
        return ours

    def _holds(self, claim: tuple[str, str, int, float], now: float) -> bool:
        """Whether a claim is another's, and still good; none is good for long after, whatever clocks say."""
        owner, host, process, until = claim
        if owner == self.owner or not now < until <= now + 2 * CLAIM_SECONDS:
            return False
        return host != self.host or is_running(process)

    @contextmanager
    def claims_renewed(self) -> Iterator[None]:
        """Our claims hold for as long as this process lives: a chunk may take longer to draw than a claim lasts."""
        ended = Event()

        def renew_until_then() -> None:
            while not ended.wait(CLAIM_SECONDS / 4):
                with suppress(OSError, InvalidProblem):
                    self.renew()

        thread = Thread(target=renew_until_then, daemon=True)
        with interrupts_held():  # the thread inherits that, so Ctrl-C is for who draws
            thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def renew(self) -> None:
        """Say that our claims still hold, from any thread."""
        with said(self.place), closing(self._connected("rw")) as connection:
            connection.execute(
                "UPDATE claims SET until = ? WHERE owner = ?",
                (time.time() + CLAIM_SECONDS, self.owner),
            )

    def release(self) -> None:
        """End our claims; what cannot be written just now ends by itself."""
        with suppress(OSError, InvalidProblem), self._transaction():
            self.connection.execute("DELETE FROM claims WHERE owner = ?", (self.owner,))


def is_running(process: int) -> bool:
    """Whether there is a process of this number on this machine; True where that cannot be told.

    Example
    -------
    >>> is_running(os.getpid())
    True
    """
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
