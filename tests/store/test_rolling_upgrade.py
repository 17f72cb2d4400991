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
from bot.model.segment import NewSegment
from bot.store import Store
from bot.store.postgres import PostgresStore, connection, migrations
from tests.contracts.store.ledger import HERE, IDS, PAPERS
from tests.contracts.store.segments import index
from tests.fakes import MONDAY, digest, paper
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
            await asyncio.wait_for(supervise("lease", ProcessLease(store, lambda: 0.0).run), 60)
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


OF_0_10 = (
    # a paper that it collects, with its columns, and describes
    "INSERT INTO papers (id, title, abstract, first_seen, text_from, organization_words, venue_words)"
    " VALUES ('p1', 'One', 'a', 1, 'arxiv', '', 'acl')",
    "UPDATE papers SET tldr = 'A sentence.', tldr_by = '', tldr_tries = 0, described = 2 WHERE id = 'p1'",
    "INSERT INTO index_tail (n, title, abstract, authors) SELECT n, 'one', 'a', '' FROM papers WHERE id = 'p1'",
    "INSERT INTO index_orders (n, stems) SELECT n, '\\x01020304' FROM papers WHERE id = 'p1' ON CONFLICT DO NOTHING",
    "DELETE FROM embeddings WHERE n = (SELECT n FROM papers WHERE id = 'p1')",
    "UPDATE index_revision SET value = value + 1",
    # its vector
    "INSERT INTO embeddings (n, model, revision, vector) SELECT n, 'm', 9, '\\x01020304' FROM papers WHERE id = 'p1'"
    " ON CONFLICT (n) DO UPDATE SET model = excluded.model, revision = excluded.revision, vector = excluded.vector",
    "SELECT n, vector FROM embeddings WHERE model = 'm' AND revision > 0 AND length(vector) = 4 ORDER BY revision, n",
    # a merge
    "INSERT INTO index_packs (size, vocabulary, keys, starts, papers, counts, numbers, lengths)"
    " VALUES (1, 'one', '', '', '', '', '', '')",
    "DELETE FROM index_tail",
    # a text that changes
    "UPDATE papers SET title = 'New', venue_words = 'emnlp', described = 0 WHERE id = 'p1'",
    "SELECT * FROM papers WHERE described = 0 LIMIT 1",
)
"""What a process of 0.10 sends."""


async def test_a_process_of_0_10_goes_on_and_what_it_stores_is_indexed_by_this_version(name: str) -> None:
    with PostgresStore(url_of(name), write=True) as store, psycopg.connect(url_of(name).reveal()) as older:
        await store.papers.add(Findings((paper(1),)), "arxiv", MONDAY)
        await index(store)
        await store.segments.keep_vectors(
            "m", await store.segments.unembedded("m", 9), [b"abcd"], NewSegment("vectors", "m", 1, b"segment")
        )
        for statement in OF_0_10[:-2]:
            older.execute(statement.encode())
        older.commit()
        (waiting,) = await store.segments.unindexed(9)
        assert (waiting.paper.id, waiting.change) == ("p1", 0)
        assert await store.segments.unembedded("m", 9) == [], "the vector is used"
        assert await store.papers.unsummarised(9) == [(await store.papers.get([paper(1).id]))[paper(1).id]]
        await index(store)
        for statement in OF_0_10[-2:]:
            older.execute(statement.encode())
        older.commit()
        (waiting,) = await store.segments.unindexed(9)
        assert (waiting.paper.title, waiting.change) == ("New", 1)
        assert [each.number for each in await store.segments.unembedded("m", 9)] == [waiting.number]
