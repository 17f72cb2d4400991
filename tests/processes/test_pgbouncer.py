"""Behind a real PgBouncer in transaction mode: commands, `paperboy run`, and changes, of which nobody is notified."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import psycopg
import pytest

from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from bot.store.sql import changes
from tests.harness.command_line import SAMPLE, paperboy
from tests.harness.pgbouncer import behind_pgbouncer
from tests.harness.postgres import clear_databases, database
from tests.processes.test_several_processes import House, house

__all__ = ["house"]


@pytest.fixture
def pooled(tmp_path: Path) -> Iterator[DatabaseUrl]:
    """URL of the test's database through PgBouncer."""
    with behind_pgbouncer(database(tmp_path)) as url:
        yield url
    clear_databases()


@pytest.mark.usefixtures("alone")
def test_commands_work(pooled: DatabaseUrl) -> None:
    for words in (
        ("import", str(SAMPLE)),
        ("papers", "subscribe", "at:09:00", "timezone:Europe/Berlin"),
        ("papers", "topics", "add", "diffusion", "confirm:yes"),
        ("papers", "status"),
    ):
        assert paperboy(*words, "--db", pooled.reveal()).exit_code == 0, words
    assert "AdaSPEC" in paperboy("search", "speculative decoding", "--db", pooled.reveal()).stdout
    examined = paperboy("doctor", "--db", pooled.reveal()).stdout
    assert all(f"✓ {subject}: " in examined for subject in ("database", "tables", "connections", "store"))


async def test_changes_of_other_processes_are_followed_by_polling(
    pooled: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "POLL_SECONDS", 0.1)
    with PostgresStore(pooled, write=True) as here, PostgresStore(pooled, write=True) as there:
        async with aclosing(here.changes.follow()) as revisions, asyncio.timeout(60):
            first = await anext(revisions)
            assert await there.changes.mark_collected() == first.collections + 1
            assert await anext(revisions) == first._replace(collections=first.collections + 1)


async def test_two_processes_deliver_a_digest_once(house: House) -> None:
    with behind_pgbouncer(DatabaseUrl(house.url)) as url:
        await asyncio.gather(*(house.start(PAPERBOY_DB=url.reveal()) for _ in range(2)))
        await house.keep_digest()
        await house.whole_thread()
        with psycopg.connect(house.url) as conn:
            sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            row = conn.execute(sql).fetchone()
        assert row is not None
        assert row[0] <= 4, "all is done over PgBouncer's few sessions"
