"""Invitations, reactions, deleted channels and left servers, over a real gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord.overflow import Overflow
from bot.model import Action, Channel
from bot.wording.parts import say
from tests.discord.fake import SEND, FakeDiscord
from tests.discord.fake import Channel as Room
from tests.discord.fake.world import Guild
from tests.discord.harness import Notes, Town, town
from tests.fakes import reactions
from tests.harness.engine import eventually

HERE = Channel("discord:1001/2001")


@pytest.fixture
async def t(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as ready:
        yield ready
        assert ready.discord.pings == []


# --- invited -----------------------------------------------------------------------------------------------------


async def test_invited_it_says_once_what_it_does_where_it_may_write_with_a_subscribe_button(t: Town):
    guild = t.discord.guild("1002", "2101", "2102")
    t.discord.channels["2101"].may &= ~SEND
    await t.discord.invite(guild)
    room = t.discord.channels["2102"]
    await t.discord.until(lambda: room.messages)
    [hello] = room.messages
    assert "trending research papers" in hello.shown
    assert t.discord.channels["2101"].messages == []
    answer = await t.click(hello, "Subscribe, daily at 09:00")
    assert "Subscribed" in answer.text
    await t.discord.invite(guild)
    await t.command("today")
    assert len(room.messages) == 1


async def test_invited_before_it_ran_it_says_hello_when_it_starts_and_not_again(tmp_path: Path):
    notes = Notes()
    async with FakeDiscord() as discord:
        for _ in range(2):
            async with town(tmp_path, discord, notes) as t:
                await discord.until(lambda: t.room.messages)
                await t.command("today")
                assert len(t.room.messages) == 1


async def test_where_it_may_write_nowhere_it_says_nothing_and_answers_all_the_same(t: Town):
    guild = t.discord.guild("1002", "2101")
    t.discord.channels["2101"].may &= ~SEND
    await t.discord.invite(guild)
    assert "Trending now" in (await t.command("today", t.discord.channels["2101"])).text
    assert t.discord.channels["2101"].messages == []


async def test_test_posts_and_deletes_and_names_what_is_missing(t: Town):
    answer = await t.command("test")
    assert "digest will arrive" in answer.text
    assert [post.deleted for post in t.room.posts if "nonce" in post.raw] == [True]
    t.room.may &= ~SEND
    assert "Send Messages" in (await t.command("test")).text


async def paused(t: Town, why: str | None, room: Room | None = None) -> None:
    """Wait until the channel is paused for this reason, or not at all."""

    async def is_paused() -> bool:
        wish = await t.wish(room)
        assert wish is not None
        return why in str(wish.pause_reason) if why else wish.paused_at is None

    await eventually(is_paused, True)


# --- gone, and back ----------------------------------------------------------------------------------------------


async def test_a_removed_bot_pauses_the_server_and_an_outage_does_not(t: Town):
    await t.digest()
    await t.discord.outage(t.guild)
    await t.command("today", t.discord.dm(t.ada))
    assert (await t.wish()).paused_at is None  # type: ignore[union-attr]
    await t.discord.outage(t.guild, over=True)
    await t.discord.removed(t.guild)
    await paused(t, "removed from the server")
    t.house.clock.advance(days=1)
    await t.house.deliver()  # and so tells who set it
    notices = [post for post in t.discord.dm(t.ada).messages if "paused" in post.shown]
    assert len(notices) == 1
    assert f"<#{t.room.id}>" in str(notices[0].raw)
    await t.discord.invite(t.guild)
    await paused(t, None)


async def test_a_server_that_removed_it_while_it_did_not_run_is_noticed(tmp_path: Path):
    notes = Notes()
    async with FakeDiscord() as discord:
        async with town(tmp_path, discord, notes) as t:
            await t.command("subscribe")
        discord.guilds["1001"].here = False
        other = discord.guild("1002", "2101")
        async with town(tmp_path, discord, notes) as t:
            t.guild.here = False
            await paused(t, "removed from the server")
        assert other.here


async def two_servers(t: Town) -> Guild:
    """Two servers with a digest each that somebody liked; returns the second."""
    second = t.discord.guild("1002", "2101")
    await t.discord.invite(second)
    for room in (t.room, t.discord.channels["2101"]):
        first, *_ = await t.digest(room)
        await t.click(first, "👍")
    return second


async def only_the_second_is_known(t: Town) -> None:
    """Assert that the first server's data is erased and the second's is not."""
    assert await t.wish() is None
    assert await reactions(t.house.store, HERE) == []
    assert await t.wish(t.discord.channels["2101"]) is not None
    assert len(await reactions(t.house.store, Channel("discord:1002/2101"))) == 1


async def test_a_server_that_left_is_erased_after_30_days_and_one_that_came_back_is_not(t: Town):
    second = await two_servers(t)
    for guild, room in ((t.guild, t.room), (second, t.discord.channels["2101"])):
        await t.discord.removed(guild)
        await paused(t, "removed from the server", room)
    t.house.clock.advance(days=29)
    await t.house.engine.tidy()
    assert await t.wish() is not None
    await t.discord.invite(second)
    await paused(t, None, t.discord.channels["2101"])
    t.house.clock.advance(days=2)
    await t.house.engine.tidy()
    await only_the_second_is_known(t)


async def test_forget_erases_all_about_a_server_at_once_and_nothing_about_another(t: Town):
    await two_servers(t)
    await t.discord.removed(t.guild)
    await paused(t, "removed from the server")
    erased = await t.house.store.subscriptions.erase(Channel("discord:1001"))
    assert erased["subscriptions"] == 1
    await only_the_second_is_known(t)


async def test_what_a_button_had_no_room_for_goes_with_its_server_or_person(t: Town):
    overflow = Overflow(t.house.store.secrets)
    long = {"topic": "a long topic " * 12, "confirm": "yes"}
    message = say("Save it?", actions=[Action("Save", "topics add", long)])
    homes = [Channel(each) for each in ("discord:1001", "discord:1002", "discord:@/42", "discord:@/4")]
    bodies = [await overflow.payload(message, each) for each in homes]
    button = bodies[0]["components"][-1]["components"][0]["custom_id"]
    assert [await overflow.decode(button, each) for each in homes] == [("topics add", long)] * 4
    await t.house.store.subscriptions.erase(Channel("discord:1001"))
    await t.house.store.people.forget(Channel("discord:@/4"))
    assert [(await overflow.decode(button, each))[0] for each in homes] == ["", "topics add", "topics add", ""]


async def test_a_deleted_channel_is_paused_and_its_setter_told_once(t: Town):
    await t.command("subscribe")
    await t.discord.delete_channel(t.room)
    await paused(t, "deleted")
    for _ in range(2):
        await t.house.deliver()
    assert len([post for post in t.discord.dm(t.ada).messages if "paused" in post.shown]) == 1


async def test_a_setter_who_takes_no_direct_messages_is_not_asked_again_and_it_is_in_the_log(t: Town, caplog):
    await t.command("subscribe")
    t.discord.dm(t.ada).takes_dms = False
    await t.discord.delete_channel(t.room)
    await paused(t, "deleted")
    for _ in range(3):
        await t.house.deliver()
        t.house.clock.advance(hours=1)
    posts = [path for method, path in t.discord.seen if path == f"/channels/{t.discord.dm(t.ada).id}/messages"]
    assert len(posts) == 1
    assert "paused" in caplog.text


# --- reactions ---------------------------------------------------------------------------------------------------


async def counted(t: Town, votes: list[int], channel: Channel = HERE) -> None:
    """Wait until these votes are stored."""

    async def values() -> list[int]:
        return [value for _, value in await reactions(t.house.store, channel)]

    await eventually(values, votes)


async def test_reactions_to_a_paper_count_and_taking_them_back_does_too(t: Town):
    first, *_ = await t.digest()
    for emoji, value in (("👍", 1), ("❤️", 1), ("👎🏽", -1)):
        await t.discord.interactions.react(t.ben, first, emoji)
        await counted(t, [value])
    await t.discord.interactions.react(t.ben, first, "👎🏽", added=False)
    await counted(t, [1])  # two others are still there
    for emoji in ("👍", "❤️"):
        await t.discord.interactions.react(t.ben, first, emoji, added=False)
    await counted(t, [])


async def test_other_reactions_the_bots_own_and_those_to_other_messages_say_nothing(t: Town):
    first, *_ = await t.digest()
    await t.discord.interactions.react(t.ben, first, "🎉")
    await t.discord.interactions.react(t.discord.bot["id"], first, "👍")
    t.discord.person(t.ben)
    theirs = t.discord.keep(t.room, {"content": "hm"}, t.ben)
    await t.discord.interactions.react(t.ada, theirs, "👍")
    await t.discord.interactions.react(t.ada, first, "👎")
    await counted(t, [-1])


async def test_a_reaction_in_direct_messages_counts_for_them(t: Town):
    room = t.discord.dm(t.ada)
    await t.command("subscribe", room, size=3)
    t.house.clock.advance(days=1)
    await t.house.deliver()
    await t.discord.interactions.react(t.ada, room.messages[-1], "👍")
    await counted(t, [1], Channel(f"discord:@/{t.ada}"))
