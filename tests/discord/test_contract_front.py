"""The front's half of the contract, over a real gateway and real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.commands import parse_line
from bot.model import Form
from tests.contracts.front import FrontContract
from tests.discord.fake import FakeDiscord
from tests.discord.fake.interactions import Reply
from tests.discord.harness import connected
from tests.fakes.front import FakeDesk


class DiscordChat:
    """One person in a channel."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self._people = discord.interactions
        self._channel = discord.channels["2001"]
        self._reply: Reply | None = None

    async def says(self, line: str) -> None:
        command, options = parse_line(line)
        typed = {name: int(text) if text.isdecimal() else text for name, text in options.items()}
        self._reply = await self._people.command("42", self._channel, command, **typed)

    async def presses(self, label: str) -> None:
        assert self._reply is not None
        assert self._reply.message is not None
        self._reply = await self._people.click("42", self._reply.message, label)

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        assert self._reply is not None
        message = self._reply.message
        assert message is not None
        [change] = [each["label"] for each in message.buttons]
        modal = (await self._people.click("42", message, change)).modal
        self._reply = await self._people.submit("42", message, modal, values)

    async def completes(self, command: str, option: str, prefix: str) -> tuple[str, ...] | None:
        return tuple(await self._people.autocomplete("42", self._channel, command, option, prefix))

    @property
    def screen(self) -> str:
        return "\n".join(post.text for post in self._discord.posts)

    @property
    def received(self) -> str | None:
        posts = [post for post in self._discord.posts if post.visible_to == "42"]
        return "".join(content.decode() for post in posts for content in post.files.values())

    def pings(self, shown: str) -> bool:
        return bool(self._discord.pings or self._discord.mentions)


class TestDiscordFront(FrontContract):
    @pytest.fixture
    async def chat(self, desk: FakeDesk) -> AsyncIterator[DiscordChat]:
        async with FakeDiscord() as discord:
            discord.guild("1001", "2001")
            async with connected(discord, desk):
                yield DiscordChat(discord)
