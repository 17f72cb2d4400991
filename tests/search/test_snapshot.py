"""The snapshot of the index: what changed is read, the rest taken over, and nobody waits for a refresh."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from bot import settings
from bot.app import collect, databases, wiring
from bot.errors import StoreError
from bot.model import Findings, Paper
from bot.model.segment import NewSegment
from bot.search import Search, segments, snapshot
from bot.search.cache import SegmentCache
from bot.search.snapshot import Snapshot, SnapshotCache
from bot.store import IndexView, Store
from bot.store.sqlite import SqliteStore
from tests.harness.store import new_store

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
SIZE = 60
"""Papers of a segment here."""


class Letters:
    """An embedder of 64 dimensions: which letters a text has."""

    name, dimensions, dense_weight = "letters-1", 64, 0.3

    def embed(self, texts: Sequence[str]) -> Any:
        vectors = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            np.add.at(row, [ord(letter) % 64 for letter in text], 1.0)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def papers(count: int, *, start: int = 0) -> tuple[Paper, ...]:
    return tuple(
        Paper(f"10.1000/{n}", f"Paper {n}", f"We study number{n}, method{n % 7}.") for n in range(start, count)
    )


async def add(store: Store, batch: Sequence[Paper]) -> None:
    await store.papers.add(Findings(tuple(batch)), "file", NOW)
    await collect.describe(store)
    await collect.embed(store, Letters())


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "TAIL", SIZE)
    monkeypatch.setattr(segments, "TAIL_VECTORS", SIZE)
    monkeypatch.setattr(collect, "TAIL", SIZE, raising=False)
    monkeypatch.setattr(collect, "TAIL_VECTORS", SIZE, raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with new_store(tmp_path / "p.db") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "p.db.index"


async def taken(store: Store, cache: SnapshotCache) -> Snapshot:
    return await store.segments.read(cache.current)


async def found(search: Search, word: str) -> list[str]:
    return [hit.paper.id for hit in (await search.search(word, limit=9, now=NOW)).hits if not hit.partial]


async def test_segments_are_mapped_from_files_and_the_tail_is_read(store: SqliteStore, folder: Path) -> None:
    await add(store, papers(SIZE))
    await add(store, papers(SIZE + 5, start=SIZE))
    search = Search(store, Letters(), SegmentCache(folder))
    for number in (3, SIZE + 3):
        assert await found(search, f"number{number}") == [f"10.1000/{number}"]
    files = {file.stem for file in folder.glob("*.segment")}
    taken_now = await taken(store, SnapshotCache(Letters(), SegmentCache(folder)))
    assert files == {*taken_now.segments, *taken_now.vector_segments}
    assert len(taken_now.segments) == len(taken_now.vector_segments) == 1
    assert taken_now.postings.papers == taken_now.vectors.papers == SIZE + 5
    assert taken_now.room == SIZE + 6


async def test_the_same_answers_come_from_files_from_memory_and_from_another_process(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    await add(store, papers(3 * SIZE + 5))
    with SqliteStore(tmp_path / "p.db", write=False) as reader:
        searches = [
            Search(store, Letters(), SegmentCache(folder)),
            Search(store, Letters()),
            Search(reader, Letters(), SegmentCache(folder)),
        ]
        for query in ("method3", "number7 study", "number9 | number100 -method1", "like:10.1000/5"):
            pages = [await each.search(query, limit=20, now=NOW) for each in searches]
            first = [(hit.paper.id, hit.score) for hit in pages[0].hits]
            assert first
            assert all([(hit.paper.id, hit.score) for hit in page.hits] == first for page in pages[1:])


async def test_what_did_not_change_is_taken_over(store: SqliteStore, folder: Path) -> None:
    await add(store, papers(SIZE + 3))
    cache = SnapshotCache(Letters(), SegmentCache(folder))
    first = await taken(store, cache)
    assert await taken(store, cache) is first
    await store.papers.add(Findings(papers(SIZE + 4, start=SIZE + 3)), "file", NOW)
    await collect.describe(store)
    second = await taken(store, cache)
    assert second.revision > first.revision
    assert second.vectors is first.vectors
    assert second.postings is not first.postings
    assert [second.segments[each] is first.segments[each] for each in first.segments] == [True]
    await collect.embed(store, Letters())
    third = await taken(store, cache)
    assert third.postings is second.postings
    assert third.vectors is not second.vectors
    assert third.vectors.papers == SIZE + 4
    assert [third.vector_segments[each] is first.vector_segments[each] for each in first.vector_segments] == [True]


async def test_a_merge_replaces_segments_and_their_files(
    store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search(store, Letters(), SegmentCache(folder))
    now = time.time()
    for round_number in range(10):
        await add(store, papers(SIZE * (round_number + 1), start=SIZE * round_number))
        monkeypatch.setattr(time, "time", lambda at=round_number: now + 100.0 * (at + 1))
        assert await found(search, "number3") == ["10.1000/3"]
    latest = await taken(store, SnapshotCache(Letters(), SegmentCache(folder)))
    assert {file.stem for file in folder.iterdir()} == {*latest.segments, *latest.vector_segments}
    assert len(latest.segments) < 10


async def test_a_tail_that_changes_a_little_is_as_if_it_were_read_anew(store: SqliteStore) -> None:
    cache = SnapshotCache(Letters())
    for size in (20, 24, 25, 40):
        await add(store, papers(size))
        await add(store, [replace(papers(9)[8], title=f"Rewritten for the {size}th time")])
        kept, anew = await taken(store, cache), await taken(store, SnapshotCache(Letters()))
        assert kept.tail.entries == anew.tail.entries
        for one, other in zip(kept.tail.segments, anew.tail.segments, strict=True):
            assert one.numbers.tolist() == other.numbers.tolist()
            for name in ("keys", "starts", "papers", "counts", "lengths", "ages", "vocabulary"):
                assert np.array_equal(getattr(one, name), getattr(other, name)), name


async def test_of_a_rewritten_paper_only_the_new_words_count(store: SqliteStore, folder: Path) -> None:
    await add(store, papers(2 * SIZE))
    search = Search(store, Letters(), SegmentCache(folder))
    assert await found(search, "number3") == ["10.1000/3"]
    await add(store, [replace(papers(4)[3], title="Otherwise", abstract="Rewritten.")])
    assert not await found(search, "number3")
    assert await found(search, "rewritten") == ["10.1000/3"]


async def test_the_folder_may_go_while_one_searches(store: SqliteStore, folder: Path) -> None:
    await add(store, papers(SIZE))
    search = Search(store, Letters(), SegmentCache(folder))
    assert await found(search, "number3")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert await found(search, "number4")
    await add(store, papers(2 * SIZE, start=SIZE))
    assert await found(search, f"number{SIZE + 4}")
    assert await found(Search(store, Letters(), SegmentCache(folder)), "number5")


async def test_a_copied_database_makes_files_of_its_own(store: SqliteStore, tmp_path: Path) -> None:
    await add(store, papers(SIZE))
    databases.backup(_settings(tmp_path / "p.db", {}), tmp_path / "copy.db")
    with SqliteStore(tmp_path / "copy.db", write=True) as copy:
        folder = wiring.cache_folder(_settings(tmp_path / "copy.db", {}))
        assert folder == tmp_path / "copy.db.index"
        assert await found(Search(copy, Letters(), SegmentCache(folder)), "number3") == ["10.1000/3"]
    assert folder.is_dir()


async def test_an_index_of_another_version_is_one_line_with_the_remedy(store: SqliteStore) -> None:
    await add(store, papers(3))
    await store.segments.replace(NewSegment("words", "", 3, b"PBINDEX9 and what a later version writes"))
    with pytest.raises(StoreError, match="another format.*`paperboy reindex`"):
        await Search(store, Letters()).search("number1", limit=1, now=NOW)


async def test_the_file_of_large_segments_is_read_ahead_once_and_only_where_their_files_are_made(
    store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(store, papers(3 * SIZE))
    files: SimpleQueue[Path] = SimpleQueue()
    monkeypatch.setattr("bot.store.sqlite.connection.read_ahead", files.put)
    assert (await taken(store, SnapshotCache(Letters()))).segments
    monkeypatch.setattr(snapshot, "LARGE", SIZE)
    for _ in range(2):
        whole = await taken(store, SnapshotCache(Letters(), SegmentCache(folder)))
        assert [len(each) for each in (whole.segments, whole.vector_segments)] == [1, 1]
    assert files.get(timeout=20).samefile(store.connection.path)
    assert files.empty()


class Slow:
    """A cache whose refreshes wait until they are let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cache: SnapshotCache) -> None:
        self.began, self.goes_on = threading.Event(), threading.Event()
        make: Callable[..., Snapshot] = cache._made

        def made(view: IndexView, before: Snapshot | None, revision: int) -> Snapshot:
            self.began.set()
            assert self.goes_on.wait(60)
            return make(view, before, revision)

        monkeypatch.setattr(cache, "_made", made)


async def test_others_search_the_snapshot_before_while_one_refreshes_it(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(store, papers(5))
    cache = SnapshotCache(Letters())
    first = await taken(store, cache)
    await add(store, papers(6, start=5))
    slow = Slow(monkeypatch, cache)
    refreshing = asyncio.create_task(taken(store, cache))
    await asyncio.to_thread(slow.began.wait, 20)
    assert await taken(store, cache) is first
    slow.goes_on.set()
    second = await refreshing
    assert second.postings.papers == 6
    assert await taken(store, cache) is second


async def test_a_snapshot_that_may_be_older_is_waited_for(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(store, papers(5))
    cache = SnapshotCache(Letters())
    await taken(store, cache)
    await add(store, papers(6, start=5))
    slow = Slow(monkeypatch, cache)
    refreshing = asyncio.create_task(taken(store, cache))
    await asyncio.to_thread(slow.began.wait, 20)
    monkeypatch.setattr(snapshot, "STALE_SECONDS", 0.0)
    waiting = asyncio.create_task(taken(store, cache))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    slow.goes_on.set()
    assert await waiting is await refreshing


async def test_a_process_that_catches_up_waits(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(store, papers(5))
    search = Search(store, Letters())
    await search.catch_up()
    assert not search._cache.is_loaded
    assert await found(search, "number1")
    await add(store, papers(6, start=5))
    slow = Slow(monkeypatch, search._cache)
    first = asyncio.create_task(search.catch_up())
    await asyncio.to_thread(slow.began.wait, 20)
    second = asyncio.create_task(search.catch_up())
    await asyncio.sleep(0.2)
    assert not second.done()
    slow.goes_on.set()
    await asyncio.gather(first, second)
    assert await found(search, "number5")


async def test_a_failed_refresh_leaves_the_snapshot_and_the_next_one_tries_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(store, papers(5))
    cache = SnapshotCache(Letters())
    await taken(store, cache)
    await add(store, papers(6, start=5))
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "Postings", lambda *_, **__: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            await taken(store, cache)
    assert (await taken(store, cache)).postings.papers == 6


async def test_an_empty_database_has_an_empty_snapshot(store: SqliteStore) -> None:
    empty = await taken(store, SnapshotCache(Letters()))
    assert (empty.room, empty.postings.papers, empty.vectors.papers) == (0, 0, 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "p.db.index"), ("off", None), ("elsewhere", "elsewhere/*")],
)
def test_where_the_files_of_an_sqlite_database_are(value: str | None, expected: str | None, tmp_path: Path) -> None:
    given = {} if value is None else {"PAPERBOY_CACHE": value if value == "off" else str(tmp_path / value)}
    folder = wiring.cache_folder(_settings(tmp_path / "p.db", given))
    assert folder is None if expected is None else folder is not None and folder.match(str(tmp_path / expected))
    other = wiring.cache_folder(_settings(tmp_path / "q.db", given))
    assert folder is None or folder != other


def test_where_the_files_of_a_postgresql_database_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://me:hunter22@host/papers"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    one = wiring.cache_folder(_settings(url, {}))
    assert one is not None
    assert one.parent == tmp_path / "paperboy"
    assert wiring.cache_folder(_settings(url.replace("hunter22", "other"), {})) == one
    assert wiring.cache_folder(_settings(url.replace("papers", "others"), {})) != one
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert wiring.cache_folder(_settings(url, {})) == tmp_path / "home" / ".cache" / "paperboy" / one.name
    assert wiring.cache_folder(_settings(url, {"PAPERBOY_CACHE": "off"})) is None


def _settings(db: Path | str, environment: dict[str, str]) -> settings.Settings:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return settings.load(db=db)
