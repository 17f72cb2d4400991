"""A database of an older version with the tables of this one: nothing is lost, also where it is killed half-way."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.model import Channel, ChannelSettings, Findings, Post, PostKey, QuietHours, Ref, Watch
from bot.model.club import Club, Presenter
from bot.model.post import UPDATE, WATCH
from bot.model.segment import IndexedPaper
from bot.store import Store, copying
from bot.store.postgres import PostgresCopy, PostgresStore
from bot.store.sqlite import SqliteCopy, SqliteStore
from bot.store.sqlite.file import connect
from bot.store.sqlite.migrations import MIGRATIONS, migrations
from bot.wording.parts import say
from tests.bench.upgrade import FIRST_NEW, fill
from tests.contracts.store.segments import entry
from tests.fakes import MONDAY, paper
from tests.harness.postgres import bare_database
from tests.harness.recordings import RECORDED

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


HERE, THERE, ADA, BEN = map(Channel, ("fake:T1/C1", "fake:T1/C2", "fake:T1/U1", "fake:T1/U2"))
IDS = [paper(n).id for n in range(1, 5)]


@pytest.fixture(params=["sqlite", "postgres"])
def store_of_0_11(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of the file that 0.11.1 made and dumped, opened or copied; a paper was shown by a digest, and changed."""
    path = tmp_path / "p.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript((RECORDED / "store_0_11_1.sql").read_text(encoding="utf-8"))
    if request.param == "postgres":
        url = bare_database()
        copying.copy(SqliteCopy(path), PostgresCopy(url), lambda *_: nullcontext(lambda _: None))
        with PostgresStore(url, write=True) as store:
            yield store
        return
    with SqliteStore(path, write=True) as store:
        yield store
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_watches_of_0_11_run_stay_stopped_and_bring_no_paper_twice(store_of_0_11: Store):
    watches, ledger = store_of_0_11.watches, store_of_0_11.ledger
    first = Watch(HERE, '"naïve" | org:x', 5, QuietHours(time(22), time(8, 30)), set_by=ADA, set_at=MONDAY)
    second = Watch(HERE, "cat:cs.CL", timezone="Asia/Tokyo", set_at=MONDAY + timedelta(hours=1))
    mine = Watch(ADA, "cat:cs.CV", direct=True, set_by=ADA, set_at=MONDAY)
    assert await watches.of([HERE, ADA]) == [replace(first, timezone="Asia/Tokyo"), second, mine]
    assert [each.stop_reason for each in await watches.of([THERE])] == ["it was archived"]
    assert await watches.lines() == {first.line, second.line, mine.line}
    planned = await ledger.oldest_open(HERE, MONDAY + timedelta(minutes=1))
    assert planned is not None
    assert planned.content.papers == (IDS[2],)
    again = Post(PostKey(HERE, WATCH, "other"), MONDAY.date(), (say("?"),), MONDAY, MONDAY, papers=(IDS[0],))
    assert await ledger.keep_posts([again], MONDAY, {HERE: 9}) == frozenset(), "a digest has shown it"
    await watches.restart(THERE, MONDAY, ())
    assert {each.channel for each in await watches.running()} == {HERE, THERE, ADA}


async def test_second_looks_of_0_11_are_replied_once_in_the_thread_that_showed_the_paper(store_of_0_11: Store):
    tuesday = MONDAY + timedelta(days=1)
    assert await store_of_0_11.second_looks.revised(MONDAY) == [IDS[0]]
    revisions = await store_of_0_11.papers.revisions(IDS, MONDAY)
    assert [(each.field, each.before) for each in revisions[IDS[0]]] == [("title", paper(1).title)]
    [shown] = await store_of_0_11.second_looks.shown(IDS[0], MONDAY - timedelta(days=1))
    assert (shown.channel, shown.opener, shown.timezone) == (HERE, "r0", "Asia/Tokyo")
    assert {each.key for each in shown.updates} == {f"{IDS[0]} change 1", f"{IDS[0]} upvotes 1"}
    keys = [PostKey(HERE, UPDATE, each.key) for each in shown.updates]
    replies = [Post(key, tuesday.date(), (say("again"),), tuesday, tuesday, Ref("r0")) for key in keys]
    assert await store_of_0_11.ledger.keep_posts(replies, tuesday, {HERE: 9}) == frozenset()
    assert [each.post.kind for each in await store_of_0_11.ledger.open_posts(tuesday)] == [WATCH, UPDATE]


async def test_clubs_of_0_11_go_on_where_they_were(store_of_0_11: Store):
    clubs = store_of_0_11.clubs
    assert await clubs.club(HERE) == Club(HERE, 3, MONDAY.time(), "Europe/Berlin", 2, ADA)
    assert await clubs.discussed(HERE) == {IDS[1]}
    latest, voting = await clubs.latest(HERE), await clubs.current(HERE)
    assert latest is not None
    assert (latest.id, latest.state, latest.winner) == ("a1", "over", 1)
    assert voting is not None
    assert (voting.meeting.state, voting.votes, voting.posts["poll"].ref) == ("voting", {ADA: 1, BEN: 3}, "r4")
    assert [(each.paper.id, each.discuss, each.added) for each in voting.candidates] == [
        (IDS[0], 1, False),
        (IDS[2], 0, False),
        (IDS[3], 0, True),
    ]
    assert await clubs.vote(HERE, "a2", ADA, 3, voting.meeting.opens_at) == "changed"
    assert await clubs.close_vote("a2")
    assert await clubs.decide("a2", 3, votes=2, tied=1, ballots=2)
    assert await clubs.discussed(HERE) == {IDS[1], IDS[3]}
    decided = await clubs.current(THERE)
    assert decided is not None
    assert (decided.meeting.state, decided.presenter) == ("decided", Presenter(BEN, "Ben"))
    assert await clubs.withdraw_presenter(THERE, "b1", BEN, MONDAY) == "withdrawn"
    assert (await store_of_0_11.people.forget(BEN))["vote"] == 1
