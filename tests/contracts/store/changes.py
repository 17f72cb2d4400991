"""The contract of changes that processes follow; `tests/store/test_changes.py` has what PostgreSQL notifies of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.model import Findings
from bot.store import Store
from bot.store.sql import changes
from tests.contracts.store import MakeStore
from tests.contracts.store.segments import index
from tests.fakes import MONDAY, paper


class ChangesContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(
        self, make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[Store]:
        monkeypatch.setattr(changes, "POLL_SECONDS", 0.01)
        with make_store(tmp_path / "p.db") as opened:
            yield opened

    async def test_a_reader_follows_collections_and_changes_of_the_index(
        self, store: Store, make_store: MakeStore, tmp_path: Path
    ) -> None:
        with make_store(tmp_path / "p.db", write=False) as reader:
            async with asyncio.timeout(60), aclosing(reader.changes.follow()) as revisions:
                first = await anext(revisions)
                assert await store.changes.mark_collected() == first.collections + 1
                second = await anext(revisions)
                assert second == (first.indexed, first.collections + 1)
                await store.papers.add(Findings((paper(1),)), "huggingface", MONDAY)
                await index(store)
                third = await anext(revisions)
                assert (third.indexed > second.indexed, third.collections) == (True, second.collections)

    async def test_who_follows_late_gets_the_latest_alone(self, store: Store) -> None:
        for _ in range(3):
            count = await store.changes.mark_collected()
        async with asyncio.timeout(60), aclosing(store.changes.follow()) as revisions:
            assert (await anext(revisions)).collections == count
            following = asyncio.ensure_future(anext(revisions))
            await asyncio.sleep(0.05)
            assert not following.done(), "nothing changed"
            await store.changes.mark_collected()
            assert (await following).collections == count + 1
