"""A newer version migrates a database of PostgreSQL while processes of this one use it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from bot.app.scheduler import supervise
from bot.delivery.process_lease import ProcessLease
from bot.errors import OutdatedError
from bot.model import Findings, Ref, State, Subscription
from bot.store import Store
from bot.store.postgres import PostgresStore, connection, migrations
from tests.contracts.store.ledger import HERE, IDS, PAPERS
from tests.fakes import MONDAY, digest
from tests.harness.postgres import new_database, url_of

LINE = r"newer Paperboy \(it has m999_later\): upgrade this one, or restore a backup$"


@pytest.fixture
def name() -> Iterator[str]:
    """Name of a database with tables, which is not used again."""
    made = new_database()
    yield made
    with psycopg.connect(url_of("postgres").reveal(), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {made} WITH (FORCE)".encode())


def migrate(name: str, *statements: str, breaking: bool) -> None:
    """Do what a newer version's migration would."""
    with psycopg.connect(url_of(name).reveal()) as conn:
        for statement in statements:
            conn.execute(statement.encode())
        conn.execute("INSERT INTO paperboy_migrations (name, breaking) VALUES ('m999_later', %s)", (breaking,))


def add_to_every_table(name: str) -> None:
    with psycopg.connect(url_of(name).reveal()) as conn:
        rows = conn.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
    migrate(name, *(f"ALTER TABLE {table} ADD COLUMN later TEXT" for (table,) in rows), breaking=False)


async def use(store: Store) -> None:
    """Everything from a subscription to a posted message."""
    await store.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
    await store.subscriptions.put(Subscription(HERE, topics=("video",), next_due=MONDAY))
    chosen = digest(HERE, PAPERS, at=MONDAY)
    await store.ledger.keep([chosen], {})
    assert await store.ledger.claim(chosen.post, 0, None, MONDAY)
    await store.ledger.settle(chosen.post, 0, State.POSTED, MONDAY, ref=Ref("r0"))
    await store.people.save(HERE, IDS[0], MONDAY)
    await store.people.react(HERE, HERE, IDS[0], 1, MONDAY)
    await store.people.queue_notice(HERE, HERE, "late", MONDAY.date(), "Late.", MONDAY)
    assert [each.topics for each in await store.subscriptions.due(MONDAY)] == [("video",)]
    stored = await store.ledger.digest(HERE, MONDAY.date())
    assert stored is not None
    assert [pick.paper.id for pick in stored.picks] == IDS
    assert [each.id for each in await store.people.reading_list(HERE)] == [IDS[0]]
    assert len(await store.people.due_notices(MONDAY + timedelta(days=1))) == 1


async def test_a_migration_that_only_adds_leaves_this_version_running_and_lets_it_start(name: str) -> None:
    with PostgresStore(url_of(name), write=True) as store:
        add_to_every_table(name)
        await use(store)
    with PostgresStore(url_of(name), write=True) as store:
        assert len(await store.ledger.last_days(HERE)) == 1


async def test_a_migration_that_changes_what_is_there_ends_this_version_with_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CHECK_SECONDS", 0.0)
    with PostgresStore(url_of(name), write=True) as store:
        await use(store)
        migrate(name, breaking=True)
        for step in (store.subscriptions.all(), store.ledger.next_try(), store.subscriptions.remove(HERE)):
            with pytest.raises(OutdatedError, match=LINE):
                await step
        with pytest.raises(OutdatedError, match=LINE):
            await asyncio.wait_for(supervise("lease", ProcessLease(store, lambda: 0.0).run), 10)
    with pytest.raises(OutdatedError, match=LINE):
        PostgresStore(url_of(name), write=True)
    with psycopg.connect(url_of(name).reveal()) as conn:
        assert conn.execute("SELECT count(*) FROM subscriptions").fetchone() == (1,), "nothing was removed"


async def test_a_statement_that_meets_other_tables_before_the_next_look_tells_the_reason(name: str) -> None:
    with PostgresStore(url_of(name), write=True) as store:
        migrate(name, "ALTER TABLE subscriptions RENAME COLUMN name TO title", breaking=True)
        with pytest.raises(OutdatedError, match=LINE):
            await store.subscriptions.all()


def test_what_is_told_to_change_tables_is_a_migration() -> None:
    assert set(migrations.BREAKING) <= migrations.MIGRATIONS.keys()
