"""A database of 0.9.0 or 0.10.0 with the tables of this version: nothing is lost, also where it is killed half-way."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.model import ChannelSettings, Findings
from bot.model.segment import IndexedPaper
from bot.store.sqlite import SqliteStore
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import MIGRATIONS, migrations
from tests.bench.upgrade import FIRST_NEW, fill
from tests.contracts.store.segments import entry
from tests.fakes import MONDAY, paper

CHANNELS = 20
NEW = [name for name in MIGRATIONS if name >= FIRST_NEW]
KILLED = """
import os, signal, sys
from pathlib import Path
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import migrations
db = connect(Path(sys.argv[1]), write=True)
migrations.apply(db, stop_before=sys.argv[2])
db.execute("BEGIN IMMEDIATE")
db.execute("ALTER TABLE posts ADD COLUMN half_way TEXT")
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A process that is killed within the migration of this name."""


async def opened(path: Path) -> tuple[int, int, list[str]]:
    with SqliteStore(path, write=True) as store:
        subscriptions = await store.subscriptions.all()
        days = await store.ledger.last_days(subscriptions[0].channel, 40)
        assert await store.channels.settings(subscriptions[0].channel) == ChannelSettings()
        return len(subscriptions), len(days), [day.state for day in days if day.papers != 5]


async def test_what_was_stored_is_there_as_it_was(tmp_path: Path):
    fill(tmp_path / "p.db", CHANNELS)
    assert await opened(tmp_path / "p.db") == (CHANNELS, 30, [])


@pytest.mark.parametrize("name", NEW)
async def test_killed_within_a_migration_it_goes_on_at_the_next_start(tmp_path: Path, name: str):
    path = tmp_path / "p.db"
    fill(path, CHANNELS)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), name], check=False)
    assert killed.returncode == -signal.SIGKILL
    db = connect(path, write=False)
    assert {each.name for each in migrations.applied(db)} == {each for each in MIGRATIONS if each < name}
    db.conn.close()
    assert await opened(path) == (CHANNELS, 30, [])


OF_0_10 = """
INSERT INTO papers (n, id, title, abstract, first_seen, text_from, described, tldr, venue_words) VALUES
    (1, 'p1', 'One', 'a', 1, 'arxiv', 2, 'A sentence.', 'acl'), (2, 'p2', 'Two', 'b', 2, 'arxiv', 1, '', ''),
    (3, 'p3', 'Three', 'c', 3, 'arxiv', 0, '', '');
INSERT INTO index_tail (n, title, abstract, authors) VALUES (2, 'two', 'b', '');
INSERT INTO index_packs (size, keys, starts, papers, counts, numbers, lengths, vocabulary)
    VALUES (1, x'01', x'01', x'01', x'01', x'01', x'01', 'one');
INSERT INTO index_orders (n, stems) VALUES (1, x'00000001'), (2, x'00000002');
INSERT INTO embeddings (n, model, revision, vector) VALUES (1, 'm', 3, x'01020304'), (2, 'm', 4, x'00000000');
"""
KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import migrations
db = connect(Path(sys.argv[1]), write=True)
db.conn.set_trace_callback(lambda sql: os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] in sql else None)
migrations.apply(db)
"""
"""A process that is killed before the statement with this text."""


def fill_index(path: Path) -> None:
    """Make a database of 0.10.0 with papers in a segment, in the tail, and not described yet."""
    db = connect(path, write=True)
    migrations.apply(db, stop_before="m038_index_segments")
    db.conn.executescript(OF_0_10)
    db.conn.close()


async def check_index(path: Path) -> None:
    with SqliteStore(path, write=True) as store:
        waiting = await store.segments.unindexed(9)
        assert [(each.number, each.change, each.paper.title) for each in waiting] == [
            (3, 0, "Three"),
            (2, 0, "Two"),
            (1, 0, "One"),
        ]
        assert [each.number for each in await store.segments.unembedded("m", 9)] == [3], "no text is embedded again"
        vectors = await store.segments.read(lambda view: [tuple(each) for each in view.tail_vectors("m", 4)])
        assert vectors == [((1, 2), b"\x01\x02\x03\x04" + bytes(4))]
        assert [each.id for each in await store.papers.unsummarised(9)] == ["p3"], "no text is summarised again"
        assert [each.id for each in await store.papers.unsummarised(9, deferred=True)] == ["p3", "p2"]
        assert await store.papers.unsearchable(9) == ["p2"]
        assert (await store.papers.get(["p1"]))["p1"].tldr == "A sentence."
        await store.segments.index([IndexedPaper(each.number, each.change, entry(each.paper)) for each in waiting])
        assert await store.segments.unindexed(9) == []
        await store.papers.add(Findings((paper(1),)), "arxiv", MONDAY)
        assert [each.number for each in await store.segments.unindexed(9)] == [4]


async def test_the_index_of_0_10_is_made_anew_from_papers_and_vectors_that_stay(tmp_path: Path):
    fill_index(tmp_path / "p.db")
    await check_index(tmp_path / "p.db")


@pytest.mark.parametrize(
    "statement", ["DROP TABLE index_packs", "ADD COLUMN indexed", "TRIGGER papers_rewritten", "DROP INDEX papers_und"]
)
async def test_killed_between_two_statements_nothing_of_them_is_made(tmp_path: Path, statement: str):
    path = tmp_path / "p.db"
    fill_index(path)
    killed = subprocess.run([sys.executable, "-c", KILLED_BETWEEN, str(path), statement], check=False)
    assert killed.returncode == -signal.SIGKILL
    db = connect(path, write=False)
    assert "index_packs" in db.table_names()
    assert "index_parts" not in db.table_names()
    db.conn.close()
    await check_index(path)
