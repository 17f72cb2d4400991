"""What a channel has set about people and posts, from the command to Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.engine import eventually
from tests.slack.harness import Workspace, openers, workspace

HERE = "slack:T1/C1"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        ready.team.groups = {"S2": ("ops", {"U2"}), "S3": ("all-hands", {"U1", "U2", "U3"})}
        ready.channel.members.add(ready.team.user("U3", named="carl").id)
        yield ready


async def test_a_groups_people_change_settings_and_admins_always_may(w: Workspace):
    carl = w.team.user("U3")
    saved = await w.ben.command("/papers", "channel managers:@ops", w.channel)
    assert "Settings are changed by the user group @ops and the admins." in saved.text
    assert "the user group @ops" in (await carl.command("/papers", "subscribe", w.channel)).text
    assert "Subscribed" in (await w.ben.command("/papers", "subscribe", w.channel)).text
    assert "Paused" in (await w.ada.command("/papers", "pause", w.channel)).text
    assert "the user group @ops" in (await carl.command("/papers", "settings", w.channel)).text
    assert carl.view is None, "no form for those who may not"
    await w.ada.command("/papers", "channel managers:members", w.channel)
    opened = await carl.command("/papers", "channel", w.channel)
    assert "Who may change settings" in opened.view.shown
    await w.ada.command("/papers", "channel managers:@ops", w.channel)
    await carl.submit(opened.view, {"openers": "0"})
    await opened.more()
    assert "the user group @ops" in carl.private(w.channel)[-1].shown


async def test_a_form_says_under_its_field_what_is_wrong(w: Workspace):
    opened = await w.ada.command("/papers", "channel", w.channel)
    reply = await w.ada.submit(opened.view, {"managers": "@opss"})
    assert "There is no user group “opss” here. Did you mean “@ops”?" in reply.errors["managers"]
    assert (await w.ada.submit(opened.view, {"managers": "@ops", "feedback": "S3"})).errors == {}
    await opened.more()
    assert "the user group @all-hands" in w.ada.private(w.channel)[-1].shown


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("channel managers:@ops", "usergroups:read, which an admin gives by installing the app again"),
        ("subscribe mention:@ops", "usergroups:read"),
        ("channel silent:on", "Slack has nothing of the kind"),
    ],
)
async def test_without_the_scope_one_line_says_how_to_get_it(w: Workspace, line: str, said: str):
    w.team.token.scopes -= {"usergroups:read"}
    assert said in (await w.ada.command("/papers", line, w.channel)).text


async def test_a_revoked_scope_and_a_deleted_group_fall_back_to_the_workspaces_rule(w: Workspace):
    carl = w.team.user("U3")
    await w.ada.command("/papers", "channel managers:@ops", w.channel)
    groups = w.backend.engine._outlets["slack"]._outlet._usergroups
    w.team.token.scopes -= {"usergroups:read"}
    groups._by_workspace.clear()  # a minute passes
    answer = await carl.command("/papers", "subscribe", w.channel)
    assert "Subscribed" in answer.text
    assert "usergroups:read" in answer.text
    w.team.token.scopes |= {"usergroups:read"}
    w.team.groups = {}
    assert "The user group @ops no longer exists" in (await carl.command("/papers", "pause", w.channel)).text


async def test_sharing_by_a_button_and_a_mention_is_for_those_who_may(w: Workspace):
    await w.ada.command("/papers", "channel sharers:@ops", w.channel)
    answer = await w.ada.command("/papers", "today", w.channel)
    refused = await w.ada.click(answer.message, "Share")
    assert "Sharing answers here is for the user group @ops" in refused.text
    mentioned = await w.ada.mentions(w.channel, None, "today")
    assert mentioned.message.kind == "ephemeral", "the answer is for her alone"
    assert "Trending" in mentioned.text
    theirs = await w.ben.mentions(w.channel, None, "today")
    assert theirs.message.kind != "ephemeral"


async def test_reactions_count_of_those_whose_feedback_counts(w: Workspace):
    first, *_ = await w.digest()
    await w.ada.command("/papers", "channel feedback:@ops", w.channel)

    async def counted() -> list[str]:
        lessons = await w.backend.store.feedback.lessons((HERE,))
        return [each.user for each in lessons[HERE].feedback] if HERE in lessons else []

    await w.ada.reacts(first, "+1")
    await w.ben.reacts(first, "+1")
    await w.backend.settled()
    await eventually(counted, ["slack:T1/U2"])
    assert "Not counted" in (await w.ada.click(first, "👍")).text
    await w.ben.unreacts(first, "+1")
    await eventually(counted, [])


async def test_a_digests_opener_mentions_its_group_and_nothing_else_does(w: Workspace):
    assert ", for @ops" in (await w.ada.command("/papers", "subscribe mention:@ops", w.channel)).text
    replies = await w.digest()
    assert [(post.ts, who) for post, who in w.slack.pings] == [(openers(w.channel)[-1].ts, "S2")]
    assert len(openers(w.channel)) == 1
    assert replies
    await w.ada.command("/papers", "subscribe mention:off", w.channel)
    w.backend.clock.advance(days=1)
    await w.backend.deliver()
    assert len(w.slack.pings) == 1
