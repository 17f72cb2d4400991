"""Copies of a whole store from one database to another, and what is refused as source, as target, or for a store."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bot.errors import StoreError
from bot.model import Channel, Findings, Ref, State, digest_key
from bot.model.database import DatabaseUrl, read_database
from bot.model.segment import NewSegment
from bot.store import Store, copying
from bot.store.copying import TableCopy, copy
from bot.store.encryption import new_key
from bot.store.postgres import PostgresCopy, PostgresStore
from bot.store.sql import segments
from bot.store.sql.copying import CopiedDatabase
from bot.store.sql.leases import NOW
from bot.store.sqlite import SqliteCopy, SqliteStore, migrations
from bot.store.sqlite.file import connect
from tests.contracts.store.ledger import HERE, PAPERS, TODAY
from tests.contracts.store.segments import MODEL, embed, index, merge, state, stored
from tests.fakes import MONDAY, digest
from tests.harness.every_table import ROWS, contents, fill_every_table
from tests.harness.postgres import bare_database

ADA = Channel("fake:T1/U1")
KEY = new_key()


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar that nobody sees, and that ends where it should."""
    steps: list[int] = []
    yield steps.append
    assert sum(steps) == total, label


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "paperboy.db"


@pytest.fixture
def url() -> DatabaseUrl:
    return bare_database()


@pytest.fixture
def there(url: str) -> PostgresCopy:
    return PostgresCopy(url)


# --- there and back -------------------------------------------------------------------------------------------------


def test_every_row_of_every_table_comes_over_and_back(file: Path, there: PostgresCopy, tmp_path: Path) -> None:
    fill_every_table(file)
    copies = copy(SqliteCopy(file), there, bar)
    assert copy(there, SqliteCopy(tmp_path / "back.db"), bar) == copies
    assert contents(SqliteCopy(tmp_path / "back.db")) == contents(there) == contents(SqliteCopy(file))
    assert all(table.rows >= ROWS for table in copies)


def test_both_kinds_of_database_have_the_same_tables_and_columns(
    file: Path, url: DatabaseUrl, there: PostgresCopy
) -> None:
    SqliteStore(file, write=True).close()
    PostgresStore(url, write=True).close()
    with SqliteCopy(file) as here, there:
        here.open_source()
        there.open_source()
        sides = [
            {(each.name, each.columns, each.stored, frozenset(each.key)) for each in side}
            for side in (here.tables().values(), there.tables().values())
        ]
    assert sides[0] == sides[1]
    assert len(sides[0]) > 25


async def test_a_copy_answers_as_the_original_did(
    file: Path, url: DatabaseUrl, there: PostgresCopy, tmp_path: Path
) -> None:
    with SqliteStore(file, write=True, keys=(KEY,)) as store:
        await fill(store)
        before = await answers(store)
    copy(SqliteCopy(file), there, bar)
    copy(there, SqliteCopy(tmp_path / "back.db"), bar)
    for opened in (
        PostgresStore(url, write=True, keys=(KEY,)),
        SqliteStore(tmp_path / "back.db", write=True, keys=(KEY,)),
    ):
        with opened:
            assert await answers(opened) == before
            await opened.papers.add(Findings(tuple(PAPERS)), "arxiv", MONDAY)


async def fill(store: Store) -> None:
    await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
    await store.ledger.keep([digest(HERE, PAPERS)], {})
    await store.ledger.claim(digest_key(HERE, TODAY), 0, None, MONDAY)
    await store.ledger.settle(digest_key(HERE, TODAY), 0, State.POSTED, MONDAY, ref=Ref("1.1"))
    await store.people.save(ADA, PAPERS[0].id, MONDAY)
    await store.secrets.put("slack/team/T1", "xoxb-token")


async def answers(store: Store) -> list[object]:
    return [
        await store.papers.count(),
        await store.papers.get([each.id for each in PAPERS]),
        await store.ledger.deliveries(digest_key(HERE, TODAY)),
        await store.people.reading_list(ADA),
        await store.secrets.get("slack/team/T1"),
    ]


async def test_segments_come_over_in_their_parts_and_their_order(
    file: Path, url: DatabaseUrl, there: PostgresCopy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "PART_BYTES", 100)
    data = [bytes([number, 0, 255]) * 333 for number in range(4)]
    with SqliteStore(file, write=True) as store:
        await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
        await index(store)
        await embed(store)
        assert await merge(store, data[0])
        for kind in ("words", "vectors"):
            for each in data[1:3]:
                assert await store.segments.replace(NewSegment(kind, MODEL * (kind == "vectors"), 3, each))
        first, second, _ = await stored(store)
        assert await store.segments.replace(NewSegment("words", "", 3, data[3], (first, second)))
        before = await state(store)
        assert list((await stored(store)).values()) == [data[3], data[2]]
    copy(SqliteCopy(file), there, bar)
    copy(there, SqliteCopy(tmp_path / "back.db"), bar)
    for opened in (PostgresStore(url, write=True), SqliteStore(tmp_path / "back.db", write=True)):
        with opened:
            assert await state(opened) == before
            assert await opened.segments.unindexed(9) == []
            ids = set(await stored(opened)) | set(await stored(opened, "vectors", MODEL))
            assert await opened.segments.replace(NewSegment("words", "", 3, data[0]))
            assert list((await stored(opened)).values()) == [data[3], data[2], data[0]]
            assert list(await stored(opened))[-1] > max(ids)
            await opened.papers.add(Findings((replace(PAPERS[0], comment="new"),)), "huggingface", MONDAY)
            assert len(await opened.segments.unindexed(9)) == 1, "the triggers are there"


async def test_numbers_go_on_after_the_last_one_also_where_its_row_is_gone(
    file: Path, url: DatabaseUrl, there: PostgresCopy, tmp_path: Path
) -> None:
    with SqliteStore(file, write=True) as store:
        await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
        assert await store.connection.write(subscribe_and_leave) == 1
    copy(SqliteCopy(file), there, bar)
    with PostgresStore(url, write=True) as store:
        assert await store.connection.write(subscribe_and_leave) == 2
        await store.connection.write(
            lambda db: db.execute("INSERT INTO notices VALUES (DEFAULT, '', '', '', '', '', '', 0)")
        )
    copy(there, SqliteCopy(tmp_path / "back.db"), bar)
    with SqliteStore(tmp_path / "back.db", write=True) as store:
        assert await store.connection.write(subscribe_and_leave) == 3


def subscribe_and_leave(db) -> int:
    sql = "INSERT INTO mail_subscribers (address, name, wish, asked_at, not_before) VALUES ('a@b.c', 'a@b.c', '', 0, 0)"
    (number,) = db.execute(f"{sql} RETURNING id").fetchone()
    db.execute("DELETE FROM mail_subscribers")
    return number


def test_the_copy_has_the_references_that_a_new_database_has(file: Path, url: DatabaseUrl, there: PostgresCopy) -> None:
    SqliteStore(file, write=True).close()
    copy(SqliteCopy(file), there, bar)
    new = bare_database()
    PostgresStore(new, write=True).close()
    references = []
    for each in (url, new):
        with psycopg.connect(each.reveal()) as conn:
            sql = "SELECT conname, pg_get_constraintdef(oid), condeferrable FROM pg_constraint ORDER BY 1, 2"
            references.append(conn.execute(sql).fetchall())
    assert references[0] == references[1]
    assert any("FOREIGN KEY" in definition for _, definition, _ in references[0])


# --- killed and started again ---------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from contextlib import nullcontext
from pathlib import Path
from bot.model.database import read_database
from bot.store import copying
from bot.store.postgres.copying import PostgresCopy
from bot.store.sqlite.copying import SqliteCopy

def database(name):
    return PostgresCopy(read_database(name)) if "://" in name else SqliteCopy(Path(name))

source, target, batches = database(sys.argv[1]), database(sys.argv[2]), int(sys.argv[3])
append = target.append

def until_killed(table, rows, before, after):
    global batches
    batches -= 1
    append(table, half(rows) if batches == 0 else rows, before, after)

def half(rows):
    yield from rows[:len(rows) // 2]
    os.kill(os.getpid(), signal.SIGKILL)

copying.BATCH_ROWS = 10
target.append = until_killed
copying.copy(source, target, lambda label, total: nullcontext(lambda steps: None))
"""


@pytest.mark.parametrize("is_back", [False, True], ids=["into PostgreSQL", "into SQLite"])
def test_a_copy_that_was_killed_goes_on_and_nothing_runs_on_its_half(
    file: Path, url: DatabaseUrl, tmp_path: Path, *, is_back: bool
) -> None:
    fill_every_table(file)
    source, target = str(file), url.reveal()
    if is_back:
        copy(SqliteCopy(file), PostgresCopy(url), bar)
        source, target = url.reveal(), str(tmp_path / "back.db")
    make = partial(SqliteStore, Path(target)) if is_back else partial(PostgresStore, url)
    for batches in (5, 25):
        killed = subprocess.run([sys.executable, "-c", KILLED, source, target, str(batches)], check=False)
        assert killed.returncode == -9
        with pytest.raises(StoreError, match=r"an unfinished copy of .*: start `paperboy migrate`"):
            make(write=True)
    steps = []
    copy(database(source), database(target), partial(counted, steps))
    assert steps[0] > 0, "it began anew"
    assert contents(database(target)) == contents(SqliteCopy(file))
    make(write=True).close()


def test_a_copy_goes_on_after_any_batch(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BATCH_ROWS", 20)
    fill_every_table(file)
    target, stops, is_whole = SqliteCopy(tmp_path / "copy.db"), 0, False

    class StoppedAfterEachBatch(SqliteCopy):
        def append(self, *args) -> None:
            super().append(*args)
            raise InterruptedError

    while not is_whole and stops < 200:
        try:
            is_whole = bool(copy(SqliteCopy(file), StoppedAfterEachBatch(target.path), bar))
        except InterruptedError:
            stops += 1
    assert is_whole
    assert stops >= 50
    assert contents(target) == contents(SqliteCopy(file))


def database(name: str) -> CopiedDatabase:
    return PostgresCopy(read_database(name)) if "://" in name else SqliteCopy(Path(name))


@contextmanager
def counted(steps: list[int], label: str, total: int) -> Iterator[Callable[[int], None]]:
    yield steps.append


@contextmanager
def stopping(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar at which a copy ends before it is checked."""
    if label == "Checking":
        raise InterruptedError
    yield lambda _: None


def test_a_change_of_the_source_between_two_halves_is_named_with_its_key(file: Path, there: PostgresCopy) -> None:
    fill_every_table(file)
    with pytest.raises(InterruptedError):
        copy(SqliteCopy(file), there, stopping)
    changed = sqlite3.connect(file)
    changed.execute("UPDATE observations SET value = 8 WHERE series_id = 7")
    changed.commit()
    changed.close()
    with pytest.raises(
        StoreError, match=r"observations differs .* first at 7, 1.0 \(25 rows became 25\): .*empty target"
    ):
        copy(SqliteCopy(file), there, bar)


def test_a_copy_goes_on_with_its_own_source_alone(file: Path, there: PostgresCopy, tmp_path: Path) -> None:
    fill_every_table(file)
    with pytest.raises(InterruptedError):
        copy(SqliteCopy(file), there, stopping)
    SqliteStore(tmp_path / "other.db", write=True).close()
    with pytest.raises(StoreError, match=r"an unfinished copy of .*paperboy\.db: go on with that"):
        copy(SqliteCopy(tmp_path / "other.db"), there, bar)


def test_a_second_process_that_copies_into_the_same_database_ends_one_of_them(
    file: Path, url: DatabaseUrl, there: PostgresCopy, tmp_path: Path
) -> None:
    fill_every_table(file)

    class Overtaken(PostgresCopy):
        def append(self, *args) -> None:
            if args[2].copied:
                with psycopg.connect(url.reveal()) as other:
                    other.execute("UPDATE paperboy_copying SET copied = copied + 1")
            super().append(*args)

    with pytest.raises(StoreError, match="another `paperboy migrate`"):
        copy(SqliteCopy(file), Overtaken(url), bar)


# --- refused --------------------------------------------------------------------------------------------------------


def test_a_target_that_holds_anything_is_left_as_it_is(
    file: Path, url: DatabaseUrl, there: PostgresCopy, tmp_path: Path
) -> None:
    fill_every_table(file)
    with psycopg.connect(url.reveal()) as conn:
        conn.execute("CREATE TABLE precious (x INT)")
    with pytest.raises(StoreError, match=r"is not empty, and a copy replaces nothing: .*createdb"):
        copy(SqliteCopy(file), there, bar)
    SqliteStore(tmp_path / "there.db", write=True).close()
    with pytest.raises(StoreError, match=r"there\.db is not empty, .*: name a new file"):
        copy(SqliteCopy(file), SqliteCopy(tmp_path / "there.db"), bar)
    with psycopg.connect(url.reveal()) as conn:
        assert conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == [("precious",)]


def test_a_file_that_is_written_to_or_absent_is_no_source(file: Path, there: PostgresCopy) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        copy(SqliteCopy(file), there, bar)
    assert not file.exists()
    with SqliteStore(file, write=True), pytest.raises(StoreError, match="another Paperboy is writing to .*: stop it"):
        copy(SqliteCopy(file), there, bar)


async def test_a_database_with_running_processes_is_no_source(
    url: DatabaseUrl, there: PostgresCopy, tmp_path: Path
) -> None:
    with PostgresStore(url, write=True) as store:
        await store.leases.take(f"process {store.process}", 60)
        with pytest.raises(StoreError, match=r"is in use by .*: stop every `paperboy run`"):
            copy(there, SqliteCopy(tmp_path / "back.db"), bar)
        await store.leases.release()
    copy(there, SqliteCopy(tmp_path / "back.db"), bar)


async def test_a_process_that_starts_meanwhile_keeps_a_copy_unfinished(
    url: DatabaseUrl, there: PostgresCopy, tmp_path: Path
) -> None:
    @contextmanager
    def starting(label: str, total: int) -> Iterator[Callable[[int], None]]:
        yield lambda _: None
        if label == "Checking":
            with psycopg.connect(url.reveal()) as conn:
                conn.execute(f"INSERT INTO leases VALUES ('process 1', 'new', {NOW} + 60)")

    PostgresStore(url, write=True).close()
    with pytest.raises(StoreError, match="is in use by new"):
        copy(there, SqliteCopy(tmp_path / "back.db"), starting)


def test_an_older_source_is_brought_up_to_date_first(file: Path, there: PostgresCopy) -> None:
    db = connect(file, write=True)
    migrations.migrations.apply(db, stop_before=migrations.migrations.pending(db)[-1].name)
    db.conn.close()
    copies = {each.name: each for each in copy(SqliteCopy(file), there, bar)}
    assert copies["leases"] == TableCopy("leases", 0, copies["papers"].checksum)


def test_a_value_that_the_target_cannot_hold_is_one_line(file: Path, there: PostgresCopy) -> None:
    fill_every_table(file)
    changed = sqlite3.connect(file)
    changed.execute("UPDATE notes SET text = 'a' || char(0) || 'b' WHERE name LIKE '3 %'")
    changed.commit()
    changed.close()
    with pytest.raises(
        StoreError,
        match=r"^postgresql://.* cannot hold a value: invalid byte sequence .* COPY notes, line 19, column text",
    ):
        copy(SqliteCopy(file), there, bar)


def test_no_password_is_in_a_name_or_a_fault(tmp_path: Path) -> None:
    there = PostgresCopy(DatabaseUrl("postgresql://paperboy:hunter2@127.0.0.1:9/papers"))
    assert there.name == "postgresql://paperboy@127.0.0.1:9/papers"
    SqliteStore(tmp_path / "paperboy.db", write=True).close()
    with pytest.raises(StoreError) as refused:
        copy(SqliteCopy(tmp_path / "paperboy.db"), there, bar)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_batches_are_bounded_in_rows_and_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BATCH_ROWS", 3)
    monkeypatch.setattr(copying, "BATCH_BYTES", 100)
    rows = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, b"." * 100), (6, "e")]
    assert list(map(len, copying._batches(rows))) == [3, 2, 1]
