"""Digests that left nothing: which days make room for another, and whose papers a later digest lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Digest, Findings, Outcome, State, SubscriptionKey, digest_key
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, digest, paper

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
PAPERS = [paper(number) for number in range(1, 41)]
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]


class MissedContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings(tuple(PAPERS)), "huggingface", MONDAY)
            yield opened

    async def abandoned(self, store: Store, *sizes: int, opener: State | None = None) -> list[Digest]:
        """One abandoned digest a day, of so many papers each; the state of their openers, if they were tried."""
        made, start = [], 0
        for at, size in zip(WEEK, sizes, strict=False):
            made.append(digest(HERE, PAPERS[start : start + size], at=at))
            start += size
        await store.ledger.keep(made, {})
        for each in made:
            if opener is not None:
                await store.ledger.claim(each.post, 0, None, MONDAY)
                await store.ledger.settle(each.post, 0, opener, MONDAY)
            await store.ledger.abandon(each.post, "lost")
        return made

    async def missed(self, store: Store, since: datetime = MONDAY) -> list[list[str]]:
        """The ids of the papers that wait to be listed, by day."""
        waiting = (await store.ledger.missed((HERE, THERE), since)).get(SubscriptionKey(HERE), ())
        return [[each.id for each in one.papers] for one in waiting]

    @pytest.mark.parametrize(
        ("sizes", "listed"),
        [((10, 10), 2), ((10, 11), 1), ((7, 7, 6, 1), 3), ((7, 7, 7), 2), ((25, 1), 1), ((1, 20, 1), 1)],
    )
    async def test_twenty_papers_are_listed_at_once_and_a_single_digest_whole(
        self, store: Store, sizes: tuple[int, ...], listed: int
    ) -> None:
        made = await self.abandoned(store, *sizes)
        expected = [[pick.paper.id for pick in each.picks] for each in made]
        assert await self.missed(store) == expected[:listed]

    async def test_what_was_chosen_before_a_time_is_listed_no_more(self, store: Store) -> None:
        await self.abandoned(store, 1, 1)
        assert await self.missed(store, MONDAY) == [[PAPERS[0].id], [PAPERS[1].id]]
        assert await self.missed(store, MONDAY + timedelta(seconds=1)) == [[PAPERS[1].id]]

    async def test_what_a_digest_lists_comes_back_with_it_once_and_again_if_that_is_lost(self, store: Store) -> None:
        [first] = await self.abandoned(store, 3, opener=State.LOST)
        missed = (await store.ledger.missed([HERE], MONDAY))[SubscriptionKey(HERE)]
        assert [each.certain for each in missed] == [False]
        later = replace(digest(HERE, PAPERS[2:4], at=WEEK[1]), missed=missed)
        await store.ledger.keep([later], {})
        assert await self.missed(store) == []
        assert set(await store.ledger.shown_in(HERE, [each.id for each in PAPERS])) == {each.id for each in PAPERS[:4]}
        stored = await store.ledger.digest(HERE, later.day)
        assert stored is not None
        [listed] = stored.missed
        assert [each.id for each in listed.papers] == [each.id for each in PAPERS[:2]], "without those chosen again"
        assert (listed.day, listed.certain) == (first.day, False)
        await store.ledger.abandon(later.post, "lost too")
        assert len(await self.missed(store)) == 2
        assert await store.ledger.shown_in(HERE, [each.id for each in PAPERS]) == []

    async def test_a_digest_whose_opener_arrived_after_all_is_not_missed(self, store: Store) -> None:
        [first] = await self.abandoned(store, 3, opener=State.UNKNOWN)
        assert len(await self.missed(store)) == 1
        await store.ledger.settle(first.post, 0, State.POSTED, MONDAY)
        assert await self.missed(store) == []

    @pytest.mark.parametrize(("state", "makes_room"), [(None, True), (State.REFUSED, True), (State.LOST, False)])
    async def test_a_day_whose_digest_certainly_left_nothing_may_have_another(
        self, store: Store, state: State | None, makes_room: bool
    ) -> None:
        [first] = await self.abandoned(store, 1, opener=state)
        assert await store.ledger.recorded(first.day) == {first.post}
        assert (await store.ledger.recorded(first.day, final=True) == set()) is makes_room
        late = replace(digest(HERE, []), outcome=Outcome.LATE)
        await store.ledger.keep([late], {})
        assert [each[1] for each in await store.ledger.last_days(HERE)] == [Outcome.PICKED], "a skip replaces nothing"
        await store.ledger.keep([digest(HERE, PAPERS[5:7])], {})
        stored = await store.ledger.digest(HERE, first.day)
        assert stored is not None
        assert len(stored.picks) == (2 if makes_room else 1)
        assert len(await store.ledger.deliveries(first.post)) == (0 if makes_room else 1)

    async def test_a_skipped_day_makes_room_and_is_forgotten_if_a_wrong_clock_skipped_it(self, store: Store) -> None:
        skipped = [replace(digest(channel, []), outcome=Outcome.LATE) for channel in (HERE, THERE)]
        await store.ledger.keep([*skipped, digest(HERE, [], at=WEEK[1])], {})
        assert await store.ledger.recorded(MONDAY.date(), final=True) == {digest_key(HERE, WEEK[1].date())}
        await store.ledger.keep([digest(THERE, PAPERS[:1])], {})
        assert await store.ledger.forget_skipped(MONDAY) == set()
        assert await store.ledger.forget_skipped(MONDAY - timedelta(seconds=1)) == {SubscriptionKey(HERE)}
        assert await store.ledger.recorded(MONDAY.date()) == {
            digest_key(THERE, MONDAY.date()),
            digest_key(HERE, WEEK[1].date()),
        }
        assert await store.ledger.recorded(WEEK[1].date()) == {digest_key(HERE, WEEK[1].date())}
