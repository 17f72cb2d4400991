"""Several processes on one database collect, index and rank without doing each other's work or missing it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.app import collect, leased
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.model import Findings
from bot.search import Search
from bot.search.cache import SegmentCache
from bot.store import Store
from tests.fakes import MONDAY, FakeClock, FakeSource, paper
from tests.harness.engine import eventually


class OneDirection:
    """An embedder whose vectors are all alike; counts what it embeds."""

    name, dimensions, dense_weight = "one-1", 8, 0.3

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Any:
        self.texts += texts
        vectors = np.zeros((len(texts), 8), np.float32)
        vectors[:, 0] = 1.0
        return vectors


def engine(store: Store, source: FakeSource, search: Search | None = None) -> DigestEngine:
    clock = FakeClock(MONDAY)
    return DigestEngine(store, (source,), clock, notices=Notices(store, {}, clock, None), nearness=search)


async def test_a_process_ranks_anew_what_another_collected(stores: tuple[Store, Store]) -> None:
    source = FakeSource()
    collecting, answering = engine(stores[0], source), engine(stores[1], source)
    assert not await answering.shortlist()
    following = asyncio.create_task(answering.follow())
    source.has(paper(1))
    await collecting.collect()

    async def ranked() -> int:
        return len(answering.latest)

    await eventually(ranked, 1)
    following.cancel()


async def test_a_process_that_ranked_nothing_yet_leaves_it_at_that(stores: tuple[Store, Store]) -> None:
    source = FakeSource()
    source.has(paper(1))
    collecting, posting = engine(stores[0], source), engine(stores[1], source)
    await collecting.collect()
    await posting.catch_up(await anext(stores[1].changes.follow()))
    assert posting.latest == ()
    assert len(await posting.shortlist()) == 1


async def test_an_index_in_memory_follows_what_another_process_describes_merges_embeds_and_clears(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.search.segments.TAIL", 4)
    (first, second), embedder = stores, OneDirection()
    search = Search(second, embedder)

    async def hits() -> int:
        return len((await search.search("quill2x", limit=5, now=MONDAY)).hits)

    assert not await hits()
    await first.papers.add(Findings(tuple(paper(n) for n in range(1, 6))), "huggingface", MONDAY)
    await collect.describe(first)
    assert await first.segments.read(lambda view: view.segments("words"))
    assert await hits() == 1
    await collect.embed(first, embedder)
    assert (await search.vectors([paper(3).id])).any()
    await first.segments.clear()
    assert not await hits()
    assert not (await search.vectors([paper(3).id])).any()


async def test_processes_on_one_machine_map_the_same_files(
    stores: tuple[Store, Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.search.segments.TAIL", 4)
    monkeypatch.setattr("bot.search.segments.TAIL_VECTORS", 4)
    embedder, folder = OneDirection(), tmp_path / "cache"
    searches = [Search(store, embedder, SegmentCache(folder)) for store in stores]
    await stores[0].papers.add(Findings(tuple(paper(n) for n in range(1, 6))), "huggingface", MONDAY)
    await collect.describe(stores[0])
    await collect.embed(stores[0], embedder)
    pages = await asyncio.gather(*(each.search("quill2x", limit=5, now=MONDAY) for each in searches))
    assert [[hit.paper.id for hit in page.hits] for page in pages] == [[paper(2).id]] * 2
    assert len(list(folder.iterdir())) == 2


async def test_papers_are_described_and_embedded_by_one_of_two_processes(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "INDEX_AT_ONCE", 2)
    monkeypatch.setattr(collect, "EMBED_AT_ONCE", 2)
    monkeypatch.setattr(leased, "WAIT_SECONDS", 0.01)
    await stores[0].papers.add(Findings(tuple(paper(n) for n in range(20))), "huggingface", MONDAY)
    assert sum(await asyncio.gather(*map(collect.describe, stores))) == 20
    embedder = OneDirection()
    assert sum(await asyncio.gather(*(collect.embed(each, embedder) for each in stores))) == 20
    assert len(set(embedder.texts)) == len(embedder.texts)


async def test_who_does_not_wait_leaves_a_paper_to_the_process_that_indexes(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that comes after that process had looked for the last time."""
    first, second = stores
    unindexed, is_late = first.segments.unindexed, asyncio.Event()

    async def look_and_be_late(limit: int) -> list[Any]:
        papers = await unindexed(limit)
        if not papers and not is_late.is_set():
            is_late.set()
            await second.papers.add(Findings((paper(2),)), "arxiv", MONDAY)
            assert await collect.describe(second, wait=False) == 0
        return papers

    monkeypatch.setattr(first.segments, "unindexed", look_and_be_late)
    await first.papers.add(Findings((paper(1),)), "huggingface", MONDAY)
    assert await collect.describe(first) == 2
    assert not await second.segments.unindexed(9)


async def test_who_waits_goes_on_when_the_process_that_indexed_died(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores
    monkeypatch.setattr(leased, "WAIT_SECONDS", 0.01)
    await first.papers.add(Findings((paper(1),)), "huggingface", MONDAY)
    assert await first.leases.take(collect.INDEXING, 0.3)  # it dies now, without releasing it
    async with asyncio.timeout(60):
        assert await collect.describe(second) == 1


async def test_a_lease_is_held_for_as_long_as_the_work_takes(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leased, "LEASE_SECONDS", 2.0)
    monkeypatch.setattr(leased, "RENEW_SECONDS", 0.02)
    first, second = stores
    async with leased.leased(first, "work") as held:
        assert held
        await asyncio.sleep(2.2)
        async with leased.leased(second, "work", wait=False) as held_too:
            assert not held_too
    async with leased.leased(second, "work", wait=False) as held_too:
        assert held_too
