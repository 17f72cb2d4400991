"""What PostgreSQL notifies processes of, and what they do when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import psycopg
import pytest

from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from bot.store.sql import changes
from tests.harness.postgres import clear_databases, database

LISTENERS = "FROM pg_stat_activity WHERE application_name = 'paperboy changes' AND datname = current_database()"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[DatabaseUrl]:
    yield database(tmp_path)
    clear_databases()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_change_is_known_at_once_without_a_poll(url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "POLL_SECONDS", 60.0)
    with PostgresStore(url, write=True) as first, PostgresStore(url, write=False) as second:
        async with asyncio.timeout(60), aclosing(second.changes.follow()) as revisions:
            await anext(revisions)
            for _ in range(3):
                count = await first.changes.mark_collected()
                assert (await anext(revisions)).collections == count


async def test_a_follower_whose_connection_was_cut_listens_again(
    url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "POLL_SECONDS", 0.05)
    admin = psycopg.connect(url.reveal(), autocommit=True)
    with PostgresStore(url, write=True) as store, admin:

        def listeners() -> int:
            row = admin.execute(f"SELECT count(*) {LISTENERS}".encode()).fetchone()
            return int(row[0]) if row else 0

        async with asyncio.timeout(60), aclosing(store.changes.follow()) as revisions:
            await anext(revisions)
            following = asyncio.ensure_future(anext(revisions))
            await until(lambda: listeners() == 1)
            admin.execute(f"SELECT pg_terminate_backend(pid) {LISTENERS}".encode())
            await until(lambda: listeners() == 0)
            await until(lambda: listeners() == 1)
            await store.changes.mark_collected()
            assert (await following).collections
        await until(lambda: listeners() == 0)


async def test_changes_are_polled_where_listening_is_refused(url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "POLL_SECONDS", 0.05)
    with PostgresStore(url, write=True) as store:
        monkeypatch.setattr(store.changes, "_url", DatabaseUrl("postgresql://127.0.0.1:9/papers"))
        async with asyncio.timeout(60), aclosing(store.changes.follow()) as revisions:
            await anext(revisions)
            count = await store.changes.mark_collected()
            assert (await anext(revisions)).collections == count
