"""Files of answers: uploaded to the direct messages with the person who asked, or sent there in parts.

Never to the channel: a file there is for everybody. Uploading needs files:write, which is optional.
https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from slack_sdk.errors import SlackApiError

from adapters.slack.client import error_summary
from adapters.slack.failures import TRANSPORT, delivery_error, error_code
from adapters.slack.markup import Json, one_line
from adapters.slack.origin import Origin
from adapters.slack.repeats import repeated
from bot.model import Block, File, Message, Span

log = logging.getLogger("paperboy.slack")

PART = 4_000
"""Characters of a file in a message; as JSON at most three times as many."""


async def without_file(origin: Origin, message: Message) -> Message:
    """The answer with a note where its file is, after the file was sent to the person's direct messages."""
    if message.file is None:
        return message
    try:
        opened = await repeated(partial(origin.client.conversations_open, users=origin.user), harmless=True)
        conversation = str(opened["channel"]["id"])
        parts = await _send(origin, conversation, message.file)
    except TRANSPORT as error:
        log.warning("a file could not be sent user=%s reason=%r", origin.person, error_summary(error))
        note = f"The file could not be sent to you: {delivery_error(error).reason}."
    else:
        where = "above" if conversation == origin.channel else "in your direct messages with Paperboy"
        in_parts = "" if parts == 0 else f", in {parts} messages" if parts > 1 else ", as a message"
        why = "" if parts == 0 else ". Paperboy may not upload files here: that takes the permission files:write"
        note = f"{message.file.name} is {where}{in_parts}{why}."
    return replace(message, file=None, blocks=(*message.blocks, Block("note", (Span(note),))))


async def _send(origin: Origin, conversation: str, file: File) -> int:
    """Upload a file; returns 0, or the number of messages that it was sent in instead. Raises one of TRANSPORT."""
    try:
        await origin.client.files_upload_v2(
            channel=conversation,
            filename=file.name,
            title=file.name,
            content=file.content,
            initial_comment=one_line(file.caption) or None,
        )
    except (SlackApiError, *TRANSPORT) as error:
        level = logging.INFO if error_code(error) == "missing_scope" else logging.WARNING
        log.log(level, "a file is sent in parts user=%s reason=%r", origin.person, error_summary(error))
    else:
        return 0
    parts = file.titled_parts(PART)
    for title, text in parts:
        post = partial(origin.client.chat_postMessage, channel=conversation, text=title, blocks=_part(title, text))
        await repeated(post, harmless=False)
    return len(parts)


def _part(title: str, text: str) -> list[Json]:
    """A part as text to copy: in a preformatted block nothing is markup."""
    heading: Json = {"type": "context", "elements": [{"type": "plain_text", "text": title, "emoji": False}]}
    copied: Json = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return [heading, {"type": "rich_text", "elements": [copied]}]
