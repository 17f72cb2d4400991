"""Papers that were shown and have changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings, Post, PostKey, Ref, Signal, State, Subscription, digest_key
from bot.model.delivery import COMPACT
from bot.model.post import UPDATE
from bot.model.second_look import PaperUpdate, ShownPaper
from bot.store import Store
from bot.wording.parts import say
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
TUESDAY = MONDAY + timedelta(days=1)
ID = paper(1).id


async def show(store: Store, channel: Channel, *numbers: int, opener: str | None = "r0") -> None:
    await store.ledger.keep([digest(channel, [paper(number) for number in numbers])], {})
    await store.subscriptions.put(Subscription(channel, timezone="Asia/Tokyo"))
    key = digest_key(channel, MONDAY.date())
    if opener is not None:
        await store.ledger.claim(key, 0, None, MONDAY)
        await store.ledger.settle(key, 0, State.POSTED, MONDAY, ref=Ref(opener))


class SecondLooksContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings(tuple(paper(n) for n in range(1, 4))), "arxiv", MONDAY)
            yield opened

    async def test_papers_that_changed_and_were_shown(self, store: Store) -> None:
        await show(store, HERE, 1, 2)
        changed = [replace(paper(n), title=f"Another {n}") for n in (1, 3)]
        await store.papers.add(Findings(tuple(changed)), "arxiv", TUESDAY)
        assert await store.second_looks.revised(MONDAY) == [ID]
        assert await store.second_looks.revised(MONDAY, "title") == [ID]
        assert await store.second_looks.revised(MONDAY, "version") == await store.second_looks.revised(TUESDAY) == []

    async def test_counts_that_were_read_since(self, store: Store) -> None:
        await show(store, HERE, 1, 2)
        values = {(1, "upvotes"): 120, (1, "github_stars"): 90, (2, "upvotes"): 99, (3, "upvotes"): 500}
        signals = tuple(Signal(paper(n).id, "huggingface", kind, v, TUESDAY) for (n, kind), v in values.items())
        await store.papers.add(Findings((), signals), "huggingface", TUESDAY)
        least = {"upvotes": 100.0, "github_stars": 50.0}
        assert await store.second_looks.counted(MONDAY, least) == {(ID, "upvotes"): 120, (ID, "github_stars"): 90}
        assert await store.second_looks.counted(TUESDAY, least) == {}

    async def test_where_a_paper_was_shown_and_what_was_said_of_it(self, store: Store) -> None:
        await show(store, HERE, 1, 2)
        await show(store, THERE, 2)
        assert await store.second_looks.shown(ID, MONDAY) == [ShownPaper(HERE, MONDAY, Ref("r0"), "Asia/Tokyo")]
        assert await store.second_looks.shown(ID, MONDAY + timedelta(seconds=1)) == []
        until = MONDAY + timedelta(days=9)
        keys = (f"{ID} change 1", f"{ID} withdrawn 1", f"{paper(2).id} change 1")
        posts = [
            Post(PostKey(HERE, UPDATE, key), TUESDAY.date(), (say(key),), TUESDAY, until, Ref("r0")) for key in keys
        ]
        await store.ledger.keep_posts(posts, until, {HERE: 9})
        [shown] = await store.second_looks.shown(ID, MONDAY)
        assert set(shown.updates) == {PaperUpdate(key, TUESDAY.date(), TUESDAY) for key in keys[:2]}
        assert shown.told_until == TUESDAY

    async def test_channels_that_are_paused_or_left_and_threads_that_never_were_are_left_out(
        self, store: Store
    ) -> None:
        others = [Channel(f"fake:T1/C{n}") for n in range(3, 7)]
        for channel in others:
            await show(store, channel, 1, opener=None if channel == others[0] else "r0")
        await store.subscriptions.pause(others[1], MONDAY, until=None, reason=None)
        await store.subscriptions.remove(others[2])
        key = digest_key(others[3], MONDAY.date())
        await store.ledger.claim(key, COMPACT, None, MONDAY)
        await store.ledger.settle(key, COMPACT, State.POSTED, MONDAY, ref=Ref("r1"))
        assert await store.second_looks.shown(ID, MONDAY) == []

    async def test_papers_to_ask_about_again(self, store: Store) -> None:
        await show(store, HERE, 2, 1)
        assert await store.second_looks.shown_between(MONDAY - timedelta(days=2), MONDAY) == [ID, paper(2).id]
        assert await store.second_looks.shown_between(MONDAY, TUESDAY) == []
