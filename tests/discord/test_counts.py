"""Counts on cards in Discord: reactions come over the gateway, edits go out over HTTP and open no thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app.recap import RecapRoutine
from bot.model import Channel
from tests.contracts.outlet import say
from tests.discord.fake import FORUM
from tests.discord.harness import Server, server
from tests.discord.test_outlet import OnDiscord, on  # noqa: F401 - a fixture
from tests.fakes import reactions
from tests.harness.engine import eventually

HERE = Channel("discord:1001/2001")


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as ready:
        yield ready
        assert ready.discord.pings == []


async def look(s: Server, **span: float) -> int:
    """Edit what is due after this time; how many edits Discord has taken in all."""
    s.backend.clock.advance(**span)
    await s.backend.counts.edit_due()
    return sum(len(post.edits) for post in s.discord.posts)


async def counted(s: Server, number: int) -> None:
    """Wait until so many reactions are stored."""

    async def stored() -> int:
        return len(await reactions(s.backend.store, HERE))

    await eventually(stored, number)


async def test_a_card_shows_who_likes_it_and_wants_to_discuss_it_and_stays_what_it_was(s: Server):
    card, *_ = await s.digest()
    buttons, text = card.buttons, card.text
    await s.discord.interactions.react(s.ben, card, "👍")
    await counted(s, 1)
    for label in ("Save", "Let's discuss"):
        await s.click(card, label, by=s.ben)
    assert await look(s) == 1
    assert card.text == f"{text}\n👍 1 · 💬 1 wants to discuss"
    assert card.buttons == buttons, "its key is in them"
    assert card.raw["allowed_mentions"] == {"parse": []}
    assert "message_reference" not in card.raw
    assert await look(s, hours=1) == 1


async def test_a_burst_of_a_hundred_reactions_is_one_edit(s: Server):
    card, *_ = await s.digest()
    await s.discord.interactions.react(s.ben, card, "👍")
    await counted(s, 1)
    assert await look(s) == 1
    for person in range(100, 200):
        await s.discord.interactions.react(str(person), card, "👍")
    await counted(s, 101)
    assert await look(s, seconds=59) == 1
    assert await look(s, seconds=1) == 2
    assert card.text.endswith("👍 101")


async def test_an_archived_thread_stays_archived_and_a_deleted_card_is_dropped(s: Server):
    card, other, *_ = await s.digest()
    for each in (card, other):
        await s.click(each, "👍", by=s.ben)
    card.deleted = True
    assert await look(s) == 1
    await s.click(other, "👍", by=s.ada)
    card.channel.archived = True
    assert await look(s, minutes=2) == 1
    assert await look(s, hours=1) == 1
    assert card.channel.archived


async def test_a_message_is_edited_wherever_it_stands(on: OnDiscord):  # noqa: F811 - a fixture
    """An opener and its replies in a forum, in direct messages, and in a channel that has no threads."""
    on.fake_channel.kind = FORUM
    opener = await on.post("Opener")
    for number, channel in enumerate((HERE, Channel("discord:@/42"))):
        if number:
            opener = await on.post("Opener", to=channel)
        reply = await on.post("Reply", under=opener, to=channel)
        fresh = type(on.outlet)(on.client)  # a process that has posted nothing
        for ref, under in ((opener, None), (reply, opener)):
            await fresh.edit(channel, ref, say(f"New {number}"), under=under, key="k")
    assert [post.text for post in on.discord.posts] == ["New 0", "New 0", "New 1", "New 1"]


async def test_where_there_are_no_threads_a_reply_is_edited_in_the_channel(on: OnDiscord):  # noqa: F811 - a fixture
    on.fake_channel.kind = 2
    opener = await on.post("Opener")
    reply = await on.post("Reply", under=opener)
    await type(on.outlet)(on.client).edit(HERE, reply, say("New"), under=opener, key="k")
    assert await on.roots() == ["Opener", "New"]


async def test_a_recap_is_switched_on_previewed_and_posted_with_links_to_the_thread(s: Server):
    card, *_ = await s.digest()
    await s.click(card, "👍", by=s.ben)
    s.backend.engine.routines = (RecapRoutine(s.backend.store, s.backend.engine),)
    state = await s.command("recap", state="on", day="mon", at="09:00")
    assert "on Mondays at 09:00" in state.text
    assert "Most liked" in (await s.click(state.message, "Preview")).text
    now = s.backend.clock()
    monday = now.date() + timedelta(days=(7 - now.weekday()) % 7 or 7)
    subscription = await s.subscription()
    assert subscription is not None
    s.backend.clock.set(datetime.combine(monday, time(9), ZoneInfo(subscription.timezone)).astimezone(UTC))
    await s.backend.deliver()
    [recap] = [post for post in s.channel.messages if "Papers of the week" in post.text]
    assert f"https://discord.com/channels/1001/{card.channel.id}/{card.id}" in "".join(recap.texts)
