"""Files that are attached to a command: their text in the place of their ids."""

from __future__ import annotations

import asyncio
import logging

from adapters.discord import limits
from adapters.discord.failures import TRANSPORT, delivery_error
from adapters.discord.origin import Origin
from adapters.text import decoded
from bot.commands import COMMANDS, FILE_MAX
from bot.model import Message
from bot.wording.notices import problem

log = logging.getLogger("paperboy.discord")

TOO_LARGE = problem(f"This file is too large: at most {FILE_MAX // 1_000_000} MB are read. Split it.")
NOT_FETCHED = problem("Discord did not hand the file over. Please try again.")


async def with_files(origin: Origin, command: str, options: dict[str, str]) -> dict[str, str] | Message:
    """The options with the text of attached files; or what is wrong with one."""
    declared = COMMANDS.get(command)
    names = [each.name for each in declared.options if each.kind == "file" and each.name in options] if declared else []
    for name in names:
        text = await _text(origin, options[name])
        if isinstance(text, Message):
            return text
        options = {**options, name: text}
    return options


async def _text(origin: Origin, attachment_id: str) -> str | Message:
    attachments = (origin.data.get("resolved") or {}).get("attachments") or {}
    attachment = attachments.get(attachment_id) or {}
    if int(attachment.get("size") or 0) > FILE_MAX:
        return TOO_LARGE
    try:
        async with asyncio.timeout(limits.ANSWERED_WITHIN):
            content = await origin.interaction.client.http.get_from_cdn(str(attachment.get("url")))
    except TRANSPORT as error:
        reason = delivery_error(error).reason
        log.warning("could not fetch an attached file channel=%s reason=%r", origin.address, reason)
        return NOT_FETCHED
    return decoded(content)
