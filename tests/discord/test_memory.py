"""A liked paper that a pick is close to, on Discord: the sentence in the thread, the address in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord import DiscordOutlet
from bot.errors import DeliveryError
from bot.model import Channel, Ref
from tests.discord.fake import FORUM, FakeDiscord
from tests.discord.harness import server
from tests.discord.test_outlet import ADA, HERE, OnDiscord
from tests.harness.desk import NOW
from tests.harness.engine import running_backend
from tests.harness.memory import close_paper, like_first

MESSAGES = "https://discord.com/channels"
PUBLIC_THREAD = 11
"""https://docs.discord.com/developers/resources/channel#channel-object-channel-types"""


@pytest.fixture
async def on() -> AsyncIterator[OnDiscord]:
    async with FakeDiscord() as discord:
        platform = OnDiscord(discord)
        yield platform
        await platform.client.close()


async def test_the_reply_links_to_the_message_that_was_liked(on: OnDiscord, tmp_path: Path) -> None:
    with running_backend(tmp_path, {"discord": on.outlet}, meaning=True) as backend:
        liked = await like_first(backend, HERE)
        await close_paper(backend, HERE, liked)
    first, second = on.fake_channel.messages
    about = on.thread(Ref(first.id))[0]
    [reply] = on.thread(Ref(second.id))
    assert "which three of you liked" in reply.text
    assert f"[on {NOW.day} {NOW:%B}](<{MESSAGES}/1001/{first.id}/{about.id}>)" in "".join(reply.texts)


async def link(on: OnDiscord, ref: Ref, opener: Ref | None) -> str | None:
    """The address, as a process that posted neither makes it."""
    return await DiscordOutlet(on.client).link(HERE, ref, opener=opener)


async def test_an_opener_is_in_the_channel_and_a_reply_in_its_thread(on: OnDiscord) -> None:
    opener = await on.post("Opener")
    reply = await on.post("Reply", under=opener)
    assert await link(on, opener, opener) == f"{MESSAGES}/1001/2001/{opener}"
    assert await link(on, reply, opener) == f"{MESSAGES}/1001/{opener}/{reply}"


async def test_in_a_forum_both_are_in_the_post(on: OnDiscord) -> None:
    on.fake_channel.kind = FORUM
    opener = await on.post("Opener")
    reply = await on.post("Reply", under=opener)
    assert await link(on, opener, opener) == f"{MESSAGES}/1001/{opener}/{opener}"
    assert await link(on, reply, opener) == f"{MESSAGES}/1001/{opener}/{reply}"


async def test_in_a_channel_that_is_a_thread_a_reply_is_beside_its_opener(on: OnDiscord) -> None:
    on.fake_channel.kind = PUBLIC_THREAD
    assert await link(on, Ref("12"), Ref("11")) == f"{MESSAGES}/1001/2001/12"


async def test_a_direct_message_has_no_address_and_a_channel_that_is_gone_refuses(on: OnDiscord) -> None:
    ref = await on.post("Hello", to=ADA)
    assert await on.outlet.link(ADA, ref, opener=ref) is None
    on.discord.channels.pop("2001")
    with pytest.raises(DeliveryError):
        await link(on, Ref("12"), None)


async def test_the_command_answers_its_asker_alone(tmp_path: Path) -> None:
    async with server(tmp_path) as s:
        paper = (await s.backend.engine.shortlist()).trends[0].paper
        here = Channel(f"discord:{s.channel.guild.id}/{s.channel.id}")
        await s.backend.store.people.react(here, Channel("discord:@/43"), paper.id, 1, NOW)
        answer = (await s.command("memory", query=paper.title)).message
        assert answer is not None
        assert answer.visible_to == s.ada
        assert "one of you liked it" in answer.text
        assert paper.title in answer.text
