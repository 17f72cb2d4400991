"""Commands, completions, buttons, forms, permissions and time against simcord, a simulated Discord by other authors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Channel
from tests.discord.simulated import Simulated, SlowDesk, labels, simulated, text


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Simulated]:
    async with simulated(tmp_path) as ready:
        yield ready


async def test_the_menu_is_what_discord_takes_and_shows(s: Simulated):
    menu = s.bob.available_commands(s.channel)
    assert "papers search" in menu
    assert "papers topics add" in menu
    assert "papers saved export" in menu


async def test_a_command_is_answered_to_the_asker_alone_and_shared_by_a_button(s: Simulated):
    result = await s.bob.slash(s.channel, "papers search", query="video", count=2)
    assert result.response.ephemeral
    assert "Papers for video" in text(result.response.message)
    shared = await s.bob.click(result.response.message, label="Share")
    [public] = shared.followups
    assert not public.ephemeral


async def test_an_exported_list_is_attached(s: Simulated):
    await s.bob.slash(s.channel, "papers save", paper="2510.20579")
    result = await s.bob.slash(s.channel, "papers saved export", format="bibtex")
    assert result.response.ephemeral
    [file] = result.response.message.attachments
    assert file.filename == "reading-list.bib"


async def test_a_page_turns_in_place(s: Simulated):
    result = await s.bob.slash(s.channel, "papers search", query="video", count=2)
    before = text(result.response.message)
    await s.bob.click(result.response.message, label="More")
    assert text(result.response.message) != before
    await s.bob.click(result.response.message, label="Back")
    assert text(result.response.message) == before


async def test_completions_are_offered_while_typing(s: Simulated):
    offered = await s.bob.autocomplete(s.channel, "papers subscribe", "timezone", "berl")
    assert [each["value"] for each in offered] == ["Europe/Berlin"]
    await s.bob.slash(s.channel, "papers today")
    papers = await s.bob.autocomplete(s.channel, "papers why", "paper", "video")
    assert 0 < len(papers) <= 25
    result = await s.bob.slash(s.channel, "papers why", paper=papers[0]["value"])
    assert "Why this" in text(result.response.message)


async def test_changes_without_the_permission_to_manage_are_refused_with_the_reason(s: Simulated):
    refused = await s.bob.slash(s.channel, "papers subscribe")
    assert "Manage Channels" in text(refused.response.message)
    allowed = await s.mod.slash(s.channel, "papers subscribe")
    assert "Subscribed" in text(allowed.response.message)


async def test_settings_are_a_panel_and_two_forms(s: Simulated):
    await s.mod.slash(s.channel, "papers subscribe")
    settings = (await s.mod.slash(s.channel, "papers settings")).response
    panel = settings.message
    first, second, *_ = labels(panel)
    form = await s.mod.click(panel, label=first)
    await s.mod.submit_modal(form, {"topics": 'video\n"never closed', "size": "5"})
    assert "never closed" in text(settings.message)
    form = await s.mod.click(panel, label=first)
    await s.mod.submit_modal(form, {"topics": "video", "size": "4"})
    panel = (await s.mod.slash(s.channel, "papers settings")).response.message
    form = await s.mod.click(panel, label=second)
    days = ["mon", "tue", "wed", "thu", "fri"]
    chosen = {"at": ["18:00"], "timezone": "Europe/Berlin", "days": days, "style": "compact", "quiet": "skip"}
    await s.mod.submit_modal(form, chosen)
    subscription = await s.backend.store.subscriptions.get(Channel(f"discord:{s.guild.id}/{s.channel.id}"))
    assert subscription is not None
    assert (subscription.topics, subscription.size) == (("video",), 4)
    assert (subscription.style, subscription.quiet) == ("compact", "skip")
    assert subscription.days == frozenset(range(5))
    assert (subscription.timezone, f"{subscription.at:%H:%M}") == ("Europe/Berlin", "18:00")


async def test_a_button_works_after_a_restart(s: Simulated):
    result = await s.mod.slash(s.channel, "papers topics add", topic="video")
    await s.restart()
    await s.mod.click(result.response.message, label="Follow")
    subscription = await s.backend.store.subscriptions.get(Channel(f"discord:{s.guild.id}/{s.channel.id}"))
    assert subscription is not None
    assert subscription.topics == ("video",)


async def test_a_form_that_was_open_during_a_restart_is_accepted(s: Simulated):
    panel = (await s.mod.slash(s.channel, "papers settings")).response.message
    form = await s.mod.click(panel, label=labels(panel)[0])
    await s.restart()
    await s.mod.submit_modal(form, {"topics": "video", "size": "5"})
    subscription = await s.backend.store.subscriptions.get(Channel(f"discord:{s.guild.id}/{s.channel.id}"))
    assert subscription is not None
    assert subscription.topics == ("video",)


async def test_the_papers_of_a_message_are_related_to_others(s: Simulated):
    message = await s.bob.send(s.channel, "worth reading: https://arxiv.org/abs/2510.20579")
    result = await s.bob.context_menu(s.channel, "Related papers", message)
    assert result.response.ephemeral
    assert "Open-o3" in text(result.response.message)


async def test_an_answer_that_takes_long_is_acknowledged_within_three_seconds(tmp_path: Path):
    go_on = asyncio.Event()
    async with simulated(tmp_path, lambda desk: SlowDesk(desk, go_on.wait)) as s:  # type: ignore[arg-type, return-value]
        answering = asyncio.create_task(s.bob.slash(s.channel, "papers today"))
        await asyncio.sleep(0)
        go_on.set()
        result = await answering
        assert result.acknowledged
        assert "Trending now" in text(result.response.message)


async def test_an_answer_after_fifteen_minutes_is_logged_as_lost(tmp_path: Path, caplog):
    later: list[Simulated] = []

    async def too_long() -> None:
        if later:
            later[0].env._move_clock(later[0].env._virtual_time + 16 * 60)

    async with simulated(tmp_path, lambda desk: SlowDesk(desk, too_long)) as s:  # type: ignore[arg-type, return-value]
        later.append(s)
        await s.bob.slash(s.channel, "papers today")
        assert "could not answer" in caplog.text
        later.clear()
        result = await s.bob.slash(s.channel, "papers today")
        assert "Trending now" in text(result.response.message)


async def test_a_team_has_two_digests_a_watch_a_recap_and_rules(s: Simulated):
    """What a team does together stands under a command of its own, because Discord takes 25 entries for one."""
    await s.mod.slash(s.channel, "papers subscribe")
    second = await s.mod.slash(s.channel, "papers subscribe", name="rl", topics="reinforcement learning")
    assert "Subscribed to “rl”" in text(second.response.message)
    assert "It follows “reinforcement learning”." in text(second.response.message)
    asked = await s.mod.slash(s.channel, "papers pause")
    assert {"main", "rl", "all"} <= set(labels(asked.response.message))
    preview = await s.mod.slash(s.channel, "papers-team watch add", topic="video")
    assert "Watch video?" in text(preview.response.message)
    saved = await s.mod.click(preview.response.message, label="Watch")
    assert "Watching video" in text(saved.response.message)
    listed = await s.bob.slash(s.channel, "papers-team watch list")
    assert "video" in text(listed.response.message)
    recap = await s.mod.slash(s.channel, "papers-team recap", state="on", day="fri", at="16:00")
    assert "on Fridays at 16:00" in text(recap.response.message)
    refused = await s.bob.slash(s.channel, "papers-team recap", state="off")
    assert "Manage Channels" in text(refused.response.message)
    rules = await s.mod.slash(s.channel, "papers-team channel", sharers="managers")
    assert "share" in text(rules.response.message)


async def test_a_paper_is_liked_discussed_and_remembered(s: Simulated):
    card = (await s.bob.slash(s.channel, "papers paper", paper="2510.20579")).response.message
    liked = await s.bob.click(card, label="👍")
    assert "Noted for this channel" in text(liked.response.message)
    await s.bob.click(card, label="Let's discuss")
    found = await s.bob.slash(s.channel, "papers-team memory", query="video reasoning")
    assert "Open-o3" in text(found.response.message)


async def test_a_journal_club_starts_and_says_when_the_vote_begins(s: Simulated):
    await s.mod.slash(s.channel, "papers subscribe")
    started = await s.mod.slash(s.channel, "papers-team club start", day="thu", at="15:00")
    assert "Thursday" in text(started.response.message) or "Thu" in text(started.response.message)
    status = await s.bob.slash(s.channel, "papers-team club status")
    assert "15:00" in text(status.response.message)
    refused = await s.bob.slash(s.channel, "papers-team club stop")
    assert "Manage Channels" in text(refused.response.message)


async def test_a_person_asks_in_a_server_without_paperboy(s: Simulated):
    channel, eve = await s.elsewhere()
    posts = len(channel.history())
    card = (await eve.slash(channel, "papers paper", paper="2510.20579")).response
    assert card.ephemeral
    assert labels(card.message) == ["Save", "Similar", "Why?"]
    saved = await eve.click(card.message, label="Save")
    assert "Saved: " in text(saved.response.message)
    refused = (await eve.slash(channel, "papers subscribe")).response
    assert refused.ephemeral
    assert labels(refused.message) == ["Invite Paperboy"]
    message = await eve.send(channel, "worth reading: https://arxiv.org/abs/2510.20579")
    again = await eve.context_menu(channel, "Save this paper", message)
    assert "Saved before: " in text(again.response.message)
    assert len([each for each in channel.history() if not each.flags.ephemeral]) <= posts + 1
