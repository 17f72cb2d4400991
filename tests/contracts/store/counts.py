"""Counts on cards: marked by whatever changes them, due a minute after the last edit, found again after a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings, PostKey, Ref, State, digest_key
from bot.model.counts import Counts
from bot.model.post import WATCH
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.contracts.store.posts import MANY, post
from tests.fakes import MONDAY, digest, paper

HERE, ELSEWHERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
PAPERS = [paper(number) for number in (1, 2)]
ONE, TWO = (each.id for each in PAPERS)


def after(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


async def due(store: Store, seconds: float = 0) -> list[tuple[Channel, str]]:
    return [(each.channel, each.paper_id) for each in await store.counts.due(after(seconds), 9)]


async def edited(store: Store, seconds: float = 0) -> None:
    for each in await store.counts.due(after(seconds), 9):
        await store.counts.shown(each, after(seconds))


class CountsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
            yield opened

    async def test_only_what_people_say_openly_in_this_channel_is_counted(self, store: Store) -> None:
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        await store.people.react(HERE, BEN, ONE, -1, MONDAY)
        await store.people.react(ELSEWHERE, BEN, ONE, 1, MONDAY)
        await store.feedback.toggle(HERE, BEN, ONE, "discuss", MONDAY)
        for private in ("save", "share"):
            await store.feedback.record(HERE, BEN, TWO, private, MONDAY)  # type: ignore[arg-type]
        counts = {(each.channel, each.paper_id): each.counts for each in await store.counts.due(after(600), 9)}
        assert counts == {(HERE, ONE): Counts(likes=1, wishes=1), (ELSEWHERE, ONE): Counts(likes=1)}

    async def test_every_change_of_a_count_makes_its_cards_due_and_a_save_does_not(self, store: Store) -> None:
        async def changes(*expected: str) -> None:
            assert await due(store, 600) == [(HERE, each) for each in expected]
            for each in await store.counts.due(after(600), 9):
                await store.counts.shown(each, MONDAY)

        await store.feedback.record(HERE, ADA, ONE, "save", MONDAY)
        await changes()
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        await changes(ONE)
        await store.people.react(HERE, ADA, ONE, 0, MONDAY)
        await changes(ONE)
        for _ in range(2):
            await store.feedback.toggle(HERE, ADA, TWO, "discuss", after(1))
            await changes(TWO)
        await store.people.react(HERE, ADA, ONE, 1, after(2))
        await store.feedback.undo_latest(HERE)
        await changes(ONE)
        for forget, whose in ((store.feedback.reset, HERE), (store.people.forget, ADA), (store.people.forget, HERE)):
            await store.people.react(HERE, ADA, ONE, 1, after(3))
            await changes(ONE)
            await forget(whose)
            await changes(ONE)

    async def test_a_card_is_due_at_once_and_then_a_minute_after_each_edit(self, store: Store) -> None:
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        assert await due(store) == [(HERE, ONE)]
        await edited(store)
        assert await due(store, 999) == []
        await store.people.react(HERE, BEN, ONE, 1, after(1))
        assert (await due(store, 59), await due(store, 60)) == ([], [(HERE, ONE)])

    async def test_a_change_during_an_edit_is_not_lost(self, store: Store) -> None:
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        [under_way] = await store.counts.due(MONDAY, 9)
        await store.people.react(HERE, BEN, ONE, 1, after(1))
        await store.counts.shown(under_way, after(2))
        assert await due(store, 61) == []
        [again] = await store.counts.due(after(62), 9)
        assert (again.shown, again.counts) == (Counts(likes=1), Counts(likes=2))
        await store.counts.drop(under_way)
        assert await due(store, 62), "it was about the change before"
        await store.counts.drop(again)
        assert await due(store, 999) == []

    async def test_those_that_wait_longest_come_first_and_a_postponed_one_counts_its_attempts(
        self, store: Store
    ) -> None:
        for paper_id in (ONE, TWO):
            await store.people.react(HERE, ADA, paper_id, 1, MONDAY)
        both = await store.counts.due(MONDAY, 9)
        await store.counts.postpone(both[:1], after(90))
        assert [each.paper_id for each in await store.counts.due(after(90), 9)] == [both[1].paper_id, both[0].paper_id]
        assert [each.attempts for each in await store.counts.due(after(90), 9)] == [0, 1]
        assert len(await store.counts.due(after(90), 1)) == 1

    async def test_the_cards_of_a_paper_are_its_posted_messages_of_late(self, store: Store) -> None:
        chosen = digest(HERE, PAPERS)
        await store.ledger.keep([chosen], {})
        watch = post("a")
        await store.ledger.keep_posts([watch], MONDAY, MANY)

        async def posted(key: PostKey, slot: int, paper_id: str | None, ref: str) -> None:
            await store.ledger.claim(key, slot, paper_id, MONDAY)
            await store.ledger.settle(key, slot, State.POSTED, MONDAY, ref=Ref(ref))

        key = digest_key(HERE, MONDAY.date())
        for slot, paper_id in enumerate((None, ONE)):
            await posted(key, slot, paper_id, f"d{slot}")
        await store.ledger.claim(key, 2, TWO, MONDAY)
        await posted(watch.key, 0, ONE, "w0")
        cards = await store.counts.cards(HERE, ONE, MONDAY)
        assert {(each.post, each.slot, each.ref, each.under) for each in cards} == {
            (key, 1, "d1", "d0"),
            (watch.key, 0, "w0", None),
        }
        assert await store.counts.cards(HERE, TWO, MONDAY) == []
        assert await store.counts.cards(HERE, ONE, after(1)) == []
        assert await store.counts.post(PostKey(HERE, WATCH, "a")) == watch
        assert await store.counts.post(key) is None
