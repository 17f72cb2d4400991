"""Import of a file of any size: batches, going on after a stop, and beside a process that writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.app import importing
from bot.errors import StoreError, UserError
from bot.search.segments import merge_tail
from bot.sources.paper_stream import Wanted
from bot.store import Store
from bot.store.sqlite import SqliteStore
from tests.harness.snapshot import write_snapshot

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


class FakeEmbedder:
    """Embeds any text as the same vector."""

    name, dimensions, dense_weight = "fake", 8, 0.4

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.full((len(texts), 8), 8**-0.5, dtype=np.float32)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sources.paper_stream.BATCH", 700)
    monkeypatch.setattr("bot.app.importing.BATCH", 700)


async def run(store: Store, path: Path, **options: object) -> importing.Imported:
    return await importing.import_file(store, path, NOW, FakeEmbedder(), **options)  # type: ignore[arg-type]


async def state(store: Store) -> tuple[int, int, int, set[str]]:
    """Papers; those without entry; those without vector; and the notes of imports."""
    papers, _ = await store.papers.count()
    unindexed = await store.segments.unindexed(10**6)
    unembedded = await store.segments.unembedded("fake", 10**6)
    return papers, len(unindexed), len(unembedded), set(await store.secrets.notes(importing.NOTE))


async def test_a_snapshot_is_stored_indexed_embedded_and_imported_again_without_a_change(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(path, range(2_000), {5: {"id": "0801.0001"}, 9: {"title": None}})
    seen: list[tuple[float, int]] = []
    with SqliteStore(tmp_path / "p.db", write=True, beside=True) as store:
        first = await run(store, path, progress=lambda share, papers: seen.append((share, papers)))
        assert (first.papers, first.new, first.skipped) == (1_999, 1_998, 1)
        assert first.skipped_named == ["line 10: no title"]
        assert await state(store) == (1_998, 0, 0, set())
        assert seen[-1] == (1.0, 1_999)
        again = await run(store, path)
        assert (again.papers, again.new, again.changed, again.resumed_at) == (1_999, 0, 2, 0)  # one id twice
        write_snapshot(path, range(2_000), {700: {"title": "Another title"}})
        third = await run(store, path)
        assert (third.new, third.changed) == (2, 1 + 1)
        assert await state(store) == (2_000, 0, 0, set())
        words = await store.segments.read(lambda view: view.segments("words"))
        assert sum(info.papers for info in words) >= 1_998
        await merge_tail(store)


async def test_old_papers_are_no_candidates_of_the_next_digest_and_young_ones_are(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    young = [{"version": "v1", "created": "Mon, 23 Nov 2026 19:18:42 GMT"}]
    write_snapshot(path, range(10), {3: {"versions": young, "id": "2611.00001"}})
    with SqliteStore(tmp_path / "p.db", write=True) as store:
        await run(store, path)
        papers = await store.papers.candidates(NOW - timedelta(days=14), NOW + timedelta(days=1))
        assert [paper.id for paper in papers] == ["2611.00001"]


async def test_an_import_that_stopped_goes_on_behind_its_last_batch_and_indexes_what_was_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "snapshot.json"
    write_snapshot(path, range(2_000))
    with SqliteStore(tmp_path / "p.db", write=True) as store:
        with monkeypatch.context() as patched:

            async def fails(*_: object, **__: object) -> None:
                raise KeyError("stopped")

            patched.setattr("bot.app.importing._index", fails)
            with pytest.raises(KeyError):
                await run(store, path)
        assert (await state(store))[:2] == (700, 700)
        other = await run(store, path, wanted=Wanted(("hep-th",)))
        assert other.resumed_at == 0
        outcome = await run(store, path)
        assert (outcome.resumed_at, outcome.papers) == (700, 1_300)
        assert await state(store) == (2_000, 0, 0, set())
        await store.secrets.put_note(
            f"{importing.NOTE}x", '{"offset": 1, "lines": 1, "at": "2026-01-01T00:00:00+00:00"}'
        )
        await importing.forget_old_places(store, NOW)
        assert await store.secrets.notes(importing.NOTE) == {}


async def test_what_is_no_file_of_papers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "other.json"
    path.write_text("x\n" * 30)
    monkeypatch.setattr("bot.app.importing.SKIPPED_MAX", 20)
    with SqliteStore(tmp_path / "p.db", write=True) as store:
        with pytest.raises(UserError, match="most lines are no papers; line 1: "):
            await run(store, path)
        path.write_text("x\n" * 3)
        with pytest.raises(UserError, match="no line is a paper; line 1: "):
            await run(store, path)


async def test_an_import_writes_beside_a_process_that_writes_and_neither_fails_or_waits_long(tmp_path: Path) -> None:
    path, db = tmp_path / "snapshot.json", tmp_path / "p.db"
    write_snapshot(path, range(3_000))
    alone: list[float] = []
    waits: list[float] = []
    with SqliteStore(db, write=True) as running, SqliteStore(db, write=True, beside=True) as beside:

        async def write(seconds: list[float]) -> None:
            start = time.perf_counter()
            await running.secrets.put_note(f"note {len(seconds) % 7}", str(len(seconds)))
            seconds.append(time.perf_counter() - start)
            await asyncio.sleep(0.01)

        for _ in range(20):
            await write(alone)
        imported = asyncio.ensure_future(run(beside, path))
        while not imported.done():
            await write(waits)
        assert (await imported).new == 3_000
        assert await state(running) == (3_000, 0, 0, set())
    assert len(waits) > 10
    assert np.percentile(waits, 90) < 1 + 20 * np.percentile(alone, 90)


def test_one_import_at_a_time_and_none_while_the_file_is_needed_alone(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    with SqliteStore(db, write=True, beside=True):
        with pytest.raises(StoreError, match="`paperboy import` is writing"):
            SqliteStore(db, write=True, beside=True)
        with SqliteStore(db, write=True), pytest.raises(StoreError, match="another Paperboy is writing"):
            SqliteStore(db, write=True)
    assert (db.with_name("p.db.import.lock").stat().st_mode & 0o077) == 0
