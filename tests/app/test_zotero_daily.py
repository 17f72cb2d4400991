"""The daily message by Zotero: one a day at its hour, with papers that its reader has not had in one before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app.zotero_daily import ZoteroDaily
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.model import Message
from bot.queue.in_process import InProcessQueue
from tests.harness.desk import ADA, BEN, listed
from tests.harness.zotero import ZoteroDesk, zotero_desk

HOUR = datetime(2025, 10, 24, 8, 0, tzinfo=UTC)
"""10:00 in Berlin, of the sample's Friday."""


@pytest.fixture
async def desk(tmp_path) -> AsyncIterator[ZoteroDesk]:
    async with zotero_desk(tmp_path) as opened:
        opened.clock.set(HOUR - timedelta(minutes=30))
        opened.zotero.has(title="Video diffusion", abstract="We generate long videos with a diffusion model of motion.")
        await opened.connect()
        await opened.sync.round()
        yield opened


class Days:
    """The routine and what it posts to Ada; a restarted process remembers nothing."""

    def __init__(self, desk: ZoteroDesk) -> None:
        self.desk = desk
        self.restart()

    def restart(self) -> None:
        desk = self.desk
        self.routine = ZoteroDaily(desk.store, desk.engine, desk.search)
        notices = Notices(desk.store, {}, desk.clock, None)
        self.queue = InProcessQueue(Deliverer(desk.store, {desk.outlet.name: desk.outlet}, desk.clock, notices))

    async def at(self, moment: datetime) -> list[Message]:
        """Let a tick pass at a moment; the messages to Ada so far."""
        self.desk.clock.set(moment)
        await self.routine.run(moment)
        await self.queue.drain()
        return [post.message for post in self.desk.outlet.posts if post.channel == ADA.user]


async def test_it_comes_at_its_hour_once_with_the_closest_papers_and_the_next_day_with_others(desk):
    days = Days(desk)
    assert "comes at 10:00 (Europe/Berlin)" in (await desk.ask("zotero daily on at:10:00")).text
    assert await days.at(HOUR - timedelta(seconds=1)) == []
    [message] = await days.at(HOUR)
    assert message.title == "Close to your library · Fri 24 Oct"
    assert listed(message) == listed(await desk.ask("zotero today count:5"))
    assert [action.label for action in message.actions[-2:]] == ["All of them", "Stop it"]
    assert "By closeness to the 1 latest work of your Zotero library" in message.text
    days.restart()
    assert len(await days.at(HOUR + timedelta(minutes=1))) == 1
    _, second = await days.at(HOUR + timedelta(days=1))
    assert len(listed(second)) == 5
    assert not set(listed(second)) & set(listed(message))
    assert not [post for post in desk.outlet.posts if post.channel == BEN.user]


async def test_an_hour_before_it_was_set_and_one_long_past_are_not_made_up_for(desk):
    days = Days(desk)
    desk.clock.set(HOUR + timedelta(hours=1))
    await desk.ask("zotero daily on at:10:00")
    assert await days.at(HOUR + timedelta(hours=2)) == []
    assert await days.at(HOUR + timedelta(days=1, hours=6)) == []
    assert len(await days.at(HOUR + timedelta(days=2, hours=5))) == 1


async def test_it_ends_when_it_is_switched_off_and_with_the_connection(desk):
    days = Days(desk)
    assert "No daily message comes." in (await desk.ask("zotero daily")).text
    answer = await desk.press(await desk.ask("zotero daily"), "Every morning")
    assert "comes at 09:00 (Europe/Berlin)" in answer.text
    assert "A message with the papers closest" in (await desk.ask("zotero daily")).text
    assert "10:00 (UTC)" in (await desk.ask("zotero daily at:10:00 timezone:utc")).text
    assert "No daily message any more." in (await desk.press(await desk.ask("zotero daily"), "Stop it")).text
    assert await days.at(HOUR + timedelta(days=1)) == []
    await desk.ask("zotero daily on at:10:00")
    await desk.ask("zotero disconnect")
    assert await days.at(HOUR + timedelta(days=2)) == []


async def test_a_day_without_new_papers_has_none(desk):
    days = Days(desk)
    await desk.ask("zotero daily on at:10:00")
    for trend in (await desk.engine.shortlist()).trends:
        await desk.store.people.save(ADA.user, trend.paper.id, desk.clock())
    assert await days.at(HOUR) == []


async def test_a_profile_that_cannot_be_used_holds_up_nobody_else(desk):
    await desk.connect(caller=BEN)
    await desk.sync.round()
    days = Days(desk)
    for each in (ADA, BEN):
        await desk.ask("zotero daily on at:10:00 timezone:Europe/Berlin", each)
    first, second = sorted((ADA.user, BEN.user))
    account = await desk.store.zotero.account(first)
    await desk.store.zotero.record_reading(replace(account, profile=b"12345678"), HOUR + timedelta(days=1))
    await days.at(HOUR)
    assert [post.channel for post in desk.outlet.posts] == [second]


async def test_a_library_without_a_known_word_gets_no_message(desk):
    account = await desk.store.zotero.account(ADA.user)
    await desk.store.zotero.record_reading(replace(account, profile=b""), HOUR + timedelta(days=1))
    await desk.ask("zotero daily on at:10:00")
    assert await Days(desk).at(HOUR) == []
