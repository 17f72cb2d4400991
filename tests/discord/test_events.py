"""Invitations, reactions, deleted channels and left servers, over a real gateway."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from adapters.discord.overflow import Overflow
from adapters.discord.servers import SERVER, Servers
from bot.model import Action, Channel
from bot.wording.parts import say
from tests.discord.fake import SEND, FakeDiscord
from tests.discord.fake import Channel as FakeChannel
from tests.discord.fake.world import Guild
from tests.discord.harness import Notes, Server, server
from tests.fakes import reactions
from tests.harness.engine import eventually

HERE = Channel("discord:1001/2001")


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as ready:
        yield ready
        assert ready.discord.pings == []


# --- invited -----------------------------------------------------------------------------------------------------


async def test_an_invited_bot_introduces_itself_once_where_it_may_write_with_a_subscribe_button(s: Server):
    guild = s.discord.guild("1002", "2101", "2102")
    s.discord.channels["2101"].bot_permissions &= ~SEND
    await s.discord.invite(guild)
    channel = s.discord.channels["2102"]
    await s.discord.until(lambda: channel.messages)
    [hello] = channel.messages
    assert "trending research papers" in hello.text
    assert s.discord.channels["2101"].messages == []
    answer = await s.click(hello, "Subscribe at 09:00")
    assert "Subscribed" in answer.text
    await s.discord.invite(guild)
    await s.command("today")
    [_, line] = channel.messages
    assert "subscribed this channel: 5 papers at 09:00 (UTC)" in line.text


async def test_a_bot_invited_before_it_ran_introduces_itself_at_the_start_and_not_again(tmp_path: Path):
    notes = Notes()
    async with FakeDiscord() as discord:
        for _ in range(2):
            async with server(tmp_path, discord, notes) as s:
                await discord.until(lambda: s.channel.messages)
                await s.command("today")
                assert len(s.channel.messages) == 1


@pytest.mark.parametrize("members", [100, 101])
async def test_in_a_large_server_the_hello_waits_for_the_first_command_and_its_asker_alone_reads_it(
    tmp_path: Path, members: int
):
    notes = Notes()
    async with FakeDiscord() as discord:
        async with server(tmp_path, discord, notes) as s:
            guild = discord.guild("1002", "2101")
            guild.members = members
            channel = discord.channels["2101"]
            await discord.invite(guild)
            await s.command("today")
            await discord.until(lambda: members > 100 or channel.messages)
            assert bool(channel.messages) is (members <= 100)
        async with server(tmp_path, discord, notes) as s:
            replies = [await s.command("today", channel), await s.command("today", channel)]
            await discord.until(lambda: members <= 100 or replies[0].follow_ups)
            hellos = [[post.text for post in reply.follow_ups] for reply in replies]
            assert hellos[1] == []
            if members > 100:
                [hello] = replies[0].follow_ups
                assert "trending research papers" in hello.text
                assert hello.visible_to == s.ada
                assert channel.messages == []
            else:
                assert hellos[0] == []


async def test_servers_that_are_reported_at_the_same_time_are_all_remembered():
    notes = Notes()
    servers = Servers(notes, lambda: 7)
    assert await asyncio.gather(servers.add(1), servers.add(2)) == [True, True]
    assert await Servers(notes, lambda: 7).missing([]) == [1, 2]


async def test_servers_of_several_shards_are_noted_beside_each_other():
    notes = Notes()
    even, odd = (Servers(notes, lambda: 7, lambda server, rest=rest: server % 2 == rest) for rest in (0, 1))
    for number in range(6):
        assert await (odd if number % 2 else even).add(number, waits=number == 3)
    assert await odd.missing([1]) == [3, 5]
    await even.remove(2)
    assert await Servers(notes, lambda: 7).missing([]) == [0, 1, 3, 4, 5]
    assert await Servers(notes, lambda: 7).welcome(3)


async def test_a_bot_that_may_write_nowhere_posts_nothing_and_still_answers(s: Server):
    guild = s.discord.guild("1002", "2101")
    s.discord.channels["2101"].bot_permissions &= ~SEND
    await s.discord.invite(guild)
    assert "Trending now" in (await s.command("today", s.discord.channels["2101"])).text
    assert s.discord.channels["2101"].messages == []


async def test_the_test_command_posts_and_deletes_and_names_a_missing_permission(s: Server):
    assert "This channel gets no digest yet" in (await s.command("test")).text
    assert [post.deleted for post in s.channel.posts if "nonce" in post.raw] == [True]
    await s.command("subscribe", at="09:00", timezone="UTC")
    assert "It works" in (await s.command("test")).text
    s.channel.bot_permissions &= ~SEND
    assert "Send Messages" in (await s.command("test")).text


async def paused(s: Server, why: str | None, channel: FakeChannel | None = None) -> None:
    """Wait until the channel is paused for this reason, or not at all."""

    async def is_paused() -> bool:
        subscription = await s.subscription(channel)
        assert subscription is not None
        return why in str(subscription.pause_reason) if why else subscription.paused_at is None

    await eventually(is_paused, True)


# --- gone, and back ----------------------------------------------------------------------------------------------


async def test_a_removed_bot_pauses_the_server_and_an_outage_does_not(s: Server):
    await s.digest()
    await s.discord.outage(s.guild)
    await s.command("today", s.discord.dm(s.ada))
    assert (await s.subscription()).paused_at is None  # type: ignore[union-attr]
    await s.discord.outage(s.guild, over=True)
    await s.discord.remove_bot(s.guild)
    await paused(s, "removed from the server")
    s.backend.clock.advance(days=1)
    await s.backend.deliver()  # and so tells who set it
    notices = [post for post in s.discord.dm(s.ada).messages if "paused" in post.text]
    assert len(notices) == 1
    assert f"<#{s.channel.id}>" in str(notices[0].raw)
    assert f"</papers resume:{s.discord.menu[0]['id']}>" in str(notices[0].raw)
    await s.discord.invite(s.guild)
    await paused(s, None)


async def test_a_removal_while_the_bot_was_not_running_is_noticed(tmp_path: Path):
    notes = Notes()
    async with FakeDiscord() as discord:
        async with server(tmp_path, discord, notes) as s:
            await s.command("subscribe")
        discord.guilds["1001"].has_bot = False
        other = discord.guild("1002", "2101")
        async with server(tmp_path, discord, notes) as s:
            s.guild.has_bot = False
            await paused(s, "removed from the server")
        assert other.has_bot


async def test_servers_of_another_bot_have_not_removed_this_one(tmp_path: Path, monkeypatch):
    """With the token of another bot in the settings, no server may be taken for one that left, and be erased."""
    notes, missing = Notes(), asyncio.Queue[list[int]]()
    look = Servers.missing

    async def looked(servers: Servers, present: Iterable[int]) -> list[int]:
        missing.put_nowait(await look(servers, present))
        return []

    monkeypatch.setattr(Servers, "missing", looked)
    async with FakeDiscord() as discord:
        async with server(tmp_path, discord, notes) as s:
            await s.command("subscribe")
            assert await missing.get() == []
        note = json.loads(notes.texts[f"{SERVER}1001"])
        for bot, expected in ((note["bot"], [1002]), (7, [])):
            notes.texts[f"{SERVER}1002"] = json.dumps({"bot": bot, "waits": False})
            async with server(tmp_path, discord, notes):
                assert await missing.get() == expected
        assert {name for name in notes.texts if name.startswith(SERVER)} == {f"{SERVER}1001"}


async def test_back_with_the_first_bots_token_what_another_could_not_reach_goes_on(tmp_path: Path):
    notes = Notes()
    async with FakeDiscord() as discord:
        async with server(tmp_path, discord, notes) as s:
            await s.command("subscribe")
            await s.backend.desk.gone(HERE, "Paperboy cannot see the channel")
        notes.texts[f"{SERVER}1001"] = json.dumps({"bot": 7, "waits": False})
        async with server(tmp_path, discord, notes) as s:
            await paused(s, None)


async def two_servers(s: Server) -> Guild:
    """Two servers with a digest each that somebody liked; returns the second."""
    second = s.discord.guild("1002", "2101")
    await s.discord.invite(second)
    for channel in (s.channel, s.discord.channels["2101"]):
        first, *_ = await s.digest(channel)
        await s.click(first, "👍")
    return second


async def only_the_second_is_known(s: Server) -> None:
    """Assert that the first server's data is erased and the second's is not."""
    assert await s.subscription() is None
    assert await reactions(s.backend.store, HERE) == []
    assert await s.subscription(s.discord.channels["2101"]) is not None
    assert len(await reactions(s.backend.store, Channel("discord:1002/2101"))) == 1


async def test_a_server_that_left_is_erased_after_30_days_and_one_that_came_back_is_not(s: Server):
    second = await two_servers(s)
    for guild, channel in ((s.guild, s.channel), (second, s.discord.channels["2101"])):
        await s.discord.remove_bot(guild)
        await paused(s, "removed from the server", channel)
    s.backend.clock.advance(days=29)
    await s.backend.engine.tidy()
    assert await s.subscription() is not None
    await s.discord.invite(second)
    await paused(s, None, s.discord.channels["2101"])
    s.backend.clock.advance(days=2)
    await s.backend.engine.tidy()
    await only_the_second_is_known(s)


async def test_forget_erases_all_about_a_server_at_once_and_nothing_about_another(s: Server):
    await two_servers(s)
    await s.discord.remove_bot(s.guild)
    await paused(s, "removed from the server")
    erased = await s.backend.store.subscriptions.erase(Channel("discord:1001"))
    assert erased["subscriptions"] == 1
    await only_the_second_is_known(s)


async def test_stored_button_options_are_erased_with_their_server_or_person(s: Server):
    overflow = Overflow(s.backend.store.secrets)
    long = {"topic": "a long topic " * 12, "confirm": "yes"}
    message = say("Save it?", actions=[Action("Save", "topics add", long)])
    homes = [Channel(each) for each in ("discord:1001", "discord:1002", "discord:@/42", "discord:@/4")]
    bodies = [await overflow.payload(message, each) for each in homes]
    button = bodies[0]["components"][-1]["components"][0]["custom_id"]
    assert [await overflow.decode(button, each) for each in homes] == [("topics add", long)] * 4
    await s.backend.store.subscriptions.erase(Channel("discord:1001"))
    await s.backend.store.people.forget(Channel("discord:@/4"))
    assert [(await overflow.decode(button, each))[0] for each in homes] == ["", "topics add", "topics add", ""]


async def test_a_deleted_channel_is_paused_and_its_setter_told_once(s: Server):
    await s.command("subscribe")
    await s.discord.delete_channel(s.channel)
    await paused(s, "deleted")
    for _ in range(2):
        await s.backend.deliver()
    assert len([post for post in s.discord.dm(s.ada).messages if "paused" in post.text]) == 1


async def test_a_setter_who_takes_no_direct_messages_is_tried_once_and_the_log_says_so(s: Server, caplog):
    await s.command("subscribe")
    s.discord.dm(s.ada).takes_dms = False
    await s.discord.delete_channel(s.channel)
    await paused(s, "deleted")
    for _ in range(3):
        await s.backend.deliver()
        s.backend.clock.advance(hours=1)
    posts = [path for method, path in s.discord.requests if path == f"/channels/{s.discord.dm(s.ada).id}/messages"]
    assert len(posts) == 1
    assert "paused" in caplog.text


# --- reactions ---------------------------------------------------------------------------------------------------


async def counted(s: Server, votes: list[int], channel: Channel = HERE) -> None:
    """Wait until these votes are stored."""

    async def values() -> list[int]:
        return [value for _, value in await reactions(s.backend.store, channel)]

    await eventually(values, votes)


async def test_reactions_to_a_paper_count_until_they_are_removed(s: Server):
    first, *_ = await s.digest()
    for emoji, value in (("👍", 1), ("❤️", 1), ("👎🏽", -1)):
        await s.discord.interactions.react(s.ben, first, emoji)
        await counted(s, [value])
    await s.discord.interactions.react(s.ben, first, "👎🏽", added=False)
    await counted(s, [1])  # two others are still there
    for emoji in ("👍", "❤️"):
        await s.discord.interactions.react(s.ben, first, emoji, added=False)
    await counted(s, [])


async def test_other_emojis_the_bots_own_reactions_and_those_to_other_messages_do_not_count(s: Server):
    first, *_ = await s.digest()
    await s.discord.interactions.react(s.ben, first, "🎉")
    await s.discord.interactions.react(s.discord.bot["id"], first, "👍")
    s.discord.person(s.ben)
    theirs = s.discord.add_message(s.channel, {"content": "hm"}, s.ben)
    await s.discord.interactions.react(s.ada, theirs, "👍")
    await s.discord.interactions.react(s.ada, first, "👎")
    await counted(s, [-1])


async def test_a_reaction_in_direct_messages_counts_for_them(s: Server):
    channel = s.discord.dm(s.ada)
    await s.command("subscribe", channel, size=3, style="thread")
    s.backend.clock.advance(days=1)
    await s.backend.deliver()
    await s.discord.interactions.react(s.ada, channel.messages[-1], "👍")
    await counted(s, [1], Channel(f"discord:@/{s.ada}"))
