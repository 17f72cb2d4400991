"""Words and meaning, looked for at once: the same hits, whoever has a core to spare."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import collect
from bot.embeddings import load
from bot.model import Findings
from bot.search import Search, SearchResults, fusion
from tests.harness.store import new_store
from tests.search.test_search import NOW, PAPERS

QUERIES = ("video diffusion", "robots that feel", "language models decoding cat:cs.CL", "nothinghasthisword")


@pytest.fixture
async def search(tmp_path: Path) -> AsyncIterator[Search]:
    with new_store(tmp_path / "p.db") as store:
        await store.papers.add(Findings(PAPERS, ()), "file", NOW)
        await collect.describe(store)
        await collect.embed(store, load("static"))
        yield Search(store)


async def answers(search: Search) -> list[SearchResults]:
    pages = [search.search(text, limit=5, now=NOW) for text in QUERIES for _ in range(3)]
    return list(await asyncio.gather(*pages))


async def test_the_same_papers_are_hits_with_another_core_and_without(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = await answers(search)
    monkeypatch.setattr(fusion, "MANY", 1)
    assert await answers(search) == alone
    assert any(page.hits for page in alone)


async def test_a_search_does_not_wait_for_another_core_that_is_busy(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = await answers(search)
    monkeypatch.setattr(fusion, "MANY", 1)
    is_free = threading.Event()
    busy = fusion._OTHER_CORE.submit(is_free.wait, 60)
    try:
        assert await answers(search) == alone
        assert not busy.done()
    finally:
        is_free.set()


async def test_a_fault_on_the_other_core_is_the_searches(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    await answers(search)

    def fail(*_: object) -> None:
        raise MemoryError("no vectors")

    monkeypatch.setattr(fusion, "MANY", 1)
    monkeypatch.setattr("bot.search.vectors.Vectors.nearest", fail)
    with pytest.raises(MemoryError, match="no vectors"):
        await search.search("video diffusion", limit=5, now=NOW)
