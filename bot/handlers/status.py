"""Answers about Paperboy itself: status, help, about."""

from __future__ import annotations

from bot.commands import GROUPS, find
from bot.handlers.context import Asked, Room
from bot.model import Message
from bot.wording.help import about_paperboy, help_all, help_group, help_on
from bot.wording.status import status_report


class HouseAnswers:
    """How it does, and what it can do."""

    def __init__(self, room: Room, version: str) -> None:
        self._room = room
        self._version = version

    async def status(self, asked: Asked) -> Message:
        """Sources, their last success, this channel's next digest."""
        papers, observations = await self._room.store.papers.count()
        return status_report(
            await self._room.store.papers.reports(),
            await self._room.wish(asked.channel),
            papers=papers,
            observations=observations,
            now=asked.now,
        )

    async def help(self, asked: Asked) -> Message:
        """All commands, a group, or one."""
        if not asked.has("command"):
            return help_all()
        name = " ".join(asked.text("command").lower().removeprefix("/papers").split())
        return help_group(name) if name in GROUPS else help_on(find(name))

    async def about(self, asked: Asked) -> Message:  # noqa: ARG002 - every handler is asked the same way
        """What it is, and thanks."""
        return about_paperboy(self._version)
