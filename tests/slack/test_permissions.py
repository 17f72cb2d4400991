"""Who may change a channel's digest: members, admins, people of a partner's workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack.harness import Workspace, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []
        assert [ack for ack in ready.slack.acks if ack.failure] == []


async def test_only_admins_change_things_where_the_setting_says_so(tmp_path: Path):
    async with workspace(tmp_path, managers="admins") as w:
        refused = await w.ben.command("/papers", "subscribe", w.channel)
        assert "admin or owner" in refused.text
        assert await w.subscription() is None
        assert "Subscribed" in (await w.ada.command("/papers", "subscribe", w.channel)).text
        assert "admin or owner" in (await w.ben.command("/papers", "settings", w.channel)).text


async def test_everybody_in_the_channel_changes_things_by_default(w: Workspace):
    assert "Subscribed" in (await w.ben.command("/papers", "subscribe", w.channel)).text


async def test_somebody_of_a_partner_workspace_reads_but_changes_nothing_and_sees_no_other_channel(w: Workspace):
    eve = w.slack.team("T2", installed=False).user("U9")
    w.channel.members.add(eve.id)
    w.team.people[eve.id] = eve  # users.info knows strangers of shared channels
    w.channel.shared = True
    first, *_ = await w.digest()
    await w.slack.event(w.team, {**eve_says(w, "subscribe at:10:00", "T2"), "ts": first.thread_ts}, channel=w.channel)
    await w.slack.until(lambda: any("to belong to the workspace" in post.shown for post in eve.private(w.channel)))
    await w.slack.event(w.team, eve_says(w, "subscriptions", "T2"), channel=w.channel)
    await w.slack.until(lambda: len(eve.private(w.channel)) == 2)
    assert all("C1" not in post.shown for post in eve.private(w.channel))
    await w.slack.event(w.team, eve_says(w, "why 2510.20579", "T2"), channel=w.channel)
    await w.slack.until(lambda: any("Why this rank" in post.shown for post in w.channel.posts))


def eve_says(w: Workspace, text: str, team: str) -> dict[str, object]:
    post = w.team.user("U9").says(w.channel, f"<@{w.team.bot}> {text}")
    return {**post.raw, "type": "app_mention", "channel": "C1", "team": team, "user_team": team}
