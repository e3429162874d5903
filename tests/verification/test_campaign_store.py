"""The store: whole chunks, once each, whatever happens; and every file that is no store is refused in a line."""

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Problem
from symcollapse.simulation.workers import Chunk
from symcollapse.verification import campaign_store, report_campaign
from symcollapse.verification.campaign_store import CampaignStore, StoredProblem, is_running
from symcollapse.verification.campaigns import digest_of, problem_of
from symcollapse.verification.store_errors import said

PROBLEM = StoredProblem("a", "text", "d1", 2**70, 2, 1e-6, 0.1, 1.5, None, None, 0.0, "v 1")
EXACT = StoredProblem("b", "text", "d2", 1, 2, 1e-6, 0.1, float("inf"), 1.25, 0.01, 1e-20, "v 1")


def chunk(first: int, *draws: float) -> Chunk:
    return Chunk.of(first, draws, "here", 0.5)


def test_what_was_stored_comes_back_exactly(tmp_path: Path) -> None:
    draws = (0.1, 5e-324, 1.7976931348623157e308)
    with CampaignStore(tmp_path / "a.db") as store:
        added = [store.add(PROBLEM), store.add(EXACT)]
        assert store.keep(added[0], chunk(0, *draws))
    with CampaignStore(tmp_path / "a.db") as store:
        assert store.problems() == (PROBLEM, EXACT)
        assert [entry.number for entry in store.problems()] == [1, 2]
        ((number, problem, kept),) = store.chunks()
        assert (number, problem, kept.values, kept) == (1, 1, draws, chunk(0, *draws))
        assert list(store.chunks(after=1)) == []
        assert store.found("d1", 2**70) == PROBLEM
        assert store.found("d1", 1) is None


def test_a_chunk_is_written_once(tmp_path: Path) -> None:
    with CampaignStore(tmp_path / "a.db") as store, CampaignStore(tmp_path / "a.db") as other:
        problem = store.add(PROBLEM)
        assert other.add(PROBLEM).number == problem.number
        assert store.keep(problem, chunk(0, 1.0, 2.0))
        assert not other.keep(problem, chunk(0, 3.0, 4.0))
        assert [kept.values for _, _, kept in other.chunks()] == [(1.0, 2.0)]


def test_claims_keep_others_away_until_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CampaignStore(tmp_path / "a.db") as ours, CampaignStore(tmp_path / "a.db") as theirs:
        problem = ours.add(PROBLEM)
        places = [(problem, 0), (problem, 2)]
        assert ours.claim(places) == places
        assert theirs.claim([*places, (problem, 4)]) == [(problem, 4)]
        # One that is done is nobody's to draw.
        ours.keep(problem, chunk(0, 1.0, 2.0))
        assert theirs.claim(places) == []
        now = time.time()
        with monkeypatch.context() as patch:
            # Renewed, it holds beyond its first minute; not renewed, it does not.
            patch.setattr(time, "time", lambda: now + 40)
            ours.renew()
            patch.setattr(time, "time", lambda: now + 80)
            assert theirs.claim(places) == []
            patch.setattr(time, "time", lambda: now + 200)
            assert theirs.claim(places) == [(problem, 2)]
            # A clock that was set back does not make it last for ever.
            patch.setattr(time, "time", lambda: now - 86400)
            assert ours.claim(places) == [(problem, 2)]
        ours.release()
        assert theirs.claim(places) == [(problem, 2)]


def test_claims_hold_while_a_chunk_takes_longer_than_they_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_store, "CLAIM_SECONDS", 0.4)
    with CampaignStore(tmp_path / "a.db") as ours, CampaignStore(tmp_path / "a.db") as theirs:
        places = [(ours.add(PROBLEM), 0)]
        with ours.claims_renewed():
            assert ours.claim(places) == places
            time.sleep(1)
            assert theirs.claim(places) == []
        # The twin: not renewed, it ends.
        time.sleep(0.5)
        assert theirs.claim(places) == places
        # A file that is gone is not made anew by the way.
        (tmp_path / "a.db").unlink()
        with ours.claims_renewed():
            time.sleep(0.3)
        assert not (tmp_path / "a.db").exists()


def test_a_claim_ends_with_its_process_here_and_not_elsewhere(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not is_running(gone.pid)
    with CampaignStore(tmp_path / "a.db") as store:
        problem = store.add(PROBLEM)
        until = time.time() + 50
        for first, host in ((0, store.host), (2, "elsewhere")):
            store.connection.execute(
                "INSERT INTO claims VALUES (?, ?, 'x', ?, ?, ?)",
                (problem.number, first, host, gone.pid, until),
            )
        assert store.claim([(problem, 0), (problem, 2)]) == [(problem, 0)]


# Files that are no store, and systems that do not do as they are told.


def refused(place: Path, *words: str, only_read: bool = False) -> None:
    before = place.read_bytes() if place.is_file() else None
    with (
        pytest.raises((InvalidProblem, OSError)) as caught,
        CampaignStore(place, only_read=only_read),
    ):
        pass
    assert len(str(caught.value).splitlines()) == 1
    for word in words:
        assert word in str(caught.value)
    assert (place.read_bytes() if place.is_file() else None) == before


def test_files_that_are_no_store_are_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("a,b\n1,2\n" * 1000)
    refused(text, "text.db", "not a campaign's store")
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE mine (a)")
    connection.commit()
    connection.close()
    refused(foreign, "foreign.db", "not a campaign's store")
    later = tmp_path / "later.db"
    with CampaignStore(later) as store:
        store.connection.execute("PRAGMA user_version = 2")
    refused(later, "later.db", "version 2", "version 1")
    refused(tmp_path / "no" / "folder.db", "the folder of the store does not exist")
    refused(tmp_path, "directory")
    with pytest.raises(InvalidProblem, match="no name of a file"):
        CampaignStore(tmp_path / "text.db\0.db")
    refused(tmp_path / "none.db", "No such file", only_read=True)
    empty = tmp_path / "empty.db"
    empty.touch()
    refused(empty, "not a campaign's store", only_read=True)
    with CampaignStore(empty) as store:
        assert store.problems() == ()


def test_damage_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "a.db"
    with CampaignStore(place) as store:
        problem = store.add(PROBLEM)
        store.keep(problem, chunk(0, 1.0, 2.0))
        store.connection.execute("UPDATE chunks SET draws = ?", (chunk(0, 1.0, 2.5).draws,))
        with pytest.raises(InvalidProblem, match="draws from 0 of problem 1 are damaged"):
            list(store.chunks())
    content = bytearray(place.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    place.write_bytes(content)
    with pytest.raises(InvalidProblem, match=r"damaged|not a campaign's store"):
        report_campaign(place)


def test_a_text_that_was_changed_is_noticed() -> None:
    text = problem_text()
    stored = StoredProblem("a", text, digest_of(text), 1, 2, 1e-6, 0.1, 1.0, None, None, 0.0, "")
    assert problem_of(stored) == Problem.from_file("figure-1a")
    other = replace(stored, text=text.replace("5", "6", 1))
    with pytest.raises(InvalidProblem, match="a: the stored text is damaged"):
        problem_of(other)


def test_a_stored_text_is_never_run(tmp_path: Path) -> None:
    place = tmp_path / "proof"
    for text in (
        f"__import__('pathlib').Path('{place}').touch()",
        f"[spectrum]\nkind = \"isotropic\"\ndimension = \"__import__('os').mkdir('{place}')\"",
    ):
        stored = StoredProblem(
            "a", text, digest_of(text), 1, 2, 1e-6, 0.1, 1.0, None, None, 0.0, ""
        )
        with pytest.raises(InvalidProblem) as caught:
            problem_of(stored)
        assert "the stored text is damaged; restore" not in str(caught.value)
    assert not place.exists()
    name = "x'); DROP TABLE chunks; --"
    with CampaignStore(tmp_path / "a.db") as store:
        store.add(StoredProblem(name, name, name, 1, 2, 1e-6, 0.1, 1.0, None, None, 0.0, name))
        assert store.problems()[0].name == name
        assert list(store.chunks()) == []


def keep_until_it_fails(store: CampaignStore, problem: StoredProblem) -> tuple[int, OSError]:
    """How many chunks went in, and what the next one met."""
    for kept in range(1000):
        try:
            store.keep(problem, chunk(64 * kept, *range(64)))
        except OSError as error:
            return kept, error
    raise AssertionError("nothing failed")


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "a.db"
    with CampaignStore(place) as store:
        problem = store.add(PROBLEM)
        size = store.connection.execute("PRAGMA page_count").fetchone()[0]
        # SQLite's own limit gives the error of a full disk, at any page that one likes.
        store.connection.execute(f"PRAGMA max_page_count = {size + 3}")
        kept, error = keep_until_it_fails(store, problem)
        assert (error.errno, error.filename) == (errno.ENOSPC, str(place))
        assert kept > 5
        assert len(list(store.chunks())) == kept
        store.connection.execute("PRAGMA max_page_count = 1000")
        assert store.keep(problem, chunk(64 * kept, *range(64)))
    with CampaignStore(place) as store:
        assert len(list(store.chunks())) == kept + 1
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    # Here it is the system that refuses to write, half-way through a transaction.
    place = tmp_path / "a.db"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with CampaignStore(place) as store:
        problem = store.add(PROBLEM)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
        try:
            kept, error = keep_until_it_fails(store, problem)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert kept > 5
        assert error.filename == str(place)
    with CampaignStore(place) as store:
        assert len(list(store.chunks())) == kept
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_may_not_be_written_can_be_reported(tmp_path: Path) -> None:
    place = tmp_path / "a.db"
    text = problem_text()
    with CampaignStore(place) as store:
        store.add(StoredProblem("a", text, "d", 1, 2, 1e-6, 0.1, 1.0, None, None, 0.0, ""))
        # What SQLite says of a file that is write-protected, which nothing is to an administrator.
        store.connection.execute("PRAGMA query_only = ON")
        with pytest.raises(OSError, match="cannot be written"):
            store.add(PROBLEM)
    place.chmod(0o400)
    (result,) = report_campaign(place).results
    assert (result.verdict, result.reason) == ("cannot tell", "nothing is drawn yet")


def test_a_store_that_is_moved_away_is_said(tmp_path: Path) -> None:
    place = tmp_path / "a.db"
    with CampaignStore(place) as store:
        problem = store.add(PROBLEM)
        place.rename(tmp_path / "b.db")
        with pytest.raises(FileNotFoundError, match="was moved or deleted while it was in use"):
            store.keep(problem, chunk(0, 1.0, 2.0))


def test_a_store_that_is_held_too_long_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.db"
    monkeypatch.setattr(campaign_store, "WAITING_SECONDS", 0.05)
    with CampaignStore(place) as store, CampaignStore(place) as other:
        store.connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="another process holds it too long"):
            other.add(PROBLEM)
        store.connection.execute("ROLLBACK")
        other.add(PROBLEM)


def test_a_transaction_cut_off_is_rolled_back(tmp_path: Path) -> None:
    # A copy taken in the midst of a transaction that spilled to the file is what a kill leaves behind.
    place, cut = tmp_path / "a.db", tmp_path / "cut.db"
    with CampaignStore(place) as store:
        problem = store.add(PROBLEM)
        store.keep(problem, chunk(0, 1.0, 2.0))
        store.connection.execute("PRAGMA cache_size = 1")
        store.connection.execute("BEGIN IMMEDIATE")
        for first in range(2, 400, 2):
            store.connection.execute(
                "INSERT INTO chunks (problem, first, count, draws, checksum, host, seconds) "
                "VALUES (1, ?, 2, ?, 0, '', 0)",
                (first, bytes(2000)),
            )
        shutil.copy(place, cut)
        shutil.copy(f"{place}-journal", f"{cut}-journal")
        store.connection.execute("ROLLBACK")
    assert cut.stat().st_size > 100_000
    with CampaignStore(cut) as store:
        assert [kept.first for _, _, kept in store.chunks()] == [0]
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_error_that_nobody_foresaw_is_one_line() -> None:
    with pytest.raises(InvalidProblem, match=r'a.db: SQLite says "odd"'), said(Path("a.db")):
        raise sqlite3.OperationalError("odd")


def problem_text() -> str:
    from symcollapse.language.problem_files import problem_to_toml

    return problem_to_toml(Problem.from_file("figure-1a"))
