"""PostgreSQL restarted, cut off and deadlocked under running queries and changes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.errors import StoreError
from bot.store.postgres import PostgresStore, connection
from bot.store.sql.transaction import Transaction
from tests.fakes import MONDAY
from tests.harness.postgres import clear_databases, database, own_server, restart, url_of

CUT = "SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PostgresStore]:
    with PostgresStore(database(tmp_path), write=True) as opened:
        yield opened
    clear_databases()


async def count(store: PostgresStore) -> int:
    return await store.connection.read(lambda db: int(db.execute("SELECT count(*) FROM used_names").fetchone()[0]))


async def test_reads_and_writes_go_on_after_a_crash_of_the_server() -> None:
    """What was being committed then is unknown, and raises."""
    server = own_server()
    with PostgresStore(url_of("postgres", of=server.get_uri()), write=True) as store:
        await read_and_write_while(store, lambda: restart(server))


async def read_and_write_while(store: PostgresStore, disturb: Callable[[], None]) -> None:
    done: list[str] = []
    unknown: list[str] = []
    stop = asyncio.Event()

    async def write(worker: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            name = f"{worker} {number}"
            try:
                if await store.secrets.use_once(name, MONDAY):
                    done.append(name)
            except StoreError:
                unknown.append(name)

    async def read() -> int:
        seen = 0
        while not stop.is_set():
            before, seen = seen, await count(store)
            assert seen >= before
        return seen

    async def written(more: int) -> None:
        enough = len(done) + more
        async with asyncio.timeout(60):
            while len(done) < enough:
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as tasks:
        for worker in range(4):
            tasks.create_task(write(worker))
        reading = tasks.create_task(read())
        await written(50)
        await asyncio.to_thread(disturb)
        await written(50)
        stop.set()
    assert reading.result() >= 100
    assert len(unknown) <= 4
    names = await store.connection.read(lambda db: {name for (name,) in db.execute("SELECT name FROM used_names")})
    assert set(done) <= names <= {*done, *unknown}


async def test_what_was_cut_before_its_commit_is_done_again(store: PostgresStore) -> None:
    attempts = []

    def change(db: Transaction) -> str:
        attempts.append(1)
        db.execute("INSERT INTO used_names VALUES ('once', 0)")
        if len(attempts) < 3:
            db.execute(CUT)
        return "done"

    def query(db: Transaction) -> int:
        attempts.append(1)
        if len(attempts) < 5:
            db.execute(CUT)
        return int(db.execute("SELECT count(*) FROM used_names").fetchone()[0])

    assert await store.connection.write(change) == "done"
    assert await store.connection.read(query) == 1
    assert len(attempts) == 5


async def test_the_server_undoes_what_is_frozen_within_a_change_and_lets_a_query_compute(store: PostgresStore) -> None:
    """Merging the index of 100,000 papers computes for longer than a change may be silent."""

    def limit(db: Transaction) -> str:
        db.execute("SELECT 1")
        return str(db.execute("SHOW idle_in_transaction_session_timeout").fetchone()[0])

    assert await store.connection.read(limit) == "10min"
    assert (await store.connection.write(limit), await store.connection.update(limit)) == ("5s", "5s")


async def test_a_change_that_is_cancelled_while_it_is_made_ends_before_its_cancellation(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CANCEL_SECONDS", 60.0)
    url = database(tmp_path).reveal()
    with psycopg.connect(url, autocommit=True) as watcher, psycopg.connect(url) as blocker:
        blocker.execute("LOCK TABLE notes")
        change = asyncio.create_task(store.secrets.put_note("claimed", "by a change that was cancelled"))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'notes'::regclass"
        async with asyncio.timeout(60):
            while watcher.execute(waiting).fetchone() == (0,):
                await asyncio.sleep(0.01)
        change.cancel()
        assert not (await asyncio.wait([change], timeout=0.05))[0]
    with pytest.raises(asyncio.CancelledError):
        await change
    await store.secrets.delete_note("claimed")
    assert await store.secrets.get_note("claimed") is None


async def test_a_change_that_is_cancelled_is_not_made_again(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts, begun, cancelled, ended = list[int](), threading.Event(), threading.Event(), threading.Event()
    repeat = store.connection._repeat

    def repeat_to_the_end(*args: object) -> object:
        try:
            return repeat(*args)  # type: ignore[arg-type]
        finally:
            ended.set()

    def change(db: Transaction) -> None:
        attempts.append(1)
        db.execute("INSERT INTO used_names VALUES ('once', 0)")
        if len(attempts) == 1:
            begun.set()
            cancelled.wait(60)
            db.execute(CUT)

    monkeypatch.setattr(store.connection, "_repeat", repeat_to_the_end)
    changing = asyncio.create_task(store.connection.update(change))
    assert await asyncio.to_thread(begun.wait, 30)
    changing.cancel()
    await asyncio.sleep(0)
    cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await changing
    assert await asyncio.to_thread(ended.wait, 30)
    assert (len(attempts), await count(store)) == (1, 0)


async def test_a_deadlock_is_resolved_by_making_one_change_again(store: PostgresStore) -> None:
    attempts = []
    both_hold_one = threading.Barrier(2)

    def change(db: Transaction, first: str, second: str) -> None:
        attempts.append(first)
        db.execute("SET LOCAL deadlock_timeout = '20ms'")
        db.execute("UPDATE used_names SET until = until + 1 WHERE name = ?", (first,))
        if len(attempts) <= 2:
            both_hold_one.wait(60)
        db.execute("UPDATE used_names SET until = until + 1 WHERE name = ?", (second,))

    await asyncio.gather(*(store.secrets.use_once(name, MONDAY) for name in "ab"))
    await asyncio.gather(store.connection.write(change, "a", "b"), store.connection.write(change, "b", "a"))
    assert len(attempts) > 2
    sql = "SELECT DISTINCT until FROM used_names"
    assert await store.connection.read(lambda db: db.execute(sql).fetchall()) == [(MONDAY.timestamp() + 2,)]
