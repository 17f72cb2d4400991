"""Weekly recaps over months: one a week at its hour, whatever the clock and the settings do; none without news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.engine import DigestEngine
from bot.app.recap import RecapRoutine
from bot.handlers.recap import load_recap
from bot.model import Channel, ChannelSettings, Post, PostKey, Subscription
from bot.model.post import CLUB
from bot.model.recap import Recap
from bot.wording.parts import say
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import HERE, IDS, PAPERS, THERE, Delivery

ADA, BEN = Channel("fake:T1/U1"), Channel("fake:T1/U2")
FRIDAY = datetime(2025, 11, 28, 15, 0, tzinfo=UTC)
"""16:00 in Berlin."""
SETTINGS = ChannelSettings(recap_day=4, recap_at=time(16), recap_from=MONDAY)


class World:
    """A channel with a delivered digest, subscribed in Berlin; its recap is on."""

    def __init__(self, path: Path) -> None:
        self.outlet = FakeOutlet()
        self.delivery = Delivery(path, self.outlet)
        self.store, self.clock = self.delivery.store, self.delivery.clock
        self.restart()

    def restart(self) -> None:
        """The process ends and another one takes over; only the store is left."""
        self.delivery.restart()
        self.engine = DigestEngine(self.store, [], self.clock, notices=self.delivery.notices, queue=self.delivery.queue)
        self.routine = RecapRoutine(self.store, self.engine)

    async def subscribe(self, channel: Channel = HERE, settings: ChannelSettings = SETTINGS) -> None:
        due = datetime(2026, 8, 1, 7, 0, tzinfo=UTC)  # no digest but the one that is kept
        await self.store.subscriptions.put(Subscription(channel, timezone="Europe/Berlin", next_due=due))
        await self.store.channels.change(channel, ChannelSettings(), settings)
        await self.delivery.keep(channel, PAPERS)
        await self.delivery.deliver()

    async def like(self, *people: Channel, paper: int = 0, channel: Channel = HERE) -> None:
        for person in people or (ADA,):
            await self.store.people.react(channel, person, IDS[paper], 1, self.clock())

    async def at(self, moment: datetime, channel: Channel = HERE) -> list[str]:
        """Let a tick pass at a moment; the channel's recaps so far."""
        self.clock.set(moment)
        await self.routine.run(self.clock())
        await self.delivery.deliver()
        return self.recaps(channel)

    def recaps(self, channel: Channel = HERE) -> list[str]:
        return [post.message.title for post in self.outlet.openers(channel) if "of the week" in post.message.title]


@pytest.fixture
async def world(tmp_path: Path) -> Iterator[World]:  # type: ignore[misc]
    made = World(tmp_path / "p.db")
    with made.store:
        await made.subscribe()
        yield made


async def test_at_its_hour_one_message_says_what_was_liked_and_is_to_be_discussed(world: World) -> None:
    await world.like(ADA, BEN)
    await world.like(paper=1)
    await world.store.feedback.toggle(HERE, BEN, IDS[2], "discuss", world.clock())
    await world.store.feedback.record(HERE, BEN, IDS[3], "save", world.clock())
    assert await world.at(FRIDAY - timedelta(seconds=1)) == []
    assert await world.at(FRIDAY) == ["Papers of the week · Fri 28 Nov"]
    text = world.outlet.openers(HERE)[-1].message.text
    first, second, third, saved = (PAPERS[n].title for n in range(4))
    assert f"Most liked\n👍 2 · {first}\n👍 1 · {second}\nTo be discussed\n💬 1 · {third}" in text
    assert "Next digest: Sat 1 Aug 2026, 09:00." in text
    assert saved not in text, "saves are private"
    for hours in (0, 1, 23, 25):
        world.restart()
        assert len(await world.at(FRIDAY + timedelta(hours=hours))) == 1


async def test_a_week_with_nothing_to_say_has_none_and_likes_after_the_hour_are_the_next_ones(world: World) -> None:
    assert await world.at(FRIDAY) == []
    await world.like()
    for minutes in (1, 61):
        world.restart()
        assert await world.at(FRIDAY + timedelta(minutes=minutes)) == []
    assert await world.at(FRIDAY + timedelta(days=7)) == ["Papers of the week · Fri 5 Dec"]
    assert len(await world.at(FRIDAY + timedelta(days=14))) == 1


@pytest.mark.parametrize(("late", "recaps"), [(timedelta(hours=23, minutes=59), 1), (timedelta(hours=24), 0)])
async def test_after_an_outage_it_comes_within_a_day_or_not(world: World, late: timedelta, recaps: int) -> None:
    await world.like()
    assert len(await world.at(FRIDAY + late)) == recaps


async def test_a_clock_that_goes_back_or_ahead_brings_no_second_one(world: World) -> None:
    await world.like()
    await world.at(FRIDAY)
    for moment in (FRIDAY - timedelta(days=7), FRIDAY - timedelta(hours=2), FRIDAY, FRIDAY + timedelta(hours=3)):
        world.restart()
        assert len(await world.at(moment)) == 1
    await world.like(BEN)
    assert len(await world.at(FRIDAY + timedelta(days=7))) == 2, "and the next one comes"


async def test_another_day_or_hour_brings_no_second_one_within_a_week(world: World) -> None:
    async def set_to(day: int, hour: int) -> None:
        before = await world.store.channels.settings(HERE)
        after = replace(before, recap_day=day, recap_at=time(hour), recap_from=world.clock())
        assert await world.store.channels.change(HERE, before, after)

    await world.like()
    await world.at(FRIDAY)
    await set_to(4, 18)
    assert len(await world.at(FRIDAY + timedelta(hours=2))) == 1
    await set_to(0, 9)
    await world.like(BEN)
    assert len(await world.at(FRIDAY + timedelta(days=3))) == 1
    world.clock.set(FRIDAY + timedelta(days=9))
    await world.like(BEN, paper=1)
    assert len(await world.at(FRIDAY + timedelta(days=10))) == 2
    assert world.recaps()[-1].endswith("Mon 8 Dec")


async def test_an_hour_that_was_over_when_it_was_set_has_no_recap(tmp_path: Path) -> None:
    world = World(tmp_path / "p.db")
    with world.store:
        await world.subscribe(settings=replace(SETTINGS, recap_from=FRIDAY))
        await world.like()
        assert await world.at(FRIDAY + timedelta(minutes=1)) == []


async def test_across_a_change_of_the_clocks_it_keeps_its_local_hour(world: World) -> None:
    """Berlin goes to summer time on 29 March 2026, a Sunday; 02:30 does not exist there."""
    before = await world.store.channels.settings(HERE)
    await world.store.channels.change(HERE, before, replace(before, recap_day=6, recap_at=time(2, 30)))
    sent = []
    for week in range(3):
        night = datetime(2026, 3, 22, 0, 0, tzinfo=UTC) + timedelta(days=7 * week)
        world.clock.set(night - timedelta(days=2))
        await world.like(paper=week)
        for minutes in range(0, 150, 15):
            count = len(world.recaps())
            moment = night + timedelta(minutes=minutes)
            if len(await world.at(moment)) > count:
                sent.append(moment)
    assert [f"{each:%d %H:%M}" for each in sent] == ["22 01:30", "29 01:30", "05 00:30"]


async def test_a_paused_channel_has_none(world: World) -> None:
    await world.like()
    await world.store.subscriptions.pause(HERE, MONDAY, until=None, reason=None)
    assert await world.at(FRIDAY) == []


async def test_where_the_day_has_its_openers_it_waits_for_the_next_day(world: World) -> None:
    others = [
        Post(PostKey(HERE, CLUB, f"{n}"), FRIDAY.date(), (say(f"{n}"),), FRIDAY, FRIDAY + timedelta(hours=3))
        for n in range(2)
    ]
    world.clock.set(FRIDAY)
    await world.store.ledger.keep_posts(others, FRIDAY, {HERE: 2})
    world.clock.set(MONDAY)
    await world.like()
    assert await world.at(FRIDAY) == []
    assert await world.at(FRIDAY + timedelta(hours=7)) == []
    assert len(await world.at(FRIDAY + timedelta(hours=9))) == 1, "it is Saturday in Berlin"
    await world.like(BEN)
    assert len(await world.at(FRIDAY + timedelta(days=7))) == 2


async def test_many_channels_are_served_a_part_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.recap.CHANNELS_AT_ONCE", 1)
    await world.subscribe(THERE)
    await world.like()
    await world.like(channel=THERE)
    await world.at(FRIDAY)
    assert len(world.recaps(HERE) + world.recaps(THERE)) == 1
    await world.at(FRIDAY + timedelta(minutes=1))
    assert (len(world.recaps(HERE)), len(world.recaps(THERE))) == (1, 1)


async def test_channels_whose_day_has_its_openers_hold_up_no_other_and_are_worded_once_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.recap.CHANNELS_AT_ONCE", 1)
    await world.subscribe(THERE)
    before = await world.store.channels.settings(HERE)
    await world.store.channels.change(HERE, before, replace(before, openers=0))
    await world.like()
    await world.like(channel=THERE)
    worded: list[Channel] = []

    async def load(*facts: Any) -> Recap:
        worded.append(facts[2].channel)
        return await load_recap(*facts)

    monkeypatch.setattr("bot.app.recap.load_recap", load)
    for minutes in range(5):
        await world.at(FRIDAY + timedelta(minutes=minutes))
    assert (len(world.recaps(HERE)), len(world.recaps(THERE))) == (0, 1)
    assert sorted(worded) == [HERE, THERE]
    await world.at(FRIDAY + timedelta(hours=9))
    assert sorted(worded) == [HERE, HERE, THERE], "it is Saturday in Berlin"
