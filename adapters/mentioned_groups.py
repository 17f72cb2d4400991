"""Mentions of roles and user groups that do not exist any more."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.errors import GroupsError
from bot.model import Channel, Message
from bot.ports.groups import GroupDirectory


async def without_deleted(directory: GroupDirectory, message: Message, channel: Channel) -> Message:
    """The message without the mention of a group that does not exist; as it is where the platform does not say."""
    if not message.mention:
        return message
    with suppress(GroupsError):
        if all(group.id != message.mention for group in await directory.groups(channel)):
            return replace(message, mention="")
    return message
