"""The database itself: opening, refusing, committing, crashing, copying."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.errors import LostStoreError, StoreError
from bot.model import Channel, Findings, Ref, Subscription, digest_key
from bot.model.segment import IndexedPaper, IndexEntry, NewSegment, PostingsEntry
from bot.store import Store
from bot.store.sqlite import SqliteStore, backup, migrations
from bot.store.sqlite.connection import READERS, SqliteConnection
from bot.store.sqlite.file import connect, read_ahead
from tests.fakes import MONDAY, digest, paper, reactions
from tests.harness.store import new_store

RECORDED = Path(__file__).parents[1] / "recorded"
KEY = "QXuIWEbLMRU7n8aZMuQ2DAFjlzzPBOK3whSgMCmRv34="
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "p.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with new_store(path) as opened:
        yield opened


def raw(path: Path, *statements: str) -> list[object]:
    path.parent.mkdir(exist_ok=True)
    conn = sqlite3.connect(path)
    answers = [conn.execute(statement).fetchall() for statement in statements]
    conn.commit()
    conn.close()
    return answers


def restore(path: Path, dump: str) -> None:
    path.parent.mkdir()
    conn = sqlite3.connect(path)
    conn.executescript((RECORDED / dump).read_text(encoding="utf-8"))
    conn.close()


# --- opening --------------------------------------------------------------------------------------------------------


async def test_an_empty_file_gets_every_migration_in_order(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with SqliteStore(path, write=True) as store:
        assert await store.papers.count() == (0, 0)
    (rows,) = raw(path, "SELECT name FROM _sqlite_migrations WHERE migration_set = 'paperboy' ORDER BY id")
    names = [name for (name,) in rows]
    assert names == sorted(names)
    assert len({name[:4] for name in names}) == len(names)


def test_opening_looks_for_no_plugins(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sqlite-utils would read what is installed on the machine."""
    monkeypatch.setattr("sqlite_utils.db.ensure_plugins_loaded", lambda: pytest.fail("looked for plugins"))
    SqliteStore(path, write=True).close()


async def test_a_database_of_yesterday_is_brought_up_to_date_with_all_it_holds(path: Path) -> None:
    path.parent.mkdir()
    db = Database(path)
    last = migrations.migrations.pending(db)[-1].name
    migrations.migrations.apply(db, stop_before=last)
    db.execute("INSERT INTO papers (id, title, first_seen, text_from) VALUES ('2511.1', 'Old', 0, 'arxiv')")
    db.conn.commit()
    db.conn.close()
    with SqliteStore(path, write=False) as reader:
        assert (await reader.papers.get(["2511.1"]))["2511.1"].title == "Old"
        assert await reader.people.reading_list(ADA) == []
    with SqliteStore(path, write=True) as store:
        assert (await store.papers.count())[0] == 1


async def test_only_workspaces_that_are_known_to_have_left_stay_marked_for_erasure(path: Path) -> None:
    """Until 0.5.0 a fault of our own settings marked them too."""
    path.parent.mkdir()
    reasons = {
        "slack:T1": "a permission (scope) is missing: install the app again with its manifest (chat:write)",
        "slack:T2": "Paperboy was uninstalled from the workspace: install it again",
        "slack:T3": "Slack no longer accepts Paperboy's token: install the app again",
        "discord:1": "Paperboy was removed from the server: invite it again",
    }
    with SqliteStore(path, write=True) as store:
        for team, reason in reasons.items():
            await store.subscriptions.put(
                Subscription(Channel(f"{team}/1"), next_due=MONDAY, paused_at=MONDAY, pause_reason=reason)
            )
        for team in (*reasons, "slack:T4"):
            await store.subscriptions.mark_departed(Channel(team), MONDAY)
    raw(path, "DELETE FROM _sqlite_migrations WHERE name = 'm016_departed_by_proof'")
    with SqliteStore(path, write=True) as store:
        left = await store.subscriptions.erase_departed(MONDAY + timedelta(days=1))
        assert sorted(left) == ["discord:1", "slack:T2", "slack:T4"]


async def test_each_discord_server_gets_a_note_of_its_own(path: Path) -> None:
    with SqliteStore(path, write=True) as store:
        note = {"bot": 7, "servers": [1, 2], "waiting": [2]}
        await store.secrets.put_note("discord servers", json.dumps(note))
    raw(path, "DELETE FROM _sqlite_migrations WHERE name = 'm022_discord_servers'")
    with SqliteStore(path, write=True) as store:
        notes = {name: json.loads(text) for name, text in (await store.secrets.notes("discord server")).items()}
    assert notes == {
        "discord server 1": {"bot": 7, "waits": False},
        "discord server 2": {"bot": 7, "waits": True},
    }


async def test_evidence_of_before_0_9_which_has_no_forecast_is_read_as_it_was(path: Path) -> None:
    chosen = digest(Channel("fake:T1/C1"), [paper(1)])
    with new_store(path) as store:
        await store.papers.add(Findings((paper(1),)), "huggingface", MONDAY)
        await store.ledger.keep([chosen], {})
    raw(path, "UPDATE picks SET trend = json_remove(trend, '$[5]')")
    with new_store(path) as store:
        kept = await store.ledger.digest(chosen.channel, chosen.day)
        assert kept is not None
        assert [(pick.trend.score, pick.trend.listed) for pick in kept.picks] == [(1.0, 0.0)]


async def test_a_database_of_0_4_0_opens_with_all_it_holds(path: Path) -> None:
    """The dump was made by version 0.4.0 itself: every table, a little of everything in it, an index of one paper."""
    restore(path, "store_0_4_0.sql")
    channel, user = Channel("slack:T1/C1"), Channel("slack:T1/U1")
    with SqliteStore(path, write=False) as reader:
        assert (await reader.papers.count())[0] == 1
        assert [each.paper.title for each in await reader.segments.unindexed(9)] == ["Video diffusion"]
    with SqliteStore(path, write=True, keys=(KEY,)) as store:
        (stored,) = (await store.papers.get(["2511.00001"])).values()
        assert (stored.title, stored.authors) == ("Video diffusion", ("Ada Example",))
        assert (await store.papers.signals([stored.id], MONDAY))[stored.id][-1].value == 5
        assert [each.topics for each in await store.subscriptions.all()] == [("video",)]
        chosen = await store.ledger.digest(channel, MONDAY.date())
        assert chosen is not None
        assert [pick.paper.id for pick in chosen.picks] == [stored.id]
        assert (await store.ledger.deliveries(digest_key(channel, MONDAY.date())))[0].ref == "r0"
        assert [each.id for each in await store.people.reading_list(user)] == [stored.id]
        assert await reactions(store, channel) == [(stored.id, 1)]
        assert (await store.feedback.lessons((channel,)))[channel].words == {"agent"}
        subscriber = await store.subscribers.by_name("ada@example.org")
        assert subscriber is not None
        assert subscriber.answers == {"topics": "video"}
        assert await store.secrets.get("slack/team/T1") == "a token"
        assert await store.secrets.get_note("discord menu") == "abc"
        assert [each.paper.id for each in await store.segments.unindexed(9)] == [stored.id]
        await store.papers.add(Findings((paper(2),)), "huggingface", MONDAY)
        assert (await store.papers.count())[0] == 2


async def test_a_database_of_0_7_0_opens_with_all_it_holds(path: Path) -> None:
    """The dump was made by version 0.7.0 itself: a digest posted, one lost, and one open that lists the lost one."""
    restore(path, "store_0_7_0.sql")
    channel, user, days = (
        Channel("slack:T1/C1"),
        Channel("slack:T1/U1"),
        [MONDAY.date() + timedelta(n) for n in range(3)],
    )
    with SqliteStore(path, write=True, keys=(KEY,)) as store:
        archived, subscription = await store.subscriptions.all()
        assert (archived.key, archived.topics, archived.pause_reason) == (
            ("discord:1/2", "main"),
            (),
            "it was archived",
        )
        assert subscription.topics == ("video", "zürich — “x”", "agents")
        assert (subscription.mutes, subscription.size, subscription.set_by) == (("medical", "cat:cs.CV"), 3, user)
        assert (subscription.next_due, subscription.last_at) == (MONDAY + timedelta(3), MONDAY + timedelta(2))
        digests = [await store.ledger.digest(channel, day) for day in days]
        picked = [pick.paper.id for each in digests if each is not None for pick in each.picks]
        assert picked == ["2511.00001", "2511.00002", "2511.00003"]
        assert digests[2] is not None
        assert [(each.day, [paper.id for paper in each.papers]) for each in digests[2].missed] == [
            (days[1], ["2511.00002"])
        ]
        assert [each[2] for each in await store.ledger.last_days(channel)] == ["open", "abandoned", "done"]
        rows = [await store.ledger.deliveries(digest_key(channel, day)) for day in days]
        assert [[row.state for row in each.values()] for each in rows] == [["posted", "posted"], ["lost"], ["claimed"]]
        assert await store.ledger.paper_of(channel, Ref("r1")) == "2511.00001"
        assert await store.ledger.papers_under(channel, Ref("r0")) == ("2511.00001",)
        assert [each.post for each in await store.ledger.open_posts(MONDAY + timedelta(3))] == [
            digest_key(channel, days[2])
        ]
        papers = [f"2511.0000{number}" for number in (1, 2, 3)]
        assert sorted(await store.ledger.shown_in(channel, papers)) == papers
        assert (await store.feedback.lessons((channel,)))[channel].feedback[0].place == 1
        assert [each.kind for each in await store.people.due_notices(MONDAY + timedelta(3))] == ["skipped"]
        assert sorted(each.paper.id for each in await store.segments.unindexed(9)) == papers
        await store.ledger.abandon(digest_key(channel, days[2]), "lost too")
        assert await store.ledger.shown_in(channel, ["2511.00002", "2511.00003"]) == []
        await store.ledger.keep([digest(channel, [paper(1)], at=MONDAY + timedelta(3))], {subscription.key: MONDAY})
    (faults, leftovers) = raw(
        path, "PRAGMA foreign_key_check", "SELECT name FROM sqlite_master WHERE name LIKE '%before'"
    )
    assert (faults, leftovers) == ([], [])


def test_a_newer_database_is_refused_with_one_line(path: Path) -> None:
    SqliteStore(path, write=True).close()
    raw(path, "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('paperboy', 'm999_from_the_future')")
    for write in (True, False):
        with pytest.raises(StoreError, match="newer Paperboy .*m999_from_the_future.*upgrade") as refusal:
            SqliteStore(path, write=write)
        assert "\n" not in str(refusal.value)


def test_a_foreign_database_is_refused_and_left_as_it_is(path: Path) -> None:
    raw(path, "CREATE TABLE invoices (id)")
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(StoreError, match="another program.*--db"):
            SqliteStore(path, write=write)
    assert path.read_bytes() == before


@pytest.mark.parametrize("write", [True, False])
def test_a_text_file_is_refused_and_left_as_it_is(path: Path, write: bool) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match="damaged, or not a database") as refusal:
        SqliteStore(path, write=write)
    assert "\n" not in str(refusal.value)
    assert path.read_text().startswith("Dear diary")


def test_there_must_be_a_database_to_read(path: Path) -> None:
    with pytest.raises(StoreError, match="no database.*paperboy collect"):
        SqliteStore(path, write=False)
    assert not path.exists()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open the database"):
        SqliteStore(tmp_path, write=True)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.db.lock").mkdir()
    with pytest.raises(StoreError, match="cannot write beside"):
        SqliteStore(tmp_path / "p.db", write=True)


# --- one writer, many readers ---------------------------------------------------------------------------------------


async def test_a_second_writer_is_refused_while_readers_go_on(store: Store, path: Path) -> None:
    await store.papers.add(Findings((paper(1),)), "file", MONDAY)
    with pytest.raises(StoreError, match="another Paperboy is writing"):
        SqliteStore(path, write=True)
    with SqliteStore(path, write=False) as reader:
        assert (await reader.papers.count())[0] == 1
        await store.papers.add(Findings((paper(2),)), "file", MONDAY)
        assert (await reader.papers.count())[0] == 2
    await store.papers.add(Findings((paper(3),)), "file", MONDAY)


async def test_the_lock_is_free_once_the_writer_is_closed(store: Store, path: Path) -> None:
    store.close()
    with SqliteStore(path, write=True) as other:
        assert (await other.papers.count())[0] == 0


async def test_a_reader_goes_on_after_its_process_opened_a_writer_too_and_others_wrote(path: Path) -> None:
    SqliteStore(path, write=True).close()
    notes, reader = "SELECT text FROM notes WHERE name = 'greeting'", connect(path, write=False).conn
    assert reader.execute(notes).fetchall() == []
    with SqliteStore(path, write=True, beside=True) as store:
        await store.secrets.put_note("greeting", "hi")
    assert reader.execute(notes).fetchall() == [("hi",)]
    other = (
        "import asyncio, pathlib, sys; from bot.store.sqlite import SqliteStore\n"
        "with SqliteStore(pathlib.Path(sys.argv[1]), write=True) as store:\n"
        "    asyncio.run(store.secrets.put_note('greeting', sys.argv[2]))"
    )
    for text in ("hello", "good evening"):
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", other, str(path), text], check=True)
        assert reader.execute(notes).fetchall() == [(text,)]
    reader.close()


async def test_a_refused_file_leaves_no_lock_behind(path: Path) -> None:
    raw(path, "CREATE TABLE invoices (id)")
    with pytest.raises(StoreError):
        SqliteStore(path, write=True)
    path.unlink()
    SqliteStore(path, write=True).close()


async def test_a_reader_cannot_write(store: Store, path: Path) -> None:
    with SqliteStore(path, write=False) as reader:
        with pytest.raises(StoreError, match="reading only"):
            await reader.people.save(ADA, "2511.00001", MONDAY)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await reader.connection.read(lambda db: db.execute("DELETE FROM papers"))


async def test_a_query_sees_one_state_of_the_database(store: Store) -> None:
    """Two statements of one query agree although a change was committed between them."""
    loop = asyncio.get_running_loop()

    def twice(db: Database) -> tuple[int, int]:
        count = "SELECT count(*) FROM papers"
        first = db.execute(count).fetchone()[0]
        added = store.papers.add(Findings((paper(1),)), "file", MONDAY)
        asyncio.run_coroutine_threadsafe(added, loop).result(10)
        return first, db.execute(count).fetchone()[0]

    assert await store.connection.read(twice) == (0, 0)
    assert (await store.papers.count())[0] == 1


# --- group commit ---------------------------------------------------------------------------------------------------


async def test_a_failing_change_takes_nothing_else_with_it(store: Store) -> None:
    await store.papers.add(Findings((paper(1), paper(2))), "file", MONDAY)
    unknown = "there is no such paper"
    changes = [store.people.save(ADA, paper(1).id, MONDAY), store.people.save(ADA, unknown, MONDAY)]
    changes += [store.people.save(ADA, paper(2).id, MONDAY)]
    answers = await asyncio.gather(*changes, return_exceptions=True)
    assert (answers[0], answers[2]) == (True, True)
    assert isinstance(answers[1], sqlite3.IntegrityError)
    assert {each.id for each in await store.people.reading_list(ADA)} == {paper(1).id, paper(2).id}


async def test_a_change_that_fails_half_way_leaves_nothing_of_itself(store: Store) -> None:
    def half(db: Database) -> None:
        db.execute("INSERT INTO greeted (channel, at) VALUES ('half', 0)")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        await store.connection.write(half)
    assert await store.subscriptions.mark_greeted(Channel("half"), MONDAY), "nothing was noted"


async def test_no_change_is_done_before_the_commit(store: Store, path: Path) -> None:
    """While another change of the same batch is still at work, the first one is neither done nor visible."""
    started, first, second = asyncio.Event(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def waiting(until: asyncio.Event) -> Callable[[Database], None]:
        def slow(db: Database) -> None:
            loop.call_soon_threadsafe(started.set)
            asyncio.run_coroutine_threadsafe(until.wait(), loop).result(10)

        return slow

    gate = asyncio.create_task(store.connection.write(waiting(first)))
    await started.wait()
    started.clear()
    quick = asyncio.create_task(store.subscriptions.mark_greeted(ADA, MONDAY))
    await asyncio.sleep(0)
    blocked = asyncio.create_task(store.connection.write(waiting(second)))
    await asyncio.sleep(0)
    first.set()
    await gate
    await started.wait()
    greeted = await store.connection.read(lambda db: db.execute("SELECT count(*) FROM greeted").fetchone()[0])
    assert (quick.done(), greeted) == (False, 0)
    second.set()
    assert await quick
    await blocked
    assert await store.connection.read(lambda db: db.execute("SELECT count(*) FROM greeted").fetchone()[0]) == 1


async def test_a_transaction_lost_in_the_middle_fails_every_change_in_it(store: Store) -> None:
    """A full disk undoes a transaction: none of its changes may be reported as done."""

    def lose(db: Database) -> None:
        db.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON profiles BEGIN SELECT RAISE(ROLLBACK, 'full'); END")
        db.execute("INSERT INTO profiles (channel, profile, changed_at) VALUES ('x', '{}', 0)")

    is_taken, is_queued = threading.Event(), threading.Event()

    def wait(db: Database) -> None:
        is_taken.set()
        is_queued.wait(60)

    gate = asyncio.create_task(store.connection.write(wait))
    await asyncio.to_thread(is_taken.wait, 10)  # from here on changes queue up, and share the next transaction
    greet_ada = asyncio.create_task(store.subscriptions.mark_greeted(ADA, MONDAY))
    lost = asyncio.create_task(store.connection.write(lose))
    greet_ben = asyncio.create_task(store.subscriptions.mark_greeted(BEN, MONDAY))
    await asyncio.sleep(0)
    is_queued.set()
    await gate
    answers = await asyncio.gather(greet_ada, lost, greet_ben, return_exceptions=True)
    assert all(isinstance(answer, sqlite3.IntegrityError) for answer in answers)
    assert await store.subscriptions.mark_greeted(ADA, MONDAY)
    assert await store.subscriptions.mark_greeted(BEN, MONDAY)


async def test_a_thousand_changes_at_once_are_all_made(store: Store) -> None:
    channels = [Channel(f"fake:T1/C{n}") for n in range(1_000)]
    assert all(await asyncio.gather(*(store.subscriptions.mark_greeted(channel, MONDAY) for channel in channels)))
    assert not any(await asyncio.gather(*(store.subscriptions.mark_greeted(channel, MONDAY) for channel in channels)))


async def test_closing_finishes_what_is_queued(path: Path) -> None:
    store = SqliteStore(path, write=True)
    waiting = [asyncio.create_task(store.subscriptions.mark_greeted(Channel(f"c{n}"), MONDAY)) for n in range(50)]
    await asyncio.sleep(0)
    store.close()
    assert all(await asyncio.gather(*waiting))
    (rows,) = raw(path, "SELECT count(*) FROM greeted")
    assert rows == [(50,)]


async def test_after_closing_the_file_alone_holds_everything(path: Path, tmp_path: Path) -> None:
    """The file may be copied then, even after a read of every row."""
    with SqliteStore(path, write=True) as store:
        assert await store.subscriptions.mark_greeted(ADA, MONDAY)
        assert await store.papers.count()
    copy = path.rename(tmp_path / "elsewhere.db")
    assert raw(copy, "SELECT count(*) FROM greeted") == [[(1,)]]


# --- crashes --------------------------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.model import Channel, Findings
from bot.store.sqlite import SqliteStore
from tests.fakes import MONDAY, paper

async def main():
    store = SqliteStore(Path(sys.argv[1]), write=True)
    await store.papers.add(Findings((paper(1),)), "file", MONDAY)
    print("kept", flush=True)
    def half(db):
        db.execute("INSERT INTO greeted (channel, at) VALUES ('half', 0)")
        os.kill(os.getpid(), signal.SIGKILL)
    await store.connection.write(half)

asyncio.run(main())
"""


async def test_a_crash_in_the_middle_of_a_change_leaves_whole_changes_only(path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DIES, path], capture_output=True, text=True, timeout=30, check=False, cwd=ROOT
    )
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "kept\n"), ended.stderr
    with SqliteStore(path, write=False) as reader:
        assert (await reader.papers.count())[0] == 1
    with SqliteStore(path, write=True) as store:
        assert await store.subscriptions.mark_greeted(Channel("half"), MONDAY)
        check = await store.connection.read(lambda db: db.execute("PRAGMA integrity_check").fetchone()[0])
    assert check == "ok"


# --- copies ---------------------------------------------------------------------------------------------------------


async def test_a_backup_taken_while_a_writer_writes_is_whole_and_opens(store: Store, path: Path) -> None:
    """Each change adds a paper and a greeting; a copy with one and not the other would be torn."""

    def both(db: Database, n: int) -> None:
        db.execute("INSERT INTO greeted (channel, at) VALUES (?, 0)", (f"c{n}",))
        db.execute("INSERT INTO papers (id, title, first_seen, text_from) VALUES (?, 't', 0, 'file')", (f"p{n}",))

    stop = asyncio.Event()

    async def write_on() -> int:
        n = 0
        while not stop.is_set():
            await store.connection.write(both, n)
            n += 1
        return n

    writer = asyncio.create_task(write_on())
    copies = [path.with_name(f"copy{n}.db") for n in range(3)]
    for copy in copies:
        await store.connection.write(lambda db: None)
        await asyncio.to_thread(backup, path, copy)
    stop.set()
    written = await writer
    counts = []
    for copy in copies:
        with SqliteStore(copy, write=True) as opened:
            papers = (await opened.papers.count())[0]
            greeted = await opened.connection.read(lambda db: db.execute("SELECT count(*) FROM greeted").fetchone()[0])
            assert papers == greeted
            counts.append(papers)
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= written
    assert not list(path.parent.glob("*.part"))


def test_a_backup_never_overwrites(store: Store, path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        backup(path, copy)
    assert copy.read_text() == "precious"


def test_a_backup_of_nothing_or_to_nowhere_says_so(store: Store, path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="cannot write the copy"):
        backup(path, tmp_path / "no" / "such" / "folder" / "copy.db")


# --- VACUUM -----------------------------------------------------------------------------------------------------------


async def test_vacuum_keeps_the_index_at_its_papers(path: Path) -> None:
    """A gap in the numbers would be closed by VACUUM if they were implicit."""
    with SqliteStore(path, write=True) as store:
        await store.papers.add(Findings(tuple(paper(n) for n in range(1, 6))), "huggingface", MONDAY)
        entries = [
            (each, IndexEntry(PostingsEntry(f"word{each.paper.id[-1]}", "", ""), b""))
            for each in await store.segments.unindexed(9)
        ]
        await store.segments.index([IndexedPaper(each.number, each.change, entry) for each, entry in entries])
        await store.connection.write(lambda db: db.execute("DELETE FROM papers WHERE id = ?", (paper(2).id,)))
    sql = "SELECT p.id FROM index_entries AS i JOIN papers AS p ON p.n = i.n WHERE i.title = 'word5'"
    _, rows, count = raw(path, "VACUUM", sql, "SELECT count(*) FROM index_entries")
    assert (rows, count) == ([(paper(5).id,)], [(4,)])


async def test_no_file_of_ours_is_readable_for_others(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    path.touch(0o644)
    with SqliteStore(path, write=True) as store:
        await store.secrets.put_note("a", "b")
        backup(path, tmp_path / "copy.db")
        assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


def _delete(path: Path) -> None:
    path.unlink()


def _replace(path: Path) -> None:
    backup(path, path.with_name("copy.db"))
    path.with_name("copy.db").replace(path)


@pytest.mark.parametrize("lose", [_delete, _replace])
async def test_a_database_deleted_or_replaced_under_the_running_process_is_an_error(
    path: Path, store: Store, lose: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    await store.secrets.put_note("a", "kept")
    lose(path)
    for _ in range(2):
        with pytest.raises(LostStoreError, match="deleted or replaced"):
            await store.secrets.put_note("a", "lost")
        with pytest.raises(LostStoreError, match="deleted or replaced"):
            await store.secrets.get_note("a")
    assert [record.message for record in caplog.records if "deleted or replaced" in record.message] == [
        f"the database {path} was deleted or replaced under the running Paperboy: restart it"
    ]


@pytest.mark.parametrize(
    ("is_write", "late", "is_noticed"), [(False, 0.9, False), (False, 1.0, True), (True, 0.0, True)]
)
async def test_reads_look_once_a_second_whether_the_file_is_there_and_every_commit_does(
    path: Path, is_write: bool, late: float, is_noticed: bool
) -> None:
    seconds = [100.0]
    connection = SqliteConnection(path, write=True, clock=lambda: seconds[-1])
    try:
        every_reader = threading.Barrier(READERS)
        await asyncio.gather(*(connection.read(lambda db: every_reader.wait(60)) for _ in range(READERS)))
        path.unlink()
        seconds.append(100 + late)
        step = connection.write if is_write else connection.read
        with pytest.raises(LostStoreError) if is_noticed else nullcontext():
            await step(lambda db: None)
    finally:
        connection.close()


async def test_the_writer_s_connection_is_open_before_the_store_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened later, in its thread, it could fail where nobody sees it, and every change would wait for ever."""
    opened_by: list[str] = []

    def recorded(place: Path, *, write: bool) -> Database:
        opened_by.append(threading.current_thread().name)
        return connect(place, write=write)

    monkeypatch.setattr("bot.store.sqlite.connection.connect", recorded)
    with SqliteStore(path, write=True) as store:
        await store.secrets.put_note("a", "b")
    assert set(opened_by) == {threading.current_thread().name}


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system reads nothing ahead")
@pytest.mark.parametrize(("memory", "is_read"), [(1 << 40, True), (1 << 12, False)])
def test_an_open_database_is_read_ahead_whole_if_there_is_memory_and_none_of_its_locks_is_lost(
    memory: int, is_read: bool, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advised: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": memory >> 12, "SC_PAGE_SIZE": 1 << 12}.__getitem__)
    monkeypatch.setattr("bot.store.sqlite.file.READ_AT_ONCE", 1 << 16)
    monkeypatch.setattr(os, "posix_fadvise", lambda _fd, start, size, _advice: advised.append((start, size)))
    before = _locks_of(path)
    read_ahead(path)
    assert [start for start, _ in advised] == (list(range(0, path.stat().st_size, 1 << 16)) if is_read else [])
    assert _locks_of(path) == before != []
    read_ahead(path.with_name("missing.db"))


def _locks_of(path: Path) -> list[str]:
    """The system's lines about a file's locks, without their numbers, which other processes' locks change."""
    lines = (line.partition(": ")[2] for line in Path("/proc/locks").read_text().splitlines())
    return [line for line in lines if f":{path.stat().st_ino} " in line]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system reads nothing ahead")
async def test_segments_are_read_ahead_before_all_else(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advised: list[int] = []
    monkeypatch.setattr("bot.store.sqlite.file.READ_AT_ONCE", 1 << 16)
    monkeypatch.setattr(os, "posix_fadvise", lambda _fd, start, _size, _advice: advised.append(start))
    await store.segments.replace(NewSegment("words", "", 3, bytes(1 << 20)))
    raw(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    read_ahead(path)
    assert advised[:15] == list(range(advised[0], advised[0] + (15 << 16), 1 << 16))
    assert advised.index(0) >= 15
    assert sorted(advised) == list(range(0, path.stat().st_size, 1 << 16))


def test_a_damaged_database_says_so_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "paperboy.db").write_bytes(b"no database" * 999)
    with pytest.raises(StoreError, match=r"is damaged, .*`paperboy backup`.* \.recover"):
        SqliteStore(tmp_path / "paperboy.db", write=False)
