"""What a channel may set about its posts: the role that is mentioned, silence, tags, crossposts, archiving."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.blocks import payload
from adapters.discord.crossposts import Crossposts
from adapters.discord.outlet import DiscordOutlet
from bot.errors import DeliveryError, Failure, GroupsError
from bot.model import Block, Channel, Group, Message, Ref, Span
from tests.contracts.outlet import say
from tests.discord.fake import FORUM, FakeDiscord, checks
from tests.discord.fake.world import ANNOUNCEMENT, SILENT, mentions, pings
from tests.discord.test_outlet import HERE, OnDiscord
from tests.harness.examples import examples
from tests.harness.strategies import MESSAGES

OPS, OTHERS = "5001", "5002"
OPENER = Message((Block("heading", (Span("Papers"),)), Block("text", (Span("<@&5002> @everyone"),))), private=False)


@pytest.fixture
async def on() -> AsyncIterator[OnDiscord]:
    async with FakeDiscord() as discord:
        platform = OnDiscord(discord)
        platform.fake_channel.guild.role(OPS, "ops")
        platform.fake_channel.guild.role(OTHERS, "Others", mentionable=False)
        yield platform
        await platform.client.close()


async def posted(on: OnDiscord, message: Message, *, under: Ref | None = None, key: str = "k") -> Ref:
    return await on.outlet.post(HERE, message, under=under, key=key)


# --- mentions --------------------------------------------------------------------------------------------------------


@given(MESSAGES, st.sampled_from(["", OPS, "@everyone", "1> <@&2", "٣", "-1", "5001 ops"]))
@examples(60)
def test_a_message_notifies_the_one_role_that_it_names_and_nobody_else(message: Message, role: str):
    blocks = (*message.blocks, Block("text", (Span(f"<@&{OTHERS}> <@1> @here"), Span("<@&5001> ", code=True))))
    body = payload(replace(message, blocks=blocks, mention=role))
    assert checks.message(json.loads(json.dumps(body))) is None
    assert pings(body) == mentions(body) == ([f"<@&{OPS}>"] if role == OPS else [])
    assert body["allowed_mentions"]["parse"] == []


async def test_the_role_stands_under_the_heading_and_nobody_else_is_notified(on: OnDiscord):
    await posted(on, replace(OPENER, mention=OPS))
    [post] = on.fake_channel.messages
    assert post.texts[1] == f"-# <@&{OPS}>"
    assert on.discord.pings == [f"<@&{OPS}>"]


async def test_a_deleted_role_is_left_out_and_the_message_comes(on: OnDiscord):
    on.fake_channel.guild.delete_role(OPS)
    await posted(on, replace(OPENER, mention=OPS))
    assert on.discord.pings == on.discord.mentions == []


async def test_where_discord_does_not_tell_its_roles_the_message_comes_all_the_same(on: OnDiscord):
    on.discord.fails("GET", "/roles", 403, {"code": 50_013, "message": "Missing Permissions"})
    await posted(on, replace(OPENER, mention=OPS))
    assert on.discord.pings == [f"<@&{OPS}>"]


async def test_the_roles_of_a_server_are_its_groups_without_everyone_and_those_of_apps(on: OnDiscord):
    on.fake_channel.guild.role("5003", "Paperboy", tags={"bot_id": "1"})
    assert await on.outlet.groups(HERE) == (Group(OPS, "ops"), Group(OTHERS, "Others", pings=False))
    assert await on.outlet.groups(Channel("discord:@/42")) == ()


async def test_roles_that_are_not_told_are_an_error_with_a_remedy(on: OnDiscord):
    on.discord.fails("GET", "/roles", 503)
    with pytest.raises(GroupsError, match=r"try again in a minute") as caught:
        await on.outlet.groups(HERE)
    assert not caught.value.lasting


# --- silence, archiving ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("silent", [True, False])
async def test_a_silent_message_says_so_in_channels_and_forums(on: OnDiscord, *, silent: bool):
    on.discord.add_channel(on.fake_channel.guild, "2009", FORUM)
    await posted(on, replace(OPENER, silent=silent))
    await on.outlet.post(Channel("discord:1001/2009"), replace(OPENER, silent=silent), under=None, key="f")
    assert [bool(post.raw["flags"] & SILENT) for post in on.discord.posts] == [silent, silent]


@pytest.mark.parametrize(("minutes", "archived"), [(None, 10_080), (60, 60), (4_320, 4_320), (17, 10_080)])
async def test_a_thread_is_archived_when_the_channel_wants_it(on: OnDiscord, minutes: int | None, archived: int):
    message = replace(OPENER, archive_minutes=minutes)
    opener = await posted(on, message)
    await posted(on, replace(say("Reply"), archive_minutes=minutes), under=opener, key="r")
    assert on.discord.channels[str(opener)].archive_minutes == archived
    on.discord.add_channel(on.fake_channel.guild, "2009", FORUM)
    post = await on.outlet.post(Channel("discord:1001/2009"), message, under=None, key="f")
    assert on.discord.channels[str(post)].archive_minutes == archived


async def test_a_reply_in_a_locked_thread_says_that_it_is_gone(on: OnDiscord):
    opener = await posted(on, OPENER)
    await posted(on, replace(say("Reply"), archive_minutes=60, silent=True), under=opener, key="r")
    on.discord.channels[str(opener)].locked = True
    with pytest.raises(DeliveryError) as caught:
        await posted(on, replace(say("More"), archive_minutes=60), under=opener, key="s")
    assert caught.value.kind is Failure.THREAD_GONE


# --- tags ------------------------------------------------------------------------------------------------------------

TAGS = {"Papers": "71", "Video Diffusion": "72", "rl": "73", "secret": "74", "a": "75", "b": "76", "c": "77", "d": "78"}


@pytest.mark.parametrize(
    ("wanted", "required", "applied"),
    [
        ((), False, []),
        ((), True, ["71"]),
        (("video diffusion", "RL"), False, ["72", "73"]),
        (("video diffusion",), True, ["72"]),
        (("nothing like it",), True, ["71"]),
        (("nothing like it", "secret"), False, []),
        (("rl", "RL", "a", "b", "c", "d", "papers"), False, ["73", "75", "76", "77", "78"]),
    ],
)
async def test_a_post_has_the_tags_that_are_named_like_its_topics(
    on: OnDiscord, wanted: tuple[str, ...], required: bool, applied: list[str]
):
    forum = on.discord.add_channel(on.fake_channel.guild, "2009", FORUM)
    forum.tags, forum.requires_tag, forum.moderated_tags = TAGS, required, {"secret"}
    await on.outlet.post(Channel("discord:1001/2009"), replace(OPENER, tags=wanted), under=None, key="f")
    assert on.discord.applied_tags == applied


# --- crossposts ------------------------------------------------------------------------------------------------------


class Waiting:
    """A clock for waits: it jumps instead."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord, self.waits = discord, list[float]()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.discord.ids.ahead += seconds


def announcing(on: OnDiscord) -> Waiting:
    on.fake_channel.kind = ANNOUNCEMENT
    waiting = Waiting(on.discord)
    on.outlet._crossposts = Crossposts(on.client, sleep=waiting.sleep)
    return waiting


async def test_an_announcement_is_crossposted_once_and_only_if_wished(on: OnDiscord):
    announcing(on)
    await posted(on, OPENER, key="a")
    ref = await posted(on, replace(OPENER, crosspost=True), key="b")
    assert [bool(post.crossposted) for post in on.fake_channel.messages] == [False, True]
    await on.outlet._crossposts.begin(HERE, ref)
    assert on.calls("POST", "/crosspost") == 2, "40033 is not repeated"
    assert await posted(on, replace(OPENER, crosspost=True), key="b") == ref
    assert on.calls("POST", "/crosspost") == 3


async def test_beyond_ten_an_hour_a_crosspost_waits_as_long_as_discord_says(on: OnDiscord):
    waiting = announcing(on)
    for number in range(11):
        await posted(on, replace(OPENER, crosspost=True), key=f"c{number}")
    await on.outlet._crossposts.tasks.finish(5.0)
    assert all(post.crossposted for post in on.fake_channel.messages)
    assert len(waiting.waits) == 1
    assert 3_500 < waiting.waits[0] <= 3_600


async def test_the_post_stands_whatever_becomes_of_its_crosspost(on: OnDiscord, caplog: pytest.LogCaptureFixture):
    ref = await posted(on, replace(OPENER, crosspost=True))
    assert on.fake_channel.find(str(ref)) is not None, "an ordinary channel has nothing to crosspost"
    assert "not crossposted" in caplog.text
    waiting = announcing(on)
    for _ in range(3):
        on.discord.fails("POST", "/crosspost", 503)
    await posted(on, replace(OPENER, crosspost=True), key="d")
    await on.outlet._crossposts.tasks.finish(5.0)
    assert waiting.waits == [60.0, 60.0]
    assert "too often" in caplog.text


async def test_replies_and_other_outlets_know_nothing_of_it(on: OnDiscord):
    announcing(on)
    opener = await posted(on, OPENER)
    later = DiscordOutlet(on.client)
    await later.post(HERE, say("Reply"), under=opener, key="r")
    assert on.calls("POST", "/crosspost") == 0
