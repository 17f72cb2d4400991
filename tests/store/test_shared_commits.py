"""Claims and records of messages on PostgreSQL: committed together, with plans that the server keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.model import Channel, Findings, PostKey, State
from bot.store.postgres import PostgresStore
from bot.store.postgres.server import POOL_CONNECTIONS
from tests.contracts.store.ledger import PAPERS
from tests.fakes import MONDAY, digest
from tests.harness.postgres import clear_databases, database

POSTS = [digest(Channel(f"fake:T1/C{number}"), PAPERS).post for number in range(40)]
KEPT = "SELECT statement FROM pg_prepared_statements"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PostgresStore]:
    with PostgresStore(database(tmp_path), write=True) as opened:
        await opened.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
        await opened.ledger.keep([digest(post.channel, PAPERS) for post in POSTS], {})
        yield opened
    clear_databases()


@pytest.fixture
def other(store: PostgresStore, tmp_path: Path) -> Iterator[psycopg.Connection]:
    """What another process does in one transaction."""
    with psycopg.connect(database(tmp_path).reveal()) as conn:
        yield conn


async def claim(store: PostgresStore, post: PostKey) -> bool:
    return await store.ledger.claim(post, 0, None, MONDAY)


async def plans(store: PostgresStore) -> list[str]:
    """Statements that are prepared in any session: the pool gives the one out that has rested for longest."""
    return [
        statement
        for _ in range(POOL_CONNECTIONS)
        for (statement,) in await store.connection.read(lambda db: db.execute(KEPT).fetchall())
    ]


async def waits_for_a_lock(other: psycopg.Connection) -> None:
    """Until somebody waits for what the other process has locked."""
    async with asyncio.timeout(60):
        while other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            await asyncio.sleep(0.01)


async def states(store: PostgresStore) -> dict[Channel, State]:
    rows = await asyncio.gather(*map(store.ledger.deliveries, POSTS))
    return {post.channel: row[0].state for post, row in zip(POSTS, rows, strict=True) if row}


async def test_changes_that_wait_share_a_commit_and_each_gets_its_own_answer(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    assert await claim(store, POSTS[3])
    await store.ledger.settle(POSTS[3], 0, State.POSTED, MONDAY)
    claims = await asyncio.gather(*(claim(store, post) for post in POSTS))
    assert [number for number, is_claimed in enumerate(claims) if not is_claimed] == [3]
    commits = other.execute("SELECT count(DISTINCT xmin::text) FROM deliveries WHERE state = 'claimed'").fetchone()
    assert commits is not None
    assert commits[0] < 10, "of 39 claims"


async def test_one_that_fails_undoes_no_other(store: PostgresStore) -> None:
    async def fail() -> None:
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            await store.connection.apply(("UPDATE deliveries SET slot = ? WHERE slot = 0", ("no number",)))

    await asyncio.gather(claim(store, POSTS[0]), fail(), *(claim(store, post) for post in POSTS[1:]))
    assert len(await states(store)) == len(POSTS)


async def test_one_that_waits_for_a_locked_row_holds_up_no_later_one(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    other.execute("SELECT FROM posts WHERE channel = %s FOR UPDATE", (POSTS[0].channel,))
    await claim(store, POSTS[0])
    record = asyncio.create_task(store.ledger.settle(POSTS[0], 0, State.POSTED, MONDAY))
    await waits_for_a_lock(other)
    async with asyncio.timeout(60):
        assert await claim(store, POSTS[1])
    assert not record.done()
    other.rollback()
    await record
    assert (await states(store))[POSTS[0].channel] is State.POSTED


async def test_one_that_is_cancelled_while_it_waits_is_not_made(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.connection._batches, "_start", lambda most: None)
    waiting = [asyncio.create_task(claim(store, post)) for post in POSTS[:2]]
    await asyncio.sleep(0)
    waiting[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    monkeypatch.undo()
    await claim(store, POSTS[2])
    assert await waiting[1]
    assert set(await states(store)) == {post.channel for post in POSTS[1:3]}


async def test_one_that_is_cancelled_while_it_is_made_ends_before_its_cancellation(
    store: PostgresStore, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.postgres.batches.CANCEL_SECONDS", 60.0)
    other.execute("LOCK TABLE deliveries")
    claiming = asyncio.create_task(claim(store, POSTS[0]))
    await waits_for_a_lock(other)
    claiming.cancel()
    assert not (await asyncio.wait([claiming], timeout=0.05))[0]
    other.rollback()
    with pytest.raises(asyncio.CancelledError):
        await claiming
    await store.ledger.release(POSTS[0], 0)
    assert not await states(store)


async def test_kept_plans_are_made_anew_where_a_newer_version_adds_a_column(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    before = await store.ledger.oldest_open(POSTS[0].channel, MONDAY)
    assert any("FROM picks" in plan for plan in await plans(store))
    other.execute("ALTER TABLE papers ADD COLUMN added TEXT")
    other.commit()
    try:
        for _ in range(POOL_CONNECTIONS):
            assert await store.ledger.oldest_open(POSTS[0].channel, MONDAY) == before
    finally:
        other.execute("ALTER TABLE papers DROP COLUMN added")
        other.commit()


async def test_no_plan_is_kept_behind_a_pooler(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which gives the session's number as another one than the server does."""
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda _: 0))
    store.connection._pool.drain()
    assert await claim(store, POSTS[0])
    assert await store.ledger.oldest_open(POSTS[0].channel, MONDAY)
    assert await plans(store) == []
