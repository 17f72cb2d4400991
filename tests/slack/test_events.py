"""Workspace events: reactions, invitations, channels and installations that end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack import events
from adapters.slack.origin import address
from tests.fakes import reactions
from tests.harness.engine import eventually
from tests.slack.fake import payloads
from tests.slack.harness import Town, town


@pytest.fixture
async def t(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []


async def test_a_reaction_counts_and_taking_it_back_takes_it_back(t: Town):
    first, *_ = await t.digest()

    async def counted() -> list[int]:
        return [value for _, value in await reactions(t.house.store, "slack:T1/C1")]

    await t.ben.reacts(first, "+1::skin-tone-3")
    await eventually(counted, [1])
    await t.ben.reacts(first, "-1")
    await eventually(counted, [-1])
    await t.ben.unreacts(first, "+1::skin-tone-3")
    await t.slack.until(lambda: bool(t.slack.calls("reactions.get")))
    await t.house.front.settled()
    assert await counted() == [-1], "the other one still stands"
    await t.ben.unreacts(first, "-1")
    await eventually(counted, [])
    await t.ben.reacts(first, "eyes")
    assert await counted() == []


def test_reactions_mean_what_they_mean():
    names = ("+1", "thumbsup::skin-tone-6", "-1", "heart", "eyes")
    assert [events.reaction_value(name) for name in names] == [1, 1, -1, 1, None]


async def test_invited_it_says_hello_once_with_a_button_that_subscribes(t: Town):
    new = t.team.channel("C2", [t.ada], bot=False)
    hello = (await t.ada.invites(new, answered=True)).message
    assert hello.kind == "message"
    await t.ada.removes(new)
    await t.ada.invites(new)
    await t.ada.click(hello, "Subscribe, daily at 09:00")
    assert len(new.messages) == 1
    wish = await t.wish(new)
    assert wish is not None
    assert wish.timezone == "Europe/Berlin"


async def paused(t: Town, reason: str) -> None:
    async def why() -> bool:
        wish = await t.wish()
        return wish is not None and reason in (wish.pause_reason or "")

    await eventually(why, expected=True)


async def running(t: Town) -> None:
    async def on() -> bool:
        wish = await t.wish()
        return wish is not None and wish.paused_at is None

    await eventually(on, expected=True)


async def test_an_archived_channel_is_paused_and_goes_on_when_it_is_back(t: Town):
    await t.ada.command("/papers", "subscribe", t.channel)
    await t.ada.archives(t.channel)
    await paused(t, "archived")
    await t.ada.unarchives(t.channel)
    await running(t)


async def test_who_set_a_channel_up_is_told_which_one_is_paused_and_by_its_name(t: Town):
    await t.ada.command("/papers", "subscribe", t.channel)
    await t.ada.archives(t.channel)
    await paused(t, "archived")
    await t.house.deliver()
    [notice] = t.ada.dm.posts
    assert notice.shown.startswith("The paper digest for #C1 is paused, because the channel is archived.")
    assert "<#C1>" in notice.raw["text"]


async def test_a_removal_pauses_and_an_invitation_resumes(t: Town):
    await t.ada.command("/papers", "subscribe", t.channel)
    await t.ada.removes(t.channel)
    await paused(t, "/invite @Paperboy")
    await t.ada.invites(t.channel)
    await running(t)


async def test_a_deleted_channel_is_paused(t: Town):
    await t.ada.command("/papers", "subscribe", t.channel)
    await t.ada.deletes_channel(t.channel)
    await paused(t, "deleted")


async def test_a_channel_that_got_another_id_keeps_its_settings_and_its_past(t: Town):
    await t.digest()
    body = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C9", "event_ts": "1.0"}
    await t.slack.deliveries.deliver("events_api", "channel_id_changed", payloads.event(t.slack, t.team, body))
    old, new = address("T1", "C1"), address("T1", "C9")
    await eventually(lambda: t.house.store.subscriptions.get(old), None)
    wish = await t.house.store.subscriptions.get(new)
    assert wish is not None
    assert wish.size == 3
    [(day, outcome, state)] = await t.house.store.ledger.last_days(new)
    assert (outcome, state) == ("picked", "done")
    assert len(await t.house.store.ledger.deliveries(new, day)) == 4


async def test_an_uninstalled_app_pauses_the_whole_workspace(t: Town):
    await t.ada.command("/papers", "subscribe", t.channel)
    await t.team.uninstalls()
    await paused(t, "uninstalled")


async def test_an_event_that_comes_twice_is_answered_once(t: Town):
    payload = t.mention("today count:1")
    for attempt in range(2):
        await t.slack.deliveries.deliver("events_api", "app_mention", payload, attempt)
    await t.slack.until(lambda: len(t.ada.private(t.channel)) == 1)
    await t.ada.command("/papers", "help", t.channel)
    assert len(t.ada.private(t.channel)) == 2


async def test_a_click_from_a_partner_workspace_belongs_to_the_installation_that_posted(t: Town):
    eve = t.slack.team("T2", installed=False).user("U9")
    t.channel.members.add(eve.id)
    t.slack.team("T2").token = t.team.token  # what the fake answers her with
    first, *_ = await t.digest()
    reply = await eve.click(first, "👍")
    assert "Noted" in reply.text
    assert [value for _, value in await reactions(t.house.store, "slack:T1/C1")] == [1]


async def test_an_event_nobody_asked_for_is_acknowledged(t: Town):
    payload = {**t.mention("x"), "event": {"type": "emoji_changed"}}
    assert (await t.slack.deliveries.deliver("events_api", "emoji_changed", payload)).failure is None


async def test_an_unarchived_channel_without_paperboy_is_left_alone(t: Town):
    elsewhere = t.team.channel("C8", [t.ada], bot=False)
    payload = {**t.mention("x"), "event": {"type": "channel_unarchive", "channel": "C8"}}
    await t.slack.deliveries.deliver("events_api", "channel_unarchive", payload)
    await t.slack.until(lambda: bool(t.slack.calls("conversations.info")))
    await t.house.front.settled()
    assert elsewhere.posts == []
    assert (await t.ada.invites(elsewhere, answered=True)).message.kind == "message", "hello was not used up"
