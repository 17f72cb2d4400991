"""The index in the database: merged, read by others, made again, and correct after a kill at any step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot import embeddings
from bot.app import collect
from bot.model import Findings, Paper
from bot.search import Search, segments
from bot.store import Store
from bot.store.sql.connection import writes
from bot.store.sql.segments import Segments
from bot.store.sqlite import SqliteStore
from tests.harness.store import new_store

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KINDS = ("video diffusion", "protein folding", "speech synthesis", "graph learning")


def papers(count: int, *, start: int = 0) -> tuple[Paper, ...]:
    return tuple(
        Paper(f"10.1/{n}", f"Paper {n} on {KINDS[n % 4]}", f"We study {KINDS[n % 4]} number{n} with method{n % 7}.")
        for n in range(start, start + count)
    )


async def add(store: Store, batch: tuple[Paper, ...]) -> None:
    await store.papers.add(Findings(batch), "file", NOW)
    await collect.describe(store)


async def answers(search: Search) -> list[list[str]]:
    queries = ("video", "protein method3", "number7", "number600 | number3", "speech -method1")
    pages = [await search.search(query, limit=20, now=NOW) for query in queries]
    return [[hit.paper.id for hit in page.hits] for page in pages]


async def segment_ids(store: Store) -> list[int]:
    return await store.segments.read(lambda view: [info.id for info in view.segments("words")])


async def test_merged_papers_are_found_as_those_in_the_tail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        new_store(tmp_path / "merged.db") as merged,
        new_store(tmp_path / "in_tail.db") as in_tail,
    ):
        await add(merged, papers(700))
        await add(merged, papers(700, start=700))
        for module in (segments, collect):
            monkeypatch.setattr(module, "TAIL", 10_000)
        await add(in_tail, papers(1_400))
        assert await segment_ids(merged)
        assert not await segment_ids(in_tail)
        assert await answers(Search(merged)) == await answers(Search(in_tail))


async def test_segments_stay_few_however_many_papers_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "TAIL", 20)
    with new_store(tmp_path / "p.db") as store:
        for start in range(0, 600, 20):
            await add(store, papers(20, start=start))
        assert len(await segment_ids(store)) == 9  # three of 160 papers, six of 20
        assert len((await Search(store).search("number577", limit=5, now=NOW)).hits) == 1


async def test_a_reader_follows_what_the_writer_changes(tmp_path: Path) -> None:
    with new_store(tmp_path / "p.db") as writer, SqliteStore(tmp_path / "p.db", write=False) as reader:
        search = Search(reader)
        assert not (await search.search("number3", limit=5, now=NOW)).hits
        await add(writer, papers(10))
        assert len((await search.search("number3", limit=5, now=NOW)).hits) == 1
        await add(writer, (replace(papers(10)[3], title="Otherwise", abstract="Rewritten."),))
        assert not [hit for hit in (await search.search("number3", limit=5, now=NOW)).hits if not hit.partial]
        assert len((await search.search("rewritten", limit=5, now=NOW)).hits) == 1


async def test_a_cleared_index_is_made_again_from_the_papers(tmp_path: Path) -> None:
    with new_store(tmp_path / "p.db") as store:
        await add(store, papers(600))
        await collect.embed(store, embeddings.load(embeddings.DEFAULT))
        before = await answers(Search(store))
        assert await store.segments.clear() == 600
        assert not any(await answers(Search(store)))
        await collect.describe(store)
        await collect.embed(store, embeddings.load(embeddings.DEFAULT))
        assert await answers(Search(store)) == before


@pytest.mark.parametrize("step", ["index", "half a segment", "merge", "embed"])
async def test_a_process_killed_while_indexing_leaves_an_index_that_is_only_behind(tmp_path: Path, step: str) -> None:
    path = tmp_path / "p.db"
    with new_store(path) as store:
        await store.papers.add(Findings(papers(1_300)), "file", NOW)
    died = subprocess.run([sys.executable, "-m", "tests.search.test_segments", str(path), step], check=False)
    assert died.returncode == -signal.SIGKILL
    with new_store(path) as store, new_store(tmp_path / "whole.db") as whole:
        for each in (store, whole):
            await add(each, papers(1_300))
            await collect.embed(each, embeddings.load(embeddings.DEFAULT))
        assert await answers(Search(store)) == await answers(Search(whole))


class Other:
    """Another model: one dimension that says what a text's first letter is."""

    name, dimensions, dense_weight = "other-1", 8, 0.3

    def embed(self, texts):
        vectors = np.zeros((len(texts), 8), np.float32)
        vectors[:, 0] = 1.0
        return vectors


async def test_another_model_embeds_anew_in_steps_while_search_goes_on(tmp_path: Path) -> None:
    with new_store(tmp_path / "p.db") as store:
        await add(store, papers(600))
        await collect.embed(store, embeddings.load(embeddings.DEFAULT))
        search, progress = Search(store, Other()), []
        assert (await search.search("protein", limit=3, now=NOW)).hits
        assert await collect.embed(store, Other(), progress=progress.append) == 600
        assert len(progress) > 1
        assert not await collect.embed(store, Other())
        assert (await search.search("protein", limit=3, now=NOW)).hits
        assert await search.vectors(["10.1/3"]) == pytest.approx(np.eye(1, 8))


async def test_a_vector_of_the_wrong_length_is_ignored(tmp_path: Path) -> None:
    with new_store(tmp_path / "p.db") as store:
        await add(store, papers(8))
        await collect.embed(store, embeddings.load(embeddings.DEFAULT))
        await store.connection.write(lambda db: db.execute("UPDATE embeddings SET vector = x'00' WHERE n = 1"))
        assert (await Search(store).search("video", limit=3, now=NOW)).hits


async def _die(path: Path, step: str) -> None:
    """Index until a third batch, and be killed in the middle of what `step` names."""
    done = 0

    def killed(*_: object) -> None:
        nonlocal done
        done += 1
        if done == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    collect.INDEX_AT_ONCE = collect.EMBED_AT_ONCE = 256
    with new_store(path) as store:
        if step in {"half a segment", "merge"}:
            replace_segments = Segments._replace.__wrapped__

            @writes
            def replace_and_die(part, db, *args):
                if step == "merge":  # else its parts are committed, and it does not count yet
                    replace_segments(part, db, *args)
                os.kill(os.getpid(), signal.SIGKILL)

            Segments._replace = replace_and_die
        await collect.describe(store, progress=killed if step == "index" else None)
        await collect.embed(store, embeddings.load(embeddings.DEFAULT), progress=killed)


if __name__ == "__main__":
    import asyncio

    asyncio.run(_die(Path(sys.argv[1]), sys.argv[2]))
