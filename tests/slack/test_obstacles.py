"""What keeps Paperboy from posting where a command is typed: said by subscribe, resume, settings and test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.slack import obstacles
from adapters.slack.connect import build
from adapters.slack.http import SlackHttp
from adapters.slack.manifest import manifest
from adapters.slack.socket import SlackSocket
from bot.model import Form, FormField
from tests.contracts.outlet import say
from tests.fakes.front import FakeDesk
from tests.slack.fake import HANG, Channel, FakeSlack
from tests.slack.harness import InMemorySecrets, config, connected

INVITE = "/invite @Paperboy"


class Typing:
    """Ada, and a desk that keeps whom it was called by."""

    def __init__(self, slack: FakeSlack, desk: FakeDesk, front: SlackSocket | SlackHttp) -> None:
        self.slack, self.desk, self.team, self._front = slack, desk, slack.team("T1"), front
        self.ada = self.team.user("U1")

    async def obstacle(self, line: str, channel: Channel | None) -> str | None:
        """The obstacle that the desk was told of with this command."""
        await self.ada.command("/papers", line, channel, answered=False)
        await self._front._tasks.finish(60.0)
        return self.desk.calls[-1][2].obstacle


@pytest.fixture
async def t() -> AsyncIterator[Typing]:
    async with FakeSlack(manifest=manifest(None)) as slack:
        names = ("subscribe", "resume", "settings", "test", "today", "help")
        desk = FakeDesk({name: say(name) for name in names})
        _, front = build(config(slack), InMemorySecrets())
        async with connected(slack, front, desk):
            yield Typing(slack, desk, front)


@pytest.mark.parametrize("line", ["subscribe", "subscribe at:10:00", "resume", "settings", "test"])
@pytest.mark.parametrize("private", [False, True])
async def test_where_paperboy_is_no_member_it_has_to_be_invited(t: Typing, line: str, private: bool):
    outside = t.team.channel("C9", [t.ada], private=private, bot=False)
    assert INVITE in (await t.obstacle(line, outside) or "")
    await t.ada.invites(outside)
    assert await t.obstacle(line, outside) is None


async def test_other_commands_look_nothing_up(t: Typing):
    assert await t.obstacle("today", t.team.channel("C9", [t.ada], bot=False)) is None
    assert t.slack.calls("conversations.info") == []


async def test_an_archived_channel_is_named(t: Typing):
    channel = t.team.channel("C1", [t.ada])
    channel.archived = True
    assert await t.obstacle("subscribe", channel) == "the channel is archived"


async def test_direct_messages_with_paperboy_are_fine_and_between_people_are_not(t: Typing):
    assert await t.obstacle("subscribe", None) is None
    theirs = t.team.channel("DELSE", [t.ada, t.team.user("U2")], private=True, bot=False)
    theirs.kind = "im"
    assert await t.obstacle("subscribe", theirs) == obstacles.NOT_OURS


@pytest.mark.parametrize("fault", ["missing_scope", "internal_error", HANG])
async def test_what_slack_does_not_say_is_no_obstacle_and_delays_no_acknowledgement(t: Typing, fault, monkeypatch):
    monkeypatch.setattr(obstacles, "LOOKUP_SECONDS", 0.05)
    t.slack.fails("conversations.info", fault)
    assert await t.obstacle("subscribe", t.team.channel("C9", [t.ada], bot=False)) is None
    assert t.slack.acks[-1].seconds < 10


async def test_buttons_and_forms_bring_it_too(t: Typing):
    outside = t.team.channel("C9", [t.ada], bot=False)
    t.desk.answers["settings"] = Form("Digest settings", "settings", (FormField("size", "Size", "5"),))
    view = (await t.ada.command("/papers", "settings", outside)).view
    t.desk.answers["settings"] = say("Saved")
    await t.ada.submit(view, {"size": "3"})
    await t.slack.until(lambda: any("Saved" in post.shown for post in t.slack.posts))
    assert INVITE in (t.desk.calls[-1][2].obstacle or "")


async def test_a_caller_brings_the_name_that_a_shared_answer_carries(t: Typing):
    await t.ada.command("/papers", "help", t.team.channel("C1", [t.ada]))
    assert t.desk.calls[-1][2].name == "U1"
