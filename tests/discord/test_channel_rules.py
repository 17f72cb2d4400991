"""What a channel has set about people and posts, from the command to Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands import parse_line
from tests.discord.fake import FORUM, Posted
from tests.discord.fake.world import ADMINISTRATOR, ALL, ANNOUNCEMENT, SILENT
from tests.discord.harness import Server, server
from tests.harness.engine import eventually

OPS = "5001"
CARL = "44"
"""A person without rights; Ben is in @ops."""


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as ready:
        ready.guild.role(OPS, "ops", ready.ben)
        yield ready


async def test_a_roles_people_change_settings_by_commands_buttons_and_forms(s: Server):
    saved = await s.command("channel", managers=f"<@&{OPS}>")
    assert "Settings are changed by the role @ops and the admins." in saved.text
    assert "You are not among them yourself" in saved.text
    assert "the role @ops" in (await s.command("subscribe")).text
    assert "Subscribed" in (await s.command("subscribe", by=s.ben, manager=False)).text
    form = await s.command("settings", by=s.ben, manager=False)
    modal = (await s.click(form.message, "Hour, time zone…", by=s.ben)).modal
    reply = await s.discord.interactions.submit(s.ben, form.message, modal, {"style": "compact"})
    assert "in one message" in reply.text
    assert "the role @ops" in (await s.command("pause", by=CARL)).text
    admin = await s.command("channel", managers="managers", by=CARL, manager=False, permissions=ALL | ADMINISTRATOR)
    assert "those who manage the channel" in admin.text


async def test_the_form_of_a_channel_is_a_panel_with_its_values(s: Server):
    s.channel.kind = ANNOUNCEMENT
    await s.discord.gateway.dispatch("CHANNEL_UPDATE", s.channel.as_json())
    panel = await s.command("channel")
    for words in ("Who may change settings: managers", "Silent posts: No", "Publish digests to followers: No"):
        assert words in panel.text
    assert "Tags named like" not in panel.text, "that is for forums"
    button = panel.message.buttons[0]["label"]
    modal = (await s.click(panel.message, button)).modal
    reply = await s.discord.interactions.submit(s.ada, panel.message, modal, {"managers": "@opss"})
    assert "There is no role “opss” here. Did you mean “@ops”?" in reply.text
    modal = (await s.click(reply.message, button)).modal
    reply = await s.discord.interactions.submit(s.ada, reply.message, modal, {"managers": "@ops"})
    assert "the role @ops" in reply.text


async def test_a_deleted_role_falls_back_to_manage_channels_and_says_so(s: Server):
    await s.command("channel", managers="@ops")
    s.guild.delete_role(OPS)
    s.backend.engine._outlets["discord"]._outlet._roles._by_server.clear()  # a minute passes
    allowed = await s.command("subscribe")
    assert "The role @ops no longer exists" in allowed.text
    assert "Subscribed" in allowed.text
    assert "“Manage Channels”" in (await s.command("pause", manager=False)).text


async def test_sharing_is_for_those_who_may_share(s: Server):
    await s.command("channel", sharers="@ops")
    answer = await s.command("today")
    refused = await s.click(answer.message, "Share")
    assert "Sharing answers here is for the role @ops" in refused.follow_ups[0].text
    assert s.channel.messages == [post for post in s.channel.messages if "Shared by" not in post.text]
    shared = await s.click((await s.command("today", by=s.ben)).message, "Share", by=s.ben)
    assert "Shared by" in shared.follow_ups[0].text
    assert "Sharing answers here" in (await s.command("today", share=True)).text


async def test_a_mention_is_answered_with_a_button_where_its_writer_may_not_share(s: Server):
    await s.command("channel", sharers="@ops")
    await s.discord.interactions.write(s.ada, s.channel, f"<@{s.discord.bot['id']}> today")
    button = await shown(s, "for you alone")
    assert "Trending" in (await s.click(button, "Today")).text
    await s.discord.interactions.write(s.ben, s.channel, f"<@{s.discord.bot['id']}> today")
    await shown(s, "Trending")


async def shown(s: Server, text: str) -> Posted:
    """The message in the channel that has these words, as soon as it is there."""
    await s.discord.until(lambda: any(text in post.text for post in s.channel.messages))
    return next(post for post in s.channel.messages if text in post.text)


async def test_reactions_count_of_those_whose_feedback_counts(s: Server):
    first, *_ = await s.digest()
    await s.command("channel", feedback="@ops")

    async def counted() -> int:
        here = f"discord:{s.guild.id}/{s.channel.id}"
        lessons = await s.backend.store.feedback.lessons((here,))
        return len(lessons[here].feedback) if here in lessons else 0

    assert "Not counted" in (await s.click(first, "👍")).text
    await s.discord.interactions.react(s.ada, first, "👍")
    await s.discord.interactions.react(s.ben, first, "👍")
    await eventually(counted, 1)
    await s.discord.interactions.react(s.ben, first, "🔥")
    await s.discord.interactions.react(s.ben, first, "👍", added=False)
    await s.discord.interactions.react(s.ben, first, "🔥", added=False)
    await eventually(counted, 0)


async def test_a_digest_comes_as_the_channel_has_set_it(s: Server):
    s.channel.kind = ANNOUNCEMENT
    await s.command("channel", silent="on", crosspost="on", archive="1d")
    await s.command("subscribe", mention="@ops", size=3)
    replies = await s.digest()
    opener = s.discord.channels[replies[0].channel.id]
    post = s.channel.find(opener.id)
    assert s.discord.pings == [f"<@&{OPS}>"], "once, in the opener alone"
    assert post.crossposted
    assert not any(reply.crossposted for reply in replies)
    assert all(each.raw["flags"] & SILENT for each in (post, *replies))
    assert opener.archive_minutes == 1_440


async def test_nothing_of_it_is_so_unless_it_is_set(s: Server):
    s.channel.kind = ANNOUNCEMENT
    replies = await s.digest()
    post = s.channel.find(replies[0].channel.id)
    assert s.discord.pings == []
    assert not post.crossposted
    assert not any(each.raw["flags"] & SILENT for each in (post, *replies))
    assert s.discord.channels[post.id].archive_minutes == 10_080


async def test_a_digest_in_a_forum_has_the_tags_of_its_topics(s: Server):
    forum = s.discord.add_channel(s.guild, "2010", FORUM)
    forum.tags = {"Papers": "71", "Video": "72", "rl": "73"}
    await s.discord.gateway.dispatch("CHANNEL_CREATE", forum.as_json())
    assert "no effect outside of a forum" in (await s.command("channel", tags="on")).text
    await s.command("channel", forum, tags="on")
    await s.command("topics add", forum, topic="video", confirm="yes")
    s.backend.clock.advance(days=1)
    await s.backend.deliver()
    assert s.discord.applied_tags == ["72"]


async def test_commands_of_the_second_menu_are_named_completed_and_explained_as_they_are_called(s: Server):
    assert {each["name"] for each in s.discord.menu if each["type"] == 1} == {"papers", "papers-team"}
    explained = await s.command("help", command="channel")
    assert "/papers-team channel" in explained.text
    assert "/papers channel" not in explained.text
    assert "/papers-team club start" in (await s.command("help", command="club")).text
    assert "/papers today" in (await s.command("help")).text
    complete = s.discord.interactions.autocomplete
    assert await complete(s.ada, s.channel, "channel", "managers", "") == ["members", "managers", "@ops"]
    assert await complete(s.ada, s.channel, "subscribe", "mention", "@") == ["@ops"]
    assert (await complete(s.ada, s.channel, "help", "command", "chan"))[0] == "channel"


def test_a_line_may_begin_with_the_name_of_either_menu():
    assert parse_line("/papers-team channel managers:members") == ("channel", {"managers": "members"})
    assert parse_line("papers-team recap")[0] == "recap"
