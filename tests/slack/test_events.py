"""Workspace events: reactions, invitations, channels and installations that end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.slack import events
from adapters.slack.origin import address
from bot.errors import UserError
from bot.handlers.personal_tokens import PersonalTokens
from bot.model import Caller, digest_key
from tests.fakes import reactions
from tests.harness.engine import eventually
from tests.slack.fake import payloads
from tests.slack.harness import Workspace, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []


async def test_a_reaction_counts_and_taking_it_back_takes_it_back(w: Workspace):
    first, *_ = await w.digest()

    async def counted() -> list[int]:
        return [value for _, value in await reactions(w.backend.store, "slack:T1/C1")]

    await w.ben.reacts(first, "+1::skin-tone-3")
    await eventually(counted, [1])
    await w.ben.reacts(first, "-1")
    await eventually(counted, [-1])
    await w.ben.unreacts(first, "+1::skin-tone-3")
    await w.slack.until(lambda: bool(w.slack.calls("reactions.get")))
    await w.backend.settled()
    assert await counted() == [-1], "the other one still stands"
    await w.ben.unreacts(first, "-1")
    await eventually(counted, [])
    await w.ben.reacts(first, "eyes")
    assert await counted() == []


def test_reactions_mean_what_they_mean():
    names = ("+1", "thumbsup::skin-tone-6", "-1", "heart", "eyes")
    assert [events.reaction_value(name) for name in names] == [1, 1, -1, 1, None]


async def test_invited_it_says_hello_once_and_to_whoever_invited_it_with_a_button_that_subscribes(w: Workspace):
    new = w.team.channel("C2", [w.ada], bot=False)
    hello = (await w.ada.invites(new, answered=True)).message
    assert (hello.kind, hello.user) == ("ephemeral", "U1")
    await w.ada.removes(new)
    await w.ada.invites(new)
    await w.backend.settled()
    assert new.posts == [hello]
    await w.ada.click(hello, "Subscribe at 09:00")
    subscription = await w.subscription(new)
    assert subscription is not None
    assert subscription.timezone == "Europe/Berlin"


async def test_where_nobody_can_be_greeted_alone_the_channel_is(w: Workspace):
    new = w.team.channel("C2", [w.ada], bot=False)
    w.slack.fails("chat.postEphemeral", "user_not_in_channel")
    assert (await w.ada.invites(new, answered=True)).message.kind == "message"
    other = w.team.channel("C3", [w.ada], bot=False)
    assert (await w.ada.invites(other, answered=True, named=False)).message.kind == "message", "no inviter is named"


async def paused(w: Workspace, reason: str) -> None:
    async def why() -> bool:
        subscription = await w.subscription()
        return subscription is not None and reason in (subscription.pause_reason or "")

    await eventually(why, expected=True)


async def running(w: Workspace) -> None:
    async def on() -> bool:
        subscription = await w.subscription()
        return subscription is not None and subscription.paused_at is None

    await eventually(on, expected=True)


async def test_an_archived_channel_is_paused_and_goes_on_when_it_is_back(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    await w.ada.archives(w.channel)
    await paused(w, "archived")
    await w.ada.unarchives(w.channel)
    await running(w)


async def test_who_set_a_channel_up_is_told_which_one_is_paused_and_by_its_name(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    await w.ada.archives(w.channel)
    await paused(w, "archived")
    await w.backend.deliver()
    [notice] = w.ada.dm.posts
    assert notice.shown.startswith("The paper digest for #C1 is paused, because the channel is archived.")
    assert "<#C1>" in notice.raw["text"]


async def test_a_removal_pauses_and_an_invitation_resumes(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    await w.ada.removes(w.channel)
    await paused(w, "/invite @Paperboy")
    await w.ada.invites(w.channel)
    await running(w)


async def test_a_deleted_channel_is_paused(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    await w.ada.deletes_channel(w.channel)
    await paused(w, "deleted")


async def test_a_channel_that_got_another_id_keeps_its_settings_and_its_past(w: Workspace):
    await w.digest()
    body = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C9", "event_ts": "1.0"}
    await w.slack.deliveries.deliver("events_api", "channel_id_changed", payloads.event(w.slack, w.team, body))
    old, new = address("T1", "C1"), address("T1", "C9")
    await eventually(lambda: w.backend.store.subscriptions.get(old), None)
    subscription = await w.backend.store.subscriptions.get(new)
    assert subscription is not None
    assert subscription.size == 3
    [(day, outcome, state, *_)] = await w.backend.store.ledger.last_days(new)
    assert (outcome, state) == ("picked", "done")
    assert len(await w.backend.store.ledger.deliveries(digest_key(new, day))) == 4


async def test_an_uninstalled_app_pauses_the_whole_workspace(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    await w.team.uninstalls()
    await paused(w, "uninstalled")


async def test_an_event_that_comes_twice_is_answered_once(w: Workspace):
    payload = w.mention("today count:1")
    for attempt in range(2):
        await w.slack.deliveries.deliver("events_api", "app_mention", payload, attempt)
    [mention] = w.channel.posts
    await w.slack.until(lambda: len(w.channel.thread(mention.ts)) == 1)
    await w.ada.command("/papers", "help", w.channel)
    assert len(w.channel.thread(mention.ts)) == 1


async def test_a_click_from_a_partner_workspace_belongs_to_the_installation_that_posted(w: Workspace):
    eve = w.slack.team("T2", installed=False).user("U9")
    w.channel.members.add(eve.id)
    w.slack.team("T2").token = w.team.token  # what the fake answers her with
    first, *_ = await w.digest()
    reply = await eve.click(first, "👍")
    assert "Noted" in reply.text
    assert [value for _, value in await reactions(w.backend.store, "slack:T1/C1")] == [1]


async def test_an_event_nobody_asked_for_is_acknowledged(w: Workspace):
    payload = {**w.mention("x"), "event": {"type": "emoji_changed"}}
    assert (await w.slack.deliveries.deliver("events_api", "emoji_changed", payload)).failure is None


async def test_an_unarchived_channel_without_paperboy_is_left_alone(w: Workspace):
    elsewhere = w.team.channel("C8", [w.ada], bot=False)
    payload = {**w.mention("x"), "event": {"type": "channel_unarchive", "channel": "C8"}}
    await w.slack.deliveries.deliver("events_api", "channel_unarchive", payload)
    await w.slack.until(lambda: bool(w.slack.calls("conversations.info")))
    await w.backend.settled()
    assert elsewhere.posts == []
    assert "Hello" in (await w.ada.invites(elsewhere, answered=True)).text, "hello was not used up"


async def test_who_leaves_a_channel_has_no_token_for_it_from_then_on(w: Workspace):
    personal = w.backend.desk.personal
    assert isinstance(personal, PersonalTokens)
    token, _ = await personal.new_token(Caller(address("T1", w.channel.id), address("T1", w.ben.id)))

    async def opens() -> bool:
        with suppress(UserError):
            return bool(await personal.holder(token))
        return False

    assert await opens()
    await w.ben.leaves(w.channel)
    await eventually(opens, expected=False)
    await w.ben.joins(w.channel)
    await eventually(opens, expected=True)
