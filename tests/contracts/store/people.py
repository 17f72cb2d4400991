"""Reading lists, reactions, notices, and forgetting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Findings
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY, paper, reactions

HERE, ELSEWHERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
ONE, TWO = paper(1).id, paper(2).id


async def everything(store: Store) -> None:
    for who in (ADA, BEN):
        await store.people.save(who, ONE, MONDAY)
        for channel in (HERE, ELSEWHERE):
            await store.people.react(channel, who, ONE, 1, MONDAY)
            await store.feedback.record(channel, who, TWO, "share", MONDAY)
    for channel in (HERE, ELSEWHERE):
        await store.feedback.exclude(channel, {"video"}, (), MONDAY)


async def queue(store: Store, recipient: Channel = ADA, kind: str = "paused", hours: float = 0) -> None:
    at = MONDAY + timedelta(hours=hours)
    await store.people.queue_notice(recipient, HERE, kind, at.date(), f"{kind} for {recipient}", at)


def erased(saved: int, reactions: int, shares: int, profiles: int) -> dict[str, int]:
    numbers = {"saved paper": saved, "reaction": reactions, "share": shares, "profile": profiles}
    numbers |= {"vote": 0, "offer to present": 0}
    return {
        **numbers,
        "discussion request": 0,
        "linked paper": 0,
        "notice": 0,
        "watch": 0,
        "Zotero connection": 0,
        "mention": 0,
    }


class PeopleContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            await opened.papers.add(Findings((paper(1), paper(2))), "huggingface", MONDAY)
            yield opened

    async def test_a_reading_list_is_kept_latest_first_and_each_paper_once(self, store: Store) -> None:
        assert await store.people.save(ADA, ONE, MONDAY)
        assert await store.people.save(ADA, TWO, MONDAY + timedelta(hours=1))
        assert not await store.people.save(ADA, ONE, MONDAY + timedelta(hours=2))
        assert [each.id for each in await store.people.reading_list(ADA)] == [TWO, ONE]
        assert await store.people.reading_list(BEN) == []

    async def test_a_paper_can_be_taken_off_once(self, store: Store) -> None:
        await store.people.save(ADA, ONE, MONDAY)
        assert await store.people.unsave(ADA, ONE)
        assert not await store.people.unsave(ADA, ONE)

    async def test_a_reaction_replaces_the_persons_earlier_one_and_can_be_taken_back(self, store: Store) -> None:
        await store.people.react(HERE, ADA, ONE, 1, MONDAY)
        await store.people.react(HERE, BEN, ONE, 1, MONDAY + timedelta(hours=1))
        await store.people.react(HERE, ADA, ONE, -1, MONDAY + timedelta(hours=2))
        assert await reactions(store, HERE) == [(ONE, 1), (ONE, -1)]
        await store.people.react(HERE, ADA, ONE, 0, MONDAY)
        assert await reactions(store, HERE) == [(ONE, 1)]

    async def test_forgetting_a_person_erases_theirs_and_nobody_elses(self, store: Store) -> None:
        await everything(store)
        assert await store.people.forget(ADA) == erased(1, 2, 2, 0)
        assert await store.people.reading_list(ADA) == []
        assert len(await store.people.reading_list(BEN)) == 1
        assert await reactions(store, HERE) == [(ONE, 1)]
        assert await store.people.forget(ADA) == erased(0, 0, 0, 0)

    async def test_forgetting_a_channel_erases_its_reactions_and_profile(self, store: Store) -> None:
        await everything(store)
        assert await store.people.forget(HERE) == erased(0, 2, 2, 1)
        remaining = await store.feedback.lessons((HERE, ELSEWHERE))
        assert list(remaining) == [ELSEWHERE]
        assert (len(remaining[ELSEWHERE].feedback), remaining[ELSEWHERE].words) == (4, {"video"})

    async def test_a_notice_is_queued_once_a_day(self, store: Store) -> None:
        await queue(store)
        await queue(store, hours=1)
        await queue(store, hours=24)
        due = await store.people.due_notices(MONDAY + timedelta(days=2))
        assert [(each.recipient, each.day, each.claimed) for each in due] == [
            (ADA, MONDAY.date(), False),
            (ADA, MONDAY.date() + timedelta(days=1), False),
        ]

    async def test_who_waits_for_one_notice_waits_for_all_and_others_do_not(self, store: Store) -> None:
        await queue(store)
        await queue(store, kind="late")
        await queue(store, BEN)
        first = (await store.people.due_notices(MONDAY))[0]
        await store.people.postpone_notice(first.id, MONDAY + timedelta(hours=1), unknown=False)
        assert [each.recipient for each in await store.people.due_notices(MONDAY)] == [BEN]
        assert [each.recipient for each in await store.people.due_notices(MONDAY, BEN)] == [BEN]
        again = await store.people.due_notices(MONDAY + timedelta(hours=1))
        assert [(each.kind, each.attempts) for each in again] == [("paused", 1), ("late", 0), ("paused", 0)]

    async def test_a_waiting_time_longer_than_any_is_a_wrong_clocks_and_over(self, store: Store) -> None:
        await queue(store)
        (notice,) = await store.people.due_notices(MONDAY)
        await store.people.postpone_notice(notice.id, MONDAY + timedelta(days=300), unknown=False)
        assert len(await store.people.due_notices(MONDAY)) == 1

    async def test_a_notice_nobody_can_vouch_for_stays_claimed_until_it_is_settled(self, store: Store) -> None:
        await queue(store)
        (notice,) = await store.people.due_notices(MONDAY)
        await store.people.claim_notice(notice.id, MONDAY)
        await store.people.postpone_notice(notice.id, MONDAY + timedelta(minutes=5), unknown=True)
        (claimed,) = await store.people.due_notices(MONDAY + timedelta(minutes=5))
        assert (claimed.claimed, claimed.claimed_at) == (True, MONDAY.timestamp())
        await store.people.settle_notice(notice.id, "told")
        assert await store.people.due_notices(MONDAY + timedelta(hours=1)) == []
