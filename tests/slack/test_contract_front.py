"""The front's half of the contract, over the socket and over signed HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.slack.connect import build
from adapters.slack.manifest import OPTIONAL_SCOPES, manifest
from bot.model import Form
from tests.contracts.front import FrontContract
from tests.fakes.front import FakeDesk
from tests.slack.fake import FakeSlack, Posted
from tests.slack.fake.replies import Reply
from tests.slack.harness import InMemorySecrets, config, connected, over_http


def in_parts(messages: list[Posted]) -> str:
    """The text of preformatted blocks, in the order they were posted."""
    rich = [block for post in messages for block in post.raw.get("blocks") or () if block["type"] == "rich_text"]
    copied = [part for block in rich for part in block["elements"] if part["type"] == "rich_text_preformatted"]
    return "".join(element["text"] for part in copied for element in part["elements"])


class SlackChat:
    """A person in a channel of the fake Slack."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        team = slack.team("T1")
        self._user = team.user("U1")
        self._channel = team.channel("C1", [self._user])
        self._reply: Reply | None = None

    async def says(self, line: str) -> None:
        self._reply = await self._user.command("/papers", line, self._channel)

    async def presses(self, label: str) -> None:
        assert self._reply is not None
        self._reply = await self._user.click(self._reply.message, label)

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        assert self._user.view is not None
        await self._user.submit(self._user.view, values)

    async def completes(self, command: str, option: str, prefix: str) -> tuple[str, ...] | None:
        return None

    @property
    def screen(self) -> str:
        view = self._user.view
        texts = [post.shown for post in self._slack.posts]
        return "\n".join([*texts, *([view.raw["title"]["text"], view.shown, *view.errors.values()] if view else [])])

    @property
    def received(self) -> str | None:
        uploads = [upload.content for upload in self._slack.uploads.values() if upload.shared]
        return uploads[-1].decode() if uploads else in_parts(self._user.dm.messages)

    def pings(self, shown: str) -> bool:
        posts: list[Posted] = self._slack.posts
        return any(post.pings or post.auto_mentions for post in posts)


@pytest.mark.parametrize(
    ("way", "optional"), [(config, True), (over_http, True), (config, False)], ids=["socket", "http", "no uploads"]
)
class TestSlackFront(FrontContract):
    @pytest.fixture
    async def chat(self, desk: FakeDesk, way, optional: bool) -> AsyncIterator[SlackChat]:
        async with FakeSlack(manifest=manifest(None)) as slack:
            slack.team("T1", scopes=slack.scopes if optional else slack.scopes - set(OPTIONAL_SCOPES))
            _, front = build(way(slack), InMemorySecrets())
            async with connected(slack, front, desk):
                yield SlackChat(slack)
