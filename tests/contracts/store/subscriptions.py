"""Subscriptions: stored unchanged, due at their time, paused and resumed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.model import Channel, Subscription, SubscriptionKey, TopicThreshold
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY

HERE, THERE = Channel("fake:T1/C1"), Channel("fake:T1/C2")
OTHER_TEAM, ALIKE = Channel("fake:T2/C1"), Channel("fake:T10/C1")


def subscription(channel: Channel = HERE, hours: float = 0) -> Subscription:
    return Subscription(channel, next_due=MONDAY + timedelta(hours=hours))


def channels(subscriptions: list[Subscription]) -> list[Channel]:
    return [each.channel for each in subscriptions]


class SubscriptionsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            yield opened

    async def test_a_subscription_comes_back_as_it_was_stored(self, store: Store) -> None:
        whole = Subscription(
            channel=HERE,
            topics=("video — diffusion", 'author:"José"', "agents"),
            thresholds={"agents": TopicThreshold(0.6225, ((MONDAY, 0.5), (MONDAY + timedelta(hours=1), 0.7311)))},
            mutes=("medical", "agents"),
            size=7,
            at=time(17, 30),
            timezone="Europe/Berlin",
            days=frozenset({0, 4}),
            style="compact",
            quiet="skip",
            early=2,
            set_by=Channel("fake:T1/U1"),
            set_at=MONDAY,
            last_at=MONDAY - timedelta(days=1),
            next_due=MONDAY + timedelta(days=1),
            paused_at=MONDAY,
            paused_until=MONDAY + timedelta(days=2),
            pause_reason="no access",
        )
        await store.subscriptions.put(whole)
        assert await store.subscriptions.get(HERE) == whole
        await store.subscriptions.put(Subscription(HERE))
        assert await store.subscriptions.get(HERE) == Subscription(HERE)
        assert await store.subscriptions.get(THERE) is None

    async def test_topics_keep_their_order_and_leave_with_what_they_belong_to(self, store: Store) -> None:
        for topics in (("video", "agents", "speech"), ("speech", "video", "robots"), ()):
            await store.subscriptions.put(replace(subscription(HERE), topics=topics), subscription(THERE))
            assert [each.topics for each in await store.subscriptions.all()] == [topics, ()]
        await store.subscriptions.put(replace(subscription(HERE), topics=("video",), mutes=("video",)))
        await store.subscriptions.remove(HERE)
        await store.subscriptions.put(subscription(HERE))
        assert await store.subscriptions.get(HERE) == subscription(HERE)

    async def test_a_threshold_stays_with_its_topic_and_leaves_with_it(self, store: Store) -> None:
        moved = {"video": TopicThreshold(0.6225, ((MONDAY, 0.5),)), "agents": TopicThreshold(0.3775)}
        before = replace(subscription(HERE), topics=("video", "agents"), thresholds=moved, mutes=("video",))
        await store.subscriptions.put(before)
        edited = replace(before, topics=("speech", "agents", "video"), size=9)
        assert await store.subscriptions.change(before, edited)
        assert await store.subscriptions.get(HERE) == edited
        await store.subscriptions.put(replace(edited, topics=("speech", "agents")))
        current = await store.subscriptions.get(HERE)
        assert current is not None
        assert current.thresholds == {"agents": TopicThreshold(0.3775)}
        await store.subscriptions.put(replace(edited, topics=("video",), thresholds={}))
        assert await store.subscriptions.get(HERE) == replace(edited, topics=("video",), thresholds={})

    async def test_of_two_who_move_a_topic_at_once_one_is_told(self, store: Store) -> None:
        before = replace(subscription(HERE), topics=("video",))
        await store.subscriptions.put(before)
        first, second = (replace(before, thresholds={"video": TopicThreshold(each)}) for each in (0.6225, 0.3775))
        assert await store.subscriptions.change(before, first)
        assert not await store.subscriptions.change(before, second)
        assert await store.subscriptions.get(HERE) == first

    async def test_a_channel_may_have_several_by_name_and_one_is_none_of_the_others_business(
        self, store: Store
    ) -> None:
        main, evening = replace(subscription(HERE), topics=("video",)), replace(subscription(HERE, 1), name="evening")
        await store.subscriptions.put(main, evening)
        assert [await store.subscriptions.get(HERE), await store.subscriptions.get(HERE, "evening")] == [main, evening]
        assert await store.subscriptions.all() == await store.subscriptions.of(HERE) == [evening, main]
        assert await store.subscriptions.of(THERE) == []
        await store.subscriptions.reschedule({evening.key: MONDAY - timedelta(hours=1)})
        assert [each.name for each in await store.subscriptions.due(MONDAY - timedelta(hours=1))] == ["evening"]
        assert await store.subscriptions.remove(HERE)
        assert [each.name for each in await store.subscriptions.all()] == ["evening"]
        assert [each.name for each in await store.subscriptions.pause(HERE, MONDAY, until=None, reason="gone")] == [
            "evening"
        ]

    async def test_due_are_those_whose_time_has_come_and_who_are_not_paused(self, store: Store) -> None:
        paused = replace(subscription(OTHER_TEAM), paused_at=MONDAY)
        await store.subscriptions.put(subscription(HERE), subscription(THERE, 1), paused, Subscription(ALIKE))
        assert channels(await store.subscriptions.due(MONDAY)) == [HERE]
        assert await store.subscriptions.due(MONDAY - timedelta(seconds=1)) == []
        await store.subscriptions.reschedule({SubscriptionKey(HERE): MONDAY + timedelta(days=1)})
        assert await store.subscriptions.due(MONDAY) == []
        assert channels(await store.subscriptions.due(MONDAY + timedelta(hours=1))) == [THERE]
        assert channels(await store.subscriptions.due(MONDAY + timedelta(days=1))) == [HERE, THERE]

    async def test_nobody_is_due_where_nobody_subscribed(self, store: Store) -> None:
        assert await store.subscriptions.due(MONDAY + timedelta(days=999)) == []
        assert await store.subscriptions.topics() == set()

    async def test_a_due_time_no_schedule_allows_is_found(self, store: Store) -> None:
        await store.subscriptions.put(subscription(HERE, 24), subscription(THERE, 24 * 30))
        assert channels(await store.subscriptions.misplaced(MONDAY + timedelta(days=8))) == [THERE]

    async def test_a_workspace_is_its_own_channels_and_not_one_whose_name_begins_alike(self, store: Store) -> None:
        await store.subscriptions.put(*(subscription(each) for each in (HERE, THERE, OTHER_TEAM, ALIKE)))
        assert channels(await store.subscriptions.all("fake:T1")) == [HERE, THERE]
        assert channels(await store.subscriptions.all()) == sorted([HERE, THERE, OTHER_TEAM, ALIKE])
        paused = await store.subscriptions.pause(Channel("fake:T1"), MONDAY, until=None, reason="removed")
        assert channels(paused) == [HERE, THERE]
        assert channels(await store.subscriptions.running(Channel("fake:T1"))) == []
        assert channels(await store.subscriptions.running(ALIKE)) == [ALIKE]
        assert await store.subscriptions.pause(HERE, MONDAY, until=None, reason="again") == []
        stays = await store.subscriptions.get(HERE)
        assert stays is not None
        assert stays.pause_reason == "removed"

    async def test_a_pause_that_has_ended_is_found(self, store: Store) -> None:
        await store.subscriptions.put(subscription(HERE), subscription(THERE))
        await store.subscriptions.pause(HERE, MONDAY, until=MONDAY + timedelta(days=1), reason=None)
        await store.subscriptions.pause(THERE, MONDAY, until=None, reason=None)
        assert await store.subscriptions.resuming(MONDAY) == []
        assert channels(await store.subscriptions.resuming(MONDAY + timedelta(days=1))) == [HERE]

    async def test_topics_are_those_that_anybody_follows(self, store: Store) -> None:
        await store.subscriptions.put(
            replace(subscription(HERE), topics=("video", "agents")),
            replace(subscription(THERE), topics=("video",), mutes=("medical",)),
        )
        assert await store.subscriptions.topics() == {"video", "agents"}

    async def test_popular_topics_are_those_of_enough_channels_the_most_popular_first(self, store: Store) -> None:
        for n in range(6):
            topics = ("agents", "video") if n < 5 else ("video",)
            put = Subscription(Channel(f"fake:T1/C{n}"), topics=topics, mutes=("medical",))
            await store.subscriptions.put(put, replace(put, name="second"))
        assert await store.subscriptions.popular_topics(5, 10) == ["video", "agents"]
        assert await store.subscriptions.popular_topics(6, 10) == ["video"], "two digests of one channel count once"
        assert await store.subscriptions.popular_topics(5, 1) == ["video"]
        assert await store.subscriptions.popular_topics(7, 10) == []

    async def test_a_subscription_is_removed_once(self, store: Store) -> None:
        await store.subscriptions.put(subscription())
        assert await store.subscriptions.remove(HERE)
        assert not await store.subscriptions.remove(HERE)

    async def test_a_channel_is_greeted_once(self, store: Store) -> None:
        assert await store.subscriptions.mark_greeted(HERE, MONDAY)
        assert not await store.subscriptions.mark_greeted(HERE, MONDAY + timedelta(days=1))

    async def test_counts_are_of_each_platform_by_what_keeps_digests_from_being_sent(self, store: Store) -> None:
        paused = replace(subscription(OTHER_TEAM), paused_at=MONDAY)
        mail = replace(subscription(Channel("mail:7")), paused_at=MONDAY, pause_reason="no such user")
        await store.subscriptions.put(subscription(HERE), subscription(THERE), paused, mail)
        expected = {("fake", "active"): 2, ("fake", "paused"): 1, ("mail", "unreachable"): 1}
        assert (await store.figures.read()).channels == expected
        assert channels(await store.subscriptions.unreachable(Channel("mail:7"))) == ["mail:7"]
        assert await store.subscriptions.unreachable(Channel("fake:T1")) == []
        assert await store.subscriptions.unreachable(Channel("fake:T2")) == []

    async def test_one_channels_style_is_set(self, store: Store) -> None:
        await store.subscriptions.put(subscription(HERE), subscription(THERE))
        await store.subscriptions.set_style(HERE, "compact")
        assert [each.style for each in await store.subscriptions.all()] == ["compact", "thread"]

    async def test_a_workspace_that_left_is_erased_after_a_time_unless_it_came_back(self, store: Store) -> None:
        gone, back, used = Channel("fake:T1"), Channel("fake:T2"), Channel("fake:T10")
        await store.subscriptions.put(*(subscription(each) for each in (HERE, OTHER_TEAM, ALIKE)))
        for each in (gone, back):
            await store.subscriptions.pause(each, MONDAY, until=None, reason="removed")
        for each in (gone, back, used):
            await store.subscriptions.mark_departed(each, MONDAY)
        await store.subscriptions.mark_departed(gone, MONDAY + timedelta(days=9))
        await store.subscriptions.mark_returned(OTHER_TEAM)
        assert await store.subscriptions.erase_departed(MONDAY) == []
        assert await store.subscriptions.erase_departed(MONDAY + timedelta(seconds=1)) == [gone]
        assert channels(await store.subscriptions.all()) == sorted([OTHER_TEAM, ALIKE])
        assert await store.subscriptions.erase_departed(MONDAY + timedelta(days=999)) == []

    async def test_erasing_a_workspace_says_how_much_and_leaves_the_others(self, store: Store) -> None:
        await store.subscriptions.put(*(subscription(each) for each in (HERE, THERE, OTHER_TEAM, ALIKE)))
        await store.subscriptions.mark_greeted(HERE, MONDAY)
        erased = await store.subscriptions.erase(Channel("fake:T1"))
        assert {name: number for name, number in erased.items() if number} == {"subscriptions": 2, "greeted": 1}
        assert channels(await store.subscriptions.all()) == sorted([OTHER_TEAM, ALIKE])

    async def test_a_change_is_stored_only_in_place_of_what_was_read(self, store: Store) -> None:
        assert await store.subscriptions.change(None, subscription(HERE))
        assert not await store.subscriptions.change(None, replace(subscription(HERE), size=9))
        first = await store.subscriptions.get(HERE)
        assert first is not None
        assert await store.subscriptions.change(first, replace(first, topics=("video",)))
        assert not await store.subscriptions.change(first, replace(first, topics=("audio",)))
        current = await store.subscriptions.get(HERE)
        assert current is not None
        assert current.topics == ("video",)
        await store.subscriptions.reschedule({SubscriptionKey(HERE): MONDAY + timedelta(days=3)})
        assert not await store.subscriptions.change(current, replace(current, size=9))
        await store.subscriptions.remove(HERE)
        assert not await store.subscriptions.change(current, replace(current, size=9))
        assert await store.subscriptions.get(HERE) is None

    async def test_of_many_changes_those_of_what_was_read_are_stored(self, store: Store) -> None:
        await store.subscriptions.put(subscription(HERE), subscription(THERE), subscription(ALIKE))
        here, there = await store.subscriptions.get(HERE), await store.subscriptions.get(THERE)
        assert here is not None
        assert there is not None
        changes = [(each, replace(each, topics=("video",))) for each in (here, there)]
        await store.subscriptions.put(replace(there, size=9))
        assert not await store.subscriptions.change_all(changes)
        stored = [(each.topics, each.size) for each in await store.subscriptions.all("fake:T1")]
        assert stored == [(("video",), here.size), ((), 9)]
        assert await store.subscriptions.change_all([(replace(here, topics=("video",)), here)])
        assert await store.subscriptions.change_all([])

    async def test_of_two_changes_at_once_one_is_refused(self, store: Store) -> None:
        await store.subscriptions.put(subscription(HERE), subscription(THERE))
        here, there = await store.subscriptions.all()
        changes = [store.subscriptions.change(here, replace(here, size=size)) for size in range(1, 9)]
        answers = await asyncio.gather(*changes, store.subscriptions.change(there, replace(there, size=9)))
        assert (sum(answers[:-1]), answers[-1]) == (1, True)
        current = await store.subscriptions.get(HERE)
        assert current is not None
        assert current.size == answers.index(True) + 1
